//! STIX objects and what collections hold of them.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
use serde_json::json;
use sqlx::{FromRow, SqliteConnection};
use uuid::Uuid;

use super::{
    SqliteStore, id_list,
    rows::{corrupt, named, read_all, to_json},
};
use crate::{
    domain::{ArticleId, IncidentId, SearchView, Sequence},
    store::{
        Collected, CollectedFilter, Collection, CollectionId, CollectionStore, KnownObject, Result,
        StixBatch, StixVersion, StoreError, WantedCollection,
        collections::{kind_number, kind_of},
    },
};

/// Puts the newest versions of objects into a collection, as far as it does not hold them. The plus signs keep the engine
/// from walking through the whole collection for each object.
const APPEND: &str = "
    INSERT INTO collected (collection_id, added, object_id, version_id, kind, first, last)
    SELECT $1, $2 + row_number() OVER (ORDER BY object.newest), object.id, object.newest, object.kind,
           NOT EXISTS (SELECT 1 FROM collected held
                       WHERE held.object_id = object.id AND +held.collection_id = $1),
           1
    FROM stix_objects object
    WHERE object.id IN (SELECT value FROM json_each($3))
      AND object.kind = COALESCE((SELECT only_kind FROM collections WHERE id = $1), object.kind)
      AND NOT EXISTS (SELECT 1 FROM collected held
                      WHERE held.object_id = object.id AND +held.collection_id = $1
                        AND held.version_id = object.newest)";

/// Objects of the articles in a list.
const OF_ARTICLES: &str = "
    SELECT DISTINCT object_id FROM stix_of_article
    WHERE article_id IN (SELECT value FROM json_each($1))";

/// Groupings of told incidents ($2), and of those that articles in a list ($1) tell of.
const GROUPINGS: &str = "
    SELECT object_id FROM stix_of_incident
    WHERE incident_id IN (SELECT value FROM json_each($2))
       OR incident_id IN (SELECT incident_id FROM coverage
                          WHERE article_id IN (SELECT value FROM json_each($1)))";

/// Objects of the incidents that the found articles ($1) tell of, and of those among the incidents of all changed articles
/// ($2) or told incidents ($3) of which the collection ($4) holds a report already. Article 0 has what all refer to.
const OF_INCIDENTS: &str = "
    WITH touched AS (
        SELECT incident_id FROM coverage WHERE article_id IN (SELECT value FROM json_each($2))
        UNION SELECT value FROM json_each($3)),
    held AS (
        SELECT incident_id FROM coverage WHERE article_id IN (SELECT value FROM json_each($1))
        UNION
        SELECT incident_id FROM touched
        WHERE EXISTS (
            SELECT 1 FROM coverage
            JOIN stix_of_article part ON part.article_id = coverage.article_id
            JOIN stix_objects object ON object.id = part.object_id AND object.kind = $5
            JOIN collected ON collected.object_id = object.id AND +collected.collection_id = $4
            WHERE coverage.incident_id = touched.incident_id))
    SELECT part.object_id FROM held
    JOIN coverage ON coverage.incident_id = held.incident_id
    JOIN stix_of_article part ON part.article_id = coverage.article_id
    UNION
    SELECT object_id FROM stix_of_incident
    WHERE incident_id IN (SELECT incident_id FROM held)
    UNION
    SELECT object_id FROM stix_of_article
    WHERE article_id = 0 AND 0 IN (SELECT value FROM json_each($1))";

/// The condition on versions: all ($4), first ($5), last ($6), or one of some times ($7).
const VERSIONS: &str = "
    ($4 OR ($5 AND collected.first) OR ($6 AND collected.last)
        OR version.version IN (SELECT value FROM json_each($7)))";

#[derive(FromRow)]
struct CollectionRow {
    id: i64,
    query: String,
    view: String,
    filled_to: Option<i64>,
}

impl TryFrom<CollectionRow> for Collection {
    type Error = StoreError;

    fn try_from(row: CollectionRow) -> Result<Self> {
        Ok(Self {
            id: CollectionId(row.id),
            query: row.query,
            view: named("view", &row.view, SearchView::from_name)?,
            filled_to: row.filled_to.map(ArticleId),
        })
    }
}

#[derive(FromRow)]
struct KnownRow {
    stix_id: String,
    created: i64,
    modified: i64,
    revoked: i64,
    digest: i64,
}

impl TryFrom<KnownRow> for KnownObject {
    type Error = StoreError;

    fn try_from(row: KnownRow) -> Result<Self> {
        Ok(Self {
            stix_id: row.stix_id,
            created: precise(row.created)?,
            modified: precise(row.modified)?,
            revoked: row.revoked != 0,
            digest: row.digest,
        })
    }
}

#[derive(FromRow)]
struct CollectedRow {
    added: i64,
    stix_id: String,
    version: i64,
    body: String,
}

impl TryFrom<CollectedRow> for Collected {
    type Error = StoreError;

    fn try_from(row: CollectedRow) -> Result<Self> {
        Ok(Self {
            added: precise(row.added)?,
            stix_id: row.stix_id,
            version: precise(row.version)?,
            body: row.body,
        })
    }
}

fn precise(microseconds: i64) -> Result<Timestamp> {
    Timestamp::from_microsecond(microseconds).map_err(|_| corrupt("time", microseconds))
}

/// Gives out times for objects: our own, and never one twice.
struct AddedClock {
    last: i64,
}

impl AddedClock {
    async fn read(tx: &mut SqliteConnection, now: Timestamp) -> Result<Self> {
        let last: i64 =
            sqlx::query_scalar("SELECT last_added FROM collecting").fetch_one(tx).await?;
        Ok(Self { last: last.max(now.as_microsecond()) })
    }

    async fn keep(self, tx: &mut SqliteConnection) -> Result<()> {
        sqlx::query("UPDATE collecting SET last_added = $1").bind(self.last).execute(tx).await?;
        Ok(())
    }
}

async fn write_versions(tx: &mut SqliteConnection, versions: &[StixVersion]) -> Result<()> {
    let list: Vec<_> = versions
        .iter()
        .map(|one| {
            json!([
                one.stix_id,
                kind_number(kind_of(&one.stix_id)).unwrap_or(0),
                one.created.as_microsecond(),
                one.modified.as_microsecond(),
                i64::from(one.revoked),
                one.digest,
                one.body
            ])
        })
        .collect();
    let list = to_json(&list);
    sqlx::query(
        "INSERT INTO stix_objects (stix_id, kind, created, modified, revoked, digest)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
         FROM json_each($1) WHERE true ORDER BY key
         ON CONFLICT (stix_id) DO UPDATE SET modified = excluded.modified,
             revoked = excluded.revoked, digest = excluded.digest",
    )
    .bind(&list)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO stix_versions (object_id, version, body)
         SELECT stix_objects.id, list.value ->> 3, list.value ->> 6
         FROM json_each($1) AS list JOIN stix_objects ON stix_id = list.value ->> 0
         ORDER BY list.key",
    )
    .bind(&list)
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "UPDATE stix_objects
         SET newest = (SELECT max(id) FROM stix_versions WHERE object_id = stix_objects.id)
         WHERE stix_id IN (SELECT value ->> 0 FROM json_each($1))",
    )
    .bind(&list)
    .execute(tx)
    .await?;
    Ok(())
}

/// Notes which objects belong to which articles and incidents.
async fn write_parts(tx: &mut SqliteConnection, batch: &StixBatch) -> Result<()> {
    sqlx::query(
        "DELETE FROM stix_of_article WHERE article_id IN (SELECT value FROM json_each($1))",
    )
    .bind(id_list(batch.articles.iter().map(|(id, _)| id.0)))
    .execute(&mut *tx)
    .await?;
    let pairs: Vec<_> = batch
        .articles
        .iter()
        .flat_map(|(article, objects)| objects.iter().map(|object| json!([article.0, object])))
        .collect();
    sqlx::query(
        "INSERT INTO stix_of_article (article_id, object_id)
         SELECT list.value ->> 0, stix_objects.id
         FROM json_each($1) AS list JOIN stix_objects ON stix_id = list.value ->> 1 WHERE true
         ON CONFLICT DO NOTHING",
    )
    .bind(to_json(&pairs))
    .execute(&mut *tx)
    .await?;
    let pairs: Vec<_> = batch.incidents.iter().map(|(id, object)| json!([id.0, object])).collect();
    sqlx::query(
        "INSERT INTO stix_of_incident (incident_id, object_id)
         SELECT list.value ->> 0, stix_objects.id
         FROM json_each($1) AS list JOIN stix_objects ON stix_id = list.value ->> 1 WHERE true
         ON CONFLICT (incident_id) DO UPDATE SET object_id = excluded.object_id",
    )
    .bind(to_json(&pairs))
    .execute(&mut *tx)
    .await?;
    sqlx::query(
        "INSERT INTO stix_waiting (incident_id)
         SELECT DISTINCT incident_id FROM coverage
         WHERE article_id IN (SELECT value FROM json_each($1))
         ON CONFLICT DO NOTHING",
    )
    .bind(id_list(batch.articles.iter().map(|(id, _)| id.0)))
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM stix_waiting WHERE incident_id IN (SELECT value FROM json_each($1))")
        .bind(id_list(batch.told.iter().map(|id| id.0)))
        .execute(tx)
        .await?;
    Ok(())
}

/// Objects for each collection: those of what its query finds, and new versions of those it holds.
async fn candidates(
    tx: &mut SqliteConnection,
    batch: &StixBatch,
) -> Result<BTreeMap<i64, Vec<i64>>> {
    let changed: Vec<&str> = batch.versions.iter().map(|one| one.stix_id.as_str()).collect();
    let held: Vec<(i64, i64)> = sqlx::query_as(
        "SELECT DISTINCT collection_id, object_id FROM collected
         WHERE last AND object_id IN
             (SELECT id FROM stix_objects WHERE stix_id IN (SELECT value FROM json_each($1)))",
    )
    .bind(to_json(&changed))
    .fetch_all(&mut *tx)
    .await?;
    let mut candidates: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (collection, object) in held {
        candidates.entry(collection).or_default().push(object);
    }
    let all = id_list(batch.articles.iter().map(|(id, _)| id.0));
    let told = id_list(batch.incidents.iter().map(|(id, _)| id.0));
    for (collection, found) in &batch.found {
        let found = id_list(found.iter().map(|id| id.0));
        let objects = parts(tx, *collection, &found, &all, &told).await?;
        candidates.entry(collection.0).or_default().extend(objects);
    }
    Ok(candidates)
}

/// Objects of what a collection's query finds, by its view.
async fn parts(
    tx: &mut SqliteConnection,
    collection: CollectionId,
    found: &str,
    changed: &str,
    told: &str,
) -> Result<Vec<i64>> {
    let (view, query): (String, String) =
        sqlx::query_as("SELECT view, query FROM collections WHERE id = $1")
            .bind(collection.0)
            .fetch_one(&mut *tx)
            .await?;
    if view != SearchView::Articles.as_str() {
        let of_incidents = sqlx::query_scalar(OF_INCIDENTS)
            .bind(found)
            .bind(changed)
            .bind(told)
            .bind(collection.0)
            .bind(kind_number("report").unwrap_or(0));
        return Ok(of_incidents.fetch_all(&mut *tx).await?);
    }
    let mut objects: Vec<i64> =
        sqlx::query_scalar(OF_ARTICLES).bind(found).fetch_all(&mut *tx).await?;
    // A collection of everything has every report that a grouping may refer to.
    if query.is_empty() {
        let groupings = sqlx::query_scalar(GROUPINGS).bind(found).bind(told);
        let groupings: Vec<i64> = groupings.fetch_all(&mut *tx).await?;
        objects.extend(groupings);
    }
    Ok(objects)
}

async fn append(
    tx: &mut SqliteConnection,
    collection: i64,
    objects: &[i64],
    clock: &mut AddedClock,
) -> Result<()> {
    let objects = id_list(objects.iter().copied());
    sqlx::query(
        "UPDATE collected SET last = 0
         WHERE +collection_id = $1 AND last AND object_id IN (SELECT value FROM json_each($2))
           AND version_id <> (SELECT newest FROM stix_objects WHERE id = object_id)",
    )
    .bind(collection)
    .bind(&objects)
    .execute(&mut *tx)
    .await?;
    let appended =
        sqlx::query(APPEND).bind(collection).bind(clock.last).bind(&objects).execute(tx).await?;
    clock.last += i64::try_from(appended.rows_affected()).unwrap_or(0);
    Ok(())
}

async fn set_collection(
    tx: &mut SqliteConnection,
    wanted: &WantedCollection,
) -> Result<Collection> {
    let uuid = &wanted.uuid.as_bytes()[..];
    let known: Option<CollectionRow> =
        sqlx::query_as("SELECT id, query, view, filled_to FROM collections WHERE uuid = $1")
            .bind(uuid)
            .fetch_optional(&mut *tx)
            .await?;
    let known = known.map(Collection::try_from).transpose()?;
    if let Some(known) = known {
        if known.query == wanted.query && known.view == wanted.view {
            return Ok(known);
        }
        empty(tx, known.id.0).await?;
    }
    let row: CollectionRow = sqlx::query_as(
        "INSERT INTO collections (uuid, query, view, only_kind, filled_to)
         VALUES ($1, $2, $3, $4, 0)
         ON CONFLICT (uuid) DO UPDATE SET query = excluded.query, view = excluded.view, filled_to = 0
         RETURNING id, query, view, filled_to",
    )
    .bind(uuid)
    .bind(&wanted.query)
    .bind(wanted.view.as_str())
    .bind(wanted.only.and_then(kind_number))
    .fetch_one(tx)
    .await?;
    row.try_into()
}

async fn empty(tx: &mut SqliteConnection, collection: i64) -> Result<()> {
    sqlx::query("DELETE FROM collected WHERE collection_id = $1")
        .bind(collection)
        .execute(tx)
        .await?;
    Ok(())
}

#[async_trait]
impl CollectionStore for SqliteStore {
    async fn collected_sequence(&self) -> Result<Sequence> {
        let sequence: i64 =
            sqlx::query_scalar("SELECT sequence FROM collecting").fetch_one(&self.reader).await?;
        Ok(Sequence(sequence))
    }

    async fn set_collections(&self, wanted: &[WantedCollection]) -> Result<Vec<Collection>> {
        let mut tx = self.begin().await?;
        let mut collections = Vec::with_capacity(wanted.len());
        for one in wanted {
            collections.push(set_collection(&mut tx, one).await?);
        }
        let kept = id_list(collections.iter().map(|one| one.id.0));
        let gone: Vec<i64> = sqlx::query_scalar(
            "SELECT id FROM collections WHERE id NOT IN (SELECT value FROM json_each($1))",
        )
        .bind(&kept)
        .fetch_all(&mut *tx)
        .await?;
        for id in gone {
            empty(&mut tx, id).await?;
            sqlx::query("DELETE FROM collections WHERE id = $1").bind(id).execute(&mut *tx).await?;
        }
        tx.commit().await?;
        Ok(collections)
    }

    async fn known_objects(&self, stix_ids: &[String]) -> Result<Vec<KnownObject>> {
        let rows: Vec<KnownRow> = sqlx::query_as(
            "SELECT stix_id, created, modified, revoked, digest FROM stix_objects
             WHERE stix_id IN (SELECT value FROM json_each($1))",
        )
        .bind(to_json(&stix_ids))
        .fetch_all(&self.reader)
        .await?;
        read_all(rows)
    }

    async fn objects_only_of(&self, articles: &[ArticleId]) -> Result<Vec<String>> {
        let stix_ids = sqlx::query_scalar(
            "SELECT DISTINCT stix_id FROM stix_of_article part
             JOIN stix_objects object ON object.id = part.object_id
             WHERE part.article_id IN (SELECT value FROM json_each($1))
               AND NOT EXISTS (SELECT 1 FROM stix_of_article other
                   WHERE other.object_id = part.object_id
                     AND other.article_id NOT IN (SELECT value FROM json_each($1)))",
        )
        .bind(id_list(articles.iter().map(|id| id.0)))
        .fetch_all(&self.reader)
        .await?;
        Ok(stix_ids)
    }

    async fn newest_bodies(&self, stix_ids: &[String]) -> Result<Vec<(String, String)>> {
        let bodies = sqlx::query_as(
            "SELECT stix_id, body FROM stix_objects
             JOIN stix_versions ON stix_versions.id = newest
             WHERE stix_id IN (SELECT value FROM json_each($1))",
        )
        .bind(to_json(&stix_ids))
        .fetch_all(&self.reader)
        .await?;
        Ok(bodies)
    }

    async fn waiting_groupings(&self, limit: u32) -> Result<Vec<IncidentId>> {
        let ids: Vec<i64> = sqlx::query_scalar(
            "SELECT incident_id FROM stix_waiting
             JOIN incidents ON incidents.id = incident_id AND owed = 0
             ORDER BY incident_id LIMIT $1",
        )
        .bind(i64::from(limit))
        .fetch_all(&self.reader)
        .await?;
        Ok(ids.into_iter().map(IncidentId).collect())
    }

    async fn save_stix(&self, batch: &StixBatch, now: Timestamp) -> Result<bool> {
        let mut tx = self.begin().await?;
        let moved = sqlx::query("UPDATE collecting SET sequence = $2 WHERE sequence = $1")
            .bind(batch.after.0)
            .bind(batch.sequence.0)
            .execute(&mut *tx)
            .await?;
        if moved.rows_affected() == 0 {
            return Ok(false);
        }
        write_versions(&mut tx, &batch.versions).await?;
        write_parts(&mut tx, batch).await?;
        let mut clock = AddedClock::read(&mut tx, now).await?;
        for (collection, objects) in candidates(&mut tx, batch).await? {
            append(&mut tx, collection, &objects, &mut clock).await?;
        }
        clock.keep(&mut tx).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn fill_collection(
        &self,
        id: CollectionId,
        found: &[ArticleId],
        filled_to: Option<ArticleId>,
        now: Timestamp,
    ) -> Result<()> {
        let mut tx = self.begin().await?;
        let found = id_list(found.iter().map(|id| id.0));
        let objects = parts(&mut tx, id, &found, "[]", "[]").await?;
        let mut clock = AddedClock::read(&mut tx, now).await?;
        append(&mut tx, id.0, &objects, &mut clock).await?;
        clock.keep(&mut tx).await?;
        sqlx::query("UPDATE collections SET filled_to = $2 WHERE id = $1")
            .bind(id.0)
            .bind(filled_to.map(|id| id.0))
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    async fn collected(
        &self,
        uuid: Uuid,
        filter: &CollectedFilter,
        limit: u32,
        with_bodies: bool,
    ) -> Result<Vec<Collected>> {
        let collection: Option<i64> =
            sqlx::query_scalar("SELECT id FROM collections WHERE uuid = $1")
                .bind(&uuid.as_bytes()[..])
                .fetch_optional(&self.reader)
                .await?;
        let Some(collection) = collection else { return Ok(Vec::new()) };
        let page = Page { collection, filter, limit, with_bodies };
        if let Some(ids) = &filter.ids {
            return page.of_ids(self, ids).await;
        }
        let Some(kinds) = &filter.kinds else { return page.of_all(self).await };
        let mut found = Vec::new();
        for kind in kinds.iter().filter_map(|kind| kind_number(kind)) {
            found.extend(page.of_kind(self, kind).await?);
        }
        found.sort_by_key(|one| one.added);
        found.dedup_by_key(|one| one.added);
        found.truncate(limit as usize);
        Ok(found)
    }

    async fn last_collected(&self, uuid: Uuid) -> Result<Option<Timestamp>> {
        let last: Option<i64> = sqlx::query_scalar(
            "SELECT max(added) FROM collected
             WHERE collection_id = (SELECT id FROM collections WHERE uuid = $1)",
        )
        .bind(&uuid.as_bytes()[..])
        .fetch_one(&self.reader)
        .await?;
        last.map(precise).transpose()
    }
}

/// A page that is asked for. The ways to find its rows differ; each is a walk along an index in their order.
struct Page<'a> {
    collection: i64,
    filter: &'a CollectedFilter,
    limit: u32,
    with_bodies: bool,
}

impl Page<'_> {
    async fn of_all(&self, store: &SqliteStore) -> Result<Vec<Collected>> {
        self.rows(store, "collected.collection_id = $1", 0, "[]").await
    }

    async fn of_kind(&self, store: &SqliteStore, kind: i64) -> Result<Vec<Collected>> {
        self.rows(store, "collected.collection_id = $1 AND collected.kind = $8", kind, "[]").await
    }

    async fn of_ids(&self, store: &SqliteStore, ids: &[String]) -> Result<Vec<Collected>> {
        let wanted = |id: &&String| {
            self.filter.kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|k| k == kind_of(id)))
        };
        let ids: Vec<&String> = ids.iter().filter(wanted).collect();
        let these = "+collected.collection_id = $1 AND collected.object_id IN
            (SELECT id FROM stix_objects WHERE stix_id IN (SELECT value FROM json_each($9)))";
        self.rows(store, these, 0, &to_json(&ids)).await
    }

    async fn rows(
        &self,
        store: &SqliteStore,
        which: &str,
        kind: i64,
        ids: &str,
    ) -> Result<Vec<Collected>> {
        let body = if self.with_bodies { "version.body" } else { "''" };
        let by_kind = if kind == 0 { "" } else { "INDEXED BY collected_by_kind" };
        // Only our own words are put together here.
        let text = format!(
            "SELECT collected.added, object.stix_id, version.version, {body} AS body
             FROM collected {by_kind}
             JOIN stix_versions version ON version.id = collected.version_id
             JOIN stix_objects object ON object.id = collected.object_id
             WHERE {which} AND collected.added > $2 AND {VERSIONS}
             ORDER BY collected.added LIMIT $3"
        );
        let versions = &self.filter.versions;
        let times: Vec<i64> = versions.at.iter().map(|time| time.as_microsecond()).collect();
        let rows: Vec<CollectedRow> = sqlx::query_as(sqlx::AssertSqlSafe(text))
            .bind(self.collection)
            .bind(self.filter.after.as_microsecond())
            .bind(i64::from(self.limit))
            .bind(versions.all)
            .bind(versions.first)
            .bind(versions.last)
            .bind(id_list(times))
            .bind(kind)
            .bind(ids)
            .fetch_all(&store.reader)
            .await?;
        read_all(rows)
    }
}
