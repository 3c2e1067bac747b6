//! The freeze: a file that stops writes while it says so.

use std::sync::{Arc, Mutex, PoisonError};

use serde::Deserialize;
use tool::Meta;

use crate::pattern::Pattern;
use crate::policy::House;
use crate::watched::{Look, Watched};

/// What is frozen. Reads never are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frozen {
    all: bool,
    /// `finance:issue_refund`, `finance:*`.
    tools: Vec<Pattern>,
    sources: Vec<String>,
    reason: Option<String>,
}

/// The file: `all = true`, or some tools and sources; a reason for whoever is refused. An empty file freezes nothing.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    all: bool,
    #[serde(default)]
    tools: Vec<String>,
    #[serde(default)]
    sources: Vec<String>,
    reason: Option<String>,
}

impl Frozen {
    /// Nothing.
    #[must_use]
    pub fn nothing() -> &'static Self {
        static NOTHING: Frozen = Frozen { all: false, tools: Vec::new(), sources: Vec::new(), reason: None };
        &NOTHING
    }

    /// Reads the file's text. Sources are those of all servers, so one that is not known here is another server's.
    ///
    /// # Errors
    /// In words: the text is no such file, or names a tool of this domain that there is not.
    pub fn parse(text: &str, house: &House) -> Result<Self, String> {
        let file: File = toml::from_str(text).map_err(|e| e.message().to_owned())?;
        let frozen = Self {
            all: file.all,
            tools: file.tools.iter().map(|name| Pattern::new(name)).collect(),
            sources: file.sources,
            reason: file.reason,
        };
        for (pattern, name) in frozen.tools.iter().zip(&file.tools) {
            known(pattern, name, house)?;
        }
        Ok(frozen)
    }

    /// What either of the two freezes.
    fn and(mut self, other: &Self) -> Self {
        self.all |= other.all;
        self.tools.extend(other.tools.iter().cloned());
        self.sources.extend(other.sources.iter().cloned());
        self.reason = self.reason.or_else(|| other.reason.clone());
        self
    }

    fn everything(reason: &str) -> Self {
        Self { all: true, reason: Some(reason.to_owned()), ..Self::default() }
    }

    /// Whether nothing is frozen.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        !self.all && self.tools.is_empty() && self.sources.is_empty()
    }

    /// Why a write of this tool to these sources is refused.
    pub(crate) fn stops(&self, domain: &str, tool: &Meta, sources: &[String]) -> Option<String> {
        if self.all {
            return Some(self.says("every write"));
        }
        let frozen = |name| self.tools.iter().any(|pattern| pattern.matches(&format!("{domain}:{name}")));
        if !self.tools.is_empty() && tool.names().any(frozen) {
            return Some(self.says(&format!("`{}`", tool.name)));
        }
        let source = sources.iter().find(|source| self.source(source))?;
        Some(self.says(&format!("source `{source}`")))
    }

    /// Whether writes to this source are frozen.
    pub(crate) fn source(&self, name: &str) -> bool {
        self.sources.iter().any(|frozen| frozen == name)
    }

    pub(crate) fn has_no_source_of(&self, configured: &[String]) -> bool {
        self.sources.is_empty() || !configured.iter().any(|name| self.source(name))
    }

    pub(crate) fn says(&self, what: &str) -> String {
        match &self.reason {
            Some(reason) => format!("{what} is frozen: {}", content::cut(reason, 200)),
            None => format!("{what} is frozen by the operator"),
        }
    }
}

impl std::fmt::Display for Frozen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.all {
            return f.write_str(&self.says("every write"));
        }
        let tools = self.tools.iter().map(Pattern::as_str);
        let names: Vec<&str> = tools.chain(self.sources.iter().map(String::as_str)).collect();
        f.write_str(&self.says(&names.join(", ")))
    }
}

/// A name must be `domain:tool`, and must name a tool if the domain is ours.
fn known(pattern: &Pattern, name: &str, house: &House) -> Result<(), String> {
    let Some((domain, _)) = pattern.as_str().split_once(':') else {
        return Err(format!("`{name}` is no `domain:tool`"));
    };
    let ours = domain == house.domain;
    let mut names = house.tools.iter().flat_map(Meta::names);
    let matches = names.any(|name| pattern.matches(&format!("{}:{name}", house.domain)));
    match ours && !matches {
        true => Err(format!("`{name}` names no tool of {}", house.domain)),
        false => Ok(()),
    }
}

/// The freeze file, looked at now and then.
pub(crate) struct Freeze {
    file: Option<Watched>,
    state: Mutex<Arc<Frozen>>,
}

/// What a look at the freeze file brought.
pub(crate) enum Turn {
    Same,
    /// It says something else now.
    Changed(Arc<Frozen>),
    /// It is not there: what was frozen stays frozen, and no more.
    Missing(String),
    /// It is there and not understood, or cannot even be read. Somebody wanted to stop something: every write is frozen
    /// until it is clear.
    Garbled(String),
}

impl Freeze {
    pub(crate) fn new(file: Option<Watched>) -> Self {
        Self { file, state: Mutex::new(Arc::new(Frozen::default())) }
    }

    pub(crate) fn state(&self) -> Arc<Frozen> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Looks at the file. Blocks for as long as the file system does. What a text freezes is frozen at once; what it
    /// leaves out is free when it is settled, for an empty text may be the first half of an edit.
    pub(crate) fn look(&self, house: &House) -> Turn {
        let Some(file) = &self.file else { return Turn::Same };
        let (text, settled) = match file.look() {
            Look::Same => return Turn::Same,
            Look::Missing(why) => return Turn::Missing(why),
            Look::Unreadable(why) => return self.garbled(why),
            Look::Fresh(text) => (text, false),
            Look::Settled(text) => (text, true),
        };
        match Frozen::parse(&text, house) {
            Ok(frozen) if settled => Turn::Changed(self.set(frozen)),
            Ok(frozen) => {
                self.set(frozen.and(&self.state()));
                Turn::Same
            }
            Err(why) => self.garbled(format!("`{}` is not understood: {why}", file.path().display())),
        }
    }

    fn garbled(&self, why: String) -> Turn {
        self.set(Frozen::everything("the freeze file is not understood"));
        Turn::Garbled(why)
    }

    fn set(&self, frozen: Frozen) -> Arc<Frozen> {
        let frozen = Arc::new(frozen);
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = frozen.clone();
        frozen
    }
}
