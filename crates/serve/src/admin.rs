//! The admin listener: health for an orchestrator, metrics for Prometheus, and nothing else.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use call::CancellationToken;
use error::{Error, Result};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use serde_json::json;

use crate::hall::Hall;

/// Installs the process's recorder of metrics; everything counted before this is lost. Once per process.
///
/// # Errors
/// `internal` when the process has a recorder already.
pub fn install_metrics() -> Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets(&SECONDS)
        .map_err(|e| Error::internal("the buckets of the histograms are empty").source(e))?;
    builder.install_recorder().map_err(|e| Error::internal("metrics cannot be recorded").source(e))
}

/// Bounds of every histogram: from a cached answer to the longest deadline class.
const SECONDS: [f64; 14] =
    [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 45.0];

/// What the process needs before it may be sent calls. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<BTreeMap<&'static str, bool>>>);

impl Readiness {
    /// Nothing to wait for.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a condition that does not hold yet.
    #[must_use]
    pub fn require(&self, name: &'static str) -> Condition {
        self.lock().insert(name, false);
        Condition { name, readiness: self.clone() }
    }

    /// The conditions that do not hold, by name. None: ready.
    #[must_use]
    pub fn missing(&self) -> Vec<&'static str> {
        self.lock().iter().filter(|(_, holds)| !**holds).map(|(name, _)| *name).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<&'static str, bool>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One of the things the process needs.
#[derive(Clone, Debug)]
pub struct Condition {
    name: &'static str,
    readiness: Readiness,
}

impl Condition {
    /// Says whether it holds.
    pub fn set(&self, holds: bool) {
        self.readiness.lock().insert(self.name, holds);
    }
}

/// The admin listener, bound.
#[derive(Debug)]
pub struct Admin(Hall);

impl Admin {
    /// Binds `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// `invalid_argument` when the address cannot be bound.
    pub async fn bind(address: SocketAddr) -> Result<Self> {
        Hall::bind("server.admin", address).await.map(Self)
    }

    /// Where it is bound.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Serves until `stop`. Stop it last: probes ask while the MCP listener drains.
    pub async fn serve(self, readiness: Readiness, metrics: PrometheusHandle, stop: CancellationToken) {
        let router = routes(readiness, metrics.clone());
        tokio::select! {
            () = self.0.serve(router, None, |_| true, stop.clone()) => {}
            () = keep_up(&metrics) => {}
            // Probes carry nothing worth waiting for.
            () = stop.cancelled() => {}
        }
    }
}

fn routes(readiness: Readiness, metrics: PrometheusHandle) -> Router {
    Router::new()
        // The process answers: that is all liveness means. A dead vendor is no reason to restart us.
        .route("/healthz", get(|| async { Json(json!({ "status": "ok" })) }))
        .route("/readyz", get(ready).with_state(readiness))
        .route("/metrics", get(render).with_state(metrics))
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let missing = readiness.missing();
    if missing.is_empty() {
        return Json(json!({ "ready": true })).into_response();
    }
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ready": false, "missing": missing }))).into_response()
}

async fn render(State(metrics): State<PrometheusHandle>) -> Response {
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()).into_response()
}

/// Histograms gather samples until someone folds them, scrapes or not.
async fn keep_up(metrics: &PrometheusHandle) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        metrics.run_upkeep();
    }
}

#[cfg(test)]
mod tests;
