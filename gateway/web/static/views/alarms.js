// Alarms: what stands first; each with what it says, its lots, what to do, and the three acts.
import { html, useState } from "/vendor/preact.js";
import { act } from "../act.js";
import { usePage } from "../data.js";
import { Acknowledge, kind, Lots, says, severity, Shelve, state, time, Trouble } from "../parts.js";
import { t } from "../words.js";

function Alarm({ row, me, onAct }) {
  const may = (kind) => me.may.includes(kind);
  const facts = row.facts ?? {};
  const open = row.state === "active" || row.state === "returned";
  return html`<li class="card alarm ${row.state}" id=${row.alarm}>
    <h2>${severity(row)} ${row.tag || row.subject} <small>${kind(row)}</small> ${state(row)}</h2>
    <p class="said">${says(row) || row.reaction}</p>
    <dl>
      <dt>${t("time")}</dt><dd>${time(row.time)} <span class="dim">${t("version", { n: row.version })}</span></dd>
      ${row.lots.length ? html`<dt>${t("story.lots")}</dt><dd><${Lots} lots=${row.lots} /></dd>` : null}
      ${row.reaction ? html`<dt>${t("story.do")}</dt><dd>${row.reaction}</dd>` : null}
      ${facts.first_out ? html`<dt>${t("firstout")}</dt><dd>${facts.first_out}</dd>` : null}
      ${facts.cause ? html`<dt>${t("ack.cause")}</dt><dd>${facts.cause} (${t(`ack.class.${facts.cause_class ?? "unknown"}`)}), ${t("by", { who: facts.acknowledged_by })}</dd><dt>${t("ack.action")}</dt><dd>${facts.action}</dd>` : null}
      ${row.state === "shelved" ? html`<dt>${t("shelve.reason")}</dt><dd>${facts.shelved_reason} (${t("by", { who: facts.shelved_by })})</dd>` : null}
    </dl>
    <p class="buttons">
      ${may("acknowledge") && row.state !== "closed" && row.state !== "shelved" ? html`<button class=${open ? "main" : ""} onClick=${() => onAct("ack", row)}>${t(facts.cause ? "ack.again" : "ack.open")}</button>` : null}
      ${may("shelve") && row.state !== "closed" && row.state !== "shelved" ? html`<button onClick=${() => onAct("shelve", row)}>${t("shelve.open")}</button>` : null}
      ${may("unshelve") && row.state === "shelved" ? html`<button onClick=${() => onAct("unshelve", row)}>${t("unshelve")}</button>` : null}
    </p>
  </li>`;
}

export default function Alarms({ me }) {
  const all = new URLSearchParams(location.search).get("all") === "1";
  const { data, error, reload } = usePage(`/alarms.json${all ? "?all=1" : ""}`, (event) => event.is === "alarm");
  const [acting, setActing] = useState(null);
  const [failed, setFailed] = useState(null);
  const onAct = async (kind, row) => {
    if (kind !== "unshelve") return setActing({ kind, row });
    try {
      await act("unshelve", { alarm: row.alarm });
      setFailed(null);
    } catch (problem) {
      setFailed(problem);
    }
    reload();
  };
  if (!data) return html`<${Trouble} error=${error} /><p class="waiting">${t("loading")}</p>`;
  const closed = () => { setActing(null); reload(); };
  return html`<${Trouble} error=${failed ?? error} />
    <h1>${t("page.alarms")}</h1>
    <p class="buttons">${all ? html`<a href="/alarms">${t("alarms.open")}</a>` : html`<a href="/alarms?all=1">${t("alarms.all")}</a>`} <a href=${`/alarms.csv${all ? "?all=1" : ""}`}>CSV</a></p>
    ${data.alarms.length ? html`<ul class="alarms">${data.alarms.map((row) => html`<${Alarm} key=${row.alarm} row=${row} me=${me} onAct=${onAct} />`)}</ul>` : html`<p class="card calm">${t("alarms.none")}</p>`}
    ${data.count > data.alarms.length ? html`<p>${t("alarms.cut", { shown: data.alarms.length, n: data.count })}</p>` : null}
    ${acting?.kind === "ack" ? html`<${Acknowledge} row=${acting.row} onClose=${closed} />` : null}
    ${acting?.kind === "shelve" ? html`<${Shelve} row=${acting.row} onClose=${closed} />` : null}`;
}
