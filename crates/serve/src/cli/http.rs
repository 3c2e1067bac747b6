//! `serve`: MCP over HTTP.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use ::call::CancellationToken;
use clap::Args;
use identity::Authenticator;
use serde_json::json;

use super::doors::{Doors, usage};
use super::page::{Furnished, Page};
use super::{Common, Done, Failure};
use crate::admin::{Admin, Condition, Readiness};
use crate::config::address;
use crate::domain::Domain;
use crate::http::{Drained, Listener, PATH};
use crate::logging;
use crate::recorder::Recorder;
use crate::shutdown::asked_to_stop;
use crate::start::{Built, Start};

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
pub(super) const ADMIN: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9090);

/// What `serve` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// Where MCP is served; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    listen: Option<SocketAddr>,
    /// Where /healthz, /readyz and /metrics are served [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDR", value_parser = address)]
    admin: Option<SocketAddr>,
    #[command(flatten)]
    common: Common,
}

/// Serves until the process is asked to stop.
pub(crate) fn run(domain: Domain, options: &Options) -> Done {
    // Before anything that may be refused besides: no other cure leads there.
    #[cfg(not(feature = "sandbox"))]
    if options.common.sandbox {
        return Err(super::no_simulators(&domain));
    }
    let config = options.common.load()?;
    let listen = options.listen.or(config.server.listen).unwrap_or(LISTEN);
    let admin = options.admin.or(config.server.admin).unwrap_or(ADMIN);
    let doors = Doors::prepare(&domain, &config)?;
    doors.check_exposure(listen)?;
    let place = config.approval_page()?;
    let log = (config.log.clone(), options.common.log_format);
    let start = Start::new(domain, config, options.common.mode())?.with_page(place.is_some());
    let runtime = super::runtime()?;
    let done = runtime.block_on(async {
        let stopped = asked_to_stop();
        let (listener, admin) =
            (Listener::bind(listen).map_err(usage)?, Admin::bind(admin).await.map_err(usage)?);
        let page = Page::bind(place).await.map_err(usage)?;
        // The first line on stderr names the simulators, so they come before it; so does what can fail for good.
        let built = start.build().await?;
        announce(&doors, &listener, &admin, page.as_ref(), &built)?;
        logging::start(&log.0, log.1, logging::Level::Configured)?;
        built.say_hello();
        let page = page.map(|page| page.furnish(&start, &built, doors.authenticator())).transpose()?;
        serve(&start, doors, listener, admin, page, &built, stopped).await;
        built.close(&start.front).await;
        Ok(())
    });
    runtime.shutdown_background();
    done
}

async fn serve(
    start: &Start,
    doors: Doors,
    listener: Listener,
    admin: Admin,
    page: Option<Furnished>,
    built: &Built,
    stopped: impl Future<Output = ()>,
) {
    let (stop, stop_admin) = (CancellationToken::new(), CancellationToken::new());
    let readiness = Readiness::new();
    let serving = readiness.require("serving");
    serving.set(true);
    let watching = tokio::spawn(watch(Watched::of(&readiness, built, doors.authenticator())));
    let admin = tokio::spawn(admin.serve(readiness, built.metrics.clone(), stop_admin.clone()));
    let tls = doors.tls.clone();
    if let Some(tls) = &tls {
        tokio::spawn(tls.clone().renew(stop.clone()));
    }
    if let Some(authenticator) = doors.authenticator() {
        let stop = stop.clone();
        tokio::spawn(async move { authenticator.tend(stop).await });
    }
    let endpoint = doors.mount(start);
    let page =
        page.map(|page| tokio::spawn(page.serve(Arc::clone(endpoint.peers()), tls.clone(), stop.clone())));
    let serving_mcp = tokio::spawn(listener.serve(endpoint, tls, stop.clone()));
    stopped.await;
    tracing::info!("stopping: no new calls, those under way may end");
    serving.set(false);
    stop.cancel();
    match serving_mcp.await {
        Ok(Drained::Complete) => {}
        _ => tracing::warn!("some calls were cut off"),
    }
    // A decision that is on record has to be in the store as well.
    if let Some(page) = page {
        let _ended = page.await;
    }
    watching.abort();
    stop_admin.cancel();
    let _ended = admin.await;
}

/// What `/readyz` looks after.
struct Watched {
    recorder: Arc<Recorder>,
    recording: Condition,
    /// Whether callers can be told apart. Keys that were never loaded are a matter of configuration as likely as not.
    identity: Option<(Arc<Authenticator>, Condition)>,
}

impl Watched {
    fn of(readiness: &Readiness, built: &Built, authenticator: Option<Arc<Authenticator>>) -> Self {
        let watched = Self {
            recorder: built.recorder.clone(),
            recording: readiness.require("audit"),
            identity: authenticator.map(|authenticator| (authenticator, readiness.require("identity"))),
        };
        watched.look();
        watched
    }

    fn look(&self) {
        self.recording.set(self.recorder.is_healthy());
        if let Some((authenticator, condition)) = &self.identity {
            condition.set(authenticator.is_ready());
        }
    }
}

async fn watch(watched: Watched) {
    loop {
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        watched.look();
    }
}

/// The first line on stderr.
fn announce(doors: &Doors, listener: &Listener, admin: &Admin, page: Option<&Page>, built: &Built) -> Done {
    let scheme = if doors.tls.is_some() { "https" } else { "http" };
    let mut line = json!({
        "event": "listening",
        "mcp": format!("{scheme}://{}{PATH}", listener.address()),
        "admin": format!("http://{}", admin.address()),
        "audit": built.recorder.dir(),
        "sandbox": built.simulators(),
    });
    if let Some(page) = page {
        line["approvals"] = format!("{scheme}://{}", page.address()).into();
    }
    writeln!(std::io::stderr().lock(), "{line}").map_err(|e| Failure::Failed(e.to_string()))
}
