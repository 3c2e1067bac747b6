//! Marks on texts: a desk that keeps no field for the operation keeps it as the last line of the text.
//!
//! People see the line, so it is short and says what it is; readers of ours never see it.

/// What the line begins with.
const LEAD: &str = "[ref chancery-";

/// `text` with the operation as its last line.
#[must_use]
pub fn put(text: &str, operation: &str) -> String {
    format!("{}\n\n{}", text.trim_end(), line(operation))
}

/// The line itself, for a search of texts that bear it.
#[must_use]
pub fn line(operation: &str) -> String {
    format!("{LEAD}{operation}]")
}

/// `text` without its mark, if it bears one of any operation.
#[must_use]
pub fn strip(text: &str) -> &str {
    split(text).map_or(text, |(text, _)| text)
}

/// Whether `text` bears the mark of this very operation.
#[must_use]
pub fn bears(text: &str, operation: &str) -> bool {
    split(text).is_some_and(|(_, marked)| marked == operation)
}

fn split(text: &str) -> Option<(&str, &str)> {
    let (before, last) = text.trim_end().rsplit_once(LEAD)?;
    let operation = last.strip_suffix(']')?;
    let plain = !operation.is_empty() && operation.bytes().all(|b| b.is_ascii_alphanumeric());
    plain.then(|| (before.trim_end(), operation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_found_and_stripped() {
        let marked = put("Rolled back.\n", "abc234");
        assert!(bears(&marked, "abc234") && !bears(&marked, "abc235"));
        assert_eq!(strip(&marked), "Rolled back.");
        assert_eq!(
            strip("see [ref chancery-x] above"),
            "see [ref chancery-x] above",
            "only as the last line"
        );
        assert_eq!(strip("plain"), "plain");
    }
}
