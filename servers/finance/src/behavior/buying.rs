//! What every ledger that buys must do.

use std::cmp::Reverse;

use error::Code;
use jiff::Span;
use rust_decimal::Decimal;
use sandbox::company;
use tool::Day;

use super::{HOSTILE, Subject, all, cx, first, money, permitted, today, writing};
use crate::ledger::{
    Amounts, BudgetQuery, ContractQuery, Days, NewLine, NewRequisition, Noun, OrderQuery, Period,
    SupplierInvoiceQuery, SupplierOrder, SupplierQuery, Unit,
};
use crate::model::{
    Approval, BlockKind, Contract, Emptiable, PaymentBlock, PurchaseOrder, SupplierInvoice,
    SupplierInvoiceStatus,
};

pub(super) async fn holds(s: &Subject<'_>) {
    finds_suppliers_by_name_and_no_others(s).await;
    ranks_suppliers(s).await;
    lists_open_orders_newest_first(s).await;
    filters_orders(s).await;
    lists_what_suppliers_want_to_be_paid(s).await;
    finds_contracts_by_value_and_end(s).await;
    knows_what_a_cost_center_has_left(s).await;
    drafts_a_requisition_once(s).await;
}

fn any_order() -> OrderQuery {
    OrderQuery {
        ids: Vec::new(),
        supplier: None,
        company: None,
        plant: None,
        min_value: None,
        approval: None,
        overdue: None,
        where_empty: None,
        today: today(),
        full: false,
    }
}

fn any_supplier(order: SupplierOrder) -> SupplierQuery {
    let year_ago = today().saturating_sub(Span::new().years(1));
    let days = Days { from: Some(year_ago), to: Some(today()) };
    SupplierQuery { ids: Vec::new(), order, currency: None, days, limit: 500 }
}

async fn finds_suppliers_by_name_and_no_others(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.ledger.able().suppliers);
    for known in company::suppliers().iter().take(if able { 15 } else { 1 }) {
        let found = s.ledger.find_suppliers(&cx, &known.name).await;
        let Some(found) = permitted(able, found, Code::Unsupported, "suppliers") else { return };
        let exact = found.iter().find(|p| p.name.as_str() == known.name);
        let exact = exact.unwrap_or_else(|| panic!("{} is not among {found:?}", known.name));
        assert_eq!(s.ledger.recognize(Noun::Supplier, exact.id.native()).as_deref(), Some(exact.id.native()));
    }
    for text in HOSTILE {
        let found = s.ledger.find_suppliers(&cx, text).await;
        assert!(found.as_ref().is_ok_and(Vec::is_empty), "{text:?}: {found:?}");
    }
}

async fn ranks_suppliers(s: &Subject<'_>) {
    let (cx, able) = (cx(), s.ledger.able());
    let by_name = s.ledger.suppliers(&cx, &any_supplier(SupplierOrder::Name)).await;
    let Some(by_name) = permitted(able.suppliers, by_name, Code::Unsupported, "suppliers") else { return };
    let names: Vec<String> = by_name.rows.iter().map(|s| s.name.as_str().to_lowercase()).collect();
    assert!(names.len() >= 10 && names.is_sorted(), "{names:?}");
    let named = |name: &str| by_name.rows.iter().find(|s| s.name.as_str() == name).unwrap();
    let (guardia, kiro) = (named("Guardia Seguridad, S.L."), named("Kiro Staffing Ltd"));
    assert!(guardia.blocks.iter().any(|b| b.kind == BlockKind::Purchasing), "{guardia:?}");
    assert!(kiro.blocks.iter().any(|b| b.kind == BlockKind::Payment), "{kiro:?}");
    assert_eq!(s.ledger.recognize(Noun::Supplier, &kiro.url).as_deref(), Some(kiro.id.native()));
    assert!(named("Bürobedarf Øst ApS").payment_terms.is_some());

    let two = vec![kiro.id.native().to_owned(), guardia.id.native().to_owned()];
    let two = SupplierQuery { ids: two, ..any_supplier(SupplierOrder::Blocks) };
    let two = s.ledger.suppliers(&cx, &two).await.unwrap();
    assert!(two.complete && two.rows.len() == 2, "{two:?}");

    let spend = SupplierQuery { limit: 3, ..any_supplier(SupplierOrder::Spend) };
    let spend = s.ledger.suppliers(&cx, &spend).await;
    if let Some(top) = permitted(able.spend, spend, Code::UnsupportedFilter, "spend") {
        let amounts: Vec<_> = top.rows.iter().map(|s| s.spend.as_ref().unwrap()[0]).collect();
        assert_eq!(amounts.len(), 3);
        assert!(amounts.is_sorted_by_key(|m| Reverse(m.amount)), "{amounts:?}");
        assert!(amounts.iter().all(|m| m.currency == amounts[0].currency), "never across currencies");
    } else {
        assert!(by_name.rows.iter().all(|s| s.spend.is_none()), "unknown is absent");
    }
    let late = s.ledger.suppliers(&cx, &any_supplier(SupplierOrder::Lateness)).await;
    if let Some(late) = permitted(able.lateness, late, Code::UnsupportedFilter, "lateness") {
        let worst = late.rows[0].lateness.unwrap();
        assert!(worst.late > 0 && worst.late <= worst.deliveries, "{worst:?}");
    }
}

async fn orders(s: &Subject<'_>, query: OrderQuery) -> Vec<PurchaseOrder> {
    let cx = cx();
    let (cx, query) = (&cx, &query);
    let order = |o: &PurchaseOrder| (Reverse(o.ordered), o.id.clone());
    all("orders", order, |o| &o.id, |page| s.ledger.open_orders(cx, query, page)).await
}

async fn lists_open_orders_newest_first(s: &Subject<'_>) {
    let answer = s.ledger.open_orders(&cx(), &any_order(), first(1)).await;
    if permitted(s.ledger.able().orders, answer, Code::Unsupported, "orders").is_none() {
        return;
    }
    let rows = orders(s, any_order()).await;
    let missing = |i: &company::OrderItem| !i.completed && i.delivered < i.quantity;
    let known = company::purchase_orders();
    let open: Vec<_> = known.iter().filter(|o| o.items.iter().any(missing)).collect();
    assert_eq!(rows.len(), open.len(), "every open order and no other");
    for row in &rows {
        assert!(row.items.is_empty(), "rows are rows");
        assert_eq!(row.overdue, row.due.is_some_and(|due| due.0 < today()), "{row:?}");
        assert_eq!(s.ledger.recognize(Noun::PurchaseOrder, &row.url).as_deref(), Some(row.id.native()));
    }
    let yen = rows.iter().find(|r| r.value == money("4440000", "JPY"));
    assert!(yen.is_some(), "three racks at 1480000 yen are 4440000 yen");
    assert!(rows.iter().any(|r| r.value == money("11251.500", "KWD")), "three decimals stay three");
    let one = OrderQuery { ids: vec![rows[0].id.native().to_owned()], full: true, ..any_order() };
    let one = orders(s, one).await;
    assert_eq!((one.len(), &one[0].id), (1, &rows[0].id));
    let sum: Decimal = one[0].items.iter().map(|i| i.value.amount).sum();
    assert_eq!(sum, one[0].value.amount, "the items make the value");
    let none = OrderQuery { ids: vec!["4500999999".into()], ..any_order() };
    assert!(orders(s, none).await.is_empty(), "an id that does not exist matches nothing");
}

async fn filters_orders(s: &Subject<'_>) {
    let able = s.ledger.able();
    if !able.orders {
        return;
    }
    let rows = orders(s, any_order()).await;
    for approval in [Approval::Approved, Approval::Waiting, Approval::Rejected] {
        let found = orders(s, OrderQuery { approval: Some(approval), ..any_order() }).await;
        assert_eq!(found.len(), rows.iter().filter(|r| r.approval == Some(approval)).count());
        assert!(!found.is_empty() && found.iter().all(|r| r.approval == Some(approval)), "{approval:?}");
    }
    for overdue in [true, false] {
        let found = orders(s, OrderQuery { overdue: Some(overdue), ..any_order() }).await;
        assert_eq!(found.len(), rows.iter().filter(|r| r.overdue == overdue).count());
        assert!(!found.is_empty() && found.iter().all(|r| r.overdue == overdue));
    }
    let least = money("20000", "EUR");
    let found = orders(s, OrderQuery { min_value: Some(least), ..any_order() }).await;
    let dear = |m: tool::Money| m.currency == least.currency && m.amount >= least.amount;
    assert!(!found.is_empty() && found.iter().all(|r| dear(r.value)), "{found:?}");
    assert_eq!(found.len(), rows.iter().filter(|r| dear(r.value)).count());
    let supplier = rows[0].supplier.id.native().to_owned();
    let found = orders(s, OrderQuery { supplier: Some(supplier), ..any_order() }).await;
    assert!(!found.is_empty() && found.iter().all(|r| r.supplier == rows[0].supplier));
    let companies = s.ledger.places(&cx(), Unit::Company).await.unwrap();
    let plants = s.ledger.places(&cx(), Unit::Plant).await.unwrap();
    assert!(companies.iter().any(|p| p.key == "1010") && plants.iter().any(|p| p.key == "1710"));
    let found = orders(s, OrderQuery { company: Some("1010".into()), ..any_order() }).await;
    assert!(!found.is_empty() && found.iter().all(|r| r.company == "1010"));
    let found = orders(s, OrderQuery { plant: Some("1710".into()), ..any_order() }).await;
    assert!(!found.is_empty() && found.iter().all(|r| r.plants.contains(&"1710".to_owned())));
    for field in Emptiable::ALL {
        let query = OrderQuery { where_empty: Some(field), ..any_order() };
        let answer = s.ledger.open_orders(&cx(), &query, first(50)).await;
        let what = format!("where_empty {field:?}");
        let able = able.empty.contains(&field);
        let Some(found) = permitted(able, answer, Code::UnsupportedFilter, &what) else { continue };
        for row in found.rows {
            match field {
                Emptiable::Requester => assert!(row.requester.is_none(), "{row:?}"),
                Emptiable::Contract => assert!(row.contracts.is_empty(), "{row:?}"),
                Emptiable::Due => assert!(row.due.is_none(), "{row:?}"),
            }
        }
    }
}

async fn bills(s: &Subject<'_>, query: SupplierInvoiceQuery) -> Vec<SupplierInvoice> {
    let cx = cx();
    let (cx, query) = (&cx, &query);
    let order = |i: &SupplierInvoice| (Reverse(i.posted), i.id.clone());
    all("supplier invoices", order, |i| &i.id, |page| s.ledger.supplier_invoices(cx, query, page)).await
}

async fn lists_what_suppliers_want_to_be_paid(s: &Subject<'_>) {
    let able = s.ledger.able();
    let any = SupplierInvoiceQuery::default();
    let answer = s.ledger.supplier_invoices(&cx(), &any, first(1)).await;
    if permitted(able.supplier_invoices, answer, Code::Unsupported, "supplier invoices").is_none() {
        return;
    }
    let rows = bills(s, any).await;
    assert_eq!(rows.len(), company::supplier_invoices().len());
    for row in &rows {
        assert_eq!(s.ledger.recognize(Noun::SupplierInvoice, &row.url).as_deref(), Some(row.id.native()));
    }
    use SupplierInvoiceStatus::{Blocked, Open, Paid};
    for status in [Open, Blocked, Paid] {
        let found = bills(s, SupplierInvoiceQuery { status: Some(status), ..Default::default() }).await;
        assert!(!found.is_empty() && found.iter().all(|r| r.status == status), "{status:?}: {found:?}");
        assert_eq!(found.len(), rows.iter().filter(|r| r.status == status).count());
    }
    for block in PaymentBlock::ALL {
        let query = SupplierInvoiceQuery { block: Some(block), ..Default::default() };
        let answer = s.ledger.supplier_invoices(&cx(), &query, first(50)).await;
        let what = format!("block {block:?}");
        let able = able.blocks.contains(&block);
        let Some(found) = permitted(able, answer, Code::UnsupportedFilter, &what) else { continue };
        assert!(found.rows.iter().all(|r| r.blocked_because.contains(&block)), "{found:?}");
    }
    let month = Days { from: Some(today().saturating_sub(Span::new().days(30))), to: Some(today()) };
    let found = bills(s, SupplierInvoiceQuery { posted: month, ..Default::default() }).await;
    assert!(!found.is_empty() && found.len() < rows.len());
    assert!(found.iter().all(|r| month.has(r.posted.0)), "{found:?}");
    let supplier = Some(rows[0].supplier.id.native().to_owned());
    let found = bills(s, SupplierInvoiceQuery { supplier, ..Default::default() }).await;
    assert!(!found.is_empty() && found.iter().all(|r| r.supplier == rows[0].supplier));
    let ids = vec![rows[1].id.native().to_owned()];
    let found = bills(s, SupplierInvoiceQuery { ids, ..Default::default() }).await;
    assert_eq!(found.iter().map(|r| &r.id).collect::<Vec<_>>(), [&rows[1].id]);
}

async fn agreements(s: &Subject<'_>, query: ContractQuery) -> Vec<Contract> {
    let cx = cx();
    let (cx, query) = (&cx, &query);
    let order = |c: &Contract| (c.ends.is_none(), c.ends, c.id.clone());
    all("contracts", order, |c| &c.id, |page| s.ledger.contracts(cx, query, page)).await
}

async fn finds_contracts_by_value_and_end(s: &Subject<'_>) {
    let answer = s.ledger.contracts(&cx(), &ContractQuery::default(), first(1)).await;
    if permitted(s.ledger.able().contracts, answer, Code::Unsupported, "contracts").is_none() {
        return;
    }
    let rows = agreements(s, ContractQuery::default()).await;
    assert_eq!(rows.len(), company::contracts().len());
    assert!(rows.iter().any(|c| c.target == Some(money("420000000", "JPY"))), "yen have no decimals");
    let span = Amounts::between(
        Some(money("500000", "EUR")),
        Some(money("3000000.00", "EUR")),
        ["min_value", "max_value"],
    );
    let span = span.unwrap().unwrap();
    let found = agreements(s, ContractQuery { amounts: Some(span), ..Default::default() }).await;
    assert!(!found.is_empty() && found.iter().all(|c| span.has(&c.target.unwrap())), "{found:?}");
    assert_eq!(found.len(), rows.iter().filter(|c| c.target.is_some_and(|t| span.has(&t))).count());
    assert!(rows.iter().any(|c| c.ends.is_none()), "one never ends: {rows:?}");
    let later = Days { from: Some(today()), to: None };
    let found = agreements(s, ContractQuery { ends: later, ..Default::default() }).await;
    let ending = rows.iter().filter(|c| c.ends.is_some_and(|end| later.has(end.0)));
    assert_eq!(found.iter().map(|c| &c.id).collect::<Vec<_>>(), ending.map(|c| &c.id).collect::<Vec<_>>());
    let quarter = Days { from: Some(today()), to: Some(today().saturating_add(Span::new().days(90))) };
    let found = agreements(s, ContractQuery { ends: quarter, ..Default::default() }).await;
    assert!(!found.is_empty() && found.iter().all(|c| quarter.has(c.ends.unwrap().0)), "{found:?}");
    for row in &rows {
        assert!(row.ends.is_none() || row.starts <= row.ends, "{row:?}");
        assert_eq!(s.ledger.recognize(Noun::Contract, &row.url).as_deref(), Some(row.id.native()));
    }
}

async fn knows_what_a_cost_center_has_left(s: &Subject<'_>) {
    let cx = cx();
    let period = Period { year: today().year(), first: 1, last: 12 };
    let query = BudgetQuery { cost_center: "CC-OPS".into(), period };
    let answer = s.ledger.budgets(&cx, &query).await;
    let Some(found) = permitted(s.ledger.able().budgets, answer, Code::Unsupported, "budgets") else {
        return;
    };
    let [ops] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(ops.id.native(), "CC-OPS");
    assert_eq!(s.ledger.recognize(Noun::CostCenter, &ops.url).as_deref(), Some("CC-OPS"));
    assert_eq!((ops.from, ops.to), (Day(period.from()), Day(period.to())));
    assert_eq!(ops.budget, money("2400000.00", "EUR"));
    let left = ops.budget.amount - ops.committed.amount - ops.actual.amount;
    assert_eq!(ops.available.amount, left, "what is left is what is left");
    let last = Period { year: period.year - 1, ..period };
    let closed = BudgetQuery { cost_center: "CC-OPS".into(), period: last };
    let closed = &s.ledger.budgets(&cx, &closed).await.unwrap()[0];
    assert_eq!((closed.budget, closed.actual), (money("2200000.00", "EUR"), money("2154300.00", "EUR")));
    let yen = BudgetQuery { cost_center: "CC-TYO".into(), period };
    assert_eq!(s.ledger.budgets(&cx, &yen).await.unwrap()[0].budget, money("96000000", "JPY"));
    let nobody = BudgetQuery { cost_center: "CC-NONE".into(), period };
    assert!(s.ledger.budgets(&cx, &nobody).await.unwrap().is_empty());
    let centers = s.ledger.places(&cx, Unit::CostCenter).await.unwrap();
    let ops: Vec<_> = centers.iter().filter(|p| p.key == "CC-OPS").collect();
    assert_eq!(ops.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["Platform Operations"], "once");
}

async fn drafts_a_requisition_once(s: &Subject<'_>) {
    let (cx, mark) = writing("requisition");
    let line = |text: &str, quantity: i64, price: &str| NewLine {
        text: text.into(),
        quantity: Decimal::from(quantity),
        unit: None,
        price: money(price, "EUR"),
        supplier: None,
        contract: None,
    };
    let new = NewRequisition {
        title: "Terminals \"T10\" & o'ther".into(),
        lines: vec![line("Card terminal T10", 3, "199.90"), line("Cradle", 3, "24.50")],
        cost_center: "CC-OPS".into(),
        plant: None,
        need: today().saturating_add(Span::new().days(30)),
    };
    let able = s.ledger.able().requisitions;
    let drafted = s.ledger.draft_requisition(&cx, &new, &mark).await;
    let Some(drafted) = permitted(able, drafted, Code::Unsupported, "requisitions") else { return };
    assert_eq!(drafted.total, money("673.20", "EUR"));
    assert!(!drafted.released, "nothing is released");
    assert_eq!(drafted.title.as_str(), new.title);
    assert_eq!(drafted.lines.len(), 2);
    assert_eq!(drafted.lines[0].value, money("599.70", "EUR"));
    assert_eq!(drafted.lines[1].need, Some(Day(new.need)));
    let found = s.ledger.find_requisition(&cx, &mark).await.unwrap();
    assert_eq!(found.map(|r| r.id), Some(drafted.id.clone()));
    let (cx, other) = writing("another requisition");
    assert!(s.ledger.find_requisition(&cx, &other).await.unwrap().is_none());

    let keyed = tool::Mark { external_key: Some("contract/46'17 \"x\"".into()), ..other };
    assert!(s.ledger.find_requisition(&cx, &keyed).await.unwrap().is_none());
    let second = s.ledger.draft_requisition(&cx, &new, &keyed).await.unwrap();
    let (cx, again) = writing("another day");
    let again = tool::Mark { external_key: keyed.external_key.clone(), ..again };
    let found = s.ledger.find_requisition(&cx, &again).await.unwrap();
    assert_eq!(found.map(|r| r.id), Some(second.id));
    assert!(s.ledger.requisition_caps().hold(&money("1", "EUR")).is_ok(), "able means given a cap");
}
