-- Schema 3: the ledger, a Merkle tree over committed blocks (docs/explanation/proof.md).

CREATE TABLE leaves (                     -- gateway/proof/leaf.py: the leaf's hash comes from its row
    n      INTEGER PRIMARY KEY,           -- 0: where the ledger begins
    input  INTEGER NOT NULL,              -- last seq of the block
    inputs INTEGER NOT NULL,              -- how many up to it
    event  INTEGER NOT NULL,
    events INTEGER NOT NULL,
    trees  INTEGER NOT NULL,              -- which roots there are: 1 readings, 2 other inputs, 4 events
    roots  BLOB NOT NULL                  -- those, one after another
);

CREATE TABLE nodes (                      -- gateway/proof/tiles.py: complete nodes at heights 5, 10, ...
    level INTEGER NOT NULL,               -- height / 5
    n     INTEGER NOT NULL,
    hash  BLOB NOT NULL,
    PRIMARY KEY (level, n)
) WITHOUT ROWID;

CREATE TABLE heads (                      -- of a journal those it signed, of a replica those it witnessed
    size    INTEGER PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    note    TEXT NOT NULL                 -- the checkpoint
);

CREATE TABLE witness_alarms (             -- of a replica: what did not fit
    id      INTEGER PRIMARY KEY,
    time_ns INTEGER NOT NULL,
    kind    TEXT NOT NULL,
    detail  TEXT NOT NULL,
    note    TEXT NOT NULL                 -- the checkpoint that said so, or ""
);
