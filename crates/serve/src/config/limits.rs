//! `[limits]`: how much of anything this server takes, in all and from each caller.

use std::time::Duration;

use error::Result;
use ipnet::IpNet;
use oauth::Secret;
use secrecy::SecretString;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use store::{Rate, Shared, SharedSettings};

use super::store::reference;
use crate::http::{self, PeerLimits, PeerRate};
use crate::limits::{
    CallerTable, CallsTable, DayTable, Most, PaceTable, Plan, Rates, ToolTable, WorkflowTable, pace,
};
use crate::offer::Mode;

const MINUTE: Duration = Duration::from_secs(60);

/// `[limits]`. Absent keys of the transport are its own, see [`http::Limits`].
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LimitsTable {
    connections: Option<usize>,
    in_flight: Option<usize>,
    body_bytes: Option<usize>,
    bodies_bytes: Option<usize>,
    depth: Option<usize>,
    head_seconds: Option<u64>,
    upload_seconds: Option<u64>,
    idle_seconds: Option<u64>,
    stall_seconds: Option<u64>,
    drain_seconds: Option<u64>,
    /// Calls under way of all callers together: from half of them on reports are refused, from three quarters reads, and
    /// writes when all are; 2,048.
    calls: Option<Most>,
    /// Networks that may call, as `10.0.0.0/8`; all.
    #[serde(default)]
    allow: Vec<IpNet>,
    /// Networks of proxies whose `X-Forwarded-For` is believed; none.
    #[serde(default)]
    proxies: Vec<IpNet>,
    /// Each address, before anybody is known.
    #[serde(default)]
    peer: PeerTable,
    /// The limiter that replicas share: `redis://HOST:PORT` or `rediss://...`, as a secret (`env:NAME`, `file:PATH`)
    /// where a password is in it; none: each process counts for itself.
    shared: Option<Url>,
    /// Replicas that share it; 2.
    replicas: Option<u32>,
    #[serde(default)]
    tenant: PaceTable,
    #[serde(default)]
    caller: CallerTable,
    #[serde(default)]
    workflow: WorkflowTable,
    #[serde(default)]
    tool: ToolTable,
    #[serde(default)]
    day: DayTable,
}

/// `[limits.peer]`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct PeerTable {
    /// 20.
    per_second: Option<Most>,
    /// At once; twice what may come in a second.
    burst: Option<u32>,
    /// Credentials that turn out to be none; 10.
    failures_per_minute: Option<Most>,
    /// Open connections, except of proxies and of this machine; 1,000.
    connections: Option<Most>,
}

/// Where the shared limiter is, or where that is written.
#[derive(Debug)]
enum Url {
    Told(String),
    Secret(Secret),
}

impl LimitsTable {
    /// The transport's limits with the configured ones in their places.
    pub(crate) fn limits(&self) -> http::Limits {
        let usual = http::Limits::default();
        let seconds = |set: Option<u64>, usual: Duration| set.map_or(usual, Duration::from_secs);
        http::Limits {
            connections: self.connections.unwrap_or(usual.connections),
            in_flight: self.in_flight.unwrap_or(usual.in_flight),
            body: self.body_bytes.unwrap_or(usual.body),
            bodies: self.bodies_bytes.unwrap_or(usual.bodies),
            depth: self.depth.unwrap_or(usual.depth),
            head: seconds(self.head_seconds, usual.head),
            upload: seconds(self.upload_seconds, usual.upload),
            idle: seconds(self.idle_seconds, usual.idle),
            stall: seconds(self.stall_seconds, usual.stall),
            answer: usual.answer,
            drain: seconds(self.drain_seconds, usual.drain),
        }
    }

    /// The limits of peers. What is configured holds for all of them; the defaults spare this machine's own addresses,
    /// and do not hold behind a proxy that does not say who calls: all would share its address.
    pub(crate) fn peers(&self, behind_proxy: bool) -> PeerLimits {
        let all_look_alike = behind_proxy && self.proxies.is_empty();
        let usual = |rate: Rate| Some(rate).filter(|_| !all_look_alike);
        let limit =
            |configured: bool, rate: Option<Rate>| rate.map(|rate| PeerRate { rate, loopback: configured });
        let PeerTable { per_second, burst, failures_per_minute, connections } = &self.peer;
        let table = PaceTable { per_second: *per_second, burst: *burst };
        let requests = pace(usual(Rate::per(Duration::from_secs(1), 20).with_burst(40)), &table);
        let failures = match failures_per_minute {
            Some(most) => most.number().map(|n| Rate::per(MINUTE, n)),
            None => usual(Rate::per(MINUTE, 10)),
        };
        let connections = match connections {
            Some(most) => most.number(),
            None => Some(1_000).filter(|_| !all_look_alike),
        };
        PeerLimits {
            allow: self.allow.clone(),
            proxies: self.proxies.clone(),
            requests: limit(per_second.is_some() || burst.is_some(), requests),
            failures: limit(failures_per_minute.is_some(), failures),
            connections: connections.and_then(|most| usize::try_from(most).ok()),
        }
    }

    /// The limits of calls. What is configured holds for everybody; the defaults spare the person at the machine, and
    /// the sandbox.
    ///
    /// # Errors
    /// Where the shared limiter's secret is not there, or is no URL.
    pub(crate) fn plan(&self, mode: Mode) -> Result<Plan> {
        let table = CallsTable {
            tenant: self.tenant.clone(),
            caller: self.caller.clone(),
            workflow: self.workflow.clone(),
            tool: self.tool.clone(),
            day: self.day.clone(),
        };
        let spared = Rates::default().with(&table);
        let usual = if mode.sandbox { spared.clone() } else { Rates::usual().with(&table) };
        let calls = self.calls.unwrap_or(Most::Of(2_048)).number();
        let capacity = calls.and_then(|calls| usize::try_from(calls).ok()).unwrap_or(usize::MAX);
        Ok(Plan { usual, spared, shared: self.shared()?, capacity })
    }

    fn shared(&self) -> Result<Option<Shared>> {
        let Some(url) = &self.shared else { return Ok(None) };
        let url = match url {
            Url::Told(url) => SecretString::from(url.clone()),
            Url::Secret(secret) => secret.resolve()?,
        };
        let usual = SharedSettings::default();
        let settings = SharedSettings { replicas: self.replicas.unwrap_or(usual.replicas), ..usual };
        Shared::new(&url, settings).map(Some)
    }
}

impl<'de> Deserialize<'de> for Url {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // No error of serde's own is let through: it would quote what may hold a password.
        let text = String::deserialize(from).map_err(|_| D::Error::custom("`shared` is a text"))?;
        if let Some(secret) = reference(&text).map_err(D::Error::custom)? {
            return Ok(Self::Secret(secret));
        }
        match text.starts_with("redis://") || text.starts_with("rediss://") {
            true => Ok(Self::Told(text)),
            false => Err(D::Error::custom("write `redis://HOST:PORT`, or `rediss://` for TLS")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::trial::{REAL, SANDBOX};

    fn read(text: &str) -> Result<LimitsTable, String> {
        toml::from_str(text).map_err(|e| e.message().to_owned())
    }

    #[test]
    fn the_defaults_spare_this_machine_and_what_is_configured_spares_nobody() {
        let table = read("").unwrap();
        let peers = table.peers(false);
        assert_eq!(peers.requests.map(|limit| (limit.rate.burst, limit.loopback)), Some((40, false)));
        assert_eq!(peers.failures.map(|limit| (limit.rate.burst, limit.loopback)), Some((10, false)));
        assert_eq!(peers.connections, Some(1_000));
        let plan = table.plan(REAL).unwrap();
        assert_eq!((plan.usual, plan.spared), (Rates::usual(), Rates::default()));
        assert_eq!(table.plan(SANDBOX).unwrap().usual, Rates::default());

        let table = read("caller = { per_second = 3 }\npeer = { per_second = 5 }").unwrap();
        assert_eq!(
            table.peers(false).requests.map(|limit| (limit.rate.burst, limit.loopback)),
            Some((10, true))
        );
        for mode in [REAL, SANDBOX] {
            let plan = table.plan(mode).unwrap();
            assert_eq!(plan.spared.caller, plan.usual.caller);
            assert!(plan.spared.caller.is_some() && plan.spared.tenant.is_none());
        }
    }

    #[test]
    fn behind_a_proxy_that_does_not_say_who_calls_no_address_is_limited() {
        let peers = read("").unwrap().peers(true);
        assert!(peers.requests.is_none() && peers.connections.is_none());
        assert_eq!(read("peer = { connections = 7 }").unwrap().peers(true).connections, Some(7));
        let table = read("proxies = [\"10.0.0.0/8\"]\npeer = { failures_per_minute = \"off\" }").unwrap();
        assert!(table.peers(true).requests.is_some() && table.peers(true).failures.is_none());
    }

    #[test]
    fn what_means_nothing_is_refused_with_the_cure() {
        for (text, cure) in [
            ("allow = [\"10.0.0.0/40\"]", "invalid IP address syntax"),
            ("calls = 0", "whole number from 1"),
            ("caller = { per_secnd = 1 }", "per_secnd"),
            ("shared = \"memcached://x\"", "redis://HOST:PORT"),
            ("shared = \"redis://:canary@host\"", "`file:PATH` or `env:NAME`"),
        ] {
            let problem = read(text).unwrap_err();
            assert!(problem.contains(cure) && !problem.contains("canary"), "{text}: {problem}");
        }
        assert!(read("shared = \"redis://127.0.0.1:6379\"").unwrap().plan(REAL).unwrap().shared.is_some());
    }
}
