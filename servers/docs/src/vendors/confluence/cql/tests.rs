//! The builder against the simulator's own parser.

use proptest::prelude::*;

use super::super::sim::cql::{self as judge, Operand, Operator, words as index};
use super::*;

/// Texts that have broken query builders, and pieces to build others from.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("'".to_owned()),
        Just(") OR (space = HR".to_owned()),
        Just("\" OR space = \"HR".to_owned()),
        Just("\\\" OR type = page".to_owned()),
        Just("repo:other/secret".to_owned()),
        Just("\n".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{FFFF}".to_owned()),
        Just("OR".to_owned()),
        Just("AND NOT".to_owned()),
        Just("currentUser()".to_owned()),
        Just("*".to_owned()),
        Just("ORDER BY created".to_owned()),
        "[ -~]{0,6}",
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn clause() -> impl Strategy<Value = Clause> {
    let list = || prop::collection::vec(nasty(), 1..4);
    prop_oneof![
        nasty().prop_map(Clause::Label),
        nasty().prop_map(Clause::Lacks),
        list().prop_map(Clause::Spaces),
        list().prop_map(Clause::Ids),
        list().prop_map(Clause::Labels),
        nasty().prop_map(Clause::Word),
        (0i64..4_000_000_000).prop_map(|s| Clause::From(Timestamp::from_second(s).unwrap())),
        (0i64..4_000_000_000).prop_map(|s| Clause::Before(Timestamp::from_second(s).unwrap())),
        Just(Clause::Own),
        (list(), nasty()).prop_map(|(spaces, word)| Clause::AnyOf(vec![
            Clause::Spaces(spaces),
            Clause::Titled(vec![word])
        ])),
    ]
}

/// What the parser must have read for a condition.
fn expected(clause: &Clause) -> judge::Clause {
    let term = |field: &str, operator, operand| {
        judge::Clause::Term(judge::Term { field: field.into(), operator, operand })
    };
    let text = |value: &str| Operand::Text(value.chars().map(meant).collect());
    let list = |values: &[String]| Operand::List(values.iter().map(|v| text(v)).collect());
    match clause {
        Clause::Spaces(keys) => term("space", Operator::In, list(keys)),
        Clause::Ids(ids) => term("id", Operator::In, list(ids)),
        Clause::Labels(labels) => {
            let labels: Vec<String> = labels.iter().map(|label| label.to_lowercase()).collect();
            term("label", Operator::In, list(&labels))
        }
        Clause::Label(label) => term("label", Operator::Equals, text(&label.to_lowercase())),
        Clause::Lacks(label) => term("label", Operator::NotEquals, text(&label.to_lowercase())),
        Clause::Word(word) => term("text", Operator::Contains, text(&phrase(word))),
        Clause::Titled(words) => term("title", Operator::Contains, text(&phrase(&words[0]))),
        Clause::From(at) => term("lastmodified", Operator::GreaterOrEqual, text(&minute(*at, -12))),
        Clause::Before(at) => term("lastmodified", Operator::LessOrEqual, text(&minute(*at, 15))),
        Clause::Own => term("creator", Operator::Equals, Operand::Function("currentuser".into(), Vec::new())),
        Clause::AnyOf(clauses) => judge::Clause::Or(clauses.iter().map(expected).collect()),
    }
}

/// Characters that no literal carries.
fn meant(c: char) -> char {
    if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{FFFE}' | '\u{FFFF}') { ' ' } else { c }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_widens_a_query(clauses in prop::collection::vec(clause(), 0..4), newest in any::<bool>()) {
        let scope = ["OPS".to_owned(), "POL".to_owned()];
        let cql = Cql::within(&scope).and_all(clauses.iter().cloned()).text(newest);
        let query = judge::parse(&cql).map_err(|e| TestCaseError::fail(format!("{e}: {cql}")))?;
        let judge::Clause::And(read) = query.clause else { return Err(TestCaseError::fail(cql)) };
        let page = judge::Term {
            field: "type".into(), operator: Operator::Equals, operand: Operand::Text("page".into()),
        };
        prop_assert_eq!(&read[0], &judge::Clause::Term(page));
        prop_assert_eq!(&read[1], &expected(&Clause::Spaces(scope.into())));
        prop_assert_eq!(&read[2..], clauses.iter().map(expected).collect::<Vec<_>>());
        prop_assert_eq!(query.order, vec![("lastmodified".to_owned(), newest)]);
    }

    #[test]
    fn words_are_only_words(text in nasty().prop_map(|text| format!("{text} word"))) {
        let mut kept = Vec::new();
        for word in words(&text) {
            let mut literal = String::new();
            quote(&mut literal, &phrase(&word));
            let query = judge::parse(&format!("text ~ {literal}")).map_err(TestCaseError::fail)?;
            let judge::Clause::Term(judge::Term { operand: Operand::Text(asked), .. }) = query.clause else {
                return Err(TestCaseError::fail(text));
            };
            let asked = index::read(&asked).map_err(|e| TestCaseError::fail(format!("{e}: {text:?}")));
            // A word of nothing but letters of no script and the like is indexed as nothing.
            let Ok(asked) = asked else { continue };
            prop_assert_eq!(asked.0.len(), 1, "no alternatives");
            prop_assert_eq!(asked.0[0].len(), 1, "one phrase");
            prop_assert!(!asked.0[0][0].absent && !asked.0[0][0].prefix);
            kept.extend(asked.0[0][0].words.clone());
        }
        let told = |words: Vec<String>| -> Vec<String> {
            words.into_iter().filter(|word| word.chars().any(char::is_alphanumeric)).collect()
        };
        prop_assert_eq!(told(kept), told(index::split(&text)), "every word is asked for");
    }
}

#[test]
fn a_moment_is_matched_whatever_the_accounts_clock() {
    let at: Timestamp = "2026-11-21T10:30:40Z".parse().unwrap();
    assert_eq!(minute(at, -12), "2026-11-20 22:30");
    assert_eq!(minute(at, 15), "2026-11-22 01:30");
}
