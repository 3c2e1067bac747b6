//! `cargo xtask licenses`: the notices that go into a server's image, one text.
//!
//! Every crate that is linked with its license, what is in the image besides, then every license text that the crates
//! bring, each once.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use super::{Args, Bill, Id, parts, printed};
use crate::{Result, root};

/// How files that hold licenses and notices begin.
const BEGINNINGS: [&str; 6] = ["LICENSE", "LICENCE", "COPYING", "NOTICE", "UNLICENSE", "COPYRIGHT"];

/// Prints the notices of a server.
pub(crate) fn run(args: &Args) -> Result {
    let bill = Bill::of(&args.server)?;
    let folders = folders(&bill.compiler.host)?;
    let mut texts = BTreeMap::new();
    for (id, _) in bill.others() {
        let folder = folders.get(id).ok_or_else(|| format!("cargo does not say where {} is", id.name))?;
        texts.insert(id.clone(), read(folder)?);
    }
    print!("{}", document(&bill, &texts));
    Ok(())
}

/// The whole text: crates, other parts, then texts. `texts` are those of each crate.
pub(super) fn document(bill: &Bill, texts: &BTreeMap<Id, BTreeSet<String>>) -> String {
    let mut out =
        format!("Third-party software in chancery-{} {}\n\n", bill.server.name, bill.server.version);
    for (id, linked) in bill.others() {
        let Id { name, version } = id;
        let _ = write!(out, "{name} {version}: {}", linked.license);
        if texts.get(id).is_none_or(BTreeSet::is_empty) {
            let _ = write!(out, " (brings no text of it; {})", linked.repository);
        }
        out.push('\n');
    }
    out.push_str("\nNo crates, and in the image as well:\n\n");
    for part in parts::all(&bill.compiler) {
        let version = part.version.map(|version| format!(" {version}")).unwrap_or_default();
        let (license, about, sources) = (part.license, part.about, part.sources);
        let _ = writeln!(out, "{}{version}: {license} ({about}; sources: {sources})", part.name);
    }
    let _ = write!(out, "\n{}", parts::RELINK);
    for (text, of) in by_text(texts) {
        let names: Vec<String> = of.iter().map(|id| format!("{} {}", id.name, id.version)).collect();
        let _ = write!(out, "\n{}\n{}\n\n{text}\n", "=".repeat(80), names.join(", "));
    }
    out
}

/// Each text with the crates that bring it, in the order of the first of them. Texts of the same words are one, however
/// their lines are broken.
fn by_text(texts: &BTreeMap<Id, BTreeSet<String>>) -> Vec<(&str, Vec<&Id>)> {
    let mut crates: BTreeMap<String, (&str, Vec<&Id>)> = BTreeMap::new();
    for (id, text) in texts.iter().flat_map(|(id, texts)| texts.iter().map(move |text| (id, text))) {
        let words: Vec<&str> = text.split_whitespace().collect();
        crates.entry(words.join(" ")).or_insert((text, Vec::new())).1.push(id);
    }
    let mut all: Vec<_> = crates.into_values().collect();
    all.sort_by(|(a, of_a), (b, of_b)| of_a.cmp(of_b).then_with(|| a.cmp(b)));
    all
}

/// The license files of a crate: in its folder, in one of their own, and beside what it took over from others.
pub(super) fn read(folder: &Path) -> Result<BTreeSet<String>> {
    let mut texts = BTreeSet::new();
    gather(folder, false, &mut texts)?;
    Ok(texts)
}

/// Adds the license files of `folder` and below it: all of its files if it `holds_licenses`.
fn gather(folder: &Path, holds_licenses: bool, texts: &mut BTreeSet<String>) -> Result {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().to_uppercase();
        let is_license = holds_licenses || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
        if entry.file_type()?.is_dir() {
            if !name.starts_with('.') {
                gather(&entry.path(), is_license, texts)?;
            }
        } else if is_license && !name.ends_with(".RS") {
            texts.insert(tidied(&String::from_utf8_lossy(&fs::read(entry.path())?)));
        }
    }
    Ok(())
}

/// A text as it is printed: ends of lines and the empty lines around it differ from crate to crate.
pub(super) fn tidied(text: &str) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

/// Where cargo keeps the sources of each crate.
fn folders(target: &str) -> Result<BTreeMap<Id, PathBuf>> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(root()).args([
        "metadata",
        "--locked",
        "--format-version",
        "1",
        "--filter-platform",
        target,
    ]);
    let metadata: Value = serde_json::from_str(&printed(&mut cargo)?)?;
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let folder = |package: &Value| {
        let text = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
        let folder = Path::new(&text("manifest_path")?).parent()?.to_owned();
        Some((Id { name: text("name")?, version: text("version")? }, folder))
    };
    Ok(packages.filter_map(folder).collect())
}
