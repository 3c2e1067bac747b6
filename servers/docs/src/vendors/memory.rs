//! The reference implementation: the port over plain data, for tests of the tools and of the behavior suite itself.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use call::{BoxFuture, Cx};
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use sandbox::company;
use serde::Deserialize;
use tool::{Count, Day, Fetch, Mark, Moment, Person, Place, RecordId, Rows, Total};

use crate::library::{Able, Changes, DocumentLibrary, Manuscript, NewDocument, Query, Replaced, Review};
use crate::markdown::{Edit, Section};
use crate::model::{
    Access, Audience, ChangedDocument, Comment, Document, Exposure, Kind, Knowledge, PublicLink, ReviewItem,
    Revision, Status,
};

/// One library in memory.
pub(crate) struct Memory {
    source: String,
    able: Able,
    now: Timestamp,
    people: Vec<company::Person>,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    records: BTreeMap<String, Stored>,
    clock: i64,
}

/// A document as it is kept.
#[derive(Clone)]
struct Stored {
    space: String,
    kind: Option<Kind>,
    title: String,
    text: String,
    status: Status,
    labels: Vec<String>,
    owner: Option<String>,
    service: Option<String>,
    effective: Option<Date>,
    review: Option<Date>,
    revisions: Vec<Revision>,
    updated: Timestamp,
    readers: Vec<String>,
    editors: Vec<String>,
    public: bool,
    comments: Vec<(Option<String>, Comment)>,
    marks: Vec<String>,
}

/// The documents written for this implementation.
pub(crate) fn documents() -> Vec<company::Document> {
    #[derive(Deserialize)]
    struct File {
        record: Vec<company::Document>,
    }
    toml::from_str::<File>(include_str!("memory.toml")).unwrap().record
}

impl Memory {
    /// The documents of one home, as source `source`; `able` says what it admits to.
    pub(crate) fn new(source: &str, able: Able) -> Self {
        Self::holding(source, able, documents())
    }

    /// The same of these documents.
    pub(crate) fn holding(source: &str, able: Able, documents: Vec<company::Document>) -> Self {
        let now = Timestamp::now();
        let own = documents.into_iter().filter(|d| d.home == source);
        let record = |(n, document)| {
            let id = native(source, n as i64 + 1);
            let record = stored(source, &id, document, now);
            (id, record)
        };
        let records = own.enumerate().map(record).collect();
        Self {
            source: source.into(),
            able,
            now,
            people: company::people(),
            shelf: Mutex::new(Shelf { records, clock: 0 }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn document(&self, id: &str, record: &Stored, full: bool) -> Document {
        let able = &self.able;
        let text = || FreeText::new(&record.text, Author::Internal);
        let mapped = able.runbooks && able.policies;
        Document {
            id: RecordId::new(&*self.source, id),
            title: Label::new(&record.title),
            space: Some(Label::new(&record.space)),
            status: record.status,
            kind: record.kind.filter(|_| mapped),
            owner: record.owner.as_deref().map(|h| self.name(h)),
            labels: record.labels.iter().map(|l| Label::new(l)).collect(),
            service: record.service.as_deref().filter(|_| able.service).map(Label::new),
            effective: record.effective.filter(|_| able.effective).map(Day),
            review_by: record.review.filter(|_| able.review.dates).map(Day),
            version: Some(version(record)),
            updated: Moment(record.updated),
            updated_by: record.revisions.last().and_then(|r| r.author.clone()),
            url: format!("https://{}.example/{id}", self.source),
            as_of: Some(Moment(self.now)),
            snippet: None,
            text: full.then(text),
        }
    }

    fn name(&self, handle: &str) -> Label {
        company::person(&self.people, handle).map_or_else(|| Label::new(handle), |p| Label::new(&p.name))
    }

    fn matches(&self, id: &String, record: &Stored, q: &Query) -> bool {
        let says = |text: &String| {
            let body = if self.able.full_text { record.text.as_str() } else { "" };
            let all = format!("{} {body}", record.title).to_lowercase();
            text.to_lowercase().split_whitespace().all(|word| all.contains(word))
        };
        let status = match (q.status, q.ids.is_empty()) {
            (Some(status), _) => record.status == status,
            (None, true) => record.status == Status::Current,
            (None, false) => true,
        };
        let folded = |text: &str| text.to_lowercase().replace(['-', '_'], " ");
        status
            && (q.ids.is_empty() || q.ids.contains(id))
            && q.space.as_ref().is_none_or(|s| record.space == *s)
            && q.owner.as_ref().is_none_or(|o| record.owner.as_ref() == Some(o))
            && q.labels.iter().all(|l| record.labels.contains(l))
            && q.kind.is_none_or(|k| record.kind == Some(k))
            && q.service
                .as_ref()
                .is_none_or(|s| record.service.as_ref().is_some_and(|own| folded(own) == folded(s)))
            && q.effective_on.is_none_or(|day| record.effective.is_some_and(|from| from <= day))
            && q.updated_after.is_none_or(|t| record.updated >= t)
            && q.updated_before.is_none_or(|t| record.updated < t)
            && q.text.as_ref().is_none_or(says)
    }

    fn refuse(&self, q: &Query) -> Result<()> {
        let a = &self.able;
        let cannot = [
            (q.space.is_some() && !a.space, "space"),
            (q.owner.is_some() && !a.owner, "owner"),
            (!q.labels.is_empty() && !a.labels, "labels"),
            (q.status.is_some_and(|s| s != Status::Current) && !a.status, "status"),
            (q.service.is_some() && !a.service, "service"),
            (q.effective_on.is_some() && !a.effective, "effective_on"),
            (q.kind == Some(Kind::Runbook) && !a.runbooks, "kind"),
            (q.kind == Some(Kind::Policy) && !a.policies, "kind"),
        ];
        match cannot.iter().find(|(cannot, _)| *cannot) {
            Some((_, filter)) => {
                Err(Error::new(Code::UnsupportedFilter, format!("cannot filter by {filter}")))
            }
            None => Ok(()),
        }
    }

    /// A page of what `pick` makes of the documents, in `order`.
    fn page<T, K: Ord>(
        &self,
        page: &Fetch,
        pick: impl Fn(&String, &Stored) -> Option<T>,
        order: impl Fn(&T) -> (K, RecordId),
    ) -> Result<Rows<T>> {
        let shelf = self.lock();
        let mut rows: Vec<T> = shelf.records.iter().filter_map(|(id, record)| pick(id, record)).collect();
        rows.sort_by_key(order);
        let count = rows.len();
        let start: usize = page.token.as_deref().map_or(Ok(0), str::parse).map_err(|_| missing("page"))?;
        let rows: Vec<T> = rows.into_iter().skip(start).take(page.limit as usize).collect();
        let end = start + rows.len();
        Ok(Rows {
            rows,
            next: (end < count).then(|| end.to_string()),
            total: self.able.total.then_some(Total { count: count as u64, kind: Count::Exact }),
            as_of: self.now,
        })
    }

    fn add(&self, new: &NewDocument, mark: &Mark) -> Result<Document> {
        let mut shelf = self.lock();
        if let Some(parent) = &new.parent {
            shelf.records.get(parent).ok_or_else(|| missing(parent))?;
        }
        let template = new.template.as_deref().map(template).transpose()?.unwrap_or_default();
        let id = native(&self.source, shelf.records.len() as i64 + 1);
        let stamp = shelf.tick(self.now);
        let record = Stored {
            space: new.space.clone().unwrap_or_else(|| "drafts".into()),
            kind: None,
            title: new.title.clone(),
            text: template.to_owned() + &new.text,
            status: Status::Draft,
            labels: new.labels.clone(),
            owner: None,
            service: None,
            effective: None,
            review: None,
            revisions: vec![revision(1, stamp, None, "")],
            updated: stamp,
            readers: Vec::new(),
            editors: Vec::new(),
            public: false,
            comments: Vec::new(),
            marks: bears(mark),
        };
        let document = self.document(&id, &record, true);
        shelf.records.insert(id, record);
        Ok(document)
    }
}

/// What is ready answers at once.
fn now<'a, T: Send + 'a>(value: Result<T>) -> BoxFuture<'a, Result<T>> {
    Box::pin(async move { value })
}

impl DocumentLibrary for Memory {
    fn able(&self) -> Able {
        self.able
    }

    fn recognize(&self, reference: &str) -> Option<String> {
        let id = reference.strip_prefix(&format!("https://{}.example/", self.source)).unwrap_or(reference);
        let prefix = native(&self.source, 0);
        let number = id.strip_prefix(prefix.trim_end_matches('0'))?;
        (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then(|| id.to_owned())
    }

    fn spaces<'a>(&'a self, _: &'a Cx) -> BoxFuture<'a, Result<Vec<Place>>> {
        let shelf = self.lock();
        let mut keys: Vec<&String> = shelf.records.values().map(|r| &r.space).collect();
        keys.sort();
        keys.dedup();
        now(Ok(keys.into_iter().map(|k| Place { key: k.clone(), name: Label::new(k) }).collect()))
    }

    fn people<'a>(&'a self, _: &'a Cx, text: &'a str) -> BoxFuture<'a, Result<Vec<Person>>> {
        let same = |p: &&company::Person| {
            [&p.handle, &p.name, &p.email].iter().any(|own| own.to_lowercase() == text.to_lowercase())
        };
        let person = |p: &company::Person| Person {
            id: p.handle.clone(),
            name: Label::new(&p.name),
            email: Some(p.email.clone()),
        };
        now(Ok(self.people.iter().filter(same).map(person).collect()))
    }

    fn space_of<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Option<Place>>> {
        let shelf = self.lock();
        let record = shelf.records.get(id).ok_or_else(|| missing(id));
        let place = |r: &Stored| Place { key: r.space.clone(), name: Label::new(&r.space) };
        now(record.map(|record| Some(place(record))))
    }

    fn search<'a>(
        &'a self,
        _: &'a Cx,
        query: &'a Query,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<Document>>> {
        now(self.refuse(query).and_then(|()| {
            let pick = |id: &String, record: &Stored| {
                self.matches(id, record, query).then(|| self.document(id, record, query.full))
            };
            self.page(&page, pick, |d| (Reverse(d.updated), d.id.clone()))
        }))
    }

    fn read<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Manuscript>> {
        let shelf = self.lock();
        let record = shelf.records.get(id).ok_or_else(|| missing(id));
        now(record.map(|record| Manuscript {
            document: self.document(id, record, false),
            text: record.text.clone(),
            version: version(record),
            partial: false,
        }))
    }

    fn changed<'a>(
        &'a self,
        _: &'a Cx,
        changes: &'a Changes,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ChangedDocument>>> {
        let within = |at: Moment| at.0 >= changes.since && changes.until.is_none_or(|until| at.0 < until);
        let pick = |id: &String, record: &Stored| {
            let wanted = record.status == Status::Current
                && changes.space.as_ref().is_none_or(|s| record.space == *s)
                && within(Moment(record.updated));
            let revisions = record.revisions.iter().rev().filter(|r| self.able.history && within(r.at));
            wanted.then(|| ChangedDocument {
                document: self.document(id, record, false),
                revisions: revisions.take(changes.revisions as usize).cloned().collect(),
            })
        };
        now(self.page(&page, pick, |c| (Reverse(c.document.updated), c.document.id.clone())))
    }

    fn needing_review<'a>(
        &'a self,
        _: &'a Cx,
        review: &'a Review,
        page: Fetch,
    ) -> BoxFuture<'a, Result<Rows<ReviewItem>>> {
        if review.any_of.iter().any(|c| !self.able.review.finds(c.reason())) {
            return now(Err(Error::new(Code::UnsupportedFilter, "cannot look for that")));
        }
        let pick = |id: &String, record: &Stored| {
            let document = self.document(id, record, false);
            let reasons = review.reasons(&document);
            let wanted = record.status != Status::Archived
                && review.space.as_ref().is_none_or(|s| record.space == *s)
                && review.kind.is_none_or(|k| record.kind == Some(k))
                && review.owner.as_ref().is_none_or(|o| record.owner.as_ref() == Some(o));
            (wanted && !reasons.is_empty()).then_some(ReviewItem { document, reasons })
        };
        now(self.page(&page, pick, |i| (i.document.updated, i.document.id.clone())))
    }

    fn exposure<'a>(&'a self, _: &'a Cx, id: &'a str) -> BoxFuture<'a, Result<Exposure>> {
        let shelf = self.lock();
        let Some(record) = shelf.records.get(id) else { return now(Err(missing(id))) };
        let access = |people: &[String]| match self.able.access {
            true => Access {
                status: Knowledge::Known,
                audience: Some(if people.is_empty() { Audience::Space } else { Audience::Restricted }),
                people: people.iter().map(|h| self.name(h)).collect(),
                ..Access::unknown()
            },
            false => Access::unknown(),
        };
        let url = record.public.then(|| format!("https://{}.example/public/{id}", self.source));
        let known = if self.able.public_link { Knowledge::Known } else { Knowledge::Unknown };
        let document = self.document(id, record, false);
        now(Ok(Exposure {
            id: document.id,
            title: document.title,
            url: document.url,
            readers: access(&record.readers),
            editors: access(&record.editors),
            public_link: PublicLink { status: known, url: url.filter(|_| self.able.public_link) },
            as_of: document.as_of,
        }))
    }

    fn find_marked<'a>(
        &'a self,
        _: &'a Cx,
        space: Option<&'a str>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Document>>> {
        let shelf = self.lock();
        let mark = sought(mark);
        let found = shelf
            .records
            .iter()
            .find(|(_, r)| r.marks.contains(&mark) && r.space == space.unwrap_or("drafts"));
        now(Ok(found.map(|(id, record)| self.document(id, record, false))))
    }

    fn check_draft<'a>(&'a self, _: &'a Cx, new: &'a NewDocument) -> BoxFuture<'a, Result<()>> {
        now(new.template.as_deref().map(template).transpose().map(drop))
    }

    fn create_draft<'a>(
        &'a self,
        _: &'a Cx,
        new: &'a NewDocument,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Document>> {
        now(self.add(new, mark))
    }

    fn replace_section<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        edit: &'a Edit,
        expected: &'a str,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Replaced>> {
        let mut shelf = self.lock();
        let stamp = shelf.tick(self.now);
        let Some(record) = shelf.records.get_mut(id) else { return now(Err(missing(id))) };
        if version(record) != expected {
            return now(Err(Error::new(Code::Conflict, "somebody changed the document since")));
        }
        now(edit.apply(&record.text).map(|text| {
            record.text = text;
            record.marks.extend(bears(mark));
            record.updated = stamp;
            record.revisions.push(revision(record.revisions.len() + 1, stamp, None, ""));
            Replaced { document: self.document(id, record, false), comes_back: true }
        }))
    }

    fn edited<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        edit: Option<&'a Edit>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<bool>> {
        let shelf = self.lock();
        let bears = |record: &Stored| record.marks.contains(&sought(mark));
        now(Ok(edit.is_some_and(Edit::is_empty) || shelf.records.get(id).is_some_and(bears)))
    }

    fn comment<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        text: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Comment>> {
        if on.is_some() && !self.able.section_comments {
            return now(Err(Error::new(Code::Unsupported, "comments on documents only")));
        }
        let mut shelf = self.lock();
        let stamp = shelf.tick(self.now);
        let Some(record) = shelf.records.get_mut(id) else { return now(Err(missing(id))) };
        let comment = Comment {
            id: RecordId::new(&*self.source, format!("{id}/{}", record.comments.len() + 1)),
            author: None,
            created: Moment(stamp),
            section: on.map(|s| s.anchor.clone()),
            text: FreeText::new(text, Author::Machine),
        };
        record.comments.push((bears(mark).pop(), comment.clone()));
        now(Ok(comment))
    }

    fn find_marked_comment<'a>(
        &'a self,
        _: &'a Cx,
        id: &'a str,
        on: Option<&'a Section>,
        mark: &'a Mark,
    ) -> BoxFuture<'a, Result<Option<Comment>>> {
        let shelf = self.lock();
        let Some(record) = shelf.records.get(id) else { return now(Err(missing(id))) };
        let mark = Some(sought(mark));
        let anchor = on.map(|s| s.anchor.clone());
        let found = record.comments.iter().find(|(by, c)| *by == mark && c.section == anchor);
        now(Ok(found.map(|(_, comment)| comment.clone())))
    }
}

impl Shelf {
    /// The next moment: every write is later than the one before.
    fn tick(&mut self, now: Timestamp) -> Timestamp {
        self.clock += 1;
        now + SignedDuration::from_secs(self.clock)
    }
}

/// A template, by name.
fn template(name: &str) -> Result<&'static str> {
    match name.to_lowercase().as_str() {
        "runbook" => Ok("## Signs\n\n## Steps\n\n"),
        _ => Err(Error::new(Code::NotFound, "there is no such template").allowed(["Runbook".to_owned()])),
    }
}

/// By what a new record is found again.
fn bears(mark: &Mark) -> Vec<String> {
    let external = mark.external_key.as_ref().map(|key| format!("key {key}"));
    std::iter::once(format!("operation {}", mark.operation)).chain(external).collect()
}

/// What a mark is looked for by: the caller's own key wins over the operation.
fn sought(mark: &Mark) -> String {
    mark.external_key.as_ref().map_or(format!("operation {}", mark.operation), |key| format!("key {key}"))
}

/// `wiki` has `W-1`, `notes` has `N-1`.
fn native(source: &str, number: i64) -> String {
    format!("{}-{number}", source.chars().next().unwrap_or('x').to_ascii_uppercase())
}

fn version(record: &Stored) -> String {
    record.revisions.last().map(|r| r.version.clone()).unwrap_or_default()
}

fn revision(number: usize, at: Timestamp, author: Option<Label>, message: &str) -> Revision {
    let message = Some(Label::new(message)).filter(|m| !m.as_str().is_empty());
    Revision { version: number.to_string(), at: Moment(at), author, message }
}

fn stored(source: &str, id: &str, document: company::Document, now: Timestamp) -> Stored {
    let day = |days: i64| (now + SignedDuration::from_hours(24 * days)).to_zoned(TimeZone::UTC).date();
    let at = |hours: i64| now + SignedDuration::from_hours(hours);
    let people = company::people();
    let name = |handle: &str| company::person(&people, handle).map(|p| Label::new(&p.name));
    let edits = document.edits.iter().enumerate();
    let revisions: Vec<Revision> =
        edits.map(|(n, e)| revision(n + 1, at(e.hours), name(&e.author), &e.message)).collect();
    let comment = |(n, remark): (usize, &company::Remark)| {
        let comment = Comment {
            id: RecordId::new(source, format!("{id}/{}", n + 1)),
            author: name(&remark.author),
            created: Moment(at(remark.hours)),
            section: None,
            text: FreeText::new(&remark.text, Author::Internal),
        };
        (None, comment)
    };
    Stored {
        updated: document.edits.last().map_or(at(24 * document.created_days), |e| at(e.hours)),
        comments: document.comments.iter().enumerate().map(comment).collect(),
        kind: match document.kind.as_str() {
            "runbook" => Some(Kind::Runbook),
            "policy" => Some(Kind::Policy),
            _ => None,
        },
        status: match document.status.as_str() {
            "draft" => Status::Draft,
            "archived" => Status::Archived,
            _ => Status::Current,
        },
        text: document.text.repeat(document.repeat.unwrap_or(1)),
        space: document.space,
        title: document.title,
        labels: document.labels,
        owner: document.owner,
        service: document.service,
        effective: document.effective_days.map(day),
        review: document.review_days.map(day),
        revisions,
        readers: document.readers,
        editors: document.editors,
        public: document.public,
        marks: Vec::new(),
    }
}

fn missing(id: &str) -> Error {
    Error::new(Code::NotFound, format!("`{id}` does not exist or this account may not see it"))
}
