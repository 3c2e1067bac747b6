//! What customers paid: credits on their accounts by payment documents.

use std::collections::HashMap;

use call::Cx;
use content::Label;
use error::{Code, Error, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tool::{Fetch, Moment, Rows};

use super::Sap;
use super::lens::{Lens, day, money};
use super::odata::{Clause, Filter};
use super::paging::Place;
use super::partners::TOGETHER;
use super::question::{ITEMS, Question};
use super::wire;
use crate::ledger::{Noun, PaymentQuery};
use crate::model::{Party, Payment, PaymentStatus};

/// What accounting knows of payments: those that failed or are disputed never reach it.
pub(super) const STATUSES: &[PaymentStatus] = &[PaymentStatus::Paid];

/// What is shown of payments.
const PAYMENT: &str = "CompanyCode,FiscalYear,AccountingDocument,AccountingDocumentItem,\
    ClearingAccountingDocument,Customer,CustomerName,PostingDate,PaymentMethod,TransactionCurrency,\
    AmountInTransactionCurrency";

/// The document type of customers' payments.
const CUSTOMER_PAYMENT: &str = "DZ";

impl Sap {
    pub(super) async fn find_payments(
        &self,
        cx: &Cx,
        query: &PaymentQuery,
        page: &Fetch,
    ) -> Result<Rows<Payment>> {
        if query.status.is_some_and(|status| !STATUSES.contains(&status)) {
            let message = "SAP's accounts hold payments that came, no others";
            return Err(Error::new(Code::UnsupportedFilter, message));
        }
        let place = Place::of(page, false)?;
        let Some(filter) = filter(query) else { return Ok(place.nothing(cx.now())) };
        let question = Question::of(ITEMS, PAYMENT)
            .filter(filter)
            .order("PostingDate desc,CompanyCode,FiscalYear,AccountingDocument,AccountingDocumentItem")
            .counted(place.counts());
        let found = self.connection.ask(cx, &question, place.skip, place.most).await?;
        let items: Vec<wire::AccountItem<'_>> = found.rows()?;
        let lens = self.lens(cx);
        let invoices = self.cleared_by(cx, &items).await?;
        let rows: Result<Vec<_>> = items
            .iter()
            .map(|item| {
                let invoice = invoices.get(&item.document());
                self.payment(&lens, item, invoice.map(String::as_str)).map(Some)
            })
            .collect();
        Ok(place.page(rows?, found.more, found.count, lens.now))
    }

    /// The invoice that each of these payments cleared, by the payment's document.
    async fn cleared_by(&self, cx: &Cx, items: &[wire::AccountItem<'_>]) -> Result<HashMap<String, String>> {
        let documents: Vec<&str> = items.iter().filter_map(|item| item.accounting_document.some()).collect();
        let questions: Vec<Question> = documents
            .chunks(TOGETHER)
            .map(|some| {
                let these = Clause::one_of("ClearingAccountingDocument", some.iter().copied());
                let filter = Filter::default()
                    .and(Clause::is("FinancialAccountType", "D"))
                    .and(Clause::is_not("BillingDocument", ""))
                    .and_some(these);
                let select = "CompanyCode,BillingDocument,ClearingAccountingDocument,ClearingDocFiscalYear";
                Question::of(ITEMS, select).filter(filter)
            })
            .collect();
        let mut invoices = HashMap::new();
        for found in self.connection.ask_all(cx, &questions, 4 * TOGETHER).await? {
            for item in found.rows::<wire::AccountItem<'_>>()? {
                invoices.entry(item.settled_by()).or_insert_with(|| item.billing_document.to_string());
            }
        }
        Ok(invoices)
    }

    fn payment(
        &self,
        lens: &Lens<'_>,
        item: &wire::AccountItem<'_>,
        invoice: Option<&str>,
    ) -> Result<Payment> {
        let native = item.id();
        let method = item.payment_method.some();
        let words = method.map(|key| self.mapping.payment_methods.get(key).map_or(key, String::as_str));
        let name = item.customer_name.some().unwrap_or(&item.customer);
        let customer = Party { id: lens.id(&item.customer), name: Label::new(name) };
        Ok(Payment {
            url: lens.url(Noun::Payment, &native),
            id: lens.id(&native),
            customer: item.customer.some().map(|_| customer),
            amount: money(-item.amount_in_transaction_currency.0, &item.transaction_currency)?,
            collected: None,
            refunded: None,
            status: PaymentStatus::Paid,
            reason: None,
            method: words.map(Label::new),
            at: Moment(midnight(day(item.posting_date, "PostingDate")?.0)),
            invoice: invoice.map(|invoice| lens.id(invoice)),
            payout: None,
            as_of: Moment(lens.now),
        })
    }
}

/// `None` if nothing can match: ids that are none.
fn filter(query: &PaymentQuery) -> Option<Filter> {
    let ids = match query.ids.as_slice() {
        [] => None,
        ids => Some(Clause::any(ids.iter().filter_map(|id| self::id(id)))?),
    };
    let currency = query.amounts.map(|span| Clause::is("TransactionCurrency", span.currency.code()));
    // Credits are negative.
    let amount = "AmountInTransactionCurrency";
    let filter = Filter::default()
        .and(Clause::is("FinancialAccountType", "D"))
        .and(Clause::is("DebitCreditCode", "H"))
        .and(Clause::is("AccountingDocumentType", CUSTOMER_PAYMENT))
        .and_some(ids)
        .and_some(query.customer.as_deref().map(|customer| Clause::is("Customer", customer)))
        .and_some(currency)
        .and_some(query.amounts.and_then(|span| span.min).map(|least| Clause::until(amount, -least)))
        .and_some(query.amounts.and_then(|span| span.max).map(|most| Clause::from(amount, -most)))
        .and_some(query.window.after.map(|after| Clause::from("PostingDate", first_day(after))))
        .and_some(query.window.before.map(|before| Clause::before("PostingDate", first_day(before))));
    Some(filter)
}

/// `1010-2026-1400000098-001` as a condition.
fn id(native: &str) -> Option<Clause> {
    let parts: [&str; 4] = native.split('-').collect::<Vec<_>>().try_into().ok()?;
    let names = ["CompanyCode", "FiscalYear", "AccountingDocument", "AccountingDocumentItem"];
    Some(Clause::All(names.into_iter().zip(parts).map(|(name, part)| Clause::is(name, part)).collect()))
}

/// The first day that begins at or after `moment`: payments are known by day, and count as of its beginning.
fn first_day(moment: Timestamp) -> Date {
    let day = moment.to_zoned(TimeZone::UTC).date();
    if midnight(day) == moment { day } else { day.tomorrow().unwrap_or(day) }
}

fn midnight(day: Date) -> Timestamp {
    day.to_zoned(TimeZone::UTC).map(|zoned| zoned.timestamp()).unwrap_or_default()
}
