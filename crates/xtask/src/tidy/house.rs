//! Rules about the files at the root: recipes stay one line, exceptions have a date, tables are as generated.

use std::collections::BTreeSet;

use toml::{Table, Value};

use super::{Finding, Tree};
use crate::tables;

const MOST_RECIPES: usize = 15;

/// The configuration of cargo-audit.
const AUDIT: &str = ".cargo/audit.toml";

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

/// Every exception in deny.toml says since when and why, and cargo-audit tolerates the same advisories.
pub(super) fn exceptions(tree: &Tree) -> Vec<Finding> {
    let deny = match table(tree, "deny.toml") {
        Ok(table) => table,
        Err(finding) => return vec![finding],
    };
    undated(&deny).chain(unreasoned(tree, &deny)).collect()
}

fn undated(table: &Table) -> impl Iterator<Item = Finding> {
    const LISTS: [(&str, &str); 4] =
        [("advisories", "ignore"), ("bans", "skip"), ("bans", "skip-tree"), ("licenses", "exceptions")];
    let entries = LISTS.iter().filter_map(|(section, list)| table.get(*section)?.get(*list)?.as_array());
    let undated = entries.flatten().filter(|entry| !is_dated(entry));
    let what = |entry: &Value| format!("has an exception without date and reason: {entry}");
    undated.map(move |entry| Finding::file("deny.toml", what(entry)))
}

/// cargo-audit keeps no reasons: each of its exceptions has to stand in deny.toml, where it has one.
fn unreasoned(tree: &Tree, deny: &Table) -> Vec<Finding> {
    let audit = match table(tree, AUDIT) {
        Ok(table) => table,
        Err(finding) => return vec![finding],
    };
    let (tolerated, reasoned) = (ignored(&audit), ignored(deny));
    let alone = tolerated.difference(&reasoned);
    alone.map(|id| Finding::file(AUDIT, format!("tolerates {id}, and deny.toml gives no reason"))).collect()
}

/// The advisories that a file tolerates.
fn ignored(table: &Table) -> BTreeSet<&str> {
    let entries = table.get("advisories").and_then(|advisories| advisories.get("ignore")?.as_array());
    entries.into_iter().flatten().filter_map(|e| e.as_str().or_else(|| e.get("id")?.as_str())).collect()
}

fn table(tree: &Tree, path: &str) -> Result<Table, Finding> {
    let file = tree.get(path).ok_or_else(|| Finding::file(path, "is missing"))?;
    file.text.parse().map_err(|error: toml::de::Error| Finding::file(path, error.to_string()))
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
