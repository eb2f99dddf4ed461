//! Style sheet, script and icons, compiled in. A name carries the digest of its content, so that a
//! browser may keep it for ever; a debug build reads the folder on each request.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use rust_embed::{Embed, EmbeddedFile};

use super::error::AppError;

#[derive(Embed)]
#[folder = "web/static/"]
struct Static;

const FOREVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

/// The address of a file in `web/static`, such as `/static/siftwire.3f2a9c1d.css`.
/// A name that does not exist gives an address that answers 404.
pub(super) fn path_of(name: &str) -> String {
    let Some(file) = Static::get(name) else {
        return format!("/static/{name}");
    };
    match name.rsplit_once('.') {
        Some((stem, extension)) => format!("/static/{stem}.{}.{extension}", digest(&file)),
        None => format!("/static/{name}"),
    }
}

/// `GET /static/{file}`, with or without digest in the name.
pub(super) async fn get(Path(asked): Path<String>) -> Result<Response, AppError> {
    if let Some(file) = Static::get(&asked) {
        return Ok(respond(&asked, file, ASK_AGAIN));
    }
    let (name, wanted) = split_digest(&asked).ok_or(AppError::NoPage)?;
    let file = Static::get(&name).ok_or(AppError::NoPage)?;
    // A page from before an upgrade asks for the old digest: it gets the new file, but may not keep it.
    let keep = if digest(&file) == wanted { FOREVER } else { ASK_AGAIN };
    Ok(respond(&name, file, keep))
}

/// `GET /favicon.ico`: what browsers ask for unasked.
pub(super) async fn favicon() -> Result<Response, AppError> {
    let file = Static::get("favicon.svg").ok_or(AppError::NoPage)?;
    Ok(respond("favicon.svg", file, "public, max-age=86400"))
}

fn respond(name: &str, file: EmbeddedFile, keep: &'static str) -> Response {
    let headers = [(header::CONTENT_TYPE, media_type(name)), (header::CACHE_CONTROL, keep)];
    (StatusCode::OK, headers, file.data).into_response()
}

/// `siftwire.3f2a9c1d.css` to `siftwire.css` and `3f2a9c1d`.
fn split_digest(asked: &str) -> Option<(String, &str)> {
    let (rest, extension) = asked.rsplit_once('.')?;
    let (stem, digest) = rest.rsplit_once('.')?;
    Some((format!("{stem}.{extension}"), digest))
}

fn digest(file: &EmbeddedFile) -> String {
    file.metadata.sha256_hash()[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_carry_a_digest_that_can_be_split_off() {
        let path = path_of("siftwire.css");
        let name = path.strip_prefix("/static/").expect("static path");
        let (plain, digest) = split_digest(name).expect("digest");
        assert_eq!(plain, "siftwire.css");
        assert_eq!(digest.len(), 8);
        assert!(!path_of("no-such.css").contains("..css"));
    }
}
