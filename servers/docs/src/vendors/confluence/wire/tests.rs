use super::*;

/// The shapes of Atlassian's reference pages, cut to what matters.
const SEARCH: &str = include_str!("../fixtures/search.json");
const PAGE: &str = include_str!("../fixtures/page.json");
const RESTRICTIONS: &str = include_str!("../fixtures/restrictions.json");

#[test]
fn a_search_answer_is_read_and_borrowed() {
    let list: List<'_, Hit<'_>> = serde_json::from_str(SEARCH).unwrap();
    assert_eq!(list.total, Some(72));
    assert_eq!(list.links.cursor().as_deref(), Some("_f_NTA=_sa_W1wi"));
    let content = list.results[0].content.as_ref().unwrap();
    assert!(matches!(content.title.0, Cow::Borrowed("Travel guidelines")), "no copy of plain text");
    assert_eq!(content.history.owner.as_ref().map(|user| &*user.id), Some("5b10ac8d82e05b22cc7d4ef5"));
    assert_eq!(content.version.as_ref().unwrap().number, 4);
    assert_eq!(content.metadata.labels.results[0].name.0, "policy");
    let properties = &content.metadata.properties;
    assert_eq!(properties["review-date"].text(), Some("2027-01-31"));
    assert_eq!(properties["editor-data"].text(), None, "what is no text is passed over");
    assert!(list.results[1].content.is_none(), "a space is no content");
}

#[test]
fn a_page_is_read_with_what_hangs_on_it() {
    let page: Page<'_> = serde_json::from_str(PAGE).unwrap();
    assert_eq!((&*page.id, &*page.space_id, page.version.number), ("98312", "32769", 4));
    assert_eq!(page.body.text(), "<p>Book early &amp; cheap.</p>");
    assert_eq!(page.properties.results[0].text(), Some("2027-01-31"));
    assert_eq!(page.links.base.as_deref(), Some("https://acme.atlassian.net/wiki"));
    assert!(page.version.message.is_none(), "null is none");
}

#[test]
fn restrictions_name_people_and_groups() {
    let found: Restrictions<'_> = serde_json::from_str(RESTRICTIONS).unwrap();
    assert_eq!(&*found.read.restrictions.user.results[0].name, "Mia Krystof");
    assert_eq!(&*found.read.restrictions.group.results[0].name, "confluence-admins");
    assert!(found.update.restrictions.user.results.is_empty());
}

#[test]
fn a_list_without_an_end_has_no_cursor() {
    for next in [r#"{}"#, r#"{"next": "/wiki/rest/api/search?start=25"}"#, r#"{"next": null}"#] {
        let links: Links<'_> = serde_json::from_str(next).unwrap();
        assert_eq!(links.cursor(), None, "{next}");
    }
}
