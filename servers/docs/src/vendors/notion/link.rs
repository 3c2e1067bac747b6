//! What a page is called: its id in either spelling, and the addresses people copy.

use url::Url;

/// Hosts that serve pages (developers.notion.com, "Working with page content"; the app's own share menu).
const HOSTS: [&str; 4] = ["notion.so", "notion.com", "notion.site", "notion.new"];

/// The id that a reference stands for, in Notion's own spelling.
pub(super) fn recognize(reference: &str) -> Option<String> {
    id(reference).or_else(|| from_url(reference))
}

/// 32 hexadecimal digits, with dashes or without, as Notion writes them: `8-4-4-4-12`.
pub(super) fn id(text: &str) -> Option<String> {
    let text = text.trim();
    let dashed = text.len() == 36 && [8, 13, 18, 23].iter().all(|at| text.as_bytes()[*at] == b'-');
    let digits: String = if dashed { text.replace('-', "") } else { text.to_owned() };
    let digits = digits.to_ascii_lowercase();
    if digits.len() != 32 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let parts = [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]];
    Some(parts.join("-"))
}

/// `https://www.notion.so/acme/Title-of-the-page-<32 digits>`, or `?p=<32 digits>` over a view.
fn from_url(text: &str) -> Option<String> {
    let url = Url::parse(text.trim()).ok().filter(|url| url.scheme() == "https")?;
    let host = url.host_str()?;
    let known = |name: &str| host == name || host.strip_suffix(name).is_some_and(|sub| sub.ends_with('.'));
    if !HOSTS.into_iter().any(known) {
        return None;
    }
    if let Some((_, over)) = url.query_pairs().find(|(name, _)| name == "p") {
        return id(&over);
    }
    let last = url.path_segments()?.next_back()?;
    id(last).or_else(|| id(last.rsplit('-').next()?)).or_else(|| id(last.get(last.len().checked_sub(36)?..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_in_every_spelling() {
        let id = "59833787-2cf9-4fdf-8782-e53db20768a5";
        for text in [
            id,
            "598337872CF94FDF8782E53DB20768A5",
            "https://www.notion.so/Travel-Policy-598337872cf94fdf8782e53db20768a5",
            "https://www.notion.so/acme/Travel-598337872cf94fdf8782e53db20768a5?pvs=4#598337872cf94fdf8782e53db20768a5",
            "https://acme.notion.site/598337872cf94fdf8782e53db20768a5",
            "https://app.notion.com/p/59833787-2cf9-4fdf-8782-e53db20768a5",
            "https://www.notion.so/0123456789abcdef0123456789abcdef?v=1&p=598337872cf94fdf8782e53db20768a5",
        ] {
            assert_eq!(recognize(text).as_deref(), Some(id), "{text}");
        }
        for text in [
            "Travel Policy",
            "https://notion.so.evil.example/598337872cf94fdf8782e53db20768a5",
            "https://evilnotion.so/598337872cf94fdf8782e53db20768a5",
            "http://www.notion.so/598337872cf94fdf8782e53db20768a5",
            "59833787-2cf9-4fdf-8782-e53db20768a",
            "59833787-2cf9-4fdf-8782-e53db20768aé",
            "https://www.notion.so/",
        ] {
            assert_eq!(recognize(text), None, "{text}");
        }
    }
}
