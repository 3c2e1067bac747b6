//! The builder against the simulator's own parser.

use proptest::prelude::*;

use super::super::sim::jql::{self as judge, Operand, Operator};
use super::super::sim::words;
use super::*;

/// Texts that have broken query builders, and pieces to build others from.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("'".to_owned()),
        Just(") OR (project = HR".to_owned()),
        Just("\" OR project = \"HR".to_owned()),
        Just("repo:other/secret".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{FFFF}".to_owned()),
        Just("OR".to_owned()),
        Just("AND NOT".to_owned()),
        Just("EMPTY".to_owned()),
        Just("currentUser()".to_owned()),
        Just("\\u0022".to_owned()),
        Just("*".to_owned()),
        Just("ORDER BY created".to_owned()),
        "[ -~]{0,6}",
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn clause() -> impl Strategy<Value = Clause> {
    let field = prop_oneof![
        Just(Field::Labels),
        Just(Field::Assignee),
        Just(Field::FixVersion),
        Just(Field::Custom(10_021))
    ];
    prop_oneof![
        (field.clone(), nasty()).prop_map(|(f, v)| Clause::Is(f, v)),
        (field.clone(), nasty()).prop_map(|(f, v)| Clause::IsNot(f, v)),
        (field.clone(), prop::collection::vec(nasty(), 0..4)).prop_map(|(f, v)| Clause::In(f, v)),
        nasty().prop_map(Clause::Words),
        field.prop_map(Clause::Empty),
        (0i64..4_000_000_000).prop_map(|s| Clause::From(Field::Updated, Timestamp::from_second(s).unwrap())),
        (nasty(), nasty())
            .prop_map(|(a, b)| Clause::Any(vec![Clause::Is(Field::Labels, a), Clause::Words(b)])),
    ]
}

fn parts(clause: judge::Clause) -> Vec<judge::Clause> {
    match clause {
        judge::Clause::And(parts) => parts,
        one => vec![one],
    }
}

/// What the parser must have read for a condition.
fn expected(clause: &Clause) -> Vec<judge::Clause> {
    let term = |field: &Field, operator, operand| {
        let mut shown = String::new();
        name(&mut shown, field);
        judge::Clause::Term(judge::Term { field: shown.to_lowercase(), operator, operand })
    };
    let text = |value: &String| Operand::Text(value.chars().map(meant).collect());
    match clause {
        Clause::Is(f, v) => vec![term(f, Operator::Equals, text(v))],
        Clause::IsNot(f, v) => vec![term(f, Operator::NotEquals, text(v))],
        Clause::In(f, v) if v.is_empty() => {
            vec![term(f, Operator::Is, Operand::Empty), term(f, Operator::IsNot, Operand::Empty)]
        }
        Clause::In(f, v) => vec![term(f, Operator::In, Operand::List(v.iter().map(text).collect()))],
        Clause::Empty(f) => vec![term(f, Operator::Is, Operand::Empty)],
        Clause::From(f, at) => {
            vec![term(f, Operator::GreaterOrEqual, Operand::Text(at.as_millisecond().to_string()))]
        }
        Clause::Words(v) => {
            let value: String = lucene(v).chars().map(meant).collect();
            vec![term(&Field::Text, Operator::Contains, Operand::Text(value))]
        }
        Clause::Any(inner) => vec![judge::Clause::Or(inner.iter().flat_map(expected).collect())],
        other => panic!("not generated: {other:?}"),
    }
}

/// The one character that no literal can carry.
fn meant(c: char) -> char {
    if c > '\u{FFFF}' && (c as u32) & 0xFFFE == 0xFFFE { ' ' } else { c }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_widens_a_query(clauses in prop::collection::vec(clause(), 0..4), scoped in any::<bool>()) {
        let projects = if scoped { vec!["PAY".to_owned(), "OPS".to_owned()] } else { Vec::new() };
        let jql = clauses.iter().cloned().fold(Jql::within(&projects), Jql::and);
        let query = judge::parse(&jql.text()).map_err(|e| TestCaseError::fail(format!("{e}: {}", jql.text())))?;
        let mut read = parts(query.clause.expect("never unbounded"));
        let scope = read.remove(0);
        let fixed = if scoped { Clause::In(Field::Project, projects) } else { Clause::Filled(Field::Project) };
        let fixed = match fixed {
            Clause::In(..) => expected(&fixed).remove(0),
            _ => judge::Clause::Term(judge::Term {
                field: "project".into(), operator: Operator::IsNot, operand: Operand::Empty,
            }),
        };
        prop_assert_eq!(scope, fixed);
        prop_assert_eq!(read, clauses.iter().flat_map(expected).collect::<Vec<_>>());
        prop_assert_eq!(query.order.len(), 2);
        prop_assert!(query.order[0].field == "updated" && query.order[0].descending);
    }

    #[test]
    fn words_are_only_words(text in nasty().prop_map(|text| format!("{text} word"))) {
        let asked = words::read(&lucene(&text)).map_err(|e| TestCaseError::fail(format!("{e:?}: {text:?}")))?;
        prop_assert_eq!(asked.0.len(), 1, "no alternatives");
        for condition in &asked.0[0] {
            prop_assert!(!condition.absent && !condition.prefix, "{:?}", condition);
        }
        let kept: Vec<String> = asked.0.concat().into_iter().flat_map(|c| c.words).collect();
        prop_assert_eq!(kept, words::split(&text), "every word is asked for");
    }
}
