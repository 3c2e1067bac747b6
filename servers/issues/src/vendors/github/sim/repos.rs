//! Repositories, their milestones, labels, people and templates.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sandbox::{Answer, Ask, Refusal, Reply};
use serde_json::{Map, Value, json};

use super::state::{Hub, Repository};
use super::{page, show};

/// `GET /repos/{owner}/{repo}`.
pub(super) fn get(hub: &mut Hub, ask: &Ask) -> Reply {
    let repository = hub.repository(ask)?;
    let full = json!({ "network_count": 0, "subscribers_count": 0 });
    Ok(Answer::json(200, show::merged(repository_of(ask, hub, repository), full)))
}

/// `GET /installation/repositories`.
pub(super) fn of_installation(hub: &mut Hub, ask: &Ask) -> Reply {
    let rows: Vec<&Repository> = hub.repositories.iter().filter(|one| one.visible_to(ask)).collect();
    let total = rows.len();
    let (rows, link) = page::cut(ask, rows);
    let shown: Vec<Value> = rows.into_iter().map(|one| repository_of(ask, hub, one)).collect();
    let body = json!({ "total_count": total, "repository_selection": "selected", "repositories": shown });
    Ok(page::linked(Answer::json(200, body), link))
}

/// `GET /repos/{owner}/{repo}/milestones`: by due date unless asked otherwise, those without one last.
pub(super) fn milestones(hub: &mut Hub, ask: &Ask) -> Reply {
    let repository = hub.repository(ask)?;
    let open = ask.query("state").unwrap_or("open") != "closed";
    let mut rows: Vec<_> = repository.milestones.iter().filter(|_| open).collect();
    rows.sort_by_key(|one| (one.due.is_none(), one.due, one.number));
    Ok(page::list(ask, rows, |one| show::milestone(ask, hub, repository, one)))
}

/// `GET /repos/{owner}/{repo}/labels`.
pub(super) fn labels(hub: &mut Hub, ask: &Ask) -> Reply {
    let repository = hub.repository(ask)?;
    Ok(page::list(ask, repository.labels.iter().collect(), |one| show::label(ask, repository, one)))
}

/// `GET /repos/{owner}/{repo}/assignees`.
pub(super) fn assignees(hub: &mut Hub, ask: &Ask) -> Reply {
    hub.repository(ask)?;
    let people = hub.people.iter().filter(|one| one.kind == "User").collect();
    Ok(page::list(ask, people, |one| show::user(ask, one)))
}

/// `GET /users/{login}`.
pub(super) fn person(hub: &mut Hub, ask: &Ask) -> Reply {
    let person = hub.person(ask.param("login")).ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    Ok(Answer::json(200, show::profile(ask, person)))
}

/// `GET /user`: the person behind a token. An installation is nobody.
pub(super) fn myself(hub: &mut Hub, ask: &Ask) -> Reply {
    match hub.person(ask.who()).filter(|one| one.kind == "User") {
        Some(person) => Ok(Answer::json(200, show::profile(ask, person))),
        None => Err(ask.refuse(Refusal::Forbidden("user".into()))),
    }
}

/// `GET /repos/{owner}/{repo}/contents/.github/ISSUE_TEMPLATE`.
pub(super) fn templates(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("contents:read")?;
    let repository = hub.repository(ask)?;
    let entry = |(name, text): &(&str, &str)| file(ask, repository, name, text);
    Ok(Answer::json(200, repository.templates.iter().map(entry).collect::<Vec<_>>()))
}

/// `GET /repos/{owner}/{repo}/contents/.github/ISSUE_TEMPLATE/{file}`.
pub(super) fn template(hub: &mut Hub, ask: &Ask) -> Reply {
    ask.require_scope("contents:read")?;
    let repository = hub.repository(ask)?;
    let found = repository.templates.iter().find(|(name, _)| *name == ask.param("file"));
    let (name, text) = found.ok_or_else(|| ask.refuse(Refusal::NoRoute))?;
    // GitHub breaks its base64 into lines of 60 characters.
    let encoded = STANDARD.encode(text);
    let lines: Vec<&str> =
        encoded.as_bytes().chunks(60).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let content = json!({ "content": lines.join("\n"), "encoding": "base64" });
    Ok(Answer::json(200, show::merged(file(ask, repository, name, text), content)))
}

fn file(ask: &Ask, repository: &Repository, name: &str, text: &str) -> Value {
    let path = format!(".github/ISSUE_TEMPLATE/{name}");
    let url = format!("{}/contents/{path}", show::repository_url(ask, repository));
    json!({
        "type": "file", "name": name, "path": path, "size": text.len(), "sha": format!("{:040x}", text.len()),
        "url": url, "html_url": null, "git_url": null, "download_url": null,
        "_links": { "self": url, "git": null, "html": null },
    })
}

/// A repository with every field that the vendor always sends.
pub(super) fn repository_of(ask: &Ask, hub: &Hub, repository: &Repository) -> Value {
    let (home, full_name) = (show::repository_url(ask, repository), repository.full_name());
    let open = repository.issues.values().filter(|issue| issue.open).count();
    let html = format!("{}/{full_name}", ask.origin);
    let facts = json!({
        "id": repository.id, "node_id": show::node("R", repository.id), "name": repository.name,
        "full_name": full_name, "private": true, "visibility": "private", "description": null, "fork": false,
        "owner": show::login(ask, hub, &repository.owner), "html_url": html, "url": home,
        "git_url": format!("git:{full_name}.git"), "ssh_url": format!("git@sandbox:{full_name}.git"),
        "clone_url": format!("{html}.git"), "svn_url": html, "mirror_url": null, "homepage": null, "language": null,
        "default_branch": "main", "forks": 0, "forks_count": 0, "stargazers_count": 0, "watchers": 0,
        "watchers_count": 0, "size": 1, "open_issues": open, "open_issues_count": open, "license": null,
        "has_issues": repository.has_issues, "has_projects": false, "has_wiki": false, "has_pages": false,
        "has_downloads": false, "has_discussions": false, "archived": false, "disabled": false, "topics": [],
        "permissions": { "admin": false, "push": true, "pull": true },
        "pushed_at": show::time(repository.created), "created_at": show::time(repository.created),
        "updated_at": show::time(repository.created),
    });
    show::merged(facts, Value::Object(addresses(&home)))
}

/// The addresses of everything else about a repository.
fn addresses(home: &str) -> Map<String, Value> {
    const PARTS: [(&str, &str); 37] = [
        ("archive_url", "{archive_format}{/ref}"),
        ("assignees_url", "assignees{/user}"),
        ("blobs_url", "git/blobs{/sha}"),
        ("branches_url", "branches{/branch}"),
        ("collaborators_url", "collaborators{/collaborator}"),
        ("comments_url", "comments{/number}"),
        ("commits_url", "commits{/sha}"),
        ("compare_url", "compare/{base}...{head}"),
        ("contents_url", "contents/{+path}"),
        ("contributors_url", "contributors"),
        ("deployments_url", "deployments"),
        ("downloads_url", "downloads"),
        ("events_url", "events"),
        ("forks_url", "forks"),
        ("git_commits_url", "git/commits{/sha}"),
        ("git_refs_url", "git/refs{/sha}"),
        ("git_tags_url", "git/tags{/sha}"),
        ("hooks_url", "hooks"),
        ("issue_comment_url", "issues/comments{/number}"),
        ("issue_events_url", "issues/events{/number}"),
        ("issues_url", "issues{/number}"),
        ("keys_url", "keys{/key_id}"),
        ("labels_url", "labels{/name}"),
        ("languages_url", "languages"),
        ("merges_url", "merges"),
        ("milestones_url", "milestones{/number}"),
        ("notifications_url", "notifications{?since,all,participating}"),
        ("pulls_url", "pulls{/number}"),
        ("releases_url", "releases{/id}"),
        ("stargazers_url", "stargazers"),
        ("statuses_url", "statuses/{sha}"),
        ("subscribers_url", "subscribers"),
        ("subscription_url", "subscription"),
        ("tags_url", "tags"),
        ("teams_url", "teams"),
        ("trees_url", "git/trees{/sha}"),
        ("temp_clone_token", ""),
    ];
    PARTS.iter().map(|(name, path)| ((*name).to_owned(), json!(format!("{home}/{path}")))).collect()
}
