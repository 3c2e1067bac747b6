//! Bodies of the documented shape are read.

use super::*;

#[test]
fn other_objects_are_ids_or_expanded() {
    let body = include_str!("../fixtures/charges.json");
    let list: List<Charge<'_>> = serde_json::from_str(body).unwrap();
    let [paid, failed] = list.data.as_slice() else { panic!("two charges") };
    let customer = paid.customer.as_ref().and_then(Ref::whole).unwrap();
    assert_eq!(customer.name.as_deref(), Some("Jenny \"JJ\" Rosen"));
    assert_eq!(customer.metadata["domain"], "rosen.example");
    assert_eq!(paid.balance_transaction.as_ref().unwrap().whole().unwrap().available_on, 1_795_000_000);
    assert_eq!(paid.payment_intent.as_ref().unwrap().id(), "pi_3Mml");
    assert_eq!(failed.customer.as_ref().unwrap().id(), "cus_QXg1o8vcGmoR32");
    assert_eq!(failed.failure_code.as_deref(), Some("card_declined"));
    assert!(failed.balance_transaction.is_none() && list.has_more);
}

#[test]
fn a_deleted_customer_has_no_name() {
    let body = r#"{"id": "cus_1", "object": "customer", "deleted": true}"#;
    let customer: Customer<'_> = serde_json::from_str(body).unwrap();
    assert!(customer.deleted && customer.name.is_none());
}

#[test]
fn an_invoice_is_read() {
    let invoice: Invoice<'_> = serde_json::from_str(include_str!("../fixtures/invoice.json")).unwrap();
    assert_eq!((invoice.total, invoice.amount_remaining, &*invoice.currency), (85_120, 85_120, "kwd"));
    assert_eq!(invoice.lines.unwrap().data[0].description.as_deref(), Some("Reporting subscription"));
}
