//! No text can widen a search: whatever is looked for, what the simulator finds bears it.

use jiff::Timestamp;
use proptest::prelude::*;

use super::super::query::{self, Conditions, Filter, Search, Sort};
use super::super::sim::search::ids;
use super::super::sim::state::{Kind, Portal};

/// Texts as an attacker writes them, and any other.
fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        "\\PC{0,40}",
        "[a-zA-Z0-9 *\"'\\\\(){}\\[\\],:|&%_-]{0,40}",
        Just("\"}]},{\"filters\":[{\"propertyName\":\"name\",\"operator\":\"HAS_PROPERTY\"}]}".to_owned()),
        Just("*".to_owned()),
        Just("* OR *".to_owned()),
        Just("nordlys\n* repo:other/secret".to_owned()),
        Just("\u{202e}*\u{200b}".to_owned()),
        "[a-z]{1,8}",
    ]
}

fn body(conditions: &Conditions) -> Vec<u8> {
    let search = Search {
        filter_groups: conditions.groups().unwrap(),
        sorts: [Sort::ascending("name")],
        properties: &["name"],
        limit: 200,
        after: None,
    };
    serde_json::to_vec(&search).unwrap()
}

fn value(portal: &Portal, id: u64, name: &str) -> String {
    portal.text(Kind::Company, id, name)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_text_finds_only_what_bears_it(text in hostile(), owned in any::<bool>()) {
        let portal = portal();
        let mut conditions = Conditions::none();
        if owned {
            conditions.and(Filter::eq("customer_segment", "enterprise"));
        }
        let Some(words) = query::words("name", &text) else { return Ok(()) };
        conditions.and_all(words);
        let found = ids(portal, Kind::Company, &body(&conditions));
        let found = found.expect("HubSpot takes what we write");
        for id in found {
            let name = value(portal, id, "name");
            let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).collect();
            let borne = words.iter().filter(|word| name.to_lowercase().contains(&word.to_lowercase())).count();
            prop_assert!(borne >= words.len().min(3), "{name} for {text:?}");
            prop_assert!(!owned || value(portal, id, "customer_segment") == "enterprise");
        }
    }

    #[test]
    fn a_value_is_the_whole_of_what_is_compared(text in hostile()) {
        let portal = portal();
        let mut conditions = Conditions::none();
        conditions.and(Filter::eq("domain", text.clone()));
        conditions.and_either(vec![vec![Filter::eq("name", text.clone())], vec![Filter::gt("hs_num_open_deals", 0)]]);
        let found = ids(portal, Kind::Company, &body(&conditions));
        for id in found.expect("HubSpot takes what we write") {
            let domain = value(portal, id, "domain");
            prop_assert_eq!(domain.to_lowercase(), text.to_lowercase());
        }
    }
}

/// Filled once: the cases only read it.
fn portal() -> &'static Portal {
    static PORTAL: std::sync::OnceLock<Portal> = std::sync::OnceLock::new();
    PORTAL.get_or_init(|| super::super::sim::filled(Timestamp::now()))
}
