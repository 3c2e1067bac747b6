//! MCP over stdin and stdout, a message a line (MCP, "stdio").
//!
//! rmcp's own transport says nothing to a request that it cannot read, so that the client waits for ever; it leaves the
//! last line unread where nothing ends it, and cuts off at the end of input what is under way.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use call::BoxFuture;
use rmcp::RoleServer;
use rmcp::service::{RxJsonRpcMessage, TxJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::Mutex;

use crate::envelope::{Envelope, Malformed, Rpc, failure};
use crate::front::Front;
use crate::http::Limits;

/// What the last request may take from the reader to the front.
const ARRIVAL: Duration = Duration::from_millis(50);
/// How long calls may still take when nobody can ask for more.
const LONGEST: Duration = Duration::from_secs(25);

/// A pair of pipes. Its end comes only when no call is under way: `printf '...' | server stdio` gets its answers.
pub(crate) struct Lines<R, W> {
    reader: BufReader<R>,
    writer: Arc<Mutex<W>>,
    /// What has been read of the next line: `receive` may be dropped in the middle of one.
    line: Vec<u8>,
    /// The answer to a line that is no message; it is written to its end even if `receive` is dropped meanwhile.
    refusal: Option<BoxFuture<'static, io::Result<()>>>,
    /// The wait for what is under way, after the last line.
    ending: Option<BoxFuture<'static, ()>>,
    /// Whether a request came. Before the first one there is no session that a notification could be about.
    asked: bool,
    front: Arc<Front>,
    limits: Limits,
}

/// What a line is.
enum Line {
    Message(Box<RxJsonRpcMessage<RoleServer>>),
    /// The answer to what is none.
    Refused(Vec<u8>),
    /// Nothing that an answer is expected to.
    Nothing,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Send + Unpin + 'static> Lines<R, W> {
    /// Reads messages of at most `limits.body` bytes.
    pub(crate) fn new(reader: R, writer: W, front: Arc<Front>, limits: Limits) -> Self {
        Self {
            reader: BufReader::new(reader),
            writer: Arc::new(Mutex::new(writer)),
            line: Vec::new(),
            refusal: None,
            ending: None,
            asked: false,
            front,
            limits,
        }
    }

    /// The next line; of one that is too long, one byte more than may be. `None` at the end of input.
    async fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            let some = self.reader.fill_buf().await?;
            if some.is_empty() {
                return Ok(Some(std::mem::take(&mut self.line)).filter(|rest| !rest.is_empty()));
            }
            let end = some.iter().position(|byte| *byte == b'\n');
            let text = &some[..end.unwrap_or(some.len())];
            let room = (self.limits.body + 1).saturating_sub(self.line.len());
            self.line.extend_from_slice(&text[..text.len().min(room)]);
            let consumed = text.len() + usize::from(end.is_some());
            self.reader.consume(consumed);
            if end.is_some() {
                return Ok(Some(std::mem::take(&mut self.line)));
            }
        }
    }

    fn understand(&mut self, line: &[u8]) -> Line {
        let line = line.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(line).trim_ascii();
        if line.is_empty() {
            return Line::Nothing;
        }
        if line.len() > self.limits.body {
            let too_long = format!("a message has at most {} bytes here", self.limits.body);
            return Line::Refused(failure(Rpc::InvalidRequest, &too_long, None));
        }
        let outside = match Envelope::read(line, self.limits.depth) {
            Ok(outside) => outside,
            Err(Malformed { rpc, message, id }) => {
                return Line::Refused(failure(rpc, message, id.as_deref()));
            }
        };
        self.asked |= outside.id.is_some();
        if !self.asked {
            return Line::Nothing;
        }
        match serde_json::from_slice(line) {
            Ok(message) => Line::Message(Box::new(message)),
            Err(error) => match outside.id {
                // Only a position and what stands there: the message is not repeated.
                Some(id) if error.is_syntax() => {
                    Line::Refused(failure(Rpc::Parse, &format!("params: {error}"), Some(&id)))
                }
                Some(id) => {
                    Line::Refused(failure(Rpc::InvalidRequest, "this is not an MCP message", Some(&id)))
                }
                None => Line::Nothing,
            },
        }
    }
}

impl<R, W> Transport<RoleServer> for Lines<R, W>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: TxJsonRpcMessage<RoleServer>,
    ) -> impl Future<Output = io::Result<()>> + Send + 'static {
        let writer = Arc::clone(&self.writer);
        async move { write(&writer, serde_json::to_vec(&message)?).await }
    }

    async fn receive(&mut self) -> Option<RxJsonRpcMessage<RoleServer>> {
        loop {
            if let Some(refusal) = &mut self.refusal {
                let written = refusal.as_mut().await;
                self.refusal = None;
                written.ok()?;
            }
            if let Some(ending) = &mut self.ending {
                ending.as_mut().await;
                return None;
            }
            match self.next().await {
                Ok(Some(line)) => match self.understand(&line) {
                    Line::Message(message) => return Some(*message),
                    Line::Refused(text) => {
                        let writer = Arc::clone(&self.writer);
                        self.refusal = Some(Box::pin(async move { write(&writer, text).await }));
                    }
                    Line::Nothing => {}
                },
                Ok(None) => self.ending = Some(Box::pin(quiet(Arc::clone(&self.front)))),
                Err(error) => {
                    tracing::error!(%error, "stdin cannot be read");
                    return None;
                }
            }
        }
    }

    async fn close(&mut self) -> io::Result<()> {
        self.writer.lock().await.flush().await
    }
}

async fn write<W: AsyncWrite + Unpin>(writer: &Mutex<W>, mut text: Vec<u8>) -> io::Result<()> {
    text.push(b'\n');
    let mut writer = writer.lock().await;
    writer.write_all(&text).await?;
    writer.flush().await
}

/// Returns when the last request has been answered.
async fn quiet(front: Arc<Front>) {
    tokio::time::sleep(ARRIVAL).await;
    let _longest = tokio::time::timeout(LONGEST, front.idle()).await;
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::{AsyncReadExt as _, duplex};
    use tokio::time::Instant;

    use super::*;
    use crate::trial::{Act, SANDBOX, Trial};

    const PING: &str = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;

    /// Which of these lines are messages, and what is answered to the others at once.
    async fn read(input: &str) -> (Vec<Value>, Vec<Value>) {
        let (trial, (writer, mut answers)) = (Trial::new(SANDBOX), duplex(1 << 16));
        let limits = Limits { body: 1_000, ..Limits::default() };
        let input = io::Cursor::new(input.to_owned());
        let mut lines = Lines::new(input, writer, trial.front.clone(), limits);
        let mut messages = Vec::new();
        while let Some(message) = lines.receive().await {
            messages.push(json!(message));
        }
        lines.close().await.unwrap();
        drop(lines);
        let mut text = String::new();
        answers.read_to_string(&mut text).await.unwrap();
        (messages, text.lines().map(|line| serde_json::from_str(line).unwrap()).collect())
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_is_no_message_is_answered_and_costs_no_other() {
        let call = |rest: &str| format!(r#"{{"jsonrpc":"2.0","id":"a","method":"tools/call",{rest}}}"#);
        for (line, code, id) in [
            ("{", -32700, Value::Null),
            ("[1]", -32600, Value::Null),
            (&*format!("\"{}\"", "x".repeat(2_000)), -32600, Value::Null),
            (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600, Value::Null),
            (&*call(r#""params":{"name":"search","arguments":{"text":"\ud83d"}}"#), -32700, json!("a")),
            (&*call(r#""params":{"name":"search","arguments":{"limit":1e400}}"#), -32700, json!("a")),
            (&*call(r#""params":[]"#), -32602, json!("a")),
        ] {
            let (messages, answers) = read(&format!("{PING}\n{line}\n\r\n{PING}\r\n")).await;
            assert_eq!(messages.len(), 2, "{line}");
            let [answer] = answers.as_slice() else { panic!("{line}: {answers:?}") };
            assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{line}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_expects_no_answer_gets_none() {
        let early = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let odd = r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"\ud83d"}}"#;
        let (messages, answers) = read(&format!("{early}\n\n{PING}\n{odd}\n")).await;
        assert_eq!((messages.len(), answers.len()), (1, 0), "{messages:?} {answers:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_last_line_needs_no_end_and_the_end_waits_for_calls() {
        let trial = Trial::new(SANDBOX);
        trial.shelf.then(Act::Take(Duration::from_secs(8)));
        let begun = Instant::now();
        let read = async {
            let (front, limits) = (trial.front.clone(), Limits::default());
            let mut lines = Lines::new(PING.as_bytes(), tokio::io::sink(), front, limits);
            (lines.receive().await.is_some(), lines.receive().await.is_none(), begun.elapsed())
        };
        let call = trial.call("get_item", json!({"id": "shelf:1"}));
        let (answer, (first, last, took)) = tokio::join!(call, read);
        assert!(answer.is_ok() && first && last);
        assert!(took >= Duration::from_secs(8), "{took:?}");
    }

    #[tokio::test]
    async fn half_a_line_and_half_an_answer_survive_that_nobody_waits() {
        let (trial, (mut input, reader), (writer, answers)) =
            (Trial::new(SANDBOX), duplex(1 << 10), duplex(8));
        let mut lines = Lines::new(reader, writer, trial.front.clone(), Limits::default());
        let (half, rest) = PING.split_at(9);
        for some in ["{\n", half] {
            input.write_all(some.as_bytes()).await.unwrap();
            assert!(futures::poll!(std::pin::pin!(lines.receive())).is_pending());
        }
        input.write_all(format!("{rest}\n").as_bytes()).await.unwrap();
        let mut answers = BufReader::new(answers).lines();
        let (message, answer) = tokio::join!(lines.receive(), answers.next_line());
        assert!(message.is_some());
        let answer: Value = serde_json::from_str(&answer.unwrap().unwrap()).unwrap();
        assert_eq!(answer["error"]["code"], -32700);
    }
}
