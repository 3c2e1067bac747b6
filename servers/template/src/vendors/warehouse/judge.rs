//! What the warehouse's replies mean.

use error::{Code, Error};
use http::HeaderMap;
use jiff::Timestamp;
use outbound::{Limit, Reply, Verdict, by_status};

use super::wire::Refused;

/// The warehouse's table over the common one.
pub(super) fn judge(reply: &Reply) -> Verdict {
    let Ok(refused) = reply.json::<Refused<'_>>() else { return by_status(reply) };
    let refuse = |error: Error| Verdict::Refuse(error.detail(reply.excerpt()));
    match (reply.status.as_u16(), refused.error.code.as_ref()) {
        (400, "page_expired") => {
            refuse(Error::new(Code::CursorExpired, "the warehouse has forgotten where this list was"))
        }
        (400, _) => refuse(match refused.error.field.as_deref().and_then(argument) {
            Some(path) => Error::invalid(path, "the warehouse does not take this value"),
            None => Error::new(Code::InvalidArgument, "the warehouse refuses this as invalid"),
        }),
        (404, "unknown_customer") => refuse(Error::new(Code::NotFound, "the warehouse has no such customer")),
        (404, "unknown_product") => refuse(Error::new(Code::NotFound, "this customer uses no such product")),
        (409, _) => refuse(Error::new(
            Code::IdempotencyConflict,
            "the warehouse keeps another annotation under this key",
        )),
        _ => by_status(reply),
    }
}

/// What callers call a field of the warehouse's; nothing of a vendor's body is repeated unseen.
fn argument(field: &str) -> Option<&'static str> {
    match field {
        "day" => Some("week"),
        "at_least" => Some("at_least_percent"),
        own => ["customer", "product", "weeks", "text", "limit"].into_iter().find(|name| *name == own),
    }
}

/// `X-RateLimit-Remaining` and `X-RateLimit-Reset` (seconds since 1970).
pub(super) fn quota(headers: &HeaderMap, _: Timestamp) -> Option<Limit> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
    let reset = Timestamp::from_second(number("x-ratelimit-reset")?).ok()?;
    Some(Limit { remaining: u64::try_from(number("x-ratelimit-remaining")?).ok()?, reset })
}
