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
    let mut missing: BTreeMap<When, Vec<&Part>> = BTreeMap::new();
    for (part, when) in &tool.parts {
        if *when != When::Always {
            missing.entry(when.clone()).or_default().push(part);
        }
    }
    let sentence = |(when, parts): (&When, &Vec<&Part>)| match when {
        When::With(ways) => format!("{} only with {}", names(parts), either(ways)),
        When::Always | When::Never => format!("not {}", names(parts)),
    };
    missing.iter().map(sentence).collect::<Vec<_>>().join("; ")
}

/// Arguments and values, then what the answer lacks.
fn names(parts: &[&Part]) -> String {
    let asked = parts.iter().filter_map(|part| match part {
        Part::Argument(name) => Some(format!("`{name}`")),
        Part::Value(argument, value) => Some(format!("`{argument}: {value}`")),
        Part::Field(_) => None,
    });
    let answered = parts.iter().filter_map(|part| match part {
        Part::Field(name) => Some(format!("`{name}`")),
        Part::Argument(_) | Part::Value(..) => None,
    });
    let answered = answered.collect::<Vec<_>>().join(", ");
    let answered = (!answered.is_empty()).then(|| format!("{answered} in the answer"));
    asked.chain(answered).collect::<Vec<_>>().join(", ")
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
            (Part::Value("empty", "due".into()), When::Never),
            (Part::Argument("priority"), with(&[&["map.priority"]])),
            (Part::Field("checks"), When::Never),
            (Part::Field("builds"), When::Never),
            (Part::Field("kind"), with(&[&["map.kind", "map.options"], &["map.kinds"]])),
        ];
        assert_eq!(
            row(When::Always, parts),
            "| `find_it` | yes | not `due`, `empty: due`, `checks`, `builds` in the answer; `kind` in the answer only with `map.kind` and `map.options` or \
             `map.kinds`; `priority` only with `map.priority` |"
        );
    }

    #[test]
    fn of_a_tool_that_there_is_not_nothing_more_is_said() {
        assert_eq!(row(When::Never, vec![(Part::Argument("due"), When::Never)]), "| `find_it` | no |  |");
    }
}
