//! Where people look at records: intents of the Fiori launchpad.
//!
//! Source: SAP Fiori apps reference library (semantic objects and actions of the display apps).

use url::{Url, form_urlencoded};

use crate::ledger::Noun;

/// The launchpad of a system.
#[derive(Clone, Debug)]
pub(super) struct Launchpad(String);

/// A record's app and the parameters that name it.
struct Intent {
    noun: Noun,
    app: &'static str,
    parameters: &'static [&'static str],
}

const INTENTS: &[Intent] = &[
    Intent { noun: Noun::Supplier, app: "Supplier-displayFactSheet", parameters: &["Supplier"] },
    Intent { noun: Noun::Customer, app: "Customer-displayFactSheet", parameters: &["Customer"] },
    Intent {
        noun: Noun::PurchaseOrder,
        app: "PurchaseOrder-displayFactSheet",
        parameters: &["PurchaseOrder"],
    },
    Intent {
        noun: Noun::SupplierInvoice,
        app: "SupplierInvoice-displayFactSheet",
        parameters: &["SupplierInvoice", "FiscalYear"],
    },
    Intent {
        noun: Noun::Contract,
        app: "PurchaseContract-displayFactSheet",
        parameters: &["PurchaseContract"],
    },
    Intent {
        noun: Noun::CustomerInvoice,
        app: "BillingDocument-displayFactSheet",
        parameters: &["BillingDocument"],
    },
    Intent {
        noun: Noun::Payment,
        app: "AccountingDocument-displayFactSheet",
        parameters: &["CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem"],
    },
    Intent { noun: Noun::CostCenter, app: "CostCenter-displayFactSheet", parameters: &["CostCenter"] },
];

impl Launchpad {
    /// The launchpad at `url`; at the source's address if none is configured.
    pub(super) fn at(url: Option<&Url>, base: &Url) -> Self {
        let text = match url {
            Some(url) => url.as_str().to_owned(),
            None => base.join("/ui").map(Into::into).unwrap_or_default(),
        };
        Self(text.trim_end_matches('/').to_owned())
    }

    /// The URL of a record by its native id, whose parts are the app's parameters.
    pub(super) fn url(&self, noun: Noun, native: &str) -> String {
        let Some(intent) = INTENTS.iter().find(|intent| intent.noun == noun) else { return self.0.clone() };
        let parts = native.splitn(intent.parameters.len(), '-');
        self.intent(intent.app, intent.parameters.iter().copied().zip(parts))
    }

    /// The URL of a requisition.
    pub(super) fn requisition(&self, number: &str) -> String {
        self.intent("PurchaseRequisition-displayFactSheet", [("PurchaseRequisition", number)])
    }

    fn intent<'p>(&self, app: &str, parameters: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
        let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(parameters).finish();
        format!("{}#{app}?{query}", self.0)
    }

    /// The native id in a URL of this very launchpad.
    pub(super) fn native(&self, noun: Noun, url: &str) -> Option<String> {
        let intent = INTENTS.iter().find(|intent| intent.noun == noun)?;
        let rest = url.strip_prefix(&self.0)?.trim_start_matches('/').strip_prefix('#')?;
        let query = rest.strip_prefix(intent.app)?.strip_prefix('?')?;
        let given: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
        let value = |name: &&str| Some(given.iter().find(|(given, _)| given == name)?.1.to_string());
        let parts: Option<Vec<String>> = intent.parameters.iter().map(value).collect();
        number(noun, &parts?.join("-"))
    }
}

/// A number that a record of this kind may have, as its native id.
pub(super) fn number(noun: Noun, text: &str) -> Option<String> {
    let text = text.trim();
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let parts: Vec<&str> = text.split('-').collect();
    let is_one = match (noun, parts.as_slice()) {
        (Noun::Supplier | Noun::Customer, [number]) => digits(number, 4, 10),
        (Noun::PurchaseOrder | Noun::Contract, [number]) => digits(number, 10, 10),
        (Noun::SupplierInvoice, [number, year]) => digits(number, 10, 10) && digits(year, 4, 4),
        (Noun::CustomerInvoice, [number]) => digits(number, 8, 10),
        (Noun::Payment, [company, year, number, item]) => {
            let is_company = company.len() == 4 && company.bytes().all(|b| b.is_ascii_alphanumeric());
            is_company && digits(year, 4, 4) && digits(number, 10, 10) && digits(item, 3, 3)
        }
        (Noun::CostCenter, _) => {
            (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        }
        _ => false,
    };
    is_one.then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_url_shows_is_recognized_again() {
        let base = Url::parse("https://my300123.s4hana.example/").unwrap();
        let launchpad = Launchpad::at(None, &base);
        for (noun, native) in [
            (Noun::Supplier, "10300042"),
            (Noun::SupplierInvoice, "5105600123-2026"),
            (Noun::Payment, "1010-2026-1400000098-001"),
            (Noun::CostCenter, "CC-OPS"),
        ] {
            let url = launchpad.url(noun, native);
            assert!(url.starts_with("https://my300123.s4hana.example/ui#"), "{url}");
            assert_eq!(launchpad.native(noun, &url).as_deref(), Some(native), "{url}");
        }
        let foreign = "https://elsewhere.example/ui#Supplier-displayFactSheet?Supplier=10300042";
        assert_eq!(launchpad.native(Noun::Supplier, foreign), None);
    }

    #[test]
    fn numbers_are_told_from_names() {
        assert_eq!(number(Noun::PurchaseOrder, " 4500001234 ").as_deref(), Some("4500001234"));
        for (noun, text) in [
            (Noun::Supplier, "3M"),
            (Noun::Supplier, "Kiro 2000"),
            (Noun::PurchaseOrder, "450000123"),
            (Noun::SupplierInvoice, "5105600123"),
            (Noun::Payment, "1010-2026-1400000098"),
        ] {
            assert_eq!(number(noun, text), None, "{text}");
        }
    }
}
