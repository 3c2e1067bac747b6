//! What `authorize` answers.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use content::{Masks, Treatment};
use error::{Code, Error};
use tool::{Consent, Meta};

use crate::Ceilings;

/// The answer: yes or no, why, and what a yes is bound to.
#[derive(Clone, Debug)]
pub struct Decision {
    /// Yes or no.
    pub verdict: Verdict,
    /// The role that answers, if one allows the call.
    pub role: Option<Arc<str>>,
    /// The rules that decided, for the audit record and for people.
    pub reasons: Vec<Reason>,
    /// The scope that is all the caller lacks: with it the answer might be yes.
    pub lacks: Option<&'static str>,
    /// What a yes is bound to; without meaning beside a no.
    pub obligations: Obligations,
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Yes.
    Allowed,
    /// No, and the code of the error a caller gets.
    Denied(Code),
}

/// A rule and what it says to this very question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Where the rule stands: `role.buyer.ceilings`, `mode.read_only`.
    pub rule: String,
    /// In words, for the caller too.
    pub says: String,
}

/// What a yes is bound to. Whoever got the yes sees to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Obligations {
    /// Who has to agree.
    pub consent: Option<Consent>,
    /// Rows an answer may have at most.
    pub rows: Option<u32>,
    /// What becomes of fields, by class.
    pub masks: Masks,
    /// What becomes of single fields, which goes before their class.
    pub fields: Arc<BTreeMap<String, Treatment>>,
    /// The most that the call may move.
    pub ceilings: Ceilings,
    /// The sources it may reach; the tool is to be given no others.
    pub sources: Reach,
    /// The places it may reach, as patterns: rows of other places are to be left out.
    pub places: Reach,
    /// Text from outside the company is to be withheld.
    pub withhold: bool,
    /// Not all is known yet: ask again, by [`crate::Gate::settle`], before anything is written or shown.
    pub settle: bool,
}

/// How far a call may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Reach {
    /// Anywhere.
    #[default]
    All,
    /// These alone.
    Only(Arc<[String]>),
}

impl Decision {
    /// Whether the answer is yes.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        self.verdict == Verdict::Allowed
    }

    /// Whether the caller is to know of the tool: it may use it, or could with a scope it may ask for.
    #[must_use]
    pub fn shows(&self) -> bool {
        self.is_allowed() || self.lacks.is_some()
    }

    /// Who has to agree to the call; nobody beside a no.
    #[must_use]
    pub fn consent(&self) -> Consent {
        self.obligations.consent.unwrap_or(Consent::None)
    }

    /// The error for the caller: what is missing in words, the rules' names for the log alone.
    #[must_use]
    pub fn error(&self) -> Option<Error> {
        let Verdict::Denied(code) = self.verdict else { return None };
        let says: Vec<&str> = self.reasons.iter().map(|reason| reason.says.as_str()).collect();
        let rules: Vec<&str> = self.reasons.iter().map(|reason| reason.rule.as_str()).collect();
        let error = Error::new(code, says.join("; ")).detail(rules.join(", "));
        Some(match code {
            Code::Permission => {
                error.hint("ask an administrator for a role that allows it, or stay within yours")
            }
            _ => error,
        })
    }

    pub(crate) fn denied(code: Code, reasons: Vec<Reason>) -> Self {
        let obligations = Obligations::default();
        Self { verdict: Verdict::Denied(code), role: None, reasons, lacks: None, obligations }
    }

    pub(crate) fn lacking(tool: &Meta) -> Self {
        let reason = Reason::new("scope", format!("`{}` needs the scope `{}`", tool.name, tool.scope));
        Self { lacks: Some(tool.scope), ..Self::denied(Code::Permission, vec![reason]) }
    }
}

impl Reason {
    pub(crate) fn new(rule: impl Into<String>, says: impl Into<String>) -> Self {
        Self { rule: rule.into(), says: says.into() }
    }
}

impl Reach {
    /// Whether it is narrowed at all.
    #[must_use]
    pub fn is_all(&self) -> bool {
        *self == Self::All
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.says, self.rule)
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Only(names) => f.write_str(&names.join(", ")),
        }
    }
}
