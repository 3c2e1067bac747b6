//! Rules about the shape of a server: the same files everywhere, tools and vendors that can be added and taken away.

use std::collections::BTreeSet;

use super::{
    Finding, Tree,
    rust::{has_word, pascal},
    tree::File,
};

/// What every server has, from its folder.
const SHAPE: [&str; 13] = [
    "Cargo.toml",
    "README.md",
    "CHANGELOG.md",
    "config.example.toml",
    "server.json",
    "asks.toml",
    "src/main.rs",
    "src/lib.rs",
    "src/tools/mod.rs",
    "src/vendors/mod.rs",
    "src/behavior.rs",
    "src/capabilities.rs",
    "src/contract.rs",
];

/// One tool of a server: a file in `tools/`, or a folder where it has outgrown one.
pub(super) struct Tool<'a> {
    pub(super) name: &'a str,
    pub(super) file: &'a File,
}

/// The folders of the servers, such as `servers/issues`.
pub(crate) fn all(tree: &Tree) -> Vec<String> {
    tree.folders("servers").into_iter().map(|name| format!("servers/{name}")).collect()
}

/// The tools of a server by their files.
pub(super) fn tools<'a>(tree: &'a Tree, server: &str) -> Vec<Tool<'a>> {
    let folder = format!("{server}/src/tools");
    let depth = folder.split('/').count();
    let is_tool = |file: &&File| {
        let inside = file.path.split('/').count() - depth;
        let folder_root = inside == 2 && file.path.ends_with("/mod.rs");
        file.is_rust() && !file.test && (folder_root || inside == 1 && !file.path.ends_with("/mod.rs"))
    };
    tree.below(&folder).filter(is_tool).map(|file| Tool { name: file.module(), file }).collect()
}

/// The vendors of a server by their folders; the reference implementation is not among them.
pub(crate) fn vendors<'a>(tree: &'a Tree, server: &str) -> BTreeSet<&'a str> {
    let mut folders = tree.folders(&format!("{server}/src/vendors"));
    folders.remove("memory");
    folders
}

/// Every server has the same files.
pub(super) fn shape(tree: &Tree) -> Vec<Finding> {
    let expected = all(tree).into_iter().flat_map(|server| SHAPE.map(|path| format!("{server}/{path}")));
    // A file that has outgrown itself is a folder of the same name.
    let stands = |path: &str| {
        let folder_root = path.trim_end_matches(".rs").to_owned() + "/mod.rs";
        tree.get(path).is_some() || tree.get(&folder_root).is_some()
    };
    expected.filter(|path| !stands(path)).map(|path| Finding::file(path, "is missing")).collect()
}

/// Every tool is declared and listed in `tools/mod.rs`.
pub(super) fn tool_listed(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in all(tree) {
        let path = format!("{server}/src/tools/mod.rs");
        let Some(list) = tree.get(&path) else { continue };
        for tool in tools(tree, &server) {
            let declared =
                list.lines.iter().any(|line| line.code.trim().ends_with(&format!("mod {};", tool.name)));
            let entry = format!("::<{}::{}>", tool.name, tool.input());
            let short_entry = format!("::<{}>", tool.input());
            let listed =
                list.lines.iter().any(|line| line.code.contains(&entry) || line.code.contains(&short_entry));
            if !(declared && listed) {
                findings.push(Finding::file(&path, format!("does not list the tool `{}`", tool.name)));
            }
        }
    }
    findings
}

/// A tool's file, input struct and `META.name` agree.
pub(super) fn tool_named(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in all(tree) {
        for tool in tools(tree, &server) {
            let mut lines = tool.file.product_lines().map(|(_, line)| line);
            let input = format!("struct {}", tool.input());
            if !tool
                .file
                .lines
                .iter()
                .any(|line| line.code.contains(&input) && has_word(&line.code, &tool.input()))
            {
                findings.push(Finding::file(&tool.file.path, format!("has no `{input}`")));
            }
            if !lines.any(|line| line.texts.iter().any(|text| text == tool.name)) {
                findings.push(Finding::file(&tool.file.path, format!("has no META named `{}`", tool.name)));
            }
        }
    }
    findings
}

/// Every tool has a contract file, and every contract file a tool.
pub(super) fn tool_contract(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in all(tree) {
        let tools: BTreeSet<&str> = tools(tree, &server).iter().map(|tool| tool.name).collect();
        for tool in &tools {
            let path = format!("{server}/contract/{tool}.json");
            if tree.get(&path).is_none() {
                findings.push(Finding::file(path, "is missing"));
            }
        }
        let contracts = tree.below(&format!("{server}/contract")).filter(|file| file.path.ends_with(".json"));
        for contract in contracts.filter(|contract| !tools.contains(contract.module())) {
            findings.push(Finding::file(&contract.path, "is the contract of no tool"));
        }
    }
    findings
}

/// A vendor folder has its five parts.
pub(super) fn vendor_shape(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in all(tree) {
        for vendor in vendors(tree, &server) {
            let folder = format!("{server}/src/vendors/{vendor}");
            let module = |name: &str| {
                tree.get(&format!("{folder}/{name}.rs")).or(tree.get(&format!("{folder}/{name}/mod.rs")))
            };
            let missing = ["wire", "sim"].into_iter().filter(|name| module(name).is_none());
            findings.extend(missing.map(|name| Finding::file(&folder, format!("has no `{name}`"))));
            let files = ["mod.rs", "README.md"]
                .into_iter()
                .filter(|name| tree.get(&format!("{folder}/{name}")).is_none());
            findings.extend(files.map(|name| Finding::file(&folder, format!("has no {name}"))));
            if tree.below(&format!("{folder}/fixtures")).next().is_none() {
                findings.push(Finding::file(&folder, "has no fixtures"));
            }
        }
    }
    findings
}

/// `vendors/mod.rs` names each vendor on two lines of its own, and nothing else of the server does.
pub(super) fn vendor_lines(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for server in all(tree) {
        let path = format!("{server}/src/vendors/mod.rs");
        let Some(list) = tree.get(&path) else { continue };
        let vendors = vendors(tree, &server);
        for (at, line) in list.lines.iter().enumerate() {
            if vendors.iter().filter(|vendor| has_word(&line.code, vendor)).count() > 1 {
                findings.push(Finding::line(&path, at + 1, "names two vendors on one line"));
            }
        }
        for vendor in vendors {
            let count = lines_naming(list, vendor).len();
            if count != 2 {
                findings
                    .push(Finding::file(&path, format!("names `{vendor}` on {count} lines of code, not 2")));
            }
            findings.extend(reached_into(tree, &server, vendor));
        }
    }
    findings
}

/// Files of a server, outside the vendor's folder and the list, that name a path into the vendor.
fn reached_into(tree: &Tree, server: &str, vendor: &str) -> Vec<Finding> {
    let vendors = format!("{server}/src/vendors");
    let own =
        |path: &str| path == format!("{vendors}/mod.rs") || path.starts_with(&format!("{vendors}/{vendor}/"));
    let entry = format!("vendors::{vendor}");
    let reaches = |file: &File| {
        let at = file.lines.iter().position(|line| has_word(&line.code, &entry))?;
        Some(Finding::line(&file.path, at + 1, format!("reaches into `{vendor}`")))
    };
    tree.below(server).filter(|file| !own(&file.path)).filter_map(reaches).collect()
}

/// The lines of code, from 1, on which a file names a vendor: what goes when the vendor goes.
pub(crate) fn lines_naming(file: &File, vendor: &str) -> Vec<usize> {
    let naming = file.lines.iter().enumerate().filter(|(_, line)| has_word(&line.code, vendor));
    naming.map(|(at, _)| at + 1).collect()
}

impl Tool<'_> {
    /// The name of the tool's input struct: `search_issues` is `SearchIssues`.
    fn input(&self) -> String {
        pascal(self.name)
    }
}
