"""The built-in templates as Python, and the digests of their scripts, made by `python -m reporter.report.compile`.

Nothing here is written by hand. Compiling them takes longer than all else that `emissions run` adds to a short command.
They lie in the package, so they are trusted exactly as the rest of it, unlike a cache in a folder that others can write.
They run on `reporter.report.runtime`, whatever jinja2 is installed; a test holds them to the templates.
"""
