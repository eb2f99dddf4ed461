-- secret: signs the messages of a webhook, so it is kept as it is. unsubscribe: the last part of the address that
-- ends the mails. pace is JSON.
CREATE TABLE alerts (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    search_id BLOB NOT NULL REFERENCES saved_searches (id),
    owner_id INTEGER REFERENCES users (id),
    made_by TEXT NOT NULL,
    channel TEXT NOT NULL,
    target TEXT NOT NULL,
    secret TEXT NOT NULL,
    unsubscribe TEXT NOT NULL UNIQUE,
    pace TEXT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    created INTEGER NOT NULL
) STRICT;
CREATE INDEX alerts_of_search ON alerts (search_id);

-- One row: up to where the change log has been looked at.
CREATE TABLE alert_place (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL
) STRICT;
INSERT INTO alert_place (id, sequence) SELECT 1, COALESCE(MAX(sequence), 0) FROM changes;

-- What each alert has told of an incident or article. facts is a JSON list of names.
CREATE TABLE alert_told (
    alert_id INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    subject TEXT NOT NULL,
    facts TEXT NOT NULL,
    PRIMARY KEY (alert_id, subject)
) STRICT, WITHOUT ROWID;

-- events is JSON. A message keeps its key, however often it is sent.
CREATE TABLE alert_outbox (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    alert_id INTEGER NOT NULL REFERENCES alerts (id) ON DELETE CASCADE,
    key BLOB NOT NULL UNIQUE,
    state TEXT NOT NULL DEFAULT 'waiting',
    created INTEGER NOT NULL,
    due INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    sent INTEGER,
    events TEXT NOT NULL
) STRICT;
CREATE INDEX alert_outbox_due ON alert_outbox (due) WHERE state = 'waiting';
CREATE INDEX alert_outbox_of_alert ON alert_outbox (alert_id, id);
