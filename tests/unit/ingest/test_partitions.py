"""Sites to partitions: known weights, even shares, and that more partitions move no site but to themselves.

The outputs of SplitMix64 are those that Rosetta Code prints for seed 1234567 ("Pseudo-random numbers/Splitmix64");
seeds are sha256sum's (coreutils) of the name, first 16 hex digits. Shares and moves are what Thaler and Ravishankar
(IEEE/ACM ToN 6(1), 1998) promise of highest random weight: binomial load, and 1/(n+1) of the names move when a server
is added, all of them to it.
"""

from __future__ import annotations

import math

import pytest

from gateway.ingest.partitions import MOST, Share, Wanted, partition_of, seed_of, weights

SITES = [f"site-{number}" for number in range(2_000)]
PUBLISHED = [  # of the seed 1234567
    6457827717110365317,
    3203168211198807973,
    9817491932198370423,
    4593380528125082431,
    16408922859458223821,
]
SEEDS = {"north": 0xDC365E79D41CFAE1, "south": 0x2DAA8D4A05DFC643}  # printf north | sha256sum | cut -c1-16


def test_weights_are_those_that_anybody_can_compute() -> None:
    assert weights(1_234_567, 5).tolist() == PUBLISHED
    assert {site: seed_of(site) for site in SEEDS} == SEEDS
    assert weights(2**64 - 1, 3).dtype == "uint64"


def test_a_site_falls_to_its_heaviest_partition_whatever_its_name() -> None:
    for site in ("", "café", "a/b #+", "\udc80"):
        assert 0 <= partition_of(site, 7) < 7
        assert partition_of(site, 1) == 0


def test_shares_are_even() -> None:
    """2,000 sites in 16: 125 each, standard deviation of the binomial 10.8; all within four of them."""
    loads = [0] * 16
    for site in SITES:
        loads[partition_of(site, 16)] += 1
    expected, deviation = 2_000 / 16, math.sqrt(2_000 * (1 / 16) * (15 / 16))
    assert max(abs(load - expected) for load in loads) < 4 * deviation
    chi2 = sum((load - expected) ** 2 / expected for load in loads)
    assert chi2 < 37.7  # 0.999 quantile of chi-square with 15 degrees of freedom, NIST handbook 1.3.6.7.4


def test_one_more_partition_takes_its_share_and_moves_nothing_else() -> None:
    moved = [site for site in SITES if partition_of(site, 16) != partition_of(site, 17)]
    assert {partition_of(site, 17) for site in moved} == {16}
    assert abs(len(moved) - 2_000 / 17) < 4 * math.sqrt(2_000 * (1 / 17) * (16 / 17))


@pytest.mark.parametrize(
    ("text", "numbers"),
    [("3/16", (3,)), ("0-3/16", (0, 1, 2, 3)), ("0,4,8-9/16", (0, 4, 8, 9)), ("2,2/3", (2,)), ("0/1", (0,))],
)
def test_a_share_is_read(text: str, numbers: tuple[int, ...]) -> None:
    assert Share.parse(text).numbers == numbers


@pytest.mark.parametrize(
    "text", ["", "3", "/16", "3/", "a/16", "-1/16", "1-/4", "3/1_6", "1,,2/4", " 1/4", "١/4"]
)
def test_a_share_that_is_none_says_how_to_write_one(text: str) -> None:
    with pytest.raises(ValueError, match="write partition 3 of 16 as 3/16"):
        Share.parse(text)


@pytest.mark.parametrize("text", ["16/16", "3-2/16", "0-16/16"])
def test_a_partition_that_is_not_there_is_told(text: str) -> None:
    with pytest.raises(ValueError, match="16 partitions are numbered 0 to 15"):
        Share.parse(text)


def test_no_partitions_and_too_many_are_refused() -> None:
    for text in ("0/0", f"0/{MOST + 1}"):
        with pytest.raises(ValueError, match="there are 1 to 1024 partitions"):
            Share.parse(text)
    with pytest.raises(ValueError, match="there are 1 to 1024"):
        partition_of("north", 0)


def test_what_a_worker_is_there_for() -> None:
    assert Wanted.of("0-1/4", "0-3/4") == Wanted((0, 1), (2, 3), 4)
    assert Wanted.of(None, "1/2") == Wanted((), (1,), 2)
    with pytest.raises(ValueError, match="one number of partitions"):
        Wanted.of("0/4", "0/5")
