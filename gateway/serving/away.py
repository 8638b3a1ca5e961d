"""What people enter on served pages: signed by the key that this server keeps for them, sent, and asked after.

Rule 1: what goes out is in the diary first, so nobody loses sight of it.  Rule 2: whose lot or alarm it is, is looked
for among what the person may see: another site's is "not here" in the same words as one that nobody has.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
from starlette.requests import Request
from starlette.responses import Response

from gateway.acts import Act
from gateway.door import BadRequest
from gateway.door.words import TRY_LATER, USAGE, VERSION, entry_of, refusal, request
from gateway.journal import JournalReader
from gateway.people import Told
from gateway.ports import Clock
from gateway.serving import keys
from gateway.serving.handing import hand_over
from gateway.serving.target import NoTarget, target
from gateway.views.moments import iso
from gateway.views.outcomes import outcome
from gateway.web.acts import Wish
from gateway.web.asker import Asker
from gateway.web.headers import FRESH
from gateway.web.house import House, Refused
from gateway.web.shelf import Shelf
from gateway.web.tables import csv_of

LIFE_NS = 600_000_000_000  # of an act; the box takes none that is older
SHOWN = 20
DIARY = 500
COLUMNS = ("time", "operator", "what", "act", "site", "about", "from", "refused")
SENT = "act_sent"


class Away:
    """One for a server. For one loop."""

    def __init__(self, folder: Path, house: House, clock: Clock, token: Callable[[int], bytes]) -> None:
        self._folder, self._house, self._clock, self._token = folder, house, clock, token
        self._shelf = Asker(lambda stop: Shelf(folder, clock.boottime_ns, stop), 64)
        self._ended: dict[str, dict[str, Any]] = {}  # what is known of acts for good, by id

    def close(self) -> None:
        """Let go of the replicas."""
        self._shelf.close()

    async def enter(self, wish: Wish) -> bytes:
        """The door's answer: on its way, or why not."""
        now = self._clock.now()
        try:
            body = entry_of(request(wish.kind, wish.operator, wish.body), now).body  # type: ignore[arg-type] # it looks
        except (BadRequest, TypeError) as error:
            return refusal(USAGE, str(error))
        wish = replace(wish, body=body)
        try:
            identity = await self._shelf.ask(lambda shelf: target(shelf.readers(wish.sites), wish))
            key = await asyncio.to_thread(keys.read, keys.place(self._folder, wish.operator), wish.operator)
        except NoTarget as error:
            return refusal(USAGE, str(error))
        except keys.NoSuchKey as error:
            where = keys.place(self._folder, wish.operator)
            make = f"lotwatch user key {where} --operator {wish.operator}, and put it into the box's config"
            return refusal(USAGE, f"this server has no key to sign for you: {error}; make one: {make}")
        act = Act(
            identity,
            self._token(16).hex(),
            wish.kind,
            wish.operator,
            body,
            now.time_ns,
            now.time_ns + LIFE_NS,
        )
        facts = {
            "act": act.id, "kind": act.kind, "about": _about(body), "site": identity.site, "gateway": identity.gateway,
            "epoch": identity.epoch, "expires_ns": act.expires_ns,
        }  # fmt: skip

        def sent() -> None:
            self._house.diary.write(Told(now.time_ns, SENT, wish.operator, facts), told=True)
            hand_over(self._folder, act, key)

        try:
            await asyncio.to_thread(sent)
        except OSError as error:
            return refusal(TRY_LATER, f"it cannot be handed over, try again: {error.strerror}")
        plain = {"v": VERSION, "ok": True, "pending": act.id, "site": identity.site, "events": []}
        return orjson.dumps(plain, option=orjson.OPT_APPEND_NEWLINE)

    async def sent(self, request: Request) -> Response:
        """`/acts.json`: what this person has sent, the newest first, and what became of it; `?id=`: one of them."""
        session = self._house.session(request)
        if session is None:
            raise Refused(401, "sign in to see this")
        wanted, operator = request.query_params.get("id"), session.account.operator
        rows = await asyncio.to_thread(self._house.diary.newest, SHOWN, SENT, operator)
        rows = [row for row in rows if wanted is None or row.facts["act"] == wanted]
        if not rows and wanted is not None:
            raise Refused(404, "you have sent no such act of late")
        told = await self._shelf.ask(lambda shelf: [self._row(shelf.readers(), row) for row in rows])
        return Response(orjson.dumps({"acts": told}), headers=FRESH, media_type="application/json")

    async def diary(self, request: Request) -> Response:
        """`/diary.json`: who came to this server and what was asked of it, the newest first. No names of people.

        Whoever sees some sites only is told of themselves: another's acts are about lots that they may not know of.
        """
        session = self._house.session(request)
        if session is None:
            raise Refused(401, "sign in to see this")
        own = session.account.operator if session.account.sites else ""
        rows = await asyncio.to_thread(self._house.diary.newest, DIARY, "", own)
        told = [
            {"time": iso(row.time_ns), "operator": row.operator, "what": row.kind, **_shown(row.facts)}
            for row in rows
        ]
        if request.query_params.get("as") == "csv":
            return Response(csv_of(told, COLUMNS), headers=FRESH, media_type="text/csv; charset=utf-8")
        return Response(orjson.dumps({"diary": told}), headers=FRESH, media_type="application/json")

    def _row(self, readers: list[JournalReader], row: Told) -> dict[str, Any]:
        facts = row.facts
        name, expires_ns = str(facts["act"]), int(str(facts["expires_ns"]))
        plain = {each: facts[each] for each in ("act", "kind", "about", "site")}
        plain["time"] = iso(row.time_ns)
        if name not in self._ended:
            ended = self._look(readers, facts, row.time_ns, expires_ns)
            if ended is None:
                late = self._clock.now().time_ns > expires_ns
                return {**plain, "state": "late" if late else "pending", "reason": ""}
            self._ended[name] = ended
            while len(self._ended) > 1_000:
                del self._ended[next(iter(self._ended))]
        return {**plain, **self._ended[name]}

    @staticmethod
    def _look(
        readers: list[JournalReader], facts: Any, made_ns: int, expires_ns: int
    ) -> dict[str, Any] | None:
        wanted = (facts["site"], facts["gateway"], facts["epoch"])
        for reader in readers:
            who = reader.identity
            if (who.site, who.gateway, who.epoch) == wanted:
                found = outcome(reader, str(facts["act"]), made_ns, expires_ns)
                if found is not None:
                    return {"state": "refused" if found.refused else "done", "reason": found.refused}
        return None


def _shown(facts: Mapping[str, object]) -> dict[str, object]:
    """Of a row what people want to know: what was asked, of whom, from where, and whether it was refused."""
    named = {
        "act": facts.get("kind") or facts.get("act"),
        "about": facts.get("about"),
        "site": facts.get("site"),
    }
    return {**named, "from": facts.get("from"), "refused": facts.get("refused")}


def _about(body: Any) -> str:
    return next((str(body[name]) for name in ("alarm", "lot", "result") if body.get(name)), "")
