//! One incident, held for what is to be done with it.

use call::Cx;
use error::{Code, Error, Result};

use super::ServiceNow;
use super::map::Lens;
use super::wire::Row;
use crate::desk::Changed;
use crate::model::{Incident, State};

/// The path of one incident.
const ONE: &str = "/api/now/table/incident/{sys_id}";

/// An incident with the vendor's own values.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) sys_id: String,
    pub(super) incident: Incident,
    /// The assigned user.
    pub(super) assignee: Option<String>,
    pub(super) impact: u8,
    pub(super) urgency: u8,
    pub(super) closed: Option<jiff::Timestamp>,
    pub(super) close_notes: Option<String>,
}

impl ServiceNow {
    /// An incident by its number or `sys_id`. Errors: `not_found`.
    pub(super) async fn held(&self, cx: &Cx, id: &str) -> Result<Held> {
        let choices = self.choices(cx).await?;
        let lens = Lens::new(self, &choices, cx);
        self.row_of(cx, id, &self.full_fields(), |row| held(&lens, row)).await
    }

    /// Writes fields of an incident; the answer is the incident as it is then.
    pub(super) async fn write(&self, cx: &Cx, held: &Held, fields: &[(&str, &str)]) -> Result<Held> {
        let choices = self.choices(cx).await?;
        let lens = Lens::new(self, &choices, cx);
        let body: std::collections::BTreeMap<&str, &str> = fields.iter().copied().collect();
        self.tables
            .patch(cx, ONE, &held.sys_id, &self.full_fields(), &body, |row| self::held(&lens, row))
            .await
    }
}

impl Held {
    /// Errors: `conflict` for an incident that is closed or canceled; the vendor lets nothing of it be written.
    pub(super) fn writable(&self) -> Result<()> {
        if self.incident.state != State::Closed {
            return Ok(());
        }
        let message =
            format!("the incident is `{}`: nothing more can be written on it", self.incident.status);
        Err(Error::new(Code::Conflict, message).hint("open a new incident and name this one in its text"))
    }

    /// Before and after.
    pub(super) fn changed_to(self, after: Self) -> Changed {
        Changed { before: self.incident, after: after.incident, assignee_before: self.assignee }
    }
}

fn held(lens: &Lens<'_>, row: &Row<'_>) -> Result<Held> {
    let owned = |field: &str| row.filled(field).map(str::to_owned);
    let level = |field: &str| row.value(field).parse().unwrap_or(3);
    Ok(Held {
        sys_id: row.value("sys_id").to_owned(),
        incident: lens.incident(row, true)?,
        assignee: owned("assigned_to"),
        impact: level("impact"),
        urgency: level("urgency"),
        closed: row.time("closed_at"),
        close_notes: owned("close_notes"),
    })
}
