//! The keys of a Stripe source.

use error::{Error, Result};
use outbound::Settings;
use serde::Deserialize;
use url::Url;

use crate::caps::Caps;

/// The version of the API that this client was written for (docs.stripe.com/api/versioning).
const VERSION: &str = "2026-10-28.endive";

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Keys {
    /// `Stripe-Version`; default: the version this client was written for.
    pub(super) api_version: String,
    /// The connected account (`acct_...`) to act for; default: the key's own.
    pub(super) account: Option<String>,
    /// Where people look; default `https://dashboard.stripe.com`.
    pub(super) dashboard_url: Option<Url>,
    /// Giving money back; off unless enabled.
    pub(super) refunds: Refunds,
}

/// `[source.<name>.refunds]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Refunds {
    /// Whether payments may be refunded at all; default no.
    pub(super) enabled: bool,
    /// What the refunds of one payment may come to, per currency; a currency that is not named is refused.
    pub(super) caps: Caps,
}

/// `[source.<name>.map]`: metadata keys of customers that join them to other systems.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mapping {
    /// Holds the internet domain; without it the host of the customer's e-mail address stands for it.
    pub(super) domain: Option<String>,
    /// Holds the customer's number in the ERP.
    pub(super) erp_customer: Option<String>,
}

impl Default for Keys {
    fn default() -> Self {
        Self {
            api_version: VERSION.to_owned(),
            account: None,
            dashboard_url: None,
            refunds: Refunds::default(),
        }
    }
}

/// Everything configured, checked. Errors: `invalid_argument` naming the key.
pub(super) fn read(settings: &Settings) -> Result<(Keys, Mapping)> {
    let keys: Keys = settings.vendor_keys()?;
    let wrong = |key: &str, why: &str| Err(Error::invalid(format!("source/{}/{key}", settings.name), why));
    if !keys.api_version.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b)) {
        return wrong("api_version", "a version looks like 2026-10-28.endive");
    }
    let is_account =
        |id: &str| id.starts_with("acct_") && id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    if keys.account.as_deref().is_some_and(|id| !is_account(id)) {
        return wrong("account", "an account looks like acct_1032D82eZvKYlo2C");
    }
    if keys.refunds.enabled && keys.refunds.caps == Caps::default() {
        return wrong("refunds/caps", "needed where refunds are enabled, as in { EUR = \"500.00\" }");
    }
    let mapping: Mapping = settings.mapping()?;
    let is_key = |key: &&String| {
        !key.is_empty()
            && key.len() <= 40
            && key.bytes().all(|b| b.is_ascii_alphanumeric() || b"_-.".contains(&b))
    };
    if [&mapping.domain, &mapping.erp_customer].into_iter().flatten().any(|key| !is_key(&key)) {
        return wrong("map", "metadata keys here are up to 40 letters, digits, `_`, `-` and `.`");
    }
    Ok((keys, mapping))
}
