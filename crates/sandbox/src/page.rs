//! The three ways vendors page: by offset, by opaque token, by `Link` header.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use crate::Ask;

/// A slice of a longer list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows of this page.
    pub items: Vec<T>,
    /// The number of rows before them.
    pub start: usize,
    /// The number of rows in the whole list.
    pub total: usize,
    /// Where the next page starts; `None` on the last one.
    pub next: Option<usize>,
}

/// Cuts the page of at most `limit` rows that starts at `start`.
pub fn cut<T>(rows: impl IntoIterator<Item = T>, start: usize, limit: usize) -> Page<T> {
    let mut rows = rows.into_iter();
    let before = rows.by_ref().take(start).count();
    let items: Vec<T> = rows.by_ref().take(limit).collect();
    let end = before + items.len();
    let total = end + rows.count();
    Page { items, start, total, next: (end < total).then_some(end) }
}

/// Makes opaque page tokens that only this simulator can read, that end, and that belong to one query.
pub struct PageTokens {
    lifetime: Duration,
    key: [u8; 32],
}

/// Why a page token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadToken {
    /// Not one of ours, or altered.
    Unknown,
    /// Its lifetime is over.
    Expired,
    /// It was made for another query.
    OtherQuery,
}

#[derive(Serialize, Deserialize)]
struct Sealed {
    offset: usize,
    until: i64,
    query: String,
}

impl PageTokens {
    /// Tokens that live this long.
    #[must_use]
    pub fn new(lifetime: Duration) -> Self {
        Self { lifetime, key: rand::random() }
    }

    /// A token for the page that starts at `offset`. `query` is whatever must not change between pages.
    #[must_use]
    pub fn seal(&self, query: &str, offset: usize, now: Timestamp) -> String {
        let until = now.saturating_add(self.lifetime).unwrap_or(Timestamp::MAX).as_second();
        let sealed = Sealed { offset, until, query: digest(&[query.as_bytes()]) };
        let text = serde_json::to_vec(&sealed).unwrap_or_default();
        format!("{}.{}", URL_SAFE_NO_PAD.encode(&text), self.mark(&text))
    }

    /// The offset of a token. Errors: [`BadToken`].
    pub fn open(&self, token: &str, query: &str, now: Timestamp) -> Result<usize, BadToken> {
        let (text, mark) = token.split_once('.').ok_or(BadToken::Unknown)?;
        let text = URL_SAFE_NO_PAD.decode(text).map_err(|_| BadToken::Unknown)?;
        if mark != self.mark(&text) {
            return Err(BadToken::Unknown);
        }
        let sealed: Sealed = serde_json::from_slice(&text).map_err(|_| BadToken::Unknown)?;
        if sealed.until <= now.as_second() {
            return Err(BadToken::Expired);
        }
        if sealed.query != digest(&[query.as_bytes()]) {
            return Err(BadToken::OtherQuery);
        }
        Ok(sealed.offset)
    }

    fn mark(&self, text: &[u8]) -> String {
        digest(&[&self.key, text, &self.key])
    }
}

/// The `Link` header (RFC 8288) of page number `page` (from 1) of `total` rows, `per_page` each: the request's
/// own URL with another `page`. `None` when all rows fit on one page.
#[must_use]
pub fn link(ask: &Ask, page: usize, per_page: usize, total: usize) -> Option<String> {
    let last = total.div_ceil(per_page.max(1)).max(1);
    if last == 1 {
        return None;
    }
    let mut links = Vec::new();
    if page > 1 {
        links.push(relation(ask, page - 1, "prev"));
    }
    if page < last {
        links.push(relation(ask, page + 1, "next"));
        links.push(relation(ask, last, "last"));
    }
    if page > 1 {
        links.push(relation(ask, 1, "first"));
    }
    Some(links.join(", "))
}

fn relation(ask: &Ask, page: usize, name: &str) -> String {
    let others = ask.query.iter().filter(|(key, _)| key != "page");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(others)
        .append_pair("page", &page.to_string())
        .finish();
    format!("<{}{}?{query}>; rel=\"{name}\"", ask.origin, ask.path)
}

fn digest(parts: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    parts.iter().for_each(|part| hash.update(part));
    URL_SAFE_NO_PAD.encode(&hash.finalize()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_cover_the_list_once() {
        let first = cut(0..5, 0, 2);
        assert_eq!((first.items, first.total, first.next), (vec![0, 1], 5, Some(2)));
        let last = cut(0..5, 4, 2);
        assert_eq!((last.items, last.total, last.next), (vec![4], 5, None));
        let beyond = cut(0..5, 9, 2);
        assert_eq!((beyond.items.len(), beyond.start, beyond.total, beyond.next), (0, 9, 5, None));
    }

    #[test]
    fn a_token_serves_its_own_query_until_it_ends() {
        let tokens = PageTokens::new(Duration::from_secs(60));
        let now = Timestamp::UNIX_EPOCH;
        let token = tokens.seal("project = PAY", 50, now);
        assert_eq!(tokens.open(&token, "project = PAY", now), Ok(50));
        assert_eq!(tokens.open(&token, "project = HR", now), Err(BadToken::OtherQuery));
        assert_eq!(tokens.open(&token, "project = PAY", Timestamp::MAX), Err(BadToken::Expired));
        let foreign = PageTokens::new(Duration::from_secs(60));
        assert_eq!(foreign.open(&token, "project = PAY", now), Err(BadToken::Unknown));
        assert_eq!(tokens.open("nonsense", "project = PAY", now), Err(BadToken::Unknown));
    }
}
