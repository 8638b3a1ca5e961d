// Audit: what people did, and the signed chain that it is in.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { moment } from "../format.js";
import { lotLink, Trouble } from "../parts.js";
import { t } from "../words.js";

const words = (body) => Object.entries(body).filter(([name]) => name !== "alarm" && name !== "lot").map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`).join("; ");

export default function Audit() {
  const before = new URLSearchParams(location.search).get("before");
  const { data, error } = usePage(`/audit.json${before ? `?before=${before}` : ""}`);
  if (!data) return html`<${Trouble} error=${error} /><p class="waiting">${t("loading")}</p>`;
  return html`<${Trouble} error=${error} /><h1>${t("page.audit")}</h1>
    <section class="card">${data.chains.map((row) => html`<p><b>${row.site}/${row.gateway}</b>: ${row.head ? t("audit.head", { size: row.head.size, time: moment(row.head.time) }) : t("audit.nohead")}</p>`)}<p class="dim">${t("audit.verify")}</p></section>
    <p class="buttons"><a href="/audit.csv">CSV</a></p>
    ${data.acts.length ? html`<section class="card"><div class="wide" tabindex="0" role="region" aria-label=${t("page.audit")}><table><thead><tr><th>${t("time")}</th><th>${t("audit.who")}</th><th>${t("audit.what")}</th><th>${t("audit.about")}</th><th>${t("audit.said")}</th><th>${t("audit.came")}</th></tr></thead>
      <tbody>${data.acts.map((row) => html`<tr><td>${moment(row.time)}</td><td>${row.operator}</td><td>${row.act}</td><td>${row.body.lot ? lotLink(row.body.lot) : row.about}</td><td>${words(row.body)}</td><td>${row.came.join("; ")}</td></tr>`)}</tbody></table></div></section>` : html`<p class="card calm">${t("audit.none")}</p>`}
    ${data.more ? html`<p><a href=${`/audit?before=${data.older}`}>${t("audit.older")}</a></p>` : null}
    ${before || !data.comings.length ? null : html`<section class="card"><h2>${t("audit.comings")}</h2><p class="buttons"><a href="/audit.csv?table=comings">CSV</a></p><ul class="list">
      ${data.comings.map((row) => html`<li>${moment(row.time)} ${row.operator} <b class=${row.what === "sign_in_refused" ? "mark s1" : ""}>${t(`coming.${row.what}`)}</b> <span class="dim">${row.from ?? ""}</span></li>`)}</ul></section>`}`;
}
