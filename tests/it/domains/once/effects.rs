//! What a vendor did, out of its simulator's log.

use serde_json::Value;

/// How paths of requests end that are sent by `POST` and change nothing: searches, and tokens.
const READS: [&str; 10] = [
    "/access_tokens",
    "/approximate-count",
    "/batch/read",
    "/composite",
    "/oauth_token.do",
    "/query",
    "/search",
    "/search/jql",
    "/token",
    "/users-bulk",
];

/// A request that the vendor carried out.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Effect {
    pub(super) method: String,
    pub(super) path: String,
    /// How many requests of its method that are no reads its call sent before it.
    pub(super) rank: u32,
    query: String,
    body: String,
    answer: String,
}

/// What a call did. To tell a vendor once more what holds already is no further effect: an equal `PUT`, `PATCH` or
/// `DELETE` (RFC 9110, 9.2.2), and a `POST` to which the vendor, who knows it by a key, gives its first answer again.
pub(super) fn effects(log: &[Value]) -> Vec<Effect> {
    let mut effects: Vec<Effect> = Vec::new();
    let sent: Vec<&Value> = log.iter().filter(|entry| is_write(entry)).collect();
    for (n, entry) in sent.iter().enumerate().filter(|(_, entry)| was_carried_out(entry)) {
        let earlier = sent.iter().take(n).filter(|other| other["method"] == entry["method"]).count();
        let effect = Effect::of(entry, u32::try_from(earlier).unwrap());
        if !effects.iter().any(|known| known.is_repeated_by(&effect)) {
            effects.push(effect);
        }
    }
    effects
}

/// The path of a request that looks like a write and is none.
pub(super) fn path_of_a_read(entry: &Value) -> Option<String> {
    (!is_safe(entry) && !is_write(entry)).then(|| text(entry, "path"))
}

impl Effect {
    fn of(entry: &Value, rank: u32) -> Self {
        Self {
            method: text(entry, "method"),
            path: text(entry, "path"),
            rank,
            query: entry["query"].to_string(),
            body: text(entry, "request_body"),
            answer: text(entry, "response_body"),
        }
    }

    fn is_repeated_by(&self, other: &Self) -> bool {
        let said = |effect: &Self| {
            (effect.method.clone(), effect.path.clone(), effect.query.clone(), effect.body.clone())
        };
        let new = self.method == "POST" && (self.answer.is_empty() || self.answer != other.answer);
        said(self) == said(other) && !new
    }
}

impl std::fmt::Debug for Effect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let body: String = self.body.chars().take(160).collect();
        write!(f, "{} {} {body}", self.method, self.path)
    }
}

fn is_safe(entry: &Value) -> bool {
    entry["method"] == "GET" || entry["method"] == "HEAD"
}

fn is_write(entry: &Value) -> bool {
    let path = entry["path"].as_str().unwrap();
    !is_safe(entry) && !READS.iter().any(|end| path.ends_with(end))
}

fn was_carried_out(entry: &Value) -> bool {
    entry["applied"] == true && entry["status"].as_u64().is_some_and(|status| (200..300).contains(&status))
}

fn text(entry: &Value, name: &str) -> String {
    entry[name].as_str().unwrap_or_default().to_owned()
}
