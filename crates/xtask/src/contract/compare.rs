//! What changed from one contract to another, a sentence for each change, and how much it asks of the version.

use std::collections::BTreeSet;

use call::Scopes;
use serde_json::Value;

use super::{
    Change,
    kept::{Alias, Contract},
    schema::{self, Side},
    version::Size,
};

/// A member of a tool whose values stand in an order.
struct Ladder {
    member: &'static str,
    steps: &'static [&'static str],
    up: Size,
    down: Size,
    /// What going up means to those who call.
    says: &'static str,
}

const LADDERS: [Ladder; 4] = [
    Ladder {
        member: "effect",
        steps: &["read", "additive", "state_change", "destructive"],
        up: Size::Major,
        down: Size::Minor,
        says: "a call may do more than its callers agreed to",
    },
    Ladder {
        member: "consent",
        steps: &["none", "preview", "confirm", "approve"],
        up: Size::Major,
        down: Size::Minor,
        says: "a call that did its work now waits for somebody",
    },
    Ladder {
        member: "repeat",
        steps: &["by_nature", "reconcile", "unsafe"],
        up: Size::Major,
        down: Size::Minor,
        says: "a repeated call is less safe",
    },
    Ladder {
        member: "deadline",
        steps: &["read", "write", "report"],
        up: Size::Minor,
        down: Size::Patch,
        says: "an answer may take longer",
    },
];

/// Members that differ between the names of one tool, or are compared elsewhere.
const COMPARED: [&str; 2] = ["name", "aliases"];

/// All changes from the contract `before` to the one `now`, the greatest first.
pub(super) fn changes(before: &Contract, now: &Contract) -> Vec<Change> {
    let mut changes = Vec::new();
    for (name, old) in &before.tools {
        let former = now.aliases().find(|alias| alias.name == name);
        match (now.tools.get(name), former) {
            (Some(new), _) => changes.extend(of_tool(name, old, new)),
            (None, Some(alias)) => {
                changes.push(renamed(before, &alias));
                changes.extend(of_tool(alias.tool, old, &now.tools[alias.tool]));
            }
            (None, None) => {
                let says = format!("`{name}` is gone and is no alias of another tool: calls of it fail");
                changes.push(Change::new(Size::Major, says));
            }
        }
    }
    changes.extend(new_tools(before, now));
    changes.extend(of_aliases(before, now));
    changes.sort_by(|a, b| b.size.cmp(&a.size).then_with(|| a.says.cmp(&b.says)));
    changes
}

/// The old name has to work until the next major version.
fn renamed(before: &Contract, alias: &Alias<'_>) -> Change {
    let Alias { name, removed_in, tool } = alias;
    let renamed = format!("`{name}` is now called `{tool}`");
    match outlives(removed_in, before) {
        true => Change::new(Size::Minor, format!("{renamed}; the old name works until {removed_in}")),
        false => {
            Change::new(Size::Major, format!("{renamed}, and the old name goes already in {removed_in}"))
        }
    }
}

fn outlives(removed_in: &str, before: &Contract) -> bool {
    removed_in.parse().is_ok_and(|gone| before.version.next(Size::Major) <= gone)
}

fn new_tools(before: &Contract, now: &Contract) -> Vec<Change> {
    let renamed = |tool: &str| now.aliases().any(|a| a.tool == tool && before.tools.contains_key(a.name));
    let new = now.tools.keys().filter(|tool| !before.tools.contains_key(*tool) && !renamed(tool));
    new.map(|tool| Change::new(Size::Minor, format!("`{tool}` is a new tool"))).collect()
}

/// Former names that came, went, or go at another time.
fn of_aliases(before: &Contract, now: &Contract) -> Vec<Change> {
    let mut changes = Vec::new();
    for old in before.aliases().filter(|old| !now.tools.contains_key(old.name)) {
        let (name, then) = (old.name, old.removed_in);
        let kept = now.aliases().find(|alias| alias.name == name);
        match kept.map(|alias| alias.removed_in) {
            None => {
                changes.push((Size::Major, format!("the former name `{name}` of `{}` is gone", old.tool)))
            }
            Some(same) if same == then => {}
            Some(other) => {
                let size = if outlives(other, before) { Size::Minor } else { Size::Major };
                changes
                    .push((size, format!("the former name `{name}` goes in {other}, was to go in {then}")));
            }
        }
    }
    let known: BTreeSet<&str> =
        before.aliases().map(|a| a.name).chain(before.tools.keys().map(String::as_str)).collect();
    for new in now.aliases().filter(|alias| !known.contains(alias.name)) {
        changes.push((Size::Minor, format!("`{}` answers to `{}`, too", new.tool, new.name)));
    }
    changes.into_iter().map(|(size, says)| Change::new(size, says)).collect()
}

fn of_tool(name: &str, old: &Value, new: &Value) -> Vec<Change> {
    let mut changes: Vec<Change> =
        LADDERS.iter().filter_map(|ladder| ladder.climbed(name, old, new)).collect();
    changes.extend(of_scope(name, old, new));
    changes.extend(of_labels(name, old, new));
    changes.extend(schema::changes(name, Side::Input, &old["inputSchema"], &new["inputSchema"]));
    changes.extend(schema::changes(name, Side::Output, &old["outputSchema"], &new["outputSchema"]));
    for (member, size) in [("description", Size::Minor), ("title", Size::Patch)] {
        if old[member] != new[member] {
            changes.push(Change::new(size, format!("`{name}` has another {member}")));
        }
    }
    // Annotations and `_meta` repeat what is above; alone they change what hosts show.
    if changes.is_empty() {
        changes.extend(
            others(old, new)
                .map(|member| Change::new(Size::Patch, format!("`{name}` has another `{member}`"))),
        );
    }
    changes
}

impl Ladder {
    fn climbed(&self, tool: &str, old: &Value, new: &Value) -> Option<Change> {
        let (old, new) = (level(&old[self.member]), level(&new[self.member]));
        if old == new {
            return None;
        }
        let step = |level: &str| self.steps.iter().position(|step| *step == level);
        let (size, says) = match (step(old), step(new)) {
            (Some(from), Some(to)) if to < from => (self.down, ""),
            (Some(_), Some(_)) => (self.up, self.says),
            _ => (Size::Major, "nobody can say which is more"),
        };
        let because = if says.is_empty() { String::new() } else { format!(": {says}") };
        Some(Change::new(size, format!("`{tool}`: {} is {new}, was {old}{because}", self.member)))
    }
}

/// `"read"`, or what is within `{"write": "additive"}`.
fn level(value: &Value) -> &str {
    value.as_str().or_else(|| value["write"].as_str()).unwrap_or_default()
}

/// A scope is raised unless the one that was enough includes it.
fn of_scope(tool: &str, old: &Value, new: &Value) -> Option<Change> {
    let (old, new) = (level(&old["scope"]), level(&new["scope"]));
    if old == new {
        return None;
    }
    Some(match Scopes::from_iter([old]).grant(new) {
        true => Change::new(Size::Minor, format!("`{tool}` needs the scope {new}, which {old} includes")),
        false => {
            let says = format!("`{tool}` needs the scope {new}: callers with {old} are refused");
            Change::new(Size::Major, says)
        }
    })
}

/// Policy looks at labels: with one more it may refuse what it allowed.
fn of_labels(tool: &str, old: &Value, new: &Value) -> Vec<Change> {
    let none = serde_json::Map::new();
    let (old, new) = (old["labels"].as_object().unwrap_or(&none), new["labels"].as_object().unwrap_or(&none));
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let changed = names.into_iter().filter(|name| old.get(*name) != new.get(*name));
    let change = |name: &String| match new.get(name) == Some(&Value::Bool(true)) {
        true => Change::new(
            Size::Minor,
            format!("`{tool}` is now labeled {name}: policy may look at it otherwise"),
        ),
        false => Change::new(Size::Patch, format!("`{tool}` is no longer labeled {name}")),
    };
    changed.map(change).collect()
}

fn others<'a>(old: &'a Value, new: &'a Value) -> impl Iterator<Item = String> + use<'a> {
    let members = |of: &'a Value| of.as_object().into_iter().flat_map(serde_json::Map::keys);
    let names: BTreeSet<&String> = members(old).chain(members(new)).collect();
    let differs =
        move |name: &&String| !COMPARED.contains(&name.as_str()) && old.get(*name) != new.get(*name);
    names.into_iter().filter(differs).cloned()
}
