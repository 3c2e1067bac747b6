//! From the warehouse's nouns to ours.

use std::borrow::Cow;

use content::{Author, FreeText, Label};
use jiff::Timestamp;
use tool::{CustomerKeys, Day, Moment, RecordId};

use super::wire;
use crate::model::{Annotation, Customer, ProductUsage, UsageDrop, change_percent};

pub(super) fn customer(source: &str, from: wire::Customer<'_>) -> Customer {
    let key = |key: Option<Cow<'_, str>>| key.map(Cow::into_owned);
    Customer {
        id: RecordId::new(source, from.id),
        name: Label::new(&from.name),
        keys: CustomerKeys {
            domain: key(from.domain),
            erp_customer: key(from.erp_customer),
            billing_customer: key(from.billing_customer),
        },
        url: from.url.into_owned(),
    }
}

/// The rows with at most `weeks` of their history.
pub(super) fn products(
    source: &str,
    from: &wire::Usage<'_>,
    weeks: usize,
    as_of: Timestamp,
) -> Vec<ProductUsage> {
    let row = |product: &wire::Product<'_>| ProductUsage {
        product: Label::new(&product.product),
        source: source.to_owned(),
        week: Day(from.week),
        last_week: product.calls.first().copied().unwrap_or_default(),
        change_percent: change_percent(&product.calls),
        weeks: product.calls.iter().copied().take(weeks).collect(),
        annotations: product.annotations.iter().map(|a| annotation(source, a)).collect(),
        as_of: Moment(as_of),
    };
    from.products.iter().map(row).collect()
}

pub(super) fn drop(source: &str, from: wire::Drop<'_>, as_of: Timestamp) -> UsageDrop {
    let id = format!("{}/{}", from.customer.id, from.product);
    let customer = customer(source, from.customer);
    UsageDrop {
        id: RecordId::new(source, id),
        url: customer.url.clone(),
        customer,
        product: Label::new(&from.product),
        last_week: from.calls,
        change_percent: from.change_percent,
        as_of: Moment(as_of),
    }
}

pub(super) fn annotation(source: &str, from: &wire::Annotation<'_>) -> Annotation {
    Annotation {
        id: RecordId::new(source, from.id.to_string()),
        product: Label::new(&from.product),
        week: Day(from.week),
        text: FreeText::new(&from.text, Author::Internal),
        author: from.author.as_deref().map(Label::new),
        created: Moment(from.created),
    }
}
