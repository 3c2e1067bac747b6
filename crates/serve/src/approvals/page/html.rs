//! HTML that cannot be broken out of: what is not a literal of this program is escaped.

use crate::approvals::exact;

/// A piece of a page.
#[derive(Clone, Debug, Default)]
pub(super) struct Html(String);

impl Html {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Adds markup. It is written in this program, so nobody else's text can come in here.
    pub(super) fn raw(mut self, markup: &'static str) -> Self {
        self.0.push_str(markup);
        self
    }

    /// Adds a text, between tags or inside a quoted attribute: without what a reader would not see, and escaped.
    pub(super) fn text(self, text: &str) -> Self {
        self.escaped(&content::clean(text).text)
    }

    /// Adds a text of which nothing may be left out, escaped.
    pub(super) fn exact(self, text: &str) -> Self {
        self.escaped(&exact(text))
    }

    fn escaped(mut self, text: &str) -> Self {
        for c in text.chars() {
            match c {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                '\'' => self.0.push_str("&#39;"),
                c => self.0.push(c),
            }
        }
        self
    }

    /// Adds another piece.
    pub(super) fn add(mut self, piece: &Self) -> Self {
        self.0.push_str(&piece.0);
        self
    }

    /// Adds a piece for each item.
    pub(super) fn each<T>(self, items: impl IntoIterator<Item = T>, piece: impl Fn(T) -> Self) -> Self {
        items.into_iter().fold(self, |html, item| html.add(&piece(item)))
    }

    pub(super) fn into_string(self) -> String {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_becomes_markup() {
        let evil = "<script>alert(1)</script>\" onload='x' &amp; \u{202E}\u{200B}<!-- x -->";
        let html = Html::new().raw("<p title=\"").text(evil).raw("\">").exact(evil).raw("</p>").into_string();
        let inside = html.strip_prefix("<p title=\"").unwrap().strip_suffix("</p>").unwrap();
        assert_eq!(inside.matches(['<', '\'']).count(), 0, "{html}");
        assert_eq!(inside.matches('"').count(), 1, "the one that ends the attribute");
        assert!(html.contains("&lt;script&gt;") && !html.contains('\u{202E}'), "{html}");
    }
}
