//! Contracts, where they stand: as the tree has one now, as it was last released, as another tree had it.

use std::{collections::BTreeMap, path::Path, process::Command};

use serde_json::{Value, json};
use toml::Table;

use super::version::Version;
use crate::{Result, root, tidy::Tree};

/// The tools of a server as clients see them, and the version that stands for them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Contract {
    pub(crate) version: Version,
    /// By name; each as in `contract/<tool>.json`.
    pub(crate) tools: BTreeMap<String, Value>,
}

/// A name that a tool had before.
pub(super) struct Alias<'a> {
    pub(super) name: &'a str,
    /// The version without it, as it is written.
    pub(super) removed_in: &'a str,
    /// The tool that has it.
    pub(super) tool: &'a str,
}

impl Contract {
    /// The contract in the folder of a server, under the version in its manifest.
    pub(crate) fn current(tree: &Tree, server: &str) -> Result<Self> {
        let files = tree.below(&format!("servers/{server}/contract"));
        let files = files.filter(|file| file.path.ends_with(".json"));
        let tools = files.map(|file| parse(&file.path, &file.text)).collect::<Result<Vec<_>>>()?;
        Ok(Self { version: version(tree, server)?, tools: by_name(tools) })
    }

    /// The contract that was last released, if one ever was.
    pub(crate) fn released(tree: &Tree, server: &str) -> Result<Option<Self>> {
        let path = path(server);
        let Some(file) = tree.get(&path) else { return Ok(None) };
        let kept = parse(&path, &file.text)?;
        let (Some(version), Some(tools)) = (kept["version"].as_str(), kept["tools"].as_array()) else {
            return Err(
                format!("{path} has no `version` and `tools`; take it back from version control").into()
            );
        };
        Ok(Some(Self { version: version.parse()?, tools: by_name(tools.clone()) }))
    }

    /// The text of the file that keeps it: one line a tool, so that a difference names the tools that differ.
    pub(crate) fn text(&self) -> String {
        let tools: Vec<String> = self.tools.values().map(|tool| format!("    {tool}")).collect();
        let version = json!(self.version.to_string());
        format!("{{\n  \"version\": {version},\n  \"tools\": [\n{}\n  ]\n}}\n", tools.join(",\n"))
    }

    pub(super) fn aliases(&self) -> impl Iterator<Item = Alias<'_>> {
        self.tools.iter().flat_map(|(tool, record)| {
            let aliases = record["aliases"].as_array().map(Vec::as_slice).unwrap_or_default();
            aliases.iter().filter_map(move |alias| {
                let text = |key: &str| alias.get(key)?.as_str();
                Some(Alias { name: text("name")?, removed_in: text("removed_in")?, tool })
            })
        })
    }
}

/// Where the released contract of a server is kept: a clone may carry no tags.
pub(crate) fn path(server: &str) -> String {
    format!("servers/{server}/released.json")
}

/// What a tree of another time or place has of a server: a folder's, else a revision's.
pub(super) fn elsewhere(place: &str, server: &str) -> Result<Tree> {
    let folder = Path::new(place);
    if folder.is_dir() {
        return Tree::read(folder);
    }
    let of_server = format!("servers/{server}/");
    let listed = git(&["ls-tree", "-r", "--name-only", place, &of_server])
        .map_err(|said| format!("`{place}` is neither a folder nor a revision of this repository: {said}"))?;
    let wanted = listed.lines().filter(|path| path.contains("/contract/") || path.ends_with("/Cargo.toml"));
    let files = wanted.map(|path| Ok((path.to_owned(), git(&["show", &format!("{place}:{path}")])?)));
    Ok(Tree::of(files.collect::<Result<Vec<_>>>()?))
}

/// What a git command prints; its complaint where it fails.
pub(crate) fn git(arguments: &[&str]) -> Result<String> {
    let output = Command::new("git").current_dir(root()).args(arguments).output();
    let output = output.map_err(|e| format!("git cannot be run: {e}"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(String::from_utf8_lossy(&output.stderr).trim().into()),
    }
}

fn version(tree: &Tree, server: &str) -> Result<Version> {
    let path = format!("servers/{server}/Cargo.toml");
    let manifest = tree.get(&path).ok_or_else(|| format!("{path} is missing"))?;
    let manifest: Table = manifest.text.parse().map_err(|e| format!("{path}: {e}"))?;
    let version = manifest.get("package").and_then(|package| package.get("version")?.as_str());
    Ok(version.ok_or_else(|| format!("{path} has no version of its own"))?.parse()?)
}

fn by_name(tools: Vec<Value>) -> BTreeMap<String, Value> {
    let named = tools.into_iter().map(|tool| (tool["name"].as_str().unwrap_or_default().to_owned(), tool));
    named.collect()
}

fn parse(path: &str, text: &str) -> Result<Value> {
    serde_json::from_str(text).map_err(|e| format!("{path} is no JSON: {e}").into())
}
