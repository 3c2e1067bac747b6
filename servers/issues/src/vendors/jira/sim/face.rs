//! The faces of one site: Cloud at its own address, Cloud behind the API gateway, Data Center below a context path.

use sandbox::{Answer, Ask};
use serde_json::json;

/// The site's id at the gateway.
pub(super) const CLOUD_ID: &str = "7f3ad5c2-1f4e-4c55-9a41-0d4f6a2b9e10";

/// Where the gateway begins.
pub(super) const GATEWAY: &str = "/ex/jira/7f3ad5c2-1f4e-4c55-9a41-0d4f6a2b9e10";

/// Where Data Center begins.
pub(super) const DATA_CENTER: &str = "/jira";

/// Which API a request came to.
pub(super) struct Face {
    /// Cloud or Data Center.
    pub(super) cloud: bool,
    /// 2 (wiki markup) or 3 (Atlassian documents).
    pub(super) version: u8,
    /// Origin and prefix, before `/rest`.
    pub(super) root: String,
    /// What a person opens.
    pub(super) site: String,
}

impl Face {
    /// The face that the path of a request shows.
    pub(super) fn of(ask: &Ask) -> Self {
        let cloud = !ask.path.starts_with(DATA_CENTER);
        let prefix = if !cloud {
            DATA_CENTER
        } else if ask.path.starts_with(GATEWAY) {
            GATEWAY
        } else {
            ""
        };
        let version = if ask.path.contains("/rest/api/3/") { 3 } else { 2 };
        let site = if cloud { ask.origin.clone() } else { format!("{}{DATA_CENTER}", ask.origin) };
        Self { cloud, version, root: format!("{}{prefix}", ask.origin), site }
    }

    /// The `self` of a resource.
    pub(super) fn link(&self, rest: &str) -> String {
        format!("{}/rest/api/{}/{rest}", self.root, self.version)
    }
}

/// Jira's error body.
pub(super) fn error(status: u16, messages: &[&str]) -> Answer {
    Answer::json(status, json!({ "errorMessages": messages, "errors": {} }))
}

/// Jira's error body about fields.
pub(super) fn field_errors(errors: &[(String, String)]) -> Answer {
    let errors: serde_json::Map<_, _> = errors.iter().map(|(k, v)| (k.clone(), json!(v))).collect();
    Answer::json(400, json!({ "errorMessages": [], "errors": errors }))
}

/// The 404 that also stands for a missing permission.
pub(super) fn no_issue() -> Answer {
    error(404, &["Issue does not exist or you do not have permission to see it."])
}
