"""Writes the software bill of materials, dist/lotwatch.cdx.json: `python .ci/sbom.py [FILE]`, no network.

CycloneDX 1.6 as JSON (ECMA-424). What is in it: the distributions that requirements/lock.txt pins, with the hashes of
every file that may be installed of them and who needs whom, and what the pages load out of npm, as package-lock.json
and gateway/web/vendor.sha256 pin it. Licences are what the installed distributions say; an environment with other
versions says nothing. Tools of development are left out, and Debian's Python and OpenSSL are on Debian's list. The same
sources give the same bytes.
"""

# ruff: noqa: INP001, T201

from __future__ import annotations

import base64
import json
import re
import sys
import uuid
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
OURS = "lotwatch (pyproject.toml)"
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[^]]*\])?==(?P<version>[^\s;\\]+)")
_SPACE = uuid.UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")  # RFC 9562, appendix A: names that are URLs


class Pin:
    """One distribution of the lock: its hashes, and who needs it."""

    def __init__(self, name: str, version: str) -> None:
        self.name, self.version = name, version
        self.hashes: list[str] = []
        self.via: list[str] = []

    @property
    def purl(self) -> str:
        """Package URL (ECMA-427): names of PyPI in lower case, with dashes."""
        return f"pkg:pypi/{re.sub('[-_.]+', '-', self.name).lower()}@{self.version}"


def pins(lock: str) -> list[Pin]:
    """The lock as pip and `uv pip compile` write it."""
    found: list[Pin] = []
    via = False
    for line in lock.splitlines():
        if match := _PIN.match(line):
            found.append(Pin(match["name"], match["version"]))
            via = False
        elif found and (digest := re.search(r"--hash=sha256:([0-9a-f]{64})", line)):
            found[-1].hashes.append(digest[1])
        elif found and (match := re.match(r"    # via ?(.*)", line)):
            found[-1].via += [match[1]] if match[1] else []
            via = True
        elif found and via and (match := re.match(r"    #   (.+)", line)):
            found[-1].via.append(match[1])
    return found


def bill(lock: str, npm: str, vendor: str, version: str, *, licences: bool = True) -> dict[str, Any]:
    """The whole document, out of the texts of the locks."""
    root = f"pkg:pypi/lotwatch@{version}"
    locked = pins(lock)
    refs = {pin.name: pin.purl for pin in locked} | {OURS: root}
    components = [_distribution(pin, licences=licences) for pin in locked]
    pages = _pages(json.loads(npm)["packages"], vendor)
    components += pages
    needs: dict[str, set[str]] = {ref: set() for ref in refs.values()}
    for pin in locked:
        for who in pin.via:
            needs[refs[who]].add(pin.purl)
    needs[root] |= {str(page["bom-ref"]) for page in pages}
    document = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application", "bom-ref": root, "name": "lotwatch", "version": version, "purl": root,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            },
            "lifecycles": [{"phase": "build"}],
        },
        "components": sorted(components, key=lambda each: str(each["bom-ref"])),
        "dependencies": [
            {"ref": ref, "dependsOn": sorted(on)} for ref, on in sorted(needs.items())
        ],
    }  # fmt: skip
    serial = uuid.uuid5(_SPACE, json.dumps(document, sort_keys=True))
    return {**document, "serialNumber": f"urn:uuid:{serial}"}


def _distribution(pin: Pin, *, licences: bool) -> dict[str, Any]:
    hashes = [{"alg": "SHA-256", "content": each} for each in pin.hashes]
    found = {
        "type": "library", "bom-ref": pin.purl, "name": pin.name, "version": pin.version, "purl": pin.purl,
        "scope": "required",
        # one of these files is installed, which one depends on the machine
        "externalReferences": [{"type": "distribution", "url": pin.purl, "hashes": hashes}],
    }  # fmt: skip
    said = _licence(pin) if licences else None
    return {**found, "licenses": [said]} if said else found


def _licence(pin: Pin) -> dict[str, Any] | None:
    """What the installed distribution says (core metadata: License-Expression, License, classifiers)."""
    try:
        found = distribution(pin.name)
    except PackageNotFoundError:
        return None
    if found.version != pin.version:
        return None
    if expression := found.metadata.get("License-Expression"):
        return {"expression": expression}
    names = [
        each.rpartition(" :: ")[2]
        for each in found.metadata.get_all("Classifier") or []
        if each.startswith("License :: ")
    ]
    name = ", ".join(names) or (found.metadata.get("License") or "").strip().partition("\n")[0]
    return {"license": {"name": name}} if name else None


def _pages(packages: dict[str, Any], vendor: str) -> list[dict[str, Any]]:
    found = []
    for path, each in sorted(packages.items()):
        if not path.startswith("node_modules/") or each.get("dev") or "integrity" not in each:
            continue
        name = path.removeprefix("node_modules/")
        algorithm, _, digest = each["integrity"].partition("-")
        purl = f"pkg:npm/{name}@{each['version']}"
        hashes = [
            {"alg": algorithm.upper().replace("SHA", "SHA-"), "content": base64.b64decode(digest).hex()}
        ]
        found.append(
            {
                "type": "library", "bom-ref": purl, "name": name, "version": each["version"], "purl": purl,
                "scope": "required", "licenses": [{"expression": each["license"]}],
                "externalReferences": [{"type": "distribution", "url": purl, "hashes": hashes}],
            }
        )  # fmt: skip
    for line in vendor.splitlines():
        digest, name = line.split()
        path = f"gateway/web/vendor/{name}"
        hashes = [{"alg": "SHA-256", "content": digest}]
        found.append({"type": "file", "bom-ref": path, "name": path, "scope": "required", "hashes": hashes})
    return found


def main() -> int:
    """Write the file; its name on stdout."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "dist" / "lotwatch.cdx.json"
    texts = [
        (ROOT / name).read_text("utf-8")
        for name in ("requirements/lock.txt", "package-lock.json", "gateway/web/vendor.sha256")
    ]
    version = re.search(r'__version__ = "([^"]+)"', (ROOT / "gateway" / "__init__.py").read_text("utf-8"))
    if version is None:
        print("sbom.py: gateway/__init__.py says no __version__", file=sys.stderr)
        return 1
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(bill(*texts, version[1]), indent=1, ensure_ascii=False) + "\n", "utf-8")
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
