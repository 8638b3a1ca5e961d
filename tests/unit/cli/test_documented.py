"""Every `lotwatch` command that a document shows is one, with options and arguments that it takes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from gateway.cli import main

ROOT = Path(__file__).parents[3]
PAPERS = [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/*.md")), *sorted(ROOT.glob("docs/[ehr]*/*.md"))]
BLOCK = re.compile(r"^```[a-z ]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`(lotwatch [a-z][^`\n]*)`")
COMMAND = re.compile(r"^(?:\$ )?(?:sudo )?(?:runuser -u \S+ -- )?(lotwatch(?: [a-z]|\n).*)$")
_REST = re.compile(r"\s+#.*|\s*(?:2?>|<|\|(?=\s)|&&?(?=\s|$)|;(?=\s)).*")  # a remark, another program
_SYNOPSIS = ("[", "|", "$", "...")  # words of a description, and of a shell


def commands(text: str) -> Iterator[tuple[str, bool]]:
    """Lines, and whether one is there to be run: in a block of its own, not in the middle of a sentence."""
    for block in BLOCK.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            if found := COMMAND.match(line):
                yield _REST.sub("", found[1]), True
    for inline in INLINE.findall(BLOCK.sub("", text)):
        yield inline, False


def wrong(words: list[str], *, whole: bool) -> str:
    """Why it would not be understood; "" where it would. `whole`: what it cannot do without is asked for, too."""
    command: click.Command = main
    context = click.Context(main)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        if found is None:
            return f"there is no command {words[0]}"
        odd = "ignore_unknown_options" in found.context_settings
        context = click.Context(found, context, ignore_unknown_options=odd)
        command, words = found, words[1:]
    if isinstance(command, click.Group):
        return ""
    try:
        given, left, _ = command.make_parser(context).parse_args(list(words))
    except click.UsageError as error:
        return "" if not whole and isinstance(error, click.BadOptionUsage) else error.format_message()
    wanted = [
        each
        for each in command.params
        if isinstance(each, click.Option) and each.required and not each.envvar
    ]
    missing = [each.opts[0] for each in wanted if each.name not in given] if whole else []
    return f"left over: {left}" if left else f"missing: {missing}" if missing else ""


@pytest.mark.long
@pytest.mark.parametrize("path", PAPERS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_are_ours(path: Path) -> None:
    found = {}
    for line, whole in commands(path.read_text("utf-8")):
        words = shlex.split(line)
        if not any(sign in word for word in words for sign in _SYNOPSIS):
            found[line] = wrong(words[1:], whole=whole)
    assert not {line: why for line, why in found.items() if why}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("lot L-1 --data d", ""),
        ("lots L-1", "there is no command lots"),
        ("lot L-1 --dta d", "No such option"),
        ("user add x", "missing"),
        ("check a b c", "left over"),
    ],
)
def test_what_is_none_is_found(line: str, why: str) -> None:
    said = wrong(line.split(), whole=True)
    assert said.startswith(why)
    assert bool(said) == bool(why)
