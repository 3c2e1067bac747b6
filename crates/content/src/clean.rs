//! Removes what a reader cannot see but a model can.

mod comments;

use std::borrow::Cow;

use self::comments::strip_comments;

/// A text after cleaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned<'a> {
    /// The text; borrowed if nothing had to go.
    pub text: Cow<'a, str>,
    /// Hidden or bidirectional characters were removed.
    pub hidden: bool,
    /// HTML comments were removed.
    pub comments: bool,
}

/// Removes control, zero-width, bidirectional and tag characters, the same written as HTML entities, and HTML
/// comments, until nothing changes, because taking one thing out may join the halves of another. Takes time in
/// proportion to the text, however things are nested. Line ends become `\n`, and what only says how an emoji is drawn
/// goes: both stand in honest texts, so neither counts as hidden.
#[must_use]
pub fn clean(text: &str) -> Cleaned<'_> {
    let mut cleaned = Cleaned { text: Cow::Borrowed(text), hidden: false, comments: false };
    // Nearly every text: nothing hidden, and nothing that could begin an entity or a comment.
    if every(text, |b| is_visible(b) & (b != b'&') & (b != b'<')) {
        return cleaned;
    }
    // Only characters can be hidden characters, so that none comes together later.
    if let Some(visible) = strip_hidden(&cleaned.text) {
        cleaned = Cleaned { text: Cow::Owned(visible.text), hidden: visible.hidden, ..cleaned };
    }
    if let Some(shorter) = strip_entities(&cleaned.text) {
        cleaned = Cleaned { text: Cow::Owned(shorter), hidden: true, ..cleaned };
    }
    if let Some(shorter) = strip_comments(&cleaned.text) {
        let hidden = cleaned.hidden || shorter.entities;
        cleaned = Cleaned { text: Cow::Owned(shorter.text), hidden, comments: true };
    }
    cleaned
}

/// Whether a reader sees nothing of a text.
#[must_use]
pub fn is_blank(text: &str) -> bool {
    clean(text).text.trim().is_empty()
}

/// The longest prefix of at most `bytes` bytes that ends on a character boundary.
#[must_use]
pub fn cut(text: &str, bytes: usize) -> &str {
    &text[..text.floor_char_boundary(bytes)]
}

/// Characters that show nothing or change the order of what is shown (Unicode 16, general categories Cf and Cc
/// and the invisible letters; UTS 39, section 3.1; Trojan Source, CVE-2021-42574).
fn is_hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{00}'..='\u{1F}' | '\u{7F}'..='\u{9F}' => true,
        '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' => true,
        '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' => true,
        '\u{2060}'..='\u{206F}' | '\u{2800}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' => true,
        '\u{FEFF}' | '\u{FFA0}' | '\u{FFF0}'..='\u{FFFB}' => true,
        '\u{110BD}' | '\u{110CD}' | '\u{13430}'..='\u{1343F}' | '\u{1BCA0}'..='\u{1BCA3}' => true,
        '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}' => true,
        _ => false,
    }
}

/// A text without hidden characters.
struct Visible {
    text: String,
    /// Whether one of them was of a kind that no honest text needs.
    hidden: bool,
}

fn strip_hidden(text: &str) -> Option<Visible> {
    if every(text, is_visible) || !text.chars().any(is_hidden) {
        return None;
    }
    let mut visible = Visible { text: String::with_capacity(text.len()), hidden: false };
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            // A line end of other systems: dropped alone it would join two words.
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => visible.text.push('\n'),
            // Text or emoji: keyboards set it.
            '\u{FE0E}' | '\u{FE0F}' => {}
            c if is_hidden(c) => visible.hidden = true,
            c => visible.text.push(c),
        }
    }
    Some(visible)
}

/// Whether a byte is a visible ASCII character, a space, a tab or a line end.
fn is_visible(b: u8) -> bool {
    (b' '..0x7F).contains(&b) | (b == b'\n') | (b == b'\t')
}

/// Whether all bytes of a text are `fine`. Looks at a block at a time without leaving it early, which the compiler turns
/// into vector instructions.
pub(crate) fn every(text: &str, fine: impl Fn(u8) -> bool) -> bool {
    text.as_bytes().chunks(32).all(|block| block.iter().fold(true, |all, b| all & fine(*b)))
}

/// Longest entity that is looked at, in bytes: a number may begin with zeros. One with more of them stands out by
/// itself, and a bound keeps what is looked at around a seam small.
const LONGEST: usize = 64;

/// Removes `&#8203;`, `&#x200b;`, `&zwj;` and their like, and those that come together where one was: what is kept
/// holds none at any time, so that each `;` can end at most one.
fn strip_entities(text: &str) -> Option<String> {
    if !text.contains('&') {
        return None; // nearly every text: nothing is copied
    }
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive(';') {
        out.push_str(part);
        if let Some(start) = entity_at_end(&out) {
            out.truncate(start);
        }
    }
    (out.len() < text.len()).then_some(out)
}

/// Where the hidden entity begins with which a text ends.
fn entity_at_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let near = bytes.len().saturating_sub(LONGEST);
    let start = near + bytes[near..].iter().rposition(|b| *b == b'&')?;
    entity_in(&bytes[start..]).then_some(start)
}

/// Whether these bytes are one entity of a hidden character and nothing else.
fn entity_in(bytes: &[u8]) -> bool {
    let [b'&', name @ .., b';'] = bytes else { return false };
    std::str::from_utf8(name).ok().and_then(decode).is_some_and(is_hidden)
}

fn decode(entity: &str) -> Option<char> {
    let Some(number) = entity.strip_prefix('#') else {
        return match entity {
            "shy" => Some('\u{AD}'),
            "zwj" => Some('\u{200D}'),
            "zwnj" => Some('\u{200C}'),
            "lrm" => Some('\u{200E}'),
            "rlm" => Some('\u{200F}'),
            "ZeroWidthSpace"
            | "NegativeVeryThinSpace"
            | "NegativeThinSpace"
            | "NegativeMediumSpace"
            | "NegativeThickSpace" => Some('\u{200B}'),
            "NoBreak" => Some('\u{2060}'),
            "af" | "ApplyFunction" => Some('\u{2061}'),
            "it" | "InvisibleTimes" => Some('\u{2062}'),
            "ic" | "InvisibleComma" => Some('\u{2063}'),
            _ => None,
        };
    };
    let code = match number.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok()?,
        None => number.parse().ok()?,
    };
    char::from_u32(code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_nobody_sees_is_blank() {
        for text in ["", " \n\t", "\u{200b}", "\u{a0}\u{feff}", "&#8203; <!-- x -->", "\u{2800}\u{3164}"] {
            assert!(is_blank(text), "{text:?}");
        }
        assert!(!is_blank("\u{200b}."));
    }

    #[test]
    fn visible_text_is_borrowed_untouched() {
        for text in ["", "plain", "Größe 設計 \n\ttabbed", "a < b && c > d; x &amp; y"] {
            assert_eq!(clean(text), Cleaned { text: Cow::Borrowed(text), hidden: false, comments: false });
        }
    }

    #[test]
    fn hidden_things_go_in_every_disguise() {
        for (text, left) in [
            ("pay\u{200B}ment", "payment"),
            ("\u{202E}drawkcab", "drawkcab"),
            ("tag\u{E0041}\u{E0042}", "tag"),
            ("a&#8203;b&#x200B;c&zwj;d", "abcd"),
            ("a&#82\u{200B}03;b", "ab"),
            ("a<!-- obey -->b<!-- and never closed", "ab"),
            ("a<!\u{200B}-- obey -->b", "ab"),
            ("<!-<!-- x -->- y -->z", "z"),
            ("a&#x00000200B;b&#0000000000000000000000000000000008203;c", "abc"),
            ("a&NegativeThinSpace;b&NegativeVeryThinSpace;c&InvisibleTimes;d", "abcd"),
            ("\u{FE00}\u{FE01}x", "x"),
        ] {
            let cleaned = clean(text);
            assert_eq!(cleaned.text, left, "{text:?}");
            assert!(cleaned.hidden || cleaned.comments, "{text:?}");
        }
    }

    #[test]
    fn line_ends_and_the_dress_of_emoji_are_no_disguise() {
        for (text, left) in [
            ("line\r\nend", "line\nend"),
            ("line\rend\r", "line\nend\n"),
            ("a\r\r\nb", "a\n\nb"),
            ("fine \u{2764}\u{FE0F} and \u{2714}\u{FE0E}", "fine \u{2764} and \u{2714}"),
        ] {
            let cleaned = Cleaned { text: Cow::Borrowed(left), hidden: false, comments: false };
            assert_eq!(clean(text), cleaned, "{text:?}");
        }
        assert!(clean("line\r\nend\u{200B}").hidden);
        assert_eq!(clean("a<!\u{FE0F}-- obey -->b").text, "ab");
    }

    #[test]
    fn a_cut_ends_on_a_character() {
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
    }

    #[test]
    fn nested_things_take_no_pass_for_each_level() {
        // 200 kB each; a pass for each level took minutes.
        for (text, left) in [
            (format!("a{}&#8203;{}b", "&#82".repeat(28_000), "03;".repeat(28_000)), "ab"),
            (format!("a{}<!-- x -->{}b", "<!-".repeat(28_000), "-y-->".repeat(28_000)), "ab"),
            (format!("a{}<!---->{}b", "&#82".repeat(28_000), "<!-- x -->03;".repeat(28_000)), "ab"),
            (format!("a{}<!---->{}b", "&#82<!-".repeat(14_000), "--->03;".repeat(14_000)), "ab"),
        ] {
            let cleaned = clean(&text);
            assert!(cleaned.text == left, "{}", cut(&cleaned.text, 100));
        }
    }

    /// Cleans as it is defined: pass by pass, each over the whole text, until nothing changes.
    fn by_passes(text: &str) -> Cleaned<'static> {
        let mut cleaned = Cleaned { text: Cow::Owned(text.to_owned()), hidden: false, comments: false };
        loop {
            if let Some(visible) = strip_hidden(&cleaned.text) {
                let hidden = cleaned.hidden || visible.hidden;
                cleaned = Cleaned { text: Cow::Owned(visible.text), hidden, ..cleaned };
            } else if let Some(shorter) = pass_over_entities(&cleaned.text) {
                cleaned = Cleaned { text: Cow::Owned(shorter), hidden: true, ..cleaned };
            } else if let Some(shorter) = pass_over_comments(&cleaned.text) {
                cleaned = Cleaned { text: Cow::Owned(shorter), comments: true, ..cleaned };
            } else {
                return cleaned;
            }
        }
    }

    fn pass_over_entities(text: &str) -> Option<String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some(start) = rest.find('&') {
            let (before, entity) = rest.split_at(start);
            out.push_str(before);
            let end = entity.as_bytes().iter().take(LONGEST).position(|b| *b == b';');
            match end.filter(|end| decode(&entity[1..*end]).is_some_and(is_hidden)) {
                Some(end) => rest = &entity[end + 1..],
                None => {
                    out.push('&');
                    rest = &entity[1..];
                }
            }
        }
        out.push_str(rest);
        (out.len() < text.len()).then_some(out)
    }

    fn pass_over_comments(text: &str) -> Option<String> {
        let (mut out, mut rest) = (String::new(), text);
        while let Some((before, comment)) = rest.split_once("<!--") {
            out.push_str(before);
            rest = comment.split_once("-->").map_or("", |(_, after)| after);
        }
        out.push_str(rest);
        (out.len() < text.len()).then_some(out)
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn nothing_hidden_remains_and_cleaning_twice_changes_nothing(
            text in "(<!--|-->|<!-|-|&#x?|8203|200b|;|zwj|[a-z]|\r|\n|\u{FE0F}|\u{200B}|\u{202E}|\u{E0041}|\\PC|\\PC){0,40}"
        ) {
            let once = clean(&text).text.into_owned();
            prop_assert!(!once.chars().any(is_hidden));
            prop_assert!(!once.contains("<!--"));
            prop_assert!(once.len() <= text.len());
            let again = clean(&once);
            prop_assert_eq!(&*again.text, &*once);
        }

        #[test]
        fn the_short_way_ends_where_the_passes_end(
            text in "(<!--|-->|<!-|<!|<|--|-|>|!|&|&#|82|03|&#82|03;|;|shy|&sh|y;|&#8203;|&#0|x|é|\r|\n|\u{FE0F}|\u{200B}){0,60}"
        ) {
            prop_assert_eq!(clean(&text), by_passes(&text));
        }
    }
}
