"""Every secret of a config goes by gateway/trust/secret.py, and nothing that ships has one in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import get_args

import pytest

from gateway.config.models import FILES
from gateway.config.validate import bare, model_at
from gateway.plan.words import Secret
from gateway.resources import config_dir

ROOT = Path(__file__).parents[2]
SOURCES = [path for room in ("gateway", "drivers") for path in sorted((ROOT / room).rglob("*.py"))]
WORDS = re.compile(r"(password|passwd|token|secret|api_?key)s?$", re.IGNORECASE)


def trees(hint: str):
    """Sources that a hint matches, parsed: parsing all of them takes seconds."""
    for path in SOURCES:
        text = path.read_text("utf-8")
        if re.search(hint, text):
            yield path, ast.parse(text)


def fields(model, path=()):
    """Every key of a config with its kind."""
    for name, field in model.model_fields.items():
        yield (*path, field.alias or name), field
        kinds = [bare(field.annotation)]
        while kinds and get_args(kinds[0]):
            kinds = [bare(get_args(kinds[0])[-1])]
        if hasattr(kinds[0], "model_fields"):
            yield from fields(kinds[0], (*path, field.alias or name))


def is_secret(field) -> bool:
    """`Secret` or `Secret | None`: the words of its kind are in the notes."""
    notes = [*field.metadata]
    for each in get_args(field.annotation) or (field.annotation,):
        notes += getattr(each, "__metadata__", ())
    return bool(set(notes) & set(Secret.__metadata__))  # type: ignore[attr-defined]


def test_a_key_of_a_config_that_names_a_secret_names_its_place() -> None:
    found = {".".join(path): field for path, field in fields(FILES["site"])}
    secrets = {name for name, field in found.items() if is_secret(field)}
    assert {name.rpartition(".")[2] for name in secrets} == {
        "password_from", "token_from", "key_from", "mail_from", "webhook_from",
    }  # fmt: skip
    named = {name for name in found if WORDS.search(name.rpartition(".")[2])}
    assert named - secrets == set()
    assert model_at(FILES["site"], ("broker",)) is not None


def test_a_place_is_read_by_one_function_only() -> None:
    """Whoever has a `*_from` in hand gives it to `gateway.trust.secret`, or compares it with nothing."""
    allowed = {"read_secret", "secret_file", "place_of"}
    for path, tree in trees(r"(open|Path|getenv)\(.*_from\b"):
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in {
                "open",
                "Path",
                "getenv",
            }:
                given = " ".join(ast.unparse(each) for each in node.args)
                assert not re.search(r"\.\w+_from\b", given), f"{path}: {ast.unparse(node)}: use {allowed}"


def literals(tree: ast.Module) -> list[str]:
    """Words for a secret that are given a text, as an argument or a value."""
    pairs: list[tuple[int, str, ast.expr | None]] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.keyword) and node.arg:
            pairs.append((node.lineno, node.arg, node.value))
        elif isinstance(node, ast.Assign):
            pairs += [(node.lineno, ast.unparse(each), node.value) for each in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs.append((node.lineno, ast.unparse(node.target), node.value))
        elif isinstance(node, ast.arguments):
            given = [*node.posonlyargs, *node.args]
            with_default = list(zip(given[len(given) - len(node.defaults) :], node.defaults, strict=True))
            with_default += [
                (arg, value) for arg, value in zip(node.kwonlyargs, node.kw_defaults, strict=True) if value
            ]
            pairs += [(arg.lineno, arg.arg, value) for arg, value in with_default]
    return [
        f"{line}: {name}"
        for line, name, value in pairs
        if WORDS.search(name)
        and isinstance(value, ast.Constant)
        and isinstance(value.value, str | bytes)
        and value.value
    ]


@pytest.mark.long
def test_no_literal_is_a_secret() -> None:
    """No default credential."""
    hint = r"""(?i)(password|passwd|token|secret|api_?key)s?\b[^\n]*=\s*[\w.(]*["']\w"""
    assert {str(path): literals(tree) for path, tree in trees(hint) if literals(tree)} == {}
    bad = [
        "x.password = 'admin'",
        "f(api_key=b'1')",
        "def f(a, token='t'): 0",
        "def f(*, secret: str = 's'): 0",
    ]
    assert [len(literals(ast.parse(each))) for each in bad] == [1, 1, 1, 1]
    good = ["password_from = 'file:x'", "password = ''", "def f(token: str = ''): 0", "secret = read(x)"]
    assert [literals(ast.parse(each)) for each in good] == [[], [], [], []]


def test_nothing_that_ships_has_a_secret_in_it() -> None:
    for path in sorted(config_dir().rglob("*")):
        if path.suffix in {".yaml", ".conf", ".acl", ".service", ".json"}:
            text = path.read_text("utf-8")
            assert "PRIVATE KEY" not in text, path
            for line in text.splitlines():
                assert not re.search(r"(?i)\b(password|token|secret)\s*[:=]\s*[\"']?[A-Za-z0-9]", line), (
                    path,
                    line,
                )
