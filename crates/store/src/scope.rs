//! Whose a row is.

use call::{Cx, Operation};
use error::{Error, Result};

/// The longest name of a tenant, a caller or a tool in bytes; together they fit the index of either database
/// (PostgreSQL: 2,704 bytes).
const LONGEST: usize = 600;

/// What keeps rows apart: the same key under another tenant, caller or tool is another row.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    tenant: String,
    caller: String,
    tool: String,
}

impl Scope {
    /// A scope of its parts; `tenant` is empty where there is none.
    ///
    /// # Errors
    /// `invalid_argument` where a part is longer than 600 bytes or holds a NUL, which PostgreSQL cannot keep.
    pub fn new(
        tenant: impl Into<String>,
        caller: impl Into<String>,
        tool: impl Into<String>,
    ) -> Result<Self> {
        let scope = Self { tenant: tenant.into(), caller: caller.into(), tool: tool.into() };
        check("tenant", &scope.tenant)?;
        check("caller", &scope.caller)?;
        check("tool", &scope.tool)?;
        Ok(scope)
    }

    /// The scope of a call.
    ///
    /// # Errors
    /// As [`Scope::new`].
    pub fn of(cx: &Cx) -> Result<Self> {
        let caller = cx.caller();
        Self::new(caller.tenant.as_deref().unwrap_or_default(), caller.key(), cx.kept_as())
    }

    /// The scope of what all callers of this tenant share in this tool. No caller is without a name, so no caller's
    /// own rows are in it.
    #[must_use]
    pub fn of_all_callers(&self) -> Self {
        Self { caller: String::new(), ..self.clone() }
    }

    /// The tenant; empty where there is none.
    #[must_use]
    pub fn tenant(&self) -> &str {
        &self.tenant
    }

    /// The caller, as `call::Caller::key` writes it.
    #[must_use]
    pub fn caller(&self) -> &str {
        &self.caller
    }

    /// The tool.
    #[must_use]
    pub fn tool(&self) -> &str {
        &self.tool
    }

    /// The operation that an idempotency key names within this scope. The key may be of any length and content.
    #[must_use]
    pub fn operation(&self, key: &str) -> Operation {
        Operation::derive(&[&self.tenant, &self.caller, &self.tool], key)
    }
}

/// Refuses a name that a database could not keep or index.
pub(crate) fn check(path: &str, name: &str) -> Result<()> {
    if name.len() > LONGEST {
        return Err(Error::invalid(path, format!("is longer than {LONGEST} bytes")));
    }
    if name.contains('\0') {
        return Err(Error::invalid(path, "holds a NUL character"));
    }
    Ok(())
}
