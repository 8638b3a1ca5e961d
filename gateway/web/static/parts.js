// What several views are made of.
import { html, useEffect, useRef, useState } from "/vendor/preact.js";
import { act, signIn, signInHere } from "./act.js";
import { moment } from "./format.js";
import { lang, t } from "./words.js";

const SHAPES = ["●", "▲", "■"]; // info, warning, alarm: not by colour alone

export const severity = (row) => html`<span class="mark s${row.severity}" title=${t(`severity.${row.severity}`)}>${SHAPES[row.severity]}</span>`;
export const state = (row) => html`<span class="state ${row.state}">${t(`state.${row.state}`)}</span>`;
export const lotLink = (lot) => html`<a class="lot" href=${`/lot?lot=${encodeURIComponent(lot)}`}>${lot}</a>`;
export const says = (row) => (lang === "zh" ? row.facts?.sentence_zh : row.facts?.sentence) ?? "";
export const kind = (row) => (t(`kind.${row.kind}`) === `kind.${row.kind}` ? row.kind.replaceAll("_", " ") : t(`kind.${row.kind}`));
/** What the plan says to do, in the reader's language if the plan has it; "" where it says nothing. */
export const reaction = (row) => (lang === "zh" ? row.facts?.reaction_zh || row.reaction_zh : "") || row.reaction || row.facts?.reaction || "";
/** Why a lot is held. */
export const reason = (facts) => (lang === "zh" && facts.reason_zh) || (facts.reason ?? "");
const HAN = /\p{Script=Han}/u;

/** The same, and plainly where the plan has it in the other language only. */
export function Do({ row }) {
  const text = reaction(row);
  if (!text) return t("none");
  const written = HAN.test(text) ? "zh" : "en";
  return html`<span lang=${written === "zh" ? "zh-CN" : "en"}>${text}</span>${written === lang ? null : html` <small class="dim">${t("story.onelanguage")}</small>`}`;
}

/** Words with `commands` in them. */
export const coded = (text) => text.split("`").map((part, at) => (at % 2 ? html`<code>${part}</code>` : part));
export const time = (text) => html`<time datetime=${text}>${moment(text)}</time>`;

export function Lots({ lots, most = 8 }) {
  const shown = lots.slice(-most);
  return html`<span class="lots">${shown.map((lot) => html`${lotLink(lot)} `)}${lots.length > most ? t("more", { n: lots.length - most }) : ""}</span>`;
}

/** What the box said against something; `silent`: what is said where it said nothing at all. */
const against = (error, silent) => (error.name === "Error" && error.message ? t(`problem.${error.status === 404 || error.status === 503 ? error.status : "other"}`, { why: error.message }) : t(silent));

export function Trouble({ error, silent = "offline" }) {
  if (!error) return null;
  return html`<p class="trouble" role="alert">${error.status === 401 ? html`${t("session.ended")} <a href=${signInHere()}>${t("signin.open")}</a>` : against(error, silent)}</p>`;
}

/** In place of a page, or of a part of it, that has no data: it comes, or why not. */
export const Coming = ({ error }) => (error ? html`<${Trouble} error=${error} />` : html`<p class="waiting">${t("loading")}</p>`);

/** A table that may be wider than the screen: it is moved by itself, by keys too. */
export const Wide = ({ label, tall = "", children }) => html`<div class="wide ${tall}" tabindex="0" role="region" aria-label=${label}>${children}</div>`;

/** Signing in again, inside a dialog: what was typed there is not lost. */
function Again({ error }) {
  return html`<p class="trouble" role="alert">${error.status === 401 ? t("session.ended") : against(error, "offline")}</p>
    <label>${t("signin.name")}<input name="signin-name" autocomplete="username" required /></label>
    <label>${t("signin.password")}<input name="signin-password" type="password" autocomplete="current-password" required /></label>`;
}

/** A dialog with a form; `onSend(values)` may throw, and then the form stays with what it said. */
export function Ask({ title, send, onSend, onClose, children }) {
  const dialog = useRef(null);
  const [error, setError] = useState(null);
  const [busy, setBusy] = useState(false);
  const sent = useRef(false);
  const [ended, setEnded] = useState(false); // the session, meanwhile
  const [scanned, setScanned] = useState(""); // a label, meanwhile: what was typed here is not lost for it
  useEffect(() => { dialog.current.showModal(); }, []);
  const submit = async (event) => {
    event.preventDefault();
    setBusy(true);
    let out = ended;
    try {
      const { "signin-name": name, "signin-password": password, ...values } = Object.fromEntries(new FormData(event.target));
      if (out) await signIn(name, password);
      out = false;
      await onSend(values);
      sent.current = true;
      dialog.current.close(); // the focus goes back to where it was
      onClose(true);
      if (ended) location.reload(); // it may be somebody else now, who may do other things
    } catch (problem) {
      setEnded(out || problem.status === 401);
      setError(problem);
      setBusy(false);
    }
  };
  return html`<dialog ref=${dialog} aria-labelledby="asked" onClose=${() => sent.current || onClose(false)} onscan=${(event) => setScanned(event.detail)}>
    <form onSubmit=${submit}>
      <h2 id="asked">${title}</h2>
      ${children}
      ${ended ? html`<${Again} error=${error} />` : html`<${Trouble} error=${error} silent="sent.late" />`}
      ${scanned ? html`<p role="status">${t("scanned")} <a class="lot" target="_blank" href=${`/lot?code=${encodeURIComponent(scanned)}`}>${scanned}</a></p>` : null}
      ${busy ? html`<p class="waiting" role="status">${t("loading")}</p>` : null}
      <p class="buttons"><button type="button" onClick=${() => dialog.current.close()}>${t("cancel")}</button><button class="main" disabled=${busy}>${send}</button></p>
    </form>
  </dialog>`;
}

export function Acknowledge({ row, onClose }) {
  const send = (values) => act("acknowledge", { alarm: row.alarm, ...values }, row.site);
  const cause = useRef(null);
  const choose = (each) => { cause.current.value = each; };
  const known = [...(row.causes ?? []), ...(row.causes_before ?? [])];
  return html`<${Ask} title=${t("ack.title")} send=${t("ack.send")} onSend=${send} onClose=${onClose}>
    <p class="said">${says(row) || reaction(row)}</p>
    <label>${t("ack.class")}<select name="cause_class" required>
      ${["assignable", "false", "unknown"].map((each) => html`<option value=${each}>${t(`ack.class.${each}`)}</option>`)}
    </select></label>
    ${known.length ? html`<p class="chips" role="group" aria-label=${t("ack.choose")}>${known.map((each) => html`<button type="button" onClick=${() => choose(each)}>${each}</button>`)}</p>` : null}
    <label>${t("ack.cause")}<input name="cause" ref=${cause} required maxlength="500" autofocus /></label>
    <label>${t("ack.action")}<input name="action" required maxlength="500" defaultValue=${row.reaction ? t("ack.asplanned") : ""} onFocus=${(event) => event.target.select()} /></label>
  <//>`;
}

export function Shelve({ row, onClose }) {
  const send = ({ hours, reason }) => act("shelve", { alarm: row.alarm, for_s: Number(hours) * 3600, reason }, row.site);
  return html`<${Ask} title=${t("shelve.title")} send=${t("shelve.send")} onSend=${send} onClose=${onClose}>
    <label>${t("shelve.hours")}<input name="hours" type="number" min="0.25" max="24" step="0.25" value="2" required /></label>
    <label>${t("shelve.reason")}<input name="reason" required maxlength="500" autofocus /></label>
  <//>`;
}
