"""Passwords by Argon2id, in a process of their own: its 19 MiB and OpenSSL stay out of the daemon.

``python -m gateway.people.passwords`` reads ``{"password", "hash"}`` on stdin and says ``{"fits"}``; where `hash` is
empty, it says the ``{"hash"}`` of a new one. Parameters are those of the OWASP cheat sheet for password storage: 19
MiB, 2 passes, 1 lane.
"""

from __future__ import annotations

import asyncio
import os
import sys

import orjson

LEAST, MOST = 12, 256  # characters
_MEMORY_KIB, _PASSES, _LANES = 19_456, 2, 1
_COMMAND = (sys.executable, "-m", "gateway.people.passwords")


class BadPassword(ValueError):
    """No password that can be taken; says why."""


def acceptable(password: str, *names: str) -> None:
    """Raises BadPassword for one that is too short, too long, or just a name.

    >>> acceptable("correct horse battery")
    """
    if not LEAST <= len(password) <= MOST:
        raise BadPassword(f"a password has {LEAST} to {MOST} characters, this one {len(password)}")
    if len(set(password)) < 5 or password.casefold() in {name.casefold() for name in names}:
        raise BadPassword("a password is more than a name or a few characters again and again")


async def hashed(password: str) -> str:
    """Its hash as a PHC string. Raises BadPassword, OSError."""
    acceptable(password)
    return str((await _asked(password, ""))["hash"])


async def fits(password: str, stored: str) -> bool:
    """Whether it is the password of that hash. Takes as long where there is no such account (`stored` is "")."""
    return bool((await _asked(password[: 4 * MOST], stored or _NOBODYS))["fits"])


async def _asked(password: str, stored: str) -> dict[str, object]:
    process = await asyncio.create_subprocess_exec(
        *_COMMAND, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    out, _ = await process.communicate(orjson.dumps({"password": password, "hash": stored}))
    if process.returncode or not out:
        raise OSError(f"passwords cannot be checked: the process for it ended with {process.returncode}")
    answer: dict[str, object] = orjson.loads(out)
    return answer


_NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5bm8$a2pSN2VvYnM3Zm9vYmFyYmF6cXV4cXV1eDEyMzQ1Njc"
"""A hash that nothing fits."""


def answer(asked: dict[str, str]) -> dict[str, object]:
    """What the process says."""
    from cryptography.exceptions import InvalidKey  # noqa: PLC0415 # the daemon never loads it
    from cryptography.hazmat.primitives.kdf.argon2 import Argon2id  # noqa: PLC0415

    password = asked["password"].encode("utf-8", "surrogatepass")
    if asked["hash"]:
        try:
            Argon2id.verify_phc_encoded(password, asked["hash"])
        except (InvalidKey, ValueError):  # the second: a hash that is none fits nothing
            return {"fits": False}
        return {"fits": True}
    made = Argon2id(salt=os.urandom(16), length=32, iterations=_PASSES, lanes=_LANES, memory_cost=_MEMORY_KIB)
    return {"hash": made.derive_phc_encoded(password)}


if __name__ == "__main__":
    sys.stdout.buffer.write(orjson.dumps(answer(orjson.loads(sys.stdin.buffer.read()))))
