//! What is made of the real tree, without building it; `cargo xtask trial` builds it.

use super::{name, name::ToolName, server, tool, vendor};
use crate::{root, tidy::Tree};

fn tree() -> Tree {
    Tree::read(&root()).unwrap()
}

#[test]
fn names_that_would_not_compile_or_not_be_found_are_refused() {
    for bad in ["", "HR", "h-r", "1hr", "hr__x", "hr_", "async", "tool", "util", "../hr", "memory"] {
        assert!(name::module("tool", bad).is_err(), "{bad}");
    }
    assert!(name::domain("human_resources").is_err() && name::vendor("big_vendor").is_err());
    assert!(ToolName::parse("merge").is_err());
    name::domain("hr").unwrap();
}

#[test]
fn a_tool_is_called_what_its_verb_and_noun_say() {
    let merge = ToolName::parse("merge_contacts").unwrap();
    assert_eq!(
        (merge.input().as_str(), merge.argument(), merge.reads()),
        ("MergeContacts", "contact", false)
    );
    assert_eq!(merge.third_person(), "Merges contacts");
    let search = ToolName::parse("search_address").unwrap();
    assert_eq!((search.third_person().as_str(), search.argument()), ("Searches address", "address"));
    assert_eq!(ToolName::parse("copy_type").unwrap().third_person(), "Copies type");
    assert_eq!(ToolName::parse("copy_type").unwrap().argument(), "record", "no word of Rust's own");
}

#[test]
fn what_is_there_is_not_made_again() {
    let tree = tree();
    assert!(tool::draft(&tree, "nowhere", "read_book").err().unwrap().to_string().contains("issues"));
    assert!(tool::draft(&tree, "usage", "read_book").is_ok(), "by its package's name, too");
    assert!(server::draft(&tree, "issues", None).is_err());
    assert!(server::draft(&tree, "usage", None).is_err(), "the template's package");
    assert!(vendor::draft(&tree, "template", "warehouse").is_err());
    let taken = tool::draft(&tree, "template", "search_issues").err().unwrap();
    assert!(taken.to_string().contains("unique over all servers"), "{taken}");
}

#[test]
fn a_server_is_the_template_without_what_is_about_usage() {
    let tree = tree();
    let made = server::draft(&tree, "hr", Some("personio")).unwrap();
    for (path, text) in made.draft.files() {
        let lower = text.to_lowercase();
        for word in ["usage", "product", "warehouse_client", "template"] {
            assert!(!lower.contains(word), "{path} speaks of {word}");
        }
    }
    assert!(
        made.draft.get("servers/hr/config.example.toml").unwrap().contains("https://hr.mcp.example.com/mcp")
    );
    assert!(made.draft.get("servers/hr/src/vendors/personio/mod.rs").is_some());
    assert!(made.draft.get("servers/hr/src/tools/get_hr_figures.rs").is_some());
}

#[test]
fn every_server_can_have_another_vendor_and_tool() {
    let tree = tree();
    for folder in tree.folders("servers") {
        vendor::draft(&tree, folder, "zendesk").unwrap();
        tool::draft(&tree, folder, "merge_contacts").unwrap();
    }
}

#[test]
fn what_would_break_a_house_rule_is_not_written() {
    let tree = tree();
    vendor::draft(&tree, "template", "zendesk").unwrap().draft.hold(&tree).unwrap();
    // Tools speak of customers, and a tool never names a vendor.
    let refused = vendor::draft(&tree, "template", "customer").unwrap().draft.hold(&tree).unwrap_err();
    assert!(refused.to_string().contains("[port]"), "{refused}");
}
