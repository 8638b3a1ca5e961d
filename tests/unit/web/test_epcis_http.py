"""`GET /epcis/events`: valid by the official schema whatever is asked, and plain words where it cannot be."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.epcis.query import PARAMETERS
from gateway.repository import Repository
from gateway.web.application import build
from gateway.web.asker import WAITING_MOST, Asker, Overloaded
from gateway.web.guard import QUERY_LONGEST
from tests.unit.epcis.official import problems
from tests.unit.repository.plant import BOX

EVENTS = "/epcis/events"


def events_of(answer):
    return answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]


def is_problem(answer, status):
    body = answer.json()
    assert answer.status_code == body["status"] == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert body["type"].startswith("epcisException:")
    assert body["title"]
    assert body["detail"]
    return body


async def test_all_events_in_a_valid_query_document(client):
    answer = await client.get(EVENTS)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["GS1-EPCIS-Version"] == "2.0.0"
    assert answer.headers["GS1-CBV-Version"] == "2.0.0"
    assert "Link" not in answer.headers
    assert answer.json()["type"] == "EPCISQueryDocument"
    assert len(events_of(answer)) == 17
    assert problems(answer.json()) == []


async def test_pages_are_linked(client):
    whole = events_of(await client.get(EVENTS))
    found, url = [], f"{EVENTS}?perPage=5&EQ_action=ADD%7COBSERVE"
    while url:
        answer = await client.get(url)
        assert problems(answer.json()) == []
        found += events_of(answer)
        url = answer.links.get("next", {}).get("url")
        assert url is None or url.startswith(f"{EVENTS}?perPage=5&EQ_action=ADD%7COBSERVE&nextPageToken=")
    assert found == [event for event in whole if "action" in event]


@pytest.mark.parametrize("encoded", [True, False])
async def test_each_event_by_its_id(client, encoded):
    for event in events_of(await client.get(EVENTS)):
        name = quote(event["eventID"], safe="") if encoded else event["eventID"]
        answer = await client.get(f"{EVENTS}/{name}")
        assert answer.status_code == 200
        assert answer.json()["eventID"] == event["eventID"]
        assert problems(answer.json()) == []


async def test_a_lot_by_its_uri(client):
    answer = await client.get(EVENTS, params={"MATCH_anyEPCClass": f"https://lots.example/a/class/{BOX}"})
    assert len(events_of(answer)) == 9


async def test_an_error_declaration_is_on_the_event_of_its_id(client):
    answer = await client.get(EVENTS, params={"eventType": "TransformationEvent"})
    wrong = next(event for event in events_of(answer) if "errorDeclaration" in event)
    assert (await client.get(f"{EVENTS}/{quote(wrong['eventID'], safe='')}")).json()["errorDeclaration"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("EQ_bizStep=nope", "EQ_bizStep"),
        ("GE_eventTime=1", "GE_eventTime"),
        ("perPage=-1", "perPage"),
        ("perPage=5&perPage=6", "perPage"),
        ("nextPageToken=%00", "nextPageToken"),
        ("MATCH_epc=%F0%9F%92%A9", "MATCH_epc"),
        ("EQ_nothing=1", "EQ_nothing"),
        ("a&b", "a"),
    ],
)
async def test_a_bad_parameter_is_400_and_named(client, query, parameter):
    body = is_problem(await client.get(f"{EVENTS}?{query}"), 400)
    assert body["type"] == "epcisException:QueryParameterException"
    assert body["parameter"] == parameter
    assert parameter in body["detail"]


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", f"{EVENTS}/nothing", {}, 404),
        ("GET", f"{EVENTS}/ni%3A%2F%2F%2Fsha-256%3B{'0' * 64}%3Fver%3DCBV2.0", {}, 404),
        ("GET", "/", {}, 404),
        ("GET", "/epcis", {}, 404),
        ("POST", EVENTS, {}, 405),
        ("DELETE", EVENTS, {}, 405),
        ("GET", EVENTS, {"Accept": "application/xml"}, 406),
        ("GET", EVENTS, {"GS1-EPCIS-Min": "2.1"}, 406),
        ("GET", EVENTS, {"GS1-EPCIS-Max": "1.2"}, 406),
        ("GET", EVENTS, {"GS1-CBV-Min": "x"}, 406),
        ("GET", EVENTS, {"GS1-EPC-Format": "Always_EPC_URN"}, 406),
        ("GET", f"{EVENTS}?EQ_eventID={'x' * QUERY_LONGEST}", {}, 414),
        ("GET", EVENTS, {"Host": "evil.example"}, 421),
        ("GET", EVENTS, {"Host": "127.0.0.1.evil.example:8080"}, 421),
        ("GET", f"{EVENTS}/x?y=1", {}, 400),
    ],
)
async def test_what_cannot_be_answered_is_said(client, method, path, headers, status):
    is_problem(await client.request(method, path, headers=headers), status)


@pytest.mark.parametrize(
    "headers",
    [
        {"Accept": "text/html, application/ld+json;q=0.9"},
        {"GS1-EPCIS-Min": "1.2", "GS1-EPCIS-Max": "2.0"},
        {"GS1-EPC-Format": "Always_GS1_Digital_Link"},
        {"Host": "localhost"},
    ],
)
async def test_what_can_be_is(client, headers):
    assert (await client.get(EVENTS, headers=headers)).status_code == 200


async def test_a_sign_of_life(client):
    answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "live"})


async def test_a_folder_without_a_journal_is_503_until_there_is_one(tmp_path, folder):
    import httpx  # noqa: PLC0415

    app = build(tmp_path / "data", lambda: 0)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        is_problem(await client.get(EVENTS), 503)
        (tmp_path / "data").symlink_to(folder)
        assert (await client.get(EVENTS)).status_code == 200
    app.state.close()
    app.state.close()


async def test_too_many_questions_at_once_are_sent_away(folder):
    import asyncio  # noqa: PLC0415
    import threading  # noqa: PLC0415

    asker, go_on = Asker(lambda stop: Repository(folder, stop)), threading.Event()
    waiting = [asyncio.create_task(asker.ask(lambda _: go_on.wait(600))) for _ in range(WAITING_MOST)]
    await asyncio.wait(waiting, timeout=0)
    with pytest.raises(Overloaded):
        await asker.ask(lambda _: None)
    go_on.set()
    assert all(await asyncio.gather(*waiting))
    asker.close()
    with pytest.raises(Overloaded):
        await asker.ask(lambda _: None)


text = st.text(st.characters(), max_size=40)


@given(st.lists(st.tuples(st.one_of(st.sampled_from(PARAMETERS), text), text), max_size=3), text)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_hostile_text_gives_an_answer_or_a_problem(client, pairs, path):
    query = "&".join(
        f"{quote(name, errors='replace')}={quote(value, errors='replace')}" for name, value in pairs
    )
    answer = await client.get(f"{EVENTS}?{query}")
    assert answer.status_code in {200, 400}
    if answer.status_code == 400:
        is_problem(answer, 400)
    by_id = await client.get(f"{EVENTS}/{quote(path, safe='', errors='replace')}")
    assert by_id.status_code in {200, 404}
