"""Who may change the config from far away: keys that are some, each once."""

from __future__ import annotations

from gateway.config.draft import Draft
from gateway.config.problems import Path
from gateway.proof.note import NoKey, PublicKey
from gateway.site import Remote

LEAST_NS, MOST_NS = 5_000_000_000, 86_400_000_000_000


def build_remote(draft: Draft) -> Remote | None:
    """None where nobody may."""
    row = draft.model.remote
    if row is None:
        return None
    keys: dict[str, str] = {}
    for at, each in enumerate(row.keys):
        here: Path = ("remote", "keys", at)
        try:
            line = PublicKey.of_line(each.key).line()
        except NoKey as error:
            draft.say((*here, "key"), str(error))
            continue
        if each.name in keys or line in keys.values():
            draft.say(here, f"{each.name} or its key is here twice")
        keys[each.name] = line
    if not LEAST_NS <= row.probation <= MOST_NS:
        draft.say(("remote", "probation"), "must be from 5s to 24h")
    if draft.model.broker is None:
        draft.say(("remote",), "bundles come over MQTT: give broker too")
    return Remote(tuple(keys.items()), row.probation)
