// A scanner that plays keyboard is told from typing by its speed: at least six keys, no gap over 35 ms, then Enter or Tab.
// What it typed into a field is taken out again, and the code is handed on.
const LEAST = 6;
const GAP_MS = 35;
const GS = "\u001d"; // as Ctrl+] or F8, by which scanners send the separator of GS1 codes

export class Burst {
  constructor() { this.clear(); }
  clear() { this.keys = ""; this.last = -Infinity; this.field = null; this.before = ""; }

  /** One key at a time (ms); the whole code where it ends one, else null. `field`: where it is typed, and its text. */
  key(key, ms, ctrl = false, field = null) {
    if (key === "Enter" || key === "Tab") {
      const whole = this.keys.length >= LEAST && ms - this.last <= GAP_MS ? this.keys : null;
      const { field: typed, before } = this;
      this.clear();
      return whole === null ? null : { code: whole, field: typed, before };
    }
    const said = (ctrl && key === "]") || key === "F8" ? GS : ctrl ? "" : key.length === 1 ? key : "";
    if (!said) return null; // Shift and its like
    if (ms - this.last > GAP_MS) {
      this.keys = "";
      this.field = field;
      this.before = field ? field.value : "";
    }
    this.keys += said;
    this.last = ms;
    return null;
  }
}

export function watchScans(found) {
  const burst = new Burst();
  addEventListener("keydown", (event) => {
    if (event.altKey || event.metaKey || event.isComposing) return;
    const field = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement ? event.target : null;
    const scan = burst.key(event.key, event.timeStamp, event.ctrlKey, field);
    if (scan === null) return;
    event.preventDefault();
    event.stopPropagation();
    if (scan.field) scan.field.value = scan.before;
    const dialog = document.querySelector("dialog[open]");
    if (dialog) dialog.dispatchEvent(new CustomEvent("scan", { detail: bare(scan.code) }));
    else found(scan.code);
  }, true);
}

/** A code without the prefix by which a scanner says its symbology, as AIM has it: ]C1, ]d2, ]Q3, ]e0. */
export const bare = (code) => code.replace(/^\](C1|d2|Q3|e0)/, "");
