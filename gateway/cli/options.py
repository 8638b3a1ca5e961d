"""Options and arguments that several commands share."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, urlsplit

import click
import orjson

from gateway.cli.output import Code, Exit
from gateway.plain import from_plain

if TYPE_CHECKING:
    from gateway.site import Site

DEFAULT_DATA = Path("lotwatch-data")


class Folder(click.Path):
    """A folder by name; the empty word, such as an unset variable of a script, would be the one we happen to be in."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty: name a folder", param, ctx)
        return super().convert(value, param, ctx)


def data_option(text: str) -> Callable[[Any], Any]:
    """``--data DIR``, from LOTWATCH_DATA where it is not given."""
    return click.option(
        "--data",
        type=Folder(),
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


def load_site(
    config: Path, settings: tuple[str, ...] = (), meanwhile: Callable[[], None] = lambda: None
) -> Site:
    """The site in a config file. Stops with code 78 and every problem where it is not good.

    A process of its own reads it: see `gateway.config.__main__`. `meanwhile` is done while it does.
    """
    for setting in settings:
        if "=" not in setting:
            raise Exit(Code.USAGE, f"--set {setting}: write PATH=VALUE, such as broker.port=1884")
    command = [sys.executable, "-m", "gateway.config", str(config), *settings]
    try:
        reading = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    except OSError as error:
        raise Exit(Code.TRY_LATER, f"{sys.executable} cannot be started: {error.strerror}") from error
    with reading:
        meanwhile()
        said, problems = reading.communicate()
    if reading.returncode != 0:
        words = problems.decode("utf-8", "replace").strip()
        raise Exit(Code.BAD_CONFIG, f"{config} is not good, nothing was started:\n{words}")
    from gateway.site import Site  # noqa: PLC0415 # numpy, only where a site is wanted

    site: Site = from_plain(Site, orjson.loads(said))
    return site


def address(option: str, url: str, schemes: Sequence[str]) -> SplitResult:
    """The parts of a URL, which has one of the schemes, a host, and a port that can be one or none."""
    parts = urlsplit(url)
    try:
        good = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, or too large a one
        good = False
    if not good:
        shown = " or ".join(f"{scheme}://HOST:PORT" for scheme in schemes)
        raise Exit(Code.USAGE, f"{option} {url}: write {shown}")
    return parts
