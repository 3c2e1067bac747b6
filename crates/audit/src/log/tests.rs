use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};

use super::*;
use crate::disk::fake::{Act, FakeDisk};
use crate::query::query_on;
use crate::verify::verify_on;
use crate::{Filter, Phase, query, verify};

fn record(tool: &str) -> Record {
    Record { tool: tool.to_owned(), ..Record::default() }
}

fn config(dir: impl Into<PathBuf>) -> Config {
    Config { replica: "host.example".to_owned(), ..Config::new(dir, "issues") }
}

fn log_on(disk: &FakeDisk) -> Log {
    Log::open_on(Arc::new(disk.clone()), config("/audit"), SEGMENT_BYTES).unwrap()
}

fn entries_on(disk: &FakeDisk) -> Vec<Entry> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    query_on(&disk, &["/audit".into()], &Filter::default()).unwrap().collect::<Result<_>>().unwrap()
}

#[tokio::test]
async fn a_record_is_on_the_real_disk_when_append_answers() {
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(config(dir.path())).unwrap();
    let receipt = log.append(record("get_issue")).await.unwrap();
    assert_eq!(receipt.seq, 1);
    assert!(log.stream().ends_with("issues.host-example.1"));
    let dirs = [dir.path().to_owned()];
    let found: Vec<_> = query(&dirs, &Filter::default()).unwrap().collect::<Result<_>>().unwrap();
    assert_eq!((found[0].event_id, found[0].record.tool.as_str()), (receipt.event_id, "get_issue"));
    let report = verify(&dirs).unwrap();
    assert!(report.holds() && report.streams[0].in_use, "{report}");
    log.close().await.unwrap();
    assert!(!verify(&dirs).unwrap().streams[0].in_use);
}

#[tokio::test]
async fn two_processes_have_two_streams_and_a_free_one_is_continued() {
    let dir = tempfile::tempdir().unwrap();
    let first = Log::open(config(dir.path())).unwrap();
    let second = Log::open(config(dir.path())).unwrap();
    first.append(record("a")).await.unwrap();
    second.append(record("b")).await.unwrap();
    assert_ne!(first.stream(), second.stream());
    first.close().await.unwrap();
    let third = Log::open(config(dir.path())).unwrap();
    assert_eq!(third.stream(), first.stream());
    assert_eq!(third.append(record("c")).await.unwrap().seq, 2, "the chain goes on");
    let report = verify(&[dir.path().to_owned()]).unwrap();
    assert!(report.holds(), "{report}");
    assert_eq!(report.streams.iter().map(|s| (s.segments, s.records)).collect::<Vec<_>>(), [(2, 2), (1, 1)]);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_reads_the_log() {
    use std::os::unix::fs::PermissionsExt as _;
    let dir = tempfile::tempdir().unwrap();
    let log = Log::open(config(dir.path().join("audit"))).unwrap();
    log.append(record("a")).await.unwrap();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(log.stream()), mode(&log.stream().join("0001.jsonl"))), (0o700, 0o600));
}

#[tokio::test]
async fn a_log_that_cannot_write_refuses_and_heals_by_itself() {
    let disk = FakeDisk::default();
    let log = log_on(&disk);
    log.append(record("a")).await.unwrap();
    disk.fail(|_| true);
    let refused = log.append(record("lost")).await.unwrap_err();
    assert_eq!(refused.code(), Code::AuditUnavailable);
    let health = log.health();
    assert!(!health.healthy && health.problem.is_some(), "{health:?}");
    disk.heal();
    log.append(record("b")).await.unwrap();
    assert!(log.health().healthy);
    let tools: Vec<_> = entries_on(&disk).into_iter().map(|e| e.record.tool).collect();
    assert_eq!(tools, ["a", "", "b"], "the one in the middle is the notice");
    let report = verify_on(&disk, &["/audit".into()]).unwrap();
    assert!(report.holds(), "{report}");
}

#[tokio::test]
async fn a_log_heals_without_a_call() {
    let disk = FakeDisk::default();
    let log = log_on(&disk);
    disk.fail(|_| true);
    log.append(record("lost")).await.unwrap_err();
    // The second try of the idle writer succeeds; what is waited for is its write, not a time.
    let (healed, told) = std::sync::mpsc::channel();
    let mut tries = 0;
    disk.fail(move |act| {
        tries += usize::from(act == Act::Create);
        if tries > 1 && act == Act::Sync {
            let _ = healed.send(());
        }
        tries < 2
    });
    tokio::task::spawn_blocking(move || told.recv()).await.unwrap().unwrap();
    log.flush().await.unwrap();
    assert!(log.health().healthy);
}

#[tokio::test]
async fn a_failed_sync_is_not_noticed_by_callers() {
    let disk = FakeDisk::default();
    let log = log_on(&disk);
    log.append(record("a")).await.unwrap();
    disk.fail_next(Act::Sync, 1);
    let receipt = log.append(record("b")).await.unwrap();
    assert!(log.health().healthy);
    assert_eq!(entries_on(&disk).last().map(|e| (e.seq, e.event_id)), Some((receipt.seq, receipt.event_id)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_of_concurrent_callers_are_the_order_of_the_file() {
    let disk = FakeDisk::default();
    let log = log_on(&disk);
    let callers: Vec<_> = (0..64)
        .map(|_| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut receipts = Vec::new();
                for _ in 0..20 {
                    receipts.push(log.append(record("a")).await.unwrap());
                }
                assert!(receipts.is_sorted_by_key(|receipt| receipt.seq));
                receipts
            })
        })
        .collect();
    let mut receipts = Vec::new();
    for caller in callers {
        receipts.extend(caller.await.unwrap().into_iter().map(|r| (r.seq, r.event_id)));
    }
    receipts.sort_unstable();
    let data = disk.files().into_values().next().unwrap();
    let file: Vec<_> = data
        .split_inclusive(|byte| *byte == b'\n')
        .skip(1)
        .map(|line| Entry::parse(line).unwrap())
        .map(|entry| (entry.seq, entry.event_id))
        .collect();
    assert_eq!(receipts, file);
    assert_eq!(file.len(), 1_280);
}

#[tokio::test]
async fn a_record_nobody_waits_for_is_written_and_closing_waits_for_it() {
    let disk = FakeDisk::default();
    let log = log_on(&disk);
    {
        let mut left = std::pin::pin!(log.append(record("left")));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        // Whether it was done at once or is under way, it was handed over.
        let _ = left.as_mut().poll(&mut context);
    }
    log.close().await.unwrap();
    assert_eq!(entries_on(&disk).len(), 1);
    let refused = log.append(record("late")).await.unwrap_err();
    assert_eq!(refused.code(), Code::AuditUnavailable);
    assert!(!disk.locked(log.stream()));
}

#[tokio::test]
async fn dropping_the_last_clone_writes_what_waits_and_frees_the_stream() {
    let disk = FakeDisk::default();
    let log = log_on(&disk);
    let queue = log.0.queue.clone();
    let stream = log.stream().to_owned();
    log.append(record("a")).await.unwrap();
    drop(log);
    queue.ended().await;
    assert!(!disk.locked(&stream));
}

#[tokio::test]
async fn intents_of_a_killed_process_are_found() {
    let disk = FakeDisk::default();
    let log = log_on(&disk);
    let intent = |tool: &str| Record { phase: Phase::Intent, ..record(tool) };
    let answered = log.append(intent("a")).await.unwrap();
    let open = log.append(intent("b")).await.unwrap();
    log.append(Record { intent: Some(answered.event_id), ..record("a") }).await.unwrap();
    log.close().await.unwrap();
    let again = log_on(&disk);
    let pending: BTreeSet<_> = again.pending().iter().map(|entry| entry.event_id).collect();
    assert_eq!(pending, BTreeSet::from([open.event_id]));
    assert_eq!(entries_on(&disk).last().and_then(|e| e.record.admin.clone()).unwrap().action, "recovered");
}

#[tokio::test]
async fn time_is_injected() {
    let disk = FakeDisk::default();
    let second = Arc::new(AtomicI64::new(0));
    let clock = second.clone();
    let now: Now = Arc::new(move || Timestamp::from_second(clock.load(Ordering::Relaxed)).unwrap());
    let log =
        Log::open_on(Arc::new(disk.clone()), Config { now, ..config("/audit") }, SEGMENT_BYTES).unwrap();
    for at in [10, 20] {
        second.store(at, Ordering::Relaxed);
        log.append(record("a")).await.unwrap();
    }
    assert_eq!(entries_on(&disk).iter().map(|e| e.ts.as_second()).collect::<Vec<_>>(), [10, 20]);
}
