//! Rules read from the manifests: who may depend on whom, one user per churning crate, lints, crate docs.

use std::collections::BTreeSet;

use toml::Table;

use super::{Finding, Tree};

/// What each crate may name directly; whatever those may name, it may too.
const BELOW: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("call", &["error"]),
    ("secret", &["error"]),
    ("content", &["call"]),
    ("oauth", &["call", "secret"]),
    ("identity", &["call", "secret"]),
    ("audit", &["call"]),
    ("store", &["call"]),
    ("tool", &["content"]),
    ("policy", &["tool"]),
    ("outbound", &["oauth"]),
    ("serve", &["policy", "outbound", "identity", "audit", "store"]),
];

/// Crates no server is made of: they may depend on anything, and nothing that ships depends on them.
const ASIDE: [&str; 5] = ["capabilities", "sandbox", "workflows", "xtask", "it"];

/// Crates that only one of ours may name, and that one; tokens are signed in one place and verified in another.
const ONLY_USERS: &[(&str, &[&str])] = &[
    ("axum", &["serve"]),
    ("backoff", &["outbound"]),
    ("clap", &["serve"]),
    ("failsafe", &["outbound"]),
    ("jsonwebtoken", &["identity", "oauth"]),
    ("oauth2", &["oauth"]),
    ("reqwest", &["outbound"]),
    ("rmcp", &["serve"]),
    ("sqlx", &["store"]),
];

/// Crates whose library has another name than the package.
const IMPORTED_AS: &[(&str, &str)] = &[("rustls-webpki", "webpki")];

/// The direction of dependencies.
pub(super) fn direction(tree: &Tree) -> Vec<Finding> {
    let members = members(tree);
    let ours: BTreeSet<&str> = members.iter().map(|member| member.name.as_str()).collect();
    let mut findings = Vec::new();
    for member in members.iter().filter(|member| !member.is_aside()) {
        let allowed = member.may_name();
        let Some(allowed) = allowed else {
            findings.push(member.finding("has no place in the order of crates"));
            continue;
        };
        let named = member.dependencies.iter().filter(|dependency| ours.contains(dependency.name.as_str()));
        for dependency in named {
            let simulator = dependency.name == "sandbox" && dependency.optional;
            if !simulator && !allowed.contains(dependency.name.as_str()) {
                findings
                    .push(member.finding(format!("depends on `{}`, which is not below it", dependency.name)));
            }
        }
    }
    findings
}

/// The churning crates have one user each.
pub(super) fn quarantine(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members(tree).iter().filter(|member| !member.is_aside()) {
        for (foreign, users) in ONLY_USERS {
            if !users.contains(&member.name.as_str())
                && member.dependencies.iter().any(|dependency| dependency.name == *foreign)
            {
                findings.push(member.finding(format!(
                    "depends on `{foreign}`, which is for `{}` alone",
                    users.join("` and `")
                )));
            }
        }
    }
    findings
}

/// A crate depends on what its code names.
pub(super) fn dependencies(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members(tree) {
        let code: Vec<&str> =
            tree.below(&member.folder).filter(|file| file.is_rust()).map(|file| file.text.as_str()).collect();
        for name in member.keys() {
            let imported = IMPORTED_AS.iter().find(|(package, _)| *package == name);
            let imported =
                imported.map_or_else(|| name.replace('-', "_"), |(_, library)| (*library).to_owned());
            if !code.iter().any(|text| names(text, &imported)) {
                findings.push(member.finding(format!("depends on `{name}`, which its code does not name")));
            }
        }
    }
    findings
}

/// Every member obeys the workspace's lints.
pub(super) fn lints(tree: &Tree) -> Vec<Finding> {
    let obeys = |member: &Member| {
        let lints = member.manifest.get("lints").and_then(|lints| lints.get("workspace"));
        lints.and_then(toml::Value::as_bool) == Some(true)
    };
    let members = members(tree);
    members
        .iter()
        .filter(|member| !obeys(member))
        .map(|member| member.finding("ignores the workspace's lints"))
        .collect()
}

/// The README of a crate is its documentation.
pub(super) fn crate_doc(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members(tree).iter().filter(|member| member.folder.contains('/')) {
        let readme = format!("{}/README.md", member.folder);
        if tree.get(&readme).is_none() {
            findings.push(Finding::file(readme, "is missing"));
        }
        let roots = ["lib.rs", "main.rs"].map(|root| format!("{}/src/{root}", member.folder));
        let Some(root) = roots.iter().find_map(|root| tree.get(root)) else { continue };
        if !root.text.contains("#![doc = include_str!(\"../README.md\")]") {
            findings.push(Finding::file(&root.path, "does not include the README as its documentation"));
        }
    }
    findings
}

/// One package of the workspace.
struct Member {
    name: String,
    /// From the root, such as `crates/call`.
    folder: String,
    manifest: Table,
    /// Normal and build dependencies, those of one target included; not those of tests.
    dependencies: Vec<Dependency>,
}

struct Dependency {
    /// The package's name, also where the manifest renames it.
    name: String,
    optional: bool,
}

impl Member {
    fn read(path: &str, text: &str) -> Option<Self> {
        let folder = path.strip_suffix("/Cargo.toml")?.to_owned();
        let manifest: Table = text.parse().ok()?;
        let name = manifest.get("package")?.get("name")?.as_str()?.to_owned();
        let tables = dependency_tables(&manifest, &["dependencies", "build-dependencies"]);
        let dependencies = tables.into_iter().flatten().map(Dependency::read).collect();
        Some(Self { name, folder, manifest, dependencies })
    }

    /// What its code calls its dependencies, those of tests included.
    fn keys(&self) -> BTreeSet<&str> {
        let tables =
            dependency_tables(&self.manifest, &["dependencies", "build-dependencies", "dev-dependencies"]);
        tables.into_iter().flat_map(Table::keys).map(String::as_str).collect()
    }

    fn is_aside(&self) -> bool {
        ASIDE.contains(&self.name.as_str())
    }

    /// Everything this crate may depend on, or nothing known about it.
    fn may_name(&self) -> Option<BTreeSet<&'static str>> {
        let mut allowed = BTreeSet::new();
        if self.folder.starts_with("servers/") {
            allow("serve", &mut allowed);
            return Some(allowed);
        }
        let (_, below) = BELOW.iter().find(|(name, _)| *name == self.name)?;
        below.iter().for_each(|name| allow(name, &mut allowed));
        Some(allowed)
    }

    fn finding(&self, what: impl Into<String>) -> Finding {
        Finding::file(format!("{}/Cargo.toml", self.folder), what)
    }
}

impl Dependency {
    fn read((key, value): (&String, &toml::Value)) -> Self {
        let name = value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned();
        let optional = value.get("optional").and_then(toml::Value::as_bool).unwrap_or(false);
        Self { name, optional }
    }
}

fn members(tree: &Tree) -> Vec<Member> {
    let nested = |path: &str| path.ends_with("/Cargo.toml");
    tree.files()
        .filter(|file| nested(&file.path))
        .filter_map(|file| Member::read(&file.path, &file.text))
        .collect()
}

fn dependency_tables<'a>(manifest: &'a Table, keys: &[&str]) -> Vec<&'a Table> {
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let targets = targets.into_iter().flat_map(|targets| targets.values().filter_map(toml::Value::as_table));
    let owners = std::iter::once(manifest).chain(targets);
    let tables = owners.flat_map(|owner| keys.iter().filter_map(|key| owner.get(*key)));
    tables.filter_map(toml::Value::as_table).collect()
}

/// Whether code names a crate: as a path, a macro, or in `use` and `extern crate` by itself.
fn names(text: &str, library: &str) -> bool {
    text.match_indices(library).any(|(at, _)| {
        let is_word = |before: &str| before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        let before = &text[..at];
        let begins = !is_word(before) && !before.strip_suffix("::").is_some_and(is_word);
        begins && ["::", "!", ";", " as "].iter().any(|next| text[at + library.len()..].starts_with(next))
    })
}

/// Adds a crate and all that lies below it.
fn allow(name: &'static str, allowed: &mut BTreeSet<&'static str>) {
    let below = BELOW.iter().find(|(above, _)| *above == name).map_or(&[][..], |(_, below)| below);
    if allowed.insert(name) {
        below.iter().for_each(|name| allow(name, allowed));
    }
}
