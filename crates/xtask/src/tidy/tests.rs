//! A small tidy tree, and one planted violation after another.

use std::collections::{BTreeMap, BTreeSet};

use super::{Finding, RULES, Tree, report, servers};
use crate::root;

/// A violation: the rule it breaks, the file it is planted in, and the file's text; an empty text deletes the file.
type Plant = (&'static str, &'static str, &'static str);

const TOOL: &str = "servers/desk/src/tools/find_it.rs";
const VENDOR: &str = "servers/desk/src/vendors/acme/mod.rs";
const SIM: &str = "servers/desk/src/vendors/acme/sim.rs";
const TOOL_TEXT: &str =
    "/// Finds an Acme ticket.\nstruct FindIt {}\nconst META: Meta = Meta { name: \"find_it\" };\n";

const DESK_MANIFEST: &str = "package.name = 'desk'\npackage.version = '0.1.0'\nlints.workspace = true";
const SERVER_JSON: &str = r#"{"name": "dev.chancery/desk", "version": "0.1.0", "packages": [
    {"registryType": "oci", "identifier": "ghcr.io/chancery/chancery-desk:0.1.0"}]}"#;

const PLANTS: &[Plant] = &[
    (
        "direction",
        "crates/call/Cargo.toml",
        "package.name = 'call'\nlints.workspace = true\ndependencies.tool = {}",
    ),
    (
        "direction",
        "crates/call/Cargo.toml",
        "package.name = 'call'\nlints.workspace = true\ndependencies.sandbox = {}",
    ),
    ("direction", "crates/call/Cargo.toml", "package.name = 'stranger'\nlints.workspace = true"),
    (
        "direction",
        "servers/desk/Cargo.toml",
        "package.name = 'desk'\npackage.version = '0.1.0'\nlints.workspace = true\ndependencies.xtask = {}",
    ),
    (
        "quarantine",
        "crates/call/Cargo.toml",
        "package.name = 'call'\nlints.workspace = true\ndependencies.reqwest = '1'",
    ),
    (
        "quarantine",
        "servers/desk/Cargo.toml",
        "package.name = 'desk'\npackage.version = '0.1.0'\nlints.workspace = true\ntarget.'cfg(unix)'.dependencies.web = { package = 'axum' }",
    ),
    (
        "dependencies",
        "crates/call/Cargo.toml",
        "package.name = 'call'\nlints.workspace = true\ndev-dependencies.re-quest = '1'",
    ),
    (
        "dependencies",
        "servers/desk/Cargo.toml",
        "package.name = 'desk'\npackage.version = '0.1.0'\nlints.workspace = true\ndependencies.Cx = {}",
    ),
    ("lints", "crates/call/Cargo.toml", "package.name = 'call'"),
    ("crate-doc", "crates/call/README.md", ""),
    ("crate-doc", "crates/call/src/lib.rs", "//! Prose of its own.\n"),
    ("names", "crates/call/src/util.rs", "//! Odds and ends.\n"),
    ("server-shape", "servers/desk/asks.toml", ""),
    ("server-shape", "servers/desk/src/capabilities.rs", ""),
    ("tool-listed", "servers/desk/src/tools/mod.rs", "mod find_it;\n"),
    ("tool-listed", "servers/desk/src/tools/mod.rs", "// mod find_it;\nlist().with::<FindIt>();\n"),
    ("tool-named", TOOL, "struct FindIt {}\nconst META: Meta = Meta { name: \"find_that\" };\n"),
    ("tool-named", TOOL, "struct Input {}\nconst META: Meta = Meta { name: \"find_it\" };\n"),
    ("tool-contract", "servers/desk/contract/find_it.json", ""),
    ("tool-contract", "servers/desk/contract/lose_it.json", "{}"),
    (
        "contract-version",
        "servers/desk/released.json",
        "{\"version\": \"1.4.2\", \"tools\": [{\"name\": \"lose_it\"}]}",
    ),
    ("contract-version", "servers/desk/released.json", "{}"),
    ("contract-version", "servers/desk/contract/find_it.json", "{\"name\": "),
    ("server-json", "servers/desk/server.json", "{\"name\": \"dev.chancery/desk\", \"version\": \"0.2.0\"}"),
    ("server-json", "servers/desk/server.json", "{"),
    ("vendor-shape", "servers/desk/src/vendors/acme/wire.rs", ""),
    ("vendor-shape", "servers/desk/src/vendors/acme/fixtures/one.json", ""),
    ("vendor-lines", "servers/desk/src/vendors/mod.rs", "mod acme;\nuse acme::A;\nlist(acme::VENDOR);\n"),
    ("vendor-lines", "servers/desk/src/model.rs", "use crate::vendors::acme::wire::Ticket;\n"),
    (
        "port",
        TOOL,
        "struct FindIt {}\nconst META: &str = \"find_it\";\nfn f(v: &str) -> bool { v == \"acme\" }\n",
    ),
    ("port", TOOL, "struct FindIt {}\nconst META: &str = \"find_it\";\nfn f(desk: AcmeDesk) {}\n"),
    ("port", VENDOR, "const HINT: &str = \"call find_it first\";\n"),
    ("port", VENDOR, "use crate::tools::find_it::FindIt;\n"),
    ("sim-apart", SIM, "use super::wire::Ticket;\n"),
    ("sim-apart", SIM, "#[cfg(test)]\nmod tests {\n use super::super::{wire, client};\n}\n"),
    ("no-panic", "crates/call/src/cx.rs", "fn f() { g().unwrap(); }\n"),
    ("no-panic", "crates/call/src/cx.rs", "fn f() { panic!(\"no\"); }\n#[cfg(test)]\nmod tests {}\n"),
    ("no-todo", "crates/call/src/cx.rs", concat!("// TO", "DO: later\n")),
    ("no-todo", "justfile", concat!("# FIX", "ME\nci:\n    bash .ci/run\n")),
    ("length", "crates/call/src/cx.rs", LONG),
    ("machine-path", "deploy/compose.yaml", concat!("volumes: [\"/ho", "me/me/data:/data\"]\n")),
    ("justfile", "justfile", "ci:\n    one\n    two\n"),
    ("justfile", "justfile", "a:\nb:\nc:\nd:\ne:\nf:\ng:\nh:\ni:\nj:\nk:\nl:\nm:\nn:\no:\np:\n"),
    ("exceptions", "deny.toml", "advisories.ignore = ['RUSTSEC-2025-0012']"),
    ("exceptions", "deny.toml", "bans.skip = [{ crate = 'a', reason = 'because' }]"),
    ("exceptions", ".cargo/audit.toml", "advisories.ignore = ['RUSTSEC-2025-0012']"),
    ("exceptions", ".cargo/audit.toml", ""),
    ("generated", "README.md", "<!-- tools:begin -->\nold\n<!-- tools:end -->\n"),
];

/// 401 lines.
const LONG: &str = {
    const LINES: [u8; 401] = [b'\n'; 401];
    match std::str::from_utf8(&LINES) {
        Ok(lines) => lines,
        Err(_) => "",
    }
};

/// Looks like a violation and is none.
const INNOCENT: &[(&str, &str)] = &[
    ("crates/call/src/cx.rs", "// f().unwrap() says \"panic!\"\nfn f() { g(\".expect(\").unwrap_or(1) }\n"),
    (
        "crates/call/src/cx.rs",
        "mod tests;\n#[cfg(test)]\nfn f() { g().unwrap(); }\n#[cfg(test)]\nmod behavior;\n",
    ),
    ("crates/call/src/main.rs", "fn main() { f().unwrap(); }\n"),
    ("crates/call/src/tests.rs", "fn f() { g().unwrap(); }\n"),
    ("crates/call/examples/a.rs", "fn main() { g().unwrap(); }\n"),
    ("servers/desk/src/state.rs", "enum State { Todo }\nconst STATE: &str = \"TODO\";\n"),
    (
        "crates/call/Cargo.toml",
        "package.name = 'call'\nlints.workspace = true\ndev-dependencies.reqwest = '1'",
    ),
    (
        "servers/desk/Cargo.toml",
        "package.name = 'desk'\npackage.version = '0.1.0'\nlints.workspace = true\ndependencies.call = {}",
    ),
    (
        TOOL,
        "struct FindIt {}\nconst M: &str = \"find_it\";\n#[cfg(test)]\nmod tests {\n const V: &str = \"acme\";\n}\n",
    ),
    (VENDOR, "fn find_it() { wiremock(); }\n"),
    ("deploy/compose.yaml", "url: https://example.com/home/me/\n"),
    ("justfile", "# one\nset shell := [\"bash\"]\n\n[private]\nci: fmt\n    bash .ci/run\n"),
    ("deny.toml", "advisories.ignore = [{ id = 'a', reason = '2026-11-21: waits for b' }]"),
];

#[test]
fn the_tree_is_tidy() {
    let tree = Tree::read(&root()).expect("the repository is readable");
    let report = report(&tree);
    assert!(report.is_empty(), "\n{}\n", report.join("\n\n"));
}

#[test]
fn every_planted_violation_is_found_by_its_rule_alone() {
    for (rule, path, text) in PLANTS {
        let found = broken(&planted(path, text));
        assert_eq!(found, BTreeSet::from([*rule]), "planted in {path}:\n{text}");
    }
}

#[test]
fn every_rule_has_a_plant() {
    let planted: BTreeSet<&str> = PLANTS.iter().map(|(rule, _, _)| *rule).collect();
    let rules: BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(planted, rules);
}

#[test]
fn what_only_looks_like_a_violation_is_let_be() {
    assert_eq!(broken(&planted("NOTES.md", "Nothing planted.\n")), BTreeSet::new());
    for (path, text) in INNOCENT {
        let report = report(&planted(path, text));
        assert!(report.is_empty(), "in {path}:\n{text}\n{}", report.join("\n"));
    }
}

#[test]
fn a_module_declared_for_tests_is_test_code() {
    let mut files = tidy_files();
    files.insert(
        "crates/call/src/lib.rs",
        "#![doc = include_str!(\"../README.md\")]\n#[cfg(test)]\nmod behavior;\n",
    );
    files.insert("crates/call/src/behavior/mod.rs", "fn f() { g().unwrap(); }\n");
    assert_eq!(broken(&tree(files)), BTreeSet::new());
}

#[test]
fn two_vendors_on_one_line_cannot_be_deleted_apart() {
    let mut files = tidy_files();
    files.insert("servers/desk/src/vendors/zeta/mod.rs", "mod wire;\n");
    files.insert(
        "servers/desk/src/vendors/mod.rs",
        "mod acme;\nmod zeta;\nlist(acme::VENDOR, zeta::VENDOR);\n",
    );
    let expected = Finding::line("servers/desk/src/vendors/mod.rs", 3, "names two vendors on one line");
    assert_eq!(servers::vendor_lines(&tree(files)), [expected]);
}

#[test]
fn a_finding_says_where_what_and_how_to_mend_it() {
    let report = report(&planted("crates/call/src/cx.rs", "\nfn f() { g().unwrap(); }\n"));
    let expected = "crates/call/src/cx.rs:2: calls `.unwrap()` [no-panic]\n    \
                    return an error; only tests, examples, `main` and automation may panic";
    assert_eq!(report, [expected]);
}

/// The names of the rules that a tree breaks.
fn broken(tree: &Tree) -> BTreeSet<&'static str> {
    RULES.iter().filter(|rule| !(rule.check)(tree).is_empty()).map(|rule| rule.name).collect()
}

fn planted(path: &'static str, text: &'static str) -> Tree {
    let mut files = tidy_files();
    match text {
        "" => files.remove(path),
        _ => files.insert(path, text),
    };
    tree(files)
}

fn tree(files: BTreeMap<&str, &str>) -> Tree {
    Tree::of(files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())))
}

/// One crate and one server with one tool and one vendor.
fn tidy_files() -> BTreeMap<&'static str, &'static str> {
    let doc = "#![doc = include_str!(\"../README.md\")]\n";
    BTreeMap::from([
        ("Cargo.toml", "workspace.members = ['crates/*']"),
        ("justfile", "ci:\n    bash .ci/run\n"),
        ("deny.toml", "bans.wildcards = 'deny'"),
        (".cargo/audit.toml", "output.quiet = false"),
        ("crates/call/Cargo.toml", "package.name = 'call'\nlints.workspace = true"),
        ("crates/call/README.md", "What travels with a call.\n"),
        ("crates/call/src/lib.rs", doc),
        ("crates/call/src/named.rs", "use reqwest::get;\nuse sandbox::Sim;\nuse tool::Tool;\n"),
        (
            "crates/sandbox/Cargo.toml",
            "package.name = 'sandbox'\nlints.workspace = true\ndependencies.axum = '1'",
        ),
        ("crates/sandbox/README.md", "Simulators.\n"),
        ("crates/sandbox/src/lib.rs", doc),
        ("crates/sandbox/src/named.rs", "use axum::Router;\n"),
        ("crates/tool/Cargo.toml", "package.name = 'tool'\nlints.workspace = true\ndependencies.call = {}"),
        ("crates/tool/README.md", "What a tool is.\n"),
        ("crates/tool/src/lib.rs", doc),
        ("crates/tool/src/named.rs", "use call::Cx;\n"),
        ("crates/xtask/Cargo.toml", "package.name = 'xtask'\nlints.workspace = true\ndependencies.tool = {}"),
        ("crates/xtask/README.md", "Automation.\n"),
        ("crates/xtask/src/main.rs", doc),
        ("crates/xtask/src/named.rs", "fn f() { tool::run(); }\n"),
        ("servers/desk/Cargo.toml", DESK_MANIFEST),
        ("servers/desk/README.md", "A desk.\n"),
        ("servers/desk/CHANGELOG.md", "First.\n"),
        ("servers/desk/config.example.toml", "a = 1\n"),
        ("servers/desk/server.json", SERVER_JSON),
        ("servers/desk/asks.toml", "a = 1\n"),
        ("servers/desk/contract/find_it.json", "{\"name\": \"find_it\"}"),
        ("servers/desk/src/main.rs", "fn main() {}\n"),
        ("servers/desk/src/lib.rs", doc),
        ("servers/desk/src/named.rs", "use call::Cx;\nuse web as axum;\nuse xtask::run;\n"),
        ("servers/desk/src/behavior.rs", "fn suite() {}\n"),
        ("servers/desk/src/capabilities.rs", "fn tables() {}\n"),
        ("servers/desk/src/contract.rs", "fn golden() {}\n"),
        ("servers/desk/src/tools/mod.rs", "mod find_it;\nlist().with::<find_it::FindIt>();\n"),
        (TOOL, TOOL_TEXT),
        ("servers/desk/src/vendors/mod.rs", "mod acme;\nmod memory;\nlist(acme::VENDOR);\n"),
        ("servers/desk/src/vendors/memory.rs", "struct Memory;\n"),
        (VENDOR, "mod wire;\n"),
        (SIM, "struct Sim;\n"),
        ("servers/desk/src/vendors/acme/wire.rs", "struct Ticket;\n"),
        ("servers/desk/src/vendors/acme/README.md", "Acme.\n"),
        ("servers/desk/src/vendors/acme/fixtures/one.json", "{}"),
    ])
}
