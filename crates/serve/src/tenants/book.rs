//! Where tenants stand written, read again and again.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use policy::{Look, Watched};
use store::Tenants as Documents;
use tool::Toolbox;

use super::{List, Tenant, Tenants, Terms, terms};
use crate::limits::Rates;

/// How often the book is looked into. A file system's notices do not cross mounts, a look does.
const LOOK: Duration = Duration::from_secs(2);

/// Bytes that a file of tenants may have.
const LARGEST: u64 = 4 << 20;

/// Where tenants stand written.
pub(crate) enum Place {
    /// A file: a table each.
    File(Arc<Watched>),
    /// The store: a document each.
    Store(Arc<dyn Documents>),
}

/// A list of tenants, and what this server makes of it.
pub(crate) struct Book {
    place: Place,
    domain: &'static str,
    toolbox: Arc<dyn Toolbox>,
    rates: Rates,
    seen: Mutex<Seen>,
}

/// What was seen at the last look.
#[derive(Default)]
struct Seen {
    /// The version up to which documents were read.
    version: i64,
    terms: BTreeMap<String, Terms>,
}

impl Place {
    /// The file at `path`.
    pub(crate) fn file(path: PathBuf) -> Self {
        Self::File(Arc::new(Watched::new(path, LARGEST)))
    }

    /// Every tenant's terms as they stand written now.
    ///
    /// # Errors
    /// In words: they cannot be read.
    pub(crate) async fn terms(&self) -> Result<Vec<(String, Terms)>, String> {
        let documents = match self {
            Self::File(file) => return Ok(terms::parse(&file.text()?)?.into_iter().collect()),
            Self::Store(documents) => documents.tenants().await.map_err(|e| format!("{e:?}"))?,
        };
        let terms = |document: &store::Tenant| match document.read::<Terms>() {
            Ok(terms) => Ok(terms.map(|terms| (document.id.clone(), terms))),
            Err(error) => Err(format!("{error:?}")),
        };
        documents.iter().filter_map(|document| terms(document).transpose()).collect()
    }
}

impl Book {
    /// The book at `place`, for a server of `domain`. Terms change what `rates` says.
    pub(crate) fn new(place: Place, domain: &'static str, toolbox: Arc<dyn Toolbox>, rates: Rates) -> Self {
        Self { place, domain, toolbox, rates, seen: Mutex::default() }
    }

    /// Reads it for the first time.
    ///
    /// # Errors
    /// In words: it cannot be read, or terms in it mean nothing. Nobody serves tenants that it cannot tell apart.
    pub(crate) async fn open(&self) -> Result<Tenants, String> {
        self.look().await?;
        Ok(Tenants::listed(self.list()))
    }

    /// Looks into it as long as it is polled. Where it became unreadable the tenants stay as they were, and the log
    /// says so once.
    pub(crate) async fn watch(self, tenants: Arc<Tenants>) {
        let mut trouble = None;
        loop {
            tokio::time::sleep(LOOK).await;
            match self.follow(&tenants).await {
                Ok(_) => trouble = None,
                Err(why) if trouble.as_ref() == Some(&why) => {}
                Err(why) => {
                    tracing::error!(place = %self.told(), "{why}; the tenants stay as they were");
                    trouble = Some(why);
                }
            }
        }
    }

    /// Looks into it once, and lets the tenants be what it says now. Says whether that is anything new.
    pub(super) async fn follow(&self, tenants: &Tenants) -> Result<bool, String> {
        let changed = self.look().await?;
        if changed {
            tenants.replace(self.list());
            tracing::info!(place = %self.told(), "tenants have changed");
        }
        Ok(changed)
    }

    /// Whether there is anything new in it.
    async fn look(&self) -> Result<bool, String> {
        match &self.place {
            Place::File(file) => self.look_at_file(file.clone()).await,
            Place::Store(documents) => self.look_at_documents(documents.as_ref()).await,
        }
    }

    /// Half a file may be a whole one in which a tenant has no bounds: what two looks in a row find is taken.
    async fn look_at_file(&self, file: Arc<Watched>) -> Result<bool, String> {
        let look = tokio::task::spawn_blocking(move || file.look()).await.map_err(|e| e.to_string())?;
        let text = match look {
            Look::Settled(text) => text,
            Look::Same | Look::Fresh(_) => return Ok(false),
            Look::Missing(why) | Look::Unreadable(why) => return Err(why),
        };
        let terms = terms::parse(&text).and_then(|terms| self.checked(terms))?;
        self.seen().terms = terms;
        Ok(true)
    }

    /// A document that cannot be read leaves its tenant as it was, and the others are no matter of it.
    async fn look_at_documents(&self, documents: &dyn Documents) -> Result<bool, String> {
        let after = self.seen().version;
        let changes =
            documents.changes(after).await.map_err(|e| format!("the store does not tell: {e:?}"))?;
        let changed = !changes.is_empty();
        for document in changes {
            let read = document.read::<Terms>().map_err(|e| format!("{e:?}"));
            let checked = read.and_then(|terms| {
                terms.as_ref().map_or(Ok(()), |terms| self.check(&document.id, terms)).map(|()| terms)
            });
            let mut seen = self.seen();
            seen.version = seen.version.max(document.version);
            match checked {
                Ok(Some(terms)) => drop(seen.terms.insert(document.id, terms)),
                Ok(None) => drop(seen.terms.remove(&document.id)),
                Err(why) => tracing::error!(tenant = document.id, "{why}; the tenant stays as it was"),
            }
        }
        Ok(changed)
    }

    fn checked(&self, terms: BTreeMap<String, Terms>) -> Result<BTreeMap<String, Terms>, String> {
        terms.iter().try_for_each(|(name, terms)| self.check(name, terms))?;
        Ok(terms)
    }

    fn check(&self, name: &str, terms: &Terms) -> Result<(), String> {
        let tools: Vec<&str> = self.toolbox.specs().iter().flat_map(|spec| spec.meta.names()).collect();
        terms.check(self.domain, &tools).map_err(|why| format!("tenant `{name}`: {why}"))
    }

    /// The tenants as they were last read.
    fn list(&self) -> List {
        let tenant = |terms: &Terms| Tenant {
            toolbox: match &terms.sources {
                Some(sources) => self.toolbox.within(sources),
                None => self.toolbox.clone(),
            },
            rates: self.rates.with(&terms.limits),
            terms: terms.clone(),
            domain: self.domain,
        };
        self.seen().terms.iter().map(|(name, terms)| (name.clone(), Arc::new(tenant(terms)))).collect()
    }

    /// The place in words.
    fn told(&self) -> String {
        match &self.place {
            Place::File(file) => file.path().display().to_string(),
            Place::Store(_) => "the store".to_owned(),
        }
    }

    fn seen(&self) -> std::sync::MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
