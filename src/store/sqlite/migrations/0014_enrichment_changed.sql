-- When what was recognised in an article last changed (seconds since 1970 UTC); 0 where that was not noted yet.
ALTER TABLE enrichments ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
