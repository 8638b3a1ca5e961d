// Lot: what it is made of and where it went, by mass with its bound; where it was; what happened to it.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { kilograms, moment, number, percent, sameDay } from "../format.js";
import { lotLink, time, Trouble } from "../parts.js";
import { t } from "../words.js";

const given = new URLSearchParams(location.search);
const code = given.get("lot") ?? given.get("code") ?? "";

function Recent({ rows }) {
  return html`<h1>${t("page.lot")}</h1><p class="card calm">${t("lot.scan")}</p>
    <section class="card"><h2>${t("now.lots")}</h2><ul class="list">${rows.map((row) => html`<li>${lotLink(row.lot)} ${row.cell} <span class="dim">${sameDay(row.since)}</span></li>`)}</ul></section>`;
}

function Shares({ title, rows, none }) {
  if (!rows.length) return html`<section class="card"><h2>${title}</h2><p>${none}</p></section>`;
  return html`<section class="card"><h2>${title}</h2><div class="wide"><table>
    <thead><tr><th>${t("lot")}</th><th>${t("kind")}</th><th class="n">${t("kg")}</th><th class="n">${t("share")}</th><th>${t("cell")}</th><th>${t("closed")}</th></tr></thead>
    <tbody>${rows.map((row) => html`<tr><td>${lotLink(row.lot)}</td><td>${row.kind ? t(`lot.kind.${row.kind}`) : ""}</td>
      <td class="n">${kilograms(row.held_kg)}</td><td class="n"><span class="bar"><svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true"><rect class="sure" width=${100 * row.share.low} height="6" /><rect class="maybe" x=${100 * row.share.low} width=${100 * (row.share.high - row.share.low)} height="6" /></svg></span>${percent(row.share)}</td>
      <td>${row.cell}</td><td>${row.closed ? moment(row.closed) : ""}</td></tr>`)}</tbody></table></div></section>`;
}

function Slider({ data }) {
  const change = (event) => {
    const address = new URL(location.href);
    address.searchParams.set("min_share", String(10 ** Number(event.target.value)));
    location.assign(address);
  };
  const any = new URL(location.href);
  if (data.any) any.searchParams.delete("any"); else any.searchParams.set("any", "1");
  return html`<p class="filters"><label>${t("lot.least", { share: number(data.min_share * 100, 2) })}
      <input type="range" min="-6" max="0" step="0.5" value=${Math.log10(data.min_share)} onChange=${change} /></label>
    <a role="switch" aria-checked=${data.any ? "true" : "false"} href=${any}>${t(data.any ? "lot.any.on" : "lot.any.off")}</a></p>`;
}

function Made({ mass }) {
  const made = mass.composition;
  return html`<dl>
    <dt>${t("kind")}</dt><dd>${t(`lot.kind.${mass.kind}`)}, ${mass.cell}</dd>
    <dt>${t("kg")}</dt><dd>${kilograms({ low: mass.kg, high: mass.kg, sigma: mass.sigma_kg })}</dd>
    <dt>${t("closed")}</dt><dd>${time(mass.closed)} ${mass.version > 1 ? t("version", { n: mass.version }) : ""}</dd>
    <dt>${t("lot.regrind")}</dt><dd>${percent(made.regrind)}</dd>
    <dt>${t("lot.recycled")}</dt><dd>${percent(made.recycled)}</dd>
    <dt>${t("lot.passes")}</dt><dd>${made.passes.map((each, at) => (each.high >= 5e-4 ? html`<span class="pass">${at === 8 ? "8+" : at}: ${percent(each, 1)}</span> ` : null))}</dd>
  </dl>`;
}

const EVENTS = { Signal: "signal", AlarmChanged: "alarm" };

function Site({ at }) {
  return html`<section class="card"><h2>${at.site}</h2>
    ${at.mass ? html`<${Made} mass=${at.mass} />` : html`<p>${t("lot.nomass")}</p>`}
    ${at.windows.length ? html`<div class="wide"><table><thead><tr><th>${t("cell")}</th><th>${t("role")}</th><th>${t("since")}</th><th>${t("until")}</th></tr></thead>
      <tbody>${at.windows.map((row) => html`<tr><td>${row.cell}</td><td>${t(`lot.role.${row.role}`)}</td><td>${moment(row.since)}</td><td>${row.until ? moment(row.until) : t("lot.still")}</td></tr>`)}</tbody></table></div>` : null}
    ${at.events.length ? html`<h3>${t("lot.events")}</h3><ul class="list">${at.events.map((event) => html`<li><span class="dim">${moment(event.time)}</span> ${t(`event.${EVENTS[event.is] ?? event.kind}`)} <b>${event.tag || event.subject || ""}</b> ${event.facts?.reason ?? event.state ?? ""}</li>`)}</ul>` : null}
  </section>`;
}

export default function Lot() {
  const query = new URLSearchParams(given);
  query.delete("lang");
  const { data, error } = usePage(`/lot.json?${query}`, (event) => event.is === "lot" && event.lot === code);
  if (!data) return html`<${Trouble} error=${error} />${error ? null : html`<p class="waiting">${t("loading")}</p>`}`;
  if (data.lot === null) return html`<${Recent} rows=${data.recent} />`;
  const { forward, backward, basis } = data.trace;
  return html`<${Trouble} error=${error} /><h1>${data.lot}</h1>
    <${Slider} data=${data} />
    ${data.at.map((at) => html`<${Site} at=${at} />`)}
    ${basis === "mass" ? html`<${Shares} title=${t("lot.madeof")} rows=${backward.sources ?? []} none=${t("lot.outside")} />
      <${Shares} title=${t("lot.wentinto")} rows=${forward.holders ?? []} none=${t("none")} />` : html`<section class="card"><p>${t("lot.scanned")}</p>
      <ul class="list">${backward.links.map((link) => html`<li>${lotLink(link.parent)} → ${lotLink(link.child)}</li>`)}${forward.links.map((link) => html`<li>${lotLink(link.parent)} → ${lotLink(link.child)}</li>`)}</ul></section>`}
    ${data.any ? html`<section class="card"><h2>${t("lot.any")}</h2><p>${t("lot.any.back", { n: backward.any.count })} ${t("lot.any.forth", { n: forward.any.count })}</p>
      <p class="lots">${[...backward.any.lots, ...forward.any.lots].slice(0, 200).map((lot) => html`${lotLink(lot)} `)}</p></section>` : null}`;
}
