//! A service and a network that go wrong, over TLS and in real time: what is reported of a batch is what became of it.
//!
//! Each fault alone must change no outcome at all; a mix may leave outcomes open, but none may be wrong. Which request meets
//! what is drawn from a seed: `AZS_ROUGH_SEED` draws it again, `AZS_TEST_FULL` draws more and worse.

use std::time::Duration;

use azs_emulator::{Fault, FaultAction, Options, Outage, PutAnswer, Switches};
use azs_registration::credential::AccessToken;
use azs_registration::operation::{Event, Next, Operation};
use azs_registration::tenants::{Finished, Outcome};

use crate::chance::Chance;
use crate::emulated::{World, ends};
use crate::rough_batch::{Batch, Row, RowEnd, begin, with_rows};
use crate::rough_faults::{
    Share, draw, half_open, hang, html, reset_after_effect, reset_before_effect, truncated,
};
use crate::rough_judging::{Judge, the_report_says_the_same};

/// Less than a write in doubt takes to settle: what is still in doubt after its repetitions ends as unknown, instead of
/// being waited for.
const ITEM_TIMEOUT: Duration = Duration::from_secs(60);

const CHANGES: &[&str] = &["PUT", "DELETE"];
const ALL: &[&str] = &["PUT", "DELETE", "GET"];

/// Lets the batch run its adds, then its removals.
fn run<'a>(world: &World, batch: &'a Batch) -> Vec<RowEnd<'a>> {
    let mut all = Vec::new();
    for rows in [&batch.adds, &batch.removals] {
        let operation = begin(world, rows, |options| options.item_timeout = ITEM_TIMEOUT);
        all.extend(reported(&operation, rows));
    }
    all
}

/// The ends of the rows, as the operation and its report say them.
fn reported<'a>(operation: &Operation, rows: &'a [Row]) -> Vec<RowEnd<'a>> {
    the_ends_are(operation, rows, ends(operation))
}

fn the_ends_are<'a>(operation: &Operation, rows: &'a [Row], ends: Vec<(u64, Finished)>) -> Vec<RowEnd<'a>> {
    let ends = with_rows(rows, ends);
    the_report_says_the_same(operation, &ends);
    ends
}

/// Judges by what the service holds when nothing is outstanding any more, and by what it received.
fn judge(world: &World, batch: &Batch, ends: &[RowEnd<'_>]) -> Judge {
    world.settle();
    let mut judge = Judge::of(batch);
    judge.hear(ends);
    judge.compare(&world.stored());
    judge.compare_requests(ends, &world.emulator.journal());
    judge
}

/// All rows came to what they come to without any fault.
fn all_as_expected(judge: &mut Judge, ends: &[RowEnd<'_>]) {
    for (row, finished) in ends {
        judge.must(finished.outcome == row.expected, || {
            format!("row {} was to be {:?}: {finished:?}", row.tag, row.expected)
        });
    }
}

/// A batch whose requests meet these faults, and which comes to what it comes to without them.
fn comes_to_the_same(methods: &[&str], shares: &[Share], change: impl FnOnce(&mut Switches)) -> World {
    comes_to_the_same_in(World::with(change), methods, shares)
}

fn comes_to_the_same_in(world: World, methods: &[&str], shares: &[Share]) -> World {
    let batch = Batch::new();
    batch.prepare(&world);
    draw(&world.emulator, seed().unwrap_or(1), methods, shares);
    let ends = run(&world, &batch);
    let mut judge = judge(&world, &batch, &ends);
    all_as_expected(&mut judge, &ends);
    judge.decide("a fault alone");
    world
}

fn seed() -> Option<u64> {
    std::env::var("AZS_ROUGH_SEED").ok()?.parse().ok()
}

/// How many requests were answered with this status.
fn answered(world: &World, status: u16) -> u64 {
    world.emulator.journal_counts().by_status.get(&status).copied().unwrap_or_default()
}

/// How many requests were not answered.
fn unanswered(world: &World) -> u64 {
    let counts = world.emulator.journal_counts();
    counts.received - counts.answered
}

#[test]
fn without_a_fault_the_batch_is_as_it_was_thought_out() {
    let world = comes_to_the_same(&[], &[], |_| {});
    assert_eq!(unanswered(&world), 0);
}

#[test]
fn a_third_of_all_requests_is_throttled() {
    // Mostly without a pause, for the time of the test; one in ten asks for a second.
    let shares = [(27, Fault::status_retry_after(429, 0)), (3, Fault::status_retry_after(429, 1))];
    let world = comes_to_the_same(ALL, &shares, |_| {});
    assert!(answered(&world, 429) > 20);
}

#[test]
fn a_tenth_of_all_requests_is_answered_503() {
    let world = comes_to_the_same(ALL, &[(10, Fault::status(503))], |_| {});
    assert!(answered(&world, 503) > 5);
}

#[test]
fn connections_are_reset_before_the_effect() {
    // Some take effect all the same, later.
    let shares = [(10, reset_before_effect(None)), (10, reset_before_effect(Some(300)))];
    let world = comes_to_the_same(CHANGES, &shares, |_| {});
    assert!(unanswered(&world) > 5);
}

#[test]
fn connections_are_reset_after_the_effect() {
    let world = comes_to_the_same(CHANGES, &[(20, reset_after_effect())], |_| {});
    assert!(unanswered(&world) > 5);
}

#[test]
fn answers_break_off() {
    let bodies = |switches: &mut Switches| switches.put_answer = PutAnswer::OkBody;
    comes_to_the_same(ALL, &[(20, truncated())], bodies);
}

#[test]
fn a_proxys_page_comes_with_200() {
    comes_to_the_same(CHANGES, &[(10, html(false)), (10, html(true))], |_| {});
}

#[test]
fn changes_are_accepted_and_polled() {
    for put_answer in [PutAnswer::Accepted, PutAnswer::AcceptedAsyncOperation] {
        comes_to_the_same(ALL, &[], |switches| {
            switches.put_answer = put_answer;
            switches.operation_polls = 2;
        });
    }
}

#[test]
fn connections_end_in_order_after_the_answer() {
    comes_to_the_same(ALL, &[(20, Fault::new(FaultAction::Goaway))], |_| {});
}

#[test]
fn answers_never_come() {
    let world = World::made(Options::default(), false, |options| {
        options.answer_timeout = Duration::from_millis(700);
    });
    let shares = [(6, hang(false)), (6, hang(true)), (4, half_open())];
    let world = comes_to_the_same_in(world, CHANGES, &shares);
    assert!(unanswered(&world) > 3);
}

/// What a mix has of each fault: 30 % 429, 10 % 503, and what leaves a change in doubt.
fn mixed(worse: bool) -> (Vec<Share>, Vec<Share>) {
    let throttled = [(29, Fault::status_retry_after(429, 0)), (1, Fault::status_retry_after(429, 1))];
    let failing = [(10, Fault::status(503)), (3, truncated())];
    let doubtful = [
        (3, reset_before_effect(None)),
        (3, reset_before_effect(Some(400))),
        (4, reset_after_effect()),
        (2, html(false)),
        (2, html(true)),
    ];
    let reads = [(3, reset_before_effect(None)), (if worse { 1 } else { 0 }, html(false))];
    let of = |own: &[Share]| [&throttled[..], &failing[..], own].concat();
    (of(&doubtful), of(&reads))
}

/// Runs a batch through a mix. `worse`: also what leaves ends open.
fn run_mix(seed: u64, worse: bool) {
    eprintln!("AZS_ROUGH_SEED={seed}");
    let mut chance = Chance::of(seed);
    let answers = [PutAnswer::CreatedEmpty, PutAnswer::OkBody, PutAnswer::Accepted, PutAnswer::CreatedBody];
    let world = World::with(|switches| {
        switches.put_answer = answers[chance.below(answers.len() as u64) as usize];
        switches.delay_ms = chance.below(20);
        switches.answer_delay_ms = chance.below(20);
    });
    let batch = Batch::of(if worse { 90 } else { 36 });
    batch.prepare(&world);
    let (changes, reads) = mixed(worse);
    draw(&world.emulator, seed, CHANGES, &changes);
    draw(&world.emulator, seed, &["GET"], &reads);
    let ends = run(&world, &batch);
    let mut judge = judge(&world, &batch, &ends);
    if !worse {
        let known: Vec<_> =
            ends.iter().filter(|(_, finished)| finished.outcome != Outcome::Unknown).cloned().collect();
        all_as_expected(&mut judge, &known);
    }
    judge.decide(&format!("AZS_ROUGH_SEED={seed}"));
}

#[test]
fn a_mix_of_everything_is_reported_as_it_was() {
    let drawn = || uuid::Uuid::new_v4().as_u64_pair().0 % 1_000_000;
    run_mix(seed().unwrap_or_else(drawn), false);
}

#[test]
fn many_worse_mixes_are_reported_as_they_were() {
    if std::env::var_os("AZS_TEST_FULL").is_none() {
        return;
    }
    let seeds = seed().map_or(1..9, |seed| seed..seed + 1);
    std::thread::scope(|scope| {
        for seed in seeds {
            scope.spawn(move || run_mix(seed, true));
        }
    });
}

/// The change of this number takes effect and is never answered, and the one before it takes none.
fn cancel_at(number: u64) {
    let batch = Batch::new();
    let world = World::with(|switches| switches.answer_delay_ms = 20);
    batch.prepare(&world);
    world.emulator.add_fault(hang(true).method("PUT").nth(number));
    world.emulator.add_fault(hang(false).method("PUT").nth(number - 1));
    draw(&world.emulator, number, CHANGES, &[(10, reset_after_effect())]);
    let operation = begin(&world, &batch.adds, |_| {});
    world.await_received("PUT", number as usize);
    operation.cancel();
    let mut first = reported(&operation, &batch.adds);

    let journal = world.emulator.journal();
    let open = journal.iter().filter(|entry| entry.method == "PUT" && entry.status.is_none()).count();
    let unknown = first.iter().filter(|(_, finished)| finished.outcome == Outcome::Unknown).count();
    let mut judged = judge(&world, &batch, &first);
    judged.must((1..=open).contains(&unknown), || format!("{unknown} unknown, {open} not answered"));

    // To run the same again is to go on: nothing is left open, and nothing is done twice.
    world.emulator.clear_faults();
    let operation = begin(&world, &batch.adds, |_| {});
    let again = reported(&operation, &batch.adds);
    judged.hear(&again);
    judged.compare(&world.stored());
    first.retain(|(_, finished)| finished.outcome.is_reached());
    for ((row, finished), before) in again.iter().filter_map(|it| Some((it, is_among(it.0, &first)?))) {
        judged.must(finished.outcome == Outcome::Unchanged, || {
            format!("row {} was {:?} and then {finished:?}", row.tag, before.outcome)
        });
    }
    for (row, finished) in again.iter().filter(|(row, _)| is_among(row, &first).is_none()) {
        let goes_on = [row.expected, Outcome::Unchanged].contains(&finished.outcome);
        judged.must(goes_on, || format!("row {} goes on as {finished:?}", row.tag));
    }
    judged.decide(&format!("cancelled at change {number}"));
}

fn is_among<'a>(row: &Row, ends: &'a [RowEnd<'_>]) -> Option<&'a Finished> {
    ends.iter().find(|(other, _)| other.tag == row.tag).map(|(_, finished)| finished)
}

#[test]
fn a_cancellation_at_any_moment_leaves_a_true_report() {
    // At once, for each of them waits for the grace of what is never answered.
    std::thread::scope(|scope| {
        for number in [1, 2, 3, 5, 8, 13, 19, 25, 31, 37] {
            scope.spawn(move || cancel_at(number));
        }
    });
}

#[test]
fn a_service_that_is_killed_and_started_again_is_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let options = |port| Options { state: Some(folder.path().join("state")), port, ..Options::default() };
    let (batch, mut world) = (Batch::new(), World::made(options(0), false, |_| {}));
    batch.prepare(&world);
    let endpoint = url::Url::parse(&world.emulator.arm_endpoint()).unwrap();
    let again = || options(endpoint.port().unwrap());
    let mut all = Vec::new();
    for (rows, method) in [(&batch.adds, "PUT"), (&batch.removals, "DELETE")] {
        let operation = begin(&world, rows, |_| {});
        // The journal begins anew with each start.
        for received in [4, 3] {
            world.await_received(method, received);
            world = world.restarted(again());
        }
        all.extend(reported(&operation, rows));
    }
    world.settle();
    let mut judge = Judge::of(&batch);
    judge.hear(&all);
    judge.compare(&world.stored());
    all_as_expected(&mut judge, &all);
    judge.decide("killed and started again");
}

#[test]
fn a_service_that_is_out_of_reach_for_a_while_is_waited_for() {
    let (batch, world) = (Batch::new(), World::new());
    batch.prepare(&world);
    let operation = begin(&world, &batch.adds, |_| {});
    world.await_received("PUT", 10);
    world.emulator.begin_outage(Outage::Refuse, Some(Duration::from_millis(1500)));
    let ends = reported(&operation, &batch.adds);
    let mut judge = judge(&world, &batch, &ends);
    all_as_expected(&mut judge, &ends);
    judge.decide("out of reach for a while");
}

/// The ends of the outstanding requests, with a token for each time that one is needed.
fn ends_with_tokens(operation: &Operation, mut supply: impl FnMut()) -> Vec<(u64, Finished)> {
    let mut ends = Vec::new();
    loop {
        match operation.next(Some(Duration::from_secs(60))) {
            Next::Event(Event::CredentialNeeded(_)) => supply(),
            Next::Event(Event::Finished { tag, finished }) => ends.push((tag, *finished)),
            Next::Event(_) | Next::Timeout => {}
            Next::Idle | Next::Drained => break,
        }
    }
    ends.sort_by_key(|(tag, _)| *tag);
    ends
}

#[test]
fn tokens_that_expire_in_the_middle_are_asked_for_and_nothing_is_lost() {
    let (batch, world) = (Batch::new(), World::asking(true, |_| {}));
    batch.prepare(&world);
    let supply = || {
        let issued =
            world.emulator.issue_token(&world.emulator.options().tenant_id, Duration::from_secs(600));
        world.client.set_token(AccessToken::new(issued.token, issued.expires_on).unwrap());
    };
    let expires = |number| Fault::new(FaultAction::ExpireTokens).method("PUT").nth(number);
    world.emulator.add_fault(expires(7));
    world.emulator.add_fault(expires(33));
    let operation = begin(&world, &batch.adds, |_| {});
    let mut asked = 0;
    let ends = ends_with_tokens(&operation, || {
        asked += 1;
        match asked {
            1 => supply(),
            // Late: it is asked for until it comes.
            2..5 => {}
            // Twice.
            _ => {
                supply();
                supply();
            }
        }
    });
    let ends = the_ends_are(&operation, &batch.adds, ends);
    let mut judge = judge(&world, &batch, &ends);
    all_as_expected(&mut judge, &ends);
    judge.must(asked >= 6, || format!("asked {asked} times"));
    judge.must(answered(&world, 401) > 0, || "no token was refused".to_owned());
    judge.decide("tokens that expire");
}

/// A net that lets everything through proves nothing: a report with one end changed is refused.
#[test]
fn a_false_report_is_refused() {
    let (batch, world) = (Batch::new(), World::new());
    batch.prepare(&world);
    let ends = run(&world, &batch);
    assert!(judge(&world, &batch, &ends).agrees());
    for at in 0..ends.len() {
        let happened = [Outcome::Added, Outcome::Replaced, Outcome::Removed].contains(&ends[at].1.outcome);
        let forgeries = match (happened, ends[at].1.outcome) {
            (true, _) => vec![Outcome::Failed, Outcome::NotStarted],
            (false, Outcome::WouldReplace) => vec![Outcome::Added, Outcome::Unchanged, Outcome::Unknown],
            (false, Outcome::NotFound) => vec![Outcome::Removed, Outcome::Unknown],
            (false, _) => vec![Outcome::Added, Outcome::Removed],
        };
        for forged in forgeries {
            let mut ends = ends.clone();
            ends[at].1.outcome = forged;
            assert!(!judge(&world, &batch, &ends).agrees(), "it passes: {:?}", ends[at]);
        }
    }
}
