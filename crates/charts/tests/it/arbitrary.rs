//! Any table, any encodings, any kind: a picture of JSON comes out, and its notes are true.

use charts::Theme;
use domain::chart::Encodings;
use domain::query::Grain;
use domain::{Cell, ChartKind, ChartSpec, DataType, Field, Role, Table};
use proptest::prelude::*;
use serde_json::json;

fn cell() -> impl Strategy<Value = Cell> {
    prop_oneof![
        Just(Cell::Null),
        any::<bool>().prop_map(Cell::Bool),
        any::<i64>().prop_map(Cell::Int),
        (-50_i64..50).prop_map(Cell::Int),
        any::<f64>().prop_map(Cell::Float),
        (-1e6..1e6).prop_map(Cell::Float),
        "[a-d]{0,2}".prop_map(Cell::Text),
        "\\PC{0,12}".prop_map(Cell::Text),
        (1900_i32..2100, 0_u32..14, 0_u32..33).prop_map(|(y, m, d)| Cell::Text(format!("{y}-{m:02}-{d:02}"))),
        prop::sample::select(vec!["Germany", "US", "FRA", "12.5", "1e400", domain::query::GROUPING])
            .prop_map(|t| Cell::Text(t.to_owned())),
    ]
}

fn field(i: usize) -> impl Strategy<Value = Field> {
    let types = vec![
        DataType::Boolean,
        DataType::Integer,
        DataType::Float,
        DataType::Decimal,
        DataType::Text,
        DataType::Date,
        DataType::Timestamp,
        DataType::Other,
    ];
    let grains = [None, Some(Grain::Day), Some(Grain::Month), Some(Grain::Second), Some(Grain::DayOfWeek)];
    let names = vec!["lat", "lon", "country", domain::query::GROUPING, "m"];
    (
        prop::sample::select(types),
        prop::sample::select(vec![Role::Time, Role::Dimension, Role::Measure]),
        prop::sample::select(grains.to_vec()),
        prop::option::weighted(0.2, prop::sample::select(names)),
    )
        .prop_map(move |(ty, role, grain, name)| {
            let name = name.map_or_else(|| format!("c{i}"), str::to_owned);
            Field { label: name.clone(), name, ty, role, format: None, grain }
        })
}

fn table() -> impl Strategy<Value = Table> {
    (0..7_usize, 0..40_usize).prop_flat_map(|(columns, rows)| {
        let fields: Vec<_> = (0..columns).map(field).collect();
        let data = prop::collection::vec(prop::collection::vec(cell(), rows), columns);
        (fields, data, any::<bool>()).prop_map(|(columns, data, truncated)| Table { columns, data, truncated })
    })
}

fn name() -> impl Strategy<Value = String> {
    (0..8_usize).prop_map(|i| format!("c{i}"))
}

fn encodings() -> impl Strategy<Value = Encodings> {
    (prop::option::of(name()), prop::collection::vec(name(), 0..4), prop::option::of(name()), prop::option::of(name()))
        .prop_map(|(x, y, color, size)| Encodings { x, y, color, size })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_kind_draws_it(table in table(), encodings in encodings(), number in any::<f64>(), sort in any::<bool>()) {
        for kind in ChartKind::ALL {
            let mut spec = ChartSpec::new(*kind, encodings.clone(), Default::default());
            for plain in [true, false] {
                if !plain {
                    let options = json!({
                        "log": true, "stack": "percent", "labels": "always", "target": number, "min": number, "sort": "value",
                        "rules": [{"value": number, "tone": "bad"}, {"when": "between", "value": -5, "to": number}],
                        "annotations": [{"kind": "average"}, {"kind": "median"}, {"kind": "band", "value": number, "to": 1},
                            {"kind": "time", "at": "2024-01-03", "label": "x"}, {"kind": "range", "at": "1950-01-01", "until": "2050-01-01"}],
                        "layout": "circular", "opening": true, "scale": true,
                    });
                    spec.options = options.as_object().cloned().unwrap_or_default();
                }
                let picture = charts::picture(&spec, &table, Theme::Light);
                let text = picture.option.to_string();
                prop_assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
                prop_assert!(picture.notes.iter().all(|n| n.ends_with('.')), "{:?}", picture.notes);
                prop_assert!(charts::describe(&spec, &table).ends_with('.'));
                charts::number(&spec, &table);
                charts::suits(*kind, &table.columns, table.row_count());
            }
            let view = charts::PivotView { sort: Some((0, sort)), ..Default::default() };
            let grid = charts::crosstab(&spec, &table, &view);
            prop_assert!(grid.lines.iter().all(|l| l.cells.len() == grid.heads.len()));
        }
    }

    #[test]
    fn communities_and_centrality_of_any_graph(nodes in 0..40_usize, links in prop::collection::vec((0..45_usize, 0..45_usize, -1.0..9.0), 0..120)) {
        let a = charts::graph::analyse(nodes, &links);
        prop_assert_eq!(a.community.len(), nodes);
        prop_assert!(a.betweenness.iter().all(|b| (0.0..=1.0).contains(b)));
        // What is linked is reached from the largest down, and numbers have no gaps.
        let mut seen = vec![false; a.communities];
        a.community.iter().for_each(|c| seen[*c] = true);
        prop_assert!(seen.into_iter().all(|s| s));
    }
}
