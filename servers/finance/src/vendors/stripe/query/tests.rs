//! No text can change what a query means: the simulator's own parser reads back what was meant.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::*;
use crate::vendors::stripe::sim::search::{Clause, How, Kind, parse};

const FIELDS: &[(&str, Kind)] = &[
    ("amount", Kind::Number),
    ("created", Kind::Number),
    ("customer", Kind::Token),
    ("disputed", Kind::Flag),
    ("email", Kind::Text),
    ("metadata", Kind::Metadata),
    ("name", Kind::Text),
    ("status", Kind::Token),
];

/// Whatever callers type, and pieces of the language itself.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<String>(),
        "[ -~]{0,12}",
        Just("\"".to_owned()),
        Just("\\".to_owned()),
        Just("\\\"".to_owned()),
        Just(" OR ".to_owned()),
        Just("\" OR name~\"a".to_owned()),
        Just("\"] OR metadata[\"x".to_owned()),
        Just(") AND (".to_owned()),
        Just("\n".to_owned()),
        Just("-status:\"paid\"".to_owned()),
        Just("null".to_owned()),
        Just("\u{202E}設定".to_owned()),
    ];
    vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

/// Control characters are the one thing a text loses.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn clause(field: &str, key: Option<&str>, how: How, value: String) -> Clause {
    Clause { negated: false, field: field.into(), key: key.map(str::to_owned), how, value }
}

#[test]
fn every_text_stays_within_its_clause() {
    let mut runner =
        TestRunner::new(Config { cases: 50_000, failure_persistence: None, ..Config::default() });
    let inputs = (text(), text(), any::<i64>(), any::<bool>());
    let outcome = runner.run(&inputs, |(one, other, number, flag)| {
        let all = Search::default()
            .is("customer", &one)
            .metadata("erp customer", &other)
            .within("amount", Some(number), None)
            .flag("disputed", flag);
        let read = parse(&all.text(), FIELDS).map_err(TestCaseError::fail)?;
        let expected = [
            clause("customer", None, How::Is, plain(&one)),
            clause("metadata", Some("erp customer"), How::Is, plain(&other)),
            clause("amount", None, How::AtLeast, number.to_string()),
            clause("disputed", None, How::Is, flag.to_string()),
        ];
        prop_assert!(!read.is_any);
        prop_assert_eq!(&read.clauses[..], &expected[..]);

        let any = Search::any().is("name", &one).contains("name", &one).metadata("domain", &one);
        let read = parse(&any.text(), FIELDS).map_err(TestCaseError::fail)?;
        let part = (one.chars().count() >= 3).then(|| clause("name", None, How::Contains, plain(&one)));
        let expected: Vec<Clause> = std::iter::once(clause("name", None, How::Is, plain(&one)))
            .chain(part)
            .chain([clause("metadata", Some("domain"), How::Is, plain(&one))])
            .collect();
        prop_assert!(read.is_any);
        prop_assert_eq!(read.clauses, expected);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn a_query_reads_as_documented() {
    let search = Search::default().is("status", "open").within("total", Some(100), Some(2_000));
    assert_eq!(search.text(), "status:\"open\" AND total>=100 AND total<=2000");
    let any = Search::any().is("name", "Jo\"e").contains("name", "Jo");
    assert_eq!(any.text(), "name:\"Jo\\\"e\"", "Stripe looks for parts of three characters and more");
    assert_eq!(Search::default().metadata("a", "b\\").text(), "metadata[\"a\"]:\"b\\\\\"");
}
