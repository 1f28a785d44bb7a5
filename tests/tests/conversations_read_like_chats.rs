//! Every conversation under `tests/conversations` goes as it is written there.

use std::path::Path;

use anyhow::Result;
use futures::StreamExt as _;
use stories::conversations::{Report, Script, Stage, read, read_folder};

/// How many conversations are held at once.
const AT_ONCE: usize = 8;
/// How many there have to be.
const COUNT_MIN: usize = 40;

fn scripts(folder: &str) -> Result<Vec<Script>> {
    read_folder(&Path::new(env!("CARGO_MANIFEST_DIR")).join("conversations").join(folder))
}

/// Plays everything: side by side what takes no time, and one after the other what moves the clock, which all share.
async fn play(scripts: &[Script]) -> Result<Vec<Report>> {
    let (moving, still): (Vec<&Script>, Vec<&Script>) = scripts.iter().partition(|script| script.moves_the_clock());
    let stage = Stage::start().await?;
    let mut reports: Vec<Result<Report>> =
        futures::stream::iter(still).map(|script| stage.play(script)).buffer_unordered(AT_ONCE).collect().await;
    stage.close().await?;
    let stage = Stage::start_a_week_ago().await?;
    for script in moving {
        reports.push(stage.play(script).await);
    }
    stage.close().await?;
    reports.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_goes_as_it_is_written() -> Result<()> {
    let (good, not_yet) = (scripts("")?, scripts("not-yet")?);
    assert!(good.len() >= COUNT_MIN, "{} conversations are fewer than {COUNT_MIN}", good.len());
    for script in &good {
        assert!(script.missing.is_none(), "{} is not possible yet: it belongs into not-yet", script.path);
    }
    for script in &not_yet {
        assert!(script.missing.is_some(), "the first line of {} does not say what is missing", script.path);
    }
    let everything: Vec<Script> = good.into_iter().chain(not_yet).collect();

    let reports = play(&everything).await?;

    let mut wrong: Vec<String> = Vec::new();
    for report in &reports {
        match (report.is_good(), report.is_expected_to_fail()) {
            (true, true) => wrong.push(format!("This passes now and can leave not-yet:\n{report}")),
            (false, false) => wrong.push(report.to_string()),
            _ => {}
        }
    }
    let count = reports.len();
    assert!(wrong.is_empty(), "{} of {count} conversations went otherwise:\n\n{}", wrong.len(), wrong.join("\n"));
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_that_goes_otherwise_is_shown_as_a_diff() -> Result<()> {
    let stage = Stage::start().await?;
    let text = "# Wrong on purpose\n\
                Thandi: add 5 bread\n\
                bot: ✅ Added 5 bread to inventory\n     …\n     [Undo]\n\
                Thandi: sold 3 bread\n\
                bot: ✅ Sold 2 bread\n     2 left\n     [Undo]\n\
                stock: bread 5\n";

    let report = stage.play(&read("wrong.chat", text)?).await?;

    let shown = report.to_string();
    assert!(!report.is_good() && shown.starts_with("wrong.chat:7: the answer differs"), "{shown}");
    for line in [
        "    Thandi: sold 3 bread",
        "  - bot: ✅ Sold 2 bread",
        "  + bot: ✅ Sold 3 bread",
        "  - stock: bread 5",
        "  + stock: bread 2",
    ] {
        assert!(shown.lines().any(|there| there == line), "{line:?} is missing in\n{shown}");
    }
    stage.close().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_nobody_wrote_down_is_found() -> Result<()> {
    let stage = Stage::start().await?;
    let text = "# One answer too many\n\
                Thandi: add 5 bread\n\
                bot: ✅ Added 5 bread to inventory\n     …\n     [Undo]\n\
                stock: bread 5\n\
                Thandi: sold 3 bread\n";

    let report = stage.play(&read("more.chat", text)?).await?;

    let shown = report.to_string();
    assert!(
        shown.contains("Thandi is answered more than is written down") && shown.contains("+ bot: ✅ Sold 3"),
        "{shown}"
    );
    stage.close().await
}
