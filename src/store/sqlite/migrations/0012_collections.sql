-- STIX objects made of articles and incidents, for TAXII. Times are microseconds since 1970 UTC. 'kind' numbers the STIX
-- type (see store/collections.rs); 'newest' is the latest version and 'digest' tells whether its content has changed.
CREATE TABLE stix_objects (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stix_id TEXT NOT NULL UNIQUE,
    kind INTEGER NOT NULL,
    created INTEGER NOT NULL,
    modified INTEGER NOT NULL,
    revoked INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    newest INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE stix_versions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    object_id INTEGER NOT NULL REFERENCES stix_objects (id),
    version INTEGER NOT NULL,
    body TEXT NOT NULL
) STRICT;
CREATE INDEX stix_versions_of_object ON stix_versions (object_id);

-- What an article's bundle holds. Outlives the article until its objects are withdrawn.
CREATE TABLE stix_of_article (
    article_id INTEGER NOT NULL,
    object_id INTEGER NOT NULL REFERENCES stix_objects (id),
    PRIMARY KEY (article_id, object_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX stix_of_article_by_object ON stix_of_article (object_id, article_id);

CREATE TABLE stix_of_incident (
    incident_id INTEGER PRIMARY KEY,
    object_id INTEGER NOT NULL REFERENCES stix_objects (id)
) STRICT;

-- A saved search, or one of the two that are always there. 'only_kind': objects of other types are left out.
-- 'filled_to': how far the articles that were there before it have been looked through; NULL when all have.
CREATE TABLE collections (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    uuid BLOB NOT NULL UNIQUE,
    query TEXT NOT NULL,
    view TEXT NOT NULL,
    only_kind INTEGER,
    filled_to INTEGER
) STRICT;

-- What collections hold, in the order in which it came: 'added' is never given twice. 'first' and 'last' mark the first
-- and the latest version of an object in its collection.
CREATE TABLE collected (
    collection_id INTEGER NOT NULL REFERENCES collections (id),
    added INTEGER NOT NULL,
    object_id INTEGER NOT NULL,
    version_id INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    PRIMARY KEY (collection_id, added)
) STRICT, WITHOUT ROWID;
CREATE INDEX collected_by_object ON collected (object_id, collection_id);
CREATE INDEX collected_by_kind ON collected (collection_id, kind, added);

-- One row: the last change applied, and the last time given to an object.
CREATE TABLE collecting (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    sequence INTEGER NOT NULL,
    last_added INTEGER NOT NULL
) STRICT;
INSERT INTO collecting (id, sequence, last_added) VALUES (1, 0, 0);

-- Incidents whose articles changed and whose grouping is still to be written.
CREATE TABLE stix_waiting (
    incident_id INTEGER PRIMARY KEY
) STRICT;
