-- Schema 2.  Genealogy by mass.

-- A composition is taken out of its event and kept once: a box has that of its batch.

CREATE TABLE compositions (
    digest BLOB PRIMARY KEY,              -- BLAKE2b of the body, 16 bytes
    body   BLOB NOT NULL                  -- gateway/journal/composed.py
);
ALTER TABLE events ADD COLUMN composition BLOB;  -- digest; NULL: the event has none, or has it in its body

CREATE VIEW told AS                       -- events, whole
    SELECT seq, cause, time_ns, kind, events.body AS body, compositions.body AS composition
    FROM events LEFT JOIN compositions ON compositions.digest = events.composition;

-- Indices over the LotMade events.  A row belongs to one version of a lot and is never changed: the newest version is
-- the one of the greatest (version, seq), so the order in which a replica gets them does not matter.
-- gateway/journal/rebuild.py makes them again.

CREATE TABLE made (
    lot     TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq     INTEGER NOT NULL,             -- of the event
    cause   INTEGER NOT NULL,             -- seq of the input that it came of; 0: imported
    kind    TEXT NOT NULL,                -- material, charge, content, blend, regrind, batch, box, pallet, shipment
    time_ns INTEGER NOT NULL,
    PRIMARY KEY (lot, version, seq)
) WITHOUT ROWID;
CREATE INDEX made_amended ON made (lot) WHERE version > 1;

CREATE TABLE made_of (                    -- edges the other way round: what was made of a lot
    parent TEXT NOT NULL,
    lot    TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (parent, lot, seq)
) WITHOUT ROWID;

CREATE TABLE held_lately (                -- lots of some kinds that are not among the holders yet
    kind TEXT NOT NULL,
    seq  INTEGER NOT NULL,
    PRIMARY KEY (kind, seq)
) WITHOUT ROWID;

CREATE TABLE holders (                    -- by source the lots of some kinds that are 0.1 % of it or more, some at once
    source TEXT NOT NULL,                 -- "": their rest is that much, so they may hold what nobody kept apart
    kind   TEXT NOT NULL,
    block  INTEGER NOT NULL,              -- the least seq among the lots that went in together
    body   TEXT NOT NULL,                 -- JSON: their seqs, lots, least and most shares
    PRIMARY KEY (source, kind, block)
) WITHOUT ROWID;
