//! The rest of the backlog: what nobody tells stories about.

use sandbox::company::Account;
use sandbox::company::backlog::{Comment, Story};

use super::core::Core;
use super::dice::Dice;

/// A project's key, whether Jira has it, its types, and how many issues are made for it. Numbers begin at 101.
const BOARDS: [(&str, bool, &[&str], u64); 4] = [
    ("PAY", true, &["Bug", "Story", "Task"], 200),
    ("OPS", true, &["Bug", "Task"], 150),
    ("halden/web", false, &["Bug", "Feature", "Task"], 130),
    ("halden/sdk", false, &["Bug", "Feature", "Task"], 104),
];

const WHAT: [&str; 16] = [
    "login",
    "invoice list",
    "webhook",
    "ledger sync",
    "search",
    "settings page",
    "export",
    "cron job",
    "refund form",
    "dispute view",
    "terminal pairing",
    "rate table",
    "audit log",
    "mail template",
    "currency picker",
    "health check",
];

const HOW: [&str; 12] = [
    "is slow",
    "loses the filter",
    "logs too much",
    "fails on empty input",
    "needs a test",
    "shows the wrong time zone",
    "should be removed",
    "ignores the keyboard",
    "has no documentation",
    "shows raw errors",
    "counts twice after midnight",
    "needs an owner",
];

const TEXTS: [&str; 6] = [
    "Found while looking for something else.",
    "Support sees this about once a week.\n\n- steps are in the recording\n- only on production",
    "Not urgent, but it costs us time at every release.",
    "Came up in the retrospective. See the minutes.",
    "Reproduced on staging with `curl`; the answer is 500 instead of 400.",
    "Left over from the migration.",
];

const REMARKS: [&str; 5] = [
    "Still happens with the newest version.",
    "Moved to the next sprint.",
    "I take this.",
    "Not reproducible on my machine, logs please.",
    "Customer asked again.",
];

const DOERS: [&str; 7] = ["ana", "bjorn", "chidi", "mei", "ana2", "oskar", "rafael"];

/// Issues of every project.
pub(super) fn issues(core: &Core) -> Vec<Story> {
    let mut dice = Dice::of("issues");
    let customers: Vec<&Account> = core.accounts.iter().filter(|a| a.status == "customer").collect();
    let mut issues = Vec::new();
    for board in BOARDS {
        issues.extend((0..board.3).map(|nth| issue(&mut dice, &customers, board, 101 + nth)));
    }
    issues
}

fn issue(dice: &mut Dice, customers: &[&Account], board: (&str, bool, &[&str], u64), number: u64) -> Story {
    let (project, jira, types, _) = board;
    let status = match (jira, dice.below(10)) {
        (true, 0..=4) => "To Do",
        (true, 5..=6) => "In Progress",
        (true, _) => "Done",
        (false, 0..=6) => "open",
        (false, _) => "closed",
    };
    let age = dice.between(10, 310);
    let updated_hours = -(age * 24 - dice.between(0, 200)).max(30);
    let mut labels = vec![dice.pick(&["maintenance", "backend", "frontend"]).to_owned()];
    if dice.chance(8) {
        labels.push(format!("customer:{}", dice.pick(customers).key));
    }
    let said = dice.chance(12);
    Story {
        project: project.into(),
        number,
        title: format!("The {} {}", dice.pick(&WHAT), dice.pick(&HOW)),
        text: Some(dice.pick(&TEXTS).into()),
        repeat: None,
        kind: dice.pick(types).into(),
        priority: Some(dice.pick(&["high", "medium", "medium", "low"]).into()),
        status: status.into(),
        doing: status == "open" && dice.chance(25),
        reason: (status == "closed").then(|| "completed".into()),
        assignee: dice.chance(80).then(|| dice.pick(&DOERS).into()),
        reporter: dice.pick(&DOERS).into(),
        labels,
        iteration: None,
        release: None,
        flagged: false,
        created: -age,
        updated_hours,
        due: None,
        severity_note: (project == "PAY").then(|| "Minor".into()),
        links: Vec::new(),
        comments: said
            .then(|| Comment {
                author: dice.pick(&DOERS).into(),
                hours: updated_hours,
                text: dice.pick(&REMARKS).into(),
                visibility: None,
            })
            .into_iter()
            .collect(),
    }
}
