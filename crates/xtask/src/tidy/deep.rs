//! The promise that a vendor is one folder and two lines, tried: each is deleted in a copy, and the rest must build.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{
    Tree,
    servers::{self, lines_naming},
};
use crate::{Result, root};

/// Deletes each vendor in turn and builds its server, tests included.
pub(super) fn vendors_can_be_deleted(tree: &Tree) -> Result {
    let copy = Copy::new();
    for server in servers::all(tree) {
        for vendor in servers::vendors(tree, &server) {
            copy.write(tree, |path, text| without_vendor(tree, &server, vendor, path, text))?;
            copy.build(&server, vendor)?;
            println!("tidy: {server} builds without {vendor}");
        }
    }
    Ok(())
}

/// What is left of a file: nothing of the vendor's folder, and the list of vendors without its lines.
fn without_vendor(tree: &Tree, server: &str, vendor: &str, path: &str, text: &str) -> Option<String> {
    if path.starts_with(&format!("{server}/src/vendors/{vendor}/")) {
        return None;
    }
    let list = tree.get(&format!("{server}/src/vendors/mod.rs")).filter(|list| list.path == path);
    let Some(list) = list else { return Some(text.to_owned()) };
    let gone = lines_naming(list, vendor);
    let kept = text
        .lines()
        .enumerate()
        .filter(|(at, _)| !gone.contains(&(at + 1)))
        .map(|(_, line)| format!("{line}\n"));
    Some(kept.collect())
}

/// The copy of the tree. It keeps its place and the times of unchanged files, so that a second run builds little.
struct Copy {
    folder: PathBuf,
}

impl Copy {
    fn new() -> Self {
        Self { folder: root().join("target/tidy") }
    }

    /// Makes the copy hold exactly what `change` leaves of each file.
    fn write(&self, tree: &Tree, change: impl Fn(&str, &str) -> Option<String>) -> Result {
        let mut kept = BTreeSet::new();
        for file in tree.files() {
            let Some(mut text) = change(&file.path, &file.text) else { continue };
            if file.path == "Cargo.toml" {
                text = of_another_version(&text);
            }
            write_if_changed(&self.folder.join(&file.path), &text)?;
            kept.insert(file.path.as_str());
        }
        if self.folder.join("Cargo.toml").exists() {
            let stale = Tree::read(&self.folder)?;
            for file in stale.files().filter(|file| !kept.contains(file.path.as_str())) {
                fs::remove_file(self.folder.join(&file.path))?;
            }
        }
        Ok(())
    }

    fn build(&self, server: &str, vendor: &str) -> Result {
        let manifest = format!("{server}/Cargo.toml");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", root().join("target"));
        // The whole workspace: with the features of the lint run its dependencies are not built once more.
        cargo.args([
            "check",
            "--quiet",
            "--offline",
            "--workspace",
            "--all-targets",
            "--manifest-path",
            &manifest,
        ]);
        match cargo.status()?.success() {
            true => Ok(()),
            false => Err(format!("{server} does not build without the vendor `{vendor}`").into()),
        }
    }
}

/// Cargo tells packages apart by name, version and place in the workspace: under the version of the original, the copy
/// would be built into its files, and a later check of the original would take them for its own.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vendor_goes_with_its_folder_and_its_two_lines() {
        let list =
            "mod acme;\nmod zeta;\n/// All, acme too.\nlist(&[\n    acme::VENDOR,\n    zeta::VENDOR,\n]);\n";
        let folder = "servers/desk/src/vendors";
        let files = [("mod.rs", list), ("acme/mod.rs", "a"), ("zeta/mod.rs", "z")];
        let tree = Tree::of(files.map(|(path, text)| (format!("{folder}/{path}"), text.to_owned())));
        let left = |path: &str| {
            let path = format!("{folder}/{path}");
            without_vendor(&tree, "servers/desk", "acme", &path, &tree.get(&path)?.text)
        };
        assert_eq!(
            left("mod.rs").as_deref(),
            Some("mod zeta;\n/// All, acme too.\nlist(&[\n    zeta::VENDOR,\n]);\n")
        );
        assert_eq!(left("acme/mod.rs"), None);
        assert_eq!(left("zeta/mod.rs").as_deref(), Some("z"));
    }
}
