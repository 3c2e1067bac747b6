//! Rules about who may name whom inside a server: tools, vendors and simulators stand apart.

use std::collections::BTreeSet;

use super::{
    Finding, Tree,
    rust::{Line, has_word, pascal},
    servers::{self, Tool},
    tree::File,
};

/// Tools never name a vendor and vendors never name a tool. Comments may: descriptions speak the vendor's language.
pub(super) fn apart(tree: &Tree) -> Vec<Finding> {
    let vendors: BTreeSet<&str> =
        servers::all(tree).iter().flat_map(|server| servers::vendors(tree, server)).collect();
    let mut findings = Vec::new();
    for server in servers::all(tree) {
        let tools = servers::tools(tree, &server);
        for file in rust_below(tree, &format!("{server}/src/tools")) {
            findings.extend(in_lines(file, |line| names_vendor(line, &vendors)));
        }
        for file in rust_below(tree, &format!("{server}/src/vendors")) {
            findings.extend(in_lines(file, |line| names_tool(line, &tools)));
        }
    }
    findings
}

/// A simulator never imports the client's wire types, not even in its tests.
pub(super) fn sim_apart(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let simulator = |file: &&File| file.path.contains("/src/vendors/") && in_simulator(&file.path);
    for file in tree.rust().filter(simulator) {
        for (at, _) in file.lines.iter().enumerate().filter(|(_, line)| has_word(&line.code, "wire")) {
            findings.push(Finding::line(&file.path, at + 1, "a simulator names the client's `wire`"));
        }
    }
    findings
}

fn rust_below<'a>(tree: &'a Tree, folder: &str) -> impl Iterator<Item = &'a File> + use<'a> {
    tree.below(folder).filter(|file| file.is_rust())
}

fn in_lines(file: &File, what: impl Fn(&Line) -> Option<String>) -> Vec<Finding> {
    let found = |(number, line)| Some(Finding::line(&file.path, number, what(line)?));
    file.product_lines().filter_map(found).collect()
}

/// A vendor's name as an identifier, a part of a type's name, or a text that is nothing but the name.
fn names_vendor(line: &Line, vendors: &BTreeSet<&str>) -> Option<String> {
    let named = vendors.iter().find(|vendor| {
        has_word(&line.code, vendor)
            || line.code.contains(&pascal(vendor))
            || line.texts.iter().any(|text| text == **vendor)
    })?;
    Some(format!("a tool names the vendor `{named}`"))
}

/// A path into `tools`, or a text that contains a tool's name.
fn names_tool(line: &Line, tools: &[Tool<'_>]) -> Option<String> {
    if line.code.contains("tools::") {
        return Some("a vendor reaches into `tools`".to_owned());
    }
    let named = tools.iter().find(|tool| line.texts.iter().any(|text| has_word(text, tool.name)))?;
    Some(format!("a vendor names the tool `{}`", named.name))
}

fn in_simulator(path: &str) -> bool {
    path.ends_with("/sim.rs") || path.contains("/sim/")
}
