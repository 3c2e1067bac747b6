//! Customers and the people there.

use sandbox::company::{Account, Contact};

use super::dice::Dice;
use super::names::{ACCOUNTS, people};

/// Customers, prospects and the closed, each in one CRM or, some, in both.
pub(super) fn accounts() -> Vec<Account> {
    let mut dice = Dice::of("accounts");
    (0..).zip(ACCOUNTS).map(|(nth, company)| account(&mut dice, nth, company)).collect()
}

fn account(dice: &mut Dice, nth: i64, company: super::names::Company) -> Account {
    let (key, name, country, city, currency, industry) = company;
    let employees = [dice.between(6, 90), dice.between(100, 900), dice.between(1000, 9000)];
    let size = dice.below(3);
    let status =
        dice.pick(&["customer", "customer", "customer", "customer", "prospect", "prospect", "closed"]);
    let was_billed = status != "prospect";
    let by_erp = was_billed && dice.chance(55);
    let by_billing = was_billed && (!by_erp || dice.chance(40));
    Account {
        key: key.into(),
        home: homes(dice),
        name: name.into(),
        domain: format!("{key}.example"),
        segment: ["small", "mid_market", "enterprise"][size].into(),
        status: status.into(),
        country: country.into(),
        city: city.into(),
        currency: currency.into(),
        owner: owner(dice, currency),
        phone: dice.chance(60).then(|| format!("+{} 555 {:04}", country_code(country), 100 + nth)),
        industry: industry.into(),
        employees: u32::try_from(employees[size]).unwrap_or_default(),
        erp_customer: by_erp.then(|| format!("171000{:02}", 10 + nth)),
        billing_customer: by_billing.then(|| format!("cus_Halden{}", camel(key))),
        text: None,
        created_days: -dice.between(40, 1500),
    }
}

/// People at these accounts: one to three each.
pub(super) fn contacts(accounts: &[Account]) -> Vec<Contact> {
    let mut dice = Dice::of("contacts");
    let mut contacts = Vec::new();
    for account in accounts {
        for nth in 1..=dice.between(1, 3) {
            contacts.push(contact(&mut dice, account, nth));
        }
    }
    contacts
}

fn contact(dice: &mut Dice, account: &Account, nth: i64) -> Contact {
    const TITLES: [&str; 7] = [
        "Chief Financial Officer",
        "Head of E-Commerce",
        "Payments Manager",
        "Accountant",
        "Managing Director",
        "Head of IT",
        "Treasurer",
    ];
    let (first, last) = people(&account.currency);
    Contact {
        key: format!("{}-{nth}", account.key),
        account: account.key.clone(),
        first_name: dice.pick(first).into(),
        last_name: dice.pick(last).into(),
        email: dice.chance(92).then(|| format!("contact{nth}@{}", account.domain)),
        phone: None,
        title: dice.chance(85).then(|| dice.pick(&TITLES).into()),
    }
}

fn homes(dice: &mut Dice) -> Vec<String> {
    let homes: &[&str] = match dice.below(10) {
        0..=4 => &["salesforce"],
        5..=8 => &["hubspot"],
        _ => &["salesforce", "hubspot"],
    };
    homes.iter().map(|home| (*home).to_owned()).collect()
}

/// Who sells in the region of a currency; now and then nobody, or somebody who left.
fn owner(dice: &mut Dice, currency: &str) -> Option<String> {
    let seller = match currency {
        "USD" => "dana",
        "JPY" => "yuki",
        "KWD" => "ingrid",
        _ => dice.pick(&["ingrid", "tomas", "tomas"]),
    };
    match dice.below(100) {
        0..=5 => None,
        6..=9 => Some("erik".into()),
        _ => Some(seller.into()),
    }
}

/// The country's calling code.
fn country_code(country: &str) -> u16 {
    match country {
        "US" | "CA" => 1,
        "DE" => 49,
        "FR" => 33,
        "IT" => 39,
        "ES" => 34,
        "NL" => 31,
        "JP" => 81,
        "KW" => 965,
        "DK" => 45,
        "AT" => 43,
        "SE" => 46,
        "NO" => 47,
        "CL" => 56,
        "BE" => 32,
        "PL" => 48,
        "GR" => 30,
        "CZ" => 420,
        "FI" => 358,
        "PT" => 351,
        "IE" => 353,
        "MT" => 356,
        "LV" => 371,
        _ => 385,
    }
}

/// `fuji-rail` as `FujiRail`.
pub(super) fn camel(key: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    key.split('-').filter(|w| !w.is_empty()).map(word).collect()
}
