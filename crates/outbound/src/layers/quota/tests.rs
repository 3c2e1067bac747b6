use std::sync::Arc;

use call::Stack;
use jiff::Timestamp;

use super::*;
use crate::layers::Judge;
use crate::layers::testing::{Bottom, Step, ask_on, code, cx, read, run, source, write};
use crate::{Class, Limit, Repeat, Verdict};

fn stack(bottom: &Arc<Bottom>) -> Stack<Ask, Answer> {
    let mut source = source();
    source.profile.quota = |headers, _| {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<i64>().ok();
        // As GitHub tells it: one header of the two is enough to try the rest.
        let reset = Timestamp::from_second(number("x-ratelimit-reset")?).ok()?;
        Some(Limit { remaining: 0, reset })
    };
    Stack::over(Arc::clone(bottom)).layer(Quota::new(&source)).layer(Judge::new(&source))
}

/// Seconds after the test's present time, as a time stamp.
fn reset(seconds: i64) -> i64 {
    "2026-11-21T06:00:00Z".parse::<Timestamp>().unwrap().as_second() + seconds
}

#[tokio::test(start_paused = true)]
async fn one_call_learns_and_a_hundred_wait_apart() {
    let bottom = Bottom::new(|n| if n == 1 { Step::with(429, "retry-after", 4) } else { Step::ok() });
    let (stack, cx) = (stack(&bottom), cx(10));
    assert_eq!(code(&stack, &cx, read()).await, Some(Code::RateLimited));
    let learned = Instant::now();
    let all = futures::future::join_all((0..100).map(|_| code(&stack, &cx, read()))).await;
    assert!(all.iter().all(Option::is_none), "they waited and were served");
    let arrived: Vec<_> = bottom.at().into_iter().skip(1).map(|at| at - learned).collect();
    assert!(arrived.iter().all(|at| *at >= Duration::from_secs(4)), "none came too early");
    let spread = *arrived.iter().max().unwrap() - *arrived.iter().min().unwrap();
    assert!(spread > Duration::from_millis(100), "they did not come as one: {spread:?}");
}

#[tokio::test(start_paused = true)]
async fn after_a_throttle_one_goes_ahead_and_the_others_follow_if_it_is_let_in() {
    let bottom = Bottom::new(|n| if n < 4 { Step::with(429, "retry-after", 1) } else { Step::ok() });
    let (stack, cx) = (stack(&bottom), cx(10));
    let all = futures::future::join_all((0..3).map(|_| code(&stack, &cx, read()))).await;
    assert!(all.iter().all(Option::is_some), "three were under way when it began");
    let all = futures::future::join_all((0..100).map(|_| code(&stack, &cx, read()))).await;
    assert!(all.iter().all(Option::is_none));
    let at = bottom.at();
    assert!(at[4] - at[3] >= Duration::from_millis(20), "the fourth was alone until it came back");
}

#[tokio::test(start_paused = true)]
async fn a_scout_that_is_given_up_leaves_its_task_to_the_next() {
    let bottom = Bottom::new(|n| match n {
        1 => Step::with(429, "retry-after", 1),
        2 => Step::Hang,
        _ => Step::ok(),
    });
    let (stack, cx) = (stack(&bottom), cx(10));
    code(&stack, &cx, read()).await;
    let scout = tokio::time::timeout(Duration::from_secs(2), code(&stack, &cx, read())).await;
    assert!(scout.is_err());
    assert_eq!(code(&stack, &cx, read()).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_slow_scout_holds_the_others_back_for_a_second_only() {
    let bottom = Bottom::new(|n| match n {
        1 => Step::with(429, "retry-after", 1),
        2 => Step::Hang,
        _ => Step::ok(),
    });
    let (stack, cx, start) = (stack(&bottom), cx(20), Instant::now());
    code(&stack, &cx, read()).await;
    let scout = tokio::time::timeout(Duration::from_secs(10), code(&stack, &cx, read()));
    let others = async {
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let all = futures::future::join_all((0..100).map(|_| code(&stack, &cx, read()))).await;
        assert!(all.iter().all(Option::is_none));
        start.elapsed()
    };
    let (scout, took) = tokio::join!(scout, others);
    assert!(scout.is_err());
    assert!(took < Duration::from_secs(4), "{took:?}");
    let at = bottom.at();
    assert!(at[2] - at[1] >= Duration::from_secs(1), "the first scout had its second");
    assert!(at[3] - at[2] >= Duration::from_millis(20), "the second was alone too");
}

#[tokio::test(start_paused = true)]
async fn a_throttle_is_over_with_any_reply_that_is_no_limit() {
    for reply in [|| Step::status(503), || Step::Reply(200, None, "<html>")] {
        let bottom = Bottom::new(move |n| match n {
            1 => Step::with(429, "retry-after", 1),
            2 => reply(),
            _ => Step::ok(),
        });
        let (stack, cx) = (stack(&bottom), cx(10));
        code(&stack, &cx, read()).await;
        assert!(code(&stack, &cx, read()).await.is_some());
        let start = Instant::now();
        let all = futures::future::join_all((0..100).map(|_| code(&stack, &cx, read()))).await;
        assert!(all.iter().all(Option::is_none));
        assert!(start.elapsed() < Duration::from_millis(100), "nobody scouts: {:?}", start.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_scout_that_lost_its_connection_has_learned_nothing() {
    let bottom = Bottom::new(|n| match n {
        1 => Step::with(429, "retry-after", 1),
        2 => Step::Fail(Kind::Lost),
        _ => Step::ok(),
    });
    let (stack, cx) = (stack(&bottom), cx(10));
    code(&stack, &cx, read()).await;
    assert!(code(&stack, &cx, read()).await.is_some());
    futures::future::join_all((0..3).map(|_| code(&stack, &cx, read()))).await;
    let at = bottom.at();
    assert!(at[3] - at[2] >= Duration::from_millis(20), "the next scouts");
}

#[tokio::test(start_paused = true)]
async fn a_scout_that_comes_back_late_does_not_end_a_newer_throttle() {
    let quota = Quota::new(&source());
    quota.throttle(Duration::from_secs(1));
    tokio::time::advance(Duration::from_secs(1)).await;
    let Ok(scout) = quota.pass("") else { panic!("its second is over") };
    quota.throttle(Duration::from_secs(30));
    quota.let_in();
    drop(scout);
    assert!(quota.pass("").is_err(), "the vendor said so since");
    tokio::time::advance(Duration::from_secs(30)).await;
    quota.let_in();
    assert!(matches!(quota.pass(""), Ok(None)));
}

#[tokio::test(start_paused = true)]
async fn a_block_beyond_the_deadline_is_told_at_once() {
    let bottom = Bottom::new(|_| Step::with(429, "retry-after", 30));
    let (stack, cx) = (stack(&bottom), cx(10));
    code(&stack, &cx, read()).await;
    let start = Instant::now();
    let error = run(&stack, &cx, read()).await.unwrap_err();
    assert_eq!((error.code(), error.wait()), (Code::RateLimited, Some(Duration::from_secs(30))));
    assert_eq!((bottom.asked(), start.elapsed()), (1, Duration::ZERO));
}

#[tokio::test(start_paused = true)]
async fn a_long_retry_after_is_believed_for_a_minute() {
    let bottom = Bottom::new(|n| if n == 1 { Step::with(429, "retry-after", 86_400) } else { Step::ok() });
    let stack = stack(&bottom);
    code(&stack, &cx(10), read()).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(code(&stack, &cx(10), read()).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_used_up_quota_holds_back_its_own_bucket() {
    let bottom = Bottom::seeing(|_, ask| match ask.plan.bucket {
        "search" => Step::with(200, "x-ratelimit-reset", reset(60)),
        _ => Step::ok(),
    });
    let stack = stack(&bottom);
    let search = || ask_on(Class::Read, Repeat::Safe, "search");
    assert_eq!(code(&stack, &cx(10), search()).await, None, "the last of the quota is served");
    let error = run(&stack, &cx(10), search()).await.unwrap_err();
    assert_eq!(error.code(), Code::RateLimited, "it renews soon");
    let wait = error.wait().unwrap();
    assert!(wait > Duration::from_secs(59) && wait <= Duration::from_secs(60), "{wait:?}");
    assert_eq!(code(&stack, &cx(10), read()).await, None, "others are not held back");
    tokio::time::advance(Duration::from_secs(61)).await;
    assert_eq!(code(&stack, &cx(10), search()).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_quota_blocks_until_it_renews_or_for_an_hour() {
    let exhausted = |_: &Reply| Verdict::Exhausted { wait: Some(Duration::from_secs(1_000_000)) };
    let bottom = Bottom::new(|_| Step::status(403));
    let stack = stack(&bottom);
    let mut ask = read();
    Arc::get_mut(&mut ask.plan).unwrap().judge = exhausted;
    assert_eq!(code(&stack, &cx(10), ask.clone()).await, Some(Code::QuotaExhausted));
    for (seconds, asked) in [(3590, 1), (20, 2)] {
        tokio::time::advance(Duration::from_secs(seconds)).await;
        assert_eq!(code(&stack, &cx(1), ask.clone()).await, Some(Code::QuotaExhausted));
        assert_eq!(bottom.asked(), asked);
    }
}

#[tokio::test(start_paused = true)]
async fn every_caller_is_told_when_a_quota_renews_and_not_when_it_is_looked_at_again() {
    for (renews, told) in [(5 * 3600, 5 * 3600), (48 * 3600, 24 * 3600)] {
        let bottom = Bottom::new(move |_| Step::with(200, "x-ratelimit-reset", reset(renews)));
        let stack = stack(&bottom);
        assert_eq!(code(&stack, &cx(10), read()).await, None);
        let error = run(&stack, &cx(10), read()).await.unwrap_err();
        assert_eq!(error.code(), Code::QuotaExhausted);
        assert_eq!(error.wait(), Some(Duration::from_secs(told)));
        tokio::time::advance(Duration::from_secs(3600)).await;
        assert_eq!(code(&stack, &cx(10), read()).await, None, "an hour on it is tried");
        assert_eq!(bottom.asked(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_used_up_quota_is_a_rate_once_it_renews_within_two_minutes() {
    let bottom = Bottom::new(|_| Step::with(200, "x-ratelimit-reset", reset(600)));
    let stack = stack(&bottom);
    assert_eq!(code(&stack, &cx(10), read()).await, None);
    assert_eq!(code(&stack, &cx(10), read()).await, Some(Code::QuotaExhausted));
    tokio::time::advance(Duration::from_secs(500)).await;
    let error = run(&stack, &cx(10), read()).await.unwrap_err();
    assert_eq!(error.code(), Code::RateLimited);
    assert!(error.wait().is_some_and(|wait| wait <= Duration::from_secs(100)), "{:?}", error.wait());
    assert_eq!(bottom.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_refusal_for_a_short_quota_holds_back_its_own_bucket_and_is_a_rate() {
    let exhausted = |_: &Reply| Verdict::Exhausted { wait: Some(Duration::from_secs(30)) };
    let bottom = Bottom::seeing(|_, ask| Step::status(if ask.plan.bucket == "search" { 403 } else { 200 }));
    let stack = stack(&bottom);
    let mut search = ask_on(Class::Read, Repeat::Safe, "search");
    Arc::get_mut(&mut search.plan).unwrap().judge = exhausted;
    for _ in 0..2 {
        assert_eq!(code(&stack, &cx(10), search.clone()).await, Some(Code::RateLimited));
        assert_eq!(bottom.asked(), 1);
    }
    assert_eq!(code(&stack, &cx(10), read()).await, None, "others are not held back");
}

#[tokio::test(start_paused = true)]
async fn a_busy_record_holds_back_no_other_request() {
    let busy = |_: &Reply| Verdict::Busy { wait: Some(Duration::from_secs(30)) };
    let bottom = Bottom::seeing(|_, ask| Step::status(if ask.plan.bucket == "busy" { 429 } else { 200 }));
    let stack = stack(&bottom);
    let mut crowded = ask_on(Class::Write, Repeat::Once, "busy");
    Arc::get_mut(&mut crowded.plan).unwrap().judge = busy;
    for _ in 0..2 {
        assert_eq!(code(&stack, &cx(10), crowded.clone()).await, Some(Code::RateLimited));
        for other in [read(), write()] {
            assert_eq!(code(&stack, &cx(10), other).await, None);
        }
    }
    assert_eq!(bottom.asked(), 6);
}

#[tokio::test(start_paused = true)]
async fn a_quota_of_which_nothing_is_told_is_no_rate() {
    let exhausted = |_: &Reply| Verdict::Exhausted { wait: None };
    let bottom = Bottom::new(|_| Step::status(403));
    let stack = stack(&bottom);
    let mut ask = read();
    Arc::get_mut(&mut ask.plan).unwrap().judge = exhausted;
    for _ in 0..2 {
        assert_eq!(code(&stack, &cx(10), ask.clone()).await, Some(Code::QuotaExhausted));
    }
    assert_eq!(bottom.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_reset_in_the_past_blocks_nothing() {
    let bottom = Bottom::new(|_| Step::with(200, "x-ratelimit-reset", reset(-5)));
    let stack = stack(&bottom);
    for _ in 0..2 {
        assert_eq!(code(&stack, &cx(10), read()).await, None);
    }
}
