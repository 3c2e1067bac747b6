//! The copy that things are tried in.

use std::{collections::BTreeSet, fs, path::Path, path::PathBuf, process::Command};

use crate::{Result, root, tidy::Tree};

/// A copy of the tree. It keeps its place and the times of unchanged files, so that what was compiled once stays.
pub(super) struct Copy {
    folder: PathBuf,
}

impl Copy {
    pub(super) fn new() -> Self {
        Self { folder: root().join("target/trial") }
    }

    /// Makes the copy hold exactly what `change` leaves of each file.
    pub(super) fn write(&self, tree: &Tree, change: impl Fn(&str, &str) -> Option<String>) -> Result {
        let mut kept = BTreeSet::new();
        for file in tree.files() {
            let Some(mut text) = change(&file.path, &file.text) else { continue };
            if file.path == "Cargo.toml" {
                text = of_another_version(&text);
            }
            write_if_changed(&self.folder.join(&file.path), &text)?;
            kept.insert(file.path.as_str());
        }
        let stale = Tree::read(&self.folder)?;
        for file in stale.files().filter(|file| !kept.contains(file.path.as_str())) {
            self.remove(&file.path)?;
        }
        Ok(())
    }

    /// Removes a file, and the folders that hold nothing now: cargo takes each folder of `servers` for a member.
    fn remove(&self, path: &str) -> Result {
        let path = self.folder.join(path);
        fs::remove_file(&path)?;
        let _emptied = path.ancestors().skip(1).take_while(|folder| fs::remove_dir(folder).is_ok()).count();
        Ok(())
    }

    /// Everything, tests included, without a warning. Of the whole workspace, since cargo gives a dependency the features
    /// that the packages at hand ask of it: these are those of the lint run, which has compiled it.
    pub(super) fn lint(&self) -> Result {
        self.cargo("clippy --quiet --offline --workspace --all-targets -- --deny warnings")?;
        Ok(())
    }

    /// Runs cargo in the copy.
    pub(super) fn cargo(&self, arguments: &str) -> Result<String> {
        self.said(Command::new(env!("CARGO")).args(arguments.split(' ')))
    }

    /// Runs this program in the copy.
    pub(super) fn xtask(&self, arguments: &str) -> Result<String> {
        self.said(Command::new(std::env::current_exe()?).args(arguments.split(' ')))
    }

    /// What a command printed, or all that it said if it failed.
    fn said(&self, command: &mut Command) -> Result<String> {
        let output =
            command.current_dir(&self.folder).env("CARGO_TARGET_DIR", root().join("target")).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        match output.status.success() {
            true => Ok(said),
            false => Err(format!("{command:?}\n{said}\n{}", String::from_utf8_lossy(&output.stderr)).into()),
        }
    }
}

/// Cargo tells packages apart by name, version and place in the workspace: under the version of the original, the copy
/// would be built into its files, and a later build of the original would take them for its own.
fn of_another_version(manifest: &str) -> String {
    let line = |line: &str| match line.starts_with("version = ") {
        true => "version = \"0.0.0-copy\"\n".to_owned(),
        false => format!("{line}\n"),
    };
    manifest.lines().map(line).collect()
}

fn write_if_changed(path: &Path, text: &str) -> Result {
    if fs::read_to_string(path).is_ok_and(|old| old == text) {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    Ok(fs::write(path, text)?)
}
