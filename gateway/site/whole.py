"""The whole site, one row: what the daemon is started with, and replay too."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.field import GroupId
from gateway.site.alerts import Alerts
from gateway.site.devices import Bus, Device, Group, ScanPoint
from gateway.site.dosing import Doser, derived_groups
from gateway.site.links import Beyond, Broker, Database, Remote, Sparkplug, User
from gateway.site.material import Epcis, Flow, LotRule, Material, Meter, ResultLimit, Vessel
from gateway.site.plan import AlarmLimit, Characteristic, Check, Revision
from gateway.site.room import Room
from gateway.site.score import Score
from gateway.site.shifts import Shifts


@dataclass(frozen=True, slots=True)
class Site:
    """Everything the daemon works by."""

    site: str
    gateway: str
    buses: tuple[Bus, ...]
    devices: tuple[Device, ...]
    scan_points: tuple[ScanPoint, ...] = ()
    characteristics: tuple[Characteristic, ...] = ()
    alarm_limits: tuple[AlarmLimit, ...] = ()
    cells: tuple[str, ...] = ()
    broker: Broker | None = None
    database: Database | None = None
    commit: str = "disk"  # profile: "ssd" 100 ms, "disk" 1 s, "card" 10 s, "minute" 60 s
    retention_days: int = 400
    flows: tuple[Flow, ...] = ()
    false_alarms_per_day: float = 0.0  # that the designed charts together may give; 0: no budget
    materials: tuple[Material, ...] = ()
    lot_rules: tuple[LotRule, ...] = ()
    result_limits: tuple[ResultLimit, ...] = ()
    hold_share: float = 0.001  # of a held lot's material, from which on a lot made of it is held too
    second_person: bool = (
        False  # two operators have to release what a person, a result or a source's hold holds
    )
    vessels: tuple[Vessel, ...] = ()
    meters: tuple[Meter, ...] = ()
    epcis: Epcis = field(default_factory=Epcis)
    web_port: int = 0  # of HTTP on 127.0.0.1; 0: none
    web_open: bool = False  # whoever is on this machine may look at the pages without signing in
    web_beyond: Beyond | None = None  # the pages for other machines
    sparkplug: Sparkplug | None = None
    users: tuple[User, ...] = ()  # who may act at a replica
    checks: tuple[Check, ...] = ()  # made by hand, and duties
    revisions: tuple[Revision, ...] = ()  # of its control plans
    alerts: Alerts = field(default_factory=Alerts)
    shifts: Shifts = field(default_factory=Shifts)
    score: Score = field(default_factory=Score)
    dosers: tuple[Doser, ...] = ()
    disk: Room = field(default_factory=Room)
    remote: Remote | None = None  # who may change all this from far away; None: nobody

    def derived(self) -> dict[GroupId, Group]:
        """Groups of points that the fold derives: never polled, never stored; by id."""
        return derived_groups(self.dosers)

    def groups(self) -> dict[GroupId, Group]:
        """Every poll group of the site by its id."""
        return {group.id: group for device in self.devices for group in device.groups}
