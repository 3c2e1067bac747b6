//! Rules read from names and lines: what never appears in the tree.

use super::{Finding, Tree, rust::has_word, tree::File};

/// Names that say nothing about what is inside.
const EMPTY_NAMES: [&str; 7] = ["util", "utils", "common", "helper", "helpers", "misc", "shared_code"];
/// Calls that panic. `unwrap_or` and its like do not match: the parenthesis belongs to the call.
const PANICS: [&str; 6] = [".unwrap()", ".expect(", "panic!(", "unreachable!(", "todo!(", "unimplemented!("];
const LEFT_OPEN: [&str; 3] = ["TODO", "FIXME", "XXX"];
/// First folders of paths that exist on one machine only.
const MACHINE_FOLDERS: [&str; 4] = ["home", "root", "Users", "work"];
/// Files people write; the rest is data.
const AUTHORED: [&str; 8] = ["rs", "toml", "md", "sh", "py", "mjs", "yaml", "yml"];

/// The longest source file, in lines; a test file may have half as many again.
const LONGEST: usize = 400;
const LONGEST_TEST: usize = 600;

/// No crate or module is named util, common or helpers.
pub(super) fn names(tree: &Tree) -> Vec<Finding> {
    let empty = |file: &&File| {
        let mut parts = file.path.trim_end_matches(".rs").split('/');
        parts.any(|part| EMPTY_NAMES.contains(&part))
    };
    tree.rust().filter(empty).map(|file| Finding::file(&file.path, "has a name that says nothing")).collect()
}

/// Nothing that ships panics on purpose.
pub(super) fn no_panic(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !may_panic(file)) {
        for (number, line) in file.product_lines() {
            for call in PANICS.iter().filter(|call| line.code.contains(*call)) {
                findings.push(Finding::line(&file.path, number, format!("calls `{call}`")));
            }
        }
    }
    findings
}

/// Nothing is left open.
pub(super) fn no_todo(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| is_authored(file)) {
        for (number, text) in remarks(file) {
            for word in LEFT_OPEN.iter().filter(|word| has_word(text, word)) {
                findings.push(Finding::line(&file.path, number, format!("says {word}")));
            }
        }
    }
    findings
}

/// No file is too long to read in one go.
pub(super) fn length(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files().filter(|file| has_code(file)) {
        let longest = if file.test { LONGEST_TEST } else { LONGEST };
        let lines = file.text.lines().count();
        if lines > longest {
            findings.push(Finding::file(&file.path, format!("has {lines} lines, more than {longest}")));
        }
    }
    findings
}

/// No path of one person's machine.
pub(super) fn machine_path(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.files() {
        for (at, text) in file.text.lines().enumerate() {
            if let Some(path) = MACHINE_FOLDERS.iter().find_map(|folder| absolute(text, folder)) {
                findings.push(Finding::line(&file.path, at + 1, format!("names `{path}`")));
            }
        }
    }
    findings
}

fn may_panic(file: &File) -> bool {
    let path = &file.path;
    path.ends_with("/main.rs")
        || path.contains("/examples/")
        || path.starts_with("crates/xtask/")
        || file.test
}

fn is_authored(file: &File) -> bool {
    has_code(file) || file.path == "justfile" || AUTHORED.iter().any(|kind| has_extension(file, kind))
}

fn has_code(file: &File) -> bool {
    file.path.starts_with(".ci/") || ["rs", "sh", "py", "mjs"].iter().any(|kind| has_extension(file, kind))
}

fn has_extension(file: &File, extension: &str) -> bool {
    file.path.rsplit_once('.').is_some_and(|(_, found)| found == extension)
}

/// The lines on which a remark may stand: comments in Rust, everything elsewhere.
fn remarks(file: &File) -> Vec<(usize, &str)> {
    let texts: Vec<&str> = if file.is_rust() {
        file.lines.iter().map(|line| line.comment.as_str()).collect()
    } else {
        file.text.lines().collect()
    };
    texts.into_iter().enumerate().map(|(at, text)| (at + 1, text)).collect()
}

/// The path `/folder/…` in a line, where it begins there and is no part of a URL.
fn absolute(line: &str, folder: &str) -> Option<String> {
    let needle = format!("/{folder}/");
    let begins = |at: usize| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "./-_})>~*$".contains(c))
    };
    let (at, _) = line.match_indices(&needle).find(|(at, _)| begins(*at))?;
    let end = line[at..].find(|c: char| c.is_whitespace() || "\"'`),;".contains(c));
    Some(line[at..end.map_or(line.len(), |end| at + end)].to_owned())
}
