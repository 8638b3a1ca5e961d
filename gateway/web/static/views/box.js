// Box: the buses and who does not answer on them, what waits to be forwarded, the clock, the disk.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { ago, number } from "../format.js";
import { Trouble } from "../parts.js";
import { t } from "../words.js";

const gigabytes = (bytes) => `${number(bytes / 1e9, 3)} GB`;

function Bus({ row }) {
  return html`<tr><td>${row.bus}<br /><span class="dim">${row.driver} ${row.address}</span></td>
    <td>${row.devices.map((name) => html`<span class=${row.dead?.includes(name) ? "mark s2" : ""}>${name}${row.dead?.includes(name) ? ` (${t("box.dead")})` : ""}</span> `)}</td>
    <td class="n">${number(row.load * 100, 3)} %</td><td class="n">${number(row.polls ?? 0)}</td><td class="n">${number(row.overruns ?? 0)}</td>
    <td class="n">${row.late_p99_ms === null || row.late_p99_ms === undefined ? "" : `${number(row.late_p99_ms, 3)} ms`}</td></tr>`;
}

export default function Box() {
  const { data, error } = usePage("/box.json", () => false);
  if (!data) return html`<${Trouble} error=${error} /><p class="waiting">${t("loading")}</p>`;
  const { box } = data;
  return html`<${Trouble} error=${error} /><h1>${t("page.box")}</h1>
    ${box ? html`<section class="card"><h2>${box.site}/${box.gateway}, lotwatch ${box.version}</h2>
      <dl><dt>${t("box.clock")}</dt><dd>${t(box.clock.synchronised ? "box.clock.yes" : "box.clock.no")}</dd>
        ${box.forwarding.map((row) => html`<dt>${row.to}</dt><dd>${t(row.online ? "box.online" : "box.offline")}, ${t("box.behind", { n: number(row.behind) })}</dd>`)}</dl></section>
    <section class="card"><h2>${t("box.buses")}</h2><div class="wide" tabindex="0" role="region" aria-label=${t("box.buses")}><table>
      <thead><tr><th>${t("box.bus")}</th><th>${t("box.devices")}</th><th class="n">${t("box.load")}</th><th class="n">${t("box.polls")}</th><th class="n">${t("box.overruns")}</th><th class="n">${t("box.late")}</th></tr></thead>
      <tbody>${box.buses.map((row) => html`<${Bus} row=${row} />`)}</tbody></table></div></section>` : html`<p class="card">${t("box.replica")}</p>`}
    ${data.journals.map((row) => html`<section class="card"><h2>${row.site}/${row.gateway}${row.replica ? ` (${t("replica")})` : ""}</h2>
      <dl><dt>${t("box.newest")}</dt><dd>${ago(row.age_s)}</dd><dt>${t("box.values")}</dt><dd>${number(row.values, 12)}</dd>
        <dt>${t("box.disk")}</dt><dd class=${row.disk.free_share < 0.1 ? "mark s2" : ""}>${t("box.free", { free: gigabytes(row.disk.free), of: gigabytes(row.disk.bytes) })}</dd>
        <dt>${t("box.gaps")}</dt><dd>${row.gaps}</dd></dl></section>`)}`;
}
