//! Drafts, edits and comments at Notion.

use call::Cx;
use error::Code;
use http::Method;
use serde_json::{Value, json};
use tool::Mark;

use super::{Lab, TITLE, by_hand, writing};
use crate::library::NewDocument;
use crate::markdown::{Edit, Outline};
use crate::model::Status;

#[tokio::test]
async fn a_draft_is_one_request_with_text_status_labels_and_mark() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("draft");
    let new = NewDocument {
        title: "Weekly report".into(),
        text: "Nothing happened.".into(),
        labels: vec!["internal".into(), "brand new".into()],
        template: Some("minutes".into()),
        ..NewDocument::default()
    };
    let draft = lab.library.create_draft(&cx, &new, &mark).await.unwrap();
    assert_eq!((draft.status, draft.labels.len()), (Status::Draft, 2));
    assert_eq!(draft.space.as_ref().map(|s| s.as_str()), Some("Drafts"));
    let writes = lab.asked("/v1/pages").into_iter().filter(|entry| entry.method == "POST");
    assert_eq!(writes.count(), 1);
    let read = lab.library.read(&cx, draft.id.native()).await.unwrap();
    assert!(
        read.text.starts_with("## Who was there") && read.text.ends_with("Nothing happened."),
        "{}",
        read.text
    );
    let unknown = NewDocument { template: Some("minuts".into()), ..new };
    let error = lab.library.create_draft(&cx, &unknown, &mark).await.unwrap_err();
    assert_eq!((error.code(), &*error.wire("").candidates[0].label), (Code::NotFound, "minutes"));
}

#[tokio::test]
async fn drafts_go_only_where_they_are_told_from_what_is_published() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("where");
    let meetings = Some(lab.space("Meetings").await);
    let new = NewDocument { title: "Agenda".into(), space: meetings.clone(), ..NewDocument::default() };
    let draft = lab.library.create_draft(&cx, &new, &mark).await.unwrap();
    assert_eq!((draft.status, draft.space.as_ref().map(|s| s.as_str())), (Status::Draft, Some("Meetings")));
    assert!(lab.library.find_marked(&cx, meetings.as_deref(), &mark).await.unwrap().is_some());
    assert!(lab.library.find_marked(&cx, None, &mark).await.unwrap().is_none(), "another data source");
    let below = NewDocument { parent: Some(draft.id.native().into()), ..new.clone() };
    assert_eq!(lab.library.create_draft(&cx, &below, &mark).await.unwrap_err().code(), Code::Unsupported);
    let comma = NewDocument { labels: vec!["a,b".into()], ..new };
    assert_eq!(lab.library.create_draft(&cx, &comma, &mark).await.unwrap_err().code(), Code::InvalidArgument);
    for refused in [below, comma] {
        lab.library.check_draft(&cx, &refused).await.unwrap_err();
    }
}

#[tokio::test]
async fn one_external_key_is_not_the_beginning_of_another() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("keys");
    let keyed = |key: &str| Mark { external_key: Some(key.into()), ..mark.clone() };
    let new = NewDocument { title: "Keyed".into(), ..NewDocument::default() };
    lab.library.create_draft(&cx, &new, &keyed("c/10")).await.unwrap();
    assert!(lab.library.find_marked(&cx, None, &keyed("c/1")).await.unwrap().is_none());
    assert!(lab.library.find_marked(&cx, None, &keyed("c/10")).await.unwrap().is_some());
}

#[tokio::test]
async fn an_edit_keeps_the_blocks_around_it() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("edit");
    let id = lab.titled(TITLE).await.id;
    let blocks = async || -> Vec<Value> {
        let path = format!("/v1/blocks/{}/children", id.native());
        let answer = by_hand::ask(&lab, Method::GET, &path, &Value::Null);
        serde_json::from_slice::<Value>(&answer.body).unwrap()["results"].as_array().unwrap().clone()
    };
    let before = blocks().await;
    let read = lab.library.read(&cx, id.native()).await.unwrap();
    let outline = Outline::of(&read.text);
    let edit = Edit::new(&outline, &outline.spans()[1].section.anchor, "Only this.").unwrap();
    lab.library.replace_section(&cx, id.native(), &edit, &read.version, &mark).await.unwrap();
    let after = blocks().await;
    assert_eq!(before[0], {
        let mut first = after[0].clone();
        first["last_edited_time"] = before[0]["last_edited_time"].clone();
        first["last_edited_by"] = before[0]["last_edited_by"].clone();
        first
    });
    assert_eq!(before.last().unwrap()["id"], after.last().unwrap()["id"], "what follows keeps its id");
}

/// The same text in two sections: only the one that is meant changes.
#[tokio::test]
async fn a_section_that_reads_like_another_is_not_mistaken_for_it() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("twins");
    let text = "## Step\nWait.\n## Other\nx\n## Step\nWait.\n";
    let new = NewDocument { title: "Twins".into(), text: text.into(), ..NewDocument::default() };
    let id = lab.library.create_draft(&cx, &new, &mark).await.unwrap().id;
    let read = lab.library.read(&cx, id.native()).await.unwrap();
    let edit = Edit::new(&Outline::of(&read.text), "step-2", "Go.").unwrap();
    lab.library.replace_section(&cx, id.native(), &edit, &read.version, &mark).await.unwrap();
    let now = lab.library.read(&cx, id.native()).await.unwrap().text;
    assert_eq!(now, "## Step\nWait.\n## Other\nx\n## Step\nGo.");
}

#[tokio::test]
async fn an_empty_page_takes_a_text() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("empty");
    let new = NewDocument { title: "Blank".into(), ..NewDocument::default() };
    let id = lab.library.create_draft(&cx, &new, &mark).await.unwrap().id;
    let read = lab.library.read(&cx, id.native()).await.unwrap();
    let edit = Edit::new(&Outline::of(&read.text), "top", "# All new\n\nText.").unwrap();
    lab.library.replace_section(&cx, id.native(), &edit, &read.version, &mark).await.unwrap();
    assert_eq!(lab.library.read(&cx, id.native()).await.unwrap().text, "# All new\nText.");
}

#[tokio::test]
async fn a_long_comment_comes_in_pieces() {
    let lab = Lab::start().await;
    let (cx, mark) = writing("long");
    let id = lab.titled(TITLE).await.id;
    let text = "設😀".repeat(1500);
    let posted = lab.library.comment(&cx, id.native(), &text, None, &mark).await.unwrap();
    assert_eq!(posted.text.as_str().chars().count(), 3000);
    assert!(
        lab.library.find_marked_comment(&Cx::for_test(), id.native(), None, &mark).await.unwrap().is_some()
    );
    let entry = lab.asked("/v1/comments").remove(0);
    let body: Value = serde_json::from_str(&entry.request_body).unwrap();
    let pieces = body["rich_text"].as_array().unwrap();
    let lengths =
        pieces.iter().map(|piece| piece["text"]["content"].as_str().unwrap().encode_utf16().count());
    assert!(pieces.len() == 3 && lengths.max() <= Some(2000), "Notion counts as JavaScript does");
    assert_eq!(body["parent"], json!({ "page_id": id.native() }));
}
