"""`lotwatch alarm`: see alarms, answer for them, put them away for a while, and hold them against their budget."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from gateway.cli.away import acting_anywhere, alarm_at, entered_at
from gateway.cli.entering import json_option, told
from gateway.cli.falsealarms import Row, rows_of, total
from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.stored import between, iso, near, opened
from gateway.journal import JournalReader
from gateway.model import AlarmChanged, Plain
from gateway.sentences.words import named
from gateway.views.alarms import alarm_plain

_DATA = "A journal, a replica, or a folder of replicas."
_PARTS = re.compile(r"(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,6})s)?", re.ASCII)

lang_option = click.option(
    "--lang",
    type=click.Choice(["en", "zh"]),
    default="en",
    show_default=True,
    envvar="LOTWATCH_LANG",
    help="Language of the sentences.",
)


@click.group()
def command() -> None:
    """See alarms, answer for them, put them away for a while, and hold them against their budget.

    ID is an alarm's id, or so much of its beginning or of its last word that no other open alarm has it. What is
    entered goes to the daemon that runs on this journal; where none runs, the journal is opened for it. At a replica it
    is signed, sent to the box, judged there, and its outcome waited for.
    """


@command.command("list")
@data_option(_DATA)
@click.option("--all", "every", is_flag=True, help="Those that are closed as well.")
@lang_option
@json_option
def list_(data: Path, *, every: bool, lang: str, as_json: bool) -> None:
    """Open alarms, the oldest first, in words."""
    with opened(data) as readers:
        found = [(reader, alarm) for reader in readers for alarm in reader.alarms(closed=every)]
        if as_json:
            emit({"alarms": [alarm_plain(reader, alarm) for reader, alarm in found]})
            return
        for _, alarm in found:
            for line in shown(alarm, lang):
                click.echo(line)
    if not found:
        say("no alarms" if every else "no open alarms")


@command.command()
@click.argument("alarm", metavar="ID")
@click.option("--cause", required=True, metavar="TEXT", help="What it was.")
@click.option("--action", required=True, metavar="TEXT", help="What was done about it.")
@click.option(
    "--class",
    "cause_class",
    type=click.Choice(["assignable", "false", "unknown"]),
    default="unknown",
    show_default=True,
    help="Something that can be mended, nothing at all, or nobody knows.",
)
@acting_anywhere
def ack(  # options of a command
    alarm: str,
    cause: str,
    action: str,
    cause_class: str,
    data: Path,
    operator: str,
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    """Answer for an alarm: what it was, and what was done. Again, later: what is known by then."""
    body: dict[str, Plain] = {"cause": cause, "cause_class": cause_class, "action": action}
    _act(data, "acknowledge", operator, alarm, body, accept_clock=accept_clock, as_json=as_json)


@command.command()
@click.argument("alarm", metavar="ID")
@click.option(
    "--for", "duration", required=True, metavar="TIME", help="Such as 2h, 90m or 1h30m; a day at most."
)
@click.option("--reason", required=True, metavar="TEXT", help="Why nobody need look at it for so long.")
@acting_anywhere
def shelve(
    alarm: str, duration: str, reason: str, data: Path, operator: str, *, accept_clock: bool, as_json: bool
) -> None:
    """Put an alarm out of sight for a time. It goes on being recorded, and comes back by itself."""
    body: dict[str, Plain] = {"for_s": seconds(duration), "reason": reason}
    _act(data, "shelve", operator, alarm, body, accept_clock=accept_clock, as_json=as_json)


@command.command()
@click.argument("alarm", metavar="ID")
@acting_anywhere
def unshelve(alarm: str, data: Path, operator: str, *, accept_clock: bool, as_json: bool) -> None:
    """Bring a shelved alarm back into sight."""
    _act(data, "unshelve", operator, alarm, {}, accept_clock=accept_clock, as_json=as_json)


@command.command()
@data_option(_DATA)
@click.option("--from", "since", metavar="TIME", help="From this time on: ISO 8601, UTC without a zone.")
@click.option("--to", "until", metavar="TIME", help="Before this time.")
@json_option
def budget(data: Path, since: str | None, until: str | None, *, as_json: bool) -> None:
    """False alarms a day by design of charts and anomaly checks, against those that were answered as false.

    Alarms that nobody answered yet may be false too: they stand in a column of their own.
    """
    span = between(since, until)
    with opened(data) as readers:
        tables = [(reader.identity, _site_budget(reader), *rows_of(reader, *span)) for reader in readers]
    if as_json:
        emit(
            {
                "at": [
                    {"site": who.site, "gateway": who.gateway, "days": days, "budget_per_day": wanted}
                    | {"total": total(rows).plain(days)}
                    | {"charts": [row.plain(days) for row in rows]}
                    for who, wanted, rows, days in tables
                ]
            }
        )
        return
    for who, wanted, rows, days in tables:
        asked = f", budget {wanted:g} false alarms a day" if wanted else ""
        click.echo(f"{who.site}/{who.gateway}: {days:.2f} days of readings{asked}")
        for row in (HEAD, *(_cells(row, days) for row in (*rows, total(rows)))):
            click.echo(f"{row[0]:<28}" + "".join(f"{cell:>12}" for cell in row[1:]))


HEAD = (
    "chart",
    "arl0",
    "designed/day",
    "false/day",
    "signals",
    "alarms",
    "assignable",
    "false",
    "unknown",
    "open",
)


def _site_budget(reader: JournalReader) -> float | None:
    site = reader.site()
    return (site.false_alarms_per_day or None) if site else None


def _cells(row: Row, days: float) -> tuple[str, ...]:
    plain = row.plain(days)
    numbers = [plain[name] for name in ("arl0", "designed_per_day", "false_per_day")]
    counts = [row.signals, row.alarms, row.assignable, row.false, row.unknown, row.unanswered]
    return (row.name, *("-" if each is None else f"{each:.4g}" for each in numbers), *map(str, counts))


def shown(alarm: AlarmChanged, lang: str) -> list[str]:
    """An alarm for people to read."""
    facts = alarm.facts or {}
    about = alarm.tag or alarm.subject
    lines = [f"{alarm.state:<13}{iso(alarm.time_ns)[:19]}Z  {alarm.kind} {about} (version {alarm.version})"]
    texts = {
        "id": alarm.alarm,
        "says": facts.get("sentence_zh" if lang == "zh" else "sentence") or alarm.reaction,
        "lots": named(alarm.lots, ", ", " and {} more"),
        "cause": facts.get("cause"),
        "action": facts.get("action"),
    }
    if facts.get("shelved_until_ns") is not None:
        until = iso(int(str(facts["shelved_until_ns"])))[:19]
        texts["shelved"] = f"until {until}Z by {facts.get('shelved_by')}: {facts.get('shelved_reason')}"
    return lines + [f"  {name:<8}{text}" for name, text in texts.items() if text]


def seconds(duration: str) -> int:
    """Seconds of a time such as 1h30m.

    >>> seconds("2h"), seconds("90m"), seconds("1h30m"), seconds("45s")
    (7200, 5400, 5400, 45)
    """
    found = _PARTS.fullmatch(duration.strip())
    parts = [int(part or 0) for part in found.groups()] if found else []
    if not sum(parts):
        raise Exit(Code.USAGE, f"--for {duration}: write a time such as 2h, 90m or 1h30m")
    hours, minutes, rest = parts
    return hours * 3600 + minutes * 60 + rest


def _act(
    data: Path,
    kind: str,
    operator: str,
    alarm: str,
    body: Mapping[str, Plain],
    *,
    accept_clock: bool,
    as_json: bool,
) -> None:
    folder, full = alarm_at(data, lambda known: one_of(alarm, known))
    seq, events = entered_at(folder, kind, operator, {"alarm": full, **body}, accept_clock=accept_clock)
    told(seq, events, as_json=as_json)


def one_of(wanted: str, known: Sequence[str]) -> str:
    """The one id that begins like this, or whose last word does. Else the command ends."""
    found = [each for each in known if each == wanted] or [
        each for each in known if each.startswith(wanted) or each.rpartition("-")[2].startswith(wanted)
    ]
    if wanted and len(found) == 1:
        return found[0]
    if wanted and found:
        raise Exit(Code.USAGE, f"{wanted} may be each of {', '.join(found)}: write more of it")
    raise Exit(Code.FINDINGS, f"no open alarm {wanted}{near(wanted, set(known))}")
