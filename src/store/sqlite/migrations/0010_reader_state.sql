-- Passwords for reader apps. digest: SHA-256 of the secret; fever_digest: SHA-256 of the key that Fever apps send,
-- itself the MD5 of "name:secret" in hexadecimal digits.
CREATE TABLE app_passwords (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    digest BLOB NOT NULL UNIQUE,
    fever_digest BLOB NOT NULL UNIQUE,
    label TEXT NOT NULL,
    prefix TEXT NOT NULL,
    created INTEGER NOT NULL,
    last_used INTEGER
) STRICT;
CREATE INDEX app_passwords_of_user ON app_passwords (user_id);

-- Articles get their numbers in the order in which they arrive, so that "read up to here" is one number:
-- read_to for everything, and in read_to_of_source where a source is further.
CREATE TABLE readers (
    user_id INTEGER PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    read_to INTEGER NOT NULL
) STRICT;
CREATE TABLE read_to_of_source (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL REFERENCES sources (id),
    read_to INTEGER NOT NULL,
    PRIMARY KEY (user_id, source_id)
) STRICT, WITHOUT ROWID;

-- What a reader said of single articles. is_read: NULL where nothing was said, so that the numbers above decide.
CREATE TABLE reader_marks (
    user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    source_id INTEGER NOT NULL,
    is_read INTEGER,
    starred INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, article_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reader_marks_of_article ON reader_marks (article_id);
CREATE INDEX reader_marks_of_source ON reader_marks (user_id, source_id, is_read, article_id)
    WHERE is_read IS NOT NULL;
CREATE INDEX reader_marks_unread ON reader_marks (user_id, article_id) WHERE is_read = 0;
CREATE INDEX reader_marks_starred ON reader_marks (user_id, article_id) WHERE starred = 1;

-- Lists of articles in order of arrival, without touching the articles themselves.
CREATE INDEX articles_arrived ON articles (id, source_id, first_seen);
CREATE INDEX articles_of_source_arrived ON articles (source_id, id, first_seen);
