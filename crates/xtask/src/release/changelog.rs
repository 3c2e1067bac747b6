//! The head of a changelog: what was written under "Unreleased", and beneath it what the contract says by itself.

use std::fmt::Write as _;

use jiff::civil::Date;

use crate::contract::Verdict;

const UNRELEASED: &str = "## Unreleased";

/// The changelog with its unreleased part under a version and a day.
pub(super) fn released(text: &str, verdict: &Verdict, today: Date) -> String {
    let (top, said, rest) = parts(text);
    let mut out = format!("{}\n\n## {} - {today}\n", top.trim_end(), verdict.now.version);
    let of_contract = of_contract(verdict);
    for part in [said.trim(), of_contract.trim_end(), rest.trim()].into_iter().filter(|part| !part.is_empty())
    {
        let _ = write!(out, "\n{part}\n");
    }
    out
}

/// What is above the unreleased part, what it says, and the versions below it.
fn parts(text: &str) -> (&str, &str, &str) {
    let versions = |text: &str| text.find("\n## ").map_or(text.len(), |at| at + 1);
    match text.split_once(UNRELEASED) {
        Some((top, after)) => {
            let (said, rest) = after.split_at(versions(after));
            (top, said, rest)
        }
        None => {
            let (top, rest) = text.split_at(versions(text));
            (top, "", rest)
        }
    }
}

fn of_contract(verdict: &Verdict) -> String {
    let Some(before) = verdict.before() else { return String::new() };
    let Some(size) = verdict.size() else { return format!("The contract is that of {before}.\n") };
    let mut out = format!("The contract since {before} ({size}):\n\n");
    for change in &verdict.changes {
        let _ = writeln!(out, "- {}: {}.", change.size, change.says);
    }
    out
}
