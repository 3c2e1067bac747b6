//! `serve`: MCP over HTTP.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use ::call::CancellationToken;
use clap::Args;
use serde_json::json;

use super::{Common, Done, Failure, cure};
use crate::admin::{Admin, Condition, Readiness};
use crate::config::Config;
use crate::domain::Domain;
use crate::handler::Handler;
use crate::http::{self, Drained, Listener, PATH};
use crate::logging;
use crate::recorder::Recorder;
use crate::shutdown::asked_to_stop;
use crate::start::{Built, Start};
use crate::tls::Tls;

const LISTEN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8080);
const ADMIN: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 9090);

/// What `serve` takes.
#[derive(Args)]
pub(crate) struct Options {
    /// Where MCP is served; port 0 takes a free one [default: 127.0.0.1:8080]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Where /healthz, /readyz and /metrics are served [default: 127.0.0.1:9090]
    #[arg(long, value_name = "ADDR")]
    admin: Option<SocketAddr>,
    #[command(flatten)]
    common: Common,
}

/// Serves until the process is asked to stop.
pub(crate) fn run(domain: Domain, options: &Options) -> Done {
    let config = options.common.load()?;
    let listen = options.listen.or(config.server.listen).unwrap_or(LISTEN);
    let admin = options.admin.or(config.server.admin).unwrap_or(ADMIN);
    only_loopback(listen)?;
    let doors = Doors::prepare(&config)?;
    let log = (config.log.clone(), options.common.log_format);
    let start = Start::new(domain, config, options.common.mode())?;
    let runtime = super::stdio::runtime()?;
    let done = runtime.block_on(async {
        let stopped = asked_to_stop();
        let (listener, admin) =
            (Listener::bind(listen).map_err(usage)?, Admin::bind(admin).await.map_err(usage)?);
        // The first line on stderr names the simulators, so they come before it; so does what can fail for good.
        let built = start.build().await?;
        announce(&doors, &listener, &admin, &built)?;
        logging::start(&log.0, log.1, logging::Level::Configured)?;
        built.say_hello();
        serve(&start, doors, listener, admin, &built, stopped).await;
        built.close(&start.front).await;
        Ok(())
    });
    runtime.shutdown_background();
    done
}

/// What the listener needs besides a socket, made before anything is bound.
struct Doors {
    tls: Option<Tls>,
    http: http::Config,
}

impl Doors {
    fn prepare(config: &Config) -> Result<Self, Failure> {
        let limits = config.limits.limits();
        http::check_file_limit(limits.connections).map_err(usage)?;
        let tls = config.tls.as_ref().map(|t| Tls::load(t.cert_file.clone(), t.key_file.clone()));
        let (hosts, origins) = (config.server.hosts.clone(), config.server.origins.clone());
        Ok(Self { tls: tls.transpose().map_err(usage)?, http: http::Config { hosts, origins, limits } })
    }
}

async fn serve(
    start: &Start,
    doors: Doors,
    listener: Listener,
    admin: Admin,
    built: &Built,
    stopped: impl Future<Output = ()>,
) {
    let (stop, stop_admin) = (CancellationToken::new(), CancellationToken::new());
    let readiness = Readiness::new();
    let (serving, recording) = (readiness.require("serving"), readiness.require("audit"));
    serving.set(true);
    recording.set(built.recorder.is_healthy());
    let admin = tokio::spawn(admin.serve(readiness, built.metrics.clone(), stop_admin.clone()));
    let watching = tokio::spawn(watch(built.recorder.clone(), recording));
    if let Some(tls) = &doors.tls {
        tokio::spawn(tls.clone().renew(stop.clone()));
    }
    let endpoint = http::mount(Handler::new(start.front.clone()), doors.http);
    let serving_mcp = tokio::spawn(listener.serve(endpoint, doors.tls, stop.clone()));
    stopped.await;
    tracing::info!("stopping: no new calls, those under way may end");
    serving.set(false);
    stop.cancel();
    match serving_mcp.await {
        Ok(Drained::Complete) => {}
        _ => tracing::warn!("some calls were cut off"),
    }
    watching.abort();
    stop_admin.cancel();
    let _ended = admin.await;
}

/// Says whether the record can be written, for `/readyz`.
async fn watch(recorder: Arc<Recorder>, recording: Condition) {
    loop {
        recording.set(recorder.is_healthy());
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    }
}

/// The first line on stderr.
fn announce(doors: &Doors, listener: &Listener, admin: &Admin, built: &Built) -> Done {
    let scheme = if doors.tls.is_some() { "https" } else { "http" };
    let line = json!({
        "event": "listening",
        "mcp": format!("{scheme}://{}{PATH}", listener.address()),
        "admin": format!("http://{}", admin.address()),
        "audit": built.recorder.dir(),
        "sandbox": built.simulators(),
    });
    writeln!(std::io::stderr().lock(), "{line}").map_err(|e| Failure::Failed(e.to_string()))
}

/// Callers are not identified yet: whoever reaches the listener acts with the service's accounts.
fn only_loopback(listen: SocketAddr) -> Done {
    if listen.ip().is_loopback() {
        return Ok(());
    }
    Err(Failure::Usage(format!(
        "--listen {listen}: this server cannot tell callers apart yet, so it listens on loopback only. \
         Use 127.0.0.1:{} and let clients on this machine connect, or put an authenticating proxy on the same host.",
        listen.port()
    )))
}

fn usage(error: error::Error) -> Failure {
    Failure::Usage([error.message(), &cure(&error).unwrap_or_default()].join(". "))
}
