use super::*;
use proptest::prelude::*;

const S: i64 = 1_000;

fn rule() -> Rule<'static> {
    Rule {
        pending: Pending::Checks(1),
        keep_firing_ms: 0,
        on_no_data: OnNoData::Alert,
        renotify: Renotify::Once,
        notify_recovery: true,
        quiet_hours: None,
        snoozed_until: None,
    }
}

fn seen(at: i64, outcome: Outcome) -> Observation {
    Observation { at, clock: at, outcome }
}

const UP: Outcome = Outcome::Holds(Some(9.0));
const MID: Outcome = Outcome::Lingers(Some(6.0));
const DOWN: Outcome = Outcome::Clear(Some(1.0));
const BROKEN: Outcome = Outcome::Failed { may_pass: false };

/// What happens when these are seen, one a second: kind, and whether people are told.
fn run(rule: &Rule<'_>, outcomes: &[Outcome]) -> (State, Vec<(EventKind, bool)>) {
    let mut state = State::default();
    let mut all = Vec::new();
    for (i, outcome) in outcomes.iter().enumerate() {
        let (next, events) = step(&state, &seen((i as i64 + 1) * S, outcome.clone()), rule);
        state = next;
        all.extend(events.into_iter().map(|e| (e.kind, e.tell)));
    }
    (state, all)
}

#[test]
fn it_fires_recovers_and_is_ready_again() {
    use EventKind as K;
    let (state, events) = run(&rule(), &[DOWN, UP, UP, DOWN, UP]);
    assert_eq!(events, [(K::Fired, true), (K::Recovered, true), (K::Fired, true)]);
    assert_eq!((state.status(), state.since(), state.sequence), (Status::Firing, 5 * S, 3));
}

#[test]
fn what_is_pending_is_told_to_nobody() {
    use EventKind as K;
    let three = Rule { pending: Pending::Checks(3), ..rule() };
    let (_, events) = run(&three, &[UP, UP, DOWN, UP, UP, UP, UP]);
    assert_eq!(events, [(K::Pending, false), (K::Calmed, false), (K::Pending, false), (K::Fired, true)]);
    let two_seconds = Rule { pending: Pending::Seconds(2), ..rule() };
    assert_eq!(run(&two_seconds, &[UP, UP, UP]).1, [(K::Pending, false), (K::Fired, true)]);
    assert_eq!(run(&Rule { pending: Pending::Seconds(0), ..rule() }, &[UP]).1, [(K::Fired, true)]);
}

#[test]
fn recovery_waits_and_has_its_own_threshold() {
    use EventKind as K;
    let keeps = Rule { keep_firing_ms: 2 * S, ..rule() };
    let (_, events) = run(&keeps, &[UP, DOWN, UP, DOWN, DOWN, DOWN]);
    let kinds = [K::Fired, K::Recovering, K::Resumed, K::Recovering, K::Recovered];
    assert_eq!(events.iter().map(|e| e.0).collect::<Vec<_>>(), kinds);
    let (_, events) = run(&rule(), &[MID, UP, MID, DOWN, MID]);
    assert_eq!(events, [(K::Fired, true), (K::Recovered, true)]);
}

#[test]
fn nobody_is_told_in_a_snooze_and_everybody_afterwards() {
    use EventKind as K;
    let asleep = Rule { snoozed_until: Some(3 * S), ..rule() };
    assert_eq!(run(&asleep, &[UP, UP, UP, UP]).1, [(K::Fired, false), (K::Reminded, true)]);
    // What came and went in the meantime is told to nobody.
    assert_eq!(run(&asleep, &[UP, DOWN, DOWN]).1, [(K::Fired, false), (K::Recovered, false)]);
    // Those who were told that it fires learn that it is over.
    let (state, _) = run(&rule(), &[UP]);
    let (state, events) = step(&state, &seen(2 * S, DOWN), &asleep);
    assert_eq!((events[0].kind, events[0].tell), (K::Recovered, false));
    let (_, events) = step(&state, &seen(3 * S, DOWN), &asleep);
    assert_eq!((events[0].kind, events[0].tell), (K::RecoveryTold, true));
}

#[test]
fn people_are_told_again_until_somebody_knows() {
    use EventKind as K;
    let each = Rule { renotify: Renotify::EachTime, ..rule() };
    let (mut state, events) = run(&each, &[UP, UP, UP]);
    assert_eq!(events, [(K::Fired, true), (K::Reminded, true), (K::Reminded, true)]);
    state.acknowledged_by = Some("ada".into());
    let (state, events) = step(&state, &seen(4 * S, UP), &each);
    assert!(events.is_empty());
    let (state, events) = step(&state, &seen(5 * S, DOWN), &each);
    assert_eq!((events[0].kind, events[0].tell, state.acknowledged_by), (K::Recovered, true, None));
    let every = Rule { renotify: Renotify::Every { seconds: 2 }, ..rule() };
    let told = run(&every, &[UP, UP, UP, UP, UP]).1.len();
    assert_eq!(told, 3);
}

#[test]
fn a_question_that_fails_is_told_once_and_disturbs_nothing() {
    use EventKind as K;
    let (state, events) = run(&rule(), &[UP, BROKEN, BROKEN, BROKEN]);
    assert_eq!(events, [(K::Fired, true), (K::Broken, true)]);
    assert_eq!(state.status(), Status::Error);
    let (state, events) = step(&state, &seen(5 * S, UP), &rule());
    assert_eq!(events.iter().map(|e| (e.kind, e.tell)).collect::<Vec<_>>(), [(K::Mended, true)]);
    assert_eq!(state.status(), Status::Firing);
    let passing = Outcome::Failed { may_pass: true };
    let (_, events) =
        run(&rule(), &[passing.clone(), passing.clone(), DOWN, passing.clone(), passing.clone(), passing]);
    assert_eq!(events, [(K::Broken, true)]);
}

#[test]
fn no_data_is_what_one_makes_of_it() {
    use EventKind as K;
    let none = Outcome::NoData;
    let run_with = |on_no_data| run(&Rule { on_no_data, ..rule() }, &[UP, none.clone(), none.clone(), UP]).1;
    assert_eq!(run_with(OnNoData::Alert), [(K::Fired, true), (K::NoData, true), (K::DataBack, true)]);
    assert_eq!(run_with(OnNoData::Ignore), [(K::Fired, true), (K::Recovered, true), (K::Fired, true)]);
    assert_eq!(run_with(OnNoData::KeepLast), [(K::Fired, true)]);
    // It waits as long as the condition would.
    let (state, events) =
        run(&Rule { pending: Pending::Checks(2), ..rule() }, &[DOWN, none.clone(), DOWN, none.clone(), none]);
    assert_eq!(events, [(K::NoData, true)]);
    assert_eq!(state.status(), Status::NoData);
}

#[test]
fn time_alone_changes_something_at_known_moments() {
    let due = |rule: &Rule<'_>, outcomes: &[Outcome]| run(rule, outcomes).0.due(rule, 10 * S);
    assert_eq!(due(&rule(), &[UP]), None);
    assert_eq!(due(&Rule { pending: Pending::Seconds(60), ..rule() }, &[DOWN, UP]), Some(62 * S));
    assert_eq!(due(&Rule { pending: Pending::Seconds(60), ..rule() }, &[Outcome::NoData]), Some(61 * S));
    assert_eq!(due(&Rule { keep_firing_ms: 60 * S, ..rule() }, &[UP, DOWN]), Some(62 * S));
    assert_eq!(due(&Rule { renotify: Renotify::Every { seconds: 60 }, ..rule() }, &[UP]), Some(61 * S));
    assert_eq!(due(&Rule { snoozed_until: Some(90 * S), ..rule() }, &[UP]), Some(90 * S));
    let quiet = QuietHours { from: "00:00".into(), to: "07:00".into(), time_zone: String::new() };
    assert_eq!(due(&Rule { quiet_hours: Some(&quiet), ..rule() }, &[UP]), Some(7 * 3_600 * S));
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => Just(UP),
        1 => Just(MID),
        4 => Just(DOWN),
        1 => Just(Outcome::NoData),
        1 => any::<bool>().prop_map(|may_pass| Outcome::Failed { may_pass }),
    ]
}

/// Rules whose snooze ends somewhere in the course.
fn rules() -> impl Strategy<Value = Rule<'static>> {
    let pending = prop_oneof![(1u32..4).prop_map(Pending::Checks), (0u32..20).prop_map(Pending::Seconds)];
    let renotify = prop_oneof![
        Just(Renotify::Once),
        Just(Renotify::EachTime),
        (1u32..30).prop_map(|seconds| Renotify::Every { seconds })
    ];
    let on_no_data = prop_oneof![Just(OnNoData::Alert), Just(OnNoData::Ignore), Just(OnNoData::KeepLast)];
    (pending, 0i64..20, on_no_data, renotify, any::<bool>(), proptest::option::of(0i64..120)).prop_map(
        |(pending, keep, on_no_data, renotify, notify_recovery, snooze)| Rule {
            pending,
            keep_firing_ms: keep * S,
            on_no_data,
            renotify,
            notify_recovery,
            quiet_hours: None,
            snoozed_until: snooze.map(|s| s * S),
        },
    )
}

/// Outcomes with the seconds since the one before.
fn course() -> impl Strategy<Value = Vec<(i64, Outcome)>> {
    proptest::collection::vec((1i64..10, outcome()), 1..60)
}

fn play(rule: &Rule<'_>, seen: impl IntoIterator<Item = Observation>) -> Vec<Event> {
    let mut state = State::default();
    let mut all = Vec::new();
    for seen in seen {
        let (next, mut events) = step(&state, &seen, rule);
        state = next;
        all.append(&mut events);
    }
    all
}

fn timed(course: &[(i64, Outcome)]) -> Vec<Observation> {
    let mut at = 0;
    let next = |(gap, outcome): &(i64, Outcome)| {
        at += gap * S;
        seen(at, outcome.clone())
    };
    course.iter().map(next).collect()
}

proptest! {
    #[test]
    fn a_restart_between_any_two_checks_changes_nothing(rule in rules(), course in course()) {
        let plain = play(&rule, timed(&course));
        let mut state = State::default();
        let mut all = Vec::new();
        for seen in timed(&course) {
            let read: State = serde_json::from_str(&serde_json::to_string(&state).unwrap()).unwrap();
            prop_assert_eq!(&read, &state);
            let (next, mut events) = step(&read, &seen, &rule);
            state = next;
            all.append(&mut events);
        }
        prop_assert_eq!(plain, all);
    }

    #[test]
    fn what_comes_late_or_twice_changes_nothing(
        rule in rules(),
        course in course(),
        late in proptest::collection::vec((0usize..60, 0i64..50, outcome()), 0..20),
    ) {
        let plain = timed(&course);
        let mut mixed = Vec::new();
        for (i, seen) in plain.iter().enumerate() {
            mixed.push(seen.clone());
            for (_, behind, outcome) in late.iter().filter(|(after, ..)| *after == i) {
                mixed.push(Observation { at: seen.at - behind * S, clock: seen.clock, outcome: outcome.clone() });
            }
        }
        prop_assert_eq!(play(&rule, plain), play(&rule, mixed));
    }

    #[test]
    fn a_clock_that_is_set_back_loses_and_doubles_nothing(
        rule in rules(),
        course in course(),
        jumps in proptest::collection::vec((0usize..60, 1i64..100_000), 0..6),
    ) {
        // A snooze ends by the clock, whatever that says; everything else goes on as if the time between
        // the two checks had been a moment.
        let rule = Rule { snoozed_until: None, ..rule };
        let (mut at, mut straight) = (200_000 * S, 200_000 * S);
        let (mut jumped, mut plain) = (Vec::new(), Vec::new());
        for (i, (gap, outcome)) in course.iter().enumerate() {
            match jumps.iter().find(|(when, _)| *when == i && i > 0) {
                Some((_, back)) if at - back * S > 0 => {
                    at -= back * S;
                    straight += 1;
                }
                _ => {
                    at += gap * S;
                    straight += gap * S;
                }
            }
            jumped.push(seen(at, outcome.clone()));
            plain.push(seen(straight, outcome.clone()));
        }
        let without_time = |events: Vec<Event>| {
            events.into_iter().map(|e| (e.kind, e.tell, e.sequence, e.status, e.value)).collect::<Vec<_>>()
        };
        prop_assert_eq!(without_time(play(&rule, plain)), without_time(play(&rule, jumped)));
    }

    #[test]
    fn every_firing_is_told_and_none_twice(rule in rules(), course in course()) {
        let mut state = State::default();
        let mut sequence = 0;
        let (mut is_up, mut told, mut unmuted) = (false, 0, 0);
        for seen in timed(&course) {
            let (next, events) = step(&state, &seen, &rule);
            for event in &events {
                sequence += 1;
                prop_assert_eq!(event.sequence, sequence);
                match event.kind {
                    EventKind::Fired => {
                        prop_assert!(!is_up, "fired while it fires");
                        (is_up, told, unmuted) = (true, u32::from(event.tell), 0);
                    }
                    EventKind::Reminded => {
                        prop_assert!(is_up && event.tell);
                        told += 1;
                    }
                    EventKind::Recovered => {
                        prop_assert!(is_up, "recovered from nothing");
                        prop_assert!(!event.tell || told > 0, "recovery of what nobody knew of");
                        prop_assert!(unmuted == 0 || told > 0, "it fired and nobody was told");
                        prop_assert!(rule.renotify != Renotify::Once || told <= 1, "told twice");
                        is_up = false;
                    }
                    _ => {}
                }
                if event.tell {
                    prop_assert!(!rule.is_muted(seen.clock));
                }
            }
            prop_assert_eq!(is_up, next.is_up());
            if is_up && matches!(seen.outcome, Outcome::Holds(_)) && !rule.is_muted(seen.clock) {
                unmuted += 1;
            }
            state = next;
        }
    }
}
