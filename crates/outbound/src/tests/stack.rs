use std::sync::Arc;
use std::time::Duration;

use call::{Cx, Stack};
use error::Code;
use tokio::time::Instant;

use crate::answer::{Answer, Kind};
use crate::ask::Ask;
use crate::layers::testing::{
    Bottom, Endpoint, Step, ask, ask_on, code, cx, fixed_tokens, read, run, source, write,
};
use crate::stack::{Source, stack};
use crate::{Class, Repeat, Reply, Verdict};

fn over(bottom: &Arc<Bottom>) -> Stack<Ask, Answer> {
    stack(&source(), fixed_tokens(), Arc::clone(bottom))
}

#[tokio::test(start_paused = true)]
async fn a_thousand_calls_at_token_expiry_make_one_token_request() {
    let (bottom, endpoint) = (Bottom::new(|_| Step::ok()), Arc::new(Endpoint::default()));
    let stack = stack(&source(), endpoint.tokens(), Arc::clone(&bottom));
    code(&stack, &cx(10), read()).await;
    tokio::time::advance(Duration::from_secs(3600)).await;
    let cx = cx(10);
    let calls = futures::future::join_all((0..1000).map(|_| code(&stack, &cx, read()))).await;
    assert!(calls.iter().all(Option::is_none));
    assert_eq!(endpoint.granted(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_storm_of_429_reaches_the_vendor_at_the_rate_it_allows() {
    let bottom = Bottom::new(|_| Step::with(429, "retry-after", 1));
    let (stack, start) = (over(&bottom), Instant::now());
    // A minute of ten calls a second.
    let calls = (0..600).map(|n| {
        let stack = &stack;
        async move {
            tokio::time::sleep_until(start + Duration::from_millis(n * 100)).await;
            run(stack, &cx(10), read()).await.unwrap_err()
        }
    });
    let errors = futures::future::join_all(calls).await;
    assert!(errors.iter().all(|e| e.code() == Code::RateLimited && e.wait().is_some()));
    let allowed = start.elapsed().as_secs_f64();
    assert!(f64::from(bottom.asked()) <= allowed * 1.1, "{} where {allowed} were allowed", bottom.asked());
}

#[tokio::test(start_paused = true)]
async fn a_dead_vendor_is_left_alone_and_found_again_when_it_heals() {
    let heals = Instant::now() + Duration::from_secs(60);
    let bottom = Bottom::new(move |_| Step::status(if Instant::now() < heals { 503 } else { 200 }));
    let stack = over(&bottom);
    let (mut normal, mut first_good) = (0, None);
    while first_good.is_none() {
        normal += 1;
        let error = run(&stack, &cx(10), read()).await.err();
        if let Some(error) = &error {
            assert_eq!(error.code(), Code::UpstreamUnavailable);
        } else {
            first_good = Some(Instant::now());
        }
        tokio::time::advance(Duration::from_millis(50)).await;
    }
    assert!(bottom.asked() * 10 < normal, "{} of {normal} reached the dead host", bottom.asked());
    let took = first_good.unwrap() - heals;
    assert!(took <= Duration::from_secs(66), "found again after {took:?}");
    for _ in 0..100 {
        assert_eq!(code(&stack, &cx(10), read()).await, None, "and everyone is let in again");
    }
}

#[tokio::test(start_paused = true)]
async fn writes_may_fail_where_reads_work() {
    let bottom = Bottom::seeing(|_, ask| match ask.plan.class {
        Class::Read => Step::ok(),
        Class::Write => Step::status(500),
    });
    let stack = over(&bottom);
    let mut ends = Vec::new();
    for _ in 0..30 {
        ends.push(code(&stack, &cx(20), write()).await);
        assert_eq!(code(&stack, &cx(10), read()).await, None);
    }
    assert_eq!(ends.iter().filter(|e| **e == Some(Code::OutcomeUnknown)).count(), 20);
    assert_eq!(ends.last().unwrap(), &Some(Code::UpstreamUnavailable), "held back: nothing is unknown");
}

#[tokio::test(start_paused = true)]
async fn throttling_and_refusals_do_not_open_the_breaker() {
    for status in [429, 401, 403, 404, 409, 422] {
        let bottom = Bottom::new(move |n| Step::status(if n > 100 { 200 } else { status }));
        let stack = over(&bottom);
        while bottom.asked() <= 100 {
            if code(&stack, &cx(10), read()).await != Some(Code::UpstreamAuth) {
                continue;
            }
            // The auth breaker lets three a minute through.
            tokio::time::advance(Duration::from_secs(61)).await;
        }
        assert_eq!(code(&stack, &cx(10), read()).await, None, "{status}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_source_has_its_places_and_no_more() {
    let bottom = Bottom::taking(Duration::from_secs(2), |_, _| Step::ok());
    let mut source = source();
    (source.limits.in_flight, source.limits.queue) = (32, 64);
    let (stack, cx) = (stack(&source, fixed_tokens(), Arc::clone(&bottom)), cx(10));
    let ends = futures::future::join_all((0..200).map(|_| code(&stack, &cx, read()))).await;
    assert_eq!(bottom.most(), 32);
    assert_eq!(ends.iter().filter(|e| e.is_none()).count(), 32, "the queue's patience is half a second");
    assert!(ends.iter().flatten().all(|code| *code == Code::RateLimited));
}

/// A source with two places and a queue of three.
fn small() -> Source {
    let mut source = source();
    (source.limits.in_flight, source.limits.queue) = (2, 3);
    source
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_quota_takes_no_place_of_others() {
    let bottom = Bottom::seeing(|n, ask| match ask.plan.bucket {
        "search" if n == 1 => Step::with(429, "retry-after", 5),
        _ => Step::ok(),
    });
    let judge = |reply: &Reply| match reply.status.as_u16() {
        429 => Verdict::Exhausted { wait: reply.retry_after() },
        _ => Verdict::Accept,
    };
    let search = || {
        let mut ask = ask_on(Class::Read, Repeat::Safe, "search");
        Arc::get_mut(&mut ask.plan).unwrap().judge = judge;
        ask
    };
    let (stack, cx, start) = (stack(&small(), fixed_tokens(), Arc::clone(&bottom)), cx(10), Instant::now());
    // One is refused and tries again later, three more are held back: more than there are places.
    let held = futures::future::join_all((0..4).map(|_| code(&stack, &cx, search())));
    let ready = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let end = code(&stack, &cx, read()).await;
        (end, start.elapsed() < Duration::from_secs(2))
    };
    let (held, ready) = futures::future::join(held, ready).await;
    assert_eq!(ready, (None, true));
    assert_eq!(held, [None; 4], "and they are served once it renews");
}

#[tokio::test(start_paused = true)]
async fn who_waits_to_try_again_takes_no_place_of_others() {
    let busy = |reply: &Reply| match reply.status.as_u16() {
        429 => Verdict::Busy { wait: reply.retry_after() },
        _ => Verdict::Accept,
    };
    let bottom = Bottom::new(|n| if n < 3 { Step::with(429, "retry-after", 5) } else { Step::ok() });
    let (stack, cx, start) = (stack(&small(), fixed_tokens(), Arc::clone(&bottom)), cx(10), Instant::now());
    let held = futures::future::join_all((0..2).map(|_| {
        let mut ask = read();
        Arc::get_mut(&mut ask.plan).unwrap().judge = busy;
        code(&stack, &cx, ask)
    }));
    let ready = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let end = code(&stack, &cx, read()).await;
        (end, start.elapsed() < Duration::from_secs(2))
    };
    assert_eq!(futures::future::join(held, ready).await, (vec![None; 2], (None, true)));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_quota_is_bounded_too() {
    let bottom = Bottom::new(|n| if n == 1 { Step::with(429, "retry-after", 5) } else { Step::ok() });
    let mut source = small();
    source.limits.attempts = 1;
    let (stack, cx) = (stack(&source, fixed_tokens(), Arc::clone(&bottom)), cx(10));
    assert_eq!(code(&stack, &cx, read()).await, Some(Code::RateLimited));
    let start = Instant::now();
    let calls = (0..5).map(|_| async {
        let error = run(&stack, &cx, read()).await.err();
        (
            error.map(|error| (error.code(), error.wait().map(|wait| wait.as_secs()))),
            start.elapsed().as_secs(),
        )
    });
    let ends = futures::future::join_all(calls).await;
    assert!(ends[..3].iter().all(|(error, after)| error.is_none() && *after >= 5), "{ends:?}");
    assert_eq!(ends[3..], [(Some((Code::RateLimited, Some(5))), 0); 2], "no room to wait: told at once");
    assert_eq!(code(&stack, &cx, read()).await, None);
}

#[tokio::test(start_paused = true)]
async fn the_journal_tells_what_was_said() {
    let bottom = Bottom::new(|n| Step::status(if n < 3 { 503 } else { 200 }));
    let (stack, cx) = (over(&bottom), cx(10));
    code(&stack, &cx, read()).await;
    let entries = cx.journal().entries();
    let [sent] = entries.as_slice() else { panic!("one exchange, one entry: {entries:?}") };
    assert_eq!((sent.source.as_str(), sent.vendor, sent.host.as_str()), ("jira-eu", "jira", "jira.example"));
    assert_eq!((sent.method.as_str(), sent.path_template), ("GET", "/issue/{key}"));
    assert_eq!((sent.status, sent.request_id.as_deref(), sent.attempts), (Some(200), Some("r-3"), 3));
    assert!(sent.latency_ms >= 60, "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_refusal_after_an_attempt_without_an_answer_leaves_the_doubt_in_the_journal() {
    // The vendor still works on the first, and refuses the second for it.
    for (first, may_have_changed) in [
        ((|| Step::Fail(Kind::Lost)) as fn() -> Step, true),
        (|| Step::status(503), true),
        (|| Step::Hang, true),
        (|| Step::Fail(Kind::Connect), false),
        (|| Step::status(429), false),
    ] {
        let bottom = Bottom::new(move |n| if n == 1 { first() } else { Step::status(409) });
        let (stack, cx) = (over(&bottom), cx(20));
        assert_eq!(code(&stack, &cx, ask(Class::Write, Repeat::Safe)).await, Some(Code::Conflict));
        let entries = cx.journal().entries();
        assert_eq!((entries[0].status, entries[0].attempts), (Some(409), 2));
        assert_eq!(
            (entries[0].unclear, cx.journal().may_have_changed()),
            (may_have_changed, may_have_changed)
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_given_up_is_in_the_journal_all_the_same() {
    let bottom = Bottom::new(|_| Step::Hang);
    let (stack, cx) = (over(&bottom), cx(10));
    let given_up = tokio::time::timeout(Duration::from_secs(1), code(&stack, &cx, write())).await;
    assert!(given_up.is_err());
    assert_eq!(cx.journal().entries().len(), 1);
    assert_eq!(cx.journal().entries()[0].status, None);
}

#[tokio::test(start_paused = true)]
async fn an_error_names_the_vendors_side() {
    let bottom = Bottom::new(|_| Step::status(404));
    let error = run(&over(&bottom), &cx(10), read()).await.unwrap_err();
    let upstream = error.vendor().unwrap();
    assert_eq!((upstream.vendor.as_str(), upstream.status), ("jira", Some(404)));
    assert_eq!(upstream.request_id.as_deref(), Some("r-1"));
}

#[tokio::test(start_paused = true)]
async fn a_call_without_a_deadline_has_that_of_its_class() {
    let bottom = Bottom::new(|_| Step::Hang);
    let start = Instant::now();
    assert_eq!(code(&over(&bottom), &Cx::for_test(), read()).await, Some(Code::UpstreamUnavailable));
    assert!(start.elapsed() <= Duration::from_secs(10));
}

/// What is fetched for everybody may take longer than whoever began it may wait; a pause is told all the same.
#[tokio::test(start_paused = true)]
async fn a_pause_that_outlasts_who_waits_for_shared_data_is_told_at_once() {
    for (pause, expected) in [(25, Some(Code::RateLimited)), (4, None)] {
        let bottom = Bottom::new(move |n| match n {
            1 => Step::with(429, "retry-after", pause),
            _ => Step::ok(),
        });
        let (stack, shared) = (Arc::new(over(&bottom)), call::Cached::new());
        let start = Instant::now();
        for _ in 0..2 {
            let stack = Arc::clone(&stack);
            let fetch = |cx: Cx| async move {
                let value = run(&stack, &cx, read()).await?.status;
                Ok(call::Fresh { value, fresh_for: Duration::ZERO, valid_for: Duration::ZERO })
            };
            let told = shared.shared(&cx(20), fetch).await.err();
            assert_eq!(told.as_ref().map(error::Error::code), expected);
            let wait = told.and_then(|error| error.wait()).unwrap_or_default();
            assert_eq!(wait > Duration::from_secs(20), expected.is_some());
        }
        assert!(expected.is_none() || start.elapsed() < Duration::from_secs(1), "{:?}", start.elapsed());
    }
}
