// Balance: opening + received + ground = dosed + scrapped + closing + residual, and whether the residual is chance.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { number } from "../format.js";
import { Trouble } from "../parts.js";
import { lang, t } from "../words.js";

const given = new URLSearchParams(location.search);
given.delete("lang");
const at = (week) => `/balance?${new URLSearchParams({ week })}`;
const kg = (value) => (value === null || value === undefined ? "-" : number(value, 8));

function Store({ row, said }) {
  const word = (name) => said[name]?.[lang] ?? name;
  return html`<section class="card"><h2>${row.store} <small>${row.material} ${row.line}</small> ${row.verdict ? html`<span class="state active">${word(row.verdict)}</span>` : ""}</h2>
    <dl>${Object.entries(row.kg).map(([name, value]) => html`<dt>${word(name)}</dt><dd class="num">${kg(value)} kg${name === "residual" && row.sigma_kg !== null ? ` ± ${kg(row.sigma_kg)}` : ""}</dd>`)}
      <dt>z</dt><dd>${row.z === null ? "-" : number(row.z, 3)}</dd></dl>
    ${row.doubts.length ? html`<p class="dim">${row.doubts.join("; ")}</p>` : null}
    ${row.streams.length ? html`<details><summary>${t("balance.streams", { n: row.streams.length })}</summary><div class="wide" tabindex="0" role="region" aria-label=${row.store}><table><tbody>${row.streams.map((each) => html`<tr><td>${each.kind}</td><td>${each.meter} ${each.vessel}</td><td class="n">${kg(each.kg)} kg ± ${kg(each.sigma_kg)}</td><td class="n">${each.weighings}</td></tr>`)}</tbody></table></div></details>` : null}</section>`;
}

export default function Balance() {
  const { data, error } = usePage(`/balance.json?${given}`, () => false);
  if (!data) return html`<${Trouble} error=${error} />${error ? null : html`<p class="waiting">${t("loading")}</p>`}`;
  return html`<${Trouble} error=${error} /><h1>${t("page.balance")} ${data.week}</h1>
    <p class="filters">${data.before ? html`<a href=${at(data.before)}>← ${data.before}</a> <a href=${at(data.after)}>${data.after} →</a>` : null}</p>
    ${data.faults.map((each) => html`<p class="trouble">${each[lang]}</p>`)}
    ${data.rows.map((row) => html`<${Store} row=${row} said=${data.said} />`)}
    ${data.rows.length ? null : html`<p class="card">${t("balance.none")}</p>`}`;
}
