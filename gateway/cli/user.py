"""`lotwatch user`: accounts of those who use the pages, and keys of people who act at a replica."""

from __future__ import annotations

import re
from pathlib import Path

import click

from gateway.cli.entering import json_option
from gateway.cli.keyfile import make_key
from gateway.cli.options import data_option
from gateway.cli.output import Code, Exit, emit, say
from gateway.cli.useraccounts import accounts, noted, password_hash
from gateway.journal.database import NAME
from gateway.people import Account, Diary, NameTaken, OperatorTaken, Role
from gateway.people.store import given_to_owner
from gateway.serving.keys import place
from gateway.views.moments import iso

_DATA = "The journal, or the folder of replicas, whose pages they use."
_roles = click.Choice([role.value for role in Role])
_password = click.option(
    "--password-from", metavar="PLACE", help="file:PATH or credential:NAME; it is asked for if not given."
)
_sites = click.option(
    "--site", "sites", multiple=True, metavar="SITE", help="They see this site only; may be repeated."
)


@click.group()
def command() -> None:
    """Accounts of those who use the pages, and keys of people who act at a replica."""


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--operator", required=True, metavar="N", envvar="LOTWATCH_OPERATOR", help="Whose: an operator number."
)
@json_option
def key(file: Path, operator: str, *, as_json: bool) -> None:
    """Make a signing key in FILE, which only you can read, and its public half in FILE.pub.

    The public half goes into the config of every box that shall know you, as the rows printed here; the box then takes
    what you sign, of what `may` names.
    """
    if not re.fullmatch("[0-9]{1,12}", operator, re.ASCII):
        raise Exit(
            Code.USAGE, f"{operator}: an operator is a number of at most 12 digits; names enter no config"
        )
    public = make_key(file, operator).public.line()
    if as_json:
        emit({"operator": operator, "file": str(file), "key": public})
        return
    click.echo(_row(operator, public))
    say(f"lotwatch: {file} is your signature: keep it, and let nobody have it")


def _row(operator: str, public: str) -> str:
    return f'users:\n  - operator: "{operator}"\n    key: {public}\n    may: [acknowledge, shelve, unshelve]'


@command.command()
@click.argument("name")
@click.option("--operator", required=True, metavar="N", help="Their number, which the journal knows.")
@click.option("--role", type=_roles, required=True, help="What they may do.")
@_sites
@_password
@data_option(_DATA)
def add(
    name: str, operator: str, role: str, sites: tuple[str, ...], password_from: str | None, data: Path
) -> None:
    """Make an account. Over replicas, a signing key too, for a role that acts: its row for the boxes is printed."""
    with accounts(data) as people:
        try:
            Account(name, operator, Role(role), sites)
            hashed = password_hash(password_from, name, operator)
            people.add(Account(name, operator, Role(role), sites, hashed, _now()))
        except (NameTaken, OperatorTaken, ValueError) as error:
            raise Exit(Code.USAGE, str(error)) from error
        noted(people, "account_made", operator, {"role": role, "sites": " ".join(sites)})
    if Role(role) in {Role.OPERATOR, Role.QUALITY, Role.ADMIN} and not (data / NAME).is_file():
        path = place(data, operator)
        path.parent.mkdir(mode=0o700, exist_ok=True)
        if not path.exists():
            click.echo(_row(operator, make_key(path, operator).public.line()))
            for each in (path.parent, path, path.with_name(path.name + ".pub")):
                given_to_owner(each, data)  # the server signs with it
            say("lotwatch: put that into the config of every box whose alarms they shall answer from here")


@command.command("list")
@data_option(_DATA)
@json_option
def list_(data: Path, *, as_json: bool) -> None:
    """Accounts, by name."""
    with accounts(data) as people:
        rows = [
            {"name": each.name, "operator": each.operator, "role": each.role.value, "sites": list(each.sites)}
            for each in people.accounts()
        ]
    if as_json:
        emit({"accounts": rows})
        return
    for row in rows:
        click.echo(
            f"{row['name']:<24}{row['operator']:>13}  {row['role']:<10}{' '.join(row['sites']) or 'all sites'}"
        )


@command.command()
@click.option(
    "--most", type=click.IntRange(1, 100_000), default=50, show_default=True, metavar="N", help="So many."
)
@data_option(_DATA)
@json_option
def log(data: Path, most: int, *, as_json: bool) -> None:
    """What was done with accounts; over replicas, who signed in, was turned away, and sent what: the newest first."""
    with accounts(data) as people:
        rows = Diary(people).newest(most)
    if as_json:
        plain = [
            {"time": iso(row.time_ns), "kind": row.kind, "operator": row.operator, "facts": dict(row.facts)}
            for row in rows
        ]
        emit({"log": plain})
        return
    for row in rows:
        facts = ", ".join(f"{name} {value}" for name, value in row.facts.items() if value != "")
        click.echo(f"{iso(row.time_ns)[:19]}Z  {row.kind:<16}{row.operator:<13}{facts}")


@command.command()
@click.argument("name")
@click.option("--role", type=_roles, help="What they may do from now on.")
@_sites
@click.option("--all-sites", is_flag=True, help="They see all sites from now on.")
@click.option("--password", is_flag=True, help="Another password.")
@_password
@data_option(_DATA)
def change(
    name: str,
    role: str | None,
    sites: tuple[str, ...],
    password_from: str | None,
    data: Path,
    *,
    all_sites: bool,
    password: bool,
) -> None:
    """Change an account; whoever is signed in with it must sign in again."""
    if sites and all_sites:
        raise Exit(Code.USAGE, "--site and --all-sites: give one of them")
    if not (role or sites or all_sites or password or password_from):
        raise Exit(Code.USAGE, "nothing to change: give --role, --site, --all-sites or --password")
    with accounts(data) as people:
        account = people.account(name)
        if account is None:
            raise Exit(Code.FINDINGS, f"nobody is called {name} here")
        after = () if all_sites else sites or account.sites
        try:
            Account(account.name, account.operator, Role(role or account.role), after)
        except ValueError as error:
            raise Exit(Code.USAGE, str(error)) from error
        facts: dict[str, object] = {}
        if role or sites or all_sites:
            people.set_role(name, Role(role or account.role), after)
            facts = {"role": role or account.role.value, "sites": " ".join(after)}
        if password or password_from:
            people.set_password(name, password_hash(password_from, name, account.operator))
            facts["renewed"] = "password"
        noted(people, "account_changed", account.operator, facts)


@command.command()
@click.argument("name")
@data_option(_DATA)
def remove(name: str, data: Path) -> None:
    """Erase an account; the journal keeps the number, which then nobody can turn back into a name."""
    with accounts(data) as people:
        account = people.account(name)
        if account is None or not people.remove(name):
            raise Exit(Code.FINDINGS, f"nobody is called {name} here")
        noted(people, "account_removed", account.operator, {})


def _now() -> int:
    from gateway.clock import SystemClock  # noqa: PLC0415

    return SystemClock().now().time_ns
