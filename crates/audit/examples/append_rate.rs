//! How fast records become durable: `cargo run --release -p audit --example append_rate [DIR]`.
//! DIR decides which disk is measured; by default the system's temporary directory.
#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement for a terminal")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use audit::{Config, Effect, Filter, Log, Op, Outcome, Phase, Record, Status, Target, Upstream};

const MEASURED: Duration = Duration::from_secs(3);
const WAITERS: [usize; 5] = [1, 16, 32, 64, 128];

#[tokio::main]
async fn main() {
    let base = std::env::args().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    println!("waiters  records/s   p50 ms   p99 ms");
    for waiters in WAITERS {
        let dir = base.join(format!("append-rate-{}-{waiters}", std::process::id()));
        let log = Log::open(Config::new(&dir, "bench")).unwrap();
        let mut took = measure(&log, waiters).await;
        log.close().await.unwrap();
        if waiters == WAITERS[WAITERS.len() - 1] {
            read_back(&dir);
        }
        std::fs::remove_dir_all(&dir).unwrap();
        took.sort_unstable();
        let at = |share: f64| took[(took.len() as f64 * share) as usize].as_secs_f64() * 1e3;
        let rate = took.len() as f64 / MEASURED.as_secs_f64();
        println!("{waiters:7} {rate:10.0} {:8.2} {:8.2}", at(0.5), at(0.99));
    }
}

async fn measure(log: &Log, waiters: usize) -> Vec<Duration> {
    let end = Instant::now() + MEASURED;
    let record = Arc::new(record());
    let tasks: Vec<_> = (0..waiters)
        .map(|_| {
            let (log, record) = (log.clone(), record.clone());
            tokio::spawn(async move {
                let mut took = Vec::new();
                while Instant::now() < end {
                    let begun = Instant::now();
                    log.append(Record::clone(&record)).await.unwrap();
                    took.push(begun.elapsed());
                }
                took
            })
        })
        .collect();
    let mut all = Vec::new();
    for task in tasks {
        all.extend(task.await.unwrap());
    }
    all
}

/// How fast the same records are taken over, verified and searched.
fn read_back(dir: &Path) {
    let dirs = [dir.to_owned()];
    let begun = Instant::now();
    drop(Log::open(Config::new(dir, "bench")).unwrap());
    println!("taken over in {:.0?}", begun.elapsed());
    let begun = Instant::now();
    let report = audit::verify(&dirs).unwrap();
    println!("{} records verified in {:.0?}", report.records, begun.elapsed());
    let begun = Instant::now();
    let filter = Filter { tool: Some("no_such_tool".into()), ..Filter::default() };
    println!("{} found in {:.0?}", audit::query(&dirs, &filter).unwrap().count(), begun.elapsed());
}

/// About 900 bytes on the disk, as a typical write has.
fn record() -> Record {
    let cx = call::Cx::for_test();
    Record {
        effect: Some(Effect::Write),
        op: Some(Op { id: "3f6kq2vd7x4hzn5wb8m1jrpt9c".into(), ..Op::default() }),
        args: Some(serde_json::json!({ "project": "PAY", "title": "Refund twice", "labels": ["release"] })),
        args_sha256: audit::digest(b"arguments"),
        target: Some(Target { source: "jira".into(), record_id: "jira:PAY-12".into(), ..Target::default() }),
        upstream: vec![Upstream {
            source: "jira".into(),
            vendor: "jira".into(),
            host: "acme.atlassian.net".into(),
            method: "POST".into(),
            path_template: "/rest/api/3/issue".into(),
            status: Some(201),
            request_id: Some("a1b2c3d4".into()),
            attempts: 1,
            latency_ms: 84,
        }],
        result: Some(Outcome { status: Status::Ok, rows: Some(1), bytes: Some(812), ..Outcome::default() }),
        duration_ms: Some(97),
        ..Record::of(&cx, Phase::Outcome)
    }
}
