//! Pull requests, check runs and deployments.

use sandbox::{Answer, Ask, Refusal, Reply};
use serde_json::{Value, json};

use super::state::{Hub, Issue, Pull, Repository};
use super::{page, repos, show};

/// `GET /repos/{owner}/{repo}/pulls/{number}`.
pub(super) fn pull(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("pull_requests:read")?;
    let repository = hub.repository(ask)?;
    let issue =
        repository.issues.get(&ask.param_as("number")?).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    let pull = issue.pull.as_ref().ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    let whole = json!({
        "merged": pull.merged.is_some(), "mergeable": true, "rebaseable": true, "mergeable_state": "clean",
        "merged_by": null, "comments": issue.comments.len(), "review_comments": 0, "maintainer_can_modify": false,
        "commits": 1, "additions": 1, "deletions": 1, "changed_files": 1,
    });
    Ok(Answer::json(200, show::merged(simple(ask, hub, repository, issue, pull), whole)))
}

/// `GET /repos/{owner}/{repo}/pulls`, newest first.
pub(super) fn pulls(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("pull_requests:read")?;
    let repository = hub.repository(ask)?;
    let state = ask.query("state").unwrap_or("open");
    let mut rows: Vec<_> =
        repository.issues.values().filter_map(|issue| Some((issue, issue.pull.as_ref()?))).collect();
    rows.retain(|(issue, _)| state == "all" || state == show::state(issue));
    rows.sort_by_key(|(issue, _)| std::cmp::Reverse(issue.created));
    Ok(page::list(ask, rows, |(issue, pull)| simple(ask, hub, repository, issue, pull)))
}

fn simple(ask: &Ask, hub: &Hub, repository: &Repository, issue: &Issue, pull: &Pull) -> Value {
    let (home, html) = (show::repository_url(ask, repository), show::page(ask, repository, issue));
    let (url, as_issue) =
        (format!("{home}/pulls/{}", issue.number), format!("{home}/issues/{}", issue.number));
    let statuses = format!("{home}/statuses/{}", pull.sha);
    let branch = |name: &str, sha: &str| {
        json!({ "label": format!("{}:{name}", repository.owner), "ref": name, "sha": sha,
                "user": show::login(ask, hub, &repository.owner), "repo": repos::repository_of(ask, hub, repository) })
    };
    let mut links = json!({});
    for (name, href) in [
        ("self", url.clone()),
        ("html", html.clone()),
        ("issue", as_issue.clone()),
        ("comments", format!("{as_issue}/comments")),
        ("review_comments", format!("{url}/comments")),
        ("review_comment", format!("{home}/pulls/comments{{/number}}")),
        ("commits", format!("{url}/commits")),
        ("statuses", statuses.clone()),
    ] {
        links[name] = json!({ "href": href });
    }
    json!({
        "id": issue.id, "node_id": show::node("PR", issue.id), "number": issue.number, "url": url, "html_url": html,
        "diff_url": format!("{html}.diff"), "patch_url": format!("{html}.patch"), "issue_url": as_issue,
        "commits_url": format!("{url}/commits"), "review_comments_url": format!("{url}/comments"),
        "review_comment_url": format!("{home}/pulls/comments{{/number}}"),
        "comments_url": format!("{as_issue}/comments"), "statuses_url": statuses, "state": show::state(issue),
        "locked": issue.locked, "title": issue.title, "body": issue.body, "user": show::login(ask, hub, &issue.author),
        "labels": [], "milestone": null, "assignee": null, "assignees": [], "requested_reviewers": [],
        "requested_teams": [], "author_association": "MEMBER", "auto_merge": null, "draft": pull.draft,
        "head": branch("change", &pull.sha), "base": branch("main", &format!("{:040x}", 0)), "_links": links,
        "created_at": show::time(issue.created), "updated_at": show::time(issue.updated),
        "closed_at": issue.closed.map(show::time), "merged_at": pull.merged.map(show::time),
        "merge_commit_sha": pull.sha,
    })
}

/// `GET /repos/{owner}/{repo}/commits/{sha}/check-runs`.
pub(super) fn check_runs(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("checks:read")?;
    let repository = hub.repository(ask)?;
    let checks: Vec<&(String, String)> =
        of_commit(repository, ask.param("sha")).flat_map(|pull| &pull.checks).collect();
    let total = checks.len();
    let (checks, link) = page::cut(ask, checks);
    let run = |(id, (name, conclusion)): (u64, &(String, String))| {
        let running = conclusion == "pending";
        json!({
            "id": id, "node_id": show::node("CR", id), "name": name, "head_sha": ask.param("sha"),
            "status": if running { "in_progress" } else { "completed" },
            "conclusion": (!running).then_some(conclusion),
            "started_at": show::time(repository.created), "completed_at": null,
        })
    };
    let runs: Vec<Value> = (1..).zip(checks).map(run).collect();
    Ok(page::linked(Answer::json(200, json!({ "total_count": total, "check_runs": runs })), link))
}

/// `GET /repos/{owner}/{repo}/deployments?sha=`.
pub(super) fn deployments(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("deployments:read")?;
    let repository = hub.repository(ask)?;
    let asked = |pull: &Pull| ask.query("sha").is_none_or(|sha| sha == pull.sha);
    let pulls = repository.issues.values().filter_map(|issue| issue.pull.as_ref()).filter(|pull| asked(pull));
    let rows = pulls.flat_map(|pull| pull.deployments.iter().map(move |one| (pull, one))).collect();
    Ok(page::list(ask, rows, |(pull, (id, environment, _))| {
        let url = format!("{}/deployments/{id}", show::repository_url(ask, repository));
        json!({
            "id": id, "node_id": show::node("DE", *id), "url": url, "sha": pull.sha, "ref": "main", "task": "deploy",
            "payload": {}, "environment": environment, "description": null, "creator": null,
            "created_at": pull.merged.map(show::time), "updated_at": pull.merged.map(show::time),
            "statuses_url": format!("{url}/statuses"), "repository_url": show::repository_url(ask, repository),
        })
    }))
}

/// `GET /repos/{owner}/{repo}/deployments/{id}/statuses`, newest first.
pub(super) fn statuses(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("deployments:read")?;
    let repository = hub.repository(ask)?;
    let id: u64 = ask.param_as("id")?;
    let pulls = repository.issues.values().filter_map(|issue| issue.pull.as_ref());
    let found = pulls
        .flat_map(|pull| pull.deployments.iter().map(move |one| (pull, one)))
        .find(|(_, one)| one.0 == id);
    let (pull, (_, environment, state)) = found.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    let status = json!({
        "id": id + 1_000_000, "node_id": show::node("DS", id), "state": state, "environment": environment,
        "description": "", "creator": null, "target_url": "", "created_at": pull.merged.map(show::time),
        "updated_at": pull.merged.map(show::time),
    });
    Ok(page::list(ask, vec![status], |one| one))
}

fn of_commit<'r>(repository: &'r Repository, sha: &'r str) -> impl Iterator<Item = &'r Pull> {
    repository.issues.values().filter_map(|issue| issue.pull.as_ref()).filter(move |pull| pull.sha == sha)
}
