//! The promise that what `cargo xtask new` makes passes every check before a line of it is written.

use super::copy::Copy;
use crate::{Result, bless, tidy::Tree};

/// What is begun, and the file that its author is told to write next.
const BEGUN: [(&str, &str); 4] = [
    ("server hr", "servers/hr/src/model.rs"),
    ("vendor itsm zendesk", "servers/itsm/src/vendors/zendesk/README.md"),
    ("tool crm merge_contacts", "servers/crm/src/tools/merge_contacts.rs"),
    ("vendor hr workday", "servers/hr/src/vendors/workday/README.md"),
];

/// A server, a vendor of one that was there, a tool of another, and a vendor of the new server; each but once.
pub(super) fn pass_every_check(tree: &Tree, copy: &Copy) -> Result {
    copy.write(tree, |_, text| Some(text.to_owned()))?;
    for (what, next) in BEGUN {
        let said = copy.xtask(&format!("new {what}"))?;
        if !said.contains(next) {
            return Err(format!("whoever begins a {what} is not told of {next}: {said}").into());
        }
        match copy.xtask(&format!("new {what}")) {
            Err(refused) if refused.to_string().contains("there is ") => {}
            Err(other) => {
                return Err(format!("a second {what} is refused for another reason: {other}").into());
            }
            Ok(_) => return Err(format!("a second {what} is not refused").into()),
        }
        println!("trial: began a {what}");
    }
    let begun = "--package hr --package itsm --package crm";
    copy.cargo(&format!("fmt {begun} -- --check"))?;
    copy.lint()?;
    copy.cargo(&format!("test --quiet --offline {begun} --package {} --lib", bless::BESIDE))?;
    copy.xtask("tidy")?;
    println!("trial: what was begun passes every check");
    Ok(())
}
