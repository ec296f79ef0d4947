"""Generated from templates/summary.md.j2 with jinja2 3.1.6 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
from reporter.report.runtime import LoopContext, Macro, Markup, Undefined, escape, markup_join, missing, str_join
name = 'summary.md.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    parent_template = None
    l_0_budget_table = l_0_made_of = l_0_side_by_side = l_0_one_by_one = l_0_how_sure = l_0_counterfactual = missing
    pass
    parent_template = environment.get_template('comment.md.j2', 'summary.md.j2')
    for name, parent_block in parent_template.blocks.items():
        context.blocks.setdefault(name, []).append(parent_block)
    included_template = environment.get_template('_macros.md.j2', 'summary.md.j2')._get_default_module(context)
    l_0_budget_table = getattr(included_template, 'budget_table', missing)
    if l_0_budget_table is missing:
        l_0_budget_table = undefined(f"the template {included_template.__name__!r} (imported on line 3 in 'summary.md.j2') does not export the requested name 'budget_table'", name='budget_table')
    l_0_made_of = getattr(included_template, 'made_of', missing)
    if l_0_made_of is missing:
        l_0_made_of = undefined(f"the template {included_template.__name__!r} (imported on line 3 in 'summary.md.j2') does not export the requested name 'made_of'", name='made_of')
    l_0_side_by_side = getattr(included_template, 'side_by_side', missing)
    if l_0_side_by_side is missing:
        l_0_side_by_side = undefined(f"the template {included_template.__name__!r} (imported on line 3 in 'summary.md.j2') does not export the requested name 'side_by_side'", name='side_by_side')
    l_0_one_by_one = getattr(included_template, 'one_by_one', missing)
    if l_0_one_by_one is missing:
        l_0_one_by_one = undefined(f"the template {included_template.__name__!r} (imported on line 3 in 'summary.md.j2') does not export the requested name 'one_by_one'", name='one_by_one')
    l_0_how_sure = getattr(included_template, 'how_sure', missing)
    if l_0_how_sure is missing:
        l_0_how_sure = undefined(f"the template {included_template.__name__!r} (imported on line 3 in 'summary.md.j2') does not export the requested name 'how_sure'", name='how_sure')
    l_0_counterfactual = getattr(included_template, 'counterfactual', missing)
    if l_0_counterfactual is missing:
        l_0_counterfactual = undefined(f"the template {included_template.__name__!r} (imported on line 3 in 'summary.md.j2') does not export the requested name 'counterfactual'", name='counterfactual')
    context.vars.update({'budget_table': l_0_budget_table, 'made_of': l_0_made_of, 'side_by_side': l_0_side_by_side, 'one_by_one': l_0_one_by_one, 'how_sure': l_0_how_sure, 'counterfactual': l_0_counterfactual})
    context.exported_vars.difference_update(('budget_table', 'made_of', 'side_by_side', 'one_by_one', 'how_sure', 'counterfactual'))
    yield from parent_template.root_render_func(context)

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

def block_ways(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    _block_vars = {}
    l_0_report = resolve('report')
    l_0_budget_table = resolve('budget_table')
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
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets'):
        pass
        yield '#### Budgets\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='budget_table') if l_0_budget_table is missing else l_0_budget_table), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'several'), _block_vars=_block_vars)))
        yield '\n\n'

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
        yield '#### Side by side with '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'base_label')))
        yield '\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='side_by_side') if l_0_side_by_side is missing else l_0_side_by_side), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), _block_vars=_block_vars)))
        yield '\n'
    if ((environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'parts') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'phases')) or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'power')):
        pass
        yield '#### Made of what\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='made_of') if l_0_made_of is missing else l_0_made_of), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), True, _block_vars=_block_vars)))
        yield '\n'
    for l_1_detail in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'details'):
        l_1_one_by_one = resolve('one_by_one')
        l_1_how_sure = resolve('how_sure')
        _loop_vars = {}
        pass
        yield '<details><summary>'
        yield escape(environment.finalize(environment.getattr(l_1_detail, 'name')))
        yield '</summary>\n\n'
        yield escape(environment.finalize(environment.getattr(l_1_detail, 'facts')))
        yield '\n\n'
        for l_2_sentence in environment.getattr(l_1_detail, 'change'):
            _loop_vars = {}
            pass
            yield escape(environment.finalize(l_2_sentence))
            yield '\n\n'
        l_2_sentence = missing
        if environment.getattr(l_1_detail, 'compared'):
            pass
            yield escape(environment.finalize(environment.call(context, (undefined(name='side_by_side') if l_0_side_by_side is missing else l_0_side_by_side), l_1_detail, _loop_vars=_loop_vars)))
            yield '\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='made_of') if l_0_made_of is missing else l_0_made_of), l_1_detail, True, _loop_vars=_loop_vars)))
        yield '\n'
        if environment.getattr(l_1_detail, 'besides'):
            pass
            yield escape(environment.finalize(environment.call(context, (undefined(name='one_by_one') if l_1_one_by_one is missing else l_1_one_by_one), environment.getattr(l_1_detail, 'besides'), _loop_vars=_loop_vars)))
            yield '\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='how_sure') if l_1_how_sure is missing else l_1_how_sure), l_1_detail, _loop_vars=_loop_vars)))
        yield '\n</details>\n\n'
    l_1_detail = l_1_one_by_one = l_1_how_sure = missing

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
        yield '#### Besides, not in the figures above\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='one_by_one') if l_0_one_by_one is missing else l_0_one_by_one), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'besides'), _block_vars=_block_vars)))
        yield '\n\n'

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
    for l_1_case in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'what_if'):
        l_1_counterfactual = resolve('counterfactual')
        _loop_vars = {}
        pass
        yield '#### '
        yield escape(environment.finalize(environment.getattr(l_1_case, 'heading')))
        yield '\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='counterfactual') if l_1_counterfactual is missing else l_1_counterfactual), l_1_case, _loop_vars=_loop_vars)))
        yield '\n\n'
    l_1_case = l_1_counterfactual = missing
    if (environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'sure') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'unavailable')):
        pass
        yield '#### How sure\n\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='how_sure') if l_0_how_sure is missing else l_0_how_sure), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), _block_vars=_block_vars)))
        yield '\n\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'method'):
        pass
        yield '#### How computed\n\n'
        for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'method'):
            _loop_vars = {}
            pass
            yield escape(environment.finalize(l_1_sentence))
            yield '\n\n'
        l_1_sentence = missing
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted'):
        pass
        yield 'Not counted: '
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted')))
        yield '\n\n'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'tool')))
    yield '\n\n'

blocks = {'verdict': block_verdict, 'ways': block_ways, 'breakdown': block_breakdown, 'besides': block_besides, 'provenance': block_provenance}
debug_info = '2=13&3=16&4=39&5=48&6=51&10=55&11=65&12=68&13=71&14=74&18=80&21=83&25=86&26=97&27=100&29=102&31=104&34=107&36=109&37=115&39=117&41=119&42=122&45=125&46=127&49=129&50=131&51=133&54=135&59=139&60=149&63=152&67=155&68=165&69=170&71=172&74=175&77=178&80=180&83=183&84=186&88=189&89=192&92=194'
