use super::*;

fn path(name: &str) -> Operand {
    Operand::Path(vec![name.to_owned()])
}

fn text(value: &str) -> Operand {
    Operand::Literal(Value::Text(value.to_owned()))
}

#[test]
fn the_stronger_word_binds_first() {
    let read = parse("A eq 'x' or B eq 'y' and not (C eq 'z')", Version::V2).unwrap();
    let compare = |name, value| Expression::Compare(path(name), Comparison::Equal, text(value));
    let both = Expression::And(vec![compare("B", "y"), Expression::Not(Box::new(compare("C", "z")))]);
    assert_eq!(read, Expression::Or(vec![compare("A", "x"), both]));
}

#[test]
fn a_doubled_quote_is_one_and_ends_nothing() {
    let read = parse("Name eq 'O''Hara'' or 1 eq 1'", Version::V4).unwrap();
    assert_eq!(read, Expression::Compare(path("Name"), Comparison::Equal, text("O'Hara' or 1 eq 1")));
}

#[test]
fn each_version_has_its_own_literals() {
    let day = Operand::Literal(Value::Date(jiff::civil::date(2026, 11, 21)));
    let late = |day| Expression::Compare(path("Due"), Comparison::Less, day);
    assert_eq!(parse("Due lt datetime'2026-11-21T00:00:00'", Version::V2).unwrap(), late(day.clone()));
    assert_eq!(parse("Due lt 2026-11-21", Version::V4).unwrap(), late(day));
    for (wrong, version) in [
        ("Due lt datetime'2026-11-21T00:00:00'", Version::V4),
        ("Due lt 2026-11-21", Version::V2),
        ("Due lt datetime'yesterday'", Version::V2),
        ("Amount gt 12.30M", Version::V4),
        ("contains(Name,'x')", Version::V2),
        ("substringof('x',Name)", Version::V4),
        ("_Items/any(i:i/Plant eq '1010')", Version::V2),
    ] {
        assert!(parse(wrong, version).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_no_filter_is_refused() {
    for wrong in [
        "",
        "Name",
        "Name eq",
        "Name eq 'x",
        "Name eq 'x' Name",
        "eq 'x'",
        "(Name eq 'x'",
        "Name = 'x'",
        "1;2",
    ] {
        let read = parse(wrong, Version::V4);
        // A bare name is a condition by itself; only its type can tell.
        assert!(read.is_err() || wrong == "Name", "{wrong}: {read:?}");
    }
    let deep = format!("{}A eq 'x'{}", "(".repeat(60), ")".repeat(60));
    assert!(parse(&deep, Version::V4).is_err());
}

#[test]
fn a_condition_on_a_collection_names_its_members() {
    let read = parse("_Items/any(i:i/Plant eq '1010' and i/_Lines/any())", Version::V4).unwrap();
    let plant =
        Expression::Compare(Operand::Path(vec!["i".into(), "Plant".into()]), Comparison::Equal, text("1010"));
    let lines = Expression::Lambda {
        path: vec!["i".into(), "_Lines".into()],
        all: false,
        variable: String::new(),
        body: None,
    };
    let expected = Expression::Lambda {
        path: vec!["_Items".into()],
        all: false,
        variable: "i".into(),
        body: Some(Box::new(Expression::And(vec![plant, lines]))),
    };
    assert_eq!(read, expected);
}
