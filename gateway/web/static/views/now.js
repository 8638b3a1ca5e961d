// Now: the alarm that should be read first, how many there are, what lies where, and how fresh it is.
import { html, useState } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { ago, clock, iso, sameDay } from "../format.js";
import { Acknowledge, kind, Lots, lotLink, says, severity, state, time, Trouble } from "../parts.js";
import { t } from "../words.js";

function Story({ row, me, onAct }) {
  const facts = row.facts ?? {};
  const may = me.may.includes("acknowledge");
  return html`<section class="card story s${row.severity}" aria-labelledby="story">
    <h1 id="story">${severity(row)} ${row.tag || row.subject}</h1>
    <p class="said">${says(row) || row.reaction}</p>
    <dl>
      <dt>${t("story.since")}</dt><dd>${facts.change ? html`${time(iso(facts.change.time_ns))} <span class="dim">${t("story.interval", { from: clock(facts.change.from_ns), to: clock(facts.change.to_ns) })}</span>` : time(row.time)}</dd>
      <dt>${t("story.lots")}</dt><dd>${row.lots.length ? html`<${Lots} lots=${row.lots} />` : t("none")}</dd>
      <dt>${t("story.do")}</dt><dd>${row.reaction || t("none")}</dd>
    </dl>
    <p class="buttons">${may ? html`<button class="main" onClick=${onAct}>${t("ack.open")}</button>` : null}<a href="/alarms">${t("story.all")}</a></p>
  </section>`;
}

const Tile = ({ name, value, kind }) => html`<a class="tile ${value ? kind : "calm"}" href="/alarms"><b>${value}</b> ${t(name)}</a>`;

function Cells({ lots }) {
  const cells = Map.groupBy ? Map.groupBy(lots, (row) => `${row.site} ${row.cell}`) : lots.reduce((map, row) => map.set(`${row.site} ${row.cell}`, [...(map.get(`${row.site} ${row.cell}`) ?? []), row]), new Map());
  if (!cells.size) return html`<p>${t("now.nolots")}</p>`;
  return html`<table><thead><tr><th>${t("cell")}</th><th>${t("lot")}</th><th>${t("role")}</th><th>${t("since")}</th></tr></thead>
    <tbody>${[...cells.values()].map((rows) => rows.slice(0, 3).map((row, at) => html`<tr>
      <td>${at ? "" : row.cell}</td><td>${lotLink(row.lot)}</td><td>${t(`lot.role.${row.role}`)}</td><td>${sameDay(row.since)}</td></tr>`))}</tbody></table>`;
}

export default function Now({ me }) {
  const { data, error, reload } = usePage("/now.json");
  const [acting, setActing] = useState(null);
  if (!data) return html`<${Trouble} error=${error} /><p class="waiting">${t("loading")}</p>`;
  const { counts, story } = data;
  return html`<${Trouble} error=${error} />
    ${story ? html`<${Story} row=${story} me=${me} onAct=${() => setActing(story)} />` : html`<section class="card calm"><h1>${t("now.calm")}</h1><p>${t("now.calm.about")}</p></section>`}
    <div class="tiles">
      <${Tile} name="now.active" value=${counts.active} kind="s2" />
      <${Tile} name="now.returned" value=${counts.returned} kind="s1" />
      <${Tile} name="now.acknowledged" value=${counts.acknowledged} kind="s0" />
      <${Tile} name="now.shelved" value=${counts.shelved} kind="s0" />
    </div>
    <section class="card"><h2>${t("now.lots")}</h2><${Cells} lots=${data.lots} /></section>
    <section class="card"><h2>${t("now.open")}</h2>
      ${data.alarms.length ? html`<ul class="list">${data.alarms.slice(0, 12).map((row) => html`<li>${severity(row)} ${state(row)} <b>${row.tag || row.subject}</b> ${kind(row)} <span class="dim">${sameDay(row.time)}</span></li>`)}</ul>` : html`<p>${t("none")}</p>`}
    </section>
    <footer>${data.sites.map((site) => html`<p>${site.site}/${site.gateway}: ${t("now.fresh", { ago: ago(site.age_s) })}${site.replica ? ` (${t("replica")})` : ""}</p>`)}</footer>
    ${acting ? html`<${Acknowledge} row=${acting} onClose=${() => { setActing(null); reload(); }} />` : null}`;
}
