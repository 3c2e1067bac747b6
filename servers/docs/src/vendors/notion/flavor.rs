//! Notion's flavor of Markdown (developers.notion.com/guides/data-apis/enhanced-markdown).
//!
//! What Notion gives is in its flavor already, and goes back to it as it came. What a caller writes is plain Markdown,
//! in which a stray `<` means nothing; in the flavor it would begin a tag.

/// Tags of the flavor. Anything else between angle brackets is text.
const TAGS: [&str; 33] = [
    "audio",
    "bookmark",
    "br",
    "callout",
    "col",
    "colgroup",
    "column",
    "columns",
    "data-source",
    "database",
    "details",
    "embed",
    "empty-block",
    "file",
    "image",
    "meeting-notes",
    "notes",
    "page",
    "pdf",
    "span",
    "summary",
    "synced_block",
    "synced_block_reference",
    "tab",
    "table",
    "table_of_contents",
    "td",
    "toggle",
    "tr",
    "transcript",
    "unknown",
    "u",
    "video",
];

/// Beginnings of what Notion names and does not take back as it was: files by addresses that expire, pages and databases
/// that would be others, blocks that it has no words for.
const ONE_WAY: [&str; 13] = [
    "![",
    "<audio",
    "<data-source",
    "<database",
    "<file",
    "<image",
    "<meeting-notes",
    "<page",
    "<pdf",
    "<synced_block",
    "<transcript",
    "<unknown",
    "<video",
];

/// Whether Notion takes a line of its own back as what it was.
pub(super) fn comes_back(line: &str) -> bool {
    !ONE_WAY.iter().any(|start| line.contains(start))
}

/// The lines of a text without what Notion changes of them: blank lines, the marks of lists, the width of indentation,
/// escapes that nothing needs.
pub(super) fn bare(text: &str) -> Vec<String> {
    text.lines().map(|line| bare_line(line.trim())).filter(|line| !line.is_empty()).collect()
}

fn bare_line(line: &str) -> String {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let (mark, rest) = match line.split_at(digits) {
        ("", rest) => match ["- ", "* ", "+ "].iter().find_map(|mark| rest.strip_prefix(mark)) {
            Some(rest) => ("- ", rest),
            None => ("", rest),
        },
        (_, rest) => match [". ", ") "].iter().find_map(|mark| rest.strip_prefix(mark)) {
            Some(rest) => ("1. ", rest),
            None => ("", line),
        },
    };
    [mark, rest.trim_start()].concat().replace('\\', "")
}

/// The text with every `<` that begins no tag of the flavor escaped, code aside.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut fence: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        let inner = line.trim();
        let mark = ["```", "~~~"].into_iter().find(|mark| inner.starts_with(mark));
        match (fence, mark) {
            (Some(open), Some(mark)) if open == mark && inner.trim_start_matches(&mark[..1]).is_empty() => {
                fence = None
            }
            (None, Some(mark)) => fence = Some(mark),
            (None, None) => {
                escape_line(line, &mut out);
                continue;
            }
            _ => {}
        }
        out.push_str(line);
    }
    out
}

fn escape_line(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some(at) = rest.find(['\\', '`', '<']) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let kept = match found.as_bytes()[0] {
            b'\\' => found.char_indices().nth(2).map_or(found.len(), |(end, _)| end),
            b'`' => code(found),
            _ if begins_tag(found) => 1,
            _ => {
                out.push('\\');
                1
            }
        };
        out.push_str(&found[..kept]);
        rest = &found[kept..];
    }
    out.push_str(rest);
}

/// The length of the code span at the start, or of its opening run if it never closes (CommonMark 0.31, section 6.1).
fn code(text: &str) -> usize {
    let run = text.bytes().take_while(|b| *b == b'`').count();
    let mut at = run;
    while let Some(next) = text[at..].find('`') {
        let start = at + next;
        let length = text[start..].bytes().take_while(|b| *b == b'`').count();
        if length == run {
            return start + length;
        }
        at = start + length;
    }
    run
}

fn begins_tag(text: &str) -> bool {
    let inner = text[1..].trim_start_matches('/');
    let name: String =
        inner.chars().take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_')).collect();
    let ends = inner[name.len()..].starts_with(['>', ' ', '/', '\t']);
    ends && (TAGS.contains(&name.as_str()) || name.starts_with("mention-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_is_known_in_notions_spelling() {
        let notions = "New \\< **b**\n- one\n\t- two\n1. three\n1.5 and 2) no";
        let written = "New < **b**\n\n* one\n    + two\n\n3) three\n\n1.5 and 2) no";
        assert_eq!(bare(notions), bare(&escape(written)));
        assert_ne!(bare("- one"), bare("one"));
        assert_ne!(bare("1. one"), bare("- one"));
    }

    #[test]
    fn what_is_named_and_not_said_does_not_come_back() {
        for line in [
            "<unknown url=\"u\" alt=\"embed\"/>",
            "\t<page url=\"u\">Child</page>",
            "![a](https://f.example)",
        ] {
            assert!(!comes_back(line), "{line}");
        }
        assert!(comes_back("<callout icon=\"!\">") && comes_back("a < b [link](u)"));
    }

    #[test]
    fn a_stray_bracket_is_text_and_a_tag_is_a_tag() {
        for (plain, flavored) in [
            ("a < b and <tags> & c", "a \\< b and \\<tags> & c"),
            ("`x < 1` but x < 1", "`x < 1` but x \\< 1"),
            ("already \\<escaped\\>", "already \\<escaped\\>"),
            ("<callout icon=\"!\">\nx\n</callout>", "<callout icon=\"!\">\nx\n</callout>"),
            ("line<br>line <mention-user url=\"u\"/>", "line<br>line <mention-user url=\"u\"/>"),
            ("```\na < b\n```\na < b", "```\na < b\n```\na \\< b"),
            ("~~~\n```\n<x>\n~~~\n<x>", "~~~\n```\n<x>\n~~~\n\\<x>"),
            ("``a ` < b`` <c", "``a ` < b`` \\<c"),
            ("open ` < never closed", "open ` \\< never closed"),
            ("<", "\\<"),
        ] {
            assert_eq!(escape(plain), flavored, "{plain:?}");
            assert_eq!(escape(flavored), flavored, "escaping twice changes nothing: {flavored:?}");
        }
    }
}
