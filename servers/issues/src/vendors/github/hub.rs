//! GitHub through octocrab, riding our stack.
//!
//! octocrab makes the requests; the stack below signs, limits, retries and judges them, so that octocrab sees accepted
//! replies only. Its pages and models are not used: they read bodies through a tree of values.

use std::sync::OnceLock;

use call::Cx;
use error::{Code, Error, Result};
use http_body_util::BodyExt as _;
use octocrab::{AuthState, FromResponse, OctoBody, Octocrab, OctocrabBuilder};
use outbound::{Client, Kit, Profile, Request, Settings};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tower::ServiceExt as _;
use url::Url;

/// A connection to one GitHub account.
pub(super) struct Hub {
    client: Client,
    /// Made with the first request: octocrab spawns a task, which needs a runtime.
    crab: OnceLock<Octocrab>,
}

/// A page of a list.
#[derive(Debug)]
pub(super) struct Listed<T> {
    /// Its rows.
    pub(super) rows: Vec<T>,
    /// GitHub has another page.
    pub(super) more: bool,
    /// The number of the last page, unless this is it.
    pub(super) last: Option<u32>,
}

impl Hub {
    /// A connection for a source; asks nobody.
    pub(super) fn new(settings: &Settings, kit: &Kit, profile: Profile) -> Result<Self> {
        Ok(Self { client: kit.client(settings, profile)?, crab: OnceLock::new() })
    }

    /// Where the API is.
    pub(super) fn base(&self) -> &Url {
        self.client.base_url()
    }

    /// Reads one record.
    pub(super) async fn get<T: DeserializeOwned>(&self, cx: &Cx, request: Request) -> Result<T> {
        self.read(cx, request).await
    }

    /// Reads a page of a list.
    pub(super) async fn list<T: DeserializeOwned + Send>(
        &self,
        cx: &Cx,
        request: Request,
    ) -> Result<Listed<T>> {
        self.read(cx, request).await
    }

    /// Reads a list up to `most` pages of 100; `more` says that something was left.
    pub(super) async fn all<T: DeserializeOwned + Send>(
        &self,
        cx: &Cx,
        request: impl Fn() -> Request,
        most: u32,
    ) -> Result<Listed<T>> {
        let mut all = Listed { rows: Vec::new(), more: true, last: None };
        let mut number = 1;
        while all.more && number <= most {
            let page = self.list(cx, super::ask::page(request(), number, 100)).await?;
            all.rows.extend(page.rows);
            all.more = page.more;
            number += 1;
        }
        Ok(all)
    }

    /// Creates. Errors: `outcome_unknown` also for an accepting reply that cannot be read.
    pub(super) async fn post<T: DeserializeOwned>(
        &self,
        cx: &Cx,
        request: Request,
        body: &impl Serialize,
    ) -> Result<T> {
        let (crab, target) = (self.crab(), request.route()?.to_owned());
        let sent = outbound::scope(cx, request, async { crab.post(&target, Some(body)).await });
        sent.await.map_err(|fault| unread(cx, &fault))
    }

    /// Changes. Errors: as [`Hub::post`].
    pub(super) async fn patch<T: DeserializeOwned>(
        &self,
        cx: &Cx,
        request: Request,
        body: &impl Serialize,
    ) -> Result<T> {
        let (crab, target) = (self.crab(), request.route()?.to_owned());
        let sent = outbound::scope(cx, request, async { crab.patch(&target, Some(body)).await });
        sent.await.map_err(|fault| unread(cx, &fault))
    }

    /// Deletes. What GitHub says to it is not read.
    pub(super) async fn delete(&self, cx: &Cx, request: Request) -> Result<()> {
        let (crab, target) = (self.crab(), request.route()?.to_owned());
        // The stack has judged the reply; octocrab's own look at the status would refuse a 404 that is as good.
        let sent = outbound::scope(cx, request, async { crab._delete(&*target, None::<&()>).await });
        sent.await.map(drop).map_err(|fault| unread(cx, &fault))
    }

    async fn read<T: FromResponse>(&self, cx: &Cx, request: Request) -> Result<T> {
        let (crab, target) = (self.crab(), request.route()?.to_owned());
        let read = outbound::scope(cx, request, async { crab.get(&target, None::<&()>).await });
        read.await.map_err(|fault| {
            outbound::recover(&fault).unwrap_or_else(|| {
                Error::new(Code::UpstreamGarbled, "GitHub's answer has another shape than documented")
                    .detail(detail(&fault))
            })
        })
    }

    fn crab(&self) -> Octocrab {
        let build = || {
            // octocrab names an API version of its own; the profile's is the one that is meant.
            let versioned = |mut request: http::Request<OctoBody>| {
                request.headers_mut().remove("x-github-api-version");
                request
            };
            let builder =
                OctocrabBuilder::new_empty().with_service(self.client.tower().map_request(versioned));
            let Ok(crab) = builder.with_auth(AuthState::None).build();
            crab
        };
        self.crab.get_or_init(build).clone()
    }
}

impl<T: DeserializeOwned + Send> FromResponse for Listed<T> {
    async fn from_response<B>(response: http::Response<B>) -> octocrab::Result<Self>
    where
        B: http_body::Body<Data = bytes::Bytes, Error = octocrab::Error> + Send,
    {
        let (head, body) = response.into_parts();
        let links = head.headers.get_all(http::header::LINK).iter().filter_map(|value| value.to_str().ok());
        let links: Vec<String> = links.map(str::to_owned).collect();
        let bytes = http_body_util::Full::new(body.collect().await?.to_bytes());
        let body = bytes.map_err(|never| match never {});
        let rows = Vec::<T>::from_response(http::Response::from_parts(head, body)).await?;
        let page = |name: &str| links.iter().find_map(|link| page_of(link, name));
        Ok(Self { rows, more: page("next").is_some(), last: page("last") })
    }
}

/// The page that a `Link` header names for a relation (RFC 8288). Only the number is taken: a URL of the vendor's is
/// never followed.
fn page_of(header: &str, relation: &str) -> Option<u32> {
    let wanted = format!("rel=\"{relation}\"");
    header.split(", <").find(|link| link.contains(&wanted)).and_then(|link| {
        let url = Url::parse(link.trim_start_matches('<').split_once('>')?.0).ok()?;
        url.query_pairs().find(|(name, _)| name == "page")?.1.parse().ok()
    })
}

/// The error of a write: ours, or that its reply cannot be read.
fn unread(cx: &Cx, fault: &octocrab::Error) -> Error {
    outbound::recover(fault).unwrap_or_else(|| {
        let id = cx.operation().map(|operation| operation.id.clone()).unwrap_or_default();
        Error::new(Code::OutcomeUnknown, "GitHub accepted the write and its reply cannot be read")
            .operation(id)
            .detail(detail(fault))
    })
}

/// For the log.
fn detail(fault: &octocrab::Error) -> String {
    match fault {
        octocrab::Error::Json { source, .. } => format!("{}: {}", source.path(), source.inner()),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_numbers_out_of_links() {
        let link = r#"<https://x/repos/a/b/issues?labels=a%2C+%3Cb&page=2>; rel="next", <https://x/i?page=9>; rel="last""#;
        assert_eq!(
            (page_of(link, "next"), page_of(link, "last"), page_of(link, "prev")),
            (Some(2), Some(9), None)
        );
        assert_eq!(page_of("<not a url>; rel=\"next\"", "next"), None);
        assert_eq!(page_of("rel=\"next\"", "next"), None);
    }
}
