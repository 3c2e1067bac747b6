//! What is shown in a value's place: enough to talk about it, too little to use it.

use std::borrow::Cow;

use crate::Kind;
use crate::find::{find, is_secret, is_token};
use crate::token;

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

/// Whether a value is one that stands for another, exactly as they are made here and in `token.rs`. Whoever writes
/// one tells no more than what it would have been masked to; anything looser would let a name through as it is.
pub(crate) fn is_stand_in(value: &str) -> bool {
    let inside = value.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    value == REMOVED
        || inside.is_some_and(is_secret)
        || is_masked_number(value)
        || is_masked_address(value)
        || value.split(' ').all(|word| word.strip_suffix("***").is_some_and(is_one))
        || is_token(value) && token::is_made(value)
}

/// The first word of a text that stands for a value which its reader was not shown. Who writes such a text in place of
/// the one that they read destroys the value.
#[must_use]
pub fn stand_in(text: &str) -> Option<&str> {
    stand_ins(text).next()
}

/// What in `after` stands for a value of `before` that would be lost if `after` were written in its place. A line that
/// stays keeps what it holds.
#[must_use]
pub fn lost_to<'a>(before: &str, after: &'a str) -> Option<&'a str> {
    let gone: Vec<&str> = before.lines().filter(|line| !after.lines().any(|kept| kept == *line)).collect();
    let mut new = stand_ins(after).filter(|word| !before.contains(word));
    new.find(|word| gone.iter().any(|line| may_hide(line, word, *word == after.trim())))
}

/// Whether a line may hold the value that a word stands for: one that is found, or a name of that initial. Tokens tell
/// nothing of their value, nor does a word that is `alone` in place of the whole text.
fn may_hide(line: &str, word: &str, alone: bool) -> bool {
    let is_mute = (alone || is_token(word)) && !line.trim().is_empty();
    let named = || line.split(|c: char| !c.is_alphanumeric()).any(|name| words(name) == word);
    is_mute || named() || !find(line).is_empty()
}

fn stand_ins(text: &str) -> impl Iterator<Item = &str> {
    let parts = text.split(|c: char| c.is_whitespace() || "=\"'`,;|()".contains(c));
    // A token has a colon inside, a line such as `password:[password]` before.
    let words = parts.flat_map(|part| std::iter::once(part).chain(part.split(':')));
    let words = words.map(|word| word.trim_end_matches(['.', '!', '?']));
    words.filter(|word| word.contains(char::is_alphanumeric) && is_stand_in(word))
}

fn is_masked_number(value: &str) -> bool {
    let ends = [("***", 2), ("****", 4), ("***-**-", 4)];
    ends.into_iter().any(|(stars, most)| {
        let end = value.strip_prefix(stars);
        end.is_some_and(|end| end.len() <= most && end.bytes().all(|b| b.is_ascii_alphanumeric()))
    })
}

fn is_masked_address(value: &str) -> bool {
    let Some((local, domain)) = value.split_once("***@") else { return false };
    let Some((name, top)) = domain.split_once("***.") else { return false };
    let letters = |text: &str| text.len() >= 2 && text.chars().all(char::is_alphabetic);
    let coded = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    is_one(local) && is_one(name) && (letters(top) || top.strip_prefix("xn--").is_some_and(coded))
}

fn is_one(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some() && chars.next().is_none()
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

    #[test]
    fn what_stands_for_something_is_found_in_a_text() {
        let token = crate::TokenKey::new([7; 32]).token("acme", "email", "jane@acme.example");
        for (text, found) in [
            ("Call j***@a***.example.", "j***@a***.example"),
            ("`password:[password]`", "[password]"),
            ("card=****1111, thanks", "****1111"),
            (&*format!("| {token} | 2 |"), &*token),
        ] {
            assert_eq!(stand_in(text), Some(found), "{text}");
        }
        for text in ["***", "**bold** and ***both***", "* [ ] todo", "[link](https://a.example)", "a: b"] {
            assert_eq!(stand_in(text), None, "{text}");
        }
    }

    #[test]
    fn a_value_is_lost_to_what_stands_for_it_and_to_nothing_else() {
        let before = "Call jane@acme.example\nSee k***@b***.example";
        let token = crate::TokenKey::new([7; 32]).token("acme", "person", "Jane Doe");
        for (text, lost) in [("J*** D*** knows", "J***"), (&*format!("{token} knows"), &*token)] {
            assert_eq!(lost_to("Jane Doe knows", text), Some(lost), "people");
            assert_eq!(lost_to("", text), None, "nothing was there");
        }
        assert_eq!(lost_to("Bob knows", "J*** knows"), None, "that is nobody of this line");
        assert_eq!(lost_to("Ask Bob.", "Option X was [removed]."), None, "people write that too");
        assert_eq!(lost_to("Bob's salary", "[removed]"), Some("[removed]"));
        for (after, lost) in [
            ("Call j***@a***.example", Some("j***@a***.example")),
            ("See k***@b***.example\nCall j***@a***.example", Some("j***@a***.example")),
            ("Call jane@acme.example\nand ****1111", None),
            ("See k***@b***.example", None),
            ("", None),
        ] {
            assert_eq!(lost_to(before, after), lost, "{after}");
        }
    }

    #[test]
    fn only_what_is_made_here_stands_for_something() {
        let key = crate::TokenKey::new([7; 32]);
        let made = [
            masked(Kind::Email, "jürgen@müller.xn--fiqs8s"),
            masked(Kind::Email, "a@b.example.c@d.example"),
            masked(Kind::Phone, "+49 30 901820"),
            masked(Kind::Phone, "ä (12) 345 67 8"),
            masked(Kind::Card, "4111 1111 1111 1111"),
            masked(Kind::Ssn, "123-45-6789"),
            masked(Kind::Secret("github_token"), "ghp_x"),
            masked(Kind::Secret("password"), "x"),
            words("**VIP** Jane Doe"),
            REMOVED.to_owned(),
            key.token("acme", "person", "jane doe"),
            key.token("acme", "ssn", "123456789"),
        ];
        for value in made {
            assert!(is_stand_in(&value), "{value}");
        }
        for value in [
            "**VIP** Jane Doe",
            "**",
            "Jane Doe***",
            "J*** Doe***",
            "[jane_doe]",
            "[Jane]",
            "***@ Jane Doe ***.",
            "j***@a***.Jane Doe",
            "jane***@a***.com",
            "***Jane",
            "****Jane Doe",
            "***-**-Jane D",
            "<jane_doe:abcdefghijkl>",
            "<person:janedoehamburg>",
            "<person:janedoeofulm>",
            "J***  D***",
        ] {
            assert!(!is_stand_in(value), "{value}");
        }
    }
}
