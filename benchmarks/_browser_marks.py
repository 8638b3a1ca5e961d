"""What a browser says of a page that it loads: script that is put into every document, and what is read from it.

Scripts that a driver puts in run before those of the page, and no policy of the page binds them. Times are those of the
browser's own clock, in milliseconds.
"""

from __future__ import annotations

WATCH = """
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const marks = { live: null, made: null, both: null, all: null };
  window.lotwatchMarks = marks;
  const begun = Number(sessionStorage.getItem("scanned"));
  sessionStorage.removeItem("scanned");
  const painted = (name) => {
    marks[name] = 0; // it is in the document: after the next frame somebody sees it
    requestAnimationFrame(() => { setTimeout(() => { marks[name] = now() - begun; }); });
  };
  const look = () => {
    if (marks.live === null && document.querySelector(".live.on")) marks.live = performance.now();
    if (!begun || !document.querySelector("main .filters")) return;
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
  const press = (key) => {
    document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
  };
  for (const key of code) press(key);
  sessionStorage.setItem("scanned", String(performance.timeOrigin + performance.now()));
  press("Enter");
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
  const { made, both, all } = window.lotwatchMarks;
  const took = (part) => {
    const asked = performance.getEntriesByType("resource").find((each) => each.name.includes(`part=${part}`));
    return asked ? asked.responseEnd - asked.requestStart : 0;
  };
  return made && both && all ? { made, both, all, server_made: took("made"), server_went: took("went") } : null;
}
"""
"""Of a scan: Enter to painted, both ways, all counted, and the questions to the server before that; null: not yet."""
