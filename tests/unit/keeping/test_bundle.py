"""Every secret, name and number of a person that is planted anywhere is searched for in every byte of the bundle."""

from __future__ import annotations

import asyncio
import io
import sqlite3
import tarfile
from pathlib import Path

import pytest

from gateway.clock import VirtualClock
from gateway.journal.signer import sign_now
from gateway.keeping import bundle as module
from gateway.keeping.bundle import Leak, bundle
from gateway.keeping.redact import Redactor
from gateway.model import Block, Noted, NumberedEvent, NumberedInput, Severity
from gateway.people import People
from gateway.people.roles import Role
from gateway.people.store import Account
from tests.unit.journal.plant import T0, Dice, Plant, config, make_site, open_journal

PLANTED = {
    "broker password": "hunter2-Broker",
    "webhook": "https://hooks.example/T000/B000/s3cr3tpath",
    "inline password": "iNl1ne-pw",
    "inline token": "tok_4711-0815",
    "url userinfo": "joe:sesame",
    "query token": "qwertz-query-token",
    "bearer": "eyJhbGciOiJIUzI1NiJ9.e30.abc",
    "private key": "MC4CAQAwBQYDK2VwBCIEIPl4nt3dPr1v4t3",
    "person": "Grace Hopper",
    "person in Chinese": "王小明",
    "mail": "grace.hopper@plant.example",
    "phone": "+86 138 0013 8000",
    "operator": "470815",
    "comment": "ask Li Wei at the gate",
    "hash": "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
}
SITE = """
# {comment}
site: plant
broker: {{host: broker.example, username: box, password_from: "file:{folder}/mqtt.password"}}
database: {{url: "http://{url userinfo}@db.example:8086/?token={query token}", api_key: "{inline token}"}}
alerts: {{people: [{{name: shift-lead, webhook_from: "file:{folder}/hook", mail: {mail}, phone: "{phone}"}}]}}
users: [{{operator: "{operator}", key: "abc"}}]
odd: {{password: "{inline password}", list: [{{secret: 12345678}}]}}
"""
LOG = """
2026-11-22 gateway: Authorization: Bearer {bearer}
2026-11-22 gateway: cannot tell {person} at {mail}: password={inline password}
2026-11-22 gateway: operator {operator} acknowledged; GRACE HOPPER agreed; {person in Chinese}
-----BEGIN PRIVATE KEY-----
{private key}
-----END PRIVATE KEY-----
2026-11-22 gateway: dialling mqtts://{url userinfo}@broker.example with {broker password}
"""


@pytest.fixture
def box(tmp_path: Path) -> Path:
    (tmp_path / "mqtt.password").write_text(PLANTED["broker password"] + "\n")
    (tmp_path / "hook").write_text(PLANTED["webhook"])
    (tmp_path / "plans").mkdir()
    (tmp_path / "plans" / "a.yaml").write_text(
        "owner: {contact: " + PLANTED["mail"] + "}\nbroken: [", "utf-8"
    )
    (tmp_path / "site.yaml").write_text(SITE.format(folder=tmp_path, **PLANTED), "utf-8")
    data = tmp_path / "data"
    plant = Plant()
    journal = open_journal(data, VirtualClock())
    facts = {"error": f"refused {PLANTED['broker password']}", "operator": PLANTED["operator"]}
    events = [
        Noted(T0, "bus_down", "line1", Severity.WARNING, facts),
        Noted(
            T0,
            "scrapped",
            "silo",
            Severity.INFO,
            {"reason": PLANTED["person"], "operator": PLANTED["operator"]},
        ),
    ]
    inputs = [NumberedInput(1, config(make_site(plant.group), "a")), *plant.readings(2, 5)]
    told = tuple(NumberedEvent(seq, 1, event) for seq, event in enumerate(events, 1))
    asyncio.run(journal.commit(Block(tuple(inputs), told)))
    sign_now(journal, VirtualClock(), Dice(1))
    journal.close()
    people = People(data)
    for number, name in enumerate((PLANTED["person"], PLANTED["person in Chinese"])):
        people.add(Account(name, f"{number}", Role.OPERATOR, password=PLANTED["hash"]))
    people.close()
    return tmp_path


def members(made: bytes) -> dict[str, str]:
    with tarfile.open(fileobj=io.BytesIO(made)) as tar:
        return {
            each.name.removeprefix("lotwatch-support/"): tar.extractfile(each).read().decode()  # type: ignore[union-attr]
            for each in tar.getmembers()
        }


def made(box: Path) -> dict[str, str]:
    return members(bundle(box / "site.yaml", box / "data", LOG.format(**PLANTED), b"salt", 7_000_000_000))


def test_nothing_that_was_planted_is_in_it(box: Path) -> None:
    key = (box / "data" / "ledger.key").read_text().strip()
    whole = "\n".join(f"{name}\n{text}" for name, text in made(box).items())
    for what, word in {**PLANTED, "ledger key": key}.items():
        assert word.casefold() not in whole.casefold(), what
    assert "12345678" not in whole


def test_what_helps_is_in_it(box: Path) -> None:
    found = made(box)
    assert {"README.txt", "about.json", "config/site.yaml", "journal.json", "events.jsonl", "log.txt"} <= set(
        found
    )
    assert f"password_from: file:{box}/mqtt.password" in found["config/site.yaml"]  # a place is no secret
    assert "broker.example" in found["config/site.yaml"]
    assert '"bus_down"' in found["events.jsonl"]
    assert "scrapped" not in found["events.jsonl"]
    assert '"event:scrapped":1' in found["journal.json"].replace(" ", "")
    assert found["config/plans/a.yaml"].startswith("# left out")


def test_the_same_person_is_the_same_word_in_one_bundle_only() -> None:
    one, other = (Redactor([], ["Grace Hopper"], salt) for salt in (b"1", b"2"))
    assert one.text("Grace Hopper") == one.text("grace hopper") != other.text("Grace Hopper")
    assert (
        one.plain({"operator": "4711"})
        == one.plain({"operator": "4711"})
        != other.plain({"operator": "4711"})
    )


def test_a_known_secret_that_comes_through_all_the_same_is_no_bundle(box: Path, monkeypatch) -> None:
    monkeypatch.setattr(module, "Redactor", lambda *_: Redactor([], [], b""))
    with pytest.raises(Leak, match="no bundle was made"):
        made(box)


@pytest.mark.parametrize("name", ["person", "removed", "journal", "Secrets"])
def test_a_name_that_is_a_word_of_ours_keeps_nobody_from_help(box: Path, name: str) -> None:
    people = People(box / "data")
    people.add(Account(name, "9", Role.OPERATOR, password=PLANTED["hash"]))
    people.close()
    assert "person-" in "".join(made(box).values())


def test_a_journal_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "journal.sqlite") as db:
        db.execute("CREATE TABLE x (y)")
    assert "not a journal" in members(bundle(None, tmp_path, "", b"s", 1))["journal.json"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("press1: 3.5 mm at 2026-11-22T09:00:00Z", True),
        ("bus 192.168.0.10:502 unit 17", True),
        ("lot 09506000134352:R26-0001", True),
        ("time 1795294142222345729", True),
        ("call 0086 138 0013 8000 now", False),
        ("token=abc", False),
        ("wss://u:p@host/x", False),
    ],
)
def test_numbers_of_the_plant_stay_readable(text: str, kept: bool) -> None:
    assert (Redactor([], [], b"s").text(text) == text) is kept
