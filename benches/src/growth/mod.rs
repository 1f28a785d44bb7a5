//! Whether a ledger of a year slows down: shops of 2,000 to 2 million movements, measured in turn on one server.

mod chart;
mod fill;

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::ToSpan as _;
use jiff::civil::Date;
use proto::inventory::v1::get_report_request::Period;
use proto::inventory::v1::{self as pb, MovementKind};

use crate::report;
use crate::shop::{Client, Shop, any_item, line, named, start_postgres};

const SIZES: [u32; 4] = [2_000, 20_000, 200_000, 2_000_000];
/// How often each question is asked a round. A page is dearer than a post, and a report than a page.
const POSTS: usize = 300;
const PAGES: usize = 60;
const REPORTS: usize = 2;
/// How much slower a post or a balance may be with the most movements than with the fewest.
const RATIO_MAX: f64 = 1.5;

/// What is asked of a ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Question {
    Post,
    Balance,
    Page,
    PageOfItem,
    Day,
    Year,
}

impl Question {
    const ALL: [Self; 6] = [Self::Post, Self::Balance, Self::Page, Self::PageOfItem, Self::Day, Self::Year];

    fn name(self) -> &'static str {
        match self {
            Self::Post => "a post of one line",
            Self::Balance => "a balance",
            Self::Page => "the newest page of movements",
            Self::PageOfItem => "the newest page of an item",
            Self::Day => "report of a day",
            Self::Year => "report of a year",
        }
    }

    fn count(self) -> usize {
        match self {
            Self::Post | Self::Balance => POSTS,
            Self::Page | Self::PageOfItem => PAGES,
            Self::Day | Self::Year => REPORTS,
        }
    }
}

/// A shop of so many movements, and how long it took to answer.
struct Measured {
    size: u32,
    shop: Arc<Shop>,
    client: Client,
    /// One list for each question, in the order of [`Question::ALL`].
    times: Vec<Vec<Duration>>,
}

/// Fills the shops, asks all of them in turn, prints the table and draws the picture.
pub(crate) async fn measure(rounds: usize, picture: &Path) -> anyhow::Result<()> {
    let postgres = start_postgres().await?;
    let today = jiff::Zoned::now().date();
    let mut all = Vec::new();
    for size in SIZES {
        let shop = Arc::new(Shop::open(&postgres, &format!("ledger_{size}")).await?);
        let started = Instant::now();
        fill::fill(&shop, size).await?;
        report::say(&format!("filled {size} movements in {:.0?}", started.elapsed()));
        let client = shop.client().await?;
        // A year of weeks is summed before anybody asks, as it would be in a year.
        shop.wait_for_sums().await?;
        all.push(Measured { size, shop, client, times: vec![Vec::new(); Question::ALL.len()] });
    }
    for round in 0..=rounds {
        for (place, question) in Question::ALL.into_iter().enumerate() {
            for measured in &mut all {
                for number in 0..question.count() {
                    let took = ask(measured, question, &format!("{round}.{number}"), today).await?;
                    // The first round warms everything up.
                    if round > 0 {
                        measured.times[place].push(took);
                    }
                }
            }
        }
    }
    for measured in &mut all {
        measured.times.iter_mut().for_each(|times| times.sort());
        measured.shop.check().await?;
        measured.shop.close();
    }
    print(&all);
    chart::draw(picture, &curves(&all))?;
    report::say(&format!("\ndrawn into {}", picture.display()));
    Ok(())
}

async fn ask(measured: &mut Measured, question: Question, number: &str, today: Date) -> anyhow::Result<Duration> {
    let shop_id = measured.shop.id.clone();
    let client = &mut measured.client;
    let started = Instant::now();
    match question {
        Question::Post => {
            let lines = vec![line(MovementKind::Sale, any_item(), "2", "15")];
            client.post_operation(measured.shop.request(format!("post.{number}"), lines)).await?;
        }
        Question::Balance => {
            let item = Some(named(any_item()));
            let answer = client.get_stock(pb::GetStockRequest { shop_id, item, ..Default::default() }).await?;
            anyhow::ensure!(answer.get_ref().exact, "the item is known");
        }
        Question::Page => {
            let request = pb::ListMovementsRequest { shop_id, page_size: 50, ..Default::default() };
            let answer = client.list_movements(request).await?;
            anyhow::ensure!(answer.get_ref().movements.len() == 50, "a page is full");
        }
        Question::PageOfItem => {
            let request = pb::ListMovementsRequest {
                shop_id,
                page_size: 50,
                item_id: measured.shop.item_id.clone(),
                ..Default::default()
            };
            client.list_movements(request).await?;
        }
        Question::Day => {
            let period = Some(Period::Day(String::new()));
            client.get_report(pb::GetReportRequest { shop_id, period, top_count: 5 }).await?;
        }
        Question::Year => {
            let first_day = today.checked_sub(364.days())?.to_string();
            let period = Some(Period::Days(pb::DayRange { first_day, last_day: today.to_string() }));
            client.get_report(pb::GetReportRequest { shop_id, period, top_count: 5 }).await?;
        }
    }
    Ok(started.elapsed())
}

/// Returns the time that so many of a hundred stayed below, in milliseconds. The times are sorted.
#[expect(clippy::float_arithmetic, reason = "a time of a measurement")]
fn percentile(times: &[Duration], percent: usize) -> f64 {
    times[(times.len() - 1) * percent / 100].as_secs_f64() * 1_000.0
}

fn print(all: &[Measured]) {
    report::say("\n### Growth of one shop, milliseconds\n");
    let sizes: Vec<String> = all.iter().map(|measured| format!("{} movements", measured.size)).collect();
    report::say(&format!("| | {} | most to fewest |", sizes.join(" | ")));
    report::say(&format!("| --- |{} --- |", " --- |".repeat(all.len())));
    for (place, question) in Question::ALL.into_iter().enumerate() {
        for percent in [50, 99] {
            let times: Vec<f64> = all.iter().map(|measured| percentile(&measured.times[place], percent)).collect();
            let ratio = report::ratio(times[times.len() - 1], times[0]);
            let wanted = match question {
                Question::Post | Question::Balance if percent == 99 => format!(" (wanted: at most {RATIO_MAX})"),
                _ => String::new(),
            };
            let cells: Vec<String> = times.iter().map(|time| format!("{time:.1}")).collect();
            report::say(&format!(
                "| {}, p{percent} | {} | **{ratio:.2}**{wanted} |",
                question.name(),
                cells.join(" | ")
            ));
        }
    }
}

fn curves(all: &[Measured]) -> Vec<chart::Curve> {
    let curve = |question: Question, percent: usize, place: usize| chart::Curve {
        name: format!("{}, p{percent}", question.name()),
        points: all.iter().map(|measured| (measured.size, percentile(&measured.times[place], percent))).collect(),
    };
    let mut curves = Vec::new();
    for (place, question) in Question::ALL.into_iter().enumerate() {
        match question {
            Question::Post | Question::Balance => {
                curves.extend([curve(question, 50, place), curve(question, 99, place)]);
            }
            Question::Page | Question::Year => curves.push(curve(question, 50, place)),
            Question::PageOfItem | Question::Day => {}
        }
    }
    curves
}
