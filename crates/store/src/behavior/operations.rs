use std::time::Duration;

use super::{on_every_engine, others, place::Place, scope};
use crate::{Begin, Claim, End, Operations, Scope, State, Store};

on_every_engine!(
    a_repeat_gets_the_first_answer,
    other_arguments_conflict,
    what_did_not_happen_is_forgotten,
    a_duplicate_on_another_replica_waits,
    of_many_at_once_one_runs,
    a_live_claim_is_not_taken_and_a_lapsed_one_is,
    a_claim_that_is_left_is_of_unknown_fate,
    a_late_success_is_believed_and_a_late_failure_is_not,
    what_is_open_is_found_and_resumed_once,
    an_answer_is_kept_no_longer_than_asked,
    scopes_never_meet,
    hostile_texts_are_kept_as_they_are,
);

const ID: &str = "abcdefghijklmnopqrstuvwxyz";
const KEEP: Duration = Duration::from_secs(600);

fn of<'a>(scope: &'a Scope, digest: &'a str) -> Begin<'a> {
    Begin { scope, id: ID, digest, arguments: b"{}" }
}

async fn begin(store: &Store) -> Claim {
    store.begin(of(&scope(), "d")).await.unwrap()
}

fn fresh(claim: Claim) -> crate::Held {
    match claim {
        Claim::Fresh(held) => held,
        other => panic!("not fresh: {other:?}"),
    }
}

fn unknown(claim: Claim) -> crate::Held {
    match claim {
        Claim::Unknown(held) => held,
        other => panic!("not of unknown fate: {other:?}"),
    }
}

fn answer(claim: Claim) -> String {
    match claim {
        Claim::Done(answer) => String::from_utf8(answer).unwrap(),
        other => panic!("not done: {other:?}"),
    }
}

async fn done(store: &Store, held: crate::Held, text: &str) {
    store.finish(held, End::Done { answer: text.as_bytes(), keep: KEEP }).await.unwrap();
}

async fn a_repeat_gets_the_first_answer(place: Place) {
    let (here, there) = (place.open().await, place.open().await);
    done(&here, fresh(begin(&here).await), "first").await;
    assert_eq!(answer(begin(&here).await), "first");
    assert_eq!(answer(begin(&there).await), "first");
    drop(here);
    assert_eq!(answer(begin(&place.open().await).await), "first", "also after a restart");
}

async fn other_arguments_conflict(place: Place) {
    let store = place.open().await;
    let held = fresh(begin(&store).await);
    assert!(matches!(store.begin(of(&scope(), "e")).await.unwrap(), Claim::OtherArguments));
    store.finish(held, End::Unknown).await.unwrap();
    assert!(matches!(store.begin(of(&scope(), "e")).await.unwrap(), Claim::OtherArguments));
    done(&store, unknown(begin(&store).await), "x").await;
    assert!(matches!(store.begin(of(&scope(), "e")).await.unwrap(), Claim::OtherArguments));
}

async fn what_did_not_happen_is_forgotten(place: Place) {
    let store = place.open().await;
    store.finish(fresh(begin(&store).await), End::Nothing).await.unwrap();
    let held = fresh(store.begin(of(&scope(), "other arguments")).await.unwrap());
    assert_eq!(held.attempts(), 1);
}

async fn a_duplicate_on_another_replica_waits(place: Place) {
    let (here, there) = (place.open().await, place.open().await);
    let held = fresh(begin(&here).await);
    let Claim::Running(ended) = begin(&there).await else { panic!("it runs") };
    let duplicate = tokio::spawn(async move {
        ended.0.await;
        answer(begin(&there).await)
    });
    done(&here, held, "first").await;
    assert_eq!(duplicate.await.unwrap(), "first");
}

async fn of_many_at_once_one_runs(place: Place) {
    let replicas = [place.open().await, place.open().await];
    let calls = (0..50).map(|n| {
        let store = replicas[n % 2].clone();
        tokio::spawn(async move {
            loop {
                match begin(&store).await {
                    Claim::Fresh(held) => {
                        done(&store, held, &n.to_string()).await;
                        return (true, n.to_string());
                    }
                    Claim::Running(ended) => ended.0.await,
                    other => return (false, answer(other)),
                }
            }
        })
    });
    let mut ran = Vec::new();
    let mut answers = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        let (first, answer) = call.await.unwrap();
        ran.extend(first.then(|| answer.clone()));
        answers.push(answer);
    }
    assert_eq!(ran.len(), 1);
    assert!(answers.iter().all(|answer| *answer == ran[0]));
}

async fn a_live_claim_is_not_taken_and_a_lapsed_one_is(place: Place) {
    let here = place.open().await;
    let held = fresh(begin(&here).await);
    let soon = place.open_after(Duration::from_secs(25)).await;
    assert!(matches!(begin(&soon).await, Claim::Running(_)));
    let late = place.open_after(Duration::from_secs(60)).await;
    let taken = unknown(begin(&late).await);
    assert_eq!(taken.attempts(), 2);
    drop(held);
}

async fn a_claim_that_is_left_is_of_unknown_fate(place: Place) {
    let store = place.open().await;
    drop(fresh(begin(&store).await));
    let claim = match begin(&store).await {
        Claim::Running(ended) => {
            ended.0.await;
            begin(&store).await
        }
        claim => claim,
    };
    assert_eq!(unknown(claim).attempts(), 2);
}

async fn a_late_success_is_believed_and_a_late_failure_is_not(place: Place) {
    let here = place.open().await;
    let late = place.open_after(Duration::from_secs(60)).await;
    let slept = fresh(begin(&here).await);
    let taken = unknown(begin(&late).await);
    here.finish(slept, End::Nothing).await.unwrap();
    assert!(matches!(begin(&late).await, Claim::Running(_)), "the one that holds it decides");
    late.finish(taken, End::Unknown).await.unwrap();

    let slept = unknown(begin(&here).await);
    let taken = unknown(begin(&late).await);
    done(&here, slept, "it worked").await;
    done(&late, taken, "second").await;
    assert_eq!(answer(begin(&late).await), "it worked", "the first answer stays");
}

async fn what_is_open_is_found_and_resumed_once(place: Place) {
    let store = place.open().await;
    store.finish(fresh(begin(&store).await), End::Unknown).await.unwrap();
    assert_eq!(store.pending(Some("globex"), 10).await.unwrap(), []);
    let pending = store.pending(None, 10).await.unwrap();
    assert_eq!(pending, store.pending(Some("acme"), 10).await.unwrap());
    let known = &pending[0];
    assert_eq!((known.id.as_str(), known.state, known.attempts), (ID, State::Unknown, 1));
    assert_eq!((known.arguments.as_slice(), &known.scope), (b"{}".as_slice(), &scope()));

    let held = store.resume(&scope(), ID).await.unwrap().unwrap();
    assert!(store.resume(&scope(), ID).await.unwrap().is_none());
    assert_eq!(store.pending(None, 10).await.unwrap(), [], "it runs");
    done(&store, held, "found").await;
    assert!(store.resume(&scope(), ID).await.unwrap().is_none());
    let known = store.find(ID).await.unwrap().remove(0);
    assert_eq!((known.state, known.arguments.as_slice()), (State::Done, b"".as_slice()));
}

async fn an_answer_is_kept_no_longer_than_asked(place: Place) {
    let store = place.open().await;
    done(&store, fresh(begin(&store).await), "first").await;
    let later = place.open_after(KEEP * 2).await;
    assert!(later.find(ID).await.unwrap().is_empty(), "nothing has begun that a call could repeat");
    let held = fresh(begin(&later).await);
    assert_eq!(held.attempts(), 1, "it is another operation");
}

async fn scopes_never_meet(place: Place) {
    let store = place.open().await;
    done(&store, fresh(begin(&store).await), "mine").await;
    for other in others() {
        assert!(store.resume(&other, ID).await.unwrap().is_none());
        let held = fresh(store.begin(of(&other, "other arguments")).await.unwrap());
        done(&store, held, "theirs").await;
    }
    assert_eq!(answer(begin(&store).await), "mine");
    assert_eq!(store.find(ID).await.unwrap().len(), 4);
}

async fn hostile_texts_are_kept_as_they_are(place: Place) {
    let store = place.open().await;
    let name = "'; DROP TABLE chancery_operations; -- \u{202e}\u{1f4a3}%_\\";
    let scope = Scope::new(name, name, name).unwrap();
    let key = "\0".repeat(100_000);
    let id = scope.operation(&key).id;
    let bytes: Vec<u8> = (0..=255).cycle().take(1_000_000).collect();
    let begin = || Begin { scope: &scope, id: &id, digest: name, arguments: &bytes };
    let held = fresh(store.begin(begin()).await.unwrap());
    assert_eq!(store.find(&id).await.unwrap()[0].arguments, bytes);
    store.finish(held, End::Done { answer: &bytes, keep: KEEP }).await.unwrap();
    let Claim::Done(answer) = store.begin(begin()).await.unwrap() else { panic!("it is done") };
    assert_eq!(answer, bytes);
    Scope::new("a".repeat(601), "", "").unwrap_err();
    Scope::new("a\0b", "", "").unwrap_err();
    Scope::new("a".repeat(600), "b".repeat(600), "c".repeat(600)).unwrap();
}
