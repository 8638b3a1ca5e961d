"""`lotwatch serve`: the pages over a folder of replicas."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.output import Code, Exit, ending_signals, say

if TYPE_CHECKING:
    from gateway.site import Beyond


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--port",
    type=click.IntRange(1, 65_535),
    default=8090,
    show_default=True,
    metavar="N",
    help="Of 127.0.0.1.",
)
@click.option(
    "--listen",
    metavar="ADDRESS:PORT",
    help="For other machines, over TLS, once there is an account: 0.0.0.0:8443.",
)
@click.option(
    "--certificate-file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="With --listen: the certificate, PEM.",
)
@click.option("--key-from", metavar="PLACE", help="With --listen: its key: file:PATH or credential:NAME.")
@click.option(
    "--host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="With --listen: by which browsers ask it; may be repeated.",
)
@click.option("-v", "--verbose", is_flag=True, help="Say more on stderr.")
def command(
    folder: Path,
    port: int,
    listen: str | None,
    certificate_file: Path | None,
    key_from: str | None,
    hosts: tuple[str, ...],
    *,
    verbose: bool,
) -> None:
    """Serve the pages of the replicas in FOLDER, which lotwatch ingest keeps. Stops on SIGTERM or Ctrl-C.

    Each account sees all sites, or those that it names; an account without is told a code for the first one. What is
    entered is signed, sent by the ingest worker of the same folder, and judged by the box.
    """
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, format="%(levelname)s %(name)s: %(message)s"
    )
    if not folder.is_dir():
        raise Exit(
            Code.USAGE,
            f"{folder}: there is no such folder: name the one that lotwatch ingest writes (--data)",
        )
    from gateway.journal.database import NAME  # noqa: PLC0415 # after the options are known to be good

    if (folder / NAME).is_file():
        raise Exit(
            Code.USAGE, f"{folder}: it is a journal: its daemon serves its pages; see `web` in the config"
        )
    beyond = _beyond(listen, certificate_file, key_from, hosts, port)
    from gateway.app import SystemEntropy  # noqa: PLC0415 # a second of imports
    from gateway.clock import SystemClock  # noqa: PLC0415
    from gateway.serving.server import serve  # noqa: PLC0415

    async def main() -> None:
        stop = asyncio.Event()
        for number in ending_signals():
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        ready = f"lotwatch: replicas of {folder} at http://127.0.0.1:{port}"
        await serve(folder, port, SystemClock(), SystemEntropy(), beyond, stop, lambda: say(ready))

    try:
        asyncio.run(main())
    except OSError as error:
        raise Exit(Code.TRY_LATER, f"{error.filename or folder}: {error.strerror}") from error


def _beyond(
    listen: str | None, certificate_file: Path | None, key_from: str | None, hosts: tuple[str, ...], port: int
) -> Beyond | None:
    from gateway.site import Beyond  # noqa: PLC0415
    from gateway.trust.certificates import BadCertificate, server_context  # noqa: PLC0415
    from gateway.trust.hostnames import is_host, listening  # noqa: PLC0415

    if listen is None:
        if certificate_file or key_from or hosts:
            raise Exit(Code.USAGE, "--certificate-file, --key-from and --host go with --listen ADDRESS:PORT")
        return None
    found = listening(listen)
    if found is None:
        raise Exit(Code.USAGE, f"--listen {listen}: write an address and a port: 0.0.0.0:8443 or [::]:8443")
    if certificate_file is None or key_from is None or not hosts:
        raise Exit(
            Code.USAGE,
            "--listen: beyond this machine there is TLS only: give --certificate-file, --key-from, --host",
        )
    if found[1] == port:
        raise Exit(
            Code.USAGE, f"--listen {listen}: port {port} is that of 127.0.0.1 already: take another one"
        )
    for host in hosts:
        if not is_host(host):
            raise Exit(Code.USAGE, f"--host {host}: not a name in small letters, or an address")
    try:
        server_context(certificate_file, key_from)
    except BadCertificate as error:
        option = "--certificate-file" if error.of == "certificate" else "--key-from"
        raise Exit(Code.BAD_CONFIG, f"{option}: {error}") from error
    return Beyond(*found, str(certificate_file), key_from, hosts)
