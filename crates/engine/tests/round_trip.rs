//! What is written as CSV reads back as it was.

#![allow(clippy::unwrap_used)]

mod common;

use common::bed;
use domain::dataset::LoadOptions;
use domain::{Cell, DataType, Field, Role, Table};
use proptest::prelude::*;

/// A whole number, a fraction, a flag, a day and a text.
type Row = (Option<i64>, Option<f64>, Option<bool>, Option<i32>, Option<String>);

fn cells() -> impl Strategy<Value = Vec<Row>> {
    let integer = proptest::option::weighted(0.9, -9_007_199_254_740_991..=9_007_199_254_740_991_i64);
    let float = proptest::option::weighted(0.9, (-1e12..1e12).prop_map(|f: f64| (f * 1e3).round() / 1e3 + 0.5));
    let day = proptest::option::weighted(0.9, -25_000..40_000_i32);
    // Texts that neither are empty (CSV has no NULL of its own) nor look like anything else.
    let text = proptest::option::weighted(0.9, "x[a-z ,;\"'\n\r=+@é€日\\\\|\t-]{0,12}z");
    proptest::collection::vec((integer, float, proptest::option::weighted(0.9, any::<bool>()), day, text), 2..30)
}

fn iso(day: i32) -> String {
    let date = jiff::civil::date(1970, 1, 1).saturating_add(jiff::Span::new().days(day));
    date.to_string()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn random_cells_survive(rows in cells()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        runtime.block_on(async {
            let bed = bed();
            let types = [
                ("int", DataType::Integer), ("flt", DataType::Float), ("flag", DataType::Boolean),
                ("day", DataType::Date), ("txt", DataType::Text),
            ];
            let columns: Vec<Field> = types.iter().map(|(name, ty)| Field {
                name: (*name).into(), label: (*name).into(), ty: *ty, role: Role::Dimension, format: None, grain: None,
            }).collect();
            let column = |f: &dyn Fn(&Row) -> Cell| rows.iter().map(f).collect::<Vec<_>>();
            let data = vec![
                column(&|r| r.0.map_or(Cell::Null, Cell::Int)),
                column(&|r| r.1.map_or(Cell::Null, Cell::Float)),
                column(&|r| r.2.map_or(Cell::Null, Cell::Bool)),
                column(&|r| r.3.map_or(Cell::Null, |d| Cell::Text(iso(d)))),
                column(&|r| r.4.clone().map_or(Cell::Null, Cell::Text)),
            ];
            let table = Table { columns, data, truncated: false };
            let csv = engine::csv(&table);
            let options = LoadOptions {
                delimiter: Some(",".into()),
                header: Some(true),
                columns: types.iter().map(|(name, ty)| domain::dataset::ColumnChoice {
                    source: (*name).into(), name: None, ty: Some(*ty), role: None, skip: false,
                }).collect(),
                ..Default::default()
            };
            let loaded = bed.text("t.csv", &csv, &options).await.unwrap();
            let read = bed.rows(&loaded.segment, "SELECT * FROM data").await;
            prop_assert_eq!(read.len(), rows.len());
            for (at, row) in read.iter().enumerate() {
                for (column, cell) in row.iter().enumerate() {
                    let written = &table.data[column][at];
                    let same = match (written, cell) {
                        (Cell::Float(a), Cell::Float(b)) => a == b,
                        (a, b) => a == b,
                    };
                    prop_assert!(same, "row {} column {}: {:?} is {:?}", at, column, written, cell);
                }
            }
            Ok(())
        })?;
    }
}
