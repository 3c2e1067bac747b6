//! What keeps a write from happening twice, as far as a tool has to know.

use call::Cx;
use error::{Code, Error, Result};

use crate::Source;

/// What a record is marked with at the vendor, so that it can be found again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The operation's mark (`cx.operation().mark`), 26 characters of `[a-z2-7]`.
    pub operation: String,
    /// The caller's own key, if given: it outlives operations.
    pub external_key: Option<String>,
}

impl Mark {
    /// The mark of the operation under way.
    pub fn new(cx: &Cx, external_key: Option<&str>) -> Result<Self> {
        let operation = cx.require_operation()?.mark.clone();
        Ok(Self { operation, external_key: external_key.map(str::to_owned) })
    }

    /// What bears this mark already, from an earlier attempt or under the same external key. `look` is asked only
    /// where there can be such a record. An earlier attempt that left no trace is `outcome_unknown`.
    pub async fn found<T>(
        &self,
        cx: &Cx,
        noun: &str,
        look: impl Future<Output = Result<Option<T>>>,
    ) -> Result<Option<T>> {
        let resumed = cx.require_operation()?.resumed;
        if !resumed && self.external_key.is_none() {
            return Ok(None);
        }
        match look.await? {
            None if resumed => Err(still_unknown(cx, noun)),
            found => Ok(found),
        }
    }
}

/// The answer to a repeated write whose first attempt may or may not have worked.
fn still_unknown(cx: &Cx, noun: &str) -> Error {
    let id = cx.operation().map(|o| o.id.clone()).unwrap_or_default();
    let message =
        format!("an earlier attempt was sent and the {noun} is not to be found at the vendor (yet)");
    Error::new(Code::OutcomeUnknown, message)
        .hint(format!(
            "repeat the same call in a minute to look again; if the {noun} is still missing, a person should check \
             at the vendor before it is made under a new idempotency_key"
        ))
        .operation(id)
}

/// `unsupported` unless the source can do it: `require(able.due, source, "set a due date")`.
pub fn require<P: ?Sized>(able: bool, source: &Source<P>, what: &str) -> Result<()> {
    if able {
        return Ok(());
    }
    Err(Error::new(Code::Unsupported, format!("source `{}` ({}) cannot {what}", source.name, source.vendor)))
}
