"""`lotwatch replay`: fold history again, by the very code that folded it first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import click

from gateway.cli.options import DEFAULT_DATA, Folder, load_site
from gateway.cli.output import Code, Exit, emit, paced, say, stop
from gateway.model import NumberedInput


@click.command()
@click.option("--inputs", type=click.Path(path_type=Path), help="Fold the inputs of this file, JSON lines.")
@click.option(
    "--data",
    type=Folder(),
    envvar="LOTWATCH_DATA",
    help=f"Fold the inputs of this journal or replica. [default: {DEFAULT_DATA}]",
)
@click.option(
    "--config", type=click.Path(path_type=Path), help="Fold by this site, not by the journalled one."
)
@click.option("--quiet", is_flag=True, help="Print no events, only whether they are the same.")
@click.option("--json", "as_json", is_flag=True, help="End with one object that sums up.")
def command(inputs: Path | None, data: Path | None, config: Path | None, quiet: bool, as_json: bool) -> None:
    """Fold inputs again and print the events, one JSON object a line; "cause" is the input's number.

    Of a journal it says whether they are the events that were journalled. With --config a difference is what was asked
    for; without, it is a finding (exit code 1).
    """
    from gateway.cli.stored import opened  # noqa: PLC0415 # after usage is known to be right
    from gateway.refold import Refold  # noqa: PLC0415

    site = load_site(config) if config else None
    refold = Refold()
    try:
        if inputs is not None:
            if site is None:
                raise Exit(
                    Code.USAGE, "--inputs FILE needs --config SITE: a file of inputs does not say its site"
                )
            _print(refold.lines(site, _numbered(inputs)), quiet)
        else:
            with opened(data or DEFAULT_DATA) as readers:
                if len(readers) > 1:
                    names = ", ".join(str(reader.folder) for reader in readers)
                    raise Exit(Code.USAGE, f"{data} holds several: name one of {names}")

                def shown(given: Iterable[NumberedInput], length: int) -> Iterable[NumberedInput]:
                    return paced(given, "inputs", length, printing=not quiet)

                _print(refold.journal(readers[0], site, shown), quiet)
    except ValueError as error:
        raise Exit(Code.FINDINGS, str(error)) from error
    say(_words(refold.inputs, refold.events, refold.equal, refold.differs))
    if as_json:
        summary = {
            "inputs": refold.inputs,
            "events": refold.events,
            "equal": refold.equal,
            "differs": refold.differs,
        }
        emit({"is": "Replay", **summary})
    if refold.equal is False and config is None:
        stop(Code.FINDINGS)


def _numbered(path: Path) -> Iterator[NumberedInput]:
    from gateway.refold import inputs_of  # noqa: PLC0415

    try:
        yield from inputs_of(path.read_text("utf-8").splitlines())
    except OSError as error:
        raise Exit(Code.USAGE, f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise Exit(Code.USAGE, f"{path} is not UTF-8 text: byte {error.start} is not") from error
    except ValueError as error:
        raise Exit(Code.USAGE, f"{path}:{error}") from error


def _print(lines: Iterator[str], quiet: bool) -> None:
    for line in lines:
        if not quiet:
            click.echo(line)


def _words(inputs: int, events: int, equal: bool | None, differs: str) -> str:
    counted = f"{inputs} inputs gave {events} events"
    if equal is None:
        return f"{counted}; {differs}" if differs else counted
    return f"{counted}, the same as journalled" if equal else f"{counted}, not those journalled: {differs}"
