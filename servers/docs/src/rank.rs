//! Which runbook fits best, and where in it the steps are.

use std::collections::BTreeSet;

use content::Label;

use crate::markdown::{Outline, Span};
use crate::model::Document;

/// Titles of sections that say what to do, the surest first.
const STEPS: [&str; 12] = [
    "steps",
    "procedure",
    "what to do",
    "mitigation",
    "remediation",
    "resolution",
    "recovery",
    "actions",
    "runbook",
    "fix",
    "response",
    "instructions",
];

/// Words that say nothing about what is wrong.
const NOISE: [&str; 24] = [
    "the", "and", "for", "with", "from", "are", "was", "is", "in", "on", "of", "to", "a", "an", "it", "at",
    "by", "we", "our", "that", "this", "has", "have", "not",
];

/// What is looked for in runbooks.
pub(crate) struct Words {
    service: Option<String>,
    alert: Option<String>,
    symptom: BTreeSet<String>,
}

impl Words {
    /// From what the caller said.
    pub(crate) fn new(service: Option<&str>, alert: Option<&str>, symptom: Option<&str>) -> Self {
        let folded = |text: Option<&str>| text.map(folded).filter(|t| !t.is_empty());
        Self {
            service: folded(service),
            alert: folded(alert),
            symptom: symptom.map(words).unwrap_or_default().into_iter().filter(|w| is_telling(w)).collect(),
        }
    }

    /// Whether nothing was said.
    pub(crate) fn is_empty(&self) -> bool {
        self.service.is_none() && self.alert.is_none() && self.symptom.is_empty()
    }

    /// How well a document with this text fits, and by what. The alert's very name weighs most, then the service, then
    /// each word of the symptom; what stands in the title counts double. 0 fits not at all.
    pub(crate) fn score(&self, document: &Document, text: &str) -> (u32, Vec<String>) {
        let labels = document.labels.iter().map(Label::as_str).collect::<Vec<_>>().join(" ");
        let head = folded(&format!("{} {labels}", document.title));
        let service = document.service.as_ref().map(|s| folded(s.as_str())).unwrap_or_default();
        let snippet = document.snippet.as_ref().map_or("", |s| s.as_str());
        let body = folded(&format!("{snippet} {text}"));
        let (mut score, mut matched) = (0, Vec::new());
        let mut weigh = |name: &str, phrase: &str, weight: u32| {
            let found = match (contains(&head, phrase), contains(&body, phrase)) {
                (true, _) => 2 * weight,
                (false, true) => weight,
                (false, false) => 0,
            };
            if found > 0 {
                score += found;
                matched.push(name.to_owned());
            }
        };
        if let Some(alert) = &self.alert {
            weigh("alert", alert, 20);
        }
        if let Some(wanted) = &self.service {
            match service == *wanted {
                true => {
                    score += 20;
                    matched.push("service".to_owned());
                }
                false => weigh("service", wanted, 8),
            }
        }
        let mut symptoms = 0;
        for word in &self.symptom {
            let in_head = contains(&head, word);
            if in_head || contains(&body, word) {
                symptoms += if in_head { 4 } else { 2 };
                matched.push(word.clone());
            }
        }
        (score + symptoms, matched)
    }
}

/// The words of a text that say something, as they are written, each once.
pub(crate) fn telling(text: &str) -> Vec<&str> {
    let bare = text.split_whitespace().map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()));
    let mut seen = BTreeSet::new();
    bare.filter(|word| is_telling(&word.to_lowercase()) && seen.insert(word.to_lowercase())).collect()
}

/// The section that says what to do: the first whose title is the surest sign.
pub(crate) fn steps<'o>(outline: &'o Outline<'_>) -> Option<&'o Span> {
    let says = |span: &&Span, sign: &str| contains(&folded(span.section.title.as_str()), sign);
    STEPS.iter().find_map(|sign| outline.spans().iter().find(|s| s.heading.is_some() && says(s, sign)))
}

/// Lower case words, one space apart: `Checkout-API` and `checkout api` are the same.
fn folded(text: &str) -> String {
    words(text).join(" ")
}

fn words(text: &str) -> Vec<String> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_lowercase).collect()
}

fn is_telling(word: &str) -> bool {
    word.chars().count() > 1 && !NOISE.contains(&word)
}

/// Whether whole words of `text` are `phrase`; both folded.
fn contains(text: &str, phrase: &str) -> bool {
    let on_edges = |at: usize| {
        let end = at + phrase.len();
        (at == 0 || text.as_bytes()[at - 1] == b' ') && (end == text.len() || text.as_bytes()[end] == b' ')
    };
    text.match_indices(phrase).any(|(at, _)| on_edges(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_whole_words() {
        assert!(contains(&folded("The Checkout-API is down"), &folded("checkout_api")));
        assert!(!contains("checkouts", "checkout") && !contains("precheckout", "checkout"));
        assert!(Words::new(Some(" - "), None, Some("the of a")).is_empty());
    }

    #[test]
    fn telling_words_stay_as_they_are_written() {
        assert_eq!(telling("The queue, and ERR_POOL (queue) - of 3DS!"), ["queue", "ERR_POOL", "3DS"]);
    }

    #[test]
    fn steps_are_found_under_many_names() {
        for (text, anchor) in [
            ("# Why\n## Response\nx\n## Steps to take\ny", Some("steps-to-take")),
            ("# Overview\n## Mitigation\nx", Some("mitigation")),
            ("# Background\n## History", None),
        ] {
            let outline = Outline::of(text);
            assert_eq!(steps(&outline).map(|s| s.section.anchor.as_str()), anchor);
        }
    }
}
