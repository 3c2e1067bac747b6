//! New issues, and finding them again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use call::Cx;
use error::{Candidate, Code, Error, FieldError, Result};

use super::place::Repository;
use super::query::{Kind, Search};
use super::{GitHub, ask, mark, search, wire};
use tool::Mark;

use crate::model::Issue;
use crate::tracker::NewIssue;

const ISSUES: &str = "/repos/{owner}/{repo}/issues";

/// Answers `IssueTracker::create`.
pub(super) async fn create(github: &GitHub, cx: &Cx, new: &NewIssue, mark: &Mark) -> Result<Issue> {
    let repository = github.mapper.reach.named(&new.project)?;
    if new.due.is_some() {
        return Err(Error::new(Code::Unsupported, "GitHub issues have no due date of their own").hint(
            "name a milestone in `fields`, as in {\"milestone\": \"4.2\"}; its due date stands for it",
        ));
    }
    let priority = new.priority.map(|priority| github.mapper.meanings.label_for(priority)).transpose()?;
    let milestone = milestone(github, cx, repository, new).await?;
    let template = match &new.template {
        Some(name) => Some(template(github, cx, repository, name).await?),
        None => None,
    };
    let texts = [new.description.as_deref(), template.as_deref()];
    let text: Vec<&str> =
        texts.into_iter().flatten().map(str::trim).filter(|text| !text.is_empty()).collect();
    let body = mark::marked(&text.join("\n\n"), mark);
    let issue = wire::NewIssue {
        title: &new.title,
        body: &body,
        labels: new.labels.iter().map(String::as_str).chain(priority).collect(),
        assignees: new.assignee.as_deref().into_iter().collect(),
        milestone,
        kind: new.kind.as_deref(),
    };
    let request = ask::post(ISSUES, &[&repository.owner, &repository.name]);
    let created: wire::Issue = github.hub.post(cx, request, &issue).await?;
    Ok(github.whole(cx, &repository.at(created.number), &created))
}

/// The milestone that `fields` names, by title or number. Errors: `invalid_argument` for any other field.
async fn milestone(github: &GitHub, cx: &Cx, repository: &Repository, new: &NewIssue) -> Result<Option<u64>> {
    let unknown = new.fields.keys().filter(|name| !name.eq_ignore_ascii_case("milestone"));
    let faults = unknown.map(|name| FieldError {
        path: format!("fields/{}", content::cut(name, 80)),
        problem: "is no field of a GitHub issue; `milestone` is the only one".into(),
    });
    let faults: Vec<FieldError> = faults.collect();
    if !faults.is_empty() {
        let error = Error::new(Code::InvalidArgument, "GitHub issues have no such field");
        return Err(faults.into_iter().fold(error, Error::field));
    }
    let Some(value) = new.fields.values().next() else { return Ok(None) };
    let wanted = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let milestones = github.milestones(cx, repository).await?;
    let titled = milestones.iter().find(|one| one.title.to_lowercase() == wanted.to_lowercase());
    let found = titled.or_else(|| milestones.iter().find(|one| one.number.to_string() == wanted));
    let open = milestones.iter().filter(|one| one.state == "open").map(|one| one.title.clone());
    found
        .map(|one| Some(one.number))
        .ok_or_else(|| Error::invalid("fields/milestone", "is no milestone of this repository").allowed(open))
}

/// The text of a Markdown template below `.github/ISSUE_TEMPLATE`, by file name or the name in its head.
///
/// Errors: `unsupported` where the app may not read files; `not_found` with the templates there are.
async fn template(github: &GitHub, cx: &Cx, repository: &Repository, name: &str) -> Result<String> {
    let request = ask::of("/repos/{owner}/{repo}/contents/.github/ISSUE_TEMPLATE", repository);
    let listed = github.hub.list::<wire::Entry>(cx, request).await.map_err(|error| match error.code() {
        Code::Permission => Error::new(Code::Unsupported, "the app may not read this repository's templates")
            .hint("leave the template out, or let the operator grant the app `contents: read`"),
        Code::NotFound => Error::new(Code::NotFound, format!("{repository} has no issue templates")),
        _ => error,
    })?;
    let files: Vec<&str> =
        listed.rows.iter().map(|file| file.name.as_str()).filter(|name| name.ends_with(".md")).collect();
    let wanted = bare(name);
    for file in &files {
        let named = bare(file.trim_end_matches(".md")) == wanted || bare(file) == wanted;
        let text = match named || files.len() <= 10 {
            true => content(github, cx, repository, file).await?,
            false => continue,
        };
        let (head, body) = split(&text);
        if named
            || head.lines().filter_map(|line| line.strip_prefix("name:")).any(|title| bare(title) == wanted)
        {
            return Ok(body.to_owned());
        }
    }
    let candidate = |file: &&str| Candidate::new((*file).to_owned(), (*file).to_owned());
    let error = Error::new(
        Code::NotFound,
        format!("{repository} has no Markdown template `{}`", content::cut(name, 80)),
    );
    Err(files.iter().map(candidate).fold(error, Error::candidate))
}

/// Letters and digits in lower case: `Bug report` is `bug_report`.
fn bare(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

async fn content(github: &GitHub, cx: &Cx, repository: &Repository, file: &str) -> Result<String> {
    let parameters = [repository.owner.as_str(), &repository.name, file];
    let request = ask::read("/repos/{owner}/{repo}/contents/.github/ISSUE_TEMPLATE/{file}", &parameters);
    let entry: wire::Entry = github.hub.get(cx, request).await?;
    let encoded: String = entry.content.unwrap_or_default().split_whitespace().collect();
    let garbled = || Error::new(Code::UpstreamGarbled, "a template is no text");
    let text = String::from_utf8(STANDARD.decode(encoded).map_err(|_| garbled())?).map_err(|_| garbled())?;
    Ok(text.replace("\r\n", "\n"))
}

/// The head between `---` lines, and what follows.
fn split(text: &str) -> (&str, &str) {
    let inner = text.trim_start().strip_prefix("---\n").and_then(|rest| rest.split_once("\n---"));
    inner.map_or(("", text), |(head, body)| (head, body.trim_start_matches(['-', '\n'])))
}

/// Answers `IssueTracker::find_marked`. The newest issues are looked through first: GitHub's search lags.
pub(super) async fn find_marked(
    github: &GitHub,
    cx: &Cx,
    project: &str,
    mark: &Mark,
) -> Result<Option<Issue>> {
    let repository = github.mapper.reach.named(project)?;
    let request =
        ask::of(ISSUES, repository).query("state", "all").query("sort", "created").query("direction", "desc");
    let newest = github.hub.list::<wire::Issue>(cx, ask::page(request, 1, 100)).await?;
    let mut found = marked(newest.rows, mark);
    if found.is_none() && newest.more {
        let search = Search::new(Kind::Issue, repository).words(&mark::needle(mark))?.in_body();
        let request = ask::page(search::newest_first(&search), 1, 20);
        let older: wire::Found = github.hub.get(cx, request).await?;
        let here = |one: &wire::Issue| github.mapper.reach.of_url(&one.repository_url) == Some(repository);
        found = marked(older.items.into_iter().filter(here).collect(), mark);
    }
    Ok(found.map(|issue| github.whole(cx, &repository.at(issue.number), &issue)))
}

/// The oldest that bears the mark: if there should be two, the first is the one.
fn marked(issues: Vec<wire::Issue>, mark: &Mark) -> Option<wire::Issue> {
    let bears =
        |one: &wire::Issue| !one.is_pull() && one.body.as_deref().is_some_and(|body| mark::bears(body, mark));
    issues.into_iter().filter(bears).min_by_key(|one| one.number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_templates_head_is_told_from_its_text() {
        let (head, body) = split("---\nname: Bug report\nlabels: bug\n---\n\n**What**\n");
        assert_eq!((head, body), ("name: Bug report\nlabels: bug", "**What**\n"));
        assert_eq!(split("no head\n---\nrule"), ("", "no head\n---\nrule"));
    }
}
