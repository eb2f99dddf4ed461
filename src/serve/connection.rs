//! Accepts connections and holds each to limits that axum's own server does not set: how long and how
//! large a request head may be, and how many connections may be open. HTTP/1.1 alone: browsers speak
//! HTTP/2 only over TLS, which a proxy in front provides.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tower::util::MapRequest;

use super::address::Peer;

/// Connections open at once; others wait in the listener's queue.
const MAX_CONNECTIONS: usize = 2_000;
/// Bytes of a request head.
const MAX_HEAD: usize = 64 << 10;
const MAX_HEADERS: usize = 100;
/// For a client to send the head of a request.
const HEAD_TIME: Duration = Duration::from_secs(10);
/// For a client to take some of what is sent. One that takes nothing would hold its export, and the few that may run at
/// once, for ever.
const STALL_TIME: Duration = Duration::from_secs(60);
/// For requests under way to end once the server is told to stop.
const GRACE: Duration = Duration::from_secs(10);
/// Pause after the system refuses a connection, for want of file handles for instance.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves until `shutdown`, then lets requests under way end.
pub(super) async fn accept(listener: TcpListener, router: Router, shutdown: CancellationToken) {
    let permits = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let builder = Arc::new(limited_builder());
    let tasks = TaskTracker::new();
    loop {
        let Ok(permit) = permits.clone().acquire_owned().await else { break };
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok((stream, address)) => (stream, Peer(address.ip())),
            Err(error) => {
                tracing::warn!(%error, "connection not accepted");
                tokio::time::sleep(ACCEPT_PAUSE).await;
                continue;
            }
        };
        let connection = serve_one(stream, peer, router.clone(), builder.clone(), shutdown.clone());
        tasks.spawn(async move {
            connection.await;
            drop(permit);
        });
    }
    tasks.close();
    if tokio::time::timeout(GRACE, tasks.wait()).await.is_err() {
        tracing::warn!(open = tasks.len(), "connections cut after the grace period");
    }
}

fn limited_builder() -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .max_buf_size(MAX_HEAD)
        .max_headers(MAX_HEADERS);
    builder
}

async fn serve_one(
    stream: TcpStream,
    peer: Peer,
    router: Router,
    builder: Arc<http1::Builder>,
    shutdown: CancellationToken,
) {
    // Pages are written at once; waiting for more to send would only delay them.
    let _ = stream.set_nodelay(true);
    let named = MapRequest::new(router, move |request: Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        request
    });
    let service = TowerToHyperService::new(named);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(STALL_TIME));
    let stream = TokioIo::new(Box::pin(stream));
    let mut connection = pin!(builder.serve_connection(stream, service));
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "connection ended early");
    }
}

#[cfg(test)]
mod tests {
    use axum::{body::Bytes, routing::get};
    use futures::{StreamExt as _, stream};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::*;

    async fn endless() -> Body {
        let part = Bytes::from_static(&[b'x'; 4096]);
        Body::from_stream(stream::repeat(part).map(Ok::<_, std::io::Error>))
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_is_let_go() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (client, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (mut client, (stream, peer)) =
            (client.expect("connected"), accepted.expect("a connection"));
        let router = Router::new().route("/", get(endless));
        let builder = Arc::new(limited_builder());
        let serving = serve_one(stream, Peer(peer.ip()), router, builder, CancellationToken::new());
        let serving = tokio::spawn(serving);
        client.write_all(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n").await.expect("asked");
        client.read_exact(&mut [0; 12]).await.expect("an answer that begins");
        // From here on the clock jumps whenever nothing else happens.
        tokio::time::pause();
        let hour = Duration::from_secs(3_600);
        tokio::time::timeout(hour, serving).await.expect("let go").expect("no panic");
    }
}
