//! What stands between the socket and the handler: TLS, the guard's settings, and who tells callers apart.

use std::net::SocketAddr;
use std::sync::Arc;

use ::call::{Caller, Clock};
use identity::{Authenticator, Resource};

use super::{Done, Failure, cure};
use crate::config::Config;
use crate::domain::Domain;
use crate::handler::{Handler, needed, read_scope};
use crate::http::{self, Endpoint, Gate, check_file_limit};
use crate::start::Start;
use crate::tls::Tls;

/// What the listener needs besides a socket, made before anything is bound.
pub(super) struct Doors {
    pub(super) tls: Option<Tls>,
    behind_tls_proxy: bool,
    http: http::Config,
    identity: Option<Identity>,
}

/// Who tells callers apart, and what clients are told about that.
struct Identity {
    authenticator: Arc<Authenticator>,
    resource: Resource,
}

const NO_IDENTITY: &str = "beyond loopback this server must know who calls, and nothing says how. Configure \
    `[issuer.NAME]` for access tokens, `[identity.keys]` for API keys or `[[identity.certificates]]` for client \
    certificates, and `[tls]`";
const NO_IDENTITY_BEHIND_PROXY: &str = "with a proxy in front (`behind_tls_proxy`) callers come from elsewhere, and \
    nothing says who calls: everybody would be the local administrator. Configure `[issuer.NAME]` for access tokens or \
    `[identity.keys]` for API keys";
const NO_TLS: &str = "beyond loopback tokens must not be sent in the clear. Set `cert_file` and `key_file` in `[tls]`, \
    or `behind_tls_proxy = true` in `[server]` if a proxy in front of this process terminates TLS";
const NO_CLIENT_CA: &str = "`[[identity.certificates]]` is configured, but clients are not asked for a certificate: \
    set `client_ca_file` in `[tls]` to the authority that signs them";

impl Doors {
    pub(super) fn prepare(domain: &Domain, config: &Config) -> Result<Self, Failure> {
        let limits = config.limits.limits();
        check_file_limit(limits.connections).map_err(usage)?;
        let tls = config.tls.as_ref().map(|t| {
            Tls::load(t.cert_file.clone(), t.key_file.clone(), t.client_ca_file.clone()).map_err(usage)
        });
        let asks_for_certificates = config.tls.as_ref().is_some_and(|tls| tls.client_ca_file.is_some());
        if config.identity.takes_certificates() && !asks_for_certificates {
            return Err(Failure::Usage(NO_CLIENT_CA.to_owned()));
        }
        let (mut hosts, origins) = (config.server.hosts.clone(), config.server.origins.clone());
        // Clients come by the name that they get their tokens for.
        hosts.extend(config.identity.host().map(str::to_owned));
        Ok(Self {
            tls: tls.transpose()?,
            behind_tls_proxy: config.server.behind_tls_proxy,
            http: http::Config {
                hosts,
                origins,
                limits,
                peers: config.limits.peers(config.server.behind_tls_proxy),
                gate: None,
            },
            identity: Identity::of(domain, config)?,
        })
    }

    /// Beyond loopback callers are told apart, and nobody on the way reads their tokens. A proxy leads beyond loopback.
    pub(super) fn check_exposure(&self, listen: SocketAddr) -> Done {
        if self.behind_tls_proxy && self.identity.is_none() {
            return Err(Failure::Usage(NO_IDENTITY_BEHIND_PROXY.to_owned()));
        }
        let why = match (self.identity.is_some(), self.tls.is_some() || self.behind_tls_proxy) {
            _ if listen.ip().is_loopback() => return Ok(()),
            (true, true) => return Ok(()),
            (false, _) => NO_IDENTITY,
            (true, false) => NO_TLS,
        };
        let port = listen.port();
        Err(Failure::Usage(format!("--listen {listen}: {why}; or listen on 127.0.0.1:{port}")))
    }

    /// Who tells callers apart; `None`: nobody does, and whoever reaches the listener is the person at the machine.
    pub(super) fn authenticator(&self) -> Option<Arc<Authenticator>> {
        self.identity.as_ref().map(|identity| Arc::clone(&identity.authenticator))
    }

    /// The handler behind the guard, and behind a gate where callers are told apart.
    pub(super) fn mount(self, start: &Start) -> Endpoint {
        let front = start.front.clone();
        let Some(Identity { authenticator, resource }) = self.identity else {
            return http::mount(Handler::new(front, start.local_caller()), self.http);
        };
        let needs = {
            let front = front.clone();
            Box::new(move |caller: &Caller, method: &str, params: Option<&_>| {
                needed(&front, caller, method, params)
            })
        };
        let pace = {
            let front = front.clone();
            Box::new(move |caller: &Caller| front.turn_away(caller))
        };
        let gate = Some(Arc::new(Gate::new(authenticator, resource, needs).paced(pace)));
        // Whoever came through the gate is known. If somebody were not, nothing would be granted to them.
        let nobody = Caller::new("nobody", "none");
        http::mount(Handler::new(front, nobody), http::Config { gate, ..self.http })
    }
}

impl Identity {
    fn of(domain: &Domain, config: &Config) -> Result<Option<Self>, Failure> {
        let Some(authenticator) = config.identity.authenticator(Clock::system())? else { return Ok(None) };
        let catalogue = domain.catalogue();
        let resource = authenticator.resource(&catalogue.program(), vec![read_scope(catalogue)]);
        let resource = resource.map_err(|error| config.identity.failure(&error))?;
        Ok(Some(Self { authenticator, resource }))
    }
}

pub(super) fn usage(error: error::Error) -> Failure {
    Failure::Usage([error.message(), &cure(&error).unwrap_or_default()].join(". "))
}
