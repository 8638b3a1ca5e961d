"""What commands print: data on stdout, talk on stderr, and one way to stop."""

from __future__ import annotations

import enum
import signal
import sys
from collections.abc import Iterable, Iterator
from typing import Any, NoReturn, TypeVar

import click
import orjson

T = TypeVar("T")

SHORT_STEPS = 12


class Code(enum.IntEnum):
    """Exit codes, the same for every command (sysexits.h where it has one)."""

    OK = 0
    FINDINGS = 1
    USAGE = 2
    UNREACHABLE = 69
    TRY_LATER = 75
    BAD_CONFIG = 78


class Exit(click.ClickException):
    """Stop with this code and one message that says what to do."""

    def __init__(self, code: Code, text: str) -> None:
        super().__init__(text)
        self.exit_code = int(code)  # type: ignore[misc] # click reads it from the instance

    def show(self, file: Any = None) -> None:
        del file
        say(f"lotwatch: {self.message}")


def emit(value: object) -> None:
    """One JSON object on a line of stdout; nan is null."""
    sys.stdout.buffer.write(
        orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_APPEND_NEWLINE)
    )
    sys.stdout.flush()


def say(text: str) -> None:
    """Talk, on stderr."""
    click.echo(text, err=True)


def ending_signals() -> list[signal.Signals]:
    """What asks a long command to end in good order; a lost terminal too, but not under nohup, which ignores that."""
    lost = [] if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else [signal.SIGHUP]
    return [signal.SIGTERM, signal.SIGINT, *lost]


def stop(code: Code) -> NoReturn:
    """Leave with a code and no more words."""
    raise SystemExit(int(code))


def paced(steps: Iterable[T], label: str, length: int, *, printing: bool = False) -> Iterator[T]:
    """The steps of long work, with a bar on stderr where a terminal looks on.

    `printing`: data goes to stdout meanwhile, so no bar where both are the same terminal. Short work has none.
    """
    if length < SHORT_STEPS or not sys.stderr.isatty() or (printing and sys.stdout.isatty()):
        yield from steps
        return
    with click.progressbar(steps, length=length, label=label, file=sys.stderr) as bar:
        yield from bar
