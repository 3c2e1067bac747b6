//! `cargo xtask new tool`: a tool that refuses honestly until it is written.

use super::{Made, draft::Draft, edit, name::ToolName, port::Source};
use crate::{Result, contract, tidy::Tree};

pub(super) fn draft(tree: &Tree, server: &str, tool: &str) -> Result<Made> {
    let server = &*contract::folder(tree, server)?;
    let folder = format!("servers/{server}");
    let name = ToolName::parse(tool)?;
    let own = |file: &&str| file.ends_with(&format!("/contract/{tool}.json"));
    if let Some(taken) = tree.files().map(|file| file.path.as_str()).find(own) {
        return Err(format!("there is a tool `{tool}`: {taken}; names are unique over all servers").into());
    }
    let (list, asks) = (format!("{folder}/src/tools/mod.rs"), format!("{folder}/asks.toml"));
    let text =
        |path: &str| tree.get(path).map(|file| file.text.clone()).ok_or_else(|| format!("{path} is missing"));
    let port = Source::of(tree, &folder).port()?;
    let package = tree.package(server).to_owned();
    let file = format!("{folder}/src/tools/{tool}.rs");
    let mut draft = Draft::default();
    draft.file(&file, tool_file(&name, &package, &port.module, &port.alias));
    draft.file(&list, listed(&text(&list)?, &name, &list)?);
    draft.file(&asks, asked(&text(&asks)?, &name));
    Ok(Made { draft, next: next(&folder, &file, &name, &package), package })
}

fn tool_file(name: &ToolName<'_>, package: &str, module: &str, alias: &str) -> String {
    let text =
        if name.reads() { include_str!("texts/read_tool.txt") } else { include_str!("texts/write_tool.txt") };
    let plain = [
        ("read_acmes", name.name),
        ("merge_acmes", name.name),
        ("ReadAcmes", &name.input()),
        ("MergeAcmes", &name.input()),
        ("Read acmes", &name.title()),
        ("Merge acmes", &name.title()),
        ("Reads acmes", &name.third_person()),
        ("Merges acmes", &name.third_person()),
        ("read acmes", &name.does()),
        ("merge acmes", &name.does()),
        ("acme", name.argument()),
        ("domain:", &format!("{package}:")),
        ("crate::port", module),
        ("Port1", alias),
    ];
    plain.into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn listed(text: &str, name: &ToolName<'_>, path: &str) -> Result<String> {
    let declared = edit::after_last(text, &format!("mod {};", name.name), |line| {
        line.starts_with("mod ") && line.ends_with(';') && line != "mod tests;"
    });
    let entry = format!("        .with::<{}::{}>()", name.name, name.input());
    let listed = declared
        .and_then(|text| edit::after_last(&text, &entry, |line| line.trim_start().starts_with(".with::<")));
    edit::done(listed, path)
}

fn asked(text: &str, name: &ToolName<'_>) -> String {
    let entry = format!("[[ask]]\nsay = \"{}\"\ntool = \"{}\"\n", name.title(), name.name);
    format!("{}\n\n{entry}", text.trim_end())
}

fn next(folder: &str, file: &str, name: &ToolName<'_>, package: &str) -> String {
    let kind = if name.reads() { "read" } else { "write" };
    format!(
        "\n`{tool}` compiles, is listed in the contract, and is offered to nobody: it answers `unsupported`.\n\
         It begins as a {kind} in the scope `{package}:{kind}`, by its verb. Next:\n\
         \n\
         1. {file}: its fields are the arguments, its doc comment is what a model reads.\n\
         2. Give the port a method for it and a flag in `Able`, say so in `fn able`, and call it in `run`.\n\
         3. Write the method in vendors/memory and in each vendor that can, and a behavior in src/behavior.\n\
         4. {folder}/asks.toml: what people will say when they mean it, in their words.\n\
         5. cargo xtask bless {package} && cargo test -p {package}: read what clients will see.",
        tool = name.name,
    )
}
