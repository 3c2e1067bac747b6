//! Who calls, for which work, in which trace: read from a request.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use call::{Agent, Caller, Clock, Cx, Operation, Progress, Trace, Workflow};
use rmcp::model::{ProgressNotificationParam, ProgressToken};
use rmcp::service::{Peer, RequestContext, RoleServer};
use tokio::time::Instant;

/// Seconds for which calls of one client without a workflow id count as one piece of work.
const WINDOW_SECONDS: i64 = 30 * 60;
/// The least time between two progress notifications of one call.
const PROGRESS_PAUSE: Duration = Duration::from_millis(100);

/// The context of a call of `tool` that came in `request`: the caller is who the transport found, else `otherwise`.
pub(super) fn cx(
    tool: &str,
    request: &RequestContext<RoleServer>,
    otherwise: &Arc<Caller>,
    clock: Clock,
) -> Cx {
    let caller = caller(request, otherwise);
    let agent = agent(request);
    let workflow =
        said(request, "baggage").and_then(|b| workflow(&b)).unwrap_or_else(|| derived(caller, &agent, clock));
    let mut cx = Cx::new(tool, Arc::clone(caller), clock).with_agent(agent).with_workflow(workflow);
    if let Some(trace) = said(request, "traceparent").and_then(|t| Trace::parse(&t)) {
        cx = cx.with_trace(trace);
    }
    match request.meta.get_progress_token() {
        Some(token) => cx.with_progress(progress(token, request.peer.clone())),
        None => cx,
    }
}

/// Whom the gate in front of the endpoint let in, else `otherwise`.
pub(super) fn caller<'a>(
    request: &'a RequestContext<RoleServer>,
    otherwise: &'a Arc<Caller>,
) -> &'a Arc<Caller> {
    let head = request.extensions.get::<http::request::Parts>();
    head.and_then(|head| head.extensions.get()).unwrap_or(otherwise)
}

fn agent(request: &RequestContext<RoleServer>) -> Agent {
    let told = |text: &str| content::clean(content::cut(text, 100)).text.into_owned();
    let http = request.extensions.get::<http::request::Parts>();
    // Over HTTP no request knows of another's `initialize`: what the peer then says of itself is rmcp's invention.
    let info = request.meta.client_info().or_else(|| http.is_none().then(|| request.client_info()).flatten());
    if let Some(info) = info {
        return Agent { name: told(&info.name), version: told(&info.version) };
    }
    let program = http.and_then(|parts| parts.headers.get(http::header::USER_AGENT)?.to_str().ok());
    Agent { name: told(program.unwrap_or_default()), version: String::new() }
}

/// A value of the trace context: from `_meta`, else from the HTTP header of the same name.
fn said(request: &RequestContext<RoleServer>, name: &str) -> Option<String> {
    let meta = request.meta.get(name).and_then(|v| v.as_str()).map(str::to_owned);
    meta.or_else(|| {
        let parts = request.extensions.get::<http::request::Parts>()?;
        parts.headers.get(name)?.to_str().ok().map(str::to_owned)
    })
}

/// The workflow id in a W3C baggage value.
fn workflow(baggage: &str) -> Option<Workflow> {
    let member = baggage.split(',').find_map(|m| m.trim().strip_prefix("chancery.workflow="))?;
    let id = super::resource::decode(member.split(';').next().unwrap_or_default().trim())?;
    let clean = content::clean(content::cut(&id, 128)).text.into_owned();
    (!clean.is_empty()).then_some(Workflow { id: clean, derived: false })
}

/// Calls of one caller through one client within half an hour are one piece of work until somebody says better.
fn derived(caller: &Caller, agent: &Agent, clock: Clock) -> Workflow {
    let window = clock.now().as_second().div_euclid(WINDOW_SECONDS).to_string();
    Workflow { id: Operation::derive(&[&caller.key(), &agent.name], &window).id, derived: true }
}

/// Sends progress to the client that asked for it: rising, and not too often.
fn progress(token: ProgressToken, peer: Peer<RoleServer>) -> Progress {
    let last: Arc<Mutex<Option<(Instant, f64)>>> = Arc::default();
    Arc::new(move |done, total, step| {
        if !is_news(&mut last.lock().unwrap_or_else(PoisonError::into_inner), done) {
            return;
        }
        let mut note = ProgressNotificationParam::new(token.clone(), done);
        (note.total, note.message) = (total, Some(step.to_owned()));
        let peer = peer.clone();
        tokio::spawn(async move {
            if let Err(error) = peer.notify_progress(note).await {
                tracing::debug!(%error, "progress could not be sent");
            }
        });
    })
}

fn is_news(last: &mut Option<(Instant, f64)>, done: f64) -> bool {
    let now = Instant::now();
    let news = last.is_none_or(|(at, before)| done > before && now.duration_since(at) >= PROGRESS_PAUSE);
    if news {
        *last = Some((now, done));
    }
    news
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_workflow_is_read_from_baggage() {
        let id = |baggage| workflow(baggage).map(|w| w.id);
        assert_eq!(id("a=b, chancery.workflow=wf%2017;p=1,c=d").as_deref(), Some("wf 17"));
        assert_eq!(id("chancery.workflow="), None);
        assert_eq!(id("other=1"), None);
    }

    #[tokio::test(start_paused = true)]
    async fn the_derived_workflow_changes_with_client_and_half_hour() {
        let clock = Clock::starting_at("2026-11-21T10:00:00Z".parse().unwrap());
        let agent = |name: &str| Agent { name: name.into(), version: String::new() };
        let caller = Caller::local("local");
        let first = derived(&caller, &agent("a"), clock);
        assert!(first.derived);
        assert_eq!(first, derived(&caller, &agent("a"), clock));
        assert_ne!(first, derived(&caller, &agent("b"), clock));
        tokio::time::advance(Duration::from_secs(1801)).await;
        assert_ne!(first, derived(&caller, &agent("a"), clock));
    }

    #[tokio::test(start_paused = true)]
    async fn progress_rises_and_is_not_sent_too_often() {
        let mut last = None;
        assert!(is_news(&mut last, 1.0));
        assert!(!is_news(&mut last, 2.0), "too soon");
        tokio::time::advance(PROGRESS_PAUSE).await;
        assert!(!is_news(&mut last, 1.0), "not risen");
        assert!(is_news(&mut last, 2.0));
    }
}
