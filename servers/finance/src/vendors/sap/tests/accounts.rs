//! What accounts tell that the demo company's do not: installments, credit memos, numbers that come back.

use jiff::civil::Date;
use sandbox::{Fault, Match, Rule};
use serde_json::{Value, json};
use tool::{Fetch, Money};

use super::*;
use crate::ledger::{
    BudgetQuery, CustomerInvoiceQuery, CustomerName, Days, PaymentQuery, Period, ReceivableQuery,
    SupplierInvoiceQuery,
};
use crate::model::SupplierInvoiceStatus;

const ITEMS: &str = "/sap/opu/odata/sap/API_OPLACCTGDOCITEMCUBE_SRV/";
const BILLING: &str = "/sap/opu/odata/sap/API_BILLING_DOCUMENT_SRV/";
const BILLS: &str = "/sap/opu/odata/sap/API_SUPPLIERINVOICE_PROCESS_SRV/";
const PAGE: Fetch = Fetch { token: None, limit: 10 };

/// The next answer below a path.
fn answers(site: &Site, path: &str, rows: &[Value]) {
    let body = Some(json!({ "d": { "results": rows } }));
    let fault = Fault::Status { status: 200, headers: Default::default(), body };
    let on = Match { method: Some("GET".into()), path_prefix: Some(path.into()) };
    let rule: Rule = serde_json::from_value(json!({ "match": on, "fault": fault, "times": 1 })).unwrap();
    site.simulator.control().add_fault(rule).unwrap();
}

/// A day as version 2 writes it.
fn day(text: &str) -> String {
    let at = text.parse::<Date>().unwrap().to_zoned(jiff::tz::TimeZone::UTC).unwrap();
    format!("/Date({})/", at.timestamp().as_millisecond())
}

/// A supplier's invoice, or a credit memo if it is marked as one.
fn invoice(memo: &str) -> Value {
    json!({
        "SupplierInvoice": "5105600001", "FiscalYear": "2026", "CompanyCode": "1010",
        "PostingDate": day("2026-05-04"), "SupplierInvoiceIDByInvcgParty": "R-1", "InvoicingParty": "",
        "DocumentCurrency": "EUR", "InvoiceGrossAmount": "100.00", "SupplierInvoiceIsCreditMemo": memo,
        "PaymentBlockingReason": "", "SupplierInvoiceStatus": "5", "ReverseDocument": "",
    })
}

#[tokio::test]
async fn a_payment_is_for_the_invoice_that_it_settled_itself() {
    let site = Site::start().await;
    let payment = |company: &str, year: &str| {
        json!({
            "CompanyCode": company, "FiscalYear": year, "AccountingDocument": "1400000098",
            "AccountingDocumentItem": "001", "PostingDate": day("2026-05-04"), "Customer": "10100001",
            "TransactionCurrency": "EUR", "AmountInTransactionCurrency": "-10.00",
        })
    };
    let settled = |company: &str, year: &str, invoice: &str| {
        json!({
            "CompanyCode": company, "ClearingDocFiscalYear": year, "BillingDocument": invoice,
            "ClearingAccountingDocument": "1400000098",
        })
    };
    answers(&site, ITEMS, &[payment("1010", "2025"), payment("1010", "2026"), payment("1020", "2026")]);
    answers(&site, ITEMS, &[settled("1020", "2026", "90000003"), settled("1010", "2026", "90000002")]);
    let rows = site.ledger().payments(&cx(), &PaymentQuery::default(), PAGE).await.unwrap().rows;
    let invoices: Vec<_> = rows.iter().map(|row| row.invoice.as_ref().map(|id| id.native())).collect();
    assert_eq!(invoices, [None, Some("90000002"), Some("90000003")]);
}

#[tokio::test]
async fn an_invoice_in_installments_is_paid_with_the_last() {
    let site = Site::start().await;
    let invoice = invoice("");
    let item = |due: &str, cleared: Option<&str>| {
        json!({
            "OriginalReferenceDocument": "51056000012026", "NetDueDate": day(due),
            "ClearingDate": cleared.map(day), "IsCleared": cleared.is_some(),
        })
    };
    for (items, status, due, paid) in [
        (
            [item("2026-07-01", None), item("2026-06-01", Some("2026-05-30"))],
            SupplierInvoiceStatus::Open,
            "2026-07-01",
            None,
        ),
        (
            [item("2026-07-01", Some("2026-06-30")), item("2026-06-01", Some("2026-05-30"))],
            SupplierInvoiceStatus::Paid,
            "2026-07-01",
            Some("2026-06-30"),
        ),
    ] {
        answers(&site, BILLS, std::slice::from_ref(&invoice));
        answers(&site, ITEMS, &items);
        let query = SupplierInvoiceQuery::default();
        let row = site.ledger().supplier_invoices(&cx(), &query, PAGE).await.unwrap().rows.remove(0);
        assert_eq!((row.status, row.due.unwrap().0), (status, due.parse().unwrap()));
        assert_eq!(row.paid.map(|day| day.0), paid.map(|day| day.parse().unwrap()));
    }
}

#[tokio::test]
async fn a_customers_invoice_is_due_with_its_next_open_installment() {
    let site = Site::start().await;
    let document = json!({
        "BillingDocument": "90000001", "BillingDocumentDate": day("2026-02-01"), "BillingDocumentIsCancelled": false,
        "TotalGrossAmount": "100.00", "TransactionCurrency": "EUR", "SoldToParty": "", "DocumentReferenceID": "",
        "InvoiceClearingStatus": "B",
    });
    let item = |due: &str, cleared: bool| {
        json!({
            "BillingDocument": "90000001", "NetDueDate": day(due), "IsCleared": cleared, "SpecialGLCode": "",
            "ClearingAccountingDocument": "", "AmountInTransactionCurrency": "50.00",
        })
    };
    for (items, due, open) in [
        ([item("2026-03-01", true), item("2026-06-01", false)], "2026-06-01", "50"),
        ([item("2026-06-01", false), item("2026-03-01", false)], "2026-03-01", "100"),
        ([item("2026-06-01", true), item("2026-03-01", true)], "2026-06-01", "0"),
    ] {
        answers(&site, BILLING, std::slice::from_ref(&document));
        answers(&site, ITEMS, &items);
        let query = CustomerInvoiceQuery::default();
        let row = site.ledger().customer_invoices(&cx(), &query, PAGE).await.unwrap().rows.remove(0);
        assert_eq!(row.due.unwrap().0, due.parse().unwrap());
        assert_eq!(row.open, Some(Money::parse(open, "EUR").unwrap()));
    }
}

#[tokio::test]
async fn an_account_that_is_read_in_part_tells_of_no_invoice() {
    let site = Site::start().await;
    answers(&site, BILLS, &[invoice("")]);
    answers(&site, ITEMS, &vec![json!({}); 1000]);
    answers(&site, ITEMS, &vec![json!({}); 1000]);
    let query = SupplierInvoiceQuery::default();
    let error = site.ledger().supplier_invoices(&cx(), &query, PAGE).await.unwrap_err();
    assert_eq!(error.code(), Code::TooBroad, "{error:?}");
}

#[tokio::test]
async fn a_budget_that_cannot_be_added_up_is_not_told_in_part() {
    let site = Site::start().await;
    let query = BudgetQuery { cost_center: "CC-OPS".into(), period: Period::parse("2026").unwrap() };
    // By account as well as by month: more rows than are looked at.
    answers(&site, "/sap/opu/odata/sap/ZC_BUDGETAVAILABILITY_CDS/", &vec![json!({}); 501]);
    let error = site.ledger().budgets(&cx(), &query).await.unwrap_err();
    assert_eq!(error.code(), Code::TooBroad, "{error:?}");
}

#[tokio::test]
async fn a_credit_memo_is_below_zero() {
    let site = Site::start().await;
    answers(&site, BILLS, &[invoice("X")]);
    let query = SupplierInvoiceQuery::default();
    let row = site.ledger().supplier_invoices(&cx(), &query, PAGE).await.unwrap().rows.remove(0);
    assert_eq!(row.amount, Money::parse("-100.00", "EUR").unwrap());
}

#[tokio::test]
async fn an_exact_name_is_found_among_many_that_contain_it() {
    let site = Site::start().await;
    let partner = |number: usize, name: &str| json!({ "Supplier": number.to_string(), "Customer": number.to_string(), "BusinessPartnerFullName": name });
    // Whichever question comes first: one is answered with more than are looked at, the other with the one that is meant.
    let near: Vec<Value> = (1..=51).map(|number| partner(number, "A Hansa Trade")).collect();
    let at = "/sap/opu/odata/sap/API_BUSINESS_PARTNER/A_BusinessPartner";
    answers(&site, at, &near);
    answers(&site, at, &[partner(99, "Hansa")]);
    let suppliers = site.ledger().find_suppliers(&cx(), "Hansa").await.unwrap();
    assert_eq!((suppliers[0].id.native(), suppliers.len()), ("99", 10));

    answers(&site, at, &near[..2]);
    answers(&site, at, &[partner(99, "Hansa")]);
    let customers = site.ledger().find_customers(&cx(), &CustomerName::Text("Hansa".into())).await.unwrap();
    assert!(customers.iter().any(|found| found.customer.id.native() == "99"));
}

#[tokio::test]
async fn every_overdue_installment_is_a_row_of_its_own() {
    let site = Site::start().await;
    let item = |item: &str, due: &str| {
        json!({
            "CompanyCode": "1010", "FiscalYear": "2026", "AccountingDocument": "1800000001",
            "AccountingDocumentItem": item, "BillingDocument": "90000001", "Customer": "10100001",
            "NetDueDate": day(due), "TransactionCurrency": "EUR", "AmountInTransactionCurrency": "50.00",
        })
    };
    answers(&site, ITEMS, &[item("001", "2026-03-01"), item("002", "2026-04-01")]);
    let today = "2026-05-01".parse().unwrap();
    let query = ReceivableQuery { customer: None, due: Days::default(), currency: None, today };
    let rows = site.ledger().receivables(&cx(), &query).await.unwrap().rows;
    let ids: Vec<_> = rows.iter().map(|row| row.id.native()).collect();
    assert_eq!(ids, ["90000001", "1010-2026-1800000001-002"]);
}
