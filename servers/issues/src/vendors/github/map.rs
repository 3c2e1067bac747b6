//! From GitHub's words to the domain's.

use content::{Author, FreeText, Label};
use jiff::{Timestamp, tz::TimeZone};
use tool::{Moment, RecordId};

use super::mark;
use super::place::{Place, Reach, Repository};
use super::settings::Meanings;
use super::wire;
use crate::model::{Comment, HistoryEntry, Issue, PullRequest, State};

/// What is needed to put a vendor's record into the domain's words.
#[derive(Clone, Debug)]
pub(super) struct Mapper {
    /// The source's name in ids.
    pub(super) source: String,
    /// What may be given out.
    pub(super) reach: Reach,
    /// What labels mean.
    pub(super) meanings: Meanings,
}

impl Mapper {
    /// The id of an issue.
    pub(super) fn id(&self, place: &Place) -> RecordId {
        RecordId::new(&*self.source, place.to_string())
    }

    /// Where an issue or pull request is, unless its repository is out of reach.
    pub(super) fn place(&self, issue: &wire::Issue) -> Option<Place> {
        Some(self.reach.of_url(&issue.repository_url)?.at(issue.number))
    }

    /// An issue, with its text if `full`.
    pub(super) fn issue(
        &self,
        issue: &wire::Issue,
        repository: &Repository,
        full: bool,
        as_of: Timestamp,
    ) -> Issue {
        Issue {
            id: self.id(&repository.at(issue.number)),
            title: Label::new(&issue.title),
            state: self.state(issue),
            status: Label::new(&self.status(issue)),
            kind: issue.kind.as_ref().map(|kind| Label::new(&kind.name)),
            priority: self.meanings.priority_of(issue.label_names()),
            assignee: issue.assignees.first().map(|user| Label::new(&user.login)),
            labels: issue.label_names().map(Label::new).collect(),
            due: issue.due().map(|date| date.to_string()),
            blocked: self.is_blocked(issue),
            updated: Moment(issue.updated_at),
            url: issue.html_url.clone(),
            as_of: full.then_some(Moment(as_of)),
            description: full.then(|| text(issue.body.as_deref(), author_of(issue))).flatten(),
            custom_fields: Vec::new(),
        }
    }

    /// How far an issue is.
    pub(super) fn state(&self, issue: &wire::Issue) -> State {
        match (issue.is_open(), self.doing_label(issue)) {
            (false, _) => State::Done,
            (true, Some(_)) => State::Doing,
            (true, None) => State::Todo,
        }
    }

    /// How far an issue is, in words: `open`, the label that says more, `closed as completed`.
    pub(super) fn status(&self, issue: &wire::Issue) -> String {
        match (issue.is_open(), issue.state_reason.as_deref()) {
            (true, _) => self.doing_label(issue).unwrap_or("open").to_owned(),
            (false, Some(reason @ ("not_planned" | "duplicate"))) => {
                format!("closed as {}", reason.replace('_', " "))
            }
            (false, _) => "closed as completed".to_owned(),
        }
    }

    /// Whether something stands in its way: an open dependency, or a label that says so.
    pub(super) fn is_blocked(&self, issue: &wire::Issue) -> bool {
        let depends = issue.issue_dependencies_summary.is_some_and(|summary| summary.blocked_by > 0);
        issue.is_open()
            && (depends || Meanings::worn(&self.meanings.blocked_labels, issue.label_names()).is_some())
    }

    fn doing_label<'i>(&self, issue: &'i wire::Issue) -> Option<&'i str> {
        Meanings::worn(&self.meanings.doing_labels, issue.label_names())
    }

    /// A pull request, unless its repository is out of reach.
    pub(super) fn pull(&self, pull: &wire::Issue) -> Option<PullRequest> {
        let merged = pull.pull_request.as_ref()?.merged_at.is_some();
        let state = match (pull.is_open(), pull.draft, merged) {
            (_, _, true) => "merged",
            (true, true, _) => "draft",
            (true, false, _) => "open",
            (false, ..) => "closed",
        };
        Some(PullRequest {
            id: self.id(&self.place(pull)?),
            title: Label::new(&pull.title),
            state: Label::new(state),
            author: pull.user.as_ref().map(|user| Label::new(&user.login)),
            url: pull.html_url.clone(),
        })
    }
}

impl wire::Issue {
    /// GitHub knows no due date of an issue; its milestone's stands in.
    pub(super) fn due(&self) -> Option<jiff::civil::Date> {
        let due = self.milestone.as_ref()?.due_on?;
        Some(due.to_zoned(TimeZone::UTC).date())
    }
}

/// A comment.
pub(super) fn comment(source: &str, comment: &wire::Comment) -> Comment {
    let body = mark::unmarked(comment.body.as_deref().unwrap_or_default());
    Comment {
        id: RecordId::new(source, comment.id.to_string()),
        author: comment.user.as_ref().map(|user| Label::new(&user.login)),
        created: Moment(comment.created_at),
        visibility: None,
        text: FreeText::new(&body, author(comment.user.as_ref(), comment.author_association.as_deref())),
    }
}

/// A change out of a timeline; `None` for what changes no field.
pub(super) fn change(event: &wire::Event) -> Option<HistoryEntry> {
    let name = |named: &Option<wire::Named>| named.as_ref().and_then(|n| n.name.clone());
    let title = |titled: &Option<wire::Titled>| titled.as_ref().map(|t| t.title.clone());
    let login = |user: &Option<wire::User>| user.as_ref().map(|u| u.login.clone());
    let (field, before, after) = match event.event.as_deref()? {
        "labeled" => ("labels", None, name(&event.label)),
        "unlabeled" => ("labels", name(&event.label), None),
        "assigned" => ("assignee", None, login(&event.assignee)),
        "unassigned" => ("assignee", login(&event.assignee), None),
        "milestoned" => ("milestone", None, title(&event.milestone)),
        "demilestoned" => ("milestone", title(&event.milestone), None),
        "renamed" => {
            let rename = event.rename.as_ref()?;
            ("title", Some(rename.from.clone()), Some(rename.to.clone()))
        }
        "closed" => {
            let reason = event.state_reason.as_deref().map_or("completed".into(), |r| r.replace('_', " "));
            ("state", Some("open".into()), Some(format!("closed as {reason}")))
        }
        "reopened" => ("state", Some("closed".into()), Some("open".into())),
        _ => return None,
    };
    Some(HistoryEntry {
        at: Moment(event.created_at?),
        author: login(&event.actor).as_deref().map(Label::new),
        field: Label::new(field),
        before: before.as_deref().map(Label::new),
        after: after.as_deref().map(Label::new),
    })
}

/// Prose, without our marks; `None` if there is none.
pub(super) fn text(body: Option<&str>, from: Author) -> Option<FreeText> {
    let body = mark::unmarked(body?);
    (!body.trim().is_empty()).then(|| FreeText::new(&body, from))
}

fn author_of(issue: &wire::Issue) -> Author {
    author(issue.user.as_ref(), issue.author_association.as_deref())
}

/// In a public repository anybody may write. Who hides being a member is an outsider to an app without `members: read`;
/// better so than an outsider for a colleague.
fn author(user: Option<&wire::User>, association: Option<&str>) -> Author {
    let inside =
        |word: &str| ["OWNER", "MEMBER", "COLLABORATOR"].iter().any(|w| w.eq_ignore_ascii_case(word));
    match user {
        None => Author::Anonymous,
        Some(user) if user.kind.as_deref() == Some("Bot") => Author::Machine,
        Some(_) if association.is_some_and(inside) => Author::Internal,
        Some(_) => Author::Customer,
    }
}
