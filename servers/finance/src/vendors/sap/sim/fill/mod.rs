//! The demo company in SAP's tables.

mod accounting;
mod partners;
mod purchasing;

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use sandbox::company;

use super::state::Ledger;
use super::value::{Row, Value, days_after};

/// The controlling area of everything.
const AREA: &str = "HP01";

/// The first day of what was always there.
const BEGUN: Date = jiff::civil::date(2000, 1, 1);

/// The last day of a cost center as it is; the next one is planned already.
const REORGANIZED: Date = jiff::civil::date(2098, 12, 31);

/// The last day that SAP knows.
const FOREVER: Date = jiff::civil::date(9999, 12, 31);

/// The books as of `now`.
pub(super) fn ledger(now: Timestamp) -> Ledger {
    let mut books = Books { ledger: Ledger::new(), now };
    let suppliers = company::suppliers();
    partners::suppliers(&mut books, &suppliers);
    partners::customers(&mut books, &company::accounts());
    let orders = company::purchase_orders();
    purchasing::orders(&mut books, &orders, &suppliers);
    let contracts = company::contracts();
    purchasing::contracts(&mut books, &contracts, &suppliers);
    accounting::supplier_invoices(&mut books, &company::supplier_invoices(), &suppliers);
    accounting::receivables(&mut books, &company::customer_invoices(), &company::payments());
    accounting::budgets(&mut books, &company::budgets());
    let codes = orders.iter().map(|order| order.company_code.as_str());
    units(&mut books, codes.chain(contracts.iter().map(|contract| contract.company_code.as_str())).collect());
    plants(&mut books, orders.iter().map(|order| order.plant.as_str()).collect());
    books.ledger
}

/// Books in the making.
struct Books {
    ledger: Ledger,
    now: Timestamp,
}

impl Books {
    fn add<const N: usize>(&mut self, set: &str, values: [(&'static str, Value); N]) {
        self.ledger.insert(set, Row::from(values), self.now);
    }

    fn today(&self) -> Date {
        self.now.to_zoned(TimeZone::UTC).date()
    }

    /// The day this far from today.
    fn day(&self, days: i64) -> Date {
        days_after(self.today(), days)
    }
}

fn units(books: &mut Books, codes: BTreeSet<&str>) {
    for code in codes {
        books.add(
            "A_CompanyCode",
            [
                ("CompanyCode", text(code)),
                ("CompanyCodeName", text(format!("Halden Pay {code}"))),
                ("Country", text("DE")),
                ("Currency", text("EUR")),
                ("ControllingArea", text(AREA)),
            ],
        );
    }
}

fn plants(books: &mut Books, plants: BTreeSet<&str>) {
    for plant in plants {
        books.add(
            "A_Plant",
            [("Plant", text(plant)), ("PlantName", text(format!("Halden Pay plant {plant}")))],
        );
    }
}

fn text(value: impl Into<String>) -> Value {
    Value::Text(value.into())
}

/// As much of a text as a field holds.
fn cut(value: &str, length: usize) -> Value {
    Value::Text(value.chars().take(length).collect())
}

fn number(value: Decimal) -> Value {
    Value::Number(value)
}

/// A decimal text of the company's data.
fn amount(value: &str) -> Decimal {
    Decimal::from_str_exact(value).unwrap_or_default()
}

/// A sum in as many even parts, the rest with the last.
fn parts(sum: Decimal, count: u32) -> Vec<Decimal> {
    let scale = sum.scale().min(2);
    let each = (sum / Decimal::from(count)).trunc_with_scale(scale);
    let mut parts = vec![each; count as usize];
    if let Some(last) = parts.last_mut() {
        *last = sum - each * Decimal::from(count - 1);
    }
    parts
}

/// The last eight digits of a number, behind a range's first two.
fn in_range(range: &str, key: &str) -> String {
    let digits: String = key.chars().filter(char::is_ascii_digit).collect();
    let last = digits.get(digits.len().saturating_sub(8)..).unwrap_or_default();
    format!("{range}{last:0>8}")
}
