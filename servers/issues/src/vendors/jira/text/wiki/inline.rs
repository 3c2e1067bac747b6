//! Reading wiki markup within a line.

use super::super::{Inline, Marks, push_text};
use super::near;

/// The pieces of a line's text.
pub(super) fn read(text: &str) -> Vec<Inline> {
    let mut line = Vec::new();
    read_inline(text, &Marks::default(), &mut line);
    line
}

fn read_inline(text: &str, marks: &Marks, out: &mut Vec<Inline>) {
    let mut rest = text;
    let mut before = ' ';
    while let Some(c) = rest.chars().next() {
        let used = special(rest, before, marks, out);
        let used = if used == 0 {
            push_text(out, &rest[..c.len_utf8()], marks);
            c.len_utf8()
        } else {
            used
        };
        before = rest[..used].chars().next_back().unwrap_or(' ');
        rest = &rest[used..];
    }
}

/// Takes markup off the front; 0 if there is none.
fn special(text: &str, before: char, marks: &Marks, out: &mut Vec<Inline>) -> usize {
    if text.starts_with("\\\\") {
        out.push(Inline::Break);
        return 2;
    }
    if let Some(next) =
        text.strip_prefix('\\').and_then(|rest| rest.chars().next()).filter(char::is_ascii_punctuation)
    {
        push_text(out, next.encode_utf8(&mut [0; 4]), marks);
        return 2;
    }
    if let Some((inside, _)) = text.strip_prefix("{{").and_then(|rest| near(rest).split_once("}}")) {
        push_text(out, inside, &Marks { code: true, ..marks.clone() });
        return inside.len() + 4;
    }
    if let Some((inside, _)) = text.strip_prefix('[').and_then(|rest| near(rest).split_once(']')) {
        return link(inside, marks, out);
    }
    if before.is_alphanumeric() {
        return 0;
    }
    for (sign, set) in [
        ('*', Marks { strong: true, ..marks.clone() }),
        ('_', Marks { em: true, ..marks.clone() }),
        ('-', Marks { strike: true, ..marks.clone() }),
    ] {
        let Some(rest) = text.strip_prefix(sign).filter(|r| !r.starts_with([' ', sign])) else { continue };
        let ends = |at: &usize| {
            let after = rest[at + 1..].chars().next();
            !rest[..*at].ends_with([' ', '\\']) && after.is_none_or(|c| !c.is_alphanumeric())
        };
        if let Some(end) = near(rest).match_indices(sign).map(|(at, _)| at).find(ends).filter(|at| *at > 0) {
            read_inline(&rest[..end], &set, out);
            return end + 2;
        }
    }
    0
}

fn link(inside: &str, marks: &Marks, out: &mut Vec<Inline>) -> usize {
    if let Some(name) = inside.strip_prefix('~') {
        let name = name.trim_start_matches("accountid:");
        out.push(Inline::Mention(name.to_owned(), name.to_owned()));
        return inside.len() + 2;
    }
    let (label, url) = inside.rsplit_once('|').unwrap_or((inside, inside));
    if !url.contains("://") && !url.starts_with("mailto:") {
        return 0;
    }
    read_inline(label, &Marks { link: Some(url.to_owned()), ..marks.clone() }, out);
    inside.len() + 2
}
