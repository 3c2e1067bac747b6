//! The lines that a new tool or vendor adds to lists.

use crate::Result;

/// Adds `line` behind the last line that `like` knows.
pub(super) fn after_last(text: &str, line: &str, like: impl Fn(&str) -> bool) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let at = lines.iter().rposition(|line| like(line))? + 1;
    Some(joined(&lines[..at], line, &lines[at..]))
}

/// Adds a line to the list of `vec![ ... ]` that comes first.
pub(super) fn into_vec(text: &str, line: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let opens = lines.iter().position(|line| line.trim_end().ends_with("vec!["))?;
    let closes = opens + lines[opens..].iter().position(|line| line.trim() == "]")?;
    Some(joined(&lines[..closes], line, &lines[closes..]))
}

fn joined(before: &[&str], line: &str, after: &[&str]) -> String {
    let all = before.iter().copied().chain([line]).chain(after.iter().copied());
    all.map(|line| format!("{line}\n")).collect()
}

/// What an edit came to, or an error that names the file.
pub(super) fn done(edited: Option<String>, path: &str) -> Result<String> {
    edited
        .ok_or_else(|| format!("{path} does not look like a list of this house; add the line by hand").into())
}
