//! Looks at everything a real number needs and says what is wrong and what to do (section 9.6 of the WhatsApp reference).
//!
//! - `settings`: what may be told; `subject`: what was told, read once
//! - `report`: verdicts, as text and as JSON; no secret gets through it
//! - `graph`: calls of the Graph API and why they fail
//! - `here`: our own variables, services, databases and clock
//! - one file for each thing at Meta: `address`, `token`, `number`, `health`, `subscription`, `version`, `templates`

pub mod address;
pub mod graph;
mod health;
mod here;
pub mod number;
pub mod report;
pub mod settings;
pub mod subject;
pub mod subscription;
mod templates;
pub mod token;
pub mod version;

use platform::clock::Clock;

pub use report::{Check, Report, Section, Verdict};
pub use settings::Settings;

use report::Chart;
use subject::Subject;

/// Makes every check, in order, and changes nothing.
pub async fn examine(settings: &Settings, clock: &Clock) -> anyhow::Result<Report> {
    let subject = Subject::of(settings);
    let mut chart = Chart::new(&subject);
    here::check_variables(&mut chart, &subject);
    here::check_services(&mut chart, settings).await;
    here::check_databases(&mut chart, settings).await;

    let graph = graph::Graph::new(&subject)?;
    let probe = version::probe(&graph, clock).await;
    version::check_clock(&mut chart, &probe);

    chart.section(Section::Address);
    address::check_challenge(&mut chart, &subject).await?;
    chart.section(Section::Notification);
    address::check_notification(&mut chart, &subject).await?;

    chart.section(Section::Token);
    let token = token::check(&mut chart, &graph, &subject, clock).await;
    chart.section(Section::Number);
    let number = number::check(&mut chart, &graph, &subject, &token).await;
    chart.section(Section::Health);
    let complaints = health::check(&mut chart, &graph, number.as_ref(), &token).await;
    chart.section(Section::Subscription);
    subscription::check(&mut chart, &graph, &subject, &token, number.as_ref()).await;
    chart.section(Section::Live);
    report_live(&mut chart, &token);
    chart.section(Section::Version);
    version::check(&mut chart, &subject, &probe, clock);
    chart.section(Section::Templates);
    templates::check(&mut chart, &graph, &subject, &token).await;
    chart.section(Section::Payment);
    health::check_payment(&mut chart, complaints.as_deref());
    Ok(chart.close(clock.now()))
}

/// Meta tells no program reliably whether an app is live.
fn report_live(chart: &mut Chart, token: &token::TokenFacts) {
    let app = token.app_id.as_deref().map_or_else(|| "the app".to_owned(), |id| format!("app {id}"));
    chart.skip(
        "app.live",
        "only a person can see whether the app is live",
        format!(
            "Open {app} on developers.facebook.com: the switch at the top must say Live. In development mode some webhooks \
             are not sent and only people with a role in the app get through."
        ),
    );
}
