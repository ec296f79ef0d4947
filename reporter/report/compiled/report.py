"""Generated from templates/report.html.j2 with jinja2 3.1.6 by `python -m reporter.report.compile`."""
# mypy: ignore-errors
from reporter.report.runtime import LoopContext, Macro, Markup, Undefined, escape, markup_join, missing, str_join
name = 'report.html.j2'

def root(context, missing=missing):
    resolve = context.resolve_or_missing
    undefined = environment.undefined
    concat = environment.concat
    cond_expr_undefined = Undefined
    if 0: yield None
    l_0_scripts = resolve('scripts')
    l_0_report = resolve('report')
    l_0_job_row = l_0_table = l_0_made_of = l_0_compared_rows = l_0_side_by_side = l_0_one_by_one = l_0_how_sure = missing
    try:
        t_1 = environment.filters['chart_data']
    except KeyError:
        @internalcode
        def t_1(*unused):
            raise TemplateRuntimeError("No filter named 'chart_data' found.")
    pass
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<meta name="viewport" content="width=device-width, initial-scale=1">\n<meta name="color-scheme" content="light dark">\n<meta http-equiv="Content-Security-Policy" content="'
    yield escape(environment.finalize(environment.getattr((undefined(name='scripts') if l_0_scripts is missing else l_0_scripts), 'policy')))
    yield '">\n<title>'
    yield escape(environment.finalize(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'title')))
    yield '</title>\n<style>\n:root{--paper:#fff;--card:#f6f8fa;--ink:#1f2328;--quiet:#59636e;--rule:#d1d9e0;--line:#0969da;--area:#0969da22;--use:#9a6700;--used:#9a670022;--band:#818b9814;\n--c0:#0969da;--c1:#bc4c00;--c2:#1a7f37;--c3:#8250df;--c4:#bf3989;--c5:#1b7c83;--c6:#9a6700;--c7:#cf222e;\n--pass:#1a7f37;--warn:#9a6700;--fail:#cf222e;--unknown:#9a6700;--none:#59636e}\n@media screen and (prefers-color-scheme:dark){:root{--paper:#0d1117;--card:#151b23;--ink:#f0f6fc;--quiet:#9198a1;--rule:#3d444d;--line:#58a6ff;--area:#58a6ff2b;--use:#d29922;--used:#d299222b;--band:#9198a114;\n--c0:#58a6ff;--c1:#f0883e;--c2:#3fb950;--c3:#bc8cff;--c4:#f778ba;--c5:#39c5cf;--c6:#d29922;--c7:#ff7b72;\n--pass:#3fb950;--warn:#d29922;--fail:#f85149;--unknown:#d29922;--none:#9198a1}}\n*{box-sizing:border-box}\nbody{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;font-variant-numeric:tabular-nums}\nmain{max-width:62rem;margin:0 auto;padding:2rem 1.25rem 4rem}\n.note{margin:0 0 1.25rem;padding:.7rem 1rem;background:var(--card);border-left:4px solid var(--warn);border-radius:0 6px 6px 0}\nheader{border-left:6px solid var(--verdict);padding:.1rem 0 .1rem 1.1rem;margin-bottom:1.75rem}\n.pass{--verdict:var(--pass)}.warn{--verdict:var(--warn)}.fail{--verdict:var(--fail)}.unknown{--verdict:var(--unknown)}.none,.not-judged{--verdict:var(--none)}\nh1{font-size:1.6rem;line-height:1.25;margin:0 0 .35rem;text-wrap:balance}\nh2{font-size:1.1rem;margin:2.4rem 0 .6rem}\nh3{font-size:1rem;margin:1.4rem 0 .4rem}\np{margin:.35rem 0}\n.quiet,caption,small,footer{color:var(--quiet)}\n.scroll{overflow-x:auto}.scroll+.scroll{margin-top:1.4rem}.scroll+p{margin-top:.9rem}\ntable{border-collapse:collapse;width:100%;font-size:.94rem}\ncaption{text-align:left;font-size:.85rem;padding:.4rem 0;caption-side:bottom}\nth,td{padding:.45rem .7rem;border-bottom:1px solid var(--rule);text-align:left;vertical-align:top}\nth:first-child,td:first-child{padding-left:0}\nthead th{font-size:.82rem;font-weight:600;color:var(--quiet);white-space:nowrap}\ntbody th{font-weight:400;min-width:10.5rem;max-width:24rem;overflow-wrap:break-word}\n.n{text-align:right;white-space:nowrap}\ntd:last-child:not(.n){min-width:9rem}\n.total th,.total td{font-weight:600}\n.why{margin-top:1rem}\nh1 code{font-size:.82em;overflow-wrap:normal}\n.over{color:var(--fail);font-weight:600}\ncode{font:.88em ui-monospace,SFMono-Regular,Menlo,"Liberation Mono",monospace;background:var(--card);border-radius:4px;padding:.1em .35em;overflow-wrap:anywhere}\na{color:var(--line)}\ndetails{border:1px solid var(--rule);border-radius:6px;margin:.6rem 0;padding:0 1rem}\nsummary{cursor:pointer;padding:.55rem 0;font-weight:600;overflow-wrap:anywhere}\ndetails[open]{padding-bottom:.8rem}\nsvg.power{width:100%;height:auto;margin:.4rem 0}\n.power text{fill:var(--quiet);font-size:11px;font-family:inherit}\n.power .grid{stroke:var(--rule);stroke-width:.7}\n.power .line{fill:none;stroke:var(--line);stroke-width:1.6;stroke-linejoin:round}\n.power .area{fill:var(--area)}\n.use .line{stroke:var(--use)}.use .area{fill:var(--used)}\n.power .band{fill:none}.power .even{fill:var(--band)}\nth button{all:unset;cursor:pointer;color:inherit;white-space:nowrap}\nth button:hover{color:var(--ink)}\nth button::after,.n button::before{content:"\\2195";display:inline-block;width:1.1em;text-align:center;opacity:.5}\n.n button::after{content:none}\n[aria-sort=ascending] button,[aria-sort=descending] button{color:var(--ink)}\n[aria-sort=ascending]:not(.n) button::after,[aria-sort=ascending].n button::before{content:"\\2191";opacity:1}\n[aria-sort=descending]:not(.n) button::after,[aria-sort=descending].n button::before{content:"\\2193";opacity:1}\n:focus-visible,th button:focus-visible{outline:2px solid var(--line);outline-offset:2px;border-radius:3px}\n.live,.drawn .still{display:none}\n.drawn .live{display:block;margin:.5rem 0 1rem}\n.head{display:flex;flex-wrap:wrap;gap:.4rem 1rem;align-items:baseline;justify-content:space-between}\n.reading{margin:0;font-weight:600;overflow-wrap:anywhere}\n.tools{display:flex;flex-wrap:wrap;gap:.35rem}\n.tools button{font:inherit;font-size:.82rem;line-height:1.4;color:var(--ink);background:var(--card);border:1px solid var(--rule);border-radius:6px;padding:.15rem .6rem;cursor:pointer}\n.tools button:hover:enabled{border-color:var(--quiet)}\n.tools button:disabled{color:var(--quiet);cursor:default;opacity:.6}\n.strip{position:relative;height:1.5rem;margin:.6rem 8px 0 60px;overflow:hidden;font-size:.78rem;line-height:1.5rem;color:var(--quiet)}\n.strip[hidden]{display:none}\n.strip span{position:absolute;top:0;bottom:0;overflow:hidden;white-space:nowrap;text-overflow:ellipsis;padding:0 .35rem;border-left:1px solid var(--rule)}\n.strip .even{background:var(--band)}\n.plot{position:relative;height:260px;cursor:crosshair}\n.cursor{position:absolute;top:8px;bottom:28px;width:1px;background:var(--quiet);pointer-events:none;z-index:1}\n.live input[type=range]{display:block;width:calc(100% - 52px);height:4px;margin:.5rem 0 1rem 52px;accent-color:var(--quiet)}\n.meters{list-style:none;margin:0;padding:0;display:grid;grid-template-columns:repeat(auto-fill,minmax(min(17rem,100%),1fr));gap:.1rem 2rem;font-size:.9rem}\n.meters label{display:flex;align-items:center;gap:.5rem;padding:.15rem 0;cursor:pointer}\n.meters input{margin:0;accent-color:var(--line)}\n.swatch{flex:none;width:1.4rem;height:0}\n.meters .name{flex:1;min-width:0;display:flex;white-space:pre}.meters .stem{overflow:hidden;text-overflow:ellipsis}\n.meters .value{white-space:nowrap;min-width:4.2rem;text-align:right}\n.meters input:not(:checked)~*{color:var(--quiet)}.meters input:not(:checked)~.swatch{opacity:.5}\nfooter{margin-top:2.5rem;padding-top:.8rem;border-top:1px solid var(--rule);font-size:.88rem}\n@media print{body{font-size:11pt}main{max-width:none;padding:0}details{break-inside:avoid;border:0;padding:0}details::details-content{content-visibility:visible}svg,tr{break-inside:avoid}.drawn .live{display:none}.drawn .still{display:block}th button::before,th button::after{content:none!important}.scroll{overflow:visible}}\n</style>\n</head>\n<body>\n'
    def macro(l_1_row, l_1_versus, l_1_total):
        t_2 = []
        if l_1_row is missing:
            l_1_row = undefined("parameter 'row' was not provided", name='row')
        if l_1_versus is missing:
            l_1_versus = undefined("parameter 'versus' was not provided", name='versus')
        if l_1_total is missing:
            l_1_total = undefined("parameter 'total' was not provided", name='total')
        pass
        t_2.append(
            '<tr',
        )
        if l_1_total:
            pass
            t_2.append(
                ' class="total sum"',
            )
        t_2.append(
            '><th scope="row">',
        )
        if environment.getattr(l_1_row, 'icon'):
            pass
            t_2.extend((
                escape(environment.finalize(environment.getattr(l_1_row, 'icon'))),
                ' ',
            ))
        t_2.extend((
            escape(environment.finalize(environment.getattr(l_1_row, 'name'))),
            '</th><td class="n">',
            escape(environment.finalize(environment.getattr(l_1_row, 'energy'))),
            '</td>',
        ))
        if l_1_versus:
            pass
            t_2.extend((
                '<td class="n">',
                escape(environment.finalize(environment.getattr(l_1_row, 'versus'))),
                '</td>',
            ))
        t_2.extend((
            '<td class="n">',
            escape(environment.finalize(environment.getattr(l_1_row, 'emissions'))),
            '</td><td class="n">',
            escape(environment.finalize(environment.getattr(l_1_row, 'emissions_range'))),
            '</td><td class="n',
        ))
        if environment.getattr(l_1_row, 'over'):
            pass
            t_2.append(
                ' over',
            )
        t_2.extend((
            '">',
            escape(environment.finalize(environment.getattr(l_1_row, 'budget_used'))),
            '</td><td>',
            escape(environment.finalize(environment.getattr(l_1_row, 'basis'))),
            '</td></tr>\n',
        ))
        return concat(t_2)
    context.exported_vars.add('job_row')
    context.vars['job_row'] = l_0_job_row = Macro(environment, macro, 'job_row', ('row', 'versus', 'total'), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_label, l_1_head, l_1_note, l_1_caller):
        t_3 = []
        if l_1_label is missing:
            l_1_label = undefined("parameter 'label' was not provided", name='label')
        if l_1_head is missing:
            l_1_head = undefined("parameter 'head' was not provided", name='head')
        if l_1_note is missing:
            l_1_note = undefined("parameter 'note' was not provided", name='note')
        pass
        t_3.extend((
            '<div class="scroll" tabindex="0" role="group" aria-label="',
            escape(environment.finalize(l_1_label)),
            '"><table>\n',
        ))
        if l_1_note:
            pass
            t_3.extend((
                '<caption>',
                escape(environment.finalize(l_1_note)),
                '</caption>\n',
            ))
        t_3.append(
            '<thead><tr>',
        )
        for l_2_cell in l_1_head:
            _loop_vars = {}
            pass
            t_3.append(
                '<th scope="col"',
            )
            if environment.call(context, environment.getattr(l_2_cell, 'startswith'), '#', _loop_vars=_loop_vars):
                pass
                t_3.append(
                    ' class="n"',
                )
            t_3.extend((
                '>',
                escape(environment.finalize(environment.call(context, environment.getattr(l_2_cell, 'lstrip'), '#', _loop_vars=_loop_vars))),
                '</th>',
            ))
        l_2_cell = missing
        t_3.extend((
            '</tr></thead>\n<tbody>\n',
            escape(environment.finalize(environment.call(context, l_1_caller))),
            '</tbody>\n</table></div>\n',
        ))
        return concat(t_3)
    context.exported_vars.add('table')
    context.vars['table'] = l_0_table = Macro(environment, macro, 'table', ('label', 'head', 'note'), False, False, True, context.eval_ctx.autoescape)
    def macro(l_1_detail):
        t_4 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        pass
        if environment.getattr(l_1_detail, 'parts'):
            pass
            def macro():
                t_5 = []
                pass
                for l_3_part in (environment.getattr(l_1_detail, 'meters') or environment.getattr(l_1_detail, 'parts')):
                    _loop_vars = {}
                    pass
                    t_5.append(
                        '<tr',
                    )
                    if (not environment.getattr(l_3_part, 'counted')):
                        pass
                        t_5.append(
                            ' class="quiet"',
                        )
                    t_5.extend((
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
                        t_5.extend((
                            '; ',
                            escape(environment.finalize(environment.getattr(l_3_part, 'note'))),
                        ))
                    t_5.append(
                        '</td></tr>\n',
                    )
                l_3_part = missing
                return concat(t_5)
            caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
            t_4.append(environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Parts', ['Part', '#Energy', '#Share', 'Basis'], "At the machine, before the building's share (PUE).", caller=caller))
        if environment.getattr(l_1_detail, 'power'):
            pass
            t_4.extend((
                '<h3>Power over time</h3>\n<p class="quiet">Mean ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'mean'))),
                ', peak ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'peak'))),
                '</p>\n',
            ))
            if environment.getattr(l_1_detail, 'timeline'):
                pass
                t_4.extend((
                    '<div class="chart"><script type="application/json">',
                    escape(environment.finalize(t_1(environment.getattr(l_1_detail, 'timeline')))),
                    '</script>\n<div class="still">',
                    escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'svg'))),
                    '</div></div>\n',
                ))
            else:
                pass
                t_4.extend((
                    escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'power'), 'svg'))),
                    '\n',
                ))
        if environment.getattr(l_1_detail, 'usage'):
            pass
            t_4.extend((
                '<p class="quiet">GPU utilisation: mean ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'usage'), 'mean'))),
                '</p>\n',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'usage'), 'svg'))),
                '\n',
            ))
        if environment.getattr(l_1_detail, 'phases'):
            pass
            def macro():
                t_6 = []
                pass
                for l_3_phase in environment.getattr(l_1_detail, 'phases'):
                    _loop_vars = {}
                    pass
                    t_6.extend((
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
                return concat(t_6)
            caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
            t_4.append(environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Phases', ['Phase', '#Time', '#Energy', '#Share', '#Mean power'], '', caller=caller))
        for l_2_sentence in environment.getattr(l_1_detail, 'idle'):
            _loop_vars = {}
            pass
            t_4.extend((
                '<p>',
                escape(environment.finalize(l_2_sentence)),
                '</p>\n',
            ))
        l_2_sentence = missing
        return concat(t_4)
    context.exported_vars.add('made_of')
    context.vars['made_of'] = l_0_made_of = Macro(environment, macro, 'made_of', ('detail',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_rows, l_1_label, l_1_base):
        t_7 = []
        if l_1_rows is missing:
            l_1_rows = undefined("parameter 'rows' was not provided", name='rows')
        if l_1_label is missing:
            l_1_label = undefined("parameter 'label' was not provided", name='label')
        if l_1_base is missing:
            l_1_base = undefined("parameter 'base' was not provided", name='base')
        pass
        def macro():
            t_8 = []
            pass
            for l_3_row in l_1_rows:
                _loop_vars = {}
                pass
                t_8.extend((
                    '<tr><th scope="row">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'label'))),
                    '</th><td class="n">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'base'))),
                    '</td><td class="n">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'head'))),
                    '</td><td class="n">',
                    escape(environment.finalize(environment.getattr(l_3_row, 'difference'))),
                    '</td></tr>\n',
                ))
            l_3_row = missing
            return concat(t_8)
        caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
        t_7.append(environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), l_1_label, [l_1_label, markup_join(('#', l_1_base, )), '#Now', '#Difference'], '', caller=caller))
        return concat(t_7)
    context.exported_vars.add('compared_rows')
    context.vars['compared_rows'] = l_0_compared_rows = Macro(environment, macro, 'compared_rows', ('rows', 'label', 'base'), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_detail):
        t_9 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        pass
        t_9.extend((
            escape(environment.finalize(environment.call(context, (undefined(name='compared_rows') if l_0_compared_rows is missing else l_0_compared_rows), environment.getattr(l_1_detail, 'compared'), 'Figure', environment.getattr(l_1_detail, 'base_label')))),
            '\n',
        ))
        if environment.getattr(l_1_detail, 'compared_phases'):
            pass
            t_9.append(
                escape(environment.finalize(environment.call(context, (undefined(name='compared_rows') if l_0_compared_rows is missing else l_0_compared_rows), environment.getattr(l_1_detail, 'compared_phases'), 'Phase', environment.getattr(l_1_detail, 'base_label')))),
            )
        if environment.getattr(l_1_detail, 'trend'):
            pass
            t_9.extend((
                '<p><span aria-hidden="true">',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'trend'), 'sparkline'))),
                '</span> ',
                escape(environment.finalize(environment.getattr(environment.getattr(l_1_detail, 'trend'), 'summary'))),
                '</p>\n',
            ))
        return concat(t_9)
    context.exported_vars.add('side_by_side')
    context.vars['side_by_side'] = l_0_side_by_side = Macro(environment, macro, 'side_by_side', ('detail',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_lines):
        t_10 = []
        if l_1_lines is missing:
            l_1_lines = undefined("parameter 'lines' was not provided", name='lines')
        pass
        t_10.append(
            '<ul>\n',
        )
        for l_2_sentence in l_1_lines:
            _loop_vars = {}
            pass
            t_10.extend((
                '<li>',
                escape(environment.finalize(l_2_sentence)),
                '</li>\n',
            ))
        l_2_sentence = missing
        t_10.append(
            '</ul>\n',
        )
        return concat(t_10)
    context.exported_vars.add('one_by_one')
    context.vars['one_by_one'] = l_0_one_by_one = Macro(environment, macro, 'one_by_one', ('lines',), False, False, False, context.eval_ctx.autoescape)
    def macro(l_1_detail):
        t_11 = []
        if l_1_detail is missing:
            l_1_detail = undefined("parameter 'detail' was not provided", name='detail')
        pass
        if (environment.getattr(l_1_detail, 'sure') or environment.getattr(l_1_detail, 'unavailable')):
            pass
            t_11.append(
                '<ul>\n',
            )
            for l_2_sentence in environment.getattr(l_1_detail, 'sure'):
                _loop_vars = {}
                pass
                t_11.extend((
                    '<li>',
                    escape(environment.finalize(l_2_sentence)),
                    '</li>\n',
                ))
            l_2_sentence = missing
            for l_2_row in environment.getattr(l_1_detail, 'unavailable'):
                _loop_vars = {}
                pass
                t_11.append(
                    '<li>',
                )
                if environment.getattr(l_2_row, 'expected'):
                    pass
                    t_11.extend((
                        escape(environment.finalize(environment.getattr(l_2_row, 'source'))),
                        ' was not there',
                    ))
                else:
                    pass
                    t_11.extend((
                        '<strong>',
                        escape(environment.finalize(environment.getattr(l_2_row, 'source'))),
                        ' was not read</strong>',
                    ))
                t_11.extend((
                    ': ',
                    escape(environment.finalize(environment.getattr(l_2_row, 'reason'))),
                ))
                if environment.getattr(l_2_row, 'remedy'):
                    pass
                    t_11.extend((
                        ' <span class="quiet">',
                        escape(environment.finalize(environment.getattr(l_2_row, 'remedy'))),
                        '</span>',
                    ))
                t_11.append(
                    '</li>\n',
                )
            l_2_row = missing
            t_11.append(
                '</ul>\n',
            )
        return concat(t_11)
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
            t_12 = []
            pass
            for l_2_row in (environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'rows') + environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'folded')):
                _loop_vars = {}
                pass
                t_12.extend((
                    escape(environment.finalize(environment.call(context, (undefined(name='job_row') if l_0_job_row is missing else l_0_job_row), l_2_row, environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label'), False, _loop_vars=_loop_vars))),
                    '\n',
                ))
            l_2_row = missing
            if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'total'):
                pass
                t_12.extend((
                    escape(environment.finalize(environment.call(context, (undefined(name='job_row') if l_0_job_row is missing else l_0_job_row), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'total'), environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label'), True))),
                    '\n',
                ))
            return concat(t_12)
        caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
        yield environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Jobs', ((['Job', '#Energy'] + ([markup_join(('#', environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label'), ))] if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'jobs'), 'versus_label') else [])) + ['#CO₂e', '#Range', '#Budget used', 'Basis']), '', caller=caller)
    for l_1_reason in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'reasons'):
        _loop_vars = {}
        pass
        yield '<p class="why">'
        yield escape(environment.finalize(l_1_reason))
        yield '</p>\n'
    l_1_reason = missing
    for l_1_sentence in environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'change'):
        _loop_vars = {}
        pass
        yield '<p class="why">'
        yield escape(environment.finalize(l_1_sentence))
        yield '</p>\n'
    l_1_sentence = missing
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
            t_13 = []
            pass
            for l_2_row in environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'budgets'):
                _loop_vars = {}
                pass
                t_13.append(
                    '<tr>',
                )
                if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'several'):
                    pass
                    t_13.extend((
                        '<th scope="row">',
                        escape(environment.finalize(environment.getattr(l_2_row, 'job'))),
                        '</th>',
                    ))
                t_13.extend((
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
            return concat(t_13)
        caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
        yield environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), 'Budgets', ((['Job'] if environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'several') else []) + ['Limit', '#Used', '#Headroom', 'Outcome']), '', caller=caller)
    if environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'compared'):
        pass
        yield '<h2>Side by side with '
        yield escape(environment.finalize(environment.getattr(environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'), 'base_label')))
        yield '</h2>\n'
        yield escape(environment.finalize(environment.call(context, (undefined(name='side_by_side') if l_0_side_by_side is missing else l_0_side_by_side), environment.getattr((undefined(name='report') if l_0_report is missing else l_0_report), 'whole'))))
        yield '\n'
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
            for l_2_sentence in environment.getattr(l_1_detail, 'change'):
                _loop_vars = {}
                pass
                yield '<p>'
                yield escape(environment.finalize(l_2_sentence))
                yield '</p>\n'
            l_2_sentence = missing
            if environment.getattr(l_1_detail, 'compared'):
                pass
                yield escape(environment.finalize(environment.call(context, (undefined(name='side_by_side') if l_0_side_by_side is missing else l_0_side_by_side), l_1_detail, _loop_vars=_loop_vars)))
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
            t_14 = []
            pass
            for l_3_row in environment.getattr(l_1_case, 'rows'):
                _loop_vars = {}
                pass
                t_14.append(
                    '<tr',
                )
                if environment.getattr(l_3_row, 'here'):
                    pass
                    t_14.append(
                        ' class="total"',
                    )
                t_14.extend((
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
            return concat(t_14)
        caller = Macro(environment, macro, None, (), False, False, False, context.eval_ctx.autoescape)
        yield environment.call(context, (undefined(name='table') if l_0_table is missing else l_0_table), environment.getattr(l_1_case, 'heading'), [environment.getattr(l_1_case, 'label'), 'Factor', '#PUE', '#CO₂e', '#Against as it ran'], '', caller=caller, _loop_vars=_loop_vars)
        if environment.getattr(l_1_case, 'apart'):
            pass
            def macro():
                t_15 = []
                pass
                for l_3_row in environment.getattr(l_1_case, 'apart'):
                    _loop_vars = {}
                    pass
                    t_15.extend((
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
                return concat(t_15)
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
    yield '</p>\n</footer>\n</main>\n'
    for l_1_name in environment.getattr((undefined(name='scripts') if l_0_scripts is missing else l_0_scripts), 'names'):
        _loop_vars = {}
        pass
        yield '<script><!--'
        yield escape(environment.finalize(l_1_name))
        yield '--></script>\n'
    l_1_name = missing
    yield '</body>\n</html>'

blocks = {}
debug_info = '7=21&8=23&87=25&88=37&90=86&91=97&92=100&94=110&96=129&99=135&100=140&101=142&102=145&103=151&101=178&107=179&109=183&110=188&111=192&112=194&114=200&117=203&118=207&119=209&121=212&122=214&123=217&124=222&122=236&128=237&129=242&132=249&133=258&134=261&135=266&133=278&139=282&140=288&141=291&142=296&143=300&146=308&148=316&149=321&153=331&154=336&156=341&157=346&159=350&160=356&165=391&166=393&167=396&170=399&171=403&172=405&173=409&176=413&177=415&178=418&179=422&181=426&182=429&177=434&186=435&187=439&189=442&190=446&192=449&193=452&195=454&196=458&200=462&202=465&203=468&204=474&202=497&208=498&209=501&210=503&212=505&214=508&216=510&218=513&219=517&220=519&221=521&222=525&224=528&225=531&228=538&230=541&232=543&234=546&236=548&237=552&238=554&239=556&240=559&241=565&239=586&244=587&245=589&246=592&247=597&245=609&251=610&252=614&256=619&257=623&259=626&260=629&263=632&264=634&267=636&268=640'
