//! What an approver sees. Every page works without scripts, by keyboard, and on a phone.

use error::Error;
use jiff::Timestamp;
use serde_json::Value;
use store::{After, Approval, Standing};

use super::html::Html;

/// What all pages of a visit share.
pub(super) struct Frame<'a> {
    /// `chancery-issues`.
    pub(super) program: &'a str,
    /// Who reads, if that is known.
    pub(super) reader: Option<&'a str>,
    /// Whether the reader may see the list.
    pub(super) list: bool,
}

impl Frame<'_> {
    /// A whole page.
    pub(super) fn page(&self, title: &str, main: &Html) -> String {
        let reader = match self.reader {
            Some(reader) => Html::new().raw("<p>You are <strong>").text(reader).raw("</strong></p>"),
            None => Html::new(),
        };
        let home = match self.list {
            true => Html::new().raw("<a href=\"/\">").text(self.program).raw(": approvals</a>"),
            false => Html::new().text(self.program).raw(": approvals"),
        };
        Html::new()
            .raw("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
            .raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>")
            .text(title)
            .raw("</title>\n<link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"/style.css\">\n")
            .raw("</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n<header>\n<p>")
            .add(&home)
            .raw("</p>\n")
            .add(&reader)
            .raw("\n</header>\n<main id=\"main\">\n<h1>")
            .text(title)
            .raw("</h1>\n")
            .add(main)
            .raw("\n</main>\n</body>\n</html>\n")
            .into_string()
    }
}

/// A page of the requests that wait, oldest first.
pub(super) struct Listed {
    pub(super) waiting: Vec<Approval>,
    /// Where newer ones follow.
    pub(super) newer: Option<After>,
    /// Whether the oldest of all is on it.
    pub(super) is_first: bool,
}

/// The requests that wait.
pub(super) fn list(listed: &Listed, title: impl Fn(&Approval) -> String) -> Html {
    let item = |request: &Approval| {
        let shown = Shown::of(request);
        Html::new()
            .raw("<li><a href=\"/requests/")
            .text(&request.id)
            .raw("\">")
            .text(&title(request))
            .raw(": ")
            .text(shown.label())
            .raw("</a><p>Asked for by ")
            .text(request.scope.caller())
            .raw(", to be decided by ")
            .add(&time(request.expires_at))
            .raw("</p></li>\n")
    };
    let requests = match (listed.waiting.is_empty(), listed.is_first) {
        (false, _) => Html::new().raw("<ul class=\"waiting\">\n").each(&listed.waiting, item).raw("</ul>\n"),
        (true, true) => Html::new().raw("<p>Nothing waits for a decision.</p>\n"),
        (true, false) => Html::new().raw("<p>Nothing newer waits for a decision.</p>\n"),
    };
    requests.add(&pages(listed))
}

/// The way to the other pages of the list.
fn pages(listed: &Listed) -> Html {
    if listed.is_first && listed.newer.is_none() {
        return Html::new();
    }
    let oldest = match listed.is_first {
        true => Html::new(),
        false => Html::new().raw("<a href=\"/\">The oldest requests</a>\n"),
    };
    let newer = listed.newer.iter().fold(Html::new(), |html, after| {
        html.raw("<a rel=\"next\" href=\"/?after=").text(&after.to_string()).raw("\">Newer requests</a>\n")
    });
    Html::new().raw("<nav class=\"choice\" aria-label=\"Pages\">\n").add(&oldest).add(&newer).raw("</nav>")
}

/// One request: the change field by field, every argument, and how it stands.
pub(super) fn request(request: &Approval, decision: &Html) -> Html {
    let shown = Shown::of(request);
    Html::new()
        .add(&standing(request))
        .raw("<dl>\n<div><dt>Record</dt><dd>")
        .add(&shown.record())
        .raw("</dd></div>\n<div><dt>Asked for by</dt><dd>")
        .text(request.scope.caller())
        .raw("</dd></div>\n<div><dt>Asked for at</dt><dd>")
        .add(&time(request.created_at))
        .raw("</dd></div>\n<div><dt>To be decided by</dt><dd>")
        .add(&time(request.expires_at))
        .raw("</dd></div>\n</dl>\n<h2>What would change</h2>\n")
        .add(&shown.diff())
        .raw("<h2>With these arguments</h2>\n<p class=\"note\">In full, as they would be carried out.</p>\n<dl>\n")
        .each(shown.arguments(), |(name, value)| {
            Html::new().raw("<div><dt>").text(name).raw("</dt><dd>").exact(&value).raw("</dd></div>\n")
        })
        .raw("</dl>\n")
        .add(decision)
}

/// The form that decides.
pub(super) fn form(request: &Approval, token: &str) -> Html {
    Html::new()
        .raw("<form method=\"post\" action=\"/requests/")
        .text(&request.id)
        .raw("\">\n<h2>Your decision</h2>\n<input type=\"hidden\" name=\"token\" value=\"")
        .text(token)
        .raw("\">\n<label for=\"reason\">Reason (optional; the requester reads it)</label>\n")
        .raw(
            "<textarea id=\"reason\" name=\"reason\" maxlength=\"200\"></textarea>\n<div class=\"choice\">\n",
        )
        .raw("<button name=\"verdict\" value=\"approve\">Approve</button>\n")
        .raw("<button class=\"deny\" name=\"verdict\" value=\"deny\">Deny</button>\n</div>\n</form>\n")
}

/// In the place of the form for whoever asked.
pub(super) fn own() -> Html {
    Html::new().raw("<p class=\"status\">You asked for this yourself, so another person has to decide.</p>\n")
}

/// What a one-time link opens with. To follow it uses nothing up: chats and scanners follow links, too.
pub(super) fn landing(approver: &str, action: &str) -> Html {
    Html::new()
        .raw("<p>This link lets <strong>")
        .text(approver)
        .raw("</strong> decide on one request. It works once.</p>\n<form method=\"post\" action=\"/link/")
        .text(action)
        .raw("\">\n<div class=\"choice\"><button>Continue as ")
        .text(approver)
        .raw("</button></div>\n</form>\n")
}

/// What somebody reads whom nothing lets in.
pub(super) fn stranger(program: &str, scope: &str) -> Html {
    Html::new()
        .raw("<p>This page does not know who you are. Ask an operator for a one-time link:</p>\n<p><code>")
        .text(program)
        .raw(" approvals link REQUEST --approver YOU</code></p>\n<p>or come with a client certificate, an access token ")
        .raw("or an API key that has the scope <code>")
        .text(scope)
        .raw("</code>.</p>\n")
}

/// Why something was not done, and what to do.
pub(super) fn refusal(error: &Error) -> Html {
    Html::new()
        .raw("<p class=\"status denied\" role=\"alert\">")
        .text(&sentence(error.message()))
        .raw("</p>\n<p>")
        .text(&sentence(&error.wire("").hint))
        .raw("</p>\n")
}

/// A clause of ours as a sentence.
fn sentence(clause: &str) -> String {
    let mut letters = clause.chars();
    let first = letters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", letters.as_str().trim_end_matches('.'))
}

fn standing(request: &Approval) -> Html {
    let by = request.approver.as_deref().unwrap_or("nobody");
    let (class, said) = match request.standing {
        Standing::Open => return Html::new(),
        Standing::Approved => ("", format!("Approved by {by}. The requester can carry it out once.")),
        Standing::Redeemed => ("", format!("Approved by {by}, and carried out.")),
        Standing::Denied => (" denied", format!("Denied by {by}. Nothing was done.")),
        Standing::Expired => (" denied", "Nobody decided in time. The requester can ask again.".to_owned()),
    };
    let reason = request.reason.iter().fold(Html::new(), |html, why| html.raw(" Reason: ").text(why));
    Html::new()
        .raw("<p class=\"status")
        .raw(class)
        .raw("\" role=\"status\">")
        .text(&said)
        .add(&reason)
        .raw("</p>\n")
}

fn time(at: Timestamp) -> Html {
    let exact = at.to_string();
    Html::new()
        .raw("<time datetime=\"")
        .text(&exact)
        .raw("\">")
        .text(&at.strftime("%Y-%m-%d %H:%M UTC").to_string())
        .raw("</time>")
}

/// What the consent layer stored for the approver.
struct Shown(Value);

impl Shown {
    fn of(request: &Approval) -> Self {
        Self(serde_json::from_slice(&request.shown).unwrap_or_default())
    }

    fn label(&self) -> &str {
        self.0["change"]["record"]["label"].as_str().unwrap_or("a new record")
    }

    fn record(&self) -> Html {
        let record = &self.0["change"]["record"];
        let html = Html::new().text(self.label());
        let html = record["id"].as_str().iter().fold(html, |html, id| html.raw(" (").text(id).raw(")"));
        // A vendor wrote it, so it is followed only where it leads to a web page.
        match record["url"].as_str().filter(|url| url.starts_with("https://")) {
            Some(url) => {
                html.raw("<br><a rel=\"noreferrer noopener\" href=\"").text(url).raw("\">Look at it</a>")
            }
            None => html,
        }
    }

    fn diff(&self) -> Html {
        let fields = self.0["change"]["fields"].as_array().map(Vec::as_slice).unwrap_or_default();
        if fields.is_empty() {
            return Html::new().raw("<p>No field is named; see the arguments.</p>\n");
        }
        let side = |name: &'static str, open: &'static str, close: &'static str, value: &Value| match value
            .as_str()
        {
            Some(text) => Html::new()
                .raw("<dd><span>")
                .raw(name)
                .raw("</span><span>")
                .raw(open)
                .text(text)
                .raw(close)
                .raw("</span></dd>"),
            None => Html::new().raw("<dd><span>").raw(name).raw("</span><span>nothing</span></dd>"),
        };
        Html::new()
            .raw("<dl class=\"diff\">\n")
            .each(fields, |field| {
                Html::new()
                    .raw("<div><dt>")
                    .text(field["field"].as_str().unwrap_or_default())
                    .raw("</dt>")
                    .add(&side("before", "<del>", "</del>", &field["before"]))
                    .add(&side("after", "<ins>", "</ins>", &field["after"]))
                    .raw("</div>\n")
            })
            .raw("</dl>\n")
    }

    /// Texts as they are, everything else as JSON.
    fn arguments(&self) -> Vec<(&str, String)> {
        let members = self.0["arguments"].as_object().into_iter().flatten();
        members
            .map(|(name, value)| {
                (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect()
    }
}
