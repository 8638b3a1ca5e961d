// Balance: opening + received + ground = dosed + scrapped + closing + residual, and whether the residual is chance.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { number } from "../format.js";
import { coded, Coming, Trouble, Wide } from "../parts.js";
import { lang, t } from "../words.js";

const given = new URLSearchParams(location.search);
given.delete("lang");
const at = (week) => `/balance?${new URLSearchParams({ week })}`;
const kg = (value) => (value === null || value === undefined ? "–" : number(value, Math.abs(value) >= 1000 ? 7 : 5));
const GOES = { opening: "", received: "+", ground: "+", moved_in: "+", dosed: "−", scrapped: "−", moved_out: "−", closing: "−", residual: "=" };

function Store({ row, said }) {
  const word = (name) => said[name]?.[lang] ?? name;
  const none = (name, value) => value === 0 && name !== "opening" && name !== "closing" && name !== "residual";
  return html`<section class="card"><h2>${row.store} <small>${row.material} ${row.line}</small> ${row.verdict ? html`<span class="state active">${word(row.verdict)}</span>` : ""}</h2>
    <dl class="sum">${Object.entries(row.kg).filter(([name, value]) => !none(name, value)).map(([name, value]) => html`<dt class=${name}><span aria-hidden="true">${GOES[name] ?? ""}</span> ${word(name)}</dt><dd class="num ${name}">${value === null ? "–" : html`${kg(value)}${name === "residual" && row.sigma_kg !== null ? ` ± ${number(row.sigma_kg, 3)}` : ""} kg`}</dd>`)}</dl>
    <p>${row.z === null ? coded(t("balance.nores")) : t(Math.abs(row.z) > 3 ? "balance.far" : "balance.near", { z: number(Math.abs(row.z), 3) })}</p>
    ${row.doubts.length ? html`<p class="dim">${lang === "zh" ? row.doubts_zh.join("；") : row.doubts.join("; ")}</p>` : null}
    ${row.streams.length ? html`<details><summary>${t("balance.streams", { n: row.streams.length })}</summary><${Wide} label=${row.store}><table><tbody>${row.streams.map((each) => html`<tr><td>${word(each.kind)}</td><td>${each.meter} ${each.vessel}</td><td class="n">${kg(each.kg)} ± ${number(each.sigma_kg, 3)} kg</td><td class="n">${t("balance.weighings", { n: number(each.weighings, 9) })}</td></tr>`)}</tbody></table><//></details>` : null}</section>`;
}

export default function Balance() {
  const { data, error } = usePage(`/balance.json?${given}`, () => false);
  if (!data) return html`<${Coming} error=${error} />`;
  return html`<${Trouble} error=${error} /><h1>${t("page.balance")} ${data.week}</h1>
    <p class="filters">${data.before ? html`<a href=${at(data.before)}>← ${data.before}</a> <a href=${at(data.after)}>${data.after} →</a>` : null} <a href=${`/balance.csv?${given}`}>CSV</a></p>
    <p class="dim">${t("balance.about")}</p>
    ${data.faults.map((each) => html`<p class="trouble">${each[lang]}</p>`)}
    ${data.rows.map((row) => html`<${Store} row=${row} said=${data.said} />`)}
    ${data.rows.length ? null : html`<p class="card">${t("balance.none")}</p>`}`;
}
