//! Editing a tile's question.

use super::*;
use crate::tiles::logic::testing::flights;
use domain::query::Op;
use serde_json::json;

fn tile(json: Value) -> Tile {
    serde_json::from_value(json).unwrap()
}

fn draft(kind: &str, query: Value) -> Draft {
    let json = json!({"type": "chart", "chart_type": kind, "data_source": {"query": query}});
    Draft::of(&tile(json), &flights(), &Grains::new())
}

fn column(name: &str) -> Pick {
    Pick::Column(name.into())
}

fn put(draft: &mut Draft, pick: &Pick) {
    let well = draft.home_of(pick, &flights());
    draft.add(pick, well, &flights(), &Grains::new());
}

fn dimensions(draft: &Draft) -> Vec<&str> {
    draft.query.dimensions.iter().map(|d| d.column.as_str()).collect()
}

#[test]
fn a_tile_comes_back_as_it_was() {
    let json = json!({"id": "t1", "type": "chart", "chart_type": "bar", "title": "T",
        "position": {"x": 1, "y": 2, "w": 3, "h": 4},
        "data_source": {"query": {"dataset": "flights", "dimensions": [{"column": "origin"}],
            "measures": [{"agg": "count"}], "order": [{"by": "count", "dir": "desc"}], "limit": 5},
            "options": {"log": true}}});
    let before = tile(json);
    let after = Draft::of(&before, &flights(), &Grains::new()).into_tile(&before);
    assert_eq!(after, before);
}

#[test]
fn the_short_form_becomes_a_question() {
    let json = json!({"type": "chart", "chart_type": "line", "data_source":
        {"table": "flights", "columns": ["origin", "time_hour", "dep_delay"], "filters": [{"column": "origin", "op": "eq", "value": "JFK"}]}});
    let grains = Grains::from([("time_hour".to_owned(), Grain::Day)]);
    let draft = Draft::of(&tile(json), &flights(), &grains);
    assert_eq!(dimensions(&draft), ["time_hour", "origin"]);
    assert_eq!(draft.query.dimensions[0].grain, Some(Grain::Day));
    assert_eq!(draft.query.measures, [Measure::of(Agg::Sum, "dep_delay")]);
    assert!(draft.query.filter.is_some());
}

#[test]
fn fields_find_their_well() {
    let mut draft = draft("line", json!({"dataset": "flights"}));
    put(&mut draft, &column("origin"));
    put(&mut draft, &column("dep_delay"));
    put(&mut draft, &column("time_hour"));
    assert_eq!(dimensions(&draft), ["time_hour", "origin"], "a time takes the axis");
    assert_eq!(draft.query.measures, [Measure::of(Agg::Sum, "dep_delay")]);
    assert_eq!(draft.encodings.color.as_deref(), Some("origin"));
    put(&mut draft, &column("carrier"));
    assert_eq!(dimensions(&draft), ["time_hour", "carrier"], "a full well gives up its last");
    put(&mut draft, &Pick::Count);
    assert_eq!(draft.query.measures.len(), 2);
}

#[test]
fn a_pie_has_one_group_and_one_value() {
    let mut draft = draft("pie", json!({"dataset": "flights"}));
    for pick in [column("origin"), column("carrier"), Pick::Count, column("dep_delay")] {
        put(&mut draft, &pick);
    }
    assert_eq!(dimensions(&draft), ["carrier"]);
    assert_eq!(draft.query.measures, [Measure::of(Agg::Sum, "dep_delay")]);
    assert_eq!(draft.encodings, Encodings::default());
}

#[test]
fn what_spoke_of_a_field_goes_with_it() {
    let mut draft = draft(
        "bar",
        json!({"dataset": "flights", "dimensions": [{"column": "origin"}, {"column": "carrier"}],
            "measures": [{"agg": "count"}, {"agg": "avg", "column": "dep_delay"}],
            "filter": {"and": [{"column": "carrier", "op": "top_n", "value": {"n": 3, "by": "count"}},
                {"column": "origin", "op": "in", "value": ["JFK"]}]},
            "having": {"column": "count", "op": "gt", "value": 3},
            "order": [{"by": "count"}, {"by": "avg_dep_delay"}]}),
    );
    draft.remove(Well::Values, 0);
    assert_eq!(draft.query.order.len(), 1);
    assert_eq!(draft.query.having, None);
    assert_eq!(draft.query.filter, Some(Filter::is("origin", Op::In, json!(["JFK"]))));
    draft.remove(Well::Split, 0);
    assert_eq!(draft.encodings, Encodings::default());
}

#[test]
fn a_table_lists_rows_or_groups() {
    let mut draft = draft("table", json!({"dataset": "flights", "columns": ["origin", "dep_delay", "time_hour"]}));
    assert!(draft.is_raw());
    put(&mut draft, &column("carrier"));
    draft.shift(Well::Columns, 3, true);
    assert_eq!(draft.query.columns, ["origin", "dep_delay", "carrier", "time_hour"]);
    draft.set_raw(false, &flights(), &Grains::new());
    assert_eq!(dimensions(&draft), ["time_hour", "origin", "carrier"]);
    assert_eq!(draft.query.measures, [Measure::of(Agg::Sum, "dep_delay")]);
    draft.set_raw(true, &flights(), &Grains::new());
    assert_eq!(draft.query.columns, ["time_hour", "origin", "carrier", "dep_delay"]);
}

#[test]
fn another_kind_keeps_the_question() {
    let mut draft = draft("table", json!({"dataset": "flights", "columns": ["time_hour", "origin", "carrier"]}));
    draft.set_kind(ChartKind::Line, &flights(), &Grains::new());
    assert_eq!(dimensions(&draft), ["time_hour", "origin"]);
    assert_eq!(draft.query.measures, [Measure::count()]);
    draft.set_kind(ChartKind::Bar, &flights(), &Grains::new());
    assert_eq!(dimensions(&draft), ["time_hour", "origin"]);
}

#[test]
fn another_dataset_keeps_what_it_has() {
    let mut draft = draft(
        "line",
        json!({"dataset": "other", "dimensions": [{"column": "when", "grain": "day"}, {"column": "origin"}],
            "measures": [{"agg": "sum", "column": "cost"}],
            "filter": {"and": [{"column": "cost", "op": "gt", "value": 1}, {"column": "origin", "op": "in", "value": ["JFK"]}]}}),
    );
    draft.set_dataset("flights", &flights(), &Grains::new());
    assert_eq!(dimensions(&draft), ["origin"]);
    assert_eq!(draft.query.measures, [Measure::count()]);
    assert_eq!(draft.query.filter, Some(Filter::is("origin", Op::In, json!(["JFK"]))));

    let mut fresh = Draft::of(&Tile::default(), &[], &Grains::new());
    fresh.set_dataset("flights", &flights(), &Grains::new());
    assert_eq!(dimensions(&fresh), ["time_hour"]);
    assert_eq!(fresh.query.measures, [Measure::count()]);
}

#[test]
fn a_scatter_reads_its_parts_in_order() {
    let json = json!({"type": "chart", "chart_type": "scatter", "data_source": {
        "query": {"dataset": "flights", "dimensions": [{"column": "carrier"}],
            "measures": [{"agg": "count"}, {"agg": "avg", "column": "dep_delay"}]},
        "encodings": {"x": "avg_dep_delay", "y": ["count"]}}});
    let mut draft = Draft::of(&tile(json), &flights(), &Grains::new());
    assert_eq!(draft.query.measures, [Measure::of(Agg::Avg, "dep_delay"), Measure::count()]);
    draft.tidy();
    assert_eq!(draft.encodings, Encodings::default());
}

#[test]
fn a_metric_stands_for_itself() {
    let mut draft = draft("line", json!({"dataset": "flights", "measures": [{"agg": "count"}]}));
    draft.set_metric("revenue");
    let tile = draft.into_tile(&Tile::default());
    assert_eq!(tile.kind, TileKind::Metric);
    let source = tile.data_source.unwrap();
    assert_eq!((source.metric.as_deref(), source.query), (Some("revenue"), None));
}

#[test]
fn nothing_chosen_is_no_source() {
    let draft = Draft::of(&Tile::default(), &[], &Grains::new());
    assert!(!draft.asks());
    assert_eq!(draft.into_tile(&Tile::default()).data_source, None);
}

#[test]
fn the_first_bars_stay_when_they_are_split() {
    let mut draft = draft(
        "row",
        json!({"dataset": "flights", "dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}],
            "order": [{"by": "count", "dir": "desc"}], "limit": 12}),
    );
    put(&mut draft, &column("origin"));
    assert_eq!(dimensions(&draft), ["carrier", "origin"]);
    assert_eq!(draft.query.limit, None);
    assert_eq!(
        draft.query.filter,
        Some(Filter::is("carrier", Op::TopN, json!({"n": 12, "by": "count", "others": false})))
    );
}

#[test]
fn a_well_takes_a_field_once_and_a_number_with_another_aggregate() {
    let mut draft = draft(
        "line",
        json!({"dataset": "flights", "dimensions": [{"column": "carrier"}],
            "measures": [{"agg": "count"}, {"agg": "avg", "column": "dep_delay"}]}),
    );
    let columns = flights();
    let grains = Grains::new();
    let before = draft.clone();
    assert!(!draft.add(&Pick::Count, Well::Values, &columns, &grains));
    assert!(!draft.add(&column("carrier"), Well::X, &columns, &grains));
    assert!(!draft.add(&column("carrier"), Well::Split, &columns, &grains));
    assert_eq!(draft, before);
    assert!(draft.add(&column("dep_delay"), Well::Values, &columns, &grains));
    assert!(draft.add(&column("dep_delay"), Well::Values, &columns, &grains));
    let mut aggregates: Vec<_> = draft.query.measures.iter().map(|m| m.agg.map(|a| a.name())).collect();
    aggregates.dedup();
    assert_eq!(aggregates.len(), 4, "{aggregates:?}");
}

#[test]
fn every_kind_begins_with_something_to_see() {
    let bars = json!({"dataset": "flights", "dimensions": [{"column": "origin"}], "measures": [{"agg": "count"}]});
    for kind in ChartKind::ALL {
        for query in [bars.clone(), json!({"dataset": "flights", "columns": ["origin", "dep_delay"]})] {
            let mut draft = draft("table", query);
            draft.set_kind(*kind, &flights(), &Grains::new());
            let fields = shape::fields(&draft.query, &flights());
            let rows = if draft.query.dimensions.is_empty() { 1 } else { 12 };
            assert_eq!(charts::suits(*kind, &fields, rows), None, "{kind:?}: {:?}", draft.query);
        }
    }
}

#[test]
fn kinds_take_what_suits_them() {
    let mut draft = draft(
        "bar",
        json!({"dataset": "flights", "dimensions": [{"column": "origin"}], "measures": [{"agg": "count"}]}),
    );
    let mut to = |kind| {
        draft.set_kind(kind, &flights(), &Grains::new());
        draft.clone()
    };
    let ranges = to(ChartKind::Histogram);
    assert_eq!((dimensions(&ranges), ranges.query.dimensions[0].bin.is_some()), (vec!["dep_delay"], true));
    let boxes = to(ChartKind::BoxPlot);
    assert_eq!(boxes.query.measures, [Measure::of(Agg::Median, "dep_delay")]);
    let days = to(ChartKind::Calendar);
    assert_eq!((dimensions(&days), days.query.dimensions[0].grain), (vec!["time_hour"], Some(Grain::Day)));
    let flow = to(ChartKind::Sankey);
    assert_eq!(dimensions(&flow), ["origin", "carrier"]);
    let two = to(ChartKind::Scatter);
    assert_eq!(two.query.measures.len(), 2);
}

#[test]
fn a_pivot_table_has_groups_down_and_across() {
    let by = json!([{"column": "origin"}, {"column": "carrier"}, {"column": "cancelled"}]);
    let mut draft = draft("pivot", json!({"dataset": "flights", "dimensions": by, "measures": [{"agg": "count"}]}));
    assert_eq!((dimensions(&draft), draft.rows()), (vec!["origin", "carrier", "cancelled"], 2));
    assert!(draft.add(&column("time_hour"), Well::Across, &flights(), &Grains::new()));
    assert_eq!((draft.query.dimensions.len(), draft.rows()), (4, 2));
    draft.remove(Well::Groups, 0);
    assert_eq!((dimensions(&draft), draft.rows()), (vec!["carrier", "cancelled", "time_hour"], 1));
    assert_eq!(draft.options["columns"], json!(["cancelled", "time_hour"]));
    draft.shift(Well::Across, 1, true);
    draft.shift(Well::Across, 0, true);
    assert_eq!((dimensions(&draft), draft.rows()), (vec!["carrier", "time_hour", "cancelled"], 1));
    draft.remove(Well::Across, 0);
    draft.add(&column("origin"), Well::Groups, &flights(), &Grains::new());
    assert_eq!((dimensions(&draft), draft.rows()), (vec!["carrier", "origin", "cancelled"], 2));
    let json = serde_json::to_value(draft.clone().into_tile(&Tile::default())).unwrap();
    let again = Draft::of(&tile(json), &flights(), &Grains::new());
    assert_eq!((again.query, again.options), (draft.query.clone(), draft.options.clone()));
    draft.set_kind(ChartKind::Bar, &flights(), &Grains::new());
    assert!(draft.options.is_empty());
}

#[test]
fn a_free_question_takes_what_one_likes_and_time_leads() {
    let query = json!({"dataset": "flights", "measures": [{"agg": "count"}]});
    let mut draft = Draft { free: true, ..draft("pie", query) };
    for name in ["origin", "carrier", "cancelled", "time_hour"] {
        put(&mut draft, &column(name));
    }
    assert_eq!(dimensions(&draft), ["time_hour", "origin", "carrier", "cancelled"]);
    for pick in [column("dep_delay"), Pick::Ratio, Pick::CountIf, Pick::Metric("on_time".into())] {
        put(&mut draft, &pick);
    }
    assert_eq!(draft.query.measures.len(), 5);
    assert_eq!(draft.query.measures[2].numerator, Some(Box::new(Measure::of(Agg::Sum, "dep_delay"))));
    draft.shift(Well::Groups, 1, false);
    draft.remove(Well::Groups, 0);
    assert_eq!(dimensions(&draft), ["carrier", "origin", "cancelled"]);
}

#[test]
fn a_join_goes_with_all_that_was_asked_of_it() {
    let query = json!({"dataset": "flights",
        "joins": [{"dataset": "planes", "on": [["tailnum", "tailnum"]]},
            {"dataset": "makers", "on": [["planes.maker", "name"]]}, {"dataset": "airlines", "on": [["carrier", "carrier"]]}],
        "dimensions": [{"column": "airlines.name"}, {"column": "planes.maker"}],
        "measures": [{"agg": "count"}, {"agg": "ratio", "numerator": {"agg": "sum", "column": "planes.seats"}, "denominator": {"agg": "count"}}],
        "filter": {"and": [{"column": "origin", "op": "eq", "value": "JFK"}, {"column": "planes.year", "op": "gt", "value": 2000}]},
        "order": [{"by": "planes.maker"}]});
    let mut draft = Draft { free: true, ..draft("table", query) };
    draft.remove_join(0);
    let left: Vec<&str> = draft.query.joins.iter().map(|j| j.dataset.as_str()).collect();
    assert_eq!((left, dimensions(&draft)), (vec!["airlines"], vec!["airlines.name"]));
    assert_eq!(draft.query.measures, [Measure::count()]);
    assert_eq!(draft.query.filter, Some(Filter::is("origin", Op::Eq, "JFK")));
    assert!(draft.query.order.is_empty());
}

#[test]
fn a_select_stays_the_source_until_another_is_chosen() {
    let json =
        json!({"type": "chart", "chart_type": "bar", "data_source": {"sql": "SELECT carrier, dep_delay FROM flights"}});
    let tile = tile(json);
    let columns: Vec<Column> =
        flights().into_iter().filter(|c| ["carrier", "dep_delay"].contains(&c.name.as_str())).collect();
    // Before its columns are known nothing is lost.
    assert_eq!(Draft::of(&tile, &[], &Grains::new()).into_tile(&tile).data_source, tile.data_source);
    let mut draft = Draft::of(&tile, &columns, &Grains::new());
    assert_eq!(dimensions(&draft), ["carrier"]);
    draft.set_kind(ChartKind::Pie, &columns, &Grains::new());
    let source = draft.clone().into_tile(&tile).data_source.unwrap();
    assert_eq!(source.sql, tile.data_source.as_ref().unwrap().sql);
    assert_eq!(source.query.unwrap().dataset, "");
    draft.set_dataset("flights", &flights(), &Grains::new());
    let source = draft.into_tile(&tile).data_source.unwrap();
    assert_eq!((source.sql, source.query.unwrap().dataset), (None, "flights".to_owned()));
}
