//! What every ledger that sells must do.

use std::cmp::Reverse;

use error::Code;
use jiff::{SignedDuration, Span};
use sandbox::company;
use tool::{MatchedBy, Money, Window};

use super::{HOSTILE, Subject, all, cx, first, money, permitted, today, writing};
use crate::ledger::{
    Amounts, CustomerInvoiceQuery, CustomerName, Days, NewRefund, Noun, PaymentQuery, ReceivableQuery,
    RefundReason,
};
use crate::model::{CustomerInvoice, InvoiceStatus, Payment, PaymentStatus, RefundStatus};

pub(super) async fn holds(s: &Subject<'_>) {
    finds_a_customer_by_any_of_its_names(s).await;
    lists_what_customers_have_to_pay(s).await;
    knows_what_is_overdue(s).await;
    finds_payments(s).await;
    gives_money_back_once_and_never_more_than_came(s).await;
}

fn key(account: &company::Account, home: &str) -> Option<String> {
    if home == "sap" { account.erp_customer.clone() } else { account.billing_customer.clone() }
}

async fn finds_a_customer_by_any_of_its_names(s: &Subject<'_>) {
    let cx = cx();
    let accounts = company::accounts();
    let known = accounts.iter().filter(|a| a.key != "oldtown-tickets" && key(a, s.home).is_some()).take(6);
    for account in known {
        let native = key(account, s.home).unwrap();
        let names = [
            CustomerName::Domain(account.domain.clone()),
            CustomerName::Text(account.name.clone()),
            CustomerName::Text(native.clone()),
        ];
        for name in names {
            let found = s.ledger.find_customers(&cx, &name).await.unwrap();
            let one = found.iter().find(|f| f.customer.id.native() == native);
            let one = one.unwrap_or_else(|| panic!("{name:?} is not among {found:?}"));
            match name {
                CustomerName::Domain(_) => assert_eq!(one.matched_by, MatchedBy::Domain),
                CustomerName::Text(text) if text == native => assert_ne!(one.matched_by, MatchedBy::Name),
                CustomerName::Text(_) => assert_eq!(one.customer.name.as_str(), account.name),
            }
            assert_eq!(one.customer.keys.domain.as_ref(), Some(&account.domain));
        }
    }
    for text in HOSTILE {
        let found = s.ledger.find_customers(&cx, &CustomerName::Text(text.into())).await;
        assert!(found.as_ref().is_ok_and(Vec::is_empty), "{text:?}: {found:?}");
    }
    let unknown = CustomerName::Domain("nobody.example".into());
    assert!(s.ledger.find_customers(&cx, &unknown).await.unwrap().is_empty());
}

async fn invoices(s: &Subject<'_>, query: CustomerInvoiceQuery) -> Vec<CustomerInvoice> {
    let cx = cx();
    let (cx, query) = (&cx, &query);
    let order = |i: &CustomerInvoice| Reverse(i.issued);
    all("invoices", order, |i| &i.id, |page| s.ledger.customer_invoices(cx, query, page)).await
}

async fn lists_what_customers_have_to_pay(s: &Subject<'_>) {
    let able = s.ledger.able().customer_invoices;
    let any = CustomerInvoiceQuery::default();
    let answer = s.ledger.customer_invoices(&cx(), &any, first(1)).await;
    if permitted(!able.is_empty(), answer, Code::Unsupported, "invoices").is_none() {
        return;
    }
    let rows = invoices(s, any).await;
    assert_eq!(rows.len(), company::customer_invoices().iter().filter(|i| i.home == s.home).count());
    for row in &rows {
        assert_eq!(s.ledger.recognize(Noun::CustomerInvoice, &row.url).as_deref(), Some(row.id.native()));
        assert!(row.lines.is_empty(), "rows are rows");
    }
    assert!(rows.iter().any(|r| r.total.currency.code() == "JPY" && r.total.amount.scale() == 0));
    assert!(rows.iter().any(|r| r.total.currency.code() == "KWD" && r.total.amount.scale() == 3));
    for status in InvoiceStatus::ALL {
        let query = CustomerInvoiceQuery { status: Some(status), ..Default::default() };
        let answer = s.ledger.customer_invoices(&cx(), &query, first(1)).await;
        let what = format!("status {status:?}");
        let able = able.contains(&status);
        if permitted(able, answer, Code::UnsupportedFilter, &what).is_none() {
            continue;
        }
        let found = invoices(s, query).await;
        assert!(found.iter().all(|r| r.status == Some(status)), "{found:?}");
        assert_eq!(found.len(), rows.iter().filter(|r| r.status == Some(status)).count());
    }
    let days = Days { from: Some(today().saturating_sub(Span::new().days(45))), to: Some(today()) };
    let found = invoices(s, CustomerInvoiceQuery { issued: days, ..Default::default() }).await;
    assert!(!found.is_empty() && found.iter().all(|r| days.has(r.issued.0)), "{found:?}");
    assert_eq!(found.len(), rows.iter().filter(|r| days.has(r.issued.0)).count());
    let span =
        Amounts { min: Some(money("1000", "EUR").amount), max: None, currency: money("1", "EUR").currency };
    let found = invoices(s, CustomerInvoiceQuery { amounts: Some(span), ..Default::default() }).await;
    assert!(!found.is_empty() && found.iter().all(|r| span.has(&r.total)), "{found:?}");
    let both = CustomerInvoiceQuery {
        customer: Some(found[0].customer.id.native().to_owned()),
        amounts: Some(span),
        issued: Days { from: None, to: Some(found[0].issued.0) },
        ..Default::default()
    };
    let both = invoices(s, both).await;
    assert!(both.iter().any(|r| r.id == found[0].id), "it matches its own values");
    assert!(both.iter().all(|r| r.customer == found[0].customer && span.has(&r.total)));
    if let Some(number) = rows[0].number.as_ref().map(|number| number.as_str().to_owned()) {
        let found = invoices(s, CustomerInvoiceQuery { number: Some(number), ..Default::default() }).await;
        assert_eq!(found.iter().map(|r| &r.id).collect::<Vec<_>>(), [&rows[0].id], "by its number");
        let odd = Some("no \"such' number".to_owned());
        assert!(invoices(s, CustomerInvoiceQuery { number: odd, ..Default::default() }).await.is_empty());
    }
    let ids = vec![rows[0].id.native().to_owned()];
    let one = invoices(s, CustomerInvoiceQuery { ids, full: true, ..Default::default() }).await;
    assert_eq!(one.iter().map(|r| &r.id).collect::<Vec<_>>(), [&rows[0].id]);
    assert!(!one[0].lines.is_empty(), "full has lines");
}

async fn knows_what_is_overdue(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.ledger.able().receivables);
    let past = Days { from: None, to: today().yesterday().ok() };
    let any = ReceivableQuery { customer: None, due: past, currency: None, today: today() };
    let answer = s.ledger.receivables(&cx, &any).await;
    let Some(sweep) = permitted(able, answer, Code::Unsupported, "receivables") else { return };
    assert!(sweep.complete);
    let known = company::customer_invoices();
    let overdue = |i: &&company::CustomerInvoice| {
        i.home == s.home && i.status == "open" && i.due_days.is_some_and(|d| d < 0)
    };
    let mut expected: Vec<Money> =
        known.iter().filter(overdue).map(|i| money(&i.amount, &i.currency)).collect();
    let mut open: Vec<Money> = sweep.rows.iter().map(|r| r.open).collect();
    for all in [&mut expected, &mut open] {
        all.sort_by_key(|m| (m.currency, m.amount));
    }
    assert_eq!(open, expected, "everything overdue and nothing else, to the last unit");
    for row in &sweep.rows {
        let ago = today().saturating_sub(Span::new().days(i64::from(row.days_overdue)));
        assert_eq!(row.due.0, ago, "{row:?}");
    }
    let euros = ReceivableQuery { currency: Some(money("1", "EUR").currency), ..any.clone() };
    let euros = s.ledger.receivables(&cx, &euros).await.unwrap().rows;
    assert!(!euros.is_empty() && euros.iter().all(|r| r.open.currency.code() == "EUR"));
    let one = &sweep.rows[0];
    let of_one = ReceivableQuery {
        customer: Some(one.customer.id.native().to_owned()),
        due: Days { from: Some(one.due.0), to: Some(one.due.0) },
        ..any
    };
    let of_one = s.ledger.receivables(&cx, &of_one).await.unwrap().rows;
    assert!(of_one.iter().any(|r| r.id == one.id), "{of_one:?}");
    assert!(of_one.iter().all(|r| r.customer == one.customer && r.due == one.due));
}

async fn payments(s: &Subject<'_>, query: PaymentQuery) -> Vec<Payment> {
    let cx = cx();
    let (cx, query) = (&cx, &query);
    let order = |p: &Payment| Reverse(p.at);
    all("payments", order, |p| &p.id, |page| s.ledger.payments(cx, query, page)).await
}

async fn finds_payments(s: &Subject<'_>) {
    let able = s.ledger.able().payments;
    let answer = s.ledger.payments(&cx(), &PaymentQuery::default(), first(1)).await;
    if permitted(!able.is_empty(), answer, Code::Unsupported, "payments").is_none() {
        return;
    }
    let rows = payments(s, PaymentQuery::default()).await;
    assert_eq!(rows.len(), company::payments().iter().filter(|p| p.home == s.home).count());
    for status in PaymentStatus::ALL {
        let query = PaymentQuery { status: Some(status), ..PaymentQuery::default() };
        let answer = s.ledger.payments(&cx(), &query, first(1)).await;
        let what = format!("status {status:?}");
        let able = able.contains(&status);
        if permitted(able, answer, Code::UnsupportedFilter, &what).is_none() {
            continue;
        }
        let found = payments(s, query).await;
        assert!(found.iter().all(|r| r.status == status), "{found:?}");
        assert_eq!(found.len(), rows.iter().filter(|r| r.status == status).count(), "{what}");
    }
    for row in &rows {
        assert_eq!(s.ledger.recognize(Noun::Payment, &row.url).as_deref(), Some(row.id.native()));
        assert_eq!(row.status == PaymentStatus::Refunded, row.refunded.is_some(), "{row:?}");
    }
    let one = &rows[0];
    let same = PaymentQuery {
        customer: one.customer.as_ref().map(|c| c.id.native().to_owned()),
        amounts: Some(Amounts::exactly(one.amount)),
        window: Window {
            after: Some(one.at.0 - SignedDuration::from_hours(48)),
            before: Some(one.at.0 + SignedDuration::from_hours(48)),
        },
        ..PaymentQuery::default()
    };
    let found = payments(s, same.clone()).await;
    assert!(found.iter().any(|p| p.id == one.id), "it matches its own values");
    assert!(found.iter().all(|p| p.customer == one.customer && p.amount == one.amount));
    let before = Window { after: None, before: Some(one.at.0 - SignedDuration::from_hours(48)) };
    let found = payments(s, PaymentQuery { window: before, ..same }).await;
    assert!(found.iter().all(|p| p.id != one.id), "the window holds");
    let ids = vec![one.id.native().to_owned()];
    let found = payments(s, PaymentQuery { ids, ..PaymentQuery::default() }).await;
    assert_eq!(found.iter().map(|p| &p.id).collect::<Vec<_>>(), [&one.id]);
}

async fn gives_money_back_once_and_never_more_than_came(s: &Subject<'_>) {
    let (cx, mark) = writing("refund");
    let new = NewRefund {
        payment: "ch_3HaldenAurora09twice".into(),
        amount: money("1000.50", "EUR"),
        reason: Some(RefundReason::Duplicate),
        note: Some("charged twice".into()),
    };
    let answer = match s.home {
        "stripe" => s.ledger.refund(&cx, &new, &mark).await,
        _ => s.ledger.refund(&cx, &NewRefund { payment: "1400000098".into(), ..new.clone() }, &mark).await,
    };
    let Some(refund) = permitted(s.ledger.able().refunds, answer, Code::Unsupported, "refunds") else {
        return;
    };
    assert_eq!(refund.amount, new.amount);
    assert_ne!(refund.status, RefundStatus::Failed);
    let payment = refund.payment.native().to_owned();
    let found = s.ledger.find_refund(&cx, &payment, &mark).await.unwrap();
    assert_eq!(found.map(|r| r.id), Some(refund.id.clone()));
    let (cx, other) = writing("another refund");
    assert!(s.ledger.find_refund(&cx, &payment, &other).await.unwrap().is_none());
    let ids = PaymentQuery { ids: vec![payment.clone()], ..PaymentQuery::default() };
    let now = payments(s, ids).await.remove(0);
    assert_eq!((now.status, now.refunded), (PaymentStatus::Refunded, Some(new.amount)));
    let too_much = NewRefund { payment, amount: now.amount, ..new };
    let error = s.ledger.refund(&cx, &too_much, &other).await.unwrap_err();
    assert_eq!(error.code(), Code::InvalidArgument, "{error:?}");
    assert!(s.ledger.refund_caps().hold(&money("1", "EUR")).is_ok(), "able means given a cap");
}
