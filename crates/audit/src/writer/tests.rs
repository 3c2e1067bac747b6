use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

use super::*;
use crate::disk::fake::{Act, FakeDisk};
use crate::log::{Begun, Config, begin};
use crate::query::query_on;
use crate::verify::verify_on;
use crate::{Effect, Entry, Filter, Outcome, Phase};

const DIR: &str = "/audit";
/// Small, so that a few records fill a segment.
const LIMIT: u64 = 3_000;

fn start(disk: &FakeDisk) -> Begun {
    begin(Arc::new(disk.clone()), Config::new(DIR, "issues"), LIMIT).unwrap()
}

fn draft(record: Record) -> Draft {
    Draft::new(record, Timestamp::now()).unwrap()
}

fn plain(tool: &str) -> Draft {
    draft(Record { tool: tool.to_owned(), result: Some(Outcome::default()), ..Record::default() })
}

fn entries(disk: &FakeDisk) -> Vec<Entry> {
    let disk: Arc<dyn Disk> = Arc::new(disk.clone());
    query_on(&disk, &[PathBuf::from(DIR)], &Filter::default()).unwrap().collect::<Result<_, _>>().unwrap()
}

fn calls(disk: &FakeDisk) -> Vec<String> {
    entries(disk).into_iter().filter(|e| e.record.phase != Phase::Admin).map(|e| e.record.tool).collect()
}

fn actions(disk: &FakeDisk) -> Vec<String> {
    entries(disk).into_iter().filter_map(|e| e.record.admin).map(|admin| admin.action).collect()
}

#[track_caller]
fn assert_holds(disk: &FakeDisk) {
    let report = verify_on(disk, &[PathBuf::from(DIR)]).unwrap();
    assert!(report.holds(), "{report}");
}

fn path(segment: u32) -> PathBuf {
    segment_path(&Path::new(DIR).join("issues.local.1"), segment)
}

#[test]
fn an_idle_process_writes_nothing() {
    let disk = FakeDisk::default();
    drop(start(&disk));
    assert!(disk.files().is_empty());
}

#[test]
fn a_line_has_the_stamp_the_identity_and_the_hash_last() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    begun.writer.commit(&[plain("get_issue")], Timestamp::now()).unwrap();
    let text = String::from_utf8(disk.files().remove(&path(1)).unwrap()).unwrap();
    let lines: Vec<_> = text.lines().collect();
    assert_eq!(lines.len(), 2, "{text}");
    assert!(lines[0].starts_with(r#"{"v":1,"stream":"issues.local.1","segment":1,"#), "{text}");
    assert!(lines[1].starts_with(r#"{"v":1,"seq":1,"ts":""#), "{text}");
    assert!(
        lines[1]
            .contains(r#","server":"issues","version":"","build":"","replica":"local","phase":"outcome","#)
    );
    assert_eq!(lines[1].find(r#","hash":""#), Some(lines[1].len() - 75), "{text}");
}

#[test]
fn a_failed_sync_moves_the_records_to_a_new_segment_and_the_old_one_is_never_written_again() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    begun.writer.commit(&[plain("a")], Timestamp::now()).unwrap();
    let good = disk.files().remove(&path(1)).unwrap();
    disk.fail_next(Act::Sync, 1);
    assert_eq!(begun.writer.commit(&[plain("b"), plain("c")], Timestamp::now()).unwrap(), 3);
    begun.writer.commit(&[plain("d")], Timestamp::now()).unwrap();
    assert_eq!(disk.files().remove(&path(1)).unwrap(), good);
    disk.lose_power(0, 0);
    assert_holds(&disk);
    assert_eq!((calls(&disk), actions(&disk)), (letters("abcd"), vec!["suspect".to_owned()]));
}

#[test]
fn a_segment_that_could_not_be_cut_back_is_read_only_as_far_as_it_holds() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    begun.writer.commit(&[plain("a")], Timestamp::now()).unwrap();
    let mut failures = vec![Act::Sync, Act::Cut];
    disk.fail(move |act| failures.extract_if(.., |due| *due == act).count() > 0);
    begun.writer.commit(&[plain("b")], Timestamp::now()).unwrap();
    assert_holds(&disk);
    assert_eq!(calls(&disk), letters("ab"));
    let report = verify_on(&disk, &[PathBuf::from(DIR)]).unwrap();
    assert!(report.streams[0].notes[0].contains("set aside"), "{report}");
}

#[test]
fn a_full_disk_costs_only_unanswered_records_and_leaves_no_files_behind() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    begun.writer.commit(&[plain("a")], Timestamp::now()).unwrap();
    disk.fail(|act| act == Act::Write);
    for _ in 0..50 {
        begun.writer.commit(&[plain("lost")], Timestamp::now()).unwrap_err();
    }
    assert!(begun.writer.failing());
    assert_eq!(disk.files().len(), 1);
    disk.heal();
    begun.writer.commit(&[plain("b")], Timestamp::now()).unwrap();
    assert!(!begun.writer.failing());
    assert_holds(&disk);
    assert_eq!((calls(&disk), actions(&disk)), (letters("ab"), vec!["suspect".to_owned()]));
}

#[test]
fn a_segment_ends_when_it_is_full_or_old() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    let now = Timestamp::now();
    let segments = || disk.files().len();
    begun.writer.commit(&[plain("a")], now).unwrap();
    begun.writer.commit(&[plain("b")], now + SignedDuration::from_secs(3_599)).unwrap();
    assert_eq!(segments(), 1);
    begun.writer.commit(&[plain("c")], now + SignedDuration::from_secs(3_600)).unwrap();
    assert_eq!(segments(), 2);
    begun.writer.commit(&[plain(&"d".repeat(3_000))], now + SignedDuration::from_secs(3_601)).unwrap();
    assert_eq!(segments(), 2);
    begun.writer.commit(&[plain("e")], now + SignedDuration::from_secs(3_602)).unwrap();
    assert_eq!(segments(), 3);
    assert_holds(&disk);
}

#[test]
fn one_torn_record_is_cut_and_the_cut_is_recorded() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    begun.writer.commit(&[plain("a")], Timestamp::now()).unwrap();
    drop(begun);
    disk.edit(&path(1), |data| data.extend_from_slice(br#"{"v":1,"seq":2,"ts":"20"#));
    assert_holds(&disk);
    drop(start(&disk));
    assert_holds(&disk);
    assert_eq!((calls(&disk), actions(&disk)), (letters("a"), vec!["recovered".to_owned()]));
}

#[test]
fn a_damaged_stream_is_left_as_it_is_and_the_next_one_is_taken() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    begun.writer.commit(&[plain("a"), plain("b")], Timestamp::now()).unwrap();
    drop(begun);
    disk.edit(&path(1), |data| *data.iter_mut().rfind(|byte| **byte == b'b').unwrap() = b'c');
    let before = disk.files();
    let begun = start(&disk);
    assert!(begun.stream.ends_with("issues.local.2"));
    assert_eq!(disk.files().remove(&path(1)), before.get(&path(1)).cloned());
    assert_eq!(actions(&disk), ["damaged"]);
}

#[test]
fn a_segment_under_another_number_is_damage() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    begun.writer.commit(&[plain("a")], Timestamp::now()).unwrap();
    begun.writer.commit(&[plain(&"b".repeat(3_000))], Timestamp::now()).unwrap();
    begun.writer.commit(&[plain("c")], Timestamp::now()).unwrap();
    drop(begun);
    let old = disk.files().remove(&path(1)).unwrap();
    disk.put(&path(5), old);
    let begun = start(&disk);
    assert!(begun.stream.ends_with("issues.local.2"));
    let report = verify_on(&disk, &[PathBuf::from(DIR)]).unwrap();
    assert!(!report.holds(), "{report}");
    let told = entries(&disk).into_iter().filter_map(|e| e.record.admin).next_back().unwrap();
    assert!(told.detail.contains("0005 has the header of segment 0001"), "{told:?}");
}

#[test]
fn a_page_that_a_loss_of_power_left_empty_is_torn_wherever_it_lies() {
    for synced in [true, false] {
        let disk = FakeDisk::default();
        let mut begun = start(&disk);
        if synced {
            begun.writer.commit(&[plain("a")], Timestamp::now()).unwrap();
        }
        disk.kill_after_write();
        begun.writer.commit(&[plain("b"), plain("c"), plain("d")], Timestamp::now()).unwrap_err();
        drop(begun);
        disk.heal();
        // A file whose entry is lost with it would be no hole.
        disk.lose_power(255, 1);
        assert!(disk.files()[&path(1)].contains(&0));
        let mut begun = start(&disk);
        assert!(begun.stream.ends_with("issues.local.1"));
        begun.writer.commit(&[plain("e")], Timestamp::now()).unwrap();
        assert_holds(&disk);
        assert_eq!(calls(&disk).last().unwrap(), "e");
        assert_eq!(actions(&disk), ["recovered"]);
    }
}

#[test]
fn what_a_damaged_stream_left_open_is_answered_once_in_the_next() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    let intent = draft(Record { phase: Phase::Intent, tool: "create_issue".into(), ..Record::default() });
    let event_id = intent.event_id;
    begun.writer.commit(&[intent], Timestamp::now()).unwrap();
    begun.writer.commit(&[plain("x")], Timestamp::now()).unwrap();
    drop(begun);
    disk.edit(&path(1), |data| *data.iter_mut().rfind(|byte| **byte == b'x').unwrap() = b'y');
    for _ in 0..2 {
        let begun = start(&disk);
        assert!(begun.stream.ends_with("issues.local.2"));
        assert_eq!(begun.pending.iter().map(|e| e.event_id).collect::<Vec<_>>(), [event_id]);
        assert_eq!(begun.pending[0].record.tool, "create_issue");
    }
    start(&disk).writer.commit(&[answer(event_id)], Timestamp::now()).unwrap();
    assert!(start(&disk).pending.is_empty());
    let report = verify_on(&disk, &[PathBuf::from(DIR)]).unwrap();
    assert_eq!((report.intents_without_outcome, report.outcomes_without_intent), (0, 0));
}

#[test]
fn a_segment_that_could_not_be_removed_is_passed_over() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    disk.fail(|act| matches!(act, Act::SyncDir | Act::Remove));
    begun.writer.commit(&[plain("lost")], Timestamp::now()).unwrap_err();
    disk.heal();
    begun.writer.commit(&[plain("a")], Timestamp::now()).unwrap();
    assert_holds(&disk);
    assert_eq!(calls(&disk), ["a"]);
}

#[test]
fn long_arguments_give_way_to_their_digest() {
    let args = serde_json::json!({ "text": "x".repeat(1024 * 1024) });
    let record = Record { args: Some(args), args_sha256: crate::digest(b"args"), ..Record::default() };
    let draft = draft(record);
    assert!(draft.body.len() < 1_024);
    let read: Record = serde_json::from_slice(&draft.body).unwrap();
    assert_eq!(read.args_sha256, crate::digest(b"args"));
}

#[test]
fn intents_stay_pending_over_segments_and_restarts_until_they_are_answered() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    let intent = draft(Record { phase: Phase::Intent, tool: "create_issue".into(), ..Record::default() });
    let event_id = intent.event_id;
    begun.writer.commit(&[intent], Timestamp::now()).unwrap();
    for _ in 0..20 {
        begun.writer.commit(&[plain("filler")], Timestamp::now()).unwrap();
    }
    for _ in 0..2 {
        drop(begun);
        begun = start(&disk);
        assert_eq!(begun.pending.iter().map(|e| e.event_id).collect::<Vec<_>>(), [event_id]);
        assert_eq!(begun.pending[0].record.tool, "create_issue");
    }
    begun.writer.commit(&[answer(event_id)], Timestamp::now()).unwrap();
    drop(begun);
    assert!(start(&disk).pending.is_empty());
    assert_holds(&disk);
}

#[test]
fn an_intent_whose_segment_was_taken_away_keeps_no_process_from_starting() {
    let disk = FakeDisk::default();
    let mut begun = start(&disk);
    let intent = || draft(Record { phase: Phase::Intent, tool: "create_issue".into(), ..Record::default() });
    begun.writer.commit(&[intent()], Timestamp::now()).unwrap();
    drop(begun);
    let later = intent();
    let event_id = later.event_id;
    start(&disk).writer.commit(&[later], Timestamp::now()).unwrap();
    disk.delete(&path(1));
    let mut begun = start(&disk);
    assert_eq!(begun.pending.iter().map(|e| e.event_id).collect::<Vec<_>>(), [event_id]);
    begun.writer.commit(&[plain("on")], Timestamp::now()).unwrap();
}

fn letters(text: &str) -> Vec<String> {
    text.chars().map(String::from).collect()
}

fn answer(intent: Uuid) -> Draft {
    draft(Record { effect: Some(Effect::Write), intent: Some(intent), ..Record::default() })
}

/// What happens to a log.
#[derive(Clone, Debug)]
enum Step {
    /// Commits plain records, one intent, and an outcome for the oldest open intent.
    Commit { records: usize, intent: bool, answer: bool },
    /// The next acts of this kind fail.
    Fault { act: Act, times: usize },
    /// The machine loses power; see [`FakeDisk::lose_power`].
    LosePower { keep: u8, hole: u8 },
    /// The process is killed, perhaps between a write and its sync, and comes back.
    Kill { midway: bool },
}

fn step() -> impl Strategy<Value = Step> {
    use Act::{Create, Remove, Sync, SyncDir, Write};
    let act = prop_oneof![Just(Create), Just(Write), Just(Sync), Just(SyncDir), Just(Remove)];
    prop_oneof![
        6 => (0..5usize, any::<bool>(), any::<bool>())
            .prop_map(|(records, intent, answer)| Step::Commit { records, intent, answer }),
        3 => (act, 1..5usize).prop_map(|(act, times)| Step::Fault { act, times }),
        1 => any::<(u8, u8)>().prop_map(|(keep, hole)| Step::LosePower { keep, hole }),
        1 => any::<bool>().prop_map(|midway| Step::Kill { midway }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_fails_the_chain_holds_and_every_answered_record_is_there_once(
        steps in prop::collection::vec(step(), 1..40),
    ) {
        let disk = FakeDisk::default();
        let mut begun = Some(start(&disk));
        let mut answered = BTreeMap::<Uuid, u64>::new();
        let mut open = BTreeSet::<Uuid>::new();
        for step in steps {
            match step {
                Step::Commit { records, intent, answer: answers } => {
                    let writer = &mut begun.as_mut().unwrap().writer;
                    let mut drafts: Vec<_> = (0..records).map(|_| plain("read")).collect();
                    drafts.extend(intent.then(|| draft(Record { phase: Phase::Intent, ..Record::default() })));
                    let oldest = open.first().copied().filter(|_| answers);
                    drafts.extend(oldest.map(answer));
                    if drafts.is_empty() { continue }
                    if let Ok(first) = writer.commit(&drafts, Timestamp::now()) {
                        answered.extend(drafts.iter().map(|d| d.event_id).zip(first..));
                        open.extend(drafts.iter().filter(|d| d.role == Role::Intent).map(|d| d.event_id));
                        oldest.map(|intent| open.remove(&intent));
                    } else if let Some(intent) = oldest {
                        // Nobody was told, but after a loss of power the outcome may be there.
                        open.remove(&intent);
                    }
                }
                Step::Fault { act, times } => disk.fail_next(act, times),
                Step::LosePower { .. } | Step::Kill { .. } => {
                    if let Step::Kill { midway: true } = step {
                        disk.kill_after_write();
                        begun.as_mut().unwrap().writer.commit(&[plain("cut short")], Timestamp::now()).unwrap_err();
                    }
                    drop(begun.take());
                    disk.heal();
                    if let Step::LosePower { keep, hole } = step {
                        disk.lose_power(keep, hole);
                    }
                    let again = start(&disk);
                    let pending: BTreeSet<_> = again.pending.iter().map(|e| e.event_id).collect();
                    prop_assert!(open.is_subset(&pending), "an open intent was forgotten");
                    begun = Some(again);
                }
            }
        }
        let report = verify_on(&disk, &[PathBuf::from(DIR)]).unwrap();
        prop_assert!(report.holds(), "{}", report);
        prop_assert!(report.streams.len() <= 1, "a crash took the stream for damaged: {}", report);
        let read = entries(&disk);
        let found: BTreeMap<_, _> = read.iter().map(|e| (e.event_id, e.seq)).collect();
        prop_assert_eq!(found.len(), read.len(), "a record is there twice");
        for (event_id, seq) in &answered {
            prop_assert_eq!(found.get(event_id), Some(seq), "an answered record is lost or renumbered");
        }
    }
}
