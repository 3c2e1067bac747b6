//! The keys of a Confluence source.

use error::{Error, Result};
use outbound::Settings;
use serde::Deserialize;
use url::Url;

use crate::model::Kind;

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The site's id at the gateway, for service accounts; default: the site is asked.
    pub(super) cloud_id: Option<String>,
    /// Where service accounts call; default `https://api.atlassian.com`. Atlassian's government cloud has its own.
    pub(super) gateway_url: Option<Url>,
    /// What a person opens, `https://acme.atlassian.net`; default: the base URL, or what Confluence says in its answers.
    pub(super) site_url: Option<Url>,
    /// Keys of the only spaces within reach; default: all that the account may see.
    #[serde(default)]
    pub(super) spaces: Vec<String>,
}

/// `[source.<name>.map]`: what stands for what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mapping {
    /// The key of the space that drafts go to where the caller names none.
    pub(super) drafts: Option<String>,
    /// What makes a page a runbook.
    pub(super) runbooks: Rule,
    /// What makes a page a policy.
    pub(super) policies: Rule,
    /// Keys of content properties.
    pub(super) properties: Properties,
}

/// A page with any of these labels, in any of these spaces, or with any of these beginnings of its title.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Rule {
    /// Labels.
    pub(super) labels: Vec<String>,
    /// Keys of spaces.
    pub(super) spaces: Vec<String>,
    /// Beginnings of titles, such as `Runbook:`, case aside.
    pub(super) titles: Vec<String>,
}

/// Keys of content properties, whose values are texts; dates as `2026-11-21`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Properties {
    /// The service a runbook is for.
    pub(super) service: Option<String>,
    /// From when a policy holds.
    pub(super) effective: Option<String>,
    /// By when to review a page.
    pub(super) review: Option<String>,
}

impl Rule {
    /// Whether it can tell anything.
    pub(super) fn tells(&self) -> bool {
        !self.labels.is_empty() || !self.spaces.is_empty() || !self.titles.is_empty()
    }

    /// Whether it holds for a page.
    fn holds(&self, space: Option<&str>, labels: &[&str], title: &str) -> bool {
        let title = title.to_lowercase();
        self.labels.iter().any(|own| labels.contains(&own.to_lowercase().as_str()))
            || self.spaces.iter().any(|own| space == Some(own))
            || self.titles.iter().any(|own| title.starts_with(&own.to_lowercase()))
    }
}

impl Mapping {
    /// What makes a page one of this kind.
    pub(super) fn rule(&self, kind: Kind) -> &Rule {
        match kind {
            Kind::Runbook => &self.runbooks,
            Kind::Policy => &self.policies,
        }
    }

    /// The kind of a page in this space with these labels and this title, if a rule tells.
    pub(super) fn kind(&self, space: Option<&str>, labels: &[&str], title: &str) -> Option<Kind> {
        [Kind::Runbook, Kind::Policy].into_iter().find(|kind| self.rule(*kind).holds(space, labels, title))
    }
}

/// Everything configured, checked. Errors: `invalid_argument` naming the key.
pub(super) fn read(settings: &Settings) -> Result<(Keys, Mapping)> {
    let at = |key: &str| format!("source/{}/{key}", settings.name);
    let (keys, mapping): (Keys, Mapping) = (settings.vendor_keys()?, settings.mapping()?);
    if keys.cloud_id.as_ref().is_some_and(|id| !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')) {
        return Err(Error::invalid(at("cloud_id"), "letters, digits and dashes only"));
    }
    if settings.base_url.is_none() && keys.cloud_id.is_none() {
        let why = "needed: the site (https://acme.atlassian.net), or `cloud_id`";
        return Err(Error::invalid(at("base_url"), why));
    }
    let spaces = [&keys.spaces, &mapping.runbooks.spaces, &mapping.policies.spaces];
    if spaces.into_iter().flatten().chain(&mapping.drafts).any(|key| !is_space_key(key)) {
        return Err(Error::invalid(at("spaces"), "a space's key is made of letters and digits, such as OPS"));
    }
    if mapping
        .runbooks
        .titles
        .iter()
        .chain(&mapping.policies.titles)
        .any(|own| !own.contains(char::is_alphanumeric))
    {
        return Err(Error::invalid(at("map"), "a title's beginning needs a word, such as `Runbook:`"));
    }
    let Properties { service, effective, review } = &mapping.properties;
    let known = |key: &String| key.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
    if ![service, effective, review].into_iter().flatten().all(known) {
        // The keys stand in a list of expansions, where dots and commas divide.
        return Err(Error::invalid(at("map/properties"), "letters, digits, `-` and `_` only"));
    }
    Ok((keys, mapping))
}

/// Letters and digits; personal spaces begin with `~`.
pub(super) fn is_space_key(text: &str) -> bool {
    let own = text.strip_prefix('~').unwrap_or(text);
    !own.is_empty()
        && text.len() <= 255
        && own.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b':' | b'.'))
}
