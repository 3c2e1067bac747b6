//! The keys of a Jira source.

use std::collections::BTreeMap;

use error::{Error, Result};
use outbound::Settings;
use serde::Deserialize;
use url::Url;

use crate::model::Priority;

/// Which product answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Deployment {
    /// Atlassian's cloud: REST v3, Atlassian documents, people by account id.
    Cloud,
    /// One's own servers: REST v2, wiki markup, people by name.
    DataCenter,
}

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// `cloud` or `data_center`; default: by the address, else the server is asked.
    pub(super) deployment: Option<Deployment>,
    /// The site's id at the gateway, for service accounts; default: the site is asked.
    pub(super) cloud_id: Option<String>,
    /// Where service accounts call; default `https://api.atlassian.com`. Atlassian's government cloud has its own.
    pub(super) gateway_url: Option<Url>,
    /// What a person opens, `https://acme.atlassian.net`; default: the base URL, or the server is asked.
    pub(super) site_url: Option<Url>,
    /// Keys of the only projects within reach; default: all that the account may see.
    #[serde(default)]
    pub(super) projects: Vec<String>,
    /// Names or ids of the custom fields shown with single records; default: all, at most 100.
    #[serde(default)]
    pub(super) custom_fields: Vec<String>,
    /// The type of an issue created without one; default: `Task`, else the project's first.
    pub(super) default_type: Option<String>,
    /// Whether the first page of a longer list asks for the estimated total; default yes.
    pub(super) count: Option<bool>,
}

/// `[source.<name>.map]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mapping {
    /// Who may read internal comments; without it there are none.
    pub(super) internal_visibility: Option<Audience>,
    /// The site's names of our priorities, the one to set first; default: Jira's own names.
    pub(super) priorities: BTreeMap<Priority, Vec<String>>,
    /// Texts that a new issue may start from, by name, Markdown.
    pub(super) templates: BTreeMap<String, String>,
}

/// A role or group.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Audience {
    /// `role` or `group`.
    #[serde(rename = "type")]
    pub(super) kind: AudienceKind,
    /// Its name.
    pub(super) value: String,
}

/// What kind of audience.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum AudienceKind {
    /// A project role.
    Role,
    /// A group of the site.
    Group,
}

/// Everything configured, checked. Errors: `invalid_argument` naming the key.
pub(super) fn read(settings: &Settings) -> Result<(Keys, Mapping)> {
    let mut keys: Keys = settings.vendor_keys()?;
    for key in &mut keys.projects {
        *key = key.trim().to_uppercase();
        if !is_project_key(key) {
            return Err(Error::invalid(format!("source/{}/projects", settings.name), "not a project key"));
        }
    }
    if keys.cloud_id.as_ref().is_some_and(|id| !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')) {
        return Err(Error::invalid(
            format!("source/{}/cloud_id", settings.name),
            "letters, digits and dashes only",
        ));
    }
    if settings.base_url.is_none() && keys.cloud_id.is_none() {
        let why = "needed: the site (https://acme.atlassian.net), or `cloud_id`";
        return Err(Error::invalid(format!("source/{}/base_url", settings.name), why));
    }
    Ok((keys, settings.mapping()?))
}

/// `[A-Z][A-Z0-9_]+`, Jira's default pattern for project keys.
pub(super) fn is_project_key(text: &str) -> bool {
    text.len() >= 2
        && text.len() <= 100
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}
