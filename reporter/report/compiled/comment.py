"""Generated from templates/comment.md.j2 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
JINJA2 = "3.1.6"
SHA256 = "7e7e4c4ad6a5621525fd3bbd8a15b27ef31ebc8b4c9c617f9eb6c1eb4b56333c"
from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'comment.md.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_job_table = l_0_budget_table = l_0_made_of = l_0_one_by_one = l_0_how_sure = missing
    pass
    included_template = environment.get_template('_macros.md.j2', 'comment.md.j2')._get_default_module(context)
    l_0_job_table = getattr(included_template, 'job_table', missing)
    if l_0_job_table is missing:
        l_0_job_table = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'job_table'", name='job_table')
    l_0_budget_table = getattr(included_template, 'budget_table', missing)
    if l_0_budget_table is missing:
        l_0_budget_table = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'budget_table'", name='budget_table')
    l_0_made_of = getattr(included_template, 'made_of', missing)
    if l_0_made_of is missing:
        l_0_made_of = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'made_of'", name='made_of')
    l_0_one_by_one = getattr(included_template, 'one_by_one', missing)
    if l_0_one_by_one is missing:
        l_0_one_by_one = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'one_by_one'", name='one_by_one')
    l_0_how_sure = getattr(included_template, 'how_sure', missing)
    if l_0_how_sure is missing:
        l_0_how_sure = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'how_sure'", name='how_sure')
    context.vars.update({'job_table': l_0_job_table, 'budget_table': l_0_budget_table, 'made_of': l_0_made_of, 'one_by_one': l_0_one_by_one, 'how_sure': l_0_how_sure})
    context.exported_vars.difference_update(('job_table', 'budget_table', 'made_of', 'one_by_one', 'how_sure'))
    yield from context.blocks['title'][0](context)
    yield from context.blocks['headline'][0](context)
    yield from context.blocks['verdict'][0](context)
    yield from context.blocks['baseline'][0](context)
    yield from context.blocks['breakdown'][0](context)
    yield from context.blocks['besides'][0](context)
    yield from context.blocks['provenance'][0](context)
    yield from context.blocks['footer'][0](context)

def block_title(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    pass
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

def block_headline(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    l_0_job_table = resolve('job_table')
    pass
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'headline')))
    yield '\n'
    for l_1_remark in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'remarks'):
        _loop_vars = {}
        pass
        yield escape(environment.finalize(l_1_remark))
        yield '\n'
    l_1_remark = missing
    yield '\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'rows'):
        pass
        yield escape(environment.finalize(environment.call(context, (undefined(name='job_table') if l_0_job_table is missing else l_0_job_table), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), _block_vars=_block_vars)))
        yield '\n\n'

def block_verdict(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    l_0_budget_table = resolve('budget_table')
    try:
        t_1 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    pass
    for l_1_reason in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons'):
        _loop_vars = {}
        pass
        yield escape(environment.finalize(l_1_reason))
        yield '\n\n'
    l_1_reason = missing
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out'):
        pass
        yield '**'
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_label')))
        yield ':**\n'
        l_1_loop = missing
        for l_1_way, l_1_loop in LoopContext(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out'), undefined):
            _loop_vars = {}
            pass
            yield escape(environment.finalize(environment.getattr(l_1_loop, 'index')))
            yield '. '
            yield escape(environment.finalize(l_1_way))
            yield '\n'
        l_1_loop = l_1_way = missing
        yield '\n'
    if (t_1(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets')) > 1):
        pass
        yield '<details><summary>Budgets</summary>\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='budget_table') if l_0_budget_table is missing else l_0_budget_table), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'several'), _block_vars=_block_vars)))
        yield '\n</details>\n\n'

def block_baseline(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    pass

def block_breakdown(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    l_0_made_of = resolve('made_of')
    pass
    if ((environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'parts') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'phases')) or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'power')):
        pass
        yield '<details><summary>Parts, phases, power</summary>\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='made_of') if l_0_made_of is missing else l_0_made_of), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), False, _block_vars=_block_vars)))
        yield '\n</details>\n\n'

def block_besides(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    l_0_one_by_one = resolve('one_by_one')
    pass
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'besides'):
        pass
        yield '<details><summary>Besides, not in the figures above</summary>\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='one_by_one') if l_0_one_by_one is missing else l_0_one_by_one), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'besides'), _block_vars=_block_vars)))
        yield '\n\n</details>\n\n'

def block_provenance(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    l_0_how_sure = resolve('how_sure')
    pass
    if ((environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'sure') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'unavailable')) or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'method')):
        pass
        yield '<details><summary>How sure, how computed</summary>\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='how_sure') if l_0_how_sure is missing else l_0_how_sure), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), _block_vars=_block_vars)))
        yield '\n'
        for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'method'):
            _loop_vars = {}
            pass
            yield escape(environment.finalize(l_1_sentence))
            yield '\n'
        l_1_sentence = missing
        if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted'):
            pass
            yield 'Not counted: '
            yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted')))
            yield '\n'
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'tool')))
        yield '\n\n</details>\n\n'

def block_footer(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    pass
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'shortened'):
        pass
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'more')))
        yield '\n\n'
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'footer'):
        pass
        yield '<sub>'
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'footer')))
        yield '</sub>\n'

blocks = {'title': block_title, 'headline': block_headline, 'verdict': block_verdict, 'baseline': block_baseline, 'breakdown': block_breakdown, 'besides': block_besides, 'provenance': block_provenance, 'footer': block_footer}
debug_info = '2=12&3=30&11=31&22=32&42=33&44=34&53=35&63=36&80=37&3=39&4=48&5=51&8=54&11=59&12=69&13=71&14=74&17=78&18=80&22=83&23=99&24=102&27=105&28=108&29=111&30=114&34=120&37=123&42=126&44=135&45=145&48=148&53=151&54=161&57=164&63=167&64=177&67=180&68=182&69=185&71=188&72=191&74=193&80=196&81=205&82=207&85=209&86=212'
