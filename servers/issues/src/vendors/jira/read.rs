//! One issue, with what surrounds it.

use call::Cx;
use content::Label;
use error::Result;
use futures::future::try_join3;
use outbound::Request;

use super::Jira;
use super::connection::Server;
use super::map::{self, Lens};
use super::wire::{self, Comments};
use crate::model::{Comment, Delivery, Issue, IssueDetail, RemoteLink};
use crate::tracker::{Former, Surroundings};

/// An issue as a write finds it.
pub(super) struct Held {
    pub(super) issue: Issue,
    /// Jira's number, for `reconcileIssues`.
    pub(super) number: Option<u64>,
    pub(super) former: Former,
}

impl Jira {
    pub(super) async fn detail(&self, cx: &Cx, id: &str, want: Surroundings) -> Result<IssueDetail> {
        self.within_reach(id)?;
        let (server, lexicon) = self.ready(cx).await?;
        let lens = Lens::new(self, &server, &lexicon, cx);
        let mut request = Request::get("/rest/api/{version}/issue/{key}", &[server.version(), id])
            .query("fields", lens.full_fields().join(","));
        if want.history > 0 {
            request = request.query("expand", "changelog");
        }
        let (issue, comments, development) = try_join3(
            self.connection.send(cx, &server, request),
            self.comments(cx, &server, id, want.comments),
            self.development(cx, &server, id, want.development),
        )
        .await?;
        let found: wire::Issue<'_> = issue.json()?;
        // An issue that was moved answers to its old key.
        self.within_reach(&found.key)?;
        let history = found.changelog.as_ref().map(|log| map::history(log, want.history as usize));
        Ok(IssueDetail {
            issue: lens.issue(&found, true)?,
            comments,
            links: if want.links { lens.links(&found.fields) } else { Vec::new() },
            history: history.unwrap_or_default(),
            development,
            truncated: false,
            omitted: None,
        })
    }

    /// The issue before a write.
    pub(super) async fn held(&self, cx: &Cx, id: &str) -> Result<Held> {
        let held = |lens: &Lens<'_>, found: &wire::Issue<'_>| {
            Ok(Held {
                issue: lens.issue(found, true)?,
                number: found.id.parse().ok(),
                former: lens.former(&found.fields, &self.configured.1),
            })
        };
        self.seen(cx, id, held).await
    }

    /// The issue as it is.
    pub(super) async fn now(&self, cx: &Cx, id: &str) -> Result<Issue> {
        self.seen(cx, id, |lens, found| lens.issue(found, true)).await
    }

    async fn seen<T>(
        &self,
        cx: &Cx,
        id: &str,
        map: impl Fn(&Lens<'_>, &wire::Issue<'_>) -> Result<T>,
    ) -> Result<T> {
        self.within_reach(id)?;
        let (server, lexicon) = self.ready(cx).await?;
        let lens = Lens::new(self, &server, &lexicon, cx);
        let request = Request::get("/rest/api/{version}/issue/{key}", &[server.version(), id])
            .query("fields", lens.full_fields().join(","));
        let reply = self.connection.send(cx, &server, request).await?;
        let found: wire::Issue<'_> = reply.json()?;
        self.within_reach(&found.key)?;
        map(&lens, &found)
    }

    async fn comments(&self, cx: &Cx, server: &Server, id: &str, most: u32) -> Result<Vec<Comment>> {
        if most == 0 {
            return Ok(Vec::new());
        }
        let request = Request::get("/rest/api/{version}/issue/{key}/comment", &[server.version(), id])
            .query("orderBy", "-created")
            .query("maxResults", most);
        let reply = self.connection.send(cx, server, request).await?;
        let found: Comments<'_> = reply.json()?;
        let comments = found.comments.iter().map(|found| map::comment(&self.source, found));
        let mut comments = comments.collect::<Result<Vec<_>>>()?;
        comments.sort_by_key(|comment| std::cmp::Reverse(comment.created));
        Ok(comments)
    }

    async fn development(
        &self,
        cx: &Cx,
        server: &Server,
        id: &str,
        wanted: bool,
    ) -> Result<Option<Delivery>> {
        if !wanted {
            return Ok(None);
        }
        let request = Request::get("/rest/api/{version}/issue/{key}/remotelink", &[server.version(), id]);
        let reply = self.connection.send(cx, server, request).await?;
        let found: Vec<wire::RemoteLink<'_>> = reply.json()?;
        let mut links: Vec<RemoteLink> = found
            .iter()
            .map(|link| RemoteLink {
                title: Label::new(&link.object.title),
                url: Label::new(&link.object.url),
            })
            .collect();
        // Pull requests first: they are what carries an issue.
        links.sort_by_key(|link| !is_pull_request(link.url.as_str()));
        Ok(Some(Delivery { remote_links: links, ..Delivery::default() }))
    }

    /// A moved issue answers to its former key: what is asked of it, or said to it, goes where it lies now.
    pub(super) async fn lies_within_reach(&self, cx: &Cx, id: &str) -> Result<()> {
        self.within_reach(id)?;
        match self.configured.0.projects.is_empty() {
            true => Ok(()),
            false => self.now(cx, id).await.map(drop),
        }
    }

    pub(super) async fn carried(&self, cx: &Cx, id: &str) -> Result<Delivery> {
        self.lies_within_reach(cx, id).await?;
        let server = self.connection.server(cx).await?;
        Ok(self.development(cx, &server, id, true).await?.unwrap_or_default())
    }
}

/// Whether a URL is that of a pull or merge request at one of the usual hosts.
fn is_pull_request(url: &str) -> bool {
    ["/pull/", "/pull-requests/", "/merge_requests/", "/pullrequest/"].iter().any(|part| url.contains(part))
}
