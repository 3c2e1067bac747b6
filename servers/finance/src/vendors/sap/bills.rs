//! Invoices of suppliers.

use std::collections::HashMap;

use call::Cx;
use content::Label;
use error::Result;
use tool::{Day, Fetch, Moment, Rows};

use super::Sap;
use super::installments::Installments;
use super::lens::{Lens, day, money};
use super::odata::{Clause, Filter};
use super::paging::Place;
use super::partners::TOGETHER;
use super::question::{ITEMS, Question, SUPPLIER_INVOICES};
use super::wire;
use crate::ledger::{Noun, SupplierInvoiceQuery};
use crate::model::{PaymentBlock, SupplierInvoice, SupplierInvoiceStatus};

/// What is shown of invoices.
const INVOICE: &str = "SupplierInvoice,FiscalYear,CompanyCode,PostingDate,SupplierInvoiceIDByInvcgParty,\
    InvoicingParty,DocumentCurrency,InvoiceGrossAmount,SupplierInvoiceIsCreditMemo,PaymentBlockingReason,\
    SupplierInvoiceStatus,ReverseDocument,to_SuplrInvcItemPurOrdRef/PurchaseOrder";

/// The status of what is posted (domain `RBSTAT`). Letters and `1` to `4` are what comes before it, but for [`DELETED`].
const POSTED: &str = "5";

/// The status of what was deleted before it was posted.
const DELETED: &str = "2";

impl Sap {
    pub(super) async fn find_supplier_invoices(
        &self,
        cx: &Cx,
        query: &SupplierInvoiceQuery,
        page: &Fetch,
    ) -> Result<Rows<SupplierInvoice>> {
        // Whether an invoice is paid stands in the supplier's account, not in the invoice.
        let sifts = query.status.is_some() || query.block.is_some();
        let place = Place::of(page, sifts)?;
        let Some(filter) = self.supplier_invoice_filter(query) else { return Ok(place.nothing(cx.now())) };
        let question = Question::of(SUPPLIER_INVOICES, INVOICE)
            .filter(filter)
            .expand("to_SuplrInvcItemPurOrdRef")
            .order("PostingDate desc,SupplierInvoice,FiscalYear")
            .counted(place.counts());
        let found = self.connection.ask(cx, &question, place.skip, place.most).await?;
        let invoices: Vec<wire::SupplierInvoice<'_>> = found.rows()?;
        let mut lens = self.lens(cx);
        let accounts = self.payables(cx, &invoices);
        let names = self.supplier_names(cx, invoices.iter().map(|invoice| &*invoice.invoicing_party));
        let (accounts, names) = futures::future::try_join(accounts, names).await?;
        lens.names = names;
        let rows: Result<Vec<_>> = invoices
            .iter()
            .map(|invoice| {
                let account = accounts.get(&reference(invoice)).copied().unwrap_or_default();
                let row = self.supplier_invoice(&lens, invoice, account)?;
                let fits = query.status.is_none_or(|status| row.status == status)
                    && query.block.is_none_or(|block| row.blocked_because.contains(&block));
                Ok(Some(row).filter(|_| fits))
            })
            .collect();
        Ok(place.page(rows?, found.more, found.count, lens.now))
    }

    /// `None` if nothing can match: ids that are none, a reason that no payment block stands for.
    fn supplier_invoice_filter(&self, query: &SupplierInvoiceQuery) -> Option<Filter> {
        let ids = match query.ids.as_slice() {
            [] => None,
            ids => Some(Clause::any(ids.iter().filter_map(|id| self::id(id)))?),
        };
        let blocked = match query.block {
            None => None,
            Some(block) => Some(self.blocked(block)?),
        };
        let filter = Filter::default()
            .and(Clause::is_not("SupplierInvoiceStatus", DELETED))
            .and_some(ids)
            .and_some(query.supplier.as_deref().map(|supplier| Clause::is("InvoicingParty", supplier)))
            .and_some(query.posted.from.map(|first| Clause::from("PostingDate", first)))
            .and_some(query.posted.to.map(|last| Clause::until("PostingDate", last)))
            .and_some(query.status.map(status))
            .and_some(blocked);
        Some(filter)
    }

    /// Blocked by a key that means this; `None` if no key does.
    fn blocked(&self, block: PaymentBlock) -> Option<Clause> {
        let key = "PaymentBlockingReason";
        let keys = &self.mapping.payment_blocks;
        if block == PaymentBlock::Other {
            let others = keys.iter().filter(|(_, means)| **means != block);
            let not_those = others.map(|(own, _)| Clause::is_not(key, own.as_str()));
            return Some(Clause::All(std::iter::once(Clause::is_not(key, "")).chain(not_those).collect()));
        }
        let these = keys.iter().filter(|(_, means)| **means == block);
        Clause::any(these.map(|(own, _)| Clause::is(key, own.as_str())))
    }

    /// What suppliers' accounts tell of these invoices, by reference.
    async fn payables(
        &self,
        cx: &Cx,
        invoices: &[wire::SupplierInvoice<'_>],
    ) -> Result<HashMap<String, Installments>> {
        let references: Vec<String> = invoices.iter().map(reference).collect();
        let select = "OriginalReferenceDocument,ClearingDate,ClearingAccountingDocument,IsCleared,NetDueDate";
        let questions: Vec<Question> = references
            .chunks(TOGETHER)
            .map(|some| {
                let these = Clause::one_of("OriginalReferenceDocument", some.iter().map(String::as_str));
                let filter = Filter::default().and(Clause::is("FinancialAccountType", "K")).and_some(these);
                Question::of(ITEMS, select).filter(filter)
            })
            .collect();
        let mut accounts = HashMap::<String, Installments>::new();
        for found in self.connection.ask_whole(cx, &questions).await? {
            for item in found.rows::<wire::AccountItem<'_>>()? {
                accounts.entry(item.original_reference_document.to_string()).or_default().add(&item);
            }
        }
        Ok(accounts)
    }

    fn supplier_invoice(
        &self,
        lens: &Lens<'_>,
        invoice: &wire::SupplierInvoice<'_>,
        account: Installments,
    ) -> Result<SupplierInvoice> {
        let native = format!("{}-{}", &*invoice.supplier_invoice, &*invoice.fiscal_year);
        let status = status_of(invoice, account);
        // A credit memo lowers what is owed; SAP writes its amount without a sign.
        let gross = invoice.invoice_gross_amount.0;
        let gross = if invoice.supplier_invoice_is_credit_memo.is_empty() { gross } else { -gross };
        let key = invoice.payment_blocking_reason.some().filter(|_| status == SupplierInvoiceStatus::Blocked);
        let means =
            key.map(|key| self.mapping.payment_blocks.get(key).copied().unwrap_or(PaymentBlock::Other));
        Ok(SupplierInvoice {
            url: lens.url(Noun::SupplierInvoice, &native),
            id: lens.id(&native),
            reference: invoice.reference.some().map(Label::new),
            supplier: lens.party(&invoice.invoicing_party),
            company: invoice.company_code.to_string(),
            amount: money(gross, &invoice.document_currency)?,
            status,
            blocked_because: means.into_iter().collect(),
            block: key.map(|key| Label::new(&format!("payment block {key}"))),
            posted: day(invoice.posting_date, "PostingDate")?,
            due: account.due().map(Day),
            paid: account.paid().map(Day),
            order: invoice
                .orders
                .rows()
                .iter()
                .find_map(|own| own.purchase_order.some())
                .map(|order| lens.id(order)),
            as_of: Moment(lens.now),
        })
    }
}

/// As much of a status as the invoice itself tells.
fn status(status: SupplierInvoiceStatus) -> Clause {
    let posted = Clause::is("SupplierInvoiceStatus", POSTED);
    let stands = Clause::is("ReverseDocument", "");
    let unblocked = Clause::is("PaymentBlockingReason", "");
    match status {
        SupplierInvoiceStatus::Parked => Clause::is_not("SupplierInvoiceStatus", POSTED),
        SupplierInvoiceStatus::Open => Clause::All(vec![posted, stands, unblocked]),
        SupplierInvoiceStatus::Blocked => Clause::All(vec![posted, stands, Clause::Not(Box::new(unblocked))]),
        SupplierInvoiceStatus::Paid => Clause::All(vec![posted, stands]),
        SupplierInvoiceStatus::Canceled => Clause::Not(Box::new(stands)),
    }
}

fn status_of(invoice: &wire::SupplierInvoice<'_>, account: Installments) -> SupplierInvoiceStatus {
    if !invoice.reverse_document.is_empty() {
        return SupplierInvoiceStatus::Canceled;
    }
    if &*invoice.supplier_invoice_status != POSTED {
        return SupplierInvoiceStatus::Parked;
    }
    match (account.paid(), invoice.payment_blocking_reason.some()) {
        (Some(_), _) => SupplierInvoiceStatus::Paid,
        (None, Some(_)) => SupplierInvoiceStatus::Blocked,
        (None, None) => SupplierInvoiceStatus::Open,
    }
}

/// `5105600123-2026` as a condition.
fn id(native: &str) -> Option<Clause> {
    let (number, year) = native.split_once('-')?;
    Some(Clause::All(vec![Clause::is("SupplierInvoice", number), Clause::is("FiscalYear", year)]))
}

/// How accounting refers to an invoice: number and year without anything between.
fn reference(invoice: &wire::SupplierInvoice<'_>) -> String {
    format!("{}{}", &*invoice.supplier_invoice, &*invoice.fiscal_year)
}
