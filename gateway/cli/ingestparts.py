"""What `lotwatch ingest` does with `--partition` and `--standby`."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.cli.output import Code, Exit, say

if TYPE_CHECKING:
    from gateway.ingest.partitions import Wanted
    from gateway.ingest.worker import Counts
    from gateway.site import Broker, Database


class _Entropy:
    def token(self, nbytes: int) -> bytes:
        return secrets.token_bytes(nbytes)

    def uniform(self) -> float:
        return secrets.randbelow(1 << 53) / (1 << 53)


def wanted_of(own: str | None, standby: str | None, broker: Broker, *, site: str, sparkplug: bool) -> Wanted:
    """What was asked for, or why not."""
    from gateway.ingest.partitions import Wanted  # noqa: PLC0415 # only who has partitions needs it

    word = "--partition" if own is not None else "--standby"
    if site != "+":
        raise Exit(Code.USAGE, f"{word} and --site {site}: a partition has the sites that fall to it")
    if sparkplug:
        raise Exit(
            Code.USAGE, f"{word} and --sparkplug: a Sparkplug host is a worker of its own, without {word}"
        )
    if broker.version != "5":
        raise Exit(
            Code.USAGE,
            f"{word}: the broker's version is {broker.version}, and only MQTT 5 says who took a session over",
        )
    try:
        return Wanted.of(own, standby)
    except ValueError as error:
        raise Exit(Code.USAGE, f"{word} {error}") from None


def ingest_parts(
    data: Path,
    broker: Broker,
    wanted: Wanted,
    name: str,
    database: Database | None,
    ready_file: Path | None,
) -> Counts:
    """Run until a signal."""
    from gateway.ingest.fleet import ingest_wanted  # noqa: PLC0415 # only who has partitions needs it

    def ready(number: int) -> None:
        say(
            f"lotwatch: ingest has partition {number} of {wanted.count} at {broker.host}:{broker.port}, "
            f"replicas in {data}"
        )

    return ingest_wanted(
        data,
        broker,
        wanted,
        name=name,
        entropy=_Entropy(),
        database=database,
        ready=ready,
        ready_file=ready_file,
    )
