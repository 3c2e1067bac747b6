//! A vendor account to talk to.

use std::sync::Arc;

use call::{Cx, Serve as _, Stack};
use error::{Error, Result};
use http::header::{AUTHORIZATION, HOST};
use http::{HeaderName, HeaderValue};
use oauth::Tokens;
use url::Url;

use crate::answer::Answer;
use crate::ask::{Ask, Plan, Tally};
use crate::tower::Tower;
use crate::{Class, Profile, Reply, Request, address};

/// A source: what a vendor's client sends its requests through. Cheap to clone; clones share all limits.
#[derive(Clone)]
pub struct Client(Arc<Inner>);

struct Inner {
    source: String,
    base: Url,
    profile: Profile,
    tokens: Arc<Tokens>,
    stack: Stack<Ask, Answer>,
}

impl Client {
    pub(crate) fn new(
        source: String,
        base: Url,
        profile: Profile,
        tokens: Arc<Tokens>,
        stack: Stack<Ask, Answer>,
    ) -> Self {
        Self(Arc::new(Inner { source, base, profile, tokens, stack }))
    }

    /// Sends `request` through the stack; the reply is one its judge accepted.
    ///
    /// Errors: whatever the judge refuses with; `rate_limited` and `quota_exhausted` with `retry_after_ms`;
    /// `upstream_auth`, `upstream_unavailable`, `upstream_garbled`, `upstream_too_large`; `deadline`;
    /// `outcome_unknown` with the operation for a write that may have taken effect; `invalid_argument` for a
    /// parameter that would have changed the path.
    pub async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        let ask = Ask::new(self.plan(cx, request)?);
        match self.0.stack.serve(cx, ask).await? {
            Answer::Done(reply) => Ok(reply),
            Answer::Refused(error) => Err(error),
            Answer::Failed(failure) => Err(failure.error),
        }
    }

    /// The source's name: `jira-eu`.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.0.source
    }

    /// The vendor: `jira`.
    #[must_use]
    pub fn vendor(&self) -> &'static str {
        self.0.profile.vendor
    }

    /// Where the vendor's API is.
    #[must_use]
    pub fn base_url(&self) -> &Url {
        &self.0.base
    }

    /// Gets a token if there is none, to see whether the credential works.
    pub async fn authenticate(&self) -> Result<()> {
        self.0.tokens.current().await.map(drop)
    }

    /// The stack as a `tower` service, for clients that bring their own requests; see [`crate::scope`].
    #[must_use]
    pub fn tower(&self) -> Tower {
        Tower::new(self.clone())
    }

    /// Finds the target and checks it.
    pub(crate) fn plan(&self, cx: &Cx, request: Request) -> Result<Plan> {
        let url = match &request.absolute {
            Some(url) => address::follow(&self.0.base, self.0.profile.trusted_suffixes, url)?,
            None => self.relative(request.route()?)?,
        };
        if let Some(defect) = request.defect {
            return Err(defect);
        }
        if cx.is_preview() && request.class == Class::Write {
            return Err(Error::internal("a preview was about to change something at a vendor"));
        }
        let mut headers = request.headers;
        headers.remove(AUTHORIZATION);
        headers.remove(HOST);
        if let Ok(value) = HeaderValue::try_from(cx.trace().traceparent()) {
            headers.insert(HeaderName::from_static("traceparent"), value);
        }
        for (name, value) in self.0.profile.headers {
            // The request's own value wins.
            headers.entry(HeaderName::from_static(name)).or_insert_with(|| HeaderValue::from_static(value));
        }
        Ok(Plan {
            method: request.method,
            url,
            template: request.template,
            headers,
            body: request.body,
            class: request.class,
            repeat: request.repeat,
            judge: request.judge,
            bucket: request.bucket,
            tally: Tally::default(),
        })
    }

    /// A route under the base URL, whose path stays in front of it.
    fn relative(&self, route: &str) -> Result<Url> {
        let (path, query) = route.split_once('?').map_or((route, None), |(path, query)| (path, Some(query)));
        let mut url = self.0.base.clone();
        url.set_path(&format!("{}{path}", self.0.base.path().trim_end_matches('/')));
        url.set_query(query);
        // The parser must not have understood more than we wrote.
        if url.path().matches('/').count() < path.matches('/').count() {
            return Err(Error::internal("a route lost a segment"));
        }
        Ok(url)
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("source", &self.0.source).finish_non_exhaustive()
    }
}
