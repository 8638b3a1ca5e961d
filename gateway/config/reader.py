"""A site file, its device maps and its plans to a `Site`; or everything that is wrong with them."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from gateway.config.alerts import build_alerts
from gateway.config.anomalies import check_anomalies
from gateway.config.database import build_database
from gateway.config.devices import build_buses, build_devices
from gateway.config.dosing import build_dosers
from gateway.config.draft import Draft
from gateway.config.flows import build_flows
from gateway.config.lotrules import build_lot_rules, build_materials, build_result_limits
from gateway.config.maps import Maps, read_file
from gateway.config.mass import build_meters, build_vessels, check_into
from gateway.config.massdoubts import doubt_mass
from gateway.config.models import SiteFile
from gateway.config.overrides import override
from gateway.config.places import build_alarm_limits, build_scan_points
from gateway.config.plans import build_plans
from gateway.config.problems import ConfigErrors, Path, Problem, in_order
from gateway.config.remotes import build_remote
from gateway.config.score import build_score
from gateway.config.shifts import build_shifts
from gateway.config.sparkplug import build_broker, build_sparkplug, check_brokers
from gateway.config.users import build_users
from gateway.config.validate import Checked
from gateway.config.web import build_beyond
from gateway.config.yamltext import Document
from gateway.plain import digest, to_plain
from gateway.site import Epcis, Room, Site


@dataclass(frozen=True)
class Loaded:
    """A site that can be used, with what to look at all the same."""

    site: Site
    warnings: list[Problem]
    document: Document

    def problem(self, path: Path, text: str, severity: str = "error") -> Problem:
        """A problem that only a room above can see, at its place in the site file."""
        return self.document.problem(path, text, severity=severity)


def load(path: FilePath | str, overrides: Mapping[str, Any] | None = None) -> Site:
    """The site in a file. `overrides` sets single values: ``{"buses.line1.address": "127.0.0.1:15020"}``.

    Raises ConfigErrors with every problem of all its files at once.
    """
    return read(path, overrides).site


def read(path: FilePath | str, overrides: Mapping[str, Any] | None = None) -> Loaded:
    """As `load`, with the warnings."""
    collecting = gc.isenabled()
    gc.disable()  # a big file makes many objects and no garbage: walking them costs as much as parsing
    try:
        return _read(FilePath(path), overrides or {})
    finally:
        if collecting:
            gc.enable()


def site_hash(site: Site) -> str:
    """What names a config: sha256 of the site's canonical JSON."""
    return digest(to_plain(site))


def _read(path: FilePath, overrides: Mapping[str, Any]) -> Loaded:
    document = read_file(path)
    override(document, overrides)
    checked = Checked(document, SiteFile)
    if checked.model is None:
        raise ConfigErrors(checked.problems)
    maps = Maps(path.parent)
    draft = Draft(checked, checked.model, maps)
    _lines(draft)
    flows = build_flows(draft)
    buses = build_buses(draft)
    build_devices(draft)
    check_anomalies(draft)
    scan_points = build_scan_points(draft)
    dosers = build_dosers(draft)
    limits = build_alarm_limits(draft)
    vessels, meters = build_vessels(draft), build_meters(draft)
    check_into(draft)
    doubt_mass(draft)
    materials = build_materials(draft)
    database = build_database(checked.model.database, draft)
    check_brokers(draft)
    sparkplug = build_sparkplug(draft)
    users = build_users(draft, path.parent)
    beyond = build_beyond(draft, path.parent)
    remote = build_remote(draft)
    lot_rules, result_limits = build_lot_rules(draft), build_result_limits(draft)
    shifts, score = build_shifts(draft), build_score(draft)
    alerts, plans = build_alerts(draft), build_plans(draft, path.parent)
    problems = in_order([*checked.problems, *maps.problems(), *plans.problems])
    if any(problem.severity == "error" for problem in problems):
        raise ConfigErrors(problems)
    model = checked.model
    site = Site(
        model.site, model.gateway, buses, tuple(draft.devices), scan_points, plans.characteristics, limits,
        tuple(draft.cells), build_broker(model.broker), database, model.commit, model.retention_days,
        flows, model.false_alarms_per_day or 0.0, materials=materials, lot_rules=lot_rules,
        result_limits=result_limits, hold_share=model.holds.share / 100, second_person=model.holds.second_person,
        vessels=vessels, meters=meters,
        epcis=Epcis(model.epcis.base or "", model.epcis.gln or ""), web_port=model.web.port if model.web else 0,
        web_open=bool(model.web and model.web.open), web_beyond=beyond,
        sparkplug=sparkplug, users=users, checks=plans.checks, revisions=plans.revisions, alerts=alerts, shifts=shifts,
        score=score, dosers=dosers,
        disk=Room(model.disk.quota, model.disk.ballast, model.disk.thin_unstored), remote=remote,
    )  # fmt: skip
    return Loaded(site, problems, document)


def _lines(draft: Draft) -> None:
    for at, line in enumerate(draft.model.lines):
        for index, name in enumerate(line.cells):
            cell = f"{line.area}/{line.name}/{name}"
            if cell in draft.cells:
                draft.say(("lines", at, "cells", index), f"cell {cell} is here twice")
            draft.cells[cell] = ("lines", at, "cells", index)
