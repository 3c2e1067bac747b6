//! Peers: from where the server may be called, and how often before anybody is known.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::HeaderMap;
use ipnet::IpNet;
use store::{Rate, Taken};
use tokio::time::Instant;

use super::refusal::Refusal;
use super::visits::{Visit, Visits};
use crate::limits::{Bounded, Cells, refused};

/// From where the server may be called, and how often.
#[derive(Clone, Debug, Default)]
pub struct PeerLimits {
    /// The networks that may call; none: all may.
    pub allow: Vec<IpNet>,
    /// Proxies whose `X-Forwarded-For` says who calls; nobody else's does.
    pub proxies: Vec<IpNet>,
    /// Requests of one address, before anything is done for them; none: no limit.
    pub requests: Option<PeerRate>,
    /// Credentials of one address that turn out to be none; none: no limit.
    pub failures: Option<PeerRate>,
    /// Open connections of one address; none: no limit. Proxies and this machine's own addresses have as many as there
    /// are.
    pub connections: Option<usize>,
}

/// A limit of each address. An IPv6 address is that of its /64, which is what one subscriber has at the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PeerRate {
    /// How often.
    pub rate: Rate,
    /// Whether it holds for this machine's own addresses, too.
    pub loopback: bool,
}

/// The limits of peers, and what is known of those seen last. All listeners that tell callers apart share them.
pub(crate) struct Peers {
    limits: PeerLimits,
    requests: Cells,
    failures: Cells,
    /// Until when an address may present no credential.
    barred: Mutex<Bounded<Instant>>,
    visits: Visits,
}

impl Peers {
    pub(crate) fn new(limits: PeerLimits) -> Self {
        let (requests, failures) = (Cells::default(), Cells::default());
        Self { limits, requests, failures, barred: Mutex::default(), visits: Visits::default() }
    }

    /// Whether a connection from this address is worth a handshake.
    pub(crate) fn may_connect(&self, address: SocketAddr) -> bool {
        let ip = address.ip().to_canonical();
        let welcome = self.allows(ip) || self.is_proxy(ip);
        if !welcome {
            refused("address");
        }
        welcome
    }

    /// One more connection from this address, until the value is dropped; `None` where it has all that it may have.
    pub(super) fn visit(&self, address: SocketAddr) -> Option<Option<Visit>> {
        let ip = address.ip().to_canonical();
        let Some(most) = self.limits.connections.filter(|_| !ip.is_loopback() && !self.is_proxy(ip)) else {
            return Some(None);
        };
        let visit = self.visits.begin(network(ip), most);
        if visit.is_none() {
            refused("connections");
        }
        visit.map(Some)
    }

    /// Lets a request in before anything is done for it. Returns the address that it comes from.
    pub(crate) fn admit(&self, peer: IpAddr, headers: &HeaderMap) -> Result<IpAddr, Refusal> {
        let ip = self.origin(peer.to_canonical(), headers);
        if !self.allows(ip) {
            refused("address");
            return Err(Refusal::address());
        }
        if let Some(wait) = self.barred_for(ip) {
            refused("failures");
            return Err(Refusal::too_many("too many of your credentials were refused", wait));
        }
        match holds(self.limits.requests, ip).map(|rate| self.requests.take(&network(ip), rate)) {
            Some(Taken::Refused { wait }) => {
                refused("peer");
                Err(Refusal::too_many("too many requests come from your address", wait))
            }
            _ => Ok(ip),
        }
    }

    /// A credential from this address turned out to be none.
    pub(crate) fn failed(&self, ip: IpAddr) {
        let Some(rate) = holds(self.limits.failures, ip) else { return };
        if let Taken::Refused { wait } = self.failures.take(&network(ip), rate) {
            let until = Instant::now() + wait;
            *self.barred().entry(network(ip), || until) = until;
        }
    }

    /// The address that a request comes from: the last one on its way that is no proxy of ours. Addresses before it are
    /// what somebody claims.
    fn origin(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.is_proxy(peer) {
            return peer;
        }
        let way: Vec<&str> = headers
            .get_all("x-forwarded-for")
            .iter()
            .flat_map(|value| value.to_str().unwrap_or_default().split(','))
            .collect();
        let mut nearest = peer;
        for hop in way.iter().rev() {
            let Some(ip) = address(hop.trim()) else { break };
            nearest = ip.to_canonical();
            if !self.is_proxy(nearest) {
                break;
            }
        }
        nearest
    }

    fn allows(&self, ip: IpAddr) -> bool {
        self.limits.allow.is_empty() || self.limits.allow.iter().any(|net| net.contains(&ip))
    }

    fn is_proxy(&self, ip: IpAddr) -> bool {
        self.limits.proxies.iter().any(|net| net.contains(&ip))
    }

    fn barred_for(&self, ip: IpAddr) -> Option<Duration> {
        let until = *self.barred().get(network(ip))?;
        Some(until.saturating_duration_since(Instant::now())).filter(|wait| !wait.is_zero())
    }

    fn barred(&self) -> std::sync::MutexGuard<'_, Bounded<Instant>> {
        self.barred.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of a hop. Some proxies, such as those of Azure, write the port behind it.
fn address(hop: &str) -> Option<IpAddr> {
    hop.parse().or_else(|_| hop.parse().map(|with_port: SocketAddr| with_port.ip())).ok()
}

fn holds(limit: Option<PeerRate>, ip: IpAddr) -> Option<Rate> {
    limit.filter(|limit| limit.loopback || !ip.is_loopback()).map(|limit| limit.rate)
}

/// An IPv4 address, or the /64 of an IPv6 address, as one number; the two kinds never share one.
fn network(ip: IpAddr) -> u64 {
    match ip {
        // Within 0::/64, of which all that is not loopback was made IPv4 before.
        IpAddr::V4(ip) => u64::from(u32::from(ip)),
        IpAddr::V6(Ipv6Addr::LOCALHOST) => u64::MAX,
        IpAddr::V6(ip) => u64::try_from(u128::from(ip) >> 64).unwrap_or(u64::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peers(burst: u32, loopback: bool) -> Peers {
        let rate = Rate { burst, interval: Duration::from_secs(6) };
        let limit = Some(PeerRate { rate, loopback });
        Peers::new(PeerLimits { requests: limit, failures: limit, ..PeerLimits::default() })
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn passes(peers: &Peers, from: &str) -> bool {
        peers.admit(ip(from), &HeaderMap::new()).is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_has_its_burst_and_an_ipv6_network_is_one_address() {
        let peers = peers(2, false);
        assert!(passes(&peers, "192.0.2.1") && passes(&peers, "::ffff:192.0.2.1"));
        assert!(!passes(&peers, "192.0.2.1"));
        assert!(passes(&peers, "192.0.2.2"));
        assert!(passes(&peers, "2001:db8::1") && passes(&peers, "2001:db8::2:3:4:5"));
        assert!(!passes(&peers, "2001:db8::ffff"), "all of a /64 are one");
        assert!(passes(&peers, "2001:db8:0:1::1"));
        tokio::time::advance(Duration::from_secs(6)).await;
        assert!(passes(&peers, "192.0.2.1") && !passes(&peers, "192.0.2.1"));
    }

    #[tokio::test(start_paused = true)]
    async fn an_address_that_guesses_is_barred_for_a_while() {
        let peers = peers(3, false);
        let guess = |peers: &Peers| (0..3).for_each(|_| peers.failed(ip("192.0.2.1")));
        guess(&peers);
        assert!(passes(&peers, "192.0.2.1"), "anybody may be wrong a few times");
        peers.failed(ip("192.0.2.1"));
        assert!(!passes(&peers, "192.0.2.1") && passes(&peers, "192.0.2.2"));
        tokio::time::advance(Duration::from_secs(6)).await;
        assert!(passes(&peers, "192.0.2.1"));
    }

    #[tokio::test(start_paused = true)]
    async fn this_machine_is_spared_unless_somebody_says_otherwise() {
        for (from, loopback) in [("127.0.0.1", false), ("::1", false), ("127.0.0.1", true), ("::1", true)] {
            let peers = peers(1, loopback);
            assert!(passes(&peers, from));
            assert_eq!(passes(&peers, from), !loopback, "{from}");
        }
    }

    #[test]
    fn an_address_has_only_so_many_connections_unless_it_is_a_proxy_or_this_machine() {
        let proxies = vec!["10.0.0.0/8".parse().unwrap()];
        let limits = PeerLimits { connections: Some(1), proxies, ..PeerLimits::default() };
        for (limits, from, many) in [
            (&limits, "192.0.2.1", false),
            (&limits, "::ffff:192.0.2.1", false),
            (&limits, "10.0.0.1", true),
            (&limits, "127.0.0.1", true),
            (&PeerLimits::default(), "192.0.2.1", true),
        ] {
            let peers = Peers::new(limits.clone());
            let visit = || peers.visit(SocketAddr::new(ip(from), 1));
            let first = visit();
            assert!(first.is_some());
            assert_eq!(visit().is_some(), many, "{from}");
            drop(first);
            assert!(visit().is_some());
        }
    }

    #[test]
    fn a_proxy_says_who_calls_and_nobody_else_does() {
        let net = |text: &str| text.parse::<IpNet>().unwrap();
        let limits = PeerLimits { proxies: vec![net("10.0.0.0/8")], ..PeerLimits::default() };
        let peers = Peers::new(PeerLimits { allow: vec![net("192.0.2.0/24")], ..limits });
        let from = |peer: &str, way: &[&str]| {
            let mut headers = HeaderMap::new();
            for hop in way {
                headers.append("x-forwarded-for", hop.parse().unwrap());
            }
            peers.admit(ip(peer), &headers).ok()
        };
        assert_eq!(from("10.0.0.1", &["192.0.2.7"]), Some(ip("192.0.2.7")));
        assert_eq!(from("10.0.0.1", &["198.51.100.1, 192.0.2.7", "10.0.0.2"]), Some(ip("192.0.2.7")));
        assert_eq!(from("10.0.0.1", &["198.51.100.1:80, 192.0.2.7:4711"]), Some(ip("192.0.2.7")));
        assert_eq!(from("10.0.0.1", &["192.0.2.7, [2001:db8::1]:4711"]), None, "and of the other kind, too");
        assert_eq!(from("10.0.0.1", &["192.0.2.7, 198.51.100.1"]), None, "the nearest counts");
        assert_eq!(from("10.0.0.1", &["192.0.2.7, nonsense"]), None, "beyond nonsense nothing is believed");
        assert_eq!(from("198.51.100.1", &["192.0.2.7"]), None, "a stranger's word is nothing");
        assert_eq!(from("192.0.2.9", &["198.51.100.1"]), Some(ip("192.0.2.9")));
        let connects = |address: &str| peers.may_connect(SocketAddr::new(ip(address), 1));
        assert!(connects("10.0.0.1") && connects("192.0.2.1") && !connects("198.51.100.1"));
    }

    #[test]
    fn addresses_and_networks_never_share_a_number() {
        assert_ne!(network(ip("0.0.0.1")), network(ip("::1")));
        assert_ne!(network(ip("127.0.0.1")), network(ip("::1")));
    }
}
