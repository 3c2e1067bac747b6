//! What is known of a vendor as a Markdown table.

use std::collections::{BTreeMap, BTreeSet};

use crate::Part;
use crate::known::{Known, KnownTool, When};

/// A line per tool: whether, and what of it not.
pub(crate) fn of(known: &Known) -> String {
    let rows = known.tools.iter().map(|tool| {
        let except = if tool.able == When::Never { String::new() } else { except(tool) };
        format!("| `{}` | {} | {except} |\n", tool.name, whole(&tool.able))
    });
    format!("| tool | able | except |\n|---|---|---|\n{}", rows.collect::<String>())
}

fn whole(when: &When) -> String {
    match when {
        When::Always => "yes".to_owned(),
        When::Never => "no".to_owned(),
        When::With(ways) => format!("only with {}", either(ways)),
    }
}

/// What a source that has the tool still cannot do: never, then for want of which settings.
fn except(tool: &KnownTool) -> String {
    let mut missing: BTreeMap<When, Vec<String>> = BTreeMap::new();
    for (part, when) in &tool.parts {
        let when = beside(when, &tool.able);
        if when != When::Always {
            missing.entry(when).or_default().push(name(*part));
        }
    }
    let sentence = |(when, parts): (&When, &Vec<String>)| match when {
        When::With(ways) => format!("{} only with {}", parts.join(", "), either(ways)),
        When::Always | When::Never => format!("not {}", parts.join(", ")),
    };
    missing.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

/// What a part needs beside the settings that the tool itself needs.
fn beside(part: &When, tool: &When) -> When {
    let (When::With(part), When::With(tool)) = (part, tool) else { return part.clone() };
    let [given] = &**tool else { return if part == tool { When::Always } else { When::With(part.clone()) } };
    let ways: Vec<BTreeSet<String>> = part.iter().map(|way| way - given).collect();
    if ways.iter().any(BTreeSet::is_empty) { When::Always } else { When::With(ways) }
}

fn name(part: Part) -> String {
    match part {
        Part::Argument(name) => format!("`{name}`"),
        Part::Value(argument, value) => format!("`{argument}: {value}`"),
        Part::Field(name) => format!("`{name}` in the answer"),
    }
}

fn either(ways: &[BTreeSet<String>]) -> String {
    let both =
        |way: &BTreeSet<String>| way.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(" and ");
    ways.iter().map(both).collect::<Vec<_>>().join(" or ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(ways: &[&[&str]]) -> When {
        When::With(ways.iter().map(|way| way.iter().map(|key| (*key).to_owned()).collect()).collect())
    }

    fn row(able: When, parts: Vec<(Part, When)>) -> String {
        let table = of(&Known { tools: vec![KnownTool { name: "find_it", able, parts }] });
        table.lines().last().unwrap().to_owned()
    }

    #[test]
    fn a_row_says_what_never_works_and_what_wants_settings() {
        let parts = vec![
            (Part::Argument("text"), When::Always),
            (Part::Argument("due"), When::Never),
            (Part::Value("empty", "due"), When::Never),
            (Part::Argument("priority"), with(&[&["map.priority"]])),
            (Part::Field("kind"), with(&[&["map.kind", "map.options"], &["map.kinds"]])),
        ];
        assert_eq!(
            row(When::Always, parts),
            "| `find_it` | yes | not `due`, `empty: due`; `kind` in the answer only with `map.kind` and `map.options` or \
             `map.kinds`; `priority` only with `map.priority` |"
        );
    }

    #[test]
    fn a_part_names_only_what_it_needs_beside_its_tool() {
        let parts = vec![
            (Part::Argument("least"), with(&[&["map.renewals", "map.value"]])),
            (Part::Argument("until"), with(&[&["map.renewals"]])),
        ];
        let row = row(with(&[&["map.renewals"]]), parts);
        assert_eq!(row, "| `find_it` | only with `map.renewals` | `least` only with `map.value` |");
    }

    #[test]
    fn of_a_tool_that_there_is_not_nothing_more_is_said() {
        assert_eq!(row(When::Never, vec![(Part::Argument("due"), When::Never)]), "| `find_it` | no |  |");
    }
}
