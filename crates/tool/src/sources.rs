//! The configured vendor accounts, and one question asked of all of them.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use call::{BoxFuture, Cx, Users};
use error::{Code, Error, Result};
use futures::future::join_all;

use crate::{RecordId, Seal};

/// What is kept back of a call's time to merge and answer after the slowest source.
const MARGIN: Duration = Duration::from_millis(300);

/// One configured vendor account.
pub struct Source<P: ?Sized> {
    /// Its name in the configuration and in ids: `jira-eu`.
    pub name: String,
    /// `jira`, `github`.
    pub vendor: &'static str,
    /// The vendor behind the domain's port.
    pub port: Arc<P>,
    /// Caller to vendor user, for `me`.
    pub users: Users,
}

// By hand: a derive would ask the port to be `Clone` too.
impl<P: ?Sized> Clone for Source<P> {
    fn clone(&self) -> Self {
        let Self { name, vendor, port, users } = self;
        Self { name: name.clone(), vendor, port: port.clone(), users: users.clone() }
    }
}

impl<P: ?Sized> Source<P> {
    /// The id of a record of this source.
    #[must_use]
    pub fn id(&self, native: impl Into<String>) -> RecordId {
        RecordId::new(&*self.name, native)
    }

    /// The vendor user of the caller, or `caller_not_mapped`.
    pub fn me(&self, cx: &Cx) -> Result<&str> {
        self.users.of(cx.caller()).ok_or_else(|| {
            let message = format!("the caller has no user in source `{}`", self.name);
            Error::new(Code::CallerNotMapped, message)
        })
    }
}

/// All configured vendor accounts of a server, or those within a caller's reach.
pub struct Sources<P: ?Sized> {
    list: Vec<Source<P>>,
    seal: Seal,
    /// Whether there may be more than the caller is to know of.
    narrowed: bool,
}

impl<P: ?Sized + Send + Sync + 'static> Sources<P> {
    /// The sources in the order of the configuration; `seal` seals their cursors.
    #[must_use]
    pub fn new(list: Vec<Source<P>>, seal: Seal) -> Self {
        Self { list, seal, narrowed: false }
    }

    /// Those called one of `names`: whoever is given them can ask no other.
    #[must_use]
    pub fn within(&self, names: &[String]) -> Self {
        let list = self.list.iter().filter(|source| names.contains(&source.name)).cloned().collect();
        Self { list, seal: self.seal.clone(), narrowed: true }
    }

    /// Every source.
    #[must_use]
    pub fn all(&self) -> &[Source<P>] {
        &self.list
    }

    pub(crate) fn seal(&self) -> &Seal {
        &self.seal
    }

    /// The source called `name`.
    pub fn named(&self, name: &str) -> Result<&Source<P>> {
        self.list.iter().find(|s| s.name == name).ok_or_else(|| {
            let mut known = self.list.iter().map(|s| s.name.as_str()).collect::<Vec<_>>();
            // The same for a source out of reach and for one that never was.
            let (code, why) = match self.narrowed {
                true => (Code::Permission, "not within reach"),
                false => (Code::InvalidArgument, "not configured"),
            };
            let message = format!("source `{}` is {why}", content::cut(name, 60));
            known.sort_by_key(|own| strsim::osa_distance(name, own));
            Error::new(code, message)
                .hint(format!("use one of the configured sources, the nearest first: {}", known.join(", ")))
                .allowed(known.into_iter().map(str::to_owned))
        })
    }

    /// The source of a record.
    pub fn of(&self, id: &RecordId) -> Result<&Source<P>> {
        self.named(id.source())
    }

    /// `text` as an id, if it has the form of one and is no URL. A form with an unknown source is refused, unless a
    /// space follows the colon: `usage: how to` is a name.
    pub fn id(&self, text: &str) -> Result<Option<RecordId>> {
        let text = text.trim();
        if text.contains("://") {
            return Ok(None);
        }
        let Ok(id) = RecordId::parse(text) else { return Ok(None) };
        match self.of(&id) {
            Ok(_) => Ok(Some(id)),
            Err(_) if id.native().starts_with(char::is_whitespace) => Ok(None),
            Err(unknown) => Err(unknown),
        }
    }

    /// All sources, or the one that is asked for.
    pub fn narrowed(&self, source: Option<&str>) -> Result<Vec<&Source<P>>> {
        match source {
            Some(name) => Ok(vec![self.named(name)?]),
            None => Ok(self.list.iter().collect()),
        }
    }

    /// Asks all sources at once; a late one answers `deadline` while there is still time to return the others'.
    pub async fn each<'s, 'f, T, F>(&'s self, cx: &Cx, ask: F) -> Vec<(&'s Source<P>, Result<T>)>
    where
        F: Fn(&'s Source<P>) -> BoxFuture<'f, Result<T>>,
    {
        self.ask(cx, self.list.iter().collect(), ask).await
    }

    /// Asks some sources at once.
    pub async fn ask<'s, 'f, T, F>(
        &self,
        cx: &Cx,
        some: Vec<&'s Source<P>>,
        ask: F,
    ) -> Vec<(&'s Source<P>, Result<T>)>
    where
        F: Fn(&'s Source<P>) -> BoxFuture<'f, Result<T>>,
    {
        let until = cx.deadline().map(|d| d.checked_sub(MARGIN).unwrap_or(d));
        let steps = &Steps::new(cx, some.len());
        join_all(some.into_iter().map(|source| {
            let answer = ask(source);
            async move {
                let answer = match until {
                    Some(until) => {
                        tokio::time::timeout_at(until, answer).await.unwrap_or_else(|_| Err(late(source)))
                    }
                    None => answer.await,
                };
                steps.step(&source.name);
                (source, answer)
            }
        }))
        .await
    }
}

/// Tells a client that asked for progress which sources have answered.
pub(crate) struct Steps<'a> {
    cx: &'a Cx,
    done: AtomicU32,
    all: u32,
}

impl<'a> Steps<'a> {
    pub(crate) fn new(cx: &'a Cx, all: usize) -> Self {
        Self { cx, done: AtomicU32::new(0), all: u32::try_from(all).unwrap_or(u32::MAX) }
    }

    pub(crate) fn step(&self, source: &str) {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        if self.all > 1 {
            self.cx.progress(f64::from(done), Some(f64::from(self.all)), &format!("{source} answered"));
        }
    }
}

fn late<P: ?Sized>(source: &Source<P>) -> Error {
    Error::new(Code::Deadline, format!("source `{}` did not answer in time", source.name))
}
