-- 'state' is what the grouping remembers of an incident, 'told' the incident as pages show it (JSON). 'owed' is what
-- the desk owes it: 0 nothing, 1 to be told again, 2 to be rebuilt from its coverage and told again.
-- An incident that was merged into another keeps its row, so that its address leads on.
CREATE TABLE incidents (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    merged_into INTEGER REFERENCES incidents (id),
    edition INTEGER NOT NULL,
    owed INTEGER NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    articles INTEGER NOT NULL,
    state BLOB NOT NULL,
    told TEXT
) STRICT;
CREATE INDEX incidents_latest ON incidents (last_seen, id) WHERE articles > 0;
CREATE INDEX incidents_owed ON incidents (last_seen, id) WHERE owed > 0;

-- Which articles tell of an incident. 'by_hand' is a moderator's word: it is not moved again by itself.
CREATE TABLE coverage (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    incident_id INTEGER NOT NULL REFERENCES incidents (id),
    published INTEGER NOT NULL,
    by_hand INTEGER NOT NULL,
    reasons TEXT NOT NULL
) STRICT;
CREATE INDEX coverage_of_incident ON coverage (incident_id, published, article_id);

-- Under which keys an incident is looked up when an article arrives; 'seen' is the newest article that gave the key.
CREATE TABLE incident_keys (
    incident_id INTEGER NOT NULL REFERENCES incidents (id),
    key INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (incident_id, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX incident_keys_latest ON incident_keys (key, seen, incident_id);

-- What moderators decided, newest last; 'articles' are those that were moved.
CREATE TABLE incident_decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    made INTEGER NOT NULL,
    who TEXT NOT NULL,
    action TEXT NOT NULL,
    incident_id INTEGER NOT NULL REFERENCES incidents (id),
    other_id INTEGER NOT NULL REFERENCES incidents (id),
    articles TEXT NOT NULL
) STRICT;
CREATE INDEX incident_decisions_of ON incident_decisions (incident_id);
CREATE INDEX incident_decisions_of_other ON incident_decisions (other_id);
