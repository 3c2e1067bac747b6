//! Rich text and the Markdown of one line.

use serde_json::{Value, json};

/// How a piece of text looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Style {
    bold: bool,
    italic: bool,
    strike: bool,
    code: bool,
    link: Option<String>,
}

/// Characters that mean something in the flavor and are escaped in text.
const SPECIAL: [char; 14] = ['\\', '*', '~', '`', '$', '[', ']', '<', '>', '{', '}', '|', '^', '\n'];

/// A piece of rich text.
pub(super) fn piece(text: &str, style: &Style) -> Value {
    let link = style.link.as_ref().map(|url| json!({ "url": url }));
    json!({
        "type": "text",
        "text": { "content": text, "link": link },
        "annotations": {
            "bold": style.bold, "italic": style.italic, "strikethrough": style.strike, "underline": false,
            "code": style.code, "color": "default",
        },
        "plain_text": text,
        "href": style.link,
    })
}

/// A line of Markdown as rich text.
pub(super) fn parse(line: &str) -> Vec<Value> {
    let mut pieces = Vec::new();
    read(line, &Style::default(), &mut pieces);
    pieces
}

/// Rich text as a line of Markdown.
pub(super) fn render(rich_text: &Value) -> String {
    rich_text.as_array().into_iter().flatten().map(render_piece).collect()
}

fn render_piece(piece: &Value) -> String {
    let text = piece["plain_text"].as_str().unwrap_or_default();
    let on = |name: &str| piece["annotations"][name] == true;
    let mut out = match on("code") {
        true => format!("`{text}`"),
        false => escape(text),
    };
    for (name, mark) in [("strikethrough", "~~"), ("italic", "*"), ("bold", "**")] {
        if on(name) {
            out = format!("{mark}{out}{mark}");
        }
    }
    match piece["href"].as_str() {
        Some(url) => format!("[{out}]({url})"),
        None => out,
    }
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("<br>"),
            c if SPECIAL.contains(&c) => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// Reads `text` in `style`, opening a style of its own for each pair of marks.
fn read(text: &str, style: &Style, pieces: &mut Vec<Value>) {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        match marked(rest, style) {
            Some((inner, changed, length)) => {
                flush(&mut plain, style, pieces);
                match changed.code {
                    true => pieces.push(piece(inner, &changed)),
                    false => read(inner, &changed, pieces),
                }
                rest = &rest[length..];
            }
            None if first == '\\' && after.starts_with(|c: char| c.is_ascii_punctuation()) => {
                plain.extend(after.chars().next());
                rest = &after[1..];
            }
            None if rest.starts_with("<br>") => {
                plain.push('\n');
                rest = &rest[4..];
            }
            None => {
                plain.push(first);
                rest = after;
            }
        }
    }
    flush(&mut plain, style, pieces);
}

fn flush(plain: &mut String, style: &Style, pieces: &mut Vec<Value>) {
    if !plain.is_empty() {
        pieces.push(piece(plain, style));
        plain.clear();
    }
}

/// What a mark at the start encloses, the style inside, and the length of it all.
fn marked<'t>(text: &'t str, style: &Style) -> Option<(&'t str, Style, usize)> {
    if text.starts_with('[') {
        let middle = text.find("](")?;
        let end = middle + text[middle..].find(')')?;
        let url = &text[middle + 2..end];
        let known = url.starts_with("https://") || url.starts_with("http://") || url.starts_with("mailto:");
        return known
            .then(|| (&text[1..middle], Style { link: Some(url.to_owned()), ..style.clone() }, end + 1));
    }
    for mark in ["**", "~~", "`", "*"] {
        let Some(inner) = text.strip_prefix(mark) else { continue };
        let end = closing(inner, mark).filter(|end| *end > 0 && !inner.starts_with(' '))?;
        let mut changed = style.clone();
        match mark {
            "**" => changed.bold = true,
            "~~" => changed.strike = true,
            "`" => changed.code = true,
            _ => changed.italic = true,
        }
        return Some((&inner[..end], changed, end + 2 * mark.len()));
    }
    None
}

/// Where the mark closes; escaped ones do not count, except in code where nothing is escaped.
fn closing(inner: &str, mark: &str) -> Option<usize> {
    let mut at = 0;
    while let Some(found) = inner[at..].find(mark) {
        let end = at + found;
        if mark == "`" || !inner[..end].ends_with('\\') {
            return Some(end);
        }
        at = end + mark.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_read_is_written_the_same() {
        for (line, again) in [
            ("plain", "plain"),
            ("**bold** and *it* and ~~no~~", "**bold** and *it* and ~~no~~"),
            ("`x < 1` holds", "`x < 1` holds"),
            ("[**a** b](https://x.example/y)", "[**a**](https://x.example/y)[ b](https://x.example/y)"),
            ("a \\< b", "a \\< b"),
            ("2 * 3 * 4", "2 \\* 3 \\* 4"),
            ("<br>x", "<br>x"),
            ("[no](link", "\\[no\\](link"),
            ("unclosed ` and **", "unclosed \\` and \\*\\*"),
        ] {
            let first = render(&json!(parse(line)));
            assert_eq!(first, again, "{line:?}");
            assert_eq!(render(&json!(parse(&first))), first, "{line:?} twice");
        }
    }
}
