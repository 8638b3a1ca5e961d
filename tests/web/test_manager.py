"""The manager's day: how the line stands against its goals, what is behind it, what is paid, what to take away."""

from __future__ import annotations

import csv
import re

import pytest
from playwright.sync_api import expect

from tests.web.box import PATIENCE_S
from tests.web.conftest import LOOKS, Visit
from tests.web.site import Site

MANAGER = "Maria Gomes"
PATIENCE_MS = PATIENCE_S * 1000


def test_the_scorecard_opens_down_to_lots(visit: Visit, site: Site) -> None:
    del site
    page = visit(MANAGER).open("/now")
    page.locator(".strip a.goal").first.click()
    page.wait_for_url("**/score")
    expect(page.locator("tbody tr").first).to_be_visible()
    expect(page.get_by_role("img", name=re.compile("goal 94")).first).to_be_visible()  # with the goal's line
    open_down = page.locator("details", has=page.locator("a.lot")).first
    expect(open_down).to_have_count(1)
    open_down.locator("summary").click()
    lot = open_down.locator("a.lot").first
    name = lot.inner_text()
    lot.click()
    expect(page.locator("h1")).to_have_text(name)
    page.go_back()
    with page.expect_download() as had:
        page.get_by_role("link", name="CSV").first.click()
    rows = list(csv.DictReader(had.value.path().read_text("utf-8").splitlines()))
    assert {"rty", "otd", "ratio_mae", "residual_z"} <= {row["number"] for row in rows}


def test_the_balance_adds_up_and_each_stream_is_told(visit: Visit) -> None:
    page = visit(MANAGER).open("/balance")
    expect(page.locator("section.card").first).to_contain_text("kg")
    page.locator("summary").first.click()
    expect(page.locator("details[open] tbody tr").first).to_contain_text("kg")
    week = page.locator("h1").inner_text()
    page.get_by_role("link", name="←").click()
    expect(page.locator("h1")).not_to_have_text(week)


def test_the_ranking_of_the_month_says_what_it_is_made_of(visit: Visit) -> None:
    page = visit(MANAGER).open("/score")
    ranking = page.locator("section", has=page.get_by_role("heading", name="Ratio precision of the month"))
    expect(ranking.locator("tbody tr")).to_have_count(1)
    expect(ranking).to_contain_text("CNY")
    expect(ranking.locator("code")).to_have_text(re.compile("^[0-9a-f]{64}$"))


def test_who_only_looks_can_change_nothing(visit: Visit, site: Site) -> None:
    page = visit(MANAGER).open("/alarms")
    expect(page.locator(".alarm").first).to_be_visible()
    expect(page.locator(".alarm button")).to_have_count(0)
    page.keyboard.press("a")
    expect(page.locator("dialog")).to_have_count(0)
    seal = page.context.request.get(f"{site.address}/me.json").json()["seal"]
    said = page.context.request.post(
        f"{site.address}/act/handover",
        data={"text": "x"},
        headers={"Origin": site.address, "X-Lotwatch-Seal": seal},
    )
    assert said.status == 403


@pytest.mark.parametrize(
    "look", [{"viewport": {"width": 1920, "height": 1080}, "color_scheme": "dark"}], ids=["tv"]
)
def test_the_screen_on_the_wall_goes_round(visit: Visit, look: dict[str, object]) -> None:
    page = visit(MANAGER, **look).open("/tv?seconds=5")
    place = page.locator(".wallbar .dim")
    expect(place).to_have_text(re.compile("^1/"))
    expect(place).to_have_text(re.compile("^2/"))
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_their_pages_are_whole(visit: Visit, look: dict[str, object]) -> None:
    watched = visit(MANAGER, **look)
    for path in ("/score", "/balance", "/tv"):
        watched.whole(path)
