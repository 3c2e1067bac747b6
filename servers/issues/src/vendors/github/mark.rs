//! The hidden lines that let a write be found again.
//!
//! HTML comments: GitHub keeps them in the text and renders nothing.

use call::Operation;

use tool::Mark;

const OPERATION: &str = "<!-- chancery-op: ";
const KEY: &str = "<!-- chancery-key: ";
const END: &str = " -->";

/// `text` with the mark's lines at its end. Lines of the kind that stood in the text before are taken out: a caller
/// must not pass off one write as another.
pub(super) fn marked(text: &str, mark: &Mark) -> String {
    let mut lines = vec![format!("{OPERATION}{}{END}", mark.operation)];
    lines.extend(mark.external_key.as_deref().map(|key| format!("{KEY}{}{END}", digest(key))));
    with_lines(text, &lines.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A new text with the mark lines that the old one bore.
pub(super) fn remarked(text: &str, old: &str) -> String {
    with_lines(text, &old.lines().filter(|line| is_mark(line)).collect::<Vec<_>>())
}

/// The text without our lines.
pub(super) fn unmarked(text: &str) -> String {
    if !text.contains(OPERATION) && !text.contains(KEY) {
        return text.to_owned();
    }
    let kept: Vec<&str> = text.lines().filter(|line| !is_mark(line)).collect();
    kept.join("\n").trim_end().to_owned()
}

/// Whether the text bears the mark: its external key if it has one, else its operation.
pub(super) fn bears(text: &str, mark: &Mark) -> bool {
    let line = match &mark.external_key {
        Some(key) => format!("{KEY}{}{END}", digest(key)),
        None => format!("{OPERATION}{}{END}", mark.operation),
    };
    text.lines().any(|one| one.trim() == line)
}

/// The word to search for.
pub(super) fn needle(mark: &Mark) -> String {
    mark.external_key.as_deref().map_or_else(|| mark.operation.clone(), digest)
}

/// Keys are the callers' own and may say more than the tracker's readers should know; their digest does not.
fn digest(key: &str) -> String {
    Operation::derive(&["chancery-key"], key).id
}

fn with_lines(text: &str, lines: &[&str]) -> String {
    let text = unmarked(text);
    let gap = if text.is_empty() || lines.is_empty() { "" } else { "\n\n" };
    format!("{text}{gap}{}", lines.join("\n"))
}

fn is_mark(line: &str) -> bool {
    let line = line.trim();
    line.ends_with(END) && (line.starts_with(OPERATION) || line.starts_with(KEY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(operation: &str, key: Option<&str>) -> Mark {
        Mark { operation: operation.into(), external_key: key.map(str::to_owned) }
    }

    #[test]
    fn a_mark_is_found_and_taken_out_again() {
        let (first, other) = (mark("aaa", None), mark("bbb", None));
        let text = marked("Hello\n\nthere", &first);
        assert!(bears(&text, &first) && !bears(&text, &other));
        assert_eq!(unmarked(&text), "Hello\n\nthere");
        assert_eq!(unmarked(&marked("", &first)), "");
        assert_eq!(unmarked("untouched \n"), "untouched \n");
    }

    #[test]
    fn a_key_outlives_its_operation() {
        let text = marked("x", &mark("aaa", Some("contract 7")));
        assert!(bears(&text, &mark("bbb", Some("contract 7"))));
        assert!(!bears(&text, &mark("aaa", Some("contract 8"))), "the key decides where there is one");
        assert!(!text.contains("contract"));
        assert!(text.contains(&needle(&mark("bbb", Some("contract 7")))));
    }

    #[test]
    fn nobody_forges_a_mark_and_an_edit_keeps_it() {
        let (ours, victim) = (mark("aaa", None), mark("vvv", None));
        let forged = marked(&format!("x\n{OPERATION}vvv{END}"), &ours);
        assert!(bears(&forged, &ours) && !bears(&forged, &victim));
        let edited = remarked(&format!("new\n{OPERATION}vvv{END}"), &forged);
        assert!(bears(&edited, &ours) && !bears(&edited, &victim));
        assert_eq!(remarked("new", "old"), "new");
    }
}
