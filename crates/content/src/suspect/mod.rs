//! Flags text that talks to a model instead of a reader. A flag is a hint, never a verdict: nothing is blocked or
//! rewritten, the workflow counts as tainted and a write may need an approval (security, section 2.10).
//!
//! A rule is a handful of word classes that meet within a few words, in any order, so that it holds in several
//! languages; a single telling word is never enough.

mod encoded;
mod phrases;
mod words;

use words::{
    CALL, MODEL, MUST, NEW, NOT, OUTSIDE, OVERRIDE, PRIOR, REVEAL, RULES, SECRETS, SEND, SYSTEM, TELL, TOOL,
    USER,
};

/// The weight from which a text is suspected.
const SUSPECTED: u32 = 3;

/// Bytes of a text that are looked at: what is longer is prose that a model reads in part, too.
const MOST: usize = 64 * 1024;

/// Bytes of the shortest text that could say anything: names and words of a list are not looked at.
const SHORTEST: usize = 12;

/// What a text was suspected by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Suspicion {
    /// The rules that it meets, each once.
    pub rules: Vec<&'static str>,
    /// Their weights added up.
    pub score: u32,
}

impl Suspicion {
    /// Whether the rules together weigh enough.
    #[must_use]
    pub fn is_suspected(&self) -> bool {
        self.score >= SUSPECTED
    }

    fn add(&mut self, rule: &'static str, weight: u32) {
        if !self.rules.contains(&rule) {
            self.rules.push(rule);
            self.score += weight;
        }
    }
}

/// Word classes that meet within so many words.
struct Meeting {
    rule: &'static str,
    classes: u32,
    within: usize,
    weight: u32,
}

const MEETINGS: &[Meeting] = &[
    Meeting { rule: "override", classes: OVERRIDE | PRIOR | RULES, within: 8, weight: 3 },
    Meeting { rule: "new_instructions", classes: NEW | RULES | MODEL, within: 12, weight: 2 },
    Meeting { rule: "reveal_prompt", classes: REVEAL | SYSTEM | RULES, within: 7, weight: 3 },
    Meeting { rule: "address_model", classes: MODEL | MUST, within: 5, weight: 2 },
    Meeting { rule: "exfiltrate", classes: SEND | SECRETS | OUTSIDE, within: 16, weight: 2 },
    Meeting { rule: "collect_secrets", classes: SEND | SECRETS, within: 8, weight: 1 },
    Meeting { rule: "conceal", classes: NOT | TELL | USER, within: 6, weight: 2 },
    Meeting { rule: "call_tool", classes: CALL | TOOL, within: 4, weight: 1 },
];

/// What speaks for a text being written for a model.
#[must_use]
pub fn suspect(text: &str) -> Suspicion {
    let mut suspicion = Suspicion::default();
    if text.len() < SHORTEST {
        return suspicion;
    }
    let text = crate::cut(text, MOST);
    look(text, &mut suspicion);
    if let Some(hidden) = encoded::decoded(text) {
        let mut inner = Suspicion::default();
        look(&hidden, &mut inner);
        if inner.is_suspected() {
            suspicion.add("encoded", SUSPECTED);
        }
    }
    suspicion
}

fn look(text: &str, suspicion: &mut Suspicion) {
    let (mut seen, mut last) = (0, [0; words::CLASSES]);
    for (place, word) in words::of(text).enumerate() {
        let classes = words::classes(word);
        if classes == 0 {
            continue;
        }
        seen |= classes;
        for (bit, last) in last.iter_mut().enumerate() {
            if classes & (1 << bit) != 0 {
                *last = place;
            }
        }
        for meeting in MEETINGS.iter().filter(|meeting| meeting.classes & classes != 0) {
            if meeting.holds(seen, &last, place) {
                suspicion.add(meeting.rule, meeting.weight);
            }
        }
    }
    phrases::look(text, suspicion);
}

impl Meeting {
    /// Whether all its classes were `seen`, and each near enough: `last` has the place of each.
    fn holds(&self, seen: u32, last: &[usize; words::CLASSES], place: usize) -> bool {
        let near =
            |(bit, last): (usize, &usize)| self.classes & (1 << bit) == 0 || place - last <= self.within;
        self.classes & !seen == 0 && last.iter().enumerate().all(near)
    }
}

#[cfg(test)]
mod tests;
