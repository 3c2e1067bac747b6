//! A customer, as every system may know it.

use content::Label;
use schemars::JsonSchema;
use serde::Serialize;

use crate::RecordId;

/// What joins one customer across systems, from fields that the configuration maps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CustomerKeys {
    /// Internet domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<String>,
    /// The customer's number in the ERP.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erp_customer: Option<String>,
    /// The customer's id in billing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub billing_customer: Option<String>,
}

impl CustomerKeys {
    /// The key that `text` is, case aside.
    #[must_use]
    pub fn matched(&self, text: &str) -> Option<MatchedBy> {
        let text = text.trim();
        let is = |key: &Option<String>| key.as_deref().is_some_and(|k| k.eq_ignore_ascii_case(text));
        [
            (&self.domain, MatchedBy::Domain),
            (&self.erp_customer, MatchedBy::ErpCustomer),
            (&self.billing_customer, MatchedBy::BillingCustomer),
        ]
        .into_iter()
        .find_map(|(key, by)| is(key).then_some(by))
    }
}

/// By what a `customer` filter found its customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// Its id.
    Id,
    /// Its internet domain.
    Domain,
    /// Its number in the ERP.
    ErpCustomer,
    /// Its id in billing.
    BillingCustomer,
    /// Its name.
    Name,
}

/// A customer that a filter found in a source, and by what. Every answer that was narrowed to a customer says so as
/// `customers`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct MatchedCustomer {
    /// The customer in its source.
    pub id: RecordId,
    /// Its name, where the source was asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<Label>,
    /// By what it was found.
    pub matched_by: MatchedBy,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_matches_whichever_key_it_is() {
        let keys = CustomerKeys {
            domain: Some("nordwind.example".into()),
            erp_customer: Some("17100001".into()),
            billing_customer: None,
        };
        assert_eq!(keys.matched(" NORDWIND.example "), Some(MatchedBy::Domain));
        assert_eq!(keys.matched("17100001"), Some(MatchedBy::ErpCustomer));
        assert_eq!(keys.matched(""), None);
        assert_eq!(keys.matched("nordwind"), None);
    }
}
