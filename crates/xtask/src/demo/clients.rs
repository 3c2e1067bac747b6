//! Client configurations, ready to paste: one for all servers.

use serde_json::{Map, Value, json};
use workflows::{Fleet, Server};

/// Prints them for the running servers and for servers that the host starts by itself.
pub(super) fn print(fleet: &Fleet) {
    println!("\nThe servers stay up. Paste one of these; Ctrl-C ends them.");
    let by_stdio = |s: &Server| json!({ "command": s.binary, "args": ["stdio", "--sandbox"] });
    let by_http = |s: &Server| json!({ "type": "http", "url": s.mcp() });
    section("Claude Desktop, claude_desktop_config.json", &json!({ "mcpServers": each(fleet, by_stdio) }));
    section("VS Code, .vscode/mcp.json", &json!({ "servers": each(fleet, by_http) }));
    println!("\nClaude Code:");
    for server in fleet.servers() {
        println!("  claude mcp add --transport http {} {}", server.domain, server.mcp());
    }
    println!("\nInspector:");
    for server in fleet.servers() {
        println!(
            "  npx @modelcontextprotocol/inspector --cli {} --transport http --method tools/list",
            server.mcp()
        );
    }
}

fn each(fleet: &Fleet, entry: impl Fn(&Server) -> Value) -> Map<String, Value> {
    fleet.servers().iter().map(|s| (s.domain.clone(), entry(s))).collect()
}

fn section(title: &str, config: &Value) {
    println!("\n{title}:\n{config:#}");
}
