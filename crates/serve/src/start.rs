//! The start of the process: the catalogue at once, sources and record behind it.

use std::path::PathBuf;
use std::sync::Arc;

use call::{Caller, Clock};
use content::{TokenKey, Treatments};
use error::{Code, Error};
use identity::Authenticator;
use metrics_exporter_prometheus::PrometheusHandle;
use outbound::{Kit, Settings};
use secrecy::ExposeSecret as _;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::task::AbortOnDropHandle;
use tool::{Seal, SealKey, Toolbox};

use crate::admin::install_metrics;
use crate::approvals::{Bell, Means, Signer};
use crate::cli::Failure;
use crate::config::{Config, Problem, SealTable, default_audit_dir};
use crate::domain::{Domain, Refused};
use crate::front::{Front, House};
use crate::http;
use crate::layers::{Ledger, Redaction};
use crate::limits::{Limits, Plan};
use crate::offer::{Mode, Offer};
use crate::recorder::Recorder;
use crate::rules::Rules;
use crate::shutdown::PATIENCE;
use crate::stack::stack;
use crate::state::{self, Opened, State};
use crate::tenants::{Book, Tenants};

/// A process whose catalogue answers.
pub(crate) struct Start {
    pub(crate) front: Arc<Front>,
    domain: Arc<Domain>,
    config: Arc<Config>,
    /// Whether this process serves the approval page.
    page: bool,
    open: watch::Sender<Option<error::Result<Arc<House>>>>,
    metrics: PrometheusHandle,
}

/// A process whose calls answer.
pub(crate) struct Built {
    pub(crate) recorder: Arc<Recorder>,
    pub(crate) store: Opened,
    pub(crate) metrics: PrometheusHandle,
    pub(crate) tenants: Arc<Tenants>,
    sealed_for_good: bool,
    bell: Option<Bell>,
    rules: Arc<Rules>,
    limits: Arc<Limits>,
    _tending: Vec<AbortOnDropHandle<()>>,
    #[cfg(feature = "sandbox")]
    simulators: Vec<sandbox::Directions>,
    /// Those of this process serve as long as these live.
    #[cfg(feature = "sandbox")]
    _running: Vec<sandbox::Running>,
}

impl Start {
    /// Checks what can be checked without anybody's answer.
    pub(crate) fn new(domain: Domain, config: Config, mode: Mode) -> Result<Self, Failure> {
        domain.sound()?;
        #[cfg(not(feature = "sandbox"))]
        if mode.sandbox {
            return Err(crate::cli::no_simulators(&domain));
        }
        #[cfg(feature = "sandbox")]
        crate::demo::check(&domain, &config.sandbox).map_err(|e| Failure::Usage(crate::cli::told(&e)))?;
        if !mode.sandbox && config.sources.is_empty() {
            let program = domain.catalogue().program();
            return Err(Failure::Usage(format!(
                "no source is configured: name a file with --config or CHANCERY_CONFIG that has a \
                 `[source.NAME]` table with `vendor` and `auth`, or try `{program} serve --sandbox`"
            )));
        }
        let mode = Mode { asking: config.consent.in_sandbox, ..mode };
        let (open, opening) = watch::channel(None);
        let rules =
            Arc::new(Rules::open(&domain, &config.policy, source_names(&domain, &config, mode), mode)?);
        let front = Arc::new(Front::new(domain.catalogue().clone(), mode, rules, opening));
        let metrics = install_metrics()?;
        http::describe();
        crate::limits::describe();
        identity::describe();
        crate::rules::describe();
        Ok(Self { front, domain: Arc::new(domain), config: Arc::new(config), page: false, open, metrics })
    }

    /// Says whether this process serves the approval page: only `serve` does.
    pub(crate) fn with_page(self, page: bool) -> Self {
        Self { page, ..self }
    }

    /// The person at the machine.
    pub(crate) fn local_caller(&self) -> Caller {
        self.config.identity.local_caller()
    }

    /// What a message may be like.
    pub(crate) fn limits(&self) -> http::Limits {
        self.config.limits.limits()
    }

    /// Who tells callers apart; `None` where nobody does.
    pub(crate) fn authenticator(&self) -> Result<Option<Arc<Authenticator>>, Failure> {
        self.config.identity.authenticator(Clock::system())
    }

    /// What seals and signs at the approval page, as it does in the house.
    pub(crate) fn seal_and_signer(&self) -> Result<(Seal, Signer), Failure> {
        let seal = seal(&self.config.seal)?;
        let signer = Signer::of(&self.config, &seal);
        Ok((seal, signer))
    }

    /// Opens the house in the background. The catalogue answers before, calls wait.
    pub(crate) fn build(&self) -> Building {
        let (domain, config, mode) = (self.domain.clone(), self.config.clone(), self.front.mode);
        let (open, metrics, rules) = (self.open.clone(), self.metrics.clone(), self.front.rules.clone());
        let page = self.page;
        Building(tokio::spawn(async move {
            let built = build(&domain, &config, mode, page, rules, metrics).await;
            let house = built.as_ref().map(|(house, _)| house.clone());
            open.send_replace(Some(house.map_err(|_| Error::internal("the server could not be opened"))));
            built.map(|(_, built)| built)
        }))
    }
}

/// The opening of the house, under way.
pub(crate) struct Building(JoinHandle<Result<Built, Failure>>);

impl Future for Building {
    type Output = Result<Built, Failure>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        let lost = |e| Err(Failure::Failed(format!("the server could not be opened: {e}")));
        std::pin::Pin::new(&mut self.0).poll(cx).map(|joined| joined.unwrap_or_else(lost))
    }
}

impl Built {
    /// The first lines of the log.
    pub(crate) fn say_hello(&self) {
        self.recorder.say_hello();
        self.rules.log_findings();
        tracing::info!(store = self.store.place, "what was written is remembered");
        if !self.sealed_for_good {
            tracing::info!(
                "no `[seal] keys` are configured: cursors die with this process and with no other"
            );
        }
    }

    /// The simulators as `sandbox VENDOR` prints them; none without `--sandbox`.
    pub(crate) fn simulators(&self) -> serde_json::Value {
        #[cfg(feature = "sandbox")]
        return serde_json::json!(self.simulators);
        #[cfg(not(feature = "sandbox"))]
        return serde_json::json!([]);
    }

    /// Lets calls under way end and makes the record whole.
    pub(crate) async fn close(self, front: &Front) {
        if !front.drain(PATIENCE).await {
            tracing::warn!("some calls did not end in time; what became of them is not on record");
        }
        self.limits.budgets.settle().await;
        self.recorder.close().await;
        // Last: the chat may not answer, and everything else is safe by now.
        if let Some(bell) = &self.bell {
            bell.fall_silent().await;
        }
    }
}

async fn build(
    domain: &Domain,
    config: &Config,
    mode: Mode,
    page: bool,
    rules: Arc<Rules>,
    metrics: PrometheusHandle,
) -> Result<(Arc<House>, Built), Failure> {
    let watching = rules.watch().await;
    let recorder = recorder(domain, config, mode).await?;
    let store = state::open(domain.catalogue().name, config, mode).await?;
    #[cfg(feature = "sandbox")]
    let (running, simulators, settings) = match mode.sandbox {
        true => {
            let demo = crate::demo::Demo::start(domain, &config.sandbox).await?;
            (demo.running, demo.directions, demo.sources)
        }
        false => (Vec::new(), Vec::new(), configured(config)),
    };
    #[cfg(not(feature = "sandbox"))]
    let settings = configured(config);
    let (kit, seal) = (Kit::new(Clock::system()), seal(&config.seal)?);
    let redaction = redaction(config, &seal);
    let means = Means::of(config, &seal, &kit, page || store.is_shared())?;
    let toolbox = domain.connect(&settings, seal, &kit).map_err(|refused| misconfigured(config, refused))?;
    let plan =
        config.limits.plan(mode).map_err(|e| Failure::Usage(format!("[limits] {}", crate::cli::told(&e))))?;
    let (tenants, tenanting) = tenants(domain, config, &store, &toolbox, &plan).await?;
    rules.serve(tenants.clone());
    let limits = Arc::new(Limits::new(plan, Arc::new(store.store.clone()), Clock::system()));
    let offer = Arc::new(Offer { toolbox, mode, rules: rules.clone(), redaction, tenants: tenants.clone() });
    let ledger = Arc::new(Ledger::new(recorder.clone(), config.audit.reads));
    let bell = means.bell.clone();
    let state = State { means, ..State::from(store.store.clone()) };
    let house = House { stack: stack(&offer, &ledger, &state, &limits), offer, limits: limits.clone() };
    let built = Built {
        recorder,
        tenants,
        bell,
        rules,
        _tending: [tokio::spawn(state::sweep(store.store.clone())), tokio::spawn(limits.clone().tend())]
            .into_iter()
            .chain(tenanting)
            .map(AbortOnDropHandle::new)
            .chain(watching)
            .collect(),
        limits,
        store,
        metrics,
        sealed_for_good: !config.seal.keys.is_empty(),
        #[cfg(feature = "sandbox")]
        simulators,
        #[cfg(feature = "sandbox")]
        _running: running,
    };
    Ok((Arc::new(house), built))
}

/// Who the tenants are, and what keeps watching that.
async fn tenants(
    domain: &Domain,
    config: &Config,
    store: &Opened,
    toolbox: &Arc<dyn Toolbox>,
    plan: &Plan,
) -> Result<(Arc<Tenants>, Option<JoinHandle<()>>), Failure> {
    let Some(place) = config.tenants.place(&store.store)? else { return Ok(Default::default()) };
    let book = Book::new(place, domain.catalogue().name, toolbox.clone(), plan.usual.clone());
    let tenants = book.open().await.map_err(|why| Failure::Usage(format!("[tenants]: {why}")))?;
    let tenants = Arc::new(tenants);
    let watching = tokio::spawn(book.watch(tenants.clone()));
    Ok((tenants, Some(watching)))
}

/// The names of the sources, known before any is connected: a sandbox has one for each vendor, named as it.
pub(crate) fn source_names(domain: &Domain, config: &Config, mode: Mode) -> Vec<String> {
    match mode.sandbox {
        true => domain.vendors().into_iter().map(str::to_owned).collect(),
        false => config.sources.iter().map(|source| source.settings.name.clone()).collect(),
    }
}

fn configured(config: &Config) -> Vec<Settings> {
    config.sources.iter().map(|s| s.settings.clone()).collect()
}

/// An error of a vendor about its settings, at the place where they stand.
fn misconfigured(config: &Config, refused: Refused) -> Failure {
    let Refused { source, error } = refused;
    let problem = match config.sources.iter().find(|s| s.settings.name == source) {
        Some(table) => table.problem(&error),
        None => Problem::at(format!("source.{source}"), error.message()),
    };
    match error.code() {
        Code::Internal => Failure::Failed(format!("{problem} ({error:?})")),
        _ => Failure::Usage(problem.to_string()),
    }
}

/// The seal of all that comes back, by the configured keys or by one that nobody else has.
pub(crate) fn seal(table: &SealTable) -> Result<Seal, Failure> {
    let keys: error::Result<Vec<SealKey>> = table
        .keys
        .iter()
        .map(|secret| Ok(SealKey::from_secret(secret.resolve()?.expose_secret().as_bytes())))
        .collect();
    let mut keys = keys?.into_iter();
    Ok(keys.next().map_or_else(Seal::ephemeral, |current| Seal::new(current, keys)))
}

/// How answers are treated where no role says otherwise. Tokens last as long as the seal.
fn redaction(config: &Config, seal: &Seal) -> Redaction {
    let house = Treatments { datamark: config.content.datamark, ..Treatments::default() };
    Redaction { key: TokenKey::new(seal.derive("redaction")), house }
}

/// The record of this process.
pub(crate) async fn recorder(domain: &Domain, config: &Config, mode: Mode) -> Result<Arc<Recorder>, Failure> {
    let catalogue = domain.catalogue();
    let audit = audit::Config {
        version: catalogue.version.to_owned(),
        replica: config.server.replica.clone().unwrap_or_else(host_name),
        ..audit::Config::new(audit_dir(domain, config, mode)?, catalogue.name)
    };
    Ok(Recorder::open(audit).await)
}

fn audit_dir(domain: &Domain, config: &Config, mode: Mode) -> Result<PathBuf, Failure> {
    match &config.audit.dir {
        Some(dir) => Ok(dir.clone()),
        #[cfg(feature = "sandbox")]
        None if mode.sandbox => Ok(crate::demo::audit_dir(domain)),
        None => {
            let _real = (domain, mode);
            Ok(default_audit_dir(|name| std::env::var(name).ok())?)
        }
    }
}

/// The machine's name, which in a cluster is the pod's.
fn host_name() -> String {
    let told = std::env::var("HOSTNAME").ok().or_else(|| std::env::var("COMPUTERNAME").ok());
    let told = told.or_else(|| std::fs::read_to_string("/etc/hostname").ok()).unwrap_or_default();
    if told.trim().is_empty() { "local".to_owned() } else { told.trim().to_owned() }
}
