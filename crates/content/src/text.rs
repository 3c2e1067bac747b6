//! Vendor texts as types, so that none leaves unmarked.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::clean::every;
use crate::{clean, cut, find, people};

/// Who wrote a text, as far as the vendor tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Author {
    /// Somebody outside the company.
    Customer,
    /// Somebody of the company.
    #[default]
    Internal,
    /// Nobody the vendor could name.
    Anonymous,
    /// A program.
    Machine,
}

/// What cleaning found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Flag {
    /// Hidden or bidirectional characters were removed.
    HiddenCharacters,
    /// HTML comments were removed.
    HtmlComments,
    /// The text was cut at [`FreeText::LIMIT`] bytes.
    Cut,
}

/// Prose from a vendor: data for the reader to weigh, never instructions. Cleaned on construction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FreeText {
    untrusted: String,
    from: Author,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    flags: Vec<Flag>,
}

impl FreeText {
    /// Bytes of one text that leave the server: 16 kB.
    pub const LIMIT: usize = 16_000;
    /// Bytes of a vendor's text that are looked at: what follows can only be seen if most before it is hidden.
    const LOOKED_AT: usize = 8 * Self::LIMIT;

    /// Cleans `text`.
    #[must_use]
    pub fn new(text: &str, from: Author) -> Self {
        let looked_at = cut_beside(text, Self::LOOKED_AT);
        let cleaned = clean(looked_at);
        let kept = cut_beside(&cleaned.text, Self::LIMIT);
        let flags = [
            (cleaned.hidden, Flag::HiddenCharacters),
            (cleaned.comments, Flag::HtmlComments),
            (kept.len() < cleaned.text.len() || looked_at.len() < text.len(), Flag::Cut),
        ];
        Self {
            untrusted: kept.trim().to_owned(),
            from,
            flags: flags.into_iter().filter_map(|(found, flag)| found.then_some(flag)).collect(),
        }
    }

    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.untrusted
    }

    /// Shortens the text to at most `bytes` bytes and says so.
    pub fn shorten(&mut self, bytes: usize) {
        if self.untrusted.len() > bytes {
            self.untrusted.truncate(cut_beside(&self.untrusted, bytes).len());
            if !self.flags.contains(&Flag::Cut) {
                self.flags.push(Flag::Cut);
            }
        }
    }
}

// By hand, to keep the schema small: it stands in every catalogue entry that returns prose.
impl JsonSchema for FreeText {
    fn schema_name() -> Cow<'static, str> {
        "FreeText".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "object",
            "properties": {
                "untrusted": { "type": "string" },
                "from": { "type": "string", "enum": ["customer", "internal", "anonymous", "machine"] },
                "flags": { "type": "array", "items": { "type": "string" } }
            },
            "required": ["untrusted", "from"]
        })
    }
}

/// A one-line text from a vendor (a title, a name): cleaned, on one line, cut at 200 characters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    text: String,
    of_person: bool,
}

impl Label {
    /// Characters of one label that leave the server.
    pub const LIMIT: usize = 200;

    /// Cleans `text`, folds white space and cuts it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let cleaned = clean(text);
        if is_line(&cleaned.text) {
            return Self { text: cleaned.text.into_owned(), of_person: false };
        }
        let mut label = String::with_capacity(cleaned.text.len().min(256));
        for word in cleaned.text.split_whitespace() {
            if !label.is_empty() {
                label.push(' ');
            }
            label.push_str(word);
        }
        if let Some((end, _)) = label.char_indices().nth(Self::LIMIT) {
            // One character is given up for the sign that something is missing.
            let keep = label[..end].char_indices().next_back().map_or(0, |(i, _)| i);
            label.truncate(cut_beside(&label, keep).len());
            label.push('…');
        }
        Self { text: label, of_person: false }
    }

    /// The same, as the name of a person: where it leaves in no classed field, it is treated as one ([`crate::People`]).
    #[must_use]
    pub fn of_person(self) -> Self {
        Self { of_person: true, ..self }
    }

    /// Whether it names a person.
    #[must_use]
    pub fn is_of_person(&self) -> bool {
        self.of_person
    }

    /// The cleaned text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Bytes behind a cut that what is found across it may end in: more than the longest private key has.
const FINDING: usize = 8_000;

/// The text up to `bytes`, or up to what is found there: half a card number is not found any more when the answer is
/// treated for its reader, and is still most of one.
fn cut_beside(text: &str, bytes: usize) -> &str {
    let kept = cut(text, bytes);
    if kept.len() == text.len() {
        return kept;
    }
    let end = kept.len();
    let across =
        find(cut(text, end + FINDING)).into_iter().find(|found| found.start < end && end < found.end);
    &kept[..across.map_or(end, |found| found.start)]
}

/// Whether a text is as a label leaves, which nearly every one is: short, ASCII, its words one space apart.
fn is_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    let apart = |pair: &[u8]| pair != b"  ";
    bytes.len() <= Label::LIMIT
        && every(text, |b| (b' '..0x7F).contains(&b))
        && bytes.windows(2).all(apart)
        && !text.starts_with(' ')
        && !text.ends_with(' ')
}

impl Serialize for Label {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.of_person {
            people::met(&self.text);
        }
        to.serialize_str(&self.text)
    }
}

impl From<&str> for Label {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl std::fmt::Display for Label {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Label {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Self::new(&Cow::<str>::deserialize(from)?))
    }
}

impl JsonSchema for Label {
    fn schema_name() -> Cow<'static, str> {
        "Label".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-untrusted": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_text_says_what_was_done_to_it() {
        let text = FreeText::new("hi\u{200B} <!-- obey -->there", Author::Customer);
        assert_eq!(
            serde_json::to_value(&text).unwrap(),
            serde_json::json!({"untrusted": "hi there", "from": "customer", "flags": ["hidden_characters", "html_comments"]})
        );
        let long = FreeText::new(&"é".repeat(20_000), Author::Internal);
        assert!(long.as_str().len() <= FreeText::LIMIT);
        assert_eq!(long.flags, [Flag::Cut]);
    }

    #[test]
    fn what_lies_far_beyond_the_limit_is_not_looked_at_and_that_is_said() {
        let text = format!("a{}b", "\u{200B}".repeat(FreeText::LIMIT * 3));
        let text = FreeText::new(&text, Author::Internal);
        assert_eq!(text.as_str(), "a");
        assert_eq!(text.flags, [Flag::HiddenCharacters, Flag::Cut]);
    }

    #[test]
    fn a_text_is_cut_beside_what_is_found_in_it_and_never_within() {
        for (value, left) in [("4111 1111 1111 1111", "4111"), ("jane.doe@acme.example", "jane")] {
            for before in FreeText::LIMIT - value.len() - 1..FreeText::LIMIT {
                let text = format!("{} {value} x", "-".repeat(before));
                let text = FreeText::new(&text, Author::Customer);
                let whole = text.as_str().contains(value);
                assert!(whole || !text.as_str().contains(left), "{before}: {}", &text.as_str()[before..]);
            }
            let mut text = FreeText::new(&format!("Pay with {value} today"), Author::Customer);
            text.shorten("Pay with ".len() + value.len() - 1);
            assert_eq!((text.as_str(), &text.flags[..]), ("Pay with ", &[Flag::Cut][..]));
            let label = Label::new(&format!("{} {value} x", "x".repeat(Label::LIMIT - value.len())));
            assert!(label.as_str().ends_with("x …"), "{label}");
        }
    }

    #[test]
    fn a_label_is_one_short_line() {
        for text in [
            " two\n\tlines\u{202E} ",
            "two lines",
            "two  lines",
            " two lines",
            "two lines ",
            "two\u{A0}lines",
        ] {
            assert_eq!(Label::new(text).as_str(), "two lines", "{text:?}");
        }
        assert_eq!(Label::new(" ").as_str(), "");
        assert_eq!(Label::new(&"ü".repeat(300)).as_str().chars().count(), Label::LIMIT);
        assert!(Label::new(&"ü".repeat(300)).as_str().ends_with('…'));
        assert_eq!(Label::new(&"x".repeat(200)).as_str().len(), 200);
    }
}
