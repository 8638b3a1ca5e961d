"""The HTML that every page begins with: a frame without content; `static/app.js` fills it from the page's JSON."""

from __future__ import annotations

import html
from collections.abc import Iterable
from importlib import resources
from string import Template

import orjson

from gateway.web.browser import modules

LANGUAGES = ("en", "zh")
_SHELL = Template(
    """<!doctype html>
<html lang="$lang" data-page="$page">
<head>
<meta charset="utf-8">
<title>$title</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/static/icon.svg">
<link rel="stylesheet" href="/static/style.css">
$modules$head<script type="module" src="/static/app.js"></script>
</head>
<body><noscript>$noscript</noscript></body>
</html>
"""
)


_PLOTTING = frozenset({"chart"})
_PLOTS = '<script src="/vendor/uplot.js"></script>\n'


def shell(page: str, words: dict[str, str], lang: str) -> bytes:
    """The document of a page in a language. Blocks once."""
    head = _PLOTS if page in _PLOTTING else ""
    filled = {
        "lang": "zh-CN" if lang == "zh" else "en",
        "page": page,
        "title": f"{words[f'page.{page}']} - lotwatch",
        "noscript": words["noscript"],
    }
    safe = {name: html.escape(value) for name, value in filled.items()}
    ahead = "".join(f'<link rel="modulepreload" href="/{path}">\n' for path in modules(page))
    return _SHELL.substitute(safe, head=head, modules=ahead).encode()


_MISSING = Template(
    """<!doctype html>
<html lang="$lang">
<head>
<meta charset="utf-8">
<title>$title - lotwatch</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="/static/style.css">
</head>
<body><main><section class="card"><h1>$title</h1><p>$about</p><ul>$pages</ul></section></main></body>
</html>
"""
)


def missing(path: str, pages: Iterable[str], words: dict[str, str], lang: str) -> bytes:
    """The document of an address where nothing is: which pages there are."""
    links = (f'<li><a href="/{page}">{html.escape(words[f"page.{page}"])}</a></li>' for page in pages)
    about = words["missing.about"].replace("{path}", path[:200])
    filled = {"lang": "zh-CN" if lang == "zh" else "en", "title": html.escape(words["missing.title"])}
    return _MISSING.substitute(filled, about=html.escape(about), pages="".join(links)).encode()


FRAME = b'<!doctype html><html lang="en"><title>live</title><script src="/static/live-frame.js"></script></html>\n'
"""The document that holds the worker of the live stream; nobody sees it."""


def spoken(asked: str | None, accept: str) -> str:
    """Language of a page: the one asked for, else the first of the browser's that there is.

    >>> spoken(None, "fr, zh-CN;q=0.9, en;q=0.8"), spoken("en", "zh"), spoken(None, "")
    ('zh', 'en', 'en')
    """
    if asked in LANGUAGES:
        return asked
    offered = [part.split(";")[0].strip()[:2].lower() for part in accept.split(",")]
    return next((lang for lang in offered if lang in LANGUAGES), "en")


def words_of(lang: str) -> dict[str, str]:
    """All words of a language. Blocks."""
    text = (resources.files("gateway.web") / "words" / f"{lang}.json").read_bytes()
    found: dict[str, str] = orjson.loads(text)
    return found
