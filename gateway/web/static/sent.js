// What was entered here for a box elsewhere: on its way until the box has said what became of it.
import { html, useEffect, useState } from "/vendor/preact.js";
import { read } from "./data.js";
import { sameDay } from "./format.js";
import { t } from "./words.js";

const AGAIN_MS = 1000;
const PATIENCE_MS = 6000; // of a dialog: then the line at the top of the page goes on
const SHOWN_MS = 600000;
const listeners = new Set();
const tell = () => listeners.forEach((listener) => listener());
const pause = () => new Promise((done) => { setTimeout(done, AGAIN_MS); });

/** Waits for the box, for a while; throws its reason where it refused. */
export async function outcome(id) {
  tell();
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const { acts: [found] } = await read(`/acts.json?id=${encodeURIComponent(id)}`);
    if (found.state === "refused") { tell(); throw new Error(found.reason); }
    if (found.state !== "pending" || performance.now() > end) { tell(); return found; }
    await pause();
  }
}

/** The last few acts of whoever is signed in. */
export function Sent() {
  const [acts, setActs] = useState([]);
  useEffect(() => {
    let due = null;
    const look = async () => {
      due = null;
      const { acts: all } = await read("/acts.json").catch(() => ({ acts: [] }));
      const late = Date.now() - SHOWN_MS;
      setActs(all.filter((each) => each.state === "pending" || Date.parse(each.time) > late).slice(0, 5));
      if (all.some((each) => each.state === "pending")) soon();
    };
    const soon = () => { due ??= setTimeout(look, AGAIN_MS); };
    listeners.add(soon);
    look();
    return () => { listeners.delete(soon); clearTimeout(due); };
  }, []);
  if (!acts.length) return null;
  return html`<section class="sent" role="status" aria-label=${t("sent.title")}><ul>${acts.map((each) => html`<li key=${each.act} class=${each.state}>
    ${sameDay(each.time)} ${each.site}: ${each.kind} ${each.about}: <b>${t(`sent.${each.state}`, { reason: each.reason })}</b></li>`)}</ul></section>`;
}
