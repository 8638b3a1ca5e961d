"""`lotwatch web`: what the pages take to be seen from other machines."""

from __future__ import annotations

import os
from pathlib import Path

import click

from gateway.cli.entering import json_option
from gateway.cli.output import Code, Exit, emit, say


@click.group()
def command() -> None:
    """What the pages take to be seen from other machines."""


@command.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--host",
    "hosts",
    multiple=True,
    required=True,
    metavar="NAME",
    help="A name or address by which browsers ask the box; may be repeated.",
)
@click.option(
    "--days",
    type=click.IntRange(1, 3_650),
    default=825,
    show_default=True,
    metavar="N",
    help="It is good for so long.",
)
@json_option
def certificate(folder: Path, hosts: tuple[str, ...], days: int, *, as_json: bool) -> None:
    """Make web.crt and web.key in FOLDER: a certificate that only itself has signed.

    Browsers warn of it once. Compare the fingerprint that they show with the one printed here. A site that has an
    authority of its own takes that one's certificate instead. What is printed goes into the site file.
    """
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.web.selfsigned import made  # noqa: PLC0415 # loads cryptography

    try:
        found = made([host.lower() for host in hosts], SystemClock().now().time_ns, days)
    except ValueError as error:
        raise Exit(Code.USAGE, str(error)) from error
    files = {"certificate_file": folder / "web.crt", "key_from": folder / "web.key"}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write(files["key_from"], found.key, 0o600)
        _write(files["certificate_file"], found.certificate, 0o644)
    except FileExistsError as error:
        raise Exit(
            Code.USAGE, f"{error.filename}: it is there: move it away, or name another folder"
        ) from error
    except OSError as error:
        raise Exit(Code.TRY_LATER, f"{error.filename or folder}: {error.strerror}") from error
    names = ", ".join(f'"{host.lower()}"' for host in hosts)
    if as_json:
        emit(
            {name: str(path) for name, path in files.items()}
            | {"hosts": list(hosts), "sha256": found.fingerprint}
        )
        return
    click.echo(
        f'  listen: "0.0.0.0:8443"\n  certificate_file: {files["certificate_file"].absolute()}\n'
        f"  key_from: file:{files['key_from'].absolute()}\n  hosts: [{names}]"
    )
    say(f"lotwatch: SHA-256 fingerprint {found.fingerprint}")


def _write(path: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
