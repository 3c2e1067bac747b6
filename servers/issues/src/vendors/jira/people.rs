//! People and projects.

use std::sync::Arc;
use std::time::Duration;

use call::{Cx, Fresh};
use content::Label;
use error::Result;
use outbound::Request;

use super::Jira;
use super::connection::Connection;
use super::wire::{self, ProjectPage, User};
use tool::{Person, Place};

/// People at most.
const MOST_PEOPLE: usize = 10;

/// Pages of projects at most, 100 on each.
const MOST_PAGES: usize = 20;

impl Jira {
    pub(super) async fn named(&self, cx: &Cx, text: &str) -> Result<Vec<Person>> {
        let server = self.connection.server(cx).await?;
        let request =
            Request::get("/rest/api/{version}/user/search", &[server.version()]).query("maxResults", 50);
        let request = match (server.cloud, is_account_id(text)) {
            (true, true) => request.query("accountId", text),
            (true, false) => request.query("query", text),
            (false, _) => request.query("username", text),
        };
        let reply = self.connection.send(cx, &server, request).await?;
        let found: Vec<User<'_>> = reply.json()?;
        let meant = found.iter().filter(|user| user.active && is_called(user, text));
        Ok(meant
            .take(MOST_PEOPLE)
            .map(|user| Person {
                id: user.id().to_owned(),
                name: Label::new(user.shown()),
                email: user.email.as_deref().map(str::to_owned),
            })
            .collect())
    }

    pub(super) async fn all_projects(&self, cx: &Cx) -> Result<Vec<Place>> {
        let connection = Arc::clone(&self.connection);
        let all = self.projects.shared(cx, |cx| async move {
            let value = projects(&cx, &connection).await?;
            Ok(Fresh { value, fresh_for: Duration::from_mins(5), valid_for: Duration::from_hours(1) })
        });
        let allowed = &self.configured.0.projects;
        let within = |p: &&Place| allowed.is_empty() || allowed.contains(&p.key);
        Ok(all.await?.iter().filter(within).cloned().collect())
    }
}

/// Jira matches beginnings; a reference must match as a whole. One who hides the e-mail address is found by it all
/// the same, and only by the whole of it.
fn is_called(user: &User<'_>, text: &str) -> bool {
    let same = |own: &str| own.to_lowercase() == text.to_lowercase();
    let by_email = match user.email.as_deref() {
        Some(email) => same(email),
        None => text.contains('@'),
    };
    by_email || same(user.shown()) || same(user.id())
}

/// `5b10ac8d82e05b22cc7d4ef5`, `712020:4f5c0e6b-…`.
fn is_account_id(text: &str) -> bool {
    let hex = |part: &str| part.len() >= 24 && part.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-');
    match text.split_once(':') {
        Some((realm, id)) => !realm.is_empty() && realm.bytes().all(|b| b.is_ascii_alphanumeric()) && hex(id),
        None => hex(text),
    }
}

async fn projects(cx: &Cx, connection: &Arc<Connection>) -> Result<Vec<Place>> {
    let server = connection.server(cx).await?;
    let shown = |p: &wire::Project<'_>| Place { key: p.key.to_string(), name: Label::new(&p.name) };
    if !server.cloud {
        let request = Request::get("/rest/api/{version}/project", &[server.version()]);
        let reply = connection.send(cx, &server, request).await?;
        let found: Vec<wire::Project<'_>> = reply.json()?;
        return Ok(found.iter().map(shown).collect());
    }
    let mut all = Vec::new();
    for _ in 0..MOST_PAGES {
        let request = Request::get("/rest/api/{version}/project/search", &[server.version()])
            .query("startAt", all.len())
            .query("maxResults", 100);
        let reply = connection.send(cx, &server, request).await?;
        let page: ProjectPage<'_> = reply.json()?;
        all.extend(page.values.iter().map(shown));
        if page.last || page.values.is_empty() {
            break;
        }
    }
    Ok(all)
}
