//! Word to a chat that somebody waits for a decision.

use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use bytes::Bytes;
use call::{Clock, Exchange};
use error::{Error, Result};
use http::Request;
use http::header::CONTENT_TYPE;
use oauth::Secret;
use secrecy::ExposeSecret as _;
use serde_json::json;
use store::Approval;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

/// Waits between attempts; after the last the request is only on the page and at the terminal.
const PAUSES: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(8)];

/// Words under way at a time; one more is not sent. A chat that is down must not fill the memory.
const UNDER_WAY: usize = 32;

/// How long the end of the process waits for words that are under way.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// Rings at a webhook. What it says is the tool's title and where to decide, nothing of the record.
#[derive(Clone)]
pub(crate) struct Bell(Arc<Inner>);

struct Inner {
    webhook: String,
    secret: Secret,
    /// The page, as approvers reach it.
    page: String,
    exchange: Arc<dyn Exchange>,
    places: Arc<Semaphore>,
    words: TaskTracker,
    clock: Clock,
}

impl Bell {
    /// A bell at `webhook`, whose words are signed with `secret` and lead to `page`.
    pub(crate) fn new(
        webhook: String,
        secret: Secret,
        page: String,
        exchange: Arc<dyn Exchange>,
        clock: Clock,
    ) -> Self {
        let places = Arc::new(Semaphore::new(UNDER_WAY));
        let words = TaskTracker::new();
        Self(Arc::new(Inner { webhook, secret, page, exchange, places, words, clock }))
    }

    /// Sends word of a request in the background. Nobody waits for it, and nothing fails with it.
    pub(crate) fn ring(&self, approval: &Approval, title: &str) {
        let Ok(place) = Arc::clone(&self.0.places).try_acquire_owned() else {
            tracing::warn!(
                approval = approval.id,
                "too many words to the webhook are under way; this one is not sent"
            );
            return;
        };
        let link = format!("{}/requests/{}", self.0.page, approval.id);
        let body =
            json!({ "text": format!("{title} waits for approval: {link}"), "title": title, "link": link });
        let (inner, id, body) = (Arc::clone(&self.0), approval.id.clone(), Bytes::from(body.to_string()));
        self.0.words.spawn(async move {
            let _until_it_is_said = place;
            inner.say(&id, &body).await;
        });
    }

    /// Lets words that are under way be said, for a while: the process ends.
    pub(crate) async fn fall_silent(&self) {
        let words = &self.0.words;
        words.close();
        if tokio::time::timeout(LAST_WORDS, words.wait()).await.is_err() {
            let untold = words.len();
            tracing::warn!(untold, "the webhook was not told of all requests for approval before the end");
            metrics::counter!(UNTOLD).increment(untold as u64);
        }
    }
}

const UNTOLD: &str = "chancery_untold_approvals_total";

impl Inner {
    async fn say(&self, id: &str, body: &Bytes) {
        let mut pauses = PAUSES.into_iter();
        loop {
            let error = match self.attempt(id, body).await {
                Ok(()) => return,
                Err(error) => error,
            };
            match pauses.next().filter(|_| error.is_retryable()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => {
                    tracing::warn!(
                        approval = id,
                        ?error,
                        "the webhook was not told of a request for approval"
                    );
                    metrics::counter!(UNTOLD).increment(1);
                    return;
                }
            }
        }
    }

    async fn attempt(&self, id: &str, body: &Bytes) -> Result<()> {
        let time = self.clock.now().as_second();
        let request = Request::post(&self.webhook)
            .header(CONTENT_TYPE, "application/json")
            // The same on every attempt, for receivers to tell repeats.
            .header("chancery-request", id)
            .header("chancery-timestamp", time)
            .header("chancery-signature", self.signature(time, body)?)
            .body(body.clone());
        let request = request.map_err(|e| Error::internal("the webhook's request is none").source(e))?;
        let status = self.exchange.exchange(request).await?.status();
        match status.as_u16() {
            200..=299 => Ok(()),
            code => {
                let passing = code >= 500 || code == 429 || code == 408;
                let error =
                    Error::internal("the webhook did not accept the word").detail(format!("HTTP {code}"));
                Err(error.retryable(passing))
            }
        }
    }

    /// `v1=` and the HMAC-SHA256 of timestamp, point and body in hexadecimal: a receiver refuses what is older than
    /// a few minutes, and nobody can date an old word anew.
    fn signature(&self, time: i64, body: &[u8]) -> Result<String> {
        let secret = self.secret.resolve()?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret.expose_secret().as_bytes());
        let mut context = hmac::Context::with_key(&key);
        context.update(format!("{time}.").as_bytes());
        context.update(body);
        Ok(format!("v1={}", call::hex(context.sign().as_ref())))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use call::BoxFuture;
    use error::Code;
    use http::Response;
    use store::{Scope, Standing};

    use super::*;

    /// A webhook that answers as it is told, and then well.
    #[derive(Default)]
    struct Chat {
        answers: Mutex<Vec<Option<u16>>>,
        heard: Mutex<Vec<Request<Bytes>>>,
    }

    impl Exchange for Chat {
        fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>>> {
            self.heard.lock().unwrap().push(request);
            let answer = self.answers.lock().unwrap().pop().unwrap_or(Some(200));
            Box::pin(async move {
                let lost = || Error::new(Code::UpstreamUnavailable, "lost");
                let status = answer.ok_or_else(lost)?;
                Ok(Response::builder().status(status).body(Bytes::new()).unwrap())
            })
        }
    }

    fn approval() -> Approval {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        Approval {
            id: "abc".into(),
            scope: Scope::new("", "alice", "sell_item").unwrap(),
            operation: "op".into(),
            digest: "d".into(),
            shown: br#"{"change":"canary"}"#.to_vec(),
            plan: None,
            standing: Standing::Open,
            approver: None,
            reason: None,
            signature: None,
            created_at: now,
            expires_at: now,
            decided_at: None,
        }
    }

    /// What a chat heard of one word when the process ends behind it.
    async fn heard_at_the_end(answers: &[Option<u16>]) -> usize {
        let (bell, chat) = bell(answers);
        bell.ring(&approval(), "Sell item");
        bell.fall_silent().await;
        chat.heard.lock().unwrap().len()
    }

    fn bell(answers: &[Option<u16>]) -> (Bell, Arc<Chat>) {
        let chat = Arc::new(Chat { answers: Mutex::new(answers.to_vec()), heard: Mutex::default() });
        let clock = Clock::starting_at("2026-11-21T10:00:00Z".parse().unwrap());
        let (webhook, page) = ("https://chat.example/in".to_owned(), "https://ok.example".to_owned());
        (Bell::new(webhook, Secret::literal("s3cret"), page, chat.clone(), clock), chat)
    }

    async fn heard(answers: &[Option<u16>]) -> Vec<Request<Bytes>> {
        let (bell, chat) = bell(answers);
        bell.ring(&approval(), "Sell item");
        // All places are free again when the word is out.
        let all = u32::try_from(UNDER_WAY).unwrap();
        drop(bell.0.places.acquire_many(all).await.unwrap());
        std::mem::take(&mut *chat.heard.lock().unwrap())
    }

    #[tokio::test(start_paused = true)]
    async fn a_word_is_signed_and_says_where_to_decide_and_nothing_of_the_record() {
        let heard = heard(&[]).await;
        let [word] = heard.as_slice() else { panic!("{heard:?}") };
        let body: serde_json::Value = serde_json::from_slice(word.body()).unwrap();
        assert_eq!(
            body,
            json!({
                "text": "Sell item waits for approval: https://ok.example/requests/abc",
                "title": "Sell item",
                "link": "https://ok.example/requests/abc",
            })
        );
        let header = |name: &str| word.headers()[name].to_str().unwrap().to_owned();
        let key = hmac::Key::new(hmac::HMAC_SHA256, b"s3cret");
        let signed = [format!("{}.", header("chancery-timestamp")).as_bytes(), word.body()].concat();
        let hex = header("chancery-signature").split_off(3);
        let tag: Vec<u8> =
            (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect();
        hmac::verify(&key, &signed, &tag).unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn the_end_waits_for_a_word_and_not_for_ever() {
        assert_eq!(heard_at_the_end(&[]).await, 1);
        assert_eq!(heard_at_the_end(&[Some(503), Some(503)]).await, 3);
        assert_eq!(heard_at_the_end(&[None; 9]).await, 3, "the fourth would have come eight seconds later");
    }

    #[tokio::test(start_paused = true)]
    async fn what_may_pass_is_tried_again_and_what_will_not_is_let_be() {
        assert_eq!(heard(&[Some(503), None]).await.len(), 3);
        assert_eq!(heard(&[Some(404)]).await.len(), 1);
        assert_eq!(heard(&[None; 9]).await.len(), 1 + PAUSES.len());
    }
}
