//! Cross-site request forgery tokens: each belongs to a session, and the session to a cookie (SAP Gateway Foundation
//! guide, "Cross-Site Request Forgery Protection").

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use sandbox::{Answer, Ask};

/// The cookie that names the session, with the system and client that SAP puts into its name.
const COOKIE: &str = "SAP_SESSIONID_S4H_100";

/// A session that nobody uses ends after this time (`http/security_session_timeout`).
const LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The sessions under way.
#[derive(Default)]
pub(super) struct Sessions {
    open: BTreeMap<String, Session>,
}

struct Session {
    user: String,
    token: String,
    until: Timestamp,
}

impl Sessions {
    /// Gives a token to a request that asks for one, with the cookies it belongs to.
    pub(super) fn offer(&mut self, ask: &Ask, answer: &mut Answer) {
        let fetches = ask.header("x-csrf-token").is_some_and(|value| value.eq_ignore_ascii_case("fetch"));
        if !fetches || !answer.status.is_success() {
            return;
        }
        self.open.retain(|_, session| session.until > ask.now);
        let until = ask.now.saturating_add(LIFETIME).unwrap_or(Timestamp::MAX);
        let known = session_id(ask).filter(|id| self.open.get(id).is_some_and(|s| s.user == ask.who()));
        let id = known.unwrap_or_else(random);
        let fresh = || Session { user: ask.who().to_owned(), token: format!("{}==", random()), until };
        let session = self.open.entry(id.clone()).or_insert_with(fresh);
        session.until = until;
        answer.push_header("x-csrf-token", &session.token);
        answer.push_header("set-cookie", format!("{COOKIE}={id}; path=/; HttpOnly"));
        answer.push_header("set-cookie", "sap-usercontext=sap-client=100; path=/");
    }

    /// Errors: the refusal that tells a client to fetch another token.
    pub(super) fn require(&self, ask: &Ask) -> Result<(), Answer> {
        let session = session_id(ask).and_then(|id| self.open.get(&id));
        let is_right = session.is_some_and(|session| {
            session.user == ask.who()
                && session.until > ask.now
                && ask.header("x-csrf-token") == Some(session.token.as_str())
        });
        if is_right {
            return Ok(());
        }
        let body = "CSRF token validation failed";
        Err(Answer::body(403, "text/plain; charset=utf-8", body).header("x-csrf-token", "Required"))
    }
}

/// The session that the request's cookies name.
fn session_id(ask: &Ask) -> Option<String> {
    let cookies = ask.headers.get_all("cookie").iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value.to_owned())
}

fn random() -> String {
    uuid::Uuid::new_v4().simple().to_string()
}
