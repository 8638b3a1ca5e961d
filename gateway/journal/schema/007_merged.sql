-- Schema 7.  Chunks of ten minutes are merged into larger ones.

ALTER TABLE chunks ADD COLUMN bins INTEGER NOT NULL DEFAULT 1;  -- windows from bin on, in which its rows are

-- `month` may name the file of a day, such as 2026-11-22-4711 (gateway/journal/chunkfile.py).
