//! Searches: typed filters to HubSpot's search body. Values are JSON strings, so no text can become a filter; what is
//! looked for in names is cut into words first, for `*` is a wildcard there.
//!
//! Source: developers.hubspot.com, "Search the CRM".

use serde::Serialize;

use super::api::Api;

/// Words of a text that HubSpot is asked for; the caller tells the rest from the rows.
const MOST_WORDS: usize = 3;

/// Filters in one alternative, at most.
const MOST_FILTERS: usize = 6;

/// Filters in one search, at most.
const MOST_IN_ALL: usize = 18;

/// One condition on a property.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Filter {
    property_name: String,
    operator: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<String>>,
}

impl Filter {
    fn with(property: &str, operator: &'static str, value: Option<String>) -> Self {
        Self { property_name: property.to_owned(), operator, value, values: None }
    }

    /// Is exactly this; texts case aside, choices and ids not.
    pub(super) fn eq(property: &str, value: impl Into<String>) -> Self {
        Self::with(property, "EQ", Some(value.into()))
    }

    /// Is below; moments as milliseconds.
    pub(super) fn lt(property: &str, value: impl ToString) -> Self {
        Self::with(property, "LT", Some(value.to_string()))
    }

    /// Is at least.
    pub(super) fn gte(property: &str, value: impl ToString) -> Self {
        Self::with(property, "GTE", Some(value.to_string()))
    }

    /// Is above.
    pub(super) fn gt(property: &str, value: impl ToString) -> Self {
        Self::with(property, "GT", Some(value.to_string()))
    }

    /// Is one of these.
    pub(super) fn one_of(property: &str, values: impl IntoIterator<Item = String>) -> Self {
        Self { values: Some(values.into_iter().collect()), ..Self::with(property, "IN", None) }
    }

    /// Has a token that contains `word`, which holds letters and digits only.
    fn has_word(property: &str, word: &str) -> Self {
        Self::with(property, "CONTAINS_TOKEN", Some(format!("*{word}*")))
    }

    /// Has exactly this token.
    pub(super) fn has_token(property: &str, token: &str) -> Self {
        Self::with(property, "CONTAINS_TOKEN", Some(token.to_owned()))
    }

    /// Has no value.
    pub(super) fn is_empty(property: &str) -> Self {
        Self::with(property, "NOT_HAS_PROPERTY", None)
    }

    /// Is associated with this record, by the other kind's singular.
    pub(super) fn associated(kind: &str, id: &str) -> Self {
        Self::eq(&format!("associations.{kind}"), id)
    }
}

/// Filters that find names with all words of `text`; `None` if there is no word in it. Names are still to be held
/// against the text: HubSpot is asked for the longest words only.
pub(super) fn words(property: &str, text: &str) -> Option<Vec<Filter>> {
    let mut words: Vec<&str> = words_of(text).collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words.truncate(MOST_WORDS);
    let filters: Vec<Filter> = words.into_iter().map(|word| Filter::has_word(property, word)).collect();
    (!filters.is_empty()).then_some(filters)
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// Whether `name` contains every word of `text`, case aside.
pub(super) fn says(name: &str, text: &str) -> bool {
    let name = name.to_lowercase();
    words_of(text).all(|word| name.contains(&word.to_lowercase()))
}

/// A search: conditions that always hold, and sets of alternatives.
#[derive(Clone, Debug, Default)]
pub(super) struct Conditions {
    always: Vec<Filter>,
    either: Vec<Vec<Vec<Filter>>>,
}

impl Conditions {
    /// Nothing.
    pub(super) fn none() -> Self {
        Self::default()
    }

    /// This holds too.
    pub(super) fn and(&mut self, filter: Filter) {
        self.always.push(filter);
    }

    /// All of these hold too.
    pub(super) fn and_all(&mut self, filters: impl IntoIterator<Item = Filter>) {
        self.always.extend(filters);
    }

    /// One of these alternatives holds too.
    pub(super) fn and_either(&mut self, alternatives: Vec<Vec<Filter>>) {
        self.either.push(alternatives);
    }

    /// The alternatives multiplied out, as HubSpot takes them: groups of which one must hold. `None` if they are more
    /// than HubSpot takes.
    pub(super) fn groups(&self) -> Option<Vec<Group>> {
        let mut groups = vec![self.always.clone()];
        for alternatives in &self.either {
            groups = groups
                .iter()
                .flat_map(|group| alternatives.iter().map(|more| [group.as_slice(), more].concat()))
                .collect();
        }
        let in_all: usize = groups.iter().map(Vec::len).sum();
        let most = groups.iter().map(Vec::len).max().unwrap_or(0);
        let fits = groups.len() <= Api::MOST_GROUPS && most <= MOST_FILTERS && in_all <= MOST_IN_ALL;
        groups.retain(|group| !group.is_empty());
        fits.then(|| groups.into_iter().map(|filters| Group { filters }).collect())
    }
}

/// Filters that hold together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Group {
    filters: Vec<Filter>,
}

/// The body of a search.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Search<'a> {
    pub(super) filter_groups: Vec<Group>,
    pub(super) sorts: [Sort; 1],
    pub(super) properties: &'a [&'a str],
    pub(super) limit: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<String>,
}

/// The one order a search can have.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Sort {
    property_name: &'static str,
    direction: &'static str,
}

impl Sort {
    pub(super) const fn ascending(property_name: &'static str) -> Self {
        Self { property_name, direction: "ASCENDING" }
    }

    pub(super) const fn descending(property_name: &'static str) -> Self {
        Self { property_name, direction: "DESCENDING" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_multiplied_out() {
        let mut conditions = Conditions::none();
        conditions.and(Filter::eq("a", "1"));
        conditions.and_either(vec![vec![Filter::eq("b", "1")], vec![Filter::is_empty("b")]]);
        conditions.and_either(vec![vec![Filter::lt("c", 1)], vec![Filter::gt("c", 2)]]);
        let groups = conditions.groups().unwrap();
        assert_eq!(groups.len(), 4);
        assert!(groups.iter().all(|g| g.filters.len() == 3 && g.filters[0] == Filter::eq("a", "1")));
        conditions.and_either(vec![vec![Filter::eq("d", "1")], vec![Filter::eq("d", "2")]]);
        assert!(conditions.groups().is_none(), "eight are more than HubSpot takes");
        assert!(Conditions::none().groups().unwrap().is_empty(), "no filter, no group");
    }

    #[test]
    fn words_hold_letters_and_digits_only() {
        let filters = words("name", "a* \"b\" OR 'Müller-Lüdenscheidt' 42").unwrap();
        let values: Vec<_> = filters.iter().filter_map(|f| f.value.as_deref()).collect();
        assert_eq!(values, ["*Lüdenscheidt*", "*Müller*", "*OR*"]);
        assert!(words("name", "* ' % ()").is_none());
        assert!(says("Müller-Lüdenscheidt AG", "müller ag") && !says("Müller", "müller ag"));
    }
}
