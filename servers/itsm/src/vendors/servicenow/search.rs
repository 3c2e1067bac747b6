//! Lists of incidents.
//!
//! The vendor leaves out conditions on fields that it does not know or the account may not read, and runs the rest.
//! So every row is held against what was asked; a row that should not be there means that a filter was ignored, and
//! then no row is given.

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use tool::{Fetch, Rows};

use super::choices::Choices;
use super::map::{Lens, ROW, priority_value};
use super::query::{Encoded, Term, words};
use super::wire::Row;
use super::{ServiceNow, is_sys_id};
use crate::desk::{Query, ServiceDesk as _};
use crate::model::{Emptiable, Incident};

pub(super) const INCIDENTS: &str = "/api/now/table/incident";

/// The texts of an incident.
const TEXTS: [&str; 2] = ["short_description", "description"];

/// What makes others alike an incident, in the vendor's terms.
#[derive(Debug, Default)]
struct Likeness {
    own: Option<String>,
    problem: Option<String>,
    parent: Option<String>,
    service: Option<String>,
    /// An error code, or the one word there is.
    word: Option<String>,
    /// The words of a title, asked for only where nothing else is known.
    title: Option<String>,
}

impl ServiceNow {
    pub(super) async fn find(&self, cx: &Cx, query: &Query, page: Fetch) -> Result<Rows<Incident>> {
        query.within(&self.able())?;
        let choices = self.choices(cx).await?;
        let likeness = self.likeness(cx, query).await?;
        let encoded = encoded(&choices, query, likeness.as_ref())?;
        let fields = if query.full { self.full_fields() } else { ROW.to_owned() };
        let lens = Lens::new(self, &choices, cx);
        let read = |row: &Row<'_>| {
            if !holds(row, &choices, query) {
                return Err(ignored());
            }
            let mut incident = lens.incident(row, query.full)?;
            incident.relation = likeness.as_ref().map(|likeness| likeness.of(row));
            Ok(incident)
        };
        Ok(self.tables.list(cx, INCIDENTS, &fields, &encoded, &page, read).await?.rows(cx))
    }

    async fn likeness(&self, cx: &Cx, query: &Query) -> Result<Option<Likeness>> {
        let Some(signature) = &query.related else { return Ok(None) };
        let mut likeness = Likeness { service: signature.service.clone(), ..Likeness::default() };
        if let Some(id) = &signature.incident {
            let known = self.row_of(cx, id, "sys_id,problem_id,parent_incident", |row| {
                let id = |field| row.filled(field).map(str::to_owned);
                Ok((id("sys_id"), id("problem_id"), id("parent_incident")))
            });
            (likeness.own, likeness.problem, likeness.parent) = known.await?;
        }
        let words = words(&signature.words);
        match words.as_slice() {
            [only] => likeness.word = Some(only.clone()),
            // Of a whole title every word would have to be there: that finds hardly more than what is known already.
            _ if likeness.own.is_none() && likeness.service.is_none() => {
                likeness.title = Some(signature.words.clone());
            }
            _ => {}
        }
        Ok(Some(likeness))
    }

    /// One incident by its number or `sys_id`. Errors: `not_found`.
    pub(super) async fn row_of<T>(
        &self,
        cx: &Cx,
        id: &str,
        fields: &str,
        map: impl Fn(&Row<'_>) -> Result<T>,
    ) -> Result<T> {
        let field = if is_sys_id(id) { "sys_id" } else { "number" };
        let query = Encoded::new().and(Term::Is(field, id.to_owned())).oldest_first("sys_created_on");
        let fields = format!("{fields},{field}");
        let read = |row: &Row<'_>| match row.value(field).eq_ignore_ascii_case(id) {
            true => map(row),
            false => Err(ignored()),
        };
        let mut found = self.tables.few(cx, INCIDENTS, &fields, &query, 1, read).await?;
        found.pop().ok_or_else(|| {
            Error::new(Code::NotFound, "there is no such incident, or the service account may not see it")
        })
    }
}

/// The vendor ran a query without one of its conditions.
pub(super) fn ignored() -> Error {
    Error::new(Code::UnsupportedFilter, "the desk ignored a filter: a field is missing or may not be read")
        .hint("leave the filter out, or ask the operator to let the service account read the field")
}

fn encoded(choices: &Choices, query: &Query, likeness: Option<&Likeness>) -> Result<Encoded<'static>> {
    let is = |field: &'static str, value: &String| Term::Is(field, value.clone());
    let mut encoded = Encoded::new();
    if !query.ids.is_empty() {
        let (ids, numbers): (Vec<String>, Vec<String>) =
            query.ids.iter().cloned().partition(|id| is_sys_id(id));
        encoded = encoded.and_any(vec![Term::In("number", numbers), Term::In("sys_id", ids)]);
    }
    if let Some(service) = &query.service {
        encoded = encoded.and_any(of_service(service));
    }
    if !query.states.is_empty() {
        encoded = encoded.and(Term::In("state", choices.values(&query.states)));
    }
    encoded = encoded
        .and_some(query.priority.map(|priority| Term::Is("priority", priority_value(priority).into())))
        .and_some(query.group.as_ref().map(|group| is("assignment_group", group)))
        .and_some(query.customer.as_ref().map(|company| is("company", company)))
        .and_some(query.opened_after.map(|at| Term::From("opened_at", at)))
        .and_some(query.opened_before.map(|at| Term::Before("opened_at", at)));
    for field in query.where_empty.map(emptiable).unwrap_or_default() {
        encoded = encoded.and(Term::Empty(field));
    }
    if let Some(text) = &query.text {
        encoded = encoded.words(&TEXTS, text)?;
    }
    if let Some(likeness) = likeness {
        encoded = likeness.within(encoded)?;
    }
    Ok(encoded.newest_first("opened_at", "number"))
}

/// A service is named in one field or the other, by what it is.
pub(super) fn of_service(sys_id: &str) -> Vec<Term<'static>> {
    ["business_service", "cmdb_ci"].map(|field| Term::Is(field, sys_id.to_owned())).to_vec()
}

fn emptiable(field: Emptiable) -> Vec<&'static str> {
    match field {
        Emptiable::Assignee => vec!["assigned_to"],
        Emptiable::Group => vec!["assignment_group"],
        Emptiable::Service => vec!["business_service", "cmdb_ci"],
        Emptiable::Priority => vec!["priority"],
    }
}

impl Likeness {
    fn within<'a>(&self, encoded: Encoded<'a>) -> Result<Encoded<'a>> {
        let mut ways: Vec<Term<'a>> = Vec::new();
        ways.extend(self.problem.clone().map(|problem| Term::Is("problem_id", problem)));
        for relative in [&self.own, &self.parent].into_iter().flatten() {
            ways.push(Term::Is("parent_incident", relative.clone()));
        }
        ways.extend(self.parent.clone().map(|parent| Term::Is("sys_id", parent)));
        ways.extend(self.service.as_deref().map(of_service).unwrap_or_default());
        ways.extend(self.word.iter().flat_map(|word| TEXTS.map(|field| Term::Like(field, word.clone()))));
        let encoded = match &self.title {
            Some(title) => encoded.words(&TEXTS, title)?,
            None => encoded.and_any(ways),
        };
        let own = self.own.iter().cloned().collect::<Vec<_>>();
        Ok(if own.is_empty() { encoded } else { encoded.and(Term::NotIn("sys_id", own)) })
    }

    /// By what a row is alike; what is left is what it says.
    fn of(&self, row: &Row<'_>) -> Label {
        let same = |field: &str, own: &Option<String>| own.is_some() && row.filled(field) == own.as_deref();
        let mut reasons = Vec::new();
        if same("problem_id", &self.problem) {
            reasons.push("same problem");
        }
        if same("sys_id", &self.parent) {
            reasons.push("parent");
        }
        if same("parent_incident", &self.own) {
            reasons.push("child");
        }
        if same("parent_incident", &self.parent) {
            reasons.push("same parent");
        }
        if same("business_service", &self.service) || same("cmdb_ci", &self.service) {
            reasons.push("same service");
        }
        let title = row.value("short_description").to_lowercase();
        let says = self.word.as_ref().is_some_and(|word| title.contains(&word.to_lowercase()));
        if says || reasons.is_empty() {
            reasons.push("same error or words");
        }
        Label::new(&reasons.join(", "))
    }
}

/// Whether a row is what was asked for, as far as its fields tell.
fn holds(row: &Row<'_>, choices: &Choices, query: &Query) -> bool {
    let is = |field: &str, wanted: &Option<String>| wanted.as_deref().is_none_or(|id| row.value(field) == id);
    let service = query
        .service
        .as_deref()
        .is_none_or(|id| row.value("business_service") == id || row.value("cmdb_ci") == id);
    let state = query.states.is_empty()
        || query.states.contains(&choices.state(row.value("state"), row.value("active")));
    let opened = row.time("opened_at");
    let after = query.opened_after.is_none_or(|from| opened.is_some_and(|at| at >= from));
    let before = query.opened_before.is_none_or(|until| opened.is_some_and(|at| at < until));
    let empty = query.where_empty.map(emptiable).unwrap_or_default();
    let named = |id: &String| {
        row.value("number").eq_ignore_ascii_case(id) || row.value("sys_id").eq_ignore_ascii_case(id)
    };
    (query.ids.is_empty() || query.ids.iter().any(named))
        && service
        && state
        && is("assignment_group", &query.group)
        && is("company", &query.customer)
        && query.priority.is_none_or(|priority| row.value("priority") == priority_value(priority))
        && (after && before)
        && empty.iter().all(|field| row.has(field) && row.filled(field).is_none())
        && (query.text.is_none() || row.has("short_description"))
}
