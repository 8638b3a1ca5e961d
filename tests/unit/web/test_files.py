"""What browsers load: its size as it goes out, and that it asks nobody but us."""

from __future__ import annotations

import re

import pytest

from gateway.web.browser import files, modules
from gateway.web.shell import FRAME, LANGUAGES, shell, words_of

MOST = 80_000  # bytes of all scripts and sheets, each packed as it is sent
NAMES = {  # that are no address: the name of a vocabulary, and where uPlot says what it is
    "http://www.w3.org/2000/svg",
    "http://www.w3.org/1999/xhtml",
    "http://www.w3.org/1998/Math/MathML",
    "http://www.w3.org/1999/xlink",
    "http://www.w3.org/XML/1998/namespace",
    "http://www.w3.org/2000/xmlns/",
    "https://github.com/leeoniya/uPlot",
}
VENDOR = {path for path in files() if path.startswith("vendor/")}
with_vendor = pytest.mark.skipif(not VENDOR, reason="the files of others are not here: make npm brings them")


@with_vendor
def test_all_scripts_and_sheets_together_are_small() -> None:
    sizes = {path: len(each.packed) for path, each in files().items() if path.endswith((".js", ".css"))}
    assert sum(sizes.values()) <= MOST, sizes


@with_vendor
def test_no_file_asks_another_host() -> None:
    """Addresses in full, and those that begin with two strokes, in scripts, sheets, words, pictures and documents."""
    texts = {path: each.plain.decode() for path, each in files().items()}
    texts |= {lang: shell("chart", words_of(lang), lang).decode() for lang in LANGUAGES}
    texts["frame"] = FRAME.decode()
    for path, text in texts.items():
        named = set(re.findall(r"\b(?:https?|wss?)://[^\s\"'`()<>,;*]+", text))
        assert named <= NAMES, path
        assert not re.search(r"(?:src|href|url\(|import|fetch\()\s*[=(]?\s*[\"'`]//", text), path


@with_vendor
def test_a_page_names_every_module_that_it_takes() -> None:
    """Found again by what each of them imports: none is named that is not there, none is left for later."""
    named = set(modules("now"))
    assert {
        "static/app.js",
        "static/views/now.js",
        "static/drawn.js",
        "static/format.js",
        "vendor/preact.js",
    } <= named
    for path in named:
        text = files()[path].plain.decode()
        for name in re.findall(r"""from ["']\.?\.?/?([a-z/.-]+\.js)["']""", text):
            assert any(each.endswith(name.lstrip("./")) for each in named), (path, name)
    assert "static/views/lot.js" not in named
