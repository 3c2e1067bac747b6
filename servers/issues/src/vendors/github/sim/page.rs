//! Pages by number and `Link`.

use sandbox::{Answer, Ask, page};

/// Page number from 1 and its size: 30 unless said, at most 100. Nonsense counts as unsaid, as at GitHub.
pub(super) fn asked(ask: &Ask) -> (usize, usize) {
    let number = |name: &str| ask.query(name).and_then(|text| text.parse::<usize>().ok()).filter(|n| *n > 0);
    (number("page").unwrap_or(1), number("per_page").unwrap_or(30).min(100))
}

/// The rows of the page asked for, and the `Link` header.
pub(super) fn cut<T>(ask: &Ask, rows: Vec<T>) -> (Vec<T>, Option<String>) {
    let (number, size) = asked(ask);
    let page = page::cut(rows, (number - 1).saturating_mul(size), size);
    let link = page::link(ask, number, size, page.total);
    (page.items, link)
}

/// The answer with its `Link` header.
pub(super) fn linked(answer: Answer, link: Option<String>) -> Answer {
    match link {
        Some(link) => answer.header("link", link),
        None => answer,
    }
}

/// A page of rows, each shown by `show`.
pub(super) fn list<T>(ask: &Ask, rows: Vec<T>, show: impl Fn(T) -> serde_json::Value) -> Answer {
    let (rows, link) = cut(ask, rows);
    linked(Answer::json(200, rows.into_iter().map(show).collect::<Vec<_>>()), link)
}
