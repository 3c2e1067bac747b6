//! Purchase orders and contracts.

use std::collections::BTreeSet;

use call::Cx;
use content::Label;
use error::Result;
use jiff::civil::Date;
use rust_decimal::Decimal;
use tool::{Day, Fetch, Moment, Rows};

use super::Sap;
use super::lens::{Lens, day, money};
use super::odata::{Clause, Filter, Literal, Property};
use super::paging::Place;
use super::question::{CONTRACTS, ORDERS, Question};
use super::wire;
use crate::ledger::{ContractQuery, Noun, OrderQuery};
use crate::model::{Approval, Contract, Emptiable, OrderItem, PurchaseOrder};

/// What is shown of orders.
const ORDER: &str = "PurchaseOrder,PurchaseOrderDate,Supplier,CompanyCode,DocumentCurrency,\
    ReleaseIsNotCompleted,PurchasingProcessingStatus";

/// What is shown of their items.
const ITEMS: &str = "_PurchaseOrderItem($select=PurchasingDocumentDeletionCode,PurchaseOrderItemText,Plant,\
    OrderQuantity,PurchaseOrderQuantityUnit,NetAmount,IsCompletelyDelivered,PurchaseContract,RequisitionerName;\
    $expand=_PurchaseOrderScheduleLineTP($select=ScheduleLineDeliveryDate,OpenPurchaseOrderQuantity))";

/// What is shown of contracts.
const CONTRACT: &str = "PurchaseContract,CompanyCode,Supplier,DocumentCurrency,PurchaseContractTargetAmount,\
    ValidityStartDate,ValidityEndDate,PurchasingDocumentName";

/// The processing state of what was refused (domain `MEPROCSTATE`).
const REJECTED: &str = "08";

/// Contracts that never end do so on this day.
const FOREVER: Date = jiff::civil::date(9999, 12, 31);

impl Sap {
    pub(super) async fn find_orders(
        &self,
        cx: &Cx,
        query: &OrderQuery,
        page: &Fetch,
    ) -> Result<Rows<PurchaseOrder>> {
        // Values and open quantities depend on currencies and units, so that SAP does not compare them.
        let sifts = query.min_value.is_some() || query.overdue.is_some();
        let place = Place::of(page, sifts)?;
        let question = Question::of(ORDERS, ORDER)
            .filter(order_filter(query))
            .expand(ITEMS)
            .order("PurchaseOrderDate desc,PurchaseOrder")
            .counted(place.counts());
        let found = self.connection.ask(cx, &question, place.skip, place.most).await?;
        let orders: Vec<wire::Order<'_>> = found.rows()?;
        let mut lens = self.lens(cx);
        lens.names = self.supplier_names(cx, orders.iter().map(|order| &*order.supplier)).await?;
        let rows: Result<Vec<_>> = orders
            .iter()
            .map(|order| order_row(&lens, order, query).map(|row| Some(row).filter(|row| fits(row, query))))
            .collect();
        Ok(place.page(rows?, found.more, found.count, lens.now))
    }

    pub(super) async fn find_contracts(
        &self,
        cx: &Cx,
        query: &ContractQuery,
        page: &Fetch,
    ) -> Result<Rows<Contract>> {
        let place = Place::of(page, false)?;
        let question = Question::of(CONTRACTS, CONTRACT)
            .filter(contract_filter(query))
            .order("ValidityEndDate,PurchaseContract")
            .counted(place.counts());
        let found = self.connection.ask(cx, &question, place.skip, place.most).await?;
        let contracts: Vec<wire::Contract<'_>> = found.rows()?;
        let mut lens = self.lens(cx);
        lens.names = self.supplier_names(cx, contracts.iter().map(|contract| &*contract.supplier)).await?;
        let rows: Result<Vec<_>> = contracts.iter().map(|c| contract_row(&lens, c).map(Some)).collect();
        Ok(place.page(rows?, found.more, found.count, lens.now))
    }
}

fn order_filter(query: &OrderQuery) -> Filter {
    let mut item =
        vec![Clause::is("IsCompletelyDelivered", false), Clause::is("PurchasingDocumentDeletionCode", "")];
    item.extend(query.plant.as_deref().map(|plant| Clause::is("Plant", plant)));
    item.extend(query.where_empty.map(empty));
    item.extend((query.overdue == Some(true)).then(|| {
        some("_PurchaseOrderScheduleLineTP", Clause::before("ScheduleLineDeliveryDate", query.today))
    }));
    Filter::default()
        .and(Clause::is("PurchaseOrderDeletionCode", ""))
        .and_some(Clause::one_of("PurchaseOrder", query.ids.iter().map(String::as_str)))
        .and_some(query.supplier.as_deref().map(|supplier| Clause::is("Supplier", supplier)))
        .and_some(query.company.as_deref().map(|company| Clause::is("CompanyCode", company)))
        .and_some(query.min_value.map(|least| Clause::is("DocumentCurrency", least.currency.code())))
        .and_some(query.approval.map(approved))
        .and(some("_PurchaseOrderItem", Clause::All(item)))
}

fn some(navigation: &'static str, of: Clause) -> Clause {
    Clause::Some(Property::named(navigation), Box::new(of))
}

fn approved(approval: Approval) -> Clause {
    let waits = Clause::is("ReleaseIsNotCompleted", true);
    let rejected = Clause::is("PurchasingProcessingStatus", REJECTED);
    match approval {
        Approval::Approved => {
            Clause::All(vec![Clause::Not(Box::new(waits)), Clause::Not(Box::new(rejected))])
        }
        Approval::Waiting => Clause::All(vec![waits, Clause::Not(Box::new(rejected))]),
        Approval::Rejected => rejected,
    }
}

fn empty(field: Emptiable) -> Clause {
    match field {
        Emptiable::Requester => Clause::is("RequisitionerName", ""),
        Emptiable::Contract => Clause::is("PurchaseContract", ""),
        Emptiable::Due => {
            let dated = Clause::is_not("ScheduleLineDeliveryDate", Literal::Null);
            Clause::Not(Box::new(some("_PurchaseOrderScheduleLineTP", dated)))
        }
    }
}

/// What SAP could not tell.
fn fits(order: &PurchaseOrder, query: &OrderQuery) -> bool {
    let is_dear =
        |least: tool::Money| order.value.currency == least.currency && order.value.amount >= least.amount;
    query.min_value.is_none_or(is_dear) && query.overdue.is_none_or(|overdue| order.overdue == overdue)
}

fn order_row(lens: &Lens<'_>, order: &wire::Order<'_>, query: &OrderQuery) -> Result<PurchaseOrder> {
    let currency = &*order.document_currency;
    let items = || order.items.iter().filter(|item| item.is_there());
    let value: Decimal = items().map(|item| item.net_amount.0).sum();
    let due = items().filter_map(missing_since).min();
    let plants: BTreeSet<&str> = items().filter_map(|item| item.plant.some()).collect();
    let contracts: BTreeSet<&str> = items().filter_map(|item| item.purchase_contract.some()).collect();
    let full =
        if query.full { items().map(|item| order_item(item, currency)).collect() } else { Ok(Vec::new()) };
    Ok(PurchaseOrder {
        id: lens.id(&order.purchase_order),
        supplier: lens.party(&order.supplier),
        company: order.company_code.to_string(),
        plants: plants.into_iter().map(str::to_owned).collect(),
        value: money(value, currency)?,
        approval: Some(approval(order)),
        status: state(&order.purchasing_processing_status).map(Label::new),
        ordered: day(order.purchase_order_date, "PurchaseOrderDate")?,
        due: due.map(Day),
        overdue: due.is_some_and(|due| due < query.today),
        requester: items().find_map(|item| item.requisitioner_name.some()).map(Label::new),
        contracts: contracts.into_iter().map(|contract| lens.id(contract)).collect(),
        url: lens.url(Noun::PurchaseOrder, &order.purchase_order),
        as_of: Moment(lens.now),
        items: full?,
    })
}

fn order_item(item: &wire::OrderItem<'_>, currency: &str) -> Result<OrderItem> {
    Ok(OrderItem {
        text: Label::new(&item.purchase_order_item_text),
        quantity: item.order_quantity.0.normalize(),
        unit: item.purchase_order_quantity_unit.some().map(Label::new),
        value: money(item.net_amount.0, currency)?,
        due: missing_since(item).map(Day),
    })
}

/// The earliest day for which something is still missing.
fn missing_since(item: &wire::OrderItem<'_>) -> Option<Date> {
    let missing = item.lines.iter().filter(|line| line.open_purchase_order_quantity.0 > Decimal::ZERO);
    item.is_open().then(|| missing.filter_map(|line| line.schedule_line_delivery_date.0).min()).flatten()
}

fn approval(order: &wire::Order<'_>) -> Approval {
    match (&*order.purchasing_processing_status, order.release_is_not_completed) {
        (REJECTED, _) => Approval::Rejected,
        (_, true) => Approval::Waiting,
        (_, false) => Approval::Approved,
    }
}

/// The processing state in words (domain `MEPROCSTATE`).
fn state(code: &str) -> Option<&'static str> {
    Some(match code {
        "01" => "version in process",
        "02" => "active",
        "03" => "in release",
        "04" => "partially released",
        "05" => "released",
        REJECTED => "rejected",
        "26" => "in external approval",
        _ => return None,
    })
}

fn contract_filter(query: &ContractQuery) -> Filter {
    let currency = query.amounts.map(|span| Clause::is("DocumentCurrency", span.currency.code()));
    let amount = "PurchaseContractTargetAmount";
    // What never ends does not end after some day either.
    let last = query.ends.to.or(query.ends.from.and(FOREVER.yesterday().ok()));
    Filter::default()
        .and(Clause::is("PurchasingDocumentDeletionCode", ""))
        .and_some(Clause::one_of("PurchaseContract", query.ids.iter().map(String::as_str)))
        .and_some(query.supplier.as_deref().map(|supplier| Clause::is("Supplier", supplier)))
        .and_some(currency)
        .and_some(query.amounts.and_then(|span| span.min).map(|least| Clause::from(amount, least)))
        .and_some(query.amounts.and_then(|span| span.max).map(|most| Clause::until(amount, most)))
        .and_some(query.ends.from.map(|first| Clause::from("ValidityEndDate", first)))
        .and_some(last.map(|last| Clause::until("ValidityEndDate", last)))
}

fn contract_row(lens: &Lens<'_>, contract: &wire::Contract<'_>) -> Result<Contract> {
    let target = contract.purchase_contract_target_amount.0;
    Ok(Contract {
        id: lens.id(&contract.purchase_contract),
        supplier: lens.party(&contract.supplier),
        title: contract.purchasing_document_name.some().map(Label::new),
        company: contract.company_code.some().map(str::to_owned),
        // Contracts over quantities have no target value, which SAP writes as zero.
        target: (!target.is_zero()).then(|| money(target, &contract.document_currency)).transpose()?,
        called: None,
        starts: contract.validity_start_date.0.map(Day),
        ends: contract.validity_end_date.0.filter(|end| *end < FOREVER).map(Day),
        url: lens.url(Noun::Contract, &contract.purchase_contract),
        as_of: Moment(lens.now),
    })
}
