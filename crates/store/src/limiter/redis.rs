//! The limiter of replicas: one script on a Redis or Valkey that they share.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use call::{BoxFuture, Operation};
use error::{Code, Error, Result};
use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Client, RedisError, Script};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::Instant;

use super::local::Local;
use super::{Limiter, Rate, Taken};

/// How the shared limiter behaves.
#[derive(Clone, Debug)]
pub struct SharedSettings {
    /// Replicas that share it. While the server is away each of them grants its part: 2.
    pub replicas: u32,
    /// How long a call may wait for the server before this replica decides alone: 100 ms.
    pub patience: Duration,
    /// How long this replica decides alone before it asks the server again: 1 s.
    pub pause: Duration,
}

impl Default for SharedSettings {
    fn default() -> Self {
        Self { replicas: 2, patience: Duration::from_millis(100), pause: Duration::from_secs(1) }
    }
}

/// A limit held by all replicas together. Calls are leased in batches of a twentieth of the burst, so that most need
/// no round trip; while the server is away each replica grants its own part and no more.
pub struct Shared {
    client: Client,
    script: Script,
    settings: SharedSettings,
    state: Mutex<State>,
}

struct State {
    connection: Option<MultiplexedConnection>,
    /// Set while this replica is alone: when the next call tries the server.
    retry_at: Option<Instant>,
    local: Local,
}

/// What the server says.
struct Granted {
    calls: u32,
    wait: Duration,
}

impl Shared {
    /// A limiter on `redis://host:6379` or `rediss://...`. Does not connect: a server that is away makes this
    /// replica decide alone, at the start as later.
    ///
    /// # Errors
    /// `internal` where the URL is malformed.
    pub fn new(url: &SecretString, settings: SharedSettings) -> Result<Self> {
        // The cause repeats the URL, which may hold a password.
        let client = Client::open(url.expose_secret()).map_err(|_| {
            Error::new(Code::Internal, "the limiter's URL is malformed")
                .retryable(false)
                .hint("write redis://host:6379, or rediss:// for TLS")
        })?;
        let state = State { connection: None, retry_at: None, local: Local::default() };
        Ok(Self { client, script: Script::new(include_str!("gcra.lua")), settings, state: Mutex::new(state) })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn decide(&self, key: &str, rate: Rate) -> Taken {
        if let Some(taken) = self.state().at_hand(key, rate, &self.settings) {
            return taken;
        }
        let wanted = (rate.burst / 20).max(1);
        let answer = tokio::time::timeout(self.settings.patience, self.ask(key, rate, wanted)).await;
        let mut state = self.state();
        let now = Instant::now();
        match answer {
            Ok(Ok((connection, granted))) => {
                state.back(connection);
                state.settle(key, &granted, now)
            }
            Ok(Err(error)) => {
                state.away(&error.to_string(), now + self.settings.pause);
                state.local.alone(key, rate.part(self.settings.replicas), now)
            }
            Err(_) => {
                state.away("no answer in time", now + self.settings.pause);
                state.local.alone(key, rate.part(self.settings.replicas), now)
            }
        }
    }

    async fn ask(
        &self,
        key: &str,
        rate: Rate,
        wanted: u32,
    ) -> std::result::Result<(MultiplexedConnection, Granted), RedisError> {
        let open = self.state().connection.clone();
        let mut connection = match open {
            Some(connection) => connection,
            None => self.client.get_multiplexed_async_connection_with_config(&self.patience()).await?,
        };
        let interval = u64::try_from(rate.interval.as_micros()).unwrap_or(u64::MAX).max(1);
        let mut ask = self.script.prepare_invoke();
        // Keys may be of any length and content; their digest is not.
        ask.key(format!("chancery:limit:{}", Operation::derive(&[], key).id));
        ask.arg(interval).arg(rate.burst.max(1)).arg(wanted);
        let (calls, wait): (u32, u64) = ask.invoke_async(&mut connection).await?;
        Ok((connection, Granted { calls, wait: Duration::from_micros(wait) }))
    }

    fn patience(&self) -> AsyncConnectionConfig {
        AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.settings.patience))
            .set_response_timeout(Some(self.settings.patience))
    }
}

impl State {
    /// What can be said without the server. Where it was away long enough, the first call that comes tries it
    /// again, and the others meanwhile go on without.
    fn at_hand(&mut self, key: &str, rate: Rate, settings: &SharedSettings) -> Option<Taken> {
        let now = Instant::now();
        match self.retry_at {
            None => self.local.take(key, now),
            Some(at) if at > now => Some(self.local.alone(key, rate.part(settings.replicas), now)),
            Some(_) => {
                self.retry_at = Some(now + settings.pause);
                None
            }
        }
    }

    fn settle(&mut self, key: &str, granted: &Granted, now: Instant) -> Taken {
        match granted.calls.checked_sub(1) {
            Some(more) => {
                self.local.lease(key, more, now);
                Taken::Granted
            }
            None => {
                self.local.block(key, granted.wait, now);
                Taken::Refused { wait: granted.wait }
            }
        }
    }

    fn back(&mut self, connection: MultiplexedConnection) {
        self.connection = Some(connection);
        if self.retry_at.take().is_some() {
            tracing::info!("limits are shared again");
        }
    }

    fn away(&mut self, problem: &str, retry_at: Instant) {
        self.connection = None;
        if self.retry_at.replace(retry_at).is_none() {
            tracing::warn!(problem, "the limiter's server is away: this replica grants its own part");
        }
    }
}

impl Limiter for Shared {
    fn take<'a>(&'a self, key: &'a str, rate: Rate) -> BoxFuture<'a, Taken> {
        Box::pin(self.decide(key, rate))
    }

    fn is_alone(&self) -> bool {
        self.state().retry_at.is_some()
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("settings", &self.settings).finish_non_exhaustive()
    }
}
