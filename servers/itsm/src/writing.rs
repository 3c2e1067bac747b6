//! What the writing tools share.

use content::Label;
use tool::{Change, FieldChange, Record};

use crate::model::Incident;

/// The incident, named so that a person recognizes it.
#[must_use]
pub(crate) fn record(incident: &Incident) -> Record {
    let number = incident.number.as_ref().map_or(incident.id.native(), Label::as_str);
    let label = Label::new(&format!("{number} {}", incident.title));
    Record { id: incident.id.clone(), label, url: Some(incident.url.clone()) }
}

/// A change of one incident.
#[must_use]
pub(crate) fn change(incident: &Incident, fields: Vec<FieldChange>) -> Change {
    Change { record: record(incident), fields }
}

/// Desks have no version numbers in common; the time of the last change stands for one.
#[must_use]
pub(crate) fn version(incident: &Incident) -> String {
    incident.updated.unwrap_or(incident.opened).0.to_string()
}
