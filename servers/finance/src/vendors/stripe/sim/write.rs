//! Customers are made, changed and deleted; charges and refunds take notes.

use sandbox::{Answer, Ask};
use serde_json::{Map, Value, json};

use super::books::Books;
use super::expand::expand;
use super::form;
use super::refusal::{Fault, missing, shown, unknown};
use super::shape;

type Fields = [(String, String)];

/// Texts of a customer that can be set.
const TEXTS: [&str; 4] = ["name", "email", "phone", "description"];

/// Parts of an address.
const ADDRESS: [&str; 6] = ["city", "country", "line1", "line2", "postal_code", "state"];

/// `POST /v1/customers`.
pub(super) fn create_customer(books: &mut Books, ask: &Ask) -> sandbox::Reply {
    ask.require_scope("customer_write")?;
    let id = books.next_id("cus_");
    let bare = shape::Customer {
        id: &id,
        name: None,
        email: None,
        phone: None,
        currency: None,
        metadata: Map::new(),
        created: ask.now.as_second(),
    };
    let mut customer = bare.show();
    set_customer(ask, &mut customer)?;
    books.put(customer.clone());
    expand(books, ask, customer).map(shown)
}

/// `POST /v1/customers/{id}`.
pub(super) fn update_customer(books: &mut Books, ask: &Ask) -> sandbox::Reply {
    ask.require_scope("customer_write")?;
    let id = ask.param("id");
    let known = books.get("customer", id).filter(|customer| customer["deleted"] != true);
    let mut customer = known.cloned().ok_or_else(|| missing(ask, "customer", id, "id"))?;
    set_customer(ask, &mut customer)?;
    books.put(customer.clone());
    expand(books, ask, customer).map(shown)
}

/// `DELETE /v1/customers/{id}`: what is left is the id.
pub(super) fn delete_customer(books: &mut Books, ask: &Ask) -> sandbox::Reply {
    ask.require_scope("customer_write")?;
    let id = ask.param("id");
    let customer = books.get_mut("customer", id).filter(|customer| customer["deleted"] != true);
    let customer = customer.ok_or_else(|| missing(ask, "customer", id, "id"))?;
    *customer = json!({ "id": id, "object": "customer", "deleted": true });
    Ok(shown(customer.clone()))
}

fn set_customer(ask: &Ask, customer: &mut Value) -> Result<(), Answer> {
    let fields = ask.form();
    let known = ["name", "email", "phone", "description", "metadata", "address", "expand"];
    form::known(&fields, &known).map_err(|name| unknown(ask, &name))?;
    if let Some(email) =
        form::value(&fields, "email").filter(|email| !email.is_empty() && !email.contains('@'))
    {
        return Err(Fault::of("email", format!("Invalid email address: {email}"))
            .coded("email_invalid")
            .answer(ask));
    }
    for name in TEXTS {
        if let Some(text) = form::value(&fields, name) {
            customer[name] = if text.is_empty() { Value::Null } else { json!(text) };
        }
    }
    let mut address: Option<Value> = None;
    for (part, text) in form::members(&fields, "address") {
        if !ADDRESS.contains(&part) {
            return Err(unknown(ask, &format!("address[{part}]")));
        }
        address.get_or_insert_with(shape::address)[part] = json!(text);
    }
    if let Some(address) = address {
        customer["address"] = address;
    }
    set_metadata(ask, &fields, customer)
}

/// `POST /v1/charges/{id}`: notes only.
pub(super) fn update_charge(books: &mut Books, ask: &Ask) -> sandbox::Reply {
    annotate(books, ask, "charge", &["description", "metadata", "expand"])
}

/// `POST /v1/refunds/{id}`: notes only.
pub(super) fn update_refund(books: &mut Books, ask: &Ask) -> sandbox::Reply {
    annotate(books, ask, "refund", &["metadata", "expand"])
}

fn annotate(books: &mut Books, ask: &Ask, kind: &'static str, known: &[&str]) -> sandbox::Reply {
    ask.require_scope("charge_write")?;
    let fields = ask.form();
    form::known(&fields, known).map_err(|name| unknown(ask, &name))?;
    let id = ask.param("id");
    let mut object = books.get(kind, id).cloned().ok_or_else(|| missing(ask, kind, id, "id"))?;
    if let Some(text) = form::value(&fields, "description") {
        object["description"] = json!(text);
    }
    set_metadata(ask, &fields, &mut object)?;
    books.put(object.clone());
    expand(books, ask, object).map(shown)
}

/// Keys that are given are set, empty ones are removed, others stay (docs.stripe.com/api/metadata).
pub(super) fn set_metadata(ask: &Ask, fields: &Fields, object: &mut Value) -> Result<(), Answer> {
    let Some(metadata) = object["metadata"].as_object_mut() else { return Ok(()) };
    for (key, text) in form::members(fields, "metadata") {
        if key.is_empty() || key.chars().count() > 40 {
            let message = format!(
                "Metadata keys can have up to 40 characters, but you passed in {} characters. Invalid key: {key}",
                key.chars().count()
            );
            return Err(Fault::of("metadata", message).answer(ask));
        }
        if text.chars().count() > 500 {
            let message = format!(
                "Metadata values can have up to 500 characters, but you passed in a value that is {} characters.",
                text.chars().count()
            );
            return Err(Fault::of("metadata", message).answer(ask));
        }
        match text.is_empty() {
            true => _ = metadata.remove(key),
            false => _ = metadata.insert(key.to_owned(), json!(text)),
        }
    }
    if metadata.len() > 50 {
        return Err(Fault::of("metadata", "You can have up to 50 keys of metadata.").answer(ask));
    }
    Ok(())
}
