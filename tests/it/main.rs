//! The integration tests: one binary, a module for each topic.

mod accounts;
mod akismet;
mod blog;
mod comment_files;
mod crawl;
mod demo;
mod directions;
mod feeds;
mod hostile;
mod kill;
mod moderated;
mod moderation;
mod moderation_pages;
mod newsroom;
mod pages;
mod search;
mod serve;
mod sources;
mod spam;
mod store;
mod store_accounts;
mod store_enrichment;
mod store_moderation;
mod threads;
mod web;
mod wire;
