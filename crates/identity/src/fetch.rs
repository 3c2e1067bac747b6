//! Documents of an issuer, over lent HTTP.

use std::sync::Arc;

use bytes::Bytes;
use call::Exchange;
use error::{Code, Error, Result};
use http::header::{ACCEPT, CACHE_CONTROL};
use http::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use url::Url;

/// The most an issuer's document may have.
const MAX_BYTES: usize = 256 << 10;

/// What an issuer says of itself (OpenID Connect Discovery, section 3; RFC 8414, section 2).
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    issuer: String,
    pub(crate) jwks_uri: Option<Url>,
    pub(crate) introspection_endpoint: Option<Url>,
}

/// The metadata of `issuer`, from where OpenID Connect or OAuth put it. The document must name the issuer it was asked
/// of, to the letter: else one issuer could speak for another (RFC 8414, section 3.3).
pub(crate) async fn discover(exchange: &Arc<dyn Exchange>, issuer: &str) -> Result<Metadata> {
    let mut failure = unavailable("the issuer's name is no URL", issuer);
    for url in metadata_urls(issuer) {
        match document(exchange, &url).await {
            Ok(reply) => match serde_json::from_slice::<Metadata>(reply.body()) {
                Ok(metadata) if metadata.issuer == issuer => return Ok(metadata),
                Ok(metadata) => {
                    failure =
                        garbled(&url).detail(format!("the metadata of {issuer} names {}", metadata.issuer));
                }
                // Some sites answer every path with a page.
                Err(error) => failure = garbled(&url).source(error),
            },
            Err(error) => failure = error,
        }
    }
    Err(failure)
}

/// A URL out of an issuer's metadata: of the issuer's own origin, or of a host that is trusted besides.
pub(crate) fn follow(issuer: &str, trusted_hosts: &[&str], url: Url) -> Result<Url> {
    let own = Url::parse(issuer).is_ok_and(|issuer| issuer.origin() == url.origin());
    let trusted = url.scheme() == "https" && url.host_str().is_some_and(|host| trusted_hosts.contains(&host));
    match call::address::check(&url) {
        Ok(()) if own || trusted => Ok(url),
        Ok(()) => {
            Err(garbled(&url).detail(format!("{url} is not of the issuer; configure `jwks_url` to trust it")))
        }
        Err(problem) => Err(garbled(&url).detail(format!("{url}: {problem}"))),
    }
}

/// Gets a JSON document of at most 256 kB.
pub(crate) async fn document(exchange: &Arc<dyn Exchange>, url: &Url) -> Result<Response<Bytes>> {
    let request = Request::builder()
        .method(Method::GET)
        .uri(url.as_str())
        .header(ACCEPT, "application/json")
        .body(Bytes::new())
        .map_err(|e| Error::internal("a request to an issuer cannot be built").source(e))?;
    bounded(exchange.exchange(request).await?, url)
}

/// A reply that has the expected status and size.
pub(crate) fn bounded(reply: Response<Bytes>, url: &Url) -> Result<Response<Bytes>> {
    if reply.status() != StatusCode::OK {
        return Err(
            unavailable("the issuer refused", url).detail(format!("{url} answered {}", reply.status()))
        );
    }
    if reply.body().len() > MAX_BYTES {
        return Err(garbled(url).detail(format!("{url} answered {} bytes", reply.body().len())));
    }
    Ok(reply)
}

/// The seconds of `Cache-Control: max-age`.
pub(crate) fn max_age(reply: &Response<Bytes>) -> Option<u64> {
    let values = reply.headers().get_all(CACHE_CONTROL).iter().filter_map(|value| value.to_str().ok());
    let mut directives = values.flat_map(|value| value.split(','));
    directives.find_map(|directive| directive.trim().strip_prefix("max-age=")?.trim_matches('"').parse().ok())
}

/// An answer of an issuer that is none.
pub(crate) fn garbled(url: &Url) -> Error {
    Error::new(Code::UpstreamGarbled, "the issuer's answer cannot be used").detail(url.to_string())
}

fn unavailable(message: &'static str, what: impl std::fmt::Display) -> Error {
    Error::new(Code::UpstreamUnavailable, message).detail(what.to_string())
}

/// Behind the issuer's path as OpenID Connect has it, and in front of it as RFC 8414 has it.
fn metadata_urls(issuer: &str) -> Vec<Url> {
    let Ok(base) = Url::parse(issuer) else { return Vec::new() };
    let path = base.path().trim_end_matches('/');
    let paths = [
        format!("{path}/.well-known/openid-configuration"),
        format!("/.well-known/oauth-authorization-server{path}"),
    ];
    let with = |path: &String| {
        let mut url = base.clone();
        url.set_path(path);
        url
    };
    paths.iter().map(with).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn metadata_is_looked_for_where_both_documents_put_it() {
        let urls = metadata_urls("https://id.example/realms/corp/");
        assert_eq!(urls[0].as_str(), "https://id.example/realms/corp/.well-known/openid-configuration");
        assert_eq!(urls[1].as_str(), "https://id.example/.well-known/oauth-authorization-server/realms/corp");
    }

    #[test]
    fn an_issuer_leads_to_itself_and_to_trusted_hosts_only() {
        let follow = |target: &str| follow("https://id.example/x", &["keys.example"], url(target));
        for good in ["https://id.example/keys", "https://keys.example/k"] {
            follow(good).unwrap();
        }
        for bad in [
            "http://id.example/keys",
            "https://id.example:444/keys",
            "https://evil.example/keys",
            "http://keys.example/k",
            "https://169.254.169.254/latest",
            "http://127.0.0.1:80/",
            "https://id.example@evil.example/",
        ] {
            assert!(follow(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn max_age_is_read_among_other_directives() {
        let reply =
            |value: &str| Response::builder().header(CACHE_CONTROL, value).body(Bytes::new()).unwrap();
        assert_eq!(max_age(&reply("public, max-age=600, must-revalidate")), Some(600));
        assert_eq!(max_age(&reply("no-cache")), None);
        assert_eq!(max_age(&reply("max-age=x")), None);
    }
}
