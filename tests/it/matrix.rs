//! The authorization matrix: every role, tool, source and tenant of every server, when listed and when called. What is
//! expected is read from the text of the roles by this file alone.

use std::collections::BTreeSet;
use std::path::Path;

use it::{Client, SERVERS, Spawn, run};
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
        let known = parsed["claims"]["roles"].as_table().unwrap();
        let others = parsed["role"].as_table().unwrap().keys().filter(|role| !known.contains_key(*role));
        let others: String = others.map(|role| format!("{role} = [\"{role}\"]\n")).collect();
        let text = text.replace("[claims.roles]\n", &format!("[claims.roles]\n{others}"));
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

/// A tenant, and what its callers have of a server.
struct Tenant {
    name: &'static str,
    enabled: bool,
    /// The tools it has; all if absent.
    tools: Option<BTreeSet<String>>,
    /// The source it has; all if absent.
    source: Option<String>,
}

impl Tenant {
    /// One that has everything, one with some of the tools, one with one of the sources, and one that is shut out.
    fn all(tools: &[Value], sources: &[String]) -> [Self; 4] {
        let some = tools.iter().step_by(2).map(name).collect();
        let open = |name| Self { name, enabled: true, tools: None, source: None };
        [
            open("whole"),
            Self { tools: Some(some), ..open("half") },
            Self { source: sources.last().cloned(), ..open("placed") },
            Self { enabled: false, ..open("shut") },
        ]
    }

    fn text(&self, domain: &str) -> String {
        let mut text = format!("[{}]\nenabled = {}\n", self.name, self.enabled);
        if let Some(tools) = &self.tools {
            let tools: Vec<String> = tools.iter().map(|tool| format!("{domain}:{tool}")).collect();
            text += &format!("tools = {tools:?}\n");
        }
        if let Some(source) = &self.source {
            text += &format!("sources = [{source:?}]\n");
        }
        text
    }

    fn has(&self, tool: &str) -> bool {
        self.enabled && self.tools.as_ref().is_none_or(|tools| tools.contains(tool))
    }

    fn reaches(&self, source: &str) -> bool {
        self.source.as_ref().is_none_or(|only| only == source)
    }
}

/// Somebody with a role, of a tenant.
struct Holder<'a> {
    role: String,
    tenant: &'a Tenant,
    client: Client,
}

/// Makes the files of a server whose callers are told apart; its configuration.
fn files(domain: &str, home: &Path, roles: &Roles, tenants: &[Tenant]) -> String {
    std::fs::write(home.join("pepper"), "a pepper of some length").unwrap();
    std::fs::write(home.join("roles.toml"), &roles.text).unwrap();
    let listed: String = tenants.iter().map(|tenant| tenant.text(domain)).collect();
    std::fs::write(home.join("tenants.toml"), listed).unwrap();
    let config = format!(
        "[identity.keys]\nfile = \"{home}/keys\"\npepper = \"file:{home}/pepper\"\n\
         [tenants]\nfile = \"{home}/tenants.toml\"\n\
         [policy]\nroles = \"{home}/roles.toml\"\n[consent]\nin_sandbox = true\n",
        home = home.display()
    );
    std::fs::write(home.join("c.toml"), &config).unwrap();
    config
}

/// A key for a role and a tenant.
async fn key(domain: &str, home: &Path, role: &str, tenant: &str) -> String {
    let (config, scope) = (home.join("c.toml"), format!("{domain}:admin"));
    let subject = format!("{role}-of-{tenant}");
    let line =
        ["keys", "create", "--subject", &subject, "--scope", &scope, "--role", role, "--tenant", tenant];
    let made = run(domain, &[&line[..], &["--config", config.to_str().unwrap()]].concat()).await;
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8(made.stdout).unwrap().trim().to_owned()
}

#[tokio::test]
async fn every_cell_of_the_authorization_matrix_holds_in_every_server() {
    for server in SERVERS {
        let domain = server.domain;
        let tools = contract(domain).await;
        let plain = Spawn::sandbox(domain).start().await;
        let sources = plain.vendors();
        drop(plain);
        let (roles, tenants) = (Roles::of(domain, &sources), Tenant::all(&tools, &sources));
        let home = tempfile::TempDir::new().unwrap();
        let config = files(domain, home.path(), &roles, &tenants);
        let mut keys = Vec::new();
        for tenant in &tenants {
            for role in roles.names() {
                let key = key(domain, home.path(), &role, tenant.name).await;
                keys.push((role, tenant, key));
            }
        }
        let server = Spawn::sandbox(domain).config(&config).start().await;
        let mut cells = 0;
        for (role, tenant, key) in keys {
            let holder = Holder { role, tenant, client: server.client().bearing(&key) };
            let shown = listed(&roles, domain, &holder, &tools).await;
            for tool in &tools {
                for source in &sources {
                    called(&roles, domain, &holder, &shown, tool, source).await;
                    cells += 1;
                }
            }
            if let Some(source) = holder.role.strip_prefix("only-").filter(|_| tenant.name == "whole") {
                alone(&holder.client, source, &tools).await;
            }
        }
        assert_eq!(cells, roles.names().len() * tools.len() * sources.len() * tenants.len());
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

fn name(tool: &Value) -> String {
    tool["name"].as_str().unwrap().to_owned()
}

/// A row of the matrix when the tools are listed; what is.
async fn listed(roles: &Roles, domain: &str, holder: &Holder<'_>, tools: &[Value]) -> BTreeSet<String> {
    let Holder { role, tenant, client } = holder;
    let may = |tool: &&Value| roles.allow(role, domain, &name(tool), effect(tool)) && tenant.has(&name(tool));
    let expected: BTreeSet<String> = tools.iter().filter(may).map(name).collect();
    let told = client.request("tools/list", json!({})).await;
    let shown: BTreeSet<String> =
        told.message["result"]["tools"].as_array().unwrap().iter().map(name).collect();
    let who = format!("{role} of {}", tenant.name);
    match tenant.source {
        // What its one source cannot do is hidden, too.
        Some(_) => assert!(shown.is_subset(&expected), "{domain}: {shown:?} is listed to {who}"),
        None => assert_eq!(shown, expected, "{domain}: what is listed to {who}"),
    }
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
            assert!(expected.contains(&tool), "{domain}: {who} is told of {tool} by {prompt}");
        }
    }
    shown
}

/// A cell of the matrix when a tool is called for a source.
async fn called(
    roles: &Roles,
    domain: &str,
    holder: &Holder<'_>,
    shown: &BTreeSet<String>,
    tool: &Value,
    source: &str,
) {
    let (Holder { role, tenant, client }, name) = (holder, name(tool));
    let mut asked = json!({ "name": name, "arguments": arguments(tool, source) });
    let told = client.try_request("tools/call", &mut asked).await.unwrap().message;
    let cell = format!("{domain}: {role} of {} calls {name} at {source}: {told}", tenant.name);
    if tenant.enabled && !shown.contains(&name) {
        assert_eq!(told["error"]["code"], -32602, "{cell}");
        assert_eq!(told["error"]["data"]["code"], "unknown_tool", "{cell}");
        return;
    }
    let code = told["result"]["_meta"]["dev.chancery/error"]["code"].as_str().unwrap_or_default();
    assert!(told.get("error").is_none(), "{cell}");
    let by_role = tenant.enabled && roles.reaches(role, domain, source);
    if by_role && !tenant.reaches(source) {
        // For its callers there is no such source; what else is wrong with the call may be said first.
        assert!(matches!(code, "permission" | "invalid_argument"), "{cell}");
        return;
    }
    assert_eq!(code == "permission", !by_role, "{cell}");
}

/// A read without a source asks only the one within reach.
async fn alone(client: &Client, source: &str, tools: &[Value]) {
    let all = |tool: &&Value| effect(tool) == "read" && tool["inputSchema"].get("required").is_none();
    for tool in tools.iter().filter(all) {
        let mut asked = json!({ "name": tool["name"], "arguments": {} });
        let told = client.try_request("tools/call", &mut asked).await.unwrap().message;
        let reports = told["result"]["structuredContent"]["sources"].as_array().cloned().unwrap_or_default();
        let mut asked = reports.iter().map(|report| report["source"].as_str().unwrap());
        assert!(asked.all(|name| name == source), "{}: {reports:?}", tool["name"]);
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
