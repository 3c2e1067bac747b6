//! `cargo xtask new vendor`: a vendor that signs in, reads one thing and refuses the rest honestly.

use super::{
    Made, able,
    draft::Draft,
    edit, name,
    port::{Method, Port, Source},
};
use crate::{
    Result, contract,
    tidy::{Tree, pascal},
};

pub(super) fn draft(tree: &Tree, server: &str, vendor: &str) -> Result<Made> {
    let server = &*contract::folder(tree, server)?;
    let server_folder = format!("servers/{server}");
    name::vendor(vendor)?;
    let folder = format!("{server_folder}/src/vendors/{vendor}");
    if tree.below(&folder).next().is_some() || vendor == server {
        return Err(format!("there is something called `{vendor}` in {server_folder} already").into());
    }
    let source = Source::of(tree, &server_folder);
    let port = source.port()?;
    let read = Read::of(&port)?;
    let words = |text: &str| named(text, vendor);
    let mut draft = Draft::default();
    draft.file(format!("{folder}/mod.rs"), words(&implementation(&source, &port, &read)?));
    draft.file(format!("{folder}/wire.rs"), words(read.kind.wire()));
    draft.file(format!("{folder}/sim.rs"), words(read.kind.sim()));
    draft.file(format!("{folder}/tests.rs"), words(&read.tests(&port)));
    draft.file(format!("{folder}/README.md"), words(&read.kind.readme()));
    draft.file(format!("{folder}/fixtures/{}.json", read.kind.noun()), read.kind.fixture());
    let text =
        |path: &str| tree.get(path).map(|file| file.text.clone()).ok_or_else(|| format!("{path} is missing"));
    let list = format!("{server_folder}/src/vendors/mod.rs");
    draft.file(&list, listed(&text(&list)?, vendor, &list)?);
    let config = format!("{server_folder}/config.example.toml");
    draft.file(
        &config,
        words(&format!("{}\n\n{}", text(&config)?.trim_end(), include_str!("texts/vendor/config.txt"))),
    );
    let package = tree.package(server).to_owned();
    Ok(Made { draft, next: next(&folder, &read, &package), package })
}

/// The fictional vendor of the texts under its new name.
fn named(text: &str, vendor: &str) -> String {
    let plain = [("acme", vendor.to_owned()), ("Acme", pascal(vendor)), ("ACME", vendor.to_uppercase())];
    plain.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, &to))
}

/// The one method that asks the vendor.
struct Read<'p> {
    method: &'p Method,
    kind: Kind,
}

/// What it reads: a noun that every port shares.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    People,
    Places,
}

impl<'p> Read<'p> {
    fn of(port: &'p Port) -> Result<Self> {
        let reads = |kind: Kind| port.methods.iter().find(|m| m.output.ends_with(kind.output()));
        let found = [Kind::People, Kind::Places]
            .into_iter()
            .find_map(|kind| Some(Self { method: reads(kind)?, kind }));
        found.ok_or_else(|| {
            format!("`{}` lists neither people nor places, so there is nothing to begin with", port.name)
                .into()
        })
    }

    /// The names of its arguments: a text is looked for, anything else is a kind.
    fn names(&self) -> Vec<&'static str> {
        let name = |kind: &String| match kind.as_str() {
            "&'a Cx" => "cx",
            "&'a str" => "text",
            _ => "kind",
        };
        self.method.arguments.iter().map(name).collect()
    }

    fn body(&self) -> String {
        let names = self.names();
        let query = |name: &str, value: &str| format!(".query(\"{name}\", {value})");
        let text = if names.contains(&"text") { query("q", "text") } else { String::new() };
        let kind = if names.contains(&"kind") {
            query("kind", "format!(\"{kind:?}\").to_lowercase()")
        } else {
            String::new()
        };
        format!(
            "Box::pin(async move {{ self.{}(cx, Request::get(\"/v1/{0}\", &[]){text}{kind}).await }})",
            self.kind.noun()
        )
    }

    /// The call in the generated test.
    fn call(&self, port: &Port) -> String {
        let value = |(kind, name): (&String, &str)| match name {
            "cx" => "&cx".to_owned(),
            "text" => "\"ana.ruiz@halden.example\"".to_owned(),
            _ => first_of(port, kind),
        };
        let values = self.method.arguments.iter().zip(self.names()).map(value).collect::<Vec<_>>().join(", ");
        format!("port.{}({values})", self.method.name)
    }

    fn tests(&self, port: &Port) -> String {
        let call = self.call(port);
        let uses =
            port.uses(&format!("{} {call}", port.alias)) + &format!("use {}::{};\n", port.module, port.alias);
        let mut lines: Vec<&str> = uses.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        include_str!("texts/vendor/tests.txt")
            .replace("use crate::port::Port1;", &lines.join("\n"))
            .replace("Port1", &port.alias)
            .replace("port.people(&cx)", &call)
            .replace("people", self.kind.noun())
    }
}

/// A value of an enum of the port, to ask with.
fn first_of(port: &Port, kind: &str) -> String {
    port.variant(kind).map_or_else(|| format!("{kind}::default()"), |variant| format!("{kind}::{variant}"))
}

impl Kind {
    fn output(self) -> &'static str {
        match self {
            Self::People => "Result<Vec<Person>>>",
            Self::Places => "Result<Vec<Place>>>",
        }
    }

    fn noun(self) -> &'static str {
        match self {
            Self::People => "people",
            Self::Places => "places",
        }
    }

    fn wire(self) -> &'static str {
        match self {
            Self::People => include_str!("texts/vendor/wire_people.txt"),
            Self::Places => include_str!("texts/vendor/wire_places.txt"),
        }
    }

    fn sim(self) -> &'static str {
        match self {
            Self::People => include_str!("texts/vendor/sim_people.txt"),
            Self::Places => include_str!("texts/vendor/sim_places.txt"),
        }
    }

    fn asks(self) -> &'static str {
        match self {
            Self::People => include_str!("texts/vendor/ask_people.txt"),
            Self::Places => include_str!("texts/vendor/ask_places.txt"),
        }
    }

    fn fixture(self) -> &'static str {
        match self {
            Self::People => include_str!("texts/vendor/people.json"),
            Self::Places => include_str!("texts/vendor/places.json"),
        }
    }

    fn readme(self) -> String {
        let row = match self {
            Self::People => {
                "| `GET /v1/people?q=` | `{people: [{id, name, email}]}`: those whose address, id or full name is `q` |"
            }
            Self::Places => "| `GET /v1/places` | `{places: [{key, name}]}` |",
        };
        include_str!("texts/vendor/readme.txt").replace("| row |", row)
    }
}

/// `mod.rs`: the record, the connection, and every method of the port.
fn implementation(source: &Source<'_>, port: &Port, read: &Read<'_>) -> Result<String> {
    let (mut methods, mut fields) = (String::new(), Vec::new());
    for method in &port.methods {
        let body = match method.output.as_str() {
            _ if method == read.method => read.body(),
            "Able" => able::nothing(source, "Able")?,
            "bool" => "false".to_owned(),
            option if option.starts_with("Option<") => "None".to_owned(),
            future if future.starts_with("BoxFuture<") => {
                format!("not_yet(\"{}\")", method.name.replace('_', " "))
            }
            kept if kept.starts_with('&') && source.has_default(&kept[1..]) => {
                let field = method.name.clone();
                fields.push((field.clone(), kept[1..].to_owned()));
                format!("&self.{field}")
            }
            other => {
                return Err(format!("`{}` answers `{other}`: write this vendor by hand", method.name).into());
            }
        };
        let names = if method == read.method { read.names() } else { vec!["_"; method.arguments.len()] };
        let arguments = names.iter().zip(&method.arguments).map(|(name, kind)| format!(", {name}: {kind}"));
        methods += &format!(
            "    {}({}{}) -> {} {{ {body} }}\n\n",
            method.head,
            method.receiver,
            arguments.collect::<String>(),
            method.output
        );
    }
    let declared: String = fields.iter().map(|(name, kind)| format!("    {name}: {kind},\n")).collect();
    let made: String = fields.iter().map(|(name, kind)| format!(", {name}: {kind}::default()")).collect();
    let asks = read.kind.asks();
    let noun = if read.kind == Kind::People { "Person" } else { "Place" };
    let own = ["BoxFuture", "Cx", "Result", "Label", noun];
    let uses = port.uses(&format!("{methods}{declared}{} {}", port.alias, port.name));
    let uses: String = uses
        .lines()
        .filter(|line| !own.iter().any(|name| line.ends_with(&format!("::{name};"))))
        .map(|l| format!("{l}\n"))
        .collect();
    Ok(include_str!("texts/vendor/mod.txt")
        .replace("use crate::port::Port1;\n", &uses)
        .replace("use tool::Noun1;", &format!("use tool::{noun};"))
        .replace("    // fields\n", &declared)
        .replace("/* made */", &made)
        .replace("    // asks\n", asks)
        .replace("    // methods\n", methods.trim_end())
        .replace("Port1", &port.alias)
        .replace("Trait1", &port.name))
}

fn listed(text: &str, vendor: &str, path: &str) -> Result<String> {
    let declared = edit::after_last(text, &format!("pub mod {vendor};"), |line| {
        line.starts_with("pub mod ") && line.ends_with(';')
    });
    let listed = declared.and_then(|text| {
        edit::into_vec(&text, &format!("        {vendor}::VENDOR, // so far it only signs in"))
    });
    edit::done(listed, path)
}

fn next(folder: &str, read: &Read<'_>, package: &str) -> String {
    format!(
        "\nThe vendor signs in, answers `{}` and refuses everything else; its `Able` says so. Next:\n\
         \n\
         1. {folder}/README.md: the account, the least privilege, the vendor's pages you write from.\n\
         2. sim.rs: the vendor's API from its documents, filled from `sandbox::company`; it never sees `wire.rs`.\n\
         3. wire.rs and mod.rs: one method of the port after the other; turn its flag in `Able` on with it.\n\
         4. tests.rs: run `crate::behavior::holds` over it once it can do what the suite does not ask of `Able`.\n\
         5. cargo test -p {package} && cargo xtask tidy",
        read.method.name
    )
}
