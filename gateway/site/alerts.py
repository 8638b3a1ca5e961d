"""Who is told of alarms, in which order and when; stops that are planned. Times of day are local (`shifts`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mail:
    """The server that takes e-mail; the secret stays where it is."""

    host: str
    sender: str
    port: int = 587
    security: str = "starttls"  # "starttls", "tls", "none"
    ca_file: str = ""
    username: str = ""
    password_from: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A role that can be told; where its addresses are, never what they are."""

    name: str
    mail_from: str = ""
    webhook: str = ""
    webhook_from: str = ""
    key_from: str = ""
    language: str = "en"
    quiet: tuple[tuple[int, int], ...] = ()  # [from, to) since local midnight; over midnight where to < from

    @property
    def reached(self) -> bool:
        """Whether there is a way but the event on MQTT."""
        return bool(self.mail_from or self.webhook or self.webhook_from)


@dataclass(frozen=True, slots=True)
class Step:
    """Unanswered for `after_ns`: these are told."""

    after_ns: int
    tell: tuple[str, ...]  # people; "owner": of the row
    despite_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """Steps in the order of their times."""

    name: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PlannedStop:
    """Once from `from_ns` to `to_ns`, or every week on `days` (0: Monday) in `hours`."""

    name: str
    from_ns: int = 0
    to_ns: int = 0
    days: tuple[int, ...] = ()
    hours: tuple[int, int] = (0, 0)
    cells: tuple[str, ...] = ()  # none: the whole site
    announce_ns: int = 0


@dataclass(frozen=True, slots=True)
class Alerts:
    """All of it."""

    mail: Mail | None = None
    people: tuple[Person, ...] = ()
    ladders: tuple[Ladder, ...] = ()
    default: str = ""  # ladder of alarms that no plan gives one
    stops: tuple[PlannedStop, ...] = ()
