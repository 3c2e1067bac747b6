//! What the writing tools share.

use content::Label;
use tool::{Change, FieldChange, Record, Undo, Written};

use crate::listing;
use crate::model::Activity;
use crate::reference::Meant;

/// The resource kind that shows what was done about a record of any noun.
pub(crate) const KIND: &str = "activity";

/// A new activity: a change of the record it is about.
pub(crate) fn activity(
    meant: &Meant<'_>,
    activity: Activity,
    fields: Vec<FieldChange>,
    undo: Undo,
) -> Written<Activity> {
    let id = meant.id();
    let record = Record { label: listing::label(&activity.about, &id), id, url: None };
    let version = activity.id.native().to_owned();
    Written::committed(KIND, activity, Change { record, fields }, undo).version(version)
}

/// An activity that would be made: a change of the record it would be about.
pub(crate) fn proposed(meant: &Meant<'_>, fields: Vec<FieldChange>) -> Written<Activity> {
    let record = Record { id: meant.id(), label: Label::new(&meant.native), url: None };
    Written::preview(KIND, Change { record, fields })
}
