-- Which incidents the sections of round-ups recall. A round-up covers none of them, so it is not in 'coverage'.
CREATE TABLE roundup_mentions (
    article_id INTEGER NOT NULL REFERENCES articles (id) ON DELETE CASCADE,
    incident_id INTEGER NOT NULL REFERENCES incidents (id),
    published INTEGER NOT NULL,
    section_start INTEGER NOT NULL,
    section_end INTEGER NOT NULL,
    PRIMARY KEY (article_id, incident_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX roundup_mentions_of_incident ON roundup_mentions (incident_id, published, article_id);
CREATE INDEX incidents_merged ON incidents (merged_into) WHERE merged_into IS NOT NULL;
