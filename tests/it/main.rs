//! The integration tests: one binary, a module for each topic.

#[macro_use]
mod back_ends;

mod accounts;
mod akismet;
mod alerts;
mod analysts;
mod blog;
mod comment_files;
mod crawl;
mod demo;
mod desk;
mod directions;
mod enrich;
mod entity_pages;
mod export_pages;
mod exports;
mod feeds;
mod hostile;
mod kill;
mod moderated;
mod moderation;
mod moderation_pages;
mod newsroom;
mod opml;
mod pages;
mod reader_apps;
mod retrain;
mod saved_searches;
mod search;
mod serve;
mod sources;
mod spam;
mod store;
mod store_accounts;
mod store_alerts;
mod store_collections;
mod store_enrichment;
mod store_moderation;
mod store_reader_state;
mod store_saved_searches;
mod taxii;
mod threads;
mod web;
mod wire;
