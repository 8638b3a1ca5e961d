"""Accounts, sessions, setup codes and waits; passwords with the test vector of RFC 9106."""

from __future__ import annotations

import itertools

import pytest

from gateway.people import Account, NameTaken, OperatorTaken, People, Role, Sessions, may
from gateway.people.backoff import MOST_NS, Backoff
from gateway.people.passwords import BadPassword, acceptable, answer, fits, hashed
from gateway.people.sessions import IDLE_NS, LONGEST_NS, LOOKING_NS, sealed
from gateway.people.store import NAME

LI = Account("Li Na", "4711", Role.QUALITY, password="x")
HOUR = 3_600_000_000_000


class Now:
    ns = 0

    def __call__(self):
        return self.ns


def tokens():
    drawn = itertools.count(1)
    return lambda size: next(drawn).to_bytes(size, "big")


@pytest.fixture
def people(tmp_path):
    made = People(tmp_path)
    yield made
    made.close()


def test_accounts_are_kept_with_their_role_and_sites(people, tmp_path):
    supplier = Account("Acme", "9", Role.SUPPLIER, ("acme-1", "acme-2"), "y", 5)
    people.add(LI)
    people.add(supplier)
    assert people.accounts() == [supplier, LI]
    assert people.account("li na") == LI
    assert people.account("nobody") is None
    assert (tmp_path / NAME).stat().st_mode & 0o077 == 0


def test_names_and_numbers_are_of_one_person(people):
    people.add(LI)
    with pytest.raises(NameTaken, match="there is an account 'LI NA'"):
        people.add(Account("LI NA", "1", Role.VIEWER))
    with pytest.raises(OperatorTaken, match="operator 4711 has an account"):
        people.add(Account("Other", "4711", Role.VIEWER))


@pytest.mark.parametrize(
    ("given", "says"),
    [
        (("", "1", Role.VIEWER), "1 to 60 printable"),
        (("a\nb", "1", Role.VIEWER), "1 to 60 printable"),
        (("a", "one", Role.VIEWER), "at most 12 digits"),
        (("a", "1", Role.SUPPLIER), "names the sites"),
    ],
)
def test_accounts_that_cannot_be_are_refused(given, says):
    with pytest.raises(ValueError, match=says):
        Account(*given)


def test_who_is_erased_leaves_no_name_on_the_disk(people, tmp_path):
    people.add(Account("Zbigniewa", "12", Role.ADMIN))
    sessions = Sessions(people, Now(), tokens())
    sessions.begin(people.account("zbigniewa"))
    people.settled()
    assert people.remove("ZBIGNIEWA")
    assert not people.remove("Zbigniewa")
    assert people.sessions() == []
    people.close()
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert b"Zbigniewa" not in left


def test_the_setup_code_is_for_the_first_account_only(people):
    people.set_setup_code("AAAA-BBBB")
    people.set_setup_code("CCCC-DDDD")
    assert not people.is_setup_code("AAAA-BBBB")
    assert people.is_setup_code("CCCC-DDDD")
    people.add(LI)
    assert not people.is_setup_code("CCCC-DDDD")


def test_a_session_lives_through_a_restart_and_ends_by_itself(people):
    people.add(LI)
    now = Now()
    sessions = Sessions(people, now, tokens())
    token, session = sessions.begin(LI)
    assert sessions.of(token) == session
    assert sessions.of(token + "x") is None
    now.ns = HOUR
    people.settled()
    again = Sessions(people, now, tokens())
    found = again.of(token)
    assert found is not None
    assert found.account == LI
    assert found.used_ns == HOUR
    now.ns += IDLE_NS + 1
    assert again.of(token) is None
    people.settled()
    assert people.sessions() == []


def test_a_session_ends_after_a_week_of_use(people):
    people.add(LI)
    now = Now()
    sessions = Sessions(people, now, tokens())
    token, _ = sessions.begin(LI)
    while now.ns + HOUR <= LONGEST_NS:
        now.ns += HOUR
        assert sessions.of(token) is not None
    now.ns += HOUR
    assert sessions.of(token) is None


def test_a_screen_on_the_wall_stays_signed_in_as_a_viewer_for_a_quarter(people):
    screen = Account("Hall 2", "99", Role.VIEWER)
    people.add(screen)
    now = Now()
    sessions = Sessions(people, now, tokens())
    token, _ = sessions.begin(screen)
    while now.ns + 10 * HOUR <= LOOKING_NS:
        now.ns += 10 * HOUR
        assert sessions.of(token) is not None
    now.ns += 10 * HOUR
    assert sessions.of(token) is None


YEAR = 365 * 24 * HOUR


def test_a_clock_that_is_set_back_by_a_year_gives_no_session_another_year(people):
    people.add(LI)
    now = Now()
    now.ns = 60 * YEAR
    sessions = Sessions(people, now, tokens())
    token, _ = sessions.begin(LI)
    now.ns -= HOUR  # the end of summer time on a clock that knows no better
    assert sessions.of(token) is not None
    now.ns -= YEAR
    assert sessions.of(token) is None


def test_who_never_comes_back_is_forgotten_when_the_next_one_comes(people):
    people.add(LI)
    now = Now()
    sessions = Sessions(people, now, tokens())
    sessions.begin(LI)
    now.ns += IDLE_NS + 1
    sessions.begin(LI)
    people.settled()
    assert len(people.sessions()) == 1


def test_another_password_signs_out_everywhere(people):
    people.add(LI)
    sessions = Sessions(people, Now(), tokens())
    token, _ = sessions.begin(LI)
    assert people.set_password("li na", "new")
    sessions.renewed(people.accounts())
    assert sessions.of(token) is None
    assert people.account("li na").password == "new"
    assert not people.set_password("nobody", "new")


def test_only_its_own_seal_fits(people):
    people.add(LI)
    _, session = Sessions(people, Now(), tokens()).begin(LI)
    assert sealed(session, session.seal)
    assert not sealed(session, "")
    assert not sealed(session, "é")


def test_waits_double_and_end():
    waits, now = Backoff(), 0
    seen = []
    for _ in range(20):
        waits.failed("li", now)
        seen.append(waits.left_ns("li", now))
    assert seen[:6] == [0, 0, 0, 1_000_000_000, 2_000_000_000, 4_000_000_000]
    assert seen[-1] == MOST_NS
    assert waits.left_ns("somebody else", now) == 0
    waits.fitted("li")
    assert waits.left_ns("li", now) == 0


def test_a_clock_that_is_set_back_makes_nobody_wait_for_longer():
    waits, now = Backoff(), 60 * YEAR
    for _ in range(7):
        waits.failed("li", now)
    assert waits.left_ns("li", now) == 8_000_000_000
    now -= YEAR
    assert waits.left_ns("li", now) == 8_000_000_000
    assert waits.left_ns("li", now + 3_000_000_000) == 5_000_000_000
    assert waits.left_ns("li", now + 8_000_000_000) == 0


def test_waits_of_many_do_not_fill_the_memory():
    waits = Backoff()
    for name in range(5_000):
        waits.failed(str(name), 0)
    assert len(waits._wrong) == 1_000  # noqa: SLF001


@pytest.mark.parametrize(
    ("password", "says"), [("short", "12 to 256 characters, this one 5"), ("a" * 300, "this one 300"),
                           ("ababababababab", "again and again"), ("Zbigniewa Kowalska", "more than a name")]
)  # fmt: skip
def test_passwords_that_are_none_are_refused(password, says):
    with pytest.raises(BadPassword, match=says):
        acceptable(password, "zbigniewa kowalska")


def test_a_password_fits_its_hash_and_no_other():
    made = answer({"password": "correct horse battery", "hash": ""})["hash"]
    assert isinstance(made, str)
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert answer({"password": "correct horse battery", "hash": made}) == {"fits": True}
    assert answer({"password": "correct horse batterz", "hash": made}) == {"fits": False}
    assert answer({"password": "x", "hash": "no hash"}) == {"fits": False}


def test_hashes_of_another_implementation_fit():
    # made by phc-winner-argon2, the reference: src/test.c, version 0x13, argon2id, m = 2^16, t = 2, p = 1
    known = "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"
    assert answer({"password": "password", "hash": known}) == {"fits": True}


@pytest.mark.long
async def test_it_is_made_and_compared_in_a_process_of_its_own():
    made = await hashed("correct horse battery")
    assert await fits("correct horse battery", made)
    assert not await fits("correct horse battery", "")


def test_each_role_may_do_what_the_one_before_it_may():
    roles = list(Role)
    acts = ["acknowledge", "release", "import", "no such act"]
    allowed = [[may(role, act) for act in acts] for role in roles]
    assert allowed == sorted(allowed)
    assert allowed[-1] == [True, True, True, False]
