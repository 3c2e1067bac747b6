//! `POST /v1/refunds` (docs.stripe.com/api/refunds/create).

use sandbox::{Answer, Ask};
use serde_json::{Value, json};

use super::books::Books;
use super::expand::expand;
use super::form;
use super::refusal::{Fault, missing, number, shown, unknown, unlisted};
use super::{shape, write};

const KNOWN: [&str; 9] = [
    "amount",
    "charge",
    "expand",
    "instructions_email",
    "metadata",
    "payment_intent",
    "reason",
    "refund_application_fee",
    "reverse_transfer",
];

const REASONS: [&str; 3] = ["duplicate", "fraudulent", "requested_by_customer"];

pub(super) fn create(books: &mut Books, ask: &Ask) -> sandbox::Reply {
    ask.require_scope("charge_write")?;
    let fields = ask.form();
    form::known(&fields, &KNOWN).map_err(|name| unknown(ask, &name))?;
    let reason = form::value(&fields, "reason");
    if reason.is_some_and(|reason| !REASONS.contains(&reason)) {
        return Err(unlisted(ask, "reason", "duplicate, fraudulent, or requested_by_customer"));
    }
    let charge = charge(books, ask, &fields)?;
    let amount = amount(ask, &fields, &charge)?;
    let id = books.next_id("re_");
    let mut refund = shape::refund(&id, &charge, amount, reason, ask.now.as_second());
    write::set_metadata(ask, &fields, &mut refund)?;
    let transaction = id.replacen("re_", "txn_", 1);
    refund["balance_transaction"] = json!(transaction);
    books.put(shape::transaction(&transaction, "refund", &refund, -amount, ask.now.as_second()));
    books.put(refund.clone());
    books.put(given_back(charge, amount));
    expand(books, ask, refund).map(shown)
}

/// The charge meant, by its id or by its payment intent.
fn charge(books: &Books, ask: &Ask, fields: &[(String, String)]) -> Result<Value, Answer> {
    let (param, id) = match (form::value(fields, "charge"), form::value(fields, "payment_intent")) {
        (Some(id), _) => ("charge", id),
        (None, Some(id)) => ("payment_intent", id),
        (None, None) => {
            let message =
                "One of the following params should be provided for this request: payment_intent or charge.";
            return Err(Fault::of("charge", message).answer(ask));
        }
    };
    let found = match param {
        "charge" => books.get("charge", id),
        _ => books.get("payment_intent", id).and_then(|intent| books.any(intent["latest_charge"].as_str()?)),
    };
    found.cloned().ok_or_else(|| missing(ask, param, id, param))
}

/// How much, if that much is left. Errors: 400.
fn amount(ask: &Ask, fields: &[(String, String)], charge: &Value) -> Result<i64, Answer> {
    let id = charge["id"].as_str().unwrap_or_default();
    let refuse =
        |code: &'static str, message: String| Err(Fault::of("charge", message).coded(code).answer(ask));
    if charge["paid"] != true {
        return Err(Fault::of("charge", format!("Charge {id} has not been paid.")).answer(ask));
    }
    if charge["disputed"] == true {
        return refuse(
            "charge_disputed",
            format!("Charge {id} has been charged back; cannot issue a refund."),
        );
    }
    if charge["captured"] != true {
        return Err(Fault::of("charge", format!("Charge {id} has not been captured.")).answer(ask));
    }
    let left = charge["amount"].as_i64().unwrap_or_default()
        - charge["amount_refunded"].as_i64().unwrap_or_default();
    if left == 0 {
        return refuse("charge_already_refunded", format!("Charge {id} has already been refunded."));
    }
    let Some(text) = form::value(fields, "amount") else { return Ok(left) };
    let amount = number(ask, "amount", text)?;
    if amount < 1 {
        let fault = Fault::of("amount", "This value must be greater than or equal to 1.");
        return Err(fault.coded("parameter_invalid_integer").answer(ask));
    }
    let is_three_decimal = ["bhd", "jod", "kwd", "omr", "tnd"].iter().any(|code| charge["currency"] == *code);
    if is_three_decimal && amount % 10 != 0 {
        return Err(
            Fault::of("amount", "Amounts in three-decimal currencies must be a multiple of 10.").answer(ask)
        );
    }
    if amount > left {
        let message =
            format!("Refund amount ({amount}) is greater than unrefunded amount on charge ({left})");
        return Err(Fault::of("amount", message).answer(ask));
    }
    Ok(amount)
}

fn given_back(mut charge: Value, amount: i64) -> Value {
    let total = charge["amount_refunded"].as_i64().unwrap_or_default() + amount;
    charge["amount_refunded"] = json!(total);
    charge["refunded"] = json!(charge["amount"] == total);
    charge
}
