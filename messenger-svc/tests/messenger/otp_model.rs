//! Random programs of sending, waiting and trying end as a model of the rules says.

use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::otp_world::{LIMIT, REJECTED, TOO_SOON, code_of, other, reason, send, start, to_send};
use crate::world::World;
use proto::messenger::v1::DeliveryState;

const PROGRAMS: usize = 40;

#[derive(Clone, Debug)]
enum Step {
    Send,
    Pass(i64),
    TryRight,
    TryWrong,
    TryFormer,
}

#[derive(Default)]
struct Model {
    sends: Vec<i64>,
    tries: Vec<i64>,
    current: Option<Sent>,
    former: Option<String>,
}

#[derive(Clone)]
struct Sent {
    code: String,
    at: i64,
    tries: u32,
    used: bool,
}

impl Model {
    fn refuses_send(&self, now: i64) -> Option<&'static str> {
        let within = |seconds: i64| self.sends.iter().filter(|at| now - **at < seconds).count();
        if within(30) > 0 {
            Some(TOO_SOON)
        } else if within(3600) >= 5 || within(24 * 3600) >= 10 {
            Some(LIMIT)
        } else {
            None
        }
    }

    fn expects(&mut self, code: &str, now: i64) -> Option<&'static str> {
        if self.tries.iter().filter(|at| now - **at < 3600).count() >= 20 {
            return Some(LIMIT);
        }
        self.tries.push(now);
        let Some(sent) = &mut self.current else { return Some(REJECTED) };
        let counts = !sent.used && sent.tries < 5 && now - sent.at < 300;
        sent.tries += 1;
        if counts && sent.code == code {
            sent.used = true;
            return None;
        }
        Some(REJECTED)
    }
}

fn program() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        3 => Just(Step::Send),
        3 => prop::sample::select(vec![1, 29, 30, 31, 270, 299, 300, 3599, 3600]).prop_map(Step::Pass),
        2 => Just(Step::TryRight),
        4 => Just(Step::TryWrong),
        1 => Just(Step::TryFormer),
    ];
    prop::collection::vec(step, 5..30)
}

async fn run(world: &World, phone: &str, steps: &[Step]) {
    let mut model = Model::default();
    for (i, step) in steps.iter().enumerate() {
        let now = world.clock.now().as_second();
        let name = format!("{phone}/{i}");
        let guess = match step {
            Step::Pass(seconds) => {
                world.pass(*seconds);
                continue;
            }
            Step::Send => {
                let sent = send(&world.client, to_send(&name, phone, "login")).await;
                let refused = model.refuses_send(now);
                assert_eq!(sent.is_ok(), refused.is_none(), "step {i} of {steps:?}: {sent:?}");
                match (sent, refused) {
                    (Ok(sent), _) => {
                        world.until(&sent.message_id, DeliveryState::Accepted).await;
                        let code = code_of(world, &sent.message_id);
                        model.former = model.current.take().map(|sent| sent.code);
                        model.current = Some(Sent { code, at: now, tries: 0, used: false });
                        model.sends.push(now);
                    }
                    (sent, refused) => assert_eq!(Some(reason(sent).as_str()), refused, "step {i} of {steps:?}"),
                }
                continue;
            }
            Step::TryRight => model.current.as_ref().map(|sent| sent.code.clone()),
            Step::TryWrong => model.current.as_ref().map(|sent| other(&sent.code, 7)),
            Step::TryFormer => model.former.clone(),
        };
        let guess = guess.unwrap_or_else(|| "314159".to_owned());
        let tried = world.try_code(&name, phone, &guess).await;
        let expected = model.expects(&guess, now);
        assert_eq!(tried.is_ok(), expected.is_none(), "step {i} of {steps:?}: {tried:?}");
        if let Some(expected) = expected {
            assert_eq!(reason(tried), expected, "step {i} of {steps:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn random_programs_end_as_the_rules_say() {
    let world = start(&[]).await;
    // The same programs each time.
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for i in 0..PROGRAMS {
        let steps = program().new_tree(&mut runner).unwrap().current();
        run(&world, &format!("278300{i:05}"), &steps).await;
    }
}
