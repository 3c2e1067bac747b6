//! Changes of an issue: fields and state.
//!
//! GitHub compares no versions. What was read just before is compared with what the caller expects, and everything is
//! changed by one PATCH, so that a change happens whole or not at all.

use call::Cx;
use error::{Code, Error, Result};
use jiff::Timestamp;

use super::map::Mapper;
use super::place::Place;
use super::settings::{Meanings, same_label};
use super::wire::{self, Patch};
use super::{GitHub, ask, mark};
use crate::model::State;
use crate::tracker::{Changed, Edit, Transition};

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
    let patch = patch(&github.mapper.meanings, &before, edit)?;
    send(github, cx, &place, before, patch).await
}

fn patch(meanings: &Meanings, before: &wire::Issue, edit: &Edit) -> Result<Patch> {
    if edit.due.is_some() {
        return Err(Error::new(Code::Unsupported, "GitHub issues have no due date of their own").hint(
            "the milestone's due date stands for it; a person can move the issue to another milestone",
        ));
    }
    let old = before.body.as_deref().unwrap_or_default();
    Ok(Patch {
        title: edit.title.clone(),
        body: edit.description.as_deref().map(|text| mark::remarked(text, old)),
        labels: labels(meanings, before, edit)?,
        assignees: edit.assignee.as_ref().map(|login| login.iter().cloned().collect()),
        ..Patch::default()
    })
}

/// The labels after the edit; `None` if it does not touch them.
fn labels(meanings: &Meanings, before: &wire::Issue, edit: &Edit) -> Result<Option<Vec<String>>> {
    if edit.add_labels.is_empty() && edit.remove_labels.is_empty() && edit.priority.is_none() {
        return Ok(None);
    }
    let gone = |label: &str| {
        edit.remove_labels.iter().any(|one| same_label(one, label))
            || (edit.priority.is_some() && meanings.is_priority(label))
    };
    let mut labels: Vec<String> =
        before.label_names().filter(|label| !gone(label)).map(str::to_owned).collect();
    let priority = edit.priority.map(|priority| meanings.label_for(priority)).transpose()?;
    for label in edit.add_labels.iter().map(String::as_str).chain(priority) {
        if !labels.iter().any(|one| same_label(one, label)) {
            labels.push(label.to_owned());
        }
    }
    Ok(Some(labels))
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
        Some(at) => send(github, cx, &place, before, moves.swap_remove(at).patch).await,
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
    patch: Patch,
}

/// Every state an issue can go to: GitHub knows open and closed; the configured label stands for what is under way.
fn moves(mapper: &Mapper, issue: &wire::Issue) -> Vec<Move> {
    let step = |id: &str, to: &str, state: State, patch: Patch| Move {
        transition: Transition { id: id.to_owned(), to: to.to_owned(), state },
        patch,
    };
    let doing = &mapper.meanings.doing_labels;
    let is_doing = |label: &str| doing.iter().any(|one| same_label(one, label));
    let idle: Vec<String> = issue.label_names().filter(|label| !is_doing(label)).map(str::to_owned).collect();
    let opened = |labels: Option<Vec<String>>| Patch {
        state: (!issue.is_open()).then_some("open"),
        labels,
        ..Patch::default()
    };
    let mut moves = Vec::new();
    if mapper.state(issue) != State::Todo {
        let changed = idle.len() != issue.labels.len();
        moves.push(step("open", "open", State::Todo, opened(changed.then(|| idle.clone()))));
    }
    if let Some(label) = doing.first().filter(|_| mapper.state(issue) != State::Doing) {
        let labels = idle.iter().cloned().chain([label.clone()]).collect();
        moves.push(step("doing", label, State::Doing, opened(Some(labels))));
    }
    for (reason, to) in [("completed", "closed as completed"), ("not_planned", "closed as not planned")] {
        // GitHub takes a new reason only together with a change of state.
        if issue.is_open() {
            let patch = Patch { state: Some("closed"), state_reason: Some(reason), ..Patch::default() };
            moves.push(step(reason, to, State::Done, patch));
        }
    }
    moves
}

async fn send(github: &GitHub, cx: &Cx, place: &Place, before: wire::Issue, patch: Patch) -> Result<Changed> {
    // Nothing to change is no reason to touch the issue and its time of change.
    let after = match patch == Patch::default() {
        true => before.clone(),
        false => {
            let request = ask::patch("/repos/{owner}/{repo}/issues/{number}", place);
            github.hub.patch(cx, request, &patch).await?
        }
    };
    Ok(Changed {
        assignee_before: before.assignees.first().map(|user| user.login.clone()),
        description_before: before.body.as_deref().map(mark::unmarked),
        before: github.whole(cx, place, &before),
        after: github.whole(cx, place, &after),
    })
}
