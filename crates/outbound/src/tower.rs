//! The stack as a `tower` service, so that a vendor's own client library can ride it.

use std::task::{Context, Poll};

use bytes::Bytes;
use call::{BoxFuture, Cx};
use error::{Error, Result};
use http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST};
use http_body::Body;
use http_body_util::{BodyExt as _, Full};
use tower_service::Service;

use crate::{Client, Request};

tokio::task_local! {
    /// What a library's request cannot carry: for whom it is made and how it is to be treated.
    static RIDE: (Cx, Request);
}

/// Runs `future`, in which a library makes one request through [`Client::tower`], on behalf of `cx`.
///
/// Of `request` all counts but the body: method (checked against what the library sends), template, class,
/// repeat, judge, bucket and headers. Where the request goes is the library's choice within the source's origin;
/// [`Request::route`] gives it the encoded route to ask for.
pub fn scope<F: Future>(cx: &Cx, request: Request, future: F) -> impl Future<Output = F::Output> {
    RIDE.scope((cx.clone(), request), future)
}

/// Our error within a library's, found by walking the sources.
#[must_use]
pub fn recover(error: &(dyn std::error::Error + 'static)) -> Option<Error> {
    let mut next = Some(error);
    while let Some(cause) = next {
        if let Some(ours) = cause.downcast_ref::<Error>() {
            return Some(ours.clone());
        }
        next = cause.source();
    }
    None
}

/// A [`Client`] as a `tower` service.
#[derive(Clone, Debug)]
pub struct Tower {
    client: Client,
}

impl Tower {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

impl<B> Service<http::Request<B>> for Tower
where
    B: Body + Send + 'static,
    B::Data: Send,
    B::Error: Into<BoxError>,
{
    type Response = http::Response<Full<Bytes>>;
    type Error = BoxError;
    type Future = BoxFuture<'static, Result<Self::Response, BoxError>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<B>) -> Self::Future {
        let client = self.client.clone();
        // The task-local is read inside: a library may call the service from a worker and poll the future here.
        Box::pin(ride(client, request))
    }
}

async fn ride<B>(client: Client, request: http::Request<B>) -> Result<http::Response<Full<Bytes>>, BoxError>
where
    B: Body,
    B::Error: Into<BoxError>,
{
    let (cx, plan) = RIDE
        .try_with(Clone::clone)
        .map_err(|_| Error::internal("a library's request was made outside `outbound::scope`"))?;
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(Into::into)?.to_bytes();
    let reply = client.send(&cx, board(plan, parts, body)?).await?;
    let mut response = http::Response::new(Full::new(reply.body));
    *response.status_mut() = reply.status;
    *response.headers_mut() = reply.headers;
    Ok(response)
}

/// The planned request with what the library put into its own.
fn board(mut plan: Request, parts: http::request::Parts, body: Bytes) -> Result<Request> {
    if parts.method != plan.method {
        // A write that goes as a read would be repeated.
        return Err(Error::internal(format!("a library sends {} for a {}", parts.method, plan.method)));
    }
    match parts.uri.authority() {
        Some(_) => plan.absolute = Some(parts.uri.to_string()),
        None => plan.route = parts.uri.path_and_query().map_or("/", |p| p.as_str()).to_owned(),
    }
    for (name, value) in &parts.headers {
        if ![AUTHORIZATION, HOST, CONTENT_LENGTH].contains(name) {
            plan.headers.insert(name, value.clone());
        }
    }
    plan.body = body;
    Ok(plan)
}
