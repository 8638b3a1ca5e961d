-- Schema 10.  Events about a lot by that lot, and events by their kind, where they are rare.

CREATE TABLE named (                      -- gateway/journal/naming.py: signals, alarms, and what was noted of a lot
    lot TEXT NOT NULL,
    seq INTEGER NOT NULL,                 -- of the event
    PRIMARY KEY (lot, seq)
) WITHOUT ROWID;

CREATE INDEX events_kind ON events (kind, time_ns) WHERE kind NOT IN ('LotMade', 'LotChanged');

-- A body that somebody has damaged names nothing; `verify` finds it.

INSERT OR IGNORE INTO named
    SELECT value, seq FROM events, json_each(CASE WHEN json_valid(body) THEN body ELSE '{}' END, '$.lots')
    WHERE kind IN ('Signal', 'AlarmChanged') AND kind NOT IN ('LotMade', 'LotChanged') AND type = 'text';
INSERT OR IGNORE INTO named
    SELECT lot, seq FROM (
        SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.facts.lot') END AS lot, seq FROM events
        WHERE kind = 'check_done' AND kind NOT IN ('LotMade', 'LotChanged')
    ) WHERE typeof(lot) = 'text';
INSERT OR IGNORE INTO named
    SELECT lot, seq FROM (
        SELECT CASE WHEN json_valid(body) THEN json_extract(body, '$.subject') END AS lot, seq FROM events
        WHERE kind IN ('lot_held', 'lot_released', 'lot_suspect', 'lot_result', 'lot_recounted', 'lot_disposition',
                       'counted', 'weight_differs', 'label_printed', 'label_refused')
          AND kind NOT IN ('LotMade', 'LotChanged')
    ) WHERE typeof(lot) = 'text';

CREATE INDEX events_code ON events (json_extract(body, '$.code')) WHERE kind = 'LotChanged' AND json_valid(body);
