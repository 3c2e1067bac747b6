//! The marks our activities bear.
//!
//! Where an external id is configured it holds the caller's own key, hashed, or else the operation, and Salesforce lets
//! no two records hold the same. Without one, and for an operation beside a key, a last line of the description says so;
//! descriptions cannot be searched, so that it is looked for among the newest activities of the record.

use call::Operation;
use tool::Mark;

use crate::model::ActivityKind;

/// What the last line begins with.
const LEAD: &str = "[chancery ";

/// A mark on an activity of a kind about a record: the same key elsewhere is another mark.
#[derive(Clone, Copy)]
pub(super) struct Marked<'a> {
    pub(super) kind: ActivityKind,
    /// The record's id in its long form.
    pub(super) about: &'a str,
    pub(super) mark: &'a Mark,
}

impl Marked<'_> {
    /// What the external id holds.
    pub(super) fn external_id(&self) -> String {
        self.key().unwrap_or_else(|| self.mark.operation.clone())
    }

    /// The description with its last line. `held` tells that an external id holds the first mark already.
    pub(super) fn written(&self, text: Option<&str>, held: bool) -> Option<String> {
        let operation = (!held || self.mark.external_key.is_some()).then(|| self.mark.operation.clone());
        let marks: Vec<String> = operation.into_iter().chain(self.key().filter(|_| !held)).collect();
        let text = text.map(str::trim_end).filter(|text| !text.is_empty());
        if marks.is_empty() {
            return text.map(str::to_owned);
        }
        let line = format!("{LEAD}{}]", marks.join(" "));
        Some(text.map_or_else(|| line.clone(), |text| format!("{text}\n\n{line}")))
    }

    /// Whether a description bears the mark: the key if there is one, else the operation.
    pub(super) fn is_in(&self, description: &str) -> bool {
        let wanted = self.external_id();
        parted(description).1.is_some_and(|marks| marks.split(' ').any(|own| own == wanted))
    }

    /// Keys may hold anything, so that they are hashed; none is ever taken for an operation.
    fn key(&self) -> Option<String> {
        let key = self.mark.external_key.as_deref()?;
        let scope = ["external_key", self.kind.word(), self.about];
        Some(format!("k-{}", Operation::derive(&scope, key).id))
    }
}

/// The description without its marks.
pub(super) fn without(description: &str) -> &str {
    parted(description).0.trim()
}

fn parted(description: &str) -> (&str, Option<&str>) {
    let text = description.trim_end();
    let marked = text.strip_suffix(']').and_then(|rest| rest.rsplit_once(LEAD));
    match marked {
        Some((before, marks)) if !marks.contains(['\n', ']']) => (before, Some(marks)),
        _ => (description, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(key: Option<&str>) -> Mark {
        Mark { operation: "abcdefghijklmnopqrstuvwxyz".into(), external_key: key.map(str::to_owned) }
    }

    #[test]
    fn marks_are_found_and_never_shown() {
        let (plain, keyed) = (mark(None), mark(Some("contract/77 ]\n")));
        let on = |mark| Marked { kind: ActivityKind::Call, about: "001", mark };
        for held in [false, true] {
            let text = on(&keyed).written(Some("They want it cheaper.\n"), held).unwrap();
            assert_eq!(without(&text), "They want it cheaper.");
            assert!(on(&plain).is_in(&text), "by operation: {text}");
            assert_eq!(on(&keyed).is_in(&text), !held, "by key, unless the external id holds it: {text}");
            assert!(!text.contains("77"));
        }
        assert_eq!(on(&plain).written(None, true), None);
        assert_eq!(without(&on(&plain).written(None, false).unwrap()), "");
        assert!(!on(&plain).is_in("[chancery other]"));
        assert_eq!(without("a [chancery x] b"), "a [chancery x] b");
    }

    #[test]
    fn a_key_counts_for_one_kind_and_one_record() {
        let keyed = mark(Some("q4"));
        let id = |kind, about| Marked { kind, about, mark: &keyed }.external_id();
        assert_eq!(id(ActivityKind::Call, "001"), id(ActivityKind::Call, "001"));
        assert_ne!(id(ActivityKind::Call, "001"), id(ActivityKind::Call, "002"));
        assert_ne!(id(ActivityKind::Call, "001"), id(ActivityKind::Note, "001"));
    }
}
