//! The builder against the simulator's own parser.

use proptest::prelude::*;

use super::super::sim::soql::{self as judge, Operand, Operator, Range};
use super::*;

/// Texts that have broken query builders, and pieces to build others from.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("'".to_owned()),
        Just("\\".to_owned()),
        Just("\\'".to_owned()),
        Just("\"".to_owned()),
        Just("%".to_owned()),
        Just("_".to_owned()),
        Just("' OR Name LIKE '%".to_owned()),
        Just("') OR (Id != null".to_owned()),
        Just("') FROM User WHERE (Name = '".to_owned()),
        Just("repo:other/secret".to_owned()),
        Just("\n".to_owned()),
        Just("\r".to_owned()),
        Just("\t".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2028}".to_owned()),
        Just("\u{FFFF}".to_owned()),
        Just("OR".to_owned()),
        Just("AND NOT".to_owned()),
        Just("null".to_owned()),
        Just("TODAY".to_owned()),
        Just("\\u0027".to_owned()),
        Just("--".to_owned()),
        Just("LIMIT 1".to_owned()),
        "[ -~]{0,6}",
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn leaf() -> impl Strategy<Value = Clause> {
    let field = prop_oneof![
        Just(Field::new("Name")),
        Just(Field::new("Owner.Username")),
        Just(Field::configured("Segment__c", "map/segment").unwrap()),
    ];
    prop_oneof![
        (field.clone(), nasty()).prop_map(|(f, v)| Clause::Is(f, Value::Text(v))),
        (field.clone(), nasty()).prop_map(|(f, v)| Clause::IsNot(f, Value::Text(v))),
        (field.clone(), prop::collection::vec(nasty(), 0..4)).prop_map(|(f, v)| Clause::In(f, v)),
        (field.clone(), prop::collection::vec(nasty(), 0..4)).prop_map(|(f, v)| Clause::NotIn(f, v)),
        (field.clone(), nasty()).prop_map(|(f, v)| Clause::Contains(f, v)),
        (field.clone(), nasty()).prop_map(|(f, v)| Clause::Begins(f, v)),
        field.clone().prop_map(Clause::Empty),
        field.prop_map(Clause::Filled),
        (0i64..4_000_000_000).prop_map(|s| Clause::AtLeast(
            Field::new("CreatedDate"),
            Value::Moment(Timestamp::from_second(s).unwrap())
        )),
        (-9999i64..9999, 0u32..4)
            .prop_map(|(n, s)| Clause::Below(Field::new("Amount"), Value::Number(Decimal::new(n, s)))),
        any::<bool>().prop_map(|b| Clause::Is(Field::new("IsClosed"), Value::Flag(b))),
        nasty().prop_map(|text| {
            let inner = Soql::of("Contact", [Field::new("AccountId")]);
            let inner = inner.and(Clause::Is(Field::new("Email"), Value::Text(text)));
            Clause::Within(Field::new("Id"), Box::new(inner))
        }),
    ]
}

fn clause() -> impl Strategy<Value = Clause> {
    leaf().prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Clause::Any),
            prop::collection::vec(inner, 0..3).prop_map(Clause::All),
        ]
    })
}

fn name(field: &Field) -> judge::Name {
    judge::Name { text: field.name().to_owned(), at: 0 }
}

/// A text as it must be read: control characters but the three are spaces.
fn meant(text: &str) -> String {
    let kept = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
    text.chars().map(|c| if kept(c) { c } else { ' ' }).collect()
}

/// What the parser must have read for a condition; texts by their characters alone.
fn expected(clause: &Clause) -> judge::Condition {
    use judge::Condition::{All, Any, Compare, Within};
    let text = |value: &str| Operand::Text(meant(value).chars().map(|c| (c, false)).collect());
    let nothing = |operator| Compare(name(&Field::new("Id")), operator, Operand::Null);
    let list = |values: &[String]| Range::List(values.iter().map(|v| text(v)).collect());
    let compare = |field: &Field, operator, value: &Value| {
        let operand = match value {
            Value::Text(value) => text(value),
            Value::Moment(at) => Operand::Time(*at),
            Value::Day(day) => Operand::Date(*day),
            Value::Number(number) => Operand::Number(number.to_string()),
            Value::Flag(flag) => Operand::Bool(*flag),
        };
        Compare(name(field), operator, operand)
    };
    let group =
        |all: &[Clause], empty: Operator, join: fn(Vec<judge::Condition>) -> judge::Condition| match all {
            [] => nothing(empty),
            [one] => expected(one),
            several => join(several.iter().map(expected).collect()),
        };
    match clause {
        Clause::Is(f, v) => compare(f, Operator::Equal, v),
        Clause::IsNot(f, v) => compare(f, Operator::NotEqual, v),
        Clause::Below(f, v) => compare(f, Operator::Less, v),
        Clause::AtLeast(f, v) => compare(f, Operator::AtLeast, v),
        Clause::In(_, v) if v.is_empty() => nothing(Operator::Equal),
        Clause::NotIn(_, v) if v.is_empty() => nothing(Operator::NotEqual),
        Clause::In(f, v) => Within(name(f), false, list(v)),
        Clause::NotIn(f, v) => Within(name(f), true, list(v)),
        Clause::Contains(f, v) => Compare(name(f), Operator::Like, text(&format!("%{v}%"))),
        Clause::Begins(f, v) => Compare(name(f), Operator::Like, text(&format!("{v}%"))),
        Clause::Empty(f) => Compare(name(f), Operator::Equal, Operand::Null),
        Clause::Filled(f) => Compare(name(f), Operator::NotEqual, Operand::Null),
        Clause::Within(f, q) | Clause::Without(f, q) => {
            let inner = judge::parse(&q.text()).expect("the inner query is one");
            Within(name(f), matches!(clause, Clause::Without(..)), Range::Query(Box::new(inner)))
        }
        Clause::Any(all) => group(all, Operator::Equal, Any),
        Clause::All(all) => group(all, Operator::NotEqual, All),
    }
}

/// Forgets which characters were escaped, after it was made sure that no wildcard of a caller works.
fn plain(condition: judge::Condition) -> judge::Condition {
    use judge::Condition::{All, Any, Compare, Not, Within};
    let bare = |operand: Operand| match operand {
        Operand::Text(chars) => Operand::Text(chars.into_iter().map(|(c, _)| (c, false)).collect()),
        other => other,
    };
    match condition {
        All(all) => All(all.into_iter().map(plain).collect()),
        Any(all) => Any(all.into_iter().map(plain).collect()),
        Not(one) => Not(Box::new(plain(*one))),
        Compare(field, Operator::Like, Operand::Text(chars)) => {
            let wild = |at: usize| matches!(chars.get(at), Some(('%' | '_', false)));
            let (first, last) = (0, chars.len() - 1);
            assert!((0..chars.len()).all(|at| !wild(at) || at == first || at == last), "{chars:?}");
            Compare(field, Operator::Like, bare(Operand::Text(chars)))
        }
        Compare(field, operator, operand) => Compare(field, operator, bare(operand)),
        Within(field, denied, Range::List(list)) => {
            Within(field, denied, Range::List(list.into_iter().map(bare).collect()))
        }
        within @ Within(..) => within,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_widens_a_query(clauses in prop::collection::vec(clause(), 1..4), limit in 1u32..200) {
        let fixed = Clause::Is(Field::new("AccountId"), "001gL000000000AAAA".into());
        let query = Soql::of("Opportunity", [Field::new("Id"), Field::new("Owner.Name")]).and(fixed.clone());
        let query = clauses.iter().cloned().fold(query, Soql::and);
        let query = query.by(Field::new("CloseDate"), Direction::Up).by(Field::new("Id"), Direction::Down).limit(limit);
        let text = query.text();
        let read = judge::parse(&text).map_err(|e| TestCaseError::fail(format!("{e:?}: {text}")))?;
        let Some(judge::Condition::All(all)) = read.condition else {
            return Err(TestCaseError::fail("all conditions hold together"));
        };
        let wanted: Vec<_> = [fixed].iter().chain(&clauses).map(|c| plain(expected_like(c))).collect();
        prop_assert_eq!(all.into_iter().map(plain).collect::<Vec<_>>(), wanted);
        prop_assert_eq!((read.from.text.as_str(), read.limit), ("Opportunity", Some(limit as usize)));
        prop_assert_eq!(read.order.len(), 2);
        prop_assert!(!read.order[0].descending && read.order[1].descending && read.order[0].nulls_last);
        let counted = judge::parse(&query.count()).map_err(|e| TestCaseError::fail(format!("{e:?}")))?;
        prop_assert!(counted.condition.is_some() && counted.limit.is_none());
    }
}

/// As [`expected`], with wildcards of callers marked as escaped, so that [`plain`] may look at both sides.
fn expected_like(clause: &Clause) -> judge::Condition {
    fn marked(condition: judge::Condition) -> judge::Condition {
        use judge::Condition::{All, Any, Compare};
        match condition {
            All(all) => All(all.into_iter().map(marked).collect()),
            Any(all) => Any(all.into_iter().map(marked).collect()),
            Compare(field, Operator::Like, Operand::Text(chars)) => Compare(
                field,
                Operator::Like,
                Operand::Text(chars.into_iter().map(|(c, _)| (c, true)).collect()),
            ),
            other => other,
        }
    }
    marked(expected(clause))
}

#[test]
fn a_wildcard_of_a_caller_is_a_character() {
    let query = Soql::of("Account", [Field::new("Id")]);
    let query = query.and(Clause::Contains(Field::new("Name"), r"50%_off\ 'x'".into())).limit(5);
    assert_eq!(query.text(), r"SELECT Id FROM Account WHERE Name LIKE '%50\%\_off\\ \'x\'%' LIMIT 5");
    for wrong in ["Segment__c = 'x' OR Id", "", "1x", "Owner.Name", "a b"] {
        assert!(Field::configured(wrong, "map/segment").is_err(), "{wrong}");
    }
}
