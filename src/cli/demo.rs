//! `siftwire demo`: the whole product on bundled sites, offline.

mod content;
mod server;
mod site;
mod view;

use std::process::ExitCode;

use jiff::Timestamp;
use tokio_util::sync::{CancellationToken, DropGuard};

use self::content::{Content, Label};
use super::Context;

/// The bundled sites, served on loopback until this is dropped.
pub struct DemoSites {
    pub sites: Vec<DemoSite>,
    /// Articles on all sites.
    pub articles: usize,
    /// Incidents that the articles cover.
    pub incidents: usize,
    /// Comments under all articles, scams among them.
    pub comments: usize,
    pub scams: usize,
    shutdown: DropGuard,
}

/// One bundled site.
#[derive(Debug, Clone)]
pub struct DemoSite {
    pub title: String,
    /// Its home page.
    pub url: String,
    /// Articles on it.
    pub articles: usize,
    /// Articles its feed holds; 0 where it has none.
    pub feed_items: usize,
}

impl DemoSites {
    /// Stops the sites.
    pub fn stop(self) {
        self.shutdown.disarm().cancel();
    }
}

/// Serves the sites, each on a port of its own from `first_port` on where free; 0 takes any.
/// Articles are dated back from `now`.
pub async fn start_sites(first_port: u16, now: Timestamp) -> anyhow::Result<DemoSites> {
    let content = Content::load()?;
    let templates = site::templates()?;
    let shutdown = CancellationToken::new();
    let mut sites = Vec::new();
    for (at, outlet) in (0..).zip(&content.outlets) {
        let port = if first_port == 0 { 0 } else { first_port.saturating_add(at) };
        let listener = server::bind(port).await?;
        let url = format!("http://{}", listener.local_addr()?);
        let pages = site::render(&content, &templates, outlet, &url, now)?;
        server::serve(listener, pages, shutdown.clone());
        let articles = content.articles.iter().filter(|a| a.outlet == outlet.title).count();
        sites.push(DemoSite {
            title: outlet.title.clone(),
            url: format!("{url}/"),
            articles,
            feed_items: outlet.feed_items.min(articles),
        });
    }
    let mut incidents: Vec<_> =
        content.articles.iter().filter_map(|a| a.incident.as_ref()).collect();
    incidents.sort();
    incidents.dedup();
    Ok(DemoSites {
        sites,
        articles: content.articles.len(),
        incidents: incidents.len(),
        comments: content.comments.len(),
        scams: content.comments.iter().filter(|c| c.label == Label::Spam).count(),
        shutdown: shutdown.drop_guard(),
    })
}

/// Arguments.
#[derive(Debug, clap::Args)]
pub(super) struct Args {}

/// Runs the command.
pub(super) async fn run(_args: Args, _context: &Context) -> anyhow::Result<ExitCode> {
    let sites = start_sites(8431, Timestamp::now()).await?;
    for site in &sites.sites {
        println!("{} {}", site.url, site.title);
    }
    tokio::signal::ctrl_c().await?;
    sites.stop();
    Ok(ExitCode::SUCCESS)
}
