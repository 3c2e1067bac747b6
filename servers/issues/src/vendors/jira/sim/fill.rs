//! The demo company as a Jira site.

use jiff::{SignedDuration, Timestamp, ToSpan as _, civil::Date, tz::TimeZone};
use sandbox::company::backlog::{Backlog, Story};

use super::state::{
    Change, Comment, Issue, Item, LINK_TYPES, Link, PRIORITIES, Project, RemoteLink, STATUSES, Site, Sprint,
    TYPES, User, Version, named,
};
use super::text::Body;

/// The site at `now`.
pub(super) fn fill(company: &Backlog, now: Timestamp) -> Site {
    let mut filler = Filler { site: Site::new(), company, now };
    filler.people();
    filler.projects();
    filler.iterations();
    for story in &company.issues {
        filler.issue(story);
    }
    for story in &company.issues {
        filler.links(story);
    }
    filler.pulls();
    filler.site
}

struct Filler<'a> {
    site: Site,
    company: &'a Backlog,
    now: Timestamp,
}

impl Filler<'_> {
    fn at(&self, hours: i64) -> Timestamp {
        self.now.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(self.now)
    }

    fn day(&self, days: i64) -> Option<Date> {
        self.now.to_zoned(TimeZone::UTC).date().checked_add(days.days()).ok()
    }

    fn people(&mut self) {
        self.site.users = self
            .company
            .people
            .iter()
            .filter(|p| !p.left)
            .map(|p| User {
                account_id: p.account_id.clone(),
                name: p.login.clone(),
                email: p.email.clone(),
                hides_email: p.handle == "chidi",
                display_name: p.name.clone(),
                app: p.handle == "sandbox",
            })
            .collect();
    }

    fn account(&self, handle: &str) -> Option<String> {
        self.company.person(handle).map(|p| p.account_id.clone())
    }

    fn projects(&mut self) {
        for (nth, board) in self.company.boards("jira").enumerate() {
            let nth = nth as u64;
            let sprints = self.company.iterations.iter().any(|i| i.project == board.key);
            self.site.projects.push(Project {
                id: 10_000 + nth,
                key: board.key.clone(),
                name: board.name.clone(),
                types: board.types.iter().filter_map(|t| Some(named(&TYPES, t)?.0)).collect(),
                wants_severity: !board.required.is_empty(),
                last_number: 0,
                board: sprints.then_some(1 + nth),
            });
        }
    }

    fn iterations(&mut self) {
        for sprint in &self.company.iterations {
            let Some(board) = self.site.project(&sprint.project).and_then(|p| p.board) else { continue };
            let id = self.site.next_id();
            let when = |days: Option<i64>| days.map(|d| self.at(d * 24));
            let (start, end) = (when(sprint.start), when(sprint.end));
            self.site.sprints.push(Sprint {
                id,
                board,
                name: sprint.name.clone(),
                state: sprint.state.clone(),
                goal: sprint.goal.clone(),
                start,
                end,
            });
        }
        for release in &self.company.releases {
            if self.site.project(&release.project).is_none() {
                continue;
            }
            let id = self.site.next_id();
            let date = release.due.and_then(|d| self.day(d));
            let (project, name) = (release.project.clone(), release.name.clone());
            self.site.versions.push(Version { id, project, name, released: false, date });
        }
    }

    fn issue(&mut self, story: &Story) {
        if self.site.project(&story.project).is_none() {
            return;
        }
        let id = self.site.next_id();
        let comments = self.comments(story);
        let status = STATUSES.iter().find(|s| s.name == story.status).map_or(STATUSES[0].id, |s| s.id);
        let updated = self.at(story.updated_hours);
        let created = self.at(story.created * 24).min(updated);
        let sprints: Vec<u64> = self
            .site
            .sprints
            .iter()
            .filter(|s| story.iteration.as_ref() == Some(&s.name))
            .map(|s| s.id)
            .collect();
        let of_story = |v: &&Version| v.project == story.project && story.release.as_ref() == Some(&v.name);
        let issue = Issue {
            id,
            project: story.project.clone(),
            number: story.number,
            kind: named(&TYPES, &story.kind).map_or(TYPES[2].0, |t| t.0),
            summary: story.title.clone(),
            description: story.text.clone().map(Body::Markdown),
            priority: story.priority.as_deref().and_then(priority),
            status,
            assignee: story.assignee.as_deref().and_then(|h| self.account(h)),
            reporter: self.account(&story.reporter).unwrap_or_default(),
            labels: story.labels.clone(),
            due: story.due.and_then(|d| self.day(d)),
            versions: self.site.versions.iter().filter(of_story).map(|v| v.id).collect(),
            flagged: story.flagged,
            severity: story.severity_note.clone(),
            environment: None,
            other: Default::default(),
            created,
            updated,
            resolved: (status == STATUSES[2].id).then_some(updated),
            comments,
            history: self.history(story, &sprints, status, created, updated),
            sprints,
            remote_links: Vec::new(),
        };
        self.site.issues.insert(id, issue);
        if let Some(project) = self.site.projects.iter_mut().find(|p| p.key == story.project) {
            project.last_number = project.last_number.max(story.number);
        }
    }

    fn comments(&mut self, story: &Story) -> Vec<Comment> {
        let mut comments = Vec::new();
        for remark in &story.comments {
            let at = self.at(remark.hours);
            let internal = remark.visibility.as_deref() == Some("internal");
            comments.push(Comment {
                id: self.site.next_id(),
                author: self.account(&remark.author).unwrap_or_default(),
                body: Body::Markdown(remark.text.clone()),
                created: at,
                updated: at,
                visibility: internal.then(|| ("role".to_owned(), "Administrators".to_owned())),
                properties: Vec::new(),
            });
        }
        comments
    }

    /// The past that an issue of this state must have: into the sprint before it began, and through the workflow.
    fn history(
        &mut self,
        story: &Story,
        sprints: &[u64],
        status: &str,
        created: Timestamp,
        updated: Timestamp,
    ) -> Vec<Change> {
        let author = self.account(&story.reporter).unwrap_or_default();
        let mut history = Vec::new();
        let mut push = |site: &mut Site, at, item| {
            let id = site.next_id();
            history.push(Change { id, at, author: author.clone(), items: vec![item] });
        };
        for id in sprints {
            let Some((name, start)) = self.site.sprint(*id).map(|s| (s.name.clone(), s.start)) else {
                continue;
            };
            let planned =
                start.and_then(|s| s.checked_sub(SignedDuration::from_hours(2)).ok()).unwrap_or(created);
            let to = (Some(id.to_string()), Some(name));
            let item = Item { field: "Sprint", custom: true, from: (None, None), to };
            push(&mut self.site, planned.max(created), item);
        }
        let steps: &[(usize, usize)] = match status {
            "3" => &[(0, 1)],
            "10001" => &[(0, 1), (1, 2)],
            _ => &[],
        };
        for (from, to) in steps {
            let named = |n: usize| (Some(STATUSES[n].id.to_owned()), Some(STATUSES[n].name.to_owned()));
            let item = Item { field: "status", custom: false, from: named(*from), to: named(*to) };
            push(&mut self.site, updated, item);
        }
        history
    }

    fn links(&mut self, story: &Story) {
        for (relation, key) in &story.links {
            let own = format!("{}-{}", story.project, story.number);
            let (Some(one), Some(other)) = (self.site.issue(&own), self.site.issue(key)) else { continue };
            let (one, other) = (one.id, other.id);
            let Some(kind) = LINK_TYPES.iter().find(|k| k.2 == relation || k.3 == relation) else { continue };
            let (from, to) = if kind.3 == relation { (one, other) } else { (other, one) };
            if self.site.links.iter().any(|l| (l.from, l.to, l.kind) == (from, to, kind.0)) {
                continue;
            }
            let id = self.site.next_id();
            self.site.links.push(Link { id, kind: kind.0, from, to });
        }
    }

    /// A pull request whose title begins with an issue's key is linked from that issue.
    fn pulls(&mut self) {
        for pull in &self.company.pulls {
            let Some((key, _)) = pull.title.split_once(':') else { continue };
            let id = self.site.next_id();
            let url = format!("https://github.com/{}/pull/{}", pull.project, pull.number);
            if let Some(issue) = self.site.issue_mut(key) {
                issue.remote_links.push(RemoteLink { id, url, title: pull.title.clone() });
            }
        }
    }
}

fn priority(name: &str) -> Option<&'static str> {
    let at = ["critical", "high", "medium", "low"].iter().position(|p| *p == name)?;
    Some(PRIORITIES[at].0)
}
