//! Random programs against a ledger kept in plain memory, walls and all.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use proto::inventory::v1 as pb;
use rust_decimal::Decimal;

use crate::world::{Shop, World, add, count, in_unit, reason, sell, text};

const NAMES: [&str; 3] = ["bread", "milk", "eggs"];

#[derive(Clone, Debug)]
enum Step {
    Post {
        is_sale: bool,
        lines: Vec<(usize, i64)>,
        ago_ms: i64,
    },
    Count {
        lines: Vec<(usize, i64)>,
        ago_ms: i64,
    },
    Undo,
    /// Takes back the operation that many steps ago, whatever it was: a reversal too.
    Reverse {
        steps_ago: usize,
    },
    /// Does again what was taken back last.
    Redo,
    /// Puts the first line of the latest operation right.
    Correct {
        amount: i64,
        is_sale: bool,
    },
    /// Sends the last post again.
    Repeat,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lines = || prop::collection::vec((0..NAMES.len(), 1..200_000_i64), 1..4);
    let ago = || prop_oneof![3 => Just(0), 1 => 0..15_000_i64];
    let step = prop_oneof![
        6 => (any::<bool>(), lines(), ago()).prop_map(|(is_sale, lines, ago_ms)| Step::Post { is_sale, lines, ago_ms }),
        3 => (lines(), ago()).prop_map(|(lines, ago_ms)| Step::Count { lines, ago_ms }),
        2 => Just(Step::Undo),
        3 => (0..6_usize).prop_map(|steps_ago| Step::Reverse { steps_ago }),
        2 => Just(Step::Redo),
        3 => (1..200_000_i64, any::<bool>()).prop_map(|(amount, is_sale)| Step::Correct { amount, is_sale }),
        1 => Just(Step::Repeat),
    ];
    prop::collection::vec(step, 1..40)
}

/// Something that happened to an item.
#[derive(Clone, Copy, Debug)]
enum Event {
    Changed(Decimal),
    Counted(Decimal),
}

#[derive(Debug)]
struct Operation {
    id: String,
    at: Timestamp,
    events: Vec<(usize, Event)>,
    reverses: Option<usize>,
    reversed_by: Option<usize>,
    /// Whether it is the half of a correction that takes back what was wrong.
    is_half: bool,
}

/// The rules of the ledger, written down once more without a database: what is on hand is what stands of the history,
/// the newest count and what happened after it.
#[derive(Debug, Default)]
struct Model {
    operations: Vec<Operation>,
}

impl Model {
    fn balance(&self, item: usize) -> Decimal {
        let standing = || {
            self.operations.iter().enumerate().filter(|(place, _)| self.stands(*place)).flat_map(
                move |(place, operation)| {
                    let own = operation.events.iter().filter(move |(other, _)| *other == item);
                    own.map(move |(_, event)| (operation.at, place, *event))
                },
            )
        };
        // Of counts in one second the one that was heard of last.
        let wall = standing()
            .filter_map(|(at, place, event)| match event {
                Event::Counted(counted) => Some((at.as_second(), place, at, counted)),
                Event::Changed(_) => None,
            })
            .max_by_key(|(second, place, ..)| (*second, *place));
        let after: Decimal = standing()
            .filter(|(at, place, _)| {
                wall.is_none_or(|(second, counted_place, counted_at, _)| {
                    *at > counted_at || (*place > counted_place && at.as_second() >= second)
                })
            })
            .map(|(.., event)| match event {
                Event::Changed(delta) => delta,
                Event::Counted(_) => Decimal::ZERO,
            })
            .sum();
        wall.map_or(Decimal::ZERO, |(.., counted)| counted) + after
    }

    fn stands(&self, mut place: usize) -> bool {
        let mut is_standing = true;
        while let Some(next) = self.operations[place].reversed_by {
            (place, is_standing) = (next, !is_standing);
        }
        is_standing
    }

    fn begin(&mut self, id: String, at: Timestamp, reverses: Option<usize>, events: Vec<(usize, Event)>) {
        let place = self.operations.len();
        if let Some(target) = reverses {
            self.operations[target].reversed_by = Some(place);
        }
        self.operations.push(Operation { id, at, events, reverses, reversed_by: None, is_half: false });
    }

    /// The newest operation that stands.
    fn newest_standing(&self) -> Option<usize> {
        // The opening is nobody's, so it is not the latest of the member.
        let mut own = (1..self.operations.len()).rev();
        own.find(|place| self.operations[*place].reverses.is_none() && self.stands(*place))
    }

    /// The newest reversal that took something back, and was not taken back.
    fn newest_taken_back(&self) -> Option<usize> {
        let takes_back = |place: usize| {
            let mut reversal_count = 0;
            let mut place = place;
            while let Some(target) = self.operations[place].reverses {
                (place, reversal_count) = (target, reversal_count + 1);
            }
            reversal_count % 2 == 1
        };
        (1..self.operations.len()).rev().find(|place| {
            let operation = &self.operations[*place];
            operation.reversed_by.is_none() && !operation.is_half && takes_back(*place)
        })
    }

    /// What is to be reversed so that the newest operation that stands does so no more.
    fn newest(&self) -> Option<usize> {
        let mut place = self.newest_standing()?;
        while let Some(next) = self.operations[place].reversed_by {
            place = next;
        }
        Some(place)
    }
}

fn quantity(thousandths: i64) -> Decimal {
    Decimal::new(thousandths, 3)
}

fn to_lines(kind: fn(&str, &str) -> pb::OperationLine, lines: &[(usize, i64)]) -> Vec<pb::OperationLine> {
    lines.iter().map(|(item, amount)| in_unit(kind(&quantity(*amount).to_string(), NAMES[*item]), "kg", None)).collect()
}

/// A program on a shop of its own.
struct Run {
    world: World,
    shop: Shop,
    model: Model,
    last: Option<pb::PostOperationRequest>,
}

impl Run {
    async fn post(&mut self, request_id: &str, lines: Vec<pb::OperationLine>, ago_ms: i64) -> (String, Timestamp) {
        self.world.pass(SignedDuration::from_millis(700));
        let mut request = self.shop.request(request_id, lines);
        let at = self.shop.now() - SignedDuration::from_millis(ago_ms);
        request.occur_time = Some(prost_types::Timestamp { seconds: at.as_second(), nanos: at.subsec_nanosecond() });
        let posted = self.shop.send(request.clone()).await.expect("it is posted");
        self.last = Some(request);
        (posted.operation.expect("it has lines").operation_id, at)
    }

    async fn step(&mut self, place: usize, step: &Step) -> Result<(), TestCaseError> {
        let request_id = format!("step/{place}");
        match step {
            Step::Post { is_sale, lines, ago_ms } => {
                let (kind, sign): (fn(&str, &str) -> _, _) =
                    if *is_sale { (sell, -Decimal::ONE) } else { (add, Decimal::ONE) };
                let (id, at) = self.post(&request_id, to_lines(kind, lines), *ago_ms).await;
                let events = lines.iter().map(|(item, amount)| (*item, Event::Changed(sign * quantity(*amount))));
                self.model.begin(id, at, None, events.collect());
            }
            Step::Count { lines, ago_ms } => {
                let mut lines = lines.clone();
                lines.sort_unstable();
                lines.dedup_by_key(|(item, _)| *item);
                let (id, at) = self.post(&request_id, to_lines(count, &lines), *ago_ms).await;
                let events = lines.iter().map(|(item, amount)| (*item, Event::Counted(quantity(*amount))));
                self.model.begin(id, at, None, events.collect());
            }
            Step::Undo => {
                let target = self.model.newest();
                self.reverse(self.shop.reversal(&request_id, None), target, "ERROR_REASON_NOTHING_TO_REVERSE").await?;
            }
            Step::Redo => {
                use pb::reverse_operation_request::Target;
                let request = pb::ReverseOperationRequest {
                    target: Some(Target::LatestReversal(pb::LatestReversal {})),
                    ..self.shop.reversal(&request_id, None)
                };
                self.reverse(request, self.model.newest_taken_back(), "ERROR_REASON_NOTHING_TO_REVERSE").await?;
            }
            Step::Correct { amount, is_sale } => self.correct(&request_id, quantity(*amount), *is_sale).await?,
            Step::Reverse { steps_ago } => {
                let Some(target) = self.model.operations.len().checked_sub(steps_ago + 1) else { return Ok(()) };
                let operation = &self.model.operations[target];
                let request = self.shop.reversal(&request_id, Some(&operation.id));
                let (target, refused) = if operation.is_half {
                    (None, "ERROR_REASON_INVALID_FIELD")
                } else {
                    (operation.reversed_by.is_none().then_some(target), "ERROR_REASON_ALREADY_REVERSED")
                };
                self.reverse(request, target, refused).await?;
            }
            Step::Repeat => {
                if let Some(request) = self.last.clone() {
                    prop_assert!(self.shop.send(request).await.expect("it is answered").replayed);
                }
            }
        }
        Ok(())
    }

    async fn reverse(
        &mut self,
        request: pb::ReverseOperationRequest,
        target: Option<usize>,
        refused: &str,
    ) -> Result<(), TestCaseError> {
        self.world.pass(SignedDuration::from_millis(700));
        let answer = self.shop.send_reversal(request).await;
        match (target, answer) {
            (Some(target), Ok(answer)) => {
                let reversed = answer.reversed.expect("there is one").operation_id;
                prop_assert_eq!(&reversed, &self.model.operations[target].id);
                let operation = answer.operation.expect("there is one");
                self.model.begin(operation.operation_id, self.shop.now(), Some(target), Vec::new());
            }
            (None, Err(status)) => prop_assert_eq!(reason(&status), refused),
            (target, answer) => prop_assert!(false, "expected {target:?}, got {:?}", answer.map(|_| ())),
        }
        Ok(())
    }

    /// A correction is an undo and a post at the time of what was wrong, with its other lines as they were.
    async fn correct(&mut self, request_id: &str, amount: Decimal, is_sale: bool) -> Result<(), TestCaseError> {
        self.world.pass(SignedDuration::from_millis(700));
        let wrong = self.model.newest_standing();
        let (item, first) = wrong.map_or((0, Event::Changed(amount)), |wrong| self.model.operations[wrong].events[0]);
        let said = |kind: fn(&str, &str) -> _| in_unit(kind(&amount.to_string(), NAMES[item]), "kg", None);
        let (line, right) = match first {
            Event::Counted(_) => (said(count), Event::Counted(amount)),
            Event::Changed(_) if is_sale => (said(sell), Event::Changed(-amount)),
            Event::Changed(_) => (said(add), Event::Changed(amount)),
        };
        let request = pb::CorrectOperationRequest {
            shop_id: self.shop.id.clone(),
            request_id: request_id.to_owned(),
            source: pb::Source::Whatsapp.into(),
            member_id: self.shop.member_id.clone(),
            target: Some(pb::correct_operation_request::Target::Latest(pb::Latest {})),
            corrections: vec![pb::LineCorrection { line_number: 1, line: Some(line) }],
            dry_run: false,
        };
        match (wrong, self.shop.client.clone().correct_operation(request).await) {
            (Some(wrong), Ok(answer)) => {
                let answer = answer.into_inner();
                let (at, mut events) = (self.model.operations[wrong].at, self.model.operations[wrong].events.clone());
                prop_assert_eq!(
                    &answer.corrected.expect("there is one").operation_id,
                    &self.model.operations[wrong].id
                );
                let end = self.model.newest().expect("it stands");
                let half = self.half_of(&self.model.operations[end].id).await;
                self.model.begin(half, self.shop.now(), Some(end), Vec::new());
                self.model.operations.last_mut().expect("it was pushed").is_half = true;
                events[0].1 = right;
                self.model.begin(answer.operation.expect("there is one").operation_id, at, None, events);
            }
            (None, Err(status)) => prop_assert_eq!(reason(&status), "ERROR_REASON_NOTHING_TO_REVERSE"),
            (wrong, answer) => prop_assert!(false, "expected {wrong:?}, got {:?}", answer.map(|_| ())),
        }
        Ok(())
    }

    /// Returns the operation that took this one back.
    async fn half_of(&self, operation_id: &str) -> String {
        let key = Some(pb::get_operation_request::Key::OperationId(operation_id.to_owned()));
        let request = pb::GetOperationRequest { shop_id: self.shop.id.clone(), key };
        let found = self.shop.client.clone().get_operation(request).await.expect("it is there");
        found.into_inner().reversed_by_operation_id
    }

    async fn check(&self) -> Result<(), TestCaseError> {
        for (item, name) in NAMES.iter().enumerate() {
            let stock = self.shop.stock(name).await;
            let on_hand = text(stock.candidates[0].on_hand.as_ref());
            prop_assert_eq!(on_hand, (self.model.balance(item) + Decimal::ZERO).normalize().to_string(), "{}", name);
        }
        Ok(())
    }
}

#[test]
fn random_programs_end_in_the_balances_of_the_model() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let world = runtime.block_on(World::start());
    // `PROPTEST_CASES=3000` is the long run.
    let mut runner = TestRunner::new(Config {
        cases: std::option_env!("PROPTEST_CASES").map_or(60, |cases| cases.parse().expect("a number")),
        max_shrink_iters: 300,
        failure_persistence: None,
        ..Config::default()
    });

    runner
        .run(&steps(), |steps| {
            runtime.block_on(async {
                let shop = world.shop().await;
                let mut run = Run { world: world.clone(), shop, model: Model::default(), last: None };
                // All items exist from the start, so that a sale finds its own.
                let all: Vec<_> = (0..NAMES.len()).map(|item| (item, 1000)).collect();
                let member_id = std::mem::take(&mut run.shop.member_id);
                let (id, at) = run.post("opening", to_lines(add, &all), 0).await;
                run.shop.member_id = member_id;
                let events = all.iter().map(|(item, amount)| (*item, Event::Changed(quantity(*amount))));
                run.model.begin(id, at, None, events.collect());
                for (place, step) in steps.iter().enumerate() {
                    run.step(place, step).await?;
                    run.check().await?;
                }
                Ok(())
            })
        })
        .unwrap();

    runtime.block_on(world.finish());
}
