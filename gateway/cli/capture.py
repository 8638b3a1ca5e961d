"""`lotwatch capture`: what a broker hands out, as JSON."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TextIO

import click

from gateway.cli.ingest import broker_of
from gateway.cli.options import load_site, set_option
from gateway.cli.output import Code, Exit, say


@click.command()
@click.argument("config", type=click.Path(path_type=Path), required=False)
@set_option
@click.option("--broker", metavar="URL", help="mqtt://HOST:PORT or mqtts://..., instead of the config's.")
@click.option(
    "--topic",
    "filters",
    multiple=True,
    metavar="FILTER",
    default=("spBv1.0/#", "lotwatch/v1/#"),
    show_default=True,
    help="What to subscribe to; may be repeated.",
)
@click.option("--seconds", type=click.FloatRange(0, min_open=True), help="For so long; else until Ctrl-C.")
@click.option(
    "--output", "-o", type=click.File("w", encoding="utf-8"), default="-", help="File; stdout if not given."
)
def command(
    config: Path | None,
    settings: tuple[str, ...],
    broker: str | None,
    filters: tuple[str, ...],
    seconds: float | None,
    output: TextIO,
) -> None:
    """Record a session at a broker for other checkers: a JSON list of topic, payload_b64, qos, retain and time in ms.

    Ends with 69 where the broker cannot be reached, refuses, or hangs up: what was written until then is whole JSON.
    """
    loaded = load_site(config, settings) if config is not None else None
    listen = broker_of(broker) if broker else loaded.broker if loaded is not None else None
    if listen is None:
        raise Exit(Code.USAGE, "no broker: name a CONFIG that has one, or --broker mqtt://HOST:PORT")
    from gateway.clock import SystemClock  # noqa: PLC0415 # after the options are known to be good
    from gateway.ingest.capture import Capture, CaptureFailed  # noqa: PLC0415
    from gateway.ingest.run import on_signals  # noqa: PLC0415

    stopping = threading.Event()

    on_signals(stopping)
    capture = Capture(listen, filters, SystemClock())
    try:
        capture.open()
        say(f"lotwatch: captures {' '.join(filters)} at {listen.host}:{listen.port}")
        count = capture.run(output, stopping, seconds)
    except CaptureFailed as error:
        raise Exit(Code.UNREACHABLE, str(error)) from error
    say(f"lotwatch: {count} messages")
