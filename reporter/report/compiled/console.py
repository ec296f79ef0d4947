"""Generated from templates/console.txt.j2 with jinja2 3.1.6 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
from reporter.report.runtime import LoopContext, Macro, Markup, Undefined, escape, markup_join, missing, str_join
name = 'console.txt.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_report = resolve('report')
    l_0_page = resolve('page')
    try:
        t_1 = environment.filters['length']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'length' found.")
    pass
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'location'):
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'location'))))
        yield '\n\n'
    yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'title'), 3, lead=environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'icon'), style=environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'outcome'))))
    yield '\n'
    yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'headline'), 3)))
    yield '\n'
    for l_1_remark in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'remarks'):
        _loop_vars = {}
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_remark, 3, _loop_vars=_loop_vars)))
        yield '\n'
    l_1_remark = missing
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'rows'):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'jobs'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'))))
        yield '\n'
    if ((environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'change')) or environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out')):
        pass
        yield '\n'
    for l_1_reason in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons'):
        _loop_vars = {}
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_reason, 3, _loop_vars=_loop_vars)))
        yield '\n'
    l_1_reason = missing
    for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'change'):
        _loop_vars = {}
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_sentence, 3, _loop_vars=_loop_vars)))
        yield '\n'
    l_1_sentence = missing
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out'):
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), str_join((environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_label'), ':', )), 3)))
        yield '\n'
    for l_1_way in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out'):
        _loop_vars = {}
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_way, 5, lead='   -', _loop_vars=_loop_vars)))
        yield '\n'
    l_1_way = missing
    if (t_1(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets')) > 1):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), 'Budgets')))
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'budgets'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'several'))))
        yield '\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'compared'):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), str_join(('Side by side with ', environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'base_label'), )))))
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'compared'), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'compared'), 'Figure', environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'base_label'))))
        yield '\n'
        if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'compared_phases'):
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'compared'), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'compared_phases'), 'Phase', environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'base_label'))))
            yield '\n'
        if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'trend'):
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr(environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'trend'), 'summary'), 3, lead=str_join(('   ', environment.getattr(environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'trend'), 'sparkline'), )))))
            yield '\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'parts'):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), 'Made of what (at the machine)')))
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'parts'), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'parts'))))
        yield '\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'phases'):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), 'Phases')))
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'phases'), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'phases'))))
        yield '\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'power'):
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr(environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'power'), 'summary'), 3, lead='   Power:')))
        yield '\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'usage'):
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr(environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'usage'), 'summary'), 3, lead='   Utilisation:')))
        yield '\n'
    for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'idle'):
        _loop_vars = {}
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_sentence, 3, _loop_vars=_loop_vars)))
        yield '\n'
    l_1_sentence = missing
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'besides'):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), 'Besides, not in the figures above')))
        yield '\n'
        for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'besides'):
            _loop_vars = {}
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_sentence, 3, _loop_vars=_loop_vars)))
            yield '\n'
        l_1_sentence = missing
    for l_1_case in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'what_if'):
        _loop_vars = {}
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), environment.getattr(l_1_case, 'heading'), _loop_vars=_loop_vars)))
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr(l_1_case, 'lead'), 3, _loop_vars=_loop_vars)))
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'counterfactual'), l_1_case, _loop_vars=_loop_vars)))
        yield '\n'
        for l_2_note in environment.getattr(l_1_case, 'notes'):
            _loop_vars = {}
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_2_note, 3, _loop_vars=_loop_vars)))
            yield '\n'
        l_2_note = missing
    l_1_case = missing
    if (environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'sure') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'unavailable')):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), 'How sure')))
        yield '\n'
        for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'sure'):
            _loop_vars = {}
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_sentence, 3, _loop_vars=_loop_vars)))
            yield '\n'
        l_1_sentence = missing
        for l_1_row in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'unavailable'):
            _loop_vars = {}
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'source'), l_1_row, _loop_vars=_loop_vars)))
            yield '\n'
        l_1_row = missing
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'method'):
        pass
        yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'heading'), 'How computed')))
        yield '\n'
        for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'method'):
            _loop_vars = {}
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_sentence, 3, _loop_vars=_loop_vars)))
            yield '\n'
        l_1_sentence = missing
        if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted'):
            pass
            yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted'), 3, lead='   Not counted:')))
            yield '\n'
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'tool'), 3)))
        yield '\n'

blocks = {}
debug_info = '2=19&3=21&6=23&7=25&8=27&9=30&11=33&13=36&15=38&18=41&19=44&21=47&22=50&24=53&25=55&27=57&28=60&30=63&32=66&33=68&35=70&37=73&38=75&39=77&40=79&42=81&43=83&46=85&48=88&49=90&51=92&53=95&54=97&56=99&57=101&59=103&60=105&62=107&63=110&65=113&67=116&68=118&69=121&72=124&74=128&75=130&76=132&77=134&78=137&81=141&83=144&84=146&85=149&87=152&88=155&91=158&93=161&94=163&95=166&97=169&98=171&100=173'
