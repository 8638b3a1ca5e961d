"""Options and arguments that several commands share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import orjson

from gateway.cli.output import Code, Exit
from gateway.plain import from_plain

if TYPE_CHECKING:
    from gateway.site import Site

DEFAULT_DATA = Path("lotwatch-data")


def data_option(text: str) -> Callable[[Any], Any]:
    """``--data DIR``, from LOTWATCH_DATA where it is not given."""
    return click.option(
        "--data",
        type=click.Path(path_type=Path),
        default=DEFAULT_DATA,
        show_default=True,
        envvar="LOTWATCH_DATA",
        help=text,
    )


set_option = click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="PATH=VALUE",
    help="Override one value of the config, such as buses.line1.address=127.0.0.1:5020; may be repeated.",
)


def load_site(config: Path, settings: tuple[str, ...] = ()) -> Site:
    """The site in a config file. Stops with code 78 and every problem where it is not good.

    A process of its own reads it: see `gateway.config.__main__`.
    """
    from gateway.site import Site  # noqa: PLC0415 # numpy, only where a site is wanted

    for setting in settings:
        if "=" not in setting:
            raise Exit(Code.USAGE, f"--set {setting}: write PATH=VALUE, such as broker.port=1884")
    command = [sys.executable, "-m", "gateway.config", str(config), *settings]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode != 0:
        problems = done.stderr.decode("utf-8", "replace").strip()
        raise Exit(Code.BAD_CONFIG, f"{config} is not good, nothing was started:\n{problems}")
    site: Site = from_plain(Site, orjson.loads(done.stdout))
    return site
