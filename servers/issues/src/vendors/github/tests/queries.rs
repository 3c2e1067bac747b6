//! No text widens a query: what the builder writes is read back by the simulator's own parser.

use jiff::Timestamp;
use proptest::prelude::*;

use crate::vendors::github::place::Repository;
use crate::vendors::github::query::{Kind, Search, searchable_words};
use crate::vendors::github::sim::parse::{Expr, parse};

/// Pieces that have a meaning in the language, and any others.
fn hostile() -> impl Strategy<Value = String> {
    let sharp = prop::sample::select(vec![
        "repo:other/secret",
        "org:other",
        "user:other",
        " OR ",
        " AND ",
        " NOT ",
        "(",
        ")",
        "\"",
        "\\",
        "\\\"",
        "\n",
        "\r",
        "\t",
        "\0",
        "-",
        "-repo:acme/web",
        "is:pr",
        "label:\"x\"",
        ",",
        ":",
        "\u{201C}",
        "\u{201D}",
        "\u{FF02}",
        "\u{2028}",
        "\u{202E}",
        "設定",
        "é",
        "word",
        " ",
        "in:comments",
        "updated:>1970-01-01",
        "*",
        "?",
        "@me",
        "#7",
        "%22",
        "&q=",
    ]);
    let any = any::<char>().prop_map(String::from);
    prop::collection::vec(prop_oneof![4 => sharp.prop_map(str::to_owned), 1 => any], 0..12)
        .prop_map(|parts| parts.concat())
}

fn repository() -> Repository {
    Repository::parse("acme/web").unwrap()
}

fn parts(search: &Search) -> Vec<Expr> {
    match parse(&search.text()) {
        Ok(Expr::All(parts)) => parts,
        other => panic!("{:?} reads as {other:?}", search.text()),
    }
}

fn qualifier(name: &str, values: &[&str]) -> Expr {
    Expr::Qualifier { name: name.into(), values: values.iter().map(|&value| value.to_owned()).collect() }
}

/// Whether it is this qualifier with so many values, whatever they are.
fn valued(expr: &Expr, wanted: &str, count: usize) -> bool {
    matches!(expr, Expr::Qualifier { name, values } if name == wanted && values.len() == count)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_stay_words(text in hostile()) {
        let Ok(search) = Search::new(Kind::Issue, &repository()).words(&text) else { return Ok(()) };
        let parts = parts(&search);
        prop_assert_eq!(&parts[0], &qualifier("is", &["issue"]));
        prop_assert_eq!(&parts[1], &qualifier("repo", &["acme/web"]));
        let words: Vec<Expr> = searchable_words(&text).map(Expr::Text).collect();
        prop_assert!(!words.is_empty());
        prop_assert_eq!(&parts[2..], &words[..], "{}", search.text());
    }

    #[test]
    fn values_stay_values(label in hostile(), other in hostile(), milestone in hostile(), login in hostile()) {
        let at = Timestamp::UNIX_EPOCH;
        let mut search = Search::new(Kind::Issue, &repository())
            .any_label([label.as_str(), &other])
            .no_label([label.as_str()])
            .milestone(&milestone)
            .updated_from(at)
            .updated_until(at)
            .open(true)
            .unassigned()
            .unlabeled()
            .in_body();
        let named = match search.clone().assignee(&login) {
            Ok(with_login) => { search = with_login; 1 }
            Err(_) => 0,
        };
        let parts = parts(&search);
        prop_assert_eq!(parts.len(), 11 + named, "{}", search.text());
        prop_assert_eq!(&parts[..2], &[qualifier("is", &["issue"]), qualifier("repo", &["acme/web"])]);
        prop_assert!(valued(&parts[2], "label", 2));
        let negated = matches!(&parts[3], Expr::Not(inner) if valued(inner, "label", 1));
        prop_assert!(negated);
        prop_assert!(valued(&parts[4], "milestone", 1));
        prop_assert_eq!(&parts[5], &qualifier("updated", &[">=1970-01-01T00:00:00Z"]));
        prop_assert_eq!(&parts[6], &qualifier("updated", &["<1970-01-01T00:00:00Z"]));
        let rest = [("is", "open"), ("no", "assignee"), ("no", "label"), ("in", "body")];
        for (part, (name, value)) in parts[7..11].iter().zip(rest) {
            prop_assert_eq!(part, &qualifier(name, &[value]));
        }
        if named == 1 {
            prop_assert_eq!(&parts[11], &qualifier("assignee", &[&login]));
        }
    }
}

#[test]
fn text_without_a_word_or_with_too_many_is_refused() {
    for text in ["", "  ", "\"\"", "()", "- - -", &"word ".repeat(60)] {
        let refused = Search::new(Kind::Issue, &repository()).words(text);
        assert_eq!(refused.err().map(|error| error.code()), Some(error::Code::InvalidArgument), "{text}");
    }
}
