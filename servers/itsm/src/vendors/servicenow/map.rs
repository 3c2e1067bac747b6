//! From rows to the domain's nouns.

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use tool::{Moment, RecordId};

use super::ServiceNow;
use super::choices::Choices;
use super::wire::Row;
use crate::model::{CustomField, Incident, Named, Priority, Urgency};

/// The fields a row is made of.
pub(super) const ROW: &str = "number,sys_id,short_description,state,active,priority,urgency,impact,business_service,\
    cmdb_ci,assignment_group,assigned_to,company,opened_at,sys_updated_on,resolved_at,problem_id,parent_incident";

/// What a full record has beyond.
const MORE: &str = "description,category,close_code,close_notes,closed_at";

/// Fields of the vendor's that are worth showing among those the site added.
const ALSO: [&str; 3] = ["category", "close_code", "close_notes"];

/// Reads incidents as they leave.
pub(super) struct Lens<'a> {
    snow: &'a ServiceNow,
    choices: &'a Choices,
    as_of: Moment,
}

impl<'a> Lens<'a> {
    pub(super) fn new(snow: &'a ServiceNow, choices: &'a Choices, cx: &Cx) -> Self {
        Self { snow, choices, as_of: Moment(cx.now()) }
    }

    /// An incident. Errors: `upstream_garbled` for a row without what every incident has.
    pub(super) fn incident(&self, row: &Row<'_>, full: bool) -> Result<Incident> {
        let opened = row.time("opened_at").or_else(|| row.time("sys_updated_on"));
        let (Some(number), Some(opened)) = (row.filled("number"), opened) else {
            return Err(Error::new(Code::UpstreamGarbled, "the vendor's incident has no number or no time"));
        };
        let customer = row.filled("company").map(|_| Label::new(row.shown("company")));
        let author = if customer.is_some() { Author::Customer } else { Author::Internal };
        let description = row.filled("description").filter(|_| full);
        let service = self.snow.named(row, "business_service").or_else(|| self.snow.named(row, "cmdb_ci"));
        Ok(Incident {
            id: self.snow.id(number),
            number: None,
            title: Label::new(row.value("short_description")),
            state: self.choices.state(row.value("state"), row.value("active")),
            status: Label::new(row.shown("state")),
            priority: priority(row.value("priority")),
            urgency: urgency(row.value("urgency")),
            service: service.as_ref().map(|service| service.name.clone()),
            service_id: service.map(|service| service.id),
            group: row.filled("assignment_group").map(|_| Label::new(row.shown("assignment_group"))),
            group_key: row.filled("assignment_group").map(str::to_owned),
            assignees: row
                .filled("assigned_to")
                .map(|_| Label::new(row.shown("assigned_to")))
                .into_iter()
                .collect(),
            customer,
            opened: Moment(opened),
            updated: row.time("sys_updated_on").map(Moment),
            resolved: row.time("resolved_at").map(Moment),
            relation: None,
            url: self.snow.url("incident", number),
            as_of: self.as_of,
            description: description.map(|text| FreeText::new(text, author)),
            custom_fields: if full { self.custom(row) } else { Vec::new() },
        })
    }

    fn custom(&self, row: &Row<'_>) -> Vec<CustomField> {
        let names = ALSO.into_iter().chain(self.snow.keys.custom_fields.iter().map(String::as_str));
        let filled = names.filter(|name| row.filled(name).is_some());
        filled
            .map(|name| CustomField { name: Label::new(name), value: Label::new(row.shown(name)) })
            .collect()
    }
}

impl ServiceNow {
    /// An id of this source.
    pub(super) fn id(&self, native: &str) -> RecordId {
        RecordId::new(&*self.source, native)
    }

    /// The record that a field refers to.
    pub(super) fn named(&self, row: &Row<'_>, field: &str) -> Option<Named> {
        let id = row.filled(field)?;
        Some(Named { id: self.id(id), name: Label::new(row.shown(field)) })
    }

    /// Where a person looks at a record, by the number that is its id here.
    pub(super) fn url(&self, table: &str, number: &str) -> String {
        format!("{}/{table}.do?sysparm_query=number={number}", self.site)
    }

    /// The fields of a full incident, the site's own among them.
    pub(super) fn full_fields(&self) -> String {
        let own = self.keys.custom_fields.iter().map(String::as_str);
        [ROW, MORE].into_iter().chain(own).collect::<Vec<_>>().join(",")
    }
}

/// `1` to `5`.
pub(super) fn priority(value: &str) -> Option<Priority> {
    Some(match value {
        "1" => Priority::P1,
        "2" => Priority::P2,
        "3" => Priority::P3,
        "4" => Priority::P4,
        "5" => Priority::P5,
        _ => return None,
    })
}

/// The value of a priority.
pub(super) fn priority_value(priority: Priority) -> &'static str {
    match priority {
        Priority::P1 => "1",
        Priority::P2 => "2",
        Priority::P3 => "3",
        Priority::P4 => "4",
        Priority::P5 => "5",
    }
}

/// `1` to `3`.
fn urgency(value: &str) -> Option<Urgency> {
    Some(match value {
        "1" => Urgency::High,
        "2" => Urgency::Medium,
        "3" => Urgency::Low,
        _ => return None,
    })
}
