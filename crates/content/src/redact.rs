//! Treats an answer for its reader: fields by their classes, free text by what is found in it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::fields::Shape;
use crate::mask::is_stand_in;
use crate::{Class, Fields, Kind, People, Suspicion, TokenKey, Treatment, Treatments, find, mask, suspect};

/// Passes over one text. The second finds nothing but for texts that are made to be found twice.
const MOST_PASSES: usize = 8;

/// Treats texts for one reader.
#[derive(Clone, Copy, Debug)]
pub struct Redactor<'a> {
    /// What the reader may see.
    pub treatments: &'a Treatments,
    /// What tokens are made with.
    pub key: &'a TokenKey,
    /// Whose tokens they are: the same value has another token with another tenant.
    pub tenant: &'a str,
    /// Whom the answer names, besides those in fields of people.
    pub people: &'a People,
}

/// What was done to an answer and what was seen in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Values that are not shown as they are.
    pub redacted: usize,
    /// Texts that look like instructions to a model.
    pub suspected: usize,
    /// The rules they were suspected by, each once.
    pub rules: Vec<Cow<'static, str>>,
}

impl Tally {
    /// Notes a suspicion that weighs enough, and says whether it does.
    fn suspect(&mut self, suspicion: &Suspicion) -> bool {
        if !suspicion.is_suspected() {
            return false;
        }
        self.suspected += 1;
        for rule in &suspicion.rules {
            if !self.rules.iter().any(|known| known == rule) {
                self.rules.push(Cow::Borrowed(rule));
            }
        }
        true
    }
}

impl Redactor<'_> {
    /// A text with every finding treated by its class; borrowed if nothing had to be.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match self.treated(text).0 {
            None => Cow::Borrowed(text),
            Some(treated) => Cow::Owned(treated),
        }
    }

    /// The name of a person, as this reader may see it.
    #[must_use]
    pub fn person(&self, name: &str) -> String {
        self.whole(name, self.treatments.masks.of(Class::Personal), Some(Class::Personal))
    }

    /// A one-line text that stands in no field, as this reader may see it.
    #[must_use]
    pub fn label<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let hidden = self.treatments.masks.of(Class::Personal) != Treatment::Show;
        if hidden && self.people.has(text) { Cow::Owned(self.person(text)) } else { self.text(text) }
    }

    /// Treats an answer in place: `fields` says what is known of its members. Texts of our own making (ids, dates,
    /// the words of a list) pass as they are: they have to lead back to their records.
    pub fn answer(&self, answer: &mut Value, fields: &Fields) -> Tally {
        let mut tally = Tally::default();
        self.value(answer, fields, ("", ""), &mut tally);
        tally
    }

    fn value(&self, value: &mut Value, fields: &Fields, at: (&str, &str), tally: &mut Tally) {
        match value {
            Value::String(text) => self.string(text, fields, at, tally),
            Value::Array(items) => {
                let below = fields.items();
                // The items of `people` are people.
                let classed = Fields { class: below.class.or(fields.class), shape: Shape::Foreign };
                let below = if fields.class.is_some() { &classed } else { below };
                items.iter_mut().for_each(|item| self.value(item, below, at, tally));
            }
            Value::Object(members) => self.members(members, fields, at.1, tally),
            _ => {}
        }
    }

    fn members(&self, members: &mut Map<String, Value>, fields: &Fields, parent: &str, tally: &mut Tally) {
        if let Shape::Object { .. } | Shape::Unknown = fields.shape
            && self.treatments.drop_some()
        {
            let before = members.len();
            members.retain(|name, value| !self.leaves_out(parent, name, value, fields));
            tally.redacted += before - members.len();
        }
        for (name, value) in members.iter_mut() {
            self.value(value, fields.member(name), (parent, name), tally);
        }
        self.prose(members, tally);
    }

    /// Whether a member goes as a whole. What an answer must have stays and says that its value was removed.
    fn leaves_out(&self, parent: &str, name: &str, value: &Value, fields: &Fields) -> bool {
        let treatment = self.treatments.of_field(parent, name, class_of(fields.member(name)));
        treatment == Treatment::Drop && !value.is_object() && !fields.requires(name)
    }

    fn string(&self, text: &mut String, fields: &Fields, (parent, name): (&str, &str), tally: &mut Tally) {
        let ours = fields.shape == Shape::Ours;
        // Prose is looked at with its flags, see `prose`.
        if !ours && name != "untrusted" {
            tally.suspect(&suspect(text));
        }
        // A person is one in whatever field their name stands.
        let class = fields.class.or_else(|| (!ours && self.people.has(text)).then_some(Class::Personal));
        let treatment = self.treatments.of_field(parent, name, class);
        let treated = match treatment {
            Treatment::Show if ours => return,
            Treatment::Show => {
                let (treated, count) = self.treated(text);
                tally.redacted += count;
                treated
            }
            other => {
                let treated = self.whole(text, other, class);
                let changed = treated != *text;
                tally.redacted += usize::from(changed);
                changed.then_some(treated)
            }
        };
        if let Some(treated) = treated {
            *text = treated;
        }
    }

    /// Flags prose that looks like instructions, and marks it where the reader wants it marked.
    fn prose(&self, members: &mut Map<String, Value>, tally: &mut Tally) {
        let Some(Value::String(text)) = members.get_mut("untrusted") else { return };
        let suspicion = suspect(text);
        let marked = self.treatments.datamark && !text.is_empty();
        if marked {
            *text = datamarked(text);
        }
        if tally.suspect(&suspicion) {
            flag(members, "injection_suspected");
        }
        if marked {
            flag(members, "datamarked");
        }
    }

    /// A text with its findings treated, and how many there were. Looks again until nothing is left to treat, because
    /// what stands for one finding may uncover another beside it.
    fn treated(&self, text: &str) -> (Option<String>, usize) {
        let (mut treated, mut total) = (None, 0);
        for _ in 0..MOST_PASSES {
            let Some((next, count)) = self.pass(treated.as_deref().unwrap_or(text)) else { break };
            (treated, total) = (Some(next), total + count);
        }
        (treated, total)
    }

    fn pass(&self, text: &str) -> Option<(String, usize)> {
        let treatment = |kind: Kind| self.treatments.of(kind.class());
        let found = find(text);
        let hidden = found.into_iter().filter(|found| treatment(found.kind) != Treatment::Show);
        let (mut treated, mut from, mut count) = (String::new(), 0, 0);
        for found in hidden {
            treated.push_str(&text[from..found.start]);
            let value = &text[found.start..found.end];
            treated.push_str(&self.stand_in(value, found.kind, treatment(found.kind)));
            (from, count) = (found.end, count + 1);
        }
        if count == 0 {
            return None; // nearly every text: nothing is copied
        }
        treated.push_str(&text[from..]);
        Some((treated, count))
    }

    /// What stands for a whole value. One that is found in free text has the same stand-in as there.
    fn whole(&self, value: &str, treatment: Treatment, class: Option<Class>) -> String {
        if value.is_empty() || is_stand_in(value) {
            // Treating an answer twice changes nothing.
            return value.to_owned();
        }
        if let [only] = find(value)[..]
            && (only.start, only.end) == (0, value.len())
        {
            return self.stand_in(value, only.kind, treatment);
        }
        match treatment {
            Treatment::Show => value.to_owned(),
            // A number that nothing announces is a phone number because its model says so.
            Treatment::Mask if value.bytes().filter(u8::is_ascii_digit).count() > 6 => {
                mask::masked(Kind::Phone, value)
            }
            Treatment::Mask => mask::words(value),
            Treatment::Tokenize => {
                let name = if class == Some(Class::Personal) { "person" } else { "value" };
                self.key.token(self.tenant, name, &value.to_lowercase())
            }
            Treatment::Drop => mask::REMOVED.to_owned(),
        }
    }

    fn stand_in(&self, value: &str, kind: Kind, treatment: Treatment) -> String {
        match treatment {
            Treatment::Show => value.to_owned(),
            Treatment::Mask => mask::masked(kind, value),
            Treatment::Tokenize => self.key.token(self.tenant, kind.name(), &mask::normal(kind, value)),
            Treatment::Drop => mask::REMOVED.to_owned(),
        }
    }
}

/// The class of a member, or of its items.
fn class_of(fields: &Fields) -> Option<Class> {
    fields.class.or_else(|| fields.items().class)
}

fn flag(members: &mut Map<String, Value>, flag: &str) {
    let flags = members.entry("flags").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(flags) = flags
        && !flags.iter().any(|known| known == flag)
    {
        flags.push(flag.into());
    }
}

/// Words joined by a mark; lines stay lines.
fn datamarked(text: &str) -> String {
    const MARK: &str = "^";
    let line = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(MARK);
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests;
