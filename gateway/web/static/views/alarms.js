// Alarms: what came first, and what follows under it; what it says, since when, its lots, what to do, who is told next;
// the three acts; and which causes there were. Wholly by keys: j k to go, a acknowledge, s shelve, u bring back, g chart.
import { html, useEffect, useRef, useState } from "/vendor/preact.js";
import { act } from "../act.js";
import { usePage } from "../data.js";
import { clock, date, iso, number } from "../format.js";
import { Acknowledge, Coming, Do, kind, Lots, reaction, says, severity, Shelve, state, time, Trouble, Wide } from "../parts.js";
import { t } from "../words.js";

const given = new URLSearchParams(location.search);
const SPANS = [1, 7, 30, 90, 365];
const CLOSED = ["closed", "shelved"];
const ms = (ns) => Math.floor(Number(ns) / 1e6);

/** Where its chart was when it spoke. */
function chartOf(row) {
  if (row.kind !== "signal") return null;
  const asked = new URLSearchParams({ id: row.subject, site: row.site, at: ms(row.begun_ns ?? row.time_ns) });
  if (row.facts?.key !== undefined) asked.set("key", row.facts.key);
  return `/chart?${asked}`;
}

/** h:mm:ss to a time, counted each second; beyond it, that it is overdue. */
function Countdown({ to }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => { const beat = setInterval(() => setNow(Date.now()), 1000); return () => clearInterval(beat); }, []);
  const left = Math.round((date(to) - now) / 1000);
  const [h, m, s] = [Math.floor(Math.abs(left) / 3600), Math.floor(Math.abs(left) / 60) % 60, Math.abs(left) % 60].map((each) => String(each).padStart(2, "0"));
  return html`<b class="num ${left < 60 ? "hot" : ""}" role="timer">${left < 0 ? t("ladder.now") : t("ladder.in", { left: `${h}:${m}:${s}` })}</b>`;
}

function Escalation({ found }) {
  const { told, next } = found;
  return html`<dt>${t("ladder")}</dt><dd>${told.map((each) => html`<span class="step">${t("ladder.told", { who: each.to.join(", ") || t("ladder.nobody"), at: clock(date(each.at).getTime() * 1e6) })}</span> `)}
    ${next === null ? t("ladder.end") : html`<span class="step">${t("ladder.next", { step: next.step, steps: next.steps, who: next.to.join(", ") || t("ladder.nobody") })} ${next.stopped ? t("ladder.stopped") : html`<${Countdown} to=${next.at} />`}</span>`}</dd>`;
}

function Answer({ row }) {
  const facts = row.facts ?? {};
  return html`${facts.cause ? html`<dt>${t("ack.cause")}</dt><dd>${facts.cause} (${t(`ack.class.${facts.cause_class ?? "unknown"}`)}), ${t("by", { who: facts.acknowledged_by })}</dd><dt>${t("ack.action")}</dt><dd>${facts.action}</dd>` : null}
    ${row.state === "shelved" ? html`<dt>${t("shelve.reason")}</dt><dd>${facts.shelved_reason} (${t("by", { who: facts.shelved_by })}), ${t("until")} ${time(iso(facts.shelved_until_ns))}</dd>` : null}`;
}

function Acts({ row, me, onAct }) {
  const may = (name) => me.may.includes(name);
  const open = row.state === "active" || row.state === "returned";
  const chart = chartOf(row);
  return html`<p class="buttons">
    ${may("acknowledge") && !CLOSED.includes(row.state) ? html`<button class=${open ? "main" : ""} onClick=${() => onAct("acknowledge", row)} aria-keyshortcuts="a">${t(row.facts?.cause ? "ack.again" : "ack.open")}</button>` : null}
    ${may("shelve") && !CLOSED.includes(row.state) ? html`<button onClick=${() => onAct("shelve", row)} aria-keyshortcuts="s">${t("shelve.open")}</button>` : null}
    ${may("unshelve") && row.state === "shelved" ? html`<button onClick=${() => onAct("unshelve", row)} aria-keyshortcuts="u">${t("unshelve")}</button>` : null}
    ${chart ? html`<a href=${chart} aria-keyshortcuts="g">${t("alarms.chart")}</a>` : null}
  </p>`;
}

const Title = ({ row }) => html`${severity(row)} ${row.tag || row.subject} <small>${kind(row)}</small> ${state(row)}`;

function Alarm({ row, me, onAct, onFocus, first }) {
  const change = row.facts?.change;
  return html`<article class="card alarm ${row.state}" id=${row.alarm} tabindex="-1" onfocusin=${onFocus} aria-labelledby=${`title-${row.alarm}`}>
    <h2 id=${`title-${row.alarm}`}>${first ? html`<span class="tagged">${t("firstout")}</span> ` : null}<${Title} row=${row} />${me.away ? html` <span class="dim">${row.site}</span>` : null}</h2>
    <p class="said">${says(row) || reaction(row)}</p>
    <dl>
      <dt>${t("story.since")}</dt><dd>${time(change ? iso(change.time_ns) : row.begun)} ${change ? html`<span class="dim">${t("story.interval", { from: clock(change.from_ns), to: clock(change.to_ns) })}</span>` : null} ${row.version > 1 ? html`<span class="dim">${t("version", { n: row.version - 1 })}</span>` : null}</dd>
      ${row.lots.length ? html`<dt>${t("story.lots")}</dt><dd><${Lots} lots=${row.lots} /></dd>` : null}
      ${row.reaction ? html`<dt>${t("story.do")}</dt><dd><${Do} row=${row} /></dd>` : null}
      ${row.escalation ? html`<${Escalation} found=${row.escalation} />` : null}
      <${Answer} row=${row} />
    </dl>
    <${Acts} row=${row} me=${me} onAct=${onAct} />
  </article>`;
}

/** An alarm under the first one: a line, with the same acts. */
function Follower({ row, me, onAct, onFocus }) {
  return html`<li class="alarm follower ${row.state}" id=${row.alarm} tabindex="-1" onfocusin=${onFocus}>
    <details><summary><${Title} row=${row} /> ${time(row.begun)}</summary>
      <p class="said">${says(row) || reaction(row)}</p><dl>${row.reaction ? html`<dt>${t("story.do")}</dt><dd><${Do} row=${row} /></dd>` : null}${row.lots.length ? html`<dt>${t("story.lots")}</dt><dd><${Lots} lots=${row.lots} /></dd>` : null}${row.escalation ? html`<${Escalation} found=${row.escalation} />` : null}<${Answer} row=${row} /></dl>
    </details><${Acts} row=${row} me=${me} onAct=${onAct} /></li>`;
}

function Causes({ data, onDays }) {
  const most = data.causes[0]?.count ?? 1;
  return html`<section class="card" aria-labelledby="causes"><h2 id="causes">${t("causes.title")} <small><a href=${`/alarms.csv?table=causes&days=${data.days}`}>CSV</a></small></h2>
    <p class="filters" role="group" aria-label=${t("causes.span")}>${SPANS.map((each) => html`<button aria-pressed=${each === data.days ? "true" : "false"} onClick=${() => onDays(each)}>${t("causes.days", { n: each })}</button>`)}</p>
    ${data.causes.length ? html`<${Wide} label=${t("causes.title")}><table class="pareto"><thead><tr><th>${t("ack.cause")}</th><th></th><th class="n">${t("causes.count")}</th><th class="n">${t("causes.reached")}</th></tr></thead>
      <tbody>${data.causes.slice(0, 30).map((row) => html`<tr><td>${row.cause}</td><td class="barcell"><svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class=${row.reached - row.count / data.causes.reduce((sum, each) => sum + each.count, 0) < 0.8 ? "few" : "many"} width=${(100 * row.count) / most} height="10" /></svg></td><td class="n">${row.count}</td><td class="n">${number(row.reached * 100, 3)} %</td></tr>`)}</tbody></table><//>` : html`<p>${t("causes.none")}</p>`}</section>`;
}

export default function Alarms({ me }) {
  const all = given.get("all") === "1";
  const [days, setDays] = useState(Number(given.get("days")) || 30);
  const { data, error, reload } = usePage(`/alarms.json?${new URLSearchParams({ ...(all ? { all: "1" } : {}), days })}`, (event) => event.is === "alarm" || event.is === "escalated");
  const [acting, setActing] = useState(null);
  const [failed, setFailed] = useState(null);
  const at = useRef(null); // the alarm that has the focus
  useEffect(() => {
    const wanted = decodeURIComponent(location.hash.slice(1));
    if (data && wanted && at.current === null) document.getElementById(wanted)?.focus();
  }, [data !== null]);
  useEffect(() => { // an alarm that was answered goes to another place of the list, and the focus with it
    if (at.current && document.activeElement === document.body) document.getElementById(at.current)?.focus({ preventScroll: true });
  }, [data]);
  const onAct = async (name, row) => {
    if (name !== "unshelve") return setActing({ name, row });
    try {
      await act("unshelve", { alarm: row.alarm }, row.site);
      setFailed(null);
    } catch (problem) {
      setFailed(problem);
    }
    reload();
  };
  useEffect(() => {
    const keys = (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("input, textarea, select, dialog") || !data) return;
      const rows = [...document.querySelectorAll("[tabindex].alarm")];
      const here = rows.findIndex((each) => each.id === at.current);
      const row = data.alarms.find((each) => each.alarm === (at.current ?? rows[0]?.id));
      const go = (by) => rows[Math.min(Math.max(here + by, 0), rows.length - 1)]?.focus();
      const may = (name, fine) => me.may.includes(name) && row && fine && onAct(name, row);
      const does = { j: () => go(1), k: () => go(here < 0 ? 1 : -1), a: () => may("acknowledge", !CLOSED.includes(row?.state)), s: () => may("shelve", !CLOSED.includes(row?.state)), u: () => may("unshelve", row?.state === "shelved"), g: () => row && chartOf(row) && location.assign(chartOf(row)) }[event.key];
      if (does) { event.preventDefault(); does(); }
    };
    addEventListener("keydown", keys);
    return () => removeEventListener("keydown", keys);
  }, [data]);
  if (!data) return html`<${Coming} error=${error} />`;
  const closed = () => { setActing(null); reload(); };
  const byId = new Map(data.alarms.map((row) => [row.alarm, row]));
  const shared = { me, onAct };
  return html`<${Trouble} error=${failed ?? error} />
    <h1>${t("page.alarms")} ${["active", "returned", "acknowledged", "shelved"].map((each) => html`<span class="count ${each}">${data.counts[each]} ${t(`state.${each}`)}</span> `)}</h1>
    <p class="filters">${all ? html`<a href="/alarms">${t("alarms.open")}</a>` : html`<a href="/alarms?all=1">${t("alarms.all")}</a>`} <a href=${`/alarms.csv${all ? "?all=1" : ""}`}>CSV</a> <span class="dim keyshelp">${t("alarms.keys")}</span></p>
    ${data.groups.length ? html`<ul class="alarms">${data.groups.map((group) => html`<li key=${group.first}><${Alarm} row=${byId.get(group.first)} first=${group.then.length > 0} onFocus=${() => { at.current = group.first; }} ...${shared} />
      ${group.then.length ? html`<details class="then" open=${group.then.length <= 5}><summary>${t("alarms.then", { n: group.then.length })}</summary><ul class="list">${group.then.map((each) => html`<${Follower} key=${each} row=${byId.get(each)} onFocus=${() => { at.current = each; }} ...${shared} />`)}</ul></details>` : null}</li>`)}</ul>` : html`<p class="card calm">${t("alarms.none")}</p>`}
    ${data.count > data.alarms.length ? html`<p>${t("alarms.cut", { shown: data.alarms.length, n: data.count })}</p>` : null}
    <${Causes} data=${data} onDays=${(next) => { given.set("days", next); history.replaceState(null, "", `?${given}`); setDays(next); }} />
    ${acting?.name === "acknowledge" ? html`<${Acknowledge} row=${acting.row} onClose=${closed} />` : null}
    ${acting?.name === "shelve" ? html`<${Shelve} row=${acting.row} onClose=${closed} />` : null}`;
}
