-- 'removed': when it was deleted; it can be brought back for a while, and its slug is free meanwhile.
-- 'made_by': what the owner was called; a program with a token has no owner_id.
CREATE TABLE saved_searches (
    id BLOB PRIMARY KEY,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    query TEXT NOT NULL,
    view TEXT NOT NULL,
    owner_id INTEGER REFERENCES users (id),
    made_by TEXT NOT NULL,
    visibility TEXT NOT NULL,
    created INTEGER NOT NULL,
    changed INTEGER NOT NULL,
    removed INTEGER
) STRICT;
CREATE UNIQUE INDEX saved_searches_by_slug ON saved_searches (slug) WHERE removed IS NULL;

-- Addresses of feeds that need no login. The secret is kept as SHA-256 alone; 'prefix' are its first characters.
CREATE TABLE feed_tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    digest BLOB NOT NULL UNIQUE,
    search_id BLOB NOT NULL REFERENCES saved_searches (id),
    label TEXT NOT NULL,
    prefix TEXT NOT NULL,
    made_by TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER,
    revoked INTEGER
) STRICT;
CREATE INDEX feed_tokens_of_search ON feed_tokens (search_id);
