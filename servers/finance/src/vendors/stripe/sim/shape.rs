//! Whole objects, with every field that Stripe shows (docs.stripe.com/api); what the demo company has no use for is
//! empty.

use serde_json::{Map, Value, json};

/// The account.
pub(super) fn account() -> Value {
    json!({
        "id": "acct_1HaldenPay", "object": "account", "business_type": "company", "country": "SE",
        "default_currency": "eur", "email": "billing@halden.example", "charges_enabled": true,
        "payouts_enabled": true, "details_submitted": true, "metadata": {}, "type": "standard",
    })
}

/// Addresses are empty unless said.
pub(super) fn address() -> Value {
    json!({ "city": null, "country": null, "line1": null, "line2": null, "postal_code": null, "state": null })
}

/// A customer.
pub(super) struct Customer<'a> {
    pub(super) id: &'a str,
    pub(super) name: Option<&'a str>,
    pub(super) email: Option<&'a str>,
    pub(super) phone: Option<&'a str>,
    pub(super) currency: Option<&'a str>,
    pub(super) metadata: Map<String, Value>,
    pub(super) created: i64,
}

impl Customer<'_> {
    pub(super) fn show(self) -> Value {
        json!({
            "id": self.id, "object": "customer", "address": null, "balance": 0, "created": self.created,
            "currency": self.currency, "default_source": null, "delinquent": false, "description": null,
            "discount": null, "email": self.email, "invoice_prefix": "7FE1103",
            "invoice_settings": {
                "custom_fields": null, "default_payment_method": null, "footer": null, "rendering_options": null,
            },
            "livemode": false, "metadata": self.metadata, "name": self.name, "next_invoice_sequence": 1,
            "phone": self.phone, "preferred_locales": [], "shipping": null, "tax_exempt": "none",
            "test_clock": null,
        })
    }
}

/// An attempt to collect money.
pub(super) struct Charge<'a> {
    pub(super) id: &'a str,
    pub(super) intent: &'a str,
    pub(super) customer: &'a str,
    pub(super) name: &'a str,
    pub(super) amount: i64,
    pub(super) refunded: i64,
    pub(super) currency: &'a str,
    pub(super) failure: Option<&'a str>,
    pub(super) is_disputed: bool,
    /// Collected, and not only authorized.
    pub(super) is_captured: bool,
    pub(super) transaction: Option<&'a str>,
    pub(super) last4: &'a str,
    pub(super) created: i64,
}

impl Charge<'_> {
    pub(super) fn show(self) -> Value {
        let paid = self.failure.is_none();
        let captured = if paid && self.is_captured { self.amount } else { 0 };
        let outcome = if paid {
            ("authorized", "approved_by_network")
        } else {
            ("issuer_declined", "declined_by_network")
        };
        let money = json!({
            "id": self.id, "object": "charge", "amount": self.amount, "amount_captured": captured,
            "amount_refunded": self.refunded, "application": null, "application_fee": null,
            "application_fee_amount": null, "balance_transaction": self.transaction,
            "billing_details": {
                "address": address(), "email": null, "name": self.name, "phone": null, "tax_id": null,
            },
            "calculated_statement_descriptor": "HALDEN PAY", "captured": paid && self.is_captured, "created": self.created,
            "currency": self.currency, "customer": self.customer, "description": null,
            "disputed": self.is_disputed
        });
        let circumstances = json!({
            "failure_balance_transaction": null, "failure_code": self.failure,
            "failure_message": self.failure.map(|_| "Your card was declined."), "fraud_details": {},
            "livemode": false, "metadata": {}, "on_behalf_of": null,
            "outcome": {
                "advice_code": null, "network_advice_code": null, "network_decline_code": null,
                "network_status": outcome.1, "reason": self.failure, "seller_message": "Payment processed.",
                "type": outcome.0,
            },
            "paid": paid, "payment_intent": self.intent, "payment_method": "pm_1HaldenCard",
            "payment_method_details": card(self.last4, self.amount), "receipt_email": null,
            "receipt_number": null, "receipt_url": null, "refunded": self.refunded == self.amount && paid,
            "review": null, "shipping": null, "source": null, "source_transfer": null,
            "statement_descriptor": null, "statement_descriptor_suffix": null,
            "status": if paid { "succeeded" } else { "failed" }, "transfer_data": null, "transfer_group": null,
        });
        both(money, circumstances)
    }
}

fn card(last4: &str, amount: i64) -> Value {
    json!({
        "card": {
            "amount_authorized": amount, "authorization_code": null, "brand": "visa",
            "checks": { "address_line1_check": null, "address_postal_code_check": null, "cvc_check": "pass" },
            "country": "SE", "exp_month": 8, "exp_year": 2030, "extended_authorization": { "status": "disabled" },
            "fingerprint": "AOB934RVNwzk6xtn", "funding": "credit",
            "incremental_authorization": { "status": "unavailable" }, "installments": null, "last4": last4,
            "mandate": null, "multicapture": { "status": "unavailable" }, "network": "visa",
            "network_token": { "used": false }, "network_transaction_id": null,
            "overcapture": { "maximum_amount_capturable": amount, "status": "unavailable" },
            "regulated_status": "unregulated", "three_d_secure": null, "wallet": null,
        },
        "type": "card",
    })
}

/// A payment intent around its last charge.
pub(super) fn intent(id: &str, charge: &Value) -> Value {
    let paid = charge["paid"] == true;
    let held = paid && charge["captured"] != true;
    let status = match (paid, held) {
        (false, _) => "requires_payment_method",
        (true, true) => "requires_capture",
        (true, false) => "succeeded",
    };
    json!({
        "id": id, "object": "payment_intent", "amount": charge["amount"],
        "amount_capturable": if held { charge["amount"].clone() } else { json!(0) },
        "amount_details": { "tip": {} }, "amount_received": charge["amount_captured"], "application": null,
        "application_fee_amount": null, "automatic_payment_methods": null, "canceled_at": null,
        "cancellation_reason": null, "capture_method": if held { "manual" } else { "automatic" },
        "client_secret": format!("{id}_secret_redacted"), "confirmation_method": "automatic",
        "created": charge["created"], "currency": charge["currency"], "customer": charge["customer"],
        "description": null, "excluded_payment_method_types": null, "last_payment_error": null, "latest_charge": charge["id"], "livemode": false,
        "managed_payments": { "enabled": false }, "metadata": {}, "next_action": null, "on_behalf_of": null, "payment_method": "pm_1HaldenCard",
        "payment_method_configuration_details": null, "payment_method_options": {},
        "payment_method_types": ["card"], "processing": null, "receipt_email": null, "review": null,
        "setup_future_usage": null, "shipping": null, "source": null, "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": status, "transfer_data": null, "transfer_group": null,
    })
}

/// A movement on the balance.
pub(super) fn transaction(id: &str, kind: &str, source: &Value, amount: i64, available_on: i64) -> Value {
    let fee = if kind == "charge" { amount / 40 } else { 0 };
    json!({
        "id": id, "object": "balance_transaction", "amount": amount, "available_on": available_on,
        "balance_type": "payments", "created": source["created"], "currency": source["currency"],
        "description": null, "exchange_rate": null, "fee": fee, "fee_details": [], "net": amount - fee,
        "reporting_category": kind, "source": source["id"], "status": "available", "type": kind,
    })
}

/// A transfer to the bank.
pub(super) fn payout(id: &str, currency: &str, amount: i64, arrival: i64) -> Value {
    json!({
        "id": id, "object": "payout", "amount": amount, "application_fee": null, "application_fee_amount": null,
        "arrival_date": arrival, "automatic": true, "balance_transaction": null, "created": arrival - 86_400,
        "currency": currency, "description": "STRIPE PAYOUT", "destination": "ba_1HaldenBank",
        "failure_balance_transaction": null, "failure_code": null, "failure_message": null, "livemode": false,
        "metadata": {}, "method": "standard", "original_payout": null, "payout_method": null,
        "reconciliation_status": "completed", "reversed_by": null, "source_type": "card",
        "statement_descriptor": null, "status": "paid", "trace_id": null, "type": "bank_account",
    })
}

/// A dispute that waits for an answer.
pub(super) fn dispute(id: &str, charge: &Value) -> Value {
    json!({
        "id": id, "object": "dispute", "amount": charge["amount"], "balance_transactions": [],
        "charge": charge["id"], "created": charge["created"].as_i64().map(|at| at + 86_400),
        "currency": charge["currency"], "enhanced_eligibility_types": [], "evidence": {},
        "evidence_details": {
            "due_by": charge["created"].as_i64().map(|at| at + 14 * 86_400), "enhanced_eligibility": {},
            "has_evidence": false, "past_due": false, "submission_count": 0,
        },
        "is_charge_refundable": false, "livemode": false, "metadata": {},
        "payment_intent": charge["payment_intent"],
        "payment_method_details": {
            "card": { "brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4" }, "type": "card",
        },
        "reason": "fraudulent", "status": "needs_response",
    })
}

/// Money given back.
pub(super) fn refund(id: &str, charge: &Value, amount: i64, reason: Option<&str>, created: i64) -> Value {
    json!({
        "id": id, "object": "refund", "amount": amount, "balance_transaction": null, "charge": charge["id"],
        "created": created, "currency": charge["currency"], "customer": charge["customer"],
        "destination_details": {
            "card": {
                "reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund",
            },
            "type": "card",
        },
        "metadata": {}, "payment_intent": charge["payment_intent"], "payment_method": charge["payment_method"],
        "reason": reason, "receipt_number": null,
        "source_transfer_reversal": null, "status": "succeeded", "transfer_reversal": null,
    })
}

/// An invoice with one line.
pub(super) struct Invoice<'a> {
    pub(super) id: &'a str,
    pub(super) number: String,
    pub(super) customer: &'a str,
    pub(super) customer_name: &'a str,
    pub(super) status: &'a str,
    pub(super) total: i64,
    pub(super) currency: &'a str,
    pub(super) text: &'a str,
    pub(super) created: i64,
    pub(super) due: Option<i64>,
    pub(super) paid: Option<i64>,
}

impl Invoice<'_> {
    pub(super) fn show(self) -> Value {
        let paid = if self.status == "paid" { self.total } else { 0 };
        let is_draft = self.status == "draft";
        let line = json!({
            "id": self.id.replacen("in_", "il_", 1), "object": "line_item", "amount": self.total,
            "currency": self.currency, "description": self.text, "discount_amounts": [], "discountable": true,
            "discounts": [], "invoice": self.id, "livemode": false, "metadata": {}, "parent": null,
            "period": { "start": self.created, "end": self.created }, "pretax_credit_amounts": [],
            "pricing": null, "quantity": 1, "subtotal": self.total, "taxes": [],
        });
        let money = json!({
            "id": self.id, "object": "invoice", "account_country": "SE", "account_name": "Halden Pay",
            "account_tax_ids": null, "amount_due": self.total, "amount_overpaid": 0, "amount_paid": paid,
            "amount_remaining": self.total - paid, "amount_shipping": 0, "application": null,
            "attempt_count": 1, "attempted": !is_draft, "auto_advance": is_draft,
            "automatic_tax": {
                "disabled_reason": null, "enabled": false, "liability": null, "provider": null, "status": null,
            },
            "automatically_finalizes_at": null, "billing_reason": "manual",
            "collection_method": if self.due.is_some() { "send_invoice" } else { "charge_automatically" },
            "created": self.created, "currency": self.currency, "custom_fields": null, "customer": self.customer,
            "customer_address": null, "customer_email": null, "customer_name": self.customer_name,
            "customer_phone": null, "customer_shipping": null, "customer_tax_exempt": "none",
            "customer_tax_ids": []
        });
        let circumstances = json!({
            "default_payment_method": null, "default_source": null,
            "default_tax_rates": [], "description": null, "discounts": [], "due_date": self.due,
            "effective_at": (!is_draft).then_some(self.created), "ending_balance": 0, "footer": null,
            "from_invoice": null, "hosted_invoice_url": null, "invoice_pdf": null, "issuer": { "type": "self" },
            "last_finalization_error": null, "latest_revision": null,
            "lines": {
                "object": "list", "data": [line], "has_more": false, "url": format!("/v1/invoices/{}/lines", self.id),
            },
            "livemode": false, "metadata": {}, "next_payment_attempt": null,
            "number": (!is_draft).then_some(self.number), "on_behalf_of": null, "parent": null,
            "payment_settings": {
                "default_mandate": null, "payment_method_options": null, "payment_method_types": null,
            },
            "period_end": self.created, "period_start": self.created, "post_payment_credit_notes_amount": 0,
            "pre_payment_credit_notes_amount": 0, "receipt_number": null, "rendering": null
        });
        let end = json!({
            "shipping_cost": null, "shipping_details": null, "starting_balance": 0,
            "statement_descriptor": null, "status": self.status,
            "status_transitions": {
                "finalized_at": (!is_draft).then_some(self.created),
                "marked_uncollectible_at": (self.status == "uncollectible").then_some(self.created),
                "paid_at": self.paid, "voided_at": (self.status == "void").then_some(self.created),
            },
            "subtotal": self.total, "subtotal_excluding_tax": self.total, "test_clock": null, "total": self.total,
            "total_discount_amounts": [], "total_excluding_tax": self.total, "total_pretax_credit_amounts": [],
            "total_taxes": [], "webhooks_delivered_at": null,
        });
        both(both(money, circumstances), end)
    }
}

/// What of an invoice was paid by a payment, or tried to be.
pub(super) fn invoice_payment(id: &str, invoice: &str, charge: &Value) -> Value {
    let paid = charge["paid"] == true;
    json!({
        "id": id, "object": "invoice_payment", "amount_paid": paid.then_some(&charge["amount"]),
        "amount_requested": charge["amount"], "created": charge["created"], "currency": charge["currency"],
        "invoice": invoice, "is_default": true, "livemode": false,
        "payment": { "type": "payment_intent", "payment_intent": charge["payment_intent"] },
        "status": if paid { "paid" } else { "open" },
        "status_transitions": { "canceled_at": null, "paid_at": paid.then_some(&charge["created"]) },
    })
}

/// The fields of both halves of an object that is too long to be written at once.
fn both(mut one: Value, other: Value) -> Value {
    if let (Some(fields), Value::Object(more)) = (one.as_object_mut(), other) {
        fields.extend(more);
    }
    one
}
