//! What stands in a release's way.

use call::Cx;
use content::Label;
use error::{Candidate, Code, Error, Result};
use futures::future::try_join_all;
use outbound::Request;
use tool::{Fetch, Rows};

use super::Jira;
use super::jql::{Clause, Field};
use super::map::Lens;
use super::search::{Hunt, category, maybe_blocked};
use super::wire::{self, Version};
use crate::listing::newest_first;
use crate::model::{Blocker, State};
use crate::tracker::Release;

/// Projects whose versions are looked through for the nearest, where the caller named none.
const PROJECTS: usize = 20;

impl Jira {
    pub(super) async fn blocking(&self, cx: &Cx, release: &Release, page: Fetch) -> Result<Rows<Blocker>> {
        let (server, lexicon) = self.ready(cx).await?;
        let lens = Lens::new(self, &server, &lexicon, cx);
        let severe = lexicon.priority_ids(|p| p <= release.threshold());
        if severe.is_empty() && release.severity.is_some() {
            let message = "this Jira has no priority that corresponds to that severity or a worse one";
            return Err(Error::new(Code::UnsupportedFilter, message)
                .hint("leave `severity` out, or let the operator name priorities in `map.priorities`"));
        }
        let by_priority = (!severe.is_empty()).then_some(Clause::In(Field::Priority, severe));
        let ways: Vec<Clause> = maybe_blocked(&lexicon).into_iter().chain(by_priority).collect();
        if ways.is_empty() {
            let message = "this Jira has no priorities, flags or links that would say what blocks";
            return Err(Error::new(Code::Unsupported, message));
        }
        let version = match &release.name {
            Some(name) => Clause::Is(Field::FixVersion, name.clone()),
            None => Clause::Unreleased,
        };
        let text = self
            .scope(cx)
            .await?
            .and_some(release.project.clone().map(|p| Clause::Is(Field::Project, p)))
            .and(version)
            .and(Clause::IsNot(Field::StatusCategory, category(State::Done).into()))
            .and(Clause::Any(ways))
            .text();
        let fields = lens.row_fields();
        let hunt = Hunt { jql: &text, fields: &fields, expand: None, page: &page };
        let seen = |issue: &wire::Issue<'_>| {
            let row = lens.issue(issue, false)?;
            let severe = row.priority.is_some_and(|p| p <= release.threshold());
            let by_priority = issue.fields.priority.as_ref().filter(|_| severe);
            let reasons: Vec<String> = by_priority
                .map(|p| format!("priority {}", &*p.name))
                .into_iter()
                .chain(lens.obstacle(&issue.fields))
                .collect();
            // Jira found a link whose other end is done: nothing blocks any more.
            Ok((!reasons.is_empty()).then(|| Blocker { issue: row, reason: Label::new(&reasons.join("; ")) }))
        };
        let found = match self.hunt(cx, &server, &hunt, seen).await {
            Err(error) if error.code() == Code::InvalidArgument && release.name.is_some() => {
                return Err(self.no_such_version(cx, release, error).await);
            }
            outcome => outcome?,
        };
        let mut rows: Vec<Blocker> = found.rows.into_iter().flatten().collect();
        rows.sort_by(|a, b| newest_first(&a.issue).cmp(&newest_first(&b.issue)));
        Ok(Rows { rows, next: found.next, total: None, as_of: cx.now() })
    }

    /// Jira refuses a version it does not know; the nearest of the project's, or of all projects', are named. Any other
    /// reason for the refusal stands as it is.
    async fn no_such_version(&self, cx: &Cx, release: &Release, refused: Error) -> Error {
        let Some(name) = &release.name else { return refused };
        let within = match &release.project {
            Some(project) => Ok(vec![project.clone()]),
            None => self.all_projects(cx).await.map(|all| all.into_iter().map(|place| place.key).collect()),
        };
        let Ok(projects) = within else { return refused };
        let asked = projects.iter().take(PROJECTS).map(|project| self.versions(cx, project));
        let Ok(versions) = try_join_all(asked).await else { return refused };
        let mut versions = versions.concat();
        if versions.iter().any(|v| v.eq_ignore_ascii_case(name)) {
            return refused;
        }
        versions.sort_by_key(|v| (distance(v, name), v.clone()));
        versions.dedup();
        let whose = if release.project.is_some() { "the project has" } else { "Jira knows" };
        let error = Error::new(Code::NotFound, format!("{whose} no version `{}`", Label::new(name)));
        let candidate = |v: String| Candidate::new(v.clone(), v);
        versions.into_iter().take(3).map(candidate).fold(error, Error::candidate)
    }

    async fn versions(&self, cx: &Cx, project: &str) -> Result<Vec<String>> {
        let server = self.connection.server(cx).await?;
        let request =
            Request::get("/rest/api/{version}/project/{project}/versions", &[server.version(), project]);
        let reply = self.connection.send(cx, &server, request).await?;
        let found: Vec<Version<'_>> = reply.json()?;
        Ok(found.iter().map(|v| v.name.to_string()).collect())
    }
}

/// How far two names are apart.
pub(super) fn distance(a: &str, b: &str) -> usize {
    strsim::osa_distance(&a.to_lowercase(), &b.to_lowercase())
}
