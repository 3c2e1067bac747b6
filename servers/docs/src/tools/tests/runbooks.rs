//! Runbooks among many.

use std::fmt::Write as _;
use std::sync::Arc;

use sandbox::company;
use serde::Deserialize;
use serde_json::{Value, json};
use tool::testing::{self, Bench, cx, ids};

use super::catalog;
use crate::library::{Able, Library};
use crate::vendors::memory::Memory;

/// A library of twelve runbooks, the oldest of which alone says what to do about ERR_DEEP.
fn shelf(able: Able) -> Bench {
    #[derive(Deserialize)]
    struct File {
        record: Vec<company::Document>,
    }
    let mut records = String::new();
    for n in 1..=12 {
        let about = if n == 12 { "ERR_DEEP: restart the pump." } else { "Call somebody." };
        let head = format!("key = \"r-{n}\"\nhome = \"wiki\"\nspace = \"OPS\"\nkind = \"runbook\"");
        let rest = format!(
            "created_days = -30\nstatus = \"current\"\nedits = [{{ author = \"mei\", hours = -{n} }}]"
        );
        let _ = write!(
            records,
            "[[record]]\n{head}\ntitle = \"Runbook {n}\"\ntext = \"## Steps\\n{about}\"\n{rest}\n"
        );
    }
    let records = toml::from_str::<File>(&records).unwrap().record;
    let port: Arc<Library> = Arc::new(Memory::holding("wiki", able, records));
    Bench::new(catalog(), vec![testing::source("wiki", port, None)])
}

async fn found(able: Able, arguments: Value) -> Value {
    shelf(able).run(&cx("find_runbook", "k"), arguments).await.unwrap().value
}

#[tokio::test]
async fn what_a_text_says_is_searched_for_among_all() {
    for arguments in [json!({"alert": "ERR_DEEP"}), json!({"symptom": "pump, ERR_DEEP and no steps"})] {
        let found = found(Able::ALL, arguments).await;
        assert_eq!(ids(&found)[0], "wiki:W-12", "{found}");
        assert!(found["items"][0]["steps"]["untrusted"].as_str().unwrap().contains("restart the pump"));
    }
    let alone = found(Able::ALL, json!({"alert": "ERR_DEEP"})).await;
    assert!(alone.get("truncated").is_none(), "no other says it: {alone}");
}

#[tokio::test]
async fn what_was_left_unread_is_said() {
    let titles = Able { full_text: false, ..Able::ALL };
    let found_none = found(titles, json!({"alert": "ERR_DEEP"})).await;
    assert!(ids(&found_none).is_empty());
    assert_eq!(found_none["truncated"], true, "four of twelve were not read");
    let many = found(Able::ALL, json!({"symptom": "somebody"})).await;
    assert_eq!((ids(&many).len(), &many["truncated"]), (3, &json!(true)), "others fit as well");
}
