//! What `cargo xtask new` makes passes every check at once: tried in a copy of the workspace.
//!
//! A program of its own: it compiles for minutes, and the tests over the wire have deadlines to keep.

#![allow(clippy::unwrap_used, clippy::panic, clippy::disallowed_methods, reason = "tests only")]

use std::path::{Path, PathBuf};
use std::process::Command;

/// What there is to copy; `target` and what else is built stays.
const PARTS: [&str; 11] = [
    ".cargo",
    "Cargo.toml",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "justfile",
    "rustfmt.toml",
    "servers",
    "shared",
    "tests",
];

/// Cargo gives a dependency the features that the packages at hand ask of it. With these beside it they are those of the
/// whole workspace, whose dependencies are built already.
const FOR_THEIR_FEATURES: &str = "--package issues --package it --package serve --package xtask";

/// The copy. It keeps its place and the times of unchanged files, so that a second run builds little.
struct House {
    root: PathBuf,
    original: PathBuf,
    target: PathBuf,
}

impl House {
    fn copy() -> Self {
        let original = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned();
        // This test stands in `<target>/<profile>/deps`; what is built there of others' crates serves the copy, too.
        let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
        let own = House { root: target.join("new"), original, target };
        let mut kept = Vec::new();
        for part in PARTS {
            own.take(Path::new(part), &mut kept);
        }
        // What an earlier run made must not be there.
        for part in PARTS {
            remove_others(&own.root.join(part), &kept);
        }
        std::fs::copy(own.original.join("Cargo.lock"), own.root.join("Cargo.lock")).unwrap();
        own
    }

    /// Copies a file, or a folder with all below it, where it differs.
    fn take(&self, part: &Path, kept: &mut Vec<PathBuf>) {
        let source = self.original.join(part);
        if source.is_dir() {
            for entry in std::fs::read_dir(&source).unwrap() {
                let name = entry.unwrap().file_name();
                if !["target", "node_modules", ".venv", "__pycache__"].iter().any(|skip| name == *skip) {
                    self.take(&part.join(name), kept);
                }
            }
            return;
        }
        let (to, mut text) = (self.root.join(part), std::fs::read(&source).unwrap());
        if part == Path::new("Cargo.toml") {
            text = of_another_version(&String::from_utf8(text).unwrap()).into_bytes();
        }
        if std::fs::read(&to).ok().as_ref() != Some(&text) {
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(&to, text).unwrap();
        }
        kept.push(to);
    }

    /// Runs `cargo xtask` in the copy as it is built in the original, and gives what it printed.
    fn xtask(&self, arguments: &str) -> Result<String, String> {
        let manifest = self.original.join("Cargo.toml");
        let run = ["run", "--quiet", "--bin", "xtask", "--manifest-path", manifest.to_str().unwrap(), "--"];
        self.run(Command::new(env!("CARGO")).args(run).args(arguments.split(' ')))
    }

    /// Runs cargo in the copy.
    fn cargo(&self, arguments: &str) -> Result<String, String> {
        self.run(Command::new(env!("CARGO")).args(arguments.split(' ')))
    }

    /// What a command printed, or all that it said if it failed.
    fn run(&self, command: &mut Command) -> Result<String, String> {
        command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env("CARGO_NET_OFFLINE", "true");
        let output = command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(said),
            false => Err(format!("{command:?}\n{said}\n{}", String::from_utf8_lossy(&output.stderr))),
        }
    }
}

/// Cargo tells packages apart by name, version and place in the workspace: under the version of the original, the copy
/// would build into its files and each would run the other's code.
fn of_another_version(manifest: &str) -> String {
    let line = |line: &str| match line.starts_with("version = ") {
        true => "version = \"0.0.0-copy\"\n".to_owned(),
        false => format!("{line}\n"),
    };
    manifest.lines().map(line).collect()
}

fn remove_others(folder: &Path, kept: &[PathBuf]) {
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            remove_others(&path, kept);
            // Only an empty one goes.
            let _ = std::fs::remove_dir(&path);
        } else if !kept.contains(&path) {
            std::fs::remove_file(&path).unwrap();
        }
    }
}

/// A server, a vendor of one that was there and a tool of another; then a vendor of the new server.
#[test]
#[ignore = "compiles for minutes; `cargo test --test new -- --ignored`, as CI does"]
fn what_is_begun_passes_every_check_at_once() {
    let house = House::copy();
    for (begun, next) in [
        ("new server hr", "servers/hr/src/model.rs"),
        ("new vendor itsm zendesk", "servers/itsm/src/vendors/zendesk/README.md"),
        ("new tool crm merge_contacts", "servers/crm/src/tools/merge_contacts.rs"),
        ("new vendor hr workday", "servers/hr/src/vendors/workday/README.md"),
    ] {
        let said = house.xtask(begun).unwrap();
        assert!(said.contains("Next:") && said.contains(next), "{begun} says what to write next: {said}");
        let again = house.xtask(begun).unwrap_err();
        assert!(again.contains("there is something called") || again.contains("there is a tool"), "{again}");
    }
    // All three at once: what they share is built once.
    let begun = "--package hr --package itsm --package crm";
    let packages = format!("{begun} {FOR_THEIR_FEATURES}");
    house.cargo(&format!("fmt {begun} -- --check")).unwrap();
    house.cargo(&format!("clippy --quiet {packages} --all-targets -- --deny warnings")).unwrap();
    let tested = house.cargo(&format!("test --quiet {packages} --lib")).unwrap();
    assert!(tested.contains("test result: ok"), "{tested}");
    house.xtask("tidy").unwrap();
}
