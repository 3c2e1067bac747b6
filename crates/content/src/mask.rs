//! What is shown in a value's place: enough to talk about it, too little to use it.

use std::borrow::Cow;

use crate::Kind;

/// What stands where something was dropped.
pub(crate) const REMOVED: &str = "[removed]";

/// The shape of a found value. Shapes of numbers begin with two stars and are no values themselves, so that masking
/// twice changes nothing.
pub(crate) fn masked(kind: Kind, value: &str) -> String {
    match kind {
        Kind::Email => address(value),
        Kind::Phone => format!("***{}", last(value, 2)),
        Kind::Card | Kind::Iban => format!("****{}", last(value, 4)),
        Kind::Ssn => format!("***-**-{}", last(value, 4)),
        Kind::Secret(name) => format!("[{name}]"),
    }
}

/// The shape of a name or another text of words: `J*** D***`.
pub(crate) fn words(text: &str) -> String {
    let word = |word: &str| word.chars().next().map(|first| format!("{first}***"));
    text.split_whitespace().filter_map(word).collect::<Vec<_>>().join(" ")
}

/// The same value however it is written: what tokens are made of.
pub(crate) fn normal(kind: Kind, value: &str) -> Cow<'_, str> {
    match kind {
        Kind::Email => value.to_lowercase().into(),
        Kind::Phone | Kind::Card | Kind::Ssn => value.chars().filter(char::is_ascii_digit).collect(),
        Kind::Iban => {
            value.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
        }
        Kind::Secret(_) => value.into(),
    }
}

/// `j***@e***.com`
fn address(value: &str) -> String {
    let (local, domain) = value.rsplit_once('@').unwrap_or((value, ""));
    let (name, top) = domain.rsplit_once('.').unwrap_or((domain, ""));
    let first = |text: &str| text.chars().next().map(String::from).unwrap_or_default();
    format!("{}***@{}***.{top}", first(local), first(name))
}

/// The last so many letters and digits.
fn last(value: &str, count: usize) -> String {
    let parts: Vec<char> = value.chars().filter(char::is_ascii_alphanumeric).collect();
    parts[parts.len().saturating_sub(count)..].iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_keep_what_one_needs_to_talk_about_them() {
        for (kind, value, shape) in [
            (Kind::Email, "jane.doe@sales.example.com", "j***@s***.com"),
            (Kind::Phone, "+49 30 901820", "***20"),
            (Kind::Card, "4111 1111 1111 1111", "****1111"),
            (Kind::Iban, "DE89 3704 0044 0532 0130 00", "****3000"),
            (Kind::Ssn, "123-45-6789", "***-**-6789"),
            (Kind::Secret("github_token"), "ghp_x", "[github_token]"),
        ] {
            assert_eq!(masked(kind, value), shape);
        }
        assert_eq!(words("Jane  Ödön-Doe"), "J*** Ö***");
    }
}
