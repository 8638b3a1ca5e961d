"""Users of the file to users of the site: each with a key that is one, and is theirs."""

from __future__ import annotations

from pathlib import Path as FilePath

from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.config.userrows import UserRow
from gateway.proof.note import NoKey, PublicKey
from gateway.site import User

KEY_BYTES_MOST = 1_000


def build_users(draft: Draft, folder: FilePath) -> tuple[User, ...]:
    """Everybody who may act at a replica. Reads key files."""
    users: list[User] = []
    for at, row in enumerate(draft.model.users):
        here: Path = ("users", at)
        if any(row.operator == other.operator for other in draft.model.users[:at]):
            draft.say((*here, "operator"), f'operator "{row.operator}" is here twice')
        key = _key(draft, here, row, folder)
        if key is not None:
            users.append(User(row.operator, key.line(), tuple(dict.fromkeys(row.may))))
    return tuple(users)


def _key(draft: Draft, here: Path, row: UserRow, folder: FilePath) -> PublicKey | None:
    if (row.key is None) == (row.key_file is None):
        draft.say((*here, "operator"), "give key or key_file, and not both")
        return None
    where, text = "key", row.key or ""
    if row.key_file is not None:
        where = "key_file"
        try:
            with (folder / row.key_file).open("rb") as file:
                text = file.read(KEY_BYTES_MOST).decode("utf-8", "replace")
        except (OSError, ValueError) as error:
            draft.say((*here, where), f"{row.key_file}: {getattr(error, 'strerror', None) or error}")
            return None
    try:
        key = PublicKey.of_line(text)
    except NoKey as error:
        draft.say((*here, where), str(error))
        return None
    from gateway.acts import key_name  # noqa: PLC0415 # numpy, only where there are users

    wanted = key_name(row.operator)
    if key.name != wanted:
        draft.say((*here, where), f'the key is called "{key.name}", and that of this operator "{wanted}"')
        return None
    return key
