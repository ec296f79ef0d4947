"""Generated from templates/console.txt.j2 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
JINJA2 = "3.1.6"
SHA256 = "e42c83525625e277476211556d54659b8222fb560f358987a2c81c0136c26409"
from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
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
    if (environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons') or environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out')):
        pass
        yield '\n'
    for l_1_reason in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons'):
        _loop_vars = {}
        pass
        yield str(environment.finalize(environment.call(context, environment.getattr((undefined(name='page') if l_0_page is missing else l_0_page), 'wrap'), l_1_reason, 3, _loop_vars=_loop_vars)))
        yield '\n'
    l_1_reason = missing
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
debug_info = '2=19&3=21&6=23&7=25&8=27&9=30&11=33&13=36&15=38&18=41&19=44&21=47&22=49&24=51&25=54&27=57&29=60&30=62&32=64&34=67&35=69&37=71&39=74&40=76&42=78&43=80&45=82&46=84&48=86&49=89&51=92&53=95&54=97&55=100&58=103&60=107&61=109&62=111&63=113&64=116&67=120&69=123&70=125&71=128&73=131&74=134&77=137&79=140&80=142&81=145&83=148&84=150&86=152'
