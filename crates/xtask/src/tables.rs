//! The tables of tools in README files, written from the contract files between two markers.
//!
//! A server's README has its own tools, any other README those of all servers.

use serde::Deserialize;

use crate::tidy::Tree;

const BEGIN: &str = "<!-- tools:begin -->";
const END: &str = "<!-- tools:end -->";

/// Every file whose tables are out of date, with its new text.
pub(crate) fn rewritten(tree: &Tree) -> Vec<(String, String)> {
    let readmes = tree.files().filter(|file| file.path.ends_with("README.md"));
    let changed = readmes.filter_map(|file| {
        let text = with_block(&file.text, &table(tree, &file.path))?;
        (text != file.text).then(|| (file.path.clone(), text))
    });
    changed.collect()
}

/// What a table needs of a contract file.
#[derive(Deserialize)]
struct Contract {
    name: String,
    description: String,
    effect: serde_json::Value,
}

impl Contract {
    fn row(&self) -> String {
        format!("| `{}` | {} | {} |\n", self.name, first_sentence(&self.description), effect(&self.effect))
    }
}

/// The table for the README at `path`.
fn table(tree: &Tree, path: &str) -> String {
    let mut shown = tree.folders("servers");
    if let Some(own) = path.strip_prefix("servers/").and_then(|path| path.strip_suffix("/README.md")) {
        shown.retain(|server| *server == own);
    }
    let sections = shown.iter().map(|server| {
        let title = if shown.len() > 1 { format!("**{}**\n\n", tree.package(server)) } else { String::new() };
        let contracts = tree.below(&format!("servers/{server}/contract"));
        let contracts = contracts.filter_map(|file| serde_json::from_str::<Contract>(&file.text).ok());
        format!(
            "{title}| tool | what it does | effect |\n|---|---|---|\n{}",
            contracts.map(|c| c.row()).collect::<String>()
        )
    });
    sections.collect::<Vec<_>>().join("\n")
}

/// `text` with the block between the markers replaced; nothing if it has no markers.
fn with_block(text: &str, block: &str) -> Option<String> {
    let (head, rest) = text.split_once(BEGIN)?;
    let (_, tail) = rest.split_once(END)?;
    Some(format!("{head}{BEGIN}\n{block}{END}{tail}"))
}

fn first_sentence(description: &str) -> String {
    let line = description.split_whitespace().collect::<Vec<_>>().join(" ");
    let end = line.find(". ").map_or(line.trim_end_matches('.').len(), |end| end);
    line[..end].replace('|', "\\|")
}

/// `read`, or the kind of write: `{"write": "additive"}` is `write, additive`.
fn effect(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(effect) => effect.clone(),
        serde_json::Value::Object(fields) => {
            let fields = fields.iter().map(|(name, kind)| format!("{name}, {}", effect(kind)));
            fields.collect::<Vec<_>>().join(", ").replace('_', " ")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(readme: &str) -> Tree {
        let contract = r#"{"name": "find_it", "description": "Finds it. Not that.", "effect": {"write": "state_change"}}"#;
        Tree::of([
            ("README.md".to_owned(), readme.to_owned()),
            ("servers/issues/contract/find_it.json".to_owned(), contract.to_owned()),
        ])
    }

    #[test]
    fn a_table_is_written_between_the_markers_and_then_stays() {
        let changed = rewritten(&tree("a\n<!-- tools:begin -->\nold\n<!-- tools:end -->\nb\n"));
        let (path, text) = &changed[0];
        assert_eq!(path, "README.md");
        assert!(text.starts_with("a\n<!-- tools:begin -->\n| tool |"), "{text}");
        assert!(
            text.contains("| `find_it` | Finds it | write, state change |\n<!-- tools:end -->\nb\n"),
            "{text}"
        );
        assert_eq!(rewritten(&tree(text)), []);
    }

    #[test]
    fn a_readme_without_markers_is_left_alone() {
        assert_eq!(rewritten(&tree("a\n")), []);
    }
}
