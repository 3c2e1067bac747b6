//! Bodies as Salesforce's documents show them.

use super::*;

#[test]
fn a_page_of_a_query_is_read() {
    let page: Page<'_> = serde_json::from_str(include_str!("../fixtures/query.json")).unwrap();
    assert_eq!((page.total, page.records.len()), (3214, 2));
    assert_eq!(page.next.as_deref(), Some("/services/data/v66.0/query/01gRO0000016PIAYA2-2000"));
    let [first, second] = &page.records[..] else { panic!("two records") };
    assert_eq!(first.need("Id").unwrap(), "006RO000004gU5gYAE");
    assert_eq!(first.text("Account.Name"), Some("Büro \"Nord\" GmbH"));
    assert_eq!(first.text("Owner.Name"), Some("Ingrid Solheim"));
    assert_eq!(first.number("Amount").unwrap().to_string(), "18500000");
    assert_eq!(second.number("Amount").unwrap().to_string(), "21500.75");
    assert_eq!(first.day("CloseDate").unwrap().to_string(), "2026-12-24");
    assert_eq!(first.time("LastModifiedDate").unwrap().to_string(), "2026-11-20T09:15:30Z");
    assert!(!first.flag("IsClosed") && first.maybe("IsWon") == Some(false));
    assert_eq!((second.text("Account.Name"), second.text("NextStep")), (None, None), "null and empty");
    assert!(second.need("Nothing").is_err());
}

#[test]
fn parts_of_a_composite_answer_have_their_own_status() {
    let answers: Answers<'_> = serde_json::from_str(include_str!("../fixtures/composite.json")).unwrap();
    let statuses: Vec<u16> = answers.answers.iter().map(|a| a.status).collect();
    assert_eq!(statuses, [200, 400]);
    let page: Page<'_> = serde_json::from_str(answers.answers[0].body.get()).unwrap();
    assert_eq!(page.records[0].text("Name"), Some("Nordwind Handel AG"));
}

#[test]
fn picklist_values_are_read() {
    let found: PicklistValues<'_> = serde_json::from_str(include_str!("../fixtures/stages.json")).unwrap();
    let names: Vec<&str> = found.values.iter().map(|v| &*v.value).collect();
    assert_eq!(names, ["Proposal", "Closed Won"]);
}
