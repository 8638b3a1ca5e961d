-- Schema 1.  Times are nanoseconds since 1970-01-01 UTC; a window is time_ns / 600e9, ten minutes.

CREATE TABLE meta (
    key   TEXT PRIMARY KEY,               -- site, gateway, epoch, created_ns, chunk_span
    value TEXT NOT NULL
) WITHOUT ROWID;

-- Inputs: readings packed in hot and sealed in chunks, all others one row each.

CREATE TABLE poll_groups (
    id   INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE             -- device/poll class
);

CREATE TABLE hot (
    first_seq INTEGER PRIMARY KEY,
    last_seq  INTEGER NOT NULL,           -- first_seq >> 12 = last_seq >> 12, so that a seq is found by range
    group_id  INTEGER NOT NULL,
    bin       INTEGER NOT NULL,           -- the window of all its rows
    count     INTEGER NOT NULL,
    points    INTEGER NOT NULL,
    t0        INTEGER NOT NULL,
    t1        INTEGER NOT NULL,           -- of the newest row, itself in
    pack      BLOB NOT NULL               -- gateway/journal/pack.py
);
CREATE INDEX hot_bin ON hot (bin, group_id);  -- a page or two more a commit, and queries by time need no scan

CREATE TABLE chunks (
    group_id  INTEGER NOT NULL,
    bin       INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    count     INTEGER NOT NULL,
    points    INTEGER NOT NULL,
    t0        INTEGER NOT NULL,
    t1        INTEGER NOT NULL,
    month     TEXT NOT NULL,              -- 2026-11: the file readings-2026-11.chunks
    start     INTEGER NOT NULL,           -- byte in the file
    length    INTEGER NOT NULL,
    PRIMARY KEY (group_id, bin, first_seq)
) WITHOUT ROWID;
CREATE INDEX chunks_seq ON chunks (last_seq);
CREATE INDEX chunks_month ON chunks (month);

CREATE TABLE inputs (
    seq         INTEGER PRIMARY KEY,
    kind        TEXT NOT NULL,            -- Scan, Entry, Tick, Setting
    time_ns     INTEGER NOT NULL,
    boottime_ns INTEGER NOT NULL,
    clock_id    INTEGER NOT NULL,
    body        TEXT NOT NULL,            -- JSON
    site        TEXT                      -- digest of the site that this Setting carries
);

CREATE TABLE sites (
    digest TEXT PRIMARY KEY,              -- sha256 of the JSON
    body   BLOB NOT NULL                  -- zstd of the JSON
) WITHOUT ROWID;

CREATE TABLE configs (
    seq    INTEGER PRIMARY KEY,           -- in force from this input on
    hash   TEXT NOT NULL,                 -- as the config room names it
    digest TEXT NOT NULL
);

CREATE TABLE clock_rows (
    clock_id     INTEGER PRIMARY KEY,
    boot_id      TEXT NOT NULL,
    boottime_ns  INTEGER NOT NULL,
    offset_ns    INTEGER NOT NULL,
    synchronised INTEGER NOT NULL
);

-- Events, whole, and the indices that are made of them.

CREATE TABLE events (
    seq     INTEGER PRIMARY KEY,
    cause   INTEGER NOT NULL,
    time_ns INTEGER NOT NULL,
    kind    TEXT NOT NULL,                -- Signal, AlarmChanged, LotChanged, or the kind of a Noted
    body    TEXT NOT NULL                 -- JSON
);
CREATE INDEX events_time ON events (time_ns);

CREATE TABLE lot_changes (
    lot     TEXT NOT NULL,
    seq     INTEGER NOT NULL,             -- of the event
    time_ns INTEGER NOT NULL,
    change  TEXT NOT NULL,
    cell    TEXT NOT NULL,
    role    TEXT NOT NULL,
    PRIMARY KEY (lot, seq)
) WITHOUT ROWID;

CREATE TABLE lot_parents (
    parent TEXT NOT NULL,
    lot    TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (parent, lot, seq)
) WITHOUT ROWID;

CREATE TABLE alarms (                     -- the newest version of each
    alarm   TEXT PRIMARY KEY,
    version INTEGER NOT NULL,
    state   TEXT NOT NULL,
    seq     INTEGER NOT NULL
) WITHOUT ROWID;

-- State, which is only a cache, and what others have.

CREATE TABLE snapshots (
    seq         INTEGER PRIMARY KEY,      -- state after this input
    config_hash TEXT NOT NULL,
    body        BLOB NOT NULL             -- zstd
);

CREATE TABLE cursors (
    name  TEXT PRIMARY KEY,
    input INTEGER NOT NULL,
    event INTEGER NOT NULL
) WITHOUT ROWID;

CREATE TABLE stored (                     -- of a replica: which numbers it has
    stream TEXT NOT NULL,
    first  INTEGER NOT NULL,
    last   INTEGER NOT NULL,
    PRIMARY KEY (stream, first)
) WITHOUT ROWID;

CREATE TABLE gaps (                       -- readings that retention removed
    month      TEXT NOT NULL,
    first_seq  INTEGER NOT NULL,
    last_seq   INTEGER NOT NULL,
    t0         INTEGER NOT NULL,
    t1         INTEGER NOT NULL,
    readings   INTEGER NOT NULL,
    reason     TEXT NOT NULL,
    removed_ns INTEGER NOT NULL,
    PRIMARY KEY (month, first_seq)
) WITHOUT ROWID;
