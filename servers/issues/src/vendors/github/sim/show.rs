//! GitHub's JSON.

use jiff::Timestamp;
use sandbox::Ask;
use serde_json::{Map, Value, json};

use super::state::{Comment, Hub, Issue, Label, Milestone, Person, Repository};

/// An account, as it stands inside other records.
pub(super) fn user(ask: &Ask, person: &Person) -> Value {
    let url = format!("{}/users/{}", ask.origin, person.login);
    json!({
        "login": person.login, "id": person.id, "node_id": node("U", person.id), "gravatar_id": "",
        "avatar_url": format!("{}/avatars/{}", ask.origin, person.id),
        "url": url, "html_url": format!("{}/{}", ask.origin, person.login),
        "followers_url": format!("{url}/followers"), "following_url": format!("{url}/following{{/other_user}}"),
        "gists_url": format!("{url}/gists{{/gist_id}}"), "starred_url": format!("{url}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{url}/subscriptions"), "organizations_url": format!("{url}/orgs"),
        "repos_url": format!("{url}/repos"), "events_url": format!("{url}/events{{/privacy}}"),
        "received_events_url": format!("{url}/received_events"),
        "type": person.kind, "user_view_type": "public", "site_admin": false,
    })
}

/// The account of this login; GitHub's ghost if it is gone.
pub(super) fn login(ask: &Ask, hub: &Hub, login: &str) -> Value {
    match hub.person(login) {
        Some(person) => user(ask, person),
        None => {
            let ghost = Person {
                id: 10_137,
                login: "ghost".into(),
                name: "Deleted user".into(),
                email: None,
                kind: "User",
            };
            user(ask, &ghost)
        }
    }
}

/// What somebody is to the organization's repositories.
fn association(hub: &Hub, login: &str) -> &'static str {
    if hub.person(login).is_some() { "MEMBER" } else { "NONE" }
}

/// An account's own page.
pub(super) fn profile(ask: &Ask, person: &Person) -> Value {
    let own = json!({
        "name": person.name, "email": person.email, "company": null, "blog": "", "location": null,
        "hireable": null, "bio": null, "twitter_username": null, "public_repos": 0, "public_gists": 0,
        "followers": 0, "following": 0, "created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
    });
    merged(user(ask, person), own)
}

/// The API address of a repository.
pub(super) fn repository_url(ask: &Ask, repository: &Repository) -> String {
    format!("{}/repos/{}", ask.origin, repository.full_name())
}

/// An issue, or a pull request as issue lists show it.
pub(super) fn issue(ask: &Ask, hub: &Hub, repository: &Repository, issue: &Issue) -> Value {
    let (home, number) = (repository_url(ask, repository), issue.number);
    let url = format!("{home}/issues/{number}");
    let assignees: Vec<Value> = issue.assignees.iter().map(|one| login(ask, hub, one)).collect();
    let labels = issue.labels.iter().filter_map(|name| repository.label(name));
    let milestone = issue.milestone.and_then(|number| repository.milestone(number));
    let mut shown = json!({
        "id": issue.id, "node_id": node("I", issue.id), "number": number, "url": url, "repository_url": home,
        "labels_url": format!("{url}/labels{{/name}}"), "comments_url": format!("{url}/comments"),
        "events_url": format!("{url}/events"), "timeline_url": format!("{url}/timeline"),
        "html_url": page(ask, repository, issue), "title": issue.title, "body": issue.body,
        "state": state(issue), "state_reason": issue.reason, "locked": issue.locked, "active_lock_reason": null,
        "user": login(ask, hub, &issue.author), "author_association": association(hub, &issue.author),
        "labels": labels.map(|one| label(ask, repository, one)).collect::<Vec<_>>(),
        "assignee": assignees.first(), "assignees": assignees,
        "milestone": milestone.map(|one| self::milestone(ask, hub, repository, one)),
        "comments": issue.comments.len(), "performed_via_github_app": null,
        "created_at": time(issue.created), "updated_at": time(issue.updated), "closed_at": issue.closed.map(time),
        "closed_by": issue.closer.as_ref().map(|one| login(ask, hub, one)),
    });
    if let Value::Object(fields) = &mut shown {
        fields.extend(extra(ask, hub, repository, issue));
    }
    shown
}

/// What only an issue has, or only a pull request.
fn extra(ask: &Ask, hub: &Hub, repository: &Repository, issue: &Issue) -> Map<String, Value> {
    let fields = match &issue.pull {
        Some(pull) => {
            let html = page(ask, repository, issue);
            let url = format!("{}/pulls/{}", repository_url(ask, repository), issue.number);
            let mark = json!({
                "url": url, "html_url": html, "diff_url": format!("{html}.diff"),
                "patch_url": format!("{html}.patch"), "merged_at": pull.merged.map(time),
            });
            json!({ "pull_request": mark, "draft": pull.draft })
        }
        None => json!({
            "type": issue.kind.as_ref().map(|kind| kind_of(repository, kind)),
            "sub_issues_summary": { "total": 0, "completed": 0, "percent_completed": 0 },
            "issue_dependencies_summary": dependencies(hub, issue),
        }),
    };
    match fields {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

fn dependencies(hub: &Hub, issue: &Issue) -> Value {
    let open = |ids: &[u64]| ids.iter().filter(|id| hub.by_id(**id).is_some_and(|(_, one)| one.open)).count();
    let all = hub.repositories.iter().flat_map(|one| one.issues.values());
    let waiting: Vec<u64> = all.filter(|one| one.blocked_by.contains(&issue.id)).map(|one| one.id).collect();
    json!({
        "blocked_by": open(&issue.blocked_by), "total_blocked_by": issue.blocked_by.len(),
        "blocking": open(&waiting), "total_blocking": waiting.len(),
    })
}

fn kind_of(repository: &Repository, kind: &str) -> Value {
    let id = (1..).zip(&repository.types).find_map(|(id, one)| (one == kind).then_some(id)).unwrap_or(0);
    json!({
        "id": id, "node_id": node("IT", id), "name": kind, "description": null, "color": "gray",
        "created_at": "2025-01-01T00:00:00Z", "updated_at": "2025-01-01T00:00:00Z", "is_enabled": true,
    })
}

/// A label.
pub(super) fn label(ask: &Ask, repository: &Repository, label: &Label) -> Value {
    json!({
        "id": label.id, "node_id": node("LA", label.id), "name": label.name, "description": null,
        "url": format!("{}/labels/{}", repository_url(ask, repository), encoded(&label.name)),
        "color": label.color, "default": false,
    })
}

/// A milestone. Its counts include pull requests, as GitHub's do.
pub(super) fn milestone(ask: &Ask, hub: &Hub, repository: &Repository, milestone: &Milestone) -> Value {
    let number = milestone.number;
    let url = format!("{}/milestones/{number}", repository_url(ask, repository));
    let of_it = |open: bool| {
        let inside = |issue: &&Issue| issue.milestone == Some(number) && issue.open == open;
        repository.issues.values().filter(inside).count()
    };
    json!({
        "id": milestone.id, "node_id": node("MI", milestone.id), "number": number, "url": url,
        "html_url": format!("{}/{}/milestone/{number}", ask.origin, repository.full_name()),
        "labels_url": format!("{url}/labels"), "title": milestone.title, "description": milestone.description,
        "creator": login(ask, hub, "halden-agent"), "state": "open",
        "open_issues": of_it(true), "closed_issues": of_it(false), "due_on": milestone.due.map(time),
        "created_at": time(milestone.created), "updated_at": time(milestone.created), "closed_at": null,
    })
}

/// A comment.
pub(super) fn comment(
    ask: &Ask,
    hub: &Hub,
    repository: &Repository,
    issue: &Issue,
    comment: &Comment,
) -> Value {
    let home = repository_url(ask, repository);
    json!({
        "id": comment.id, "node_id": node("IC", comment.id), "body": comment.body,
        "url": format!("{home}/issues/comments/{}", comment.id),
        "html_url": format!("{}#issuecomment-{}", page(ask, repository, issue), comment.id),
        "issue_url": format!("{home}/issues/{}", issue.number),
        "user": login(ask, hub, &comment.author), "author_association": association(hub, &comment.author),
        "performed_via_github_app": null,
        "created_at": time(comment.created), "updated_at": time(comment.updated),
    })
}

/// `open` or `closed`.
pub(super) fn state(issue: &Issue) -> &'static str {
    if issue.open { "open" } else { "closed" }
}

/// Where a person looks at it.
pub(super) fn page(ask: &Ask, repository: &Repository, issue: &Issue) -> String {
    let kind = if issue.pull.is_some() { "pull" } else { "issues" };
    format!("{}/{}/{kind}/{}", ask.origin, repository.full_name(), issue.number)
}

/// A time without fractions.
pub(super) fn time(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// An opaque id of GraphQL.
pub(super) fn node(kind: &str, id: u64) -> String {
    format!("{kind}_kwDO{id:08x}")
}

/// Both objects' fields; those of `more` win.
pub(super) fn merged(base: Value, more: Value) -> Value {
    match (base, more) {
        (Value::Object(mut base), Value::Object(more)) => {
            base.extend(more);
            Value::Object(base)
        }
        (base, _) => base,
    }
}

fn encoded(segment: &str) -> String {
    url::form_urlencoded::byte_serialize(segment.as_bytes()).collect::<String>().replace('+', "%20")
}
