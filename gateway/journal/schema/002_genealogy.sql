-- Schema 2.  Genealogy by mass: indices over the LotMade events, which hold inputs and compositions whole.
-- A row belongs to one version of a lot and is never changed: the newest is the greatest (version, seq), so the order
-- in which a replica gets them does not matter.  gateway/journal/rebuild.py makes them again.

CREATE TABLE made (
    lot     TEXT NOT NULL,
    version INTEGER NOT NULL,
    seq     INTEGER NOT NULL,             -- of the event
    cause   INTEGER NOT NULL,             -- seq of the input that it came of; 0: imported
    kind    TEXT NOT NULL,                -- material, charge, content, blend, regrind, batch, box, pallet, shipment
    cell    TEXT NOT NULL,
    time_ns INTEGER NOT NULL,
    kg      REAL NOT NULL,
    PRIMARY KEY (lot, version, seq)
) WITHOUT ROWID;

CREATE TABLE made_of (                    -- edges the other way round: what was made of a lot
    parent TEXT NOT NULL,
    lot    TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (parent, lot, seq)
) WITHOUT ROWID;

CREATE TABLE holders (                    -- lots of some kinds, by source lots that are at least 0.1 % of them
    source TEXT NOT NULL,                 -- "": the lot's rest is that much, so it may hold what nobody kept apart
    kind   TEXT NOT NULL,
    seq    INTEGER NOT NULL,
    lot    TEXT NOT NULL,
    low    REAL NOT NULL,                 -- least of the rows of its composition
    high   REAL NOT NULL,                 -- most of them, with the rest
    PRIMARY KEY (source, kind, seq)
) WITHOUT ROWID;
