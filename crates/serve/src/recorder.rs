//! The audit log of the process, also while it cannot be opened.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use audit::{Config, Log, Outcome, Phase, Record, Status};
use call::BoxFuture;
use error::{Code, Error, Result};
use uuid::Uuid;

use crate::layers::Append;

/// How long to wait before a log that could not be opened is tried again.
const AGAIN: Duration = Duration::from_secs(5);

/// Writes records. Without a log every record is refused, which stops writes, and the log is tried again and again:
/// a full or missing disk is no reason to be restarted, only one not to be ready.
pub(crate) struct Recorder {
    config: Config,
    log: ArcSwapOption<Log>,
    /// Why there is no log.
    problem: Mutex<Option<Error>>,
}

impl Recorder {
    /// Opens the log, or begins to try.
    pub(crate) async fn open(config: Config) -> Arc<Self> {
        let recorder = Arc::new(Self { config, log: ArcSwapOption::empty(), problem: Mutex::default() });
        if !recorder.attempt().await {
            tokio::spawn(keep_trying(Arc::downgrade(&recorder)));
        }
        recorder
    }

    /// The audit directory.
    pub(crate) fn dir(&self) -> &Path {
        &self.config.dir
    }

    /// The log, or why there is none.
    pub(crate) fn log(&self) -> Result<Arc<Log>> {
        self.log.load_full().ok_or_else(|| self.not_open())
    }

    /// Whether records can be written.
    pub(crate) fn is_healthy(&self) -> bool {
        self.log.load().as_ref().is_some_and(|log| log.health().healthy)
    }

    /// The first line of the log.
    pub(crate) fn say_hello(&self) {
        match &*self.problem.lock().unwrap_or_else(PoisonError::into_inner) {
            None => tracing::info!(dir = %self.dir().display(), "calls are recorded"),
            Some(error) => tracing::error!(
                ?error,
                dir = %self.dir().display(),
                "calls cannot be recorded: what has to be on record is refused until the directory can be written"
            ),
        }
    }

    /// Makes the record whole and lets its stream go.
    pub(crate) async fn close(&self) {
        let Some(log) = self.log.load_full() else { return };
        if let Err(error) = log.close().await {
            tracing::error!(?error, "the last records may be lost");
        }
    }

    fn not_open(&self) -> Error {
        let error = Error::new(Code::AuditUnavailable, "the audit log is not open");
        match &*self.problem.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(problem) => error.detail(format!("{}: {problem:?}", self.dir().display())),
            None => error,
        }
    }

    async fn attempt(&self) -> bool {
        let config = self.config.clone();
        let opened = tokio::task::spawn_blocking(move || Log::open(config)).await;
        let opened = opened.unwrap_or_else(|e| Err(Error::internal("the log could not be opened").source(e)));
        let settled = match opened {
            Ok(log) => settle(&log).await.map(|()| log),
            Err(error) => Err(error),
        };
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        match settled {
            Ok(log) => {
                *problem = None;
                self.log.store(Some(Arc::new(log)));
                true
            }
            Err(error) => {
                *problem = Some(error);
                false
            }
        }
    }
}

impl Append for Recorder {
    fn append(&self, record: Record) -> BoxFuture<'_, Result<Uuid>> {
        Box::pin(async move { Ok(self.log()?.append(record).await?.event_id) })
    }
}

async fn keep_trying(recorder: Weak<Recorder>) {
    loop {
        tokio::time::sleep(AGAIN).await;
        let Some(recorder) = recorder.upgrade() else { return };
        if recorder.attempt().await {
            recorder.say_hello();
            return;
        }
    }
}

/// Says of each write that a former process began and did not end that its fate is unknown.
async fn settle(log: &Log) -> Result<()> {
    for intent in log.pending() {
        let outcome = Record {
            phase: Phase::Outcome,
            intent: Some(intent.event_id),
            result: Some(Outcome { status: Status::Unknown, ..Outcome::default() }),
            ..intent.record.clone()
        };
        log.append(outcome).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn intent() -> Record {
        Record { phase: Phase::Intent, tool: "add_item".into(), ..Record::default() }
    }

    #[tokio::test]
    async fn a_log_that_cannot_be_opened_refuses_and_is_tried_again() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("audit");
        std::fs::write(&dir, "in the way").unwrap();
        let recorder = Recorder::open(Config::new(&dir, "shelf")).await;
        assert!(!recorder.is_healthy());
        let refused = recorder.append(intent()).await.unwrap_err();
        assert_eq!(refused.code(), Code::AuditUnavailable);
        assert!(
            format!("{refused:?}").contains(&*dir.to_string_lossy()),
            "the operator is told why: {refused:?}"
        );

        std::fs::remove_file(&dir).unwrap();
        assert!(recorder.attempt().await);
        assert!(recorder.is_healthy());
        recorder.append(intent()).await.unwrap();
        recorder.close().await;
    }

    #[tokio::test]
    async fn writes_that_a_former_process_left_open_are_closed_as_unknown() {
        let home = tempfile::tempdir().unwrap();
        let open = || Recorder::open(Config::new(home.path(), "shelf"));
        let former = open().await;
        let event = former.append(intent()).await.unwrap();
        former.close().await;
        open().await.close().await;

        let found = audit::query(&[home.path().to_owned()], &audit::Filter::default()).unwrap();
        let outcomes: Vec<_> = found.map(Result::unwrap).filter(|e| e.record.intent == Some(event)).collect();
        assert_eq!(outcomes.len(), 1);
        assert_eq!(outcomes[0].record.result.as_ref().unwrap().status, Status::Unknown);
        assert_eq!(audit::verify(&[home.path().to_owned()]).unwrap().intents_without_outcome, 0);
    }
}
