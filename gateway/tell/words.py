"""What whoever is told gets to read: an e-mail, or an object for a program. Pure."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import orjson

from gateway.model import Plain
from gateway.sentences.words import moment, named
from gateway.tell.errands import Errand

SIGNATURE = "Lotwatch-Signature"
_SEVERITY = {"en": ("information", "warning", "alarm"), "zh": ("信息", "警告", "报警")}
_SUBJECT = {"en": "[{site}] {severity}: {about}", "zh": "[{site}] {severity}：{about}"}
_BODY = {
    "en": "Step {step} of {steps}: nobody has acknowledged this alarm since {since} UTC.",
    "zh": "第 {step} 步，共 {steps} 步：自 {since} UTC 起无人确认此报警。",
}
_LOTS = {"en": "Lots: {lots}.", "zh": "涉及批次：{lots}。"}
_MORE = {"en": " and {} more", "zh": "等另外 {} 批"}
_ACT = {"en": "Answer it: lotwatch alarm ack {alarm}", "zh": "确认：lotwatch alarm ack {alarm}"}
_LONGEST = 120
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def mail(errand: Errand, site: str, sender: str, to: list[str]) -> EmailMessage:
    """An e-mail in the person's language. Raises ValueError where an address is none."""
    lang, facts = errand.person.language, errand.facts
    about = str(facts.get("about", ""))
    message = EmailMessage()
    severity = _SEVERITY[lang][errand.severity]
    message["Subject"] = _SUBJECT[lang].format(site=site, severity=severity, about=about)[:_LONGEST]
    message["From"] = _address(sender)
    message["To"] = [_address(each) for each in to]
    message["Date"] = format_datetime(_EPOCH + timedelta(microseconds=errand.time_ns // 1000))
    message["Message-ID"] = f"<{errand.id}@{site}.lotwatch>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday note answers it
    message.set_content("\n\n".join(_lines(errand, lang)) + "\n")
    return message


def _lines(errand: Errand, lang: str) -> list[str]:
    facts = errand.facts
    lots, since = facts.get("lots"), facts.get("since_ns")
    said = facts.get("sentence_zh" if lang == "zh" else "sentence") or facts.get("reaction") or errand.alarm
    step = _BODY[lang].format(
        step=errand.step, steps=facts.get("steps"), since=moment(since) if isinstance(since, int) else "?"
    )
    lines = [str(said), step]
    if isinstance(lots, list) and lots:
        lines.append(_LOTS[lang].format(lots=named(tuple(map(str, lots)), ", ", _MORE[lang])))
    if plan := facts.get("plan"):
        lines.append(str(plan))
    return [*lines, _ACT[lang].format(alarm=errand.alarm)]


def _address(text: str) -> Address:
    """Raises ValueError, that does not repeat the address: it is somebody's."""
    try:
        return Address(addr_spec=text)
    except Exception as error:  # the parser has many errors, and all of them quote what it parsed
        raise ValueError("an e-mail address is not one") from error


def body(errand: Errand, site: str, gateway: str) -> bytes:
    """What a webhook gets, as JSON."""
    facts = {
        name: fact for name, fact in errand.facts.items() if name not in ("to", "waiting", "alarm", "step")
    }
    plain: dict[str, Plain] = {
        "v": 1, "id": errand.id, "site": site, "gateway": gateway, "alarm": errand.alarm, "step": errand.step,
        "to": errand.person.name, "severity": errand.severity, "time_ns": errand.time_ns, **facts,
    }  # fmt: skip
    return orjson.dumps(plain)


def signature(key: str, payload: bytes) -> str:
    """HMAC-SHA256 of the body (RFC 2104), as ``sha256=`` and hex."""
    return "sha256=" + hmac.new(key.encode(), payload, hashlib.sha256).hexdigest()
