//! siftwire sifts the security newswire: it crawls blogs and feeds, turns pages into articles, makes them
//! searchable, and keeps scam comments away from readers. The rooms, in reading order:
#![forbid(unsafe_code)]

/// Who is asking, and how they prove it: passwords, sessions, tokens.
pub mod accounts;
/// Saved searches that tell somebody: what is new, the outbox, webhooks, mails.
pub mod alert;
/// One file per command; owns progress bars and terminal output.
pub mod cli;
/// TOML file, `SIFTWIRE_*` variables and flags, checked as a whole.
pub mod config;
/// Sources to bytes: catalogue, discovery, schedule, the HTTP client and its guards, robots.txt, sitemaps, the worker.
pub mod crawl;
/// Follows the store: reads articles, puts them into incidents, tells incidents anew.
pub mod desk;
/// The words of the field as plain types; knows nobody.
pub mod domain;
/// Article to tags: attacks, vendors, victims, actors, malware, indicators. Pure.
pub mod enrich;
/// Comment files of other systems, read as streams and written back with decisions. Pure.
pub mod exchange;
/// Domain types to documents: feeds, tables, lines. Pure.
pub mod export;
/// Bytes to text: charset, feeds, article body, metadata, comment threads, sanitising. Pure.
pub mod extract;
/// A query to the items it finds, for exports.
pub mod gather;
/// What the rooms that learn share: logistic regression over sparse rows. Pure.
pub mod learn;
/// Queue, decisions, what sites learn from them, their rules.
pub mod moderation;
/// Query language, tantivy index, facets, suggestions; follows the store's change log.
pub mod search;
/// The web: pages, API, feeds, metrics.
pub mod serve;
/// Comment to verdict: normaliser, features, trained model, rules, explanation. Pure.
pub mod spam;
/// The truth: one trait, SQLite behind it; all SQL lives here.
pub mod store;
/// What TAXII collections hold: STIX objects with their versions, by saved search.
pub mod taxii;
