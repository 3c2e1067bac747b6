//! The mark that our activities bear: the last line of their text, so that a repeated write finds what an earlier
//! attempt made. HubSpot has neither idempotency keys nor unique properties on activities unless one is created.

use call::Operation;
use tool::Mark;

/// How the line begins.
const SIGN: &str = "Chancery reference";

/// The line.
pub(super) fn line(mark: &Mark) -> String {
    match &mark.external_key {
        Some(key) => format!("{SIGN} {} {}", mark.operation, token_of(key)),
        None => format!("{SIGN} {}", mark.operation),
    }
}

/// The token to look for: letters and digits, so that HubSpot's index keeps it whole.
pub(super) fn token(mark: &Mark) -> String {
    mark.external_key.as_deref().map_or_else(|| mark.operation.clone(), token_of)
}

/// A caller's key may be any text; its digest is a token.
fn token_of(key: &str) -> String {
    Operation::derive(&["external_key"], key).id
}

/// Whether a text bears the token in its mark.
pub(super) fn bears(text: &str, token: &str) -> bool {
    let line = text.lines().next_back().unwrap_or_default();
    line.strip_prefix(SIGN).is_some_and(|rest| rest.split_whitespace().any(|word| word == token))
}

/// The text without the mark.
pub(super) fn without(text: &str) -> String {
    match text.rsplit_once('\n') {
        Some((rest, last)) if last.starts_with(SIGN) => rest.trim_end().to_owned(),
        None if text.starts_with(SIGN) => String::new(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_by_either_token_and_is_no_text() {
        let mark = Mark { operation: "abc".into(), external_key: Some("a 'key' / 7".into()) };
        let text = format!("Hello\n{}", line(&mark));
        let by_operation = Mark { external_key: None, ..mark.clone() };
        assert!(bears(&text, &token(&mark)) && bears(&text, &token(&by_operation)));
        assert!(!bears(&text, "abcd") && !bears("abc", "abc"), "only as a whole, and only in the mark");
        assert_eq!(without(&text), "Hello");
        assert_eq!(without(&line(&mark)), "");
        assert_eq!(without("Hello\nWorld"), "Hello\nWorld");
    }
}
