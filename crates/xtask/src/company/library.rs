//! What is written down.

use sandbox::company::{Account, Contract, Document, Edit};

use super::core::Core;
use super::deals::WRITTEN;
use super::dice::Dice;
use super::papers::{DESIGNS, MINUTES, POLICIES, RUNBOOKS};

/// How many minutes and customer pages are made; of the rest, one for each text or subject.
const MINUTES_WRITTEN: usize = 40;
const CUSTOMER_PAGES: usize = 28;

/// Papers of these contracts, pages about customers, runbooks, policies, designs and minutes.
pub(super) fn documents(core: &Core, contracts: &[Contract]) -> Vec<Document> {
    let mut dice = Dice::of("documents");
    let mut documents = Vec::new();
    documents.extend(contracts.iter().filter_map(|contract| paper(&mut dice, core, contract)));
    let customers = core.accounts.iter().filter(|a| a.status == "customer" && a.key != WRITTEN);
    documents.extend(customers.take(CUSTOMER_PAGES).map(|account| about(&mut dice, account)));
    documents.extend(runbooks(&mut dice, core));
    documents.extend(POLICIES.iter().enumerate().map(|(nth, policy)| self::policy(&mut dice, nth, *policy)));
    documents.extend(DESIGNS.iter().enumerate().map(|(nth, design)| self::design(&mut dice, nth, *design)));
    documents.extend((0..MINUTES_WRITTEN).map(|nth| minutes(&mut dice, nth)));
    documents
}

/// A current document of this age, written and edited by its owner.
fn blank(dice: &mut Dice, owner: &str, age: i64) -> Document {
    let mut edits =
        vec![Edit { author: owner.to_owned(), hours: -age * 24 + 5, message: "First version".into() }];
    if dice.chance(40) {
        let hours = -dice.between(1, age * 23);
        edits.push(Edit { author: dice.pick(&EDITORS).to_owned(), hours, message: "Corrected".into() });
    }
    Document {
        key: String::new(),
        home: "confluence".into(),
        space: String::new(),
        parent: None,
        kind: "page".into(),
        title: String::new(),
        text: String::new(),
        repeat: None,
        status: "current".into(),
        labels: vec!["internal".into()],
        owner: Some(owner.to_owned()),
        service: None,
        alert: None,
        topic: None,
        effective_days: None,
        review_days: None,
        created_days: -age,
        edits,
        readers: Vec::new(),
        editors: Vec::new(),
        public: false,
        comments: Vec::new(),
    }
}

const EDITORS: [&str; 8] = ["ana", "bjorn", "mei", "leila", "nadia", "oskar", "priya", "rafael"];

fn paper(dice: &mut Dice, core: &Core, contract: &Contract) -> Option<Document> {
    let supplier = core.suppliers.iter().find(|s| s.key == contract.supplier)?;
    let notice = dice.pick(&[30, 60, 90]);
    let age = -contract.start_days.min(-2);
    Some(Document {
        key: contract.document.clone()?,
        space: "LEGAL".into(),
        kind: "contract".into(),
        title: format!("Frame contract {}: {}", contract.key, supplier.name),
        text: format!(
            "Frame contract **{}** with {}, supplier {}.\n\n## Term and termination\n\nEnds with the date in the ERP; \
             {notice} days notice.\n\n## Prices\n\nFixed for the first year, then by the index.\n",
            contract.key, supplier.name, supplier.key
        ),
        labels: vec!["contract".into(), "supplier".into(), "confidential".into()],
        ..blank(dice, contract.owner.as_deref().unwrap_or("jonas"), age)
    })
}

fn about(dice: &mut Dice, account: &Account) -> Document {
    let owner = account.owner.clone().filter(|owner| owner != "erik").unwrap_or_else(|| "leila".into());
    let age = dice.between(20, 500);
    let wish =
        dice.pick(&["faster payouts", "one invoice for all shops", "a second currency", "fewer disputes"]);
    Document {
        key: format!("customer-{}", account.key),
        home: "notion".into(),
        space: "customers".into(),
        title: format!("{}: what we know", account.name),
        text: format!(
            "## Who they are\n\n{} in {}, {} people.\n\n## What they want\n\n- {wish}\n- answers within a day\n\n## \
             How to reach them\n\nThrough {owner}.\n",
            account.industry, account.city, account.employees
        ),
        labels: vec![format!("customer-{}", account.key), "confidential".into()],
        review_days: dice.chance(60).then(|| dice.between(-40, 300)),
        ..blank(dice, &owner, age)
    }
}

/// Two for each alert: for services whose runbooks are in the wiki, and whose left it.
fn runbooks(dice: &mut Dice, core: &Core) -> Vec<Document> {
    let (wiki, left): (Vec<_>, Vec<_>) =
        core.services.iter().partition(|s| s.home.iter().any(|h| h == "servicenow"));
    let mut runbooks = Vec::new();
    for (nth, (alert, symptom, steps)) in RUNBOOKS.iter().enumerate() {
        for (home, space, services) in [("confluence", "OPS", &wiki), ("notion", "team-runbooks", &left)] {
            let service = dice.pick(services);
            let owner = core.team(&service.team).first().copied().unwrap_or("oskar").to_owned();
            let age = dice.between(60, 900);
            let mut runbook = Document {
                key: format!("runbook-{nth}-{}", service.key),
                home: home.into(),
                space: space.into(),
                kind: "runbook".into(),
                title: format!("Runbook: {}, {symptom}", service.name),
                text: format!(
                    "For **{alert}** on **{}**.\n\n## Steps\n\n{steps}\n## Escalation\n\n{}.\n",
                    service.name, service.team
                ),
                labels: vec!["runbook".into(), service.key.clone(), "internal".into()],
                service: Some(service.key.clone()),
                alert: Some((*alert).into()),
                review_days: Some(dice.between(-60, 300)),
                ..blank(dice, &owner, age)
            };
            if dice.chance(12) {
                runbook.owner = None;
            }
            runbooks.push(runbook);
        }
    }
    runbooks
}

fn policy(dice: &mut Dice, nth: usize, (title, topic, rule): (&str, &str, &str)) -> Document {
    let (home, space) = if nth % 3 == 2 { ("notion", "handbook") } else { ("confluence", "POL") };
    let owner = dice.pick(&["nadia", "sven", "grace", "farah"]);
    let age = dice.between(100, 1000);
    Document {
        key: format!("policy-{}", topic.replace(' ', "-")),
        home: home.into(),
        space: space.into(),
        kind: "policy".into(),
        title: title.into(),
        text: format!("## Rule\n\n{rule}\n\n## Who answers for it\n\nThe owner of this page.\n"),
        labels: vec!["policy".into(), "internal".into()],
        topic: Some(topic.into()),
        effective_days: Some(-age + 20),
        review_days: Some(dice.between(-30, 360)),
        ..blank(dice, owner, age)
    }
}

fn design(dice: &mut Dice, nth: usize, (title, text): (&str, &str)) -> Document {
    let owner = dice.pick(&["ana", "bjorn", "mei", "oskar", "rafael"]);
    let age = dice.between(30, 800);
    let draft = dice.chance(20);
    Document {
        key: format!("design-{nth:02}"),
        space: "ENG".into(),
        title: title.into(),
        text: text.into(),
        status: if draft { "draft" } else { "current" }.into(),
        labels: if dice.chance(15) { Vec::new() } else { vec!["internal".into(), "design".into()] },
        ..blank(dice, owner, age)
    }
}

fn minutes(dice: &mut Dice, nth: usize) -> Document {
    let (title, text) = MINUTES[nth % MINUTES.len()];
    let age = 7 * (1 + i64::try_from(nth).unwrap_or_default()) - dice.between(0, 4);
    let owner = dice.pick(&EDITORS);
    Document {
        key: format!("minutes-{nth:02}"),
        home: "notion".into(),
        space: "meetings".into(),
        kind: "meeting".into(),
        title: format!("Minutes: {title}, no. {}", MINUTES_WRITTEN - nth),
        text: text.into(),
        ..blank(dice, owner, age)
    }
}
