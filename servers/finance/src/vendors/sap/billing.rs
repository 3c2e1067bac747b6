//! Invoices to customers, and what is overdue of them.

use std::collections::{HashMap, HashSet};

use call::Cx;
use content::{Author, FreeText, Label};
use error::{Code, Error, Result};
use jiff::civil::Date;
use rust_decimal::Decimal;
use tool::{Day, Fetch, Moment, Money, Rows};

use super::Sap;
use super::installments::Installments;
use super::lens::{Lens, day, money};
use super::odata::{Clause, Filter};
use super::paging::Place;
use super::partners::TOGETHER;
use super::question::{BILLING, ITEMS, Question};
use super::wire;
use crate::ledger::{CustomerInvoiceQuery, Noun, ReceivableQuery, SWEEP, Sweep};
use crate::model::{CustomerInvoice, InvoiceLine, InvoiceStatus, Party, Receivable};

/// What billing documents tell apart; drafts are no billing documents.
pub(super) const STATUSES: &[InvoiceStatus] =
    &[InvoiceStatus::Open, InvoiceStatus::Paid, InvoiceStatus::Void, InvoiceStatus::Uncollectible];

/// What is shown of billing documents.
const DOCUMENT: &str = "BillingDocument,BillingDocumentDate,BillingDocumentIsCancelled,TotalGrossAmount,\
    TransactionCurrency,SoldToParty,DocumentReferenceID,InvoiceClearingStatus";

/// The same with items and texts.
const FULL: &str = "BillingDocument,BillingDocumentDate,BillingDocumentIsCancelled,TotalGrossAmount,\
    TransactionCurrency,SoldToParty,DocumentReferenceID,InvoiceClearingStatus,to_Item/BillingDocumentItemText,\
    to_Item/NetAmount,to_Text/LongText";

/// The clearing status of what is paid, or settled some other way.
const CLEARED: &str = "C";

/// What the customer's account tells of an invoice.
#[derive(Clone, Copy, Default)]
struct Account {
    installments: Installments,
    open: Decimal,
    doubtful: bool,
}

impl Account {
    fn add(&mut self, item: &wire::AccountItem<'_>, doubtful: &str) {
        self.installments.add(item);
        if !item.is_settled() {
            self.open += item.amount_in_transaction_currency.0;
            self.doubtful |= *item.special_gl_code == *doubtful;
        }
    }
}

impl Sap {
    pub(super) async fn find_customer_invoices(
        &self,
        cx: &Cx,
        query: &CustomerInvoiceQuery,
        page: &Fetch,
    ) -> Result<Rows<CustomerInvoice>> {
        if let Some(status) = query.status.filter(|status| !STATUSES.contains(status)) {
            let message = format!("SAP has no billing documents in status {status:?}").to_lowercase();
            return Err(Error::new(Code::UnsupportedFilter, message));
        }
        let place = Place::of(page, query.status.is_some())?;
        let (select, expand) = if query.full { (FULL, "to_Item,to_Text") } else { (DOCUMENT, "") };
        let question = Question::of(BILLING, select)
            .filter(invoice_filter(query))
            .expand(expand)
            .order("BillingDocumentDate desc,BillingDocument")
            .counted(place.counts());
        let found = self.connection.ask(cx, &question, place.skip, place.most).await?;
        let documents: Vec<wire::BillingDocument<'_>> = found.rows()?;
        let mut lens = self.lens(cx);
        let accounts = self.receivables_of(cx, &documents);
        let names = self.customer_names(cx, documents.iter().map(|document| &*document.sold_to_party));
        let (accounts, names) = futures::future::try_join(accounts, names).await?;
        lens.names = names;
        let rows: Result<Vec<_>> = documents
            .iter()
            .map(|document| {
                let row = invoice(&lens, document, accounts.get(&*document.billing_document))?;
                Ok(Some(row).filter(|row| query.status.is_none_or(|status| row.status == Some(status))))
            })
            .collect();
        Ok(place.page(rows?, found.more, found.count, lens.now))
    }

    /// What customers' accounts tell of these invoices, by number.
    async fn receivables_of(
        &self,
        cx: &Cx,
        documents: &[wire::BillingDocument<'_>],
    ) -> Result<HashMap<String, Account>> {
        let select = "BillingDocument,SpecialGLCode,ClearingAccountingDocument,IsCleared,NetDueDate,\
            AmountInTransactionCurrency";
        let numbers: Vec<&str> = documents.iter().map(|document| &*document.billing_document).collect();
        let questions: Vec<Question> = numbers
            .chunks(TOGETHER)
            .map(|some| {
                let these = Clause::one_of("BillingDocument", some.iter().copied());
                let filter = Filter::default().and(Clause::is("FinancialAccountType", "D")).and_some(these);
                Question::of(ITEMS, select).filter(filter)
            })
            .collect();
        let mut accounts = HashMap::<String, Account>::new();
        for found in self.connection.ask_whole(cx, &questions).await? {
            for item in found.rows::<wire::AccountItem<'_>>()? {
                let account = accounts.entry(item.billing_document.to_string()).or_default();
                account.add(&item, &self.mapping.doubtful);
            }
        }
        Ok(accounts)
    }

    pub(super) async fn overdue(&self, cx: &Cx, query: &ReceivableQuery) -> Result<Sweep<Receivable>> {
        let select = "CompanyCode,FiscalYear,AccountingDocument,AccountingDocumentItem,BillingDocument,Customer,\
            CustomerName,NetDueDate,DunningLevel,DocumentReferenceID,TransactionCurrency,\
            AmountInTransactionCurrency";
        let question = Question::of(ITEMS, select)
            .filter(overdue_filter(query))
            .order("NetDueDate,CompanyCode,FiscalYear,AccountingDocument,AccountingDocumentItem");
        let found = self.connection.ask(cx, &question, 0, SWEEP).await?;
        let lens = self.lens(cx);
        let items: Vec<wire::AccountItem<'_>> = found.rows()?;
        // An invoice in installments has an item for each, and an id can stand for one row.
        let mut named = HashSet::new();
        let rows: Result<Vec<_>> = items
            .iter()
            .map(|item| {
                let invoice = item.billing_document.some().filter(|invoice| named.insert(*invoice));
                receivable(&lens, item, invoice, query.today)
            })
            .collect();
        Ok(Sweep { rows: rows?, complete: !found.more, as_of: lens.now })
    }
}

fn invoice_filter(query: &CustomerInvoiceQuery) -> Filter {
    let currency = query.amounts.map(|span| Clause::is("TransactionCurrency", span.currency.code()));
    let amount = "TotalGrossAmount";
    Filter::default()
        // Invoices alone, without credit memos and cancellations.
        .and(Clause::is("SDDocumentCategory", "M"))
        .and_some(Clause::one_of("BillingDocument", query.ids.iter().map(String::as_str)))
        .and_some(query.number.as_deref().map(|number| Clause::is("DocumentReferenceID", number)))
        .and_some(query.customer.as_deref().map(|customer| Clause::is("SoldToParty", customer)))
        .and_some(query.issued.from.map(|first| Clause::from("BillingDocumentDate", first)))
        .and_some(query.issued.to.map(|last| Clause::until("BillingDocumentDate", last)))
        .and_some(currency)
        .and_some(query.amounts.and_then(|span| span.min).map(|least| Clause::from(amount, least)))
        .and_some(query.amounts.and_then(|span| span.max).map(|most| Clause::until(amount, most)))
        .and_some(query.status.map(status))
}

/// As much of a status as the document itself tells.
fn status(status: InvoiceStatus) -> Clause {
    let canceled = Clause::is("BillingDocumentIsCancelled", true);
    let cleared = Clause::is("InvoiceClearingStatus", CLEARED);
    match status {
        InvoiceStatus::Void => canceled,
        InvoiceStatus::Paid => Clause::All(vec![Clause::Not(Box::new(canceled)), cleared]),
        _ => Clause::Not(Box::new(canceled)),
    }
}

fn invoice(
    lens: &Lens<'_>,
    document: &wire::BillingDocument<'_>,
    account: Option<&Account>,
) -> Result<CustomerInvoice> {
    let currency = &*document.transaction_currency;
    let status = match (document.billing_document_is_cancelled, &*document.invoice_clearing_status) {
        (Some(true), _) => InvoiceStatus::Void,
        _ if account.is_some_and(|account| account.doubtful) => InvoiceStatus::Uncollectible,
        (_, CLEARED) => InvoiceStatus::Paid,
        _ => InvoiceStatus::Open,
    };
    let line = |item: &wire::BillingItem<'_>| {
        let text = item.billing_document_item_text.some().map(Label::new);
        Ok(InvoiceLine { text, amount: money(item.net_amount.0, currency)? })
    };
    let lines: Result<Vec<_>> = document.items.rows().iter().map(line).collect();
    let note = document.texts.rows().iter().find_map(|own| own.long_text.some());
    Ok(CustomerInvoice {
        id: lens.id(&document.billing_document),
        number: document.document_reference_id.some().map(Label::new),
        customer: lens.party(&document.sold_to_party),
        total: money(document.total_gross_amount.0, currency)?,
        open: account.map(|account| money(account.open, currency)).transpose()?,
        status: Some(status),
        issued: day(document.billing_document_date, "BillingDocumentDate")?,
        due: account.and_then(|account| account.installments.due()).map(Day),
        url: lens.url(Noun::CustomerInvoice, &document.billing_document),
        as_of: Some(Moment(lens.now)),
        note: note.map(|note| FreeText::new(note, Author::Internal)),
        lines: lines?,
    })
}

fn overdue_filter(query: &ReceivableQuery) -> Filter {
    let currency = query.currency.map(|currency| Clause::is("TransactionCurrency", currency.code()));
    Filter::default()
        .and(Clause::is("FinancialAccountType", "D"))
        // Debits alone, and none that was moved aside as doubtful or is a down payment.
        .and(Clause::is("DebitCreditCode", "S"))
        .and(Clause::is("SpecialGLCode", ""))
        .and(Clause::is("IsCleared", false))
        .and(Clause::before("NetDueDate", query.today))
        .and_some(query.customer.as_deref().map(|customer| Clause::is("Customer", customer)))
        .and_some(query.due.from.map(|first| Clause::from("NetDueDate", first)))
        .and_some(query.due.to.map(|last| Clause::until("NetDueDate", last)))
        .and_some(currency)
}

fn receivable(
    lens: &Lens<'_>,
    item: &wire::AccountItem<'_>,
    invoice: Option<&str>,
    today: Date,
) -> Result<Receivable> {
    let due = day(item.net_due_date, "NetDueDate")?;
    let open: Money = money(item.amount_in_transaction_currency.0, &item.transaction_currency)?;
    // What was posted without billing has the number of its posting, and so has a later installment.
    let native = invoice.map_or_else(|| item.id(), str::to_owned);
    let days = today.since(due.0).map_or(0, |span| span.get_days());
    let name = item.customer_name.some().unwrap_or(&item.customer);
    Ok(Receivable {
        id: lens.id(&native),
        number: item.document_reference_id.some().map(Label::new),
        customer: Party { id: lens.id(&item.customer), name: Label::new(name) },
        open,
        due,
        days_overdue: u32::try_from(days).unwrap_or_default(),
        dunning_level: item.dunning_level.parse().ok(),
        url: lens.url(Noun::CustomerInvoice, item.billing_document.some().unwrap_or(&native)),
        as_of: Moment(lens.now),
    })
}
