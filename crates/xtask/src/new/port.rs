//! A server's port as its source has it: enough of it to write an implementation that says no.
//!
//! A reader of this house's own style, not of Rust: ports are a trait of plain methods, their types are imported at the
//! top of the file.

use std::collections::{BTreeMap, BTreeSet};

use crate::{Result, tidy::Tree};

/// The port of one server.
pub(super) struct Port {
    /// `crate::desk`.
    pub(super) module: String,
    /// `Desk`.
    pub(super) alias: String,
    /// `ServiceDesk`.
    pub(super) name: String,
    pub(super) methods: Vec<Method>,
    /// The first variant of each enum of the port's file.
    variants: BTreeMap<String, String>,
    /// Where the names of the port's file come from: `Person` is `tool::Person`.
    known: BTreeMap<String, String>,
}

/// A method without a body of its own.
#[derive(Debug, PartialEq)]
pub(super) struct Method {
    pub(super) name: String,
    /// `fn search<'a>`.
    pub(super) head: String,
    /// `&'a self`, then the types of the arguments.
    pub(super) receiver: String,
    pub(super) arguments: Vec<String>,
    pub(super) output: String,
}

/// The Rust files of a server.
pub(super) struct Source<'a> {
    files: Vec<(&'a str, String)>,
}

impl<'a> Source<'a> {
    pub(super) fn of(tree: &'a Tree, server: &str) -> Self {
        let rust = tree.below(&format!("{server}/src")).filter(|file| file.path.ends_with(".rs"));
        let outside = rust.filter(|file| !file.path.contains("/vendors/") && !file.path.contains("/tools/"));
        Self { files: outside.map(|file| (file.path.as_str(), without_remarks(&file.text))).collect() }
    }

    /// The fields of a struct and their types, if it is there.
    pub(super) fn fields(&self, name: &str) -> Option<Vec<(String, String)>> {
        let opening = format!("pub struct {name} {{");
        let text = self.files.iter().find_map(|(_, text)| Some(text.split_once(&opening)?.1))?;
        let fields = split(text.split_once("\n}")?.0, ',').into_iter();
        let field = |field: String| {
            let (name, kind) = field.split_once(':')?;
            Some((name.trim().trim_start_matches("pub ").to_owned(), kind.trim().to_owned()))
        };
        Some(fields.filter_map(field).collect())
    }

    /// Whether a type has a value of its own accord.
    pub(super) fn has_default(&self, name: &str) -> bool {
        let derived = |text: &str| {
            let at = text.find(&format!("pub struct {name}")).unwrap_or_default();
            let attributes = text[..at].lines().rev().take_while(|line| line.starts_with("#["));
            attributes.into_iter().any(|line| line.starts_with("#[derive(") && line.contains("Default"))
        };
        let written = format!("impl Default for {name} ");
        self.files.iter().any(|(_, text)| text.contains(&written) || derived(text))
    }

    /// The port: the one trait that `pub type X = dyn Y;` names.
    pub(super) fn port(&self) -> Result<Port> {
        let found = self.files.iter().find_map(|(path, text)| {
            let alias = text.lines().find(|line| line.starts_with("pub type ") && line.contains("= dyn "))?;
            let (alias, name) = alias["pub type ".len()..].trim_end_matches(';').split_once(" = dyn ")?;
            Some((*path, text, alias.to_owned(), name.to_owned()))
        });
        let (path, text, alias, name) = found.ok_or("the server has no port: `pub type X = dyn Y;`")?;
        let opening = format!("pub trait {name}");
        let body = text
            .split_once(&opening)
            .and_then(|(_, rest)| Some(rest.split_once('{')?.1.split_once("\n}")?.0));
        let body = body.ok_or_else(|| format!("{path} has no `pub trait {name}`"))?;
        let module = module_of(path);
        let mut known = imports(text, &module);
        known.insert(alias.clone(), format!("{module}::{alias}"));
        known.insert(name.clone(), format!("{module}::{name}"));
        let variants = self.files.iter().flat_map(|(_, text)| first_variants(text)).collect();
        Ok(Port { methods: methods(body), module, alias, name, variants, known })
    }
}

impl Port {
    /// `use` lines for every name in `code` that the port's file imports or defines.
    pub(super) fn uses(&self, code: &str) -> String {
        let words: BTreeSet<&str> = code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let paths: BTreeSet<&String> = words.into_iter().filter_map(|word| self.known.get(word)).collect();
        paths.into_iter().map(|path| format!("use {path};\n")).collect()
    }

    /// The first variant of an enum.
    pub(super) fn variant(&self, kind: &str) -> Option<&str> {
        self.variants.get(kind).map(String::as_str)
    }
}

impl Method {
    fn parse(signature: &str) -> Option<Self> {
        let (head, rest) = signature.split_once('(')?;
        let closes = closing(rest)?;
        let (inside, tail) = (&rest[..closes], &rest[closes + 1..]);
        let mut arguments = split(inside, ',').into_iter();
        let receiver = arguments.next()?;
        let kind = |argument: String| Some(argument.split_once(':')?.1.trim().to_owned());
        let name = head.trim().trim_start_matches("fn ").split('<').next()?.to_owned();
        Some(Self {
            name,
            head: head.trim().to_owned(),
            receiver,
            arguments: arguments.filter_map(kind).collect(),
            output: tail.split_once("->")?.1.trim().to_owned(),
        })
    }
}

/// The methods that an implementation has to give.
fn methods(body: &str) -> Vec<Method> {
    let mut methods = Vec::new();
    let mut rest = body;
    while let Some(end) = rest.find([';', '{']) {
        let signature = one_line(&rest[..end]);
        if rest[end..].starts_with(';') {
            methods.extend(Method::parse(&signature));
            rest = &rest[end + 1..];
        } else {
            let body = &rest[end + 1..];
            rest = closing(body).map_or("", |closes| &body[closes + 1..]);
        }
    }
    methods
}

/// Where the bracket that is open before `text` closes.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_i32;
    text.char_indices().find_map(|(at, c)| {
        depth += match c {
            '(' | '[' | '{' => 1,
            ')' | ']' | '}' => -1,
            _ => 0,
        };
        (depth == 0).then_some(at)
    })
}

/// The parts between `by`, brackets of all kinds kept whole.
fn split(text: &str, by: char) -> Vec<String> {
    let (mut parts, mut depth, mut part) = (Vec::new(), 0_i32, String::new());
    for c in text.chars() {
        depth += match c {
            '(' | '[' | '{' | '<' => 1,
            ')' | ']' | '}' | '>' => -1,
            _ => 0,
        };
        if c == by && depth == 0 {
            parts.push(std::mem::take(&mut part));
        } else {
            part.push(c);
        }
    }
    parts.push(part);
    parts.into_iter().map(|part| one_line(&part)).filter(|part| !part.is_empty()).collect()
}

/// What `use` lines and `pub` items at the top level of a file name, with their paths.
fn imports(text: &str, module: &str) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    for item in text.split(';') {
        let Some(at) =
            item.rfind("use ").filter(|at| item[..*at].trim().is_empty() || item[..*at].ends_with("pub "))
        else {
            continue;
        };
        let from_own = item[..at].ends_with("pub ");
        for (name, path) in leaves(&one_line(&item[at + 4..])) {
            // What the port passes on from a module of its own is the port's.
            known.insert(name.clone(), if from_own { format!("{module}::{name}") } else { path });
        }
    }
    for kind in ["struct", "enum"] {
        let opening = format!("pub {kind} ");
        for line in text.lines().filter_map(|line| line.strip_prefix(&opening)) {
            let name: String = line.chars().take_while(|c| c.is_alphanumeric()).collect();
            known.insert(name.clone(), format!("{module}::{name}"));
        }
    }
    known
}

/// Every enum with its first variant.
fn first_variants(text: &str) -> Vec<(String, String)> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric()).collect::<String>();
    let of = |item: &str| {
        let (_, variants) = item.split_once('{')?;
        let first = variants
            .split(',')
            .next()?
            .lines()
            .map(str::trim)
            .find(|line| !line.is_empty() && !line.starts_with('#'))?;
        Some((word(item), word(first)))
    };
    text.split("\npub enum ").skip(1).filter_map(of).collect()
}

/// The names of a `use` tree: `jiff::{Timestamp, civil::Date}` is `jiff::Timestamp` and `jiff::civil::Date`.
fn leaves(tree: &str) -> Vec<(String, String)> {
    match tree.split_once('{') {
        Some((stem, inside)) => {
            let inside = inside.trim_end().strip_suffix('}').unwrap_or(inside);
            let of_stem = |leaf: String| leaves(&format!("{stem}{leaf}"));
            split(inside, ',').into_iter().flat_map(of_stem).collect()
        }
        None => {
            let name = tree.rsplit("::").next().unwrap_or(tree).trim();
            vec![(name.to_owned(), tree.trim().to_owned())]
        }
    }
}

/// `servers/itsm/src/desk/mod.rs` as `crate::desk`.
fn module_of(path: &str) -> String {
    let inside = path.split_once("/src/").map_or(path, |(_, inside)| inside);
    let inside = inside.trim_end_matches(".rs").trim_end_matches("/mod");
    format!("crate::{}", inside.replace('/', "::"))
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The code without lines of comments and without what its tests say.
fn without_remarks(text: &str) -> String {
    let code = text.split("\n#[cfg(test)]").next().unwrap_or(text);
    code.lines().filter(|line| !line.trim_start().starts_with("//")).map(|line| format!("{line}\n")).collect()
}
