//! Who is bought from, what is ordered, what it costs.

use sandbox::company::{Contract, OrderItem, PurchaseOrder, Supplier, SupplierInvoice};

use super::dice::{Dice, decimal};
use super::names::{SUPPLIER_NAMES, TRADES, people};

/// How many of each are made.
const SUPPLIERS: usize = 68;
const CONTRACTS: usize = 30;
const ORDERS: i64 = 240;
const INVOICES: usize = 185;

/// Country, city, currency, legal form.
const PLACES: [(&str, &str, &str, &str); 10] = [
    ("DE", "Leipzig", "EUR", "GmbH"),
    ("FR", "Nantes", "EUR", "SAS"),
    ("SE", "Göteborg", "EUR", "AB"),
    ("NL", "Utrecht", "EUR", "B.V."),
    ("PL", "Łódź", "EUR", "Sp. z o.o."),
    ("ES", "Málaga", "EUR", "S.L."),
    ("US", "Columbus", "USD", "Inc."),
    ("US", "Tampa", "USD", "LLC"),
    ("JP", "Kobe", "JPY", "K.K."),
    ("KW", "Kuwait City", "KWD", "W.L.L."),
];

/// Suppliers beside the written ones.
pub(super) fn suppliers() -> Vec<Supplier> {
    let mut dice = Dice::of("suppliers");
    (0..SUPPLIERS).map(|nth| supplier(&mut dice, nth)).collect()
}

fn supplier(dice: &mut Dice, nth: usize) -> Supplier {
    let first = SUPPLIER_NAMES[nth % SUPPLIER_NAMES.len()];
    // Two further at each round, so that no name comes twice.
    let (trade, _) = TRADES[(nth + nth / SUPPLIER_NAMES.len()) % TRADES.len()];
    let (country, city, currency, form) = dice.pick(&PLACES);
    let domain = format!("{}-{}.example", plain(first), plain(trade));
    let deliveries = dice.between(2, 60);
    let late =
        if dice.chance(20) { dice.between(0, deliveries / 2) } else { dice.between(0, deliveries / 10) };
    let (firsts, lasts) = people(currency);
    let contact = format!("{} {}", dice.pick(firsts), dice.pick(lasts));
    Supplier {
        key: format!("103000{:02}", 13 + nth),
        name: format!("{first} {trade} {form}"),
        domain: Some(domain.clone()),
        country: country.into(),
        city: city.into(),
        currency: currency.into(),
        terms: dice.pick(&["0001", "NT14", "NT30", "NT30", "NT60"]).into(),
        purchasing_block: dice.chance(4),
        payment_block: dice.chance(4),
        contact: dice.chance(88).then(|| (contact, format!("sales@{domain}"))),
        spend: dice.amount(2_000, 260_000, currency),
        deliveries: u32::try_from(deliveries).unwrap_or_default(),
        late: u32::try_from(late).unwrap_or_default(),
        created_days: -dice.between(60, 1900),
    }
}

/// A name as a part of a domain.
fn plain(name: &str) -> String {
    name.to_lowercase().replace('ø', "oe").replace(' ', "-")
}

/// Frame contracts; half of them have their paper in the library.
pub(super) fn contracts(suppliers: &[Supplier]) -> Vec<Contract> {
    let mut dice = Dice::of("contracts");
    (0..CONTRACTS)
        .map(|nth| {
            let supplier = &suppliers[nth * 2];
            let thousands = dice.between(30, 500) * 1000;
            let minor = dice.minor(thousands, thousands, &supplier.currency);
            let end_days = dice.between(-90, 540);
            let key = format!("46000000{:02}", 30 + nth);
            Contract {
                document: dice.chance(50).then(|| format!("contract-{key}")),
                key,
                supplier: supplier.key.clone(),
                text: format!("Frame contract {}", supplier.name),
                value: decimal(minor, &supplier.currency),
                called: decimal(minor * dice.between(10, 98) / 100 / 100 * 100, &supplier.currency),
                currency: supplier.currency.clone(),
                company_code: company(&supplier.currency).0.into(),
                start_days: end_days - dice.pick(&[365, 730, 1095]),
                end_days: Some(end_days),
                owner: dice.chance(90).then(|| dice.pick(&["jonas", "farah"]).into()),
            }
        })
        .collect()
}

/// Company code and plant that buy in a currency.
fn company(currency: &str) -> (&'static str, &'static str) {
    match currency {
        "USD" => ("1710", "1720"),
        "JPY" => ("1030", "1730"),
        _ => ("1010", "1710"),
    }
}

/// Orders from those who are not blocked, in the order of their numbers.
pub(super) fn orders(suppliers: &[Supplier], contracts: &[Contract]) -> Vec<PurchaseOrder> {
    let mut dice = Dice::of("purchase_orders");
    let open: Vec<&Supplier> = suppliers.iter().filter(|s| !s.purchasing_block).collect();
    (0..ORDERS)
        .map(|nth| {
            let supplier = dice.pick(&open);
            let frame = contracts.iter().find(|c| c.supplier == supplier.key && c.end_days > Some(0));
            let created_days = -1 - (ORDERS - nth) * 330 / ORDERS;
            let approval = match dice.below(100) {
                0..=2 => "rejected",
                3..=30 if created_days > -30 => "in_release",
                _ => "released",
            };
            let (company_code, plant) = company(&supplier.currency);
            let lines = dice.between(1, 3);
            PurchaseOrder {
                key: format!("45000{:05}", 900 + nth),
                supplier: supplier.key.clone(),
                company_code: company_code.into(),
                plant: plant.into(),
                currency: supplier.currency.clone(),
                approval: approval.into(),
                requester: dice.chance(97).then(|| dice.pick(&REQUESTERS).into()),
                contract: frame.filter(|_| dice.chance(70)).map(|c| c.key.clone()),
                created_days,
                items: (0..lines)
                    .map(|_| item(&mut dice, supplier, created_days, approval == "released"))
                    .collect(),
            }
        })
        .collect()
}

const REQUESTERS: [&str; 9] =
    ["chidi", "oskar", "mei", "rafael", "leila", "grace", "nadia", "marcus", "jonas"];

const CENTERS: [&str; 7] = ["CC-OPS", "CC-ENG", "CC-SUP", "CC-DAT", "CC-SAL", "CC-FIN", "CC-SEC"];

fn item(dice: &mut Dice, supplier: &Supplier, created_days: i64, released: bool) -> OrderItem {
    let trade = TRADES.iter().find(|(trade, _)| supplier.name.contains(trade)).unwrap_or(&TRADES[4]);
    let (text, low, high) = dice.pick(trade.1);
    let quantity =
        u32::try_from(if high > 1000 { dice.between(1, 12) } else { dice.between(2, 80) }).unwrap_or(1);
    let need_days = created_days + dice.between(10, 60);
    let came = match (released, need_days < 0) {
        (false, _) | (true, false) => 0,
        (true, true) if dice.chance(88) => quantity,
        (true, true) => quantity / 2,
    };
    let center = if supplier.currency == "JPY" { "CC-TYO" } else { dice.pick(&CENTERS) };
    OrderItem {
        text: text.into(),
        quantity,
        unit: "EA".into(),
        price: dice.amount(low, high, &supplier.currency),
        need_days,
        delivered: came,
        completed: came == quantity,
        cost_center: dice.chance(96).then(|| center.into()),
    }
}

/// Invoices for what came.
pub(super) fn invoices(suppliers: &[Supplier], orders: &[PurchaseOrder]) -> Vec<SupplierInvoice> {
    let mut dice = Dice::of("supplier_invoices");
    let delivered = orders.iter().filter(|o| came(o) > 0).take(INVOICES);
    (0..)
        .zip(delivered)
        .filter_map(|(nth, order)| {
            let supplier = suppliers.iter().find(|s| s.key == order.supplier)?;
            Some(invoice(&mut dice, nth, order, supplier))
        })
        .collect()
}

/// What came of an order, in minor units.
fn came(order: &PurchaseOrder) -> i64 {
    let minor = |price: &str| price.replace('.', "").parse::<i64>().unwrap_or_default();
    order.items.iter().map(|item| i64::from(item.delivered) * minor(&item.price)).sum()
}

fn invoice(dice: &mut Dice, nth: i64, order: &PurchaseOrder, supplier: &Supplier) -> SupplierInvoice {
    let needed = order.items.iter().map(|i| i.need_days).max().unwrap_or(order.created_days);
    let posted_days = (needed + dice.between(1, 20)).min(-1);
    let due_days = posted_days + term(&supplier.terms);
    let blocked = supplier.payment_block || dice.chance(7);
    let status = match (blocked, due_days < 0) {
        (true, _) => "blocked",
        (false, true) => "paid",
        (false, false) => "posted",
    };
    SupplierInvoice {
        key: format!("5105600{:03}", 200 + nth),
        supplier: order.supplier.clone(),
        reference: format!(
            "{}-{}",
            supplier.name.chars().take(1).collect::<String>(),
            1000 + dice.below(9000)
        ),
        order: Some(order.key.clone()),
        amount: decimal(came(order), &order.currency),
        currency: order.currency.clone(),
        status: status.into(),
        block: blocked.then(|| match supplier.payment_block {
            true => "manual".into(),
            false => dice.pick(&["price", "quantity"]).into(),
        }),
        posted_days,
        due_days,
        paid_days: (status == "paid").then(|| (due_days + dice.between(-3, 12)).clamp(posted_days, -1)),
    }
}

/// Days to pay.
fn term(key: &str) -> i64 {
    match key {
        "NT14" => 14,
        "NT30" => 30,
        "NT60" => 60,
        _ => 0,
    }
}
