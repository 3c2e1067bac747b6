//! Client configurations, ready to paste.

use serde_json::{Value, json};

use super::house::House;

/// Prints them for the running server and for a server that the host starts by itself.
pub(super) fn print(house: &House) {
    let url = house.mcp();
    let binary = house.binary().display().to_string();
    let by_stdio = json!({"command": binary, "args": ["stdio", "--sandbox"]});
    println!("\nThe server stays up at {url}. Paste one of these; Ctrl-C ends it.");
    section("Claude Desktop, claude_desktop_config.json", &json!({"mcpServers": {"issues": by_stdio}}));
    section("VS Code, .vscode/mcp.json", &json!({"servers": {"issues": {"type": "http", "url": url}}}));
    println!("\nClaude Code:\n  claude mcp add --transport http issues {url}");
    println!(
        "\nInspector:\n  npx @modelcontextprotocol/inspector --cli {url} --transport http --method tools/list"
    );
}

fn section(title: &str, config: &Value) {
    println!("\n{title}:\n{config:#}");
}
