"""Declared figures: what is taken, what is refused with its line, and which mistake explains a difference."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.score.declared import UNITS, BadFigures, Figure, figures
from gateway.score.mistakes import Claim, explain, likely

HEAD = "week,line,material,item,amount,unit,document,date\n"
ROW = "2026-W46,hall/line1,silo,received,1250.0,kg,DN-1,2026-11-10\n"


def row(text: str, unit: str = "kg", at: int = 2, document: str = "", week: str = "2026-W46") -> Figure:
    return Figure(at, week, "hall/line1", "pp", "received", text, unit, document)


def test_rows_in_any_order_of_columns_and_with_semicolons() -> None:
    assert figures(HEAD + ROW)[0] == Figure(
        2, "2026-W46", "hall/line1", "silo", "received", "1250.0", "kg", "DN-1", "2026-11-10"
    )
    (found,) = figures("\ufeffAmount;Item;Material;Line;Week\n1.25;Ground;bin;hall/line1;2026-W46\n")
    assert (found.kg, found.item, found.unit) == (1.25, "ground", "kg")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("", 1, "has no column week, line"),
        (HEAD, 1, "there is no row in it"),
        ("week,line,material,item,amount,colour\n", 1, "knows no column 'colour'"),
        ("week,week,line,material,item,amount\n", 1, "has column 'week' twice"),
        (HEAD + ROW + ROW.replace("1250.0", "1,250.0"), 3, "has 9 cells"),
        (HEAD + ROW + ROW.replace("1250.0", "-5"), 3, 'amount "-5" is not a number from 0 on'),
        (HEAD + ROW + ROW.replace("1250.0", "=1+1"), 3, 'amount "=1+1" is not a number'),
        (HEAD + ROW + ROW.replace("kg", "kilo"), 3, 'unit "kilo" is not one of kg, g, t, lb'),
        (HEAD + ROW + ROW.replace("W46", "W60"), 3, 'week "2026-W60" is not an ISO week'),
        (HEAD + ROW + ROW.replace("received", "recieved"), 3, 'item "recieved" is not one of opening'),
        (HEAD + ROW + ROW.replace("hall/line1", "line1"), 3, 'line "line1" is not area/line'),
        (HEAD + ROW + ROW.replace("2026-11-10", "10.11.2026"), 3, 'date "10.11.2026" is not a date'),
        (HEAD + '2026-W46,"hall/line1', 2, "is no CSV"),
    ],
)
def test_a_bad_row_is_refused_with_its_line_and_nothing_is_taken(text: str, line: int, said: str) -> None:
    with pytest.raises(BadFigures) as caught:
        figures(text)
    assert any(at == line and said in why for at, why in caught.value.problems), caught.value.problems


def test_all_bad_rows_are_told_at_once() -> None:
    with pytest.raises(BadFigures) as caught:
        figures(HEAD + ROW.replace("kg", "x") + ROW + ROW.replace("W46", "46"))
    assert [at for at, _ in caught.value.problems] == [2, 4]


@given(st.text(alphabet='2026-W46hall/line1,;"\n.x', max_size=200))
def test_whatever_a_file_says_it_is_taken_or_refused(text: str) -> None:
    with suppress(BadFigures):
        assert figures(HEAD + text)


PLANTED = {
    "digit_swap": Claim((row("1520.0"),), 1250.3, 1.0),
    "decimal_slip": Claim((row("12500"),), 1250.3, 1.0),
    "unit": Claim((row("2755.8"),), 1250.3, 1.0),
    "doubled_row": Claim((row("998.5", document="A"), row("998.5", at=3, document="A")), 998.0, 1.0),
    "forgotten_row": Claim((row("1001.5"),), 1802.0, 1.0, ((1001.3, "a"), (800.4, "b"))),
    "wrong_week": Claim((row("1001.5"),), 1802.0, 1.0, neighbours=((row("800.4", week="2026-W47"), 799.0),)),
    "real": Claim((row("1037.5"),), 1100.0, 1.0),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_the_planted_mistake_is_the_likeliest(kind: str) -> None:
    causes = explain(PLANTED[kind])
    assert causes[0].kind == kind, causes
    named = likely(causes)
    assert (named.kind if named else "real") == kind
    if named:
        assert named.corrected_kg == pytest.approx(PLANTED[kind].metered_kg, abs=4.0)


def test_one_of_several_bags_alike_was_forgotten_whichever_it_was() -> None:
    claim = Claim((row("100.0"),), 125.0, 0.03, tuple((25.0, f"bag {at}") for at in range(5)))
    assert max(each.probability for each in explain(claim)) < 0.25
    named = likely(explain(claim))
    assert named is not None
    assert (named.kind, named.probability > 0.9) == ("forgotten_row", True)


def test_nobody_meant_to_write_a_zero_in_front() -> None:
    """40.0 for 4.00 is a decimal point, not 04.0 with its digits swapped."""
    assert explain(Claim((row("40.0"),), 4.004, 0.03))[0].kind == "decimal_slip"


def test_mistakes_planted_at_random_are_found_and_real_differences_are_not_explained_away() -> None:
    """300 figures of 200 to 5,000 kg, sigma 0.1 %: nine in ten are called what they are."""
    dice = random.Random(11)
    right = wrong = 0
    for _ in range(300):
        true = round(dice.uniform(200, 5000), 1)
        sigma = 1e-3 * true
        text, unit, kind = _mistaken(dice, true)
        claim = Claim((row(text, unit),), true + dice.gauss(0, sigma), sigma)
        if abs(claim.z) <= 3:
            continue
        named = likely(explain(claim))
        if kind == "real":
            wrong += named is not None
        else:
            right += named is not None and named.kind == kind
            wrong += named is None or named.kind != kind
    assert right >= 180
    assert wrong <= 0.1 * (right + wrong)


def _mistaken(dice: random.Random, true: float) -> tuple[str, str, str]:
    kind = dice.choice(("digit_swap", "decimal_slip", "unit", "real"))
    text = f"{true:.1f}"
    if kind == "digit_swap":
        at = dice.randrange(len(text) - 3)
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :], "kg", kind
    if kind == "decimal_slip":
        return f"{true * 10 ** dice.choice((-1, 1)):.2f}", "kg", kind
    if kind == "unit":
        return f"{true / UNITS['lb']:.1f}", "kg", kind
    return f"{true * dice.uniform(1.03, 1.3):.1f}", "kg", kind
