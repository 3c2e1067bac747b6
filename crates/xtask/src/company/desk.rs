//! What broke, what rang, what was changed.

use std::collections::BTreeSet;

use sandbox::company::{Account, Alert, ChangeRequest, Incident, Note, Service, Sla};

use super::core::Core;
use super::deals::WRITTEN;
use super::dice::Dice;

/// Title, category, signature, how it ended.
type Trouble = (&'static str, &'static str, &'static str, &'static str);

/// None of them bears the signature of the storm: its past is written by hand.
const TROUBLES: [Trouble; 12] = [
    (
        "slow answers in the morning",
        "degradation",
        "ERR_UPSTREAM_SLOW",
        "A batch job was moved to the night.",
    ),
    (
        "errors after a certificate ran out",
        "outage",
        "ERR_TLS_EXPIRED",
        "Certificate renewed; a reminder was added.",
    ),
    ("queue grows", "degradation", "ERR_QUEUE_LAG", "A stuck consumer was replaced."),
    ("disk nearly full", "degradation", "ERR_DISK_FULL", "Old logs removed, the limit raised."),
    ("memory grows until restart", "degradation", "ERR_OUT_OF_MEMORY", "Leak fixed in the next version."),
    ("wrong totals on one page", "degradation", "ERR_ROUNDING", "Rounding corrected, pages rebuilt."),
    ("users are signed out at random", "degradation", "ERR_SESSION_LOST", "Clock of one host was wrong."),
    ("unreachable from one region", "outage", "ERR_ROUTE", "The provider mended a cable."),
    ("scan finds an old library", "security", "", "Library replaced."),
    ("many failed sign-ins from one network", "security", "ERR_SIGNIN_FLOOD", "Network was blocked."),
    ("a file with names was left on a shared drive", "privacy", "", "File removed; nobody had opened it."),
    ("please give access to a new colleague", "request", "", "Access granted."),
];

/// ServiceNow incidents in the order of their numbers, then PagerDuty's; the written ones keep theirs.
pub(super) fn incidents(core: &Core) -> Vec<Incident> {
    let mut dice = Dice::of("incidents");
    let taken: BTreeSet<&str> = core.incidents.iter().map(|i| i.key.as_str()).collect();
    let numbered = (0..195).map(|nth| 9810 + nth * 2).map(|n| (format!("INC{n:07}"), opened(n)));
    let rung = (0..90).map(|nth| 4360 + nth * 5).map(|n| (n.to_string(), (n - 4820) * 5));
    let kept = |(key, _): &(String, i64)| !taken.contains(key.as_str());
    let mut incidents = Vec::new();
    for (home, keys) in [
        ("servicenow", numbered.filter(kept).collect::<Vec<_>>()),
        ("pagerduty", rung.filter(kept).collect()),
    ] {
        let services = known(&core.services, home);
        for (key, hours) in keys {
            let service = dice.pick(&services);
            incidents.push(incident(&mut dice, core, home, service, (key, hours.min(-30))));
        }
    }
    incidents
}

/// When an incident of this number came, along the written ones.
fn opened(number: i64) -> i64 {
    const KNOWN: [(i64, i64); 7] = [
        (9800, -7200),
        (10023, -1010),
        (10041, -900),
        (10066, -620),
        (10087, -456),
        (10193, -170),
        (10200, -30),
    ];
    let next = KNOWN.iter().position(|(n, _)| number < *n).unwrap_or(KNOWN.len() - 1).max(1);
    let ((n0, h0), (n1, h1)) = (KNOWN[next - 1], KNOWN[next]);
    h0 + (h1 - h0) * (number - n0) / (n1 - n0)
}

fn incident(
    dice: &mut Dice,
    core: &Core,
    home: &str,
    service: &Service,
    (key, hours): (String, i64),
) -> Incident {
    let (what, category, signature, end) = dice.pick(&TROUBLES);
    let members = core.team(&service.team);
    let took = dice.between(1, 60).min(-hours - 1).max(1);
    // Only the written trouble of the checkout lives.
    let over = hours < -200 || service.key == "checkout-api" || dice.chance(60);
    let priority = match category {
        "outage" => dice.pick(&[1, 2]),
        "request" => dice.pick(&[4, 5]),
        _ => dice.pick(&[2, 3, 3, 4]),
    };
    let assignee = (over || dice.chance(70)).then(|| dice.pick(&members).to_owned());
    let account =
        (home == "servicenow" && dice.chance(20)).then(|| dice.pick(&customers(&core.accounts)).key.clone());
    let mut incident = Incident {
        key,
        home: home.into(),
        title: format!("{}: {what}", service.name),
        text: dice.chance(70).then(|| TEXTS[dice.below(TEXTS.len())].into()),
        repeat: None,
        service: Some(service.key.clone()),
        item: (home == "servicenow" && !service.items.is_empty()).then(|| dice.among(&service.items).clone()),
        state: state(dice, home, over, assignee.is_some()).into(),
        priority,
        category: category.into(),
        team: Some(service.team.clone()),
        assignee,
        opener: (home == "servicenow" && dice.chance(50))
            .then(|| dice.pick(&["leila", "ana2", "grace", "mei"]).into()),
        account,
        opened_hours: hours,
        resolved_hours: over.then_some(hours + took),
        resolution: over.then(|| end.into()),
        parent: None,
        problem: (home == "servicenow" && dice.chance(12))
            .then(|| format!("PRB004{:04}", dice.between(20, 32))),
        signature: (!signature.is_empty()).then(|| signature.into()),
        notes: Vec::new(),
        slas: Vec::new(),
    };
    incident.notes = notes(dice, &incident);
    incident.slas = clocks(dice, &incident);
    incident
}

const TEXTS: [&str; 5] = [
    "Seen by monitoring; no customer has called yet.",
    "Two merchants called within ten minutes.",
    "Only in the EU region.",
    "Began after the nightly jobs.",
    "Cannot be reproduced in staging.",
];

fn customers(accounts: &[Account]) -> Vec<&Account> {
    accounts.iter().filter(|a| a.status == "customer" && a.key != WRITTEN).collect()
}

fn state(dice: &mut Dice, home: &str, over: bool, taken: bool) -> &'static str {
    match (home, over, taken) {
        ("pagerduty", true, _) => "resolved",
        ("pagerduty", false, true) => "acknowledged",
        ("pagerduty", false, false) => "triggered",
        (_, true, _) => dice.pick(&["resolved", "closed", "closed"]),
        (_, false, true) => dice.pick(&["in_progress", "in_progress", "on_hold"]),
        (_, false, false) => "new",
    }
}

fn notes(dice: &mut Dice, incident: &Incident) -> Vec<Note> {
    const WORK: [&str; 5] = [
        "Looking at it.",
        "Logs show nothing before the first error.",
        "Rolled the last change back to be sure.",
        "Waiting for the provider.",
        "Numbers are back to normal; watching for an hour.",
    ];
    let Some(author) = &incident.assignee else { return Vec::new() };
    let last = incident.resolved_hours.unwrap_or(-1);
    let mut said: Vec<Note> = (0..dice.between(0, 2))
        .map(|_| Note {
            author: Some(author.clone()),
            hours: dice.between(incident.opened_hours, last.max(incident.opened_hours)),
            text: dice.pick(&WORK).into(),
            public: false,
        })
        .collect();
    if incident.account.is_some() && incident.resolved_hours.is_some() {
        let text = "It works again. Thank you for telling us.".to_owned();
        said.push(Note { author: Some(author.clone()), hours: last, text, public: true });
    }
    said.sort_by_key(|note| note.hours);
    said
}

/// ServiceNow's clocks: those of the living run on, those of the others are decided.
fn clocks(dice: &mut Dice, incident: &Incident) -> Vec<Sla> {
    let (name, hours) = match incident.priority {
        1 => ("Priority 1 resolution (4 hours)", 4),
        2 => ("Priority 2 resolution (8 hours)", 8),
        3 => ("Priority 3 resolution (2 days)", 48),
        _ => return Vec::new(),
    };
    if incident.home != "servicenow" || incident.category == "request" {
        return Vec::new();
    }
    let due = incident.opened_hours + hours;
    let stage = match incident.resolved_hours {
        Some(end) if end <= due => "completed",
        Some(_) => "breached",
        None if incident.state == "on_hold" => "paused",
        None if due < 0 => "breached",
        None => "in_progress",
    };
    // A paused clock has time left.
    let due_minutes = if stage == "paused" { dice.between(300, 2000) } else { due * 60 };
    vec![Sla { name: name.into(), target: "resolution".into(), due_minutes, stage: stage.into() }]
}

/// One or two alerts for what monitoring can see.
pub(super) fn alerts(incidents: &[Incident]) -> Vec<Alert> {
    let mut dice = Dice::of("alerts");
    let mut alerts = Vec::new();
    for incident in incidents.iter().filter(|i| i.signature.is_some()) {
        let (Some(service), Some(signature)) = (&incident.service, &incident.signature) else { continue };
        let wanted =
            if incident.home == "pagerduty" { dice.between(1, 2) } else { i64::from(dice.chance(35)) };
        for nth in 1..=wanted {
            let first = incident.opened_hours * 60 - dice.between(1, 9);
            let last = incident.resolved_hours.map_or(-dice.between(1, 30), |end| end * 60 - 5).max(first);
            let count = dice.between(3, 900);
            alerts.push(Alert {
                key: format!("{}-{nth}", incident.key.to_lowercase()),
                home: incident.home.clone(),
                service: service.clone(),
                incident: Some(incident.key.clone()),
                severity: ["critical", "error", "error", "warning", "info"]
                    [usize::from(incident.priority).clamp(1, 5) - 1]
                    .into(),
                state: if incident.resolved_hours.is_some() { "closed" } else { "open" }.into(),
                title: format!("{service}: {signature} above the limit"),
                monitor: dice.pick(&["prometheus", "synthetics", "cloudwatch"]).into(),
                signature: Some(signature.clone()),
                sample: dice.chance(60).then(|| {
                    format!(
                        "level=error service={service} err={signature} count={count} host={service}-{:02}",
                        dice.below(12)
                    )
                }),
                count: u32::try_from(count).unwrap_or_default(),
                first_minutes: first,
                last_minutes: last,
            });
        }
    }
    alerts
}

/// Deployments and other changes: long past, and some to come.
pub(super) fn changes(services: &[Service]) -> Vec<ChangeRequest> {
    let mut dice = Dice::of("changes");
    let numbered = (0..58).map(|nth| (29_950 + nth * 2, -80 - (58 - nth) * 66));
    let planned = (0..7).map(|nth| (30_118 + nth, 20 + nth * 29));
    let (recorded, watched) = (known(services, "servicenow"), known(services, "pagerduty"));
    let mut changes = Vec::new();
    for (number, start) in numbered.chain(planned) {
        let service = dice.pick(&recorded);
        changes.push(change(&mut dice, "servicenow", service, format!("CHG{number:07}"), start));
    }
    for nth in 1..=48 {
        let service = dice.pick(&watched);
        let key = format!("pd-deploy-{}-{nth}", service.key);
        changes.push(change(&mut dice, "pagerduty", service, key, -30 - (48 - nth) * 41));
    }
    changes
}

/// The services that a desk knows.
fn known<'a>(services: &'a [Service], home: &str) -> Vec<&'a Service> {
    services.iter().filter(|s| s.home.iter().any(|h| h == home)).collect()
}

fn change(dice: &mut Dice, home: &str, service: &Service, key: String, start: i64) -> ChangeRequest {
    let deployed = home == "pagerduty" || dice.chance(50);
    let kind =
        if deployed { "deployment" } else { dice.pick(&["standard", "normal", "normal", "emergency"]) };
    let state = if start > 0 { "scheduled" } else { dice.pick(&ENDS) };
    let version = format!("{}.{}.{}", dice.between(1, 4), dice.between(0, 9), dice.between(0, 9));
    let title = match kind {
        "deployment" => format!("Deploy {} {version}", service.key),
        "emergency" => format!("Emergency fix for {}", service.name),
        _ => format!(
            "{} on {}",
            dice.pick(&["Update the operating system", "Rotate credentials", "Add a replica"]),
            service.name
        ),
    };
    ChangeRequest {
        key,
        home: home.into(),
        service: service.key.clone(),
        title,
        text: dice.chance(50).then(|| "Undo: the version before.".into()),
        kind: kind.into(),
        risk: dice.pick(&["low", "low", "moderate", "high"]).into(),
        state: if home == "pagerduty" { "closed_successful" } else { state }.into(),
        requester: Some(dice.pick(&["ana", "bjorn", "chidi", "oskar", "priya", "rafael"]).into()),
        start_hours: start,
        end_hours: start + dice.between(1, 3),
        link: (home == "pagerduty")
            .then(|| format!("https://ci.halden.example/pipelines/{}", dice.between(7000, 8800))),
    }
}

/// How changes end.
const ENDS: [&str; 6] = [
    "closed_successful",
    "closed_successful",
    "closed_successful",
    "closed_successful",
    "closed_failed",
    "canceled",
];
