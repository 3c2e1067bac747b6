//! Stripe's objects in the domain's words.

use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use tool::{CustomerKeys, Day, Moment, RecordId};
use url::Url;

use super::money::from_minor;
use super::settings::Mapping;
use super::wire;
use crate::ledger::Noun;
use crate::model::{
    Customer, CustomerInvoice, InvoiceLine, InvoiceStatus, Party, Payment, PaymentStatus, Receivable, Refund,
    RefundStatus,
};

/// Where Stripe's people look unless configured otherwise.
const DASHBOARD: &str = "https://dashboard.stripe.com";

/// What all objects of a source have in common.
pub(super) struct Mapper {
    pub(super) source: String,
    pub(super) mapping: Mapping,
    dashboard: String,
}

impl Mapper {
    pub(super) fn new(source: String, mapping: Mapping, dashboard: Option<&Url>) -> Self {
        let dashboard = dashboard.map_or(DASHBOARD, Url::as_str).trim_end_matches('/').to_owned();
        Self { source, mapping, dashboard }
    }

    pub(super) fn id(&self, native: &str) -> RecordId {
        RecordId::new(&*self.source, native)
    }

    fn url(&self, livemode: bool, page: &str, native: &str) -> String {
        let mode = if livemode { "" } else { "/test" };
        format!("{}{mode}/{page}/{native}", self.dashboard)
    }

    /// The native id in a reference: an id by its prefix, or a dashboard's URL that ends in one.
    pub(super) fn recognize(&self, noun: Noun, reference: &str) -> Option<String> {
        let prefixes: &[&str] = match noun {
            Noun::Customer => &["cus_"],
            Noun::CustomerInvoice => &["in_"],
            Noun::Payment => &["ch_", "py_", "pi_"],
            _ => return None,
        };
        let bare = match reference.strip_prefix(&*self.dashboard) {
            Some(path) => {
                path.strip_prefix('/')?.split(['?', '#']).next()?.trim_end_matches('/').rsplit('/').next()?
            }
            None => reference,
        };
        let plain = bare.len() <= 255 && bare.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        let known = prefixes.iter().any(|p| bare.strip_prefix(p).is_some_and(|rest| !rest.is_empty()));
        (plain && known).then(|| bare.to_owned())
    }

    pub(super) fn customer(&self, customer: &wire::Customer<'_>) -> Customer {
        let mapped = |key: &Option<String>| key.as_ref().and_then(|key| customer.metadata.get(key)).cloned();
        let domain = match &self.mapping.domain {
            Some(_) => mapped(&self.mapping.domain),
            None => customer.email.as_deref().and_then(host).map(str::to_owned),
        };
        let keys = CustomerKeys {
            domain,
            erp_customer: mapped(&self.mapping.erp_customer),
            billing_customer: Some(customer.id.to_string()),
        };
        Customer { id: self.id(&customer.id), name: name(customer), keys }
    }

    pub(super) fn invoice(
        &self,
        invoice: &wire::Invoice<'_>,
        full: bool,
        now: Timestamp,
    ) -> Result<CustomerInvoice> {
        let lines = invoice.lines.iter().flat_map(|lines| &lines.data).filter(|_| full);
        let notes = [&invoice.description, &invoice.footer].into_iter().filter_map(Option::as_deref);
        let note = notes.filter(|text| !text.trim().is_empty()).collect::<Vec<_>>().join("\n\n");
        Ok(CustomerInvoice {
            id: self.id(&invoice.id),
            number: invoice.number.as_deref().map(Label::new),
            customer: self.payer(invoice),
            total: from_minor(invoice.total, &invoice.currency)?,
            open: Some(from_minor(left(invoice), &invoice.currency)?),
            status: invoice.status.as_deref().and_then(invoice_status),
            issued: Day(day(invoice.created)?),
            due: invoice.due_date.map(day).transpose()?.map(Day),
            url: self.url(invoice.livemode, "invoices", &invoice.id),
            as_of: Some(Moment(now)),
            note: (full && !note.is_empty()).then(|| FreeText::new(&note, Author::Internal)),
            lines: lines.map(line).collect::<Result<_>>()?,
        })
    }

    /// An invoice that is past due; `None` if it has no due date.
    pub(super) fn receivable(
        &self,
        invoice: &wire::Invoice<'_>,
        today: Date,
        now: Timestamp,
    ) -> Result<Option<Receivable>> {
        let Some(due) = invoice.due_date.map(day).transpose()?.filter(|due| *due < today) else {
            return Ok(None);
        };
        let days = today.since(due).map_or(0, |span| span.get_days());
        Ok(Some(Receivable {
            id: self.id(&invoice.id),
            number: invoice.number.as_deref().map(Label::new),
            customer: self.payer(invoice),
            open: from_minor(invoice.amount_remaining, &invoice.currency)?,
            due: Day(due),
            days_overdue: u32::try_from(days).unwrap_or_default(),
            dunning_level: None,
            url: self.url(invoice.livemode, "invoices", &invoice.id),
            as_of: Moment(now),
        }))
    }

    fn payer(&self, invoice: &wire::Invoice<'_>) -> Party {
        let id = invoice.customer.id();
        let given = invoice.customer.whole().map(name);
        let name = given.unwrap_or_else(|| Label::new(invoice.customer_name.as_deref().unwrap_or(id)));
        Party { id: self.id(id), name }
    }

    pub(super) fn payment(&self, charge: &wire::Charge<'_>, now: Timestamp) -> Result<Payment> {
        let collected = charge.captured && charge.amount_captured < charge.amount;
        let collected = collected.then_some(charge.amount_captured);
        let refunded = Some(given_back(charge)).filter(|minor| *minor > 0);
        let billed = charge.billing_details.as_ref().and_then(|b| b.name.as_deref());
        let party = |customer: &wire::Ref<'_, wire::Customer<'_>>| Party {
            id: self.id(customer.id()),
            name: customer.whole().map_or_else(|| Label::new(billed.unwrap_or(customer.id())), name),
        };
        Ok(Payment {
            id: self.id(&charge.id),
            customer: charge.customer.as_ref().map(party),
            amount: from_minor(charge.amount, &charge.currency)?,
            collected: collected.map(|minor| from_minor(minor, &charge.currency)).transpose()?,
            refunded: refunded.map(|minor| from_minor(minor, &charge.currency)).transpose()?,
            status: payment_status(charge)?,
            reason: charge.failure_code.as_deref().map(Label::new),
            method: charge.payment_method_details.as_ref().map(method),
            at: Moment(moment(charge.created)?),
            invoice: None,
            payout: None,
            url: self.url(charge.livemode, "payments", &charge.id),
            as_of: Moment(now),
        })
    }

    /// Errors: `upstream_garbled` for a refund of no charge.
    pub(super) fn refund(&self, refund: &wire::Refund<'_>, now: Timestamp) -> Result<Refund> {
        let charge = refund.charge.as_ref().ok_or_else(|| strange("a refund of no charge"))?;
        let (id, livemode) = match charge {
            wire::Ref::Id(id) => (id, true),
            wire::Ref::Whole(charge) => (&charge.id, charge.livemode),
        };
        Ok(Refund {
            id: self.id(&refund.id),
            payment: self.id(id),
            amount: from_minor(refund.amount, &refund.currency)?,
            status: match refund.status.as_deref() {
                Some("succeeded") => RefundStatus::Succeeded,
                Some("failed") => RefundStatus::Failed,
                Some("canceled") => RefundStatus::Canceled,
                _ => RefundStatus::Pending,
            },
            at: Moment(moment(refund.created)?),
            url: self.url(livemode, "payments", id),
            as_of: Moment(now),
        })
    }
}

pub(super) fn line(line: &wire::Line<'_>) -> Result<InvoiceLine> {
    let text = line.description.as_deref().map(Label::new);
    Ok(InvoiceLine { text, amount: from_minor(line.amount, &line.currency)? })
}

/// A customer's name, else the address, else the id.
fn name(customer: &wire::Customer<'_>) -> Label {
    let name = customer.name.as_deref().or(customer.email.as_deref());
    Label::new(name.filter(|name| !name.trim().is_empty()).unwrap_or(&customer.id))
}

/// The part of an e-mail address that is a domain.
pub(super) fn host(email: &str) -> Option<&str> {
    email.rsplit_once('@').map(|(_, host)| host).filter(|host| !host.is_empty())
}

/// `visa ending in 4242`, `sepa debit`.
fn method(method: &wire::Method<'_>) -> Label {
    let card = method.card.as_ref().map(|card| (card.brand.as_deref().unwrap_or("card"), &card.last4));
    Label::new(&match card {
        Some((brand, Some(last4))) => format!("{brand} ending in {last4}"),
        Some((brand, None)) => brand.to_owned(),
        None => method.kind.replace('_', " "),
    })
}

/// Nothing is left of what was canceled or given up.
fn left(invoice: &wire::Invoice<'_>) -> i64 {
    match invoice.status.as_deref() {
        Some("void" | "uncollectible") => 0,
        _ => invoice.amount_remaining,
    }
}

fn invoice_status(word: &str) -> Option<InvoiceStatus> {
    Some(match word {
        "draft" => InvoiceStatus::Draft,
        "open" => InvoiceStatus::Open,
        "paid" => InvoiceStatus::Paid,
        "void" => InvoiceStatus::Void,
        "uncollectible" => InvoiceStatus::Uncollectible,
        _ => return None,
    })
}

/// Stripe's word for a status of an invoice.
pub(super) fn word(status: InvoiceStatus) -> &'static str {
    match status {
        InvoiceStatus::Draft => "draft",
        InvoiceStatus::Open => "open",
        InvoiceStatus::Paid => "paid",
        InvoiceStatus::Void => "void",
        InvoiceStatus::Uncollectible => "uncollectible",
    }
}

/// What was collected and given back. Stripe counts as refunded, too, what a capture in part released: nobody paid that.
fn given_back(charge: &wire::Charge<'_>) -> i64 {
    let released = if charge.captured { charge.amount - charge.amount_captured } else { 0 };
    (charge.amount_refunded - released.max(0)).max(0)
}

/// A dispute outweighs a refund, both outweigh that the money came. It did not while it is but authorized, which Stripe
/// calls succeeded too.
fn payment_status(charge: &wire::Charge<'_>) -> Result<PaymentStatus> {
    Ok(match &*charge.status {
        "failed" => PaymentStatus::Failed,
        "pending" => PaymentStatus::Pending,
        "succeeded" if charge.disputed => PaymentStatus::Disputed,
        "succeeded" if given_back(charge) > 0 => PaymentStatus::Refunded,
        "succeeded" if !charge.captured => PaymentStatus::Pending,
        "succeeded" => PaymentStatus::Paid,
        _ => return Err(strange("a charge in a status that is not documented")),
    })
}

pub(super) fn moment(seconds: i64) -> Result<Timestamp> {
    Timestamp::from_second(seconds).map_err(|_| strange("a time beyond all times"))
}

/// The day in UTC.
fn day(seconds: i64) -> Result<Date> {
    Ok(moment(seconds)?.to_zoned(TimeZone::UTC).date())
}

/// The second a day begins in UTC.
pub(super) fn begin(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC).map_or(0, |zoned| zoned.timestamp().as_second())
}

fn strange(what: &'static str) -> Error {
    Error::new(Code::UpstreamGarbled, "the vendor's answer has another shape than documented").detail(what)
}
