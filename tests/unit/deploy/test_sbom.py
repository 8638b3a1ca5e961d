"""The bill of materials: whole, of the locks, the same every time, and CycloneDX.

The rules checked here are those of CycloneDX 1.6 (ECMA-424): fields that must be there, words of enumerations and
patterns. Against the official schema it was validated by hand: that file has 260 kB.
"""

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).parents[3]
HASH = {
    "type": "object",
    "required": ["alg", "content"],
    "additionalProperties": False,
    "properties": {
        "alg": {"enum": ["SHA-256", "SHA-512"]},
        "content": {
            "pattern": "^([a-fA-F0-9]{32}|[a-fA-F0-9]{40}|[a-fA-F0-9]{64}|[a-fA-F0-9]{96}|[a-fA-F0-9]{128})$"
        },
    },
}
COMPONENT = {
    "type": "object",
    "required": ["type", "name"],
    "additionalProperties": False,
    "properties": {
        "type": {"enum": ["application", "framework", "library", "container", "platform", "firmware", "file"]},
        "bom-ref": {"type": "string", "minLength": 1},
        "name": {"type": "string"},
        "version": {"type": "string"},
        "purl": {"type": "string", "pattern": "^pkg:"},
        "scope": {"enum": ["required", "optional", "excluded"]},
        "hashes": {"type": "array", "items": HASH},
        "licenses": {
            "oneOf": [
                {"type": "array", "items": {"type": "object", "required": ["license"]}},
                {
                    "type": "array", "minItems": 1, "maxItems": 1,
                    "items": {"type": "object", "required": ["expression"], "additionalProperties": False,
                              "properties": {"expression": {"type": "string"}}},
                },
            ]
        },
        "externalReferences": {
            "type": "array",
            "items": {
                "type": "object", "required": ["url", "type"], "additionalProperties": False,
                "properties": {"url": {"type": "string"}, "type": {"const": "distribution"},
                               "hashes": {"type": "array", "items": HASH}},
            },
        },
    },
}  # fmt: skip
DOCUMENT = {
    "type": "object",
    "required": ["bomFormat", "specVersion"],
    "additionalProperties": False,
    "properties": {
        "$schema": {"enum": ["http://cyclonedx.org/schema/bom-1.6.schema.json"]},
        "bomFormat": {"enum": ["CycloneDX"]},
        "specVersion": {"const": "1.6"},
        "serialNumber": {
            "pattern": "^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$"
        },
        "version": {"type": "integer", "minimum": 1},
        "metadata": {
            "type": "object",
            "properties": {
                "component": COMPONENT,
                "lifecycles": {"type": "array", "items": {"type": "object", "required": ["phase"]}},
            },
            "additionalProperties": False,
        },
        "components": {"type": "array", "items": COMPONENT, "uniqueItems": True},
        "dependencies": {
            "type": "array",
            "uniqueItems": True,
            "items": {
                "type": "object",
                "required": ["ref"],
                "additionalProperties": False,
                "properties": {
                    "ref": {"type": "string", "minLength": 1},
                    "dependsOn": {"type": "array", "uniqueItems": True, "items": {"type": "string"}},
                },
            },
        },
    },
}


def maker() -> Any:
    spec = importlib.util.spec_from_file_location("sbom", ROOT / ".ci" / "sbom.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def texts() -> list[str]:
    names = ("requirements/lock.txt", "package-lock.json", "gateway/web/vendor.sha256")
    return [(ROOT / name).read_text("utf-8") for name in names]


@pytest.fixture(scope="module")
def bill(texts: list[str]) -> dict[str, Any]:
    made: dict[str, Any] = maker().bill(*texts, "1.2.3")
    return made


def test_it_is_cyclonedx(bill: dict[str, Any]) -> None:
    jsonschema.validate(bill, DOCUMENT)
    refs = [each["bom-ref"] for each in bill["components"]] + [bill["metadata"]["component"]["bom-ref"]]
    assert len(refs) == len(set(refs))
    for each in bill["dependencies"]:
        assert {each["ref"], *each["dependsOn"]} <= set(refs)


def test_it_is_whole(bill: dict[str, Any], texts: list[str]) -> None:
    """Counted by other means: every line of the lock that pins, every hash, every file of the pages."""
    by_kind = {
        kind: [each for each in bill["components"] if each["bom-ref"].startswith(kind)]
        for kind in ("pkg:pypi/", "pkg:npm/", "gateway/web/vendor/")
    }
    assert len(by_kind["pkg:pypi/"]) == len(re.findall(r"^[a-z].*==", texts[0], re.MULTILINE)) > 30
    hashes = sum(len(each["externalReferences"][0]["hashes"]) for each in by_kind["pkg:pypi/"])
    assert hashes == texts[0].count("--hash=sha256:")
    wanted = json.loads((ROOT / "package.json").read_text("utf-8"))["dependencies"]
    assert {each["name"]: each["version"] for each in by_kind["pkg:npm/"]} == wanted
    assert len(by_kind["gateway/web/vendor/"]) == len(texts[2].splitlines())


def test_what_is_needed_is_reached_from_us(bill: dict[str, Any]) -> None:
    needs = {each["ref"]: each["dependsOn"] for each in bill["dependencies"]}
    reached, waiting = set(), ["pkg:pypi/lotwatch@1.2.3"]
    while waiting:
        ref = waiting.pop()
        if ref not in reached:
            reached.add(ref)
            waiting += needs.get(ref, [])
    assert {each["bom-ref"] for each in bill["components"]} <= reached


def test_everybody_says_their_licence(bill: dict[str, Any]) -> None:
    silent = [
        each["name"] for each in bill["components"] if each["type"] != "file" and "licenses" not in each
    ]
    assert silent == []


def test_the_same_locks_give_the_same_bytes(bill: dict[str, Any], texts: list[str]) -> None:
    assert json.dumps(maker().bill(*texts, "1.2.3")) == json.dumps(bill)
    assert maker().bill(*texts, "1.2.4")["serialNumber"] != bill["serialNumber"]


def test_a_lock_is_read_as_it_is_written() -> None:
    lock = (
        "# by a tool\nA.b_c==1.0 \\\n    --hash=sha256:"
        + "0" * 64
        + " \\\n    --hash=sha256:"
        + "1" * 64
        + "\n"
        "    # via\n    #   lotwatch (pyproject.toml)\n    #   d\nd[extra]==2 ; python_version < '4' \\\n"
        "    --hash=sha256:" + "2" * 64 + "\n    # via lotwatch (pyproject.toml)\n"
    )
    first, second = maker().pins(lock)
    assert (first.purl, first.hashes, first.via) == (
        "pkg:pypi/a-b-c@1.0", ["0" * 64, "1" * 64], ["lotwatch (pyproject.toml)", "d"],
    )  # fmt: skip
    assert (second.purl, second.hashes, second.via) == (
        "pkg:pypi/d@2",
        ["2" * 64],
        ["lotwatch (pyproject.toml)"],
    )


@pytest.mark.parametrize("name", ["lock", "dev"])
def test_the_locks_pin_by_hash_and_name_no_index(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8")
    found = maker().pins(text)
    assert all(pin.hashes for pin in found)
    assert len({pin.name for pin in found}) == len(found)
    assert not re.search(
        r"^\s*(-i|--index-url|--extra-index-url|--find-links|-e|[a-z]+ @)", text, re.MULTILINE
    )
    assert "--require-hashes" in (ROOT / "Makefile").read_text("utf-8")
