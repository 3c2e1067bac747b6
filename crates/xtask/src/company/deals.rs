//! What is sold, renewed and talked about.

use sandbox::company::{Account, Activity, Contact, Opportunity, Renewal};

use super::dice::Dice;

/// How many opportunities and activities are made.
const OPPORTUNITIES: usize = 137;
const ACTIVITIES: usize = 230;

/// The customer whose story is written by hand gets nothing more.
pub(super) const WRITTEN: &str = "nordwind";

const PRODUCTS: [&str; 9] = [
    "card terminals",
    "instant payouts",
    "fraud scoring",
    "subscriptions",
    "invoicing",
    "reporting",
    "gift cards",
    "pay by link",
    "second currency",
];

/// Business with these accounts; what is won or lost lies in the past.
pub(super) fn opportunities(accounts: &[Account]) -> Vec<Opportunity> {
    let mut dice = Dice::of("opportunities");
    let accounts: Vec<&Account> = accounts.iter().filter(|a| a.key != WRITTEN).collect();
    (1..=OPPORTUNITIES)
        .map(|nth| {
            let account = dice.pick(&accounts);
            opportunity(&mut dice, account, nth)
        })
        .collect()
}

fn opportunity(dice: &mut Dice, account: &Account, nth: usize) -> Opportunity {
    let stage = match account.status.as_str() {
        "closed" => dice.pick(&["won", "lost"]),
        "prospect" => dice.pick(&["qualification", "discovery", "proposal", "lost"]),
        _ => dice.pick(&[
            "qualification",
            "discovery",
            "proposal",
            "proposal",
            "negotiation",
            "won",
            "won",
            "lost",
        ]),
    };
    let over = matches!(stage, "won" | "lost");
    let close_days = if over { -dice.between(2, 400) } else { dice.between(-6, 170) };
    let created_days = close_days.min(-1) - dice.between(20, 160);
    let moved_days = if over { close_days } else { -dice.between(1, -created_days) };
    let named = if dice.chance(70) || over { dice.between(2, 90) * 1000 } else { 0 };
    let product = dice.pick(&PRODUCTS);
    let kind =
        if account.status == "prospect" { "new" } else { dice.pick(&["expansion", "expansion", "renewal"]) };
    Opportunity {
        key: format!("deal-{nth:03}"),
        account: account.key.clone(),
        name: format!("{}: {product}", account.name),
        stage: stage.into(),
        kind: kind.into(),
        amount: (named > 0).then(|| dice.amount(named, named, &account.currency)),
        currency: account.currency.clone(),
        forecast: forecast(dice, stage).into(),
        owner: account.owner.clone(),
        close_days,
        created_days,
        moved_days,
        active_days: dice.chance(85).then(|| dice.between(moved_days, -1)),
        next_step: (!over && dice.chance(75)).then(|| dice.pick(&NEXT_STEPS).into()),
        lost_reason: (stage == "lost").then(|| dice.pick(&LOST_REASONS).into()),
    }
}

const NEXT_STEPS: [&str; 7] = [
    "Demo with the finance team",
    "Send the price sheet",
    "Legal reads the draft",
    "Call back after the holidays",
    "Pilot in two shops",
    "Meet the new head of IT",
    "Waiting for their board",
];

const LOST_REASONS: [&str; 5] =
    ["Price", "Stayed with their bank", "No budget this year", "Missing feature", "No answer"];

fn forecast(dice: &mut Dice, stage: &str) -> &'static str {
    match stage {
        "won" => "closed",
        "lost" => "omitted",
        "negotiation" => dice.pick(&["commit", "best_case"]),
        "proposal" => dice.pick(&["best_case", "pipeline"]),
        _ => "pipeline",
    }
}

/// What customers have agreed to, and until when.
pub(super) fn renewals(accounts: &[Account]) -> Vec<Renewal> {
    let mut dice = Dice::of("renewals");
    accounts.iter().filter(|a| a.status != "prospect").map(|account| renewal(&mut dice, account)).collect()
}

fn renewal(dice: &mut Dice, account: &Account) -> Renewal {
    let closed = account.status == "closed";
    let end_days = if closed { -dice.between(30, 300) } else { dice.between(10, 360) };
    Renewal {
        key: format!("renewal-{}", account.key),
        account: account.key.clone(),
        name: format!("{} platform agreement", account.name),
        value: dice.chance(94).then(|| {
            let value = dice.between(1, 60) * 1000;
            dice.amount(value, value, &account.currency)
        }),
        currency: account.currency.clone(),
        owner: account.owner.clone(),
        start_days: end_days - dice.pick(&[365, 365, 730, 1095]),
        end_days,
        status: if closed { "terminated" } else { "active" }.into(),
    }
}

/// What was done with customers, and what is to be done.
pub(super) fn activities(accounts: &[Account], contacts: &[Contact], deals: &[Opportunity]) -> Vec<Activity> {
    let mut dice = Dice::of("activities");
    let living: Vec<&Account> =
        accounts.iter().filter(|a| a.status != "closed" && a.key != WRITTEN).collect();
    (1..=ACTIVITIES)
        .map(|nth| {
            let account = dice.pick(&living);
            activity(&mut dice, account, contacts, deals, nth)
        })
        .collect()
}

fn activity(
    dice: &mut Dice,
    account: &Account,
    contacts: &[Contact],
    deals: &[Opportunity],
    nth: usize,
) -> Activity {
    let kind = dice.pick(&["call", "call", "meeting", "email", "email", "note", "task"]);
    let contact = some_of(dice, contacts.iter().filter(|c| c.account == account.key), 80);
    let deal = some_of(dice, deals.iter().filter(|d| d.account == account.key), 50);
    let (subject, text) = dice.pick(said(kind));
    let hours = -dice.between(8, 4300);
    let done = kind == "task" && dice.chance(55);
    Activity {
        key: format!("activity-{nth:03}"),
        account: account.key.clone(),
        contact: contact.map(|c| c.key.clone()),
        opportunity: deal.map(|d| d.key.clone()),
        kind: kind.into(),
        subject: subject.into(),
        text: (!text.is_empty()).then(|| text.into()),
        owner: account.owner.clone().filter(|owner| owner != "erik"),
        hours,
        due_days: (kind == "task").then(|| if done { hours / 24 + 5 } else { dice.between(-12, 30) }),
        done,
    }
}

/// One of them, this often in a hundred.
fn some_of<'a, T>(dice: &mut Dice, from: impl Iterator<Item = &'a T>, percent: usize) -> Option<&'a T> {
    let all: Vec<&T> = from.collect();
    (!all.is_empty() && dice.chance(percent)).then(|| dice.pick(&all))
}

/// Subject and text.
fn said(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        "call" => &[
            ("Quarterly call", "Volume is as expected. They ask for reports by store."),
            ("Call about fees", "Explained the fee for foreign cards. They will compare."),
            ("No answer", ""),
            ("Call with finance", "Invoices go to a new address from next month."),
        ],
        "meeting" => &[
            ("Kickoff", "Plan of twelve weeks agreed; their IT has two people for it."),
            ("Product tour", "Liked the portal, asked for a dark mode."),
            ("Workshop: returns", "Refunds must work without the original card."),
        ],
        "email" => &[
            ("Question about payouts", "When do payouts of a Friday arrive? Our bank says Tuesday."),
            ("Re: offer", "Thank you, we come back to you next week."),
            ("New contact", "From next month our new accountant is your contact for invoices."),
            ("Terminals", "Two terminals have arrived broken. How do we send them back?"),
        ],
        "note" => &[
            ("Reorganized", "Their payments team now reports to the finance director."),
            ("Season", "Peak is in spring; no changes then."),
        ],
        _ => &[
            ("Send the contract draft", ""),
            ("Call back", ""),
            ("Prepare numbers for the review", "Volume, refunds and disputes of the last two quarters."),
        ],
    }
}
