//! Questions in words.

#![allow(clippy::unwrap_used)]

use domain::Query;
use serde_json::{Value, json};

fn say(query: Value) -> String {
    let mut full = json!({"dataset": "flights"});
    full.as_object_mut().unwrap().extend(query.as_object().unwrap().clone());
    let query: Query = serde_json::from_value(full).unwrap();
    domain::query::sentence(&query, &|name| match name {
        "dep_delay" => Some("Departure delay".to_owned()),
        "on_time" => Some("On-time rate".to_owned()),
        "usd" => Some("USD price".to_owned()),
        _ => None,
    })
}

#[test]
fn questions_read_like_a_person_would_ask_them() {
    let relative = |value: Value| json!({"column": "time_hour", "op": "relative", "value": value});
    for (query, expected) in [
        (
            json!({"dimensions": [{"column": "time_hour", "grain": "month"}, {"column": "carrier"}],
                "measures": [{"agg": "avg", "column": "dep_delay"}],
                "filter": {"and": [relative(json!({"unit": "month", "n": 3, "as_of": "latest"})),
                    {"column": "origin", "op": "in", "value": ["JFK", "LGA"]}]}}),
            "average departure delay by month and carrier, JFK and LGA, last 3 months of data",
        ),
        (json!({}), "nothing yet"),
        (json!({"measures": [{"agg": "count"}]}), "number of rows"),
        (json!({"columns": ["carrier", "dep_delay"]}), "rows with carrier and departure delay"),
        (
            json!({"columns": ["a", "b", "c", "d", "e", "f"], "order": [{"by": "a"}, {"by": "b", "dir": "desc"}]}),
            "rows with a, b, c, d and 2 more columns, smallest a first, then largest b",
        ),
        (json!({"dimensions": [{"column": "carrier"}]}), "each carrier"),
        (
            json!({"dimensions": [{"column": "airlines.name"}], "measures": [{"metric": "on_time"},
                {"agg": "sum", "column": "usd", "calc": {"kind": "share"}}]}),
            "on-time rate and share of total USD price by name",
        ),
        (
            json!({"dimensions": [{"column": "carrier"}], "measures": [{"agg": "count"}],
                "filter": {"column": "carrier", "op": "top_n", "value": {"n": 10, "by": "count", "others": true}}}),
            "number of rows by carrier, top 10 carrier by number of rows and the others",
        ),
        (
            json!({"measures": [{"agg": "count"}], "filter": {"or": [
                {"column": "dep_delay", "op": "gt", "value": 15}, {"column": "dep_delay", "op": "is_null"}]}}),
            "number of rows, departure delay above 15 or no departure delay",
        ),
        (
            json!({"dimensions": [{"column": "day", "grain": "month"}], "measures": [{"agg": "sum", "column": "fare"}],
                "filter": relative(json!({"unit": "year", "of": "to_date"})), "compare": {"to": "previous_year"},
                "fill": "zero"}),
            "total fare by month, year to date, compared with the same time last year, gaps as zero",
        ),
        (
            json!({"dimensions": [{"column": "distance", "bin": {"width": 500}}],
                "measures": [{"agg": "p95", "column": "dep_delay", "as": "slowest"}],
                "having": {"column": "slowest", "op": "gt", "value": 10},
                "order": [{"by": "slowest", "dir": "desc"}], "limit": 5}),
            "slowest by ranges of distance, only where slowest above 10, largest slowest first, the first 5 rows",
        ),
    ] {
        assert_eq!(say(query), expected);
    }
}
