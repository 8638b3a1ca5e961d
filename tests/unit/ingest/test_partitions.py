"""Sites to partitions: known weights, even shares, and that more partitions move no site but to themselves.

The weights are sha256sum's (coreutils) of "<partition>/<site>", first 16 hex digits. Shares and moves are what Thaler
and Ravishankar (IEEE/ACM ToN 6(1), 1998) promise of highest random weight: binomial load, and 1/(n+1) of the names move
when a server is added, all of them to it.
"""

from __future__ import annotations

import math

import pytest

from gateway.ingest.partitions import MOST, Share, Wanted, partition_of, weight

SITES = [f"site-{number}" for number in range(2_000)]
WEIGHTS = {  # printf 0/north | sha256sum | cut -c1-16
    (0, "north"): 0xDC2B183E2E6756E9,
    (0, "south"): 0xE017932AA435CDED,
    (1, "north"): 0x39208B73B4890615,
    (1, "south"): 0xE7033A05B4CABD5F,
    (2, "north"): 0x7700FD8FB66F6BA3,
    (2, "south"): 0xB061375224FE6333,
    (3, "north"): 0xB202D02BA8189551,
    (3, "south"): 0x7D4D7C7E1F8547C9,
}


def test_weights_are_those_that_anybody_can_compute() -> None:
    assert {key: weight(key[1], key[0]) for key in WEIGHTS} == WEIGHTS
    assert (partition_of("north", 4), partition_of("south", 4)) == (0, 1)


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
