"""A server of two suppliers' replicas over TLS, in a browser that does not trust its certificate."""

from __future__ import annotations

import re
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from gateway.web.pages import PAGES
from tests.system.servers import DIES_WITH_US, HOST, free_port
from tests.unit.serving.sites import SHARED, WORDS, fill
from tests.web.box import PATIENCE_S
from tests.web.conftest import Watched
from tests.web.site import PASSWORD

PYTHON = (*DIES_WITH_US, sys.executable, "-m", "gateway")


def lotwatch(*words: object) -> None:
    done = subprocess.run([*PYTHON, *map(str, words)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address, once it lets other machines in."""
    folder = tmp_path_factory.mktemp("served")
    data, tls, word, port = folder / "data", folder / "tls", folder / "word", free_port()
    for name in WORDS:
        fill(data, name)
    word.write_text(PASSWORD)
    word.chmod(0o600)
    rest = ("--password-from", f"file:{word}", "--data", data)
    lotwatch("user", "add", "Acme", "--operator", "9", "--role", "supplier", "--site", "acme", *rest)
    lotwatch("user", "add", "Li Na", "--operator", "17", "--role", "quality", *rest)
    lotwatch("web", "certificate", tls, "--host", HOST)
    given = ("--port", free_port(), "--listen", f"{HOST}:{port}", "--host", HOST)
    files = ("--certificate-file", tls / "web.crt", "--key-from", f"file:{tls / 'web.key'}")
    process = subprocess.Popen([*PYTHON, "serve", str(data), *map(str, (*given, *files))])
    try:
        wait_for(f"https://{HOST}:{port}", tls / "web.crt", process)
        yield f"https://{HOST}:{port}"
    finally:
        process.kill()
        process.communicate()


def wait_for(address: str, crt: Path, process: subprocess.Popen[bytes]) -> None:
    trusted, end = ssl.create_default_context(cafile=str(crt)), time.monotonic() + PATIENCE_S
    while True:
        assert process.poll() is None, "it has ended"
        assert time.monotonic() < end, "it does not come up"
        try:
            with urllib.request.urlopen(f"{address}/health/live", timeout=30, context=trusted):
                return
        except OSError:
            time.sleep(0.1)  # between looks at a process of its own


@contextmanager
def visited(browser: Browser, served: str, name: str, **wishes: str) -> Iterator[Watched]:
    """The pages as somebody sees them; in the end there is no complaint."""
    watched = Watched(browser, served, ignore_https_errors=True, **wishes)
    page = watched.page
    page.goto(f"{served}/now")
    page.fill("main input[name=name]", name)
    page.fill("main input[name=password]", PASSWORD)
    page.locator("main button.main").click()
    expect(page.locator(".who")).to_contain_text(name)
    yield watched
    page.goto("about:blank")  # a page that asks for nothing again
    watched.forgive("401", "404")  # what was asked for on purpose
    watched.close()


def shown(page: Page) -> str:
    """Every word of the page."""
    return page.locator("body").inner_text()


def test_a_suppliers_user_sees_their_own_site_and_no_other(browser: Browser, served: str) -> None:
    with visited(browser, served, "Acme") as watched:
        for name in PAGES:
            page = watched.open(f"/{name}")
            assert WORDS["beta"] not in shown(page), name
        expect(watched.open("/alarms").locator(".alarm")).to_have_count(1)
        lot = watched.open(f"/lot?lot={SHARED}")
        expect(lot.locator("h1")).to_have_text(SHARED)
        assert WORDS["acme"] in shown(lot)
        assert WORDS["beta"] not in shown(lot)
        for theirs in (f"BOX-{WORDS['beta']}", "BOX-NOBODYS"):
            page = watched.open(f"/lot?lot={theirs}")
            expect(page.locator("[role=alert]")).to_contain_text(
                f"no lot {theirs} here; near to it: BOX-{WORDS['acme']}"
            )
        assert watched.page.context.cookies()[0]["name"] == "__Host-lotwatch"


def test_what_is_entered_is_shown_on_its_way(browser: Browser, served: str) -> None:
    with visited(browser, served, "Li Na", locale="zh-CN") as watched:
        page = watched.open("/alarms")
        expect(page.locator(".alarm")).to_have_count(2)
        expect(page.locator(".live")).to_have_class(re.compile("on"))
        watched.open("/setup")
        expect(page.locator("li.step")).to_have_count(4)
        page = watched.open("/alarms")
        alarm = page.locator(f"#alarm-{WORDS['beta']}")
        alarm.get_by_role("button").first.click()
        page.fill("dialog input[name=cause]", "加热器")
        page.fill("dialog input[name=action]", "已更换")
        page.locator("dialog button.main").click()
        expect(page.locator(".sent li")).to_contain_text("已发送，网关尚未答复")
        page = watched.open("/audit")  # this server has no journal: its diary is on the page
        expect(page.locator("main")).to_contain_text("已发往网关： 确认报警")
        expect(page.locator("main")).to_contain_text(f"alarm-{WORDS['beta']}")
