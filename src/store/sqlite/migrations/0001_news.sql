-- Times are seconds since 1970 UTC; lists and items are JSON text; flags are 0 or 1.
CREATE TABLE sources (
    id INTEGER PRIMARY KEY,
    url TEXT NOT NULL UNIQUE,
    title TEXT NOT NULL,
    site_url TEXT,
    kind TEXT NOT NULL,
    groups TEXT NOT NULL,
    language TEXT,
    enabled INTEGER NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0,
    respect_robots INTEGER NOT NULL,
    fetch_pages TEXT NOT NULL,
    added INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'new',
    http_status INTEGER,
    error_code TEXT,
    error TEXT,
    repairs TEXT NOT NULL DEFAULT '[]',
    failures INTEGER NOT NULL DEFAULT 0,
    last_attempt INTEGER,
    last_success INTEGER,
    next_try INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    interval_s INTEGER NOT NULL DEFAULT 0,
    etag TEXT,
    last_modified TEXT,
    body_bytes INTEGER NOT NULL DEFAULT 0,
    body_hash TEXT,
    entries INTEGER NOT NULL DEFAULT 0,
    newest_entry INTEGER
) STRICT;
CREATE INDEX sources_due ON sources (next_try) WHERE enabled = 1 AND removed = 0;

-- Large columns stand last, so that reading the others does not touch their pages.
CREATE TABLE articles (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT NOT NULL UNIQUE,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    url TEXT NOT NULL,
    title TEXT NOT NULL,
    published INTEGER NOT NULL,
    published_stated INTEGER NOT NULL,
    modified INTEGER,
    first_seen INTEGER NOT NULL,
    last_changed INTEGER NOT NULL,
    language TEXT,
    kind TEXT NOT NULL,
    comment_provider TEXT,
    comment_count INTEGER NOT NULL DEFAULT 0,
    confidence REAL NOT NULL,
    revision INTEGER NOT NULL,
    authors TEXT NOT NULL,
    tags TEXT NOT NULL,
    site_name TEXT,
    description TEXT,
    image TEXT,
    text TEXT NOT NULL,
    html TEXT NOT NULL
) STRICT;
CREATE INDEX articles_latest ON articles (published, id);
CREATE INDEX articles_of_source ON articles (source_id, published, id);
CREATE INDEX articles_seen ON articles (first_seen);

CREATE TABLE revisions (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    revision INTEGER NOT NULL,
    seen INTEGER NOT NULL,
    title TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (article_id, revision)
) STRICT;

CREATE TABLE comments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    parent_key TEXT,
    author TEXT,
    author_url TEXT,
    published INTEGER,
    first_seen INTEGER NOT NULL,
    text TEXT NOT NULL,
    UNIQUE (article_id, key)
) STRICT;

-- item is empty once the article is stored: the text then lives there alone.
CREATE TABLE entries (
    id INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    key TEXT NOT NULL,
    url TEXT NOT NULL,
    digest TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    next_try INTEGER NOT NULL,
    lease_until INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    article_id INTEGER REFERENCES articles (id) ON DELETE SET NULL,
    item TEXT NOT NULL,
    UNIQUE (source_id, key)
) STRICT;
CREATE INDEX entries_due ON entries (next_try) WHERE state = 'pending';
CREATE INDEX entries_of_article ON entries (article_id);

-- The change log keeps the newest change of each article.
CREATE TABLE changes (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    article_id INTEGER NOT NULL UNIQUE
) STRICT;

CREATE TABLE robots (
    origin TEXT PRIMARY KEY,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    fetched INTEGER NOT NULL,
    expires INTEGER NOT NULL
) STRICT;
