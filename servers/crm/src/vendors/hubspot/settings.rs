//! The keys of a HubSpot source.

use error::{Error, Result};
use outbound::Settings;
use serde::Deserialize;

use super::api::Api;

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// The API's version in every path: a dated one, or `v3`; default `2026-09`.
    api_version: Option<String>,
    /// The account's number (Settings, Account setup); default: HubSpot is asked. With it, a URL is recognized before
    /// the first answer.
    pub(super) portal_id: Option<u64>,
}

impl Keys {
    /// The API that is called.
    fn api(&self, source: &str) -> Result<Api> {
        Api::named(self.api_version.as_deref().unwrap_or("2026-09")).ok_or_else(|| {
            Error::invalid(format!("source/{source}/api_version"), "neither `2026-09` nor `v3`")
        })
    }
}

/// `[source.<name>.map]`: the account's own properties, by internal name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mapping {
    /// The company property that holds the segment, a dropdown; default: no segments.
    pub(super) segment: Option<String>,
    /// The company property that holds the customer's number in the ERP; default: none.
    pub(super) erp_customer: Option<String>,
    /// The company property that holds the customer's id in billing; default: none.
    pub(super) billing_customer: Option<String>,
    /// The company property that holds the day of the next renewal; default: none.
    pub(super) renewal_date: Option<String>,
    /// The deal pipeline whose open deals are renewals, by label or id; its deals are no opportunities. Default: none,
    /// and no renewals are listed.
    pub(super) renewal_pipeline: Option<String>,
    /// Ticket stages in which the customer is waited for, by label; default `Waiting on contact`.
    pub(super) waiting_stages: Option<Vec<String>>,
}

impl Mapping {
    /// The mapped company properties.
    pub(super) fn company_properties(&self) -> impl Iterator<Item = &str> {
        [&self.segment, &self.erp_customer, &self.billing_customer, &self.renewal_date]
            .into_iter()
            .filter_map(|name| name.as_deref())
    }

    /// Whether the customer is waited for in a ticket stage of this label.
    pub(super) fn is_waiting(&self, label: &str) -> bool {
        let same = |stage: &str| stage.eq_ignore_ascii_case(label);
        match &self.waiting_stages {
            Some(stages) => stages.iter().any(|stage| same(stage)),
            None => same("Waiting on contact"),
        }
    }
}

/// Everything configured, checked. Errors: `invalid_argument` naming the key.
pub(super) fn read(settings: &Settings) -> Result<(Api, Keys, Mapping)> {
    let keys: Keys = settings.vendor_keys()?;
    let mapping: Mapping = settings.mapping()?;
    for name in mapping.company_properties() {
        if !is_property(name) {
            let path = format!("source/{}/map", settings.name);
            return Err(Error::invalid(path, format!("`{name}` is no internal name of a property")));
        }
    }
    Ok((keys.api(&settings.name)?, keys, mapping))
}

/// `[a-z][a-z0-9_]*`: "Internal names must be lowercase letters, numbers and underscores" (HubSpot, "Properties").
fn is_property(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_')
}
