//! What the tests of every server do with its domain, behind the feature `testing`: for dev-dependencies alone.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails here")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use call::Clock;
use outbound::{Kit, Settings, Vendor};
use serde_json::Value;

use crate::Domain;
use crate::config::{Config, Overrides, TABLES};

/// Fails unless the files in `contract/` of the server's folder are what clients see of its tools, one file a tool.
/// With `CHANCERY_BLESS` in the environment the files are written first.
pub fn assert_contract(domain: &Domain, server: &str) {
    let folder = Path::new(server).join("contract");
    let seen: BTreeMap<String, String> = domain.contract().unwrap().iter().map(golden).collect();
    if std::env::var_os("CHANCERY_BLESS").is_some() {
        bless(&folder, &seen);
    }
    let file = |path: &Path| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    let kept: BTreeMap<String, String> =
        fs::read_dir(&folder).unwrap().map(|entry| file(&entry.unwrap().path())).collect();
    let names = kept.keys().chain(seen.keys()).collect::<BTreeSet<_>>();
    let other: Vec<&String> = names.into_iter().filter(|name| kept.get(*name) != seen.get(*name)).collect();
    assert!(other.is_empty(), "{other:?} differ; if the change is meant: cargo xtask bless");
}

/// Fails unless the example configuration shows every vendor and every table, every source in it connects, and the lines
/// that are commented out are accepted as well.
pub fn assert_example<P: ?Sized>(vendors: &[Vendor<P>], text: &str) {
    let example: toml::Table = toml::from_str(text).unwrap();
    let mut missing: BTreeSet<&str> = vendors.iter().map(|vendor| vendor.name).collect();
    for (name, table) in example["source"].as_table().unwrap() {
        let mut settings: Settings = table.clone().try_into().unwrap();
        settings.name.clone_from(name);
        let vendor = vendors.iter().find(|vendor| vendor.name == settings.vendor).unwrap();
        (vendor.connect)(&settings, &Kit::new(Clock::for_test())).map(drop).unwrap();
        missing.remove(vendor.name);
    }
    assert!(missing.is_empty(), "the example shows no {missing:?}");
    let whole = uncommented(text);
    let accepted = Config::parse("config.example.toml, uncommented", &present(&whole), &Overrides::default());
    assert!(accepted.is_ok(), "{}", accepted.unwrap_err());
    let shown: toml::Table = toml::from_str(&whole).unwrap();
    // Simulators that serve already are no matter of an operator.
    let hidden: Vec<_> =
        TABLES.into_iter().filter(|table| *table != "sandbox" && !shown.contains_key(*table)).collect();
    assert!(hidden.is_empty(), "the example shows no {hidden:?}");
}

/// The text with secrets that are there.
fn present(text: &str) -> String {
    let secret = |reference: &str| match reference.split_once('"') {
        Some((_, rest)) => format!("\"file:{}/README.md\"{rest}", env!("CARGO_MANIFEST_DIR")),
        None => reference.to_owned(),
    };
    let present = |text: &str, scheme: &str| {
        let mut parts = text.split(scheme);
        let first = parts.next().unwrap_or_default().to_owned();
        first + &parts.map(secret).collect::<String>()
    };
    present(&present(text, "\"env:"), "\"file:/run")
}

/// The text with `# key = value` and `# [table]` in force. What is indented further is prose.
fn uncommented(text: &str) -> String {
    let is_key = |line: &str| {
        let (key, _) = line.split_once(" = ").unwrap_or_default();
        line.starts_with('[') || (!key.is_empty() && key.chars().all(|c| c.is_ascii_lowercase() || c == '_'))
    };
    let bare = |line: &'_ str| line.strip_prefix("# ").filter(|line| is_key(line)).map(str::to_owned);
    text.lines().map(|line| bare(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

fn golden(tool: &Value) -> (String, String) {
    let name = tool["name"].as_str().unwrap();
    (format!("{name}.json"), format!("{tool:#}\n"))
}

fn bless(folder: &Path, seen: &BTreeMap<String, String>) {
    fs::create_dir_all(folder).unwrap();
    for file in fs::read_dir(folder).unwrap() {
        fs::remove_file(file.unwrap().path()).unwrap();
    }
    for (name, text) in seen {
        fs::write(folder.join(name), text).unwrap();
    }
}
