//! Orders and contracts.

use rust_decimal::Decimal;
use sandbox::company::{Contract, OrderItem, PurchaseOrder, Supplier};

use super::{Books, FOREVER, amount, cut, number, text};
use crate::vendors::sap::sim::value::Value;

pub(super) fn orders(books: &mut Books, orders: &[PurchaseOrder], suppliers: &[Supplier]) {
    for order in orders {
        let day = books.day(order.created_days);
        let terms = suppliers.iter().find(|s| s.key == order.supplier).map_or("", |s| &s.terms);
        let (waits, state) = match order.approval.as_str() {
            "released" => (false, "05"),
            "rejected" => (true, "08"),
            _ => (true, "03"),
        };
        books.add(
            "PurchaseOrder",
            [
                ("PurchaseOrder", text(&order.key)),
                ("PurchaseOrderType", text("NB")),
                ("CreatedByUser", text("MM_BUYER")),
                ("CreationDate", Value::Date(day)),
                ("PurchaseOrderDate", Value::Date(day)),
                ("LastChangeDateTime", Value::Moment(super::super::value::midnight(day))),
                ("ReleaseIsNotCompleted", Value::Flag(waits)),
                ("PurchasingProcessingStatus", text(state)),
                ("CompanyCode", text(&order.company_code)),
                ("PurchasingOrganization", text(&order.company_code)),
                ("PurchasingGroup", text("001")),
                ("Supplier", text(&order.supplier)),
                ("PurchaseContract", text(order.contract.as_deref().unwrap_or_default())),
                ("PaymentTerms", cut(terms, 4)),
                ("DocumentCurrency", text(&order.currency)),
            ],
        );
        for (nth, item) in order.items.iter().enumerate() {
            self::item(books, order, nth, item);
        }
    }
}

fn item(books: &mut Books, order: &PurchaseOrder, nth: usize, item: &OrderItem) {
    let row = text(((nth + 1) * 10).to_string());
    let quantity = Decimal::from(item.quantity);
    let price = amount(&item.price);
    let is_delivered = item.completed || item.delivered >= item.quantity;
    let open = if is_delivered { Decimal::ZERO } else { quantity - Decimal::from(item.delivered) };
    let requester = order.requester.as_deref().unwrap_or_default().to_uppercase();
    let contract = order.contract.as_deref().unwrap_or_default();
    books.add(
        "PurchaseOrderItem",
        [
            ("PurchaseOrder", text(&order.key)),
            ("PurchaseOrderItem", row.clone()),
            ("MaterialGroup", text("SERVICES")),
            ("PurchaseOrderItemText", cut(&item.text, 40)),
            ("CompanyCode", text(&order.company_code)),
            ("Plant", text(&order.plant)),
            ("OrderQuantity", number(quantity)),
            ("PurchaseOrderQuantityUnit", cut(&item.unit, 3)),
            ("NetPriceAmount", number(price)),
            ("NetPriceQuantity", number(Decimal::ONE)),
            ("NetAmount", number(price * quantity)),
            ("DocumentCurrency", text(&order.currency)),
            ("IsCompletelyDelivered", Value::Flag(is_delivered)),
            ("PurchaseContract", text(contract)),
            ("PurchaseContractItem", text(if contract.is_empty() { "" } else { "10" })),
            ("RequisitionerName", cut(&requester, 12)),
        ],
    );
    let day = Value::Date(books.day(item.need_days));
    books.add(
        "PurchaseOrderScheduleLine",
        [
            ("PurchaseOrder", text(&order.key)),
            ("PurchaseOrderItem", row),
            ("ScheduleLine", text("1")),
            ("ScheduleLineDeliveryDate", day.clone()),
            ("SchedLineStscDeliveryDate", day),
            ("ScheduleLineOrderQuantity", number(quantity)),
            ("OpenPurchaseOrderQuantity", number(open)),
            ("PurchaseOrderQuantityUnit", cut(&item.unit, 3)),
        ],
    );
}

pub(super) fn contracts(books: &mut Books, contracts: &[Contract], suppliers: &[Supplier]) {
    for contract in contracts {
        let start = books.day(contract.start_days);
        let end = contract.end_days.map_or(FOREVER, |days| books.day(days));
        let terms = suppliers.iter().find(|s| s.key == contract.supplier).map_or("", |s| &s.terms);
        books.add(
            "A_PurchaseContract",
            [
                ("PurchaseContract", text(&contract.key)),
                ("PurchaseContractType", text("WK")),
                ("CompanyCode", text(&contract.company_code)),
                ("CreationDate", Value::Date(start)),
                ("CreatedByUser", text("MM_BUYER")),
                ("Supplier", text(&contract.supplier)),
                ("PurchasingOrganization", text(&contract.company_code)),
                ("PurchasingGroup", text("001")),
                ("PaymentTerms", cut(terms, 4)),
                ("DocumentCurrency", text(&contract.currency)),
                ("ValidityStartDate", Value::Date(start)),
                ("ValidityEndDate", Value::Date(end)),
                ("PurchaseContractTargetAmount", number(amount(&contract.value))),
                ("LastChangeDateTime", Value::Moment(super::super::value::midnight(start))),
                ("PurchasingProcessingStatus", text("05")),
                ("PurgDocExternalReference", cut(contract.document.as_deref().unwrap_or_default(), 70)),
                ("PurchasingDocumentName", cut(&contract.text, 40)),
            ],
        );
        books.add(
            "A_PurchaseContractItem",
            [
                ("PurchaseContract", text(&contract.key)),
                ("PurchaseContractItem", text("10")),
                ("PurchaseContractItemText", cut(&contract.text, 40)),
                ("MaterialGroup", text("SERVICES")),
            ],
        );
    }
}
