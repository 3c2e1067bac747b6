//! What the writing tools share.

use call::Cx;
use jiff::{civil::Date, tz::TimeZone};
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

/// Today in UTC.
pub(crate) fn today(cx: &Cx) -> Date {
    cx.now().to_zoned(TimeZone::UTC).date()
}
