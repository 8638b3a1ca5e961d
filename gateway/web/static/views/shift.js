// Shift: one sheet of paper from one shift to the next: what ran, what came of it, what stands, what to know.
import { html, useState } from "/vendor/preact.js";
import { act } from "../act.js";
import { usePage } from "../data.js";
import { date, moment, number, sameDay } from "../format.js";
import { Ask, Coming, lotLink, reason, says, severity, state, Trouble, Wide } from "../parts.js";
import { locale, t } from "../words.js";

const given = new URLSearchParams(location.search);
given.delete("lang");
const LOTS = 14; // on paper: one sheet
const at = ({ day, shift }) => `/shift?${new URLSearchParams({ day, shift })}`;
const hours = (seconds) => number(seconds / 3600, 3);
/** As the clock at the plant says it, which may be another one than the reader's. */
const there = (text, zone) => {
  try {
    return `${new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short", timeZone: zone }).format(date(text))} ${zone}`;
  } catch {
    return moment(text); // an older browser knows no zone by its offset
  }
};
const kg = (value) => (value === null || value === undefined ? "" : number(value, 5));

function Ran({ rows }) {
  if (!rows.length) return html`<p>${t("due.nomachines")}</p>`;
  return html`<${Wide} label=${t("shift.ran")}><table><thead><tr><th>${t("shift.machine")}</th><th class="n">${t("run.run")} h</th><th class="n">${t("run.idle")} h</th><th class="n">${t("run.down")} h</th><th class="n">${t("run.unread")} h</th><th class="n">${t("shift.shots")}</th><th class="n">${t("shift.good")}</th><th class="n">${t("shift.reject")}</th><th class="n">kg</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><td>${row.machine}</td>${[row.run_s, row.idle_s, row.down_s, row.unread_s].map((each) => html`<td class="n">${hours(each)}</td>`)}<td class="n">${number(row.shots, 9)}</td><td class="n">${number(row.good, 9)}</td><td class="n">${number(row.parts - row.good, 9)}</td><td class="n">${kg(row.kg)}</td></tr>`)}</tbody></table><//>`;
}

function Made({ lots, sums }) {
  const kinds = Object.entries(sums);
  const shown = lots.filter((row) => row.kind === "box" || row.kind === ""); // what the shift made; all are in the CSV
  return html`<p>${kinds.length ? kinds.map(([kind, each]) => html`<span class="pass"><b>${kg(each)} kg</b> ${t(`lot.kind.${kind}`)}</span> `) : t("none")}</p>
    ${shown.length ? html`<${Wide} label=${t("shift.lots")}><table class="small"><thead><tr><th>${t("lot")}</th><th>${t("cell")}</th><th class="n">kg</th><th class="n">${t("shift.good")}</th><th class="n">${t("shift.reject")}</th><th>${t("closed")}</th></tr></thead>
      <tbody>${shown.slice(0, LOTS).map((row) => html`<tr><td>${lotLink(row.lot)} <span class="dim">${row.order}</span></td><td>${row.cell.split("/").at(-1)}</td><td class="n">${kg(row.kg)}</td><td class="n">${number(row.good, 9)}</td><td class="n">${number(row.reject, 9)}</td><td>${row.closed ? sameDay(row.closed) : t("lot.still")}</td></tr>`)}</tbody></table><//>` : null}
    ${shown.length > LOTS ? html`<p class="dim">${t("shift.cut", { n: shown.length - LOTS })}</p>` : null}`;
}

function Alarms({ rows }) {
  if (!rows.length) return html`<p>${t("alarms.none")}</p>`;
  return html`<ul class="list small">${rows.slice(0, 8).map((row) => html`<li>${severity(row)} ${state(row)} <b>${row.subject}</b> <span class="dim">${sameDay(row.time)}</span> ${row.cause ? html`<br />${t("ack.cause")}: ${row.cause}. ${t("ack.action")}: ${row.action} ${t("by", { who: row.acknowledged_by })}` : html`<span class="screen"><br />${says({ facts: row })}</span>`}</li>`)}</ul>
    ${rows.length > 8 ? html`<p class="dim"><a href="/alarms">${t("more", { n: rows.length - 8 })}</a></p>` : null}`;
}

function Ratios({ rows, over }) {
  if (!rows.length) return html`<p>${t(over ? "shift.noratio" : "shift.ratiolater")}</p>`;
  return html`<${Wide} label=${t("shift.ratio")}><table class="small"><thead><tr><th>${t("shift.component")}</th><th class="n">${t("shift.set")}</th><th class="n">${t("shift.actual")}</th><th class="n">${t("shift.error")}</th><th class="n">${t("shift.cycles")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><td>${row.component}</td><td class="n">${number(row.setpoint_pct)} %</td><td class="n">${number(row.actual_pct)} %</td><td class="n">${number(row.mae_pct, 3)} %</td><td class="n">${number(row.cycles, 9)}</td></tr>`)}</tbody></table><//>`;
}

function Checks({ rows }) {
  const of = (kind) => rows.filter((row) => row.kind === kind);
  const late = of("check_done").filter((row) => row.facts.late).length;
  return html`<p>${t("shift.checks.sum", { done: of("check_done").length, late, missed: of("check_missed").length })}</p>
    <ul class="list small">${[...of("check_missed"), ...of("check_done")].slice(0, 10).map((row) => html`<li><span class="mark ${row.kind === "check_missed" ? "s2" : "s0"}" aria-hidden="true">${row.kind === "check_missed" ? "■" : "✓"}</span> <b>${row.subject}</b> ${t(row.kind === "check_missed" ? "due.missed" : "shift.done")} ${row.facts.verdict ? t(`verdict.${row.facts.verdict}`) : ""} <span class="dim">${sameDay(row.time)}</span> ${row.facts.lot ? lotLink(row.facts.lot) : ""}</li>`)}</ul>`;
}

const Notes = ({ rows }) => html`<ul class="list">${rows.map((row) => html`<li class="note">${row.facts.text} <span class="dim nobreak">${sameDay(row.time)}, ${t("by", { who: row.subject })}</span></li>`)}</ul>`;

function Sheet({ sheet, me, onNote }) {
  const holds = [...new Map(sheet.holds.map((row) => [row.subject, row])).values()].filter((row) => row.kind !== "lot_released");
  return html`<section class="sheet">
    <h1>${t("page.shift")}: ${sheet.shift}${sheet.team ? `, ${sheet.team}` : ""} <small>${sheet.site}, ${t("shift.day", { day: sheet.day })}, ${there(sheet.from, sheet.zone)} .. ${there(sheet.to, sheet.zone)} ${sheet.over ? "" : `(${t("shift.on")})`}</small></h1>
    <p class="filters"><a href=${at(sheet.before)}>← ${sheet.before.day} ${sheet.before.shift}</a> <a href=${at(sheet.after)}>${sheet.after.day} ${sheet.after.shift} →</a> <a href=${`/shift.csv?${new URLSearchParams({ day: sheet.day, shift: sheet.shift })}`}>CSV</a> <button onClick=${() => print()}>${t("print")}</button></p>
    ${sheet.told.length ? html`<section class="card"><h2>${t("shift.told")}</h2><${Notes} rows=${sheet.told} /></section>` : null}
    <section class="card"><h2>${t("shift.ran")}</h2><${Ran} rows=${sheet.machines} /></section>
    <section class="card"><h2>${t("shift.lots")}</h2><${Made} lots=${sheet.lots} sums=${sheet.kg} />
      ${sheet.rejects.some((row) => row.reject) ? html`<h3>${t("shift.rejects")}</h3><p>${sheet.rejects.filter((row) => row.reject).slice(0, 8).map((row) => html`<span class="pass"><b>${number(row.reject, 9)}</b> ${row.step} ${row.reason}</span> `)}</p>` : null}</section>
    <section class="card"><h2>${t("page.alarms")}</h2><${Alarms} rows=${sheet.alarms} /></section>
    <div class="pair"><section class="card"><h2>${t("shift.ratio")}</h2><${Ratios} rows=${sheet.ratios} over=${sheet.over} /></section>
      <section class="card"><h2>${t("shift.checks")}</h2><${Checks} rows=${sheet.checks} /></section></div>
    <section class="card"><h2>${t("shift.notes")}</h2>${sheet.notes.length ? html`<${Notes} rows=${sheet.notes} />` : html`<p>${t("none")}</p>`}
      ${me.may.includes("handover") && !sheet.over ? html`<p class="buttons"><button class="main" onClick=${onNote}>${t("shift.write")}</button></p>` : null}</section>
    ${holds.length || sheet.others.length ? html`<section class="card"><h2>${t("shift.holds")}</h2><p class="small">${holds.slice(0, 12).map((row) => html`${lotLink(row.subject)} <span class="screen dim">${reason(row.facts)}</span> `)}${holds.length > 12 ? t("more", { n: holds.length - 12 }) : ""}</p>
      ${sheet.others.length ? html`<p class="small">${sheet.others.slice(0, 6).map((row) => html`<span class="pass">${sameDay(row.time)} ${t(`other.${row.kind}`)} <b>${row.subject}</b></span> `)}</p>` : null}</section>` : null}
  </section>`;
}

export default function Shift({ me }) {
  const { data, error, reload } = usePage(`/shift.json?${given}`, (event) => ["alarm", "lot", "handover"].includes(event.is) || event.is.startsWith("check_"));
  const [writing, setWriting] = useState(false);
  if (!data) return html`<${Coming} error=${error} />`;
  return html`<${Trouble} error=${error} />${data.sheets.map((sheet) => html`<${Sheet} sheet=${sheet} me=${me} onNote=${() => setWriting(true)} />`)}
    ${data.sheets.length ? null : html`<p class="card">${t("none")}</p>`}
    ${writing ? html`<${Ask} title=${t("shift.write")} send=${t("note.send")} onSend=${(values) => act("handover", values)} onClose=${(done) => { setWriting(false); if (done) reload(); }}>
      <label>${t("shift.text")}<textarea name="text" required maxlength="1000" rows="5" autofocus></textarea></label><p class="dim">${t("note.kept")}</p><//>` : null}`;
}
