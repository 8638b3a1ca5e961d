// Now: the alarm that should be read first, how many there are, what runs, what is due, how it stands against the goals.
import { html, useState } from "/vendor/preact.js";
import { usePage } from "../data.js";
import { Plot } from "../drawn.js";
import { ago, apart, clock, date, iso, number, sameDay } from "../format.js";
import { Acknowledge, Coming, Do, kind, lotLink, Lots, reaction, says, severity, state, time, Trouble, Wide } from "../parts.js";
import { Due, Machines, Stops, Strip } from "../sheet.js";
import { t } from "../words.js";

const SUMS = ["upper", "lower"]; // of a CUSUM: multiples of sigma, not of the tag's unit

/** What the chart shows now, with what is since the change behind it. A page over replicas has no live chart. */
function Drawing({ row }) {
  const { data } = usePage(`/chart.json?${new URLSearchParams({ id: row.subject, site: row.site, key: row.facts.key ?? "", lean: "1" })}`, (event) => event.is === "signal" || event.is === "alarm");
  const { chart } = data ?? {};
  const panel = chart?.panels[0];
  const known = panel?.value.filter((value) => value !== null) ?? [];
  if (known.length < 2) return null;
  const at = row.facts.change ? row.facts.change.time_ns / 1e6 : null;
  const since = at === null || at < chart.times[0] ? -1 : chart.times.findIndex((each) => each >= at);
  const [lcl, ucl] = [panel.lcl, panel.ucl].map((line) => (Array.isArray(line) ? line.at(-1) : line) ?? null);
  const unit = SUMS.includes(panel.name) ? "" : (row.facts.uom ?? "");
  return html`<figure><${Plot} panel=${panel} label=${row.tag} since=${since} />
    <figcaption class="dim small">${t("story.newest", { value: `${number(known.at(-1))} ${unit}`.trim() })} ${ucl === null ? "" : lcl === null ? t("why.upper", { ucl: number(ucl) }) : t("why.limits", { lcl: number(lcl), ucl: number(ucl) })} ${since < 0 ? "" : t("story.shaded")}</figcaption></figure>`;
}

function Story({ row, me, many, onAct }) {
  const facts = row.facts ?? {};
  const { change } = facts;
  const may = me.may.includes("acknowledge");
  const size = change && (change.size === null ? `${number(Math.abs(change.size_sigma), 3)} σ` : apart(Math.abs(change.size), facts.uom));
  const moved = change && (change.direction === "up" || change.direction === "down");
  return html`<section class="card story s${row.severity}" aria-labelledby="story">
    <h1 id="story">${severity(row)} ${many ? html`<small>${row.site}</small> ` : null}${row.tag || row.subject} ${moved ? html`<b class="moved">${t(`story.${change.direction}`, { size })}</b>` : null} ${state(row)}</h1>
    ${moved ? null : html`<p class="said">${says(row) || reaction(row)}</p>`}
    <div class="pair"><dl>
      <dt>${t("story.since")}</dt><dd>${change ? html`<b>${time(iso(change.time_ns))}</b> <span class="dim">${t("story.interval", { from: clock(change.from_ns), to: clock(change.to_ns) })}</span>` : html`<b>${time(row.time)}</b>`}</dd>
      <dt>${t("story.lots")}</dt><dd>${row.lots.length ? html`<${Lots} lots=${row.lots} most=${6} />` : t("none")}</dd>
      <dt>${t("story.do")}</dt><dd><b><${Do} row=${row} /></b></dd>
    </dl>${row.kind === "signal" ? html`<${Drawing} row=${row} />` : null}</div>
    <p class="buttons">${may ? html`<button class="main" onClick=${onAct}>${t("ack.open")}</button>` : null}${row.kind === "signal" ? html`<a href=${`/chart?${new URLSearchParams({ id: row.subject, site: row.site })}`}>${t("story.chart")}</a>` : null}<a href="/alarms">${t("story.all")}</a></p>
    ${moved ? html`<p class="dim small">${says(row)}</p>` : null}
  </section>`;
}

const Tile = ({ name, value, kind }) => html`<a class="tile ${value ? kind : "calm"}" href="/alarms"><b>${value}</b> ${t(name)}</a>`;

function Cells({ lots, many }) {
  const cells = new Map();
  for (const row of lots) {
    const key = `${row.site} ${row.cell} ${row.role}`;
    cells.set(key, [...(cells.get(key) ?? []), row]);
  }
  if (!cells.size) return html`<p>${t("now.nolots")}</p>`;
  return html`<${Wide} label=${t("now.lots")}><table><thead><tr><th>${t("cell")}</th><th>${t("lot")}</th><th>${t("role")}</th><th>${t("since")}</th></tr></thead>
    <tbody>${[...cells.values()].map((rows) => rows.slice(0, 2).map((row, at) => html`<tr>
      <td>${at ? "" : html`${many ? html`<b>${row.site}</b> ` : ""}${row.cell}`}</td><td>${lotLink(row.lot)} ${at === 1 && rows.length > 2 ? html`<span class="dim">${t("more", { n: rows.length - 2 })}</span>` : ""}</td><td>${t(`lot.role.${row.role}`)}</td><td>${sameDay(row.since)}</td></tr>`))}</tbody></table><//>`;
}

const CHANGES = ["alarm", "lot", "signal"];

export default function Now({ me, quiet }) {
  const { data, error, reload } = usePage("/now.json", (event) => CHANGES.includes(event.is));
  const due = usePage("/due.json", (event) => event.is.startsWith("check_") || event.is.startsWith("planned_")).data;
  const [acting, setActing] = useState(null);
  if (!data) return html`<${Coming} error=${error} />`;
  const { counts, story } = data;
  const open = data.alarms.filter((row) => row.state === "active" || row.state === "returned");
  const of = (level) => open.filter((row) => row.severity === level).length;
  const many = data.sites.length > 1;
  const stale = data.sites.filter((site) => site.age_s > 60);
  return html`<${Trouble} error=${error} />
    ${story ? html`<${Story} row=${story} me=${me} many=${many} onAct=${() => setActing(story)} />` : html`<section class="card calm"><h1>${t(open.length ? "now.nosignal" : "now.calm")}</h1><p>${t(open.length ? "now.nosignal.about" : "now.calm.about")}</p></section>`}
    <div class="tiles">
      <${Tile} name="now.s2" value=${of(2)} kind="s2" />
      <${Tile} name="now.s1" value=${of(1)} kind="s1" />
      <${Tile} name="now.s0" value=${of(0)} kind="s0" />
      <${Tile} name="now.acknowledged" value=${counts.acknowledged} kind="s0" />
      <${Tile} name="now.shelved" value=${counts.shelved} kind="s0" />
    </div>
    <${Strip} />
    <div class="pair">
      <section class="card"><h2>${t("now.running")}</h2>${due ? html`<${Machines} rows=${due.machines} /><${Stops} rows=${due.stops} />` : html`<p>${t("loading")}</p>`}</section>
      <section class="card"><h2>${t("now.due")}</h2>${due ? html`<${Due} rows=${due.due} most=${8} />` : html`<p>${t("loading")}</p>`}</section>
    </div>
    ${quiet ? null : html`<section class="card"><h2>${t("now.lots")}</h2><${Cells} lots=${data.lots} many=${many} /></section>
    <section class="card"><h2>${t("now.open")}</h2>
      ${data.alarms.length ? html`<ul class="list">${data.alarms.slice(0, 12).map((row) => html`<li>${severity(row)} ${state(row)} ${many ? `${row.site}: ` : ""}<b>${row.tag || row.subject}</b> ${kind(row)} <span class="dim">${sameDay(row.time)}</span></li>`)}</ul>` : html`<p>${t("none")}</p>`}
      ${data.alarms.length > 12 ? html`<p><a href="/alarms">${t("more", { n: data.alarms.length - 12 })}</a></p>` : null}
    </section>`}
    <footer>${data.sites.map((site) => html`<p class=${stale.includes(site) ? "mark s2" : ""}>${site.site}/${site.gateway}: ${t("now.fresh", { ago: ago(site.newest ? (Date.now() - date(site.newest)) / 1000 : null) })}${site.replica ? ` (${t("replica")})` : ""}</p>`)}</footer>
    ${acting ? html`<${Acknowledge} row=${acting} onClose=${() => { setActing(null); reload(); }} />` : null}`;
}
