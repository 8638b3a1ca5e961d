"""`lotwatch doctor`: what would keep the daemon from doing its work on this machine, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.options import data_option, load_site, set_option
from gateway.cli.output import Code, emit, say, stop


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@data_option("Where the journal is kept, or will be.")
@set_option
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the words."
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(config: Path, data: Path, settings: tuple[str, ...], *, lang: str, as_json: bool) -> None:
    """Examine ports, permissions, clock, disk, broker, database, certificates and bus load of the site in CONFIG.

    Each finding has a code, a fix and the command to run; lotwatch explain CODE says more. It writes to no device, and
    sends one message to the broker, to learn whether it may. Ends with 1 where there are findings.
    """
    site = load_site(config, settings)
    from gateway.clock import SystemClock  # noqa: PLC0415 # after the config is known to be good
    from gateway.doctor import examine  # noqa: PLC0415

    found = examine(site, data, str(config), SystemClock().now().time_ns)
    if as_json:
        emit({"ok": not found, "findings": [each.plain(lang) for each in found]})
    else:
        for each in found:
            words = each.words(lang)
            click.echo(f"{each.code} {'warning' if each.warning else 'error  '} {words.said}")
            click.echo(f"    {words.fix}")
            click.echo(f"    $ {words.command}")
    if found:
        say(f"{len(found)} findings; lotwatch explain CODE says more of each")
        stop(Code.FINDINGS)
    say("nothing found")
