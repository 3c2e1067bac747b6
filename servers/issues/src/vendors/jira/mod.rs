#![doc = include_str!("README.md")]

mod blockers;
mod comment;
mod connection;
mod create;
mod edit;
mod iteration;
mod jql;
mod judge;
mod lexicon;
mod map;
mod people;
mod read;
mod search;
mod settings;
#[cfg(feature = "sandbox")]
mod sim;
mod text;
mod wire;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use call::{BoxFuture, Cached, Cx};
use error::{Code, Error, Result};
use jiff::Timestamp;
use outbound::{Auth, Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Person, Place, Rows};
use url::Url;

use connection::{Connection, GATEWAY, Known, Server};
use lexicon::Lexicon;
use settings::{Deployment, Keys, Mapping};

use crate::model::{
    Blocker, Comment, Delivery, Emptiable, Issue, IssueDetail, Iteration, PullRequest, Visibility,
};
use crate::tracker::{
    Able, Changed, Edit, IssueTracker, NewIssue, Query, Release, Surroundings, Tracker, Transition,
};

/// Jira, Cloud and Data Center.
pub const VENDOR: Vendor<Tracker> = Vendor {
    name: "jira",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulator,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What Atlassian's documents say of every Jira.
const PROFILE: Profile = Profile {
    default_token_url: Some("https://auth.atlassian.com/oauth/token"),
    quota: judge::quota,
    request_id_headers: &["atl-traceid", "x-arequestid"],
    trusted_suffixes: &["api.atlassian.com", "api.atlassian-us-gov-mod.com"],
    ..Profile::new("jira")
};

/// Ids that one search may reconcile (Jira Cloud REST v3, `reconcileIssues`).
const RECONCILED: usize = 50;

/// One Jira account.
pub(crate) struct Jira {
    source: String,
    connection: Arc<Connection>,
    configured: Arc<(Keys, Mapping)>,
    lexicon: Cached<Lexicon>,
    projects: Cached<Vec<Place>>,
    /// Numbers of the issues this process wrote last: the index may not know them yet.
    written: Mutex<VecDeque<u64>>,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Tracker>> {
    let (keys, mapping) = settings::read(settings)?;
    let (settings, known) = located(settings.clone(), &keys)?;
    let connection = Connection::new(kit.client(&settings, PROFILE)?, known);
    Ok(Arc::new(Jira {
        source: settings.name,
        connection: Arc::new(connection),
        configured: Arc::new((keys, mapping)),
        lexicon: Cached::new(),
        projects: Cached::new(),
        written: Mutex::default(),
    }))
}

/// Where the calls go, and what is known of the site without asking it.
fn located(mut settings: Settings, keys: &Keys) -> Result<(Settings, Known)> {
    let base = settings.base_url.clone();
    let by_address = base.as_ref().and_then(connection::deployment_of);
    let by_id = keys.cloud_id.as_ref().map(|_| Deployment::Cloud);
    let deployment = keys.deployment.or(by_address).or(by_id);
    let behind_gateway = base.as_ref().is_some_and(connection::is_gateway);
    let site = keys.site_url.as_ref().or(base.as_ref().filter(|_| !behind_gateway));
    let site = site.map(|url| url.as_str().trim_end_matches('/').to_owned());
    let gateway = keys.gateway_url.as_ref().map_or(GATEWAY, Url::as_str);
    let mut found_at = None;
    if deployment == Some(Deployment::Cloud) {
        let service_account = match &mut settings.auth {
            Auth::ClientCredentials { body, .. } => {
                *body = oauth::BodyFormat::Json;
                true
            }
            _ => false,
        };
        match &keys.cloud_id {
            Some(id) if !behind_gateway => settings.base_url = Some(at_gateway(gateway, id)?),
            // Tokens of service accounts count at the gateway alone.
            None if service_account && !behind_gateway => found_at = Some(gateway.to_owned()),
            _ => {}
        }
    }
    Ok((settings, Known { deployment, site, gateway: found_at }))
}

fn at_gateway(gateway: &str, cloud_id: &str) -> Result<Url> {
    Url::parse(&connection::through(gateway, cloud_id))
        .map_err(|e| Error::internal("the gateway's URL").source(e))
}

impl Jira {
    /// The site and its words, which every record is read with.
    async fn ready(&self, cx: &Cx) -> Result<(Arc<Server>, Arc<Lexicon>)> {
        let server = self.connection.server(cx).await?;
        let lexicon = lexicon::lexicon(&self.lexicon, cx, &self.connection, &self.configured).await?;
        Ok((server, lexicon))
    }

    /// `not_found` for what is no key, or of a project that is not configured.
    fn within_reach(&self, key: &str) -> Result<()> {
        match key.rsplit_once('-') {
            Some((project, number)) if settings::is_project_key(project) && is_number(number) => {
                self.within_project(project)
            }
            _ => Err(Error::new(Code::NotFound, "that is no key of a Jira issue, such as PAY-12")),
        }
    }

    fn within_project(&self, project: &str) -> Result<()> {
        let allowed = &self.configured.0.projects;
        if allowed.is_empty() || allowed.iter().any(|key| key == project) {
            return Ok(());
        }
        Err(Error::new(Code::NotFound, "the project is not one of those configured for this source"))
    }

    fn remember(&self, number: Option<u64>) {
        let Some(number) = number else { return };
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.retain(|known| *known != number);
        written.push_back(number);
        if written.len() > RECONCILED {
            written.pop_front();
        }
    }

    fn recent(&self) -> Vec<u64> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect()
    }

    /// The key in a human key or in a URL of this site.
    fn key_in(&self, reference: &str) -> Option<String> {
        let reference = reference.trim();
        let Some(rest) = reference.contains("://").then(|| self.path_of(reference)).flatten() else {
            return (!reference.contains("://")).then(|| reference.to_ascii_uppercase());
        };
        let (path, query) = rest.split_once('?').unwrap_or((&rest, ""));
        let selected = || {
            let mut pairs = url::form_urlencoded::parse(query.as_bytes());
            pairs.find(|(name, _)| name == "selectedIssue").map(|(_, key)| key.into_owned())
        };
        let key =
            path.strip_prefix("browse/").map(|key| key.trim_end_matches('/').to_owned()).or_else(selected)?;
        Some(key.to_ascii_uppercase())
    }

    /// What follows the site in a URL of it.
    fn path_of(&self, url: &str) -> Option<String> {
        let site = self.connection.site()?;
        let start = url.get(..site.len())?;
        let rest = start.eq_ignore_ascii_case(site).then(|| &url[site.len()..])?;
        rest.strip_prefix('/').map(|rest| rest.split('#').next().unwrap_or_default().to_owned())
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 12 && !text.starts_with('0') && text.bytes().all(|b| b.is_ascii_digit())
}

impl IssueTracker for Jira {
    fn able(&self) -> Able {
        Able {
            internal_comments: self.configured.1.internal_visibility.is_some(),
            templates: !self.configured.1.templates.is_empty(),
            checks: false,
            deployments: false,
            mentions: false,
            empty: &[Emptiable::Assignee, Emptiable::Labels, Emptiable::Priority, Emptiable::Due],
            ..Able::ALL
        }
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        self.key_in(reference).filter(|key| self.within_reach(key).is_ok())
    }

    fn projects<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>> {
        Box::pin(self.all_projects(cx))
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(self.named(cx, text))
    }

    fn search<'a>(&'a self, cx: &'a Cx, query: &'a Query, page: Fetch) -> BoxFuture<'a, Result<Rows<Issue>>> {
        Box::pin(self.find(cx, query, page))
    }

    fn get<'a>(&'a self, cx: &'a Cx, id: &'a str, want: Surroundings) -> BoxFuture<'a, Result<IssueDetail>> {
        Box::pin(self.detail(cx, id, want))
    }

    fn iteration<'a>(
        &'a self,
        cx: &'a Cx,
        project: &'a str,
        name: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Iteration>> {
        Box::pin(self.iterating(cx, project, name))
    }

    fn blockers<'a>(
        &'a self,
        cx: &'a Cx,
        release: &'a Release,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Blocker>>> {
        Box::pin(self.blocking(cx, release, page))
    }

    fn delivery<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Delivery>> {
        Box::pin(self.carried(cx, id))
    }

    fn mentions<'a>(&'a self, _: &'a Cx, _: &'a str) -> BoxFuture<'a, Result<Vec<PullRequest>>> {
        let refused =
            Error::new(Code::Unsupported, "Jira knows pull requests only as links on its own issues");
        Box::pin(async move { Err(refused) })
    }

    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        project: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Issue>>> {
        Box::pin(self.marked(cx, project, mark))
    }

    fn create<'a>(&'a self, cx: &'a Cx, new: &'a NewIssue, mark: &'a Mark) -> BoxFuture<'a, Result<Issue>> {
        Box::pin(self.created(cx, new, mark))
    }

    fn update<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        edit: &'a Edit,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(self.updated(cx, id, edit, expected))
    }

    fn transitions<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Transition>>> {
        Box::pin(self.ways(cx, id))
    }

    fn transition<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(self.moved(cx, id, to))
    }

    fn comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        visibility: Visibility,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>> {
        Box::pin(self.said(cx, id, text, visibility, mark))
    }

    fn find_marked_comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>> {
        Box::pin(self.marked_comment(cx, id, mark))
    }
}

#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
