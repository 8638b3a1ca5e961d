"""The `sparkplug` section: rows, what stands for what is not given, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.config import ConfigErrors, load
from gateway.plain import from_plain, to_plain
from gateway.site import Broker, Site, Sparkplug

from .conftest import SITE, write


def site(folder: Path, section: str, text: str = SITE) -> Site:
    folder.mkdir(exist_ok=True)
    write(folder, site=f"{text}sparkplug: {section}\n")
    return load(folder / "site.yaml")


def test_the_site_gives_what_the_section_does_not(tmp_path):
    made = site(tmp_path / "a", "{group: acme}")
    assert made.broker is not None
    assert made.sparkplug == Sparkplug("acme", "plant1-gw1", "", (made.broker,))
    assert from_plain(Site, to_plain(made)) == made


def test_all_of_it(tmp_path):
    section = (
        "{group: acme, node: press hall, primary_host: scada, history: false, values: {enterprise: acme, every: 2s}, "
        "brokers: [{host: a}, {host: b, port: 1884}]}"
    )
    assert site(tmp_path / "a", section).sparkplug == Sparkplug(
        "acme", "press hall", "scada", (Broker("a"), Broker("b", 1884)), False, "acme", 2_000_000_000
    )


def test_values_are_on_as_soon_as_they_are_named(tmp_path):
    made = site(tmp_path / "a", "{group: acme, values: {}}").sparkplug
    assert made is not None
    assert made.values_every_ns == 1_000_000_000


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ("{}", '"group" is missing'),
        ("{group: a/b}", "a Sparkplug id has no + / #"),
        ("{group: 'a#'}", "a Sparkplug id has no + / #"),
        ("{group: a, node: ''}", "a Sparkplug id has 1 to 255 bytes"),
        ("{group: 7}", "is not text: write it in quotes"),
        ("{group: a, primary_host: $SYS}", "does not begin with $"),
        ("{group: a, brokers: [{}]}", '"host" is missing'),
        ("{group: a, nodes: x}", 'did you mean "node"?'),
        ("{group: a, values: {every: 1}}", "has no unit"),
    ],
)
def test_mistakes_are_told(tmp_path, section, told):
    with pytest.raises(ConfigErrors) as caught:
        site(tmp_path / "a", section)
    assert told in str(caught.value)


def test_a_site_without_any_broker_is_told(tmp_path):
    at, end = SITE.index("broker:\n"), SITE.index("database:")
    with pytest.raises(ConfigErrors) as caught:
        site(tmp_path / "a", "{group: acme}", SITE[:at] + SITE[end:])
    assert "no broker: give it `brokers`, or the site a `broker`" in str(caught.value)
