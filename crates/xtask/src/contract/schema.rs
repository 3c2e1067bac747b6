//! What changed between two schemas, for those who send what fits them or read what comes.
//!
//! A schema is a set of values. Who sends is hurt where the set of an input gets smaller, who reads where that of an
//! output gets larger: a client that was written against the old schema could trip. Outputs are open, so that a new
//! member hurts nobody.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::{Change, version::Size};

/// Which way the values go.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Input,
    Output,
}

/// What became of the set of values that fit.
#[derive(Clone, Copy)]
enum Turn {
    Narrowed,
    Widened,
    /// Neither set holds the other, or nobody can tell.
    Other,
}

/// Keywords that bound from below; more is narrower.
const FROM: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];

/// Keywords that bound from above; less is narrower.
const TO: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

/// Keywords that a value meets or does not.
const TESTS: [&str; 5] = ["pattern", "format", "const", "multipleOf", "uniqueItems"];

/// Keywords that are compared member by member.
const PARTS: [&str; 6] = ["type", "enum", "properties", "required", "items", "additionalProperties"];

/// The changes from one schema of a tool to another.
pub(super) fn changes(tool: &str, side: Side, before: &Value, now: &Value) -> Vec<Change> {
    let mut walk = Walk { tool, side, changes: Vec::new() };
    walk.schema("", before, now);
    walk.changes
}

struct Walk<'a> {
    tool: &'a str,
    side: Side,
    changes: Vec<Change>,
}

impl Walk<'_> {
    fn schema(&mut self, path: &str, before: &Value, now: &Value) {
        if before == now {
            return;
        }
        self.types(path, before, now);
        self.values(path, before, now);
        self.bounds(path, before, now);
        self.tests(path, before, now);
        self.members(path, before, now);
        self.openness(path, before, now);
        self.nested(&format!("{path}[]"), "items", before, now);
        self.words(path, before, now);
    }

    fn types(&mut self, path: &str, before: &Value, now: &Value) {
        let (old, new) = (types(before), types(now));
        if old == new {
            return;
        }
        let says = format!("is {}, was {}", list(&new), list(&old));
        self.note(path, turn(within(&old, &new), within(&new, &old)), says);
    }

    fn values(&mut self, path: &str, before: &Value, now: &Value) {
        let (old, new) = (before.get("enum").map(texts), now.get("enum").map(texts));
        match (old, new) {
            (Some(old), Some(new)) => {
                let (gone, added) = (old.difference(&new), new.difference(&old));
                let (gone, added): (BTreeSet<_>, BTreeSet<_>) =
                    (gone.cloned().collect(), added.cloned().collect());
                if !gone.is_empty() {
                    self.note(path, Turn::Narrowed, format!("can no longer be {}", list(&gone)));
                }
                if !added.is_empty() {
                    self.note(path, Turn::Widened, format!("can also be {}", list(&added)));
                }
            }
            (None, Some(new)) => self.note(path, Turn::Narrowed, format!("can only be {}", list(&new))),
            (Some(old), None) => {
                self.note(path, Turn::Widened, format!("can be anything, no longer only {}", list(&old)));
            }
            (None, None) => {}
        }
    }

    fn bounds(&mut self, path: &str, before: &Value, now: &Value) {
        for keyword in FROM.into_iter().chain(TO) {
            let (old, new) = (before.get(keyword), now.get(keyword));
            if old == new {
                continue;
            }
            let (old_number, new_number) = (old.and_then(Value::as_f64), new.and_then(Value::as_f64));
            let turn = match (old_number, new_number) {
                (None, Some(_)) => Turn::Narrowed,
                (Some(_), None) => Turn::Widened,
                (Some(old), Some(new)) => turn(
                    if FROM.contains(&keyword) { new < old } else { new > old },
                    if FROM.contains(&keyword) { new > old } else { new < old },
                ),
                (None, None) => Turn::Other,
            };
            self.note(path, turn, format!("has {keyword} {}, was {}", said(new), said(old)));
        }
    }

    fn tests(&mut self, path: &str, before: &Value, now: &Value) {
        for keyword in TESTS {
            let (old, new) = (before.get(keyword), now.get(keyword));
            if old == new {
                continue;
            }
            let turn = turn(new.is_none(), old.is_none());
            self.note(path, turn, format!("has {keyword} {}, was {}", said(new), said(old)));
        }
    }

    fn members(&mut self, path: &str, before: &Value, now: &Value) {
        let none = Map::new();
        let members = |of: &Value| of.get("properties").and_then(Value::as_object).cloned();
        let (old, new) = (members(before).unwrap_or_else(|| none.clone()), members(now).unwrap_or(none));
        let (needed, needs) = (required(before), required(now));
        for (name, schema) in &old {
            let at = below(path, name);
            let Some(now) = new.get(name) else {
                self.lost(&at);
                continue;
            };
            match (needed.contains(name), needs.contains(name)) {
                (false, true) => self.note(&at, Turn::Narrowed, self.always().to_owned()),
                (true, false) => self.note(&at, Turn::Widened, self.sometimes().to_owned()),
                _ => {}
            }
            self.schema(&at, schema, now);
        }
        for name in new.keys().filter(|name| !old.contains_key(*name)) {
            self.gained(&below(path, name), needs.contains(name));
        }
    }

    fn lost(&mut self, path: &str) {
        let says = match self.side {
            Side::Input => "is gone: calls that send it are refused",
            Side::Output => "is gone: who reads it finds nothing",
        };
        self.add(Size::Major, path, says);
    }

    fn gained(&mut self, path: &str, needed: bool) {
        match (self.side, needed) {
            (Side::Input, true) => {
                self.add(Size::Major, path, "is new and required: calls without it are refused")
            }
            (Side::Input, false) => self.add(Size::Minor, path, "is new and optional"),
            (Side::Output, _) => self.add(Size::Minor, path, "is new"),
        }
    }

    fn openness(&mut self, path: &str, before: &Value, now: &Value) {
        let of = |schema: &Value| schema.get("additionalProperties").cloned().unwrap_or(Value::Bool(true));
        let (old, new) = (of(before), of(now));
        match (&old, &new) {
            _ if old == new => {}
            (Value::Object(_), Value::Object(_)) => self.schema(&below(path, "*"), &old, &new),
            (_, Value::Bool(false)) => {
                self.note(path, Turn::Narrowed, "is closed to other members".to_owned())
            }
            (Value::Bool(false), _) => self.note(path, Turn::Widened, "is open to other members".to_owned()),
            (_, Value::Object(_)) => {
                self.note(path, Turn::Narrowed, "says what other members are".to_owned())
            }
            _ => self.note(path, Turn::Widened, "no longer says what other members are".to_owned()),
        }
    }

    fn nested(&mut self, path: &str, keyword: &str, before: &Value, now: &Value) {
        match (before.get(keyword), now.get(keyword)) {
            (Some(old), Some(new)) => self.schema(path, old, new),
            (None, Some(_)) => self.note(path, Turn::Narrowed, "is described, and was not".to_owned()),
            (Some(_), None) => self.note(path, Turn::Widened, "is no longer described".to_owned()),
            (None, None) => {}
        }
    }

    /// What is said about values without deciding which fit, and what nobody here knows.
    fn words(&mut self, path: &str, before: &Value, now: &Value) {
        for keyword in keywords(before).union(&keywords(now)) {
            if before.get(keyword) == now.get(keyword) {
                continue;
            }
            let size = match keyword.as_str() {
                "description" | "default" => Size::Minor,
                "title" | "examples" | "$comment" => Size::Patch,
                word if word.starts_with("x-") => Size::Patch,
                // A keyword that is not understood may mean anything.
                _ => Size::Major,
            };
            self.add(size, path, &format!("has another {keyword}"));
        }
    }

    fn always(&self) -> &'static str {
        match self.side {
            Side::Input => "is now required: calls without it are refused",
            Side::Output => "is now always there",
        }
    }

    fn sometimes(&self) -> &'static str {
        match self.side {
            Side::Input => "is no longer required",
            Side::Output => "is no longer always there",
        }
    }

    fn note(&mut self, path: &str, turn: Turn, says: String) {
        let size = match (self.side, turn) {
            (Side::Input, Turn::Widened) | (Side::Output, Turn::Narrowed) => Size::Minor,
            _ => Size::Major,
        };
        self.add(size, path, &says);
    }

    fn add(&mut self, size: Size, path: &str, says: &str) {
        let side = match self.side {
            Side::Input => "input",
            Side::Output => "output",
        };
        let subject = if path.is_empty() { side.to_owned() } else { format!("{side} `{path}`") };
        self.changes.push(Change::new(size, format!("`{}`: {subject} {says}", self.tool)));
    }
}

/// `wider`: every old value still fits; `narrower`: every new value did before.
fn turn(wider: bool, narrower: bool) -> Turn {
    match (wider, narrower) {
        (true, false) => Turn::Widened,
        (false, true) => Turn::Narrowed,
        _ => Turn::Other,
    }
}

/// The types a schema allows; every type where it names none.
fn types(schema: &Value) -> BTreeSet<String> {
    match schema.get("type") {
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => BTreeSet::from(["anything".to_owned()]),
    }
}

/// Whether every value of the types `these` is of one of `those`.
fn within(these: &BTreeSet<String>, those: &BTreeSet<String>) -> bool {
    let fits = |one: &String| those.contains(one) || (one == "integer" && those.contains("number"));
    those.contains("anything") || these.iter().all(fits)
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn texts(values: &Value) -> BTreeSet<String> {
    values.as_array().into_iter().flatten().map(Value::to_string).collect()
}

/// The keywords of a schema that nothing else here compares.
fn keywords(schema: &Value) -> BTreeSet<String> {
    let compared = |word: &str| [&FROM[..], &TO, &TESTS, &PARTS].iter().any(|list| list.contains(&word));
    let all = schema.as_object().into_iter().flat_map(Map::keys);
    all.filter(|word| !compared(word)).cloned().collect()
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") }
}

fn list(names: &BTreeSet<String>) -> String {
    names.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

fn said(value: Option<&Value>) -> String {
    value.map_or_else(|| "none".to_owned(), Value::to_string)
}
