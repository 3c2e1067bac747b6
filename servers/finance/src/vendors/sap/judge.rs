//! What SAP's replies mean.

use content::Label;
use error::{Code, Error, FieldError};
use outbound::{Reply, Verdict, by_status};
use serde::Deserialize;

/// The error body of both versions. Version 2 has `message.value`, version 4 a plain `message`.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    error: Refused,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    code: String,
    message: Message,
    target: Option<String>,
    details: Vec<Detail>,
    innererror: Inner,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Message {
    Plain(String),
    Valued { value: String },
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Inner {
    errordetails: Vec<Detail>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Detail {
    message: String,
    target: Option<String>,
    propertyref: Option<String>,
}

impl Default for Message {
    fn default() -> Self {
        Self::Plain(String::new())
    }
}

impl Message {
    fn text(&self) -> &str {
        match self {
            Self::Plain(text) | Self::Valued { value: text } => text,
        }
    }
}

/// SAP's table over the common one.
pub(super) fn judge(reply: &Reply) -> Verdict {
    match reply.status.as_u16() {
        // Nothing was done: whoever wrote fetches another token and writes once more.
        403 if wants_token(reply) => Verdict::Accept,
        400 => Verdict::Refuse(invalid(reply)),
        404 => Verdict::Refuse(
            Error::new(Code::NotFound, "SAP has no such record, or this account may not see it")
                .detail(body(reply)),
        ),
        412 | 428 => Verdict::Refuse(
            Error::new(Code::Conflict, "the record changed in SAP meanwhile; read it again")
                .detail(body(reply)),
        ),
        _ => by_status(reply),
    }
}

/// Whether SAP asks for another cross-site request forgery token.
pub(super) fn wants_token(reply: &Reply) -> bool {
    reply.status.as_u16() == 403
        && reply.header("x-csrf-token").is_some_and(|value| value.eq_ignore_ascii_case("required"))
}

/// SAP's word on each field reaches the caller, cleaned.
fn invalid(reply: &Reply) -> Error {
    let refused = serde_json::from_slice::<Body>(&reply.body).unwrap_or_default().error;
    if is_locked(refused.message.text()) {
        let message = "somebody is changing this record in SAP at the moment";
        return Error::new(Code::Conflict, message).retryable(true).detail(body(reply));
    }
    let own =
        Detail { message: refused.message.text().to_owned(), target: refused.target, propertyref: None };
    let details = refused.innererror.errordetails.into_iter().chain(refused.details);
    let fields: Vec<FieldError> = std::iter::once(own).chain(details).filter_map(field).take(20).collect();
    let message = match fields.first() {
        Some(first) => format!("SAP refuses `{}`", first.path),
        None => "SAP refuses this as invalid".to_owned(),
    };
    let error =
        Error::new(Code::InvalidArgument, message).detail(format!("{}: {}", refused.code, body(reply)));
    fields.into_iter().fold(error, Error::field)
}

fn field(detail: Detail) -> Option<FieldError> {
    let named = detail.target.filter(|t| !t.is_empty()).or(detail.propertyref.filter(|p| !p.is_empty()))?;
    Some(FieldError {
        path: Label::new(&named).to_string(),
        problem: Label::new(&detail.message).to_string(),
    })
}

/// Locks are told in words alone: `Purchase requisition 10000123 locked by user MUELLER`.
fn is_locked(message: &str) -> bool {
    let message = message.to_ascii_lowercase();
    message.contains("locked by") || message.contains("currently being processed")
}

fn body(reply: &Reply) -> String {
    let text = String::from_utf8_lossy(&reply.body);
    format!("{}: {}", reply.status.as_u16(), content::cut(&text, 512))
}
