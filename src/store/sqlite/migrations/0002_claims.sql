-- A claim passes over the entries of some sources; with these columns it need not read the rows for that.
DROP INDEX entries_due;
CREATE INDEX entries_due ON entries (next_try, id, source_id, lease_until) WHERE state = 'pending';
