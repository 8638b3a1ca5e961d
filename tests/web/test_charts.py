"""The quality engineer's day: a chart that drifts, why, a note, its alarm, an answer; by mouse, finger and keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.journal import open_readers
from gateway.web.browser import files
from tests.web.conftest import HOSTILE, NAME, PASSWORD, Box, Watched, _first_account
from tests.web.test_a_day import AXE, LOOKS

CAUSE = "check ring worn"
PLAN = f"""
characteristics:
- id: part_mass
  about: mass of a part
  check: {{every: time, period: 1000h, cell: sim/line1/unit1, uom: g, outside: tell}}
  method: imr
  rules: [WE1, WE4]
  params: {{center: 42.0, sigma: 0.05}}
  usl: 42.4
  lsl: 41.6
  reaction: Weigh five parts by hand; look at the holding pressure.
  causes: [{CAUSE}, '<b>wrong</b> resin']
"""
CALM = [42.0, 42.03, 41.97, 42.01, 41.96, 42.05, 41.99, 42.02, 41.95, 42.04] * 2


@pytest.fixture(scope="module")
def drifted(dead_site: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Box]:
    """A box where somebody has weighed twenty good parts, and then two that are too heavy."""
    folder = tmp_path_factory.mktemp("charted")
    text = dead_site.read_text("utf-8")
    (folder / "devices").symlink_to(dead_site.parent / "devices")
    (folder / "site.yaml").write_text(f"{text}\nplans: [plan.yaml]\n", "utf-8")
    (folder / "plan.yaml").write_text(PLAN, "utf-8")
    made = Box(folder / "site.yaml", folder)
    try:
        for value in [*CALM, 42.3, 42.31]:
            made.enter("result", result="part_mass", value=value)
        _first_account(browser, made)
        yield made
    finally:
        made.kill()


@pytest.fixture
def engineer(browser: Browser, drifted: Box, request: pytest.FixtureRequest) -> Iterator[Watched]:
    context = browser.new_context(**{"locale": "en-GB", **getattr(request, "param", {})})
    said = context.request.post(
        f"{drifted.address}/sign-in",
        data={"name": NAME, "password": PASSWORD},
        headers={"Origin": drifted.address},
    )
    assert said.ok, said.text()
    made = Watched(context, drifted.address)
    yield made
    context.close()
    assert made.complaints == []


def charted(engineer: Watched, more: str = "") -> Page:
    """The chart, when it is drawn."""
    page = engineer.open(f"/chart?id=part_mass{more}")
    expect(page.locator(".plot canvas")).to_have_count(2)
    return page


def span(page: Page) -> float:
    """Seconds that the address says are shown; 0: all."""
    found = re.search(r"from=(\d+)&to=(\d+)", page.url)
    return 0.0 if found is None else (int(found[2]) - int(found[1])) / 1000


def test_the_chart_says_why_without_a_click_and_new_samples_come_by_themselves(
    engineer: Watched, drifted: Box
) -> None:
    page = charted(engineer)
    why = page.locator(".why")
    expect(why).to_contain_text("WE1 One sample beyond a control limit.")
    expect(why).to_contain_text("limits 41.85 to 42.15.")
    expect(why).to_contain_text("The process changed at")
    expect(page.locator("h2", has_text="Capability")).to_be_visible()
    drifted.enter("result", result="part_mass", value=42.33)
    page.locator(".chartcard").focus()
    page.keyboard.press("End")
    expect(why).to_contain_text("42.33 g.")


def test_a_span_is_chosen_by_mouse_by_finger_and_by_keys_and_the_link_keeps_it(engineer: Watched) -> None:
    page = charted(engineer)
    box = page.locator(".u-over").first.bounding_box()
    assert box is not None
    left, right, middle = box["x"] + box["width"] * 0.3, box["x"] + box["width"] * 0.7, box["y"] + 60
    page.mouse.move(left, middle)
    page.mouse.down()
    page.mouse.move(right, middle, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("from="))
    by_mouse = span(page)
    page.reload()
    expect(page.locator(".plot canvas")).to_have_count(2)
    assert span(page) == by_mouse
    card = page.locator(".chartcard")
    card.focus()
    page.keyboard.press("+")
    assert span(page) == pytest.approx(by_mouse / 2, abs=0.01)
    page.keyboard.press("0")
    assert span(page) == 0.0
    page.evaluate(
        """(at) => {
            const area = document.querySelector(".u-over");
            const say = (type, x) => area.dispatchEvent(new PointerEvent(type,
                { pointerId: 1, pointerType: "touch", clientX: x, clientY: at.y, bubbles: true }));
            area.setPointerCapture = () => {};
            say("pointerdown", at.from); say("pointermove", at.to); say("pointerup", at.to);
        }""",
        {"from": left, "to": right, "y": middle},
    )
    assert span(page) > 0


def test_a_note_stays_with_its_sample_for_everybody_and_is_words(engineer: Watched, drifted: Box) -> None:
    page = charted(engineer)
    page.locator(".chartcard").focus()
    page.keyboard.press("Home")
    page.keyboard.press("n")
    page.fill("dialog textarea", HOSTILE)
    page.locator("dialog button.main").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(page.locator("section", has=page.get_by_role("heading", name="Notes"))).to_contain_text(HOSTILE)
    expect(page.locator(".why .note")).to_contain_text("by 4711")
    assert page.locator("main img").count() == 0
    with open_readers(drifted.data)[0] as reader:
        (event,) = [numbered.event for numbered in reader.events_of(0, ["sample_noted"])]
    assert getattr(event, "facts", {})["text"] == HOSTILE


def test_an_alarm_is_answered_by_keys_alone_in_three(engineer: Watched, drifted: Box) -> None:
    page = charted(engineer)
    page.get_by_role("link", name="To its alarm").click()
    alarm = page.locator("article.alarm", has_text="part_mass")
    expect(alarm).to_be_focused()
    expect(alarm).to_contain_text("Weigh five parts by hand")
    page.keyboard.press("a")  # one
    page.get_by_role("button", name=CAUSE).press("Enter")  # two: of the plan's causes
    expect(page.locator("dialog input[name=cause]")).to_have_value(CAUSE)
    page.locator("dialog button.main").press("Enter")  # three
    expect(page.locator("dialog")).to_have_count(0)
    expect(alarm.locator(".state").first).to_have_text("acknowledged")
    expect(page.locator(".pareto tbody tr")).to_have_text([re.compile(rf"{CAUSE}\s*1\s*100 %")])
    page.keyboard.press("s")
    page.fill("dialog input[name=reason]", HOSTILE)
    page.keyboard.press("Enter")
    expect(alarm.locator(".state").first).to_have_text("shelved")
    expect(alarm).to_contain_text(HOSTILE)
    page.keyboard.press("u")
    expect(alarm.locator(".state").first).to_have_text("acknowledged")
    page.keyboard.press("g")
    page.wait_for_url("**/chart?id=part_mass*")
    expect(page.locator(".plot canvas")).to_have_count(2)
    expect(page.locator(".why")).to_contain_text("To its alarm")


@pytest.mark.parametrize("engineer", LOOKS, indirect=True, ids=["desk", "phone-zh", "tv"])
def test_both_pages_are_whole_in_every_look(engineer: Watched) -> None:
    for path in ("/chart?id=part_mass", "/chart", "/alarms?all=1"):
        page = engineer.open(path)
        expect(page.locator("main h1")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        found = page.evaluate(AXE.read_text("utf-8") + "; axe.run(document, {resultTypes: ['violations']})")
        serious = [each["id"] for each in found["violations"] if each["impact"] in {"serious", "critical"}]
        assert serious == [], found["violations"]


def test_scripts_and_sheets_are_small() -> None:
    """Compressed, all of them: 80 kB."""
    sent = {path: file for path, file in files().items() if path.endswith((".js", ".css"))}
    assert sum(len(file.packed) for file in sent.values()) <= 80_000
