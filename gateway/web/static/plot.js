// Control charts on uPlot: zones, stepped limits, phase I, change bands, lots, notes, rule marks by shape and colour.
// All plots of a page are drawn in one animation frame; nothing of a point is in the document; uPlot draws the least and
// the most value of each pixel where there are more points than pixels.
import { locale, t } from "./words.js";

const HEIGHT = 250;
const LOW = 150; // of panels below the first
const STRIP = 18; // of lots, at the bottom of the first panel
const clocks = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const minutes = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
const days = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const numbers = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 });

const WORDS_MOST = 2000;
/** A way of writing numbers, which remembers what it wrote: axes say the same again ten times a second. */
function remembering(write) {
  const known = new Map();
  return (value) => {
    if (!known.has(value)) {
      if (known.size >= WORDS_MOST) known.clear();
      known.set(value, write(value));
    }
    return known.get(value);
  };
}
const [clock, minute, day] = [clocks, minutes, days].map((form) => remembering((tick) => form.format(new Date(tick * 1000))));
const plain = remembering((tick) => numbers.format(tick));

const NAMES = ["main", "dim", "line", "ink", "card", "zone", "s1", "s2", "calm", "phase", "rzone", "rrun", "rtrend", "rsum", "link"];
const dashes = new Map();
/** A dashed line across as something to fill with: a dashed stroke takes many times as long to paint. */
function dashed(ctx, colour, on, off) {
  const key = `${colour} ${on} ${devicePixelRatio}`;
  if (!dashes.has(key)) {
    const tile = document.createElement("canvas");
    [tile.width, tile.height] = [Math.round((on + off) * devicePixelRatio), 1];
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, Math.round(on * devicePixelRatio), 1);
    dashes.set(key, ctx.createPattern(tile, "repeat"));
  }
  return dashes.get(key);
}
const thick = () => Math.max(Math.round(devicePixelRatio), 1);

let colours = null;
/** Colours of the page's theme, read once for each theme. */
function theme() {
  if (colours === null) {
    const style = getComputedStyle(document.documentElement);
    colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    colours.zones = [50, 75, 87.5].map((share) => `color-mix(in srgb, ${colours.zone} ${share}%, ${colours.card})`); // opaque: painted in no time
    dashes.clear();
  }
  return colours;
}

const plots = new Set();
const repaint = () => { colours = null; for (const plot of plots) plot.redraw(false, true); };
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
for (const [event, on] of [["beforeprint", true], ["afterprint", false]]) {
  addEventListener(event, () => { document.documentElement.classList.toggle("printing", on); repaint(); });
}

let asked = 0;
const dirty = new Map();
/** Work of a plot for the next frame; the newest of each. */
function soon(key, work) {
  dirty.set(key, work);
  asked ||= requestAnimationFrame(() => {
    asked = 0;
    const all = [...dirty.values()];
    dirty.clear();
    for (const each of all) each();
  });
}

// --- which mark a rule has: its family by shape and colour ---
const FAMILY = { limit: "s2", zone: "rzone", run: "rrun", trend: "rtrend", sum: "rsum" };
const OF = { WE2: "zone", WE3: "zone", N5: "zone", N6: "zone", WE4: "run", N2: "run", RUN: "run", N3: "trend", N4: "trend", N7: "trend", N8: "trend",
  EWMA: "sum", CUSUM: "sum", MEWMA: "sum", "MULTI-CUSUM": "sum" };
const ORDER = ["limit", "sum", "zone", "run", "trend"];
export const family = (rule) => OF[rule.replace("AIAG", "N")] ?? "limit";
export const families = ORDER;
const worst = (rules) => ORDER.find((each) => rules.some((rule) => family(rule) === each));
const SHAPES = { // corners in a square of 2 around 0
  limit: [[-0.9, -0.9], [0.9, -0.9], [0.9, 0.9], [-0.9, 0.9]],
  zone: [[0, -1.1], [1.1, 0.9], [-1.1, 0.9]],
  run: [[0, -1.3], [1.2, 0], [0, 1.3], [-1.2, 0]],
  trend: [[0, 1.1], [1.1, -0.9], [-1.1, -0.9]],
  sum: [[-0.5, -1.1], [0.5, -1.1], [1.1, -0.45], [1.1, 0.45], [0.5, 1.1], [-0.5, 1.1], [-1.1, 0.45], [-1.1, -0.45]],
};
/** Corners of a family's mark as an SVG polygon has them. */
export const corners = (name) => SHAPES[name].map(([x, y]) => `${5 + 4 * x},${5 + 4 * y}`).join(" ");

function mark(context, shape, x, y, size) {
  context.beginPath();
  for (const [dx, dy] of SHAPES[shape]) context.lineTo(x + dx * size, y + dy * size); // the first only goes there
  context.closePath();
  context.fill();
  context.stroke();
}

// --- lines ---
const ZONED = new Set(["i", "xbar", "p", "np", "c", "u", "laney-p", "laney-u"]);

/** Stretches of samples with the same lines: { from, to, center, lcl, ucl }. */
function stretches({ value, center, lcl, ucl }) {
  const found = [];
  let last = null;
  for (let i = 0; i < value.length; i++) {
    if (last && last.center === center[i] && last.lcl === lcl[i] && last.ucl === ucl[i]) last.to = i;
    else found.push((last = { from: i, to: i, center: center[i], lcl: lcl[i], ucl: ucl[i] }));
  }
  return found;
}

/** Left and right edge of a stretch, on the canvas: half way to the neighbours. */
function edges(plot, times, { from, to }) {
  const x = (s) => plot.valToPos(s, "x", true);
  const left = from > 0 ? x((times[from - 1] + times[from]) / 2) : x(times[from]);
  const right = to + 1 < times.length ? x((times[to] + times[to + 1]) / 2) : x(times[to]);
  return [Math.max(left, plot.bbox.left), Math.min(right, plot.bbox.left + plot.bbox.width)];
}

function band(plot, from, to, colour, alpha) {
  const { ctx, bbox } = plot;
  const left = Math.max(plot.valToPos(from, "x", true), bbox.left);
  const right = Math.min(plot.valToPos(to, "x", true), bbox.left + bbox.width);
  if (right < bbox.left || left > bbox.left + bbox.width) return;
  ctx.globalAlpha = alpha;
  ctx.fillStyle = colour;
  ctx.fillRect(left, bbox.top, Math.max(right - left, 1), bbox.height);
  ctx.globalAlpha = 1;
}

function upright(plot, at, colour, words, dash, low = false) {
  const { ctx, bbox } = plot;
  const x = plot.valToPos(at, "x", true);
  if (x < bbox.left || x > bbox.left + bbox.width) return;
  ctx.strokeStyle = ctx.fillStyle = colour;
  ctx.setLineDash(dash.map((each) => each * devicePixelRatio));
  ctx.lineWidth = devicePixelRatio;
  ctx.beginPath();
  ctx.moveTo(x, bbox.top);
  ctx.lineTo(x, bbox.top + bbox.height);
  ctx.stroke();
  ctx.setLineDash([]);
  if (words) ctx.fillText(words, x + 3 * devicePixelRatio, low ? bbox.top + bbox.height - (STRIP + 6) * devicePixelRatio : bbox.top + 12 * devicePixelRatio);
}

const FONT = "12px system-ui, sans-serif"; // of axes too: a browser that is told of another one each time looks it up each time
const ruler = document.createElement("canvas").getContext("2d");
ruler.font = FONT;
const widthOf = remembering((text) => ruler.measureText(text).width);

function lettering(ctx) {
  ctx.font = FONT.replace("12", Math.round(12 * devicePixelRatio));
  ctx.textAlign = "left";
  ctx.textBaseline = "alphabetic";
}

const painted = new WeakMap(); // what stays as it is, as a picture: ten times a second only the line is another one
/** Zones, limits, specification. */
function still(plot, shown) {
  const { bbox, scales: { y: { min, max } } } = plot;
  const { panel, spec } = shown;
  const places = shown.stretches.map((each) => [...edges(plot, shown.model.times, each).map((x) => Math.round(x - bbox.left)), each.center, each.ucl, each.lcl])
    .filter(([left, right]) => right > left);
  const key = [bbox.width, bbox.height, min, max, panel.name, places, spec.map((each) => [each.label, each.value])].join();
  let found = painted.get(plot);
  if (found?.key !== key || found.theme !== theme()) {
    found = { key, theme: theme(), picture: found?.picture ?? document.createElement("canvas") };
    [found.picture.width, found.picture.height] = [bbox.width, bbox.height]; // which clears it
    const ctx = found.picture.getContext("2d");
    const y = (value) => Math.round(plot.valToPos(value, "y", true) - bbox.top);
    lettering(ctx);
    if (ZONED.has(panel.name)) zones(ctx, places, y, bbox.width);
    limits(ctx, places, y);
    for (const each of spec) {
      ctx.fillStyle = dashed(ctx, theme().calm, 2, 4);
      ctx.fillRect(0, y(each.value), bbox.width, thick());
      ctx.fillStyle = theme().calm;
      ctx.textAlign = "left";
      ctx.textBaseline = "alphabetic";
      ctx.fillText(each.label, 4 * devicePixelRatio, y(each.value) - 3 * devicePixelRatio);
    }
    found.places = places;
    painted.set(plot, found);
  }
  plot.ctx.drawImage(found.picture, bbox.left, bbox.top);
}

function zones(ctx, all, y, width) {
  const c = theme();
  const places = all.filter(([, , ...lines]) => !lines.includes(null));
  for (const [left, right, center, ucl, lcl] of places) {
    [1, 2 / 3, 1 / 3].forEach((far, i) => {
      const top = y(center + far * (ucl - center));
      ctx.fillStyle = c.zones[i];
      ctx.fillRect(left, top, right - left, y(center - far * (center - lcl)) - top);
    });
  }
  const [, , center, ucl, lcl] = places.at(-1) ?? [0, 0, 0, 0, 0];
  if (y(lcl) - y(ucl) <= 72 * devicePixelRatio) return;
  ctx.fillStyle = c.dim;
  ctx.textAlign = "right";
  ctx.textBaseline = "middle";
  for (const [name, far] of [["A", 5 / 6], ["B", 1 / 2], ["C", 1 / 6]]) {
    for (const side of [ucl - center, lcl - center]) ctx.fillText(name, width - 4 * devicePixelRatio, y(center + far * side));
  }
}

function limits(ctx, places, y) {
  const c = theme();
  const wide = thick();
  const limit = dashed(ctx, c.s2, 6, 4);
  for (const [line, colour] of [[2, c.dim], [3, limit], [4, limit]]) {
    ctx.fillStyle = colour;
    let before = null;
    for (const each of places) {
      const [left, right, center] = each;
      if (each[line] === null || (line > 2 && each[line] === center)) { before = null; continue; }
      const top = y(each[line]);
      if (before !== null) ctx.fillRect(left, Math.min(top, before), wide, Math.abs(top - before)); // the step, where limits changed
      ctx.fillRect(left, top, right - left, wide);
      before = top;
    }
  }
}

function ground(plot, shown) {
  const { ctx, bbox } = plot;
  const { model, first } = shown;
  const c = theme();
  still(plot, shown);
  if (model.learnt && model.times.length && model.times[0] < model.learnt) {
    band(plot, model.times[0], model.learnt, c.phase, 0.16);
    if (first) {
      lettering(ctx);
      ctx.fillStyle = c.dim;
      ctx.fillText(t("chart.phase1"), Math.max(plot.valToPos(model.times[0], "x", true), bbox.left) + 4 * devicePixelRatio, bbox.top + 26 * devicePixelRatio);
    }
  }
  const told = model.changeOf(shown.picked); // of the signal that is looked at; others are only hinted at
  for (const change of model.changes) band(plot, change.from_ms / 1000, change.to_ms / 1000, c.s1, change === told ? 0.25 : 0.06);
  if (told) {
    lettering(ctx);
    upright(plot, told.at_ms / 1000, c.s1, first ? t("chart.change") : "", []);
  }
}

/** As much of the end of a name as fits: it is the end by which lots differ. */
function fitting(name, width) {
  let text = name;
  let letters = Math.min(name.length, Math.ceil((name.length * width) / widthOf(name)) + 1);
  while (widthOf(text) > width && --letters > 0) text = `…${name.slice(-letters)}`;
  return text;
}

/** Lots along the bottom, in turn light and dark; where one begins there is a line. */
function lotStrip(plot, model, c) {
  const { ctx, bbox } = plot;
  const height = STRIP * devicePixelRatio;
  const top = bbox.top + bbox.height - height;
  const end = model.times.at(-1);
  model.lots.forEach((lot, i) => {
    const left = Math.max(plot.valToPos(lot.from_ms / 1000, "x", true), bbox.left);
    const right = Math.min(plot.valToPos(lot.to_ms === null ? end : lot.to_ms / 1000, "x", true), bbox.left + bbox.width);
    if (right <= left) return;
    ctx.fillStyle = c.link;
    ctx.globalAlpha = i % 2 ? 0.14 : 0.26;
    ctx.fillRect(left, top, right - left, height);
    ctx.globalAlpha = 1;
    ctx.fillStyle = c.line;
    ctx.fillRect(left, bbox.top, devicePixelRatio, bbox.height - height);
    const next = model.lots.find((each, at) => at > i && each.from_ms > lot.from_ms); // it may begin while this one is there
    const room = Math.min(next ? plot.valToPos(next.from_ms / 1000, "x", true) : right, right) - left;
    if (room < 40 * devicePixelRatio) return;
    ctx.fillStyle = c.ink;
    ctx.fillText(fitting(lot.lot, room / devicePixelRatio - 8), left + 4 * devicePixelRatio, top + 13 * devicePixelRatio);
  });
}

function over(plot, shown) {
  const { ctx, bbox } = plot;
  const { panel, model, first } = shown;
  const c = theme();
  const y = (value) => plot.valToPos(value, "y", true);
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  if (first) {
    lettering(ctx); // once for a drawing
    lotStrip(plot, model, c);
  }
  for (const step of model.steps) upright(plot, step.time_ms / 1000, c.ink, first ? step.words : "", [1, 2]);
  for (const change of model.changeovers) upright(plot, change.time_ms / 1000, c.rzone, first ? `⇄ ${change.key}` : "", [8, 3], true);
  ctx.fillStyle = c.dim; // the one line that is to be seen among many samples too
  for (const [left, right, center] of painted.get(plot).places) if (center !== null) ctx.fillRect(bbox.left + left, Math.round(y(center)), right - left, thick());
  const size = 5 * devicePixelRatio;
  ctx.lineWidth = devicePixelRatio;
  ctx.strokeStyle = c.card;
  let lastX = -1;
  let lastShape = "";
  for (const [index, rules] of panel.rules) {
    if (panel.value[index] === null) continue;
    const x = plot.valToPos(model.times[index], "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    const shape = worst(rules);
    if (Math.round(x) === lastX && shape === lastShape) continue;
    ctx.fillStyle = c[FAMILY[shape]];
    mark(ctx, shape, x, y(panel.value[index]), size);
    lastX = Math.round(x);
    lastShape = shape;
  }
  if (first) {
    for (const note of model.notes) {
      const x = plot.valToPos(note.time_ms / 1000, "x", true);
      ctx.fillStyle = c.link;
      ctx.beginPath();
      ctx.moveTo(x, bbox.top + 22 * devicePixelRatio);
      ctx.lineTo(x, bbox.top + 2 * devicePixelRatio);
      ctx.lineTo(x + 12 * devicePixelRatio, bbox.top + 7 * devicePixelRatio);
      ctx.lineTo(x, bbox.top + 12 * devicePixelRatio);
      ctx.fill();
      ctx.fillRect(x, bbox.top, devicePixelRatio, bbox.height - STRIP * devicePixelRatio);
    }
  }
  if (shown.picked !== null && model.times[shown.picked] !== undefined && panel.value[shown.picked] !== null) {
    ctx.strokeStyle = c.ink;
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.beginPath();
    ctx.arc(plot.valToPos(model.times[shown.picked], "x", true), y(panel.value[shown.picked]), 9 * devicePixelRatio, 0, 7);
    ctx.stroke();
  }
  ctx.restore();
}

/** Least and most of what is to be seen, with room around it. */
function extent(shown, min, max) {
  const { panel, model, spec } = shown;
  const { times } = model;
  let low = Infinity;
  let high = -Infinity;
  const take = (value) => { if (value !== null && value !== undefined) { if (value < low) low = value; if (value > high) high = value; } };
  for (let i = 0; i < times.length; i++) if (times[i] >= min && times[i] <= max) take(panel.value[i]);
  for (const each of shown.stretches) {
    if (times[each.to] < min || times[each.from] > max) continue;
    take(each.lcl);
    take(each.ucl);
    take(each.center);
  }
  for (const each of spec) take(each.value);
  if (low > high) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.08;
  return shown.first ? [low - 2.2 * room, high + 2 * room] : [low - room, high + room];
}

const EMPTY = { panel: { name: "", value: [], center: [], lcl: [], ucl: [], rules: new Map() }, model: { times: [], lots: [], notes: [], steps: [], changes: [], changeovers: [], learnt: 0, changeOf: () => null }, stretches: [], spec: [], first: false, picked: null, span: [0, 1] };

/** Puts a panel into a place. `onPick(index)`, `onZoom(from, to)` in seconds. Gives { show, close }. */
export function panelIn(place, { first, onPick, onZoom }) {
  let shown = { ...EMPTY, first };
  const height = first ? HEIGHT : LOW;
  const width = () => Math.max(place.clientWidth, 200);
  const spread = () => (shown.model.times.length ? shown.model.times.at(-1) - shown.model.times[0] : 0);
  const axis = { font: FONT, stroke: () => theme().dim, grid: { stroke: () => theme().line, width: 1 }, ticks: { stroke: () => theme().line } };
  const plot = new uPlot({
    width: width(), height, legend: { show: false }, padding: [8, 26 /* half a time is right of its mark */, 0, 0],
    series: [{}, { stroke: () => theme().main, width: 1 /* anything else takes ten times as long to paint */, points: { show: (self, _, from, to) => to - from < self.bbox.width / devicePixelRatio / 5, size: 4, fill: () => theme().main } }],
    scales: { x: { time: true, range: (_, min, max) => (min === max || min === null ? [(min ?? 0) - 1, (max ?? 0) + 1] : [min, max]) }, y: { range: () => extent(shown, ...shown.span) } },
    axes: [{ ...axis, values: (self, ticks) => { const wide = self.scales.x.max - self.scales.x.min; return ticks.map(wide < 600 ? clock : wide < 86400 ? minute : day); }, space: 90 },
      { ...axis, size: 62, values: (_, ticks) => ticks.map(plain) }],
    cursor: { drag: { x: true, y: false, setScale: false, dist: 8 }, points: { show: false } },
    hooks: {
      drawClear: [(self) => ground(self, shown)],
      draw: [(self) => over(self, shown)],
      setCursor: [(self) => { if (self.cursor.event) onPick(self.cursor.idx); }],
      setSelect: [(self) => {
        if (self.select.width > 8) onZoom(self.posToVal(self.select.left, "x"), self.posToVal(self.select.left + self.select.width, "x"));
        self.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
      }],
    },
  }, [[], []], place);
  plots.add(plot);
  touched(plot, onPick, onZoom);
  const fit = new ResizeObserver(() => soon(`${place.id} size`, () => plot.setSize({ width: width(), height })));
  fit.observe(place);
  return {
    /** `model`: times and what is drawn beside samples; `panel`: its lines; `zoom`: [from, to] in seconds, or null. */
    show(model, panel, spec, zoom, picked) {
      soon(plot, () => {
        const same = shown.panel === panel && shown.model === model;
        shown = { ...shown, model };
        const [from, to] = zoom ?? (model.times.length ? [model.times[0], model.times[0] + Math.max(spread(), 1) * 1.02] : [0, 1]);
        shown = { model, panel, spec, first, picked, span: [from, to], stretches: same ? shown.stretches : stretches(panel) };
        plot.batch(() => {
          if (!same) plot.setData([model.times, panel.value], false);
          plot.setScale("x", { min: from, max: to });
        });
      });
    },
    close() { fit.disconnect(); dirty.delete(plot); plots.delete(plot); plot.destroy(); },
  };
}

/** Brush by finger: across is a span, a tap is a sample; up and down scrolls the page (touch-action in the sheet). */
function touched(plot, onPick, onZoom) {
  const { over: area } = plot;
  let from = null;
  const at = (event) => Math.min(Math.max(event.clientX - area.getBoundingClientRect().left, 0), area.clientWidth);
  area.addEventListener("pointerdown", (event) => {
    if (event.pointerType === "mouse") return;
    from = at(event);
    area.setPointerCapture(event.pointerId);
  });
  area.addEventListener("pointermove", (event) => {
    if (from === null) return;
    const [left, right] = [from, at(event)].sort((a, b) => a - b);
    plot.setSelect({ left, top: 0, width: right - left, height: area.clientHeight }, false);
  });
  const done = (event) => {
    if (from === null) return;
    const [left, right] = [from, at(event)].sort((a, b) => a - b);
    from = null;
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    if (event.type === "pointercancel") return;
    if (right - left > 12) onZoom(plot.posToVal(left, "x"), plot.posToVal(right, "x"));
    else onPick(plot.posToIdx(left));
  };
  area.addEventListener("pointerup", done);
  area.addEventListener("pointercancel", done);
}
