"""Generated from templates/report.html.j2 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
JINJA2 = "3.1.6"
SHA256 = "49e1095d1e1d835b633ebc378dc512fe7629c22adc2d9dc30ea3bd9c4e508520"
from jinja2.runtime import LoopContext, Macro, Markup, Namespace, TemplateNotFound, TemplateReference, TemplateRuntimeError, Undefined, escape, identity, internalcode, markup_join, missing, str_join
name = 'report.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_report = resolve('report')
    l_0_job_row = l_0_table = l_0_made_of = l_0_one_by_one = l_0_how_sure = missing
    pass
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; style-src \'unsafe-inline\'">\n<title>'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'title')))
    yield '</title>\n<style>\n:root{--paper:#fff;--card:#f6f8fa;--ink:#1f2328;--quiet:#59636e;--rule:#d1d9e0;--line:#0969da;--area:#0969da22;--use:#9a6700;--used:#9a670022;--band:#818b9814;\n--pass:#1a7f37;--warn:#9a6700;--fail:#cf222e;--unknown:#9a6700;--none:#59636e}\n@media (prefers-color-scheme:dark){:root{--paper:#0d1117;--card:#151b23;--ink:#f0f6fc;--quiet:#9198a1;--rule:#3d444d;--line:#58a6ff;--area:#58a6ff2b;--use:#d29922;--used:#d299222b;--band:#9198a114;\n--pass:#3fb950;--warn:#d29922;--fail:#f85149;--unknown:#d29922;--none:#9198a1}}\n*{box-sizing:border-box}\nbody{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}\nmain{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}\n.note{margin:0 0 1.25rem;padding:.7rem 1rem;background:var(--card);border-left:4px solid var(--warn);border-radius:0 6px 6px 0}\nheader{border-left:6px solid var(--verdict);padding:.1rem 0 .1rem 1.1rem;margin-bottom:1.75rem}\n.pass{--verdict:var(--pass)}.warn{--verdict:var(--warn)}.fail{--verdict:var(--fail)}.unknown{--verdict:var(--unknown)}.none,.not-judged{--verdict:var(--none)}\nh1{font-size:1.6rem;line-height:1.25;margin:0 0 .35rem;text-wrap:balance}\nh2{font-size:1.1rem;margin:2.4rem 0 .6rem}\nh3{font-size:1rem;margin:1.4rem 0 .4rem}\np{margin:.35rem 0}\n.quiet,caption,small,footer{color:var(--quiet)}\n.scroll{overflow-x:auto}\ntable{border-collapse:collapse;width:100%;font-size:.94rem}\ncaption{text-align:left;font-size:.85rem;padding:.4rem 0;caption-side:bottom}\nth,td{padding:.45rem .7rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}\nth:first-child,td:first-child{padding-left:0}\nthead th{font-size:.82rem;font-weight:600;color:var(--quiet);white-space:nowrap}\ntbody th{font-weight:400;min-width:10.5rem;max-width:24rem;overflow-wrap:break-word}\n.n{text-align:right;white-space:nowrap}\n.total th,.total td{font-weight:600}\n.why{margin-top:1rem}\nh1 code{font-size:.82em;overflow-wrap:normal}\n.over{color:var(--fail);font-weight:600}\ncode{font:.88em ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace;background:var(--card);border-radius:4px;padding:.1em .35em;overflow-wrap:anywhere}\na{color:var(--line)}\ndetails{border:1px solid var(--rule);border-radius:6px;margin:.6rem 0;padding:0 1rem}\nsummary{cursor:pointer;padding:.55rem 0;font-weight:600;overflow-wrap:anywhere}\ndetails[open]{padding-bottom:.8rem}\nsvg.power{width:100%;height:auto;margin:.4rem 0}\n.power text{fill:var(--quiet);font-size:11px;font-family:inherit}\n.power .grid{stroke:var(--rule);stroke-width:.7}\n.power .line{fill:none;stroke:var(--line);stroke-width:1.6;stroke-linejoin:round}\n.power .area{fill:var(--area)}\n.use .line{stroke:var(--use)}.use .area{fill:var(--used)}\n.power .band{fill:none}.power .even{fill:var(--band)}\nfooter{margin-top:2.5rem;padding-top:.8rem;border-top:1px solid var(--rule);font-size:.88rem}\n@media print{body{font-size:11pt}main{max-width:none;padding:0}details{break-inside:avoid;border:0;padding:0}details::details-content{content-visibility:visible}svg,tr{break-inside:avoid}}\n</style>\n</head>\n<body>\n'
    def macro(l_1_row, l_1_versus, l_1_total):
        t_1 = []
        if l_1_row is missing:
            l_1_row = undefined("parameter 'row' was not provided", name='row')
        if l_1_versus is missing:
            l_1_versus = undefined("parameter 'versus' was not provided", name='versus')
        if l_1_total is missing:
            l_1_total = undefined("parameter 'total' was not provided", name='total')
        pass
        t_1.append(
            '<tr',
        )
        if l_1_total:
            pass
            t_1.append(
                ' class="total"',
            )
        t_1.append(
            '><th scope="row">',
        )
        if environment.getattr(l_1_row, 'icon'):
            pass
            t_1.extend((
                escape(environment.finalize(environment.getattr(l_1_row, 'icon'))),
                ' ',
            ))
        t_1.extend((
            escape(environment.finalize(environment.getattr(l_1_row, 'name'))),
            '</th><td class="n">',
            escape(environment.finalize(environment.getattr(l_1_row, 'energy'))),
            '</td>',
        ))
        if l_1_versus:
            pass
            t_1.extend((
                '<td class="n">',
                escape(environment.finalize(environment.getattr(l_1_row, 'versus'))),
                '</td>',
            ))
        t_1.extend((
            '<td class="n">',
            escape(environment.finalize(environment.getattr(l_1_row, 'emissions'))),
            '</td><td class="n">',
            escape(environment.finalize(environment.getattr(l_1_row, 'emissions_range'))),
            '</td><td class="n',
        ))
        if environment.getattr(l_1_row, 'over'):
            pass
            t_1.append(
                ' over',
            )
        t_1.extend((
            '">',
            escape(environment.finalize(environment.getattr(l_1_row, 'budget_used'))),
            '</td><td>',
            escape(environment.finalize(environment.getattr(l_1_row, 'basis'))),
            '</td></tr>\n',
        ))
        return concat(t_1)
    context.exported_vars.add('job_row')
    context.vars['job_row'] = l_0_job_row = Macro(environment, macro, 'job_row', ('row', 'versus', 'total'), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_label, l_1_head, l_1_note, l_1_caller):
        t_2 = []
        if l_1_label is missing:
            l_1_label = undefined("parameter 'label' was not provided", name='label')
        if l_1_head is missing:
            l_1_head = undefined("parameter 'head' was not provided", name='head')
        if l_1_note is missing:
            l_1_note = undefined("parameter 'note' was not provided", name='note')
        pass
        t_2.extend((
            '<div class="scroll" tabindex="0" role="group" aria-label="',
            escape(environment.finalize(l_1_label)),
            '"><table>\n',
        ))
        if l_1_note:
            pass
            t_2.extend((
                '<caption>',
                escape(environment.finalize(l_1_note)),
                '</caption>\n',
            ))
        t_2.append(
            '<thead><tr>',
        )
        for l_2_cell in l_1_head:
            _loop_vars = {}
            pass
            t_2.append(
                '<th scope="col"',
            )
            if environment.call(context, environment.getattr(l_2_cell, 'startswith'), '#', _loop_vars=_loop_vars):
                pass
                t_2.append(
                    ' class="n"',
                )
            t_2.extend((
                '>',
                escape(environment.finalize(environment.call(context, environment.getattr(l_2_cell, 'lstrip'), '#', _loop_vars=_loop_vars))),
                '</th>',
            ))
        l_2_cell = missing
        t_2.extend((
            '</tr></thead>\n<tbody>\n',
            escape(environment.finalize(environment.call(context, l_1_caller))),
            '</tbody>\n</table></div>\n',
        ))
        return concat(t_2)
    context.exported_vars.add('table')
    context.vars['table'] = l_0_table = Macro(environment, macro, 'table', ('label', 'head', 'note'), False, False, True, context.eval_ctx.autoescape)
    def macro(l_1_detail):
        t_3 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        pass
        if environment.getattr(l_1_detail, 'parts'):
            pass
            def macro():
                t_4 = []
                pass
                for l_3_part in (environment.getattr(l_1_detail, 'meters') or environment.getattr(l_1_detail, 'parts')):
                    _loop_vars = {}
                    pass
                    t_4.append(
                        '<tr',
                    )
                    if (not environment.getattr(l_3_part, 'counted')):
                        pass
                        t_4.append(
                            ' class="quiet"',
                        )
                    t_4.extend((
                        '><th scope="row">',
                        escape(environment.finalize(environment.getattr(l_3_part, 'label'))),
                        '</th><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_part, 'energy'))),
                        '</td><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_part, 'share'))),
                        '</td><td>',
                        escape(environment.finalize(environment.getattr(l_3_part, 'method'))),
                    ))
                    if environment.getattr(l_3_part, 'note'):
                        pass
                        t_4.extend((
                            '; ',
                            escape(environment.finalize(environment.getattr(l_3_part, 'note'))),
                        ))
                    t_4.append(
                        '</td></tr>\n',
                    )
                l_3_part = missing
                return concat(t_4)
            caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
            t_3.append(environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Parts', ['Part', '#Energy', '#Share', 'Basis'], "At the machine, before the building's share (PUE).", caller=caller))
        if environment.getattr(l_1_detail, 'power'):
            pass
            t_3.extend((
                '<h3>Power over time</h3>\n<p class="quiet">Mean ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'mean'))),
                ', peak ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'peak'))),
                '</p>\n',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'svg'))),
                '\n',
            ))
        if environment.getattr(l_1_detail, 'usage'):
            pass
            t_3.extend((
                '<p class="quiet">GPU utilisation: mean ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'usage'), 'mean'))),
                '</p>\n',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'usage'), 'svg'))),
                '\n',
            ))
        if environment.getattr(l_1_detail, 'phases'):
            pass
            def macro():
                t_5 = []
                pass
                for l_3_phase in environment.getattr(l_1_detail, 'phases'):
                    _loop_vars = {}
                    pass
                    t_5.extend((
                        '<tr><th scope="row">',
                        escape(environment.finalize(environment.getattr(l_3_phase, 'label'))),
                        '</th><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_phase, 'duration'))),
                        '</td><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_phase, 'energy'))),
                        '</td><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_phase, 'share'))),
                        '</td><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_phase, 'power'))),
                        '</td></tr>\n',
                    ))
                l_3_phase = missing
                return concat(t_5)
            caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
            t_3.append(environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Phases', ['Phase', '#Time', '#Energy', '#Share', '#Mean power'], '', caller=caller))
        for l_2_sentence in environment.getattr(l_1_detail, 'idle'):
            _loop_vars = {}
            pass
            t_3.extend((
                '<p>',
                escape(environment.finalize(l_2_sentence)),
                '</p>\n',
            ))
        l_2_sentence = missing
        return concat(t_3)
    context.exported_vars.add('made_of')
    context.vars['made_of'] = l_0_made_of = Macro(environment, macro, 'made_of', ('detail',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_lines):
        t_6 = []
        if l_1_lines is missing:
            l_1_lines = undefined("parameter 'lines' was not provided", name='lines')
        pass
        t_6.append(
            '<ul>\n',
        )
        for l_2_sentence in l_1_lines:
            _loop_vars = {}
            pass
            t_6.extend((
                '<li>',
                escape(environment.finalize(l_2_sentence)),
                '</li>\n',
            ))
        l_2_sentence = missing
        t_6.append(
            '</ul>\n',
        )
        return concat(t_6)
    context.exported_vars.add('one_by_one')
    context.vars['one_by_one'] = l_0_one_by_one = Macro(environment, macro, 'one_by_one', ('lines',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_detail):
        t_7 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        pass
        if (environment.getattr(l_1_detail, 'sure') or environment.getattr(l_1_detail, 'unavailable')):
            pass
            t_7.append(
                '<ul>\n',
            )
            for l_2_sentence in environment.getattr(l_1_detail, 'sure'):
                _loop_vars = {}
                pass
                t_7.extend((
                    '<li>',
                    escape(environment.finalize(l_2_sentence)),
                    '</li>\n',
                ))
            l_2_sentence = missing
            for l_2_row in environment.getattr(l_1_detail, 'unavailable'):
                _loop_vars = {}
                pass
                t_7.append(
                    '<li>',
                )
                if environment.getattr(l_2_row, 'expected'):
                    pass
                    t_7.extend((
                        escape(environment.finalize(environment.getattr(l_2_row, 'source'))),
                        ' was not there',
                    ))
                else:
                    pass
                    t_7.extend((
                        '<strong>',
                        escape(environment.finalize(environment.getattr(l_2_row, 'source'))),
                        ' was not read</strong>',
                    ))
                t_7.extend((
                    ': ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'reason'))),
                ))
                if environment.getattr(l_2_row, 'remedy'):
                    pass
                    t_7.extend((
                        ' <span class="quiet">',
                        escape(environment.finalize(environment.getattr(l_2_row, 'remedy'))),
                        '</span>',
                    ))
                t_7.append(
                    '</li>\n',
                )
            l_2_row = missing
            t_7.append(
                '</ul>\n',
            )
        return concat(t_7)
    context.exported_vars.add('how_sure')
    context.vars['how_sure'] = l_0_how_sure = Macro(environment, macro, 'how_sure', ('detail',), False, False, False, context.eval_ctx.autoescape)
    yield '<main class="'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'outcome')))
    yield '">\n'
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'location'):
        pass
        yield '<p class="note">'
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'location')))
        yield '</p>\n'
    yield '<header>\n<h1>'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'icon')))
    yield ' '
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'title')))
    yield '</h1>\n<p>'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'headline')))
    yield '</p>\n'
    for l_1_remark in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'remarks'):
        _loop_vars = {}
        pass
        yield '<p>'
        yield escape(environment.finalize(l_1_remark))
        yield '</p>\n'
    l_1_remark = missing
    yield '</header>\n'
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'rows'):
        pass
        def macro():
            t_8 = []
            pass
            for l_2_row in (environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'rows') + environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'folded')):
                _loop_vars = {}
                pass
                t_8.extend((
                    escape(environment.finalize(environment.call(context, (undefined(name='job_row') if l_0_job_row is missing else l_0_job_row), l_2_row, environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label'), False, _loop_vars=_loop_vars))),
                    '\n',
                ))
            l_2_row = missing
            if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'total'):
                pass
                t_8.extend((
                    escape(environment.finalize(environment.call(context, (undefined(name='job_row') if l_0_job_row is missing else l_0_job_row), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'total'), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label'), True))),
                    '\n',
                ))
            return concat(t_8)
        caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
        yield environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Jobs', ((['Job', '#Energy'] + ([environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label')] if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label') else [])) + ['#CO₂e', '#Range', '#Budget used', 'Basis']), '', caller=caller)
    for l_1_reason in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons'):
        _loop_vars = {}
        pass
        yield '<p class="why">'
        yield escape(environment.finalize(l_1_reason))
        yield '</p>\n'
    l_1_reason = missing
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out'):
        pass
        yield '<h2>'
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_label')))
        yield '</h2>\n<ol>\n'
        for l_1_way in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'ways_out'):
            _loop_vars = {}
            pass
            yield '<li>'
            yield escape(environment.finalize(l_1_way))
            yield '</li>\n'
        l_1_way = missing
        yield '</ol>\n'
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets'):
        pass
        yield '<h2>Budgets</h2>\n'
        def macro():
            t_9 = []
            pass
            for l_2_row in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets'):
                _loop_vars = {}
                pass
                t_9.append(
                    '<tr>',
                )
                if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'several'):
                    pass
                    t_9.extend((
                        '<th scope="row">',
                        escape(environment.finalize(environment.getattr(l_2_row, 'job'))),
                        '</th>',
                    ))
                t_9.extend((
                    '<td>',
                    escape(environment.finalize(environment.getattr(l_2_row, 'limit'))),
                    '</td><td class="n">',
                    escape(environment.finalize(environment.getattr(l_2_row, 'observed'))),
                    '</td><td class="n">',
                    escape(environment.finalize(environment.getattr(l_2_row, 'headroom'))),
                    '</td><td>',
                    escape(environment.finalize(environment.getattr(l_2_row, 'icon'))),
                    ' ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'outcome'))),
                    '</td></tr>\n',
                ))
            l_2_row = missing
            return concat(t_9)
        caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
        yield environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Budgets', ((['Job'] if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'several') else []) + ['Limit', '#Used', '#Headroom', 'Outcome']), '', caller=caller)
    if ((environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'parts') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'power')) or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'phases')):
        pass
        yield '<h2>Made of what</h2>\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='made_of') if l_0_made_of is missing else l_0_made_of), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'))))
        yield '\n'
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'details'):
        pass
        yield '<h2>Job by job</h2>\n'
        for l_1_detail in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'details'):
            _loop_vars = {}
            pass
            yield '<details><summary>'
            yield escape(environment.finalize(environment.getattr(l_1_detail, 'name')))
            yield '</summary>\n<p class="quiet">'
            yield escape(environment.finalize(environment.getattr(l_1_detail, 'facts')))
            yield '</p>\n'
            yield escape(environment.finalize(environment.call(context, (undefined(name='made_of') if l_0_made_of is missing else l_0_made_of), l_1_detail, _loop_vars=_loop_vars)))
            if environment.getattr(l_1_detail, 'besides'):
                pass
                yield escape(environment.finalize(environment.call(context, (undefined(name='one_by_one') if l_0_one_by_one is missing else l_0_one_by_one), environment.getattr(l_1_detail, 'besides'), _loop_vars=_loop_vars)))
            yield escape(environment.finalize(environment.call(context, (undefined(name='how_sure') if l_0_how_sure is missing else l_0_how_sure), l_1_detail, _loop_vars=_loop_vars)))
            yield '</details>\n'
        l_1_detail = missing
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'besides'):
        pass
        yield '<h2>Besides, not in the figures above</h2>\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='one_by_one') if l_0_one_by_one is missing else l_0_one_by_one), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'besides'))))
        yield '\n'
    if (environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'sure') or environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'unavailable')):
        pass
        yield '<h2>How sure</h2>\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='how_sure') if l_0_how_sure is missing else l_0_how_sure), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'))))
        yield '\n'
    for l_1_case in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'what_if'):
        _loop_vars = {}
        pass
        yield '<h2>'
        yield escape(environment.finalize(environment.getattr(l_1_case, 'heading')))
        yield '</h2>\n<p>'
        yield escape(environment.finalize(environment.getattr(l_1_case, 'lead')))
        yield '</p>\n'
        def macro():
            t_10 = []
            pass
            for l_3_row in environment.getattr(l_1_case, 'rows'):
                _loop_vars = {}
                pass
                t_10.append(
                    '<tr',
                )
                if environment.getattr(l_3_row, 'here'):
                    pass
                    t_10.append(
                        ' class="total"',
                    )
                t_10.extend((
                    '><th scope="row">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'label'))),
                    '</th><td>',
                    escape(environment.finalize(environment.getattr(l_3_row, 'factor'))),
                    '</td><td class="n">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'pue'))),
                    '</td><td class="n">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'emissions'))),
                    '</td><td class="n">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'versus'))),
                    '</td></tr>\n',
                ))
            l_3_row = missing
            return concat(t_10)
        caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
        yield environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), environment.getattr(l_1_case, 'heading'), [environment.getattr(l_1_case, 'label'), 'Factor', '#PUE', '#CO₂e', '#Against as it ran'], '', caller=caller, _loop_vars=_loop_vars)
        if environment.getattr(l_1_case, 'apart'):
            pass
            def macro():
                t_11 = []
                pass
                for l_3_row in environment.getattr(l_1_case, 'apart'):
                    _loop_vars = {}
                    pass
                    t_11.extend((
                        '<tr class="quiet"><th scope="row">',
                        escape(environment.finalize(environment.getattr(l_3_row, 'label'))),
                        '</th><td>',
                        escape(environment.finalize(environment.getattr(l_3_row, 'factor'))),
                        '</td><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_row, 'pue'))),
                        '</td><td class="n">',
                        escape(environment.finalize(environment.getattr(l_3_row, 'emissions'))),
                        '</td></tr>\n',
                    ))
                l_3_row = missing
                return concat(t_11)
            caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
            yield environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), environment.getattr(l_1_case, 'apart_label'), [environment.getattr(l_1_case, 'label'), 'Factor', '#PUE', '#CO₂e'], environment.getattr(l_1_case, 'apart_label'), caller=caller, _loop_vars=_loop_vars)
        for l_2_note in environment.getattr(l_1_case, 'notes'):
            _loop_vars = {}
            pass
            yield '<p class="quiet">'
            yield escape(environment.finalize(l_2_note))
            yield '</p>\n'
        l_2_note = missing
    l_1_case = missing
    yield '<h2>How computed</h2>\n'
    for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'method'):
        _loop_vars = {}
        pass
        yield '<p>'
        yield escape(environment.finalize(l_1_sentence))
        yield '</p>\n'
    l_1_sentence = missing
    if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted'):
        pass
        yield '<p>Not counted: '
        yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'not_counted')))
        yield '</p>\n'
    yield '<footer>\n<p>'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'tool')))
    yield '</p>\n<p>'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'footer')))
    yield '</p>\n</footer>\n</main>\n</body>\n</html>'

blocks = {}
debug_info = '8=14&54=16&55=28&57=77&58=88&59=91&61=101&63=120&66=126&67=131&68=133&69=136&70=142&68=169&74=170&76=174&77=178&79=181&80=185&81=187&83=190&84=192&85=195&86=200&84=214&90=215&91=220&94=227&96=235&97=240&101=250&102=255&104=260&105=265&107=269&108=275&113=310&114=312&115=315&118=318&119=322&120=324&121=328&124=332&125=334&126=337&127=341&129=345&130=348&125=353&134=354&135=358&137=361&138=364&140=366&141=370&145=374&147=377&148=380&149=386&147=409&153=410&155=413&157=415&159=418&160=422&161=424&162=426&165=433&167=436&169=438&171=441&173=443&174=447&175=449&176=451&177=454&178=460&176=481&181=482&182=484&183=487&184=492&182=504&188=505&189=509&193=514&194=518&196=521&197=524&200=527&201=529'
