//! How an answer leaves: as HTTP, late, never, or as raw bytes that break it.

use std::io;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use http::Method;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::server::TlsStream;

use crate::{Answer, Fault};

/// Lets the bytes before a reset reach the client, which would otherwise see the reset alone.
const BEFORE_RESET: Duration = Duration::from_millis(20);

/// How long a closed connection waits for the client to close too, so that nothing sent is lost to a reset.
const LINGER: Duration = Duration::from_secs(1);

/// One beat of a trickle that is faster than ten bytes a second.
const BEAT: Duration = Duration::from_millis(100);

/// What hyper does not know how to send wrongly.
const NOT_HTTP: &[u8] = b"\x00\x01SMTP/0.9 what?\r\n250 carry on\r\n\xff\xfe";

/// How one request is answered on its connection.
pub(crate) enum Delivery {
    /// As HTTP, at once.
    Answer(Answer),
    /// As HTTP, after a while.
    Late(Answer, Duration),
    /// Not at all.
    Never,
    /// By taking the connection from the HTTP server.
    Raw(Vec<Step>),
}

/// One thing done to a raw connection.
#[derive(Debug)]
pub(crate) enum Step {
    /// Sends bytes.
    Send(Bytes),
    /// Sends bytes at this many per second.
    Trickle(Bytes, u32),
    /// Sends this many bytes of JSON that never ends.
    Flood(u64),
    /// Waits.
    Pause(Duration),
    /// Closes in good order.
    Close,
    /// Resets the connection.
    Abort,
}

impl Delivery {
    /// `answer` is what the vendor means to say, if anything.
    pub(crate) fn new(fault: Option<&Fault>, answer: Option<Answer>, method: &Method) -> Self {
        match (fault, answer) {
            (Some(fault), Some(answer)) => faulty(fault, answer, *method == Method::HEAD),
            (Some(Fault::HugeBody { bytes }), None) => {
                let head = head(&Answer::body(200, "application/json", ""), *bytes);
                Self::Raw(vec![Step::Send(head), Step::Flood(*bytes), Step::Close])
            }
            (Some(Fault::Garbage { .. }), None) => {
                Self::Raw(vec![Step::Send(Bytes::from_static(NOT_HTTP)), Step::Close])
            }
            (Some(Fault::ResetBefore {}), None) => Self::Raw(vec![Step::Abort]),
            (_, None) => Self::Never,
            (None, Some(answer)) => Self::Answer(answer),
        }
    }
}

fn faulty(fault: &Fault, answer: Answer, bodiless: bool) -> Delivery {
    let bodiless = bodiless || !answer.may_have_body();
    let whole = answer.body.len() as u64;
    match fault {
        Fault::Latency { ms } => Delivery::Late(answer, Duration::from_millis(*ms)),
        Fault::ApplyThenHang {} => Delivery::Never,
        Fault::ApplyThenReset {} => Delivery::Raw(vec![Step::Abort]),
        Fault::Reset {} => {
            Delivery::Raw(vec![Step::Send(half(&answer, bodiless)), Step::Pause(BEFORE_RESET), Step::Abort])
        }
        Fault::Truncate {} => Delivery::Raw(vec![Step::Send(half(&answer, bodiless)), Step::Close]),
        Fault::WrongLength {} => {
            let sent = vec![Step::Send(head(&answer, whole / 2)), Step::Send(answer.body), Step::Close];
            Delivery::Raw(sent)
        }
        Fault::Trickle { bytes_per_second } => {
            let body = if bodiless { Bytes::new() } else { answer.body.clone() };
            let sent =
                vec![Step::Send(head(&answer, whole)), Step::Trickle(body, *bytes_per_second), Step::Close];
            Delivery::Raw(sent)
        }
        _ => Delivery::Answer(answer),
    }
}

/// The head and half the body; of an answer without a body, half the head.
fn half(answer: &Answer, bodiless: bool) -> Bytes {
    let mut sent = head(answer, answer.body.len() as u64);
    if bodiless || answer.body.is_empty() {
        return sent.split_to(sent.len() / 2);
    }
    let mut sent = BytesMut::from(sent);
    sent.put_slice(&answer.body[..answer.body.len() / 2]);
    sent.freeze()
}

/// A response head that states `length`.
fn head(answer: &Answer, length: u64) -> Bytes {
    let mut head = BytesMut::new();
    let reason = answer.status.canonical_reason().unwrap_or_default();
    head.put_slice(format!("HTTP/1.1 {} {reason}\r\n", answer.status.as_u16()).as_bytes());
    for (name, value) in &answer.headers {
        head.put_slice(name.as_str().as_bytes());
        head.put_slice(b": ");
        head.put_slice(value.as_bytes());
        head.put_slice(b"\r\n");
    }
    if answer.may_have_body() {
        head.put_slice(format!("content-length: {length}\r\n").as_bytes());
    }
    head.put_slice(b"\r\n");
    head.freeze()
}

/// A connection whose socket can be reached, under TLS or not.
pub(crate) trait Line: AsyncRead + AsyncWrite + Unpin + Send + 'static {
    /// The TCP socket.
    fn socket(&self) -> &TcpStream;
}

impl Line for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Line for TlsStream<TcpStream> {
    fn socket(&self) -> &TcpStream {
        self.get_ref().0
    }
}

/// Plays the steps until one fails, as it does when the client has gone.
pub(crate) async fn play<L: Line>(mut line: L, steps: Vec<Step>) {
    for step in steps {
        if let Err(gone) = take(&mut line, step).await {
            tracing::debug!(%gone, "the client left during a fault");
            return;
        }
    }
}

async fn take<L: Line>(line: &mut L, step: Step) -> io::Result<()> {
    match step {
        Step::Send(bytes) => send(line, &bytes).await,
        Step::Trickle(bytes, rate) => trickle(line, &bytes, rate).await,
        Step::Flood(bytes) => flood(line, bytes).await,
        Step::Pause(pause) => {
            tokio::time::sleep(pause).await;
            Ok(())
        }
        Step::Close => close(line).await,
        Step::Abort => line.socket().set_zero_linger(),
    }
}

async fn send<L: Line>(line: &mut L, bytes: &[u8]) -> io::Result<()> {
    line.write_all(bytes).await?;
    line.flush().await
}

async fn trickle<L: Line>(line: &mut L, bytes: &[u8], rate: u32) -> io::Result<()> {
    let (size, beat) = match rate {
        0..10 => (1, Duration::from_secs(1) / rate.max(1)),
        _ => (rate as usize / 10, BEAT),
    };
    for part in bytes.chunks(size) {
        send(line, part).await?;
        tokio::time::sleep(beat).await;
    }
    Ok(())
}

async fn flood<L: Line>(line: &mut L, bytes: u64) -> io::Result<()> {
    let record = br#"{"id":"00000000","text":"so it goes on"},"#;
    let more = record.repeat(1_600);
    let mut part: &[u8] = br#"{"values":["#;
    let mut left = bytes;
    while left > 0 {
        let size = part.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        line.write_all(&part[..size]).await?;
        left -= size as u64;
        part = &more;
    }
    line.flush().await
}

async fn close<L: Line>(line: &mut L) -> io::Result<()> {
    line.shutdown().await?;
    let rest = async { while line.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {} };
    let _ = tokio::time::timeout(LINGER, rest).await;
    Ok(())
}
