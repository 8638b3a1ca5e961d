"""What goes wrong: a device goes silent, the box dies under open pages, a session ends, strangers' words everywhere."""

from __future__ import annotations

import csv
import re
import sqlite3
from urllib.parse import quote

from playwright.sync_api import Locator, Page, expect

from gateway.model import Plain
from gateway.people.sessions import IDLE_NS
from gateway.people.store import NAME
from gateway.web.pages import PAGES
from tests.web.conftest import PATIENCE_MS, Visit
from tests.web.site import HOSTILE, PASSWORD, RESIN, Site

FORMULA = '=HYPERLINK("http://x","y")'


def half_typed(page: Page, about: str) -> Locator:
    """An answer to an alarm that is under way."""
    alarm = page.locator(".alarm", has_text=about).first
    alarm.get_by_role("button", name=re.compile("Acknowledge|Add to the answer")).click()
    page.fill("dialog input[name=cause]", "half a thou")
    return alarm


def test_a_device_that_is_switched_off_is_an_alarm_and_comes_back(visit: Visit, site: Site) -> None:
    now, box = visit("Chen Wei").open("/now"), visit("Chen Wei").open("/box")
    row = box.locator("tr", has_text="chiller1")
    expect(row.locator(".mark")).to_have_count(0)
    site.chiller.off()
    expect(row).to_contain_text("chiller1 (does not answer)")
    alarm = now.locator("li", has_text="chiller1/watched").filter(has_text="silent")
    expect(alarm.first).to_contain_text("active")
    site.chiller.on()
    expect(row.locator(".mark")).to_have_count(0)
    expect(alarm.filter(has_text="active")).to_have_count(0)


def test_the_box_dies_under_open_pages_and_a_half_typed_answer(visit: Visit, site: Site) -> None:
    """One of two people has been away for half a day meanwhile: who still is signed in goes on, the other signs in."""
    here, away = visit("Chen Wei"), visit("Li Na")
    wall = visit("Maria Gomes", viewport={"width": 1920, "height": 1080}).open("/tv")
    page, other = here.open("/alarms"), away.open("/alarms")
    expect(page.locator(".live")).to_have_text("live")
    alarm = half_typed(page, "layered_audit_press1")
    theirs = half_typed(other, "press2/part_weight")
    site.kill()
    expect(page.locator(".live")).to_have_text("not live")
    page.fill("dialog input[name=action]", "made it")
    page.locator("dialog button.main").click()
    expect(page.locator("dialog [role=alert]")).to_contain_text("no answer of the box")
    with sqlite3.connect(site.data / NAME) as people:
        people.execute("UPDATE session SET used_ns = used_ns - ? WHERE name = 'Li Na'", (IDLE_NS,))
    people.close()
    with wall.expect_event("load", timeout=PATIENCE_MS):  # it loads anew
        site.start_again()
    expect(wall.locator(".live")).to_have_text("live")
    expect(page.locator(".live")).to_have_text("live")
    expect(page.locator("dialog input[name=cause]")).to_have_value("half a thou")
    page.locator("dialog button.main").click()
    expect(page.locator("dialog")).to_have_count(0)
    expect(alarm).to_contain_text("half a thou")
    with page.expect_event("load", timeout=PATIENCE_MS):  # of new scripts, should it have been upgraded
        page.fill("header input[name=code]", RESIN)
        page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(RESIN)

    other.fill("dialog input[name=action]", HOSTILE)
    other.locator("dialog button.main").click()
    expect(other.locator("dialog [role=alert]")).to_contain_text("You are signed out: sign in again.")
    other.fill("dialog input[name=signin-name]", "Li Na")
    other.fill("dialog input[name=signin-password]", "not the password")
    other.locator("dialog button.main").click()
    expect(other.locator("dialog [role=alert]")).to_contain_text(
        "no account has this name with this password"
    )
    expect(other.locator("dialog input[name=cause]")).to_have_value("half a thou")
    other.fill("dialog input[name=signin-password]", PASSWORD)
    other.locator("dialog button.main").click()
    expect(other.locator("dialog")).to_have_count(0)
    expect(theirs).to_contain_text("half a thou")
    expect(theirs).to_contain_text(HOSTILE)
    expect(other.locator(".live")).to_have_text("live")
    away.forgive("401", "403")  # of a session that had ended, and of a wrong password
    for each in (here, away):
        each.forgive("Failed to fetch", "ERR_")  # of a box that was not there


def strangers(site: Site) -> None:
    """Everything that people, suppliers and files can write, written by somebody who means harm."""
    site.scanner.scan(FORMULA)
    site.scanner.scan(HOSTILE)
    for lot in (FORMULA, f"{FORMULA} {HOSTILE}"):
        site.enter("make", lot=lot, kg=1.0, kind="box", inputs=[{"lot": RESIN, "kg": 1.0}], order=lot)
        site.enter("hold", lot=lot, reason=lot)
        site.enter("counted", lot=lot, step=lot, good=1, reject=2, reason=lot)
        site.enter("result", lot=lot, result=lot, value=1.0)
        site.enter("handover", text=lot)
        order: dict[str, Plain] = {
            "order": lot,
            "part": lot,
            "quantity": 5,
            "due_ns": 10**18,
            "customer": lot,
        }
        site.enter("orders", document=f"{lot}.csv", orders=[order])
        declared: dict[str, Plain] = {
            "lot": f"supplier {lot}",
            "kg": 9.0,
            "kind": "material",
            "supplier_lot": lot,
        }
        site.enter("import", document=f"{lot}.jsonld", lots=[declared])  # as an EPCIS document comes in
        site.enter("result", result="part_gloss", value=99.0)  # an alarm with the plan's own words
        site.enter("note", characteristic="part_gloss", key="", time_ns=10**18, text=lot)


def test_words_of_strangers_are_words_wherever_they_stand(visit: Visit, site: Site) -> None:
    strangers(site)
    gloss = site.alarm_of("part_gloss")
    site.enter("acknowledge", alarm=gloss, cause=HOSTILE, cause_class="assignable", action=FORMULA)
    site.enter("shelve", alarm=gloss, for_s=3600.0, reason=f"{FORMULA} {HOSTILE}")
    admin = visit("Ada <b>root</b>")
    expect(admin.open("/now").locator(".who")).to_contain_text("Ada <b>root</b>")
    told = {
        f"/lot?lot={quote(HOSTILE)}",
        f"/lot?lot={RESIN}&any=1",
        "/shift",
        "/audit",
        "/alarms?all=1",
        "/board",
    }
    others = {f"/{name}" for name in PAGES} | {
        "/chart?id=part_gloss",
        f"/lot?lot={quote('supplier ' + FORMULA)}",
    }
    for path in sorted(told | others):
        page = admin.open(path)
        expect(page.locator(".waiting")).to_have_count(0)
        assert page.locator("main img, main b b, main script, nav img").count() == 0, path
        assert "lotwatch" in page.title(), path
        if path in told:
            expect(page.locator("main")).to_contain_text(HOSTILE)
    page = admin.open("/lot")
    page.fill("header input[name=code]", "<img src=y onerror=alert(1)>")
    page.keyboard.press("Enter")
    expect(page.locator("[role=alert]")).to_contain_text("no lot <img src=y onerror=alert(1)> here")
    page = admin.open("/box")  # a page that looks for no lot again
    admin.forgive("404")
    tables = [f"/{name}.csv" for name, each in PAGES.items() if each.table]
    tables += [f"/{name}.csv?table={table}" for name, each in PAGES.items() for table in each.tables]
    for path in (*tables, f"/lot.csv?lot={RESIN}", "/chart.csv?id=part_gloss", "/alarms.csv?all=1"):
        said = page.context.request.get(site.address + path)
        if said.status in {400, 404}:  # a table of one lot or chart, asked for without its name
            continue
        assert said.ok, path
        cells = [cell for row in csv.reader(said.text().splitlines()) for cell in row]
        assert [cell for cell in cells if cell.startswith(("=", "+", "@"))] == [], path


def test_a_page_that_is_open_hears_of_what_is_committed(visit: Visit, site: Site) -> None:
    watched = visit("Li Na")
    page = watched.open("/lot?lot=LATER")
    expect(page.locator("[role=alert]")).to_contain_text("no lot LATER here")
    expect(page.locator(".live")).to_have_class(re.compile("on"))
    site.enter("make", lot="LATER", kg=2.0, kind="box", inputs=[{"lot": RESIN, "kg": 2.0}])
    expect(page.locator("h1")).to_have_text("LATER")
    watched.forgive("404")  # what it was told first


def test_who_is_signed_out_elsewhere_comes_back_to_the_same_page(visit: Visit, site: Site) -> None:
    watched = visit("Li Na")
    page = watched.open(f"/lot?lot={RESIN}")
    page.context.request.post(f"{site.address}/sign-out", data={}, headers={"Origin": site.address})
    page.reload()
    expect(page.locator("h1")).to_have_text("Sign in")
    page.fill("main input[name=name]", "Li Na")
    page.fill("main input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text(RESIN)
    watched.forgive("401")
