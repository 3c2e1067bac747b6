//! From typed filters to Notion's filter objects (developers.notion.com/reference/filter-data-source-entries).
//!
//! Values are data in JSON: whatever a caller writes stays one string in one condition.

use jiff::{Timestamp, civil::Date};
use serde::{Serialize, Serializer, ser::SerializeMap as _};

/// A condition on the pages of a data source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Filter {
    /// All of them.
    And(Vec<Filter>),
    /// Any of them.
    Or(Vec<Filter>),
    /// One on a property.
    Property { name: String, kind: &'static str, is: Is },
    /// One on the moment of the last change.
    Edited(Is),
}

/// What a value must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Is {
    /// It contains this.
    Contains(String),
    /// It does not contain this.
    Lacks(String),
    /// It is this.
    Equal(String),
    /// It is not this.
    Other(String),
    /// There is none.
    Empty,
    /// It lies before this day.
    Before(Date),
    /// It is this day or lies before it.
    UpTo(Date),
    /// It is this moment or lies after it.
    Since(Timestamp),
    /// It lies before this moment.
    Until(Timestamp),
}

impl Filter {
    /// A condition on a property of this type.
    pub(super) fn on(name: &str, kind: &'static str, is: Is) -> Self {
        Self::Property { name: name.to_owned(), kind, is }
    }

    /// All of them; none for none.
    pub(super) fn all(mut filters: Vec<Self>) -> Option<Self> {
        match filters.len() {
            0 => None,
            1 => filters.pop(),
            _ => Some(Self::And(filters)),
        }
    }

    /// Any of them; none for none.
    pub(super) fn any(mut filters: Vec<Self>) -> Option<Self> {
        match filters.len() {
            0 => None,
            1 => filters.pop(),
            _ => Some(Self::Or(filters)),
        }
    }
}

impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(None)?;
        match self {
            Self::And(filters) => map.serialize_entry("and", filters)?,
            Self::Or(filters) => map.serialize_entry("or", filters)?,
            Self::Property { name, kind, is } => {
                map.serialize_entry("property", name)?;
                map.serialize_entry(kind, is)?;
            }
            Self::Edited(is) => {
                map.serialize_entry("timestamp", "last_edited_time")?;
                map.serialize_entry("last_edited_time", is)?;
            }
        }
        map.end()
    }
}

impl Serialize for Is {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(1))?;
        match self {
            Self::Contains(text) => map.serialize_entry("contains", text)?,
            Self::Lacks(text) => map.serialize_entry("does_not_contain", text)?,
            Self::Equal(text) => map.serialize_entry("equals", text)?,
            Self::Other(text) => map.serialize_entry("does_not_equal", text)?,
            Self::Empty => map.serialize_entry("is_empty", &true)?,
            Self::Before(day) => map.serialize_entry("before", day)?,
            Self::UpTo(day) => map.serialize_entry("on_or_before", day)?,
            Self::Since(moment) => map.serialize_entry("on_or_after", moment)?,
            Self::Until(moment) => map.serialize_entry("before", moment)?,
        }
        map.end()
    }
}

/// The order of a list: by the last change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sort {
    /// The property that holds the moment, where the data source has one.
    pub(super) property: Option<String>,
    /// Newest first.
    pub(super) newest: bool,
}

impl Serialize for Sort {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut map = to.serialize_map(Some(2))?;
        match &self.property {
            Some(name) => map.serialize_entry("property", name)?,
            None => map.serialize_entry("timestamp", "last_edited_time")?,
        }
        map.serialize_entry("direction", if self.newest { "descending" } else { "ascending" })?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_are_notions() {
        let filter = Filter::And(vec![
            Filter::on("Name", "title", Is::Contains("a\"b".into())),
            Filter::Or(vec![
                Filter::on("Owner", "people", Is::Empty),
                Filter::on("Review by", "date", Is::Before(jiff::civil::date(2026, 11, 21))),
            ]),
            Filter::Edited(Is::Since("2026-11-01T00:00:00Z".parse().unwrap())),
        ]);
        assert_eq!(
            serde_json::to_value(filter).unwrap(),
            json!({"and": [
                {"property": "Name", "title": {"contains": "a\"b"}},
                {"or": [
                    {"property": "Owner", "people": {"is_empty": true}},
                    {"property": "Review by", "date": {"before": "2026-11-21"}}
                ]},
                {"timestamp": "last_edited_time", "last_edited_time": {"on_or_after": "2026-11-01T00:00:00Z"}}
            ]})
        );
        let sort = Sort { property: None, newest: false };
        assert_eq!(
            serde_json::to_value(sort).unwrap(),
            json!({"timestamp": "last_edited_time", "direction": "ascending"})
        );
    }
}
