//! The authorization matrix: every role, tool and source of every server, when listed and when called. What is expected
//! is read from the text of the roles by this file alone.

use std::collections::BTreeSet;
use std::path::Path;

use it::{Client, SERVERS, Server, Spawn, run};
use serde_json::{Map, Value, json};

/// The roles of the house, and for every source one that may do everything there and nothing elsewhere.
struct Roles {
    text: String,
    parsed: toml::Table,
}

impl Roles {
    fn of(domain: &str, sources: &[String]) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let mut text = std::fs::read_to_string(root.join("shared/roles.toml")).unwrap();
        let ceilings = match domain {
            "finance" => "ceilings = { \"finance:*\" = { EUR = \"1000\" } }\n",
            _ => "",
        };
        for source in sources {
            text += &format!(
                "\n[role.only-{source}]\nabout = \"Works there.\"\nread = [\"*\"]\nwrite = [\"*\"]\n\
                 sources = {{ {domain} = [\"{source}\"] }}\n{ceilings}"
            );
        }
        let parsed: toml::Table = text.parse().unwrap();
        text += "\n[claims.sub]\n";
        for role in parsed["role"].as_table().unwrap().keys() {
            text += &format!("key-{role} = [\"{role}\"]\n");
        }
        Self { text, parsed }
    }

    fn names(&self) -> Vec<String> {
        self.parsed["role"].as_table().unwrap().keys().cloned().collect()
    }

    /// Whether a role may use a tool, by the words of the file.
    fn allow(&self, role: &str, domain: &str, tool: &str, effect: &str) -> bool {
        let says = |list: &str| {
            let names = self.parsed["role"][role].get(list).and_then(|l| l.as_array()).into_iter().flatten();
            let names: Vec<&str> = names.map(|name| name.as_str().unwrap()).collect();
            names.iter().any(|name| {
                *name == "*" || *name == format!("{domain}:*") || *name == format!("{domain}:{tool}")
            })
        };
        says(effect) && !says("forbid")
    }

    fn reaches(&self, role: &str, domain: &str, source: &str) -> bool {
        let only = self.parsed["role"][role].get("sources").and_then(|sources| sources.get(domain));
        only.is_none_or(|only| only.as_array().unwrap().iter().any(|name| name.as_str() == Some(source)))
    }
}

/// Makes a key for each role; the line of the configuration, and the keys by role.
async fn keys(domain: &str, home: &Path, roles: &Roles) -> (String, Vec<(String, String)>) {
    std::fs::write(home.join("pepper"), "a pepper of some length").unwrap();
    std::fs::write(home.join("roles.toml"), &roles.text).unwrap();
    let config = format!(
        "[identity.keys]\nfile = \"{home}/keys\"\npepper = \"file:{home}/pepper\"\n\
         [policy]\nroles = \"{home}/roles.toml\"\n[consent]\nin_sandbox = true\n",
        home = home.display()
    );
    let file = home.join("c.toml");
    std::fs::write(&file, &config).unwrap();
    let mut keys = Vec::new();
    for role in roles.names() {
        let (subject, scope) = (format!("key-{role}"), format!("{domain}:admin"));
        let line = ["keys", "create", "--subject", &subject, "--scope", &scope, "--config"];
        let made = run(domain, &[&line[..], &[file.to_str().unwrap()]].concat()).await;
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        keys.push((role, String::from_utf8(made.stdout).unwrap().trim().to_owned()));
    }
    (config, keys)
}

#[tokio::test]
async fn every_cell_of_the_authorization_matrix_holds_in_every_server() {
    for server in SERVERS {
        let domain = server.domain;
        let tools = contract(domain).await;
        let plain = Spawn::sandbox(domain).start().await;
        let sources = plain.vendors();
        drop(plain);
        let roles = Roles::of(domain, &sources);
        let home = tempfile::TempDir::new().unwrap();
        let (config, keys) = keys(domain, home.path(), &roles).await;
        let server = Spawn::sandbox(domain).config(&config).start().await;
        let mut cells = 0;
        for (role, key) in &keys {
            let client = server.client().bearing(key);
            listed(&roles, domain, role, &tools, &client).await;
            for tool in &tools {
                for source in &sources {
                    called(&roles, domain, role, tool, source, &client).await;
                    cells += 1;
                }
            }
        }
        assert_eq!(cells, keys.len() * tools.len() * sources.len());
        alone(&server, &keys, &sources, &tools).await;
    }
}

async fn contract(domain: &str) -> Vec<Value> {
    let told = run(domain, &["tools", "--json"]).await;
    let told: Value = serde_json::from_slice(&told.stdout).unwrap();
    told["tools"].as_array().unwrap().clone()
}

fn effect(tool: &Value) -> &'static str {
    if tool["effect"] == "read" { "read" } else { "write" }
}

/// A row of the matrix when the tools are listed.
async fn listed(roles: &Roles, domain: &str, role: &str, tools: &[Value], client: &Client) {
    let name = |tool: &Value| tool["name"].as_str().unwrap().to_owned();
    let expected: BTreeSet<String> =
        tools.iter().filter(|t| roles.allow(role, domain, &name(t), effect(t))).map(name).collect();
    let told = client.request("tools/list", json!({})).await;
    let shown: BTreeSet<String> =
        told.message["result"]["tools"].as_array().unwrap().iter().map(name).collect();
    assert_eq!(shown, expected, "{domain}: what is listed to {role}");
    let templates = client.request("resources/templates/list", json!({})).await;
    for template in templates.message["result"]["resourceTemplates"].as_array().unwrap() {
        assert!(template["uriTemplate"].as_str().unwrap().starts_with("chancery://"), "{template}");
    }
    let prompts = client.request("prompts/list", json!({})).await;
    for prompt in prompts.message["result"]["prompts"].as_array().unwrap() {
        let given: Map<String, Value> = prompt["arguments"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|argument| (argument["name"].as_str().unwrap().to_owned(), json!("x")))
            .collect();
        let asked = json!({ "name": prompt["name"], "arguments": given });
        let text = client.request("prompts/get", asked).await.message.to_string();
        let named = tools.iter().map(name).filter(|tool| text.contains(&format!("{tool}`")));
        for tool in named {
            assert!(expected.contains(&tool), "{domain}: {role} is told of {tool} by {prompt}");
        }
    }
}

/// A cell of the matrix when a tool is called for a source.
async fn called(roles: &Roles, domain: &str, role: &str, tool: &Value, source: &str, client: &Client) {
    let name = tool["name"].as_str().unwrap();
    let mut asked = json!({ "name": name, "arguments": arguments(tool, source) });
    let told = client.try_request("tools/call", &mut asked).await.unwrap().message;
    let cell = format!("{domain}: {role} calls {name} at {source}: {told}");
    if !roles.allow(role, domain, name, effect(tool)) {
        assert_eq!(told["error"]["code"], -32602, "{cell}");
        assert_eq!(told["error"]["data"]["code"], "unknown_tool", "{cell}");
        return;
    }
    let code = told["result"]["_meta"]["dev.chancery/error"]["code"].as_str().unwrap_or_default();
    assert!(told.get("error").is_none(), "{cell}");
    assert_eq!(code == "permission", !roles.reaches(role, domain, source), "{cell}");
}

/// A read without a source asks only those within reach.
async fn alone(server: &Server, keys: &[(String, String)], sources: &[String], tools: &[Value]) {
    for source in sources {
        let (_, key) = keys.iter().find(|(role, _)| *role == format!("only-{source}")).unwrap();
        let client = server.client().bearing(key);
        let all = |tool: &&Value| effect(tool) == "read" && tool["inputSchema"].get("required").is_none();
        for tool in tools.iter().filter(all) {
            let mut asked = json!({ "name": tool["name"], "arguments": {} });
            let told = client.try_request("tools/call", &mut asked).await.unwrap().message;
            let reports =
                told["result"]["structuredContent"]["sources"].as_array().cloned().unwrap_or_default();
            let asked = reports.iter().map(|report| report["source"].as_str().unwrap());
            assert!(asked.clone().all(|name| name == source), "{}: {reports:?}", tool["name"]);
        }
    }
}

/// The least arguments that a call of a tool for this source can have.
fn arguments(tool: &Value, source: &str) -> Value {
    let schema = &tool["inputSchema"];
    let mut arguments = object(schema, source);
    if schema["properties"].get("source").is_some() {
        arguments["source"] = source.into();
    }
    arguments
}

fn object(schema: &Value, source: &str) -> Value {
    let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
    required
        .map(|name| (name.to_owned(), argument(name, &schema["properties"][name], source)))
        .collect::<Map<_, _>>()
        .into()
}

fn argument(name: &str, schema: &Value, source: &str) -> Value {
    match (name, schema["type"].as_str()) {
        (_, Some("array")) => json!([argument("", &schema["items"], source)]),
        (_, Some("object")) => object(schema, source),
        (_, Some("string")) if schema.get("enum").is_some() => schema["enum"][0].clone(),
        ("due" | "need_by", _) => "2099-01-31".into(),
        ("amount" | "quantity", _) => "1".into(),
        ("currency", _) => "EUR".into(),
        // Whatever names a record names one of this source that there is not.
        (_, Some("string")) => format!("{source}:ZZ-1").into(),
        other => panic!("{other:?}: {schema}"),
    }
}
