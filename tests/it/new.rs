//! What `cargo xtask new` makes passes every check at once: tried in a copy of the workspace.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The copy keeps its place and the times of unchanged files under `target`, so that a second run builds little.
struct House {
    root: PathBuf,
    target: PathBuf,
}

impl House {
    fn copy() -> Self {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        // This test stands in `<target>/<profile>/deps`; what is built there for us is built for the copy, too.
        let target = std::env::current_exe().unwrap().ancestors().nth(3).unwrap().to_owned();
        let own = House { root: from.join("target/new/house"), target };
        let mut kept = vec![own.root.join("Cargo.lock")];
        for part in ["Cargo.toml", "rustfmt.toml", "clippy.toml", "deny.toml", "justfile", "README.md"] {
            own.take(from, Path::new(part), &mut kept);
        }
        for part in [".cargo", "crates", "servers", "shared", "tests"] {
            own.take(from, Path::new(part), &mut kept);
        }
        // What an earlier run made must not be there; the lock file is made anew from ours.
        std::fs::copy(from.join("Cargo.lock"), own.root.join("Cargo.lock")).unwrap();
        for part in ["crates", "servers", "shared", "tests"] {
            remove_others(&own.root.join(part), &kept);
        }
        own
    }

    /// Copies a file, or a folder with all below it, where it differs.
    fn take(&self, from: &Path, part: &Path, kept: &mut Vec<PathBuf>) {
        let source = from.join(part);
        if source.is_dir() {
            for entry in std::fs::read_dir(&source).unwrap() {
                let name = entry.unwrap().file_name();
                if !["target", "node_modules", ".venv", "__pycache__"].iter().any(|skip| name == *skip) {
                    self.take(from, &part.join(name), kept);
                }
            }
            return;
        }
        let (to, text) = (self.root.join(part), std::fs::read(&source).unwrap());
        if std::fs::read(&to).ok().as_ref() != Some(&text) {
            std::fs::create_dir_all(to.parent().unwrap()).unwrap();
            std::fs::write(&to, text).unwrap();
        }
        kept.push(to);
    }

    /// Runs cargo in the copy; what it said if it fails.
    fn cargo(&self, arguments: &[&str]) -> Result<(), String> {
        self.run(Command::new(env!("CARGO")).args(arguments), arguments)
    }

    /// Runs `xtask` as it was built with the tests; it works on the workspace it stands in.
    fn xtask(&self, arguments: &[&str]) -> Result<(), String> {
        let xtask = it::binary("issues").with_file_name("xtask");
        self.run(Command::new(xtask).args(arguments), arguments)
    }

    fn run(&self, command: &mut Command, what: &[&str]) -> Result<(), String> {
        let output = command
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &self.target)
            .env_remove("CARGO_MANIFEST_DIR")
            .output()
            .unwrap();
        match output.status.success() {
            true => Ok(()),
            false => Err(format!(
                "{what:?}\n{}\n{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            )),
        }
    }
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

/// A server, a vendor of it and a tool of it; then a refusal for everything that is there now.
#[test]
#[ignore = "builds a copy of the workspace for minutes; run it by name with --ignored"]
fn what_is_begun_passes_every_check_at_once() {
    let house = House::copy();
    house.xtask(&["new", "server", "hr"]).unwrap();
    house.xtask(&["new", "vendor", "hr", "zendesk"]).unwrap();
    house.xtask(&["new", "tool", "hr", "merge_contacts"]).unwrap();
    house.cargo(&["fmt", "--package", "hr", "--", "--check"]).unwrap();
    house
        .cargo(&["clippy", "--quiet", "--package", "hr", "--all-targets", "--", "--deny", "warnings"])
        .unwrap();
    house.cargo(&["test", "--quiet", "--package", "hr"]).unwrap();
    house.xtask(&["tidy"]).unwrap();
    for again in [
        ["new", "server", "hr", ""],
        ["new", "vendor", "hr", "zendesk"],
        ["new", "tool", "hr", "merge_contacts"],
    ] {
        let arguments: Vec<&str> = again.into_iter().filter(|word| !word.is_empty()).collect();
        assert!(house.xtask(&arguments).is_err(), "{arguments:?} is there already");
    }
}
