"""`lotwatch ingest`: MQTT to replica and database."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.ingestparts import ingest_parts, wanted_of
from gateway.cli.options import address, data_option, load_site, set_option
from gateway.cli.output import Code, Exit, emit, say
from gateway.service.journald import set_up

if TYPE_CHECKING:
    from gateway.site import Broker, Database


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@data_option("Where the replicas are kept, one folder a journal.")
@set_option
@click.option("--broker", metavar="URL", help="mqtt://HOST:PORT or mqtts://..., instead of the config's.")
@click.option(
    "--database", metavar="URL", help="InfluxDB v2 API to write to as well, instead of the config's."
)
@click.option(
    "--database-kind",
    type=click.Choice(["influxdb", "influxdb1", "victoriametrics"]),
    help="What the database keeps and when; the config's, or influxdb.",
)
@click.option(
    "--database-writer",
    type=click.Choice(["client", "direct"]),
    help="What it is written through: influxdb-client, or one kept connection; the config's, or client.",
)
@click.option("--site", default="+", show_default=True, help="Take this site only; + takes every site.")
@click.option(
    "--name", default="main", show_default=True, help="Names the session at the broker: one worker a name."
)
@click.option(
    "--partition",
    "own",
    metavar="N/COUNT",
    help="Take the sites of these partitions only, such as 3/16 or 0-3/16; they are numbered from 0.",
)
@click.option(
    "--standby",
    metavar="N/COUNT",
    help="Take these partitions while no other worker has them; on the same replicas.",
)
@click.option(
    "--ready-file",
    type=click.Path(path_type=Path),
    help="With --partition: touched every 5 s while all of them are connected, for a probe.",
)
@click.option(
    "--sparkplug",
    metavar="GROUP",
    help="Write what the edge nodes of this Sparkplug group say to the database as well; + for every group.",
)
@click.option(
    "--sparkplug-host",
    metavar="ID",
    default="lotwatch",
    show_default=True,
    help="Our id as Sparkplug host application, by which nodes know us.",
)
@click.option("--json", "as_json", is_flag=True, help="Print what was done as JSON at the end.")
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
def command(  # noqa: PLR0917 # options
    config: Path | None,
    data: Path,
    settings: tuple[str, ...],
    broker: str | None,
    database: str | None,
    database_kind: str | None,
    database_writer: str | None,
    site: str,
    name: str,
    *,
    own: str | None,
    standby: str | None,
    ready_file: Path | None,
    sparkplug: str | None,
    sparkplug_host: str,
    as_json: bool,
    verbose: bool,
) -> None:
    """Rebuild journals from MQTT alone, and write them on to a database. Stops on SIGTERM or Ctrl-C.

    CONFIG is a site file, whose broker and database are used; without one, --broker says where to listen. Kill it at
    any time: the broker delivers again what was not committed.
    """
    set_up(verbose=verbose)
    loaded = load_site(config, settings) if config is not None else None
    there = loaded.broker if loaded is not None else None
    base = loaded.database if loaded is not None else None
    listen = broker_of(broker) if broker else there
    if listen is None:
        raise Exit(Code.USAGE, "no broker: name a CONFIG that has one, or --broker mqtt://HOST:PORT")
    target = _database(database, base) if database else base
    if target is not None and database_kind:
        target = replace(target, kind=database_kind)
    if target is not None and database_writer:
        target = replace(target, writer=database_writer)

    if not re.fullmatch(r"\+|[a-z0-9_-]{1,63}", site):
        raise Exit(Code.USAGE, f"--site {site}: write the name of a site, or + for all")

    foreign = _foreign(sparkplug, sparkplug_host, target)
    wanted = None
    if ready_file is not None and own is None:
        raise Exit(Code.USAGE, "--ready-file says that partitions are connected: name them with --partition")
    if own is not None or standby is not None:
        wanted = wanted_of(own, standby, listen, site=site, sparkplug=sparkplug is not None)

    from gateway.cli.stored import refusal  # noqa: PLC0415 # after the options are known to be good
    from gateway.ingest.run import ingest  # noqa: PLC0415 # after the options are known to be good
    from gateway.journal.errors import JournalError  # noqa: PLC0415 # after the options are known to be good

    def ready() -> None:
        say(f"lotwatch: ingest is subscribed at {listen.host}:{listen.port}, replicas in {data}")

    try:
        if wanted is not None:
            counts = ingest_parts(data, listen, wanted, name, target, ready_file)
        else:
            counts = ingest(data, listen, site=site, name=name, database=target, ready=ready, foreign=foreign)
    except JournalError as error:
        raise refusal(error) from error
    except (OSError, ValueError) as error:
        raise Exit(Code.UNREACHABLE, str(error)) from error
    if as_json:
        emit(vars(counts))
    else:
        say(
            f"lotwatch: {counts.inputs} inputs and {counts.events} events stored, {counts.repeated} had come before"
        )


def _foreign(group: str | None, host: str, target: Database | None) -> tuple[str, str] | None:
    if group is None:
        return None
    if target is None:
        raise Exit(
            Code.USAGE, "--sparkplug: no database to write to: name a CONFIG that has one, or --database URL"
        )
    from gateway.sparkplug.topics import BadTopic, check_id  # noqa: PLC0415 # after the options are known to be good

    try:
        return group if group == "+" else check_id(group, "a group"), check_id(host, "a host")
    except BadTopic as error:
        raise Exit(Code.USAGE, f"--sparkplug: {error}") from None


def broker_of(url: str) -> Broker:
    """The broker that an option names."""
    from gateway.site import Broker  # noqa: PLC0415 # after the options are known to be good

    parts = address("--broker", url if "//" in url else f"mqtt://{url}", ("mqtt", "mqtts"))
    tls = parts.scheme == "mqtts"
    return Broker(
        parts.hostname or "", parts.port or (8883 if tls else 1883), tls=tls, username=parts.username or ""
    )


def _database(url: str, base: Database | None) -> Database:
    from gateway.site import Database  # noqa: PLC0415 # after the options are known to be good

    address("--database", url, ("http", "https"))
    return replace(base, url=url) if base is not None else Database(url)
