#![doc = include_str!("README.md")]

mod ask;
mod change;
mod comments;
mod create;
mod delivery;
mod detail;
mod feed;
mod gone;
mod hub;
mod judge;
mod labels;
mod map;
mod mark;
mod people;
mod place;
mod planning;
mod projects;
mod query;
mod search;
mod settings;
mod sieve;
#[cfg(feature = "sandbox")]
mod sim;
#[cfg(test)]
#[cfg(feature = "sandbox")]
mod tests;
mod wire;

use std::sync::Arc;

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use jiff::Timestamp;
use outbound::{Kit, Profile, Settings, Vendor};
use tool::{Fetch, Mark, Person, Rows};

use self::hub::Hub;
use self::map::Mapper;
use self::people::People;
use self::place::{Place, Reach, Repository};
use self::projects::Projects;
use self::settings::{Keys, Meanings};
use crate::model::{
    Blocker, Comment, Delivery, Emptiable, Issue, IssueDetail, Iteration, PullRequest, Visibility,
};
use crate::tracker::{
    Able, Changed, Edit, IssueTracker, NewIssue, Query, Release, Surroundings, Tracker, Transition,
};

/// GitHub as the domain lists it.
pub const VENDOR: Vendor<Tracker> = Vendor {
    name: "github",
    connect,
    #[cfg(feature = "sandbox")]
    simulate: sim::simulate,
    #[cfg(feature = "sandbox")]
    demo: include_str!("demo.toml"),
};

/// What holds for all of GitHub (docs.github.com/rest, "API versions").
const PROFILE: Profile = Profile {
    default_base_url: Some("https://api.github.com"),
    quota: judge::quota,
    request_id_headers: &["x-github-request-id"],
    headers: &[("x-github-api-version", "2026-03-10")],
    ..Profile::new("github")
};

/// Milestones of a repository that are looked through, in pages of 100.
const MILESTONE_PAGES: u32 = 5;

/// Filters by empty fields where labels stand for priorities, and where they do not.
const EMPTY: &[Emptiable] = &[Emptiable::Assignee, Emptiable::Labels, Emptiable::Priority, Emptiable::Due];
const EMPTY_UNMAPPED: &[Emptiable] = &[Emptiable::Assignee, Emptiable::Labels, Emptiable::Due];

/// A GitHub account over its configured repositories.
struct GitHub {
    hub: Arc<Hub>,
    mapper: Mapper,
    projects: Projects,
    people: People,
}

fn connect(settings: &Settings, kit: &Kit) -> Result<Arc<Tracker>> {
    let repositories = settings.vendor_keys::<Keys>()?.repositories()?;
    let meanings: Meanings = settings.mapping()?;
    meanings.check()?;
    let hub = Arc::new(Hub::new(settings, kit, PROFILE)?);
    let reach = Reach::new(repositories, hub.base());
    let mapper = Mapper { source: settings.name.clone(), reach, meanings };
    Ok(Arc::new(GitHub { hub, mapper, projects: Projects::default(), people: People::default() }))
}

impl GitHub {
    /// An issue. Errors: `not_found` also for a pull request.
    async fn issue(&self, cx: &Cx, place: &Place) -> Result<wire::Issue> {
        let request = ask::at("/repos/{owner}/{repo}/issues/{number}", place);
        let issue: wire::Issue = self.hub.get(cx, request).await.map_err(|error| missing(place, error))?;
        if issue.is_pull() {
            return Err(Error::new(Code::NotFound, format!("{place} is a pull request, no issue"))
                .hint("ask for the issue that the pull request is about"));
        }
        Ok(issue)
    }

    /// Every milestone of a repository, open and closed.
    async fn milestones(&self, cx: &Cx, repository: &Repository) -> Result<Vec<wire::Milestone>> {
        let request = || ask::of("/repos/{owner}/{repo}/milestones", repository).query("state", "all");
        Ok(self.hub.all(cx, request, MILESTONE_PAGES).await?.rows)
    }

    /// A whole issue in the domain's words.
    fn whole(&self, cx: &Cx, place: &Place, issue: &wire::Issue) -> Issue {
        self.mapper.issue(issue, &place.repository, true, cx.now())
    }
}

/// A `not_found` that names what is missing.
fn missing(place: &Place, error: Error) -> Error {
    if error.code() != Code::NotFound {
        return error;
    }
    let named =
        Error::new(Code::NotFound, format!("there is no issue {place}, or this account may not see it"));
    match error.vendor() {
        Some(upstream) => named.upstream(upstream.clone()),
        None => named,
    }
}

impl IssueTracker for GitHub {
    fn able(&self) -> Able {
        let mapped = !self.mapper.meanings.priority.is_empty();
        Able {
            priority: mapped,
            doing: !self.mapper.meanings.doing_labels.is_empty(),
            set_priority: mapped,
            empty: if mapped { EMPTY } else { EMPTY_UNMAPPED },
            internal_comments: false,
            committed: false,
            set_due: false,
            ..Able::ALL
        }
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        self.mapper.reach.recognize(reference).map(|place| place.to_string())
    }

    fn projects<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<tool::Place>>> {
        Box::pin(self.projects.all(&self.hub, self.mapper.reach.all(), cx))
    }

    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        Box::pin(self.people.called(&self.hub, self.mapper.reach.all(), cx, text))
    }

    fn search<'a>(&'a self, cx: &'a Cx, query: &'a Query, page: Fetch) -> BoxFuture<'a, Result<Rows<Issue>>> {
        Box::pin(search::search(self, cx, query, page))
    }

    fn get<'a>(&'a self, cx: &'a Cx, id: &'a str, want: Surroundings) -> BoxFuture<'a, Result<IssueDetail>> {
        Box::pin(detail::get(self, cx, id, want))
    }

    fn iteration<'a>(
        &'a self,
        cx: &'a Cx,
        project: &'a str,
        name: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Iteration>> {
        Box::pin(planning::iteration(self, cx, project, name))
    }

    fn blockers<'a>(
        &'a self,
        cx: &'a Cx,
        release: &'a Release,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Blocker>>> {
        Box::pin(planning::blockers(self, cx, release, page))
    }

    fn delivery<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Delivery>> {
        Box::pin(delivery::delivery(self, cx, id))
    }

    fn mentions<'a>(&'a self, cx: &'a Cx, key: &'a str) -> BoxFuture<'a, Result<Vec<PullRequest>>> {
        Box::pin(delivery::mentions(self, cx, key))
    }

    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        project: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Issue>>> {
        Box::pin(create::find_marked(self, cx, project, mark))
    }

    fn create<'a>(&'a self, cx: &'a Cx, new: &'a NewIssue, mark: &'a Mark) -> BoxFuture<'a, Result<Issue>> {
        Box::pin(create::create(self, cx, new, mark))
    }

    fn update<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        edit: &'a Edit,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(change::update(self, cx, id, edit, expected))
    }

    fn transitions<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Transition>>> {
        Box::pin(change::transitions(self, cx, id))
    }

    fn transition<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
    ) -> BoxFuture<'a, Result<Changed>> {
        Box::pin(change::transition(self, cx, id, to))
    }

    fn comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        visibility: Visibility,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>> {
        Box::pin(comments::comment(self, cx, id, text, visibility, mark))
    }

    fn find_marked_comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>> {
        Box::pin(comments::find_marked(self, cx, id, mark))
    }
}
