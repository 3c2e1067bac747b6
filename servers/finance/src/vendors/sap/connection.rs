//! The way to the system: questions answered over several pages, writes with a session's token.

use std::sync::Arc;
use std::time::Duration;

use call::{Cached, Cx, Fresh};
use error::{Code, Error, Result};
use futures::future::try_join_all;
use outbound::{Client, Reply, Request};
use serde::Deserialize;

use super::judge::{judge, wants_token};
use super::question::Question;
use super::wire::{List, Tail};

/// Rows asked for at once: an answer has to fit into memory.
const TOGETHER: usize = 1000;

/// Sends requests to the system.
pub(super) struct Connection {
    client: Client,
    /// `sap-client`, where one is configured.
    system_client: Option<String>,
    language: String,
    session: Cached<Session>,
}

/// A token and the cookies of the session it belongs to: one is worth nothing without the others.
struct Session {
    token: String,
    cookies: String,
}

/// Rows as SAP gave them.
pub(super) struct Found {
    replies: Vec<Reply>,
    /// How many there are in all, where it was asked.
    pub(super) count: Option<u64>,
    /// There are more than were asked for.
    pub(super) more: bool,
    most: usize,
}

impl Found {
    /// The rows, borrowed from the replies.
    pub(super) fn rows<'a, T: Deserialize<'a>>(&'a self) -> Result<Vec<T>> {
        let mut rows = Vec::new();
        for reply in &self.replies {
            rows.extend(reply.json::<List<T>>()?.rows());
        }
        rows.truncate(self.most);
        Ok(rows)
    }
}

impl Connection {
    pub(super) fn new(client: Client, system_client: Option<String>, language: Option<String>) -> Self {
        let language = language.unwrap_or_else(|| "EN".to_owned());
        Self { client, system_client, language, session: Cached::new() }
    }

    /// At most `most` rows from `skip` on, over as many answers as SAP cuts them into.
    pub(super) async fn ask(&self, cx: &Cx, question: &Question, skip: usize, most: usize) -> Result<Found> {
        let mut found = Found { replies: Vec::new(), count: None, more: false, most };
        let mut rows = 0;
        loop {
            // One row more tells whether there is a next page.
            let top = (most + 1 - rows).min(TOGETHER);
            let got = self.chunk(cx, question, skip + rows, top, &mut found).await?;
            rows += got;
            found.more = rows > most;
            if found.more || got < top {
                return Ok(found);
            }
        }
    }

    /// Rows `skip` to `skip + top`: how many there were. Older systems give all at once, others in parts.
    async fn chunk(
        &self,
        cx: &Cx,
        question: &Question,
        skip: usize,
        top: usize,
        found: &mut Found,
    ) -> Result<usize> {
        let mut request = question.request(skip, top);
        let mut rows = 0;
        loop {
            let reply = self.send(cx, request).await?;
            let tail: Tail<'_> = reply.json()?;
            let part = tail.rows();
            rows += part;
            found.count = found.count.or(tail.count());
            let rest = tail.next().filter(|_| rows < top && part > 0).map(|link| question.rest(link));
            found.replies.push(reply);
            match rest {
                None => return Ok(rows),
                Some(Some(rest)) => request = rest,
                Some(None) => {
                    let message = "SAP's link to the next page cannot be followed";
                    return Err(Error::new(Code::UpstreamGarbled, message));
                }
            }
        }
    }

    /// The rows that fit each of several questions, asked at the same time.
    pub(super) async fn ask_all(&self, cx: &Cx, questions: &[Question], most: usize) -> Result<Vec<Found>> {
        try_join_all(questions.iter().map(|question| self.ask(cx, question, 0, most))).await
    }

    /// All rows that fit each of several questions. `too_broad` where there are more than can be looked at: what an account
    /// tells of an invoice is wrong where an item of it is left out.
    pub(super) async fn ask_whole(&self, cx: &Cx, questions: &[Question]) -> Result<Vec<Found>> {
        let found = self.ask_all(cx, questions, TOGETHER).await?;
        if found.iter().any(|found| found.more) {
            let message = "SAP has more items of these invoices than can be looked at";
            return Err(Error::new(Code::TooBroad, message).hint("ask for fewer of them with `limit`"));
        }
        Ok(found)
    }

    /// Sends a write that creates. SAP refuses a token that has ended before it does anything, so that the write is
    /// sent once more with a fresh one.
    pub(super) async fn create(
        &self,
        cx: &Cx,
        service: &'static str,
        request: impl Fn() -> Request,
    ) -> Result<Reply> {
        for _ in 0..2 {
            let session = self.session(cx, service).await?;
            let armed = request().header("x-csrf-token", &session.token).header("cookie", &session.cookies);
            let reply = self.send(cx, armed).await?;
            if !wants_token(&reply) {
                return Ok(reply);
            }
            self.session.invalidate(&session);
        }
        let message = "SAP does not accept the security token that it gave out itself";
        let hint =
            "a load balancer without sticky sessions, or a proxy that drops cookies, may stand between";
        Err(Error::new(Code::UpstreamAuth, message).hint(hint))
    }

    async fn session(&self, cx: &Cx, service: &'static str) -> Result<Arc<Session>> {
        let client = self.client.clone();
        let request = self.dressed(Request::get(service, &[]).header("x-csrf-token", "Fetch"));
        self.session
            .shared(cx, |cx| async move {
                let reply = client.send(&cx, request).await?;
                let value = opened(&reply)?;
                // Sessions end after half an hour that nobody used them.
                Ok(Fresh { value, fresh_for: Duration::from_mins(20), valid_for: Duration::from_mins(20) })
            })
            .await
    }

    async fn send(&self, cx: &Cx, request: Request) -> Result<Reply> {
        self.client.send(cx, self.dressed(request)).await
    }

    fn dressed(&self, request: Request) -> Request {
        let request = request.judge(judge).header("sap-language", &self.language);
        match &self.system_client {
            Some(client) => request.header("sap-client", client),
            None => request,
        }
    }
}

/// The session that a reply opens.
fn opened(reply: &Reply) -> Result<Session> {
    let token = reply.header("x-csrf-token").filter(|token| !token.eq_ignore_ascii_case("required"));
    let token = token
        .ok_or_else(|| Error::new(Code::UpstreamGarbled, "SAP gave no security token where it should"))?;
    let cookies = reply.headers.get_all("set-cookie").iter().filter_map(|cookie| cookie.to_str().ok());
    let pairs: Vec<&str> = cookies.filter_map(|cookie| cookie.split(';').next()).map(str::trim).collect();
    Ok(Session { token: token.to_owned(), cookies: pairs.join("; ") })
}
