//! The demo company as GitHub sees it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use sandbox::company::backlog::{self, Backlog, Pull as PullStory, Story};

use super::state::{Comment, Event, Hub, Issue, Label, Milestone, Person, Pull, Repository, What};

/// A private repository that the installation does not see: nothing of it may ever come out.
pub(super) const FOREIGN: &str = "secret";

/// A repository whose issues are switched off.
pub(super) const SILENT: &str = "handbook";

/// What `halden/web` was called before.
const FORMER: &str = "halden/webshop";

/// The company's state at `now`.
pub(super) fn hub(company: &Backlog, now: Timestamp) -> Hub {
    let now = whole(now);
    let mut hub = Hub { people: Vec::new(), repositories: Vec::new(), moved: Vec::new(), last_id: 1_000 };
    people(&mut hub, company);
    for board in company.boards("github") {
        let mut repository = repository(&mut hub, &board.key, now);
        repository.types.clone_from(&board.types);
        repository.milestones = milestones(&mut hub, company, &board.key, now);
        for story in company.issues.iter().filter(|story| story.project == board.key) {
            let issue = issue(&mut hub, &repository, company, story, now);
            repository.issues.insert(issue.number, issue);
        }
        for pull in company.pulls.iter().filter(|pull| pull.project == board.key) {
            add_pull(&mut hub, &mut repository, company, pull, now);
        }
        name_labels(&mut hub, &mut repository);
        hub.repositories.push(repository);
    }
    let web = hub.repositories.iter().find(|one| one.name == "web").map(|one| one.id);
    hub.moved.extend(web.map(|id| (FORMER.to_owned(), id)));
    others(&mut hub, now);
    hub
}

/// GitHub's times have no fractions.
pub(super) fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

fn people(hub: &mut Hub, company: &Backlog) {
    for employee in company.people.iter().filter(|one| !one.left) {
        let person = Person {
            id: hub.next_id(),
            login: employee.login.clone(),
            name: employee.name.clone(),
            email: Some(employee.email.clone()),
            kind: "User",
        };
        hub.people.push(person);
    }
    let halden = Person {
        id: hub.next_id(),
        login: "halden".into(),
        name: "Halden Pay".into(),
        email: None,
        kind: "Organization",
    };
    hub.people.push(halden);
    let id = hub.next_id();
    hub.people.push(Person {
        id,
        login: super::APP_LOGIN.into(),
        name: "Chancery".into(),
        email: None,
        kind: "Bot",
    });
}

fn repository(hub: &mut Hub, key: &str, now: Timestamp) -> Repository {
    let (owner, name) = key.split_once('/').unwrap_or(("halden", key));
    Repository {
        id: hub.next_id(),
        owner: owner.to_owned(),
        name: name.to_owned(),
        has_issues: true,
        types: Vec::new(),
        labels: Vec::new(),
        milestones: Vec::new(),
        issues: BTreeMap::new(),
        templates: vec![
            (
                "bug_report.md",
                // Line ends are those of whoever committed the file.
                "---\r\nname: Bug report\r\nabout: Something is broken\r\nlabels: bug\r\n---\r\n\r\n\
                 **What happened**\r\n\r\n**What should happen**\r\n",
            ),
            ("config.yml", "blank_issues_enabled: true\n"),
        ],
        created: after(now, -400 * 24),
    }
}

fn milestones(hub: &mut Hub, company: &Backlog, key: &str, now: Timestamp) -> Vec<Milestone> {
    let releases = company.releases.iter().filter(|release| release.project == key);
    let milestone = |(number, release): (u64, &backlog::Version)| Milestone {
        id: hub.next_id(),
        number,
        title: release.name.clone(),
        description: release.goal.clone(),
        due: release.due.map(|days| morning(after(now, days * 24))),
        created: after(now, -60 * 24),
    };
    (1..).zip(releases).map(milestone).collect()
}

/// Due dates are set by the day and stored as its morning.
fn morning(at: Timestamp) -> Timestamp {
    let day = at.to_zoned(TimeZone::UTC).date().at(8, 0, 0, 0).to_zoned(TimeZone::UTC);
    day.map_or(at, |morning| morning.timestamp())
}

fn issue(hub: &mut Hub, repository: &Repository, company: &Backlog, story: &Story, now: Timestamp) -> Issue {
    let (created, updated) = (after(now, story.created * 24), after(now, story.updated_hours));
    let open = story.status == "open";
    let labels = labels(story);
    let author = login(company, &story.reporter);
    let mut event = |what, at| Event { id: hub.next_id(), actor: author.clone(), at, what };
    let mut events: Vec<Event> =
        labels.iter().map(|label| event(What::Labeled(label.clone()), created)).collect();
    if !open {
        events.push(event(What::Closed(story.reason.clone()), updated));
    }
    let remark = |remark: &backlog::Comment| Comment {
        id: hub.next_id(),
        author: login(company, &remark.author),
        body: remark.text.clone(),
        created: after(now, remark.hours),
        updated: after(now, remark.hours),
    };
    let comments = story.comments.iter().map(remark).collect();
    let milestone = repository.milestones.iter().find(|one| Some(&one.title) == story.release.as_ref());
    Issue {
        id: hub.next_id(),
        number: story.number,
        title: story.title.clone(),
        body: story.text.clone(),
        open,
        reason: story.reason.clone(),
        closer: (!open).then(|| author.clone()),
        author,
        labels,
        assignees: story.assignee.iter().map(|handle| login(company, handle)).collect(),
        milestone: milestone.map(|one| one.number),
        kind: Some(story.kind.clone()),
        locked: false,
        created,
        updated,
        closed: (!open).then_some(updated),
        comments,
        events,
        blocked_by: Vec::new(),
        pull: None,
    }
}

/// What GitHub has no field for stands in labels, as `demo.toml` tells the source.
fn labels(story: &Story) -> Vec<String> {
    let mut labels = story.labels.clone();
    labels.extend(story.doing.then(|| super::DOING.to_owned()));
    labels.extend(story.flagged.then(|| super::BLOCKED.to_owned()));
    labels.extend(story.priority.as_ref().map(|priority| format!("priority: {priority}")));
    labels
}

fn add_pull(
    hub: &mut Hub,
    repository: &mut Repository,
    company: &Backlog,
    story: &PullStory,
    now: Timestamp,
) {
    let updated = after(now, story.updated_hours);
    let author = login(company, &story.author);
    let merged = (story.state == "merged").then_some(updated);
    for closes in &story.closes {
        let at = after(updated, -2);
        let event =
            Event { id: hub.next_id(), actor: author.clone(), at, what: What::Mentioned(story.number) };
        repository.issues.entry(*closes).and_modify(|issue| issue.events.push(event));
    }
    let deployments =
        story.deployments.iter().map(|(place, state)| (hub.next_id(), place.clone(), state.clone()));
    let pull = Pull {
        sha: format!("{:040x}", u128::from(story.number) * 0x1_0000_0001),
        merged,
        draft: story.state == "draft",
        checks: story.checks.clone(),
        deployments: deployments.collect(),
    };
    let issue = Issue {
        id: hub.next_id(),
        number: story.number,
        title: story.title.clone(),
        body: story.text.clone(),
        open: !matches!(story.state.as_str(), "merged" | "closed"),
        reason: None,
        closer: None,
        author,
        labels: Vec::new(),
        assignees: Vec::new(),
        milestone: None,
        kind: None,
        locked: false,
        created: after(updated, -24),
        updated,
        closed: merged.or_else(|| (story.state == "closed").then_some(updated)),
        comments: Vec::new(),
        events: Vec::new(),
        blocked_by: Vec::new(),
        pull: Some(pull),
    };
    repository.issues.insert(story.number, issue);
}

/// Every label in use, and those that have a meaning.
fn name_labels(hub: &mut Hub, repository: &mut Repository) {
    let meant = [super::DOING, super::BLOCKED, super::RELEASE_BLOCKER].map(str::to_owned);
    let ranks = ["critical", "high", "medium", "low"].map(|rank| format!("priority: {rank}"));
    let used = repository.issues.values().flat_map(|issue| issue.labels.iter().cloned());
    let names: std::collections::BTreeSet<String> = meant.into_iter().chain(ranks).chain(used).collect();
    repository.labels =
        names.into_iter().map(|name| Label { id: hub.next_id(), name, color: "ededed" }).collect();
}

/// What is there to be kept out, and to refuse.
fn others(hub: &mut Hub, now: Timestamp) {
    let mut foreign = repository(hub, &format!("halden/{FOREIGN}"), now);
    let mut silent = repository(hub, &format!("halden/{SILENT}"), now);
    silent.has_issues = false;
    let issue = Issue {
        id: hub.next_id(),
        number: 1,
        title: "Acquisition of Nordlys: blank frame of the checkout".into(),
        body: Some("Nobody outside the board may read this. PAY-12".into()),
        open: true,
        reason: None,
        author: "anaruiz".into(),
        closer: None,
        labels: Vec::new(),
        assignees: Vec::new(),
        milestone: None,
        kind: None,
        locked: false,
        created: after(now, -48),
        updated: after(now, -1),
        closed: None,
        comments: Vec::new(),
        events: Vec::new(),
        blocked_by: Vec::new(),
        pull: None,
    };
    foreign.issues.insert(1, issue);
    hub.repositories.extend([foreign, silent]);
}

fn login(company: &Backlog, handle: &str) -> String {
    company.person(handle).map_or_else(|| handle.to_owned(), |person| person.login.clone())
}

fn after(now: Timestamp, hours: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(now)
}
