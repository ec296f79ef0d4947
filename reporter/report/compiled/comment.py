"""Generated from templates/comment.md.j2 with jinja2 3.1.6 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
from reporter.report.runtime import LoopContext, Macro, Markup, Undefined, escape, markup_join, missing, str_join
name = 'comment.md.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_job_table = l_0_budget_table = l_0_made_of = l_0_side_by_side = l_0_one_by_one = l_0_how_sure = missing
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
    l_0_side_by_side = getattr(included_template, 'side_by_side', missing)
    if l_0_side_by_side is missing:
        l_0_side_by_side = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'side_by_side'", name='side_by_side')
    l_0_one_by_one = getattr(included_template, 'one_by_one', missing)
    if l_0_one_by_one is missing:
        l_0_one_by_one = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'one_by_one'", name='one_by_one')
    l_0_how_sure = getattr(included_template, 'how_sure', missing)
    if l_0_how_sure is missing:
        l_0_how_sure = undefined(f"the template {included_template.__name__!r} (imported on line 2 in 'comment.md.j2') does not export the requested name 'how_sure'", name='how_sure')
    context.vars.update({'job_table': l_0_job_table, 'budget_table': l_0_budget_table, 'made_of': l_0_made_of, 'side_by_side': l_0_side_by_side, 'one_by_one': l_0_one_by_one, 'how_sure': l_0_how_sure})
    context.exported_vars.difference_update(('job_table', 'budget_table', 'made_of', 'side_by_side', 'one_by_one', 'how_sure'))
    yield from context.blocks['title'][0](context)
    yield from context.blocks['headline'][0](context)
    yield from context.blocks['verdict'][0](context)
    yield from context.blocks['baseline'][0](context)
    yield from context.blocks['ways'][0](context)
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
    pass
    for l_1_reason in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons'):
        _loop_vars = {}
        pass
        yield escape(environment.finalize(l_1_reason))
        yield '\n\n'
    l_1_reason = missing

def block_baseline(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    pass
    for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'change'):
        _loop_vars = {}
        pass
        yield escape(environment.finalize(l_1_sentence))
        yield '\n\n'
    l_1_sentence = missing

def block_ways(context, missing=missing):
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

def block_breakdown(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    l_0_side_by_side = resolve('side_by_side')
    l_0_made_of = resolve('made_of')
    pass
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'compared'):
        pass
        yield '<details><summary>Side by side with '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'base_label')))
        yield '</summary>\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='side_by_side') if l_0_side_by_side is missing else l_0_side_by_side), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), _block_vars=_block_vars)))
        yield '\n</details>\n\n'
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
        def t_2(fiter):
            for l_1_case in fiter:
                if environment.getattr(l_1_case, 'brief'):
                    yield l_1_case
        for l_1_case in t_2(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'what_if')):
            _loop_vars = {}
            pass
            yield escape(environment.finalize(environment.getattr(l_1_case, 'brief')))
            yield '\n'
        l_1_case = missing
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'tool')))
        yield '\n'
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'tune')))
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

blocks = {'title': block_title, 'headline': block_headline, 'verdict': block_verdict, 'baseline': block_baseline, 'ways': block_ways, 'breakdown': block_breakdown, 'besides': block_besides, 'provenance': block_provenance, 'footer': block_footer}
debug_info = '2=12&3=33&11=34&22=35&28=36&34=37&50=38&66=39&76=40&97=41&3=43&4=52&5=55&8=58&11=63&12=73&13=75&14=78&17=82&18=84&22=87&23=96&24=99&28=103&29=112&30=115&34=119&35=135&36=138&37=141&38=144&42=150&45=153&50=156&51=167&52=170&54=172&58=174&61=177&66=180&67=190&70=193&76=196&77=206&80=209&81=211&82=214&84=217&85=220&87=222&88=229&90=232&91=234&97=237&98=246&99=248&102=250&103=253'
