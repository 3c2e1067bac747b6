//! The port: what an issue tracker must be able to do for the tools.
//!
//! Tools decide what is asked and how it is answered; vendors decide how the question is put to the vendor. Neither
//! names the other. Ids here are native: `PAY-12`, `acme/web#7`.

use call::{BoxFuture, Cx};
use error::{Code, Error, Result};
use jiff::{Timestamp, civil::Date};
use serde_json::{Map, Value};
use tool::{Fetch, Mark, Person, Place, Rows};

use crate::model::{
    Blocker, Comment, Delivery, Emptiable, Issue, IssueDetail, Iteration, Priority, PullRequest, State,
    Visibility,
};

/// The port's type, as tools name it.
pub type Tracker = dyn IssueTracker;

/// What a tracker can do. What it cannot is said in the answer, never faked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a table of abilities")]
pub struct Able {
    /// Filters by priority.
    pub priority: bool,
    /// Tells work under way from work that was not begun, and filters by it.
    pub doing: bool,
    /// Filters by due date.
    pub due: bool,
    /// Filters by being blocked.
    pub blocked: bool,
    /// Filters by each of the fields that may be empty.
    pub empty: &'static [Emptiable],
    /// Comments that only the company's people read.
    pub internal_comments: bool,
    /// Iterations know what they were committed to.
    pub committed: bool,
    /// Knows checks on pull requests.
    pub checks: bool,
    /// Knows deployments.
    pub deployments: bool,
    /// Finds pull requests by a text they mention, such as another tracker's key.
    pub mentions: bool,
    /// Sets the priority.
    pub set_priority: bool,
    /// Sets the due date.
    pub set_due: bool,
    /// Starts an issue from a template.
    pub templates: bool,
    /// Counts matches.
    pub total: bool,
}

impl Able {
    /// Everything.
    pub const ALL: Self = Self {
        priority: true,
        doing: true,
        due: true,
        blocked: true,
        empty: &[Emptiable::Assignee, Emptiable::Labels, Emptiable::Priority, Emptiable::Due],
        internal_comments: true,
        committed: true,
        checks: true,
        deployments: true,
        mentions: true,
        set_priority: true,
        set_due: true,
        templates: true,
        total: true,
    };
}

/// Which issues. All filters hold together; an empty query matches everything the source's account may see in the
/// configured projects.
#[derive(Clone, Debug, Default)]
pub struct Query {
    /// These and no others (native ids); other filters still hold.
    pub ids: Vec<String>,
    /// In this project or repository, by key.
    pub project: Option<String>,
    /// This far.
    pub state: Option<State>,
    /// Not done, however far.
    pub open: bool,
    /// Assigned to this person, by the tracker's id.
    pub assignee: Option<String>,
    /// Bearing all these labels.
    pub labels: Vec<String>,
    /// Of this priority.
    pub priority: Option<Priority>,
    /// Changed at or after.
    pub updated_after: Option<Timestamp>,
    /// Changed before.
    pub updated_before: Option<Timestamp>,
    /// Due on or before.
    pub due_before: Option<Date>,
    /// With something in their way, or not.
    pub blocked: Option<bool>,
    /// Containing these words in title or text.
    pub text: Option<String>,
    /// With this field empty.
    pub where_empty: Option<Emptiable>,
    /// With description and custom fields.
    pub full: bool,
}

/// A release, and how bad an issue must be to block it.
#[derive(Clone, Debug)]
pub struct Release {
    /// The project or repository, by key.
    pub project: Option<String>,
    /// The version or milestone, by name.
    pub name: Option<String>,
    /// Issues at least this bad block by themselves, if the caller says so.
    pub severity: Option<Priority>,
}

impl Release {
    /// How bad an issue must be to block by itself.
    #[must_use]
    pub fn threshold(&self) -> Priority {
        self.severity.unwrap_or(Priority::High)
    }
}

/// What surrounds an issue, as far as it is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// Newest comments, at most.
    pub comments: u32,
    /// Newest changes, at most.
    pub history: u32,
    /// Links.
    pub links: bool,
    /// Pull requests and the like.
    pub development: bool,
}

impl Surroundings {
    /// The issue alone.
    pub const NONE: Self = Self { comments: 0, history: 0, links: false, development: false };
}

/// An issue to be.
#[derive(Clone, Debug, Default)]
pub struct NewIssue {
    /// The project or repository, by key.
    pub project: String,
    /// The tracker's type; its default if absent.
    pub kind: Option<String>,
    /// One line.
    pub title: String,
    /// Markdown.
    pub description: Option<String>,
    /// Labels.
    pub labels: Vec<String>,
    /// Priority.
    pub priority: Option<Priority>,
    /// The person, by the tracker's id.
    pub assignee: Option<String>,
    /// Due date.
    pub due: Option<Date>,
    /// A template of the repository or project to start from, by name.
    pub template: Option<String>,
    /// Fields the tracker's owner added, by name or id.
    pub fields: Map<String, Value>,
}

/// Changes to an issue. `None` leaves a field as it is; `Some(None)` empties it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// New title.
    pub title: Option<String>,
    /// New text, Markdown.
    pub description: Option<String>,
    /// Labels to add.
    pub add_labels: Vec<String>,
    /// Labels to remove.
    pub remove_labels: Vec<String>,
    /// New priority.
    pub priority: Option<Priority>,
    /// New assignee, by the tracker's id, or nobody.
    pub assignee: Option<Option<String>>,
    /// New due date, or none.
    pub due: Option<Option<Date>>,
}

/// An issue before and after a change.
#[derive(Clone, Debug)]
pub struct Changed {
    /// As it was, with its description.
    pub before: Issue,
    /// The same for undo.
    pub former: Former,
    /// As it is.
    pub after: Issue,
}

/// The change was made and only the look at the issue failed: the caller must not take it for undone.
pub(crate) fn done_but_unread(error: Error) -> Error {
    let message = "the change was made, but the issue could not be read back";
    Error::new(Code::OutcomeUnknown, message)
        .hint("read the issue again; do not repeat the change")
        .source(error)
}

/// What an issue held before a change, neither cut nor cleaned: undo has to give it back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Former {
    /// The title.
    pub title: String,
    /// The description as Markdown.
    pub description: Option<String>,
    /// The assignees, by the tracker's ids.
    pub assignees: Vec<String>,
    /// Fields (`description`, `priority`) whose value no [`Edit`] can set again as it was: formatting that Markdown has
    /// no words for, a priority that shares its rank with another.
    pub lost: Vec<&'static str>,
}

/// A state an issue can go to now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// The vendor's id of the transition.
    pub id: String,
    /// The name of the state it leads to: `In Progress`, `closed as not planned`.
    pub to: String,
    /// How far that is.
    pub state: State,
    /// Fields by name that have to be filled on the way. None of them can be.
    pub wants: Vec<String>,
}

/// An issue tracker.
pub trait IssueTracker: Send + Sync {
    /// What it can do.
    fn able(&self) -> Able;

    /// The native id that `reference` (a human key or a URL of this very account) stands for; asks nobody.
    fn recognize(&self, reference: &str) -> Option<String>;

    /// The key of the project in which an issue is, as its native id tells: `PAY-12`, `acme/web#7`. `None` where it
    /// does not tell.
    fn project_of(&self, native: &str) -> Option<String> {
        native.rsplit_once(['-', '#']).map(|(project, _)| project.to_owned())
    }

    /// The projects or repositories within reach.
    fn projects<'a>(&'a self, cx: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>>;

    /// People whose e-mail address, login, id or full name is `text`; at most ten.
    fn people<'a>(&'a self, cx: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>>;

    /// Issues, newest change first, then by id. `unsupported_filter` for a filter it cannot honor.
    fn search<'a>(&'a self, cx: &'a Cx, query: &'a Query, page: Fetch) -> BoxFuture<'a, Result<Rows<Issue>>>;

    /// One issue with what surrounds it; `not_found` if there is none or the account may not see it.
    fn get<'a>(&'a self, cx: &'a Cx, id: &'a str, want: Surroundings) -> BoxFuture<'a, Result<IssueDetail>>;

    /// The iteration `name` of a project, or the one under way; `not_found` names the nearest.
    fn iteration<'a>(
        &'a self,
        cx: &'a Cx,
        project: &'a str,
        name: Option<&'a str>,
    ) -> BoxFuture<'a, Result<Iteration>>;

    /// Open issues that block a release, newest change first, then by id. `unsupported_filter` for a severity it cannot
    /// judge; without one it goes by what else it knows, and answers `unsupported` if that is nothing.
    fn blockers<'a>(
        &'a self,
        cx: &'a Cx,
        release: &'a Release,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Blocker>>>;

    /// What carries an issue to its users, as far as this tracker knows.
    fn delivery<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Delivery>>;

    /// Pull requests that name `key`, a key of another tracker.
    fn mentions<'a>(&'a self, cx: &'a Cx, key: &'a str) -> BoxFuture<'a, Result<Vec<PullRequest>>>;

    /// The issue that bears the mark: the external key if one is given, in whatever project if the tracker can look at
    /// all of them at once; else the operation, in `project`.
    fn find_marked<'a>(
        &'a self,
        cx: &'a Cx,
        project: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Issue>>>;

    /// Creates an issue that bears the mark. Missing required fields are `invalid_argument`, each named in `fields`.
    fn create<'a>(&'a self, cx: &'a Cx, new: &'a NewIssue, mark: &'a Mark) -> BoxFuture<'a, Result<Issue>>;

    /// Changes an issue, unless it changed after `expected` (then `conflict`).
    fn update<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        edit: &'a Edit,
        expected: Option<Timestamp>,
    ) -> BoxFuture<'a, Result<Changed>>;

    /// The states an issue can go to now.
    fn transitions<'a>(&'a self, cx: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Vec<Transition>>>;

    /// Takes one of its transitions.
    fn transition<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        to: &'a Transition,
    ) -> BoxFuture<'a, Result<Changed>>;

    /// Comments on an issue, in Markdown; the comment bears the mark. `unsupported` for a visibility it has not.
    fn comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        text: &'a str,
        visibility: Visibility,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>>;

    /// The comment on an issue that bears the mark.
    fn find_marked_comment<'a>(
        &'a self,
        cx: &'a Cx,
        id: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>>;
}
