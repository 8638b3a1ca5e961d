-- Schema 8: acts that came signed from a replica, by their id: each is taken once.

CREATE INDEX inputs_act ON inputs (json_extract(body, '$.body.act'))
    WHERE kind = 'Entry' AND json_extract(body, '$.body.act') IS NOT NULL;
