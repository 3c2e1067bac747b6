//! Opening: schema, file, permissions.

use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use call::Clock;

use super::{on_every_engine, place::Place, scope};
use crate::engine::Statement;
use crate::{Begin, Claim, End, Location, Operations as _, Settings, Store};

on_every_engine!(replicas_that_start_at_once_share_one_schema, a_newer_or_foreign_schema_is_refused);

fn hint(error: &error::Error) -> String {
    error.wire("c").hint
}

async fn open(location: &Location) -> error::Result<Store> {
    Store::open(location, Settings { skew: Duration::MAX, ..Settings::default() }, Clock::for_test()).await
}

async fn replicas_that_start_at_once_share_one_schema(place: Place) {
    let location = place.location();
    let starts = (0..6).map(|_| {
        let location = location.clone();
        tokio::spawn(async move { open(&location).await.unwrap().health().await.unwrap() })
    });
    for start in starts.collect::<Vec<_>>() {
        start.await.unwrap();
    }
}

async fn a_newer_or_foreign_schema_is_refused(place: Place) {
    let store = place.open().await;
    let newer = "INSERT INTO chancery_migrations (version, checksum) VALUES (999, 'x')";
    store.rows(Statement::new(newer)).await.unwrap();
    let error = open(&place.location()).await.err().unwrap();
    assert!(error.message().contains("999") && hint(&error).contains("newer release"), "{error:?}");
    store.rows(Statement::new("DELETE FROM chancery_migrations WHERE version = 999")).await.unwrap();
    store.rows(Statement::new("UPDATE chancery_migrations SET checksum = 'y'")).await.unwrap();
    let error = open(&place.location()).await.err().unwrap();
    assert!(hint(&error).contains("another database"), "{error:?}");
}

#[tokio::test]
async fn the_file_is_its_owners_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state/store.db");
    let location = Location::File(path.clone());
    drop(open(&location).await.unwrap());
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&path), mode(path.parent().unwrap())), (0o600, 0o700));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let error = open(&location).await.err().unwrap();
    assert!(error.message().contains("644") && hint(&error).contains("chmod 600"), "{error:?}");
}

#[tokio::test]
async fn a_damaged_file_and_a_folder_in_its_place_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store.db");
    std::fs::write(&path, "this is no database, whatever its name says".repeat(100)).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let error = open(&Location::File(path)).await.err().unwrap();
    assert!(error.message().contains("store.db") && hint(&error).contains("backup"), "{error:?}");
    let error = open(&Location::File(folder.path().to_owned())).await.err().unwrap();
    assert!(error.message().contains("cannot be written"), "{error:?}");
}

#[tokio::test]
async fn a_server_that_is_away_is_said_to_be_and_its_password_is_not_said() {
    let url = "postgres://u:hunter2@127.0.0.1:1/db";
    let settings = Settings { timeout: Duration::from_millis(200), ..Settings::default() };
    let error = Store::open(&Location::parse(url).unwrap(), settings, Clock::for_test()).await.err().unwrap();
    assert!(error.is_retryable() && hint(&error).contains("unreachable"), "{error:?}");
    assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    for text in ["mysql://x/y", ""] {
        Location::parse(text).unwrap_err();
    }
}

#[tokio::test(start_paused = true)]
async fn in_memory_it_is_sound_under_a_paused_clock() {
    let store = Store::in_memory(Clock::for_test()).await.unwrap();
    let scope = scope();
    let begin = || store.begin(Begin { scope: &scope, id: "op", digest: "d", arguments: b"" });
    let Claim::Fresh(held) = begin().await.unwrap() else { panic!("it is fresh") };
    tokio::time::sleep(Duration::from_secs(300)).await;
    let Claim::Running(ended) = begin().await.unwrap() else { panic!("its claim is renewed") };
    let end = End::Done { answer: b"", keep: Duration::from_secs(60) };
    store.finish(held, end).await.unwrap();
    ended.0.await;
    assert!(matches!(begin().await.unwrap(), Claim::Done(_)));
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert!(matches!(begin().await.unwrap(), Claim::Fresh(_)));
}
