//! The repository as data, so that a rule is a function and its test plants a file.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use super::rust::{self, Line};
use crate::Result;

/// What holds no source of ours: builds, downloads, version control.
const SKIPPED: [&str; 5] = ["target", ".git", "node_modules", ".venv", "__pycache__"];

/// Every file of the repository by its path from the root, `/` between folders.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    files: BTreeMap<String, File>,
}

/// One file; a binary one has an empty text.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: String,
    pub(crate) text: String,
    /// The scanned lines of a Rust file, else empty.
    pub(super) lines: Vec<Line>,
    /// Whether the whole file is test code.
    pub(super) test: bool,
}

impl Tree {
    /// Reads the repository at `root`.
    pub(crate) fn read(root: &Path) -> Result<Self> {
        let mut files = Vec::new();
        collect(root, "", &mut files)?;
        Ok(Self::of(files))
    }

    /// A tree of the given `(path, text)` pairs.
    pub(crate) fn of(files: impl IntoIterator<Item = (String, String)>) -> Self {
        let files = files.into_iter().map(|(path, text)| (path.clone(), File::new(path, text)));
        let mut tree = Self { files: files.collect() };
        tree.mark_test_modules();
        tree
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.files.values()
    }

    pub(crate) fn get(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The files below a folder, which is given without its closing `/`.
    pub(crate) fn below<'a>(&'a self, folder: &str) -> impl Iterator<Item = &'a File> + use<'a> {
        let prefix = format!("{folder}/");
        self.files().filter(move |file| file.path.starts_with(&prefix))
    }

    /// The names of the folders directly in `folder`, sorted.
    pub(crate) fn folders(&self, folder: &str) -> BTreeSet<&str> {
        let inside = self.below(folder).map(|file| &file.path[folder.len() + 1..]);
        inside.filter_map(|path| Some(path.split_once('/')?.0)).collect()
    }

    /// The package of a server by its folder; only the template's has another name.
    pub(crate) fn package<'a>(&'a self, server: &'a str) -> &'a str {
        let manifest = self.get(&format!("servers/{server}/Cargo.toml"));
        let name = manifest.and_then(|file| file.text.split_once("name = \"")?.1.split_once('"'));
        name.map_or(server, |(name, _)| name)
    }

    /// The Rust files.
    pub(super) fn rust(&self) -> impl Iterator<Item = &File> {
        self.files().filter(|file| file.is_rust())
    }

    /// `#[cfg(test)] mod behavior;` makes `behavior.rs` and all below `behavior/` test code.
    fn mark_test_modules(&mut self) {
        let modules: Vec<String> = self.rust().flat_map(File::test_module_paths).collect();
        for file in self.files.values_mut() {
            let stem = file.path.trim_end_matches(".rs");
            file.test |= modules.iter().any(|module| {
                stem == module || stem.strip_prefix(module).is_some_and(|rest| rest.starts_with('/'))
            });
        }
    }
}

impl File {
    fn new(path: String, text: String) -> Self {
        let lines = if path.ends_with(".rs") { rust::lines(&text) } else { Vec::new() };
        let test = path.split('/').any(|part| matches!(part, "tests" | "benches" | "tests.rs"));
        Self { path, text, lines, test }
    }

    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The lines outside test code, with their numbers from 1.
    pub(super) fn product_lines(&self) -> impl Iterator<Item = (usize, &Line)> {
        let lines = if self.test { &[] } else { self.lines.as_slice() };
        lines.iter().enumerate().filter(|(_, line)| !line.test).map(|(at, line)| (at + 1, line))
    }

    /// The file's name without folders and extension; a `mod.rs` is named by its folder.
    pub(super) fn module(&self) -> &str {
        let stem = self.path.rsplit_once('.').map_or(self.path.as_str(), |(stem, _)| stem);
        let stem = stem.strip_suffix("/mod").unwrap_or(stem);
        stem.rsplit('/').next().unwrap_or(stem)
    }

    fn test_module_paths(&self) -> Vec<String> {
        let stem = self.path.trim_end_matches(".rs");
        let parent = match stem.rsplit_once('/') {
            Some((folder, "mod" | "lib" | "main")) => folder,
            _ => stem,
        };
        rust::test_modules(&self.lines).into_iter().map(|name| format!("{parent}/{name}")).collect()
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) -> Result {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{prefix}{name}");
        if SKIPPED.contains(&name.as_str()) {
            continue; // By name alone: the `.git` of a linked worktree is a file.
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            collect(&entry.path(), &format!("{path}/"), files)?;
        } else if kind.is_file() {
            let text = String::from_utf8(fs::read(entry.path())?).unwrap_or_default();
            files.push((path, text));
        }
    }
    Ok(())
}
