//! Text of a `/search/issues` query, built from typed parts so that no text can widen it.
//!
//! One query asks for one repository: several `repo:` qualifiers mean "any of" in one version of GitHub's syntax
//! and "all of" in the other, and parentheses exist in only one of them. Callers' text stands in quotes, word by
//! word, with the two characters left out that could end a quote or escape its end
//! (docs.github.com, "Understanding the search syntax"; "Searching issues and pull requests").

use error::{Error, Result};
use jiff::Timestamp;

use super::place::Repository;

/// What is searched for; GitHub accepts no query without it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Issues and nothing else.
    Issue,
    /// Pull requests and nothing else.
    Pull,
}

/// A query over one repository. All parts hold together.
#[derive(Clone, Debug)]
pub(super) struct Search {
    parts: Vec<String>,
    verbatim: bool,
}

/// GitHub's longest query, operators and qualifiers aside (docs.github.com, "Search", "Limitations on query
/// length"). Characters.
const LONGEST_TEXT: usize = 256;

impl Search {
    /// Everything of a kind in a repository.
    pub(super) fn new(kind: Kind, repository: &Repository) -> Self {
        let kind = match kind {
            Kind::Issue => "is:issue",
            Kind::Pull => "is:pr",
        };
        Self { parts: vec![kind.to_owned(), format!("repo:{repository}")], verbatim: true }
    }

    /// Containing all these words.
    ///
    /// Errors: `invalid_argument` if nothing searchable is left of them, or too much.
    pub(super) fn words(mut self, text: &str) -> Result<Self> {
        let words: Vec<String> = searchable_words(text).map(|word| quoted(&word)).collect();
        if words.is_empty() {
            return Err(Error::invalid("text", "holds no word to search for"));
        }
        if words.iter().map(|word| word.chars().count() + 1).sum::<usize>() > LONGEST_TEXT {
            return Err(Error::invalid(
                "text",
                format!("GitHub searches for at most {LONGEST_TEXT} characters"),
            ));
        }
        self.parts.extend(words);
        Ok(self)
    }

    /// Looks for the words in the body alone.
    pub(super) fn in_body(mut self) -> Self {
        self.parts.push("in:body".into());
        self
    }

    /// Open, or closed.
    pub(super) fn open(mut self, open: bool) -> Self {
        self.parts.push(if open { "is:open".into() } else { "is:closed".into() });
        self
    }

    /// Assigned to this login. Errors: `invalid_argument` for what no login can be.
    pub(super) fn assignee(mut self, login: &str) -> Result<Self> {
        if !is_login(login) {
            return Err(Error::invalid("assignee", "is no GitHub login"));
        }
        self.parts.push(format!("assignee:{login}"));
        Ok(self)
    }

    /// Assigned to nobody.
    pub(super) fn unassigned(mut self) -> Self {
        self.parts.push("no:assignee".into());
        self
    }

    /// Without any label.
    pub(super) fn unlabeled(mut self) -> Self {
        self.parts.push("no:label".into());
        self
    }

    /// Bearing at least one of these labels.
    pub(super) fn any_label<'a>(mut self, labels: impl IntoIterator<Item = &'a str>) -> Self {
        let labels: Vec<String> = labels.into_iter().map(|label| self.value(label)).collect();
        self.parts.push(format!("label:{}", labels.join(",")));
        self
    }

    /// Bearing none of these labels.
    pub(super) fn no_label<'a>(mut self, labels: impl IntoIterator<Item = &'a str>) -> Self {
        for label in labels {
            let label = self.value(label);
            self.parts.push(format!("-label:{label}"));
        }
        self
    }

    /// In the milestone of this title.
    pub(super) fn milestone(mut self, title: &str) -> Self {
        let title = self.value(title);
        self.parts.push(format!("milestone:{title}"));
        self
    }

    /// Changed at or after.
    pub(super) fn updated_from(mut self, from: Timestamp) -> Self {
        self.parts.push(format!("updated:>={}", next_second(from)));
        self
    }

    /// Changed before.
    pub(super) fn updated_until(mut self, until: Timestamp) -> Self {
        self.parts.push(format!("updated:<{}", next_second(until)));
        self
    }

    /// Whether every label and milestone stands in it as it is called: no quotes could hold some.
    pub(super) fn is_verbatim(&self) -> bool {
        self.verbatim
    }

    /// The query as GitHub reads it.
    pub(super) fn text(&self) -> String {
        self.parts.join(" ")
    }

    fn value(&mut self, text: &str) -> String {
        self.verbatim &= text.trim() == text && !text.contains(is_breaking);
        quoted(text)
    }
}

/// The moment as a bound. GitHub's times are whole seconds: what is at or after a fraction is so in the next one.
fn next_second(at: Timestamp) -> String {
    let fraction = i64::from(at.subsec_nanosecond() > 0);
    let at = Timestamp::from_second(at.as_second().saturating_add(fraction)).unwrap_or(at);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// The words of a text that can be searched for.
pub(super) fn searchable_words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| c.is_whitespace() || is_breaking(c))
        .map(str::to_owned)
        .filter(|word| word.chars().any(char::is_alphanumeric))
}

/// Whether an account may be called so: letters, digits, hyphens, and what managed users (`ana_acme`) and apps
/// (`ci[bot]`) add.
pub(super) fn is_login(text: &str) -> bool {
    let bare = text.strip_suffix("[bot]").unwrap_or(text);
    let allowed = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
    !bare.is_empty() && !bare.starts_with('-') && bare.len() <= 100 && bare.bytes().all(allowed)
}

/// In quotes, on one line, without what could end the quote.
fn quoted(text: &str) -> String {
    let inner: String = text.chars().map(|c| if is_breaking(c) { ' ' } else { c }).collect();
    format!("\"{}\"", inner.trim())
}

/// Quotes in every form that a search box may take for one, the escape, and what is not printed.
fn is_breaking(c: char) -> bool {
    matches!(c, '"' | '\\' | '\u{201C}'..='\u{201F}' | '\u{2033}' | '\u{FF02}' | '\u{2028}' | '\u{2029}')
        || c.is_control()
}
