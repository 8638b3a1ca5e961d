"""`lotwatch run`: the daemon."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.options import data_option, load_site, set_option
from gateway.cli.output import Code, Exit, ending_signals, say
from gateway.loading import loading
from gateway.service.journald import set_up
from gateway.service.notify import notifier

if TYPE_CHECKING:
    from gateway.site import Site

SWITCH_S = 0.0005  # the loop waits at most so long for the journal's thread; 5 ms, the default, is a poll error of 5 ms


@click.command()
@click.argument("config", type=click.Path(path_type=Path))
@data_option("Where the journal is kept.")
@set_option
@click.option(
    "--accept-clock",
    is_flag=True,
    envvar="LOTWATCH_ACCEPT_CLOCK",
    help="Vouch for this machine's wall clock where no time service keeps it right.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
def command(
    config: Path, data: Path, settings: tuple[str, ...], *, accept_clock: bool, verbose: bool
) -> None:
    """Read the site in CONFIG, watch it, journal it, publish it. Stops on SIGTERM or Ctrl-C.

    SIGHUP reads CONFIG again, as `lotwatch reload` does; from a terminal it ends the run: the terminal is gone.

    Every block is on disk before anybody hears of it; stop it, kill it or cut its power at any time.
    """
    set_up(verbose=verbose)
    site = load_site(config, settings, _load)
    from gateway.app import Daemon  # noqa: PLC0415 # loaded by now
    from gateway.cli.stored import refusal  # noqa: PLC0415
    from gateway.journal.errors import JournalError  # noqa: PLC0415
    from gateway.pipeline import BadPlan  # noqa: PLC0415
    from gateway.reloading import Source  # noqa: PLC0415

    site, local = _chosen(site, data)
    source = Source(config.absolute(), settings, local)

    async def main() -> None:
        daemon = Daemon(site, data, accept_clock=accept_clock, manager=notifier(), source=source)
        loop = asyncio.get_running_loop()
        for number in ending_signals():
            loop.add_signal_handler(number, daemon.stop)
        if not sys.stdin.isatty():  # a terminal that is lost ends us; under a manager nobody has one
            loop.add_signal_handler(signal.SIGHUP, daemon.reload)
        sys.setswitchinterval(SWITCH_S)

        def ready() -> None:
            gc.freeze()  # what is loaded by now stays: walking it holds up polls by some 30 ms
            say(f"lotwatch: site {site.site} runs, journal in {data}")

        await daemon.run(ready)

    try:
        with asyncio.Runner(loop_factory=_loop_factory()) as runner:
            runner.run(main())
    except JournalError as error:
        raise refusal(error) from error
    except BadPlan as error:
        raise Exit(Code.BAD_CONFIG, f"{config}: plans: {error}") from error


def _chosen(local: Site, data: Path) -> tuple[Site, str]:
    """The config that a bundle left in force, or the file's own; and the hash of that."""
    if local.remote is None:
        return local, ""
    from gateway.bundles import at_start  # noqa: PLC0415 # only where configs may come from far away
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.plain import digest, to_plain  # noqa: PLC0415

    try:
        site, words = at_start(local, data, SystemClock().now().time_ns)
    except OSError as error:
        say(f"lotwatch: {error}; running by the config file, and no bundle is taken before that is mended")
        return local, digest(to_plain(local))
    if words:
        say(f"lotwatch: {words}")
    return site, digest(to_plain(local))


def _load() -> None:
    """What the daemon is made of, while another process reads its config."""
    with loading():
        import gateway.app  # noqa: F401, PLC0415


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    """Uvloop's loop where it is installed (extra "fast"), the standard one elsewhere."""
    with contextlib.suppress(ImportError):
        import uvloop  # noqa: PLC0415 # optional

        factory: type[asyncio.AbstractEventLoop] = uvloop.Loop
        return factory
    return None
