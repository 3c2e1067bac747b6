//! Rules about versions: one says what the contract is worth, and every file of a server says the same.

use serde_json::Value;

use super::{Finding, Tree, servers};
use crate::contract::Verdict;

/// Where the registry's names begin; the image's label `io.modelcontextprotocol.server.name` is the same.
const NAMESPACE: &str = "dev.chancery";

/// Where the release workflow pushes the images; a fork has another owner.
const IMAGES: &str = "ghcr.io/chancery";

/// Longest texts that the registry takes (schema 2025-12-11).
const MOST_CHARACTERS: usize = 100;

/// The version of a server is far enough from the last released one for what changed of its tools.
pub(super) fn contract_version(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in servers::all(tree) {
        let name = server.trim_start_matches("servers/");
        let problems = match Verdict::of(tree, name) {
            Ok(verdict) => verdict.problems(),
            Err(error) => vec![error.to_string()],
        };
        findings.extend(problems.into_iter().map(|what| Finding::file(format!("{server}/Cargo.toml"), what)));
    }
    findings
}

/// What the registry is told of a server is its name, its version and its image.
pub(super) fn server_json(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in servers::all(tree) {
        let path = format!("{server}/server.json");
        let Some(file) = tree.get(&path) else { continue };
        let problems = match serde_json::from_str(&file.text) {
            Ok(told) => wrong(tree, &server, &told),
            Err(error) => vec![format!("is no JSON: {error}")],
        };
        findings.extend(problems.into_iter().map(|what| Finding::file(&path, what)));
    }
    findings
}

fn wrong(tree: &Tree, server: &str, told: &Value) -> Vec<String> {
    let folder = server.trim_start_matches("servers/");
    let package = tree.package(folder);
    let Ok(verdict) = Verdict::of(tree, folder) else { return Vec::new() };
    let version = verdict.now.version;
    let expected = [
        ("/name", format!("{NAMESPACE}/{package}")),
        ("/version", version.to_string()),
        ("/packages/0/registryType", "oci".to_owned()),
        ("/packages/0/identifier", format!("{IMAGES}/chancery-{package}:{version}")),
    ];
    let text = |pointer: &str| told.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let other = expected.iter().filter(|(pointer, value)| text(pointer) != value);
    let other = other.map(|(pointer, value)| format!("says `{}` at {pointer}, not `{value}`", text(pointer)));
    let long = ["/title", "/description"].into_iter().filter(|at| text(at).chars().count() > MOST_CHARACTERS);
    let long = long.map(|at| format!("has more than {MOST_CHARACTERS} characters at {at}"));
    other.chain(long).collect()
}
