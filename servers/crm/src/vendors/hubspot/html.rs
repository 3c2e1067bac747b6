//! HubSpot keeps the bodies of activities as HTML; we write and show plain text.

/// Plain text as paragraphs.
pub(super) fn written(text: &str) -> String {
    let mut html = String::with_capacity(text.len() + 32);
    for line in text.lines() {
        html.push_str("<p>");
        escape(&mut html, line);
        html.push_str("</p>");
    }
    html
}

fn escape(html: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            c => html.push(c),
        }
    }
}

/// The text of a body: tags are left out, blocks end lines, the common entities are read. A text without tags stays
/// as it is.
pub(super) fn read(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let (plain, tail) = rest.split_at(at);
        text.push_str(plain);
        rest = match tail.strip_prefix('<') {
            Some(tag) => skip_tag(&mut text, tag),
            None => read_entity(&mut text, tail),
        };
    }
    text.push_str(rest);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim().to_owned()
}

/// Skips a tag, `<` taken; one that is none (`a < b`) is text.
fn skip_tag<'a>(text: &mut String, tag: &'a str) -> &'a str {
    let is_tag = tag.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/' || c == '!');
    let Some(end) = tag.find('>').filter(|_| is_tag) else {
        text.push('<');
        return tag;
    };
    let name: String =
        tag[..end].chars().skip_while(|c| *c == '/').take_while(char::is_ascii_alphanumeric).collect();
    let breaks = name.eq_ignore_ascii_case("br")
        || (tag.starts_with('/')
            && ["p", "div", "li", "tr", "h1", "h2", "h3", "blockquote"].contains(&&*name.to_lowercase()));
    if breaks {
        text.push('\n');
    }
    &tag[end + 1..]
}

/// Reads an entity, `&` still there; one that is unknown is text.
fn read_entity<'a>(text: &mut String, tail: &'a str) -> &'a str {
    let entity = tail[1..].split_once(';').filter(|(name, _)| name.len() <= 8);
    let read = entity.and_then(|(name, rest)| Some((character(name)?, rest)));
    match read {
        Some((c, rest)) => {
            text.push(c);
            rest
        }
        None => {
            text.push('&');
            &tail[1..]
        }
    }
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bodies_of_the_editor_are_read() {
        for (html, text) in [
            ("<p>One &amp; two</p><p>three<br/>four</p>", "One & two\nthree\nfour"),
            ("plain, 3 < 4 & 5 &unknown; x", "plain, 3 < 4 & 5 &unknown; x"),
            ("<div style=\"a>b\">x</div>", "b\">x"),
            ("&#65;&#x42;&nbsp;&lt;b&gt;", "AB <b>"),
            ("<ul><li>a</li><li>b</li></ul>", "a\nb"),
            ("unclosed <b", "unclosed <b"),
        ] {
            assert_eq!(read(html), text, "{html}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn what_is_written_is_read(lines in proptest::collection::vec("[^\r\n\u{b}\u{c}\u{85}\u{2028}\u{2029}]{0,40}", 1..5)) {
            let text = lines.iter().map(|l| l.trim()).collect::<Vec<_>>().join("\n").trim().to_owned();
            prop_assert_eq!(read(&written(&text)), text);
        }
    }
}
