//! A library that brings its own requests.

use std::fmt;

use call::{Cx, Operation};
use error::{Code, Error};
use http::{Method, Request as HttpRequest};
use http_body_util::{BodyExt as _, Full};
use tower_service::Service as _;

use super::fault::{Fault, Vendor};
use super::{client, cx, settings};
use crate::{Client, Request, recover, scope};

/// As libraries do: the service is called in one task, its future polled in the caller's, its error wrapped.
async fn library(client: &Client, method: Method, uri: &str) -> Result<String, Wrapped> {
    let request =
        HttpRequest::builder().method(method).uri(uri).body(Full::<bytes::Bytes>::from("{}")).unwrap();
    let mut service = client.tower();
    let (hand_over, future) = tokio::sync::oneshot::channel();
    tokio::spawn(async move { hand_over.send(service.call(request)) });
    let response = future.await.unwrap().await.map_err(Wrapped)?;
    let body = response.into_body().collect().await.unwrap().to_bytes();
    Ok(String::from_utf8(body.to_vec()).unwrap())
}

#[derive(Debug)]
struct Wrapped(Box<dyn std::error::Error + Send + Sync>);

impl fmt::Display for Wrapped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("wrapped")
    }
}

impl std::error::Error for Wrapped {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&*self.0)
    }
}

fn ours(wrapped: &Wrapped) -> Error {
    recover(wrapped).unwrap()
}

#[tokio::test]
async fn it_rides_the_whole_stack() {
    let vendor = Vendor::start(|n| if n == 1 { Fault::Reset } else { Fault::None }).await;
    let (client, cx) = (client(&settings(&vendor.url())), cx());
    let plan = Request::get("/repos/{owner}/issues", &["a/b"]).query("state", "open");
    let route = plan.route().unwrap().to_owned();
    assert_eq!(route, "/repos/a%2Fb/issues?state=open");
    let body = scope(&cx, plan, library(&client, Method::GET, &route)).await.unwrap();
    assert_eq!(body, r#"{"ok":true}"#);
    let sent = &cx.journal().entries()[0];
    assert_eq!((sent.path_template, sent.attempts), ("/repos/{owner}/issues", 2));
}

#[tokio::test]
async fn its_writes_are_writes() {
    let vendor = Vendor::start(|_| Fault::Reset).await;
    let operation = Operation::known("op-7".into());
    let (client, cx) = (client(&settings(&vendor.url())), cx().with_operation(operation));
    let failed = scope(&cx, Request::post("/issues", &[]), library(&client, Method::POST, "/issues")).await;
    let error = ours(&failed.unwrap_err());
    assert_eq!(error.code(), Code::OutcomeUnknown);
    assert_eq!(error.wire("c").operation.as_deref(), Some("op-7"));
    assert_eq!(vendor.asked(), 1);
}

#[tokio::test]
async fn it_goes_nowhere_else_and_as_nothing_else() {
    let vendor = Vendor::start(|_| Fault::None).await;
    let (client, cx) = (client(&settings(&vendor.url())), cx());
    let read = || Request::get("/issues", &[]);
    let absolute = format!("{}/issues?page=2", vendor.url());
    scope(&cx, read(), library(&client, Method::GET, &absolute)).await.unwrap();
    let astray = scope(&cx, read(), library(&client, Method::GET, "https://evil.example/issues")).await;
    assert_eq!(ours(&astray.unwrap_err()).code(), Code::UpstreamGarbled);
    let disguised = scope(&cx, read(), library(&client, Method::POST, "/issues")).await;
    assert_eq!(ours(&disguised.unwrap_err()).code(), Code::Internal);
    let stowaway = library(&client, Method::GET, "/issues").await;
    assert_eq!(ours(&stowaway.unwrap_err()).code(), Code::Internal);
    assert_eq!(vendor.asked(), 1);
}

#[tokio::test]
async fn two_calls_at_once_keep_their_contexts() {
    let vendor = Vendor::start(|_| Fault::None).await;
    let client = client(&settings(&vendor.url()));
    let (one, two) = (Cx::for_test(), Cx::for_test());
    let ride = |cx, template| {
        let client = &client;
        async move {
            scope(cx, Request::get(template, &[]), library(client, Method::GET, template)).await.unwrap();
            cx.journal().entries()[0].path_template
        }
    };
    assert_eq!(tokio::join!(ride(&one, "/one"), ride(&two, "/two")), ("/one", "/two"));
}
