//! The rules while a server runs: what is loaded, what is frozen, what was read.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwap;
use call::{Caller, CancellationToken, Clock};
use tool::{Meta, Stakes};

use crate::authorize::{answer, touched};
use crate::explain::{self, Explanation, Question};
use crate::freeze::{Freeze, Turn};
use crate::load::{MOST, PRESETS, Problem, Problems};
use crate::policy::{House, Policy};
use crate::taint::{self, Mark, Taint};
use crate::watched::{Look, Watched};
use crate::{Ask, Circumstances, Decision, Finding, Mode, Severity, Stage, Subject};

/// Between two looks at the files: a freeze holds within 5 s.
const LOOK: Duration = Duration::from_secs(2);

/// What a gate is opened with.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `roles.toml`; the roles of the house if absent.
    pub roles: Option<PathBuf>,
    /// The freeze file; nothing can be frozen if absent.
    pub freeze: Option<PathBuf>,
    /// How the process was started.
    pub mode: Mode,
}

/// The policy of a running server.
pub struct Gate {
    house: House,
    mode: Mode,
    clock: Clock,
    policy: ArcSwap<Policy>,
    roles: Option<Watched>,
    freeze: Freeze,
    taint: Taint,
    health: Mutex<Health>,
}

/// Something that changed, for the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A new roles file is in force.
    PolicyChanged,
    /// The roles file is not what it should be: the former one stays in force.
    PolicyRefused(String),
    /// The freeze file says something else; `None` if nothing is frozen any more.
    FreezeChanged(Option<String>),
    /// There is no freeze file: what was frozen stays frozen, and no more.
    FreezeMissing(String),
    /// The freeze file cannot be read or is not understood: every write is frozen.
    FreezeGarbled(String),
}

/// Whether the files are in force as they are on the disk, for the readiness page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Health {
    /// Why the roles file on the disk is not the one in force.
    pub roles: Option<String>,
    /// Why the freeze file is not known.
    pub freeze: Option<String>,
}

impl Gate {
    /// Opens the gate: reads both files once. A freeze file that is missing is a matter for [`Gate::poll`] to tell.
    ///
    /// # Errors
    /// Everything that is wrong with the roles file.
    pub fn open(settings: Settings, house: House, clock: Clock) -> Result<Self, Problems> {
        let roles = settings.roles.map(|file| Watched::new(file, MOST));
        let text = match roles.as_ref().map(Watched::look) {
            None => PRESETS.to_owned(),
            Some(Look::Fresh(text) | Look::Settled(text)) => text,
            Some(Look::Missing(why) | Look::Unreadable(why)) => return Err(alone(why)),
            Some(Look::Same) => return Err(alone("the file was read before".to_owned())),
        };
        let policy = load(&text, &house)?;
        Ok(Self {
            house,
            mode: settings.mode,
            clock,
            policy: ArcSwap::from_pointee(policy),
            roles,
            freeze: Freeze::new(settings.freeze.map(|file| Watched::new(file, MOST))),
            taint: Taint::default(),
            health: Mutex::default(),
        })
    }

    /// May this caller do this, in this workflow? Asked with [`Stage::List`] for a listing, with [`Stage::Call`] for
    /// the arguments of a call; where the answer says `settle`, ask [`Gate::settle`] once the record is known.
    #[must_use]
    pub fn authorize(&self, who: &Subject, workflow: &str, tool: &Meta, stage: Stage<'_>) -> Decision {
        self.answer(who, workflow, tool, stage, None)
    }

    /// May this caller go on with a call that `first` allowed, now that this is known of it? The call is bound to what
    /// `first` said, so the role that said it answers, or one that would have bound it to the same sources, masks,
    /// fields and rows. Other roles are not asked: together they would allow what none of them does.
    #[must_use]
    pub fn settle(
        &self,
        who: &Subject,
        workflow: &str,
        tool: &Meta,
        stakes: &Stakes,
        first: &Decision,
    ) -> Decision {
        self.answer(who, workflow, tool, Stage::Settled(stakes), Some(first))
    }

    fn answer(
        &self,
        who: &Subject,
        workflow: &str,
        tool: &Meta,
        stage: Stage<'_>,
        first: Option<&Decision>,
    ) -> Decision {
        let now = self.clock.now();
        let taint = match stage {
            Stage::List => None,
            _ if tool.is_write() => self.taint.of(&who.key, workflow, now),
            _ => None,
        };
        let circumstances = Circumstances {
            now,
            mode: self.mode,
            frozen: &self.freeze.state(),
            taint: taint.as_ref(),
            sources: &self.house.sources,
        };
        answer(&self.policy.load(), &Ask { who, tool, stage }, &circumstances, first)
    }

    /// Notes what a call has read, once it has answered: from here on the workflow is tainted by it. An answer that is
    /// `suspected` of giving instructions counts as written by others, whoever its tool says writes it.
    pub fn note(
        &self,
        who: &Subject,
        workflow: &str,
        tool: &Meta,
        suspected: bool,
        stakes: &Stakes,
        decision: &Decision,
    ) {
        let policy = self.policy.load();
        let Some(minutes) = policy.taint else { return };
        let untrusted = tool.labels.returns_untrusted || suspected;
        if !untrusted && !tool.labels.reads_private {
            return;
        }
        let sources = touched(&decision.obligations.sources, stakes, &self.house.sources);
        let now = self.clock.now();
        let narrowest = policy.audiences.narrowest(&sources, &stakes.place);
        let mark = Mark {
            untrusted: untrusted.then_some(tool.name),
            narrowest: tool.labels.reads_private.then_some(narrowest),
            until: taint::until(now, minutes),
        };
        self.taint.note(&who.key, workflow, &mark, now);
    }

    /// A caller as policy sees it. Roles come from its claims, and from what is known without a token: `method`, and
    /// `sub`, which is its [`Caller::key`] and the same without the tenant.
    #[must_use]
    pub fn subject(&self, caller: &Caller) -> Subject {
        // A name alone is not enough where two issuers may give the same one.
        let key = caller.key();
        let anywhere = caller.issuer.as_ref().map(|issuer| format!("{issuer}#{}", caller.subject));
        let anywhere = anywhere.as_deref().unwrap_or(&caller.subject);
        let own = [("sub", key.as_str()), ("sub", anywhere), ("method", caller.method)];
        let claims = caller
            .claims
            .iter()
            .flat_map(|(claim, values)| values.iter().map(|v| (claim.as_str(), v.as_str())));
        // A token cannot say of itself how it was verified, nor whose it is.
        let claims = claims.filter(|(claim, _)| !own.iter().any(|(reserved, _)| reserved == claim));
        Subject::of(caller, self.policy.load().roles_of(own.into_iter().chain(claims)))
    }

    /// Roles that hold the lethal trifecta.
    #[must_use]
    pub fn lint(&self) -> Vec<Finding> {
        self.policy.load().lint(&self.house)
    }

    /// How the decision for a role comes about: for all tools, for one, or for one call of it.
    ///
    /// # Errors
    /// In words: there is no such role or tool.
    pub fn explain(
        &self,
        role: &str,
        tool: Option<&str>,
        stakes: Option<&Stakes>,
    ) -> Result<Explanation, String> {
        let circumstances = Circumstances {
            now: self.clock.now(),
            mode: self.mode,
            frozen: &self.freeze.state(),
            taint: None,
            sources: &self.house.sources,
        };
        explain::explain(&self.policy.load(), &self.house, &Question { role, tool, stakes }, &circumstances)
    }

    /// Whether the files are in force as they are on the disk.
    #[must_use]
    pub fn health(&self) -> Health {
        self.health.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the files now. Blocks for as long as the file system does.
    pub fn poll(&self) -> Vec<Event> {
        [self.look_at_roles(), self.look_at_freeze()].into_iter().flatten().collect()
    }

    /// Looks at the files every two seconds until `stop`, and tells what changed. The first look is at once.
    pub async fn watch(self: Arc<Self>, stop: CancellationToken, tell: impl Fn(&Event) + Send) {
        loop {
            let gate = self.clone();
            // A look that died tells nothing; the next one comes.
            let events = tokio::task::spawn_blocking(move || gate.poll()).await.unwrap_or_default();
            events.iter().for_each(&tell);
            if stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_none() {
                return;
            }
        }
    }

    fn look_at_roles(&self) -> Option<Event> {
        let refused = match self.roles.as_ref()?.look() {
            // Half a file may be a whole one that forbids less.
            Look::Same | Look::Fresh(_) => return None,
            Look::Missing(why) | Look::Unreadable(why) => why,
            Look::Settled(text) => match load(&text, &self.house) {
                Ok(policy) => {
                    self.policy.store(Arc::new(policy));
                    self.healthy(|health| health.roles = None);
                    return Some(Event::PolicyChanged);
                }
                Err(problems) => problems.to_string(),
            },
        };
        self.healthy(|health| health.roles = Some(refused.clone()));
        Some(Event::PolicyRefused(refused))
    }

    fn look_at_freeze(&self) -> Option<Event> {
        let (event, trouble) = match self.freeze.look(&self.house) {
            Turn::Same => return None,
            Turn::Changed(frozen) => {
                let says = (!frozen.is_nothing()).then(|| frozen.to_string());
                (Event::FreezeChanged(says), None)
            }
            Turn::Missing(why) => (Event::FreezeMissing(why.clone()), Some(why)),
            Turn::Garbled(why) => (Event::FreezeGarbled(why.clone()), Some(why)),
        };
        self.healthy(|health| health.freeze = trouble);
        Some(event)
    }

    fn healthy(&self, change: impl FnOnce(&mut Health)) {
        change(&mut self.health.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// The rules of a file; one that lets private text out by what others wrote is refused (security, section 1.2).
fn load(text: &str, house: &House) -> Result<Policy, Problems> {
    let policy = Policy::load(text, house)?;
    let findings = policy.lint(house).into_iter().filter(|finding| finding.severity == Severity::Refuse);
    let problem =
        |finding: Finding| Problem { at: format!("role.{}", finding.role), says: finding.to_string() };
    let problems: Vec<Problem> = findings.map(problem).collect();
    if problems.is_empty() { Ok(policy) } else { Err(Problems(problems)) }
}

fn alone(says: String) -> Problems {
    Problems(vec![Problem { at: "the file".to_owned(), says }])
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PolicyChanged => f.write_str("a new roles file is in force"),
            Self::PolicyRefused(why) => write!(f, "the former roles stay in force: {why}"),
            Self::FreezeChanged(Some(what)) => write!(f, "frozen: {what}"),
            Self::FreezeChanged(None) => f.write_str("nothing is frozen"),
            Self::FreezeMissing(why) => write!(f, "what was frozen stays frozen: {why}"),
            Self::FreezeGarbled(why) => write!(f, "every write is frozen: {why}"),
        }
    }
}
