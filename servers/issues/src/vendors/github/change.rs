//! Changes of an issue: fields and state.
//!
//! GitHub compares no versions: what was read just before is compared with what the caller expects. One PATCH changes
//! what has one value, and is sent first, for it is the one that GitHub may find invalid; the labels follow one by one.
//! All of it can be sent again: a change that was made in part is finished by the next attempt.

use call::Cx;
use error::{Code, Error, Result};
use jiff::Timestamp;

use super::labels::Relabel;
use super::map::Mapper;
use super::place::Place;
use super::settings::Meanings;
use super::wire::{self, Patch};
use super::{GitHub, ask, mark};
use crate::model::State;
use crate::tracker::{Changed, Edit, Former, Transition, done_but_unread};

/// What is to be sent to change an issue.
#[derive(Clone, Debug, Default)]
struct Change {
    patch: Patch,
    labels: Relabel,
}

/// Answers `IssueTracker::update`.
pub(super) async fn update(
    github: &GitHub,
    cx: &Cx,
    id: &str,
    edit: &Edit,
    expected: Option<Timestamp>,
) -> Result<Changed> {
    let place = github.mapper.reach.place(id)?;
    let before = github.issue(cx, &place).await?;
    if let Some(expected) = expected.filter(|expected| before.updated_at.as_second() > expected.as_second()) {
        return Err(Error::new(
            Code::Conflict,
            format!("{place} changed at {}, after {expected}", before.updated_at),
        )
        .hint("read the issue again and decide anew"));
    }
    let change = Change { patch: patch(&before, edit)?, labels: labels(&github.mapper.meanings, edit)? };
    send(github, cx, &place, before, change).await
}

fn patch(before: &wire::Issue, edit: &Edit) -> Result<Patch> {
    if edit.due.is_some() {
        return Err(Error::new(Code::Unsupported, "GitHub issues have no due date of their own").hint(
            "the milestone's due date stands for it; a person can move the issue to another milestone",
        ));
    }
    let old = before.body.as_deref().unwrap_or_default();
    Ok(Patch {
        title: edit.title.clone(),
        body: edit.description.as_deref().map(|text| mark::remarked(text, old)),
        assignees: edit.assignee.as_ref().map(|login| login.iter().cloned().collect()),
        ..Patch::default()
    })
}

/// The labels that the edit adds and takes away. A priority takes away all others.
fn labels(meanings: &Meanings, edit: &Edit) -> Result<Relabel> {
    let priority = edit.priority.map(|priority| meanings.label_for(priority)).transpose()?;
    let others = meanings.priority.keys().filter(|_| priority.is_some());
    let added = edit.add_labels.iter().map(String::as_str).chain(priority);
    Ok(Relabel::new(added, edit.remove_labels.iter().chain(others).map(String::as_str)))
}

/// Answers `IssueTracker::transitions`.
pub(super) async fn transitions(github: &GitHub, cx: &Cx, id: &str) -> Result<Vec<Transition>> {
    let issue = github.issue(cx, &github.mapper.reach.place(id)?).await?;
    Ok(moves(&github.mapper, &issue).into_iter().map(|step| step.transition).collect())
}

/// Answers `IssueTracker::transition`. Errors: `conflict` if it cannot be taken any more.
pub(super) async fn transition(github: &GitHub, cx: &Cx, id: &str, to: &Transition) -> Result<Changed> {
    let place = github.mapper.reach.place(id)?;
    let before = github.issue(cx, &place).await?;
    let mut moves = moves(&github.mapper, &before);
    let allowed: Vec<String> = moves.iter().map(|step| step.transition.to.clone()).collect();
    match moves.iter().position(|step| step.transition.id == to.id) {
        Some(at) => send(github, cx, &place, before, moves.swap_remove(at).change).await,
        None => {
            let message =
                format!("{place} is `{}` and cannot go to `{}` now", github.mapper.status(&before), to.to);
            Err(Error::new(Code::Conflict, message).allowed(allowed))
        }
    }
}

/// A state that can be reached, and how.
struct Move {
    transition: Transition,
    change: Change,
}

/// Every state an issue can go to: GitHub knows open and closed; the configured label stands for what is under way.
fn moves(mapper: &Mapper, issue: &wire::Issue) -> Vec<Move> {
    let step = |id: &str, to: &str, state: State, change: Change| Move {
        transition: Transition { id: id.to_owned(), to: to.to_owned(), state, wants: Vec::new() },
        change,
    };
    let doing = || mapper.meanings.doing_labels.iter().map(String::as_str);
    let opened = |labels: Relabel| Change {
        patch: Patch { state: (!issue.is_open()).then_some("open"), ..Patch::default() },
        labels,
    };
    let mut moves = Vec::new();
    if mapper.state(issue) != State::Todo {
        moves.push(step("open", "open", State::Todo, opened(Relabel::new([], doing()))));
    }
    if let Some(label) = doing().next().filter(|_| mapper.state(issue) != State::Doing) {
        moves.push(step("doing", label, State::Doing, opened(Relabel::new([label], doing()))));
    }
    for (reason, to) in [("completed", "closed as completed"), ("not_planned", "closed as not planned")] {
        // GitHub takes a new reason only together with a change of state.
        if issue.is_open() {
            let patch = Patch { state: Some("closed"), state_reason: Some(reason), ..Patch::default() };
            moves.push(step(reason, to, State::Done, Change { patch, ..Change::default() }));
        }
    }
    moves
}

async fn send(
    github: &GitHub,
    cx: &Cx,
    place: &Place,
    before: wire::Issue,
    change: Change,
) -> Result<Changed> {
    // Nothing to change is no reason to touch the issue and its time of change.
    let untouched = change.patch == Patch::default();
    let patched = match untouched {
        true => before.clone(),
        false => {
            let request = ask::patch("/repos/{owner}/{repo}/issues/{number}", place);
            github.hub.patch(cx, request, &change.patch).await?
        }
    };
    // GitHub answers a change of labels with labels alone: the issue and its new time of change have to be read.
    let after = match change.labels.send(github, cx, place, &patched, !untouched).await? {
        true => github.issue(cx, place).await.map_err(done_but_unread)?,
        false => patched,
    };
    Ok(Changed {
        former: Former {
            title: before.title.clone(),
            description: before.body.as_deref().map(mark::unmarked),
            assignees: before.assignees.iter().map(|user| user.login.clone()).collect(),
            lost: Vec::new(),
        },
        before: github.whole(cx, place, &before),
        after: github.whole(cx, place, &after),
    })
}
