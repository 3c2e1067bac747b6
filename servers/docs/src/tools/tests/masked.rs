//! Edits by those who were not shown everything.

use error::Code;
use serde_json::json;
use tool::testing::cx;

use super::library;

#[tokio::test]
async fn nobody_writes_a_mask_in_place_of_the_value() {
    let library = library();
    let edit = |key: &str, text: &str, version: &str| {
        let edit = json!({"document": "W-2", "section": "signs", "text": text, "expected_version": version});
        (cx("update_document_section", key), edit)
    };
    let (cx, first) = edit("first", "Call jane@acme.example\nThen wait", "1");
    library.run(&cx, first).await.unwrap();
    let (cx, masked) = edit("masked", "Call j***@a***.example\nThen wait longer", "2");
    let refused = library.run(&cx, masked).await.unwrap_err();
    assert_eq!((refused.code(), &*refused.wire("").fields[0].path), (Code::InvalidArgument, "text"));
    let (cx, kept) = edit("kept", "Call jane@acme.example\nThen wait longer", "2");
    library.run(&cx, kept).await.unwrap();
    let (cx, gone) = edit("gone", "Then wait longer", "3");
    library.run(&cx, gone).await.unwrap();
}
