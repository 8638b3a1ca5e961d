-- Schema 4.  What was decided about a lot, by the lot: few events, looked for whenever somebody asks for a lot's.

CREATE INDEX events_decided ON events (json_extract(body, '$.subject'))
    WHERE kind IN ('lot_held', 'lot_released', 'lot_suspect', 'lot_result');
