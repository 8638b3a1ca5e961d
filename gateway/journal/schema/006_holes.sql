-- Schema 6: of a replica, the holes that were seen in its streams, and those that somebody has given up.

CREATE TABLE holes (
    id        INTEGER PRIMARY KEY,
    stream    TEXT NOT NULL,
    first     INTEGER NOT NULL,           -- as it was seen; `stored` says what of it is still missing
    last      INTEGER NOT NULL,
    seen_ns   INTEGER NOT NULL,
    asked     INTEGER NOT NULL,           -- how often the gateway was asked for it
    asked_ns  INTEGER,                    -- last
    gone      TEXT NOT NULL,              -- why the gateway's journal does not have it: removed, beyond; ""
    gone_ns   INTEGER,                    -- when it said so
    closed_ns INTEGER                     -- since then nothing of it is missing that is not known lost
);
CREATE INDEX holes_open ON holes (stream, first) WHERE closed_ns IS NULL;

CREATE TABLE known_lost (                 -- by an operator's decision: the watermark goes past these
    id       INTEGER PRIMARY KEY,
    stream   TEXT NOT NULL,
    first    INTEGER NOT NULL,
    last     INTEGER NOT NULL,
    operator TEXT NOT NULL,
    reason   TEXT NOT NULL,
    time_ns  INTEGER NOT NULL
);
