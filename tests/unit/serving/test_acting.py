"""What is entered on served pages: signed, handed over, and asked after; what cannot be, and what is not theirs."""

from __future__ import annotations

import asyncio
import contextlib
import json
from dataclasses import replace

import pytest

from gateway.acts import DONE, Judge, opened_act
from gateway.journal import Replica, open_readers
from gateway.model import Noted, NumberedEvent, NumberedInput, Severity
from gateway.serving import keys
from gateway.serving.away import LIFE_NS, Away
from gateway.serving.target import NoTarget, target
from gateway.web.acts import Wish
from tests.unit.journal.plant import T0, config
from tests.unit.serving.conftest import Server
from tests.unit.serving.sites import KEY, SEVENTEEN, S, events_of, fill, identity, replica, settled

on = asyncio.to_thread
ANSWER = {"cause": "worn", "cause_class": "assignable", "action": "changed"}
MINE, THEIRS = "alarm-INDIGO", "alarm-ZINNOBER"


@pytest.fixture
def folder(tmp_path):
    for name in ("acme", "beta"):
        fill(tmp_path / "data", name)
    path = keys.place(tmp_path / "data", "17")
    path.parent.mkdir(mode=0o700)
    path.write_text(KEY.line())
    path.chmod(0o600)
    return tmp_path / "data"


@pytest.fixture
async def server(folder):
    def away(made):
        made.away = Away(folder, made.house, made.clock, lambda size: b"\7" * size)
        return made.away.enter

    def more(made):
        return {"/acts.json": made.away.sent, "/diary.json": made.away.diary}

    made = await on(lambda: Server(folder, folder, enter=away, more=more))
    await on(made.account, "Li Na", "17", "quality", "beta")
    await on(made.account, "All", "18", "admin")
    yield made
    await on(made.close)
    if made.away is not None:
        made.away.close()


async def post(browser, kind, query="", **body):
    return await browser.post(f"/act/{kind}{query}", content=json.dumps(body))


async def test_it_is_signed_for_the_box_that_has_the_alarm(server, folder):
    async with server.browser("Li Na") as browser:
        said = await post(browser, "acknowledge", alarm=MINE, **ANSWER)
        assert (said.status_code, said.json()["site"]) == (202, "beta")
        name = said.json()["pending"]
        (row,) = (await browser.get("/acts.json")).json()["acts"]
        assert (row["act"], row["state"], row["about"], row["kind"]) == (name, "pending", MINE, "acknowledge")
        handed = json.loads(await on((folder / "outbox" / f"{name}.json").read_text))
        act, _ = opened_act(handed["payload"].encode())
        Judge(identity("beta"), [SEVENTEEN]).allow(act, act.made_ns)
        assert (act.kind, act.operator, dict(act.body)) == ("acknowledge", "17", {"alarm": MINE, **ANSWER})

        def come():
            facts = {"act": name, "entry": "acknowledge", "operator": "17", "events": 0}
            with replica(folder, "beta") as made:
                last = made.last().event
                made.store(
                    [], [NumberedEvent(last + 1, 3, Noted(act.made_ns, DONE, "17", Severity.INFO, facts))]
                )

        await on(come)
        (row,) = (await browser.get(f"/acts.json?id={name}")).json()["acts"]
        assert (row["state"], row["reason"]) == ("done", "")
        assert (await browser.get("/acts.json?id=" + "0" * 32)).status_code == 404
    async with server.browser("All") as other:
        assert (await other.get("/acts.json")).json()["acts"] == []
        assert (await other.get(f"/acts.json?id={name}")).status_code == 404
    assert dict(server.noted[-2].facts) == {"act": "acknowledge", "pending": name, "from": "127.0.0.1"}


async def test_the_diary_tells_whoever_sees_all_of_everybody_and_others_of_themselves(server):
    async with server.browser("Li Na") as browser:
        await post(browser, "hold", lot="BOX-INDIGO", reason="x")
        own = (await browser.get("/diary.json")).json()["diary"]
        assert [(row["what"], row["act"], row["site"], row["about"]) for row in own] == [
            ("act_sent", "hold", "beta", "BOX-INDIGO")
        ]
    async with server.browser("All") as other:
        await post(other, "hold", lot="BOX-INDIGO", reason="=1+1")
        assert {row["operator"] for row in (await other.get("/diary.json")).json()["diary"]} == {"17"}
        csv = await other.get("/diary.json?as=csv")
        assert csv.headers["content-type"].startswith("text/csv")
        assert csv.text.startswith("\ufefftime,operator,what,act,site,about,from,refused\n")
    async with server.browser() as nobody:
        assert (await nobody.get("/diary.json")).status_code == 401


async def test_what_the_box_says_nothing_of_is_late_and_what_it_refuses_is_told(server, folder):
    async with server.browser("Li Na") as browser:
        name = (await post(browser, "hold", lot="BOX-INDIGO", reason="x")).json()["pending"]
        await server.clock.advance(LIFE_NS / 1e9 + 1)
        (row,) = (await browser.get("/acts.json")).json()["acts"]
        assert row["state"] == "late"

        def come():
            facts = {
                "act": name,
                "entry": "hold",
                "operator": "17",
                "events": 0,
                "reason": "it is held already",
            }
            with replica(folder, "beta") as made:
                told = Noted(server.now_ns, "act_refused", "17", Severity.WARNING, facts)
                made.store([], [NumberedEvent(made.last().event + 1, 3, told)])

        await on(come)
        (row,) = (await browser.get("/acts.json")).json()["acts"]
        assert (row["state"], row["reason"]) == ("refused", "it is held already")


async def test_a_note_goes_to_the_box_that_charts_it(server, folder):
    note = {"characteristic": "temp", "key": "", "time_ns": T0, "text": "seen with the supplier"}
    async with server.browser("Li Na") as browser:
        said = await post(browser, "note", **note)
        assert (said.status_code, said.json()["site"]) == (202, "beta")
        handed = json.loads(await on((folder / "outbox" / f"{said.json()['pending']}.json").read_text))
        act, _ = opened_act(handed["payload"].encode())
        Judge(identity("beta"), [SEVENTEEN]).allow(act, act.made_ns)
        none = await post(browser, "note", **{**note, "characteristic": "nothing"})
        assert (none.status_code, none.json()["detail"]) == (409, "no such characteristic here")


async def test_what_is_not_theirs_is_refused_as_what_is_not_there(server, folder):
    async with server.browser("Li Na") as browser:
        for kind, theirs, nobodys in (
            ("acknowledge", {"alarm": THEIRS, **ANSWER}, {"alarm": "alarm-x", **ANSWER}),
            ("unshelve", {"alarm": THEIRS}, {"alarm": "alarm-x"}),
        ):
            said, none = await post(browser, kind, **theirs), await post(browser, kind, **nobodys)
            assert (said.status_code, said.content) == (none.status_code, none.content) == (409, said.content)
        server.now_ns += 60_000_000_000  # who was refused so often waits
        named = await post(browser, "acknowledge", "?site=acme", alarm=THEIRS, **ANSWER)
        assert named.json()["detail"] == "no such open alarm here"
    assert not (folder / "outbox").exists()


@pytest.mark.parametrize(
    ("kind", "body", "told"),
    [
        ("release", {"lot": "BOX-INDIGO", "reason": "x"}, "lets operator 17 not release"),
        ("hold", {"lot": "NONE", "reason": "x"}, "no lot NONE here"),
        ("hold", {"lot": "BOX-INDIGO"}, "hold needs reason"),
        ("acknowledge", {"alarm": MINE, "cause": 5}, "cause is not a text"),
        ("acknowledge", {"alarm": [MINE]}, "alarm is not a name"),
    ],
)
async def test_what_cannot_be_is_told_at_once(server, kind, body, told):
    async with server.browser("Li Na") as browser:
        said = await post(browser, kind, **body)
    assert (said.status_code, told in said.json()["detail"]) == (409, True), said.text


async def test_several_sites_with_such_a_lot_want_its_name_and_an_unknown_key_is_told(server):
    async with server.browser("All") as browser:
        said = await post(browser, "hold", lot="ACME-PART-1", reason="x")
        assert said.json()["detail"] == "several sites have it: name one of acme, beta"
        said = await post(browser, "hold", "?site=acme", lot="ACME-PART-1", reason="x")
        assert "the box of acme does not know operator 18" in said.json()["detail"]
        assert (await post(browser, "label", lot="ACME-PART-1")).status_code == 404


async def test_without_a_key_here_it_says_how_to_make_one(server, folder):
    path = keys.place(folder, "17")
    async with server.browser("Li Na") as browser:
        await on(path.chmod, 0o644)
        assert (
            "others can read it"
            in (await post(browser, "hold", lot="BOX-INDIGO", reason="x")).json()["detail"]
        )
        await on(path.unlink)
        detail = (await post(browser, "hold", lot="BOX-INDIGO", reason="x")).json()["detail"]
        assert f"lotwatch user key {path} --operator 17" in detail


def test_of_a_gateway_the_journal_of_now_is_meant(folder):
    again = replace(identity("beta"), epoch="e2")
    with Replica.open(folder / "beta" / "gw-beta-e2", again) as made:
        later = replace(events_of("beta")[1], time_ns=T0 + 900 * S)
        made.store([NumberedInput(1, config(settled("beta"), "two"))], [NumberedEvent(1, 1, later)])
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(reader) for reader in open_readers(folder)]
        assert target(readers, Wish("acknowledge", "17", {"alarm": MINE}, ("beta",))) == again
        with pytest.raises(NoTarget, match="no lot BOX-INDIGO here"):
            target(readers, Wish("hold", "17", {"lot": "BOX-INDIGO"}))
