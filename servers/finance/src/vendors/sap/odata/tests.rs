//! The builder against the simulator's own parser.

use jiff::civil::date;
use proptest::prelude::*;

use super::super::sim::filter::{self as judge, Expression, Function, Operand};
use super::super::sim::schema::Version as Spoken;
use super::super::sim::value::Value;
use super::*;

/// Texts that have broken query builders, and pieces to build others from.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("''".to_owned()),
        Just("' or '1' eq '1".to_owned()),
        Just("') or (Supplier ne '".to_owned()),
        Just("\\".to_owned()),
        Just("%27".to_owned()),
        Just("&$filter=true".to_owned()),
        Just("\"".to_owned()),
        Just(" or ".to_owned()),
        Just(" and not ".to_owned()),
        Just("null".to_owned()),
        Just("datetime'2026-11-21T00:00:00'".to_owned()),
        Just("repo:other/secret".to_owned()),
        Just("/any(x1:true)".to_owned()),
        Just("\n".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2019}".to_owned()),
        Just("\u{FF07}".to_owned()),
        Just("\u{202E}".to_owned()),
        "[ -~]{0,6}",
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn property() -> impl Strategy<Value = Property> {
    prop_oneof![Just("Supplier"), Just("SupplierName"), Just("NetDueDate"), Just("_Item")]
        .prop_map(Property::named)
}

fn literal() -> impl Strategy<Value = Literal> {
    let number = (any::<i64>(), 0_u32..6).prop_map(|(n, scale)| Literal::Number(Decimal::new(n, scale)));
    let day = (1_i16..=9999, 1_i8..=12, 1_i8..=28).prop_map(|(y, m, d)| Literal::Day(date(y, m, d)));
    prop_oneof![
        4 => nasty().prop_map(Literal::Text),
        1 => number,
        1 => day,
        1 => any::<bool>().prop_map(Literal::Flag),
        1 => Just(Literal::Null),
    ]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop_oneof![
        Just(Comparison::Equal),
        Just(Comparison::NotEqual),
        Just(Comparison::Less),
        Just(Comparison::LessOrEqual),
        Just(Comparison::GreaterOrEqual),
    ]
}

fn clause(version: Version) -> impl Strategy<Value = Clause> {
    let leaf = prop_oneof![
        4 => (property(), comparison(), literal()).prop_map(|(p, c, l)| Clause::Compare(p, c, l)),
        2 => (property(), nasty()).prop_map(|(p, t)| Clause::Contains(p, t)),
        1 => (property(), nasty()).prop_map(|(p, t)| Clause::EndsWith(p, t)),
    ];
    leaf.prop_recursive(3, 12, 3, move |inner| {
        let several = prop::collection::vec(inner.clone(), 2..4);
        let not = inner.clone().prop_map(|c| Clause::Not(Box::new(c)));
        let some = (property(), inner).prop_map(move |(p, c)| match version {
            Version::V2 => c,
            Version::V4 => Clause::Some(p, Box::new(c)),
        });
        prop_oneof![several.clone().prop_map(Clause::All), several.prop_map(Clause::Any), not, some]
    })
}

/// What the parser must have read for a condition, `depth` named entities inside.
fn expected(clause: &Clause, version: Version, depth: usize) -> Expression {
    let way = |property: &Property| {
        let mut way = if depth > 0 { vec![format!("x{depth}")] } else { Vec::new() };
        way.push(property.name().to_owned());
        way
    };
    let path = |property: &Property| Operand::Path(way(property));
    let text = |text: &String| Operand::Literal(Value::Text(text.clone()));
    let inner = |clause: &Clause| expected(clause, version, depth);
    match clause {
        Clause::Compare(property, comparison, literal) => {
            Expression::Compare(path(property), compared(*comparison), Operand::Literal(value(literal)))
        }
        Clause::Contains(property, part) => Expression::Holds(match version {
            Version::V2 => Operand::Call(Function::SubstringOf, vec![text(part), path(property)]),
            Version::V4 => Operand::Call(Function::Contains, vec![path(property), text(part)]),
        }),
        Clause::EndsWith(property, part) => {
            Expression::Holds(Operand::Call(Function::EndsWith, vec![path(property), text(part)]))
        }
        Clause::All(parts) => Expression::And(parts.iter().map(inner).collect()),
        Clause::Any(parts) => Expression::Or(parts.iter().map(inner).collect()),
        Clause::Not(part) => Expression::Not(Box::new(inner(part))),
        Clause::Some(navigation, part) => Expression::Lambda {
            path: way(navigation),
            all: false,
            variable: format!("x{}", depth + 1),
            body: Some(Box::new(expected(part, version, depth + 1))),
        },
    }
}

fn compared(comparison: Comparison) -> judge::Comparison {
    match comparison {
        Comparison::Equal => judge::Comparison::Equal,
        Comparison::NotEqual => judge::Comparison::NotEqual,
        Comparison::Less => judge::Comparison::Less,
        Comparison::LessOrEqual => judge::Comparison::LessOrEqual,
        Comparison::GreaterOrEqual => judge::Comparison::GreaterOrEqual,
    }
}

fn value(literal: &Literal) -> Value {
    match literal {
        Literal::Text(text) => Value::Text(text.clone()),
        Literal::Number(number) => Value::Number(*number),
        Literal::Day(day) => Value::Date(*day),
        Literal::Flag(flag) => Value::Flag(*flag),
        Literal::Null => Value::Null,
    }
}

/// The parser must have read the very conditions that were written: no more, no fewer, no other values.
fn holds(clauses: &[Clause], version: Version, spoken: Spoken) -> Result<(), TestCaseError> {
    let filter = clauses.iter().cloned().fold(Filter::default(), Filter::and);
    let Some(text) = filter.text(version) else {
        prop_assert!(clauses.is_empty());
        return Ok(());
    };
    let read = judge::parse(&text, spoken).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
    let mut wanted: Vec<_> = clauses.iter().map(|clause| expected(clause, version, 0)).collect();
    let wanted = if wanted.len() == 1 { wanted.remove(0) } else { Expression::And(wanted) };
    prop_assert_eq!(read, wanted, "{}", text);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_widens_a_filter_of_version_2(clauses in prop::collection::vec(clause(Version::V2), 0..4)) {
        holds(&clauses, Version::V2, Spoken::V2)?;
    }

    #[test]
    fn no_text_widens_a_filter_of_version_4(clauses in prop::collection::vec(clause(Version::V4), 0..4)) {
        holds(&clauses, Version::V4, Spoken::V4)?;
    }
}

#[test]
fn each_version_has_its_own_words() {
    let filter = Filter::default()
        .and(Clause::Contains("SupplierName".into(), "O'Hara".into()))
        .and(Clause::from("Amount", Decimal::new(-1230, 2)))
        .and(Clause::before("Due", date(2026, 11, 21)));
    assert_eq!(
        filter.text(Version::V2).unwrap(),
        "substringof('O''Hara',SupplierName) and Amount ge -12.30M and Due lt datetime'2026-11-21T00:00:00'"
    );
    assert_eq!(
        filter.text(Version::V4).unwrap(),
        "contains(SupplierName,'O''Hara') and Amount ge -12.30 and Due lt 2026-11-21"
    );
    let lines = Clause::Some("_Lines".into(), Box::new(Clause::before("Due", date(2026, 11, 21))));
    let nested = Filter::default().and(Clause::Some("_Items".into(), Box::new(lines)));
    assert_eq!(nested.text(Version::V4).unwrap(), "_Items/any(x1:x1/_Lines/any(x2:x2/Due lt 2026-11-21))");
}

#[test]
fn configured_names_are_names() {
    for wrong in ["", "1st", "Net Amount", "a'b", "a/b", "Ümlaut", "a)or(b"] {
        assert!(Property::configured(wrong).is_none(), "{wrong}");
    }
    assert!(Property::configured("_Net_Amount2").is_some());
}
