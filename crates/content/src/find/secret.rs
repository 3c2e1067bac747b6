//! Secrets that only the words before them give away: `password=...`, `api_key: ...`, `Bearer ...`.

use super::{Finding, Kind, address, named, own_token, run, steps};

/// Names that end like these hold a password, which may be a word.
const PASSWORDS: &[&str] = &["password", "passwd", "passwort", "kennwort", "pwd", "passphrase", "passcode"];

/// Names that end like these hold a key, which is long and no word.
#[rustfmt::skip]
const KEYS: &[&str] = &[
    "secret", "token", "apikey", "accesskey", "secretkey", "privatekey", "accountkey", "authkey", "signingkey",
    "encryptionkey", "masterkey", "credential", "credentials", "authorization", "signature", "sharedkey",
];

/// Values that say that there is none.
#[rustfmt::skip]
const NOT_SECRET: &[&str] = &[
    "null", "none", "true", "false", "undefined", "required", "optional", "string", "empty", "hidden", "removed",
    "redacted", "expired", "invalid", "changed", "reset",
];

/// Bytes of a name, and characters of a value, at least.
const NAME: usize = 48;
const SHORTEST_PASSWORD: usize = 4;
const SHORTEST_KEY: usize = 12;

/// Bytes of a value that it is judged by. A longer one is what its beginning is.
const JUDGED: usize = 256;

/// What a name lets expect.
#[derive(Clone, Copy, PartialEq)]
enum Expected {
    Password,
    Key,
}

/// The value behind the `:` or `=` at `at`, if the name before it says that it is secret.
pub(super) fn assigned(text: &str, at: usize, floor: usize) -> Option<Finding> {
    let expected = expected(text, at, floor)?;
    let value = Value::after(text, at)?;
    let is_secret = match expected {
        Expected::Password => value.is_password(),
        Expected::Key => value.is_key(),
    };
    is_secret.then(|| value.finding(text, expected)).flatten()
}

/// What a word announces without a sign: `Bearer ...`, `password is ...`.
pub(super) fn said(text: &str, at: usize) -> Option<Finding> {
    let bytes = text.as_bytes();
    let word =
        |word: &[u8]| bytes.get(at..at + word.len()).is_some_and(|here| here.eq_ignore_ascii_case(word));
    let announced = match bytes[at] {
        b'b' | b'B' if word(b"bearer ") => Some((6, Expected::Key)),
        b'b' | b'B' if word(b"basic ") && follows_authorization(bytes, at) => Some((5, Expected::Key)),
        b'p' | b'P' if word(b"password is ") => Some((11, Expected::Password)),
        b'p' | b'P' if word(b"passphrase is ") => Some((13, Expected::Password)),
        _ => None,
    };
    let (length, expected) = announced?;
    let value = Value::at(text, at + length)?;
    let is_secret = match expected {
        Expected::Password => value.looks_chosen(),
        Expected::Key => value.is_key(),
    };
    is_secret.then(|| value.finding(text, expected)).flatten()
}

/// Whether a value stands for a secret instead of being one: `${PASSWORD}`, `***`, `[password]`.
pub(super) fn is_placeholder(value: &str) -> bool {
    let bare = value.trim_end_matches(['.', ',', ')']);
    steps::note(value.len());
    value.starts_with(['$', '%', '{']) && !value.starts_with("$2")
        || value.starts_with("**")
        || value.contains(['(', '•'])
        || is_marked(value)
        || is_code(bare)
        || bare.bytes().all(|b| matches!(b, b'x' | b'X' | b'.' | b'*' | b'_' | b'-'))
        || NOT_SECRET.iter().any(|word| bare.eq_ignore_ascii_case(word))
}

/// `settings.password`, `process.env.API_KEY`: the place of a secret.
fn is_code(value: &str) -> bool {
    let name = value.rsplit('.').next().unwrap_or(value).to_lowercase();
    let names_secret = name.ends_with("key") || PASSWORDS.iter().chain(KEYS).any(|end| name.ends_with(end));
    value.contains('.')
        && names_secret
        && value.bytes().all(|b| b.is_ascii_alphabetic() || b == b'.' || b == b'_')
}

/// Whether something in it was taken out before: `[github_token]`, `<email:jfkdpoabcmne>`.
pub(super) fn is_marked(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_mark = |at: usize| {
        let name = run(&bytes[at + 1..], usize::MAX, |b| b.is_ascii_lowercase() || b == b'_');
        name > 0 && bytes.get(at + 1 + name) == Some(&b']')
    };
    value.match_indices('[').any(|(at, _)| is_mark(at))
        || value.match_indices('<').any(|(at, _)| own_token(bytes, at).is_some())
}

fn follows_authorization(bytes: &[u8], at: usize) -> bool {
    let before = bytes[..at].trim_ascii_end();
    let name = before.strip_suffix(b":").unwrap_or(before).trim_ascii_end();
    name.len() >= 13 && name[name.len() - 13..].eq_ignore_ascii_case(b"authorization")
}

/// What the name before the sign at `at` lets expect.
fn expected(text: &str, at: usize, floor: usize) -> Option<Expected> {
    let before = &text.as_bytes()[floor..at];
    let skipped =
        before.iter().rev().take(3).take_while(|b| matches!(b, b' ' | b'"' | b'\'' | b'`' | b'*')).count();
    let before = &before[..before.len() - skipped];
    let mut name = [0; NAME];
    let mut first = NAME;
    // Right to left, in small letters and without what joins words: `X-Api-Key` and `apiKey` are one name.
    for byte in before.iter().rev().take(NAME) {
        match byte {
            b'_' | b'-' | b'.' => continue,
            byte if byte.is_ascii_alphanumeric() => {
                first -= 1;
                name[first] = byte.to_ascii_lowercase();
            }
            _ => break,
        }
    }
    let name = &name[first..];
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end.as_bytes()));
    match name.last()? {
        b'd' | b't' | b'e' if ends(PASSWORDS) => Some(Expected::Password),
        b't' | b'n' | b'y' | b'l' | b's' | b'e' if ends(KEYS) => Some(Expected::Key),
        _ => None,
    }
}

/// A value, without quotes and where it stands.
struct Value<'t> {
    /// As much of it as it is judged by.
    text: &'t str,
    start: usize,
    quote: Option<u8>,
    /// No space before it: a sentence has one.
    joined: bool,
}

impl<'t> Value<'t> {
    /// The value behind the sign at `sign`: `=`, `:`, `=>`, `: "`.
    fn after(text: &'t str, sign: usize) -> Option<Self> {
        let rest = &text.as_bytes()[sign..];
        let signs = rest.iter().take(2).take_while(|b| matches!(b, b':' | b'=')).count();
        let arrow = usize::from(rest.get(signs) == Some(&b'>'));
        Self::at(text, sign + signs + arrow)
    }

    fn at(text: &'t str, from: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        let spaces =
            bytes[from..].iter().take(4).take_while(|b| matches!(b, b' ' | b'\t' | b'*' | b'\\')).count();
        let first = from + spaces;
        let quote = bytes.get(first).copied().filter(|b| matches!(b, b'"' | b'\'' | b'`'));
        let start = first + usize::from(quote.is_some());
        let judged = run(&bytes[start..], JUDGED, |b| goes_on(b, quote)).min(JUDGED);
        let value = crate::cut(text.get(start..)?, judged);
        (!value.is_empty()).then_some(Self { text: value, start, quote, joined: spaces == 0 })
    }

    /// Where it ends, however long it is.
    fn end(&self, text: &str) -> usize {
        let judged = self.start + self.text.len();
        judged + run(&text.as_bytes()[judged..], usize::MAX, |b| goes_on(b, self.quote))
    }

    fn is_password(&self) -> bool {
        self.text.chars().count() >= SHORTEST_PASSWORD
            && !is_placeholder(self.text)
            && (self.quote.is_some() || self.joined || self.looks_chosen())
    }

    /// Whether it is a word that nobody writes in a sentence.
    fn looks_chosen(&self) -> bool {
        let word = self.text.trim_end_matches(['.', ',', '!', '?', ')', ':']);
        let odd = word.bytes().any(|b| !b.is_ascii_alphabetic() && b != b'-' && b != b'\'' && b != b'/');
        let capital_inside = word.bytes().skip(1).any(|b| b.is_ascii_uppercase())
            && word.bytes().any(|b| b.is_ascii_lowercase());
        word.chars().count() >= SHORTEST_PASSWORD && !is_placeholder(self.text) && (odd || capital_inside)
    }

    fn is_key(&self) -> bool {
        let bytes = self.text.as_bytes();
        let is_code = |b: &u8| b.is_ascii_alphanumeric() || b"_-./+=~:%!$#@^&*|".contains(b);
        bytes.len() >= SHORTEST_KEY
            && bytes.iter().all(is_code)
            && bytes.iter().any(u8::is_ascii_digit)
            && bytes.iter().any(u8::is_ascii_alphabetic)
            && !self.text.contains("://")
            && !is_placeholder(self.text)
    }

    /// Itself, unless something with a name of its own begins in the same place and reaches as far.
    fn finding(&self, text: &str, expected: Expected) -> Option<Finding> {
        if self.is_address(text, expected) {
            return None;
        }
        let end = self.end(text);
        let is_named = named(text, self.start).is_some_and(|found| found.end >= end);
        let name = if expected == Expected::Password { "password" } else { "secret" };
        (!is_named).then_some(Finding { kind: Kind::Secret(name), start: self.start, end })
    }

    /// A key is never an address; a password may look like one.
    fn is_address(&self, text: &str, expected: Expected) -> bool {
        let at = || self.text.find('@').map(|at| self.start + at);
        expected == Expected::Key && at().is_some_and(|at| address::email(text, at, self.start).is_some())
    }
}

/// Whether a value does not end at this byte.
fn goes_on(byte: u8, quote: Option<u8>) -> bool {
    match quote {
        Some(quote) => byte != quote && !matches!(byte, b'\n' | b'\r' | b'\\'),
        None => !ends_value(byte),
    }
}

fn ends_value(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b',' | b';' | b'"' | b'\'' | b'<' | b'>' | b'`' | b'&')
}
