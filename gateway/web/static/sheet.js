// What is due, what runs, which stops are planned: on Now, on Due, on the sheet of a shift.
import { html } from "/vendor/preact.js";
import { sameDay } from "./format.js";
import { lotLink } from "./parts.js";
import { t } from "./words.js";

const OWED = { due: "s0", late: "s1", missed: "s2" };
const SHAPE = { due: "●", late: "▲", missed: "■" };
const RUNS = { run: "▶", idle: "❚❚", down: "■", other: "?", unread: "–" };

export function Due({ rows, most = 1000 }) {
  if (!rows.length) return html`<p>${t("due.none")}</p>`;
  const worst = [...rows].sort((one, other) => (one.state === other.state ? 0 : one.state === "missed" ? -1 : other.state === "missed" ? 1 : one.state === "late" ? -1 : 1));
  return html`<ul class="list">${worst.slice(0, most).map((row) => html`<li><span class="mark ${OWED[row.state]}" aria-hidden="true">${SHAPE[row.state]}</span> <b>${row.check}</b> ${t(`due.what.${row.what}`)}, ${t(`due.${row.state}`)} <span class="dim">${sameDay(row.due)} ${row.cell}</span> ${row.lot ? lotLink(row.lot) : ""}</li>`)}</ul>
    ${rows.length > most ? html`<p><a href="/due">${t("more", { n: rows.length - most })}</a></p>` : null}`;
}

export function Machines({ rows }) {
  if (!rows.length) return html`<p>${t("due.nomachines")}</p>`;
  return html`<ul class="list">${rows.map((row) => html`<li><span class="run ${row.state}" aria-hidden="true">${RUNS[row.state]}</span> <b>${row.machine}</b> ${t(`run.${row.state}`)}${row.since ? html` <span class="dim">${t("run.since", { time: sameDay(row.since) })}</span>` : ""} <span class="dim">${row.cell}</span></li>`)}</ul>`;
}

export function Stops({ rows }) {
  return html`<h3>${t("due.stops")}</h3>${rows.length ? html`<ul class="list">${rows.map((row) => html`<li>${row.on ? html`<span class="state returned">${t("due.on")}</span> ` : ""}<b>${row.stop}</b> ${sameDay(row.from)} .. ${sameDay(row.to)} <span class="dim">${row.cells.join(", ")}</span></li>`)}</ul>` : html`<p>${t("due.nostops")}</p>`}`;
}
