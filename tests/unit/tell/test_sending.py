"""E-mail and webhooks, to real servers on loopback: what arrives, and what is said when it does not."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
import socket

import pytest

from gateway.model import Plain
from gateway.site import Mail, Person
from gateway.tell.errands import MAIL, WEBHOOK, Errand
from gateway.tell.sending import Never, NotNow, send
from tests.unit.ingest.http_server import Answering, serving
from tests.unit.tell.conftest import Certificate
from tests.unit.tell.smtp_server import mail_server

T = 1_800_000_000_000_000_000  # 2027-01-15 08:00:00 UTC
FACTS: dict[str, Plain] = {
    "alarm": "check_missed-moisture-0a", "step": 2, "steps": 3, "to": ["quality"], "about": "moisture",
    "kind": "check_missed", "since_ns": T - 600 * 10**9, "lots": ["R-7"], "reaction": "Dry it again.",
    "sentence": "Check moisture for lot R-7 was due: nobody did it. Do: Dry it again.",
    "sentence_zh": "检查 moisture，批次 R-7：至今无人执行。处理措施：Dry it again.", "plan": "press B",
}  # fmt: skip


def errand(person: Person, by: str) -> Errand:
    return Errand(7, T, "check_missed-moisture-0a", 2, person, by, 2, FACTS)


def mail_to(port: int, **options) -> Mail:
    return Mail("127.0.0.1", "lotwatch@example.com", port, options.pop("security", "none"), **options)


def signed_in(port: int, certificate: Certificate, password: str) -> Mail:
    return mail_to(
        port, security="starttls", ca_file=certificate.ca_file, username="lotwatch", password_from=password
    )


def test_a_mail_says_what_happened_and_what_to_do(secret):
    person = Person("quality", secret("quality", "ann@example.com\nbob@example.com\n"))
    with mail_server() as box:
        send(errand(person, MAIL), mail_to(box.port), "plant", "gw1")
    [mail] = box.mails
    assert mail["Subject"] == "[plant] alarm: moisture"
    assert mail["To"] == "ann@example.com, bob@example.com"
    assert mail["Message-ID"] == "<check_missed-moisture-0a.2.quality.7@plant.lotwatch>"
    assert mail["Date"] == "Fri, 15 Jan 2027 08:00:00 +0000"
    assert mail.get_content().replace("\r\n", "\n") == (
        "Check moisture for lot R-7 was due: nobody did it. Do: Dry it again.\n\n"
        "Step 2 of 3: nobody has acknowledged this alarm since 2027-01-15 07:50:00 UTC.\n\n"
        "Lots: R-7.\n\npress B\n\nAnswer it: lotwatch alarm ack check_missed-moisture-0a\n"
    )
    assert box.envelopes == [("lotwatch@example.com", ("ann@example.com", "bob@example.com"))]


def test_a_mail_in_chinese(secret):
    person = Person("quality", secret("quality", "ann@example.com"), language="zh")
    with mail_server() as box:
        send(errand(person, MAIL), mail_to(box.port), "plant", "gw1")
    assert box.mails[0]["Subject"] == "[plant] 报警：moisture"
    assert "第 2 步，共 3 步：自 2027-01-15 07:50:00 UTC 起无人确认此报警。" in box.mails[0].get_content()


def test_a_mail_over_starttls_with_a_password(secret, certificate):
    person = Person("quality", secret("quality", "ann@example.com"))
    with mail_server(certificate.server, "s3cret") as box:
        server = signed_in(box.port, certificate, secret("password", "s3cret\n"))
        send(errand(person, MAIL), server, "plant", "gw1")
    assert box.users == [("lotwatch", "s3cret")]
    assert box.secure == [True]


def test_a_server_whose_certificate_nobody_trusts_gets_nothing(secret, certificate):
    person = Person("quality", secret("quality", "ann@example.com"))
    with (
        mail_server(certificate.server) as box,
        pytest.raises(NotNow, match="TLS: CERTIFICATE_VERIFY_FAILED"),
    ):
        send(errand(person, MAIL), mail_to(box.port, security="starttls"), "plant", "gw1")
    assert box.mails == []


def test_a_server_without_starttls_gets_no_password(secret):
    person = Person("quality", secret("quality", "ann@example.com"))
    with mail_server() as box, pytest.raises(Never, match="STARTTLS"):
        send(errand(person, MAIL), mail_to(box.port, security="starttls"), "plant", "gw1")
    assert box.users == box.mails == []


def test_a_wrong_password_is_for_a_person_to_mend(secret, certificate):
    person = Person("quality", secret("quality", "ann@example.com"))
    password = secret("p", "no")
    with mail_server(certificate.server, "s3cret") as box, pytest.raises(Never, match="535"):
        send(errand(person, MAIL), signed_in(box.port, certificate, password), "plant", "gw1")


@pytest.mark.parametrize(
    ("replies", "kind", "says"),
    [
        ({"RCPT": ["450 4.2.0 greylisted"]}, NotNow, r"refuses the recipient \(450\)"),
        ({"RCPT": ["550 5.1.1 ann@example.com is unknown"]}, Never, r"refuses the recipient \(550\)"),
        ({"MAIL": ["451 4.3.0 later"]}, NotNow, "451 4.3.0 later"),
        ({"DATA": ["554 5.7.1 spam"]}, Never, "554 5.7.1 spam"),
        ({"MAIL": ["hang up"]}, NotNow, "Connection unexpectedly closed"),
        ({"EHLO": ["421 4.3.2 busy"], "HELO": ["421 4.3.2 busy"]}, NotNow, "421"),
    ],
)
def test_what_a_server_says_decides_whether_to_try_again(secret, replies, kind, says):
    person = Person("quality", secret("quality", "ann@example.com"))
    with mail_server() as box:
        box.replies.update(replies)
        with pytest.raises(kind, match=says) as caught:
            send(errand(person, MAIL), mail_to(box.port), "plant", "gw1")
    assert "ann@example.com" not in str(caught.value), "addresses stay outside of the journal"


def test_no_server_there(secret):
    person = Person("quality", secret("quality", "ann@example.com"))
    with pytest.raises(NotNow, match="refused"):
        send(errand(person, MAIL), mail_to(unused_port()), "plant", "gw1")


@pytest.mark.parametrize(
    ("place", "says"),
    [
        ("credential:not-given", "there is no credential not-given: systemd gave none"),
        ("file:/nowhere/quality", "quality: No such file"),
    ],
)
def test_no_address_there(place, says):
    with pytest.raises(Never, match=says):
        send(errand(Person("quality", place), MAIL), mail_to(1), "plant", "gw1")


def test_what_is_no_address_is_not_repeated(secret):
    with pytest.raises(Never, match="an e-mail address is not one") as caught:
        send(errand(Person("quality", secret("q", "Ann Example")), MAIL), mail_to(1), "plant", "gw1")
    assert "Ann" not in str(caught.value)


def test_a_webhook_gets_one_object_that_is_signed(secret):
    with serving(Answering()) as hook:
        person = Person("quality", webhook=f"{hook.url}/hook", key_from=secret("key", "k3y"))
        send(errand(person, WEBHOOK), None, "plant", "gw1")
    [asked] = hook.asked
    headers, body = asked.headers, asked.body
    assert (asked.method, asked.path) == ("POST", "/hook")
    assert headers["Content-Type"] == "application/json"
    assert headers["Idempotency-Key"] == "check_missed-moisture-0a.2.quality.7"
    assert headers["Lotwatch-Signature"] == "sha256=" + hmac.new(b"k3y", body, hashlib.sha256).hexdigest()
    said = json.loads(body)
    assert said["v"] == 1
    names = ("site", "gateway", "alarm", "step", "steps", "to", "severity", "time_ns")
    assert {name: said[name] for name in names} == {
        "site": "plant", "gateway": "gw1", "alarm": "check_missed-moisture-0a", "step": 2, "steps": 3, "to": "quality",
        "severity": 2, "time_ns": T,
    }  # fmt: skip
    assert said["sentence"] == FACTS["sentence"]


def test_a_url_with_a_secret_is_read_when_it_is_used(secret):
    with serving(Answering()) as hook:
        person = Person("quality", webhook_from=secret("url", f"{hook.url}/hook?key=abc\n"))
        send(errand(person, WEBHOOK), None, "plant", "gw1")
    assert hook.asked[0].path == "/hook?key=abc"
    assert "Lotwatch-Signature" not in hook.asked[0].headers


@pytest.mark.parametrize(
    ("status", "kind"), [(500, NotNow), (503, NotNow), (429, NotNow), (404, Never), (302, Never)]
)
def test_what_a_webhook_answers_decides_whether_to_try_again(status, kind):
    stage, says = Answering(lambda _: (status, b"", {})), f"the webhook answers {status}"
    with serving(stage) as hook, pytest.raises(kind, match=says):
        send(errand(Person("quality", webhook=f"{hook.url}/hook"), WEBHOOK), None, "plant", "gw1")


def test_a_webhook_that_is_no_url(secret):
    with pytest.raises(Never, match="not an http"):
        send(
            errand(Person("quality", webhook_from=secret("url", "ftp://x/y")), WEBHOOK), None, "plant", "gw1"
        )


def test_the_server_of_these_tests_is_one():
    """Python's own client takes it for a mail server: its answers are those of RFC 5321."""
    with mail_server() as box, smtplib.SMTP("127.0.0.1", box.port, timeout=30) as smtp:
        assert smtp.ehlo()[0] == 250
        assert smtp.noop()[0] == 250
        assert smtp.docmd("VRFY", "ann")[0] == 502


def unused_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
