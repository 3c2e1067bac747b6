//! The faces of one site: at its own address, and behind the API gateway; and the error bodies of both versions.

use jiff::Timestamp;
use sandbox::{Answer, Ask};
use serde_json::{Value, json};

/// The site's id at the gateway.
pub(super) const CLOUD_ID: &str = "b1c7d9a2-5e0f-4a63-8c1d-2f9e6b7a4c30";

/// Where the gateway begins.
pub(super) const GATEWAY: &str = "/ex/confluence/b1c7d9a2-5e0f-4a63-8c1d-2f9e6b7a4c30";

/// The wiki as people open it: what `_links.base` says at the site and behind the gateway alike.
pub(super) fn wiki(ask: &Ask) -> String {
    format!("{}/wiki", ask.origin)
}

/// The moment of a change; Confluence tells no more than milliseconds.
pub(super) fn now(ask: &Ask) -> Timestamp {
    whole(ask.now)
}

/// A moment without what is below milliseconds.
pub(super) fn whole(at: Timestamp) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond()).unwrap_or(at)
}

/// Version 1, by its path.
pub(super) fn is_v1(ask: &Ask) -> bool {
    ask.path.contains("/wiki/rest/api/")
}

/// A refusal in the shape of the version that was asked.
pub(super) fn error(ask: &Ask, status: u16, message: &str) -> Answer {
    if is_v1(ask) {
        Answer::json(status, v1(status, message))
    } else {
        Answer::json(status, v2(status, message))
    }
}

/// The 404 that also stands for a missing permission.
pub(super) fn missing(ask: &Ask, what: &str) -> Answer {
    match is_v1(ask) {
        true => error(ask, 404, &format!("No {what} found with id: {}", ask.param("id"))),
        false => error(ask, 404, "Not Found"),
    }
}

fn v1(status: u16, message: &str) -> Value {
    json!({
        "statusCode": status,
        "data": { "authorized": !matches!(status, 401 | 403), "valid": status != 400, "errors": [], "successful": false },
        "message": message,
    })
}

fn v2(status: u16, title: &str) -> Value {
    let code = match status {
        400 => "INVALID_REQUEST_PARAMETER",
        401 => "UNAUTHORIZED",
        403 => "FORBIDDEN",
        404 => "NOT_FOUND",
        409 => "CONFLICT",
        429 => "RATE_LIMITED",
        _ => "INTERNAL_SERVER_ERROR",
    };
    json!({ "errors": [{ "status": status, "code": code, "title": title, "detail": null }] })
}
