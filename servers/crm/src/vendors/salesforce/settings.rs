//! The keys of a Salesforce source.

use std::collections::BTreeMap;

use error::{Error, Result};
use oauth::Config;
use outbound::Settings;
use serde::Deserialize;
use tool::Currency;
use url::Url;

use super::soql::Field;
use crate::model::Severity;

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keys {
    /// The REST API's version; default `66.0`.
    api_version: Option<String>,
    /// What a person opens; default: the base URL's `my.salesforce.com` as `lightning.force.com`.
    site_url: Option<Url>,
    /// The currency of amounts in an org that has but one; an org of several says it with each record.
    currency: Option<Currency>,
    /// Whether the first page of a list asks how many match; default yes.
    count: Option<bool>,
}

/// `[source.<name>.map]`: fields by API name.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Mapping {
    /// The account's segment.
    segment: Option<String>,
    /// The account's internet domain; default: the host of `Website`.
    domain: Option<String>,
    /// The account's number in the ERP.
    erp_customer: Option<String>,
    /// The account's id in billing.
    billing_customer: Option<String>,
    /// Why an opportunity was lost.
    lost_reason: Option<String>,
    /// A text field of activities, unique and an external id, that bears our marks.
    external_id: Option<String>,
    /// Where renewals are kept.
    renewals: Option<RenewalMap>,
    /// User names whose records are nobody's: Salesforce demands an owner of each.
    nobody: Vec<String>,
    /// The `Type` of a task that is a note; default `Note`.
    note_type: Option<String>,
    /// The `Status` of a task that is done; default `Completed`.
    task_done: Option<String>,
    /// The case's statuses in which it is with the customer or a third party.
    waiting: Option<Vec<String>>,
    /// The case's priorities by severity; the org's own names are taken as they sound.
    severities: BTreeMap<Severity, Vec<String>>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RenewalMap {
    /// `contract` (the end of `Contract`) or `opportunity` (an open opportunity of a type).
    from: RenewalsIn,
    /// A currency field of the contract: what it is worth a year. An opportunity has `Amount`.
    value: Option<String>,
    /// Contracts: statuses in which it is in force, default `Activated`. Opportunities: types, default `Renewal`.
    only: Option<Vec<String>>,
}

/// What renewals are kept in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum RenewalsIn {
    /// `Contract.EndDate`.
    Contract,
    /// Opportunities of a type.
    Opportunity,
}

/// Where renewals are kept.
#[derive(Clone, Debug)]
pub(super) struct Renewals {
    pub(super) kept_in: RenewalsIn,
    pub(super) value: Option<Field>,
    pub(super) only: Vec<String>,
}

/// Everything configured, checked.
#[derive(Clone, Debug, Default)]
pub(super) struct Configured {
    pub(super) version: String,
    /// Origin of what a person opens, without a slash at the end.
    pub(super) site: String,
    pub(super) currency: Option<Currency>,
    pub(super) count: bool,
    pub(super) segment: Option<Field>,
    pub(super) domain: Option<Field>,
    pub(super) erp_customer: Option<Field>,
    pub(super) billing_customer: Option<Field>,
    pub(super) lost_reason: Option<Field>,
    pub(super) external_id: Option<Field>,
    pub(super) renewals: Option<Renewals>,
    pub(super) nobody: Vec<String>,
    pub(super) note_type: String,
    pub(super) task_done: String,
    pub(super) waiting: Vec<String>,
    pub(super) severities: BTreeMap<Severity, Vec<String>>,
}

/// Reads and checks. Errors: `invalid_argument` naming the key.
pub(super) fn read(settings: &Settings) -> Result<Configured> {
    let (keys, map): (Keys, Mapping) = (settings.vendor_keys()?, settings.mapping()?);
    let key = |name: &str| format!("source/{}/{name}", settings.name);
    let field = |name: &str, value: &Option<String>| {
        value.as_deref().map(|text| Field::configured(text, &key(&format!("map/{name}")))).transpose()
    };
    let version = keys.api_version.unwrap_or_else(|| "66.0".into());
    if !version.bytes().all(|b| b.is_ascii_digit() || b == b'.') || version.is_empty() {
        return Err(Error::invalid(key("api_version"), "must be a number, such as 66.0"));
    }
    let Some(base) = &settings.base_url else {
        let why = "needed: the My Domain of the org, https://acme.my.salesforce.com";
        return Err(Error::invalid(key("base_url"), why));
    };
    let renewals = map.renewals.as_ref().map(|own| {
        let default = match own.from {
            RenewalsIn::Contract => "Activated",
            RenewalsIn::Opportunity => "Renewal",
        };
        let value = match own.from {
            RenewalsIn::Contract => field("renewals/value", &own.value)?,
            RenewalsIn::Opportunity => Some(Field::new("Amount")),
        };
        let only = own.only.clone().unwrap_or_else(|| vec![default.into()]);
        Ok(Renewals { kept_in: own.from, value, only })
    });
    Ok(Configured {
        version,
        site: keys.site_url.as_ref().map_or_else(|| site_of(base), origin),
        currency: keys.currency,
        count: keys.count.unwrap_or(true),
        segment: field("segment", &map.segment)?,
        domain: field("domain", &map.domain)?,
        erp_customer: field("erp_customer", &map.erp_customer)?,
        billing_customer: field("billing_customer", &map.billing_customer)?,
        lost_reason: field("lost_reason", &map.lost_reason)?,
        external_id: field("external_id", &map.external_id)?,
        renewals: renewals.transpose()?,
        nobody: map.nobody,
        note_type: map.note_type.unwrap_or_else(|| "Note".into()),
        task_done: map.task_done.unwrap_or_else(|| "Completed".into()),
        waiting: map.waiting.unwrap_or_else(|| vec!["On Hold".into(), "Waiting on Customer".into()]),
        severities: map.severities,
    })
}

/// The settings with what Salesforce's token endpoint wants where they are silent: it is at the org's own address, and
/// an assertion is for the login host, of which sandboxes have another.
pub(super) fn completed(mut settings: Settings) -> Settings {
    let Some(base) = settings.base_url.clone() else { return settings };
    let own = base.join("/services/oauth2/token").ok();
    match &mut settings.auth {
        Config::ClientCredentials { token_url, .. } if token_url.is_none() => *token_url = own,
        Config::JwtBearer { token_url, audience, .. } => {
            let is_test = base.host_str().is_some_and(|host| host.contains(".sandbox.my."));
            let login = if is_test { "test" } else { "login" };
            audience.get_or_insert_with(|| format!("https://{login}.salesforce.com"));
            *token_url = token_url.take().or(own);
        }
        _ => {}
    }
    settings
}

/// `https://acme.my.salesforce.com` shows its pages at `https://acme.lightning.force.com`.
fn site_of(base: &Url) -> String {
    origin(base).replace(".my.salesforce.com", ".lightning.force.com")
}

fn origin(url: &Url) -> String {
    url.origin().ascii_serialization()
}
