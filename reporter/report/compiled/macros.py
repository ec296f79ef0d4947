"""Generated from templates/_macros.md.j2 with jinja2 3.1.6 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
from reporter.report.runtime import LoopContext, Macro, Markup, Undefined, escape, markup_join, missing, str_join
name = '_macros.md.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_job_rows = l_0_job_head = l_0_job_table = l_0_budget_table = l_0_compared_rows = l_0_side_by_side = l_0_part_table = l_0_made_of = l_0_one_by_one = l_0_how_sure = l_0_counterfactual = missing
    pass
    def macro(l_1_rows, l_1_versus):
        t_1 = []
        if l_1_rows is missing:
            l_1_rows = undefined("parameter 'rows' was not provided", name='rows')
        if l_1_versus is missing:
            l_1_versus = undefined("parameter 'versus' was not provided", name='versus')
        pass
        for l_2_row in l_1_rows:
            _loop_vars = {}
            pass
            t_1.append(
                '| ',
            )
            if environment.getattr(l_2_row, 'icon'):
                pass
                t_1.extend((
                    escape(environment.finalize(environment.getattr(l_2_row, 'icon'))),
                    ' ',
                ))
            t_1.extend((
                escape(environment.finalize(environment.getattr(l_2_row, 'name'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'energy'))),
                ' |',
            ))
            if l_1_versus:
                pass
                t_1.extend((
                    ' ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'versus'))),
                    ' |',
                ))
            t_1.extend((
                ' ',
                escape(environment.finalize(environment.getattr(l_2_row, 'emissions'))),
            ))
            if environment.getattr(l_2_row, 'emissions_range'):
                pass
                t_1.extend((
                    ' (',
                    escape(environment.finalize(environment.getattr(l_2_row, 'emissions_range'))),
                    ')',
                ))
            t_1.append(
                ' | ',
            )
            if environment.getattr(l_2_row, 'over'):
                pass
                t_1.extend((
                    '**',
                    escape(environment.finalize(environment.getattr(l_2_row, 'budget_used'))),
                    '**',
                ))
            else:
                pass
                t_1.append(
                    escape(environment.finalize(environment.getattr(l_2_row, 'budget_used'))),
                )
            t_1.extend((
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'basis'))),
                ' |\n',
            ))
        l_2_row = missing
        return concat(t_1)
    context.exported_vars.add('job_rows')
    context.vars['job_rows'] = l_0_job_rows = Macro(environment, macro, 'job_rows', ('rows', 'versus'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_versus):
        t_2 = []
        if l_1_versus is missing:
            l_1_versus = undefined("parameter 'versus' was not provided", name='versus')
        pass
        t_2.append(
            '| Job | Energy |',
        )
        if l_1_versus:
            pass
            t_2.extend((
                ' ',
                escape(environment.finalize(l_1_versus)),
                ' |',
            ))
        t_2.append(
            ' CO₂e | Budget used | Basis |\n|:--|--:|',
        )
        if l_1_versus:
            pass
            t_2.append(
                '--:|',
            )
        t_2.append(
            '--:|--:|:--|\n',
        )
        return concat(t_2)
    context.exported_vars.add('job_head')
    context.vars['job_head'] = l_0_job_head = Macro(environment, macro, 'job_head', ('versus',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_jobs):
        t_3 = []
        if l_1_jobs is missing:
            l_1_jobs = undefined("parameter 'jobs' was not provided", name='jobs')
        pass
        t_3.extend((
            escape(environment.finalize(environment.call(context, (undefined(name='job_head') if l_0_job_head is missing else l_0_job_head), environment.getattr(l_1_jobs, 'versus_label')))),
            escape(environment.finalize(environment.call(context, (undefined(name='job_rows') if l_0_job_rows is missing else l_0_job_rows), environment.getattr(l_1_jobs, 'rows'), environment.getattr(l_1_jobs, 'versus_label')))),
        ))
        if environment.getattr(l_1_jobs, 'total'):
            pass
            t_3.extend((
                '| **',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_jobs, 'total'), 'name'))),
                '** | ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_jobs, 'total'), 'energy'))),
                ' |',
            ))
            if environment.getattr(l_1_jobs, 'versus_label'):
                pass
                t_3.extend((
                    ' ',
                    escape(environment.finalize(environment.getattr(environment.getattr(l_1_jobs, 'total'), 'versus'))),
                    ' |',
                ))
            t_3.extend((
                ' ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_jobs, 'total'), 'emissions'))),
            ))
            if environment.getattr(environment.getattr(l_1_jobs, 'total'), 'emissions_range'):
                pass
                t_3.extend((
                    ' (',
                    escape(environment.finalize(environment.getattr(environment.getattr(l_1_jobs, 'total'), 'emissions_range'))),
                    ')',
                ))
            t_3.append(
                ' | | |\n',
            )
        if environment.getattr(l_1_jobs, 'folded'):
            pass
            t_3.extend((
                '\n<details><summary>',
                escape(environment.finalize(environment.getattr(l_1_jobs, 'folded_label'))),
                '</summary>\n\n',
                escape(environment.finalize(environment.call(context, (undefined(name='job_head') if l_0_job_head is missing else l_0_job_head), environment.getattr(l_1_jobs, 'versus_label')))),
                escape(environment.finalize(environment.call(context, (undefined(name='job_rows') if l_0_job_rows is missing else l_0_job_rows), environment.getattr(l_1_jobs, 'folded'), environment.getattr(l_1_jobs, 'versus_label')))),
                '\n</details>\n',
            ))
        if environment.getattr(l_1_jobs, 'omitted'):
            pass
            t_3.extend((
                '\n',
                escape(environment.finalize(environment.getattr(l_1_jobs, 'omitted'))),
                '\n',
            ))
        return concat(t_3)
    context.exported_vars.add('job_table')
    context.vars['job_table'] = l_0_job_table = Macro(environment, macro, 'job_table', ('jobs',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_budgets, l_1_several):
        t_4 = []
        if l_1_budgets is missing:
            l_1_budgets = undefined("parameter 'budgets' was not provided", name='budgets')
        if l_1_several is missing:
            l_1_several = undefined("parameter 'several' was not provided", name='several')
        pass
        t_4.append(
            '|',
        )
        if l_1_several:
            pass
            t_4.append(
                ' Job |',
            )
        t_4.append(
            ' Budget | Used | Headroom | Outcome |\n|',
        )
        if l_1_several:
            pass
            t_4.append(
                ':--|',
            )
        t_4.append(
            '--:|--:|--:|:--|\n',
        )
        for l_2_row in l_1_budgets:
            _loop_vars = {}
            pass
            t_4.append(
                '|',
            )
            if l_1_several:
                pass
                t_4.extend((
                    ' ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'job'))),
                    ' |',
                ))
            t_4.extend((
                ' ',
                escape(environment.finalize(environment.getattr(l_2_row, 'limit'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'observed'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'headroom'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'icon'))),
                ' ',
                escape(environment.finalize(environment.getattr(l_2_row, 'outcome'))),
                ' |\n',
            ))
        l_2_row = missing
        return concat(t_4)
    context.exported_vars.add('budget_table')
    context.vars['budget_table'] = l_0_budget_table = Macro(environment, macro, 'budget_table', ('budgets', 'several'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_rows, l_1_label, l_1_base):
        t_5 = []
        if l_1_rows is missing:
            l_1_rows = undefined("parameter 'rows' was not provided", name='rows')
        if l_1_label is missing:
            l_1_label = undefined("parameter 'label' was not provided", name='label')
        if l_1_base is missing:
            l_1_base = undefined("parameter 'base' was not provided", name='base')
        pass
        t_5.extend((
            '| ',
            escape(environment.finalize(l_1_label)),
            ' | ',
            escape(environment.finalize(l_1_base)),
            ' | Now | Difference |\n|:--|--:|--:|--:|\n',
        ))
        for l_2_row in l_1_rows:
            _loop_vars = {}
            pass
            t_5.extend((
                '| ',
                escape(environment.finalize(environment.getattr(l_2_row, 'label'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'base'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'head'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'difference'))),
                ' |\n',
            ))
        l_2_row = missing
        return concat(t_5)
    context.exported_vars.add('compared_rows')
    context.vars['compared_rows'] = l_0_compared_rows = Macro(environment, macro, 'compared_rows', ('rows', 'label', 'base'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_detail):
        t_6 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        pass
        t_6.extend((
            escape(environment.finalize(environment.call(context, (undefined(name='compared_rows') if l_0_compared_rows is missing else l_0_compared_rows), environment.getattr(l_1_detail, 'compared'), 'Figure', environment.getattr(l_1_detail, 'base_label')))),
            '\n\n',
        ))
        if environment.getattr(l_1_detail, 'compared_phases'):
            pass
            t_6.extend((
                escape(environment.finalize(environment.call(context, (undefined(name='compared_rows') if l_0_compared_rows is missing else l_0_compared_rows), environment.getattr(l_1_detail, 'compared_phases'), 'Phase', environment.getattr(l_1_detail, 'base_label')))),
                '\n\n',
            ))
        if environment.getattr(l_1_detail, 'trend'):
            pass
            t_6.extend((
                '**Trend:** ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'trend'), 'sparkline'))),
                ' ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'trend'), 'summary'))),
                '\n\n',
            ))
        return concat(t_6)
    context.exported_vars.add('side_by_side')
    context.vars['side_by_side'] = l_0_side_by_side = Macro(environment, macro, 'side_by_side', ('detail',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_parts):
        t_7 = []
        if l_1_parts is missing:
            l_1_parts = undefined("parameter 'parts' was not provided", name='parts')
        pass
        t_7.append(
            '| Part | Energy | Share | Basis |\n|:--|--:|--:|:--|\n',
        )
        for l_2_part in l_1_parts:
            _loop_vars = {}
            pass
            t_7.extend((
                '| ',
                escape(environment.finalize(environment.getattr(l_2_part, 'label'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_part, 'energy'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_part, 'share'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_part, 'method'))),
            ))
            if environment.getattr(l_2_part, 'note'):
                pass
                t_7.extend((
                    '; ',
                    escape(environment.finalize(environment.getattr(l_2_part, 'note'))),
                ))
            t_7.append(
                ' |\n',
            )
        l_2_part = missing
        return concat(t_7)
    context.exported_vars.add('part_table')
    context.vars['part_table'] = l_0_part_table = Macro(environment, macro, 'part_table', ('parts',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_detail, l_1_each):
        t_8 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        if l_1_each is missing:
            l_1_each = undefined("parameter 'each' was not provided", name='each')
        pass
        if environment.getattr(l_1_detail, 'parts'):
            pass
            t_8.extend((
                escape(environment.finalize(environment.call(context, (undefined(name='part_table') if l_0_part_table is missing else l_0_part_table), (environment.getattr(l_1_detail, 'meters') if (l_1_each and environment.getattr(l_1_detail, 'meters')) else environment.getattr(l_1_detail, 'parts'))))),
                '\n',
            ))
        if environment.getattr(l_1_detail, 'phases'):
            pass
            t_8.append(
                '| Phase | Time | Energy | Share | Mean power |\n|:--|--:|--:|--:|--:|\n',
            )
            for l_2_phase in environment.getattr(l_1_detail, 'phases'):
                _loop_vars = {}
                pass
                t_8.extend((
                    '| ',
                    escape(environment.finalize(environment.getattr(l_2_phase, 'label'))),
                    ' | ',
                    escape(environment.finalize(environment.getattr(l_2_phase, 'duration'))),
                    ' | ',
                    escape(environment.finalize(environment.getattr(l_2_phase, 'energy'))),
                    ' | ',
                    escape(environment.finalize(environment.getattr(l_2_phase, 'share'))),
                    ' | ',
                    escape(environment.finalize(environment.getattr(l_2_phase, 'power'))),
                    ' |\n',
                ))
            l_2_phase = missing
            t_8.append(
                '\n',
            )
        if (environment.getattr(l_1_detail, 'parts') or environment.getattr(l_1_detail, 'phases')):
            pass
            t_8.append(
                "Energy at the machine, before the building's share (PUE).\n\n",
            )
        for l_2_sentence in environment.getattr(l_1_detail, 'idle'):
            _loop_vars = {}
            pass
            t_8.extend((
                escape(environment.finalize(l_2_sentence)),
                '\n\n',
            ))
        l_2_sentence = missing
        if environment.getattr(l_1_detail, 'power'):
            pass
            t_8.extend((
                '**Power:** ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'summary'))),
                '\n\n',
            ))
            if environment.getattr(environment.getattr(l_1_detail, 'power'), 'mermaid'):
                pass
                t_8.extend((
                    '```mermaid\n',
                    escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'mermaid'))),
                    '\n```\n\n',
                ))
        if environment.getattr(l_1_detail, 'usage'):
            pass
            t_8.extend((
                '**Utilisation:** ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'usage'), 'summary'))),
                '\n\n',
            ))
            if environment.getattr(environment.getattr(l_1_detail, 'usage'), 'mermaid'):
                pass
                t_8.extend((
                    '```mermaid\n',
                    escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'usage'), 'mermaid'))),
                    '\n```\n\n',
                ))
        return concat(t_8)
    context.exported_vars.add('made_of')
    context.vars['made_of'] = l_0_made_of = Macro(environment, macro, 'made_of', ('detail', 'each'), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_lines):
        t_9 = []
        if l_1_lines is missing:
            l_1_lines = undefined("parameter 'lines' was not provided", name='lines')
        pass
        for l_2_sentence in l_1_lines:
            _loop_vars = {}
            pass
            t_9.extend((
                '- ',
                escape(environment.finalize(l_2_sentence)),
                '\n',
            ))
        l_2_sentence = missing
        return concat(t_9)
    context.exported_vars.add('one_by_one')
    context.vars['one_by_one'] = l_0_one_by_one = Macro(environment, macro, 'one_by_one', ('lines',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_detail):
        t_10 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        pass
        for l_2_sentence in environment.getattr(l_1_detail, 'sure'):
            _loop_vars = {}
            pass
            t_10.extend((
                '- ',
                escape(environment.finalize(l_2_sentence)),
                '\n',
            ))
        l_2_sentence = missing
        for l_2_row in environment.getattr(l_1_detail, 'unavailable'):
            _loop_vars = {}
            pass
            t_10.append(
                '- ',
            )
            if environment.getattr(l_2_row, 'expected'):
                pass
                t_10.extend((
                    escape(environment.finalize(environment.getattr(l_2_row, 'source'))),
                    ' was not there',
                ))
            else:
                pass
                t_10.extend((
                    '**',
                    escape(environment.finalize(environment.getattr(l_2_row, 'source'))),
                    ' was not read**',
                ))
            t_10.extend((
                ': ',
                escape(environment.finalize(environment.getattr(l_2_row, 'reason'))),
            ))
            if environment.getattr(l_2_row, 'remedy'):
                pass
                t_10.extend((
                    ' ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'remedy'))),
                ))
            t_10.append(
                '\n',
            )
        l_2_row = missing
        return concat(t_10)
    context.exported_vars.add('how_sure')
    context.vars['how_sure'] = l_0_how_sure = Macro(environment, macro, 'how_sure', ('detail',), False, False, False, context.eval_ctx.autoescape)
    yield '\n'
    def macro(l_1_case):
        t_11 = []
        if l_1_case is missing:
            l_1_case = undefined("parameter 'case' was not provided", name='case')
        pass
        t_11.extend((
            escape(environment.finalize(environment.getattr(l_1_case, 'lead'))),
            '\n\n| ',
            escape(environment.finalize(environment.getattr(l_1_case, 'label'))),
            ' | Factor | PUE | CO₂e | Against as it ran |\n|:--|:--|--:|--:|--:|\n',
        ))
        for l_2_row in environment.getattr(l_1_case, 'rows'):
            _loop_vars = {}
            pass
            t_11.append(
                '| ',
            )
            if environment.getattr(l_2_row, 'here'):
                pass
                t_11.extend((
                    '**',
                    escape(environment.finalize(environment.getattr(l_2_row, 'label'))),
                    '**',
                ))
            else:
                pass
                t_11.append(
                    escape(environment.finalize(environment.getattr(l_2_row, 'label'))),
                )
            t_11.extend((
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'factor'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'pue'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'emissions'))),
                ' | ',
                escape(environment.finalize(environment.getattr(l_2_row, 'versus'))),
                ' |\n',
            ))
        l_2_row = missing
        t_11.append(
            '\n',
        )
        if environment.getattr(l_1_case, 'apart'):
            pass
            t_11.extend((
                escape(environment.finalize(environment.getattr(l_1_case, 'apart_label'))),
                ':\n\n| ',
                escape(environment.finalize(environment.getattr(l_1_case, 'label'))),
                ' | Factor | PUE | CO₂e |\n|:--|:--|--:|--:|\n',
            ))
            for l_2_row in environment.getattr(l_1_case, 'apart'):
                _loop_vars = {}
                pass
                t_11.extend((
                    '| ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'label'))),
                    ' | ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'factor'))),
                    ' | ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'pue'))),
                    ' | ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'emissions'))),
                    ' |\n',
                ))
            l_2_row = missing
            t_11.append(
                '\n',
            )
        for l_2_note in environment.getattr(l_1_case, 'notes'):
            _loop_vars = {}
            pass
            t_11.extend((
                escape(environment.finalize(l_2_note)),
                '\n\n',
            ))
        l_2_note = missing
        return concat(t_11)
    context.exported_vars.add('counterfactual')
    context.vars['counterfactual'] = l_0_counterfactual = Macro(environment, macro, 'counterfactual', ('case',), False, False, False, context.eval_ctx.autoescape)

blocks = {}
debug_info = '2=12&3=19&4=25&8=80&9=88&10=98&13=110&14=116&15=119&16=123&18=149&20=153&22=155&25=159&27=163&31=170&32=180&33=188&34=196&35=202&39=227&40=238&42=243&43=248&47=262&48=268&50=271&51=274&54=277&55=281&60=290&63=298&64=303&68=325&69=332&70=335&72=338&75=343&76=348&80=363&84=368&85=372&88=376&89=380&91=383&93=387&98=390&99=394&101=397&103=401&110=408&111=413&112=418&116=426&117=431&118=436&120=440&121=446&126=477&127=483&129=485&131=488&132=494&135=521&136=524&138=526&140=529&141=534&145=547&146=551'
