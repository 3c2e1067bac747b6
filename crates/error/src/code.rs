//! The codes and their data in `shared/errors.toml`.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($variant:ident = $name:literal),* $(,)?) => {
        /// What happened. Meaning and remedy of each stand in `shared/errors.toml`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        #[serde(rename_all = "snake_case")]
        #[allow(missing_docs, reason = "the texts are data, in shared/errors.toml")]
        pub enum Code { $($variant),* }

        impl Code {
            /// Every code, in the order of the file.
            pub const ALL: &[Code] = &[$(Code::$variant),*];

            /// The code as it stands on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Code::$variant => $name),* }
            }
        }
    };
}

codes! {
    InvalidArgument = "invalid_argument",
    UnknownTool = "unknown_tool",
    NotFound = "not_found",
    AmbiguousReference = "ambiguous_reference",
    CallerNotMapped = "caller_not_mapped",
    Permission = "permission",
    ApprovalRequired = "approval_required",
    ApprovalDenied = "approval_denied",
    ConsentUnavailable = "consent_unavailable",
    PlanMismatch = "plan_mismatch",
    Conflict = "conflict",
    IdempotencyConflict = "idempotency_conflict",
    InProgress = "in_progress",
    OutcomeUnknown = "outcome_unknown",
    RateLimited = "rate_limited",
    QuotaExhausted = "quota_exhausted",
    TooBroad = "too_broad",
    CursorExpired = "cursor_expired",
    Deadline = "deadline",
    UpstreamAuth = "upstream_auth",
    UpstreamUnavailable = "upstream_unavailable",
    UpstreamGarbled = "upstream_garbled",
    UpstreamTooLarge = "upstream_too_large",
    Unsupported = "unsupported",
    UnsupportedFilter = "unsupported_filter",
    AuditUnavailable = "audit_unavailable",
    Frozen = "frozen",
    ShuttingDown = "shutting_down",
    Internal = "internal",
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    meaning: String,
    remedy: String,
    retryable: bool,
}

/// Parsed once; a malformed file is a defect that the test below catches before anything ships.
static TEXTS: LazyLock<BTreeMap<String, Text>> =
    LazyLock::new(|| toml::from_str(include_str!("../../../shared/errors.toml")).unwrap_or_default());

impl Code {
    /// What the code means, for people.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        TEXTS.get(self.as_str()).map_or("", |t| &t.meaning)
    }

    /// What the caller does next.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        TEXTS.get(self.as_str()).map_or("", |t| &t.remedy)
    }

    /// Whether repeating the same call later may succeed without anything else changing.
    #[must_use]
    pub fn retryable(self) -> bool {
        TEXTS.get(self.as_str()).is_some_and(|t| t.retryable)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_and_the_enum_name_the_same_codes() {
        let parsed: BTreeMap<String, Text> =
            toml::from_str(include_str!("../../../shared/errors.toml")).unwrap();
        let mut names: Vec<_> = Code::ALL.iter().map(|c| c.as_str()).collect();
        names.sort_unstable();
        assert_eq!(parsed.keys().map(String::as_str).collect::<Vec<_>>(), names);
        for (code, text) in &parsed {
            assert!(!text.meaning.is_empty() && !text.remedy.is_empty(), "{code}");
        }
    }

    #[test]
    fn serde_and_as_str_agree() {
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
        }
    }
}
