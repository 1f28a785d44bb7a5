//! The picture of growth: a line for each question, both scales logarithmic.

use std::path::Path;

use anyhow::Context as _;
use plotters::prelude::*;

const WIDTH: u32 = 900;
const HEIGHT: u32 = 520;
const COLOURS: [RGBColor; 6] = [
    RGBColor(31, 119, 180),
    RGBColor(120, 170, 210),
    RGBColor(214, 39, 40),
    RGBColor(235, 140, 140),
    RGBColor(44, 160, 44),
    RGBColor(140, 86, 75),
];

/// Milliseconds for numbers of movements.
pub(super) struct Curve {
    pub(super) name: String,
    pub(super) points: Vec<(u32, f64)>,
}

/// Writes the picture.
pub(super) fn draw(path: &Path, curves: &[Curve]) -> anyhow::Result<()> {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let sizes = points().map(|point| point.0).min().zip(points().map(|point| point.0).max());
    let (size_min, size_max) = sizes.context("there is something to draw")?;
    let time_max = points().map(|point| point.1).fold(1_000.0, f64::max);
    let time_min = points().map(|point| point.1).fold(1.0, f64::min);

    let root = SVGBackend::new(path, (WIDTH, HEIGHT)).into_drawing_area();
    root.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&root)
        .margin(16)
        .x_label_area_size(44)
        .y_label_area_size(64)
        .caption("One shop of 1,000 items as its ledger grows", ("sans-serif", 20))
        .build_cartesian_2d((size_min..size_max).log_scale(), (time_min..time_max).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(WHITE)
        .x_desc("movements")
        .y_desc("milliseconds")
        .x_label_formatter(&|size| size.to_string())
        .draw()?;
    for (curve, colour) in curves.iter().zip(COLOURS.into_iter().cycle()) {
        chart
            .draw_series(LineSeries::new(curve.points.iter().copied(), colour.stroke_width(2)))?
            .label(&curve.name)
            .legend(move |(x, y)| PathElement::new(vec![(x, y), (x + 18, y)], colour.stroke_width(2)));
        chart.draw_series(curve.points.iter().map(|point| Circle::new(*point, 3, colour.filled())))?;
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(WHITE.mix(0.85))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    root.present().with_context(|| format!("write {}", path.display()))?;
    Ok(())
}
