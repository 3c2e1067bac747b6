//! What customers owe, pay and use.

use sandbox::company::{Account, CustomerInvoice, Payment, Usage};

use super::customers::camel;
use super::deals::WRITTEN;
use super::dice::Dice;

/// How many invoices and payments are made.
const INVOICES: i64 = 190;
const PAYMENTS: usize = 188;

/// Invoices of the ERP and of billing, each to who is known there, in the order of their numbers.
pub(super) fn invoices(accounts: &[Account]) -> Vec<CustomerInvoice> {
    let mut dice = Dice::of("customer_invoices");
    let billed: Vec<&Account> = accounts.iter().filter(|a| is_billed(a)).collect();
    (0..INVOICES)
        .map(|nth| {
            let account = dice.pick(&billed);
            invoice(&mut dice, account, nth)
        })
        .collect()
}

fn is_billed(account: &Account) -> bool {
    let known = account.erp_customer.is_some() || account.billing_customer.is_some();
    known && account.key != WRITTEN
}

fn invoice(dice: &mut Dice, account: &Account, nth: i64) -> CustomerInvoice {
    let by_erp = match (&account.erp_customer, &account.billing_customer) {
        (Some(_), Some(_)) => dice.chance(60),
        (erp, _) => erp.is_some(),
    };
    let closed = account.status == "closed";
    let newest = if closed { 220 } else { 2 };
    let issued_days = -newest - (INVOICES - nth) * 360 / INVOICES;
    let by_card = !by_erp && dice.chance(45);
    let due_days = (!by_card).then(|| issued_days + dice.pick(&[14, 30, 30, 60]));
    let status = status(dice, by_erp, issued_days, due_days);
    let paid_days = (status == "paid")
        .then(|| due_days.map_or(issued_days, |due| (due + dice.between(-9, 14)).clamp(issued_days, -1)));
    let (low, high) = if by_erp { (900, 48_000) } else { (29, 2_400) };
    CustomerInvoice {
        key: match by_erp {
            true => format!("90000{:03}", 200 + nth),
            false => format!("in_1Halden{}{:03}", camel(&account.key), 200 + nth),
        },
        home: if by_erp { "sap" } else { "stripe" }.into(),
        account: account.key.clone(),
        amount: dice.amount(low, high, &account.currency),
        currency: account.currency.clone(),
        status: status.into(),
        issued_days,
        due_days,
        paid_days,
        text: (dice.pick(&[
            "Platform fee, month",
            "Platform fee, quarter",
            "Transactions",
            "Card terminals",
            "Reporting subscription",
        ]))
        .into(),
    }
}

fn status(dice: &mut Dice, by_erp: bool, issued_days: i64, due_days: Option<i64>) -> &'static str {
    let late = due_days.is_some_and(|due| due < 0);
    match dice.below(100) {
        0..=3 => "void",
        4 | 5 if issued_days < -180 => "uncollectible",
        6..=9 if !by_erp && issued_days > -10 => "draft",
        _ if due_days.is_none() => "paid",
        10..=24 if late => "open",
        _ if late => "paid",
        25..=44 => "paid",
        _ => "open",
    }
}

/// A payment for every paid invoice, and charges of small sums beside, some of which went wrong.
pub(super) fn payments(accounts: &[Account], invoices: &[CustomerInvoice]) -> Vec<Payment> {
    let mut dice = Dice::of("payments");
    let paid = invoices.iter().filter_map(|i| Some((i, i.paid_days?)));
    let mut payments: Vec<Payment> =
        (0..).zip(paid).map(|(nth, (i, day))| payment(&mut dice, i, day, nth)).collect();
    let by_card: Vec<&Account> = accounts
        .iter()
        .filter(|a| is_billed(a) && a.billing_customer.is_some() && a.status == "customer")
        .collect();
    for nth in payments.len()..PAYMENTS {
        let account = dice.pick(&by_card);
        payments.push(charge(&mut dice, account, nth));
    }
    payments
}

fn payment(dice: &mut Dice, invoice: &CustomerInvoice, day: i64, nth: i64) -> Payment {
    let by_erp = invoice.home == "sap";
    let hours = day * 24 + dice.between(0, 20);
    Payment {
        key: match by_erp {
            true => format!("1400000{:03}", 200 + nth),
            false => invoice.key.replace("in_1", "ch_3"),
        },
        home: invoice.home.clone(),
        account: invoice.account.clone(),
        invoice: Some(invoice.key.clone()),
        amount: invoice.amount.clone(),
        currency: invoice.currency.clone(),
        status: "paid".into(),
        failure: None,
        card: (!by_erp).then(|| dice.pick(&CARDS).into()),
        payout: (!by_erp).then(|| payout(hours, &invoice.currency)).flatten(),
        hours,
    }
}

/// Last digits of test cards.
const CARDS: [&str; 6] = ["4242", "4444", "8210", "1117", "3222", "0005"];

fn charge(dice: &mut Dice, account: &Account, nth: usize) -> Payment {
    let hours = -dice.between(5, 6000);
    let status = dice.pick(&["paid", "paid", "paid", "failed", "refunded", "disputed"]);
    let kept = status == "paid" || status == "refunded";
    Payment {
        key: format!("ch_3Halden{}{nth:03}x", camel(&account.key)),
        home: "stripe".into(),
        account: account.key.clone(),
        invoice: None,
        amount: dice.amount(9, 400, &account.currency),
        currency: account.currency.clone(),
        status: status.into(),
        failure: (status == "failed").then(|| {
            dice.pick(&["card_declined", "insufficient_funds", "expired_card", "processing_error"]).into()
        }),
        card: Some(dice.pick(&CARDS).into()),
        payout: kept.then(|| payout(hours, &account.currency)).flatten(),
        hours,
    }
}

/// The weekly payout of a currency; what came in the last three days waits for the next.
fn payout(hours: i64, currency: &str) -> Option<String> {
    (hours < -72).then(|| format!("po_1Halden{currency}Week{:02}", -hours / 168))
}

/// Half a year of calls for every customer; the usage of some falls.
pub(super) fn usage(accounts: &[Account]) -> Vec<Usage> {
    let mut dice = Dice::of("usage");
    accounts.iter().filter(|a| a.status != "prospect").map(|account| used(&mut dice, account)).collect()
}

fn used(dice: &mut Dice, account: &Account) -> Usage {
    let base = match account.segment.as_str() {
        "enterprise" => dice.between(60_000, 300_000),
        "mid_market" => dice.between(6_000, 50_000),
        _ => dice.between(200, 5_000),
    };
    let falls = dice.chance(12);
    let week = |dice: &mut Dice, nth: i64| {
        let percent = if falls && nth < 5 { 45 + nth * 11 } else { 100 };
        let calls = base * percent / 100 * dice.between(94, 106) / 100;
        if account.status == "closed" { 0 } else { u64::try_from(calls).unwrap_or_default() }
    };
    let weeks = (0..26).map(|nth| week(dice, nth)).collect();
    Usage { account: account.key.clone(), product: "payments".into(), weeks, note: None }
}
