//! What a tenant may, as operators write it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::limits::CallsTable;

/// The terms of a tenant. They are for every server that reads them, so tools are named with their domain, and a source
/// that this server does not have is another one's.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Terms {
    /// Whether its callers are let in; yes.
    pub(crate) enabled: bool,
    /// The tools its callers see, `crm:find_accounts` or `crm:*`; all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) tools: Option<Vec<String>>,
    /// The sources its callers reach, by name; all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sources: Option<Vec<String>>,
    /// The roles its callers may have, whatever their claims say; any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) roles: Option<Vec<String>>,
    /// Limits in the place of the server's.
    #[serde(skip_serializing_if = "is_usual")]
    pub(crate) limits: CallsTable,
    /// Whether texts by others are marked word by word before a model reads them (security, section 2.10); no.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(crate) datamark: bool,
}

impl Default for Terms {
    fn default() -> Self {
        Self {
            enabled: true,
            tools: None,
            sources: None,
            roles: None,
            limits: CallsTable::default(),
            datamark: false,
        }
    }
}

impl Terms {
    /// Whether callers of the tenant see `tool` of `domain`.
    pub(crate) fn shows(&self, domain: &str, tool: &str) -> bool {
        let Some(tools) = &self.tools else { return true };
        tools.iter().any(|name| match name.split_once(':') {
            Some((of, own)) => of == domain && (own == "*" || own == tool),
            None => name == "*",
        })
    }

    /// What is wrong with the terms for a server of `domain` that has `tools`: a name of no tool.
    pub(crate) fn check(&self, domain: &str, tools: &[&str]) -> Result<(), String> {
        for name in self.tools.iter().flatten().filter(|name| *name != "*") {
            let Some((of, tool)) = name.split_once(':') else {
                return Err(format!("`{name}` is no tool: write `{domain}:{name}`, or `{domain}:*` for all"));
            };
            if of == domain && tool != "*" && !tools.contains(&tool) {
                let near = |known: &&&str| strsim::jaro_winkler(tool, known);
                let nearest = tools.iter().max_by(|a, b| near(a).total_cmp(&near(b)));
                let hint =
                    nearest.map(|known| format!("; did you mean `{domain}:{known}`?")).unwrap_or_default();
                return Err(format!("`{name}` is no tool of this server{hint}"));
            }
        }
        Ok(())
    }
}

/// Reads a file of tenants: a table each.
///
/// # Errors
/// In words, with the line.
pub(crate) fn parse(text: &str) -> Result<BTreeMap<String, Terms>, String> {
    toml::from_str(text).map_err(|problem| {
        let line = problem.span().map(|span| text[..span.start].matches('\n').count() + 1);
        match line {
            Some(line) => format!("line {line}: {}", problem.message()),
            None => problem.message().to_owned(),
        }
    })
}

fn is_usual(limits: &CallsTable) -> bool {
    *limits == CallsTable::default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_named_with_their_domain() {
        let terms = |tools: &str| parse(&format!("[acme]\ntools = {tools}")).unwrap().remove("acme").unwrap();
        assert!(Terms::default().shows("crm", "find_accounts"));
        assert!(terms("[\"crm:*\"]").shows("crm", "find_accounts"));
        assert!(terms("[\"*\"]").shows("crm", "find_accounts"));
        let one = terms("[\"crm:find_accounts\", \"itsm:*\"]");
        assert!(one.shows("crm", "find_accounts") && !one.shows("crm", "find_account"));
        assert!(!one.shows("issues", "search_issues") && !one.shows("cr", "m:find_accounts"));
        assert!(!terms("[]").shows("crm", "find_accounts"), "none is none");
    }

    #[test]
    fn a_name_of_no_tool_is_told_with_the_nearest() {
        let check = |name: &str| {
            let terms = Terms { tools: Some(vec![name.to_owned()]), ..Terms::default() };
            terms.check("crm", &["find_accounts", "get_account_brief"])
        };
        assert_eq!(check("crm:find_accounts"), Ok(()));
        assert_eq!(check("itsm:anything"), Ok(()), "it is another server's");
        let problem = check("crm:find_acounts").unwrap_err();
        assert!(problem.contains("did you mean `crm:find_accounts`?"), "{problem}");
        assert!(check("find_accounts").unwrap_err().contains("write `crm:find_accounts`"));
    }

    #[test]
    fn an_unknown_key_is_told_with_its_line() {
        let problem = parse("[acme]\nenabled = true\nlimitz = {}").unwrap_err();
        assert!(problem.starts_with("line 3: ") && problem.contains("`limitz`"), "{problem}");
        let nested = parse("[acme]\nlimits.caller.per_second = 0").unwrap_err();
        assert!(nested.contains("a whole number from 1"), "{nested}");
    }
}
