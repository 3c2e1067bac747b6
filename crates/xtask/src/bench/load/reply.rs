//! The check of every reply: that it answers the question, and with the rows it should.

use bytes::Bytes;
use http::{Response, header};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::connection::Fault;
use crate::bench::rows;

/// What a good reply weighs, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Answer {
    /// The whole body.
    pub(super) wire: usize,
    /// The text in it that a model reads.
    pub(super) text: usize,
}

/// Checks replies, and remembers the last good one.
///
/// Reading 30 kB of JSON takes longer than some servers take to send it, and the generator shares the machine with
/// them. A reply that differs from a good one in nothing but its id needs no second reading.
#[derive(Default)]
pub(super) struct Checker {
    known: Option<Known>,
}

/// A good reply without its id.
struct Known {
    before_id: Bytes,
    after_id: Bytes,
    answer: Answer,
}

impl Checker {
    /// Whether the reply is the answer to request `id` and begins with the right row.
    pub(super) fn check(&mut self, id: u64, reply: &Response<Bytes>) -> Result<Answer, Fault> {
        let id = id.to_string();
        if let Some(known) = self.known.as_ref().filter(|known| known.matches(&id, reply.body())) {
            return Ok(known.answer);
        }
        let known = read(&id, reply)?;
        Ok(self.known.insert(known).answer)
    }
}

impl Known {
    fn matches(&self, id: &str, body: &[u8]) -> bool {
        let rest = body.strip_prefix(&*self.before_id).and_then(|rest| rest.strip_prefix(id.as_bytes()));
        rest == Some(&*self.after_id)
    }
}

/// Reads a plain body, or the stream of events that it may be.
fn read(id: &str, reply: &Response<Bytes>) -> Result<Known, Fault> {
    let body = reply.body();
    let kind = reply.headers().get(header::CONTENT_TYPE);
    if !kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream")) {
        return read_message(id, body, body);
    }
    let messages = body.split(|&byte| byte == b'\n').filter_map(|line| line.strip_prefix(b"data: "));
    let mut last = Err(Fault::Garbled("no reply in the stream", body.clone()));
    for message in messages {
        // Notifications may come before the reply.
        last = read_message(id, message, body);
        if !matches!(last, Err(Fault::Garbled(..))) {
            break;
        }
    }
    last
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<CallResult<'a>>,
    error: Option<RpcError>,
}

#[derive(Deserialize)]
struct CallResult<'a> {
    #[serde(default, rename = "isError")]
    is_error: bool,
    #[serde(borrow, default)]
    content: Vec<Content<'a>>,
}

#[derive(Deserialize)]
struct Content<'a> {
    #[serde(borrow)]
    text: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct RpcError {
    code: i64,
}

/// Reads one message, a part of `body`.
fn read_message(id: &str, message: &[u8], body: &Bytes) -> Result<Known, Fault> {
    let garbled = |what| Fault::Garbled(what, body.clone());
    let message: Message<'_> = serde_json::from_slice(message).map_err(|_| garbled("not JSON-RPC"))?;
    if let Some(error) = message.error {
        return Err(Fault::Rpc(error.code, body.clone()));
    }
    let found = message.id.map_or("", RawValue::get);
    if found != id {
        return Err(garbled("another request's id"));
    }
    let result = message.result.ok_or_else(|| garbled("no result"))?;
    let text = result.content.iter().find_map(|content| content.text).map_or("", RawValue::get);
    let text: String = serde_json::from_str(text).unwrap_or_default();
    if result.is_error {
        return Err(Fault::Tool(code_of(&text), body.clone()));
    }
    if !begins_with_the_first_row(&text) {
        return Err(Fault::WrongRows(body.clone()));
    }
    let at = found.as_ptr().addr() - body.as_ptr().addr();
    let (before_id, after_id) = (body.slice(..at), body.slice(at + found.len()..));
    Ok(Known { before_id, after_id, answer: Answer { wire: body.len(), text: text.len() } })
}

/// The first issue key in the text is the one it should be.
fn begins_with_the_first_row(text: &str) -> bool {
    let first = text.find(rows::KEY_PREFIX).and_then(|at| text[at..].strip_prefix(rows::FIRST_KEY));
    first.is_some_and(|rest| !rest.starts_with(|next: char| next.is_ascii_digit()))
}

/// The code in an error's text, where that is one of ours.
fn code_of(text: &str) -> String {
    #[derive(Deserialize)]
    struct Coded {
        code: String,
    }
    serde_json::from_str::<Coded>(text).map_or_else(|_| "untyped".to_owned(), |coded| coded.code)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use serde_json::json;

    use super::*;

    const JSON: &str = "application/json";
    const GOOD: &str = r#"{"rows":[{"id":"jira:BENCH-101"},{"id":"jira:BENCH-102"}]}"#;

    fn response(body: &str, kind: &'static str) -> Response<Bytes> {
        let mut reply = Response::new(Bytes::copy_from_slice(body.as_bytes()));
        reply.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        reply
    }

    fn check(body: &str, kind: &'static str) -> Result<Answer, String> {
        Checker::default().check(7, &response(body, kind)).map_err(|fault| fault.to_string())
    }

    fn reply(id: u64, text: &str, is_error: bool) -> String {
        let result = json!({ "content": [{ "type": "text", "text": text }], "isError": is_error });
        json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string()
    }

    #[test]
    fn only_the_answer_to_the_question_passes() {
        let other = r#"{"rows":[{"id":"jira:BENCH-102"}]}"#;
        assert_eq!(check(&reply(7, GOOD, false), JSON).unwrap().text, GOOD.len());
        assert_eq!(check(&reply(8, GOOD, false), JSON).unwrap_err(), "garbled: another request's id");
        assert_eq!(check(&reply(7, other, false), JSON).unwrap_err(), "wrong rows");
        assert_eq!(check(&reply(7, "BENCH-1010", false), JSON).unwrap_err(), "wrong rows");
        assert_eq!(check(&reply(7, r#"{"code":"deadline"}"#, true), JSON).unwrap_err(), "tool: deadline");
        assert_eq!(check(&reply(7, GOOD, true), JSON).unwrap_err(), "tool: untyped");
        assert_eq!(check(r#"{"id":7,"error":{"code":-32602}}"#, JSON).unwrap_err(), "rpc -32602");
        assert_eq!(check("{\"id\":7}", JSON).unwrap_err(), "garbled: no result");
        assert_eq!(check("<html>", JSON).unwrap_err(), "garbled: not JSON-RPC");
    }

    #[test]
    fn a_reply_may_come_in_a_stream_after_notifications() {
        let stream = |last: &str| format!("event: message\ndata: {{\"method\":\"x\"}}\n\ndata: {last}\n\n");
        assert!(check(&stream(&reply(7, GOOD, false)), "text/event-stream").is_ok());
        let silent = check(&stream(r#"{"method":"y"}"#), "text/event-stream");
        assert_eq!(silent.unwrap_err(), "garbled: another request's id");
    }

    #[test]
    fn a_known_reply_passes_with_the_right_id_only() {
        let mut checker = Checker::default();
        let mut check =
            |id, body: &str| checker.check(id, &response(body, JSON)).map_err(|fault| fault.to_string());
        let known = check(9, &reply(9, GOOD, false)).unwrap();
        assert_eq!(check(10, &reply(10, GOOD, false)).unwrap().text, known.text);
        assert_eq!(check(11, &reply(10, GOOD, false)).unwrap_err(), "garbled: another request's id");
        assert_eq!(check(12, &reply(12, GOOD, true)).unwrap_err(), "tool: untyped");
        assert_eq!(check(13, &reply(13, "none", false)).unwrap_err(), "wrong rows");
    }
}
