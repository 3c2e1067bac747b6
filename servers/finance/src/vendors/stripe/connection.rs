//! One Stripe account: what every request to it carries.

use call::Cx;
use error::{Error, Result};
use outbound::{Client, Reply, Request};
use tool::Fetch;

use super::judge::{judge, judge_read};
use super::query::Search;
use super::wire::List;

/// A connection to one account.
pub(super) struct Account {
    client: Client,
    version: String,
    connected: Option<String>,
}

impl Account {
    /// Speaks the given version of the API, for a connected account if one is named.
    pub(super) fn new(client: Client, version: String, connected: Option<String>) -> Self {
        Self { client, version, connected }
    }

    /// Reads.
    pub(super) async fn read(&self, cx: &Cx, request: Request) -> Result<Reply> {
        self.client.send(cx, self.marked(request).judge(judge_read)).await
    }

    /// Reads one record; `None` if there is none.
    pub(super) async fn find(&self, cx: &Cx, request: Request) -> Result<Option<Reply>> {
        match self.read(cx, request).await {
            Ok(reply) => Ok(Some(reply)),
            Err(error) if error.code() == error::Code::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Writes once, however often it is sent: Stripe answers a known key with its first answer for 24 hours and more.
    pub(super) async fn write(&self, cx: &Cx, request: Request, key: &str) -> Result<Reply> {
        let request = self.marked(request).header("idempotency-key", key).idempotent().judge(judge);
        self.client.send(cx, request).await
    }

    fn marked(&self, request: Request) -> Request {
        let request = request.header("stripe-version", &self.version);
        match &self.connected {
            Some(account) => request.header("stripe-account", account),
            None => request,
        }
    }
}

/// What is asked for a page: a list with its filters, or a search. Their page tokens differ.
pub(super) enum Asked {
    /// In the order of creation, newest first, complete at once.
    List(Request),
    /// The same order; what was written in the last minute may be missing.
    Search(Request, Search),
}

impl Asked {
    /// The request for one page.
    pub(super) fn page(self, fetch: &Fetch) -> Result<Request> {
        let limit = fetch.limit.clamp(1, 100);
        let strange = || Error::internal("a page token that is none of ours");
        Ok(match (self, fetch.token.as_deref()) {
            (Self::List(request), None) => request.query("limit", limit),
            (Self::List(request), Some(token)) => {
                let last = token.strip_prefix("after ").ok_or_else(strange)?;
                request.query("limit", limit).query("starting_after", last)
            }
            (Self::Search(request, search), token) => {
                let request = request.query("query", search.text()).query("limit", limit);
                match token {
                    None => request,
                    Some(token) => request.query("page", token.strip_prefix("page ").ok_or_else(strange)?),
                }
            }
        })
    }
}

/// The token of the page after this one.
pub(super) fn next<T>(list: &List<T>, id: impl Fn(&T) -> &str) -> Option<String> {
    match (&list.next_page, list.data.last()) {
        (Some(page), _) => Some(format!("page {page}")),
        (None, Some(last)) if list.has_more => Some(format!("after {}", id(last))),
        _ => None,
    }
}
