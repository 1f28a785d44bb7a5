//! One caller at a time: every answer is compared as it comes.

use jiff::SignedDuration;
use platform::error::reason_of;

use crate::book::{Book, Strictness};
use crate::call::{Answer, Call};
use crate::dice::Dice;
use crate::house::{Crash, House};
use crate::program::{Caller, draw};
use crate::shop::Shop;

/// How many steps it takes at most until the lists are compared too.
const STEPS_BETWEEN_LOOKS: usize = 50;

/// Runs a program of so many steps in a shop of its own, or says at which step of which seed the ledger was wrong.
pub(crate) async fn run(house: &House, seed: u64, step_count: usize, is_strict: bool) -> Result<(), String> {
    let mut dice = Dice::new(seed);
    let shop = Shop::open(house, &format!("single.{seed}"), is_strict, 1).await;
    let mut run = Run { house, book: Book::new(&shop.owner, shop.places.clone(), is_strict), stored: Vec::new() };
    for step in 0..step_count {
        let outcome = run.step(&mut dice, &shop, step).await;
        let outcome = match outcome {
            Ok(()) if step % STEPS_BETWEEN_LOOKS == 0 || step + 1 == step_count => shop.compare(house, &run.book).await,
            other => other,
        };
        outcome.map_err(|error| format!("seed {seed}, step {step} of {step_count}, shop {}: {error}", shop.id))?;
    }
    Ok(())
}

struct Run<'a> {
    house: &'a House,
    book: Book,
    stored: Vec<(Call, Answer)>,
}

impl Run<'_> {
    async fn step(&mut self, dice: &mut Dice, shop: &Shop, step: usize) -> Result<(), String> {
        self.house.clock.advance(SignedDuration::from_millis(i64::try_from(dice.below(900)).expect("it is small") + 1));
        match dice.below(20) {
            0 => return self.repeat(dice).await,
            1 => return self.reuse(dice, shop).await,
            _ => {}
        }
        let caller = Caller {
            shop_id: shop.id.clone(),
            member_id: [shop.owner.clone(), shop.owner.clone(), shop.clerks[0].clone(), String::new()]
                [usize::try_from(dice.below(4)).expect("it is small")]
            .clone(),
            changes_items: true,
            puts_away: true,
        };
        let now = self.house.clock.now();
        let mut call = draw(dice, &self.book, &caller, &[], &format!("step/{step}"), now);
        if dice.one_in(8) && call.set_dry_run(true) {
            let answer = self.house.call(&call, Crash::None).await;
            self.book.take(&call, &answer, now, Strictness::Alone).map_err(|error| format!("{call:?}: {error}"))?;
            call.set_dry_run(false);
        }
        let mut answer = self.house.call(&call, Crash::draw(dice)).await;
        if let Ok(answer) = &mut answer {
            answer.take_replayed();
        }
        self.book.take(&call, &answer, now, Strictness::Alone).map_err(|error| format!("{call:?}: {error}"))?;
        if let Ok(answer) = answer
            && answer.is_stored()
        {
            self.stored.push((call, answer));
        }
        Ok(())
    }

    /// Sends an old request again: the answer of then, and nothing happens.
    async fn repeat(&self, dice: &mut Dice) -> Result<(), String> {
        let Some((call, first)) = dice.pick(&self.stored) else { return Ok(()) };
        let mut again = self.house.call(call, Crash::draw(dice)).await;
        let replayed = again.as_mut().ok().map(Answer::take_replayed);
        match (again, replayed) {
            (Ok(again), Some(None | Some(true))) if again == *first => Ok(()),
            (Ok(again), Some(None | Some(true))) => {
                let (first, again) = (format!("{first:?}"), format!("{again:?}"));
                let place = first.bytes().zip(again.bytes()).take_while(|(one, other)| one == other).count();
                let near = |answer: &str| answer.get(place.saturating_sub(200)..).unwrap_or_default().to_owned();
                Err(format!("{} again: first ..{}, then ..{}", call.request_id(), near(&first), near(&again)))
            }
            (again, replayed) => Err(format!("{call:?} again: {again:?} ({replayed:?})")),
        }
    }

    /// Sends other content under an old id.
    async fn reuse(&self, dice: &mut Dice, shop: &Shop) -> Result<(), String> {
        let Some((call, _)) = dice.pick(&self.stored) else { return Ok(()) };
        let mut other = call.clone();
        let member = other.member_id_mut();
        *member = if member.is_empty() { shop.owner.clone() } else { String::new() };
        let answer = self.house.call(&other, Crash::None).await;
        match &answer {
            Err(status) if reason_of(status).as_deref() == Some("ERROR_REASON_REQUEST_ID_REUSED") => Ok(()),
            // The latest of nobody makes no sense.
            Err(_) if other.member_id().is_empty() && call.is_of_member() => Ok(()),
            answer => Err(format!("{call:?} with other content was answered {answer:?}")),
        }
    }
}
