//! The end of input, held back until what was asked is answered.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use call::BoxFuture;
use tokio::io::{AsyncRead, ReadBuf};

use crate::front::Front;

/// What the last request may take from the reader to the front.
const ARRIVAL: Duration = Duration::from_millis(50);
/// How long calls may still take when nobody can ask for more.
const LONGEST: Duration = Duration::from_secs(25);

/// A reader that ends only when no call is under way: `printf '...' | server stdio` gets its answers, although
/// the protocol's end of a session cuts off what is not answered within seconds.
pub(crate) struct Lingering<R> {
    reader: R,
    front: Arc<Front>,
    end: End,
}

enum End {
    NotSeen,
    HeldBack(BoxFuture<'static, ()>),
    Reached,
}

impl<R> Lingering<R> {
    pub(crate) fn new(reader: R, front: Arc<Front>) -> Self {
        Self { reader, front, end: End::NotSeen }
    }
}

impl<R: AsyncRead + Unpin> AsyncRead for Lingering<R> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if matches!(self.end, End::NotSeen) {
            let before = buf.filled().len();
            ready!(Pin::new(&mut self.reader).poll_read(cx, buf))?;
            if buf.filled().len() > before || buf.remaining() == 0 {
                return Poll::Ready(Ok(()));
            }
            self.end = End::HeldBack(Box::pin(quiet(self.front.clone())));
        }
        if let End::HeldBack(quiet) = &mut self.end {
            ready!(quiet.as_mut().poll(cx));
            self.end = End::Reached;
        }
        Poll::Ready(Ok(()))
    }
}

/// Returns when the last request has been answered.
async fn quiet(front: Arc<Front>) {
    tokio::time::sleep(ARRIVAL).await;
    let _longest = tokio::time::timeout(LONGEST, front.idle()).await;
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use tokio::io::AsyncReadExt as _;
    use tokio::time::Instant;

    use super::*;
    use crate::trial::{Act, SANDBOX, Trial};

    #[tokio::test(start_paused = true)]
    async fn the_end_waits_for_calls() {
        let trial = Trial::new(SANDBOX);
        trial.shelf.then(Act::Take(Duration::from_secs(8)));
        let begun = Instant::now();
        let read = async {
            let mut text = String::new();
            Lingering::new(&b"line\n"[..], trial.front.clone()).read_to_string(&mut text).await.unwrap();
            (text, begun.elapsed())
        };
        let call = trial.call("get_item", json!({"id": "shelf:1"}));
        let (answer, (text, took)) = tokio::join!(call, read);
        assert!(answer.is_ok());
        assert_eq!(text, "line\n");
        assert!(took >= Duration::from_secs(8), "{took:?}");
    }
}
