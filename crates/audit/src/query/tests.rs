use jiff::SignedDuration;

use super::*;
use crate::disk::fake::FakeDisk;
use crate::disk::segment_path;
use crate::log::{Config, begin};
use crate::writer::Draft;
use crate::{Caller, Op, Record, Target, Workflow};

/// The first instant of the tests' day, so many minutes later.
fn at(minute: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minute)
}

/// Writes one record a minute into a stream of `dir`; segments end after 600 bytes.
fn write(disk: &FakeDisk, dir: &str, records: impl IntoIterator<Item = (i64, Record)>) {
    let mut begun = begin(Arc::new(disk.clone()), Config::new(dir, "issues"), 600).unwrap();
    for (minute, record) in records {
        begun.writer.commit(&[Draft::new(record, at(minute)).unwrap()], at(minute)).unwrap();
    }
}

fn tool(name: impl Into<String>) -> Record {
    Record { tool: name.into(), ..Record::default() }
}

fn ask(disk: &FakeDisk, dirs: &[&str], filter: &Filter) -> Vec<String> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let dirs: Vec<_> = dirs.iter().map(PathBuf::from).collect();
    let found = query_on(&disk, &dirs, filter).unwrap();
    found.map(|entry| entry.unwrap().record.tool).collect()
}

#[test]
fn each_filter_matches_its_own_field_exactly() {
    let disk = FakeDisk::default();
    let odd = "x\"\\\u{e9}\n,\"tool\":\"update_issue\"";
    let full = Record {
        caller: Caller { sub: odd.to_owned(), ..Caller::default() },
        workflow: Workflow { id: "w1".to_owned(), derived: true },
        op: Some(Op { id: "op1".to_owned(), ..Op::default() }),
        target: Some(Target { record_id: "jira:PAY-12".to_owned(), ..Target::default() }),
        ..tool("update_issue")
    };
    let near = Record {
        target: Some(Target { record_id: "jira:PAY-123".to_owned(), ..Target::default() }),
        ..tool("get_issue")
    };
    write(&disk, "/a", [(1, full), (2, near), (3, tool("bare"))]);
    let some = |text: &str| Some(text.to_owned());
    let none = Filter::default();
    for (filter, found) in [
        (Filter { record: some("jira:PAY-12"), ..none.clone() }, vec!["update_issue"]),
        (Filter { caller: some(odd), ..none.clone() }, vec!["update_issue"]),
        (Filter { tool: some("get_issue"), ..none.clone() }, vec!["get_issue"]),
        (Filter { workflow: some("w1"), ..none.clone() }, vec!["update_issue"]),
        (Filter { operation: some("op1"), ..none.clone() }, vec!["update_issue"]),
        (Filter { operation: some("op1"), tool: some("get_issue"), ..none.clone() }, vec![]),
        (Filter { limit: Some(2), ..none.clone() }, vec!["update_issue", "get_issue"]),
        (none, vec!["update_issue", "get_issue", "bare"]),
    ] {
        assert_eq!(ask(&disk, &["/a"], &filter), found, "{filter:?}");
    }
}

#[test]
fn several_directories_and_streams_are_merged_by_time() {
    let disk = FakeDisk::default();
    let minutes = |which: fn(&i64) -> bool| (0..40).filter(which).map(|m| (m, tool(m.to_string())));
    write(&disk, "/a", minutes(|m| m % 3 == 0));
    write(&disk, "/b", minutes(|m| m % 3 == 1));
    write(&disk, "/c", minutes(|m| m % 3 == 2));
    let all: Vec<_> = (0..40).map(|m| m.to_string()).collect();
    assert_eq!(ask(&disk, &["/c", "/a", "/b", "/a"], &Filter::default()), all);
    assert!(ask(&disk, &["/nowhere"], &Filter::default()).is_empty());
}

#[test]
fn a_window_of_time_is_inclusive_and_passes_over_segments_outside_it() {
    let disk = FakeDisk::default();
    write(&disk, "/a", (0..40).map(|m| (m, tool(m.to_string()))));
    let filter = Filter { since: Some(at(10)), until: Some(at(13)), ..Filter::default() };
    assert_eq!(ask(&disk, &["/a"], &filter), ["10", "11", "12", "13"]);
    // A segment outside the window may be unreadable: nobody looks past its header.
    let first = segment_path("/a/issues.local.1".as_ref(), 1);
    disk.edit(&first, |data| data.extend_from_slice(b"not a record\n"));
    let dyn_disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let mut found = query_on(&dyn_disk, &["/a".into()], &filter).unwrap();
    assert_eq!((found.by_ref().count(), found.skipped()), (4, 0));
}

#[test]
fn a_clock_set_back_hides_nothing() {
    let disk = FakeDisk::default();
    write(&disk, "/a", [50, 51, 52, 53, 10, 11, 12, 13].map(|m| (m, tool(m.to_string()))));
    let filter = Filter { since: Some(at(11)), until: Some(at(51)), ..Filter::default() };
    let mut found = ask(&disk, &["/a"], &filter);
    found.sort_unstable();
    assert_eq!(found, ["11", "12", "13", "50", "51"]);
}

#[test]
fn unreadable_lines_are_counted_and_an_unfinished_one_is_not_there() {
    let disk = FakeDisk::default();
    write(&disk, "/a", [(1, tool("a"))]);
    let path = segment_path("/a/issues.local.1".as_ref(), 1);
    disk.edit(&path, |data| data.extend_from_slice(b"not a record\n{\"v\":1,"));
    let dyn_disk: Arc<dyn Disk> = Arc::new(disk.clone());
    let mut found = query_on(&dyn_disk, &["/a".into()], &Filter::default()).unwrap();
    assert_eq!((found.by_ref().count(), found.skipped()), (1, 1));
}

#[test]
fn an_entry_keeps_the_line_and_ignores_what_a_later_version_adds() {
    let line = br#"{"v":2,"seq":7,"ts":"2026-07-28T02:47:00.000000001Z","event_id":"0198-not-checked-here"}"#;
    assert!(Entry::parse(line).is_err(), "an id that is none");
    let line = br#"{"v":2,"seq":7,"ts":"2026-07-28T02:47:00.000000001Z","event_id":"01984f5e-7a6b-7c3d-8e9f-0a1b2c3d4e5f","server":"issues","phase":"rehearsal","tool":"t","effect":"dream","mood":{"a":1},"result":{"status":"odd"},"hash":"00"}
"#;
    let entry = Entry::parse(line).unwrap();
    assert_eq!((entry.seq, entry.server.as_str(), entry.record.tool.as_str()), (7, "issues", "t"));
    assert_eq!(entry.record.phase, crate::Phase::Other);
    assert_eq!(entry.line.as_bytes(), line.trim_ascii_end());
}
