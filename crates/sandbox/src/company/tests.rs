//! The company hangs together, and holds what reality holds.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::backlog::{Backlog, backlog};
use super::*;

#[test]
fn every_section_reads() {
    for (section, read) in all_sections() {
        assert!(read.as_ref().is_ok_and(|records| *records > 0), "{section}: {read:?}");
    }
    backlog::read().unwrap();
}

#[test]
fn it_is_as_large_as_a_company_is() {
    let sizes: BTreeMap<_, _> = all_sections().into_iter().map(|(n, read)| (n, read.unwrap_or(0))).collect();
    let invoices = sizes["customer_invoices"] + sizes["supplier_invoices"];
    let asked = [
        (sizes["accounts"], 60),
        (sizes["opportunities"], 150),
        (sizes["cases"], 80),
        (sizes["incidents"], 299),
        (sizes["changes"], 120),
        (backlog().issues.len(), 600),
        (sizes["documents"], 150),
        (sizes["suppliers"], 80),
        (sizes["purchase_orders"], 250),
        (invoices, 400),
        (sizes["payments"], 200),
    ];
    for (found, wanted) in asked {
        assert!(found >= wanted && found <= wanted + 10, "{found}, not about {wanted}");
    }
}

/// The keys of a section; twice the same is a mistake.
fn keys<T>(section: &str, records: &[T], key: impl Fn(&T) -> &str) -> BTreeSet<String> {
    let keys: BTreeSet<String> = records.iter().map(|r| key(r).to_owned()).collect();
    assert_eq!(keys.len(), records.len(), "a key comes twice in {section}");
    keys
}

/// What may be referred to.
struct Known {
    people: BTreeSet<String>,
    teams: BTreeSet<String>,
    accounts: BTreeSet<String>,
    contacts: BTreeMap<String, String>,
    opportunities: BTreeMap<String, String>,
    services: BTreeSet<String>,
    incidents: BTreeMap<String, String>,
    suppliers: BTreeSet<String>,
    orders: BTreeMap<String, String>,
    contracts: BTreeMap<String, String>,
    invoices: BTreeMap<String, String>,
    documents: BTreeSet<String>,
    spaces: BTreeMap<String, String>,
    centers: BTreeSet<String>,
}

impl Known {
    fn read() -> Self {
        let owners = |pairs: Vec<(String, String)>| pairs.into_iter().collect();
        Self {
            people: keys("people", &people(), |p| &p.handle),
            teams: people().into_iter().map(|p| p.team).collect(),
            accounts: keys("accounts", &accounts(), |a| &a.key),
            contacts: owners(contacts().into_iter().map(|c| (c.key, c.account)).collect()),
            opportunities: owners(opportunities().into_iter().map(|o| (o.key, o.account)).collect()),
            services: keys("services", &services(), |s| &s.key),
            incidents: owners(incidents().into_iter().map(|i| (i.key, i.home)).collect()),
            suppliers: keys("suppliers", &suppliers(), |s| &s.key),
            orders: owners(purchase_orders().into_iter().map(|o| (o.key, o.supplier)).collect()),
            contracts: owners(contracts().into_iter().map(|c| (c.key, c.supplier)).collect()),
            invoices: owners(customer_invoices().into_iter().map(|i| (i.key, i.account)).collect()),
            documents: keys("documents", &documents(), |d| &d.key),
            spaces: owners(spaces().into_iter().map(|s| (s.key, s.home)).collect()),
            centers: budgets().into_iter().map(|b| b.key).collect(),
        }
    }

    #[track_caller]
    fn person(&self, handle: Option<&String>) {
        assert!(handle.is_none_or(|h| self.people.contains(h)), "nobody is {handle:?}");
    }

    #[track_caller]
    fn account(&self, key: &str) {
        assert!(self.accounts.contains(key), "no account {key}");
    }
}

/// A reference to something that belongs to the same owner.
#[track_caller]
fn belongs(known: &BTreeMap<String, String>, key: Option<&String>, owner: &str) {
    assert!(key.is_none_or(|key| known.get(key).is_some_and(|o| o == owner)), "{key:?} is not of {owner}");
}

#[test]
fn no_key_comes_twice() {
    keys("contacts", &contacts(), |r| &r.key);
    keys("opportunities", &opportunities(), |r| &r.key);
    keys("activities", &activities(), |r| &r.key);
    keys("renewals", &renewals(), |r| &r.key);
    keys("cases", &cases(), |r| &r.key);
    keys("incidents", &incidents(), |r| &r.key);
    keys("alerts", &alerts(), |r| &r.key);
    keys("changes", &changes(), |r| &r.key);
    keys("on_call", &on_call(), |r| &r.key);
    keys("spaces", &spaces(), |r| &r.key);
    keys("purchase_orders", &purchase_orders(), |r| &r.key);
    keys("contracts", &contracts(), |r| &r.key);
    keys("supplier_invoices", &supplier_invoices(), |r| &r.key);
    keys("customer_invoices", &customer_invoices(), |r| &r.key);
    keys("payments", &payments(), |r| &r.key);
    keys("emails", &people(), |r| &r.email);
    keys("logins", &people(), |r| &r.login);
    keys("account ids", &people(), |r| &r.account_id);
    keys("domains", &accounts(), |r| &r.domain);
    let years: Vec<_> = budgets().into_iter().map(|b| format!("{} {}", b.key, b.year)).collect();
    keys("budgets", &years, |y| y);
    let used: Vec<_> = usage().into_iter().map(|u| format!("{} {}", u.account, u.product)).collect();
    keys("usage", &used, |u| u);
    let issues: Vec<_> = backlog().issues.iter().map(|i| format!("{}-{}", i.project, i.number)).collect();
    keys("issues", &issues, |i| i);
    let billed: Vec<_> =
        accounts().into_iter().flat_map(|a| [a.erp_customer, a.billing_customer]).flatten().collect();
    keys("customer numbers", &billed, |n| n);
}

#[test]
fn customers_refer_to_what_is_there() {
    let known = Known::read();
    for account in accounts() {
        known.person(account.owner.as_ref());
        assert!(!account.home.is_empty(), "{} is nowhere", account.key);
        let billed = account.erp_customer.is_some() || account.billing_customer.is_some();
        assert!(billed || account.status != "customer", "{} pays nowhere", account.key);
    }
    contacts().iter().for_each(|c| known.account(&c.account));
    for deal in opportunities() {
        known.account(&deal.account);
        known.person(deal.owner.as_ref());
        assert_eq!(deal.lost_reason.is_some(), deal.stage == "lost", "{}", deal.key);
        assert!(deal.created_days < deal.close_days && deal.created_days <= deal.moved_days, "{}", deal.key);
    }
    for activity in activities() {
        known.account(&activity.account);
        known.person(activity.owner.as_ref());
        belongs(&known.contacts, activity.contact.as_ref(), &activity.account);
        belongs(&known.opportunities, activity.opportunity.as_ref(), &activity.account);
        assert_eq!(activity.due_days.is_some(), activity.kind == "task", "{}", activity.key);
    }
    for renewal in renewals() {
        known.account(&renewal.account);
        known.person(renewal.owner.as_ref());
    }
    for case in cases() {
        known.account(&case.account);
        known.person(case.owner.as_ref());
        belongs(&known.contacts, case.contact.as_ref(), &case.account);
        case.comments.iter().for_each(|c| known.person(c.author.as_ref()));
        assert!(case.created_hours <= case.updated_hours && case.updated_hours < 0, "{}", case.key);
    }
}

#[test]
fn the_desk_refers_to_what_is_there() {
    let known = Known::read();
    let homes: BTreeMap<_, _> = services().into_iter().map(|s| (s.key, s.home)).collect();
    let at_home = |service: &str, home: &String| homes.get(service).is_some_and(|h| h.contains(home));
    for service in services() {
        assert!(known.teams.contains(&service.team), "{}", service.key);
    }
    for incident in incidents() {
        [&incident.assignee, &incident.opener].into_iter().for_each(|p| known.person(p.as_ref()));
        incident.account.iter().for_each(|a| known.account(a));
        incident.notes.iter().for_each(|n| known.person(n.author.as_ref()));
        belongs(&known.incidents, incident.parent.as_ref(), &incident.home);
        assert!(incident.service.as_ref().is_none_or(|s| at_home(s, &incident.home)), "{}", incident.key);
        assert!(incident.team.as_ref().is_none_or(|t| known.teams.contains(t)), "{}", incident.key);
        let over = matches!(incident.state.as_str(), "resolved" | "closed");
        assert_eq!(incident.resolved_hours.is_some(), over, "{}", incident.key);
        assert!(incident.opened_hours <= incident.resolved_hours.unwrap_or(0), "{}", incident.key);
    }
    for alert in alerts() {
        assert!(at_home(&alert.service, &alert.home), "{}", alert.key);
        belongs(&known.incidents, alert.incident.as_ref(), &alert.home);
        assert!(alert.incident.is_some() || alert.home != "pagerduty", "{} rang for nothing", alert.key);
        assert!(alert.first_minutes <= alert.last_minutes && alert.last_minutes < 0, "{}", alert.key);
    }
    for change in changes() {
        assert!(at_home(&change.service, &change.home), "{}", change.key);
        known.person(change.requester.as_ref());
        assert_eq!(change.state == "scheduled", change.start_hours > 0, "{}", change.key);
    }
    for shift in on_call() {
        known.person(Some(&shift.person));
        assert!(known.teams.contains(&shift.team) && shift.from_hours < shift.until_hours, "{}", shift.key);
    }
}

#[test]
fn the_library_refers_to_what_is_there() {
    let known = Known::read();
    for document in documents() {
        belongs(&known.spaces, Some(&document.space), &document.home);
        known.person(document.owner.as_ref());
        assert!(document.parent.as_ref().is_none_or(|p| known.documents.contains(p)), "{}", document.key);
        assert!(document.service.as_ref().is_none_or(|s| known.services.contains(s)), "{}", document.key);
        document.edits.iter().for_each(|e| known.person(Some(&e.author)));
        document.comments.iter().for_each(|c| known.person(Some(&c.author)));
        document.readers.iter().chain(&document.editors).for_each(|p| known.person(Some(p)));
        let hours: Vec<i64> = document.edits.iter().map(|e| e.hours).collect();
        assert!(!hours.is_empty() && hours.is_sorted() && hours.iter().all(|h| *h < 0), "{}", document.key);
        let about = document.labels.iter().filter_map(|label| label.strip_prefix("customer-"));
        about.for_each(|key| known.account(key));
    }
    for space in spaces() {
        assert!(space.readers.iter().all(|team| known.teams.contains(team)), "{}", space.key);
    }
}

#[test]
fn money_refers_to_what_is_there() {
    let known = Known::read();
    for order in purchase_orders() {
        assert!(known.suppliers.contains(&order.supplier), "{}", order.key);
        known.person(order.requester.as_ref());
        belongs(&known.contracts, order.contract.as_ref(), &order.supplier);
        for item in &order.items {
            assert!(item.cost_center.as_ref().is_none_or(|c| known.centers.contains(c)), "{}", order.key);
            assert!(item.delivered <= item.quantity, "{}", order.key);
        }
    }
    for contract in contracts() {
        assert!(known.suppliers.contains(&contract.supplier), "{}", contract.key);
        assert!(contract.document.as_ref().is_none_or(|d| known.documents.contains(d)), "{}", contract.key);
        known.person(contract.owner.as_ref());
    }
    for invoice in supplier_invoices() {
        assert!(known.suppliers.contains(&invoice.supplier), "{}", invoice.key);
        belongs(&known.orders, invoice.order.as_ref(), &invoice.supplier);
        assert_eq!(invoice.block.is_some(), invoice.status == "blocked", "{}", invoice.key);
        assert_eq!(invoice.paid_days.is_some(), invoice.status == "paid", "{}", invoice.key);
    }
    budgets().iter().for_each(|b| known.person(b.owner.as_ref()));
    usage().iter().for_each(|u| known.account(&u.account));
}

#[test]
fn what_customers_owe_is_kept_where_they_are_known() {
    let known = Known::read();
    let accounts: BTreeMap<_, _> = accounts().into_iter().map(|a| (a.key.clone(), a)).collect();
    let is_known = |key: &str, home: &str| match home {
        "sap" => accounts[key].erp_customer.is_some(),
        _ => accounts[key].billing_customer.is_some(),
    };
    for invoice in customer_invoices() {
        assert!(is_known(&invoice.account, &invoice.home), "{}", invoice.key);
        assert_eq!(invoice.paid_days.is_some(), invoice.status == "paid", "{}", invoice.key);
    }
    for payment in payments() {
        assert!(is_known(&payment.account, &payment.home), "{}", payment.key);
        belongs(&known.invoices, payment.invoice.as_ref(), &payment.account);
        assert_eq!(payment.failure.is_some(), payment.status == "failed", "{}", payment.key);
    }
    let used: BTreeSet<_> = usage().into_iter().map(|u| u.account).collect();
    let customers = accounts.values().filter(|a| a.status == "customer");
    for account in customers {
        assert!(used.contains(&account.key), "{} uses nothing", account.key);
    }
}

#[test]
fn the_backlog_names_only_what_it_holds() {
    let known = Known::read();
    let Backlog { projects, iterations, releases, issues, pulls, .. } = backlog();
    let held = |key: &str| projects.iter().any(|p| p.key == key);
    for issue in issues {
        assert!(held(&issue.project), "{}", issue.title);
        known.person(Some(&issue.reporter));
        known.person(issue.assignee.as_ref());
        issue.comments.iter().for_each(|c| known.person(Some(&c.author)));
        issue.labels.iter().filter_map(|l| l.strip_prefix("customer:")).for_each(|key| known.account(key));
        assert!(issue.iteration.as_ref().is_none_or(|name| iterations.iter().any(|i| i.name == *name)));
        assert!(issue.release.as_ref().is_none_or(|name| releases.iter().any(|r| r.name == *name)));
    }
    for pull in pulls {
        assert!(held(&pull.project), "{}", pull.title);
        known.person(Some(&pull.author));
    }
}

/// Every amount anywhere, with its currency, has the decimals of ISO 4217.
#[test]
fn amounts_have_the_decimals_of_their_currency() {
    let right = |amount: &str, currency: &str| {
        let decimals = amount.split_once('.').map_or(0, |(_, d)| d.len());
        decimals
            == match currency {
                "JPY" => 0,
                "KWD" => 3,
                _ => 2,
            }
            && amount.parse::<f64>().is_ok()
    };
    let mut amounts: Vec<(String, String)> = Vec::new();
    let mut add = |amount: &str, currency: &str| amounts.push((amount.to_owned(), currency.to_owned()));
    opportunities().iter().for_each(|o| o.amount.iter().for_each(|a| add(a, &o.currency)));
    renewals().iter().for_each(|r| r.value.iter().for_each(|v| add(v, &r.currency)));
    suppliers().iter().for_each(|s| add(&s.spend, &s.currency));
    purchase_orders().iter().for_each(|o| o.items.iter().for_each(|i| add(&i.price, &o.currency)));
    contracts().iter().for_each(|c| [&c.value, &c.called].into_iter().for_each(|a| add(a, &c.currency)));
    supplier_invoices().iter().for_each(|i| add(&i.amount, &i.currency));
    customer_invoices().iter().for_each(|i| add(&i.amount, &i.currency));
    payments().iter().for_each(|p| add(&p.amount, &p.currency));
    budgets()
        .iter()
        .for_each(|b| [&b.budget, &b.committed, &b.actual].into_iter().for_each(|a| add(a, &b.currency)));
    for (amount, currency) in &amounts {
        assert!(right(amount, currency), "{amount} {currency}");
    }
    let currencies: BTreeSet<&str> = amounts.iter().map(|(_, c)| c.as_str()).collect();
    assert_eq!(currencies, BTreeSet::from(["EUR", "JPY", "KWD", "USD"]));
}

#[test]
fn what_reality_holds_is_planted() {
    let accounts = accounts();
    assert!(accounts.iter().any(|a| a.home.len() == 2), "an account in both CRMs");
    assert!(accounts.iter().any(|a| a.owner.is_none()) && accounts.iter().any(|a| a.status == "closed"));
    assert!(accounts.iter().any(|a| !a.name.is_ascii()));
    let people = people();
    let names: BTreeSet<_> = people.iter().map(|p| &p.name).collect();
    assert!(names.len() < people.len(), "two people of one name");
    let left = people.iter().find(|p| p.left).unwrap();
    assert!(accounts.iter().any(|a| a.owner.as_ref() == Some(&left.handle)), "one who left still owns");

    let cases = cases();
    let said = |words: &str| {
        let in_comment = |c: &CaseComment| c.text.contains(words);
        cases
            .iter()
            .any(|c| c.text.as_ref().is_some_and(|t| t.contains(words)) || c.comments.iter().any(in_comment))
    };
    for words in
        ["4111 1111 1111 1111", "DE89 3704", "Ignore all previous instructions", "\u{200b}", "\u{202e}"]
    {
        assert!(said(words), "{words:?}");
    }
    let mixed = |c: &Case| c.comments.iter().any(|c| c.public) && c.comments.iter().any(|c| !c.public);
    assert!(cases.iter().any(mixed), "a comment for the customer beside an internal one");
    let long = |text: &Option<String>, times| text.as_ref().map_or(0, String::len) * times > 60_000;
    assert!(cases.iter().any(|c| c.repeat.is_some_and(|times| long(&c.text, times))));
}

#[test]
fn what_compliance_looks_for_is_there() {
    let hours = |i: &Incident| i.category == "privacy" && i.opened_hours > -24;
    assert!(incidents().iter().filter(|i| hours(i)).count() >= 2);
    let clock = |stage: &str, soon: i64| {
        let within = |s: &Sla| s.stage == stage && s.due_minutes < soon;
        incidents().iter().any(|i| i.resolved_hours.is_none() && i.slas.iter().any(within))
    };
    assert!(clock("breached", 0) && clock("in_progress", 60));
    let documents = documents();
    let any = |what: fn(&Document) -> bool| documents.iter().any(what);
    assert!(any(|d| d.owner.is_none()) && any(|d| d.labels.is_empty()) && any(|d| d.public));
    assert!(any(|d| d.review_days.is_some_and(|days| days < 0)));
    assert!(any(|d| d.status == "draft" && d.created_days < -90));
    assert!(any(|d| d.kind == "policy" && d.effective_days.is_some_and(|days| days > 0)));
    assert!(purchase_orders().iter().any(|o| o.approval == "in_release" && o.created_days < -14));
    let open = |o: &&Opportunity| !matches!(o.stage.as_str(), "won" | "lost");
    assert!(opportunities().iter().filter(open).any(|o| o.amount.is_none() && o.next_step.is_none()));
}

#[test]
fn the_storm_has_a_past_a_cause_and_a_cure() {
    let storm = incidents().into_iter().find(|i| i.state == "triggered" && i.priority == 1).unwrap();
    let (service, signature) = (storm.service.unwrap(), storm.signature.unwrap());
    let of_storm = |a: &&Alert| a.signature.as_ref() == Some(&signature) && a.state == "open";
    assert!(alerts().iter().filter(of_storm).filter(|a| a.sample.is_some()).count() >= 4);
    let past = |i: &&Incident| i.signature.as_ref() == Some(&signature) && i.resolution.is_some();
    assert!(incidents().iter().filter(past).count() >= 2);
    let shortly = |c: &&ChangeRequest| c.service == service && c.start_hours < storm.opened_hours;
    assert!(changes().iter().filter(shortly).any(|c| c.start_hours > storm.opened_hours - 4));
    let service = services().into_iter().find(|s| s.key == service).unwrap();
    assert_eq!(service.remediations.iter().filter(|r| r.helps).count(), 1);
    assert!(service.remediations.len() > 1);
    let runbook = documents().into_iter().find(|d| d.alert.as_ref() == Some(&signature)).unwrap();
    assert!(runbook.text.contains("## Steps") && runbook.text.contains(&service.name));
}

#[test]
fn a_budget_is_nearly_used_up_and_contracts_end_in_every_next_quarter() {
    let minor = |text: &str| text.replace('.', "").parse::<i64>().unwrap();
    let left = |b: &Budget| minor(&b.budget) - minor(&b.committed) - minor(&b.actual);
    assert!(budgets().iter().any(|b| b.year == 0 && left(b) * 50 < minor(&b.budget)));
    // Whatever today is, the next quarter begins in 1 to 92 days and lasts at least 90.
    let ends: Vec<i64> =
        contracts().iter().filter(|c| c.document.is_some()).filter_map(|c| c.end_days).collect();
    for begins in 1..=92 {
        assert!(ends.iter().any(|day| (begins..begins + 90).contains(day)), "none ends in {begins} days");
    }
}

/// A field that nobody knows is a mistake in a file, not something to pass over.
#[test]
fn unknown_fields_do_not_read() {
    let mut record = serde_json::to_value(&suppliers()[0]).unwrap();
    record["colour"] = Value::from("green");
    assert!(read::<Supplier>("", &record.to_string()).is_err());
}
