//! The keys of a ServiceNow source.

use std::collections::BTreeMap;

use error::{Error, Result};
use outbound::{Auth, Settings};
use serde::Deserialize;
use url::Url;

use super::query;
use crate::model::State;
use crate::wakes::Wakes;

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Keys {
    /// What a person opens; default: the base URL.
    pub(super) site_url: Option<Url>,
    /// Whether the Event Management plugin is active, which keeps alerts; default no.
    #[serde(default)]
    pub(super) event_management: bool,
    /// Whether the On-Call Scheduling plugin is active; default no.
    #[serde(default)]
    pub(super) on_call_scheduling: bool,
    /// Fields of incidents that the site's owner added and that are shown with single records; default none.
    #[serde(default)]
    pub(super) custom_fields: Vec<String>,
    /// What incident numbers begin with; default `INC`.
    #[serde(default = "incident_prefix")]
    pub(super) incident_prefix: String,
    /// Incidents that may be opened per service and hour; default 5.
    #[serde(default = "opens_per_hour")]
    pub(super) opens_per_hour: u32,
}

/// `[source.<name>.map]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mapping {
    /// What the site's own incident states mean to us, by value; the vendor's six are known.
    pub(super) states: BTreeMap<String, State>,
    /// The `sys_id` of the user in whose name incidents are opened; default: the instance decides.
    pub(super) caller: Option<String>,
    /// Where companies keep what joins them with other systems.
    pub(super) customer: CustomerFields,
    /// Catalog items that are offered as remediations.
    pub(super) remediations: Vec<Item>,
}

/// Fields of `core_company`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct CustomerFields {
    /// The internet domain, or a URL with it; default `website`.
    pub(super) domain: String,
    /// The customer's number in the ERP; default: none is kept.
    pub(super) erp_customer: Option<String>,
    /// The customer's id in billing; default: none is kept.
    pub(super) billing_customer: Option<String>,
}

/// A catalog item that is a remediation.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Item {
    /// What it is called in ids: `restart-checkout`.
    pub(super) key: String,
    /// The item's `sys_id`.
    pub(super) item: String,
    /// Its name.
    pub(super) name: String,
    /// What it does.
    pub(super) description: Option<String>,
    /// The services it is offered for, by name or `sys_id`.
    pub(super) services: Vec<String>,
    /// Variables of the order, always the same.
    #[serde(default)]
    pub(super) variables: BTreeMap<String, String>,
    /// The variable that takes the incident's number; default: it is not told.
    pub(super) incident_variable: Option<String>,
    /// The variable that takes our mark, by which a run is found again; default: it is found by its time.
    pub(super) mark_variable: Option<String>,
}

impl Default for CustomerFields {
    fn default() -> Self {
        Self { domain: "website".into(), erp_customer: None, billing_customer: None }
    }
}

fn incident_prefix() -> String {
    "INC".into()
}

fn opens_per_hour() -> u32 {
    Wakes::DEFAULT
}

/// Everything configured, checked; the settings know where tokens come from. Errors: `invalid_argument` naming the
/// key.
pub(super) fn read(settings: &mut Settings) -> Result<(Keys, Mapping)> {
    let keys: Keys = settings.vendor_keys()?;
    let mapping: Mapping = settings.mapping()?;
    let refuse = |key: &str, why: &str| Err(Error::invalid(format!("source/{}/{key}", settings.name), why));
    if let Some(field) = keys.custom_fields.iter().find(|field| !query::is_field(field)) {
        return refuse("custom_fields", &format!("`{}` is no field name", content::cut(field, 40)));
    }
    if keys.incident_prefix.is_empty() || !keys.incident_prefix.bytes().all(|b| b.is_ascii_uppercase()) {
        return refuse("incident_prefix", "capital letters, such as INC");
    }
    let customer = &mapping.customer;
    let kept = [Some(&customer.domain), customer.erp_customer.as_ref(), customer.billing_customer.as_ref()];
    if kept.into_iter().flatten().any(|field| !query::is_field(field)) {
        return refuse("map/customer", "names a field that cannot be one");
    }
    for item in &mapping.remediations {
        if !is_key(&item.key) || !super::is_sys_id(&item.item) {
            return refuse("map/remediations", "wants a `key` of a-z, 0-9 and dashes, and the item's sys_id");
        }
        let variables = [&item.incident_variable, &item.mark_variable];
        if variables.into_iter().flatten().any(|name| !query::is_field(name)) {
            return refuse("map/remediations", "names a variable that cannot be one");
        }
    }
    if mapping.caller.as_deref().is_some_and(|caller| !super::is_sys_id(caller)) {
        return refuse("map/caller", "is the sys_id of a user");
    }
    let Some(base) = settings.base_url.clone() else {
        return refuse("base_url", "is required: the instance, such as https://acme.service-now.com");
    };
    if let Auth::ClientCredentials { token_url, .. } = &mut settings.auth {
        let endpoint = format!("{}/oauth_token.do", base.as_str().trim_end_matches('/'));
        let endpoint = Url::parse(&endpoint).map_err(|e| Error::internal("the token endpoint").source(e))?;
        token_url.get_or_insert(endpoint);
    }
    Ok((keys, mapping))
}

fn is_key(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    !text.is_empty() && text.len() <= 80 && text.bytes().all(allowed)
}
