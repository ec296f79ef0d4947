// Power over time, drawn by Bokeh: point at it to read it, drag over it to zoom, switch meters on and off.
// The still picture stays where this does not work, and is what is printed.
"use strict";
(() => {
  const HEIGHT = 260, LEFT = 60, RIGHT = 8, TOP = 8, BOTTOM = 28, COLOURS = 8;
  const STEPS_S = [
    0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800,
    3600, 7200, 10800, 21600, 43200, 86400, 172800, 432000, 864000,
  ];
  const NARROW = "\u202f";
  const DASHES = ["solid", "dashed", "dotted"];

  function watts(power, about) {
    if (power === null) return "–";
    const [value, unit] = Math.abs(power) >= 999.5 ? [power / 1000, "kW"] : [power, "W"];
    const digits = about ? 2 : 3;
    const shown = value === 0 ? "0" : Number(value.toPrecision(digits)).toLocaleString("en-US", {
      minimumSignificantDigits: Math.abs(value) < 1 ? 1 : digits, maximumSignificantDigits: digits,
    });
    return (about ? "≈" : "") + shown + NARROW + unit;
  }

  // "2 h 13 min 5 s", as finely as `step` seconds ask for.
  function moment(seconds, step) {
    const decimals = step >= 1 ? 0 : Math.min(3, Math.ceil(-Math.log10(step)));
    let rest = Number(Math.max(0, seconds).toFixed(decimals));
    const parts = [];
    for (const [unit, size] of [["d", 86400], ["h", 3600], ["min", 60]]) {
      const count = Math.floor(rest / size + 1e-9);
      if (count) parts.push(count + NARROW + unit);
      rest -= count * size;
    }
    const left = Number(Math.max(0, rest).toFixed(decimals));
    if (left || !parts.length) parts.push(left + NARROW + "s");
    return parts.join(NARROW);
  }

  function unpacked(told) {
    const bytes = Uint8Array.from(atob(told.power), (letter) => letter.charCodeAt(0));
    const view = new DataView(bytes.buffer);
    const power = Float64Array.from({ length: bytes.length / 4 }, (_, index) => view.getFloat32(4 * index, true));
    // Watt-seconds, and seconds that are known, up to each step: the mean of any stretch follows at once.
    const energy = new Float64Array(power.length + 1), known = new Float64Array(power.length + 1);
    power.forEach((value, index) => {
      const read = !Number.isNaN(value);
      energy[index + 1] = energy[index] + (read ? value * told.step : 0);
      known[index + 1] = known[index] + (read ? told.step : 0);
    });
    return { ...told, power, energy, known, shown: told.counted };
  }

  function at(course, seconds) {
    const value = course.power[Math.min(course.power.length - 1, Math.max(0, Math.floor(seconds / course.step)))];
    return Number.isNaN(value) ? null : value;
  }

  function mean(course, from, to) {
    const upTo = (sums, seconds) => {
      const place = Math.min(course.power.length, Math.max(0, seconds / course.step));
      const step = Math.min(course.power.length - 1, Math.floor(place));
      return sums[step] + (sums[step + 1] - sums[step]) * (place - step);
    };
    const known = upTo(course.known, to) - upTo(course.known, from);
    return known > 0 ? (upTo(course.energy, to) - upTo(course.energy, from)) / known : null;
  }

  function peak(courses, from, to) {
    let most = 0;
    for (const course of courses) {
      const last = Math.min(course.power.length, Math.ceil(to / course.step));
      for (let step = Math.max(0, Math.floor(from / course.step)); step < last; step++) {
        if (course.power[step] > most) most = course.power[step];
      }
    }
    return most;
  }

  function roundUp(value) {
    const size = 10 ** Math.floor(Math.log10(value));
    return ([1, 1.2, 1.6, 2, 2.4, 3.2, 4, 6, 8].find((step) => step * size >= value * (1 - 1e-9)) ?? 10) * size;
  }

  function element(tag, properties = {}, ...children) {
    const { style, ...rest } = properties;
    const made = Object.assign(document.createElement(tag), rest);
    if (style) Object.assign(made.style, style);
    made.append(...children);
    return made;
  }

  class Chart {
    constructor(place) {
      const told = JSON.parse(place.querySelector("script").textContent);
      this.place = place;
      this.duration = told.duration;
      this.courses = told.courses.map(unpacked);
      if (!this.courses.some((course) => course.shown)) this.courses.forEach((course) => { course.shown = true; });
      this.phases = told.phases.map(([label, start, end]) => ({ label, start, end }));
      this.finest = Math.min(...this.courses.map((course) => course.step));
      this.from = 0;
      this.to = this.duration;
      this.cursor = null;
    }

    async draw() {
      this.build();
      await this.plot();
      this.place.classList.add("drawn");
      this.dress();
      this.window(0, this.duration);
      this.listen();
    }

    build() {
      const button = (text, act) => {
        const made = element("button", { type: "button", textContent: text });
        made.addEventListener("click", act);
        return made;
      };
      this.reading = element("p", { className: "reading" });
      this.earlier = button("Earlier", () => this.move(-1));
      this.later = button("Later", () => this.move(1));
      this.closer = button("Zoom in", () => this.zoom(0.5));
      this.wider = button("Zoom out", () => this.zoom(2));
      this.whole = button("Whole job", () => this.window(0, this.duration));
      const tools = [this.earlier, this.later, this.closer, this.wider, this.whole];
      this.strip = element("div", { className: "strip", ariaHidden: "true" });
      this.line = element("div", { className: "cursor", hidden: true });
      this.canvas = element("div", { className: "plot", ariaHidden: "true" }, this.line);
      this.slider = element("input", { type: "range", ariaLabel: "Time to read" });
      this.list = element("ul", { className: "meters", ariaLabel: "Meters" });
      this.courses.forEach((course, index) => this.list.append(this.meter(course, index)));
      this.live = element("div", { className: "live", role: "group", ariaLabel: "Power over time, to explore" },
        element("div", { className: "head" }, this.reading, element("div", { className: "tools" }, ...tools)),
        this.strip, this.canvas, this.slider, this.list);
      this.place.append(this.live);
    }

    meter(course, index) {
      const box = element("input", { type: "checkbox", checked: course.shown });
      box.addEventListener("change", () => {
        course.shown = box.checked;
        course.renderer.visible = course.shown;
        this.window(this.from, this.to);
      });
      const swatch = element("span", { className: "swatch" });
      swatch.style.borderTop = `3px ${DASHES[this.dash(index)]} var(${this.colour(index)})`;
      course.value = element("span", { className: "value" });
      // What tells meters of one name apart stays in sight where the name is cut.
      const [, stem, nth] = /^(.*?)( \(\d+ of \d+\))?$/s.exec(course.label);
      const name = element("span", { className: "name", title: course.label },
        element("span", { className: "stem", textContent: stem }), nth ?? "");
      return element("li", {}, element("label", {}, box, swatch, name, course.value));
    }

    // The first line is ink: the sum, or the only meter. The others have eight colours, then the same dashed.
    colour(index) { return index ? `--c${(index - 1) % COLOURS}` : "--ink"; }
    dash(index) { return index ? Math.floor((index - 1) / COLOURS) % DASHES.length : 0; }

    async plot() {
      const { Plot, Range1d, LinearAxis, Grid, FixedTicker, GlyphRenderer, ColumnDataSource, Step, VStrip, BoxZoomTool,
        Toolbar } = Bokeh.Models.get ? new Proxy({}, { get: (_, name) => Bokeh.Models.get(name) }) : Bokeh.Models;
      this.across = new Range1d({ start: 0, end: this.duration, bounds: [0, this.duration] });
      this.up = new Range1d({ start: 0, end: 1 });
      this.times = new FixedTicker({ ticks: [] });
      this.powers = new FixedTicker({ ticks: [] });
      const plain = { major_tick_line_color: null, minor_tick_line_color: null, axis_line_color: null,
        major_label_text_font_size: "11px" };
      this.axes = [new LinearAxis({ ticker: this.times, ...plain }), new LinearAxis({ ticker: this.powers, ...plain })];
      this.grid = new Grid({ dimension: 1, ticker: this.powers });
      const zoom = new BoxZoomTool({ dimensions: "width" });
      this.figure = new Plot({
        x_range: this.across, y_range: this.up, height: HEIGHT, sizing_mode: "stretch_width",
        toolbar_location: null, toolbar: new Toolbar({ tools: [zoom], active_drag: zoom }),
        min_border_left: LEFT, min_border_right: RIGHT, min_border_top: TOP, min_border_bottom: BOTTOM,
        outline_line_color: null, background_fill_alpha: 0, border_fill_alpha: 0,
      });
      this.figure.add_layout(this.axes[0], "below");
      this.figure.add_layout(this.axes[1], "left");
      this.figure.add_layout(this.grid, "center");
      const shaded = this.phases.filter((_, index) => index % 2);
      this.bands = new VStrip({ x0: { field: "from" }, x1: { field: "to" }, line_color: null });
      const bands = new ColumnDataSource({
        data: { from: shaded.map((phase) => phase.start), to: shaded.map((phase) => phase.end) },
      });
      const renderers = [new GlyphRenderer({ data_source: bands, glyph: this.bands })];
      this.courses.forEach((course, index) => {
        const length = course.power.length;
        const x = Float64Array.from({ length: length + 1 }, (_, step) => step * course.step);
        const y = new Float64Array(length + 1);
        y.set(course.power);
        y[length] = course.power[length - 1];
        course.line = new Step({
          x: { field: "x" }, y: { field: "y" }, mode: "after", line_width: index ? 1.2 : 1.6,
          line_dash: DASHES[this.dash(index)],
        });
        course.renderer = new GlyphRenderer({
          data_source: new ColumnDataSource({ data: { x, y } }), glyph: course.line, visible: course.shown,
        });
        renderers.push(course.renderer);
      });
      // The sum is drawn over its parts.
      this.figure.renderers = [renderers[0], ...renderers.slice(2), renderers[1]];
      const document = new (Bokeh.require("document").Document)();
      document.add_root(this.figure);
      await Bokeh.embed.add_document_standalone(document, this.canvas);
      unfocus(this.canvas);
    }

    dress() {
      const style = getComputedStyle(this.live);
      const colour = (name) => style.getPropertyValue(name).trim();
      this.courses.forEach((course, index) => { course.line.line_color = { value: colour(this.colour(index)) }; });
      for (const axis of this.axes) {
        axis.major_label_text_color = colour("--quiet");
        axis.major_label_text_font = style.fontFamily;
      }
      this.grid.grid_line_color = colour("--rule");
      this.bands.fill_color = { value: colour("--band") };
    }

    listen() {
      let asked = false;
      this.across.change.connect(() => {
        if (asked || (this.across.start === this.from && this.across.end === this.to)) return;
        asked = true;
        requestAnimationFrame(() => { asked = false; this.window(this.across.start, this.across.end); });
      });
      const pointed = (event) => {
        const box = this.canvas.getBoundingClientRect();
        const share = (event.clientX - box.left - LEFT) / (box.width - LEFT - RIGHT);
        this.read(share < 0 || share > 1 ? null : this.from + share * (this.to - this.from));
      };
      this.canvas.addEventListener("pointermove", pointed);
      this.canvas.addEventListener("pointerdown", pointed);
      this.canvas.addEventListener("pointerleave", () => this.read(null));
      this.canvas.addEventListener("dblclick", () => this.window(0, this.duration));
      this.slider.addEventListener("input", () => this.read(Number(this.slider.value)));
      this.slider.addEventListener("focus", () => this.read(Number(this.slider.value)));
      this.slider.addEventListener("blur", () => this.read(null));
      new ResizeObserver(() => this.window(this.from, this.to)).observe(this.canvas);
      matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.dress());
    }

    move(direction) {
      const width = this.to - this.from;
      const from = Math.min(this.duration - width, Math.max(0, this.from + direction * width / 2));
      this.window(from, from + width);
    }

    zoom(factor) {
      const width = Math.min(this.duration, Math.max(4 * this.finest, (this.to - this.from) * factor));
      const middle = this.cursor ?? (this.from + this.to) / 2;
      const from = Math.min(this.duration - width, Math.max(0, middle - width / 2));
      this.window(from, from + width);
    }

    // Show the time from one moment to another, seconds.
    window(from, to) {
      const least = Math.min(this.duration, 4 * this.finest);
      this.from = Math.max(0, Math.min(from, to, this.duration - least));
      this.to = Math.min(this.duration, Math.max(from, to, this.from + least));
      const width = this.to - this.from;
      const top = roundUp(peak(this.courses.filter((course) => course.shown), this.from, this.to) || 1);
      this.across.start = this.from;
      this.across.end = this.to;
      this.up.end = top;
      const pixels = Math.max(100, this.canvas.clientWidth - LEFT - RIGHT);
      const step = STEPS_S.find((size) => width / size <= pixels / 100) ?? 864000;
      const times = [];
      for (let tick = Math.ceil(this.from / step - 1e-9); tick * step <= this.to + 1e-9; tick++) times.push(tick * step);
      const powers = [0, 1, 2, 3, 4].map((part) => top * part / 4);
      this.label(this.axes[0], this.times, times, (tick) => tick ? moment(tick, step) : "0");
      this.label(this.axes[1], this.powers, powers, (power) => power ? shortest(power) : "0");
      this.name();
      const isWhole = this.from === 0 && this.to === this.duration;
      for (const button of [this.earlier, this.wider, this.whole, this.later]) button.disabled = isWhole;
      this.earlier.disabled ||= this.from === 0;
      this.later.disabled ||= this.to === this.duration;
      this.closer.disabled = width <= least;
      Object.assign(this.slider, { min: this.from, max: this.to, step: Math.max(this.finest, width / 1000) });
      this.read(this.cursor !== null && this.cursor >= this.from && this.cursor <= this.to ? this.cursor : null);
    }

    label(axis, ticker, ticks, text) {
      axis.major_label_overrides = new Map(ticks.map((tick) => [tick, text(tick)]));
      ticker.ticks = ticks;
    }

    // The phases' names above the plot, each over its time.
    name() {
      const width = this.to - this.from;
      this.strip.replaceChildren(...this.phases.map((phase, index) => [phase, index]).filter(([phase]) =>
        phase.end > this.from && phase.start < this.to).map(([phase, index]) => {
        const left = Math.max(0, (phase.start - this.from) / width);
        const right = Math.min(1, (phase.end - this.from) / width);
        return element("span", {
          className: index % 2 ? "even" : "odd", textContent: phase.label, title: phase.label,
          style: { left: `${100 * left}%`, width: `${100 * (right - left)}%` },
        });
      }));
      this.strip.hidden = !this.phases.length;
    }

    // What the meters showed at a moment; null: their means over what is shown.
    read(seconds) {
      this.cursor = seconds;
      this.line.hidden = seconds === null;
      const isWhole = this.from === 0 && this.to === this.duration;
      let when = isWhole ? "Mean of the whole job"
        : `Mean from ${moment(this.from, this.finest)} to ${moment(this.to, this.finest)}`;
      if (seconds !== null) {
        const share = (seconds - this.from) / (this.to - this.from || 1);
        this.line.style.left = `calc(${LEFT}px + (100% - ${LEFT + RIGHT}px) * ${share})`;
        const phase = this.phases.find((each) => each.start <= seconds && seconds < each.end) ??
          (seconds >= this.duration ? this.phases.at(-1) : undefined);
        when = `At ${moment(seconds, this.finest)}${phase ? `, phase ${phase.label}` : ""}`;
      }
      if (document.activeElement !== this.slider) this.slider.value = seconds ?? this.from;
      this.reading.textContent = when;
      const told = [when];
      for (const course of this.courses) {
        const power = seconds === null ? mean(course, this.from, this.to) : at(course, seconds);
        course.value.textContent = watts(power, course.about);
        if (course.shown) told.push(`${course.label} ${power === null ? "not read" : course.value.textContent}`);
      }
      this.slider.ariaValueText = told.join("; ");
    }
  }

  // The slider below is how the picture is read by keyboard; the picture itself is no stop.
  function unfocus(root) {
    for (const each of root.querySelectorAll("*")) {
      if (each.tabIndex >= 0) each.tabIndex = -1;
      if (each.shadowRoot) unfocus(each.shadowRoot);
    }
  }

  function shortest(power) {
    const [value, unit] = power >= 1000 ? [power / 1000, "kW"] : [power, "W"];
    return Number(value.toPrecision(3)).toLocaleString("en-US") + NARROW + unit;
  }

  async function draw(place) {
    const chart = new Chart(place);
    try {
      await chart.draw();
    } catch (error) {
      // Another version of the library: the still picture stays.
      chart.live?.remove();
      place.classList.remove("drawn");
      place.dataset.trouble = error.message;
    }
  }

  for (const place of document.querySelectorAll(".chart")) {
    const fold = place.closest("details");
    if (!fold || fold.open) draw(place);
    else fold.addEventListener("toggle", () => draw(place), { once: true });
  }
})();
