//! What Stripe has, how it is listed, searched and expanded (docs.stripe.com/api, docs.stripe.com/search).

use super::search::Kind;

/// One resource.
pub(super) struct Resource {
    /// The field `object`.
    pub(super) kind: &'static str,
    /// Its place below `/v1/`.
    pub(super) path: &'static str,
    /// What its ids begin with.
    pub(super) prefix: &'static str,
    /// The permission to read it.
    pub(super) reads: &'static str,
    /// Fields that a list filters by equality.
    pub(super) texts: &'static [&'static str],
    /// Times that a list filters by.
    pub(super) ranges: &'static [&'static str],
    /// Fields that a search knows; none if it cannot be searched.
    pub(super) search: &'static [(&'static str, Kind)],
    /// Fields that can be expanded.
    pub(super) expands: &'static [&'static str],
}

const CREATED: &[&str] = &["created"];

/// Every resource.
pub(super) static RESOURCES: [Resource; 9] = [
    Resource {
        kind: "customer",
        path: "customers",
        prefix: "cus_",
        reads: "customer_read",
        texts: &["email"],
        ranges: CREATED,
        search: &[
            ("created", Kind::Number),
            ("email", Kind::Text),
            ("metadata", Kind::Metadata),
            ("name", Kind::Text),
            ("phone", Kind::Text),
        ],
        expands: &[],
    },
    Resource {
        kind: "charge",
        path: "charges",
        prefix: "ch_",
        reads: "charge_read",
        texts: &["customer", "payment_intent", "transfer_group"],
        ranges: CREATED,
        search: &[
            ("amount", Kind::Number),
            ("billing_details.address.postal_code", Kind::Token),
            ("created", Kind::Number),
            ("currency", Kind::Token),
            ("customer", Kind::Token),
            ("disputed", Kind::Flag),
            ("metadata", Kind::Metadata),
            ("payment_method_details.card.brand", Kind::Token),
            ("payment_method_details.card.exp_month", Kind::Number),
            ("payment_method_details.card.exp_year", Kind::Number),
            ("payment_method_details.card.fingerprint", Kind::Token),
            ("payment_method_details.card.last4", Kind::Token),
            ("refunded", Kind::Flag),
            ("status", Kind::Token),
        ],
        expands: &["customer", "balance_transaction", "payment_intent"],
    },
    Resource {
        kind: "payment_intent",
        path: "payment_intents",
        prefix: "pi_",
        reads: "payment_intent_read",
        texts: &["customer"],
        ranges: CREATED,
        search: &[
            ("amount", Kind::Number),
            ("created", Kind::Number),
            ("currency", Kind::Token),
            ("customer", Kind::Token),
            ("metadata", Kind::Metadata),
            ("status", Kind::Token),
        ],
        expands: &["customer", "latest_charge"],
    },
    Resource {
        kind: "invoice",
        path: "invoices",
        prefix: "in_",
        reads: "invoice_read",
        texts: &["customer", "status", "collection_method", "subscription"],
        ranges: &["created", "due_date"],
        search: &[
            ("created", Kind::Number),
            ("currency", Kind::Token),
            ("customer", Kind::Token),
            ("metadata", Kind::Metadata),
            ("number", Kind::Text),
            ("receipt_number", Kind::Text),
            ("status", Kind::Token),
            ("subscription", Kind::Token),
            ("total", Kind::Number),
        ],
        expands: &["customer"],
    },
    Resource {
        kind: "invoice_payment",
        path: "invoice_payments",
        prefix: "inpay_",
        reads: "invoice_read",
        texts: &["invoice", "status", "payment.type", "payment.payment_intent"],
        ranges: CREATED,
        search: &[],
        expands: &["invoice"],
    },
    Resource {
        kind: "refund",
        path: "refunds",
        prefix: "re_",
        reads: "charge_read",
        texts: &["charge", "payment_intent"],
        ranges: CREATED,
        search: &[],
        expands: &["charge", "balance_transaction", "payment_intent"],
    },
    Resource {
        kind: "dispute",
        path: "disputes",
        prefix: "du_",
        reads: "dispute_read",
        texts: &["charge", "payment_intent"],
        ranges: CREATED,
        search: &[],
        expands: &["charge", "payment_intent"],
    },
    Resource {
        kind: "payout",
        path: "payouts",
        prefix: "po_",
        reads: "payout_read",
        texts: &["destination", "status"],
        ranges: &["created", "arrival_date"],
        search: &[],
        expands: &["balance_transaction"],
    },
    Resource {
        kind: "balance_transaction",
        path: "balance_transactions",
        prefix: "txn_",
        reads: "balance_transaction_read",
        texts: &["currency", "payout", "source", "type"],
        ranges: CREATED,
        search: &[],
        expands: &["source"],
    },
];
