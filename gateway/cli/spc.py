"""`lotwatch spc`: a chart on columns of a file, capability, and limits frozen out of a phase I study."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.output import Code, Exit, paced, say, stop
from gateway.cli.rulewords import rule_names
from gateway.plan.methods import Method, method, methods

if TYPE_CHECKING:
    from gateway.study.capability import Capability
    from gateway.study.exclusions import Exclusion
    from gateway.study.samples import Samples
    from gateway.study.study import Study

_LIMITS = sorted(
    {word for kind in methods() for word in getattr(method(kind), "choices", {}).get("limits", ())}
)
_DISTRIBUTIONS = ("normal", "lognormal", "weibull", "empirical")
_SPECIFICATION = ("usl", "lsl", "target", "distribution")
_FREEZING = ("freeze", "approved_by", "effective")
_COLUMNS = {
    "value": "value",
    "count_column": "count",
    "size_column": "size",
    "nominal_column": "nominal",
}
_GROUPS = ("subgroup", "subgroup_column")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--chart", "kind", type=click.Choice(methods()), required=True, help="Which chart.")
@click.option(
    "--value", multiple=True, metavar="C", help="The column of the samples (value); several for t2."
)
@click.option("--count-column", metavar="C", help="The column of counts (count).")
@click.option("--size-column", metavar="C", help="The column of what these were counted in (size).")
@click.option("--subgroup", type=int, metavar="N", help="N rows are a subgroup; of counts: N items each.")
@click.option("--subgroup-column", metavar="C", help="Rows with the same word there are a subgroup.")
@click.option(
    "--nominal-column", metavar="C", help="short-run: the column of what each row's part should be."
)
@click.option("--phase1", type=int, metavar="N", help="Estimate limits from the first N rows, not from all.")
@click.option(
    "--exclude", multiple=True, metavar="ROWS:REASON", help="Leave rows out, such as 12-15:cleaned."
)
@click.option("--mean", type=float, help="The process's mean, or its share or rate, if it is known.")
@click.option("--sigma", type=float, help="The process's standard deviation, if it is known.")
@click.option(
    "--estimator",
    type=click.Choice(["moving-range", "s"]),
    default="moving-range",
    help="Sigma of single values by the mean moving range, or by the standard deviation.",
)
@click.option(
    "--rules", metavar="WE1,N2,...", help="Which run rules: names, 1 to 4 for WE1 to WE4, WE, N, AIAG, none."
)
@click.option("--edge", type=click.Choice(["within", "beyond"]), help="Where a sample on a limit is.")
@click.option("--same-side", type=int, metavar="N", help="Samples in a row for WE4 and N2.")
@click.option("--lambda", "weight", type=float, help="ewma, mewma: weight of the newest sample.")
@click.option("--L", "L", type=float, help="Distance of the limits in sigma of what is drawn.")
@click.option(
    "--limits", type=click.Choice(_LIMITS), help="ewma: exact or asymptotic; counts: normal or exact."
)
@click.option("--k", type=float, help="cusum: allowance in sigma (0.5).")
@click.option("--h", type=float, help="cusum: decision interval in sigma (5).")
@click.option("--headstart", type=float, help="cusum: where the sums begin, in sigma (0).")
@click.option("--param", multiple=True, metavar="NAME=VALUE", help="Any other parameter of the chart.")
@click.option("--usl", type=float, help="Upper specification limit: print capability.")
@click.option("--lsl", type=float, help="Lower specification limit: print capability.")
@click.option(
    "--target",
    type=float,
    help="What the customer wants; the middle, or for short-run the mean, if not given.",
)
@click.option(
    "--distribution", type=click.Choice(_DISTRIBUTIONS), help="Capability by its quantiles (normal)."
)
@click.option(
    "--freeze", type=click.Path(path_type=Path), help="Add the limits to this YAML file, versioned."
)
@click.option("--approved-by", metavar="N", help="With --freeze: operator's number of who approves them.")
@click.option("--effective", metavar="DATE", help="With --freeze: from when on they hold (now).")
@click.option("--json", "as_json", is_flag=True, help="Print one object.")
def command(file: Path, kind: str, as_json: bool, **options: Any) -> None:
    """Chart columns of FILE, a CSV file with a header; say which samples violate which rules.

    Exit code 1 when one does, 2 when the file or an option is wrong. Rows are counted from 0.
    """
    from gateway.cli import spcshow  # noqa: PLC0415
    from gateway.cli.spcfile import Wanted, samples_of  # noqa: PLC0415 # numpy, only where there is work
    from gateway.spc import load_chart  # noqa: PLC0415

    taken = (
        "exclude",
        "phase1",
        "mean",
        "sigma",
        "estimator",
        "param",
        *_SPECIFICATION,
        *_FREEZING,
        *_COLUMNS,
        *_GROUPS,
    )
    params = _params(kind, {name: given for name, given in options.items() if name not in taken})
    params |= _named(kind, options["param"])
    if "nominal" in _method(kind).params and options["target"] is not None:
        params.setdefault("nominal", options["target"])  # what the customer wants is what deviations are from
    if options["nominal_column"] is not None:
        if "nominal" not in _method(kind).params:
            raise Exit(Code.USAGE, f"--nominal-column is not an option of {kind}")
        if "nominal" in params:
            raise Exit(Code.USAGE, "--nominal-column says what is nominal row by row: leave --target out")
        params["nominal"] = 0.0  # the samples are the deviations already
    for name in _FREEZING[1:]:
        if options[name] is not None and options["freeze"] is None:
            raise Exit(Code.USAGE, f"--{_spelled(name)} belongs to --freeze")
    exclusions = _exclusions(options["exclude"])
    columns = {name: options[option] for option, name in _COLUMNS.items()}
    samples = samples_of(
        file, Wanted(kind, **columns, **{name: options[name] for name in _GROUPS}), load_chart(kind).TAKES
    )
    done = _study(file, kind, samples, options, exclusions, params)
    notes = [done.dispersion.advice] if done.dispersion is not None and done.dispersion.advice else []
    capability, more = _capability(file, done, samples, options)
    notes += more
    if options["freeze"] is not None:
        _freeze(file, done, options, exclusions)
    if as_json:
        for piece in spcshow.as_json(done, capability, notes, exclusions):
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()
    else:
        spcshow.show(done, capability, notes, exclusions)
    if done.violations:
        stop(Code.FINDINGS)


def _study(
    file: Path,
    kind: str,
    samples: Samples,
    options: dict[str, Any],
    exclusions: Sequence[Exclusion],
    params: dict[str, Any],
) -> Study:
    from gateway.study.study import study  # noqa: PLC0415

    known = {name: options[name] for name in ("mean", "sigma", "estimator", "phase1")}
    try:
        return study(
            kind,
            samples,
            **known,
            exclusions=exclusions,
            pace=lambda steps, length: paced(steps, "charting", length),
            **params,
        )
    except ValueError as error:
        raise Exit(Code.USAGE, f"{file}: {error}") from error


def _params(kind: str, given: dict[str, Any]) -> dict[str, Any]:
    """The chart's own options. One that it does not have ends the command."""
    given = {name: value for name, value in given.items() if value is not None}
    known = _method(kind)
    for option, value in given.items():
        if option == "rules" and known.rules:
            continue
        if _parameter(option) not in known.params:
            raise Exit(Code.USAGE, f"--{_spelled(option)} is not an option of {kind}")
        if option in known.choices and value not in known.choices[option]:
            raise Exit(Code.USAGE, f"--{option} {value}: {kind} has {' and '.join(known.choices[option])}")
    if "rules" in given:
        text, given["rules"] = given["rules"], rule_names(given["rules"])
        if not given["rules"] and text.strip().lower() != "none":
            raise Exit(Code.USAGE, f"--rules {text}: name rules, or none")
    return given


def _named(kind: str, words: Sequence[str]) -> dict[str, Any]:
    """Parameters given as NAME=VALUE."""
    known, found = _method(kind), dict[str, Any]()
    own = [name for name in known.params if name != "baseline"]
    for word in words:
        name, equals, text = word.partition("=")
        if not equals or name not in own:
            raise Exit(Code.USAGE, f"--param {word}: write NAME=VALUE; {kind} has {', '.join(own)}")
        field = "weight" if name == "lambda" else name
        if name in known.words or name in known.choices:
            if name in known.choices and text not in known.choices[name]:
                raise Exit(Code.USAGE, f"--param {word}: {name} is one of {', '.join(known.choices[name])}")
            found[field] = text
            continue
        try:
            found[field] = float(text)
        except ValueError:
            raise Exit(Code.USAGE, f'--param {word}: "{text}" is not a number') from None
    return found


def _method(kind: str) -> Method:
    known = method(kind)
    if known is None:
        raise AssertionError(kind)
    return known


def _exclusions(words: Sequence[str]) -> tuple[Exclusion, ...]:
    from gateway.study.exclusions import parse  # noqa: PLC0415

    try:
        return tuple(parse(word) for word in words)
    except ValueError as error:
        raise Exit(Code.USAGE, f"--exclude {error}") from error


def _capability(
    file: Path, done: Study, samples: Samples, options: dict[str, Any]
) -> tuple[Capability | None, tuple[str, ...]]:
    """Capability and what must be said beside it, where a specification is given."""
    limits = {name: options[name] for name in _SPECIFICATION[:3] if options[name] is not None}
    if not limits.keys() & {"usl", "lsl"}:
        aim = limits and "nominal" not in _method(done.chart).params
        if aim or options["distribution"] is not None:
            raise Exit(Code.USAGE, "capability needs a specification: give --usl, --lsl or both")
        return None, ()
    import numpy as np  # noqa: PLC0415

    from gateway.study.capability import Spec  # noqa: PLC0415
    from gateway.study.report import capable  # noqa: PLC0415

    if not all(math.isfinite(limit) for limit in limits.values()):
        raise Exit(Code.USAGE, "--usl, --lsl and --target are numbers")
    try:
        return capable(
            done,
            samples,
            Spec(**limits),
            distribution=options["distribution"] or "normal",
            chance=np.random.default_rng(0),  # the same file gives the same interval
        )
    except ValueError as error:
        raise Exit(Code.USAGE, f"{file}: {error}") from error


def _freeze(file: Path, done: Study, options: dict[str, Any], exclusions: Sequence[Exclusion]) -> None:
    from gateway.cli import limitsfile  # noqa: PLC0415
    from gateway.study.limits import frozen  # noqa: PLC0415

    target: Path = options["freeze"]
    number, start = limitsfile.approver(options["approved_by"]), limitsfile.begins(options["effective"])
    rows = limitsfile.versions(target)
    version = limitsfile.next_version(rows, start, target)
    try:
        row = frozen(
            done, version=version, begins=start, approved_by=number, source=file.name, exclusions=exclusions
        )
    except ValueError as error:
        raise Exit(Code.USAGE, f"{file}: {error}") from error
    limitsfile.write(target, [*rows, row], f"{done.chart}: `limits` of a row of the control plan")
    say(f"{target}: version {version} of the limits, from {start}")
    if not done.in_control:
        say(
            "these limits come of a series that is not in control: find the causes, leave their rows out, freeze again"
        )


def _parameter(option: str) -> str:
    return "lambda" if option == "weight" else option


def _spelled(option: str) -> str:
    return _parameter(option).replace("_", "-")
