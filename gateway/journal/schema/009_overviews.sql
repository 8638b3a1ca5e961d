-- Schema 9.  What is left of readings that the quota thinned: per chunk, of each value how many, least, greatest, sum.

CREATE TABLE overviews (
    group_id  INTEGER NOT NULL,
    t0        INTEGER NOT NULL,
    first_seq INTEGER NOT NULL,
    last_seq  INTEGER NOT NULL,
    t1        INTEGER NOT NULL,           -- of the newest row, itself in
    count     INTEGER NOT NULL,
    summaries TEXT NOT NULL,              -- JSON, as the chunk's header had them (gateway/journal/chunk.py)
    PRIMARY KEY (group_id, t0, first_seq)
) WITHOUT ROWID;
