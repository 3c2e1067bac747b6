//! Bodies as SAP's documents show them.

use jiff::civil::date;

use super::*;

#[test]
fn version_4_reads_with_its_neighbors_and_its_next_page() {
    let body = include_str!("../fixtures/purchase_orders.json");
    let tail: Tail<'_> = serde_json::from_str(body).unwrap();
    assert_eq!((tail.rows(), tail.count()), (1, Some(41)));
    assert_eq!(tail.next(), Some("PurchaseOrder?$count=true&$skiptoken=100"));
    let orders: List<Order<'_>> = serde_json::from_str(body).unwrap();
    let order = &orders.rows()[0];
    assert_eq!(order.purchase_order_date.0, Some(date(2026, 10, 3)));
    let item = &order.items[0];
    assert_eq!(&*item.purchase_order_item_text, "Card terminal \"T9\"", "escapes are undone");
    assert_eq!(item.net_amount.0.to_string(), "75600.10", "to the last digit");
    assert!(item.is_open());
    assert_eq!(item.lines[0].open_purchase_order_quantity.0, Decimal::from(250), "numbers are read too");
    assert_eq!(item.lines[1].schedule_line_delivery_date.0, None);
}

#[test]
fn version_2_reads_texts_as_what_they_are() {
    let body = include_str!("../fixtures/account_items.json");
    let tail: Tail<'_> = serde_json::from_str(body).unwrap();
    assert_eq!((tail.rows(), tail.count()), (1, Some(312)));
    assert!(tail.next().unwrap().ends_with("$skiptoken=1000"));
    let items: List<AccountItem<'_>> = serde_json::from_str(body).unwrap();
    let item = &items.rows()[0];
    assert_eq!(item.amount_in_transaction_currency.0.to_string(), "53500.00");
    assert_eq!(item.net_due_date.0, Some(date(2026, 11, 3)));
    assert_eq!(item.clearing_date.0, None);
    assert!(!item.is_settled());
    assert_eq!(item.id(), "1010-2026-1800000123-001");
}

#[test]
fn days_come_in_three_forms() {
    for (text, expected) in [
        ("/Date(1795219200000)/", Some(date(2026, 11, 21))),
        ("/Date(1795230537177+0000)/", Some(date(2026, 11, 21))),
        ("/Date(-86400000)/", Some(date(1969, 12, 31))),
        ("/Date(253402214400000)/", Some(date(9999, 12, 31))),
        ("2026-11-21", Some(date(2026, 11, 21))),
        ("2026-11-21T00:00:00", Some(date(2026, 11, 21))),
        ("/Date()/", None),
        ("tomorrow", None),
    ] {
        assert_eq!(day(text), expected, "{text}");
    }
}
