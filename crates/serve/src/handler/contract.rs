//! The contract: what the version of a server stands for.

use serde_json::{Value, json};
use tool::Spec;

use super::listing::tool;
use crate::catalogue::Catalogue;
use crate::layers::in_order;

/// A tool's line of the contract: what clients see, and beside it what decides who may call it and how.
pub(crate) fn contract(spec: &Spec) -> Value {
    let meta = &spec.meta;
    let mut seen = json!(tool(spec));
    for (name, value) in [
        ("scope", json!(meta.scope)),
        ("effect", json!(meta.effect)),
        ("labels", json!(meta.labels)),
        ("deadline", json!(meta.deadline)),
        ("repeat", json!(meta.repeat)),
        ("consent", json!(meta.consent)),
        ("aliases", json!(meta.aliases)),
    ] {
        seen[name] = value;
    }
    seen
}

/// The digest of the contract, `sha256:` and hexadecimal: of all tools, sorted by name, as one JSON array whose members
/// are in order and that has no spaces. It is the same for every caller, whatever each is shown, and changes with
/// nothing but the contract.
pub(crate) fn digest(catalogue: &Catalogue) -> String {
    let mut tools: Vec<&Spec> = catalogue.specs().iter().collect();
    tools.sort_by_key(|spec| spec.meta.name);
    let all: Value = tools.into_iter().map(|spec| in_order(&contract(spec))).collect();
    format!("sha256:{}", audit::digest(all.to_string().as_bytes()))
}
