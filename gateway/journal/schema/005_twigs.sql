-- Schema 5: of blocks with many events the hash of each, so that one is proven without reading the others.

CREATE TABLE twigs (
    n      INTEGER PRIMARY KEY,           -- leaf
    events BLOB NOT NULL                  -- 32 bytes each, in order; they give the leaf's root, or are of no use
);
