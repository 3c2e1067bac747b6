//! What lies beyond a caller's reach.

use std::sync::Arc;

use error::{Code, Error, Result};
use serde_json::json;
use tool::testing::cx;
use tool::{Known, Settle, Terms};

use super::library;

/// Allows what lies in one space.
struct Only(&'static str);

impl Settle for Only {
    fn settle(&self, known: &Known) -> Result<()> {
        match known.place.as_deref() == Some(self.0) {
            true => Ok(()),
            false => Err(Error::new(Code::Permission, "elsewhere")),
        }
    }

    fn wants_place(&self) -> bool {
        true
    }
}

#[tokio::test]
async fn a_space_counts_by_its_key_whatever_it_was_called() {
    let library = library();
    let terms = Terms { settle: Some(Arc::new(Only("OPS"))), ..Terms::default() };
    let cx = cx("search_documents", "k").with_attached(Arc::new(terms));
    library.run(&cx, json!({"space": "ops"})).await.unwrap();
    for named in ["eng", "ENG", "wiki:ENG"] {
        let beyond = library.run(&cx, json!({"space": named})).await.unwrap_err();
        assert_eq!(beyond.code(), Code::Permission, "{named}");
    }
}
