//! The marks our activities bear.
//!
//! Where an external id is configured it holds the caller's own key, hashed, or else the operation, and Salesforce lets
//! no two records hold the same. Without one, and for an operation beside a key, a last line of the description says so;
//! descriptions cannot be searched, so that it is looked for among the newest activities of the record.

use call::Operation;
use tool::Mark;

/// What the last line begins with.
const LEAD: &str = "[chancery ";

/// What the external id holds.
pub(super) fn external_id(mark: &Mark) -> String {
    mark.external_key.as_deref().map_or_else(|| mark.operation.clone(), key)
}

/// The description with its last line. `held` tells that an external id holds the first mark already.
pub(super) fn written(text: Option<&str>, mark: &Mark, held: bool) -> Option<String> {
    let key = mark.external_key.as_deref().filter(|_| !held).map(key);
    let operation = (!held || mark.external_key.is_some()).then(|| mark.operation.clone());
    let marks: Vec<String> = operation.into_iter().chain(key).collect();
    let text = text.map(str::trim_end).filter(|text| !text.is_empty());
    if marks.is_empty() {
        return text.map(str::to_owned);
    }
    let line = format!("{LEAD}{}]", marks.join(" "));
    Some(text.map_or_else(|| line.clone(), |text| format!("{text}\n\n{line}")))
}

/// Whether a description bears the mark: the key if there is one, else the operation.
pub(super) fn bears(description: &str, mark: &Mark) -> bool {
    let wanted = external_id(mark);
    let (_, marks) = parted(description);
    marks.is_some_and(|marks| marks.split(' ').any(|own| own == wanted))
}

/// The description without its marks.
pub(super) fn without(description: &str) -> &str {
    parted(description).0.trim()
}

/// Keys may hold anything and as long as it is, so that they are hashed; an operation is never taken for one.
fn key(key: &str) -> String {
    format!("k-{}", Operation::derive(&["external_key"], key).id)
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
        for held in [false, true] {
            let text = written(Some("They want it cheaper.\n"), &keyed, held).unwrap();
            assert_eq!(without(&text), "They want it cheaper.");
            assert!(bears(&text, &plain), "by operation: {text}");
            assert_eq!(bears(&text, &keyed), !held, "by key, unless the external id holds it: {text}");
            assert!(!text.contains("77"));
        }
        assert_eq!(written(None, &plain, true), None);
        assert_eq!(without(&written(None, &plain, false).unwrap()), "");
        assert!(!bears("[chancery other]", &plain));
        assert_eq!(without("a [chancery x] b"), "a [chancery x] b");
    }
}
