"""Acts at a replica: signed, handed to the ingest worker, which sends them to the box; and what became of them.

The same commands as on the box. Which it is, is said by what is in the folder: a journal or a replica.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from gateway.acts import Act
from gateway.cli.entering import acting, entered, named_lot, own_journal
from gateway.cli.keyfile import read_key
from gateway.cli.output import Code, Exit
from gateway.cli.stored import iso, lot_named, opened
from gateway.journal import JournalReader
from gateway.model import Plain
from gateway.views.outcomes import outcome

LIFE_NS = 600_000_000_000  # of an act; the box takes none that is older
LOOK_S = 0.1
_META = "gateway.cli.away"


def _kept(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Options that `entered_at` looks up, so that every command need not hand them on."""
    ctx.meta[f"{_META}.{param.name}"] = value


def acting_anywhere(command: Callable[..., None]) -> Callable[..., None]:
    """Options of a command that enters something here or, signed, at a box elsewhere."""
    for option in (
        click.option(
            "--wait",
            type=click.FloatRange(0, 600),
            default=30.0,
            show_default=True,
            metavar="SECONDS",
            expose_value=False,
            callback=_kept,
            help="At a replica: how long to wait for the box's answer.",
        ),
        click.option(
            "--key",
            type=click.Path(path_type=Path),
            envvar="LOTWATCH_KEY",
            metavar="FILE",
            expose_value=False,
            callback=_kept,
            help="At a replica: your signing key, made by lotwatch user key.",
        ),
    ):
        command = option(command)
    return acting(command, "The journal of this gateway; or a replica: it is signed, and sent there.")


def lot_at(data: Path, code: str) -> tuple[Path, str, str]:
    """The folder that knows the lot in a code, the lot, and its kind. What cannot be found ends the command."""
    with opened(data) as readers:
        if not readers[0].replica:
            return data, *named_lot(data, code)
        lot = lot_named(code, readers)
        knowing = [each for each in readers if each.lot(lot) is not None or each.made.knows(lot)]
        reader = _only(readers, knowing, f"know lot {lot}")
        made = reader.made.made(lot)
        return reader.folder, lot, made.kind if made is not None else ""


def alarm_at(data: Path, pick: Callable[[list[str]], str]) -> tuple[Path, str]:
    """The folder that has the open alarm that `pick` takes of all ids, and the alarm."""
    with opened(data) as readers:
        if not readers[0].replica:
            return data, pick([each.alarm for each in own_journal(data, readers).alarms()])
        ids = {reader.folder: [each.alarm for each in reader.alarms()] for reader in readers}
        alarm = pick(list(dict.fromkeys(each for some in ids.values() for each in some)))
        reader = _only(
            readers, [each for each in readers if alarm in ids[each.folder]], f"have alarm {alarm}"
        )
        return reader.folder, alarm


def characteristic_at(data: Path, characteristic: str) -> Path:
    """The folder whose site charts it. At a box it judges by itself, and says so."""
    with opened(data) as readers:
        if not readers[0].replica:
            return data
        charted = {each.folder: each.site() for each in readers}
        knowing = [
            each
            for each in readers
            if (site := charted[each.folder]) and characteristic in {row.id for row in site.characteristics}
        ]
        if not knowing:
            raise Exit(Code.FINDINGS, f"no characteristic {characteristic} is charted here")
        return _only(readers, knowing, f"chart {characteristic}").folder


def _only(readers: list[JournalReader], found: list[JournalReader], what: str) -> JournalReader:
    if len(found) == 1:
        return found[0]
    folders = ", ".join(str(reader.folder) for reader in found or readers)
    raise Exit(Code.USAGE, f"several replicas {what}: name one by --data: {folders}")


def entered_at(
    folder: Path, kind: str, operator: str, body: Mapping[str, Plain], *, accept_clock: bool
) -> tuple[int, tuple[Mapping[str, Any], ...]]:
    """Enter it where the folder is: its number and what it caused. What cannot be ends the command."""
    with opened(folder) as readers:
        away = readers[0].replica
    if not away:
        return entered(folder, kind, operator, body, accept_clock=accept_clock)
    return _sent(folder, kind, operator, body)


def _sent(
    folder: Path, kind: str, operator: str, body: Mapping[str, Plain]
) -> tuple[int, tuple[Mapping[str, Any], ...]]:
    from gateway.clock import SystemClock  # noqa: PLC0415 # who is at the box needs none of it
    from gateway.door import BadRequest  # noqa: PLC0415
    from gateway.door.words import entry_of, request  # noqa: PLC0415
    from gateway.ingest.giving import data_of  # noqa: PLC0415
    from gateway.serving.handing import hand_over  # noqa: PLC0415

    meta, clock = click.get_current_context().meta, SystemClock()
    now = clock.now()
    try:
        entry_of(request(kind, operator, body), now)
    except BadRequest as error:
        raise Exit(Code.USAGE, str(error)) from error
    with opened(folder) as readers:
        identity, site = readers[0].identity, readers[0].site()
    if site is None or not site.users:
        text = f"{identity.site}: the config of its box has no users, so it takes nothing from here: enter it there"
        raise Exit(Code.FINDINGS, text)
    key = read_key(meta.get(f"{_META}.key"), operator)
    act = Act(identity, os.urandom(16).hex(), kind, operator, body, now.time_ns, now.time_ns + LIFE_NS)
    try:
        hand_over(data_of(folder), act, key)
    except OSError as error:
        raise Exit(Code.TRY_LATER, f"{error.filename or folder}: {error.strerror}") from error
    end_ns, pause = (
        clock.boottime_ns() + round(float(meta.get(f"{_META}.wait") or 0) * 1e9),
        threading.Event(),
    )
    while (found := outcome_of(folder, act)) is None:
        if clock.boottime_ns() > end_ns:
            until = iso(act.expires_ns)[:19]
            text = f"handed to the ingest worker, and no word of the box yet: it goes on to be sent until {until}Z"
            raise Exit(Code.TRY_LATER, f"{text}; look whether it is done before you repeat it")
        pause.wait(LOOK_S)
    return found


def outcome_of(folder: Path, act: Act) -> tuple[int, tuple[Mapping[str, Any], ...]] | None:
    """The number of the entry that an act became, and its events; None while the replica does not have them all."""
    with opened(folder) as readers:
        found = outcome(readers[0], act.id, act.made_ns, act.expires_ns)
        return found and (found.entry, found.events)
