//! The builder against the simulator's own parser.

use proptest::prelude::*;

use super::super::sim::encoded::{self as judge, Condition, Operator};
use super::*;

/// Texts that have broken query builders, and pieces to build others from.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("^".to_owned()),
        Just("^NQactive=true".to_owned()),
        Just("^ORsys_idISNOTEMPTY".to_owned()),
        Just("^EQ^ORDERBYnumber".to_owned()),
        Just("%5ENQ".to_owned()),
        Just("javascript:gs.getUserID()".to_owned()),
        Just("JavaScript:".to_owned()),
        Just("NULL".to_owned()),
        Just("null".to_owned()),
        Just("STANCEOFtask".to_owned()),
        Just("ISNOTEMPTY".to_owned()),
        Just("=".to_owned()),
        Just(",".to_owned()),
        Just("@".to_owned()),
        Just("\\".to_owned()),
        Just("\"' OR )".to_owned()),
        Just("repo:other/secret".to_owned()),
        Just("\n".to_owned()),
        Just("\u{0}".to_owned()),
        Just("\u{2028}\u{FFFF}".to_owned()),
        Just(" ".to_owned()),
        "[ -~]{0,6}",
        "[0-9a-f]{32}",
        "\\PC{0,4}",
        any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn term() -> impl Strategy<Value = Term<'static>> {
    let field = prop_oneof![Just("state"), Just("assignment_group"), Just("task.number"), Just("u_a1")];
    let list = || prop::collection::vec(prop_oneof![nasty(), "[0-9a-f]{1,32}"], 0..4);
    let at = || (0i64..4_000_000_000, 0i32..1_000_000_000).prop_map(|(s, n)| Timestamp::new(s, n).unwrap());
    prop_oneof![
        (field.clone(), nasty()).prop_map(|(f, v)| Term::Is(f, v)),
        (field.clone(), list()).prop_map(|(f, v)| Term::In(f, v)),
        (field.clone(), list()).prop_map(|(f, v)| Term::NotIn(f, v)),
        (field.clone(), nasty()).prop_map(|(f, v)| Term::Like(f, v)),
        field.clone().prop_map(Term::Empty),
        field.clone().prop_map(Term::Filled),
        (field.clone(), at()).prop_map(|(f, t)| Term::From(f, t)),
        (field, at()).prop_map(|(f, t)| Term::Before(f, t)),
    ]
}

/// What the parser must have read for a term.
fn expected(term: &Term<'_>) -> Condition {
    let condition = |field: &str, operator, value: &str| Condition {
        field: field.to_owned(),
        operator,
        value: value.trim().to_owned(),
    };
    match term {
        Term::Is(f, v) => condition(f, Operator::Equals, v),
        Term::In(_, v) if v.is_empty() => condition("sys_id", Operator::Empty, ""),
        Term::In(f, v) => condition(f, Operator::In, &v.join(",")),
        Term::NotIn(_, v) if v.is_empty() => condition("sys_id", Operator::NotEmpty, ""),
        Term::NotIn(f, v) => condition(f, Operator::NotIn, &v.join(",")),
        Term::Like(f, v) => condition(f, Operator::Contains, v),
        Term::Empty(f) => condition(f, Operator::Empty, ""),
        Term::Filled(f) => condition(f, Operator::NotEmpty, ""),
        Term::From(f, t) => condition(f, Operator::GreaterOrEqual, &whole(*t)),
        Term::Before(f, t) => condition(f, Operator::Less, &whole(*t)),
    }
}

/// The first whole second at or after an instant.
fn whole(at: Timestamp) -> String {
    let second = at.as_second() + i64::from(at.subsec_nanosecond() > 0);
    Timestamp::from_second(second).unwrap().to_string().replace('T', " ").replace('Z', "")
}

/// Whether any part of the query is evaluated or read as empty.
fn is_plain(query: &judge::Query) -> bool {
    query.alternatives.iter().flatten().flatten().all(|condition| {
        let value = condition.value.to_lowercase();
        let read_as_empty = value == "null" && condition.operator == Operator::Equals;
        !value.starts_with("javascript:") && !read_as_empty
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// A query is what was meant, term for term, or it is refused: nothing between.
    #[test]
    fn no_text_widens_a_query(groups in prop::collection::vec(prop::collection::vec(term(), 1..3), 0..4)) {
        let encoded = groups.iter().cloned().fold(Encoded::new(), Encoded::and_any);
        let encoded = encoded.newest_first("opened_at", "number");
        let Ok(text) = encoded.text() else { return Ok(()) };
        let query = judge::parse(&text);
        prop_assert!(query.ignored.is_empty(), "{text}");
        prop_assert_eq!(query.alternatives.len(), 1, "{}", text);
        let meant: Vec<Vec<Condition>> = groups.iter().map(|group| group.iter().map(expected).collect()).collect();
        prop_assert_eq!(&query.alternatives[0], &meant, "{}", text);
        prop_assert!(is_plain(&query), "{text}");
        prop_assert_eq!(&query.order, &[("opened_at".to_owned(), true), ("number".to_owned(), false)]);
    }

    /// Words only narrow: each is one group over the given fields, and no letter of the text is lost.
    #[test]
    fn words_are_only_words(text in nasty().prop_map(|text| format!("{text} word"))) {
        let fields = ["short_description", "description"];
        let encoded = Encoded::new().and(Term::Is("active", "true".into())).words(&fields, &text);
        let Ok(asked) = encoded.and_then(|encoded| encoded.text()) else { return Ok(()) };
        let query = judge::parse(&asked);
        prop_assert!(query.ignored.is_empty() && is_plain(&query), "{asked}");
        prop_assert_eq!(query.alternatives.len(), 1, "{}", asked);
        let groups = &query.alternatives[0];
        prop_assert_eq!(groups.len(), 1 + words(&text).len());
        for group in &groups[1..] {
            let same = group.iter().all(|c| c.operator == Operator::Contains && c.value == group[0].value);
            let asked_of: Vec<&str> = group.iter().map(|c| c.field.as_str()).collect();
            prop_assert!(same && asked_of == fields, "{group:?}");
        }
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        let kept: String = groups[1..].iter().map(|group| letters(&group[0].value)).collect();
        prop_assert_eq!(kept, letters(&text), "every word is asked for");
    }
}

#[test]
fn plain_values_are_carried_and_others_refused() {
    for value in ["INC0010023", "Ana Ruiz", "a=b", "100 %", "über", "NULLABLE", "x javascript:y"] {
        assert!(Encoded::new().and(Term::Is("name", value.into())).text().is_ok(), "{value}");
    }
    for value in ["", " ", "a^b", "a\nb", "javascript:gs.now()", " JAVASCRIPT:x", "NULL", "null "] {
        let refused = Encoded::new().and(Term::Is("name", value.into())).text().unwrap_err();
        assert_eq!(refused.code(), error::Code::InvalidArgument, "{value}");
    }
    assert_eq!(
        words("slow, (checkout) javascript:alert a^NQb --"),
        ["slow", "checkout", "javascript", "alert", "a", "NQb"]
    );
    let many = vec!["word"; MOST_WORDS + 1].join(" ");
    assert!(Encoded::new().words(&["name"], &many).is_err());
}

#[test]
fn field_names_of_the_configuration_are_checked() {
    for name in ["u_region", "company.u_erp", "website"] {
        assert!(is_field(name), "{name}");
    }
    for name in ["", "State", "a^b", "a=b", "a..b", ".a", "a.", "1a", "aORDERBY", "a b"] {
        assert!(!is_field(name), "{name}");
    }
}
