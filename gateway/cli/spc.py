"""`lotwatch spc`: one of the charts on a column of a file."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.csvfile import column
from gateway.cli.output import Code, Exit, emit, stop
from gateway.plan.methods import methods

if TYPE_CHECKING:
    from gateway.study.study import Panel, Study

_SHOWN = 40  # violations that people are shown


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--chart", "kind", type=click.Choice(methods()), required=True, help="Which chart.")
@click.option("--value", "name", default="value", show_default=True, help="The column of the samples.")
@click.option("--phase1", type=int, metavar="N", help="Estimate limits from the first N rows, not from all.")
@click.option("--mean", type=float, help="The process's mean, if it is known.")
@click.option("--sigma", type=float, help="The process's standard deviation, if it is known.")
@click.option("--rules", metavar="WE1,WE2,...", help="imr: which run rules; all, if not given.")
@click.option("--edge", type=click.Choice(["within", "beyond"]), help="imr: where a sample on a limit is.")
@click.option("--same-side", type=int, metavar="N", help="imr: samples in a row for WE4 (8).")
@click.option("--lambda", "weight", type=float, help="ewma: weight of the newest sample (0.2).")
@click.option("--L", "L", type=float, help="ewma: width of the limits in sigma of the statistic (2.962).")
@click.option("--limits", type=click.Choice(["exact", "asymptotic"]), help="ewma: limits (exact).")
@click.option("--k", type=float, help="cusum: allowance in sigma (0.5).")
@click.option("--h", type=float, help="cusum: decision interval in sigma (5).")
@click.option("--headstart", type=float, help="cusum: where the sums begin, in sigma (0).")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(
    file: Path,
    kind: str,
    name: str,
    phase1: int | None,
    mean: float | None,
    sigma: float | None,
    as_json: bool,
    **options: Any,
) -> None:
    """Chart a column of FILE, a CSV file with a header; say which samples violate which rules.

    Exit code 1 when one does, 2 when the file or an option is wrong.
    """
    from gateway.study.study import study  # noqa: PLC0415 # numpy, only where there is something to chart

    params = _params(kind, {key: value for key, value in options.items() if value is not None})
    values = column(file, name)
    try:
        done = study(kind, values, mean=mean, sigma=sigma, phase1=phase1, **params)
    except ValueError as error:
        raise Exit(Code.USAGE, f"{file}: {name}: {error}") from error
    if as_json:
        emit(plain(done))
    else:
        _show(done)
    if done.violations:
        stop(Code.FINDINGS)


def _params(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """The chart's own options. One that it does not have ends the command."""
    from dataclasses import fields  # noqa: PLC0415

    from gateway.spc import load_chart  # noqa: PLC0415

    known = {field.name for field in fields(load_chart(kind))}
    for option in given:
        if option not in known:
            raise Exit(Code.USAGE, f"--{_spelled(option)} is not an option of {kind}")
    if "rules" in given:
        given["rules"] = tuple(rule.strip() for rule in given["rules"].split(",") if rule.strip())
    return given


def _spelled(option: str) -> str:
    return "lambda" if option == "weight" else option.replace("_", "-")


def plain(done: Study) -> dict[str, Any]:
    """A study as JSON has it."""
    panels = [
        {
            "name": panel.name,
            "center": panel.center,
            "ucl": panel.ucl,
            "lcl": panel.lcl,
            "points": [
                {"i": at, "value": value, "rules": rules}
                for at, value, rules in zip(
                    panel.at.tolist(), panel.values.tolist(), panel.rules, strict=True
                )
            ],
        }
        for panel in done.panels
    ]
    return {"chart": done.chart, "n": done.n, "mean": done.mean, "sigma": done.sigma, "panels": panels}


def _show(done: Study) -> None:
    click.echo(f"{done.chart}: {done.n} samples, mean {done.mean:.6g}, sigma {done.sigma:.6g}")
    click.echo(f"  {'panel':<6} {'lcl':>12} {'center':>12} {'ucl':>12}  violations")
    for panel in done.panels:
        lines = "".join(f" {_last(line):>12.6g}" for line in (panel.lcl, panel.center, panel.ucl))
        click.echo(f"  {panel.name:<6}{lines}  {panel.violations}{_varies(panel)}")
    found = [
        (at, panel.name, value, rules)
        for panel in done.panels
        for at, value, rules in zip(panel.at.tolist(), panel.values.tolist(), panel.rules, strict=True)
        if rules
    ]
    for at, name, value, rules in sorted(found)[:_SHOWN]:
        click.echo(f"  row {at:<8} {name:<6} {value:>12.6g}  {' '.join(rules)}")
    if len(found) > _SHOWN:
        click.echo(f"  and {len(found) - _SHOWN} more: --json has them all")


def _last(line: Any) -> float:
    return line if isinstance(line, float) else float(line[-1]) if len(line) else math.nan


def _varies(panel: Panel) -> str:
    return "" if isinstance(panel.ucl, float) else "  (limits of the last sample; they widen up to it)"
