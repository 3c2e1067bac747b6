//! The demo company as its Stripe account would have it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp, ToSpan as _, tz::TimeZone};
use sandbox::company;
use serde_json::{Map, Value, json};

use super::books::Books;
use super::shape;

/// Money of a charge is available this long after it.
const SETTLES: i64 = 2 * 86_400;

/// All that billing keeps.
pub(super) fn books(now: Timestamp) -> Books {
    let mut filler = Filler { books: Books::default(), accounts: BTreeMap::new(), now };
    for account in company::accounts().into_iter().filter(|a| a.billing_customer.is_some()) {
        filler.customer(&account);
        filler.accounts.insert(account.key.clone(), account);
    }
    for (at, invoice) in company::customer_invoices().iter().filter(|i| i.home == "stripe").enumerate() {
        filler.invoice(at, invoice);
    }
    for payment in company::payments().iter().filter(|p| p.home == "stripe") {
        filler.payment(payment);
    }
    filler.instant_payout("po_1HaldenWeek46");
    filler.books
}

struct Filler {
    books: Books,
    accounts: BTreeMap<String, company::Account>,
    now: Timestamp,
}

impl Filler {
    /// The second in which a day begins, so many days from today.
    fn day(&self, days: i64) -> i64 {
        let today = self.now.to_zoned(TimeZone::UTC).date();
        let midnight = today.saturating_add(days.days()).to_zoned(TimeZone::UTC);
        midnight.map_or(0, |zoned| zoned.timestamp().as_second())
    }

    /// The account's id and name at Stripe.
    fn payer(&self, account: &str) -> Option<(String, String)> {
        let account = self.accounts.get(account)?;
        Some((account.billing_customer.clone()?, account.name.clone()))
    }

    fn customer(&mut self, account: &company::Account) {
        let mut metadata = Map::from_iter([("domain".to_owned(), json!(account.domain))]);
        metadata.extend(account.erp_customer.iter().map(|key| ("erp_customer".to_owned(), json!(key))));
        let email = format!("billing@{}", account.domain);
        let currency = account.currency.to_lowercase();
        let customer = shape::Customer {
            id: account.billing_customer.as_deref().unwrap_or_default(),
            name: Some(&account.name),
            email: Some(&email),
            phone: account.phone.as_deref(),
            currency: Some(&currency),
            metadata,
            created: self.day(account.created_days),
        };
        self.books.put(customer.show());
    }

    fn invoice(&mut self, at: usize, invoice: &company::CustomerInvoice) {
        let Some((customer, customer_name)) = self.payer(&invoice.account) else { return };
        let currency = invoice.currency.to_lowercase();
        let shown = shape::Invoice {
            id: &invoice.key,
            number: format!("7FE1103-{:04}", at + 1),
            customer: &customer,
            customer_name: &customer_name,
            status: &invoice.status,
            total: minor(&invoice.amount, &invoice.currency),
            currency: &currency,
            text: &invoice.text,
            created: self.day(invoice.issued_days),
            // A day's last second.
            due: invoice.due_days.map(|days| self.day(days + 1) - 1),
            paid: invoice.paid_days.map(|days| self.day(days)),
        };
        self.books.put(shown.show());
    }

    fn payment(&mut self, payment: &company::Payment) {
        let Some((customer, name)) = self.payer(&payment.account) else { return };
        let amount = minor(&payment.amount, &payment.currency);
        let currency = payment.currency.to_lowercase();
        let id = |prefix: &str| payment.key.replacen("ch_", prefix, 1);
        let (intent, transaction) = (id("pi_"), id("txn_"));
        let is_captured = payment.status != "authorized";
        let came = is_captured && payment.status != "failed";
        let charge = shape::Charge {
            id: &payment.key,
            intent: &intent,
            customer: &customer,
            name: &name,
            amount,
            refunded: if payment.status == "refunded" { amount } else { 0 },
            currency: &currency,
            failure: (payment.status == "failed")
                .then(|| payment.failure.as_deref().unwrap_or("card_declined")),
            is_captured,
            is_disputed: payment.status == "disputed",
            transaction: came.then_some(&*transaction),
            last4: payment.card.as_deref().unwrap_or("4242"),
            created: (self.now + SignedDuration::from_hours(payment.hours)).as_second(),
        };
        let charge = charge.show();
        self.surround(payment, &charge, &intent);
        if came {
            self.settle(payment, &charge, &transaction);
        }
        self.books.put(charge);
    }

    /// What comes with every charge, and with those that were disputed or given back.
    fn surround(&mut self, payment: &company::Payment, charge: &Value, intent: &str) {
        let id = |prefix: &str| payment.key.replacen("ch_", prefix, 1);
        self.books.put(shape::intent(intent, charge));
        if let Some(invoice) = &payment.invoice {
            self.books.put(shape::invoice_payment(&id("inpay_"), invoice, charge));
        }
        if charge["disputed"] == true {
            self.books.put(shape::dispute(&id("du_"), charge));
        }
        if let Some(amount @ 1..) = charge["amount_refunded"].as_i64() {
            let created = charge["created"].as_i64().unwrap_or_default() + 3 * 86_400;
            self.books.put(shape::refund(&id("re_"), charge, amount, Some("requested_by_customer"), created));
        }
    }

    /// The money's way to the bank. A payout takes what is available by then, so it arrives after the last of it.
    fn settle(&mut self, payment: &company::Payment, charge: &Value, transaction: &str) {
        let amount = charge["amount"].as_i64().unwrap_or_default();
        let available = charge["created"].as_i64().unwrap_or_default() + SETTLES;
        self.books.put(shape::transaction(transaction, "charge", charge, amount, available));
        let Some(payout) = &payment.payout else { return };
        self.books.payout_of.insert(transaction.to_owned(), payout.clone());
        let known = self.books.get("payout", payout);
        let so_far = known.and_then(|p| p["amount"].as_i64()).unwrap_or_default();
        let arrival =
            known.and_then(|p| p["arrival_date"].as_i64()).unwrap_or_default().max(available + 86_400);
        let currency = charge["currency"].as_str().unwrap_or_default();
        self.books.put(shape::payout(payout, currency, so_far + amount, arrival));
    }

    /// Somebody could not wait for this payout: one by hand arrived an hour earlier.
    fn instant_payout(&mut self, next: &str) {
        let Some(next) = self.books.get("payout", next) else { return };
        let arrival = next["arrival_date"].as_i64().unwrap_or_default() - 3_600;
        let currency = next["currency"].as_str().unwrap_or_default();
        let mut payout = shape::payout("po_1HaldenInstant46", currency, 90_000, arrival);
        payout["automatic"] = json!(false);
        payout["method"] = json!("instant");
        payout["reconciliation_status"] = json!("not_applicable");
        self.books.put(payout);
    }
}

/// A decimal in Stripe's units (docs.stripe.com/currencies): whole yen, thousandths of a dinar, hundredths of the rest.
fn minor(amount: &str, currency: &str) -> i64 {
    let digits = match currency {
        "JPY" | "KRW" => 0,
        "KWD" | "BHD" => 3,
        _ => 2,
    };
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let fraction: String = fraction.chars().chain(std::iter::repeat('0')).take(digits).collect();
    format!("{whole}{fraction}").parse().unwrap_or_default()
}
