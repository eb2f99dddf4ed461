//! The HTTP client: one guarded, bounded GET with redirects followed by hand.

use std::{
    future,
    sync::Once,
    time::{Duration, Instant},
};

use reqwest::{
    Response, StatusCode,
    header::{self, HeaderMap, HeaderName},
    redirect,
};
use thiserror::Error;
use url::Url;

use super::body::BodyBudget;
use super::guard::{Guard, GuardedResolver};
pub use super::{body::BodyShare, fetch_error::FetchError};
use crate::config::CrawlConfig;

/// Longest header value that is kept.
const MAX_HEADER_VALUE: usize = 1024;
/// Headers accepted in one answer.
const MAX_HEADERS: usize = 128;
/// How long a connection waits for the next page of the same host.
const POOL_IDLE: Duration = Duration::from_secs(3);
/// Longest silence within an answer.
const MAX_SILENCE: Duration = Duration::from_secs(15);

/// What kind of answer is wanted; sent as `Accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Accept {
    Feed,
    Page,
    #[default]
    Any,
}

impl Accept {
    fn header(self) -> &'static str {
        match self {
            Self::Feed => {
                "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, \
                 text/xml;q=0.9, application/json;q=0.8, text/html;q=0.5, */*;q=0.1"
            }
            Self::Page => "text/html, application/xhtml+xml, application/xml;q=0.8, */*;q=0.1",
            Self::Any => "*/*",
        }
    }
}

/// One GET.
#[derive(Debug, Clone)]
pub struct FetchRequest {
    pub url: Url,
    /// Validators of an earlier answer: an unchanged body is then answered with 304 and not sent.
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub accept: Accept,
    /// Bytes of the body after decompression.
    pub max_bytes: u64,
    /// A longer body is cut there instead of being an error.
    pub truncate: bool,
}

impl FetchRequest {
    /// An unconditional request.
    pub fn new(url: Url, accept: Accept, max_bytes: u64) -> Self {
        Self { url, etag: None, last_modified: None, accept, max_bytes, truncate: false }
    }
}

/// Headers that the crawler uses, as sent; values that are not ASCII or too long are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AnswerHeaders {
    pub content_type: Option<String>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub cache_control: Option<String>,
    pub expires: Option<String>,
    pub retry_after: Option<String>,
    pub date: Option<String>,
}

/// A successful answer (2xx or 304).
#[derive(Debug)]
pub struct Fetched {
    /// The address that answered, after redirects.
    pub final_url: Url,
    /// The address to use from now on: where the leading 301 and 308 redirects led.
    pub permanent_url: Option<Url>,
    pub status: u16,
    /// The validators still hold; the body is empty.
    pub not_modified: bool,
    pub headers: AnswerHeaders,
    /// Decompressed.
    pub body: Vec<u8>,
    pub elapsed: Duration,
    /// To be kept as long as the body, or what was made of it, is in memory.
    pub share: BodyShare,
}

/// Why no client could be made.
#[derive(Debug, Error)]
pub enum ClientError {
    #[error("crawl.contact cannot be sent in a header: use plain ASCII")]
    BadContact,
    #[error("the HTTP client cannot be set up: {0}")]
    Setup(#[source] reqwest::Error),
}

/// Fetches addresses: guarded at every hop, bounded in time, bytes, headers and redirects. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    /// Keeps connections for the next page of the same host.
    pages: reqwest::Client,
    /// Closes each connection: a source is asked once, and thousands of idle sockets help nobody.
    sources: reqwest::Client,
    guard: Guard,
    max_redirects: u32,
    timeout: Duration,
    budget: BodyBudget,
}

impl Client {
    /// A client with the limits of `config`.
    pub fn new(config: &CrawlConfig) -> Result<Self, ClientError> {
        Self::guarded(config, Guard::new(config.allow_private))
    }

    fn guarded(config: &CrawlConfig, guard: Guard) -> Result<Self, ClientError> {
        install_tls_provider();
        let build = |idle| {
            builder(config, guard, idle)?.build().or_else(|error| {
                tracing::warn!(%error, "no root certificates: https will fail; install ca-certificates");
                let plain = builder(config, guard, idle)?.tls_certs_only([]);
                plain.build().map_err(ClientError::Setup)
            })
        };
        Ok(Self {
            pages: build(config.host_concurrency as usize)?,
            sources: build(0)?,
            guard,
            max_redirects: config.max_redirects,
            timeout: Duration::from_secs(config.timeout_s),
            budget: BodyBudget::new(),
        })
    }

    /// Fetches an address. Any answer but 2xx and 304 is an error, [`FetchError::Http`].
    pub async fn fetch(&self, request: FetchRequest) -> Result<Fetched, FetchError> {
        self.fetch_if(request, |_| future::ready(Ok(()))).await
    }

    /// As [`Client::fetch`], but asks `may_follow` before it follows a redirect to another address; the error
    /// it gives ends the fetch.
    pub async fn fetch_if<E, F>(
        &self,
        request: FetchRequest,
        may_follow: impl Fn(Url) -> F,
    ) -> Result<Fetched, E>
    where
        E: From<FetchError>,
        F: Future<Output = Result<(), E>>,
    {
        let started = Instant::now();
        let mut fetched = tokio::time::timeout(self.timeout, self.follow(request, may_follow))
            .await
            .map_err(|_| FetchError::Timeout { limit: self.timeout })??;
        fetched.elapsed = started.elapsed();
        Ok(fetched)
    }

    async fn follow<E, F>(
        &self,
        request: FetchRequest,
        may_follow: impl Fn(Url) -> F,
    ) -> Result<Fetched, E>
    where
        E: From<FetchError>,
        F: Future<Output = Result<(), E>>,
    {
        let mut trail = Trail::start(&request.url, self.max_redirects);
        self.guard.check_url(trail.current()).map_err(FetchError::from)?;
        loop {
            let response = self.send(trail.current(), &request).await?;
            let Some(target) = redirect_target(&response)? else {
                return Ok(self.receive(response, &request, trail).await?);
            };
            trail.step(target, response.status())?;
            drop(response); // frees the connection
            self.guard.check_url(trail.current()).map_err(FetchError::from)?;
            may_follow(trail.current().clone()).await?;
        }
    }

    async fn send(&self, url: &Url, request: &FetchRequest) -> Result<Response, FetchError> {
        let client = if request.accept == Accept::Page { &self.pages } else { &self.sources };
        let mut builder = client.get(url.clone()).header(header::ACCEPT, request.accept.header());
        if let Some(etag) = &request.etag {
            builder = builder.header(header::IF_NONE_MATCH, etag);
        }
        if let Some(date) = &request.last_modified {
            builder = builder.header(header::IF_MODIFIED_SINCE, date);
        }
        builder.send().await.map_err(|error| FetchError::from_reqwest(error, url))
    }

    async fn receive(
        &self,
        response: Response,
        request: &FetchRequest,
        trail: Trail,
    ) -> Result<Fetched, FetchError> {
        let status = response.status();
        let headers = answer_headers(response.headers());
        let conditional = request.etag.is_some() || request.last_modified.is_some();
        let not_modified = status == StatusCode::NOT_MODIFIED && conditional;
        if !status.is_success() && !not_modified {
            return Err(FetchError::Http {
                status: status.as_u16(),
                retry_after: headers.retry_after,
            });
        }
        let final_url = trail.current().clone();
        let (body, share) = if not_modified {
            (Vec::new(), BodyShare::default())
        } else {
            self.budget.read(response, request.max_bytes, request.truncate, &final_url).await?
        };
        Ok(Fetched {
            final_url,
            permanent_url: trail.permanent,
            status: status.as_u16(),
            not_modified,
            headers,
            body,
            elapsed: Duration::ZERO,
            share,
        })
    }
}

/// rustls needs to know its cryptography before the first connection; a second installation is refused and harmless.
fn install_tls_provider() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

impl Guard {
    /// A plain client for requests of our own that go where a person said: guarded, without redirects, and bounded in
    /// time. The caller checks each address with [`Guard::check_url`] first.
    ///
    /// # Errors
    /// Where TLS cannot be set up.
    pub fn http_client(self, timeout: Duration) -> Result<reqwest::Client, reqwest::Error> {
        install_tls_provider();
        let builder = || {
            reqwest::Client::builder()
                .user_agent(user_agent(""))
                .no_proxy() // a proxy would connect for us, past the guard
                .redirect(redirect::Policy::none())
                .dns_resolver(GuardedResolver::new(self))
                .timeout(timeout)
                .http1_max_headers(MAX_HEADERS)
                .referer(false)
        };
        builder().build().or_else(|error| {
            tracing::warn!(%error, "no root certificates: https will fail; install ca-certificates");
            builder().tls_certs_only([]).build()
        })
    }
}

fn builder(
    config: &CrawlConfig,
    guard: Guard,
    idle_per_host: usize,
) -> Result<reqwest::ClientBuilder, ClientError> {
    let agent = header::HeaderValue::from_str(&user_agent(&config.contact))
        .map_err(|_| ClientError::BadContact)?;
    let timeout = Duration::from_secs(config.timeout_s);
    Ok(reqwest::Client::builder()
        .user_agent(agent)
        .no_proxy() // a proxy would connect for us, past the guard
        .redirect(redirect::Policy::none())
        .dns_resolver(GuardedResolver::new(guard))
        .connect_timeout(Duration::from_secs(config.connect_timeout_s))
        .read_timeout(timeout.min(MAX_SILENCE))
        .http1_max_headers(MAX_HEADERS)
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .http2_max_header_list_size(64 << 10)
        .pool_max_idle_per_host(idle_per_host)
        .pool_idle_timeout(POOL_IDLE)
        .referer(false))
}

/// How the crawler names itself. `contact` lets site owners reach the operator.
pub fn user_agent(contact: &str) -> String {
    let name = concat!("siftwire/", env!("CARGO_PKG_VERSION"));
    match contact.trim() {
        "" => name.to_owned(),
        contact => format!("{name} (+{contact})"),
    }
}

/// The addresses a request has led through.
struct Trail {
    visited: Vec<Url>,
    permanent: Option<Url>,
    /// No temporary redirect so far.
    only_permanent: bool,
    max: u32,
}

impl Trail {
    fn start(url: &Url, max: u32) -> Self {
        let mut url = url.clone();
        url.set_fragment(None);
        Self { visited: vec![url], permanent: None, only_permanent: true, max }
    }

    fn current(&self) -> &Url {
        &self.visited[self.visited.len() - 1]
    }

    fn step(&mut self, location: &str, status: StatusCode) -> Result<(), FetchError> {
        let mut next = self
            .current()
            .join(location)
            .map_err(|error| FetchError::BadRedirect(error.to_string()))?;
        next.set_fragment(None);
        if self.visited.contains(&next) {
            return Err(FetchError::RedirectLoop { url: next.into() });
        }
        if self.visited.len() > self.max as usize {
            return Err(FetchError::TooManyRedirects { max: self.max });
        }
        self.only_permanent &=
            matches!(status, StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT);
        if self.only_permanent {
            self.permanent = Some(next.clone());
        }
        self.visited.push(next);
        Ok(())
    }
}

fn redirect_target(response: &Response) -> Result<Option<&str>, FetchError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let location = response
        .headers()
        .get(header::LOCATION)
        .ok_or_else(|| FetchError::BadRedirect("the Location header is missing".to_owned()))?;
    let text = std::str::from_utf8(location.as_bytes())
        .map_err(|_| FetchError::BadRedirect("the Location header is not text".to_owned()))?;
    Ok(Some(text))
}

fn answer_headers(map: &HeaderMap) -> AnswerHeaders {
    let text = |name: HeaderName| {
        let value = map.get(name)?.to_str().ok()?.trim();
        (!value.is_empty() && value.len() <= MAX_HEADER_VALUE).then(|| value.to_owned())
    };
    AnswerHeaders {
        content_type: text(header::CONTENT_TYPE),
        etag: text(header::ETAG),
        last_modified: text(header::LAST_MODIFIED),
        cache_control: text(header::CACHE_CONTROL),
        expires: text(header::EXPIRES),
        retry_after: text(header::RETRY_AFTER),
        date: text(header::DATE),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    fn config() -> CrawlConfig {
        CrawlConfig { allow_private: true, timeout_s: 2, ..CrawlConfig::default() }
    }

    /// Answers every connection with `answer`, and closes it.
    async fn serve(answer: Vec<u8>) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut request = [0; 4096];
                let _ = socket.read(&mut request).await;
                let _ = socket.write_all(&answer).await;
            }
        });
        Url::parse(&format!("http://{address}/")).expect("an address")
    }

    async fn fetch(url: Url, config: &CrawlConfig) -> Result<Fetched, FetchError> {
        let client = Client::new(config).expect("a client");
        client.fetch(FetchRequest::new(url, Accept::Feed, 1000)).await
    }

    async fn code_for(answer: &str) -> &'static str {
        let url = serve(answer.as_bytes().to_vec()).await;
        fetch(url, &config()).await.expect_err("an error").code()
    }

    #[tokio::test]
    async fn a_good_answer_is_given_whole() {
        let url = serve(
            b"HTTP/1.1 200 OK\r\nETag: \"a\"\r\nContent-Type: text/xml\r\nContent-Length: 5\r\n\r\n<rss>"
                .to_vec(),
        )
        .await;
        let fetched = fetch(url, &config()).await.expect("an answer");
        assert_eq!((fetched.status, fetched.body.as_slice()), (200, b"<rss>".as_slice()));
        assert_eq!(fetched.headers.etag.as_deref(), Some("\"a\""));
        assert_eq!(fetched.permanent_url, None);
    }

    #[tokio::test]
    async fn bad_answers_are_named() {
        let flood: String = (0..5000).map(|n| format!("X-{n}: {n}\r\n")).collect();
        let long = "x".repeat(1 << 20);
        for (answer, code) in [
            ("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n".to_owned(), "body-too-large"),
            (format!("HTTP/1.1 200 OK\r\n\r\n{}", "x".repeat(1001)), "body-too-large"),
            (format!("HTTP/1.1 200 OK\r\n{flood}\r\n"), "headers-too-large"),
            (format!("HTTP/1.1 200 OK\r\nX: {long}\r\n\r\n"), "headers-too-large"),
            ("HTTP/1.1 302 Found\r\n\r\n".to_owned(), "bad-redirect"),
            ("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n".to_owned(), "redirect-loop"),
            ("HTTP/1.1 302 Found\r\nLocation: ftp://a/\r\n\r\n".to_owned(), "unsupported-scheme"),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_owned(), "http-error"),
            ("HTTP/1.1 304 Not Modified\r\n\r\n".to_owned(), "http-error"),
            (
                "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\nnope"
                    .to_owned(),
                "bad-compression",
            ),
            ("SSH-2.0-OpenSSH_9.6\r\n".to_owned(), "bad-response"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc".to_owned(), "bad-response"),
            (String::new(), "bad-response"),
        ] {
            assert_eq!(code_for(&answer).await, code, "{}", answer.get(..60).unwrap_or(&answer));
        }
    }

    #[tokio::test]
    async fn private_literals_and_names_are_refused() {
        let open = serve(Vec::new()).await;
        let strict = CrawlConfig::default();
        let error = fetch(open.clone(), &strict).await.expect_err("refused");
        assert_eq!(error.code(), "private-address");
        let port = open.port().expect("a port");
        let name = Url::parse(&format!("http://localhost:{port}/")).expect("an address");
        assert_eq!(fetch(name, &strict).await.expect_err("refused").code(), "private-address");
    }

    #[tokio::test]
    async fn redirects_to_private_addresses_are_refused() {
        for inside in
            ["http://127.0.0.2:8080/", "http://[::1]:8080/", "//10.0.0.1/", "http://2130706434/"]
        {
            let url =
                serve(format!("HTTP/1.1 301 Moved\r\nLocation: {inside}\r\n\r\n").into()).await;
            let public = Guard::only([127, 0, 0, 1].into());
            let client = Client::guarded(&CrawlConfig::default(), public).expect("a client");
            let fetched = client.fetch(FetchRequest::new(url, Accept::Feed, 1000)).await;
            let code = fetched.map_err(|error| error.code()).expect_err("refused");
            assert_eq!(code, "private-address", "{inside}");
        }
    }

    #[tokio::test]
    async fn connection_failures_are_named() {
        let unused = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr();
        let url = Url::parse(&format!("http://{}/", unused.expect("an address"))).expect("address");
        assert_eq!(fetch(url, &config()).await.expect_err("closed").code(), "connect-failed");
        let url = Url::parse("http://nowhere.invalid/").expect("an address");
        assert_eq!(fetch(url, &config()).await.expect_err("no such name").code(), "dns-failed");
        let mut plain = serve(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()).await;
        plain.set_scheme("https").expect("a scheme");
        assert_eq!(fetch(plain, &config()).await.expect_err("not TLS").code(), "tls-failed");
    }

    #[test]
    fn only_leading_permanent_redirects_move_a_source() {
        let url = Url::parse("https://ex.org/a#top").expect("an address");
        let mut trail = Trail::start(&url, 5);
        trail.step("/b", StatusCode::MOVED_PERMANENTLY).expect("a step");
        trail.step("/c", StatusCode::FOUND).expect("a step");
        trail.step("//cdn.ex.org/d", StatusCode::PERMANENT_REDIRECT).expect("a step");
        assert_eq!(trail.permanent.as_ref().map(Url::as_str), Some("https://ex.org/b"));
        assert_eq!(trail.current().as_str(), "https://cdn.ex.org/d");
        let again = trail.step("https://ex.org/a", StatusCode::FOUND);
        assert!(matches!(again, Err(FetchError::RedirectLoop { .. })));
    }

    #[test]
    fn redirects_are_counted() {
        let mut trail = Trail::start(&Url::parse("https://ex.org/0").expect("an address"), 2);
        trail.step("1", StatusCode::FOUND).expect("the first");
        trail.step("2", StatusCode::FOUND).expect("the second");
        let third = trail.step("3", StatusCode::FOUND);
        assert!(matches!(third, Err(FetchError::TooManyRedirects { max: 2 })));
    }

    #[test]
    fn the_user_agent_is_honest() {
        let plain = concat!("siftwire/", env!("CARGO_PKG_VERSION"));
        assert_eq!(user_agent(""), plain);
        assert_eq!(user_agent("https://ex.org/bot"), format!("{plain} (+https://ex.org/bot)"));
        let config = CrawlConfig { contact: "a\nb".to_owned(), ..CrawlConfig::default() };
        assert!(matches!(Client::new(&config), Err(ClientError::BadContact)));
    }
}
