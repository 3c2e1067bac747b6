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

/// Deletes the first vendor of every server and builds the workspace, tests included, then the second, until each was
/// gone once. Servers do not know each other, so that they can be tried at once.
pub(super) fn vendors_can_be_deleted(tree: &Tree) -> Result {
    let copy = Copy::new();
    let vendors: Vec<Vec<Vendor>> = servers::all(tree)
        .iter()
        .map(|server| servers::vendors(tree, server).into_iter().map(|name| Vendor::new(tree, server, name)))
        .map(Iterator::collect)
        .collect();
    for round in 0..vendors.iter().map(Vec::len).max().unwrap_or_default() {
        let gone: Vec<&Vendor> = vendors.iter().filter_map(|of_server| of_server.get(round)).collect();
        let names = gone.iter().map(|vendor| vendor.name).collect::<Vec<_>>().join(", ");
        copy.write(tree, |path, text| without(&gone, path, text))?;
        copy.build(&names)?;
        println!("tidy: builds without {names}");
    }
    Ok(())
}

/// A vendor and where it stands.
struct Vendor<'a> {
    name: &'a str,
    /// Its folder, with the slash that ends it.
    folder: String,
    /// The list of the server's vendors, and the lines of it that name this one, counted from 1.
    list: String,
    lines: BTreeSet<usize>,
}

impl<'a> Vendor<'a> {
    fn new(tree: &Tree, server: &str, name: &'a str) -> Self {
        let list = format!("{server}/src/vendors/mod.rs");
        let lines = tree.get(&list).map(|list| lines_naming(list, name)).unwrap_or_default();
        let lines = lines.into_iter().collect();
        Self { name, folder: format!("{server}/src/vendors/{name}/"), list, lines }
    }
}

/// What is left of a file: nothing of the vendors' folders, and the lists of vendors without their lines.
fn without(gone: &[&Vendor<'_>], path: &str, text: &str) -> Option<String> {
    if gone.iter().any(|vendor| path.starts_with(&vendor.folder)) {
        return None;
    }
    let Some(vendor) = gone.iter().find(|vendor| vendor.list == path) else { return Some(text.to_owned()) };
    let kept = text
        .lines()
        .enumerate()
        .filter(|(at, _)| !vendor.lines.contains(&(at + 1)))
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

    fn build(&self, gone: &str) -> Result {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.current_dir(&self.folder).env("CARGO_TARGET_DIR", root().join("target"));
        // The whole workspace: with the features of the lint run its dependencies are not built once more.
        cargo.args(["check", "--quiet", "--offline", "--workspace", "--all-targets"]);
        match cargo.status()?.success() {
            true => Ok(()),
            false => Err(format!("the workspace does not build without the vendors {gone}").into()),
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
        let acme = Vendor::new(&tree, "servers/desk", "acme");
        let left = |path: &str| {
            let path = format!("{folder}/{path}");
            without(&[&acme], &path, &tree.get(&path)?.text)
        };
        assert_eq!(
            left("mod.rs").as_deref(),
            Some("mod zeta;\n/// All, acme too.\nlist(&[\n    zeta::VENDOR,\n]);\n")
        );
        assert_eq!(left("acme/mod.rs"), None);
        assert_eq!(left("zeta/mod.rs").as_deref(), Some("z"));
    }
}
