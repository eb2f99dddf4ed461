-- What was recognised in each article. A row is there from the article's first moment; edition 0 says that its
-- text has not been read yet. An article waits for the desk while its edition is behind the newest.
CREATE TABLE enrichments (
    article_id INTEGER PRIMARY KEY REFERENCES articles (id) ON DELETE CASCADE,
    edition INTEGER NOT NULL DEFAULT 0,
    published INTEGER NOT NULL,
    duplicate_of INTEGER REFERENCES articles (id) ON DELETE SET NULL,
    fingerprint INTEGER,
    signature BLOB,
    enrichment TEXT
) STRICT;
CREATE INDEX enrichments_waiting ON enrichments (edition, published, article_id);
CREATE INDEX enrichments_by_text ON enrichments (fingerprint) WHERE fingerprint IS NOT NULL;
CREATE INDEX enrichments_copies ON enrichments (duplicate_of) WHERE duplicate_of IS NOT NULL;
INSERT INTO enrichments (article_id, published) SELECT id, published FROM articles;

-- One row. 'edition' goes up whenever all articles are to be read again, 'turn' with every change to incidents.
CREATE TABLE desk (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    recognisers TEXT NOT NULL,
    edition INTEGER NOT NULL,
    turn INTEGER NOT NULL
) STRICT;
INSERT INTO desk (id, recognisers, edition, turn) VALUES (1, '', 1, 0);

-- Everything with a page of its own: entities, and attacks under the kind 'attack'.
CREATE TABLE subjects (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    outside_id TEXT,
    known_exploited INTEGER NOT NULL DEFAULT 0,
    UNIQUE (kind, slug)
) STRICT;

CREATE TABLE mentions (
    subject_id INTEGER NOT NULL REFERENCES subjects (id),
    published INTEGER NOT NULL,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    PRIMARY KEY (subject_id, published, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_of_article ON mentions (article_id);
CREATE INDEX mentions_latest ON mentions (published);

CREATE TABLE indicators (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (article_id, kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX indicators_by_value ON indicators (value, article_id);
