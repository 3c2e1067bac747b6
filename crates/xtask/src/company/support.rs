//! What customers ask.

use sandbox::company::{Account, Case, CaseComment, Contact};

use super::deals::WRITTEN;
use super::dice::Dice;

/// How many cases are made.
const CASES: i64 = 70;

/// The first of their numbers.
const FIRST: i64 = 901;

/// Subject, text, severity.
const QUESTIONS: [(&str, &str, &str); 10] = [
    ("Terminal does not start", "It shows the logo and stops. Serial number is on the photo.", "high"),
    ("Refund did not arrive", "The customer waits for eleven days. Please check with the bank.", "medium"),
    ("How do we add a user?", "Our new colleague starts on Monday.", "low"),
    ("Payout is missing a day", "Wednesday is neither in the bank statement nor in the report.", "high"),
    ("Invoice has the wrong address", "We moved; the new address is in the portal.", "low"),
    (
        "Dispute: what do we send?",
        "A customer claims the parcel never came. We have the proof of delivery.",
        "medium",
    ),
    ("Webhooks arrive twice", "Since last week every event comes two times within a second.", "medium"),
    ("Cannot sign in", "The code by text message does not arrive.", "high"),
    (
        "Payments with foreign cards are declined",
        "Only with cards from outside of the continent, since yesterday.",
        "critical",
    ),
    ("Report has no totals", "The last line is empty in the CSV and right in the PDF.", "low"),
];

const ANSWERS: [(&str, bool); 5] = [
    ("Thank you, we look at it today.", true),
    ("Please send us the serial number.", true),
    ("Same as last month, see the notes of that case.", false),
    ("Done. Please tell us if it happens again.", true),
    ("Customer sounded unhappy; sales should call.", false),
];

/// Cases of these accounts, numbered in the order they came; all of them older than the written ones.
pub(super) fn cases(accounts: &[Account], contacts: &[Contact]) -> Vec<Case> {
    let mut dice = Dice::of("cases");
    let asking: Vec<&Account> =
        accounts.iter().filter(|a| a.status == "customer" && a.key != WRITTEN).collect();
    (0..CASES)
        .map(|nth| {
            let account = dice.pick(&asking);
            let people: Vec<&Contact> = contacts.iter().filter(|c| c.account == account.key).collect();
            let contact = (!people.is_empty() && dice.chance(90)).then(|| dice.pick(&people));
            case(&mut dice, account, contact, nth)
        })
        .collect()
}

fn case(dice: &mut Dice, account: &Account, contact: Option<&Contact>, nth: i64) -> Case {
    let (subject, text, severity) = dice.pick(&QUESTIONS);
    let age = 520 + (CASES - nth) * 45 - dice.between(0, 40);
    let status = match dice.below(10) {
        _ if age > 2200 => "closed",
        0 => "new",
        1 | 2 => "working",
        3 => "waiting",
        _ => "closed",
    };
    let owner = (status != "new").then(|| dice.pick(&["leila", "ana2", "zoe"]).to_owned());
    let comments = comments(dice, owner.as_deref(), age);
    Case {
        key: format!("{:08}", FIRST + nth),
        account: account.key.clone(),
        contact: contact.map(|c| c.key.clone()),
        subject: subject.into(),
        text: Some(text.into()),
        repeat: None,
        status: status.into(),
        severity: severity.into(),
        channel: dice.pick(&["email", "email", "web", "phone"]).into(),
        owner,
        created_hours: -age,
        updated_hours: comments.last().map_or(-age, |c| c.hours),
        comments,
    }
}

fn comments(dice: &mut Dice, owner: Option<&str>, age: i64) -> Vec<CaseComment> {
    let Some(owner) = owner else { return Vec::new() };
    let mut hours = -age;
    (0..dice.between(0, 2))
        .map(|_| {
            hours += dice.between(2, 120);
            let (text, public) = dice.pick(&ANSWERS);
            CaseComment { author: Some(owner.to_owned()), hours, text: text.into(), public }
        })
        .collect()
}
