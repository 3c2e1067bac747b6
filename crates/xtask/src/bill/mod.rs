//! What a server's image is made of: the crates that are linked into its binary, as cargo resolves them for the image.

pub(crate) mod licenses;
mod parts;
pub(crate) mod sbom;

#[cfg(test)]
mod tests;

use std::{collections::BTreeMap, collections::BTreeSet, process::Command};

use toml::{Table, Value};

use crate::{Result, contract, root, tidy::Tree};

/// What `cargo xtask sbom` and `cargo xtask licenses` may be told.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The server, by its folder or its domain
    server: String,
}

/// A crate by name and version: in one lock file there is no second one of both.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Id {
    name: String,
    version: String,
}

/// A crate that is linked.
#[derive(Debug, Default, PartialEq, Eq)]
struct Linked {
    /// An SPDX expression.
    license: String,
    repository: String,
    /// A member of this workspace.
    ours: bool,
    /// What it links in turn.
    needs: BTreeSet<Id>,
}

/// What compiles the image.
#[derive(Debug, PartialEq, Eq)]
struct Compiler {
    /// What it runs on, and so what the image is for.
    host: String,
    release: String,
}

impl Compiler {
    fn of_this_machine() -> Result<Self> {
        let said = printed(Command::new("rustc").current_dir(root()).arg("-vV"))?;
        Self::parse(&said).ok_or_else(|| "`rustc -vV` names no host or no release".into())
    }

    /// Reads what `rustc -vV` prints.
    fn parse(said: &str) -> Option<Self> {
        let told = |key: &str| said.lines().find_map(|line| line.strip_prefix(key)).map(str::to_owned);
        Some(Self { host: told("host: ")?, release: told("release: ")? })
    }
}

/// Everything in the binary of one server.
struct Bill {
    server: Id,
    crates: BTreeMap<Id, Linked>,
    compiler: Compiler,
}

impl Bill {
    /// Asks cargo. Macros and what builds others run on the machine that compiles, and are no part of the image.
    fn of(server: &str) -> Result<Self> {
        let tree = Tree::read(&root())?;
        let folder = contract::folder(&tree, server)?;
        let compiler = Compiler::of_this_machine()?;
        let said = cargo_tree(&compiler.host, tree.package(&folder), &["--prefix", "depth"])?;
        Self::parse(compiler, &said)
    }

    /// Reads what `cargo tree --prefix depth` prints. It describes what a crate needs once; later mentions end in `(*)`.
    fn parse(compiler: Compiler, text: &str) -> Result<Self> {
        let mut crates: BTreeMap<Id, Linked> = BTreeMap::new();
        // The crates above the line, from the server down.
        let mut above: Vec<Id> = Vec::new();
        for line in text.lines().filter(|line| !line.is_empty()) {
            let (depth, id, linked) =
                entry(line).ok_or_else(|| format!("cargo tree says `{line}`, which is no crate"))?;
            above.truncate(depth);
            if let Some(parent) = above.last().and_then(|parent| crates.get_mut(parent)) {
                parent.needs.insert(id.clone());
            }
            crates.entry(id.clone()).or_insert(linked);
            above.push(id);
        }
        let server = above.into_iter().next().ok_or("cargo tree says nothing")?;
        Ok(Self { server, crates, compiler })
    }

    /// The crates that are not ours.
    fn others(&self) -> impl Iterator<Item = (&Id, &Linked)> {
        self.crates.iter().filter(|(_, linked)| !linked.ours)
    }
}

/// `2serde v1.0.229|MIT OR Apache-2.0|https://… (*)`; a crate of ours has its folder behind the version.
fn entry(line: &str) -> Option<(usize, Id, Linked)> {
    let line = line.strip_suffix(" (*)").unwrap_or(line);
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    let (depth, rest) = line.split_at(digits);
    let [package, license, repository] = rest.split('|').collect::<Vec<_>>().try_into().ok()?;
    let (name, version) = package.split_once(" v")?;
    let (version, place) = version.split_once(' ').unwrap_or((version, ""));
    let linked = Linked {
        license: license.replace('/', " OR "),
        repository: repository.to_owned(),
        ours: place.starts_with('('),
        needs: BTreeSet::new(),
    };
    Some((depth.parse().ok()?, Id { name: name.to_owned(), version: version.to_owned() }, linked))
}

/// What cargo resolves for the image: no default features, no sandbox, one target.
fn cargo_tree(target: &str, package: &str, more: &[&str]) -> Result<String> {
    let of_image =
        ["tree", "--locked", "--no-default-features", "--target", target, "--edges", "normal,no-proc-macro"];
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .current_dir(root())
        .args(of_image)
        .args(["--format", "{p}|{l}|{r}", "--package", package])
        .args(more);
    printed(&mut cargo)
}

fn printed(command: &mut Command) -> Result<String> {
    let output = command.output()?;
    match output.status.success() {
        true => Ok(String::from_utf8(output.stdout)?),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().into()),
    }
}

/// The SHA-256 of each crate's archive, as the lock file pins it.
fn checksums(lock: &str) -> Result<BTreeMap<Id, String>> {
    let lock: Table = lock.parse()?;
    let packages = lock.get("package").and_then(Value::as_array);
    let pinned = packages.into_iter().flatten().filter_map(|package| {
        let text = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
        Some((Id { name: text("name")?, version: text("version")? }, text("checksum")?))
    });
    Ok(pinned.collect())
}
