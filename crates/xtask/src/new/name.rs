//! Names, checked before anything is made of them.

use crate::{Result, tidy::pascal};

/// Words that Rust keeps for itself (reference, section 2.1.1, with those it reserves).
const KEYWORDS: [&str; 51] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let", "loop",
    "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return", "self", "static",
    "struct", "super", "trait", "true", "try", "type", "typeof", "union", "unsafe", "unsized", "use",
    "virtual", "where", "while",
];

/// Crates and modules that a domain or vendor of the same name would hide or be confused with.
const TAKEN: [&str; 22] = [
    "alloc",
    "audit",
    "bench",
    "call",
    "common",
    "contract",
    "core",
    "error",
    "helper",
    "helpers",
    "it",
    "memory",
    "misc",
    "oauth",
    "outbound",
    "proc_macro",
    "sandbox",
    "serve",
    "std",
    "test",
    "tool",
    "xtask",
];

/// First words of tools that change nothing.
const READS: [&str; 9] = ["get", "list", "search", "find", "check", "compare", "count", "read", "show"];

/// A word in snake case that can name a module: `hr`, `merge_contacts`.
pub(super) fn module(what: &str, name: &str) -> Result {
    let letters = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    let starts = name.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let runs = name.contains("__") || name.ends_with('_');
    let problem = if !(letters && starts) || runs {
        "is lower-case letters, digits and single underscores, a letter first"
    } else if name.len() > 40 {
        "has at most 40 characters"
    } else if KEYWORDS.contains(&name) {
        "must not be a word of Rust's own"
    } else if TAKEN.contains(&name) || name == "util" || name == "utils" {
        "must not be the name of something else of the house"
    } else {
        return Ok(());
    };
    Err(format!("`{name}`: a {what}'s name {problem}").into())
}

/// A domain: also a source in ids and a part of URLs, so without underscores.
pub(super) fn domain(name: &str) -> Result {
    module("domain", name)?;
    match name.contains('_') || name.len() > 20 {
        false => Ok(()),
        true => Err(format!("`{name}`: a domain's name is one word of at most 20 letters").into()),
    }
}

/// A vendor: also the name of its source in the sandbox and so a part of ids.
pub(super) fn vendor(name: &str) -> Result {
    module("vendor", name)?;
    match name.contains('_') || name.len() > 31 {
        false => Ok(()),
        true => Err(format!("`{name}`: a vendor's name is one word of at most 31 letters").into()),
    }
}

/// A tool by its parts.
pub(super) struct ToolName<'a> {
    pub(super) name: &'a str,
    verb: &'a str,
    rest: &'a str,
}

impl<'a> ToolName<'a> {
    /// Reads `verb_noun`.
    pub(super) fn parse(name: &'a str) -> Result<Self> {
        module("tool", name)?;
        match name.split_once('_') {
            Some((verb, rest)) => Ok(Self { name, verb, rest }),
            None => Err(format!("`{name}`: a tool's name is a verb and a noun: `merge_contacts`").into()),
        }
    }

    /// Whether it changes nothing, as far as its verb tells.
    pub(super) fn reads(&self) -> bool {
        READS.contains(&self.verb)
    }

    /// `MergeContacts`.
    pub(super) fn input(&self) -> String {
        pascal(self.name)
    }

    /// `Merge contacts`.
    pub(super) fn title(&self) -> String {
        sentence(self.name)
    }

    /// `merge contacts`.
    pub(super) fn does(&self) -> String {
        self.name.replace('_', " ")
    }

    /// `Merges contacts`.
    pub(super) fn third_person(&self) -> String {
        let verb = match self.verb {
            verb if ["s", "x", "z", "ch", "sh"].iter().any(|end| verb.ends_with(end)) => format!("{verb}es"),
            verb => match verb.strip_suffix('y') {
                Some(stem) if !stem.ends_with(['a', 'e', 'o', 'u']) => format!("{stem}ies"),
                _ => format!("{verb}s"),
            },
        };
        sentence(&format!("{verb}_{}", self.rest))
    }

    /// The argument that names what it is about: `contact`.
    pub(super) fn argument(&self) -> &str {
        let singular = self.rest.strip_suffix('s').filter(|one| !one.ends_with('s') && one.len() > 2);
        let name = singular.unwrap_or(self.rest);
        let used = ["cursor", "limit", "plan", "source"].contains(&name);
        if KEYWORDS.contains(&name) || used || name.starts_with(|c: char| c.is_ascii_digit()) {
            "record"
        } else {
            name
        }
    }
}

/// `merge_contacts` as `Merge contacts`.
pub(super) fn sentence(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).map(|c| if c == '_' { ' ' } else { c }).collect()
}

/// What people call a domain: `HR`, `Legal`.
pub(super) fn title(domain: &str) -> String {
    if domain.len() <= 3 { domain.to_uppercase() } else { sentence(domain) }
}
