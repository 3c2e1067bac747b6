//! What stands around an `@`: e-mail addresses, and passwords in URLs.

use super::{Finding, Kind, secret, steps};

/// Bytes of a local part and of a URL before its host that are looked at (RFC 5321: 64).
const LOCAL: usize = 64;
const USERINFO: usize = 256;

/// Ends of file names that look like the end of a domain: `icon@2x.png`.
const FILES: [&str; 8] = ["png", "jpg", "jpeg", "gif", "svg", "webp", "js", "css"];

/// The e-mail address around the `@`, not before `floor`.
pub(super) fn email(text: &str, at: usize, floor: usize) -> Option<Finding> {
    let start = local(text, at, floor)?;
    let mut end = domain(text, at + 1)?;
    // `a@b.example.c@d.example`: nobody can tell where one ends, so they are one.
    while text[end..].starts_with('@')
        && let Some(further) = domain(text, end + 1)
    {
        end = further;
    }
    // `git@github.com:acme/web` names a repository.
    let is_clone = &text[start..at] == "git" && text[end..].starts_with(':');
    (!is_clone).then_some(Finding { kind: Kind::Email, start, end })
}

/// The password before the `@` of `https://user:password@host`. One with an `@` of its own goes on to the last.
pub(super) fn password(text: &str, at: usize, floor: usize) -> Option<Finding> {
    let from = text.ceil_char_boundary(floor.max(at.saturating_sub(USERINFO)));
    let before = &text[from..at];
    // Not beyond an earlier `@`: no part of a URL before its host has one, and each place is looked back on once.
    let word = before
        .rfind(|c| ends_url(c) || c == '@')
        .map_or(0, |last| text[from + last..].chars().next().map_or(0, char::len_utf8) + last);
    let (_, userinfo) = before[word..].rsplit_once("://")?;
    let (_, password) = userinfo.split_once(':')?;
    if userinfo.contains(['/', '?', '#']) || secret::is_marked(userinfo) {
        return None;
    }
    let start = at - password.len();
    let rest = &text[at..];
    let host = rest.find(|c| ends_url(c) || matches!(c, '/' | '?' | '#' | ',')).unwrap_or(rest.len());
    steps::note(before.len() - word + host);
    let end = at + rest[..host].rfind('@')?;
    let is_secret = end > start && !secret::is_placeholder(&text[start..end]);
    is_secret.then_some(Finding { kind: Kind::Secret("password"), start, end })
}

fn ends_url(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`')
}

fn local(text: &str, at: usize, floor: usize) -> Option<usize> {
    let from = text.ceil_char_boundary(floor.max(at.saturating_sub(LOCAL)));
    let before = &text[from..at];
    let length: usize = before.chars().rev().take_while(|c| in_local(*c)).map(char::len_utf8).sum();
    let local = &before[before.len() - length..];
    let local = local.trim_start_matches(['.', '\'', '-', '+', '%']);
    (!local.is_empty() && !local.ends_with('.')).then(|| at - local.len())
}

fn domain(text: &str, from: usize) -> Option<usize> {
    let rest = &text[from..];
    let length = rest.find(|c| !in_domain(c)).unwrap_or(rest.len());
    steps::note(length);
    let domain = rest[..length].trim_end_matches(['.', '-']);
    let labels_stand = domain.split('.').all(|label| !label.is_empty() && !label.starts_with('-'));
    let (_, last) = domain.rsplit_once('.')?;
    let top = match last.strip_prefix("xn--") {
        Some(_) => last,
        // What follows with a hyphen is the sentence's: no top level has one.
        None => last.split('-').next().unwrap_or(last),
    };
    let is_top =
        top.len() >= 2 && (top.len() > 4 && top.starts_with("xn--") || top.chars().all(char::is_alphabetic));
    let end = from + domain.len() - (last.len() - top.len());
    (labels_stand && is_top && !FILES.contains(&top)).then_some(end)
}

fn in_local(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '%' | '+' | '-' | '\'' | '&' | '~') || is_european(c)
}

fn in_domain(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '.' | '-') || is_european(c)
}

/// Letters of scripts that put spaces between words; in others the sentence before would belong to the address.
fn is_european(c: char) -> bool {
    ('\u{C0}'..='\u{52F}').contains(&c) && c.is_alphabetic()
}
