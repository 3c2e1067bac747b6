//! The warehouse's JSON, as the client reads and writes it.

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// `GET /v1/products`.
#[derive(Debug, Deserialize)]
pub(super) struct Products<'a> {
    #[serde(borrow)]
    pub(super) products: Vec<Counted<'a>>,
}

/// A product that is counted.
#[derive(Debug, Deserialize)]
pub(super) struct Counted<'a> {
    #[serde(borrow)]
    pub(super) key: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
}

/// `GET /v1/customers`.
#[derive(Debug, Deserialize)]
pub(super) struct Customers<'a> {
    #[serde(borrow)]
    pub(super) customers: Vec<Customer<'a>>,
}

/// A customer, everywhere.
#[derive(Debug, Deserialize)]
pub(super) struct Customer<'a> {
    #[serde(borrow)]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) domain: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) erp_customer: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) billing_customer: Option<Cow<'a, str>>,
    #[serde(borrow)]
    pub(super) url: Cow<'a, str>,
}

/// `GET /v1/usage`.
#[derive(Debug, Deserialize)]
pub(super) struct Usage<'a> {
    pub(super) week: Date,
    #[serde(borrow)]
    pub(super) products: Vec<Product<'a>>,
}

/// A product's numbers.
#[derive(Debug, Deserialize)]
pub(super) struct Product<'a> {
    #[serde(borrow)]
    pub(super) product: Cow<'a, str>,
    pub(super) calls: Vec<u64>,
    #[serde(borrow, default)]
    pub(super) annotations: Vec<Annotation<'a>>,
}

/// `GET /v1/drops`.
#[derive(Debug, Deserialize)]
pub(super) struct Drops<'a> {
    #[serde(borrow)]
    pub(super) drops: Vec<Drop<'a>>,
    pub(super) next: Option<String>,
}

/// A row of it.
#[derive(Debug, Deserialize)]
pub(super) struct Drop<'a> {
    #[serde(borrow)]
    pub(super) customer: Customer<'a>,
    #[serde(borrow)]
    pub(super) product: Cow<'a, str>,
    pub(super) calls: u64,
    pub(super) change_percent: i64,
}

/// `GET /v1/annotations`.
#[derive(Debug, Deserialize)]
pub(super) struct Annotations<'a> {
    #[serde(borrow)]
    pub(super) annotations: Vec<Annotation<'a>>,
}

/// An annotation, everywhere.
#[derive(Debug, Deserialize)]
pub(super) struct Annotation<'a> {
    pub(super) id: u64,
    #[serde(borrow)]
    pub(super) product: Cow<'a, str>,
    pub(super) week: Date,
    #[serde(borrow)]
    pub(super) text: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) author: Option<Cow<'a, str>>,
    pub(super) created: Timestamp,
}

/// The body of `POST /v1/annotations`.
#[derive(Debug, Serialize)]
pub(super) struct NewAnnotation<'a> {
    pub(super) customer: &'a str,
    pub(super) product: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) day: Option<Date>,
    pub(super) text: &'a str,
}

/// Every error body.
#[derive(Debug, Deserialize)]
pub(super) struct Refused<'a> {
    #[serde(borrow)]
    pub(super) error: Fault<'a>,
}

/// What is in it.
#[derive(Debug, Deserialize)]
pub(super) struct Fault<'a> {
    #[serde(borrow)]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow)]
    pub(super) field: Option<Cow<'a, str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_replies_are_read() {
        let usage: Usage<'_> = serde_json::from_str(include_str!("fixtures/usage.json")).unwrap();
        let product = &usage.products[0];
        assert_eq!((product.product.as_ref(), product.calls.len()), ("payments", 5));
        assert_eq!(product.annotations[0].author, None);
        let drops: Drops<'_> = serde_json::from_str(include_str!("fixtures/drops.json")).unwrap();
        assert_eq!(drops.drops[0].change_percent, -33);
        assert_eq!(drops.drops[0].customer.erp_customer, None, "a key may be missing");
        assert!(drops.next.is_some());
        let refused: Refused<'_> = serde_json::from_str(include_str!("fixtures/refused.json")).unwrap();
        assert_eq!(
            (refused.error.code.as_ref(), refused.error.field.as_deref()),
            ("invalid_field", Some("weeks"))
        );
    }
}
