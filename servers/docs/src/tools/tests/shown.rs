//! What a preview shows.

use call::Operation;
use serde_json::json;
use tool::testing::cx;

use super::library;

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
