"""Twenty live control charts of 1,000 samples on one screen, each with a new sample ten times a second: frames, cost.

The charts are those of the chart page (`static/plot.js`), with zones, limits, marks, lots, on 1920 x 1080. Frames are
counted by requestAnimationFrame, the main thread's busy share is Chromium's own TaskDuration, in CPU time. Figures of
issue 7: 55 frames a second, 25 % of the main thread. The peer is uPlot alone with the same samples in that browser:
without a graphics card most of both is the browser's own painting. Where neighbours leave the browser too little it
draws less often, and its share is small for that: so what one drawing of all charts takes is printed too.
`python -m benchmarks charts_page [SECONDS]`
"""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

import uvicorn
from playwright.sync_api import Browser, CDPSession, sync_playwright

from benchmarks._table import Row, crowded, machine, print_table
from gateway.clock import SystemClock
from gateway.people import People
from gateway.web.application import Pages, build
from gateway.web.house import House
from tests.system.servers import HOST, find_program, free_port

CHARTS, SAMPLES, HZ, SECONDS = 20, 1000, 10, 10
FRAMES, BUSY = 55.0, 0.25
_PLAY = """
async ({ charts, samples, hz, bare }) => {
  const { panelIn } = await import("/static/plot.js");
  const plain = (place) => {
    const plot = new uPlot({ width: 380, height: 250, legend: { show: false }, series: [{}, { stroke: "#0b5c7a" }] },
      [[], []], place);
    return { show: (model, panel) => plot.setData([model.times, panel.value]) };
  };
  document.body.replaceChildren();
  let seed = 1;
  const chance = () => { seed = (seed * 16807) % 2147483647; return seed / 2147483647; };
  const normal = () => chance() + chance() + chance() + chance() - 2;
  const made = [];
  for (let i = 0; i < charts; i++) {
    const place = document.createElement("div");
    place.className = "plot";
    Object.assign(place.style, { width: "380px", float: "left" });
    document.body.append(place);
    const times = Array.from({ length: samples }, (_, n) => 1.8e9 + n / hz);
    const value = times.map(() => normal());
    made.push({ times, value, plot: bare ? plain(place) : panelIn(place, { first: true, onPick() {}, onZoom() {} }) });
  }
  const fill = (value) => new Array(samples).fill(value);
  const [center, lcl, ucl] = [fill(0), fill(-1.7), fill(1.7)];
  const show = (chart) => {
    chart.times = [...chart.times.slice(1), chart.times.at(-1) + 1 / hz];
    chart.value = [...chart.value.slice(1), normal()];
    const rules = new Map();
    chart.value.forEach((value, i) => { if (Math.abs(value) > 1.7) rules.set(i, ["WE1"]); });
    const at = (n) => (chart.times[0] + n * 25) * 1000;
    const lots = [0, 1, 2, 3].map((n) => ({ lot: `L${n}`, from_ms: at(n), to_ms: at(n + 1) }));
    const none = { notes: [], steps: [], changes: [], changeovers: [], learnt: 0, changeOf: () => null };
    const model = { times: chart.times, lots, ...none };
    const panel = { name: "i", value: chart.value, center, lcl, ucl, rules };
    chart.plot.show(model, panel, [{ label: "USL", value: 2.2 }], null, null);
  };
  made.forEach(show);
  await new Promise((done) => setTimeout(done, 1500));
  let moved = false;
  const beat = setInterval(() => { moved = true; made.forEach(show); }, 1000 / hz);
  let frames = 0;
  let drawn = 0;
  let on = true;
  const count = () => { frames++; if (moved) drawn++; moved = false; if (on) requestAnimationFrame(count); };
  window.begun = performance.now();
  requestAnimationFrame(count);
  window.finish = () => {
    on = false;
    clearInterval(beat);
    return { frames, drawn, ms: performance.now() - window.begun };
  };
}
"""


def _busy(cdp: CDPSession) -> float:
    """Seconds of the main thread so far."""
    metrics = cdp.send("Performance.getMetrics")["metrics"]
    return float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def _run(browser: Browser, address: str, seconds: float, *, bare: bool) -> tuple[float, float, float]:
    """Frames a second, the main thread's busy share, and milliseconds of it a drawing of all charts."""
    page = browser.new_page(viewport={"width": 1920, "height": 1080})
    page.goto(address, wait_until="domcontentloaded")
    cdp = page.context.new_cdp_session(page)
    cdp.send("Performance.enable", {"timeDomain": "threadTicks"})  # CPU: what neighbours take does not count
    page.evaluate(_PLAY, {"charts": CHARTS, "samples": SAMPLES, "hz": HZ, "bare": bare})
    before = _busy(cdp)
    page.wait_for_timeout(seconds * 1000)
    took = _busy(cdp) - before
    found = page.evaluate("window.finish()")
    page.close()
    return (
        1000 * found["frames"] / found["ms"],
        took / (found["ms"] / 1000),
        1000 * took / max(found["drawn"], 1),
    )


def _row(what: str, ours: float, theirs: float, reach: str, reached: bool, form: str) -> Row:  # noqa: FBT001
    return Row(
        what, f"uPlot alone {form.format(theirs)}", reach, form.format(ours), f"{ours / theirs:.2f}", reached
    )


def main() -> int:
    """Print the table."""
    program, seconds = find_program("chromium"), float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    if program is None:
        print("no chromium on this machine", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory() as name, sync_playwright() as playwright:
        people, clock, port = People(Path(name)), SystemClock(accepted=True), free_port()
        house = House(people, clock.boottime_ns, lambda size: b"7" * size, open_=True)
        app = build(Path(name), lambda: 0, ("127.0.0.1",), Pages(house, clock.boottime_ns, lambda _: None))
        server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_config=None, lifespan="off"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        address = f"http://{HOST}:{port}/chart"
        (ours, our_share, our_ms), (theirs, their_share, their_ms) = (
            _run(browser, address, seconds, bare=bare) for bare in (False, True)
        )
        browser.close()
        server.should_exit = True
        thread.join()
        app.state.close()
        people.close()
    what = f"{CHARTS} charts of {SAMPLES:,} samples at {HZ} Hz"
    print_table(
        [
            _row(f"{what}: frames a second", ours, theirs, f">= {FRAMES:g}", ours >= FRAMES, "{:.1f}"),
            _row(
                "... of the main thread",
                our_share,
                their_share,
                f"<= {BUSY:.0%}",
                our_share <= BUSY,
                "{:.1%}",
            ),
            Row(
                "... CPU of a drawing of all",
                f"uPlot alone {their_ms:.1f} ms",
                "",
                f"{our_ms:.1f} ms",
                f"{our_ms / their_ms:.2f}",
            ),
            crowded(),
        ]
    )
    print(machine())
    return 0


if __name__ == "__main__":
    sys.exit(main())
