use proptest::prelude::*;

use super::*;

fn gate() -> Arc<Gate> {
    Arc::new(Gate::new("jira-eu", Class::Read))
}

fn attempt(gate: &Arc<Gate>, grade: Grade) -> Result<(), Duration> {
    gate.enter(None).map(|permit| permit.settle(Some(grade)))
}

async fn opened() -> Arc<Gate> {
    let gate = gate();
    (0..5).for_each(|_| attempt(&gate, Grade::Unconnected).unwrap());
    assert!(attempt(&gate, Grade::Good).is_err());
    gate
}

async fn after_its_window(gate: &Arc<Gate>) {
    let left = gate.enter(None).err().unwrap();
    tokio::time::advance(left).await;
}

#[tokio::test(start_paused = true)]
async fn it_opens_probes_and_closes() {
    let gate = opened().await;
    let left = gate.enter(None).err().unwrap();
    assert!(left >= OPEN && left <= OPEN.mul_f64(1.1), "{left:?}");
    after_its_window(&gate).await;
    let probes: Vec<_> = (0..3).map(|_| gate.enter(None).ok().unwrap()).collect();
    assert!(gate.enter(None).is_err(), "three probes and no more");
    let mut probes = probes.into_iter();
    probes.next().unwrap().settle(Some(Grade::Good));
    probes.next().unwrap().settle(Some(Grade::Good));
    assert_eq!(gate.state(), HALF_OPEN, "two successes are not enough");
    probes.next().unwrap().settle(Some(Grade::Good));
    assert_eq!(gate.state(), CLOSED);
    assert!((0..100).all(|_| attempt(&gate, Grade::Good).is_ok()));
}

#[tokio::test(start_paused = true)]
async fn a_failed_probe_doubles_the_time_up_to_a_minute() {
    let gate = opened().await;
    for seconds in [5, 10, 20, 40, 60, 60] {
        let left = gate.enter(None).err().unwrap();
        let least = Duration::from_secs(seconds);
        assert!(left >= least && left <= least.mul_f64(1.1), "{seconds}: {left:?}");
        after_its_window(&gate).await;
        attempt(&gate, Grade::Bad).unwrap();
    }
    after_its_window(&gate).await;
    (0..3).for_each(|_| attempt(&gate, Grade::Good).unwrap());
    (0..5).for_each(|_| attempt(&gate, Grade::Unconnected).unwrap());
    assert!(gate.enter(None).err().unwrap() <= OPEN.mul_f64(1.1), "closed in between: it starts over");
}

#[tokio::test(start_paused = true)]
async fn an_answer_from_before_the_last_change_counts_for_nothing() {
    let gate = gate();
    let late: Vec<_> = (0..10).map(|_| gate.enter(None).ok().unwrap()).collect();
    (0..5).for_each(|_| attempt(&gate, Grade::Unconnected).unwrap());
    after_its_window(&gate).await;
    let probe = gate.enter(None).ok().unwrap();
    late.into_iter().for_each(|permit| permit.settle(Some(Grade::Good)));
    assert_eq!(gate.state(), HALF_OPEN, "late successes do not close it");
    probe.settle(Some(Grade::Bad));
    assert_eq!(gate.state(), OPENED);
}

#[tokio::test(start_paused = true)]
async fn what_says_nothing_frees_its_probe() {
    let gate = opened().await;
    after_its_window(&gate).await;
    for _ in 0..10 {
        gate.enter(None).ok().unwrap().settle(None);
    }
    assert_eq!(gate.state(), HALF_OPEN);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_attempt_is_a_failure_only_after_its_deadline() {
    for (late, state) in [(false, CLOSED), (true, OPENED)] {
        let gate = gate();
        let deadline = Instant::now() + Duration::from_secs(1);
        let permits: Vec<_> = (0..20).map(|_| gate.enter(Some(deadline)).ok().unwrap()).collect();
        tokio::time::advance(Duration::from_millis(if late { 1000 } else { 999 })).await;
        drop(permits);
        assert_eq!(gate.state(), state, "late: {late}");
    }
}

#[tokio::test(start_paused = true)]
async fn slowness_opens_it_too() {
    let gate = gate();
    (0..20).for_each(|_| attempt(&gate, Grade::Slow).unwrap());
    assert_eq!(gate.state(), OPENED);
}

#[derive(Clone, Debug)]
enum Event {
    Enter,
    Settle(usize, Option<Grade>),
    Drop(usize),
    Wait(u64),
}

fn event() -> impl Strategy<Value = Event> {
    let grade = prop_oneof![
        3 => Just(Some(Grade::Good)), 1 => Just(Some(Grade::Slow)), 3 => Just(Some(Grade::Bad)),
        3 => Just(Some(Grade::Unconnected)), 1 => Just(None),
    ];
    prop_oneof![
        5 => Just(Event::Enter),
        4 => (any::<usize>(), grade).prop_map(|(at, grade)| Event::Settle(at, grade)),
        1 => any::<usize>().prop_map(Event::Drop),
        2 => (0u64..8_000).prop_map(Event::Wait),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5_000, failure_persistence: None, ..ProptestConfig::default() })]
    /// Whatever happens in whatever order: while open nothing passes, while half-open at most three are under
    /// way, and only an answer of the present era changes anything.
    #[test]
    fn it_keeps_its_word(events in prop::collection::vec(event(), 1..120)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
        runtime.block_on(async {
            let gate = gate();
            let mut held: Vec<Permit> = Vec::new();
            for event in events {
                let (state, era) = (gate.state(), gate.lock().number);
                match event {
                    Event::Enter => match gate.enter(None) {
                        Ok(permit) => held.push(permit),
                        Err(left) => {
                            prop_assert_ne!(gate.state(), CLOSED, "closed refuses nobody");
                            prop_assert!(left <= LONGEST_OPEN.mul_f64(1.1));
                        }
                    },
                    Event::Settle(at, grade) if !held.is_empty() => {
                        let permit = held.swap_remove(at % held.len());
                        let is_late = permit.era != era;
                        permit.settle(grade);
                        if is_late {
                            prop_assert_eq!((state, era), (gate.state(), gate.lock().number));
                        }
                    }
                    Event::Drop(at) if !held.is_empty() => drop(held.swap_remove(at % held.len())),
                    Event::Wait(millis) => tokio::time::advance(Duration::from_millis(millis)).await,
                    Event::Settle(..) | Event::Drop(_) => {}
                }
                let era = gate.lock().number;
                let present = held.iter().filter(|permit| permit.era == era).count();
                match gate.state() {
                    HALF_OPEN => prop_assert!(present <= PROBES as usize, "{present} probes"),
                    OPENED => prop_assert_eq!(present, 0),
                    _ => {}
                }
            }
            // Whatever happened, a vendor that works again is let back in.
            drop(held);
            for _ in 0..8 {
                tokio::time::advance(LONGEST_OPEN * 2).await;
                (0..3).for_each(|_| { let _ = attempt(&gate, Grade::Good); });
            }
            prop_assert_eq!(gate.state(), CLOSED);
            Ok(())
        })?;
    }
}
