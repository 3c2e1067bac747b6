//! Finds in free text what names or opens something: addresses, numbers, keys.
//!
//! One pass from left to right. A table says what each byte may begin; a detector looks at the place and answers a
//! finding or where to go on. A shape alone is never enough: every kind has a check (Luhn and issuer, mod 97, number
//! ranges, context), because most long numbers in a company are documents and not cards.

mod address;
mod card;
mod context;
mod iban;
mod key;
mod phone;
mod secret;
mod ssn;
mod steps;

use crate::Class;

/// What was found, as a byte range of the text; both ends are character boundaries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What it is.
    pub kind: Kind,
    /// Its first byte.
    pub start: usize,
    /// The byte behind its last.
    pub end: usize,
}

/// What a pattern with its check tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// An e-mail address.
    Email,
    /// A phone number: with `+` and a country, or beside a word that says so.
    Phone,
    /// A payment card number (ISO/IEC 7812): Luhn, and an issuer's prefix and length.
    Card,
    /// A bank account (ISO 13616): the country's length, and mod 97.
    Iban,
    /// A US social security number in a range that is issued.
    Ssn,
    /// A password, key or token; the name says of what.
    Secret(&'static str),
}

impl Kind {
    /// How delicate it is.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::Email | Self::Phone => Class::Personal,
            Self::Card | Self::Iban | Self::Ssn => Class::Sensitive,
            Self::Secret(_) => Class::Secret,
        }
    }

    /// Its name in what stands for it: `<email:...>`, `[github_token]`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Card => "card",
            Self::Iban => "iban",
            Self::Ssn => "ssn",
            Self::Secret(of) => of,
        }
    }
}

/// Everything found in `text`, in its order; findings do not overlap. Allocates nothing where nothing is found.
#[must_use]
pub fn find(text: &str) -> Vec<Finding> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let (mut at, mut floor, mut barren) = (0, 0, 0);
    while let Some(byte) = bytes.get(at) {
        match ACTS[usize::from(*byte)] {
            Act::Pass => at += 1,
            act => match look(act, text, at, floor, &mut barren) {
                Look::Found(finding) => {
                    (at, floor) = (finding.end, finding.end);
                    found.push(finding);
                }
                Look::On(next) => at = next,
            },
        }
    }
    found
}

/// What a detector says of a place.
enum Look {
    Found(Finding),
    /// Nothing here; the place to go on.
    On(usize),
}

impl Look {
    fn or_on(found: Option<Finding>, next: usize) -> Self {
        found.map_or(Self::On(next), Self::Found)
    }
}

/// What a byte may begin.
#[derive(Clone, Copy)]
enum Act {
    Pass,
    Word,
    Number,
    Plus,
    At,
    Assign,
    Dash,
    Angle,
}

const ACTS: [Act; 256] = {
    let mut acts = [Act::Pass; 256];
    let mut byte = 0;
    while byte < 128 {
        // A byte below 128 fits.
        #[allow(clippy::cast_possible_truncation, reason = "a byte below 128 fits")]
        let letter = byte as u8;
        if letter.is_ascii_alphabetic() {
            acts[byte] = Act::Word;
        } else if letter.is_ascii_digit() {
            acts[byte] = Act::Number;
        }
        byte += 1;
    }
    acts[b'+' as usize] = Act::Plus;
    acts[b'@' as usize] = Act::At;
    acts[b':' as usize] = Act::Assign;
    acts[b'=' as usize] = Act::Assign;
    acts[b'-' as usize] = Act::Dash;
    acts[b'<' as usize] = Act::Angle;
    acts
};

/// Looks at one place. Nothing before `floor` may be taken: it belongs to an earlier finding. No web token begins before
/// `barren`.
fn look(act: Act, text: &str, at: usize, floor: usize, barren: &mut usize) -> Look {
    let bytes = text.as_bytes();
    match act {
        Act::Pass => Look::On(at + 1),
        Act::Word if at > floor && bytes[at - 1].is_ascii_alphanumeric() => Look::On(run_end(bytes, at)),
        Act::Word => Look::or_on(word(text, at, barren), run_end(bytes, at)),
        Act::Number if at > floor && bytes[at - 1].is_ascii_alphanumeric() => Look::On(run_end(bytes, at)),
        Act::Number => Look::or_on(number(bytes, at), run_end(bytes, at)),
        Act::Plus => Look::or_on(phone::international(bytes, at), at + 1),
        Act::At => Look::or_on(
            address::password(text, at, floor).or_else(|| address::email(text, at, floor)),
            at + 1,
        ),
        Act::Assign => Look::or_on(secret::assigned(text, at, floor), at + 1),
        Act::Dash => Look::or_on(key::private_key(text, at), at + 1),
        Act::Angle => Look::On(own_token(bytes, at).unwrap_or(at + 1)),
    }
}

fn word(text: &str, at: usize, barren: &mut usize) -> Option<Finding> {
    known(text.as_bytes(), at, barren).or_else(|| secret::said(text, at))
}

fn known(bytes: &[u8], at: usize, barren: &mut usize) -> Option<Finding> {
    key::vendor(bytes, at).or_else(|| key::web_token(bytes, at, barren)).or_else(|| iban::at(bytes, at))
}

/// What begins at `at` and needs no word before it that says that it is secret.
fn named(text: &str, at: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    match ACTS[usize::from(*bytes.get(at)?)] {
        Act::Word => known(bytes, at, &mut 0),
        Act::Number => number(bytes, at),
        Act::Plus => phone::international(bytes, at),
        _ => None,
    }
}

fn number(bytes: &[u8], at: usize) -> Option<Finding> {
    key::vendor(bytes, at)
        .or_else(|| card::at(bytes, at))
        .or_else(|| ssn::at(bytes, at))
        .or_else(|| phone::in_context(bytes, at))
}

/// The end of the letters and digits around `at`.
fn run_end(bytes: &[u8], at: usize) -> usize {
    at + run(&bytes[at..], usize::MAX, |b| b.is_ascii_alphanumeric())
}

/// How many bytes `bytes` begins with that are `fine`; it looks at `most` and one more. A detector that looks ahead
/// without an end must end its search there, or find something: else a text can make it look again from each word.
fn run(bytes: &[u8], most: usize, fine: impl Fn(u8) -> bool) -> usize {
    let length = bytes.iter().take(most.saturating_add(1)).take_while(|b| fine(**b)).count();
    steps::note(length);
    length
}

/// The end of what an earlier pass put in a value's place (`<email:jfkdpoabcmne>`): it is not looked into again.
fn own_token(bytes: &[u8], at: usize) -> Option<usize> {
    let name = bytes[at + 1..].iter().take_while(|b| b.is_ascii_lowercase() || **b == b'_').take(32).count();
    let colon = at + 1 + name;
    let end = colon + 1 + crate::token::LETTERS;
    let letters = bytes.get(colon + 1..end)?;
    (name > 0
        && bytes[colon] == b':'
        && letters.iter().all(u8::is_ascii_lowercase)
        && bytes.get(end) == Some(&b'>'))
    .then_some(end + 1)
}

/// Whether a text is nothing but such a token.
pub(crate) fn is_token(text: &str) -> bool {
    text.starts_with('<') && own_token(text.as_bytes(), 0) == Some(text.len())
}

/// Whether this is what a [`Kind`] of secret is called.
pub(crate) fn is_secret(name: &str) -> bool {
    matches!(name, "password" | "secret" | "jwt" | "private_key") || key::is_name(name)
}

/// Whether a number may begin at `at`: not in the middle of an id, a path, a decimal or something masked.
fn begins_freely(bytes: &[u8], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return true };
    match bytes[before] {
        b'*' | b'_' | b'#' | b'/' | b'\\' | b'-' | b'.' | b'@' | b'~' => false,
        byte => !byte.is_ascii_alphanumeric(),
    }
}

/// Whether something may end before `end`: no id and no address goes on there.
fn ends_freely(bytes: &[u8], end: usize) -> bool {
    match (bytes.get(end), bytes.get(end + 1)) {
        (None, _) => true,
        (Some(b'@' | b'_' | b'*'), _) => false,
        (Some(b'-' | b'.' | b'/' | b':'), Some(next)) if next.is_ascii_alphanumeric() => false,
        (Some(byte), _) => !byte.is_ascii_alphanumeric(),
    }
}

/// The length of what may stand between two groups of digits: a space, a hyphen, a dot, or one of the characters
/// that word processors make of them.
fn separator(bytes: &[u8], at: usize) -> Option<usize> {
    match bytes.get(at..)? {
        [b' ' | b'-' | b'.', ..] => Some(1),
        [0xC2, 0xA0, ..] => Some(2), // no-break space
        [0xE2, 0x80, 0x87 | 0x89 | 0x8A | 0x90..=0x93 | 0xAF, ..] => Some(3), // thin spaces, hyphens, dashes
        _ => None,
    }
}

#[cfg(test)]
mod tests;
