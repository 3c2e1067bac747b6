//! What a preview shows.

use call::Operation;
use error::Code;
use serde_json::json;
use tool::testing::cx;

use super::library;

#[tokio::test]
async fn what_would_be_refused_is_refused_in_the_preview() {
    let draft = json!({"title": "x", "text": "y", "space": "OPS", "template": "none such"});
    let preview = Operation::derive(&["create_document_draft"], "k").preview();
    let refused = library().run(&cx("create_document_draft", "k").with_operation(preview), draft).await;
    assert_eq!(refused.unwrap_err().code(), Code::NotFound);
}

#[tokio::test]
async fn all_that_will_be_written_is_shown() {
    let library = library();
    for (tool, arguments, fields) in [
        (
            "create_document_draft",
            json!({"title": "x", "text": "y", "space": "OPS", "template": "runbook", "labels": ["a", "b"]}),
            json!([
                {"field": "title", "after": "x"},
                {"field": "text", "after": "y"},
                {"field": "template", "after": "runbook"},
                {"field": "label", "after": "a"},
                {"field": "label", "after": "b"},
            ]),
        ),
        (
            "comment_on_document",
            json!({"document": "W-2", "text": "Still true?", "section": "Steps"}),
            json!([{"field": "comment", "after": "Still true?"}, {"field": "section", "after": "steps"}]),
        ),
    ] {
        let preview = Operation::derive(&[tool], "k").preview();
        let shown =
            library.run(&cx(tool, "k").with_operation(preview), arguments.clone()).await.unwrap().value;
        assert_eq!(shown["change"]["fields"], fields, "{tool}");
        let done = library.run(&cx(tool, "k"), arguments).await.unwrap().value;
        assert_eq!(done["change"]["fields"], fields, "{tool}");
    }
}
