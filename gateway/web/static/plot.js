// Control charts on uPlot: zones, limits, rule marks by shape and colour, change bands, specification on individuals.
import { locale } from "./words.js";

const clocks = new Intl.DateTimeFormat(locale, { timeStyle: "medium" });
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const SHAPES = { WE1: "square", GROUP: "square", N1: "square" };

/** A mark over the point: a square beyond a limit, a triangle for a run or a sum. */
function mark(context, shape, x, y, size) {
  context.beginPath();
  if (shape === "square") context.rect(x - size / 2, y - size / 2, size, size);
  else {
    context.moveTo(x, y - size / 1.6);
    context.lineTo(x + size / 1.6, y + size / 2);
    context.lineTo(x - size / 1.6, y + size / 2);
    context.closePath();
  }
  context.fill();
}

function zones(plot, panel) {
  const { ctx: context, bbox } = plot;
  const last = panel.center.length - 1;
  if (last < 0 || panel.ucl[last] === null || panel.lcl[last] === null) return;
  context.save();
  context.fillStyle = css("--zone");
  for (const [far, alpha] of [[1, 0.5], [2 / 3, 0.5], [1 / 3, 0.5]]) {
    const top = plot.valToPos(panel.center[last] + far * (panel.ucl[last] - panel.center[last]), "y", true);
    const bottom = plot.valToPos(panel.center[last] - far * (panel.center[last] - panel.lcl[last]), "y", true);
    context.globalAlpha = alpha;
    context.fillRect(bbox.left, top, bbox.width, bottom - top);
  }
  context.restore();
}

function bands(plot, signals) {
  const { ctx: context, bbox } = plot;
  context.save();
  for (const { change } of signals) {
    if (!change) continue;
    const [from, to, at] = [change.from_ms, change.to_ms, change.at_ms].map((ms) => plot.valToPos(ms / 1000, "x", true));
    context.fillStyle = css("--s1");
    context.globalAlpha = 0.2;
    context.fillRect(from, bbox.top, Math.max(to - from, 2), bbox.height);
    context.globalAlpha = 1;
    context.fillRect(at, bbox.top, 2, bbox.height);
  }
  context.restore();
}

function marks(plot, panel) {
  const { ctx: context } = plot;
  context.save();
  context.fillStyle = css("--s2");
  for (const [index, rules] of Object.entries(panel.rules)) {
    const value = panel.value[index];
    if (value === null) continue;
    const x = plot.valToPos(plot.data[0][index], "x", true);
    mark(context, SHAPES[rules[0]] ?? "triangle", x, plot.valToPos(value, "y", true), 10 * devicePixelRatio);
  }
  context.restore();
}

const line = (label, colour, dash) => ({ label, stroke: () => css(colour), width: 1.5, dash, points: { show: false } });

/** Puts a panel into a place; gives what updates it: (times, panel, signals). */
export function panelIn(place, { names, spec, pick }) {
  let shown = { panel: null, signals: [] };
  const series = [{ value: (_, at) => (at === null ? "" : clocks.format(new Date(at * 1000))) }, { label: names.value, stroke: () => css("--main"), width: 1.5, points: { show: true, size: 4, fill: () => css("--main") } },
    line(names.center, "--dim"), line(names.ucl, "--s2", [6, 4]), line(names.lcl, "--s2", [6, 4])];
  for (const each of spec) series.push(line(each.label, "--calm", [2, 4]));
  const axis = { stroke: () => css("--dim"), grid: { stroke: () => css("--line"), width: 1 }, ticks: { stroke: () => css("--line") } };
  const plot = new uPlot({
    width: Math.max(place.clientWidth, 200), height: 260, series,
    axes: [{ ...axis, values: (_, ticks) => ticks.map((tick) => clocks.format(new Date(tick * 1000))), space: 90 }, { ...axis, size: 64, values: (_, ticks) => ticks.map((tick) => new Intl.NumberFormat(locale, { maximumSignificantDigits: 6 }).format(tick)) }],
    legend: { live: true }, cursor: { drag: { x: true, y: false } },
    hooks: {
      drawClear: [(self) => { if (shown.panel) { zones(self, shown.panel); bands(self, shown.signals); } }],
      draw: [(self) => { if (shown.panel) marks(self, shown.panel); }],
      setCursor: [(self) => pick?.(self.cursor.idx)],
    },
  }, [[], ...series.slice(1).map(() => [])], place);
  const fit = new ResizeObserver(() => plot.setSize({ width: Math.max(place.clientWidth, 200), height: 260 }));
  fit.observe(place);
  return {
    show(times, panel, signals) {
      shown = { panel, signals };
      plot.setData([times.map((ms) => ms / 1000), panel.value, panel.center, panel.ucl, panel.lcl, ...spec.map((each) => times.map(() => each.value))]);
    },
    close() { fit.disconnect(); plot.destroy(); },
  };
}
