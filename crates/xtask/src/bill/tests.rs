//! The bill of a small tree, and that of a real server beside what cargo says in another form.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{Bill, Compiler, Id, cargo_tree, licenses, parts, sbom};
use crate::root;

const TREE: &str = "\
0desk v1.4.2 (/somewhere/servers/desk)|Apache-2.0|
1error v0.1.0 (/somewhere/crates/error)|Apache-2.0|
2serde v1.0.229|MIT/Apache-2.0|https://example.com/serde
3serde_core v1.0.229|MIT OR Apache-2.0|https://example.com/serde
1serde v1.0.229|MIT/Apache-2.0|https://example.com/serde (*)
1zip-sys v2.0.1+zip.1.5|MIT|
";

const LOCK: &str = "\
[[package]]
name = \"serde\"
version = \"1.0.229\"
checksum = \"aa\"

[[package]]
name = \"desk\"
version = \"1.4.2\"
";

const RUSTC: &str =
    "rustc 1.95.0 (abc 2026-04-14)\nbinary: rustc\nhost: m68k-unknown-linux-gnu\nrelease: 1.95.0\n";

/// What is in an image besides crates.
const PARTS: [&str; 3] = ["image/glibc", "image/rust-std", "image/mozilla-ca-certificates"];

/// The small tree, compiled for a machine of its own.
fn bill() -> Bill {
    parsed(TREE).unwrap()
}

fn parsed(tree: &str) -> crate::Result<Bill> {
    Bill::parse(Compiler::parse(RUSTC).unwrap(), tree)
}

fn id(name: &str, version: &str) -> Id {
    Id { name: name.to_owned(), version: version.to_owned() }
}

#[test]
fn the_bill_names_each_crate_once_and_who_needs_it() {
    let document = sbom::document(&bill(), LOCK, None).unwrap();
    let refs: Vec<&str> =
        document["components"].as_array().unwrap().iter().map(|c| c["bom-ref"].as_str().unwrap()).collect();
    let (serde, core, zip) =
        ("pkg:cargo/serde@1.0.229", "pkg:cargo/serde_core@1.0.229", "pkg:cargo/zip-sys@2.0.1%2Bzip.1.5");
    let [glibc, std, authorities] = PARTS;
    assert_eq!(refs, ["chancery/error@0.1.0", serde, core, zip, glibc, std, authorities]);
    assert_eq!(
        document["components"][1],
        json!({
            "type": "library", "bom-ref": serde, "purl": serde, "name": "serde", "version": "1.0.229",
            "licenses": [{"expression": "MIT OR Apache-2.0"}],
            "hashes": [{"alg": "SHA-256", "content": "aa"}],
            "externalReferences": [{"type": "vcs", "url": "https://example.com/serde"}],
        })
    );
    assert_eq!(document["components"][0].get("purl"), None, "crates.io has another `error`");
    let needs = |at: usize| &document["dependencies"][at];
    assert_eq!(
        *needs(0),
        json!({
            "ref": "chancery/desk@1.4.2",
            "dependsOn": ["chancery/error@0.1.0", serde, zip, glibc, std, authorities],
        })
    );
    assert_eq!(*needs(2), json!({"ref": serde, "dependsOn": [core]}), "also where it is mentioned first");
}

#[test]
fn the_bill_names_what_is_no_crate_with_a_version_where_it_is_known() {
    let document = sbom::document(&bill(), LOCK, None).unwrap();
    let told = |at: usize| {
        let part = &document["components"][at];
        (part["type"].as_str(), part["licenses"][0]["expression"].as_str(), part["version"].as_str())
    };
    assert_eq!(told(4), (Some("library"), Some("LGPL-2.1-or-later"), None));
    assert_eq!(told(5), (Some("library"), Some("MIT OR Apache-2.0"), Some("1.95.0")));
    assert_eq!(told(6), (Some("data"), Some("MPL-2.0"), None));
    assert_eq!(document["components"][4].get("version"), None);
    assert_eq!(document["dependencies"][5], json!({"ref": "image/glibc", "dependsOn": []}));
    let target = json!({"name": "chancery:target", "value": "m68k-unknown-linux-gnu"});
    assert_eq!(document["metadata"]["properties"][0], target);
}

#[test]
fn the_compiler_says_what_it_is() {
    let compiler = Compiler::parse(RUSTC).unwrap();
    assert_eq!((compiler.host.as_str(), compiler.release.as_str()), ("m68k-unknown-linux-gnu", "1.95.0"));
    assert_eq!(Compiler::parse("rustc 1.95.0\n"), None);
}

#[test]
fn the_bill_has_what_the_format_requires_and_a_time_only_if_told() {
    let bill = bill();
    let document = sbom::document(&bill, LOCK, None).unwrap();
    assert_eq!(
        [&document["bomFormat"], &document["specVersion"], &document["version"]],
        [&json!("CycloneDX"), &json!("1.6"), &json!(1)]
    );
    let subject = &document["metadata"]["component"];
    assert_eq!(
        [&subject["name"], &subject["version"], &subject["type"]],
        ["chancery-desk", "1.4.2", "application"]
    );
    assert_eq!(document["metadata"].get("timestamp"), None);
    assert_eq!(document.get("serialNumber"), None);
    let lock = document["metadata"]["properties"][2]["value"].as_str().unwrap();
    assert_eq!(lock.len(), 64);

    let then = jiff::Timestamp::from_second(1_700_000_000).unwrap();
    let dated = sbom::document(&bill, LOCK, Some(then)).unwrap();
    assert_eq!(dated["metadata"]["timestamp"], "2023-11-14T22:13:20Z");
}

#[test]
fn what_is_no_tree_is_refused() {
    assert!(parsed("").is_err());
    assert!(parsed("error: no such package").is_err());
}

/// Cargo's flat list of the same server, which repeats crates and knows no depth.
#[test]
fn the_bill_of_a_real_server_names_every_crate_that_cargo_links() {
    let bill = Bill::of("itsm").unwrap();
    let lock = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let document = sbom::document(&bill, &lock, None).unwrap();
    let components = document["components"].as_array().unwrap();
    let crates = components.iter().filter(|c| !PARTS.contains(&c["bom-ref"].as_str().unwrap()));
    let mut named: BTreeSet<String> = crates.map(named).collect();
    named.insert(format!("itsm {}", document["metadata"]["component"]["version"].as_str().unwrap()));
    let flat = cargo_tree(&bill.compiler.host, "itsm", &["--prefix", "none", "--no-dedupe"]).unwrap();
    let linked = flat.lines().map(|line| {
        let mut words = line.split(['|', ' ']);
        format!("{} {}", words.next().unwrap(), words.next().unwrap().trim_start_matches('v'))
    });
    assert_eq!(named, linked.collect());
    assert!(
        named.iter().any(|name| name.starts_with("rustls "))
            && !named.iter().any(|n| n.starts_with("sandbox "))
    );

    let refs: BTreeSet<&str> =
        document["dependencies"].as_array().unwrap().iter().map(|d| d["ref"].as_str().unwrap()).collect();
    assert_eq!(refs.len(), named.len() + PARTS.len(), "each stands in the graph");
    for component in components {
        let pinned = component.get("hashes").is_some();
        assert_eq!(pinned, component.get("purl").is_some(), "what is not ours is pinned: {component}");
        assert_ne!(component["licenses"][0]["expression"], "", "{component}");
    }
}

fn named(component: &Value) -> String {
    format!("{} {}", component["name"].as_str().unwrap(), component["version"].as_str().unwrap())
}

#[test]
fn notices_name_every_crate_of_others_and_each_text_once() {
    let bill = bill();
    let text = |text: &str| BTreeSet::from([licenses::tidied(text)]);
    let texts = BTreeMap::from([
        (id("serde", "1.0.229"), text("MIT of serde\r\n\r\nAs is.\n")),
        (id("serde_core", "1.0.229"), text("\nMIT of\nserde\n\n  As is.")),
        (id("zip-sys", "2.0.1+zip.1.5"), BTreeSet::new()),
    ]);
    let (line, relink) = ("=".repeat(80), parts::RELINK);
    let expected = format!(
        "Third-party software in chancery-desk 1.4.2\n\n\
         serde 1.0.229: MIT OR Apache-2.0\n\
         serde_core 1.0.229: MIT OR Apache-2.0\n\
         zip-sys 2.0.1+zip.1.5: MIT (brings no text of it; )\n\
         \nNo crates, and in the image as well:\n\n\
         glibc: LGPL-2.1-or-later (the GNU C library, linked statically; sources: https://sourceware.org/git/glibc.git)\n\
         rust-std 1.95.0: MIT OR Apache-2.0 (Rust's standard library, linked statically; sources: https://github.com/rust-lang/rust)\n\
         mozilla-ca-certificates: MPL-2.0 (Mozilla's certificate authorities, /etc/ssl/certs/ca-certificates.crt; sources: https://hg.mozilla.org/projects/nss)\n\
         \n{relink}\
         \n{line}\nserde 1.0.229, serde_core 1.0.229\n\nMIT of serde\n\nAs is.\n"
    );
    assert_eq!(licenses::document(&bill, &texts), expected);
}

#[test]
fn license_texts_are_found_wherever_a_crate_keeps_them() {
    let folder = tempfile::tempdir().unwrap();
    let files = [
        ("LICENSE-MIT", "of the crate"),
        ("licenses/zlib.txt", "in a folder of their own"),
        ("c_src/zip/v2/COPYING", "beside what was taken over"),
        ("src/license.rs", "no text but a module"),
        ("src/zip.c", "no text"),
        (".github/LICENSE", "not of the sources"),
    ];
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let expected = ["beside what was taken over", "in a folder of their own", "of the crate"];
    assert_eq!(licenses::read(folder.path()).unwrap(), expected.map(str::to_owned).into());
}
