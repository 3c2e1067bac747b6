//! HTTP, lent.

use bytes::Bytes;
use error::Result;
use futures::future::BoxFuture;

/// One HTTP exchange, lent to crates that own no HTTP client (token requests, metadata).
///
/// The lender sets timeouts, caps the body and keeps redirects off. An `Err` means that no complete reply came;
/// any status is an `Ok`.
pub trait Exchange: Send + Sync {
    /// Sends `request` and reads the whole reply.
    fn exchange(&self, request: http::Request<Bytes>) -> BoxFuture<'_, Result<http::Response<Bytes>>>;
}
