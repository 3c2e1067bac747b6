//! Invoices of both sides, payments, budgets.

use std::collections::BTreeSet;

use jiff::civil::Date;
use sandbox::company::{Budget, CustomerInvoice, Payment, Supplier, SupplierInvoice, accounts};

use super::{AREA, BEGUN, Books, FOREVER, REORGANIZED, amount, cut, in_range, number, parts, text};
use crate::vendors::sap::sim::value::Value;

/// The company code that invoices are posted in.
const COMPANY: &str = "1010";

pub(super) fn supplier_invoices(books: &mut Books, invoices: &[SupplierInvoice], suppliers: &[Supplier]) {
    for invoice in invoices {
        let supplier = suppliers.iter().find(|supplier| supplier.key == invoice.supplier);
        let posted = books.day(invoice.posted_days);
        let block = match (invoice.status.as_str(), invoice.block.as_deref()) {
            ("blocked", Some("manual")) => "A",
            ("blocked", Some("price")) => "P",
            ("blocked", Some("quantity")) => "Q",
            ("blocked", _) => "R",
            _ => "",
        };
        let key = || text(&invoice.key);
        let year = || text(posted.year().to_string());
        let status = if invoice.status == "parked" { "A" } else { "5" };
        let terms = supplier.map_or("", |s| &s.terms);
        document(books, invoice, &invoice.key, status, terms, block);
        if let Some(order) = &invoice.order {
            books.add(
                "A_SuplrInvcItemPurOrdRef",
                [
                    ("SupplierInvoice", key()),
                    ("FiscalYear", year()),
                    ("SupplierInvoiceItem", text("1")),
                    ("PurchaseOrder", text(order)),
                    ("PurchaseOrderItem", text("10")),
                    ("DocumentCurrency", text(&invoice.currency)),
                    ("SupplierInvoiceItemAmount", number(amount(&invoice.amount))),
                ],
            );
        }
        if invoice.status != "parked" {
            payable(books, invoice, supplier.map_or("", |s| &s.name), posted, block);
        }
    }
    // Somebody began to enter an invoice twice, and deleted it.
    if let Some(twice) = invoices.first() {
        document(books, twice, "5105699999", "2", "", "");
    }
}

/// An invoice's header, in a status of the domain `RBSTAT`.
fn document(books: &mut Books, invoice: &SupplierInvoice, key: &str, status: &str, terms: &str, block: &str) {
    let posted = books.day(invoice.posted_days);
    books.add(
        "A_SupplierInvoice",
        [
            ("SupplierInvoice", text(key)),
            ("FiscalYear", text(posted.year().to_string())),
            ("CompanyCode", text(COMPANY)),
            ("DocumentDate", Value::Date(posted)),
            ("PostingDate", Value::Date(posted)),
            ("CreationDate", Value::Date(posted)),
            ("SupplierInvoiceIDByInvcgParty", cut(&invoice.reference, 16)),
            ("InvoicingParty", text(&invoice.supplier)),
            ("DocumentCurrency", text(&invoice.currency)),
            ("InvoiceGrossAmount", number(amount(&invoice.amount))),
            ("PaymentTerms", cut(terms, 4)),
            ("DueCalculationBaseDate", Value::Date(posted)),
            ("PaymentBlockingReason", text(block)),
            ("SupplierInvoiceStatus", text(status)),
        ],
    );
}

/// The item of the supplier's account.
fn payable(books: &mut Books, invoice: &SupplierInvoice, name: &str, posted: Date, block: &str) {
    let paid = invoice.paid_days.map(|days| books.day(days));
    let due = books.day(invoice.due_days);
    let document = in_range("19", &invoice.key);
    let money = -amount(&invoice.amount);
    let clearing = paid.map(|_| in_range("15", &invoice.key)).unwrap_or_default();
    books.add(
        "A_OperationalAcctgDocItemCube",
        [
            ("CompanyCode", text(COMPANY)),
            ("FiscalYear", text(posted.year().to_string())),
            ("AccountingDocument", text(document)),
            ("AccountingDocumentItem", text("001")),
            ("AccountingDocumentType", text("RE")),
            ("FinancialAccountType", text("K")),
            ("DebitCreditCode", text("H")),
            ("ClearingDate", paid.map_or(Value::Null, Value::Date)),
            ("ClearingAccountingDocument", text(clearing)),
            ("ClearingDocFiscalYear", text(paid.map_or_else(String::new, |day| day.year().to_string()))),
            ("IsCleared", Value::Flag(paid.is_some())),
            ("Supplier", text(&invoice.supplier)),
            ("SupplierName", cut(name, 80)),
            ("PostingDate", Value::Date(posted)),
            ("DocumentDate", Value::Date(posted)),
            ("NetDueDate", Value::Date(due)),
            ("PaymentBlockingReason", text(block)),
            ("DocumentReferenceID", cut(&invoice.reference, 16)),
            ("OriginalReferenceDocument", text(format!("{}{}", invoice.key, posted.year()))),
            ("TransactionCurrency", text(&invoice.currency)),
            ("AmountInTransactionCurrency", number(money)),
        ],
    );
}

/// What customers owe and paid, as far as it is billed by the ERP.
pub(super) fn receivables(books: &mut Books, invoices: &[CustomerInvoice], payments: &[Payment]) {
    let customers = accounts();
    let customer = |account: &str| {
        let found = customers.iter().find(|own| own.key == account)?;
        Some((found.erp_customer.clone()?, found.name.clone()))
    };
    for invoice in invoices.iter().filter(|invoice| invoice.home == "sap" && invoice.status != "draft") {
        let Some((number, name)) = customer(&invoice.account) else { continue };
        let payment = payments.iter().find(|payment| payment.invoice.as_deref() == Some(&invoice.key));
        billing(books, invoice, &number);
        receivable(books, invoice, &number, &name, payment);
    }
    for payment in payments.iter().filter(|payment| payment.home == "sap" && payment.status == "paid") {
        let Some((number, name)) = customer(&payment.account) else { continue };
        received(books, payment, &number, &name);
    }
}

fn billing(books: &mut Books, invoice: &CustomerInvoice, customer: &str) {
    let issued = books.day(invoice.issued_days);
    let gross = amount(&invoice.amount);
    let clearing = if invoice.status == "paid" { "C" } else { "A" };
    books.add(
        "A_BillingDocument",
        [
            ("BillingDocument", text(&invoice.key)),
            ("SDDocumentCategory", text("M")),
            ("BillingDocumentType", text("F2")),
            ("CreationDate", Value::Date(issued)),
            ("LastChangeDateTime", Value::Moment(super::super::value::midnight(issued))),
            ("SalesOrganization", text(COMPANY)),
            ("BillingDocumentDate", Value::Date(issued)),
            ("BillingDocumentIsCancelled", Value::Flag(invoice.status == "void")),
            ("TotalNetAmount", number(gross)),
            ("TotalGrossAmount", number(gross)),
            ("TransactionCurrency", text(&invoice.currency)),
            ("SoldToParty", text(customer)),
            ("PayerParty", text(customer)),
            ("CompanyCode", text(COMPANY)),
            ("FiscalYear", text(issued.year().to_string())),
            ("AccountingDocument", text(in_range("18", &invoice.key))),
            ("DocumentReferenceID", text(&invoice.key)),
            ("InvoiceClearingStatus", text(clearing)),
        ],
    );
    books.add(
        "A_BillingDocumentItem",
        [
            ("BillingDocument", text(&invoice.key)),
            ("BillingDocumentItem", text("10")),
            ("BillingDocumentItemText", cut(&invoice.text, 40)),
            ("NetAmount", number(gross)),
            ("TransactionCurrency", text(&invoice.currency)),
        ],
    );
    books.add(
        "A_BillingDocumentText",
        [
            ("BillingDocument", text(&invoice.key)),
            ("Language", text("EN")),
            ("LongTextID", text("0002")),
            ("LongText", text(&invoice.text)),
        ],
    );
}

/// The item of the customer's account.
fn receivable(
    books: &mut Books,
    invoice: &CustomerInvoice,
    customer: &str,
    name: &str,
    payment: Option<&Payment>,
) {
    if invoice.status == "void" {
        return;
    }
    let issued = books.day(invoice.issued_days);
    let due = invoice.due_days.map_or(issued, |days| books.day(days));
    let paid = (invoice.status == "paid").then(|| invoice.paid_days.map_or(due, |days| books.day(days)));
    let clearing = paid.map(|_| match payment {
        Some(payment) => in_range("14", &payment.key),
        None => in_range("14", &invoice.key),
    });
    let late = i64::from(books.today().since(due).map_or(0, |span| span.get_days()));
    let level = if paid.is_some() || late <= 0 { 0 } else { (late / 14).min(4) };
    books.add(
        "A_OperationalAcctgDocItemCube",
        [
            ("CompanyCode", text(COMPANY)),
            ("FiscalYear", text(issued.year().to_string())),
            ("AccountingDocument", text(in_range("18", &invoice.key))),
            ("AccountingDocumentItem", text("001")),
            ("AccountingDocumentType", text("RV")),
            ("FinancialAccountType", text("D")),
            // What nobody expects to be paid is moved aside as doubtful.
            ("SpecialGLCode", text(if invoice.status == "uncollectible" { "E" } else { "" })),
            ("DebitCreditCode", text("S")),
            ("ClearingDate", paid.map_or(Value::Null, Value::Date)),
            ("ClearingAccountingDocument", text(clearing.unwrap_or_default())),
            ("ClearingDocFiscalYear", text(paid.map_or_else(String::new, |day| day.year().to_string()))),
            ("IsCleared", Value::Flag(paid.is_some())),
            ("BillingDocument", text(&invoice.key)),
            ("Customer", text(customer)),
            ("CustomerName", cut(name, 80)),
            ("PostingDate", Value::Date(issued)),
            ("DocumentDate", Value::Date(issued)),
            ("NetDueDate", Value::Date(due)),
            ("DunningLevel", text(level.to_string())),
            ("DocumentReferenceID", text(&invoice.key)),
            ("TransactionCurrency", text(&invoice.currency)),
            ("AmountInTransactionCurrency", number(amount(&invoice.amount))),
        ],
    );
}

/// What a customer paid.
fn received(books: &mut Books, payment: &Payment, customer: &str, name: &str) {
    let day = books.day(payment.hours.div_euclid(24));
    let document = in_range("14", &payment.key);
    books.add(
        "A_OperationalAcctgDocItemCube",
        [
            ("CompanyCode", text(COMPANY)),
            ("FiscalYear", text(day.year().to_string())),
            ("AccountingDocument", text(&document)),
            ("AccountingDocumentItem", text("001")),
            ("AccountingDocumentType", text("DZ")),
            ("FinancialAccountType", text("D")),
            ("DebitCreditCode", text("H")),
            ("ClearingDate", Value::Date(day)),
            ("ClearingAccountingDocument", text(&document)),
            ("ClearingDocFiscalYear", text(day.year().to_string())),
            ("IsCleared", Value::Flag(payment.invoice.is_some())),
            ("Customer", text(customer)),
            ("CustomerName", cut(name, 80)),
            ("PostingDate", Value::Date(day)),
            ("DocumentDate", Value::Date(day)),
            ("NetDueDate", Value::Date(day)),
            ("PaymentMethod", text("T")),
            ("TransactionCurrency", text(&payment.currency)),
            ("AmountInTransactionCurrency", number(-amount(&payment.amount))),
        ],
    );
}

/// Budgets by period: plans evenly by month, what is spent up to this month. A year that is over was closed with
/// entries in its first special period.
pub(super) fn budgets(books: &mut Books, budgets: &[Budget]) {
    let today = books.today();
    let mut centers = BTreeSet::new();
    for budget in budgets {
        let year = i64::from(today.year()) + budget.year;
        let (past, all) = if budget.year == 0 { (today.month().unsigned_abs(), 12) } else { (13, 13) };
        let spread = |sum: &str, over: u8| {
            let mut periods = parts(amount(sum), over.into());
            periods.resize(all, rust_decimal::Decimal::ZERO);
            periods
        };
        let (committed, actual) = (spread(&budget.committed, past), spread(&budget.actual, past));
        for (month, planned) in spread(&budget.budget, 12).into_iter().enumerate() {
            books.add(
                "ZC_BudgetAvailability",
                [
                    ("CostCenter", text(&budget.key)),
                    ("CostCenterName", cut(&budget.name, 20)),
                    ("FiscalYear", text(year.to_string())),
                    ("FiscalPeriod", text(format!("{:03}", month + 1))),
                    ("Currency", text(&budget.currency)),
                    ("BudgetAmount", number(planned)),
                    ("CommittedAmount", number(committed[month])),
                    ("ActualAmount", number(actual[month])),
                ],
            );
        }
        if centers.insert(&budget.key) {
            cost_center(books, budget);
        }
    }
}

/// A cost center, in as many slices of time as it has; one will be reorganized when its time comes.
fn cost_center(books: &mut Books, budget: &Budget) {
    match &*budget.key {
        "CC-OPS" => {
            slice(books, budget, BEGUN, REORGANIZED);
            slice(books, budget, REORGANIZED.saturating_add(jiff::Span::new().days(1)), FOREVER);
        }
        _ => slice(books, budget, BEGUN, FOREVER),
    }
}

fn slice(books: &mut Books, budget: &Budget, start: Date, end: Date) {
    books.add(
        "A_CostCenter",
        [
            ("ControllingArea", text(AREA)),
            ("CostCenter", text(&budget.key)),
            ("ValidityStartDate", Value::Date(start)),
            ("ValidityEndDate", Value::Date(end)),
            ("CompanyCode", text(COMPANY)),
            ("CostCtrResponsiblePersonName", cut(budget.owner.as_deref().unwrap_or_default(), 20)),
            ("CostCenterCurrency", text(&budget.currency)),
        ],
    );
    books.add(
        "A_CostCenterText",
        [
            ("ControllingArea", text(AREA)),
            ("CostCenter", text(&budget.key)),
            ("ValidityEndDate", Value::Date(end)),
            ("Language", text("EN")),
            ("CostCenterName", cut(&budget.name, 20)),
            ("CostCenterDescription", cut(&budget.name, 40)),
        ],
    );
}
