"""`lotwatch bundle`: a config for a site that is far away, signed and sent."""

from __future__ import annotations

from pathlib import Path

import click

from gateway.cli.keyfile import read_key
from gateway.cli.options import address, load_site, set_option
from gateway.cli.output import Code, Exit, say

_DAY_NS = 86_400_000_000_000
_SEND_S = 30.0


@click.group()
def command() -> None:
    """Send a site another config: signed by a key that the site's own config names, on probation before it stays."""


@command.command()
@click.argument("config", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    required=True,
    help="Your signing key, of lotwatch user key.",
)
@click.option("--operator", required=True, metavar="N", help="Whose key it is.")
@click.option(
    "--sequence", type=click.IntRange(1, 2**53), required=True, help="Above that of every bundle before."
)
@click.option(
    "--days",
    type=click.FloatRange(0.001, 365),
    default=7.0,
    show_default=True,
    help="For so long it is taken.",
)
@click.option("--output", "-o", type=click.Path(path_type=Path), required=True, help="Where the bundle goes.")
@set_option
def make(
    config: Path,
    key: Path,
    operator: str,
    sequence: int,
    days: float,
    output: Path,
    settings: tuple[str, ...],
) -> None:
    """Check the site in CONFIG and sign it, with its plans and device maps in it."""
    from gateway.bundles import Bundle, note_of  # noqa: PLC0415 # quick help
    from gateway.clock import SystemClock  # noqa: PLC0415

    signing = read_key(key, operator)
    site = load_site(config, settings)
    now_ns = SystemClock().now().time_ns
    bundle = Bundle(site, sequence, now_ns, now_ns + round(days * _DAY_NS))
    try:
        output.write_text(note_of(bundle, signing), "utf-8")
    except (ValueError, OSError) as error:
        raise Exit(Code.USAGE, f"{output}: {error}") from error
    say(
        f"lotwatch: bundle {sequence} for {site.site}/{site.gateway}, signed by {signing.public.name}, in {output}"
    )


@command.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--broker", required=True, metavar="URL", help="mqtt://HOST:PORT, or mqtts:// for TLS.")
@click.option("--username", default="", help="As the broker knows you.")
@click.option("--password-from", default="", metavar="PLACE", help="file:PATH or credential:NAME.")
@click.option("--ca-file", default="", metavar="FILE", help="Who signed the broker's certificate.")
def send(file: Path, broker: str, username: str, password_from: str, ca_file: str) -> None:
    """Hand the bundle in FILE to the broker, which keeps it until the gateway asks."""
    from gateway.bundles.bundle import BadBundle, bundle_of  # noqa: PLC0415 # quick help
    from gateway.bundles.sending import NotSent, sent  # noqa: PLC0415
    from gateway.proof.merkle import ProofWrong  # noqa: PLC0415
    from gateway.proof.note import split  # noqa: PLC0415

    url = address("--broker", broker, ("mqtt", "mqtts"))
    try:
        note = file.read_text("utf-8")
        bundle = bundle_of(split(note)[0])
    except (OSError, UnicodeDecodeError, ProofWrong, BadBundle) as error:
        raise Exit(Code.USAGE, f"{file}: {error}") from error
    tls = url.scheme == "mqtts"
    port = url.port or (8883 if tls else 1883)
    try:
        sent(
            note.encode(),
            bundle.site.site,
            (str(url.hostname), port),
            username,
            password_from,
            ca_file,
            tls=tls,
        )
    except (NotSent, OSError, ValueError) as error:
        raise Exit(Code.UNREACHABLE, f"{broker}: {error}") from error
    say(f"lotwatch: bundle {bundle.sequence} is with the broker, for {bundle.site.site}")
