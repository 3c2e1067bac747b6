//! What can go wrong on purpose: rules that the control plane sets.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use http::{HeaderName, HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The longest latency, in milliseconds: ten minutes.
const LONGEST_LATENCY: u64 = 600_000;

/// A fault and the requests it strikes. Several rules may stand; the first that matches a request wins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Which requests; all by default.
    #[serde(default, rename = "match")]
    pub only: Match,
    /// What happens to them.
    pub fault: Fault,
    /// How many more requests it strikes; until cleared when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub times: Option<u32>,
}

/// Which requests a rule strikes. What is absent matches everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Match {
    /// The method, in any case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// The beginning of the path as it is sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path_prefix: Option<String>,
}

/// A fault. The variants without fields are written with braces so that a stray parameter is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Answers this status; nothing happens at the vendor.
    Status {
        /// 200 to 599.
        status: u16,
        /// Headers beside the vendor's own.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        headers: BTreeMap<String, String>,
        /// The body: text as it is, anything else as JSON; the vendor's error body when absent.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        body: Option<Value>,
    },
    /// Does the work, answers late.
    Latency {
        /// Milliseconds, at most ten minutes.
        ms: u64,
    },
    /// Does the work, sends the head and half the body, then resets the connection (TCP RST).
    Reset {},
    /// Resets the connection before a byte of answer; nothing happens at the vendor.
    ResetBefore {},
    /// Does the work, promises the whole body, sends half of it and closes.
    Truncate {},
    /// Does the work, sends the body slowly.
    Trickle {
        /// At least 1.
        bytes_per_second: u32,
    },
    /// Answers 200 with broken JSON, or with bytes that are not HTTP; nothing happens at the vendor.
    Garbage {
        /// Break HTTP itself.
        #[serde(default)]
        framing: bool,
    },
    /// Answers 200 with a body of JSON that goes on and on; nothing happens at the vendor.
    HugeBody {
        /// Its length, 100 MiB by default.
        #[serde(default = "hundred_mebibytes")]
        bytes: u64,
    },
    /// Answers 200 with a login page, as proxies do; nothing happens at the vendor.
    #[serde(rename = "html_200")]
    Html200 {},
    /// Never answers; nothing happens at the vendor.
    Hang {},
    /// Revokes the presented token and answers the vendor's 401.
    RevokeToken {},
    /// Does the work, then states a `Content-Length` smaller than the body it sends.
    WrongLength {},
    /// Does the work and never answers.
    ApplyThenHang {},
    /// Does the work and resets the connection before a byte of answer.
    ApplyThenReset {},
}

impl Fault {
    /// Whether the request reaches its handler, so that its effect happens.
    pub(crate) fn applies(&self) -> bool {
        match self {
            Self::Latency { .. }
            | Self::Reset {}
            | Self::Truncate {}
            | Self::Trickle { .. }
            | Self::WrongLength {}
            | Self::ApplyThenHang {}
            | Self::ApplyThenReset {} => true,
            Self::Status { .. }
            | Self::ResetBefore {}
            | Self::Garbage { .. }
            | Self::HugeBody { .. }
            | Self::Html200 {}
            | Self::Hang {}
            | Self::RevokeToken {} => false,
        }
    }

    /// The `kind`, as on the control plane.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Status { .. } => "status",
            Self::Latency { .. } => "latency",
            Self::Reset {} => "reset",
            Self::ResetBefore {} => "reset_before",
            Self::Truncate {} => "truncate",
            Self::Trickle { .. } => "trickle",
            Self::Garbage { .. } => "garbage",
            Self::HugeBody { .. } => "huge_body",
            Self::Html200 {} => "html_200",
            Self::Hang {} => "hang",
            Self::RevokeToken {} => "revoke_token",
            Self::WrongLength {} => "wrong_length",
            Self::ApplyThenHang {} => "apply_then_hang",
            Self::ApplyThenReset {} => "apply_then_reset",
        }
    }

    fn check(&self) -> Result<(), String> {
        match self {
            Self::Status { status, .. } if !(200..600).contains(status) => {
                Err("fault.status must be between 200 and 599".into())
            }
            Self::Status { headers, .. } => headers.iter().try_for_each(|(name, value)| header(name, value)),
            Self::Latency { ms } if *ms > LONGEST_LATENCY => {
                Err(format!("fault.ms must be at most {LONGEST_LATENCY}; for no answer at all use hang"))
            }
            Self::Trickle { bytes_per_second: 0 } => {
                Err("fault.bytes_per_second must be at least 1; for no answer at all use hang".into())
            }
            _ => Ok(()),
        }
    }
}

impl Match {
    fn hits(&self, method: &Method, path: &str) -> bool {
        self.method.as_ref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method.as_str()))
            && self.path_prefix.as_ref().is_none_or(|prefix| path.starts_with(prefix.as_str()))
    }

    fn check(&self) -> Result<(), String> {
        let method = |name: &String| Method::from_bytes(name.as_bytes()).is_ok();
        if !self.method.as_ref().is_none_or(method) {
            return Err("match.method is not an HTTP method".into());
        }
        if !self.path_prefix.as_ref().is_none_or(|prefix| prefix.starts_with('/')) {
            return Err("match.path_prefix must begin with /".into());
        }
        Ok(())
    }
}

/// The rules in force.
#[derive(Default)]
pub(crate) struct Faults {
    rules: Mutex<Vec<Rule>>,
}

impl Faults {
    /// Adds a rule behind the others. Errors: what is wrong with it, in a sentence.
    pub(crate) fn add(&self, rule: Rule) -> Result<(), String> {
        rule.only.check()?;
        rule.fault.check()?;
        if rule.times == Some(0) {
            return Err("times must be at least 1; leave it out for a fault that stays".into());
        }
        self.rules().push(rule);
        Ok(())
    }

    /// The fault that strikes this request, counted as used.
    pub(crate) fn pick(&self, method: &Method, path: &str) -> Option<Fault> {
        let mut rules = self.rules();
        let at = rules.iter().position(|rule| rule.only.hits(method, path))?;
        let rule = rules.get_mut(at)?;
        let fault = rule.fault.clone();
        rule.times = rule.times.map(|times| times - 1);
        if rule.times == Some(0) {
            rules.remove(at);
        }
        Some(fault)
    }

    pub(crate) fn list(&self) -> Vec<Rule> {
        self.rules().clone()
    }

    pub(crate) fn clear(&self) {
        self.rules().clear();
    }

    fn rules(&self) -> MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn hundred_mebibytes() -> u64 {
    100 * 1024 * 1024
}

fn header(name: &str, value: &str) -> Result<(), String> {
    let valid = HeaderName::try_from(name).is_ok() && HeaderValue::try_from(value).is_ok();
    if valid { Ok(()) } else { Err(format!("fault.headers: {name} is not a valid header")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(prefix: &str, fault: Fault, times: Option<u32>) -> Rule {
        Rule { only: Match { method: None, path_prefix: Some(prefix.into()) }, fault, times }
    }

    #[test]
    fn the_first_rule_that_matches_wins_until_it_is_used_up() {
        let faults = Faults::default();
        faults.add(rule("/a", Fault::Hang {}, Some(1))).unwrap();
        faults.add(rule("/", Fault::Html200 {}, None)).unwrap();
        assert_eq!(faults.pick(&Method::GET, "/b"), Some(Fault::Html200 {}));
        assert_eq!(faults.pick(&Method::GET, "/a/1"), Some(Fault::Hang {}));
        assert_eq!(faults.pick(&Method::GET, "/a/1"), Some(Fault::Html200 {}));
        assert_eq!(faults.list().len(), 1);
    }

    #[test]
    fn a_rule_strikes_its_method_only() {
        let faults = Faults::default();
        let only = Match { method: Some("post".into()), path_prefix: None };
        faults.add(Rule { only, fault: Fault::Hang {}, times: None }).unwrap();
        assert_eq!(faults.pick(&Method::GET, "/"), None);
        assert_eq!(faults.pick(&Method::POST, "/"), Some(Fault::Hang {}));
    }
}
