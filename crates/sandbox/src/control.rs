//! The control plane at `/_sandbox/`: what tests and demos see and do behind the vendor's back.

use std::net::IpAddr;
use std::sync::Arc;

use bytes::Bytes;
use http::{Method, Request, Uri};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::json;
use url::form_urlencoded;

use crate::engine::Engine;
use crate::{Answer, Entry, Rule};

/// Every path of the control plane begins so.
pub(crate) const ROOT: &str = "/_sandbox/";

/// The control plane from inside the process. Over HTTP the same is at [`crate::Running::control_url`].
#[derive(Clone)]
pub struct Control {
    pub(crate) engine: Arc<Engine>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance_seconds: i64,
}

impl Control {
    /// The log's entries after number `since`; 0 for all that are kept.
    #[must_use]
    pub fn log(&self, since: u64) -> Vec<Entry> {
        self.engine.log.since(since)
    }

    /// Adds a fault rule behind those in force. Errors: what is wrong with it, in a sentence.
    pub fn add_fault(&self, rule: Rule) -> Result<(), String> {
        self.engine.faults.add(rule)
    }

    /// The fault rules in force, in order, with what is left of their `times`.
    #[must_use]
    pub fn faults(&self) -> Vec<Rule> {
        self.engine.faults.list()
    }

    /// Heals: removes every fault rule.
    pub fn clear_faults(&self) {
        self.engine.faults.clear();
    }

    /// Back to the beginning: the initial records, no faults, an empty log, fresh limits, real time, no tokens
    /// but the static ones.
    pub fn reset(&self) {
        self.engine.reset();
    }

    /// Lets time pass at once: tokens end, limits start anew.
    pub fn advance(&self, seconds: i64) {
        self.engine.kit.clock.advance(seconds);
    }

    /// The simulator's present time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.engine.kit.clock.now()
    }

    /// Answers a request to the control plane. Only loopback may ask.
    pub(crate) fn answer(&self, request: &Request<Bytes>, peer: IpAddr) -> Answer {
        if !peer.to_canonical().is_loopback() {
            return refused(403, "the control plane answers loopback addresses only");
        }
        let path = request.uri().path().strip_prefix(ROOT).unwrap_or_default();
        match (request.method(), path) {
            (&Method::GET, "log") => self.get_log(request.uri()),
            (&Method::GET, "faults") => Answer::json(200, self.faults()),
            (&Method::POST, "faults") => self.post_fault(request.body()),
            (&Method::DELETE, "faults") => {
                self.clear_faults();
                Answer::empty(204)
            }
            (&Method::POST, "reset") => {
                self.reset();
                Answer::empty(204)
            }
            (&Method::GET, "clock") => self.get_clock(),
            (&Method::POST, "clock") => self.post_clock(request.body()),
            (_, "log" | "faults" | "reset" | "clock") => refused(405, "the method is not allowed here"),
            _ => refused(404, "the control plane has log, faults, reset and clock"),
        }
    }

    fn get_log(&self, uri: &Uri) -> Answer {
        let query = uri.query().unwrap_or_default();
        let since = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "since");
        match since.map_or(Ok(0), |(_, value)| value.parse()) {
            Ok(since) => Answer::json(200, self.log(since)),
            Err(_) => refused(400, "since must be the number of an entry"),
        }
    }

    fn post_fault(&self, body: &Bytes) -> Answer {
        let rule = serde_json::from_slice(body).map_err(|fault| fault.to_string());
        match rule.and_then(|rule| self.add_fault(rule)) {
            Ok(()) => Answer::json(201, self.faults()),
            Err(reason) => refused(400, &reason),
        }
    }

    fn post_clock(&self, body: &Bytes) -> Answer {
        match serde_json::from_slice(body) {
            Ok(Advance { advance_seconds }) => {
                self.advance(advance_seconds);
                self.get_clock()
            }
            Err(fault) => refused(400, &fault.to_string()),
        }
    }

    fn get_clock(&self) -> Answer {
        let clock = &self.engine.kit.clock;
        Answer::json(200, json!({ "now": clock.now(), "ahead_seconds": clock.ahead() }))
    }
}

fn refused(status: u16, reason: &str) -> Answer {
    Answer::json(status, json!({ "error": reason }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Simulator;

    fn asked_from(peer: &str) -> u16 {
        let control = Simulator::build("notes", || ()).finish().control();
        let request = Request::get("/_sandbox/log").body(Bytes::new()).unwrap();
        control.answer(&request, peer.parse().unwrap()).status.as_u16()
    }

    #[test]
    fn only_loopback_may_ask() {
        assert_eq!(["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"].map(asked_from), [200; 4]);
        assert_eq!(["10.1.2.3", "::ffff:10.1.2.3", "2001:db8::1", "0.0.0.0"].map(asked_from), [403; 4]);
    }
}
