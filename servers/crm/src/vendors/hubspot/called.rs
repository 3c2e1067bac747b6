//! Who and what answers to a name.

use call::Cx;
use content::{Label, cut};
use error::{Code, Error, Result};
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

/// Matches of one search that are looked at.
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

    /// The exact ones are asked for by themselves: among those that only resemble a name they might not be within the
    /// first, and one of several would pass for the only one.
    pub(super) async fn records_called(&self, cx: &Cx, noun: Noun, text: &str) -> Result<Vec<Called>> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Vec::new());
        }
        let naming = Naming { noun, object: Object::of_noun(noun), names: self.naming(noun), text };
        let lens = Lens::new(&self.hub, cx).await?;
        let (mut exact, more) = self.answering(cx, &lens, &naming, naming.exact()).await?;
        exact.retain(|called| called.matched.is_some());
        // Two of them are told as candidates.
        if more && exact.len() < 2 {
            return Err(too_many(text));
        }
        if !exact.is_empty() {
            exact.truncate(MOST);
            return Ok(exact);
        }
        let (mut near, more) = self.answering(cx, &lens, &naming, naming.near()).await?;
        if more && near.iter().any(|called| naming.is_cleaned(called)) {
            return Err(too_many(text));
        }
        near.truncate(MOST);
        Ok(near)
    }

    /// The oldest records of which one of the `alternatives` holds, as far as they answer to the text, and whether there
    /// are more.
    async fn answering(
        &self,
        cx: &Cx,
        lens: &Lens<'_>,
        naming: &Naming<'_>,
        alternatives: Vec<Vec<Filter>>,
    ) -> Result<(Vec<Called>, bool)> {
        if alternatives.is_empty() {
            return Ok((Vec::new(), false));
        }
        let mut conditions = Conditions::none();
        conditions.and_either(alternatives);
        let own = naming.names.iter().map(|(name, _)| *name);
        let properties: Vec<&str> =
            own.chain(super::relations::name_properties(naming.object).iter().copied()).collect();
        let hunt = Hunt {
            object: naming.object,
            conditions: &conditions,
            sort: Sort::ascending("createdate"),
            properties: &properties,
            limit: LOOKED_AT,
            offset: 0,
        };
        let reply = self.hub.search(cx, &hunt).await?;
        let found: Found<'_> = reply.json()?;
        let more = found.total.is_some_and(|total| total > found.results.len() as u64);
        Ok((found.results.iter().filter_map(|record| naming.called(lens, record)).collect(), more))
    }

    /// The properties by which a record of this noun is called, the name first.
    fn naming(&self, noun: Noun) -> Vec<Name<'_>> {
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

/// What is looked for.
struct Naming<'a> {
    noun: Noun,
    object: Object,
    names: Vec<Name<'a>>,
    text: &'a str,
}

impl Naming<'_> {
    /// The ways to be called exactly so.
    fn exact(&self) -> Vec<Vec<Filter>> {
        let by = |(property, _): &Name<'_>| vec![Filter::eq(property, self.text)];
        let own = self.names.iter().map(by);
        match self.noun {
            Noun::Contact if !self.text.contains('@') => full_names(self.text),
            // A ticket's number is its id.
            Noun::Case if self.text.bytes().all(|b| b.is_ascii_digit()) => {
                own.chain([vec![Filter::eq("hs_object_id", self.text)]]).collect()
            }
            _ => own.collect(),
        }
    }

    /// The ways to have a name that contains the words.
    fn near(&self) -> Vec<Vec<Filter>> {
        let words = |property| query::words(property, self.text).into_iter().collect();
        match self.noun {
            Noun::Account => words("name"),
            Noun::Opportunity => words("dealname"),
            Noun::Case => words("subject"),
            Noun::Contact => names_with(self.text),
        }
    }

    /// A record that answers to the text, or resembles it.
    fn called(&self, lens: &Lens<'_>, record: &Record<'_>) -> Option<Called> {
        let label = label(self.object, record);
        let matched = matched(&self.names, record, &label, self.text);
        (matched.is_some() || query::says(&label, self.text)).then(|| Called {
            id: super::native(self.object, &record.id),
            url: lens.url(self.object, &record.id),
            matched,
            label,
        })
    }

    /// Whether it goes by the text, if not letter by letter: names are compared as they are shown.
    fn is_cleaned(&self, called: &Called) -> bool {
        let shown = |text: &str| Label::new(text).as_str().to_lowercase();
        called.matched.is_some() || shown(&called.label) == shown(self.text)
    }
}

/// First and last names that make up a full name, wherever it is cut in two.
fn full_names(text: &str) -> Vec<Vec<Filter>> {
    let words: Vec<&str> = text.split_whitespace().collect();
    if let [only] = words.as_slice() {
        let alone = |name, none| vec![Filter::eq(name, *only), Filter::is_empty(none)];
        return vec![alone("firstname", "lastname"), alone("lastname", "firstname")];
    }
    let halves = |at| {
        let (first, last) = words.split_at(at);
        vec![Filter::eq("firstname", first.join(" ")), Filter::eq("lastname", last.join(" "))]
    };
    (1..words.len()).map(halves).collect()
}

/// First and last names that contain the words of a name.
fn names_with(text: &str) -> Vec<Vec<Filter>> {
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

fn too_many(text: &str) -> Error {
    let message = format!("more records answer to `{}` than can be told apart", Label::new(cut(text, 80)));
    Error::new(Code::AmbiguousReference, message).hint("name the record by its id, key or URL")
}
