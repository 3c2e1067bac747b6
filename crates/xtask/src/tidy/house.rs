//! Rules about the files at the root: recipes stay one line, exceptions have a date, tables are as generated.

use toml::{Table, Value};

use super::{Finding, Tree};
use crate::tables;

const MOST_RECIPES: usize = 15;

/// The justfile is a list of names for one-line commands.
pub(super) fn justfile(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.get("justfile") else { return vec![Finding::file("justfile", "is missing")] };
    let mut findings = Vec::new();
    let mut recipes = 0;
    let mut body = 0;
    for (at, line) in file.text.lines().enumerate() {
        if line.starts_with([' ', '\t']) {
            body += 1;
            if body > 1 {
                findings.push(Finding::line("justfile", at + 1, "is a second line of its recipe"));
            }
        } else if is_recipe(line) {
            recipes += 1;
            body = 0;
        }
    }
    if recipes > MOST_RECIPES {
        findings.push(Finding::file("justfile", format!("has {recipes} recipes, more than {MOST_RECIPES}")));
    }
    findings
}

/// Every exception in deny.toml says since when and why.
pub(super) fn exceptions(tree: &Tree) -> Vec<Finding> {
    let Some(file) = tree.get("deny.toml") else { return vec![Finding::file("deny.toml", "is missing")] };
    let table: Table = match file.text.parse() {
        Ok(table) => table,
        Err(error) => return vec![Finding::file("deny.toml", error.to_string())],
    };
    let lists =
        [("advisories", "ignore"), ("bans", "skip"), ("bans", "skip-tree"), ("licenses", "exceptions")];
    let entries = lists.iter().filter_map(|(section, list)| table.get(*section)?.get(*list)?.as_array());
    let undated = entries.flatten().filter(|entry| !is_dated(entry));
    undated
        .map(|entry| Finding::file("deny.toml", format!("has an exception without date and reason: {entry}")))
        .collect()
}

/// Tables in README files are what `bless` would write.
pub(super) fn generated(tree: &Tree) -> Vec<Finding> {
    let stale = tables::rewritten(tree).into_iter();
    stale.map(|(path, _)| Finding::file(path, "has a generated table that is out of date")).collect()
}

/// `name:`, `name arguments:` or `name: needs`; not a comment, a setting or a variable.
fn is_recipe(line: &str) -> bool {
    let head = line.split_once(':').filter(|(_, rest)| !rest.starts_with('=')).map(|(head, _)| head);
    head.is_some_and(|head| !head.is_empty() && !head.starts_with(['#', '[']))
}

fn is_dated(entry: &Value) -> bool {
    let reason = entry.get("reason").and_then(Value::as_str).unwrap_or_default();
    let Some((date, why)) = reason.split_once(": ") else { return false };
    date.parse::<jiff::civil::Date>().is_ok() && !why.trim().is_empty()
}
