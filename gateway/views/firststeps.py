"""What a new box, or a new folder of replicas, still needs: step by step, each with how it stands.

A step's `state` is "done", "todo" (somebody must do something), "waiting" (it comes by itself), or "choice" (it need
not be). What is said of it, and what to do, are words of the page by the step's name and state.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.journal import JournalReader
from gateway.site import Site
from gateway.views.now import site_of

FRESH_S = 120.0  # a newest reading that is older than that is no sign of life


def steps(
    readers: Sequence[JournalReader], now_ns: int, standing: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    """Of the box that runs here, or of the replicas that are here."""
    if standing is None:
        return _of_replicas(readers, now_ns)
    site = readers[0].site() if readers else None
    if site is None:
        return [_step("config", "waiting")]
    return [
        _clock(standing),
        *_devices(site, standing),
        _first_reading(readers, now_ns),
        _step("plan", "done" if site.characteristics or site.checks else "todo", n=len(site.characteristics)),
        *_forwarding(site, standing),
        _beyond(site),
    ]  # fmt: skip


def _step(name: str, state: str, **facts: Any) -> dict[str, Any]:
    return {"step": name, "state": state, **facts}


def _beyond(site: Site) -> dict[str, Any]:
    names = site.web_beyond.hosts if site.web_beyond else ()
    return _step("beyond", "done" if names else "choice", names=list(names))


def _clock(standing: Mapping[str, Any]) -> dict[str, Any]:
    return _step("clock", "done" if standing["clock"]["synchronised"] else "todo")


def _devices(site: Site, standing: Mapping[str, Any]) -> list[dict[str, Any]]:
    if not site.devices:
        return [_step("devices", "todo", n=0, names=[])]
    dead = sorted({name for bus in standing["buses"] for name in bus.get("dead", ())})
    polled = any(bus.get("polls") for bus in standing["buses"])
    listening = all("polls" not in bus for bus in standing["buses"])  # scanners and scales talk by themselves
    state = "silent" if dead else "done" if polled or listening else "waiting"
    found = _step("devices", "todo" if state == "silent" else state, n=len(site.devices), names=dead)
    return [found | ({"word": "silent"} if dead else {})]


def _first_reading(readers: Sequence[JournalReader], now_ns: int) -> dict[str, Any]:
    ages = [site_of(reader, now_ns)["age_s"] for reader in readers]
    known = [age for age in ages if age is not None]
    state = "waiting" if not known else "done" if min(known) <= FRESH_S else "todo"
    return _step("reading", state, age_s=min(known) if known else None)


def _forwarding(site: Site, standing: Mapping[str, Any]) -> list[dict[str, Any]]:
    if site.broker is None:
        return [_step("broker", "choice", names=[]), _step("database", "choice", names=[])]
    rows = [row for row in standing["forwarding"] if str(row["to"]).startswith("mqtt ")]
    online = bool(rows) and all(row["online"] for row in rows)
    behind = sum(int(row["behind"]) for row in rows)
    database = "choice" if site.database is None else "done" if online and behind < 1_000 else "waiting"
    return [
        _step("broker", "done" if online else "todo", names=[site.broker.where], n=behind),
        _step("database", database, names=[site.database.url] if site.database else [], n=behind),
    ]


def _of_replicas(readers: Sequence[JournalReader], now_ns: int) -> list[dict[str, Any]]:
    if not readers:
        return [_step("replicas", "waiting", n=0)]
    rows = [site_of(reader, now_ns) for reader in readers]
    old = sorted({row["site"] for row in rows if row["age_s"] is None or row["age_s"] > FRESH_S})
    sites = [site for reader in readers if (site := reader.site()) is not None]
    deaf = sorted(site.site for site in sites if not site.users)
    return [
        _step("replicas", "done", n=len({row["site"] for row in rows})),
        _step("fresh", "todo" if old else "done", names=old[:10], n=len(old)),
        _step("acting", "choice" if deaf else "done", names=deaf[:10], n=len(deaf)),
    ]
