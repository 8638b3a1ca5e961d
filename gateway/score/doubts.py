"""What makes a balance less sure than its sigma says, in English and Simplified Chinese. Pure."""

from __future__ import annotations

from typing import NamedTuple

_FORMS = {
    "uncounted": {"en": "nobody counted {about}", "zh": "{about} 没有盘点"},
    "partly": {"en": "the week was not read from beginning to end", "zh": "本周并非从头到尾都有读数"},
    "bags": {"en": "{n} bags without a weight", "zh": "{n} 袋料没有重量"},
    "unread": {"en": "{about} was not read", "zh": "{about} 没有读数"},
    "cleared": {"en": "{about} was cleared {n} times", "zh": "{about} 被清零 {n} 次"},
    "unseen": {
        "en": "{about} {n} of {of} cycles were not seen",
        "zh": "{about} 有 {n} 个循环未读到（共 {of} 个）",
    },
    "unknown": {"en": "{about} grew {n} times by what nobody knows", "zh": "{about} 有 {n} 次增量不明"},
}


class Doubt(NamedTuple):
    """One of them, about a vessel or meter."""

    kind: str
    about: str = ""
    n: int = 0
    of: int = 0

    def words(self, lang: str = "en") -> str:
        """Raises KeyError: language.

        >>> Doubt("cleared", "silo", 2).words(), Doubt("uncounted", "silo").words("zh")
        ('silo was cleared 2 times', 'silo 没有盘点')
        """
        return _FORMS[self.kind][lang].format(about=self.about, n=self.n, of=self.of)
