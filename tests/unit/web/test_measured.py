"""Who may read `/metrics` and `/health/ready`: whoever is on the machine, and who is signed in."""

from __future__ import annotations

import httpx
import pytest

from gateway.metrics import CONTENT_TYPE
from gateway.people import People, Role
from gateway.web.application import Pages, build
from gateway.web.house import Guest, House
from gateway.web.measured import metrics, ready
from tests.unit.journal.plant import T0

HOSTS = ("127.0.0.1", "localhost", "box.plant.example")


@pytest.fixture
def ills():
    return []


@pytest.fixture
def house(tmp_path):
    made = House(People(tmp_path), lambda: T0, bytes)
    yield made
    made.people.close()


@pytest.fixture
def asking(folder, house, ills):
    more = {
        "/metrics": metrics(lambda: b"# EOF\n", CONTENT_TYPE, house),
        "/health/ready": ready(lambda: ills, house),
    }
    app = build(folder, lambda: T0, HOSTS, Pages(house, lambda: 0, lambda _: None, more=more))

    async def ask(path, client="127.0.0.1", host="127.0.0.1:8080"):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False, client=(client, 40_000))
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as made:
            return await made.get(path)

    yield ask
    app.state.close()


async def test_on_this_machine_nobody_signs_in(asking):
    answer = await asking("/metrics")
    assert (answer.status_code, answer.text) == (200, "# EOF\n")
    assert answer.headers["content-type"] == CONTENT_TYPE
    assert (await asking("/metrics", client="::1", host="localhost")).status_code == 200


@pytest.mark.parametrize("path", ["/metrics", "/health/ready"])
@pytest.mark.parametrize(
    ("client", "host"),
    [("10.0.0.9", "box.plant.example"), ("10.0.0.9", "127.0.0.1"), ("127.0.0.1", "box.plant.example")],
)
async def test_from_beyond_or_through_a_proxy_only_who_is_signed_in(asking, path, client, host):
    assert (await asking(path, client, host)).status_code == 401


async def test_who_sees_some_sites_only_does_not_get_them(asking, house, monkeypatch):
    for sites, status in (((), 200), (("plant",), 403)):
        monkeypatch.setattr(house, "guest", lambda _, sites=sites: Guest(Role.VIEWER, sites))
        for path in ("/metrics", "/health/ready"):
            assert (await asking(path, "10.0.0.9", "box.plant.example")).status_code == status


async def test_another_name_is_turned_away(asking):
    assert (await asking("/metrics", host="evil.example")).status_code == 421


async def test_ready_and_not(asking, ills):
    assert (await asking("/health/ready")).json() == {"status": "ready"}
    ills.append("bus b has stood still for 99 s")
    answer = await asking("/health/ready")
    assert answer.status_code == 503
    assert answer.json()["why"] == ["bus b has stood still for 99 s"]


async def test_live_is_open(asking):
    assert (await asking("/health/live", client="10.0.0.9", host="box.plant.example")).status_code == 200
