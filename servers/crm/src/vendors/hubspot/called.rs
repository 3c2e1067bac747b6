//! Who and what answers to a name.

use call::Cx;
use content::Label;
use error::Result;
use tool::{MatchedBy, Person};

use super::HubSpot;
use super::api::Object;
use super::hub::Hunt;
use super::map::{Lens, full_name};
use super::query::{self, Conditions, Filter, Sort};
use super::wire::{Found, Record};
use crate::book::Called;
use crate::model::Noun;

/// Records and people that a name may stand for, at most.
const MOST: usize = 10;

/// Matches that are looked at: the exact ones may stand behind others.
const LOOKED_AT: u32 = 50;

/// A property by which a record is called.
type Name<'a> = (&'a str, MatchedBy);

impl HubSpot {
    pub(super) async fn people_called(&self, cx: &Cx, text: &str) -> Result<Vec<Person>> {
        let wanted = text.trim().to_lowercase();
        let owners = self.hub.owners(cx).await?;
        let is = |owner: &&super::hub::Owner| {
            owner.id == wanted
                || owner.name.to_lowercase() == wanted
                || owner.email.as_ref().is_some_and(|email| email.to_lowercase() == wanted)
        };
        let person = |owner: &super::hub::Owner| Person {
            id: owner.id.clone(),
            name: Label::new(&owner.name),
            email: owner.email.clone(),
        };
        Ok(owners.iter().filter(is).take(MOST).map(person).collect())
    }

    pub(super) async fn records_called(&self, cx: &Cx, noun: Noun, text: &str) -> Result<Vec<Called>> {
        let (object, text) = (Object::of_noun(noun), text.trim());
        let exact = self.exact(noun);
        let Some(conditions) = alternatives(noun, &exact, text) else { return Ok(Vec::new()) };
        let lens = Lens::new(&self.hub, cx).await?;
        let properties: Vec<&str> = exact
            .iter()
            .map(|(name, _)| *name)
            .chain(super::relations::name_properties(object).iter().copied())
            .collect();
        let hunt = Hunt {
            object,
            conditions: &conditions,
            sort: Sort::ascending("createdate"),
            properties: &properties,
            limit: LOOKED_AT,
            offset: 0,
        };
        let reply = self.hub.search(cx, &hunt).await?;
        let found: Found<'_> = reply.json()?;
        let called = |record: &Record<'_>| {
            let label = label(object, record);
            let matched = matched(&exact, record, &label, text);
            (matched.is_some() || query::says(&label, text)).then(|| Called {
                id: super::native(object, &record.id),
                url: lens.url(object, &record.id),
                matched,
                label,
            })
        };
        let mut found: Vec<Called> = found.results.iter().filter_map(called).collect();
        found.sort_by_key(|called| called.matched.is_none());
        found.truncate(MOST);
        Ok(found)
    }

    /// The properties by which a record of this noun is called, the name first.
    fn exact(&self, noun: Noun) -> Vec<Name<'_>> {
        let mapping = &self.hub.mapping;
        match noun {
            Noun::Account => {
                let erp = mapping.erp_customer.as_deref().map(|name| (name, MatchedBy::ErpCustomer));
                let billing =
                    mapping.billing_customer.as_deref().map(|name| (name, MatchedBy::BillingCustomer));
                let own = [("name", MatchedBy::Name), ("domain", MatchedBy::Domain)];
                own.into_iter().chain(erp).chain(billing).collect()
            }
            Noun::Contact => vec![("email", MatchedBy::Id)],
            Noun::Opportunity => vec![("dealname", MatchedBy::Name)],
            Noun::Case => vec![("subject", MatchedBy::Name)],
        }
    }
}

/// Is exactly it in one way or another, or contains its words. `None` where no text can match.
fn alternatives(noun: Noun, exact: &[Name<'_>], text: &str) -> Option<Conditions> {
    if text.is_empty() {
        return None;
    }
    let mut alternatives: Vec<Vec<Filter>> =
        exact.iter().map(|(property, _)| vec![Filter::eq(property, text)]).collect();
    match noun {
        Noun::Account => alternatives.extend(query::words("name", text)),
        Noun::Opportunity => alternatives.extend(query::words("dealname", text)),
        Noun::Case => {
            alternatives.extend(query::words("subject", text));
            // A ticket's number is its id.
            if text.bytes().all(|b| b.is_ascii_digit()) {
                alternatives.push(vec![Filter::eq("hs_object_id", text)]);
            }
        }
        Noun::Contact => alternatives.extend(names(text)),
    }
    let mut conditions = Conditions::none();
    conditions.and_either(alternatives);
    Some(conditions)
}

/// First and last names that contain the words of a name.
fn names(text: &str) -> Vec<Vec<Filter>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    match words.as_slice() {
        [first, .., last] => query::words("firstname", first)
            .zip(query::words("lastname", last))
            .map(|(first, last)| [first, last].concat())
            .into_iter()
            .collect(),
        [only] => query::words("firstname", only).into_iter().chain(query::words("lastname", only)).collect(),
        [] => Vec::new(),
    }
}

fn label(object: Object, record: &Record<'_>) -> String {
    match object {
        Object::Contact => full_name(record),
        _ => {
            let name = super::relations::name_properties(object).first().and_then(|name| record.get(name));
            name.unwrap_or_default().to_owned()
        }
    }
}

fn matched(exact: &[Name<'_>], record: &Record<'_>, label: &str, text: &str) -> Option<MatchedBy> {
    let same = |value: &str| value.to_lowercase() == text.to_lowercase();
    let own = exact.iter().find(|(name, _)| record.get(name).is_some_and(same)).map(|(_, by)| *by);
    let by_name = same(label).then_some(MatchedBy::Name);
    let by_number = (*record.id == *text).then_some(MatchedBy::Id);
    own.or(by_name).or(by_number)
}
