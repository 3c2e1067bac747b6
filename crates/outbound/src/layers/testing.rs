//! An in-memory bottom for layers, so that tests can pause the clock.

use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use call::{BoxFuture, Clock, Cx, Exchange, Operation, Serve, Stack};
use error::{Code, Error, Result};
use http::{HeaderMap, Method, StatusCode};
use jiff::Timestamp;
use tokio::time::Instant;
use url::Url;

use crate::answer::{Answer, Failure, Kind};
use crate::ask::{Ask, Last, Plan, Tally};
use crate::stack::Source;
use crate::{Class, Limits, Profile, Repeat, Reply, by_status};

/// What the bottom does with one attempt.
pub(crate) enum Step {
    /// A reply with a status, one header and a body.
    Reply(u16, Option<(&'static str, String)>, &'static str),
    /// A failure below the judge.
    Fail(Kind),
    /// Nothing, ever.
    Hang,
}

impl Step {
    pub(crate) fn ok() -> Self {
        Self::Reply(200, None, "{}")
    }

    pub(crate) fn status(status: u16) -> Self {
        Self::Reply(status, None, "{}")
    }

    pub(crate) fn with(status: u16, header: &'static str, value: impl ToString) -> Self {
        Self::Reply(status, Some((header, value.to_string())), "{}")
    }
}

type Steps = Box<dyn Fn(u32, &Ask) -> Step + Send + Sync>;

/// Serves attempts by a function of their number (from 1) and the ask; each takes `time`.
pub(crate) struct Bottom {
    steps: Steps,
    time: Duration,
    asked: AtomicU32,
    inside: AtomicUsize,
    most: AtomicUsize,
    at: Mutex<Vec<Instant>>,
}

impl Bottom {
    pub(crate) fn new(steps: impl Fn(u32) -> Step + Send + Sync + 'static) -> Arc<Self> {
        Self::seeing(move |n, _| steps(n))
    }

    pub(crate) fn seeing(steps: impl Fn(u32, &Ask) -> Step + Send + Sync + 'static) -> Arc<Self> {
        Self::taking(Duration::from_millis(20), steps)
    }

    pub(crate) fn taking(
        time: Duration,
        steps: impl Fn(u32, &Ask) -> Step + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            steps: Box::new(steps),
            time,
            asked: AtomicU32::new(0),
            inside: AtomicUsize::new(0),
            most: AtomicUsize::new(0),
            at: Mutex::default(),
        })
    }

    /// Attempts that arrived.
    pub(crate) fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }

    /// Most attempts that were under way together.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    /// When the attempts arrived.
    pub(crate) fn at(&self) -> Vec<Instant> {
        self.at.lock().unwrap().clone()
    }
}

/// Leaves the bottom even if its future is dropped.
struct Inside<'a>(&'a Bottom);

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        self.0.inside.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Serve<Ask, Answer> for Bottom {
    fn serve<'a>(&'a self, _cx: &'a Cx, ask: Ask) -> BoxFuture<'a, Result<Answer>> {
        Box::pin(async move {
            let number = self.asked.fetch_add(1, Ordering::SeqCst) + 1;
            let inside = self.inside.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(inside, Ordering::SeqCst);
            self.at.lock().unwrap().push(Instant::now());
            let _inside = Inside(self);
            let step = (self.steps)(number, &ask);
            if matches!(step, Step::Hang) {
                std::future::pending::<()>().await;
            }
            tokio::time::sleep(self.time).await;
            let mut last = Last { took: self.time, ..Last::default() };
            let answer = match step {
                Step::Hang => unreachable!("pending"),
                Step::Fail(kind) => {
                    Answer::Failed(Failure::new(kind, Error::new(Code::UpstreamUnavailable, "broken")))
                }
                Step::Reply(status, header, body) => {
                    last.status = Some(status);
                    last.request_id = Some(format!("r-{number}"));
                    let headers = header.into_iter().map(|(n, v)| (n.parse().unwrap(), v.parse().unwrap()));
                    let (status, headers) = (StatusCode::from_u16(status).unwrap(), headers.collect());
                    let body = Bytes::from_static(body.as_bytes());
                    Answer::Done(Reply::new(status, headers, body, "2026-11-21T06:00:00Z".parse().unwrap()))
                }
            };
            ask.plan.tally.note(last);
            Ok(answer)
        })
    }
}

pub(crate) fn source() -> Source {
    Source {
        name: "jira-eu".into(),
        profile: Profile::new("jira"),
        base: Url::parse("https://jira.example/").unwrap(),
        limits: Limits { in_flight: 2_000, queue: 2_000, ..Limits::default() },
    }
}

pub(crate) fn ask(class: Class, repeat: Repeat) -> Ask {
    ask_on(class, repeat, "")
}

pub(crate) fn ask_on(class: Class, repeat: Repeat, bucket: &'static str) -> Ask {
    let plan = Plan {
        method: if class == Class::Read { Method::GET } else { Method::POST },
        url: Url::parse("https://jira.example/issue/PAY-1").unwrap(),
        template: "/issue/{key}",
        headers: HeaderMap::from_iter([(http::header::ACCEPT, "application/json".parse().unwrap())]),
        body: Bytes::new(),
        class,
        repeat,
        judge: by_status,
        bucket,
        tally: Tally::default(),
    };
    Ask::new(plan)
}

pub(crate) fn read() -> Ask {
    ask(Class::Read, Repeat::Safe)
}

pub(crate) fn write() -> Ask {
    ask(Class::Write, Repeat::Once)
}

/// A call with `seconds` left, as a write with an operation.
pub(crate) fn cx(seconds: u64) -> Cx {
    let operation = Operation::known("op-1".into());
    Cx::for_test().with_deadline(Instant::now() + Duration::from_secs(seconds)).with_operation(operation)
}

/// Runs one request and says how it ended: `ok` or the code.
pub(crate) async fn run(stack: &Stack<Ask, Answer>, cx: &Cx, ask: Ask) -> Result<Reply> {
    match stack.serve(cx, ask).await? {
        Answer::Done(reply) => Ok(reply),
        Answer::Refused(error) | Answer::Failed(Failure { error, .. }) => Err(error),
    }
}

pub(crate) async fn code(stack: &Stack<Ask, Answer>, cx: &Cx, ask: Ask) -> Option<Code> {
    run(stack, cx, ask).await.err().map(|e| e.code())
}

/// A token endpoint that grants `token-1`, `token-2`, ...
#[derive(Default)]
pub(crate) struct Endpoint {
    granted: AtomicU32,
    /// Where it says that the API is.
    instance: Option<&'static str>,
}

impl Endpoint {
    /// One that says where the API is; `{}` stands for the token's number.
    pub(crate) fn naming(instance: &'static str) -> Arc<Self> {
        Arc::new(Self { instance: Some(instance), ..Self::default() })
    }

    pub(crate) fn granted(&self) -> u32 {
        self.granted.load(Ordering::SeqCst)
    }

    pub(crate) fn tokens(self: &Arc<Self>) -> Arc<oauth::Tokens> {
        let config = oauth::Config::ClientCredentials {
            token_url: Some(Url::parse("https://id.example/token").unwrap()),
            client_id: "id".into(),
            client_secret: oauth::Secret::literal("canary-secret"),
            scope: None,
            audience: None,
            body: oauth::BodyFormat::Form,
            credentials_in: oauth::CredentialsIn::Body,
        };
        tokens(config, Arc::clone(self) as Arc<dyn Exchange>)
    }
}

impl Exchange for Endpoint {
    fn exchange(&self, _: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>>> {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let number = self.granted.fetch_add(1, Ordering::SeqCst) + 1;
            let instance = self.instance.map(|url| url.replace("{}", &number.to_string()));
            let body = serde_json::json!({
                "access_token": format!("token-{number}"), "expires_in": 3600, "instance_url": instance,
            });
            Ok(http::Response::new(Bytes::from(body.to_string())))
        })
    }
}

/// A static credential; its exchange is never used.
pub(crate) fn fixed_tokens() -> Arc<oauth::Tokens> {
    let config = oauth::Config::Bearer { token: oauth::Secret::literal("canary-token") };
    tokens(config, Arc::new(Endpoint::default()))
}

fn tokens(config: oauth::Config, exchange: Arc<dyn Exchange>) -> Arc<oauth::Tokens> {
    let api_base = Url::parse("https://jira.example/").unwrap();
    let defaults = oauth::Defaults { token_url: None, api_base };
    let clock = Clock::starting_at(Timestamp::UNIX_EPOCH);
    Arc::new(oauth::Tokens::new(config, &defaults, exchange, clock).unwrap())
}
