//! What we read of HubSpot's answers and write into its requests; nothing that is not mapped. All property values are
//! strings, whatever they mean.
//!
//! Source: developers.hubspot.com/docs/api-reference: CRM objects, search, associations, pipelines, owners, properties
//! and account information.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Deref;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A text, borrowed from the body where it has no escapes.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(transparent)]
pub(super) struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

impl Deref for Text<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl std::borrow::Borrow<str> for Text<'_> {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// A page of a search, or a batch read. Searches go on by number of matches, so their own word on it is not read.
#[derive(Debug, Deserialize)]
pub(super) struct Found<'a> {
    /// All matches, of a search.
    pub(super) total: Option<u64>,
    #[serde(borrow)]
    pub(super) results: Vec<Record<'a>>,
}

/// A record of any kind.
#[derive(Debug, Deserialize)]
pub(super) struct Record<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    properties: BTreeMap<Text<'a>, Option<Text<'a>>>,
    #[serde(rename = "createdAt")]
    pub(super) created: Timestamp,
    #[serde(rename = "updatedAt")]
    pub(super) updated: Timestamp,
    /// What it is associated with, by plural, if that was asked for.
    #[serde(borrow, default)]
    associations: BTreeMap<Text<'a>, Related<'a>>,
}

impl Record<'_> {
    /// A property that has a value; HubSpot empties by `""` and by `null`.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.properties.get(name)?.as_deref().filter(|value| !value.is_empty())
    }

    /// A moment; calculated ones come as milliseconds.
    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        let text = self.get(name)?;
        text.parse().ok().or_else(|| Timestamp::from_millisecond(text.parse().ok()?).ok())
    }

    /// The ids of associated records, newest first and each once, and whether these are all.
    pub(super) fn associated(&self, plural: &str) -> (Vec<String>, bool) {
        let Some(related) = self.associations.get(plural) else { return (Vec::new(), true) };
        let mut ids: Vec<u64> = related.results.iter().filter_map(|to| to.id.parse().ok()).collect();
        ids.sort_unstable_by(|a, b| b.cmp(a));
        ids.dedup();
        (ids.iter().map(u64::to_string).collect(), related.paging.next.is_none())
    }
}

#[derive(Debug, Deserialize)]
struct Related<'a> {
    #[serde(borrow)]
    results: Vec<RelatedId<'a>>,
    #[serde(borrow, default)]
    paging: Paging<'a>,
}

#[derive(Debug, Deserialize)]
struct RelatedId<'a> {
    #[serde(borrow)]
    id: Text<'a>,
}

/// Where the next page begins.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Paging<'a> {
    #[serde(borrow)]
    pub(super) next: Option<Next<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Next<'a> {
    #[serde(borrow)]
    pub(super) after: Text<'a>,
}

/// Associations of several records.
#[derive(Debug, Deserialize)]
pub(super) struct Associations<'a> {
    #[serde(borrow)]
    pub(super) results: Vec<Association<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Association<'a> {
    #[serde(borrow)]
    pub(super) from: Id<'a>,
    #[serde(borrow)]
    pub(super) to: Vec<To<'a>>,
    #[serde(borrow, default)]
    pub(super) paging: Paging<'a>,
}

/// An id by itself.
#[derive(Debug, Deserialize)]
pub(super) struct Id<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
}

/// One side of an association. HubSpot writes the id as a string in its reference and as a number on the wire.
#[derive(Debug, Deserialize)]
pub(super) struct To<'a> {
    #[serde(borrow, rename = "toObjectId")]
    id: Number<'a>,
    #[serde(borrow, rename = "associationTypes")]
    types: Vec<AssociationType<'a>>,
}

impl To<'_> {
    pub(super) fn id(&self) -> String {
        match &self.id {
            Number::Number(id) => id.to_string(),
            Number::Text(id) => id.to_string(),
        }
    }

    /// Whether it is the one that stands for all where there are several.
    pub(super) fn is_primary(&self) -> bool {
        self.types.iter().any(|t| t.label.as_deref() == Some("Primary"))
    }
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Number<'a> {
    Number(u64),
    #[serde(borrow)]
    Text(Text<'a>),
}

#[derive(Debug, Deserialize)]
struct AssociationType<'a> {
    #[serde(borrow)]
    label: Option<Text<'a>>,
}

/// A page of owners.
#[derive(Debug, Deserialize)]
pub(super) struct Owners<'a> {
    #[serde(borrow)]
    pub(super) results: Vec<Owner<'a>>,
    #[serde(borrow, default)]
    pub(super) paging: Paging<'a>,
}

/// A user whom records belong to.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Owner<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) email: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) first_name: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) last_name: Option<Text<'a>>,
}

/// The pipelines of deals or tickets.
#[derive(Debug, Deserialize)]
pub(super) struct Pipelines<'a> {
    #[serde(borrow)]
    pub(super) results: Vec<Pipeline<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Pipeline<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) label: Text<'a>,
    #[serde(borrow)]
    pub(super) stages: Vec<Stage<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Stage<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow)]
    pub(super) label: Text<'a>,
    pub(super) display_order: i64,
    #[serde(borrow, default)]
    pub(super) metadata: StageMetadata<'a>,
}

/// `isClosed` and `probability` of deal stages, `ticketState` of ticket stages; all strings.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct StageMetadata<'a> {
    #[serde(borrow)]
    pub(super) is_closed: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) probability: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) ticket_state: Option<Text<'a>>,
}

/// A property's definition.
#[derive(Debug, Deserialize)]
pub(super) struct Property<'a> {
    #[serde(borrow, default)]
    pub(super) options: Vec<Choice<'a>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Choice<'a> {
    #[serde(borrow)]
    pub(super) label: Text<'a>,
    #[serde(borrow)]
    pub(super) value: Text<'a>,
}

/// The account itself.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct AccountInfo<'a> {
    pub(super) portal_id: u64,
    #[serde(borrow)]
    pub(super) company_currency: Text<'a>,
    #[serde(borrow)]
    pub(super) ui_domain: Text<'a>,
}

/// The body of a batch read.
#[derive(Debug, Serialize)]
pub(super) struct BatchRead<'a> {
    pub(super) properties: &'a [&'a str],
    pub(super) inputs: Vec<Input<'a>>,
}

/// The body of a batch read of associations.
#[derive(Debug, Serialize)]
pub(super) struct Inputs<'a> {
    pub(super) inputs: Vec<Place<'a>>,
}

/// A record, and where its associations go on.
#[derive(Debug, Serialize)]
pub(super) struct Place<'a> {
    pub(super) id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<&'a str>,
}

#[derive(Debug, Serialize)]
pub(super) struct Input<'a> {
    pub(super) id: &'a str,
}

/// A record to be, or changes of one.
#[derive(Debug, Serialize)]
pub(super) struct Draft<'a> {
    pub(super) properties: BTreeMap<&'static str, Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) associations: Vec<Tie<'a>>,
}

/// An association to be.
#[derive(Debug, Serialize)]
pub(super) struct Tie<'a> {
    pub(super) to: Input<'a>,
    pub(super) types: [TieType; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct TieType {
    pub(super) association_category: &'static str,
    pub(super) association_type_id: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_is_read_as_hubspot_writes_it() {
        let found: Found<'_> = serde_json::from_str(include_str!("fixtures/deals_search.json")).unwrap();
        let deal = &found.results[0];
        assert_eq!(found.total, Some(1));
        assert_eq!(deal.get("dealname"), Some("Nordlys – \"payouts\""), "escapes are read");
        assert_eq!(deal.get("closed_lost_reason"), None, "null is nothing");
        assert_eq!(deal.get("notes_last_updated"), None, "and so is an empty text");
        assert_eq!(deal.time("closedate").unwrap().to_string(), "2026-12-15T00:00:00Z");
    }

    #[test]
    fn associations_are_each_once_and_say_when_there_are_more() {
        let body = include_str!("fixtures/company_with_associations.json");
        let company: Record<'_> = serde_json::from_str(body).unwrap();
        let (ids, all) = company.associated("deals");
        assert_eq!((ids, all), (vec!["17990812240".to_owned(), "17990812233".to_owned()], false));
        assert_eq!(company.associated("tickets"), (Vec::new(), true));
    }

    #[test]
    fn an_associated_id_is_a_number_or_a_text() {
        for id in ["42", "\"42\""] {
            let body = format!(
                r#"{{"results":[{{"from":{{"id":"1"}},"to":[{{"toObjectId":{id},
                "associationTypes":[{{"category":"HUBSPOT_DEFINED","typeId":5,"label":"Primary"}}]}}]}}]}}"#
            );
            let found: Associations<'_> = serde_json::from_str(&body).unwrap();
            assert_eq!(found.results[0].to[0].id(), "42");
            assert!(found.results[0].to[0].is_primary());
        }
    }
}
