"""What each kind of database keeps, and when it has it: declared here, measured by the system tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of database behind the InfluxDB v2 write API."""

    name: str
    strings: bool  # False: a string field comes out as 0, so texts go as tags, and none at all on readings
    digits: int  # of a number that it keeps
    finest: str  # the finest time it keeps: "ns" or "ms"
    durable_after_s: (
        float  # from the 204 to the disk: what was accepted later than this is written again on a crash
    )
    overwrites: bool  # whether a repeated write overwrites itself, without settings


KINDS = {
    "influxdb": Kind("influxdb", strings=True, digits=17, finest="ns", durable_after_s=0.0, overwrites=True),
    "victoriametrics": Kind(
        "victoriametrics",
        strings=False,
        digits=12,
        finest="ms",
        durable_after_s=15.0,  # 8 to 11 s were measured
        overwrites=False,  # only with -dedup.minScrapeInterval=1ms, at query time
    ),
}
