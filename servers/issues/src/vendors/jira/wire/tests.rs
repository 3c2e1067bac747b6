use super::*;

/// The shape of Jira Cloud's documented search answer, cut to what matters.
const SEARCH: &str = include_str!("../fixtures/search_jql.json");
const SEARCH_V2: &str = include_str!("../fixtures/search_data_center.json");
const CREATE_FIELDS: &str = include_str!("../fixtures/createmeta_fields.json");

#[test]
fn a_search_answer_is_read_and_borrowed() {
    let page: TokenPage<'_> = serde_json::from_str(SEARCH).unwrap();
    let issue = &page.issues[0];
    assert_eq!((&*issue.key, &*issue.id), ("ED-1", "10002"));
    assert!(matches!(issue.fields.summary.as_ref().unwrap().0, Cow::Borrowed(_)), "no copy of plain text");
    assert_eq!(&*issue.fields.status.as_ref().unwrap().category.as_ref().unwrap().key, "indeterminate");
    assert_eq!(issue.fields.assignee.as_ref().unwrap().id(), "5b10a2844c20165700ede21g");
    assert_eq!(issue.fields.links[0].blocker().map(|b| &*b.key), Some("PR-2"));
    assert_eq!(issue.fields.custom.len(), 1, "empty custom fields are left out");
    assert_eq!(page.next.as_deref(), Some("EgQIlMIC"));
    let log = issue.changelog.as_ref().unwrap();
    assert_eq!(log.histories[0].items[0].after.as_deref(), Some("In Progress"));
}

#[test]
fn data_center_names_people_and_pages_otherwise() {
    let page: OffsetPage<'_> = serde_json::from_str(SEARCH_V2).unwrap();
    assert_eq!(page.total, 57);
    let fields = &page.issues[0].fields;
    assert_eq!(fields.assignee.as_ref().unwrap().id(), "fred");
    assert_eq!(fields.description.unwrap().get(), r#""h1. Steps\n# open""#);
    assert!(fields.priority.is_none() && fields.labels.is_empty(), "null is none");
}

#[test]
fn a_create_screen_is_read_from_both() {
    let cloud: CreateFields<'_> = serde_json::from_str(CREATE_FIELDS).unwrap();
    let moved = CREATE_FIELDS.replacen("\"fields\"", "\"values\"", 1);
    let server: CreateFields<'_> = serde_json::from_str(&moved).unwrap();
    for screen in [cloud, server] {
        let field = &screen.fields[1];
        assert!(field.required && !field.has_default);
        assert_eq!(field.choices(), ["Minor", "Major"]);
    }
}

#[test]
fn jiras_times_are_read() {
    let expected: Timestamp = "2026-11-21T05:53:16.25Z".parse().unwrap();
    for text in ["2026-11-21T05:53:16.250+0000", "2026-11-21T07:53:16.250+0200", "2026-11-21T05:53:16.250Z"] {
        assert_eq!(time(text), Some(expected), "{text}");
    }
    assert_eq!(
        time("2021-01-17T12:34:00.000+01:00").map(|t| t.to_string()).as_deref(),
        Some("2021-01-17T11:34:00Z")
    );
    assert_eq!(time("yesterday"), None);
}
