"""The comment's template: the workspace's file, or the base branch's where a comment is really posted.

What a pull request brings along is not used beside a token; it takes effect once it is merged.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NamedTuple

from reporter.errors import PublishError
from reporter.file import opened
from reporter.report.render import UserTemplate

MOST_BYTES = 256 * 1024
_INSTEAD = "The built-in one is used."


class Template(NamedTuple):
    """What to render with (None: the built-in template), and what to say about it, a sentence each."""

    source: UserTemplate | None = None
    notices: tuple[str, ...] = ()


BUILT_IN = Template()


def of_workspace(path: str | None, folder: Path) -> Template:
    """The file in this folder."""
    if path is None:
        return BUILT_IN
    wrong = _no_path(path) or _linked(path, folder)
    if wrong:
        return _unused(path, wrong)
    try:
        with opened(folder / path) as file:
            return _read(path, file.read(MOST_BYTES + 1))
    except OSError as error:
        return _unused(path, f"cannot be read ({error.strerror})")


def of_base(path: str | None, folder: Path, fetch: Callable[[str], bytes | None]) -> Template:
    """The base branch's file, and whether this folder has another; `fetch` gives None where the branch has none.

    `fetch` may raise PublishError.
    """
    if path is None:
        return BUILT_IN
    if (wrong := _no_path(path)) is not None:
        return _unused(path, wrong)
    here = of_workspace(path, folder).source
    try:
        content = fetch(path)
    except PublishError as error:
        return _unused(path, f"cannot be read from the base branch: {error.message[:1].lower()}{error.message[1:]}")
    if content is None:
        new = "is new in this pull request: it takes effect once it is merged"
        return _unused(path, "is not in the base branch" if here is None else new)
    found = _read(path, content)
    if found.source is None or here is None or here[1] == found.source[1]:
        return found
    notice = f"Template `{path}` differs from the base branch's, which is used until this pull request is merged."
    return found._replace(notices=(notice,))


def _unused(path: str, why: str) -> Template:
    return Template(notices=(f"Template `{path}` {why}. {_INSTEAD}",))


def _read(path: str, content: bytes) -> Template:
    if len(content) > MOST_BYTES:
        return _unused(path, f"has more than {MOST_BYTES // 1024} KiB")
    try:
        return Template(source=(path, content.decode("utf-8").replace("\r\n", "\n")))
    except UnicodeDecodeError:
        return _unused(path, "is not UTF-8 text")


def _no_path(path: str) -> str | None:
    """Why this cannot be a path of the repository."""
    parts = PurePosixPath(path).parts
    outside = path.startswith("/") or ".." in parts or PureWindowsPath(path).drive or "\\" in path
    if outside or not parts or not path.isprintable():
        return "is not a path inside the repository"
    return None


def _linked(path: str, folder: Path) -> str | None:
    """Whether a part of the path is a link, which could lead anywhere."""
    place = folder
    for part in PurePosixPath(path).parts:
        place /= part
        if place.is_symlink():
            return "is a link, or lies behind one"
    return None
