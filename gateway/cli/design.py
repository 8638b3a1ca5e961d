"""`lotwatch design`: how often a chart signals, and the limit for a wanted average run length."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import Code, Exit, emit
from gateway.cli.rulewords import rule_names

if TYPE_CHECKING:
    from gateway.design.scheme import Scheme

_DEFAULT_SHIFTS = "0,0.5,1,2"

# The option with the limit, and the chart's own with their defaults.
_CHARTS: dict[str, tuple[str, dict[str, Any]]] = {
    "shewhart": ("L", {"rules": None, "sided": "two"}),
    "cusum": ("h", {"k": 0.5, "headstart": 0.0, "sided": "two"}),
    "ewma": ("L", {"weight": 0.2, "limits": "exact", "sided": "two"}),
    "t2": ("h4", {"p": 2}),
    "mewma": ("h4", {"weight": 0.1, "limits": "asymptotic", "p": 2}),
}
_SPELLED = {"weight": "lambda"}
_AS_PUBLISHED = 3.0  # the limits that run rules are made for, where nothing else is asked

Row = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Designed:
    """What was asked for, and what came out: `rows` are (shift, mean, median)."""

    chart: str
    params: dict[str, Any]
    limit: float
    rows: list[Row]
    more: dict[str, Any]  # of a baseline, of residuals


@click.command()
@click.option("--chart", "kind", type=click.Choice(sorted(_CHARTS)), required=True, help="Which chart.")
@click.option("--arl0", type=float, help="Solve for the limit with this average run length in control.")
@click.option("--L", "L", type=float, help="shewhart, ewma: the limits, in sigma (of the statistic).")
@click.option("--h", type=float, help="cusum: the decision interval, in sigma.")
@click.option("--h4", "--ucl", "h4", type=float, help="t2, mewma: the upper limit of T2.")
@click.option("--k", type=float, help="cusum: the allowance, in sigma (0.5).")
@click.option("--headstart", type=float, help="cusum: where the sums begin, in sigma (0).")
@click.option("--sided", type=click.Choice(["one", "two"]), help="Watch both sides, or the upper one (two).")
@click.option("--lambda", "weight", type=float, help="ewma, mewma: weight of the newest sample (0.2, 0.1).")
@click.option(
    "--limits",
    type=click.Choice(["exact", "asymptotic"]),
    help="ewma, mewma: limits (exact, asymptotic).",
)
@click.option(
    "--rules", metavar="1,2,N3,...", help="shewhart: run rules: names, 1 to 4 for WE1 to WE4, WE, N, AIAG."
)
@click.option("--p", type=int, help="t2, mewma: how many variables (2).")
@click.option("--baseline", type=int, help="Mean and sigma come from so many samples (known).")
@click.option("--confidence", type=float, help="With --baseline: keep the ARL0 with this probability (0.9).")
@click.option("--phi", type=float, help="cusum, ewma, shewhart: autocorrelation of neighbouring samples.")
@click.option(
    "--shift",
    "shifts",
    metavar="0,0.5,...",
    default=_DEFAULT_SHIFTS,
    show_default=True,
    help="For these shifts, in sigma.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(kind: str, arl0: float | None, shifts: str, as_json: bool, **options: Any) -> None:
    """Say how many samples a chart takes to signal, on average and in the median, for shifts of the process.

    Give its limit, or --arl0 to have the limit found. Samples are independent and normal with known mean and
    sigma. A shift of t2 and mewma is the Mahalanobis distance that the mean moves.

    With --baseline the limit keeps the ARL0 whatever the estimates are off by, with --confidence. With --phi samples
    resemble the one before, and a cusum is shown beside one of residuals.
    """
    given = {name: value for name, value in options.items() if value is not None}
    more: dict[str, Any] = {
        name: given.pop(name) for name in ("baseline", "confidence", "phi") if name in given
    }
    try:
        done = designed(kind, arl0, _numbers("--shift", shifts), given, more)
    except ValueError as error:
        raise Exit(Code.USAGE, f"{kind}: {error}") from error
    if as_json:
        rows = [{"shift": shift, "arl": mean, "median": median} for shift, mean, median in done.rows]
        emit({"chart": done.chart, "params": done.params, "limit": done.limit, "arl": rows, **done.more})
    else:
        _show(done)


def designed(
    kind: str, arl0: float | None, shifts: list[float], given: dict[str, Any], more: dict[str, Any]
) -> Designed:
    """The chart's run lengths. Raises ValueError for what cannot be computed; `given` are options that were given, and
    `more` those about the samples: baseline, confidence, phi.
    """
    name, defaults = _CHARTS[kind]
    for option in given:
        if option != name and option not in defaults:
            raise ValueError(f"--{_SPELLED.get(option, option)} is not an option of {kind}")
    limit = given.get(name)
    if limit is None and arl0 is None and "rules" in given:
        limit = _AS_PUBLISHED
    if (limit is None) == (arl0 is None):
        raise ValueError(f"give --{name} or --arl0, {'not both' if limit is not None else 'one of them'}")
    params = {option: given.get(option, default) for option, default in defaults.items()}
    if params.get("rules", "") is None:
        del params["rules"]
    elif "rules" in params:
        params["rules"] = _rules(params["rules"])
    scheme = _scheme(kind, params)
    if "phi" in more and kind == "ewma":
        if given.get("limits") == "exact":
            raise ValueError("with --phi limits are asymptotic")
        params["limits"] = "asymptotic"
        scheme = _scheme(kind, params)
    at, about = _limit(scheme, limit, arl0, more)
    if "phi" in more:
        rows, beside = _autocorrelated(scheme, at, arl0, more, shifts)
        about |= beside
    else:
        length = scheme.run_length(at, shifts)
        rows = list(zip(shifts, length.mean.tolist(), length.median.tolist(), strict=True))
    shown = {_SPELLED.get(option, option): value for option, value in params.items()}
    return Designed(kind, shown | {"phi": more["phi"]} if "phi" in more else shown, at, rows, about)


def _limit(
    scheme: Scheme, limit: float | None, arl0: float | None, more: dict[str, Any]
) -> tuple[float, dict[str, Any]]:
    """The limit, and what there is to say of a baseline."""
    baseline, confidence = more.get("baseline"), more.get("confidence", 0.9)
    if "confidence" in more and (baseline is None or "phi" in more):
        raise ValueError(
            "--confidence goes with --baseline, and not with --phi: there the ARL0 is one in the mean"
        )
    if baseline is None or "phi" in more:
        return (float(limit or 0.0) if arl0 is None else scheme.solve(arl0)), {}
    from gateway.design.estimated_design import limit_from, promised  # noqa: PLC0415 # only where it is asked for

    if arl0 is None:
        at = float(limit or 0.0)
        kept = promised(scheme, at, baseline, confidence)
    else:
        at, kept = limit_from(scheme, baseline, arl0, confidence), arl0
    return at, {"baseline": {"samples": baseline, "confidence": confidence, "arl0": kept}}


def _autocorrelated(
    scheme: Scheme, at: float, arl0: float | None, more: dict[str, Any], shifts: list[float]
) -> tuple[list[Row], dict[str, Any]]:
    """Run lengths of a chart that ignores phi; and of a cusum of residuals, where it is one."""
    from gateway.design.autocorrelated_design import ignoring, of_residuals  # noqa: PLC0415
    from gateway.design.autocorrelated_residual import residual_limit  # noqa: PLC0415
    from gateway.design.cusum import CusumScheme  # noqa: PLC0415

    phi, baseline = more["phi"], more.get("baseline")
    ignored = zip(shifts, ignoring(scheme, at, phi, shifts), strict=True)
    rows = [(shift, runs.mean, runs.median) for shift, runs in ignored]
    if baseline is not None and (arl0 is None or not isinstance(scheme, CusumScheme)):
        raise ValueError("with --phi, --baseline finds the limit of a cusum of residuals: give --arl0")
    if not isinstance(scheme, CusumScheme):
        return rows, {}
    own = at
    if baseline is not None and arl0 is not None:
        if scheme.sided == "one":
            raise ValueError("with --phi, --baseline is for two sides")
        own = residual_limit(phi, baseline, scheme.k, arl0)
    found = zip(shifts, of_residuals(scheme, own, phi, shifts), strict=True)
    beside = [{"shift": shift, "arl": runs.mean, "median": runs.median} for shift, runs in found]
    return rows, {"residual": {"limit": own, "arl": beside}}


def _scheme(kind: str, params: dict[str, Any]) -> Scheme:
    """Loads what the chart needs, and numpy."""
    from gateway.design.cusum import CusumScheme  # noqa: PLC0415 # only where there is something to compute
    from gateway.design.ewma import EwmaScheme  # noqa: PLC0415
    from gateway.design.mewma import MewmaScheme  # noqa: PLC0415
    from gateway.design.shewhart import ShewhartScheme  # noqa: PLC0415
    from gateway.design.t2 import T2Scheme  # noqa: PLC0415

    made: dict[str, Any] = {
        "shewhart": ShewhartScheme,
        "cusum": CusumScheme,
        "ewma": EwmaScheme,
        "t2": T2Scheme,
        "mewma": MewmaScheme,
    }
    scheme: Scheme = made[kind](**params)
    return scheme


def _rules(text: str) -> tuple[str, ...]:
    names = rule_names(text)
    if not names:
        raise ValueError("--rules is empty: name some, such as 1,2,3,4 or N1,N5")
    return names


def _numbers(option: str, text: str) -> list[float]:
    numbers = []
    for word in text.split(","):
        try:
            number = float(word)
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or "_" in word:
            raise Exit(
                Code.USAGE, f'{option} {text}: "{word.strip()}" is not a number; write such as 0,0.5,1'
            )
        numbers.append(number)
    return numbers


def _show(done: Designed) -> None:
    told = ", ".join(
        f"{name} {' '.join(value) if isinstance(value, tuple) else value}"
        for name, value in done.params.items()
    )
    click.echo(f"{done.chart}: {told}")
    name = _CHARTS[done.chart][0]
    click.echo(f"  limit {name} = {done.limit:.5g}")
    if "baseline" in done.more:
        about = done.more["baseline"]
        kept = f"{about['arl0']:.4g}" if about["arl0"] >= 10 else "10 or less"
        told = f"an ARL0 of {kept}, with a confidence of {about['confidence']:g}"
        click.echo(f"  with parameters from {about['samples']} samples it keeps {told}; with the true ones:")
    if "phi" in done.params:
        click.echo(
            f"  of the samples as they are, with an autocorrelation of {done.params['phi']:g} ignored:"
        )
    _table(done.rows)
    if "residual" in done.more:
        beside = done.more["residual"]
        click.echo(f"  of residuals, limit {name} = {beside['limit']:.5g}, phi known:")
        _table([(row["shift"], row["arl"], row["median"]) for row in beside["arl"]])


def _table(rows: list[Row]) -> None:
    click.echo(f"  {'shift':>8} {'ARL':>14} {'median':>12}")
    for shift, mean, median in rows:
        click.echo(f"  {shift:>8g} {_samples(mean, 2):>14} {_samples(median, 0):>12}")


def _samples(count: float, digits: int) -> str:
    if not math.isfinite(count):
        return "above 1e11"
    return f"{count:.{digits}f}" if count < 1e6 else f"{count:.5g}"
