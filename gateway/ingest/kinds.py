"""What each kind of database keeps, and when it has it: declared here, measured by system tests and `sink-probe`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of database that takes line protocol over HTTP."""

    name: str
    strings: bool  # False: a string field comes out as 0, so texts go as tags, and none at all on readings
    digits: int  # of a number that it keeps
    finest: str  # the finest time it keeps: "ns" or "ms"
    durable_after_s: (
        float  # from the 204 to the disk: what was accepted later than this is written again on a crash
    )
    overwrites: bool  # whether a repeated write overwrites itself, without settings
    wide: bool = True  # whether an integer beyond 2**53 is exact
    v2: bool = True  # whether it has the v2 write API; else /write of InfluxDB 1.x
    counts: bool = False  # a bad line inside a 204 moves a counter, and nothing else

    @property
    def durability(self) -> str:
        """When a write is durable, in words."""
        if not self.durable_after_s:
            return "at the 204"
        return f"at a snapshot, or {self.durable_after_s:g} s after the 204"


KINDS = {
    "influxdb": Kind("influxdb", strings=True, digits=17, finest="ns", durable_after_s=0.0, overwrites=True),
    "influxdb1": Kind(
        "influxdb1", strings=True, digits=17, finest="ns", durable_after_s=0.0, overwrites=True, v2=False
    ),
    "victoriametrics": Kind(
        "victoriametrics",
        strings=False,
        digits=12,
        finest="ms",
        durable_after_s=15.0,  # 8 to 11 s were measured
        overwrites=False,  # only with -dedup.minScrapeInterval=1ms, at query time
        wide=False,
        counts=True,
    ),
}
