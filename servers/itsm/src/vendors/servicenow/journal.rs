//! What was written on an incident: comments, which the customer reads, and work notes, which the customer does not.
//!
//! Journals are fields that are written into and a table that is read. No entry has room for a mark, so a text bears
//! its own as the last line.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use tool::{Mark, Moment};

use super::ServiceNow;
use super::held::Held;
use super::query::{Encoded, Term};
use super::table::first;
use super::wire::Row;
use crate::mark;
use crate::model::{Audience, Entry, State, Update};

const JOURNAL: &str = "/api/now/table/sys_journal_field";

const FIELDS: &str = "sys_id,element,element_id,value,sys_created_on,sys_created_by";

/// Newest entries that are looked through for a mark.
const LOOKED_THROUGH: u32 = 50;

impl ServiceNow {
    pub(super) async fn happened(&self, cx: &Cx, id: &str, limit: u32) -> Result<Vec<Entry>> {
        let held = self.held(cx, id).await?;
        let query = entries(&held.sys_id).newest_first("sys_created_on", "sys_id");
        let written = self.written(cx, &query, limit, |row| Ok(entry(row))).await?;
        let mut entries: Vec<Entry> =
            milestones(&held).into_iter().chain(written.into_iter().flatten()).collect();
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.at));
        entries.truncate(limit as usize);
        Ok(entries)
    }

    pub(super) async fn said(
        &self,
        cx: &Cx,
        id: &str,
        text: &str,
        audience: Audience,
        mark: &Mark,
    ) -> Result<Update> {
        let held = self.held(cx, id).await?;
        held.writable()?;
        let marked = mark::put(text, &mark.operation);
        self.write(cx, &held, &[(element(audience), &marked)]).await?;
        match self.marked(cx, &held.sys_id, mark).await {
            Ok(Some(posted)) => Ok(posted),
            // The vendor drops in silence what the account may not write.
            Ok(None) => {
                Err(Error::new(Code::Permission, "the desk kept nothing of what was written on the incident")
                    .hint("ask the operator to let the service account write this kind of note"))
            }
            // It was written; where the account may not read it, what is known is enough.
            Err(_) => Ok(Update {
                id: self.id(&format!("{}/{}", held.incident.id.native(), mark.operation)),
                at: Moment(cx.now()),
                author: None,
                audience,
                text: FreeText::new(text, Author::Internal),
            }),
        }
    }

    pub(super) async fn found_posted(&self, cx: &Cx, id: &str, mark: &Mark) -> Result<Option<Update>> {
        let sys_id = self.row_of(cx, id, "sys_id", |row| Ok(row.value("sys_id").to_owned())).await?;
        self.marked(cx, &sys_id, mark).await
    }

    /// What was written on an incident under the mark.
    pub(super) async fn marked(&self, cx: &Cx, sys_id: &str, mark: &Mark) -> Result<Option<Update>> {
        let query = entries(sys_id)
            .and(Term::Like("value", mark.operation.clone()))
            .newest_first("sys_created_on", "sys_id");
        let own = |row: &Row<'_>| mark::bears(row.value("value"), &mark.operation);
        let read = |row: &Row<'_>| Ok(own(row).then(|| self.update(row)));
        let found = self.written(cx, &query, LOOKED_THROUGH, read).await?;
        Ok(found.into_iter().flatten().flatten().next())
    }

    /// Entries of journals. Errors: `permission` where there are some and none may be read: an account that may not
    /// read them gets an empty page, whose total still counts them.
    async fn written<T>(
        &self,
        cx: &Cx,
        query: &Encoded<'_>,
        limit: u32,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<Vec<T>> {
        let found = self.tables.list(cx, JOURNAL, FIELDS, query, &first(limit), map).await?;
        if found.rows.is_empty() && found.total.is_some_and(|total| total.count > 0) {
            return Err(Error::new(
                Code::Permission,
                "the service account may not read what was written here",
            )
            .hint("ask the operator to let the service account read comments and work notes"));
        }
        Ok(found.rows)
    }

    fn update(&self, row: &Row<'_>) -> Option<Update> {
        Some(Update {
            id: self.id(row.value("sys_id")),
            at: Moment(row.time("sys_created_on")?),
            author: row.filled("sys_created_by").map(Label::new),
            audience: audience(row),
            text: text(row),
        })
    }
}

fn entries(sys_id: &str) -> Encoded<'static> {
    let elements = ["comments", "work_notes"].map(str::to_owned).to_vec();
    Encoded::new().and(Term::Is("element_id", sys_id.to_owned())).and(Term::In("element", elements))
}

fn element(audience: Audience) -> &'static str {
    match audience {
        Audience::Internal => "work_notes",
        Audience::Customer => "comments",
    }
}

fn audience(row: &Row<'_>) -> Audience {
    if row.value("element") == "comments" { Audience::Customer } else { Audience::Internal }
}

/// Work notes are written by those who work on it; comments may be anybody's.
fn text(row: &Row<'_>) -> FreeText {
    let author = match (audience(row), row.value("sys_created_by")) {
        (_, "system") => Author::Machine,
        (Audience::Internal, _) => Author::Internal,
        (Audience::Customer, _) => Author::Customer,
    };
    FreeText::new(mark::strip(row.value("value")), author)
}

fn entry(row: &Row<'_>) -> Option<Entry> {
    Some(Entry {
        at: Moment(row.time("sys_created_on")?),
        what: Label::new(if row.value("element") == "comments" { "comment" } else { "work note" }),
        author: row.filled("sys_created_by").map(Label::new),
        audience: Some(audience(row)),
        text: Some(text(row)).filter(|text| !text.as_str().is_empty()),
    })
}

/// What the incident itself tells of its past.
fn milestones(held: &Held) -> Vec<Entry> {
    let bare = |at: Moment, what: &str| Entry {
        at,
        what: Label::new(what),
        author: None,
        audience: None,
        text: None,
    };
    let incident = &held.incident;
    let mut entries = vec![bare(incident.opened, "opened")];
    entries.extend(incident.resolved.map(|at| {
        let notes = held.close_notes.as_deref().map(|notes| FreeText::new(notes, Author::Internal));
        Entry { text: notes, ..bare(at, "resolved") }
    }));
    let closed = held.closed.filter(|_| incident.state == State::Closed);
    entries.extend(closed.map(|at| bare(Moment(at), "closed")));
    entries
}
