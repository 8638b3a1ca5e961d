// The scorecard in one line: each driver of each line against its goal, with where it goes.
import { html } from "/vendor/preact.js";
import { usePage } from "./data.js";
import { number } from "./format.js";
import { lang, t } from "./words.js";

const TREND = { better: "↗", worse: "↘", same: "→" };

export function Strip() {
  const { data } = usePage("/score.json", () => false);
  if (!data?.rows.length) return null;
  const word = (name) => data.said[name]?.[lang] ?? name;
  const lines = new Set(data.rows.map((row) => row.line)).size;
  return html`<section class="strip" aria-label=${t("now.strip", { month: data.month })}>${data.rows.filter((row) => row.goal !== null).map((row) => html`<a class="goal ${row.verdict}" href="/score">
    <span>${word(row.number)}${lines > 1 ? html` <small>${row.line}</small>` : ""}</span>
    <b>${row.value === null ? "–" : number(row.value)} <small>${row.unit}</small> <i aria-hidden="true">${row.verdict === "met" ? "✓" : row.verdict === "missed" ? "✗" : ""}</i></b>
    <small>${t("now.goal", { goal: `${number(row.goal)} ${row.unit}` })}${row.trend ? ` ${TREND[row.trend] ?? ""} ${word(row.trend)}` : ""}</small></a>`)}</section>`;
}
