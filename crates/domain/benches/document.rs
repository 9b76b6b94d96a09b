//! How long the document of a dashboard takes: the medians of one moved tile, in microseconds.
//! `cargo bench -p domain --bench document`

use domain::dashboard::{Layout, Tile};
use domain::document::{Document, Edit};
use serde_json::json;
use std::time::Instant;

const ROUNDS: usize = 500;

/// Runs `work`, notes how long it took, and hands on what it gave.
fn timed<T>(times: &mut Vec<u128>, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    times.push(start.elapsed().as_nanos());
    result
}

fn median(mut times: Vec<u128>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2] as f64 / 1_000.0
}

fn main() -> domain::Result<()> {
    for count in [8, 60, 200] {
        let query = json!({"query": {
            "dataset": "sales",
            "dimensions": [{"column": "date", "grain": "month"}],
            "measures": [{"agg": "sum", "column": "amount"}],
            "filter": {"column": "region", "op": "in", "value": ["North", "South"]},
        }});
        let tile = |i| Tile {
            id: format!("0193b3c0-7a1e-7cc0-8d5b-{i:012}"),
            title: format!("Sales by month, part {i}"),
            data_source: serde_json::from_value(query.clone()).ok(),
            ..Tile::default()
        };
        let layout = Layout { widgets: (0..count).map(tile).collect(), ..Layout::default() };
        let author = Document::new(1);
        author.apply(&Document::birth("Sales", "", "light", &layout))?;
        let reader = Document::load(2, &author.state())?;
        let (mut apply, mut merge, mut load, mut validate) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut log = Vec::with_capacity(ROUNDS);
        for round in 0..ROUNDS {
            let path = format!("tiles/{}/position", layout.widgets[round % count].id);
            let change = author.change(path, Some(json!({"x": round % 7, "y": round, "w": 3, "h": 3})));
            let edit = Edit { label: "Move".into(), changes: vec![change] };
            let update = timed(&mut apply, || author.apply(&edit))?;
            timed(&mut merge, || reader.merge(&update))?;
            timed(&mut validate, || reader.validate())?;
            log.push(update);
            let state = reader.state();
            timed(&mut load, || Document::load(3, &state))?;
        }
        // A moment of the history: from a checkpoint on, so many operations at once.
        let start = Document::new(1);
        start.apply(&Document::birth("Sales", "", "light", &layout))?;
        let (state, mut replay) = (start.state(), Vec::new());
        for _ in 0..10 {
            let past = Document::load(4, &state)?;
            timed(&mut replay, || past.replay(log.iter().map(Vec::as_slice)))?;
        }
        println!(
            "{count} tiles, {} bytes: apply {:.1} µs, merge {:.1} µs, validate {:.1} µs, load {:.1} µs, {ROUNDS} replayed {:.1} µs",
            reader.state().len(),
            median(apply),
            median(merge),
            median(validate),
            median(load),
            median(replay)
        );
    }
    Ok(())
}
