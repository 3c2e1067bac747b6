//! No text widens a query: what the builder writes is read back by the simulator's own parser, and lets through what the
//! filter means and nothing else.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::vendors::notion::query::{Filter, Is};
use crate::vendors::notion::sim::filter;
use crate::vendors::notion::sim::state::{Column, Page};

/// Pieces that have a meaning in some language, and any others.
fn hostile() -> impl Strategy<Value = String> {
    let sharp = prop::sample::select(vec![
        "\"",
        "\\",
        "\\\"",
        "\"}, {\"or\": [",
        "{\"property\":",
        "]}",
        " OR ",
        " AND ",
        "'",
        ")",
        "(",
        "\n",
        "\r",
        "\0",
        "is_empty",
        "true",
        "null",
        "\u{2028}",
        "\u{202E}",
        "設定",
        "é",
        "word",
        " ",
        "*",
        "%",
        "$ne",
        "Status",
        "Archived",
        "{{",
        "}}",
        ",",
        ":",
        "\u{FF02}",
    ]);
    let any = any::<char>().prop_map(String::from);
    prop::collection::vec(prop_oneof![4 => sharp.prop_map(str::to_owned), 1 => any], 0..8)
        .prop_map(|parts| parts.concat())
}

fn columns() -> Vec<Column> {
    [("Name", "title"), ("Tags", "multi_select"), ("Status", "status"), ("Review by", "date")]
        .map(|(name, kind)| Column::named(name, kind))
        .into()
}

fn page(title: &str, tag: &str, status: &str) -> Page {
    Page::of(BTreeMap::from([
        ("Name".to_owned(), json!({ "type": "title", "title": [{ "plain_text": title }] })),
        ("Tags".to_owned(), json!({ "type": "multi_select", "multi_select": [{ "name": tag }] })),
        ("Status".to_owned(), json!({ "type": "status", "status": { "name": status } })),
        ("Review by".to_owned(), json!({ "type": "date", "date": Value::Null })),
    ]))
}

/// What goes over the wire, read as the simulator reads it.
fn read(filter: &Filter) -> filter::Filter {
    let text = serde_json::to_string(filter).unwrap();
    filter::parse(&serde_json::from_str(&text).unwrap(), &columns()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn words_and_labels_are_compared_and_never_understood(
        title in hostile(), word in hostile(), tag in hostile(), other in hostile()
    ) {
        let filter = Filter::all(vec![
            Filter::on("Name", "title", Is::Contains(word.clone())),
            Filter::on("Tags", "multi_select", Is::Contains(tag.clone())),
            Filter::on("Status", "status", Is::Other("Archived".into())),
        ]).unwrap();
        let read = read(&filter);
        let holds = title.to_lowercase().contains(&word.to_lowercase());
        prop_assert_eq!(read.lets(&page(&title, &tag, "Published")), holds);
        prop_assert_eq!(read.lets(&page(&title, &other, "Published")), holds && tag == other);
        prop_assert!(!read.lets(&page(&title, &tag, "Archived")), "no text undoes another condition");
    }

    #[test]
    fn one_of_several_is_no_more_than_that(first in hostile(), second in hostile(), status in hostile()) {
        let is = |option: &String| Filter::on("Status", "status", Is::Equal(option.clone()));
        let filter = Filter::all(vec![
            Filter::any(vec![is(&first), is(&second)]).unwrap(),
            Filter::on("Review by", "date", Is::Empty),
            Filter::on("Tags", "multi_select", Is::Lacks(first.clone())),
        ]).unwrap();
        let wanted = status == first || status == second;
        prop_assert_eq!(read(&filter).lets(&page("x", "no tag of theirs", &status)), wanted && first != "no tag of theirs");
    }
}
