//! Clocks of promises: `task_sla` (ServiceNow, "Service Level Management").

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::Timestamp;
use tool::{Fetch, Moment, Rows};

use super::query::{Encoded, Term};
use super::search::ignored;
use super::wire::Row;
use super::{ServiceNow, is_sys_id};
use crate::desk::SlaQuery;
use crate::model::{SlaClock, SlaState};

const CLOCKS: &str = "/api/now/table/task_sla";

const FIELDS: &str = "sys_id,sla,stage,active,has_breached,planned_end_time,task,task.number,task.short_description,\
    task.assignment_group,task.sys_class_name";

impl ServiceNow {
    pub(super) async fn promised(&self, cx: &Cx, query: &SlaQuery, page: Fetch) -> Result<Rows<SlaClock>> {
        let mut encoded = Encoded::new()
            .and(Term::Is("task.sys_class_name", "incident".into()))
            .and(Term::Filled("planned_end_time"))
            .and(Term::NotIn("stage", vec!["cancelled".into()]))
            .and_some(query.group.as_ref().map(|group| Term::Is("task.assignment_group", group.clone())));
        match &query.incident {
            Some(id) => {
                let field = if is_sys_id(id) { "task" } else { "task.number" };
                encoded = encoded.and(Term::Is(field, id.clone()));
            }
            None => {
                let running = ["active", "task.active"].map(|field| Term::Is(field, "true".into()));
                encoded = running.into_iter().fold(encoded, Encoded::and);
            }
        }
        if let Some(until) = query.due_before {
            // A paused clock keeps the end that it last had, which means nothing until it runs again.
            let breached = || Term::Is("has_breached", "true".into());
            encoded = encoded
                .and_any(vec![breached(), Term::NotIn("stage", vec!["paused".into()])])
                .and_any(vec![breached(), Term::Before("planned_end_time", until)]);
        }
        let encoded = encoded.oldest_first("planned_end_time");
        let now = cx.now();
        let read = |row: &Row<'_>| match holds(row, query) {
            true => self.clock_of(row, now),
            false => Err(ignored()),
        };
        Ok(self.tables.list(cx, CLOCKS, FIELDS, &encoded, &page, read).await?.rows(cx))
    }

    fn clock_of(&self, row: &Row<'_>, now: Timestamp) -> Result<SlaClock> {
        let (Some(number), Some(due)) = (row.filled("task.number"), row.time("planned_end_time")) else {
            return Err(Error::new(Code::UpstreamGarbled, "the vendor's clock has no incident or no end"));
        };
        let group = self.named(row, "task.assignment_group");
        Ok(SlaClock {
            id: self.id(row.value("sys_id")),
            name: Label::new(row.shown("sla")),
            state: state(row, due, now),
            due: Moment(due),
            incident: self.id(number),
            title: Label::new(&format!("{number} {}", row.value("task.short_description"))),
            group: group.as_ref().map(|group| group.name.clone()),
            group_id: group.map(|group| group.id),
            url: Some(self.url("incident", number)),
        })
    }
}

fn holds(row: &Row<'_>, query: &SlaQuery) -> bool {
    let incident = query
        .incident
        .as_deref()
        .is_none_or(|id| row.value("task") == id || row.value("task.number").eq_ignore_ascii_case(id));
    let running = query.incident.is_some() || row.value("active") == "true";
    let due = query.due_before.is_none_or(|until| {
        row.value("has_breached") == "true"
            || row.value("stage") != "paused" && row.time("planned_end_time").is_some_and(|at| at < until)
    });
    let group = query.group.as_deref().is_none_or(|group| row.value("task.assignment_group") == group);
    incident && running && due && group && row.value("task.sys_class_name") == "incident"
}

/// The vendor marks a breach when a job runs; the time is past before that.
fn state(row: &Row<'_>, due: Timestamp, now: Timestamp) -> SlaState {
    match row.value("stage") {
        _ if row.value("has_breached") == "true" => SlaState::Breached,
        "breached" => SlaState::Breached,
        "completed" => SlaState::Met,
        "paused" => SlaState::Paused,
        _ if due < now => SlaState::Breached,
        _ => SlaState::Running,
    }
}
