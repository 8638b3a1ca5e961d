"""E-mail over SMTP and webhooks over HTTP, each in one blocking call; run in a thread.

Raises `NotNow` where trying again may help, `Never` where it will not. Neither names an address: it is somebody's.
"""

from __future__ import annotations

import http.client
import re
import smtplib
import ssl
from pathlib import Path
from urllib.parse import urlsplit

from gateway.site import Mail
from gateway.tell.errands import MAIL, Errand
from gateway.tell.words import SIGNATURE, body, mail, signature
from gateway.trust.secret import read_secret

TIMEOUT_S = 15.0
_AGAIN = frozenset({408, 425, 429})  # RFC 9110, RFC 8470, RFC 6585: ask later
_PERMANENT = 500


class NotNow(Exception):  # named after what to do
    """It did not work; try again later."""


class Never(Exception):
    """It will not work until somebody mends the config, a secret or the receiver."""


def send(errand: Errand, server: Mail | None, site: str, gateway: str) -> None:
    """Tell somebody. Blocks for as long as the receiver takes, a minute at most."""
    try:
        if errand.by == MAIL:
            if server is None:
                raise Never("the site has no mail server")
            _mail(errand, server, site)
        else:
            _post(errand, site, gateway)
    except (NotNow, Never):
        raise
    except ssl.SSLError as error:
        raise NotNow(f"TLS: {error.reason or 'failed'}") from error
    except OSError as error:
        raise NotNow(_why(error)) from error


def _mail(errand: Errand, server: Mail, site: str) -> None:
    try:
        to = re.split(r"[\s,;]+", read_secret(errand.person.mail_from).strip())
        password = read_secret(server.password_from)
        message = mail(errand, site, server.sender, [each for each in to if each])
    except (ValueError, OSError) as error:
        raise Never(_why(error)) from error
    try:
        with _connected(server) as smtp:
            if server.username:
                smtp.login(server.username, password)
            smtp.send_message(message)
    except smtplib.SMTPRecipientsRefused as error:
        codes = sorted({code for code, _ in error.recipients.values()})
        raise (Never if codes[0] >= _PERMANENT else NotNow)(
            f"the server refuses the recipient ({codes[0]})"
        ) from error
    except smtplib.SMTPResponseException as error:
        text = (
            error.smtp_error.decode("utf-8", "replace")
            if isinstance(error.smtp_error, bytes)
            else error.smtp_error
        )
        kind = Never if error.smtp_code >= _PERMANENT else NotNow
        raise kind(f"the server says {error.smtp_code} {_one_line(text)}") from error
    except smtplib.SMTPNotSupportedError as error:
        raise Never(f"the server cannot: {_one_line(str(error))}") from error
    except smtplib.SMTPException as error:
        raise NotNow(_one_line(str(error)) or type(error).__name__) from error


def _connected(server: Mail) -> smtplib.SMTP:
    context = None
    if server.security != "none":
        try:
            context = ssl.create_default_context(cafile=server.ca_file or None)
        except OSError as error:
            raise Never(f"ca_file: {_why(error)}") from error
    if server.security == "tls":
        return smtplib.SMTP_SSL(server.host, server.port, timeout=TIMEOUT_S, context=context)
    smtp = smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S)
    if context is not None:
        try:
            smtp.starttls(context=context)
        except BaseException:
            smtp.close()
            raise
    return smtp


def _post(errand: Errand, site: str, gateway: str) -> None:
    try:
        url = urlsplit(errand.person.webhook or read_secret(errand.person.webhook_from))
        key = read_secret(errand.person.key_from)
        port = url.port
    except (ValueError, OSError) as error:
        raise Never(_why(error)) from error
    if url.scheme not in ("http", "https") or not url.hostname:
        raise Never("the webhook is not an http:// or https:// URL")
    payload = body(errand, site, gateway)
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "lotwatch",
        "Idempotency-Key": errand.id,
        **({SIGNATURE: signature(key, payload)} if key else {}),
    }
    secure = url.scheme == "https"
    made = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = made(url.hostname, port, timeout=TIMEOUT_S)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        connection.request("POST", path, payload, headers)
        status = connection.getresponse().status
    except http.client.HTTPException as error:
        raise NotNow(f"no HTTP: {type(error).__name__}") from error
    except UnicodeError as error:
        raise Never("the webhook is not a URL") from error
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise (NotNow if status >= _PERMANENT or status in _AGAIN else Never)(f"the webhook answers {status}")


def _why(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        place = Path(str(error.filename)).name if error.filename else ""
        return _one_line(f"{place}: {error.strerror}" if place else str(error.strerror or error))
    return _one_line(str(error))


def _one_line(text: str) -> str:
    return " ".join(text.split())[:200]
