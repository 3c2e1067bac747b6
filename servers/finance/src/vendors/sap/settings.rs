//! The keys of an SAP source.

use std::collections::BTreeMap;

use error::{Error, Result};
use outbound::Settings;
use serde::Deserialize;
use url::Url;

use super::odata::Property;
use crate::caps::Caps;
use crate::model::PaymentBlock;

/// `[source.<name>]` beyond the common keys.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Keys {
    /// The client, three digits; default: the one the system logs on to.
    pub(super) sap_client: Option<String>,
    /// The language of SAP's own words, two letters; default `EN`.
    pub(super) language: Option<String>,
    /// Where people open the Fiori launchpad; default: `/ui` at the source's address, as in S/4HANA Cloud.
    pub(super) launchpad_url: Option<Url>,
    /// The company's own CDS views; what has none is not able.
    pub(super) views: Views,
    /// How requisitions are drafted; without it none are.
    pub(super) requisition: Option<Requisitions>,
}

/// `[source.<name>.views]`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Views {
    /// What was spent, by supplier, day and currency.
    pub(super) spend: Option<SpendView>,
    /// Deliveries and late ones among them, by supplier and day.
    pub(super) deliveries: Option<DeliveryView>,
    /// Budget, commitments and actuals, by cost center, year, period and currency.
    pub(super) budget: Option<BudgetView>,
}

/// Where a view is published (OData 2.0) and what its columns are called.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct SpendView {
    /// The service below `/sap/opu/odata/sap/`.
    pub(super) service: String,
    /// The entity set.
    pub(super) set: String,
    pub(super) supplier: Property,
    pub(super) date: Property,
    pub(super) amount: Property,
    pub(super) currency: Property,
}

/// As [`SpendView`].
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct DeliveryView {
    pub(super) service: String,
    pub(super) set: String,
    pub(super) supplier: Property,
    pub(super) date: Property,
    pub(super) deliveries: Property,
    pub(super) late: Property,
}

/// As [`SpendView`].
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct BudgetView {
    pub(super) service: String,
    pub(super) set: String,
    pub(super) cost_center: Property,
    pub(super) name: Property,
    pub(super) year: Property,
    pub(super) period: Property,
    pub(super) currency: Property,
    pub(super) budget: Property,
    pub(super) committed: Property,
    pub(super) actual: Property,
}

/// `[source.<name>.requisition]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Requisitions {
    /// The most that one may cost, by currency; without one none is drafted.
    pub(super) caps: Caps,
    /// The plant of those that name none.
    pub(super) plant: String,
    /// Who buys.
    pub(super) purchasing_group: String,
    /// Default: SAP determines it.
    pub(super) purchasing_organization: Option<String>,
    /// What is bought, as purchasing sorts it.
    pub(super) material_group: String,
    /// What it is booked on.
    pub(super) gl_account: String,
    /// The document type; default `NB`.
    #[serde(default = "standard")]
    pub(super) document_type: String,
    /// The unit of lines that name none; default `EA`.
    #[serde(default = "each")]
    pub(super) unit: String,
}

/// `[source.<name>.map]`.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mapping {
    /// Days until the net amount is due, by payment terms key (`NT30 = 30`); others are unknown.
    pub(super) payment_terms: BTreeMap<String, u32>,
    /// What payment blocks mean, by key; others are `other`. Default: `A` is `manual`.
    pub(super) payment_blocks: BTreeMap<String, PaymentBlock>,
    /// How customers pay, by payment method key, in words.
    pub(super) payment_methods: BTreeMap<String, String>,
    /// The identification type under which business partners carry their number in billing.
    pub(super) billing_identification: Option<String>,
    /// The special G/L indicator of doubtful receivables; default `E`.
    pub(super) doubtful: String,
}

impl Default for Mapping {
    fn default() -> Self {
        Self {
            payment_terms: BTreeMap::new(),
            payment_blocks: BTreeMap::from([("A".to_owned(), PaymentBlock::Manual)]),
            payment_methods: BTreeMap::new(),
            billing_identification: None,
            doubtful: "E".to_owned(),
        }
    }
}

impl Default for SpendView {
    fn default() -> Self {
        Self {
            service: String::new(),
            set: String::new(),
            supplier: Property::named("Supplier"),
            date: Property::named("PostingDate"),
            amount: Property::named("NetAmount"),
            currency: Property::named("TransactionCurrency"),
        }
    }
}

impl Default for DeliveryView {
    fn default() -> Self {
        Self {
            service: String::new(),
            set: String::new(),
            supplier: Property::named("Supplier"),
            date: Property::named("DeliveryDate"),
            deliveries: Property::named("NumberOfDeliveries"),
            late: Property::named("NumberOfLateDeliveries"),
        }
    }
}

impl Default for BudgetView {
    fn default() -> Self {
        Self {
            service: String::new(),
            set: String::new(),
            cost_center: Property::named("CostCenter"),
            name: Property::named("CostCenterName"),
            year: Property::named("FiscalYear"),
            period: Property::named("FiscalPeriod"),
            currency: Property::named("Currency"),
            budget: Property::named("BudgetAmount"),
            committed: Property::named("CommittedAmount"),
            actual: Property::named("ActualAmount"),
        }
    }
}

impl<'de> Deserialize<'de> for Property {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let name = String::deserialize(from)?;
        let refused = || serde::de::Error::custom("a column is named by letters, digits and underscores");
        Self::configured(&name).ok_or_else(refused)
    }
}

/// Everything configured, checked. Errors: `invalid_argument` naming the key.
pub(super) fn read(settings: &Settings) -> Result<(Keys, Mapping)> {
    let keys: Keys = settings.vendor_keys()?;
    let wrong = |key: &str, why: &str| Err(Error::invalid(format!("source/{}/{key}", settings.name), why));
    if keys.sap_client.as_ref().is_some_and(|c| c.len() != 3 || !c.bytes().all(|b| b.is_ascii_digit())) {
        return wrong("sap_client", "a client has three digits");
    }
    if keys.language.as_ref().is_some_and(|l| l.len() != 2 || !l.bytes().all(|b| b.is_ascii_alphabetic())) {
        return wrong("language", "a language has two letters");
    }
    let views = [
        ("spend", keys.views.spend.as_ref().map(|v| (&v.service, &v.set))),
        ("deliveries", keys.views.deliveries.as_ref().map(|v| (&v.service, &v.set))),
        ("budget", keys.views.budget.as_ref().map(|v| (&v.service, &v.set))),
    ];
    for (name, view) in views {
        if view.is_some_and(|(service, set)| service.is_empty() || set.is_empty()) {
            return wrong(&format!("views/{name}"), "needed: `service` and `set`");
        }
    }
    Ok((keys, settings.mapping()?))
}

fn standard() -> String {
    "NB".to_owned()
}

fn each() -> String {
    "EA".to_owned()
}
