//! What a measurement prints.
#![expect(clippy::print_stdout, reason = "the report is what this program is for")]

/// Prints rounds of two sides that took turns, and the ratio of their medians.
pub(crate) fn compare(what: &str, ours: &str, theirs: &str, rounds: &[(f64, f64)], wanted: f64) {
    println!("\n### {what}\n\n| round | {ours} | {theirs} | ratio |\n| --- | --- | --- | --- |");
    for (index, (our, their)) in rounds.iter().enumerate() {
        println!("| {} | {our:.0} | {their:.0} | {:.2} |", index + 1, ratio(*our, *their));
    }
    let our = median(rounds.iter().map(|round| round.0).collect());
    let their = median(rounds.iter().map(|round| round.1).collect());
    println!("| median | {our:.0} | {their:.0} | **{:.2}** (wanted: at least {wanted}) |", ratio(our, their));
}

/// Prints one line.
pub(crate) fn say(line: &str) {
    println!("{line}");
}

#[expect(clippy::float_arithmetic, reason = "rates of a measurement, no quantities")]
pub(crate) fn ratio(our: f64, their: f64) -> f64 {
    our / their
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
