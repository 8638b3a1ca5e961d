"""`lotwatch audit`: is anything missing between journal, replica and database?"""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import address
from gateway.cli.output import Code, Exit, emit, paced, say, stop
from gateway.cli.stored import between, refusal


@click.command()
@click.option("--journal", type=click.Path(path_type=Path), required=True, help="The gateway's journal.")
@click.option(
    "--replica", type=click.Path(path_type=Path), required=True, help="Its replica, or a folder of replicas."
)
@click.option("--database", metavar="URL", help="Compare the readings in a database as well.")
@click.option(
    "--database-kind",
    type=click.Choice(["influxdb", "influxdb1", "victoriametrics"]),
    default="influxdb",
    show_default=True,
    help="How it is asked, and what it keeps.",
)
@click.option("--org", default="lotwatch", show_default=True, help="Organisation in an InfluxDB.")
@click.option(
    "--bucket", default="lotwatch", show_default=True, help="Bucket in an InfluxDB; database in 1.x."
)
@click.option(
    "--token-from", default="", metavar="PLACE", help="Where the token is: file:PATH or credential:NAME."
)
@click.option("--from", "since", metavar="TIME", help="From this time on: ISO 8601, UTC without a zone.")
@click.option("--to", "until", metavar="TIME", help="Before this time.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(  # noqa: PLR0917 # options
    journal: Path,
    replica: Path,
    database: str | None,
    database_kind: str,
    org: str,
    bucket: str,
    token_from: str,
    since: str | None,
    until: str | None,
    *,
    as_json: bool,
) -> None:
    """Name every gap, duplicate and difference. Exits 0 when there is none, 1 when there are findings.

    What somebody has given up by lotwatch gap accept is shown as known lost, and is no finding, where the journal does
    not have it any more either.

    The two files share only the broker. A record that is still on its way is a gap too: compare up to a time before
    now while the gateway runs.
    """
    from gateway.ingest.audit import audit  # noqa: PLC0415 # after the options are known to be good
    from gateway.ingest.audit_database import DatabaseDown  # noqa: PLC0415
    from gateway.ingest.audit_sources import point_source  # noqa: PLC0415
    from gateway.journal.errors import JournalError  # noqa: PLC0415
    from gateway.site import Database  # noqa: PLC0415

    t0, t1 = between(since, until)
    if not replica.is_dir():
        raise Exit(Code.USAGE, f"{replica}: there is no such folder: name a replica, or a folder of replicas")
    try:
        source = None
        if database is not None:
            address("--database", database, ("http", "https"))
            source = point_source(Database(database, org, bucket, token_from, database_kind))
        report = audit(journal, replica, t0, t1, source, lambda pages, label: paced(pages, label, len(pages)))
    except JournalError as error:
        raise refusal(error) from error
    except (DatabaseDown, OSError, ValueError) as error:
        raise Exit(Code.UNREACHABLE, str(error)) from error
    if as_json:
        emit(report.plain())
    else:
        for finding in report.findings:
            click.echo(str(finding))
        for lost in report.lost:
            click.echo(str(lost))
        named = {"database": "database point"}
        counts = ", ".join(f"{count} {named.get(name, name)}s" for name, count in report.compared.items())
        said = "; ".join(f"{where} {how}" for where, how in report.precision.items())
        more = f", {report.unnamed} more not named" if report.unnamed else ""
        found = "1 finding" if len(report.findings) == 1 else f"{len(report.findings)} findings"
        say(f"compared {counts or 'nothing'}{f' ({said})' if said else ''}: {found}{more}")
    if not report.clean:
        stop(Code.FINDINGS)
