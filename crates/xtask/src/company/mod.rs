//! `cargo xtask company`: the bulk of the demo company, made from a fixed seed around the written core.
//!
//! Every section has its own dice, so that a record more in one leaves the others as they are. What is made refers only
//! to what is there: accounts before contacts, orders before invoices.

mod backlog;
mod billing;
mod core;
mod customers;
mod deals;
mod desk;
mod dice;
mod library;
mod lines;
mod names;
mod papers;
mod purchasing;
mod support;
#[cfg(test)]
mod tests;

use std::{fs, path::Path};

use self::core::Core;
use self::lines::lines;
use crate::{Result, root};

/// What `cargo xtask company` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Write nothing; fail when a file is not what the seed makes
    #[arg(long)]
    check: bool,
}

impl Args {
    /// Writes the files, or says which differ.
    pub(crate) fn run(self) -> Result {
        let root = root();
        let files = generate(&root)?;
        if self.check {
            return match differing(&root, &files) {
                none if none.is_empty() => Ok(()),
                some => Err(format!("run `cargo xtask company`: {} differ", some.join(", ")).into()),
            };
        }
        for (section, text) in &files {
            fs::write(path(&root, section), text)?;
        }
        let bytes: usize = files.iter().map(|(_, text)| text.len()).sum();
        println!("wrote {} sections, {} kB", files.len(), bytes / 1000);
        Ok(())
    }
}

/// A section's name and its lines.
type File = (&'static str, String);

/// The bulk of every section that has one.
fn generate(root: &Path) -> Result<Vec<File>> {
    let mut core = Core::read(root)?;
    let accounts = customers::accounts();
    core.accounts.extend(accounts.clone());
    let contacts = customers::contacts(&accounts);
    core.contacts.extend(contacts.clone());
    let opportunities = deals::opportunities(&core.accounts);
    let renewals = deals::renewals(&accounts);
    let activities = deals::activities(&core.accounts, &core.contacts, &opportunities);
    let cases = support::cases(&core.accounts, &core.contacts);
    let incidents = desk::incidents(&core);
    let alerts = desk::alerts(&incidents);
    let changes = desk::changes(&core.services);
    let suppliers = purchasing::suppliers();
    core.suppliers.extend(suppliers.clone());
    let contracts = purchasing::contracts(&suppliers);
    let orders = purchasing::orders(&core.suppliers, &contracts);
    let supplier_invoices = purchasing::invoices(&core.suppliers, &orders);
    let customer_invoices = billing::invoices(&core.accounts);
    let payments = billing::payments(&core.accounts, &customer_invoices);
    let usage = billing::usage(&accounts);
    let documents = library::documents(&core, &contracts);
    let issues = backlog::issues(&core);
    Ok(vec![
        ("accounts", lines(&accounts)?),
        ("contacts", lines(&contacts)?),
        ("opportunities", lines(&opportunities)?),
        ("renewals", lines(&renewals)?),
        ("activities", lines(&activities)?),
        ("cases", lines(&cases)?),
        ("incidents", lines(&incidents)?),
        ("alerts", lines(&alerts)?),
        ("changes", lines(&changes)?),
        ("suppliers", lines(&suppliers)?),
        ("contracts", lines(&contracts)?),
        ("purchase_orders", lines(&orders)?),
        ("supplier_invoices", lines(&supplier_invoices)?),
        ("customer_invoices", lines(&customer_invoices)?),
        ("payments", lines(&payments)?),
        ("usage", lines(&usage)?),
        ("documents", lines(&documents)?),
        ("issues", lines(&issues)?),
    ])
}

fn differing(root: &Path, files: &[File]) -> Vec<String> {
    let differs = |(section, text): &&File| {
        fs::read_to_string(path(root, section)).ok().as_deref() != Some(text.as_str())
    };
    files.iter().filter(differs).map(|(section, _)| format!("{section}.jsonl")).collect()
}

fn path(root: &Path, section: &str) -> std::path::PathBuf {
    root.join(format!("shared/company/bulk/{section}.jsonl"))
}
