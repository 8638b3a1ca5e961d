// Audit: what people did and from where, who came, which configs came into force, and the signed chain that proves it.
import { html } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { moment } from "../format.js";
import { coded, Coming, lotLink, Trouble, Wide } from "../parts.js";
import { lang, t } from "../words.js";

const GIVEN = ["command", "signal", "bundle", "gateway", "probation"]; // whoever is no person
const HASH = /^[0-9a-f]{64}$/;
const shown = (value) => typeof value === "object" ? JSON.stringify(value) : HASH.test(value) ? `${value.slice(0, 12)}…` : value;
const words = (body) => Object.entries(body).filter(([name]) => name !== "alarm" && name !== "lot" && name !== "tag").map(([name, value]) => `${name}: ${shown(value)}`).join("; ");
const who = (by) => (GIVEN.includes(by) ? t(`config.by.${by}`) : /^\d+$/.test(by ?? "") ? t("config.by.operator", { operator: by }) : (by ?? ""));
const became = (name) => (t(`event.${name}`) === `event.${name}` ? name : t(`event.${name}`));
const doing = (name) => (t(`act.${name}`) === `act.${name}` ? name : t(`act.${name}`));

function Config({ row, many }) {
  const said = t(`config.${row.what}`, { by: who(row.by), n: row.sequence ?? "", why: row.why ?? row.reason ?? "" });
  return html`<li><span class="dim">${moment(row.time)}${many ? ` ${row.site}` : ""}</span> ${said}
    ${row.words.length ? html`<ul class="changes">${(lang === "zh" ? row.words_zh : row.words).map((each) => html`<li>${each}</li>`)}</ul>` : null}</li>`;
}

function Came({ row }) {
  const said = row.refused ? t("coming.refused", { act: doing(row.act), why: row.refused }) : t(`coming.${row.what}`);
  return html`<li><span class="dim">${moment(row.time)}</span> ${row.operator} <b class=${row.refused || row.what === "sign_in_refused" ? "mark s1" : ""}>${said}</b>
    ${row.act && !row.refused ? ` ${doing(row.act)}` : ""}${row.about ? ` ${row.about}` : ""}${row.site ? ` (${row.site})` : ""} <span class="dim">${row.from ?? ""}</span></li>`;
}

/** Who came to this server, and what was asked of it: of pages over replicas, which have no journal of their own. */
function Diary() {
  const { data, error } = usePage("/diary.json", () => false);
  if (!data) return html`<${Trouble} error=${error} />`;
  return html`<section class="card"><h2>${t("audit.diary")} <small><a href="/diary.json?as=csv" download="diary.csv">CSV</a></small></h2><p class="dim">${t("audit.diary.about")}</p>
    ${data.diary.length ? html`<ul class="list">${data.diary.map((row) => html`<${Came} row=${row} />`)}</ul>` : html`<p>${t("audit.none")}</p>`}</section>`;
}

const PROOF = { proven: "✓", waiting: "…", wrong: "■" };

/** Whether what is shown is in the signed chain: asked for again when somebody has entered something. */
function useProof(before, newest) {
  const { data } = usePage(`/audit.json?${new URLSearchParams({ check: "1", ...before, newest })}`, () => false);
  return new Map(data?.acts.map((row) => [`${row.site} ${row.gateway} ${row.seq}`, row.proof]));
}

function Verified({ proofs }) {
  const all = [...proofs.values()];
  const of = (kind) => all.filter((each) => each === kind).length;
  if (!all.length) return null;
  return html`<p class=${of("wrong") ? "trouble" : ""} role="status">${of("wrong") ? t("audit.wrong", { n: of("wrong") }) : `${t("audit.proven", { n: of("proven") })} ${of("waiting") ? t("audit.waiting", { n: of("waiting") }) : ""}`}</p>`;
}

function Acts({ data, many, asked }) {
  const proofs = useProof(asked, data.acts[0]?.time ?? "");
  const proof = (row) => proofs.get(`${row.site} ${row.gateway} ${row.seq}`) ?? "waiting";
  return html`<section class="card"><h2>${t("audit.acts")} <small><a href="/audit.csv">CSV</a></small></h2><${Verified} proofs=${proofs} />
    ${data.acts.length ? html`<${Wide} label=${t("audit.acts")}><table><thead><tr><th>${t("time")}</th><th>${t("audit.who")}</th><th>${t("audit.what")}</th><th>${t("audit.about")}</th><th>${t("audit.said")}</th><th>${t("audit.came")}</th><th>${t("audit.from")}</th><th>${t("audit.chain")}</th></tr></thead>
      <tbody>${data.acts.map((row) => html`<tr><td>${moment(row.time)}</td><td>${row.operator}</td><td>${doing(row.act)}</td><td>${row.body.lot ? lotLink(row.body.lot) : row.about}${many ? html` <span class="dim">${row.site}</span>` : ""}</td><td>${words(row.body)}</td><td>${row.came.map(became).join("; ")}</td><td>${row.from ?? t("audit.elsewhere")}</td><td class=${proof(row) === "wrong" ? "mark s2" : ""}>${PROOF[proof(row)]} ${t(`audit.is.${proof(row)}`)}</td></tr>`)}</tbody></table><//>` : html`<p>${t("audit.none")} ${t("audit.next")}</p>`}
    ${data.more ? html`<p><a href=${`/audit?before=${data.older}`}>${t("audit.older")}</a></p>` : null}</section>`;
}

export default function Audit({ me }) {
  const before = new URLSearchParams(location.search).get("before");
  const asked = before ? { before } : {};
  const { data, error } = usePage(`/audit.json?${new URLSearchParams(asked)}`);
  if (!data) return html`<${Coming} error=${error} />`;
  const many = data.chains.length > 1;
  return html`<${Trouble} error=${error} /><h1>${t("page.audit")}</h1>
    <section class="card">${data.chains.map((row) => html`<p><b>${row.site}/${row.gateway}</b>: ${row.head ? t("audit.head", { size: row.head.size, time: moment(row.head.time) }) : t("audit.nohead")}</p>`)}<p class="dim">${coded(t("audit.verify"))}</p></section>
    <${Acts} data=${data} many=${many} asked=${asked} />
    ${before ? null : html`<section class="card"><h2>${t("audit.configs")} <small><a href="/audit.csv?table=configs">CSV</a></small></h2>
      ${data.configs.length ? html`<ul class="list">${data.configs.map((row) => html`<${Config} row=${row} many=${many} />`)}</ul>` : html`<p>${coded(t("audit.noconfigs"))}</p>`}</section>`}
    ${before || !data.comings.length ? null : html`<section class="card"><h2>${t("audit.comings")} <small><a href="/audit.csv?table=comings">CSV</a></small></h2><ul class="list">
      ${data.comings.map((row) => html`<${Came} row=${{ ...row, site: many ? row.site : "" }} />`)}</ul></section>`}
    ${me.away && !before ? html`<${Diary} />` : null}`;
}
