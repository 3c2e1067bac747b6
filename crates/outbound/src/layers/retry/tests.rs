use std::sync::Arc;

use call::Stack;
use tokio::time::Instant;

use super::*;
use crate::layers::testing::{Bottom, Step, ask, code, cx, read, run, source, write};
use crate::layers::{Attempt, Breaker, Deadline, Judge};
use crate::{Reply, Verdict};

fn stack(bottom: &Arc<Bottom>) -> Stack<Ask, Answer> {
    let source = source();
    Stack::over(Arc::clone(bottom))
        .layer(Deadline)
        .layer(Retry::new(&source))
        .layer(Attempt::new(&source))
        .layer(Judge::new(&source))
}

#[tokio::test(start_paused = true)]
async fn a_read_is_repeated_after_what_may_pass() {
    for failure in [
        || Step::status(503),
        || Step::status(408),
        || Step::Reply(200, None, "<html>login</html>"),
        || Step::Reply(200, None, r#"{"cut": "#),
        || Step::Reply(200, None, ""),
        || Step::Fail(Kind::Lost),
        || Step::Fail(Kind::Connect),
        || Step::status(429),
    ] {
        let bottom = Bottom::new(move |n| if n < 3 { failure() } else { Step::ok() });
        assert_eq!(code(&stack(&bottom), &cx(10), read()).await, None);
        assert_eq!(bottom.asked(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn three_attempts_are_the_most() {
    let table = [(503, Code::UpstreamUnavailable), (429, Code::RateLimited)];
    for (status, expected) in table {
        let bottom = Bottom::new(move |_| Step::status(status));
        assert_eq!(code(&stack(&bottom), &cx(10), read()).await, Some(expected));
        assert_eq!(bottom.asked(), 3);
    }
}

#[tokio::test(start_paused = true)]
async fn what_will_not_pass_is_asked_once() {
    let table = [
        (400, Code::InvalidArgument),
        (403, Code::Permission),
        (404, Code::NotFound),
        (409, Code::Conflict),
        (505, Code::UpstreamUnavailable),
    ];
    for (status, expected) in table {
        let bottom = Bottom::new(move |_| Step::status(status));
        assert_eq!(code(&stack(&bottom), &cx(10), read()).await, Some(expected));
        assert_eq!(bottom.asked(), 1, "{status}");
    }
    let bottom = Bottom::new(|_| Step::Fail(Kind::TooLarge));
    code(&stack(&bottom), &cx(10), read()).await;
    assert_eq!(bottom.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_write_that_may_have_taken_effect_is_not_sent_again() {
    for failure in [
        || Step::status(500),
        || Step::status(524),
        || Step::Fail(Kind::Lost),
        || Step::Hang,
        || Step::Fail(Kind::TooLarge),
    ] {
        let bottom = Bottom::new(move |_| failure());
        let error = run(&stack(&bottom), &cx(20), write()).await.unwrap_err();
        assert_eq!(error.code(), Code::OutcomeUnknown);
        assert_eq!(error.wire("c").operation.as_deref(), Some("op-1"));
        assert_eq!(bottom.asked(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_the_vendor_said_of_a_write_in_doubt_is_in_the_log_and_nowhere_else() {
    let bottom = Bottom::new(|_| Step::Reply(500, None, "canary"));
    let error = run(&stack(&bottom), &cx(20), write()).await.unwrap_err();
    assert_eq!(error.code(), Code::OutcomeUnknown);
    assert!(format!("{error:?}").contains("500: canary"), "{error:?}");
    assert!(!serde_json::to_string(&error.wire("c")).unwrap().contains("canary"));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_took_no_effect_is_sent_again() {
    for failure in [|| Step::Fail(Kind::Connect), || Step::status(429)] {
        let bottom = Bottom::new(move |n| if n == 1 { failure() } else { Step::Reply(201, None, "") });
        assert_eq!(code(&stack(&bottom), &cx(20), write()).await, None);
        assert_eq!(bottom.asked(), 2);
    }
    let bottom = Bottom::new(|_| Step::Fail(Kind::Connect));
    let unreachable = code(&stack(&bottom), &cx(20), write()).await;
    assert_eq!(unreachable, Some(Code::UpstreamUnavailable), "nothing was sent, so nothing is unknown");
}

#[tokio::test(start_paused = true)]
async fn an_idempotent_write_is_sent_again_and_its_end_is_told_honestly() {
    let idempotent = || ask(Class::Write, Repeat::Safe);
    let bottom = Bottom::new(|n| if n == 1 { Step::Fail(Kind::Lost) } else { Step::ok() });
    assert_eq!(code(&stack(&bottom), &cx(20), idempotent()).await, None);
    assert_eq!(bottom.asked(), 2);
    let bottom = Bottom::new(|n| if n == 1 { Step::Fail(Kind::Lost) } else { Step::Fail(Kind::Connect) });
    let end = code(&stack(&bottom), &cx(20), idempotent()).await;
    assert_eq!(end, Some(Code::OutcomeUnknown), "the first attempt may have taken effect");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_waited_for_if_there_is_time() {
    let bottom = Bottom::new(|_| Step::with(429, "retry-after", 1));
    let start = Instant::now();
    let error = run(&stack(&bottom), &cx(10), read()).await.unwrap_err();
    assert_eq!((error.code(), error.wait()), (Code::RateLimited, Some(Duration::from_secs(1))));
    assert_eq!(bottom.asked(), 3);
    assert!(start.elapsed() >= Duration::from_secs(2), "one second before each repetition");
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_does_not_fit_is_told_at_once() {
    for (value, told) in [("3600", 60), ("30", 30), ("Sat, 21 Nov 2026 06:00:42 GMT", 42)] {
        let bottom = Bottom::new(move |_| Step::with(429, "retry-after", value));
        let start = Instant::now();
        let error = run(&stack(&bottom), &cx(10), read()).await.unwrap_err();
        assert_eq!((error.code(), error.wait()), (Code::RateLimited, Some(Duration::from_secs(told))));
        assert_eq!(bottom.asked(), 1);
        assert!(start.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test(start_paused = true)]
async fn a_busy_record_is_waited_for_if_there_is_time() {
    let judge = |reply: &Reply| match reply.status.as_u16() {
        429 => Verdict::Busy { wait: reply.retry_after() },
        _ => Verdict::Accept,
    };
    for (seconds, told, asked) in [(2, None, 2), (30, Some((Code::RateLimited, Some(30))), 1)] {
        let bottom =
            Bottom::new(move |n| if n == 1 { Step::with(429, "retry-after", seconds) } else { Step::ok() });
        let mut ask = write();
        Arc::get_mut(&mut ask.plan).unwrap().judge = judge;
        let error = run(&stack(&bottom), &cx(10), ask).await.err();
        let end = error.map(|error| (error.code(), error.wait().map(|wait| wait.as_secs())));
        assert_eq!((end, bottom.asked()), (told, asked));
    }
}

#[tokio::test(start_paused = true)]
async fn a_wait_that_is_none_falls_back_to_jitter() {
    for value in ["-5", "soon", "1.5", ""] {
        let bottom =
            Bottom::new(move |n| if n == 1 { Step::with(429, "retry-after", value) } else { Step::ok() });
        assert_eq!(code(&stack(&bottom), &cx(10), read()).await, None, "{value}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dead_vendor_is_not_asked_thrice_by_everyone() {
    let bottom = Bottom::new(|_| Step::status(503));
    let stack = stack(&bottom);
    for _ in 0..200 {
        code(&stack, &cx(10), read()).await;
    }
    assert_eq!(bottom.asked(), 235, "each once, and 500 / 14 retries in all");
}

#[tokio::test(start_paused = true)]
async fn a_silent_vendor_costs_the_deadline_and_no_more() {
    let bottom = Bottom::new(|_| Step::Hang);
    let start = Instant::now();
    let end = code(&stack(&bottom), &cx(10), read()).await;
    assert_eq!(end, Some(Code::UpstreamUnavailable));
    assert_eq!(bottom.asked(), 3, "4 s, 4 s and the rest");
    assert!(start.elapsed() < Duration::from_secs(10));
}

#[tokio::test(start_paused = true)]
async fn a_vendor_left_alone_between_two_attempts_is_blamed_for_what_it_did() {
    let bottom = Bottom::new(|_| Step::Fail(Kind::Connect));
    let source = source();
    let stack = Stack::over(Arc::clone(&bottom))
        .layer(Deadline)
        .layer(Retry::new(&source))
        .layer(Breaker::new(&source))
        .layer(Attempt::new(&source))
        .layer(Judge::new(&source));
    // Five in a row that cannot connect open the breaker: the second request is let through twice.
    run(&stack, &cx(10), read()).await.unwrap_err();
    let error = run(&stack, &cx(10), read()).await.unwrap_err();
    assert_eq!((error.code(), bottom.asked()), (Code::UpstreamUnavailable, 5));
    assert_eq!((error.message(), error.wait().is_some()), ("broken", true), "and when it is asked again");
    let held = run(&stack, &cx(10), read()).await.unwrap_err();
    assert!(held.message().contains("left alone") && bottom.asked() == 5, "{held:?}");
}

#[tokio::test(start_paused = true)]
async fn no_attempt_begins_without_time() {
    let bottom = Bottom::new(|_| Step::ok());
    let late = cx(10).with_deadline(Instant::now() + Duration::from_millis(249));
    assert_eq!(code(&stack(&bottom), &late, read()).await, Some(Code::Deadline));
    assert_eq!(bottom.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_read_stops_and_a_sent_write_does_not() {
    for (request, expected) in [(read(), Some(Code::Deadline)), (write(), None)] {
        let bottom = Bottom::taking(Duration::from_secs(1), |_, _| Step::ok());
        let (stack, cx) = (stack(&bottom), cx(10));
        let canceller = cx.cancel().clone();
        let (end, ()) = tokio::join!(code(&stack, &cx, request), async {
            tokio::time::sleep(Duration::from_millis(500)).await;
            canceller.cancel();
        });
        assert_eq!(end, expected);
        assert_eq!(bottom.asked(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_cancelled_before_is_not_sent() {
    let bottom = Bottom::new(|_| Step::ok());
    let cx = cx(10);
    cx.cancel().cancel();
    assert_eq!(code(&stack(&bottom), &cx, write()).await, Some(Code::Deadline));
    assert_eq!(bottom.asked(), 0);
}
