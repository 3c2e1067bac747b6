//! The house rules that no compiler checks, each a named function from the tree to its findings.

mod house;
mod manifests;
mod ports;
mod rust;
pub(crate) mod servers;
mod text;
mod tree;
mod versions;

#[cfg(test)]
mod tests;

pub(crate) use rust::pascal;
pub(crate) use tree::Tree;

use crate::{Result, root};

/// Prints every finding; a finding is a failure.
pub(crate) fn run() -> Result {
    let tree = Tree::read(&root())?;
    let report = report(&tree);
    if !report.is_empty() {
        return Err(report.join("\n\n").into());
    }
    println!("tidy: {} rules hold over {} files", RULES.len(), tree.files().count());
    Ok(())
}

/// One rule of the house.
struct Rule {
    name: &'static str,
    /// What to do about a finding, and why the rule stands.
    mend: &'static str,
    check: fn(&Tree) -> Vec<Finding>,
}

/// One place where a rule is broken.
#[derive(Debug, PartialEq)]
struct Finding {
    path: String,
    /// From 1; none where the finding is about the whole file.
    line: Option<usize>,
    what: String,
}

/// All rules, in the order of `shared/docs/contributing.md`.
const RULES: &[Rule] = &[
    Rule {
        name: "direction",
        mend: "crates depend downwards only (shared/docs/architecture.md): move the code, or lend it through a trait",
        check: manifests::direction,
    },
    Rule {
        name: "quarantine",
        mend: "a churning crate has one user: call that crate's owner instead",
        check: manifests::quarantine,
    },
    Rule {
        name: "dependencies",
        mend: "delete the line: what nobody names is built and read for nothing",
        check: manifests::dependencies,
    },
    Rule {
        name: "lints",
        mend: "add `[lints]` with `workspace = true`: lints are law for every member",
        check: manifests::lints,
    },
    Rule {
        name: "crate-doc",
        mend: "write README.md and open the crate with `#![doc = include_str!(\"../README.md\")]`",
        check: manifests::crate_doc,
    },
    Rule { name: "names", mend: "name the thing it is about", check: text::names },
    Rule {
        name: "server-shape",
        mend: "every server has the same files: the same question is answered at the same path",
        check: servers::shape,
    },
    Rule {
        name: "tool-listed",
        mend: "a tool is two lines in tools/mod.rs: `mod <tool>;` and `.with::<Tool>()`",
        check: servers::tool_listed,
    },
    Rule {
        name: "tool-named",
        mend: "a tool's file, input struct and `name` in META are one name",
        check: servers::tool_named,
    },
    Rule {
        name: "tool-contract",
        mend: "run `cargo xtask bless` and review the difference: contract files are what clients see",
        check: servers::tool_contract,
    },
    Rule {
        name: "contract-version",
        mend: "the version of a server is that of its tools (shared/docs/releases.md)",
        check: versions::contract_version,
    },
    Rule {
        name: "server-json",
        mend: "write there what the manifest says; `cargo xtask release` does so by itself",
        check: versions::server_json,
    },
    Rule {
        name: "vendor-shape",
        mend: "a vendor folder has mod, wire and sim (file or folder), README.md and fixtures/",
        check: servers::vendor_shape,
    },
    Rule {
        name: "vendor-lines",
        mend: "a vendor is two lines of its own in vendors/mod.rs, `mod` and record (a comment behind keeps them apart)",
        check: servers::vendor_lines,
    },
    Rule {
        name: "port",
        mend: "tools and vendors meet at the port: say it there, as a capability or a typed value",
        check: ports::apart,
    },
    Rule {
        name: "sim-apart",
        mend: "a simulator is written from the vendor's documents, never from our client: else both share one mistake",
        check: ports::sim_apart,
    },
    Rule {
        name: "no-panic",
        mend: "return an error; only tests, examples, `main` and automation may panic",
        check: text::no_panic,
    },
    Rule { name: "no-todo", mend: "finish it, or file an issue and delete the line", check: text::no_todo },
    Rule {
        name: "length",
        mend: "a file that outgrows 400 lines (tests: 600) becomes a folder of the same name",
        check: text::length,
    },
    Rule {
        name: "machine-path",
        mend: "the tree builds anywhere: use a path from the repository's root, or a variable",
        check: text::machine_path,
    },
    Rule {
        name: "justfile",
        mend: "at most 15 recipes of one line each; what needs more is a command of xtask",
        check: house::justfile,
    },
    Rule {
        name: "exceptions",
        mend: "give it `reason = \"YYYY-MM-DD: why it is tolerable and until when\"`",
        check: house::exceptions,
    },
    Rule {
        name: "generated",
        mend: "run `cargo xtask bless`: what stands between generated markers is not edited",
        check: house::generated,
    },
];

/// What one rule finds, as `report` says it.
pub(crate) fn report_of(rule: &str, tree: &Tree) -> Vec<String> {
    RULES.iter().filter(|candidate| candidate.name == rule).flat_map(|rule| rule.report(tree)).collect()
}

/// What all rules find.
pub(crate) fn report(tree: &Tree) -> Vec<String> {
    RULES.iter().flat_map(|rule| rule.report(tree)).collect()
}

impl Rule {
    /// One paragraph per finding: where, what, which rule, how to mend it.
    fn report(&self, tree: &Tree) -> Vec<String> {
        (self.check)(tree).iter().map(|finding| finding.display(self)).collect()
    }
}

impl Finding {
    /// About a file as a whole.
    fn file(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), line: None, what: what.into() }
    }

    /// About one line, counted from 1.
    fn line(path: impl Into<String>, line: usize, what: impl Into<String>) -> Self {
        Self { path: path.into(), line: Some(line), what: what.into() }
    }

    fn display(&self, rule: &Rule) -> String {
        let line = self.line.map(|line| format!(":{line}")).unwrap_or_default();
        format!("{}{line}: {} [{}]\n    {}", self.path, self.what, rule.name, rule.mend)
    }
}
