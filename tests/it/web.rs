//! Small web servers on loopback, for crawls.

use std::{
    collections::HashMap,
    future::Future,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Response, StatusCode, header},
};
use tokio::net::{TcpListener, TcpStream};

/// A site whose answers a closure gives, and which counts what is asked of it.
#[derive(Clone)]
pub struct Site {
    /// `http://127.0.0.1:port`.
    pub base: String,
    hits: Arc<Mutex<HashMap<String, u32>>>,
}

impl Site {
    /// Serves until the test ends. `answer` gets the request and the site's own base address.
    pub async fn start<F>(answer: F) -> Self
    where
        F: Fn(&Request, &str) -> Response<Body> + Clone + Send + Sync + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let site = Self { base: base.clone(), hits: Arc::default() };
        let hits = site.hits.clone();
        let app = Router::new().fallback(move |request: Request| {
            let path = request.uri().path().to_owned();
            *hits.lock().expect("no panic").entry(path).or_default() += 1;
            let response = answer(&request, &base);
            async move { response }
        });
        tokio::spawn(async move { axum::serve(listener, app).await });
        site
    }

    /// The address of a path.
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// How often a path was asked for.
    pub fn hits(&self, path: &str) -> u32 {
        self.hits.lock().expect("no panic").get(path).copied().unwrap_or(0)
    }

    /// All paths that were asked for, with counts.
    pub fn all_hits(&self) -> HashMap<String, u32> {
        self.hits.lock().expect("no panic").clone()
    }
}

/// A server below HTTP: `answer` gets each connection. Gives its base address.
pub async fn raw<F, Fut>(answer: F) -> String
where
    F: Fn(TcpStream) -> Fut + Send + Sync + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((socket, _)) = listener.accept().await {
            tokio::spawn(answer(socket));
        }
    });
    base
}

/// An answer with a body of the given type.
pub fn ok(content_type: &str, body: impl Into<Body>) -> Response<Body> {
    Response::builder()
        .header(header::CONTENT_TYPE, content_type)
        .body(body.into())
        .expect("an answer")
}

/// An answer without a body.
pub fn status(code: u16) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(code).expect("a status");
    response
}

/// A redirect.
pub fn redirect(code: u16, to: &str) -> Response<Body> {
    let mut response = status(code);
    response.headers_mut().insert(header::LOCATION, to.parse().expect("an address"));
    response
}

/// An RSS feed of articles `(path, title, date)`.
pub fn rss(base: &str, items: &[(String, String, String)]) -> String {
    let items: String = items
        .iter()
        .map(|(path, title, date)| {
            format!(
                "<item><title>{title}</title><link>{base}{path}</link><guid>{base}{path}</guid>\
                 <pubDate>{date}</pubDate><description>About {title}.</description></item>\n"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<rss version=\"2.0\"><channel>\
         <title>Millside Watch</title><link>{base}/</link><description>News</description>\n\
         {items}</channel></rss>"
    )
}

/// An article page with a sidebar.
pub fn page(title: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=\"en\"><head><title>{title} | Millside Watch</title></head><body>\
         <nav><a href=\"/\">Home</a> <a href=\"/about\">About</a></nav>\
         <main><article><h1>{title}</h1>{text}</article></main>\
         <aside><h2>Popular</h2><ul><li><a href=\"/x\">Sidebar item</a></li></ul></aside>\
         <footer>All rights reserved</footer></body></html>"
    )
}

/// A few paragraphs that differ by `seed`.
pub fn paragraphs(seed: usize) -> String {
    (0..4)
        .map(|n| {
            format!(
                "<p>Paragraph {n} of report {seed}: the attackers entered through an unpatched gateway, \
                 moved to the file servers within hours, and copied records before they encrypted them. \
                 The company restored its systems from backups and told its customers.</p>"
            )
        })
        .collect()
}
