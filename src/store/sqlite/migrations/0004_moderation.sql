-- One random key for the whole store: mail addresses, names and IP addresses are kept as digests keyed with it.
CREATE TABLE moderation_key (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    key BLOB NOT NULL
) STRICT;

-- source_id: the source whose crawled comments are judged; NULL for a blog that asks us. policy is JSON.
CREATE TABLE sites (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    source_id INTEGER UNIQUE REFERENCES sources (id),
    created INTEGER NOT NULL,
    policy TEXT NOT NULL
) STRICT;

-- One row for each comment of a site. Numbers rise with time. signals is JSON: a list of [name, weight, evidence].
-- label: what the decision in force teaches (1 spam, 0 ham); decision: the decision that state stems from.
CREATE TABLE checked (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    guid BLOB NOT NULL UNIQUE,
    site_id INTEGER NOT NULL REFERENCES sites (id),
    comment_id INTEGER REFERENCES comments (id) ON DELETE CASCADE,
    article_id INTEGER,
    state TEXT NOT NULL,
    version INTEGER NOT NULL DEFAULT 1,
    verdict TEXT NOT NULL,
    score REAL NOT NULL,
    label INTEGER,
    decision INTEGER,
    author_key BLOB,
    mail_key BLOB,
    ip_key BLOB,
    fingerprint INTEGER,
    campaign INTEGER,
    received INTEGER NOT NULL,
    written INTEGER,
    language TEXT,
    host TEXT,
    kind TEXT NOT NULL,
    author TEXT NOT NULL,
    author_url TEXT NOT NULL,
    mail TEXT,
    ip TEXT,
    permalink TEXT NOT NULL,
    context TEXT NOT NULL,
    signals TEXT NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX checked_of_site ON checked (site_id, state, id);
CREATE INDEX checked_of_state ON checked (state, id);
CREATE INDEX checked_of_author ON checked (author_key) WHERE author_key IS NOT NULL;
CREATE INDEX checked_of_campaign ON checked (campaign) WHERE campaign IS NOT NULL;
CREATE INDEX checked_learnt ON checked (site_id, decision) WHERE decision IS NOT NULL;
CREATE INDEX checked_personal ON checked (site_id, received) WHERE ip_key IS NOT NULL;
CREATE UNIQUE INDEX checked_crawled ON checked (comment_id) WHERE comment_id IS NOT NULL;
CREATE INDEX checked_of_article ON checked (article_id) WHERE article_id IS NOT NULL;

-- The journal. Lines outlive their comments and hold nothing of theirs. before: the decision in force until then.
-- request: a name the asker gave the decision, so that asking twice does not decide twice.
CREATE TABLE decisions (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    site_id INTEGER NOT NULL,
    checked_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    via TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL,
    reason TEXT,
    batch INTEGER,
    version INTEGER NOT NULL,
    before INTEGER,
    undoes INTEGER,
    undone_by INTEGER,
    request TEXT UNIQUE
) STRICT;
CREATE INDEX decisions_of_comment ON decisions (checked_id);
CREATE INDEX decisions_of_batch ON decisions (batch);
CREATE INDEX decisions_of_site ON decisions (site_id, id);

-- How many comments of a site stand where; kept with every change, since counting a million rows takes too long.
CREATE TABLE site_states (
    site_id INTEGER NOT NULL REFERENCES sites (id),
    state TEXT NOT NULL,
    comments INTEGER NOT NULL,
    PRIMARY KEY (site_id, state)
) STRICT;

-- What was asked and found on each day (days since 1970 UTC).
CREATE TABLE site_days (
    site_id INTEGER NOT NULL REFERENCES sites (id),
    day INTEGER NOT NULL,
    calls INTEGER NOT NULL DEFAULT 0,
    ham INTEGER NOT NULL DEFAULT 0,
    unsure INTEGER NOT NULL DEFAULT 0,
    spam INTEGER NOT NULL DEFAULT 0,
    missed_spam INTEGER NOT NULL DEFAULT 0,
    false_positives INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (site_id, day)
) STRICT;
