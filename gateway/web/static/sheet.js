// What is due, what runs, which stops are planned, and the scorecard in one line: of Now and Due.
import { html } from "/vendor/preact.js";
import { usePage } from "./data.js";
import { number, sameDay } from "./format.js";
import { lotLink } from "./parts.js";
import { lang, t } from "./words.js";

const OWED = { due: "s0", late: "s1", missed: "s2" };
const SHAPE = { due: "●", late: "▲", missed: "■" };
const TREND = { better: "↗", worse: "↘", same: "→" };
const RUNS = { run: "▶", idle: "❚❚", down: "■", other: "?", unread: "–" };

export function Due({ rows, most = 1000 }) {
  if (!rows.length) return html`<p>${t("due.none")}</p>`;
  const worst = [...rows].sort((one, other) => OWED[other.state].localeCompare(OWED[one.state]));
  return html`<ul class="list">${worst.slice(0, most).map((row) => html`<li><span class="mark ${OWED[row.state]}" aria-hidden="true">${SHAPE[row.state]}</span> <b>${row.check}</b> ${t(`due.what.${row.what}`)}, ${t(`due.${row.state}`)}${row.about ? `: ${row.about}` : ""} <span class="dim">${sameDay(row.due)} ${row.cell}</span> ${row.lot ? lotLink(row.lot) : ""}</li>`)}</ul>
    ${rows.length > most ? html`<p><a href="/due">${t("more", { n: rows.length - most })}</a></p>` : null}`;
}

export function Machines({ rows }) {
  if (!rows.length) return html`<p>${t("due.nomachines")}</p>`;
  return html`<ul class="list">${rows.map((row) => html`<li><span class="run ${row.state}" aria-hidden="true">${RUNS[row.state]}</span> <b>${row.machine}</b> ${t(`run.${row.state}`)}${row.since ? html` <span class="dim">${t("run.since", { time: sameDay(row.since) })}</span>` : ""} <span class="dim">${row.cell}</span></li>`)}</ul>`;
}

export function Stops({ rows }) {
  return html`<h3>${t("due.stops")}</h3>${rows.length ? html`<ul class="list">${rows.map((row) => html`<li>${row.on ? html`<span class="state returned">${t("due.on")}</span> ` : ""}<b>${row.stop}</b> ${sameDay(row.from)} .. ${sameDay(row.to)} <span class="dim">${row.cells.join(", ")}</span></li>`)}</ul>` : html`<p>${t("due.nostops")}</p>`}`;
}

/** Each driver of each line against its goal, with where it goes. */
export function Strip() {
  const { data } = usePage("/score.json", () => false);
  if (!data?.rows.length) return null;
  const word = (name) => data.said[name]?.[lang] ?? name;
  const lines = new Set(data.rows.map((row) => row.line)).size;
  return html`<section class="strip" aria-label=${t("now.strip", { month: data.month })}>${data.rows.filter((row) => row.goal !== null).map((row) => html`<a class="goal ${row.verdict}" href="/score">
    <span>${word(row.number)}${lines > 1 ? html` <small>${row.line}</small>` : ""}</span>
    <b>${row.value === null ? "–" : html`${number(row.value)} <small>${row.unit}</small>`} <i aria-hidden="true">${row.verdict === "met" ? "✓" : row.verdict === "missed" ? "✗" : ""}</i></b>
    <small>${t("now.goal", { goal: `${number(row.goal)} ${row.unit}` })}${row.trend ? ` ${TREND[row.trend] ?? ""} ${word(row.trend)}` : ""}</small></a>`)}</section>`;
}
