//! Files that are to be, tried before they are written.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::{
    Result,
    tidy::{self, Tree},
};

/// Rules that only generated files can meet; they are made afterwards.
const LATER: [&str; 2] = ["[tool-contract]", "[generated]"];

/// New and changed files by their path from the root.
#[derive(Debug, Default)]
pub(super) struct Draft {
    files: BTreeMap<String, String>,
}

impl Draft {
    pub(super) fn file(&mut self, path: impl Into<String>, text: impl Into<String>) {
        self.files.insert(path.into(), text.into());
    }

    #[cfg(test)]
    pub(super) fn get(&self, path: &str) -> Option<&str> {
        self.files.get(path).map(String::as_str)
    }

    #[cfg(test)]
    pub(super) fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(path, text)| (path.as_str(), text.as_str()))
    }

    /// Refuses what would break a house rule that holds now.
    pub(super) fn hold(&self, tree: &Tree) -> Result {
        let before: BTreeSet<String> = tidy::report(tree).into_iter().collect();
        let mut files: BTreeMap<String, String> =
            tree.files().map(|file| (file.path.clone(), file.text.clone())).collect();
        files.extend(self.files.clone());
        let findings: Vec<String> = tidy::report(&Tree::of(files))
            .into_iter()
            .filter(|finding| !before.contains(finding) && !LATER.iter().any(|rule| finding.contains(rule)))
            .collect();
        match findings.is_empty() {
            true => Ok(()),
            false => Err(format!(
                "nothing is written, for the house rules forbid it:\n\n{}",
                findings.join("\n\n")
            )
            .into()),
        }
    }

    /// Writes the files.
    pub(super) fn write(&self, root: &Path) -> Result {
        for (path, text) in &self.files {
            let path = root.join(path);
            if let Some(folder) = path.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(path, text)?;
        }
        Ok(())
    }
}
