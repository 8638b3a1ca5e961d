// Scorecard: each line's numbers against their goals, opened down to lots and events; and the month's ranking.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { number } from "../format.js";
import { Coming, lotLink, Trouble, Wide } from "../parts.js";
import { lang, t } from "../words.js";

const given = new URLSearchParams(location.search);
given.delete("lang");
const at = (month) => `/score?${new URLSearchParams({ ...Object.fromEntries(given), month })}`;

/** This month, and the one before where it is known, beside the line of the goal. */
function Goal({ row }) {
  const { before, goal, value } = row;
  if (value === null || goal === null) return null;
  const most = 1.15 * Math.max(Math.abs(value), Math.abs(goal), Math.abs(before ?? 0)) || 1;
  const y = (each) => 27 - (24 * Math.max(each, 0)) / most;
  return html`<svg class="wallchart against" viewBox="0 0 100 30" preserveAspectRatio="none" role="img" aria-label=${t("score.line", { before: before === null ? "–" : number(before), value: number(value), goal: number(goal) })}>
    <path class="limit" d=${`M0 ${y(goal)}H100`} />${before === null ? null : html`<path class="value" d=${`M10 ${y(before)}L90 ${y(value)}`} />`}<path class=${row.verdict === "missed" ? "beyond" : "value dot"} d=${`M90 ${y(value)}h0`} /></svg>`;
}

function Row({ row, said }) {
  const word = (name) => said[name]?.[lang] ?? name;
  return html`<tr><td>${word(row.number)}</td><td class="n"><b>${row.value === null ? "–" : number(row.value)}</b> ${row.value === null ? "" : row.unit}</td><td class="n">${row.goal === null ? "" : `${number(row.goal)} ${row.unit}`}</td><td><${Goal} row=${row} /></td>
    <td>${row.verdict ? html`<span class="state ${row.verdict === "missed" ? "active" : "closed"}">${word(row.verdict)}</span>` : ""}</td><td>${row.trend ? word(row.trend) : ""}</td><td>${row.owner ?? ""}</td>
    <td>${row.evidence.length ? html`<details><summary>${t("score.behind", { n: row.evidence.length })}</summary><ul class="list">${row.evidence.slice(0, 100).map((each) => html`<li>${each.what} ${each.lot ? lotLink(each.lot) : ""} ${each.seq ? html`<span class="dim">${t("score.event", { n: each.seq })}</span>` : ""}</li>`)}</ul></details>` : ""}</td></tr>`;
}

function Reward({ reward, said }) {
  return html`<section class="card"><h2>${t("score.reward")} <small><a href=${`/score.csv?${new URLSearchParams({ ...Object.fromEntries(given), table: "ranking" })}`}>CSV</a></small></h2><${Wide} label=${t("score.reward")}><table>
    <thead><tr><th>${t("score.place")}</th><th>${t("score.who")}</th><th class="n">${t("score.error")}</th><th class="n">${t("score.cycles")}</th><th class="n">${t("score.pay")}</th><th></th></tr></thead>
    <tbody>${reward.rows.map((row) => html`<tr><td>${row.place ?? "–"}</td><td>${row.who}</td><td class="n">${row.mae_pct === null ? "–" : `${number(row.mae_pct)} %`}</td><td class="n">${row.cycles}</td><td class="n">${number(row.pay, 6)} ${reward.reward.currency}</td><td>${said[row.why]?.[lang] ?? row.why}</td></tr>`)}</tbody></table><//>
    <p class="dim">sha256 <code>${reward.hash}</code></p></section>`;
}

export default function Score() {
  const { data, error } = usePage(`/score.json?${given}`, () => false);
  if (!data) return html`<${Coming} error=${error} />`;
  const lines = [...new Set(data.rows.map((row) => `${row.site} ${row.line}`))];
  return html`<${Trouble} error=${error} /><h1>${t("page.score")} ${data.month}</h1>
    <p class="filters">${data.before ? html`<a href=${at(data.before)}>← ${data.before}</a> <a href=${at(data.after)}>${data.after} →</a>` : null} <a href=${`/score.csv?${given}`}>CSV</a></p>
    ${lines.map((line) => html`<section class="card"><h2>${line}</h2><${Wide} label=${line}><table>
      <thead><tr><th>${t("score.number")}</th><th class="n">${t("score.value")}</th><th class="n">${t("score.goal")}</th><th></th><th></th><th>${t("score.trend")}</th><th>${t("score.owner")}</th><th></th></tr></thead>
      <tbody>${data.rows.filter((row) => `${row.site} ${row.line}` === line).map((row) => html`<${Row} row=${row} said=${data.said} />`)}</tbody></table><//></section>`)}
    ${lines.length ? null : html`<p class="card">${t("score.none")}</p>`}
    ${data.reward?.rows.length ? html`<${Reward} reward=${data.reward} said=${data.said} />` : null}`;
}
