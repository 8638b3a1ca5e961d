"""docs/explanation/choosing-a-chart.md: its tables are computed, its commands run, its plans are good."""

from __future__ import annotations

import gc
import re
import shlex
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from benchmarks.pictures.drift import delays
from benchmarks.pictures.run_lengths import ARL0, multi_cusum
from gateway.cli import main
from gateway.design.autocorrelated_design import of_residuals
from gateway.design.cusum import CusumScheme
from gateway.design.estimated_design import promised
from gateway.design.ewma import EwmaScheme
from gateway.design.mewma import MewmaScheme
from gateway.design.multi_cusum import threshold
from gateway.design.shewhart import ShewhartScheme
from gateway.design.t2 import T2Scheme
from gateway.resources import config_dir
from gateway.spc.counts import binomial_lines
from gateway.stats.constants import c4
from gateway.stats.special import binomial_sf, chi2_isf, chi2_sf, normal_sf

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "explanation" / "choosing-a-chart.md").read_text("utf-8")
SHIFTS = np.array([0.5, 1.0, 1.5, 2.0, 3.0])
SCHEMES = {
    "Shewhart (`imr` with WE1)": ShewhartScheme(),
    "EWMA, lambda 0.2": EwmaScheme(0.2, "asymptotic"),
    "EWMA, lambda 0.05": EwmaScheme(0.05, "asymptotic"),
    "CUSUM, k 0.25": CusumScheme(0.25),
    "CUSUM, k 0.5": CusumScheme(0.5),
    "CUSUM, k 1": CusumScheme(1.0),
    "T2 of 2 tags": T2Scheme(2),
    "T2 of 5 tags": T2Scheme(5),
    "MEWMA of 2 tags, lambda 0.1": MewmaScheme(2, 0.1),
    "MEWMA of 5 tags, lambda 0.1": MewmaScheme(5, 0.1),
}


def table(head: str) -> dict[str, list[str]]:
    """The rows under the line that begins so, by their first cell."""
    _, _, after = PAGE.partition(f"\n| {head}")
    assert after, head
    lines = after.split("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


def shown(numbers) -> list[str]:
    """As the page rounds them."""
    return [f"{x:.1f}" if x < 99.95 else f"{x:,.0f}" for x in np.asarray(numbers).tolist()]


COSTS = table("chart | limit")


@pytest.mark.parametrize("name", SCHEMES)
def test_samples_to_a_signal(name):
    limit = SCHEMES[name].solve(ARL0)
    cells = COSTS[name]
    assert cells[0].split()[1] == f"{limit:.3f}"
    assert cells[1:] == shown(SCHEMES[name].mean(limit, SHIFTS))


def test_samples_to_a_signal_of_means_and_of_several_cusums():
    assert (
        not set(COSTS)
        - set(SCHEMES)
        - {
            "Shewhart, means of 5: values measured",
            "multi-CUSUM (simulated)",
        }
    )
    scheme = ShewhartScheme()
    means = 5 * scheme.mean(scheme.solve(ARL0), SHIFTS * np.sqrt(5))
    assert COSTS["Shewhart, means of 5: values measured"][1:] == shown(means)
    several = COSTS["multi-CUSUM (simulated)"]
    assert several[0] == f"h {threshold(ARL0):.2f}"
    simulated = multi_cusum(tuple(SHIFTS.tolist()), 500)
    assert [float(cell) for cell in several[1:]] == pytest.approx(simulated, rel=0.05)


def test_what_a_longer_arl0_costs():
    rows = table("one sigma is found after")
    schemes = SCHEMES | {"Shewhart": ShewhartScheme()}
    for name, cells in rows.items():
        scheme = schemes[name]
        wanted = [float(scheme.mean(scheme.solve(arl0), 1.0)) for arl0 in (370.0, 1e4, 1e6)]
        assert cells == shown(wanted)


def test_more_scatter():
    rows = table("sigma grows by")
    wider = np.array([1.25, 1.5, 2.0, 3.0])
    scheme = ShewhartScheme()
    assert rows["Shewhart, single values"] == shown(scheme.mean(scheme.solve(ARL0), 0.0, wider))
    [name] = rows.keys() - {"Shewhart, single values"}
    square = float(chi2_isf(1 / ARL0, 4))  # (n - 1) S**2 over sigma**2
    assert f"L {(np.sqrt(square / 4) - c4(5)) / np.sqrt(1 - c4(5) ** 2):.2f})" in name
    assert rows[name] == shown(5 / chi2_sf(square / wider**2, 4))


def test_counts():
    rows = table("parts in a sample")
    size = np.array([50.0, 100.0, 200.0, 500.0, 1000.0])
    share = np.full(5, 0.02)
    _, most = binomial_lines(size, share, np.full(5, float(normal_sf(3.0))))
    samples = 1 / np.asarray(binomial_sf(most, size, 0.04))
    assert rows["samples to the signal"] == shown(samples)
    assert rows["parts to the signal"] == [f"{x:.0f}" for x in samples * size]


def test_what_an_estimate_keeps():
    rows = table("baseline, samples")
    for place, m in enumerate((30, 100)):  # the others take their time
        assert rows["Shewhart, L 3"][place] == f"{promised(ShewhartScheme(), 3.0, m, 0.9):.0f}"


def test_residuals_pay_in_delay():
    h = CusumScheme(0.5).solve(ARL0)
    for name, cells in table("CUSUM of residuals").items():
        found = of_residuals(CusumScheme(0.5), h, float(name.split()[1]), [1.0])
        assert cells[1:2] == shown([each.mean for each in found])


def test_drifts():
    rows = table("chart, ARL0 5,040")
    found = delays()
    assert rows.keys() == found.keys()
    for name, (mean, most) in found.items():
        assert [float(cell) for cell in rows[name]] == pytest.approx([mean, most], abs=0.06)


def commands() -> list[tuple[str, str]]:
    """Each command of the page, and what it prints."""
    blocks = "".join(re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL))
    return [tuple(each.split("\n", 1)) for each in re.split(r"^\$ ", blocks, flags=re.MULTILINE)[1:]]


@pytest.mark.parametrize(("command", "printed"), commands(), ids=lambda text: text.split("\n")[0][:50])
def test_commands_print_what_the_page_says(command, printed, monkeypatch):
    monkeypatch.chdir(ROOT)
    name, *words = shlex.split(command)
    assert name == "lotwatch"
    result = CliRunner().invoke(main, words)
    assert result.exit_code in {0, 1}, result.output
    if printed.endswith("...\n"):
        assert result.stdout.startswith(printed[: -len("...\n")])
    else:
        assert result.stdout == printed


@pytest.mark.long
def test_the_plans_are_good(tmp_path):
    plans = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    assert len(plans) == 8
    site = (config_dir() / "demo" / "site.yaml").read_text("utf-8")
    site = re.sub(r"(?<=\nplans:\n)(- .*\n)+", "- plans/page.yaml\n", site)
    (tmp_path / "site.yaml").write_text(site, "utf-8")
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "page.yaml").write_text("characteristics:\n" + "".join(plans), "utf-8")
    result = CliRunner().invoke(main, ["check", str(tmp_path / "site.yaml")])
    gc.enable()  # `check` stops it for its short life
    assert result.exit_code == 0, result.output
    assert " error" not in result.output
    assert f"{sum(each.count('- id: ') for each in plans)} characteristics" in result.output
