"""Frozen limits as a file: the versions of `limits` of a plan row, oldest first, each kept for ever."""

from __future__ import annotations

import contextlib
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway.cli.output import Code, Exit

_FORM = "%Y-%m-%dT%H:%M:%SZ"
_OPERATOR = re.compile(r"[0-9]{1,12}")


def approver(number: str | None) -> str:
    """The operator's number of who approves. Ends the command with code 2 where it is none."""
    if number is None:
        raise Exit(
            Code.USAGE, "--freeze: limits are approved by somebody: give --approved-by, an operator's number"
        )
    if not _OPERATOR.fullmatch(number):
        raise Exit(Code.USAGE, f"--approved-by {number}: an operator's number has 1 to 12 digits")
    return number


def begins(effective: str | None) -> str:
    """From when on limits hold, as ISO 8601 in UTC; now, where nothing is said. Ends the command with code 2."""
    if effective is None:
        from gateway.clock import SystemClock  # noqa: PLC0415

        at = datetime.fromtimestamp(SystemClock().now().time_ns // 10**9, UTC)
    else:
        try:
            at = datetime.fromisoformat(effective)
        except ValueError:
            raise Exit(
                Code.USAGE, f"--effective {effective}: write a date, 2026-11-22, or 2026-11-22T06:00:00Z"
            ) from None
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return at.strftime(_FORM)


def versions(file: Path) -> list[dict[str, Any]]:
    """What the file has; nothing where there is no file. Ends the command with code 2 where it is no such file."""
    import yaml  # noqa: PLC0415

    try:
        found = yaml.safe_load(file.read_text("utf-8"))
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Exit(Code.USAGE, f"{file}: cannot be read as frozen limits: {_short(error)}") from error
    rows = found.get("limits") if isinstance(found, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and _number(row) for row in rows):
        raise Exit(Code.USAGE, f"{file}: this is no file of frozen limits: name another one")
    return [{**row, "from": _written(row.get("from"))} for row in rows]


def next_version(rows: list[dict[str, Any]], start: str, file: Path) -> int:
    """The number after the newest; limits begin later than those before. Ends the command with code 2."""
    late = [row["from"] for row in rows if row["from"] >= start]
    if late:
        raise Exit(Code.USAGE, f"{file}: there are limits from {max(late)}: name a later --effective")
    return max((int(row["version"]) for row in rows), default=0) + 1


def write(file: Path, rows: list[dict[str, Any]], title: str) -> None:
    """Whole or not at all. Ends the command with code 2 where it cannot be written."""
    import yaml  # noqa: PLC0415

    text = f"# {title}\n" + yaml.safe_dump({"limits": rows}, sort_keys=False, allow_unicode=True, width=110)
    part = file.with_name(file.name + ".part")
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(file)
    except OSError as error:
        with contextlib.suppress(OSError):
            part.unlink()
        raise Exit(Code.USAGE, f"{file}: {(error.strerror or str(error)).lower()}") from error


def _number(row: dict[str, Any]) -> bool:
    return type(row.get("version")) is int


def _written(start: object) -> str:
    """YAML makes an instant of an unquoted one."""
    if isinstance(start, datetime):
        start = start.replace(tzinfo=UTC) if start.tzinfo is None else start.astimezone(UTC)
        return start.strftime(_FORM)
    return str(start)


def _short(error: Exception) -> str:
    return str(error).splitlines()[0]
