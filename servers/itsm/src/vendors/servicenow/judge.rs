//! What ServiceNow's replies mean (ServiceNow, "REST API HTTP response codes"; "Inbound REST API rate limiting").

use error::{Code, Error};
use outbound::{Reply, Verdict, by_status};

use super::wire::Failure;

/// Reads a reply.
pub(super) fn judge(reply: &Reply) -> Verdict {
    match reply.status.as_u16() {
        // A page to log in, or one that says the instance is asleep.
        200 if !is_json(reply) => Verdict::Unavailable { wait: None },
        400 => Verdict::Refuse(invalid(reply)),
        // Credentials that count, of a user who may not use the interface.
        401 if said(reply, "not authorized") => Verdict::Refuse(forbidden(reply)),
        403 => Verdict::Refuse(held_back(reply)),
        404 => Verdict::Refuse(
            Error::new(Code::NotFound, "no such record, or the service account may not see it")
                .detail(reply.excerpt()),
        ),
        // A transaction quota of the instance; it would be reached again.
        500 if said(reply, "maximum execution time exceeded") => Verdict::Refuse(
            Error::new(Code::TooBroad, "the desk gave the search up: it took too long")
                .hint("narrow the filters: a service, a group, a window of `opened`")
                .detail(reply.excerpt()),
        ),
        _ => by_status(reply),
    }
}

fn is_json(reply: &Reply) -> bool {
    reply.body.is_empty() || reply.header("content-type").is_none_or(|kind| kind.contains("json"))
}

/// A wrong table means a plugin that is not there.
fn invalid(reply: &Reply) -> Error {
    let error = match said(reply, "invalid table") || said(reply, NO_INTERFACE) {
        true => Error::new(
            Code::Unsupported,
            "this instance does not have what this needs: a plugin is not active",
        )
        .hint("the operator can switch this off in the source's configuration"),
        false => Error::new(Code::InvalidArgument, "ServiceNow refuses this as invalid"),
    };
    error.detail(reply.excerpt())
}

/// How an instance says that a path is none of its own.
const NO_INTERFACE: &str = "does not represent any resource";

/// 403 is a right that is missing, or a rule of the desk that does not hold.
fn held_back(reply: &Reply) -> Error {
    if said(reply, "data policy") || said(reply, "mandatory") {
        return Error::new(Code::InvalidArgument, "a rule of this desk wants fields that were not given")
            .hint("give the close code and the notes that the desk asks for")
            .detail(reply.excerpt());
    }
    if said(reply, "business rule") {
        return Error::new(Code::Conflict, "a rule of this desk does not allow this now")
            .detail(reply.excerpt());
    }
    forbidden(reply)
}

fn forbidden(reply: &Reply) -> Error {
    Error::new(Code::Permission, "the service account may not do this at the desk")
        .hint("ask the operator to grant the role that the source's README names for this tool")
        .detail(reply.excerpt())
}

/// Whether the vendor's words hold these, case aside.
fn said(reply: &Reply, words: &str) -> bool {
    let Ok(failure) = reply.json::<Failure<'_>>() else { return false };
    let texts = [failure.error.message, failure.error.detail];
    texts.iter().flatten().any(|text| text.0.to_lowercase().contains(words))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;
    use jiff::Timestamp;

    use super::*;

    fn judged(status: u16, body: &str) -> Verdict {
        let headers = [("content-type", "application/json")];
        let headers = headers.iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap())).collect();
        let body = Bytes::from(body.to_owned());
        judge(&Reply::new(StatusCode::from_u16(status).unwrap(), headers, body, Timestamp::UNIX_EPOCH))
    }

    fn failure(message: &str, detail: &str) -> String {
        serde_json::json!({ "error": { "message": message, "detail": detail }, "status": "failure" })
            .to_string()
    }

    #[test]
    fn refusals_are_told_apart_by_their_words() {
        for (status, message, detail, code) in [
            (400, "Invalid table em_alert", "", Code::Unsupported),
            (400, "Exception while reading request", "", Code::InvalidArgument),
            (401, "User Not Authorized", "Failed API level ACL Validation", Code::Permission),
            (403, "Insufficient rights to query records", "", Code::Permission),
            (403, "Operation Failed", "Data Policy Exception: mandatory: Close notes", Code::InvalidArgument),
            (403, "Operation Failed", "aborted by Business Rule 'Check'", Code::Conflict),
            (404, "No Record found", "Record doesn't exist or ACL", Code::NotFound),
            (500, "Transaction cancelled: maximum execution time exceeded", "", Code::TooBroad),
            (400, "Requested URI does not represent any resource: /now/x", "", Code::Unsupported),
        ] {
            let Verdict::Refuse(error) = judged(status, &failure(message, detail)) else {
                panic!("{message} is refused")
            };
            assert_eq!(error.code(), code, "{message}");
            assert!(!serde_json::to_string(&error.wire("c")).unwrap().contains(message), "{message}");
        }
        let unknown = judged(401, &failure("User Not Authenticated", "Required to provide Auth information"));
        assert!(matches!(unknown, Verdict::Unauthorized));
    }

    #[test]
    fn a_page_in_place_of_an_answer_is_no_answer() {
        let headers = [("content-type".parse().unwrap(), "text/html".parse().unwrap())].into_iter().collect();
        let body = Bytes::from_static(b"<html>Hibernating Instance</html>");
        let verdict = judge(&Reply::new(StatusCode::OK, headers, body, Timestamp::UNIX_EPOCH));
        assert!(matches!(verdict, Verdict::Unavailable { .. }));
    }
}
