//! What goes wrong beside what was asked for.

use call::{Cx, Operation};
use error::Code;
use serde_json::{Value, json};
use tool::Mark;

use super::story::titled;
use super::{Way, Wiki};
use crate::library::NewDocument;
use crate::markdown::{Edit, Outline};

fn strike(wiki: &Wiki, path: &str, fault: &Value) {
    let rule = json!({ "match": { "path_prefix": path }, "fault": fault });
    wiki.simulator.control().add_fault(serde_json::from_value(rule).unwrap()).unwrap();
}

fn writing(key: &str) -> (Cx, Mark) {
    let cx = Cx::for_test().with_operation(Operation::derive(&["faults"], key));
    let mark = Mark::new(&cx, None).unwrap();
    (cx, mark)
}

/// Confluence has confirmed the write, and only who wrote it is not known.
#[tokio::test]
async fn a_name_that_does_not_come_makes_no_write_unknown() {
    for fault in [
        json!({ "kind": "status", "status": 500 }),
        json!({ "kind": "status", "status": 429, "headers": { "retry-after": "25" } }),
        json!({ "kind": "reset" }),
    ] {
        let wiki = Wiki::start().await;
        let library = wiki.library(Way::Token);
        let page = titled(&*library, "Runbook: Payouts stuck in the queue", None).await;
        strike(&wiki, "/wiki/api/v2/users-bulk", &fault);
        let (cx, mark) = writing("comment");
        let comment = library.comment(&cx, page.id.native(), "Seen.", None, &mark).await.unwrap();
        assert_eq!((comment.text.as_str(), comment.author), ("Seen.", None), "{fault}");
    }
}

#[tokio::test]
async fn without_names_pages_are_read_written_and_labelled() {
    let wiki = Wiki::start().await;
    let library = wiki.library(Way::Token);
    let page = titled(&*library, "Runbook: Payouts stuck in the queue", None).await;
    let id = page.id.native();
    strike(&wiki, "/wiki/api/v2/users-bulk", &json!({ "kind": "status", "status": 500 }));
    let read = library.read(&Cx::for_test(), id).await.unwrap();
    assert!(read.document.updated_by.is_none() && !read.text.is_empty());
    let (cx, mark) = writing("edit");
    let edit = Edit::new(&Outline::of(&read.text), "background", "Other.").unwrap();
    let edited = library.replace_section(&cx, id, &edit, &read.version, &mark).await.unwrap();
    assert_ne!(edited.document.version, Some(read.version));
    let (cx, mark) = writing("draft");
    let new = NewDocument {
        title: "Half known".into(),
        text: "x".into(),
        labels: vec!["payments".into()],
        ..NewDocument::default()
    };
    let draft = library.create_draft(&cx, &new, &mark).await.unwrap();
    assert_eq!((draft.labels, draft.owner), (vec!["payments".into()], None));
    // Who can read a page is a matter of names, and of half of them nothing can be said.
    let page = titled(&*library, "Incident Management Policy", None).await;
    let error = library.exposure(&Cx::for_test(), page.id.native()).await.unwrap_err();
    assert_eq!(error.code(), Code::UpstreamUnavailable);
}
