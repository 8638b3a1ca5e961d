"""Options and arguments that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import Code, Exit

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


def overrides_of(settings: tuple[str, ...]) -> dict[str, str]:
    """``--set`` as the overrides of a config. Stops with code 2 where one has no value."""
    overrides = {}
    for setting in settings:
        path, equals, value = setting.partition("=")
        if not equals:
            raise Exit(Code.USAGE, f"--set {setting}: write PATH=VALUE, such as broker.port=1884")
        overrides[path] = value
    return overrides


def load_site(config: Path, settings: tuple[str, ...] = ()) -> Site:
    """The site in a config file. Stops with code 78 and every problem where it is not good."""
    from gateway.config import ConfigErrors, load  # noqa: PLC0415 # pydantic and yaml, only where a config is read

    try:
        return load(config, overrides=overrides_of(settings))
    except ConfigErrors as errors:
        raise Exit(Code.BAD_CONFIG, f"{config} is not good, nothing was started:\n{errors}") from errors
