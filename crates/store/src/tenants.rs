//! Tenants: what each of them may do, as documents that change without a restart.

use call::BoxFuture;
use error::{Code, Error, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::engine::{Row, Statement};
use crate::{Store, scope};

/// One document per tenant. Versions grow over all tenants, so that one number tells a reader what is new.
pub trait Tenants: Send + Sync {
    /// One tenant.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn tenant<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Tenant>>>;

    /// Every tenant, by id.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn tenants(&self) -> BoxFuture<'_, Result<Vec<Tenant>>>;

    /// What changed after a version, in the order of the changes, removals included. `0` is before the first.
    ///
    /// # Errors
    /// `internal`, to be tried again.
    fn changes(&self, after: i64) -> BoxFuture<'_, Result<Vec<Tenant>>>;

    /// Writes a tenant's document (`None` removes it) and returns its new version. `expected` is the version that
    /// the change was made for: 0 where there was none, `None` to write whatever is there.
    ///
    /// # Errors
    /// `conflict` where the tenant is at another version; `invalid_argument`; `internal`, to be tried again.
    fn put_tenant<'a>(
        &'a self,
        id: &'a str,
        expected: Option<i64>,
        document: Option<&'a str>,
    ) -> BoxFuture<'a, Result<i64>>;
}

/// A tenant's document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// The tenant.
    pub id: String,
    /// The version of this document.
    pub version: i64,
    /// JSON; absent once the tenant was removed.
    pub document: Option<String>,
}

impl Tenant {
    /// The document as a `T`; `None` once the tenant was removed.
    ///
    /// # Errors
    /// `internal` that names tenant, version, line and column for the log.
    pub fn read<T: DeserializeOwned>(&self) -> Result<Option<T>> {
        let Some(document) = &self.document else { return Ok(None) };
        serde_json::from_str(document).map(Some).map_err(|problem| {
            Error::internal(format!("tenant {} at version {}: {problem}", self.id, self.version))
        })
    }

    /// A document as it is kept.
    ///
    /// # Errors
    /// `internal` where the value has no JSON.
    pub fn write<T: Serialize>(document: &T) -> Result<String> {
        serde_json::to_string(document).map_err(|problem| Error::internal(problem.to_string()))
    }
}

impl Tenants for Store {
    fn tenant<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<Option<Tenant>>> {
        Box::pin(async move {
            scope::check("tenant", id)?;
            self.rows(Statement::new(GET).bind(id)).await?.first().map(tenant).transpose()
        })
    }

    fn tenants(&self) -> BoxFuture<'_, Result<Vec<Tenant>>> {
        Box::pin(async move { self.rows(Statement::new(LIST)).await?.iter().map(tenant).collect() })
    }

    fn changes(&self, after: i64) -> BoxFuture<'_, Result<Vec<Tenant>>> {
        Box::pin(
            async move { self.rows(Statement::new(CHANGES).bind(after)).await?.iter().map(tenant).collect() },
        )
    }

    fn put_tenant<'a>(
        &'a self,
        id: &'a str,
        expected: Option<i64>,
        document: Option<&'a str>,
    ) -> BoxFuture<'a, Result<i64>> {
        Box::pin(async move {
            scope::check("tenant", id)?;
            if id.is_empty() {
                return Err(Error::invalid("tenant", "is empty"));
            }
            if document.is_some_and(|text| text.contains('\0')) {
                return Err(Error::invalid("document", "holds a NUL character"));
            }
            let put =
                Statement::new(PUT).bind(id).bind(document).bind(self.now()).bind(expected.unwrap_or(ANY));
            let answers = self.run(vec![Statement::new(NEXT), put]).await?;
            match answers.last().and_then(|rows| rows.first()) {
                Some(row) => row.int("version"),
                None => Err(Error::new(Code::Conflict, "the tenant's document was changed in the meantime")
                    .hint("read it again and change what is there now")),
            }
        })
    }
}

fn tenant(row: &Row) -> Result<Tenant> {
    Ok(Tenant { id: row.text("id")?, version: row.int("version")?, document: row.some_text("document")? })
}

/// An expected version that any version meets.
const ANY: i64 = -1;

const GET: &str = "SELECT id, version, document FROM chancery_tenants WHERE id = $1 AND document IS NOT NULL";

const LIST: &str =
    "SELECT id, version, document FROM chancery_tenants WHERE document IS NOT NULL ORDER BY id";

const CHANGES: &str =
    "SELECT id, version, document FROM chancery_tenants WHERE version > $1 ORDER BY version";

/// Locks the counter until the change is committed: versions appear in their order, and no reader misses one.
const NEXT: &str = "UPDATE chancery_counters SET value = value + 1 WHERE name = 'tenants' RETURNING value";

const PUT: &str = "INSERT INTO chancery_tenants AS t (id, version, document, changed_at)
    SELECT $1, value, $2, $3 FROM chancery_counters
    WHERE name = 'tenants' AND ($4 <= 0 OR EXISTS (SELECT 1 FROM chancery_tenants WHERE id = $1))
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, document = excluded.document, changed_at = excluded.changed_at
    WHERE $4 = -1 OR t.version = $4 OR ($4 = 0 AND t.document IS NULL)
    RETURNING version";
