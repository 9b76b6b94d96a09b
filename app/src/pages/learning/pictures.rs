//! What a training found, as charts.

use crate::tiles::{ChartView, nothing};
use domain::api::TileData;
use domain::chart::Encodings;
use domain::learn::{Confusion, Importance, ScoreHistogram};
use domain::{Cell, ChartKind, ChartSpec, DataType, Field, Role, Table};
use leptos::prelude::*;
use serde_json::{Map, json};

/// Features that are drawn.
const MOST_BARS: usize = 20;

fn field(name: &str, label: &str, ty: DataType) -> Field {
    let role = if ty.is_number() { Role::Measure } else { Role::Dimension };
    Field { name: name.into(), label: label.into(), ty, role, format: None, grain: None }
}

fn chart(kind: ChartKind, x: &str, y: &str, color: Option<&str>, options: serde_json::Value, table: Table) -> TileData {
    let encodings =
        Encodings { x: Some(x.into()), y: vec![y.into()], color: color.map(str::to_owned), ..Encodings::default() };
    let options: Map<_, _> = options.as_object().cloned().unwrap_or_default();
    TileData { spec: ChartSpec::new(kind, encodings, options), table, ..nothing() }
}

/// How scores are spread, with what a threshold flags in a colour of its own.
pub(super) fn scores(histogram: &ScoreHistogram, threshold: f64) -> TileData {
    let mut data = [Vec::new(), Vec::new(), Vec::new()];
    for bin in &histogram.bins {
        // The bin that the threshold lies in belongs to what is above it.
        let is_flagged = bin.to > threshold;
        data[0].push(Cell::Text(format!("{:.2}", bin.from)));
        data[1].push(Cell::from(if is_flagged { "Unusual" } else { "Usual" }));
        data[2].push(Cell::Int(i64::try_from(bin.rows).unwrap_or(i64::MAX)));
    }
    let columns = vec![
        field("score", "Score", DataType::Text),
        field("kind", "Row", DataType::Text),
        field("rows", "Rows", DataType::Integer),
    ];
    let table = Table { columns, data: data.into(), truncated: false };
    chart(ChartKind::Bar, "score", "rows", Some("kind"), json!({"stack": "stacked"}), table)
}

/// How often each class was taken for each other.
pub(super) fn confusion(confusion: &Confusion) -> TileData {
    let mut data = [Vec::new(), Vec::new(), Vec::new()];
    for (actual, row) in confusion.classes.iter().zip(&confusion.counts) {
        for (predicted, count) in confusion.classes.iter().zip(row) {
            data[0].push(Cell::Text(predicted.clone()));
            data[1].push(Cell::Text(actual.clone()));
            data[2].push(Cell::Int(i64::try_from(*count).unwrap_or(i64::MAX)));
        }
    }
    let columns = vec![
        field("predicted", "Predicted", DataType::Text),
        field("actual", "Actual", DataType::Text),
        field("rows", "Rows", DataType::Integer),
    ];
    let table = Table { columns, data: data.into(), truncated: false };
    chart(ChartKind::Heatmap, "predicted", "rows", Some("actual"), json!({"labels": "always"}), table)
}

/// How much each feature matters.
pub(super) fn importance(all: &[Importance], label: impl Fn(&str) -> String) -> TileData {
    let shown = all.iter().take(MOST_BARS);
    let data = vec![
        shown.clone().map(|i| Cell::Text(label(&i.feature))).collect(),
        shown.map(|i| Cell::Float(i.loss)).collect(),
    ];
    let columns =
        vec![field("feature", "Feature", DataType::Text), field("loss", "Loss when shuffled", DataType::Float)];
    chart(ChartKind::Row, "feature", "loss", None, json!({}), Table { columns, data, truncated: false })
}

/// A picture in a place of its own.
#[component]
pub(super) fn Picture(#[prop(into)] data: Signal<TileData>, #[prop(optional)] tall: bool) -> impl IntoView {
    view! {
        <div class="model-picture" class:is-tall=tall>
            <ChartView data on_ready=|()| ()/>
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::learn::HistogramBin;

    #[test]
    fn what_a_threshold_flags_has_its_own_colour() {
        let bin = |from: f64, rows| HistogramBin { from, to: from + 0.25, rows };
        let bins = vec![bin(0.0, 90), bin(0.25, 8), bin(0.5, 0), bin(0.75, 2)];
        let histogram = ScoreHistogram { bins, threshold: 0.6, flagged: 2 };
        let drawn = scores(&histogram, 0.6);
        let kinds: Vec<String> = drawn.table.data[1].iter().map(Cell::to_text).collect();
        assert_eq!(kinds, ["Usual", "Usual", "Unusual", "Unusual"]);
        assert_eq!(drawn.table.row_count(), 4);
    }

    #[test]
    fn a_confusion_is_a_square() {
        let made = Confusion { classes: vec!["a".into(), "b".into()], counts: vec![vec![5, 1], vec![0, 4]] };
        let drawn = confusion(&made);
        assert_eq!(drawn.table.row_count(), 4);
        assert_eq!(drawn.table.data[2][1], Cell::Int(1), "an a that was taken for b");
        assert_eq!((drawn.table.data[0][1].to_text(), drawn.table.data[1][1].to_text()), ("b".into(), "a".into()));
    }
}
