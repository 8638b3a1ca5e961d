"""`lotwatch explain`: what a code means, why it matters, and how to mend it."""

from __future__ import annotations

import difflib

import click

from gateway.cli.output import Code, Exit, emit


@click.command()
@click.argument("code", required=False)
@click.option(
    "--lang", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language of the words."
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(code: str | None, lang: str, *, as_json: bool) -> None:
    """Explain CODE: a finding of doctor, an exit code, a run rule, a value's reason, a refused scan; else all."""
    from gateway.explain import codes, explained  # noqa: PLC0415 # a command loads what it needs, when it runs

    if code is None:
        rows = {each: explained(each, lang) for each in codes()}
        if as_json:
            emit({"codes": [{"code": each, **(row._asdict() if row else {})} for each, row in rows.items()]})
            return
        width = max(map(len, rows))
        for each, row in rows.items():
            click.echo(f"{each:<{width}}  {row.said if row else ''}")
        return
    row = explained(code, lang)
    if row is None:
        near = difflib.get_close_matches(code.upper(), codes(), 1) or difflib.get_close_matches(
            code, codes(), 1
        )
        hint = f"did you mean {near[0]}?" if near else "lotwatch explain prints them all"
        raise Exit(Code.USAGE, f"{code} is not a code; {hint}")
    if as_json:
        emit({"code": code, **row._asdict()})
        return
    for text in (f"{code}: {row.said}", row.means, row.fix):
        click.echo(text)
    if row.command:
        click.echo(f"  $ {row.command}")
