//! Names of tools, domains and sources: each must exist, as far as this server can know.

use tool::Meta;

use super::Problems;
use crate::pattern::Pattern;
use crate::policy::House;

/// The tools of this server that `name` names, or none if it names another server's.
pub(super) fn tools<'h>(
    name: &str,
    domains: &[String],
    house: &'h House,
    at: &str,
    problems: &mut Problems,
) -> Vec<&'h Meta> {
    if name == "*" {
        return house.tools.iter().collect();
    }
    let Some((of, tool)) = name.split_once(':') else {
        let qualified = format!("{}:{name}", house.domain);
        problems.unknown(
            at,
            "tool",
            name,
            names(house).iter().map(String::as_str).chain([qualified.as_str()]),
        );
        return Vec::new();
    };
    if of != "*" {
        domain(of, domains, at, problems);
    }
    if of != "*" && of != house.domain {
        return Vec::new();
    }
    let pattern = Pattern::new(tool);
    let found: Vec<&Meta> =
        house.tools.iter().filter(|meta| meta.names().any(|own| pattern.matches(own))).collect();
    if found.is_empty() && of != "*" {
        match pattern.is_exact() {
            true => problems.unknown(at, "tool", name, names(house).iter().map(String::as_str)),
            false => problems.add(at, format!("`{}` matches no tool of {of}", content::cut(name, 60))),
        }
    }
    found
}

/// Reports a domain that the file does not list.
pub(super) fn domain(name: &str, domains: &[String], at: &str, problems: &mut Problems) {
    if !domains.iter().any(|known| known == name) {
        problems.unknown(at, "domain", name, domains.iter().map(String::as_str));
    }
}

/// The configured sources that the patterns name; each must name one.
pub(super) fn sources(patterns: &[String], house: &House, at: &str, problems: &mut Problems) -> Vec<String> {
    let patterns: Vec<Pattern> = patterns.iter().map(|text| Pattern::new(text)).collect();
    for pattern in &patterns {
        if !house.sources.is_empty() && !house.sources.iter().any(|source| pattern.matches(source)) {
            problems.unknown(at, "source", pattern.as_str(), house.sources.iter().map(String::as_str));
        }
    }
    let named = |source: &&String| patterns.iter().any(|pattern| pattern.matches(source));
    house.sources.iter().filter(named).cloned().collect()
}

fn names(house: &House) -> Vec<String> {
    house.tools.iter().flat_map(Meta::names).map(|name| format!("{}:{name}", house.domain)).collect()
}
