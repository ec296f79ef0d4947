"""Generated from templates/legs.md.j2 with jinja2 3.1.6 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
from reporter.report.runtime import LoopContext, Macro, Markup, Undefined, escape, markup_join, missing, str_join
name = 'legs.md.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_report = resolve('report')
    l_0_job_table = missing
    pass
    included_template = environment.get_template('_macros.md.j2', 'legs.md.j2')._get_default_module(context)
    l_0_job_table = getattr(included_template, 'job_table', missing)
    if l_0_job_table is missing:
        l_0_job_table = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'legs.md.j2') does not export the requested name 'job_table'", name='job_table')
    context.vars['job_table'] = l_0_job_table
    context.exported_vars.discard('job_table')
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'location'):
        pass
        yield '> '
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'location')))
        yield '\n\n'
    yield '### '
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'icon')))
    yield ' '
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'title')))
    yield '\n\n'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'headline')))
    yield '\n\n'
    yield escape(environment.finalize(environment.call(context, (undefined(name='job_table') if l_0_job_table is missing else l_0_job_table), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'))))
    yield '\n\n'
    for l_1_fold in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'folds'):
        _loop_vars = {}
        pass
        yield '<details><summary>'
        if environment.getattr(l_1_fold, 'icon'):
            pass
            yield escape(environment.finalize(environment.getattr(l_1_fold, 'icon')))
            yield ' '
        yield escape(environment.finalize(environment.getattr(l_1_fold, 'name')))
        yield '</summary>\n'
        yield escape(environment.finalize(environment.getattr(l_1_fold, 'opening')))
        yield '\n\n'
        yield escape(environment.finalize(environment.getattr(l_1_fold, 'text')))
        yield '\n'
        yield escape(environment.finalize(environment.getattr(l_1_fold, 'closing')))
        yield '\n\n</details>\n\n'
    l_1_fold = missing
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'left_out'):
        pass
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'left_out')))
        yield '\n\n'
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'footer'):
        pass
        yield '<sub>'
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'footer')))
        yield '</sub>\n'
    for l_1_hidden in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'hidden'):
        _loop_vars = {}
        pass
        yield escape(environment.finalize(l_1_hidden))
        yield '\n'
    l_1_hidden = missing

blocks = {}
debug_info = '2=13&3=19&4=22&7=25&9=29&11=31&13=33&14=37&15=43&17=45&18=47&23=50&24=52&27=54&28=57&30=59&31=62'
