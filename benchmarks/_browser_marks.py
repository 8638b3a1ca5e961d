"""What a browser says of a page that it loads: script that is put into every document, and what is read from it.

Scripts that a driver puts in run before those of the page, and no policy of the page binds them. Times are those of the
browser's own clock, in milliseconds. A scan is followed wherever it leads: to another document or within this one.
"""

from __future__ import annotations

WATCH = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const marks = window.lotwatchMarks = { live: null };
  let scan = null;
  window.lotwatchScan = () => {
    scan = JSON.parse(sessionStorage.getItem("scan"));
    Object.assign(marks, { made: null, both: null, all: null, at: scan?.at });
  };
  try { window.lotwatchScan(); } catch { return; } // a document without storage has no lot
  const painted = (name) => {
    marks[name] = 0; // it is in the document: after the next frame somebody sees it
    const { at } = scan;
    requestAnimationFrame(() => { setTimeout(() => {
      if (at !== scan.at) return;
      marks[name] = now() - at;
      performance.mark(`painted ${name}`);
    }); });
  };
  const look = () => {
    if (marks.live === null && document.querySelector(".live.on")) marks.live = performance.now();
    if (!scan || document.querySelector("main h1")?.textContent !== scan.code) return;
    if (!document.querySelector("main .filters")) return;
    if (marks.made === null) painted("made");
    const [of, into] = document.querySelectorAll("main .filters ~ .card");
    if (marks.both === null && of && into && !into.querySelector(".waiting")) painted("both");
    if (marks.all === null && marks.both !== null && !into.querySelector(".counting")) painted("all");
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, attributes: true });
})();
"""
"""Notes when the page first says that it is live, and when a scanned lot's genealogy has been painted: what it is made
of, that and where it went (a hundred lots at most), and that of all lots."""

SCAN = """
(code) => {
  performance.clearResourceTimings();
  const now = performance.now(); // the times are the scanner's, however late this machine is
  const keys = [...code, "Enter"].map((key, place) => {
    const pressed = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    return Object.defineProperty(pressed, "timeStamp", { value: now + place });
  });
  const enter = keys.pop();
  for (const key of keys) document.body.dispatchEvent(key);
  performance.mark("scan");
  sessionStorage.setItem("scan", JSON.stringify({ code, at: performance.timeOrigin + performance.now() }));
  window.lotwatchScan();
  document.body.dispatchEvent(enter);
}
"""
"""A scanner that plays keyboard: the keys of a code and Enter, faster than anybody types."""

PAINT = """
() => ({
  paint: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? null,
  live: window.lotwatchMarks?.live ?? null,
})
"""
"""First contentful paint and the moment of the live mark, both since the page was asked for; null: not yet."""

TAKEN = """
() => {
  const { made, both, all, at } = window.lotwatchMarks;
  if (!(made && both && all)) return null;
  let server = 0;
  for (const each of performance.getEntriesByType("resource")) {
    const other = performance.timeOrigin + each.startTime < at || performance.timeOrigin + each.responseEnd > at + both;
    if (!other && each.name.includes("/lot.json")) server += each.responseEnd - each.requestStart;
  }
  return { made, both, all, server };
}
"""
"""Of a scan: Enter to painted, both ways, all counted, and the questions to the server before that; null: not yet."""
