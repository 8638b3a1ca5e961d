"""`lotwatch certificate`: the box's own key, and its certificate for the broker."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.entering import json_option
from gateway.cli.options import load_site
from gateway.cli.output import Code, Exit, emit, say, stop

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def command() -> None:
    """The box's own key and its certificate for the broker (mutual TLS)."""


@command.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--key", "path", type=_FILE, metavar="FILE", help="The key; that of broker.key_from if not given."
)
@click.option("--name", help="Whom the certificate is for; the site if not given.")
@json_option
def request(config: Path, path: Path | None, name: str | None, *, as_json: bool) -> None:
    """Make the key on this box, unless it is there, and print the request for its certificate.

    The key stays here, readable by its owner alone. The request goes to whoever signs for the broker; the name in it is
    the site's, which the broker lets read and write that site's topics and no others.
    """
    from gateway.trust.boxkey import RESERVED, BadKey, make_key, read_key  # noqa: PLC0415 # a command loads what it needs
    from gateway.trust.boxkey import request as asked  # noqa: PLC0415
    from gateway.trust.secret import place_of, secret_file  # noqa: PLC0415

    site = load_site(config)
    if name is None and site.site in RESERVED:
        text = f'a site called "{site.site}" would see every site, for the broker has a user of that name: rename it'
        raise Exit(Code.BAD_CONFIG, f"{text}; --name {site.site} asks for that user's certificate")
    try:
        if path is None:
            place = site.broker.key_from if site.broker else ""
            if not place.startswith("file:"):
                raise Exit(
                    Code.USAGE, "where is the key to be? give --key FILE, or the config broker.key_from"
                )
            path = place_of(place)
        made = not path.exists()
        key = make_key(path) if made else read_key(secret_file(f"file:{path}"))
        pem = asked(key, name or site.site)
    except BadKey as error:
        raise Exit(Code.USAGE, str(error)) from error
    except ValueError as error:
        raise Exit(Code.USAGE, f"it cannot be asked for: {error}") from error
    except OSError as error:
        raise Exit(Code.USAGE, f"{error.filename or path}: {error.strerror}") from error
    if as_json:
        emit({"name": name or site.site, "key": str(path), "made": made, "request": pem})
        return
    click.echo(pem, nl=False)
    say(
        f"lotwatch: {path} {'is made' if made else 'was there'}: it stays on this box, only the request leaves it"
    )


@command.command()
@click.argument("file", type=_FILE)
@click.option("--key", "path", type=_FILE, metavar="FILE", help="The key that it has to fit.")
@click.option("--ca", type=_FILE, metavar="FILE", help="The certificate of whoever has to have issued it.")
@json_option
def show(file: Path, path: Path | None, ca: Path | None, *, as_json: bool) -> None:
    """Say whose certificate is in FILE and how long it is valid. Ends with 1 where a broker would not take it."""
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.trust.boxkey import BadKey, read_certificate, read_key  # noqa: PLC0415 # a command loads what it needs
    from gateway.views.moments import iso  # noqa: PLC0415

    now_ns = SystemClock().now().time_ns
    try:
        found = read_certificate(file)
        problems = found.problems(
            now_ns, key=read_key(path) if path else None, ca=read_certificate(ca) if ca else None
        )
    except BadKey as error:
        raise Exit(Code.USAGE, str(error)) from error
    except OSError as error:
        raise Exit(Code.USAGE, f"{error.filename}: {error.strerror}") from error
    days = found.days_left(now_ns)
    if as_json:
        emit(
            {
                "name": found.name,
                "issuer": found.issuer,
                "ends_ns": found.ends_ns,
                "days": days,
                "problems": problems,
            }
        )
    else:
        click.echo(
            f"name    {found.name}\nissuer  {found.issuer}\nends    {iso(found.ends_ns)}, in {days} days"
        )
        for problem in problems:
            say(f"{file}: {problem}")
    if problems:
        stop(Code.FINDINGS)
