use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;
use proptest::prelude::*;

use super::*;
use crate::disk::fake::FakeDisk;
use crate::disk::segment_path;
use crate::log::{Config, begin};
use crate::writer::Draft;
use crate::{Effect, Mode, Op, Outcome, Phase, Record, Status};

const DIR: &str = "/audit";

fn report(disk: &FakeDisk) -> Report {
    verify_on(disk, &[PathBuf::from(DIR)]).unwrap()
}

fn path(segment: u32) -> PathBuf {
    segment_path(&Path::new(DIR).join("issues.local.1"), segment)
}

/// A log of these records, one commit each, in segments of about 2 KB.
fn log_of(records: impl IntoIterator<Item = Record>) -> FakeDisk {
    let disk = FakeDisk::default();
    let mut begun = begin(Arc::new(disk.clone()), Config::new(DIR, "issues"), 2_000).unwrap();
    for record in records {
        let now = Timestamp::now();
        begun.writer.commit(&[Draft::new(record, now).unwrap()], now).unwrap();
    }
    disk
}

fn reads(count: usize) -> impl Iterator<Item = Record> {
    (0..count).map(|n| Record { tool: format!("tool_{n}"), ..Record::default() })
}

/// The lines of a file, newlines included.
fn lines(data: &[u8]) -> Vec<Vec<u8>> {
    data.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[track_caller]
fn first_problem(disk: &FakeDisk) -> (u32, u64, Option<u64>, String) {
    let report = report(disk);
    let problem = report.streams.first().and_then(|stream| stream.problems.first()).cloned();
    let Problem { segment, line, seq, what } =
        problem.unwrap_or_else(|| panic!("nothing was found: {report}"));
    (segment, line, seq, what)
}

#[test]
fn a_sound_log_holds_and_says_what_cannot_be_seen() {
    let disk = log_of(reads(20));
    let report = report(&disk);
    let stream = &report.streams[0];
    assert!(report.holds() && stream.notes.is_empty(), "{report}");
    assert_eq!((report.records, stream.last_seq), (20, 20));
    assert!(stream.segments > 2, "{report}");
    assert!(report.to_string().contains("cannot be seen from here"), "{report}");
    assert!(serde_json::to_string(&report).unwrap().contains(&stream.last_hash));
}

#[test]
fn an_altered_record_is_named() {
    let disk = log_of(reads(3));
    disk.edit(&path(1), |data| {
        let at = data.windows(6).position(|part| part == b"tool_1").unwrap();
        data[at + 5] = b'7';
    });
    let (segment, line, seq, what) = first_problem(&disk);
    assert_eq!((segment, line, seq), (1, 3, Some(2)));
    assert!(what.contains("altered"), "{what}");
    assert_eq!(report(&disk).streams[0].problems.len(), 1, "one fault is told once");
}

#[test]
fn a_dropped_record_is_named() {
    let disk = log_of(reads(4));
    disk.edit(&path(1), |data| {
        let mut all = lines(data);
        all.remove(2);
        *data = all.concat();
    });
    let (segment, line, seq, what) = first_problem(&disk);
    assert_eq!((segment, line, seq, what.as_str()), (1, 3, Some(3), "records 2 to 2 are missing"));
}

#[test]
fn a_missing_segment_in_the_middle_and_at_the_start_is_named() {
    for (missing, named) in [(2, "continues 0002, which is missing"), (1, "continues 0001, which is missing")]
    {
        let disk = log_of(reads(20));
        disk.delete(&path(missing));
        let (.., what) = first_problem(&disk);
        assert!(what.contains(named), "{what}");
    }
}

#[test]
fn a_stream_under_another_name_is_named() {
    let disk = log_of(reads(2));
    let data = disk.files().remove(&path(1)).unwrap();
    disk.put(&Path::new(DIR).join("issues.other.1/0001.jsonl"), data);
    let report = report(&disk);
    assert!(report.streams[0].problems.is_empty(), "{report}");
    assert!(report.streams[1].problems[0].what.contains("issues.local.1"), "{report}");
}

#[test]
fn a_tail_without_newline_is_noted_at_the_end_of_the_stream_and_wrong_elsewhere() {
    let disk = log_of(reads(20));
    let last = disk.files().into_keys().last().unwrap();
    disk.edit(&last, |data| data.extend_from_slice(b"{\"v\":1,"));
    assert!(report(&disk).holds(), "{}", report(&disk));
    assert!(report(&disk).streams[0].notes[0].contains("7 bytes of an unfinished record"));
    disk.edit(&path(1), |data| data.truncate(data.len() - 1));
    assert!(first_problem(&disk).3.contains("cut in the middle"));
}

#[test]
fn writes_are_paired_with_their_intents() {
    let write = |status, mode| Record {
        effect: Some(Effect::Write),
        op: Some(Op { mode, ..Op::default() }),
        result: Some(Outcome { status, ..Outcome::default() }),
        ..Record::default()
    };
    let intent = || Record { phase: Phase::Intent, ..Record::default() };
    let disk = FakeDisk::default();
    let mut begun = begin(Arc::new(disk.clone()), Config::new(DIR, "issues"), 2_000).unwrap();
    let mut commit = |record: Record| {
        let draft = Draft::new(record, Timestamp::now()).unwrap();
        let event_id = draft.event_id;
        begun.writer.commit(&[draft], Timestamp::now()).unwrap();
        event_id
    };
    let answered = commit(intent());
    commit(intent());
    // A successor may know more: two outcomes of one intent are in order.
    commit(Record { intent: Some(answered), ..write(Status::Unknown, Mode::Commit) });
    commit(Record { intent: Some(answered), ..write(Status::Ok, Mode::Commit) });
    for without_effect in [
        write(Status::Denied, Mode::Commit),
        write(Status::Error, Mode::Commit),
        write(Status::Ok, Mode::Preview),
        write(Status::Ok, Mode::Replay),
        Record { effect: Some(Effect::Read), ..write(Status::Ok, Mode::Commit) },
    ] {
        commit(without_effect);
    }
    assert_eq!((report(&disk).intents_without_outcome, report(&disk).outcomes_without_intent), (1, 0));
    commit(write(Status::Ok, Mode::Commit));
    commit(write(Status::Unknown, Mode::Commit));
    commit(Record { intent: Some(Uuid::now_v7()), ..write(Status::Ok, Mode::Commit) });
    assert_eq!((report(&disk).intents_without_outcome, report(&disk).outcomes_without_intent), (1, 3));
}

/// What a forger does to a log of 12 records in several segments.
#[derive(Clone, Debug)]
enum Forgery {
    Flip {
        at: prop::sample::Index,
        bit: u8,
    },
    Drop {
        at: prop::sample::Index,
    },
    Repeat {
        at: prop::sample::Index,
    },
    Swap {
        at: prop::sample::Index,
        with: prop::sample::Index,
    },
    /// The segment again, under a later number.
    Copy {
        by: u32,
    },
}

fn forgery() -> impl Strategy<Value = Forgery> {
    let index = any::<prop::sample::Index>;
    prop_oneof![
        4 => (index(), 0..8u8).prop_map(|(at, bit)| Forgery::Flip { at, bit }),
        1 => index().prop_map(|at| Forgery::Drop { at }),
        1 => index().prop_map(|at| Forgery::Repeat { at }),
        1 => (index(), index()).prop_map(|(at, with)| Forgery::Swap { at, with }),
        1 => (1..4u32).prop_map(|by| Forgery::Copy { by }),
    ]
}

impl Forgery {
    /// The forged lines. `None` if they are as before, if only the end of the stream is missing, or if something
    /// stands behind the end of a segment: there it is void, and noted.
    fn apply(&self, honest: &[Vec<u8>], last_segment: bool) -> Option<Vec<u8>> {
        let mut all = honest.to_vec();
        match self {
            Self::Flip { at, bit } => {
                let mut data = all.concat();
                let at = at.index(data.len());
                if last_segment && at + 1 == data.len() {
                    return None;
                }
                data[at] ^= 1 << bit;
                return Some(data);
            }
            Self::Drop { at } => drop(all.remove(at.index(honest.len()))),
            Self::Repeat { at } => all.insert(at.index(honest.len()), all[at.index(honest.len())].clone()),
            Self::Swap { at, with } => all.swap(at.index(honest.len()), with.index(honest.len())),
            Self::Copy { .. } => return Some(all.concat()),
        }
        let harmless = if last_segment { honest.starts_with(&all) } else { all.starts_with(honest) };
        (!harmless && all != honest).then(|| all.concat())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_forgery_goes_unseen(segment in any::<prop::sample::Index>(), forgery in forgery()) {
        let disk = log_of(reads(12));
        let files = disk.files();
        let (path, data) = files.iter().nth(segment.index(files.len())).unwrap();
        let last = files.keys().last() == Some(path);
        if let Some(forged) = forgery.apply(&lines(data), last) {
            // Zeros at the end of a stream are what a crash leaves: to the next start they are a tail cut off.
            let is_cut = last && forged.contains(&0);
            match forgery {
                Forgery::Copy { by } => disk.put(&self::path(u32::try_from(files.len()).unwrap() + by), forged),
                _ => disk.edit(path, |data| *data = forged),
            }
            prop_assert!(!report(&disk).holds());
            let mut begun = begin(Arc::new(disk.clone()), Config::new(DIR, "issues"), 2_000).unwrap();
            let draft = Draft::new(Record::default(), Timestamp::now()).unwrap();
            begun.writer.commit(&[draft], Timestamp::now()).unwrap();
            prop_assert!(is_cut || !report(&disk).holds(), "a new start covers it");
        }
    }
}
