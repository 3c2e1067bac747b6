//! The names of people in an answer, where no class of a field tells them: what a record is about may be a person, a
//! company or a sale.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

thread_local! {
    /// The names met in the answer that this thread is writing; none are kept while it writes none.
    static MET: RefCell<Option<BTreeSet<String>>> = const { RefCell::new(None) };
}

/// People that an answer names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct People(BTreeSet<String>);

impl People {
    /// Nobody.
    #[must_use]
    pub const fn new() -> Self {
        Self(BTreeSet::new())
    }

    /// What `write` gives, and whom the [`crate::Label`]s that it serialized name. A label is a plain text on the wire,
    /// so only while it is written can be told which of an answer's texts are people.
    pub fn named_by<T>(write: impl FnOnce() -> T) -> (T, Self) {
        MET.set(Some(BTreeSet::new()));
        let written = write();
        (written, Self(MET.take().unwrap_or_default()))
    }

    /// Those of them whose names are whole texts of an answer, given as its JSON.
    #[must_use]
    pub fn still_in(&self, answer: &str) -> Self {
        let stands = |name: &&String| answer.contains(&serde_json::Value::from(name.as_str()).to_string());
        Self(self.0.iter().filter(stands).cloned().collect())
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this text is the name of one of them.
    #[must_use]
    pub fn has(&self, text: &str) -> bool {
        self.0.contains(text)
    }
}

/// Notes the name of a person that is being written.
pub(crate) fn met(name: &str) {
    MET.with_borrow_mut(|met| {
        if let Some(names) = met {
            names.insert(name.to_owned());
        }
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Label;

    #[test]
    fn whom_an_answer_does_not_name_in_full_is_not_in_it() {
        let (_, people) =
            People::named_by(|| json!(["Jo \"J\" Ray", "Jane"].map(|n| Label::new(n).of_person())));
        let left = people.still_in(&json!({ "owner": "Jo \"J\" Ray", "title": "Jane's desk" }).to_string());
        assert!(left.has("Jo \"J\" Ray") && !left.has("Jane"));
        assert!(people.still_in("{}").is_empty());
    }

    #[test]
    fn labels_of_people_are_noted_while_an_answer_is_written() {
        let (jane, acme) = (Label::new("Jane  Doe").of_person(), Label::new("ACME"));
        let (value, people) = People::named_by(|| json!([{ "name": jane }, acme, jane]));
        assert_eq!(value, json!([{ "name": "Jane Doe" }, "ACME", "Jane Doe"]));
        assert!(people.has("Jane Doe") && !people.has("ACME"));
        assert_eq!(json!(jane), "Jane Doe");
        assert!(MET.with_borrow(Option::is_none), "nobody is noted outside");
        let (_, nobody) = People::named_by(|| json!(acme));
        assert_eq!(nobody, People::new(), "nobody is left over");
    }
}
