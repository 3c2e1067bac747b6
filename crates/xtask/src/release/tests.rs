//! A server of one tool and its releases, without git.

use jiff::civil::date;

use super::plan::{Plan, Wish};
use crate::{
    contract::{Contract, Size, path},
    tidy::Tree,
};

const CHART: &str = "deploy/chart/Chart.yaml";
const TOOL: &str = r#"{"name": "find_it", "description": "Finds it.", "aliases": []}"#;
const OTHER: &str = r#"{"name": "find_it", "description": "Finds anything.", "aliases": []}"#;
const CHANGELOG: &str =
    "# Changelog\n\nAbout it.\n\n## Unreleased\n\n- Finds more.\n\n## 1.0.0 - 2026-01-02\n\n- Finds.\n";

/// A house whose desk released `TOOL` as 1.0.0 and now has `tool`, under `version` in the manifest.
fn house(version: &str, tool: &str) -> Tree {
    let text = |path: &str, text: &str| (format!("servers/help/{path}"), text.replace("VERSION", version));
    let of = |tool: &str| {
        let files = [
            text("Cargo.toml", "[package]\nname = \"desk\"\nversion = \"1.0.0\"\n"),
            text("contract/find_it.json", tool),
        ];
        Contract::current(&Tree::of(files), "help").unwrap().text()
    };
    let lock = "[[package]]\nname = \"desk\"\nversion = \"VERSION\"\n\n[[package]]\nname = \"other\"\nversion = \"VERSION\"\n";
    Tree::of([
        text(
            "Cargo.toml",
            "[package]\nname = \"desk\"\nversion = \"VERSION\"\n[dependencies]\nother = \"1\"\n",
        ),
        text("contract/find_it.json", tool),
        text("server.json", r#"{"version": "VERSION", "identifier": "ghcr.io/house/chancery-desk:VERSION"}"#),
        text("CHANGELOG.md", CHANGELOG),
        (path("help"), of(TOOL)),
        ("Cargo.lock".to_owned(), lock.replace("VERSION", version)),
        (
            "deploy/compose.yaml".to_owned(),
            "a: chancery-desk:1.0.0-sandbox\nb: chancery-desk:1.0.01\nc: chancery-other:1.0.0\n".to_owned(),
        ),
        (CHART.to_owned(), "name: house\nversion: 0.1.9\nkubeVersion: 1.30.0\n".to_owned()),
        ("deploy/chart/domains.yaml".to_owned(), format!("help:\n  image: chancery-desk:{version}\n")),
    ])
}

fn plan(tree: &Tree, wish: Wish) -> Result<Plan, String> {
    Plan::new(tree, "help", wish, date(2026, 11, 21)).map_err(|e| e.to_string())
}

fn file<'a>(plan: &'a Plan, path: &str) -> &'a str {
    plan.files.iter().find(|(known, _)| known == path).map_or("", |(_, text)| text)
}

#[test]
fn a_release_writes_everything_that_has_the_version() {
    let plan = plan(&house("1.0.0", OTHER), Wish::Least).unwrap();
    assert_eq!(
        (plan.tag.as_str(), plan.subject.as_str()),
        ("chancery-desk-v1.1.0", "Release chancery-desk 1.1.0")
    );
    assert!(file(&plan, "servers/help/Cargo.toml").contains("name = \"desk\"\nversion = \"1.1.0\"\n"));
    let lock = file(&plan, "Cargo.lock");
    assert!(
        lock.contains("\"desk\"\nversion = \"1.1.0\"") && lock.contains("\"other\"\nversion = \"1.0.0\""),
        "{lock}"
    );
    assert_eq!(
        file(&plan, "servers/help/server.json"),
        r#"{"version": "1.1.0", "identifier": "ghcr.io/house/chancery-desk:1.1.0"}"#
    );
    assert_eq!(
        file(&plan, "deploy/compose.yaml"),
        "a: chancery-desk:1.1.0-sandbox\nb: chancery-desk:1.0.01\nc: chancery-other:1.0.0\n"
    );
    let kept = file(&plan, "servers/help/released.json");
    assert!(kept.contains("\"version\": \"1.1.0\"") && kept.contains("Finds anything."), "{kept}");
    assert_eq!(plan.files.len(), 8);
}

#[test]
fn the_chart_gets_its_next_version_with_another_image() {
    let minor = plan(&house("1.0.0", OTHER), Wish::Least).unwrap();
    assert_eq!(file(&minor, "deploy/chart/domains.yaml"), "help:\n  image: chancery-desk:1.1.0\n");
    assert_eq!(file(&minor, CHART), "name: house\nversion: 0.1.10\nkubeVersion: 1.30.0\n");

    let named_before = plan(&house("1.1.0", OTHER), Wish::Least).unwrap();
    assert_eq!(file(&named_before, CHART), "", "it was raised with the version");
}

#[test]
fn the_changelog_says_what_was_written_and_what_the_contract_says() {
    let head = "# Changelog\n\nAbout it.\n\n## 1.1.0 - 2026-11-21\n\n- Finds more.\n\nThe contract since 1.0.0 (minor):\n\n\
                - minor: `find_it` has another description.\n\n## 1.0.0 - 2026-01-02\n\n- Finds.\n";
    let minor = plan(&house("1.0.0", OTHER), Wish::Least).unwrap();
    assert_eq!(file(&minor, "servers/help/CHANGELOG.md"), head);

    let patch = plan(&house("1.0.0", TOOL), Wish::Least).unwrap();
    assert_eq!(patch.tag, "chancery-desk-v1.0.1");
    assert!(
        file(&patch, "servers/help/CHANGELOG.md").contains("\n\nThe contract is that of 1.0.0.\n\n## 1.0.0 ")
    );
}

#[test]
fn a_version_is_chosen_or_refused() {
    let tag = |version: &str, tool: &str, wish: Wish| plan(&house(version, tool), wish).map(|plan| plan.tag);
    let exactly = |text: &str| Wish::Exactly(text.parse().unwrap());
    let released = |version: &str| Ok(format!("chancery-desk-v{version}"));
    assert_eq!(tag("1.1.0", OTHER, Wish::Least), released("1.1.0"), "what the manifest says already");
    assert_eq!(tag("1.0.0", OTHER, Wish::Next(Size::Major)), released("2.0.0"));
    assert_eq!(tag("1.0.0", TOOL, Wish::Next(Size::Patch)), released("1.0.1"));
    assert_eq!(tag("1.0.0", TOOL, exactly("1.7.0")), released("1.7.0"));

    let small = tag("1.0.0", OTHER, Wish::Next(Size::Patch)).unwrap_err();
    assert!(
        small.contains("1.0.1 is too small: release 1.1.0 or later") && small.contains("another description"),
        "{small}"
    );
    assert!(tag("1.0.0", TOOL, exactly("1.0.0")).unwrap_err().contains("release 1.0.1"));
    assert!(tag("1.2.0", OTHER, exactly("1.1.0")).unwrap_err().contains("before 1.2.0"));
}

#[test]
fn an_alias_that_is_due_is_not_released() {
    let alias = r#"{"name": "find_it", "description": "Finds it.", "aliases": [{"name": "look_up", "removed_in": "2.0.0"}]}"#;
    let due = plan(&house("1.0.0", alias), Wish::Next(Size::Major)).map(|plan| plan.tag).unwrap_err();
    assert!(due.contains("`look_up` was to be gone in 2.0.0"), "{due}");
    assert!(plan(&house("1.0.0", alias), Wish::Least).is_ok());
}

#[test]
fn a_file_that_says_another_version_is_named() {
    let mut tree: Vec<(String, String)> =
        house("1.0.0", OTHER).files().map(|file| (file.path.clone(), file.text.clone())).collect();
    for (path, text) in &mut tree {
        if path.ends_with("server.json") {
            *text = text.replace("1.0.0", "0.9.0");
        }
    }
    let said = plan(&Tree::of(tree), Wish::Least).map(|plan| plan.tag).unwrap_err();
    assert!(said.contains("servers/help/server.json does not say that desk is 1.0.0"), "{said}");
}
