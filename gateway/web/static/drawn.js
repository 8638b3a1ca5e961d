// A control chart as a drawing: the last samples, centre line, limits, what is beyond them. To be read from across the hall.
import { html } from "/vendor/preact.js";
import { t } from "./words.js";

const LAST = 60; // samples
const LINES = ["center", "ucl", "lcl"];
const line = (values, at) => (Array.isArray(values) ? values[at] : values) ?? null; // one number where it never changed

/** `panel` as a chart's data has it; `since`: number of the sample since which it is another process, -1 if none. */
export function Plot({ panel, label, since = -1 }) {
  const from = Math.max(panel.value.length - LAST, 0);
  const rows = panel.value.slice(from).map((value, at) => ({ value, at, marked: Boolean(panel.rules[at + from]), lines: LINES.map((name) => line(panel[name], at + from)) }));
  const known = rows.flatMap(({ value, lines }) => [value, ...lines]).filter((value) => value !== null);
  if (!known.length) return html`<p>${t("chart.nothing")}</p>`;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const x = (at) => 2 + (96 * at) / Math.max(rows.length - 1, 1);
  const y = (value) => 56 - (52 * (value - low)) / (high - low || 1);
  const path = (pick) => rows.filter((row) => pick(row) !== null).map((row, at) => `${at ? "L" : "M"}${x(row.at).toFixed(2)} ${y(pick(row)).toFixed(2)}`).join("");
  return html`<svg class="wallchart" viewBox="0 0 100 60" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${since < 0 ? null : html`<rect class="since" x=${x(Math.max(since - from, 0))} width=${98 - x(Math.max(since - from, 0))} height="60" />`}
    <path class="center" d=${path((row) => row.lines[0])} /><path class="limit" d=${path((row) => row.lines[1])} /><path class="limit" d=${path((row) => row.lines[2])} />
    <path class="value" d=${path((row) => row.value)} />
    ${rows.filter((row) => row.marked && row.value !== null).map((row) => html`<path class="beyond" d=${`M${x(row.at)} ${y(row.value)}h0`} />`)}</svg>`;
}
