//! Rust source as tidy reads it: code, texts and comments apart, test code marked.
//!
//! A scanner, not a parser: it knows comments, string and character literals and the reach of `#[cfg(test)]`.
//! That is enough to tell a call of `panic!` from a sentence about one.

/// One line of a Rust file.
#[derive(Clone, Debug, Default)]
pub(super) struct Line {
    /// The line without comments; literals are reduced to their quotes.
    pub(super) code: String,
    /// The contents of the string literals on the line.
    pub(super) texts: Vec<String>,
    /// What stands in comments, doc comments included.
    pub(super) comment: String,
    /// Whether the line belongs to an item under `#[cfg(test)]`.
    pub(super) test: bool,
}

/// Splits a file into lines; line `n` of the file is at `n - 1`.
pub(super) fn lines(source: &str) -> Vec<Line> {
    let mut scanner = Scanner::default();
    let chars: Vec<char> = source.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        at += scanner.step(&chars[at..]);
    }
    scanner.end_line();
    mark_tests(&mut scanner.lines);
    scanner.lines
}

/// The modules that a file declares under `#[cfg(test)]` and keeps in files of their own.
pub(super) fn test_modules(lines: &[Line]) -> Vec<String> {
    let declared = |line: &Line| {
        let name = line.code.trim().split("mod ").nth(1)?.strip_suffix(';')?;
        Some(name.trim().to_owned())
    };
    lines.iter().filter(|line| line.test).filter_map(declared).collect()
}

/// Whether `word` stands in `text` as a whole identifier.
pub(super) fn has_word(text: &str, word: &str) -> bool {
    let boundary = |c: Option<char>| !c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        boundary(text[..at].chars().next_back()) && boundary(text[at + word.len()..].chars().next())
    })
}

/// `search_issues` as the type name `SearchIssues`.
pub(crate) fn pascal(name: &str) -> String {
    let capital = |word: &str| {
        let mut chars = word.chars();
        chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect::<String>()
    };
    name.split('_').map(capital).collect()
}

#[derive(Default)]
struct Scanner {
    lines: Vec<Line>,
    line: Line,
    text: String,
    mode: Mode,
    /// The character before the current one, to tell the raw string `r"` from the end of a name.
    before: char,
}

#[derive(Clone, Copy, Default, PartialEq)]
enum Mode {
    #[default]
    Code,
    LineComment,
    /// Block comments nest.
    BlockComment(u32),
    Text,
    /// A raw string and its number of `#`.
    RawText(usize),
}

impl Scanner {
    /// Reads one token or character from the front of `rest` and returns its length.
    fn step(&mut self, rest: &[char]) -> usize {
        if rest[0] == '\n' {
            if self.mode == Mode::LineComment {
                self.mode = Mode::Code;
            }
            self.end_line();
            self.before = '\n';
            return 1;
        }
        let length = match self.mode {
            Mode::Code => self.code(rest),
            Mode::LineComment => self.comment(rest, 1),
            Mode::BlockComment(depth) => self.block_comment(rest, depth),
            Mode::Text => self.text(rest),
            Mode::RawText(hashes) => self.raw_text(rest, hashes),
        };
        self.before = rest[length - 1];
        length
    }

    fn end_line(&mut self) {
        if matches!(self.mode, Mode::Text | Mode::RawText(_)) {
            self.end_text();
        }
        self.lines.push(std::mem::take(&mut self.line));
    }

    fn end_text(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.line.texts.push(text);
    }

    fn code(&mut self, rest: &[char]) -> usize {
        if starts(rest, "//") {
            self.mode = Mode::LineComment;
            return 2;
        }
        if starts(rest, "/*") {
            self.mode = Mode::BlockComment(1);
            return 2;
        }
        if let Some((length, hashes)) = self.raw_opening(rest) {
            self.mode = Mode::RawText(hashes);
            self.line.code.push('"');
            return length;
        }
        if rest[0] == '"' {
            self.mode = Mode::Text;
        }
        if let Some(length) = char_literal(rest) {
            self.line.code.push_str("''");
            return length;
        }
        self.line.code.push(rest[0]);
        1
    }

    /// The length and number of `#` of `r"`, `r#"`, `br"`, `cr"`, if `rest` begins with one.
    fn raw_opening(&self, rest: &[char]) -> Option<(usize, usize)> {
        if self.before.is_alphanumeric() || self.before == '_' {
            return None;
        }
        let prefix = ["r", "br", "cr"].into_iter().find(|prefix| starts(rest, prefix))?.len();
        let hashes = rest[prefix..].iter().take_while(|c| **c == '#').count();
        (rest.get(prefix + hashes) == Some(&'"')).then_some((prefix + hashes + 1, hashes))
    }

    fn comment(&mut self, rest: &[char], length: usize) -> usize {
        self.line.comment.extend(&rest[..length]);
        length
    }

    fn block_comment(&mut self, rest: &[char], depth: u32) -> usize {
        if starts(rest, "*/") {
            self.mode = if depth == 1 { Mode::Code } else { Mode::BlockComment(depth - 1) };
            return 2;
        }
        if starts(rest, "/*") {
            self.mode = Mode::BlockComment(depth + 1);
            return 2;
        }
        self.comment(rest, 1)
    }

    fn text(&mut self, rest: &[char]) -> usize {
        match rest {
            ['\\', escaped, ..] if *escaped != '\n' => {
                self.text.extend(['\\', *escaped]);
                2
            }
            ['"', ..] => self.close_text(1),
            _ => {
                self.text.push(rest[0]);
                1
            }
        }
    }

    fn raw_text(&mut self, rest: &[char], hashes: usize) -> usize {
        let closes = rest[0] == '"' && rest[1..].iter().take_while(|c| **c == '#').count() >= hashes;
        if closes {
            return self.close_text(1 + hashes);
        }
        self.text.push(rest[0]);
        1
    }

    fn close_text(&mut self, length: usize) -> usize {
        self.mode = Mode::Code;
        self.line.code.push('"');
        self.end_text();
        length
    }
}

fn starts(rest: &[char], prefix: &str) -> bool {
    rest.len() >= prefix.len() && prefix.chars().eq(rest[..prefix.len()].iter().copied())
}

/// The length of a character literal at the front; a lifetime is none.
fn char_literal(rest: &[char]) -> Option<usize> {
    match rest {
        ['\'', '\\', _, tail @ ..] => Some(4 + tail.iter().position(|c| *c == '\'')?),
        ['\'', _, '\'', ..] => Some(3),
        _ => None,
    }
}

/// Marks every item under `#[cfg(test)]` or the feature `testing`, and the whole file under `#![cfg(test)]`.
fn mark_tests(lines: &mut [Line]) {
    let mut at = 0;
    while at < lines.len() {
        let code = lines[at].code.trim();
        let end = if code.starts_with("#![cfg(test)]") {
            lines.len()
        } else if is_test_gate(&lines[at]) {
            item_end(lines, at)
        } else {
            at += 1;
            continue;
        };
        lines[at..end].iter_mut().for_each(|line| line.test = true);
        at = end;
    }
}

/// Whether what follows is compiled for tests alone: ours, or those of the crates that depend on this one.
fn is_test_gate(line: &Line) -> bool {
    let code = line.code.trim();
    let gates = ["#[cfg(feature = \"\")]", "#[cfg(any(test, feature = \"\"))]"];
    let for_others = gates.contains(&code) && line.texts == ["testing"];
    for_others || code.starts_with("#[cfg(test)]") || code.starts_with("#[cfg(all(test")
}

/// The line after the item whose attributes begin at `start`: past its `;`, or past its closing brace.
fn item_end(lines: &[Line], start: usize) -> usize {
    let mut depth = 0_i32;
    for (at, line) in lines.iter().enumerate().skip(start) {
        for c in line.code.chars() {
            match c {
                '{' | '(' | '[' => depth += 1,
                ')' | ']' => depth -= 1,
                '}' => {
                    depth -= 1;
                    if depth == 0 {
                        return at + 1;
                    }
                }
                ';' if depth == 0 => return at + 1,
                _ => {}
            }
        }
    }
    lines.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_texts_and_comments_are_told_apart() {
        let source = "let a = \"panic!()\"; // panic!\nlet b = r#\"x \" y\"#; /* a /* b */ c */ go('\"', '\\'', &'a x)";
        let lines = lines(source);
        assert_eq!(lines[0].code, "let a = \"\"; ");
        assert_eq!(lines[0].texts, ["panic!()"]);
        assert_eq!(lines[0].comment, " panic!");
        assert_eq!(lines[1].code, "let b = \"\";  go('', '', &'a x)");
        assert_eq!(lines[1].texts, ["x \" y"]);
    }

    #[test]
    fn a_text_over_several_lines_stays_text() {
        let lines = lines("f(\"one\ntwo \\\" three\");\ng();");
        assert_eq!(lines[0].texts, ["one"]);
        assert_eq!(lines[1].texts, ["two \\\" three"]);
        assert_eq!(lines[2].code, "g();");
    }

    #[test]
    fn only_items_under_cfg_test_are_tests() {
        let lines = lines(
            "fn a() {}\n#[cfg(test)]\nfn b(x: [u8; 2]) {\n x\n}\nfn c() {}\n#[cfg(test)]\nmod behavior;\n",
        );
        let tests: Vec<bool> = lines.iter().map(|line| line.test).collect();
        assert_eq!(tests, [false, true, true, true, true, false, true, true, false]);
        assert_eq!(test_modules(&lines), ["behavior"]);
    }

    #[test]
    fn what_other_crates_test_with_is_test_code_and_other_features_are_not() {
        let kit = lines("#[cfg(feature = \"testing\")]\npub mod testing;\n");
        assert_eq!(test_modules(&kit), ["testing"]);
        let shared = lines("#[cfg(any(test, feature = \"testing\"))]\npub mod testing;\n");
        assert_eq!(test_modules(&shared), ["testing"]);
        let shipped = lines("#[cfg(feature = \"sandbox\")]\nmod demo;\n");
        assert_eq!(test_modules(&shipped), [""; 0]);
    }

    #[test]
    fn a_word_is_not_a_part_of_another() {
        assert!(has_word("use super::wire;", "wire"));
        assert!(!has_word("wiremock", "wire") && !has_word("rewire", "wire"));
    }
}
