"""What a site file says of its day, of who is told of alarms, and of stops that are planned."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import Field

from gateway.plan.closed import Closed
from gateway.plan.words import (
    CellPath,
    Duration,
    Flag,
    Kind,
    Name,
    Secret,
    Text,
    Time,
    one_of,
    shown,
    whole,
    wrong,
)

_CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_ZONE = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")
_HOURS = re.compile(rf"({_CLOCK.pattern})-({_CLOCK.pattern})")
MINUTE_NS = 60_000_000_000
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _clock(value: Any) -> Any:
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise wrong(f'{shown(value)} is not a time of day such as "06:00", in quotes')
    return (int(found[1]) * 60 + int(found[2])) * MINUTE_NS


def _zone(value: Any) -> Any:
    found = _ZONE.fullmatch(value) if isinstance(value, str) else None
    if not found or int(found[2]) > 14:
        raise wrong(f'{shown(value)} is not a difference to UTC such as "+08:00", in quotes')
    minutes = int(found[2]) * 60 + int(found[3])
    return (-minutes if found[1] == "-" else minutes) * MINUTE_NS


def _hours(value: Any) -> Any:
    found = _HOURS.fullmatch(value) if isinstance(value, str) else None
    if not found or found[1] == found[4]:
        raise wrong(f'{shown(value)} is not hours of the day such as "22:00-06:00", in quotes')
    return (_clock(found[1]), _clock(found[4]))


def _url(value: Any) -> Any:
    found = re.fullmatch(r"https?://[^\s/?#@]+(/[^\s?#@]*)?", value) if isinstance(value, str) else None
    if not found:
        raise wrong(f"{shown(value)} is not a URL without secrets: http:// or https://, no user and no query")
    return value


ClockTime = Annotated[int, Kind(_clock, {"type": "string", "pattern": f"^{_CLOCK.pattern}$"})]
"""Written ``"06:00"``, held as nanoseconds since midnight."""
Zone = Annotated[int, Kind(_zone, {"type": "string", "pattern": f"^{_ZONE.pattern}$"})]
"""Written ``"+08:00"``, held as nanoseconds."""
Hours = Annotated[tuple[int, int], Kind(_hours, {"type": "string", "pattern": f"^{_HOURS.pattern}$"})]
Url = Annotated[str, Kind(_url, {"type": "string", "format": "uri"})]


class ShiftRow(Closed):
    """A shift: it ends when the next begins."""

    name: Name = Field(description="names the shift")
    start: ClockTime = Field(description='time of day at which it begins, such as "06:00"')


class MailRow(Closed):
    """The server that takes e-mail."""

    host: Text = Field(description="name or address of the server")
    port: Annotated[int, whole(1, 65_535)] = Field(
        587, description="587 for STARTTLS, 465 for TLS, 25 without"
    )
    security: Annotated[str, one_of("a security", ("starttls", "tls", "none"))] = Field(
        "starttls", description="`starttls`, `tls` from the first byte, or `none`"
    )
    ca_file: Text | None = Field(None, description="certificates to trust; the system's if not given")
    username: Text | None = Field(None, description="none: the server takes mail from anybody")
    password_from: Secret | None = Field(
        None, description="where the password is: `file:PATH` or `credential:NAME`"
    )
    sender: Text = Field(description="the address that mail comes from, such as lotwatch@example.com")


class PersonRow(Closed):
    """Somebody who can be told. A role, not a name: addresses of people stay outside of the journal."""

    name: Name = Field(description="the role: shift-lead, quality, plant-manager")
    mail_from: Secret | None = Field(
        None, description="where the e-mail addresses are, one a line: `file:PATH` or `credential:NAME`"
    )
    webhook: Url | None = Field(
        None, description="URL that gets a POST; one with a secret in it is in `webhook_from`"
    )
    webhook_from: Secret | None = Field(
        None, description="where the URL is, if it has a secret in it: `file:PATH` or `credential:NAME`"
    )
    key_from: Secret | None = Field(
        None,
        description="where the key is that signs the POST (HMAC-SHA256): `file:PATH` or `credential:NAME`",
    )
    language: Annotated[str, one_of("a language", ("en", "zh"))] = Field("en", description="`en` or `zh`")
    quiet: list[Hours] = Field(
        default_factory=list,
        max_length=8,
        description='hours of the day in which nothing is sent, such as "22:00-06:00"; it is sent afterwards, if '
        "nobody has answered by then",
    )


class StepRow(Closed):
    """A step of a ladder."""

    after: Duration | None = Field(
        None, description="unanswered for so long, counted from the alarm; at once if not given"
    )
    tell: list[Name] = Field(
        default_factory=list,
        description="who is told, of `people`, and `owner`: the row's; none: the event on MQTT is all",
    )
    despite_quiet: Flag = Field(False, description="whether they are told in their quiet hours too")


class LadderRow(Closed):
    """Who is told, step after step, while nobody acknowledges an alarm."""

    name: Name = Field(description="names the ladder in plans")
    steps: list[StepRow] = Field(min_length=1, max_length=20, description="in the order of their times")


class StopRow(Closed):
    """A stop that is planned: nobody is told of alarms meanwhile, and no check of these cells is due."""

    name: Name = Field(description="names the stop in events")
    begins: Time | None = Field(None, alias="from", description="when it begins, once")
    ends: Time | None = Field(None, alias="to", description="when it is over")
    days: list[Annotated[str, one_of("a day", DAYS)]] = Field(
        default_factory=list, description="or every week on these days: `mon` to `sun`"
    )
    hours: Hours | None = Field(None, description='with `days`: hours of the day, such as "06:00-14:00"')
    cells: list[CellPath] = Field(default_factory=list, description="where; the whole site if not given")
    announce: Duration = Field(
        3_600_000_000_000,
        description="so long before it begins, it is announced by an event",
        json_schema_extra={"default": "1h"},
    )


class AlertsRow(Closed):
    """Who is told of alarms that nobody answers."""

    mail: MailRow | None = Field(None, description="the server that takes e-mail; no e-mail without")
    people: list[PersonRow] = Field(default_factory=list, max_length=100, description="who can be told")
    ladders: list[LadderRow] = Field(
        default_factory=list, max_length=50, description="in which order they are told"
    )
    default: Name | None = Field(
        None, description="ladder of alarms that no plan gives one; nobody is told of those if not given"
    )
