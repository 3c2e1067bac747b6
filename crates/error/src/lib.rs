#![doc = include_str!("../README.md")]

mod code;
mod wire;

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;
use std::time::Duration;

pub use code::Code;
pub use wire::{Candidate, FieldError, Upstream, Wire};

/// `Result` with the house's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, for an agent to act on and for an operator to find.
///
/// One pointer wide, so that `Result` stays thin; cloned where several callers waited for one outcome.
#[derive(Clone)]
pub struct Error(Box<Inner>);

#[derive(Clone)]
struct Inner {
    code: Code,
    message: Cow<'static, str>,
    hint: Option<Cow<'static, str>>,
    retryable: Option<bool>,
    retry_after: Option<Duration>,
    fields: Vec<FieldError>,
    candidates: Vec<Candidate>,
    allowed: Vec<String>,
    alternative_tool: Option<Cow<'static, str>>,
    upstream: Option<Upstream>,
    operation: Option<String>,
    preview: Option<serde_json::Value>,
    detail: Option<String>,
    source: Option<Arc<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// An error with the code's standard remedy as hint. `message` is shown to the agent: name the cause in the
    /// caller's words and put nothing of a vendor's body in it.
    #[must_use]
    pub fn new(code: Code, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            code,
            message: message.into(),
            hint: None,
            retryable: None,
            retry_after: None,
            fields: Vec::new(),
            candidates: Vec::new(),
            allowed: Vec::new(),
            alternative_tool: None,
            upstream: None,
            operation: None,
            preview: None,
            detail: None,
            source: None,
        }))
    }

    /// `invalid_argument` at one path of the input (`limit`, `filters/0/name`).
    #[must_use]
    pub fn invalid(path: impl Into<String>, problem: impl Into<String>) -> Self {
        let field = FieldError { path: path.into(), problem: problem.into() };
        Self::new(Code::InvalidArgument, format!("{}: {}", field.path, field.problem)).field(field)
    }

    /// `internal`: a broken promise of our own. `detail` goes to the log only.
    #[must_use]
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(Code::Internal, "the server failed on its own account").detail(detail)
    }

    /// Says whose error it is, where one of several speaks for all: `jira: ...`, unless the message does so already.
    #[must_use]
    pub fn said_by(mut self, whose: &str) -> Self {
        if !self.0.message.contains(whose) {
            self.0.message = format!("{whose}: {}", self.0.message).into();
        }
        self
    }

    /// Replaces the code's standard remedy.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// Overrides the code's standard advice on repeating the call.
    #[must_use]
    pub fn retryable(mut self, yes: bool) -> Self {
        self.0.retryable = Some(yes);
        self
    }

    /// When repeating may succeed.
    #[must_use]
    pub fn retry_after(mut self, wait: Duration) -> Self {
        self.0.retry_after = Some(wait);
        self
    }

    /// Adds a field that is wrong.
    #[must_use]
    pub fn field(mut self, field: FieldError) -> Self {
        self.0.fields.push(field);
        self
    }

    /// Adds a record the reference may have meant; at most five are kept.
    #[must_use]
    pub fn candidate(mut self, candidate: Candidate) -> Self {
        if self.0.candidates.len() < 5 {
            self.0.candidates.push(candidate);
        }
        self
    }

    /// The values that would have been accepted, such as the transitions an issue allows now.
    #[must_use]
    pub fn allowed(mut self, values: impl IntoIterator<Item = String>) -> Self {
        self.0.allowed.extend(values);
        self
    }

    /// A tool of the same server that does what was meant.
    #[must_use]
    pub fn alternative_tool(mut self, tool: impl Into<Cow<'static, str>>) -> Self {
        self.0.alternative_tool = Some(tool.into());
        self
    }

    /// The vendor's side of the failure.
    #[must_use]
    pub fn upstream(mut self, upstream: Upstream) -> Self {
        self.0.upstream = Some(upstream);
        self
    }

    /// The operation whose fate is in question.
    #[must_use]
    pub fn operation(mut self, id: impl Into<String>) -> Self {
        self.0.operation = Some(id.into());
        self
    }

    /// What the call would do as things are now, with the plan that commits it: comes with `plan_mismatch`.
    #[must_use]
    pub fn preview(mut self, shown: serde_json::Value) -> Self {
        self.0.preview = Some(shown);
        self
    }

    /// What only the log may see: a vendor's body, a URL, a panic text.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The cause, for the log.
    #[must_use]
    pub fn source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Passes every text through `change`: what a caller wrote may come back in any of them.
    #[must_use]
    pub fn rewritten(mut self, change: impl for<'t> Fn(&'t str) -> Cow<'t, str>) -> Self {
        let rewrite = |text: &mut String| {
            if let Cow::Owned(changed) = change(text) {
                *text = changed;
            }
        };
        let inner = &mut *self.0;
        for text in [Some(&mut inner.message), inner.hint.as_mut()].into_iter().flatten() {
            // Only what was put together may hold what a caller wrote.
            if let Cow::Owned(text) = text {
                rewrite(text);
            }
        }
        inner.fields.iter_mut().flat_map(|field| [&mut field.path, &mut field.problem]).for_each(rewrite);
        inner.candidates.iter_mut().map(|candidate| &mut candidate.label).for_each(rewrite);
        inner.allowed.iter_mut().for_each(rewrite);
        inner.detail.iter_mut().for_each(rewrite);
        self
    }

    /// Passes the label of each candidate that is a person through `change`.
    #[must_use]
    pub fn with_people(mut self, change: impl Fn(&str) -> String) -> Self {
        for candidate in self.0.candidates.iter_mut().filter(|candidate| candidate.of_person) {
            candidate.label = change(&candidate.label);
        }
        self
    }

    /// What happened.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What happened, in one sentence for the agent.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// Whether repeating the same call may succeed.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable.unwrap_or_else(|| self.0.code.retryable())
    }

    /// When repeating may succeed, if known.
    #[must_use]
    pub fn wait(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The vendor's side of the failure, if it came from a vendor.
    #[must_use]
    pub fn vendor(&self) -> Option<&Upstream> {
        self.0.upstream.as_ref()
    }

    /// What only the log may see.
    #[must_use]
    pub fn log_detail(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The object an agent sees.
    #[must_use]
    pub fn wire(&self, correlation_id: &str) -> Wire {
        let e = &self.0;
        Wire {
            code: e.code,
            message: e.message.to_string(),
            retryable: self.is_retryable(),
            retry_after_ms: e.retry_after.map(|d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX)),
            hint: e.hint.as_deref().unwrap_or_else(|| e.code.remedy()).to_owned(),
            alternative_tool: e.alternative_tool.as_deref().map(str::to_owned),
            fields: e.fields.clone(),
            candidates: e.candidates.clone(),
            allowed: e.allowed.clone(),
            upstream: e.upstream.clone(),
            operation: e.operation.clone(),
            preview: e.preview.clone(),
            correlation_id: correlation_id.to_owned(),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code, self.0.message)
    }
}

/// For the log: code, message, detail and the source chain on one line. What callers and vendors wrote is among them, so
/// characters that would begin another line, or tell a terminal what to do, stand as their codes.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = &mut OneLine(f);
        write!(line, "{self}")?;
        if let Some(upstream) = &self.0.upstream {
            match upstream.status {
                Some(status) => write!(line, " [{} {status}]", upstream.vendor)?,
                None => write!(line, " [{}]", upstream.vendor)?,
            }
        }
        if let Some(detail) = &self.0.detail {
            write!(line, " ({detail})")?;
        }
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            write!(line, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

struct OneLine<'a, 'f>(&'a mut fmt::Formatter<'f>);

impl fmt::Write for OneLine<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        text.chars().try_for_each(|c| match c.is_control() {
            true => write!(self.0, "{}", c.escape_default()),
            false => self.0.write_char(c),
        })
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|s| s as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_agent_sees_the_remedy_and_not_the_detail() {
        let error = Error::new(Code::RateLimited, "Jira allows no more calls now")
            .retry_after(Duration::from_secs(3))
            .detail("https://secret.example/");
        let wire = serde_json::to_string(&error.wire("c-1")).unwrap();
        assert!(wire.contains(r#""retry_after_ms":3000"#), "{wire}");
        assert!(wire.contains("retry_after_ms`"), "the standard remedy is the hint: {wire}");
        assert!(!wire.contains("secret.example"), "{wire}");
        assert!(format!("{error:?}").contains("secret.example"));
    }

    #[test]
    fn a_vendor_that_gave_no_status_is_named_without_one() {
        let told = |status| {
            let upstream = Upstream { vendor: "jira".into(), status, request_id: None };
            format!("{:?}", Error::new(Code::UpstreamUnavailable, "gone").upstream(upstream))
        };
        assert_eq!(told(Some(503)), "upstream_unavailable: gone [jira 503]");
        assert_eq!(told(None), "upstream_unavailable: gone [jira]");
    }

    #[test]
    fn the_log_has_one_line_of_it_whatever_it_repeats() {
        let cause = Error::internal("x\r\ny");
        let error =
            Error::new(Code::NotFound, "there is no `a\nb`").detail("c\u{1B}[2Jd\u{85}e").source(cause);
        assert_eq!(
            format!("{error:?}"),
            "not_found: there is no `a\\nb` (c\\u{1b}[2Jd\\u{85}e): internal: the server failed on its own account"
        );
        let nested = Error::internal(format!("{error:?}"));
        assert!(format!("{nested:?}").contains("`a\\nb` (c\\u{1b}[2J"), "what was escaped stays as it is");
    }

    #[test]
    fn result_stays_one_pointer_wide() {
        assert_eq!(size_of::<Result<()>>(), size_of::<usize>());
    }
}
