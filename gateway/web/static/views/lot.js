// Lot: what it is made of and where it went, by mass with its bound; where it was, what was read and found meanwhile.
import { html, useState } from "/vendor/preact.js";
import { act } from "../act.js";
import { usePage } from "../data.js";
import { date, kilograms, moment, number, percent, sameDay } from "../format.js";
import { Ask, Coming, Do, lotLink, reaction, reason, says, severity, state, time, Trouble, Wide } from "../parts.js";
import { lang, t } from "../words.js";

const encoded = encodeURIComponent;
const FIRST = 100; // rows that are shown at once, and asked for first where there may be thousands

function Recent({ rows }) {
  return html`<h1>${t("page.lot")}</h1><p class="card calm">${t("lot.scan")}</p>
    <section class="card"><h2>${t("now.lots")}</h2><ul class="list">${rows.map((row) => html`<li>${lotLink(row.lot)} ${row.cell} <span class="dim">${sameDay(row.since)}</span></li>`)}</ul></section>`;
}

const Bar = ({ share }) => html`<span class="bar"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="sure" width=${100 * share.low} height="6" /><rect class="maybe" x=${100 * share.low} width=${100 * (share.high - share.low)} height="6" /></svg></span>`;

/** Of this lot what the rows hold at least, and what is left for others at most: boxes hold it, and then their pallet does. */
function heldBy(rows, kg) {
  const sums = {};
  for (const { kind, held_kg: held } of rows) sums[kind] = (sums[kind] ?? 0) + held.low;
  const least = Math.max(0, ...Object.values(sums));
  return { least: number(least, 5), rest: number(Math.max(kg - least, 0), 5) };
}

function Shares({ title, rows, none, rest, kg, counting = false }) {
  const [most, setMost] = useState(FIRST);
  return html`<section class="card"><h2>${title} <small>${counting ? `${rows.length}+` : rows.length || ""}</small></h2>
    ${counting ? html`<p class="counting" role="status">${t("lot.counting", { n: rows.length })} ${kg ? t("lot.counted", heldBy(rows, kg)) : ""}</p>` : null}
    ${rows.length ? html`<${Wide} label=${title}><table>
      <thead><tr><th>${t("lot")}</th><th>${t("kind")}</th><th class="n">${t("kg")}</th><th class="n">${t("share")}</th><th>${t("cell")}</th><th>${t("closed")}</th></tr></thead>
      <tbody>${rows.slice(0, most).map((row) => html`<tr><td>${lotLink(row.lot)}</td><td>${row.kind ? t(`lot.kind.${row.kind}`) : ""}</td>
        <td class="n">${kilograms(row.held_kg)}</td><td class="n"><${Bar} share=${row.share} />${percent(row.share)}</td>
        <td>${row.cell}</td><td>${row.closed ? moment(row.closed) : ""}</td></tr>`)}</tbody></table><//>` : html`<p>${none}</p>`}
    ${rows.length > most ? html`<p class="buttons"><button onClick=${() => setMost(most * 10)}>${t("more", { n: rows.length - most })}</button></p>` : null}
    ${rest > 0 ? html`<p class="dim">${t("lot.rest", { share: number(rest * 100, 3) })}</p>` : null}</section>`;
}

/** Threshold and "any trace": both are in the address too, so that a link shows the same. */
function Ways({ asked, setAsked, bound }) {
  const change = (more) => {
    const address = new URL(location.href);
    const next = { ...asked, ...more };
    if (next.any) address.searchParams.set("any", "1"); else address.searchParams.delete("any");
    address.searchParams.set("min_share", String(next.least));
    history.replaceState(null, "", address);
    setAsked(next);
  };
  const [at, setAt] = useState(Math.log10(asked.least));
  return html`<p class="filters"><label>${t("lot.least", { share: number(100 * 10 ** at, 2) })}
      <input type="range" min="-6" max="0" step="0.25" value=${at} onInput=${(event) => setAt(Number(event.target.value))} onChange=${(event) => change({ least: 10 ** Number(event.target.value) })} /></label>
    <button role="switch" aria-checked=${asked.any ? "true" : "false"} onClick=${() => change({ any: !asked.any })}>${t(asked.any ? "lot.any.on" : "lot.any.off")}</button>
    <span class="dim">${bound}</span></p>`;
}

function Made({ mass }) {
  const made = mass.composition;
  const facts = Object.entries(mass.facts).filter(([name, value]) => ["part", "order", "customer", "expiry", "supplier_lot", "delivery"].includes(name) && value);
  return html`<dl>
    <dt>${t("kind")}</dt><dd>${t(`lot.kind.${mass.kind}`)}${mass.cell ? `, ${mass.cell}` : ""}</dd>
    ${facts.map(([name, value]) => html`<dt>${t(`lot.fact.${name}`)}</dt><dd>${value}</dd>`)}
    <dt>${t("kg")}</dt><dd>${kilograms({ low: mass.kg, high: mass.kg, sigma: mass.sigma_kg })}</dd>
    <dt>${t("closed")}</dt><dd>${time(mass.closed)} ${mass.version > 1 ? t("version", { n: mass.version }) : ""}</dd>
    <dt>${t("lot.regrind")}</dt><dd>${percent(made.regrind)}</dd>
    <dt>${t("lot.recycled")}</dt><dd>${percent(made.recycled)}</dd>
    <dt>${t("lot.passes")}</dt><dd>${made.passes.map((each, at) => (each.high >= 5e-4 ? html`<span class="pass">${at === 8 ? "8+" : at}: ${percent(each, 1)}</span> ` : null))}</dd>
  </dl>`;
}

const milliseconds = (text) => (text ? date(text).getTime() : Date.now());
const chartAt = (id, row) => `/chart?id=${encoded(id)}&past=1&from=${milliseconds(row.since)}&to=${milliseconds(row.until)}&site=${encoded(row.site)}`;

function Window({ row }) {
  const charts = row.charts ?? [];
  const of = (tag) => charts.filter((each) => each.tag === tag);
  return html`<details><summary><b>${row.cell}</b> (${t(`lot.role.${row.role}`)}) ${moment(row.since)} .. ${row.until ? moment(row.until) : t("lot.still")}
      ${row.tags ? html` <span class="dim">${t("lot.tags", { n: row.tags.length })}</span>` : null}</summary>
    ${charts.length ? html`<p>${t("lot.charts")} ${charts.map((each) => html`<a href=${chartAt(each.id, row)}>${each.id}</a> `)}</p>` : null}
    ${row.tags?.length ? html`<${Wide} label=${row.cell}><table><thead><tr><th>${t("lot.tag")}</th><th class="n">n</th><th class="n">${t("lot.bad")}</th><th class="n">${t("lot.min")}</th><th class="n">${t("lot.mean")}</th><th class="n">${t("lot.max")}</th></tr></thead>
      <tbody>${row.tags.map((tag) => html`<tr><td>${of(tag.tag).length ? html`<a href=${chartAt(of(tag.tag)[0].id, row)}>${tag.tag.slice(row.cell.length + 1)}</a>` : tag.tag.slice(row.cell.length + 1)}</td>
        <td class="n">${number(tag.count, 9)}</td><td class="n">${tag.bad || ""}</td>${tag.texts ? html`<td colspan="3">${tag.texts.join(", ")}</td>` : [tag.min, tag.mean, tag.max].map((value) => html`<td class="n">${number(value, 5)}</td>`)}</tr>`)}</tbody></table><//>` : null}</details>`;
}

const FOUND = ["check_done", "lot_result", "counted", "lot_disposition"];
const HELD = ["lot_held", "lot_released", "lot_suspect"];
const what = (event) => t(`event.${event.kind}`);
const detail = ({ kind, subject, facts }) => {
  if (kind === "counted") return `${facts.step}: ${number(facts.good, 9)} / ${number(facts.reject, 9)} ${facts.reason ?? ""}`;
  if (kind === "lot_disposition") return t(`disposition.${facts.disposition}`);
  const values = (facts.values ?? [facts.value]).filter((each) => each !== undefined && each !== null).map((each) => number(each, 6)).join(", ");
  return `${kind === "lot_result" ? facts.result : subject} ${values} ${facts.verdict ? t(`verdict.${facts.verdict}`) : ""}`;
};

function Happened({ at }) {
  const notes = at.events.filter((event) => event.is === "Noted");
  const alarms = [...new Map(at.events.filter((event) => event.is === "AlarmChanged").map((event) => [event.alarm, event])).values()];
  const rows = (kinds) => notes.filter((event) => kinds.includes(event.kind));
  const others = notes.filter((event) => ![...FOUND, ...HELD].includes(event.kind));
  return html`<section class="card"><h2>${t("lot.found")}</h2>
      ${rows(FOUND).length ? html`<${Wide} label=${t("lot.found")}><table><tbody>${rows(FOUND).map((event) => html`<tr><td class="dim">${moment(event.time)}</td><td>${what(event)}</td><td>${detail(event)}</td><td>${event.facts.operator ? t("by", { who: event.facts.operator }) : ""}</td></tr>`)}</tbody></table><//>` : html`<p>${t("none")}</p>`}
      <h3>${t("lot.holds")}</h3>
      ${rows(HELD).length ? html`<ul class="list">${rows(HELD).map((event) => html`<li><span class="dim">${moment(event.time)}</span> <b>${what(event)}</b> ${reason(event.facts)} ${reaction(event) ? html`${t("story.do")}: <${Do} row=${event} />` : ""} ${event.facts.operator ? t("by", { who: event.facts.operator }) : ""}</li>`)}</ul>` : html`<p>${t("none")}</p>`}</section>
    <section class="card"><h2>${t("page.alarms")}</h2>
      ${alarms.length ? html`<ul class="list">${alarms.map((row) => html`<li>${severity(row)} ${state(row)} <a href=${`/alarms?all=1#${encoded(row.alarm)}`}><b>${row.tag || row.subject}</b></a> <span class="dim">${moment(row.time)}</span><br />${says(row) || reaction(row)}</li>`)}</ul>` : html`<p>${t("none")}</p>`}
      ${others.length ? html`<h3>${t("lot.events")}</h3><ul class="list">${others.map((event) => html`<li><span class="dim">${moment(event.time)}</span> ${what(event)} ${reason(event.facts)}</li>`)}</ul>` : null}</section>`;
}

const file = (name, lot, more = "") => `/lot/${name}?lot=${encoded(lot)}${more}`;

function Files({ lot }) {
  const paper = (kind, of) => html`<a href=${file("report.pdf", lot, `&kind=${kind}&lang=${of}`)} download lang=${of === "zh" ? "zh-CN" : "en"}>${of === "zh" ? "中文" : "English"}</a>`;
  const both = lang === "zh" ? ["zh", "en"] : ["en", "zh"];
  return html`<p class="files">${["record", "certificate"].map((kind) => html`<span><b>${t(`lot.${kind}`)}</b> PDF ${both.map((of) => html`${paper(kind, of)} `)}</span>`)}
    <a href=${file("epcis.jsonld", lot)} download>EPCIS</a> <a href=${file("recall.json", lot)} download>${t("lot.recall")}</a> <a href=${`/lot.csv?lot=${encoded(lot)}`} download>CSV</a></p>`;
}

function Acts({ lot, me, kind, held, sites, reload }) {
  const [asking, setAsking] = useState("");
  const may = (name) => me.may.includes(name);
  const send = ({ site = sites[0], ...values }) => act(asking, { lot, ...(asking === "hold" && kind ? { lot_kind: kind } : {}), ...values }, site);
  const close = (done) => { setAsking(""); if (done) reload(); };
  const next = held ? "release" : "hold"; // one button, which keeps the focus
  return html`<p class="buttons">
    ${may(next) ? html`<button onClick=${() => setAsking(next)}>${t(`lot.${next}`)}</button>` : null}
    ${asking ? html`<${Ask} title=${`${t(`lot.${asking}`)}: ${lot}`} send=${t(`lot.${asking}`)} onSend=${send} onClose=${close}>
      ${sites.length > 1 ? html`<label>${t("site")}<select name="site" required>${sites.map((site) => html`<option>${site}</option>`)}</select></label>` : null}
      <label>${t("lot.reason")}<input name="reason" required maxlength="500" autofocus /></label><//>` : null}</p>`;
}

function Rest({ path, me, lot, mass }) {
  const { data, error, reload } = usePage(path, (event) => event.subject === lot || event.lot === lot || event.is === "alarm");
  if (!data) return html`<${Coming} error=${error} />`;
  const held = data.at.some((at) => at.events.filter((event) => event.kind === "lot_held" || event.kind === "lot_released").at(-1)?.kind === "lot_held");
  return html`<${Trouble} error=${error} />${held ? html`<p class="trouble first" role="status">${t("lot.isheld")}</p>` : null}
    <${Acts} lot=${lot} me=${me} kind=${mass?.kind} held=${held} sites=${[...new Set(data.at.map((at) => at.site))]} reload=${reload} />
    ${data.at.map((at) => html`${at.windows.length ? html`<section class="card"><h2>${t("lot.stays")} <small>${at.site}</small></h2>${at.windows.map((row) => html`<${Window} row=${{ ...row, site: at.site }} />`)}</section>` : null}<${Happened} at=${at} />`)}`;
}

/** Where it went: of a resin that is thousands of boxes. What was closed first is there at once, the rest is counted. */
function Counted(asked) {
  const { data, error } = usePage(asked.path, (event) => event.is === "lot" && event.lot === asked.first.lot);
  return html`<${Trouble} error=${error} /><${Into} ...${asked} data=${data ?? asked.first} counting=${!data && !error && asked.first.trace.forward.whole === false} />`;
}

function Into({ data, least, any, first, kg, counting = false }) {
  const { forward, basis } = data.trace;
  const back = data.trace.backward ?? first.trace.backward;
  return html`${basis === "mass" ? html`<${Shares} title=${t("lot.wentinto")} rows=${over(forward.holders, "share", least)} none=${t("none")} kg=${kg} counting=${counting} />` : html`<section class="card went">
      <ul class="list">${[...back.links, ...forward.links].map((link) => html`<li>${lotLink(link.parent)} → ${lotLink(link.child)}</li>`)}</ul></section>`}
    ${any && back.any ? html`<section class="card"><h2>${t("lot.any")}</h2><p>${t("lot.any.back", { n: back.any.count })} ${t("lot.any.forth", { n: forward.any?.count ?? 0 })}</p>
      <p class="lots">${[...back.any.lots, ...(forward.any?.lots ?? [])].slice(0, 200).map((lot) => html`${lotLink(lot)} `)}</p></section>` : null}`;
}

const over = (rows, key, least) => rows?.filter((row) => row[key].high >= least) ?? [];

export default function Lot({ me }) {
  const [given] = useState(() => new URLSearchParams(location.search));
  const code = given.get("lot") ?? given.get("code") ?? "";
  const [asked, setAsked] = useState({ least: Number(given.get("min_share")) || 1e-3, any: given.get("any") === "1" });
  const path = (lot, part, more) => `/lot.json?${new URLSearchParams({ lot, part, min_share: asked.least, ...more })}`;
  const { data, error } = usePage(code ? path(code, "both", { first: FIRST }) : "/lot.json", (event) => event.is === "lot" && event.lot === code);
  if (!data) return html`<${Coming} error=${error} />${error ? html`<p>${t("lot.scan")}</p>` : null}`;
  if (data.lot === null) return html`<${Recent} rows=${data.recent} />`;
  const { backward, basis, forward } = data.trace;
  const mass = data.at.find((at) => at.mass)?.mass;
  return html`<${Trouble} error=${error} /><h1>${data.lot}</h1>
    <${Files} lot=${data.lot} />
    ${data.at.map((at) => html`<section class="card"><h2>${at.site}</h2>${at.mass ? html`<${Made} mass=${at.mass} />` : html`<p>${t("lot.nomass")}</p>`}</section>`)}
    <${Ways} asked=${asked} setAsked=${setAsked} bound=${basis === "mass" ? t("lot.bound") : t("lot.scanned")} />
    ${basis === "mass" ? html`<${Shares} title=${t("lot.madeof")} rows=${over(backward.sources, "share", asked.least)} none=${t("lot.outside")} rest=${backward.rest} />` : null}
    <${asked.any || forward.whole === false ? Counted : Into} key=${`${asked.least}${asked.any}`} path=${asked.any ? path(data.lot, "both", { any: 1 }) : path(data.lot, "went")} ...${asked} kg=${mass?.kg} first=${data} data=${data} />
    <${Rest} path=${`/lot.json?${new URLSearchParams({ lot: data.lot, part: "rest" })}`} me=${me} lot=${data.lot} mass=${mass} />`;
}
