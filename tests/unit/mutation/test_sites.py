"""The mistakes that mutation testing makes: each where it says, and nothing of what is to be left alone."""

from __future__ import annotations

import ast
import textwrap

import pytest

from benchmarks._mutation_sites import lines_of, mutants, mutated
from benchmarks.mutation import wilson

TABLE = [
    ("a < b", ["a <= b"]),
    ("a == b", ["a != b"]),
    ("a is None", ["a is not None"]),
    ("a in b", ["a not in b"]),
    ("a < b < 1", ["a <= b < 1", "a < b <= 1", "a < b < 2"]),
    ("a + b", ["a - b"]),
    ("a // b", ["a * b"]),
    ("a and b", ["a or b"]),
    ("not a", ["a"]),
    ("-a", ["a"]),
    ("True", ["False"]),
    ("7", ["8"]),
    ("'text'", []),
    ("f'{a + 1}'", []),
    ("a if b else c", ["a if not b else c"]),
]


@pytest.mark.parametrize(("right", "wrong"), TABLE, ids=[right for right, _ in TABLE])
def test_an_expression(right: str, wrong: list[str]) -> None:
    source = f"x = {right}\n"
    made = [ast.unparse(mutated(source, each)) for each in mutants(source)]
    assert sorted(made) == sorted(f"x = {each}" for each in wrong)


SOURCE = textwrap.dedent('''
    LIMIT: int = 3

    @dataclass(frozen=True)
    class Tank:
        """Holds 5 litres."""

        def fill(self, by: float, most=9) -> bool:
            """At most 7."""
            assert by > 0
            log.info("fills %d", 1 + 1)
            if by > LIMIT:
                raise ValueError(f"{by + 1} is more than {LIMIT}")
            self.level += by
            self.say()
            return True

        def __repr__(self) -> str:
            return "Tank" + "of"
    ''')


def test_statements_and_what_is_left_alone() -> None:
    found = {(each.what, each.top) for each in mutants(SOURCE)}
    fill = (8, "Tank.fill")
    assert found == {
        ("3 -> 4", None),
        ("9 -> 10", None),
        ("condition turned round", fill),
        ("Gt -> GtE", fill),
        ("raise left out", fill),
        ("Add -> Sub", fill),
        ("call left out", fill),
        ("returns None", fill),
        ("True -> False", fill),
    }


def test_one_mistake_changes_one_line_and_no_numbers() -> None:
    right = ast.unparse(ast.parse(SOURCE)).splitlines()
    for each in mutants(SOURCE):
        tree = mutated(SOURCE, each)
        wrong = ast.unparse(tree).splitlines()
        assert sum(a != b for a, b in zip(right, wrong, strict=True)) == 1, each
        assert [node.lineno for node in tree.body] == [2, 5]


def test_lines_are_those_of_the_statement_and_not_of_what_is_inside_of_it() -> None:
    """Who ran none of them has not run the mistake."""
    source = textwrap.dedent("""
        def f(a, b):
            if (a
                    or b):
                return [x + 1
                        for x in a]
            for each in a:
                try:
                    b.go(each,
                         -3)
                except ValueError:
                    break
            return b
        """)
    found: dict[str, set[int]] = {}
    for each in mutants(source):
        found.setdefault(each.what, set()).update(lines_of(source, each))
    assert found == {
        "condition turned round": {3, 4},
        "Or -> And": {3, 4},
        "returns None": {5, 6, 13},
        "Add -> Sub": {5, 6},
        "1 -> 2": {5, 6},
        "call left out": {9, 10},
        "USub left out": {9, 10},
        "3 -> 4": {9, 10},
        "break -> continue": {12},
    }


def test_the_interval_is_wilsons() -> None:
    """Newcombe 1998, Statistics in Medicine 17: 857, table I: 81/263, 15/148, 0/20, 1/29 by the score method."""
    for hits, of, low, high in (
        (81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718),
    ):  # fmt: skip
        assert wilson(hits, of) == pytest.approx((low, high), abs=5e-5)
