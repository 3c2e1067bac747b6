//! The promise that a vendor is one folder and two lines.

use std::collections::BTreeSet;

use super::copy::Copy;
use crate::{
    Result,
    tidy::{Tree, servers},
};

/// Deletes the first vendor of every server and lints the workspace, tests included, then the second, until each was
/// gone once. Servers do not know each other, so that they can be tried at once. The only vendor of a server stays.
pub(super) fn can_be_deleted(tree: &Tree, copy: &Copy) -> Result {
    let vendors: Vec<Vec<Vendor>> = servers::all(tree)
        .iter()
        .map(|server| {
            servers::vendors(tree, server).into_iter().map(|name| Vendor::new(tree, server, name)).collect()
        })
        .filter(|vendors: &Vec<_>| vendors.len() > 1)
        .collect();
    for round in 0..vendors.iter().map(Vec::len).max().unwrap_or_default() {
        let gone: Vec<&Vendor> = vendors.iter().filter_map(|of_server| of_server.get(round)).collect();
        let names = gone.iter().map(|vendor| vendor.name).collect::<Vec<_>>().join(", ");
        copy.write(tree, |path, text| without(&gone, path, text))?;
        copy.lint()
            .map_err(|why| format!("the workspace does not pass without the vendors {names}: {why}"))?;
        println!("trial: passes without {names}");
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
        let lines = tree.get(&list).map(|list| servers::lines_naming(list, name)).unwrap_or_default();
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
