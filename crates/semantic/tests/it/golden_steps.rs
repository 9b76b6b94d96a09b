//! Questions of several steps, kept in `tests/golden` too; `crates/engine/tests/query_*.rs` runs such
//! questions and checks their numbers.

use crate::golden::{check, check_in};
use crate::{World, columns};
use domain::format::Style;
use domain::{DataType, Role};
use semantic::{Calculated, Policy};
use serde_json::{Value, json};

fn by_month(measure: Value) -> Value {
    json!({"dimensions": [{"column": "day", "grain": "month"}, {"column": "carrier"}], "measures": [measure]})
}

fn with(mut query: Value, more: Value) -> Value {
    query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    query
}

#[test]
fn joins() {
    let airlines = json!({"dataset": "airlines", "on": [["carrier", "carrier"]]});
    let plan = check(
        "join_to_one",
        json!({"joins": [airlines], "dimensions": [{"column": "airlines.name"}, {"column": "carrier"}],
            "measures": [{"agg": "sum", "column": "fare"}, {"agg": "count"}],
            "filter": {"column": "airlines.origin", "op": "eq", "value": "US"}}),
    );
    assert_eq!(plan.columns[0].name, "airlines.name");
    check(
        "join_chain",
        json!({"joins": [airlines, {"dataset": "countries", "on": [["airlines.origin", "origin"]], "kind": "inner"}],
            "dimensions": [{"column": "continent"}], "measures": [{"agg": "avg", "column": "dep_delay"}]}),
    );
    check(
        "join_raw",
        json!({"joins": [{"dataset": "incidents", "on": [["carrier", "carrier"], ["day", "at"]], "as": "i"}],
            "columns": ["day", "i.cost"], "order": [{"by": "i.airport"}]}),
    );
}

#[test]
fn joins_that_repeat_rows() {
    let incidents = json!({"dataset": "incidents", "on": [["carrier", "carrier"]]});
    check(
        "join_to_many",
        json!({"joins": [incidents], "dimensions": [{"column": "airport"}],
            "measures": [{"agg": "sum", "column": "fare"}, {"agg": "sum", "column": "cost"}, {"agg": "count"},
                {"agg": "max", "column": "cost"},
                {"agg": "ratio", "numerator": {"agg": "sum", "column": "cost"}, "denominator": {"agg": "count"}}]}),
    );
    check(
        "join_side_of_one",
        json!({"joins": [{"dataset": "airlines", "on": [["carrier", "carrier"]]}],
            "measures": [{"agg": "sum", "column": "fleet"}, {"agg": "sum", "column": "distance"}]}),
    );
}

#[test]
fn subtotals() {
    let by = json!([{"column": "carrier"}, {"column": "day", "grain": "month"}]);
    let plan = check(
        "subtotals",
        json!({"dimensions": by, "measures": [{"agg": "avg", "column": "fare"}, {"agg": "count_distinct", "column": "origin"}],
            "subtotals": [["carrier"], ["day"], []]}),
    );
    let last = &plan.columns[4];
    assert_eq!((last.name.as_str(), last.ty, last.role), ("grouping_id", DataType::Integer, Role::Dimension));
    // Where joins repeat rows, each grouping is worked out by itself.
    check(
        "subtotals_joined",
        json!({"joins": [{"dataset": "incidents", "on": [["carrier", "carrier"]]}], "dimensions": [{"column": "airport"}],
            "measures": [{"agg": "sum", "column": "fare"}], "subtotals": [[]]}),
    );
    check(
        "subtotals_others",
        json!({"dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}], "subtotals": [[]],
            "filter": {"column": "carrier", "op": "top_n", "value": {"n": 3, "by": "count", "others": true}}}),
    );
}

#[test]
fn others() {
    check(
        "top_n_others",
        json!({"dimensions": [{"column": "carrier"}],
            "measures": [{"agg": "avg", "column": "fare"}, {"agg": "count_distinct", "column": "origin"}],
            "filter": {"and": [{"column": "carrier", "op": "top_n", "value": {"n": 3, "by": "avg_fare", "others": true}},
                {"column": "cancelled", "op": "is_false"}]}}),
    );
}

#[test]
fn calculations() {
    for kind in ["running_total", "share", "rank", "change", "percent_change", "moving_avg"] {
        let plan =
            check(&format!("calc_{kind}"), by_month(json!({"agg": "sum", "column": "fare", "calc": {"kind": kind}})));
        assert_eq!(plan.columns[2].name, "sum_fare");
    }
    let plan = check(
        "calc_over_row",
        with(
            by_month(json!({"agg": "count", "calc": {"kind": "percent_change", "over": "row"}})),
            json!({"having": {"column": "count", "op": "gt", "value": 5}}),
        ),
    );
    assert_eq!(plan.columns[2].label, "Percent change of count");
    let plan = check(
        "calc_share_within",
        by_month(json!({"agg": "count_distinct", "column": "origin", "calc": {"kind": "share", "within": ["day"]}})),
    );
    assert_eq!(plan.columns[2].format.as_ref().map(|f| f.style), Some(Style::Percent));
    check(
        "calc_share_of_top",
        json!({"dimensions": [{"column": "carrier"}],
            "measures": [{"agg": "sum", "column": "fare", "calc": {"kind": "share"}}, {"agg": "count"}],
            "filter": {"column": "carrier", "op": "top_n", "value": {"n": 3, "by": "count"}}}),
    );
}

#[test]
fn comparisons() {
    let last = |n: u32| json!({"column": "day", "op": "relative", "value": {"unit": "month", "n": n}});
    let plan = check(
        "compare_period",
        with(
            by_month(json!({"agg": "sum", "column": "fare"})),
            json!({"filter": last(3), "compare": {"to": "previous_period", "show": ["previous", "change", "percent_change"]}}),
        ),
    );
    let names: Vec<&str> = plan.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names,
        ["day", "carrier", "sum_fare", "sum_fare_previous", "sum_fare_change", "sum_fare_percent_change"]
    );
    check(
        "compare_year_zone",
        json!({"dimensions": [{"column": "time_hour", "grain": "day"}], "measures": [{"agg": "count"}],
            "compare": {"to": "previous_year"}, "timezone": "Europe/Berlin"}),
    );
    check(
        "compare_total",
        json!({"measures": [{"agg": "count"}], "compare": {"to": "previous_period"},
            "filter": {"column": "day", "op": "between", "value": ["2024-01-10", "2024-01-19"]}}),
    );
}

#[test]
fn gaps() {
    for fill in ["null", "zero", "previous"] {
        check(&format!("fill_{fill}"), with(by_month(json!({"agg": "count"})), json!({"fill": fill})));
    }
    check(
        "fill_window",
        json!({"dimensions": [{"column": "time_hour", "grain": "day"}], "measures": [{"agg": "count"}], "fill": "zero",
            "timezone": "America/New_York",
            "filter": {"column": "time_hour", "op": "relative", "value": {"unit": "day", "n": 7}}}),
    );
}

#[test]
fn calendars() {
    check(
        "calendar",
        json!({"dimensions": [{"column": "day", "grain": "week"}, {"column": "time_hour", "grain": "quarter"},
                {"column": "time_hour", "grain": "year"}, {"column": "day", "grain": "day_of_week"}],
            "measures": [{"agg": "count"}], "week_start": 7, "fiscal_year_start": 2,
            "filter": {"column": "day", "op": "relative", "value": {"unit": "year", "of": "current"}}}),
    );
}

#[test]
fn metrics() {
    let metric: domain::metric::MetricDef = serde_json::from_value(json!({
        "id": "on_time_rate", "name": "On time", "refresh_interval": 60, "format": "percent",
        "query": {"dataset": "flights", "filter": {"column": "cancelled", "op": "is_false"},
            "measures": [{"agg": "ratio", "denominator": {"agg": "count"},
                "numerator": {"agg": "count_if", "filter": {"column": "dep_delay", "op": "lte", "value": 15}}}]}
    }))
    .unwrap();
    let world = World { metrics: vec![metric], ..World::default() };
    let query =
        json!({"dimensions": [{"column": "carrier"}], "measures": [{"metric": "on_time_rate"}, {"agg": "count"}]});
    let plan = check_in(&world, "metric", query);
    let column = &plan.columns[1];
    assert_eq!((column.name.as_str(), column.label.as_str()), ("on_time_rate", "On time"));
    assert_eq!(column.format.as_ref().map(|f| f.style), Some(Style::Percent));
}

#[test]
fn calculated_columns_and_policies() {
    let column = |name: &str, ty: DataType| domain::Column {
        name: name.into(),
        label: name.into(),
        ty,
        role: Role::Dimension,
        ..columns().swap_remove(3)
    };
    let calculated = vec![
        Calculated { column: column("late", DataType::Boolean), expression: "dep_delay > 15".into() },
        Calculated { column: column("how", DataType::Text), expression: "if(late, 'late', 'on time')".into() },
        Calculated { column: column("hour", DataType::Integer), expression: "hour(time_hour)".into() },
    ];
    let world = World { calculated: calculated.clone(), ..World::default() };
    let query = json!({"dimensions": [{"column": "how"}, {"column": "hour"}], "measures": [{"agg": "count"}],
        "filter": {"column": "late", "op": "is_not_null"}, "timezone": "Europe/Berlin"});
    check_in(&world, "calculated", query);
    let policy = Policy {
        rows: vec![serde_json::from_value(json!({"column": "origin", "op": "eq", "value": "JFK"})).unwrap()],
        hidden: vec!["origin".into()],
        masked: ["carrier", "dep_delay"].map(|c| (c.into(), semantic::Mask::Redact)).into(),
    };
    let world = World { calculated, policy, ..World::default() };
    let query = json!({"dimensions": [{"column": "carrier"}, {"column": "how"}], "measures": [{"agg": "sum", "column": "dep_delay"}]});
    check_in(&world, "masked", query);
    let error = world.plan(&json!({"dataset": "flights", "columns": ["origin"]})).unwrap_err();
    assert_eq!(error.code, domain::ErrorCode::UnknownColumn);
    assert!(!error.hint.unwrap_or_default().contains("origin"));
}
