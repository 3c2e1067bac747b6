//! What carries an issue to its users: pull requests, checks, deployments.

use call::Cx;
use content::Label;
use error::{Code, Result};
use futures::future::try_join_all;
use tool::Moment;

use super::place::{Place, Repository};
use super::query::{Kind, Search};
use super::{GitHub, ask, detail, gone, missing, search, wire};
use crate::model::{Check, Delivery, Deployment, PullRequest};

/// Pull requests of one issue whose checks and deployments are looked at.
const MOST_PULLS: usize = 10;

/// Deployments of one commit that are looked at, the newest.
const MOST_DEPLOYMENTS: u32 = 5;

/// Answers `IssueTracker::delivery`.
pub(super) async fn delivery(github: &GitHub, cx: &Cx, id: &str) -> Result<Delivery> {
    let place = github.mapper.reach.place(id)?;
    let issue = github.issue(cx, &place);
    let timeline =
        async { detail::timeline(github, cx, &place).await.map_err(|error| missing(&place, error)) };
    let (_, events) = futures::future::try_join(issue, timeline).await?;
    along(github, cx, &events).await
}

/// The pull requests that a timeline names, with their checks and deployments.
pub(super) async fn along(github: &GitHub, cx: &Cx, events: &[wire::Event]) -> Result<Delivery> {
    let named = events.iter().filter_map(|event| event.source.as_ref()?.issue.as_ref());
    let mut pulls: Vec<(Place, &wire::Issue)> = Vec::new();
    for pull in named.filter(|one| one.is_pull()) {
        let Some(place) = github.mapper.place(pull) else { continue };
        if !pulls.iter().any(|(known, _)| *known == place) {
            pulls.push((place, pull));
        }
    }
    let progress =
        try_join_all(pulls.iter().take(MOST_PULLS).map(|(place, _)| progress(github, cx, place))).await?;
    let (checks, deployments): (Vec<_>, Vec<_>) = progress.into_iter().unzip();
    Ok(Delivery {
        pull_requests: pulls.iter().filter_map(|(_, pull)| github.mapper.pull(pull)).collect(),
        checks: checks.into_iter().flatten().collect(),
        deployments: deployments.into_iter().flatten().collect(),
        remote_links: Vec::new(),
    })
}

/// How far a pull request is: checks while it is open, deployments once it is merged.
async fn progress(github: &GitHub, cx: &Cx, place: &Place) -> Result<(Vec<Check>, Vec<Deployment>)> {
    let request = ask::at("/repos/{owner}/{repo}/pulls/{number}", place);
    let Some(pull) = optional(github.hub.get::<wire::Pull>(cx, request).await)? else {
        return Ok(Default::default());
    };
    match (pull.state.as_str(), pull.merged, pull.merge_commit_sha) {
        ("open", ..) => Ok((checks(github, cx, &place.repository, &pull.head.sha).await?, Vec::new())),
        (_, true, Some(sha)) => Ok((Vec::new(), deployments(github, cx, &place.repository, &sha).await?)),
        _ => Ok(Default::default()),
    }
}

async fn checks(github: &GitHub, cx: &Cx, repository: &Repository, sha: &str) -> Result<Vec<Check>> {
    let parameters = [repository.owner.as_str(), &repository.name, sha];
    let request =
        ask::read("/repos/{owner}/{repo}/commits/{sha}/check-runs", &parameters).query("per_page", 100);
    let Some(runs) = optional(github.hub.get::<wire::CheckRuns>(cx, request).await)? else {
        return Ok(Vec::new());
    };
    let check = |run: wire::CheckRun| {
        let state = match (run.status.as_str(), run.conclusion.as_deref()) {
            ("completed", Some("timed_out" | "startup_failure")) => "failure",
            ("completed", Some(conclusion)) => conclusion,
            _ => "pending",
        };
        Check { name: Label::new(&run.name), state: Label::new(state) }
    };
    Ok(runs.check_runs.into_iter().map(check).collect())
}

async fn deployments(
    github: &GitHub,
    cx: &Cx,
    repository: &Repository,
    sha: &str,
) -> Result<Vec<Deployment>> {
    let request = ask::of("/repos/{owner}/{repo}/deployments", repository)
        .query("sha", sha)
        .query("per_page", MOST_DEPLOYMENTS);
    let Some(page) = optional(github.hub.list::<wire::Deployment>(cx, request).await)? else {
        return Ok(Vec::new());
    };
    try_join_all(page.rows.into_iter().map(|deployment| async move {
        let id = deployment.id.to_string();
        let parameters = [repository.owner.as_str(), &repository.name, &id];
        let request =
            ask::read("/repos/{owner}/{repo}/deployments/{id}/statuses", &parameters).query("per_page", 1);
        let statuses = optional(github.hub.list::<wire::DeploymentStatus>(cx, request).await)?;
        let newest = statuses.and_then(|page| page.rows.into_iter().next());
        let (state, at) =
            newest.map_or(("pending".into(), deployment.created_at), |one| (one.state, one.created_at));
        Ok(Deployment {
            environment: Label::new(&deployment.environment),
            state: Label::new(&state),
            at: Some(Moment(at)),
        })
    }))
    .await
}

/// Answers `IssueTracker::mentions`.
pub(super) async fn mentions(github: &GitHub, cx: &Cx, key: &str) -> Result<Vec<PullRequest>> {
    let asked = |repository| async move {
        let search = Search::new(Kind::Pull, repository).words(key)?;
        let request = ask::page(search::newest_first(&search), 1, 50);
        github.hub.get::<wire::Found>(cx, request).await.map(|found| found.items)
    };
    let found = gone::each(github.mapper.reach.all().iter().map(|one| (one, asked(one)))).await?;
    let mut pulls: Vec<wire::Issue> =
        found.into_iter().flatten().flatten().filter(|pull| names(pull, key)).collect();
    pulls.sort_by_key(|pull| std::cmp::Reverse(pull.updated_at));
    Ok(pulls.iter().filter_map(|pull| github.mapper.pull(pull)).collect())
}

/// GitHub's search stems and splits words; a key counts only if it stands there whole: `PAY-1` is not in `PAY-12`.
fn names(pull: &wire::Issue, key: &str) -> bool {
    let inside = |text: &str| {
        let (text, key) = (text.to_lowercase(), key.to_lowercase());
        let part = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
        text.match_indices(&key).any(|(at, _)| {
            let (before, after) = (&text[..at], &text[at + key.len()..]);
            !before.ends_with(part) && !after.starts_with(|c: char| c.is_alphanumeric() || c == '_')
        })
    };
    inside(&pull.title) || pull.body.as_deref().is_some_and(inside)
}

/// A part that a missing permission leaves out: pull requests, checks and deployments have permissions of their own.
pub(super) fn optional<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(part) => Ok(Some(part)),
        Err(error) if matches!(error.code(), Code::Permission | Code::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_counts_only_whole() {
        let text = include_str!("fixtures/issues.json");
        let mut pull = serde_json::from_str::<Vec<wire::Issue>>(text).unwrap().remove(1);
        for (title, named) in [
            ("PAY-12: allow", true),
            ("fixes pay-12.", true),
            ("(PAY-12)", true),
            ("PAY-123", false),
            ("XPAY-12", false),
            ("A-PAY-12", false),
            ("feature/PAY-12-frame", true),
        ] {
            (pull.title, pull.body) = (title.to_owned(), None);
            assert_eq!(names(&pull, "PAY-12"), named, "{title}");
        }
    }
}
