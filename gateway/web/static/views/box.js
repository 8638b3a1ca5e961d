// Box: the buses and who does not answer on them, what waits to be sent and stored, clock, disk and wear, certificates.
import { html, useEffect } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { ago, iso, number, sameDay } from "../format.js";
import { Coming, Trouble, Wide } from "../parts.js";
import { t } from "../words.js";

const EVERY_MS = 15000;
const gigabytes = (bytes) => `${number(bytes / 1e9, 3)} GB`;
const told = (value, show) => (value === null || value === undefined ? html`<span class="dim">${t("box.untold")}</span>` : show(value));
const mark = (bad, text) => (bad ? html`<span class="mark s2">■ ${text}</span>` : text);

function Bus({ row }) {
  return html`<tr><td>${row.bus}<br /><span class="dim">${row.driver} ${row.address}</span></td>
    <td>${row.devices.map((name) => html`<span class=${row.dead?.includes(name) ? "mark s2" : ""}>${name}${row.dead?.includes(name) ? ` (${t("box.dead")})` : ""}</span> `)}</td>
    <td class="n">${mark(row.load > 0.8, `${number(row.load * 100, 3)} %`)}</td><td class="n">${number(row.polls ?? 0, 9)}</td><td class="n">${number(row.overruns ?? 0, 9)}</td>
    <td class="n">${told(row.late_p99_ms, (each) => `${number(each, 3)} ms`)}</td><td class="n">${told(row.late_worst_ms, (each) => `${number(each, 3)} ms`)}</td></tr>`;
}

function Certificates({ rows }) {
  if (!rows) return html`<p class="dim">${t("box.untold")}</p>`;
  if (!rows.length) return html`<p>${t("box.nocertificates")}</p>`;
  return html`<ul class="list">${rows.map((row) => html`<li><b>${t(`box.for.${row.what}`)}</b> <span class="dim">${row.file}</span> ${row.error ? mark(true, row.error) : mark(row.state !== "good", `${t("box.until", { time: sameDay(iso(row.until_ns)) })}, ${row.days_left < 0 ? t("box.expired", { n: Math.ceil(-row.days_left) }) : t("ago.left", { n: Math.floor(row.days_left) })}`)}</li>`)}</ul>`;
}

function Journal({ row }) {
  const { disk } = row;
  return html`<section class="card"><h2>${row.site}/${row.gateway}${row.replica ? ` (${t("replica")})` : ""}</h2>
    <dl><dt>${t("box.newest")}</dt><dd>${mark(row.age_s > 60, ago(row.age_s))}</dd><dt>${t("box.values")}</dt><dd>${number(row.values, 12)}</dd>
      ${row.lags.map((lag) => html`<dt>${t(`box.to.${lag.to}`)} ${lag.to === "database" ? lag.name : ""}</dt><dd>${t("box.behind", { n: number(lag.waiting, 9) })}, ${told(lag.seconds, (each) => mark(each > 60, t("box.lag", { n: number(each, 4) })))}</dd>`)}
      ${row.lags.length ? null : html`<dt>${t("box.to.replica")}</dt><dd class="dim">${t("box.nolag")}</dd>`}
      ${disk ? html`<dt>${t("box.disk")}</dt><dd>${mark(disk.free_share < 0.1, t("box.free", { free: gigabytes(disk.free), of: gigabytes(disk.bytes) }))}</dd>
      <dt>${t("box.wear")}</dt><dd>${told(disk.used_pct, (each) => mark(each > 80, t("box.used", { n: each })))}${disk.reserve ? ` (${t(`box.reserve.${disk.reserve}`)})` : ""}; ${told(disk.written, (each) => t("box.written", { n: gigabytes(each) }))}</dd>` : null}
      <dt>${t("box.gaps")}</dt><dd>${row.gaps}</dd>
      <dt>${t("box.unconfirmed")}</dt><dd>${mark(row.unconfirmed > 0, row.unconfirmed)}</dd></dl></section>`;
}

export default function Box() {
  const { data, error, reload } = usePage("/box.json", (event) => event.is.startsWith("unit_") || event.is.startsWith("bus_") || event.is === "clock");
  useEffect(() => {
    const again = setInterval(reload, EVERY_MS);
    return () => clearInterval(again);
  }, []);
  if (!data) return html`<${Coming} error=${error} />`;
  const { box } = data;
  return html`<${Trouble} error=${error} /><h1>${t("page.box")}</h1>
    ${box ? html`<section class="card"><h2>${box.site}/${box.gateway}, lotwatch ${box.version}</h2>
      <dl><dt>${t("box.clock")}</dt><dd>${mark(!box.clock.synchronised, t(box.clock.synchronised ? "box.clock.yes" : "box.clock.no"))}</dd>
        ${box.budget ? html`<dt>${t("box.profile")}</dt><dd>${t("box.budget", { profile: box.budget.profile, day: gigabytes(box.budget.bytes_a_day), years: number(box.budget.years ?? 0, 3), s: box.budget.loss_s })}</dd>` : null}
        ${box.forwarding.map((row) => html`<dt>${row.to}</dt><dd>${mark(!row.online, t(row.online ? "box.online" : "box.offline"))}, ${t("box.behind", { n: number(row.behind, 9) })}</dd>`)}
        ${box.forwarding.length ? null : html`<dt>${t("box.forwarding")}</dt><dd>${t("none")}</dd>`}</dl></section>
    <section class="card"><h2>${t("box.buses")}</h2><p class="buttons"><a href="/box.csv">CSV</a></p><${Wide} label=${t("box.buses")}><table>
      <thead><tr><th>${t("box.bus")}</th><th>${t("box.devices")}</th><th class="n">${t("box.load")}</th><th class="n">${t("box.polls")}</th><th class="n">${t("box.overruns")}</th><th class="n">${t("box.late")}</th><th class="n">${t("box.worst")}</th></tr></thead>
      <tbody>${box.buses.map((row) => html`<${Bus} row=${row} />`)}</tbody></table><//></section>
    <section class="card"><h2>${t("box.certificates")}</h2><${Certificates} rows=${data.certificates} /></section>` : html`<p class="card">${t("box.replica")}</p>`}
    ${data.journals.map((row) => html`<${Journal} row=${row} />`)}`;
}
