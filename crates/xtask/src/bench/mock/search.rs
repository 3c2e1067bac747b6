//! What a search gives: the fields that were asked for, as Jira does, and no others.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use http::Uri;
use serde::Deserialize;
use serde_json::Value;

use crate::bench::rows;

/// Questions whose answers are kept: the clients of a run ask a handful.
const KEPT: usize = 64;

/// A search, with its answers as bytes by what was asked: shaping one costs once and not on every call.
pub(super) struct Search {
    whole: Value,
    kept: Mutex<HashMap<(String, Bytes), Bytes>>,
}

impl Search {
    /// A search that finds all of these.
    pub(super) fn over(whole: Value) -> Self {
        Self { whole, kept: Mutex::default() }
    }

    /// The answer to a question in a query (`fields=a,b`) or a body (`"fields": ["a", "b"]`); everything to one that
    /// names no fields.
    pub(super) fn answer(&self, uri: &Uri, body: &Bytes) -> Bytes {
        let question = (uri.query().unwrap_or_default().to_owned(), body.clone());
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = kept.get(&question) {
            return answer.clone();
        }
        let answer = match in_query(&question.0).or_else(|| in_body(body)) {
            Some(fields) => rows::only(self.whole.clone(), &fields),
            None => self.whole.clone(),
        };
        let answer = Bytes::from(answer.to_string());
        if kept.len() < KEPT {
            kept.insert(question, answer.clone());
        }
        answer
    }
}

fn in_query(query: &str) -> Option<Vec<String>> {
    let url = reqwest::Url::parse(&format!("http://mock/?{query}")).ok()?;
    let fields = url.query_pairs().find(|(name, _)| name == "fields")?.1;
    Some(fields.split(',').map(str::to_owned).collect())
}

fn in_body(body: &[u8]) -> Option<Vec<String>> {
    #[derive(Deserialize)]
    struct Question {
        fields: Option<Vec<String>>,
    }
    serde_json::from_slice::<Question>(body).ok()?.fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_ask_give_the_same() {
        let search = Search::over(rows::cloud());
        let by_body = search
            .answer(&Uri::from_static("/"), &Bytes::from_static(br#"{"fields": ["summary", "labels"]}"#));
        let by_query = search.answer(&Uri::from_static("/?jql=a&fields=summary%2Clabels"), &Bytes::new());
        assert_eq!(by_body, by_query);
        let all = search.answer(&Uri::from_static("/"), &Bytes::new());
        assert!(by_body.len() * 3 < all.len(), "{} of {} bytes", by_body.len(), all.len());
    }
}
