//! Metrics: gathering of values, values from outside in any order, failures, breakdowns, and that
//! what is added up after appends is what the whole would be.

#![allow(clippy::unwrap_used, reason = "tests")]

mod house;

use domain::api::{HistoryRequest, MetricPatch, NewMetric, PushedValue};
use domain::metric::{Direction, Metric};
use domain::{Error, ErrorCode, UserRole};
use house::House;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::{Value, json};

impl House {
    async fn make(&self, new: Value) -> Result<Metric, Error> {
        let new: NewMetric = serde_json::from_value(new).unwrap();
        self.services.create_metric(&self.owner, new).await
    }

    async fn push(&self, id: &str, values: Value) -> Result<(), Error> {
        let values: Vec<PushedValue> = serde_json::from_value(values).unwrap();
        self.services.push_values(&self.owner, id, values).await
    }

    async fn read(&self, id: &str) -> Metric {
        self.services.get_metric(&self.owner, id).await.unwrap()
    }

    async fn past(&self, id: &str, request: Value) -> Vec<(String, Option<f64>)> {
        let request: HistoryRequest = serde_json::from_value(request).unwrap();
        let history = self.services.metric_history(&self.owner, id, &request).await.unwrap();
        history.points.into_iter().map(|p| (p.at[11..19].to_owned(), p.value)).collect()
    }
}

/// A minute of a day in the past.
fn at(minute: u32) -> String {
    format!("2025-03-01T{:02}:{:02}:00Z", minute / 60, minute % 60)
}

#[tokio::test]
async fn values_from_outside_go_to_their_place_whatever_their_order() {
    let house = House::build().await;
    let metric = house.make(json!({"id": "beat", "name": "Beat", "format": {}, "target": 4.0})).await.unwrap();
    assert!(metric.def.is_pushed() && metric.reading.value.is_none() && metric.reading.history.is_empty());
    house.push("beat", json!([{"value": 3, "at": at(3)}, {"value": 1, "at": at(1)}])).await.unwrap();
    house.push("beat", json!([{"value": 2, "at": at(2)}])).await.unwrap();
    let read = house.read("beat").await.reading;
    assert_eq!(read.value, Some(3.0), "a late value is not the newest");
    assert_eq!(read.history.iter().map(|(_, v)| v.unwrap()).collect::<Vec<_>>(), [1.0, 2.0, 3.0]);
    assert_eq!((read.trend.direction, read.trend.change), (Direction::Up, Some(1.0)));
    assert_eq!(read.target_trend.unwrap().change, Some(-1.0));
    house.push("beat", json!([{"value": 9, "at": at(4), "ts": 7.5}])).await.unwrap();
    let read = house.read("beat").await.reading;
    assert_eq!(
        (read.value, read.ts, read.calculated_at.as_deref()),
        (Some(9.0), Some(7.5), Some("2025-03-01T00:04:00.000Z"))
    );
    let all = house.past("beat", json!({"from": at(0), "to": at(9)})).await;
    assert_eq!(all.iter().map(|(_, v)| v.unwrap()).collect::<Vec<_>>(), [1.0, 2.0, 3.0, 9.0]);
    let few = house.past("beat", json!({"from": at(0), "to": at(9), "points": 2})).await;
    assert!(few.len() <= 2 && few.last().unwrap().1 == Some(9.0));
    // A refresh by hand changes nothing, and a patch keeps it a metric of pushed values.
    assert_eq!(house.services.refresh_metric(&house.owner, "beat").await.unwrap().reading.value, Some(9.0));
    let patch = MetricPatch { name: Some("Other".into()), ..MetricPatch::default() };
    assert!(house.services.update_metric(&house.owner, "beat", patch).await.unwrap().def.is_pushed());
}

#[tokio::test]
async fn bad_values_are_refused_and_none_of_their_list_is_kept() {
    let house = House::build().await;
    house.make(json!({"id": "beat", "name": "Beat", "format": {}})).await.unwrap();
    let refused = house.push("beat", json!([{"value": 1, "at": at(1)}, {"value": 2, "at": "soon"}])).await.unwrap_err();
    assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::InvalidRequest, Some("[1].at")));
    assert!(house.push("beat", json!([{"value": 1, "at": "2999-01-01T00:00:00Z"}])).await.is_err());
    assert!(house.push("beat", json!([])).await.is_err());
    let many: Vec<Value> = (0..1_001).map(|n| json!({"value": n})).collect();
    assert_eq!(house.push("beat", json!(many)).await.unwrap_err().code, ErrorCode::TooLarge);
    assert_eq!(house.read("beat").await.reading.value, None);
    let stranger = house.user("stranger", UserRole::Creator).await;
    let pushed = vec![PushedValue { value: 1.0, at: None, ts: None }];
    assert_eq!(house.services.push_values(&stranger, "beat", pushed).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_window_gathers_values_and_late_ones_change_what_was_shown() {
    let house = House::build().await;
    let sum = json!({"id": "sum", "name": "Sum", "format": {}, "aggregation": "sum", "window": 120});
    house.make(sum).await.unwrap();
    house
        .push("sum", json!([{"value": 1, "at": at(0)}, {"value": 2, "at": at(1)}, {"value": 8, "at": at(3)}]))
        .await
        .unwrap();
    let shown = async || -> Vec<Option<f64>> {
        house.past("sum", json!({"from": at(0), "to": at(9)})).await.into_iter().map(|(_, v)| v).collect()
    };
    assert_eq!(shown().await, [Some(1.0), Some(3.0), Some(8.0)], "the window is later than its beginning");
    house.push("sum", json!([{"value": 4, "at": at(2)}])).await.unwrap();
    assert_eq!(shown().await, [Some(1.0), Some(3.0), Some(6.0), Some(12.0)]);
    assert_eq!(house.read("sum").await.reading.value, Some(12.0));

    house.make(json!({"id": "rate", "name": "Rate", "format": {}, "aggregation": "rate"})).await.unwrap();
    house.push("rate", json!([{"value": 100, "at": at(0)}])).await.unwrap();
    assert_eq!(house.read("rate").await.reading.value, None, "nothing to compare with");
    house.push("rate", json!([{"value": 220, "at": at(2)}])).await.unwrap();
    assert_eq!(house.read("rate").await.reading.value, Some(1.0));
    house.push("rate", json!([{"value": 100, "at": at(1)}])).await.unwrap();
    assert_eq!(house.read("rate").await.reading.value, Some(2.0), "the value before is another one now");
}

#[tokio::test]
async fn without_a_window_the_rows_of_the_answer_become_one_value() {
    let house = House::build().await;
    house.load("sales", "region,amount\nNorth,1\nNorth,2\nSouth,10\n").await;
    let by_region = json!({"dataset": "sales", "dimensions": [{"column": "region"}],
        "measures": [{"agg": "sum", "column": "amount"}], "order": [{"by": "region"}]});
    let value = async |aggregation: &str| {
        let new = json!({"id": aggregation, "name": aggregation, "query": by_region, "format": {}, "aggregation": aggregation});
        house.make(new).await.unwrap().reading.value
    };
    assert_eq!(value("latest").await, Some(3.0));
    assert_eq!(value("sum").await, Some(13.0));
    assert_eq!(value("avg").await, Some(6.5));
    assert_eq!((value("min").await, value("max").await, value("count").await), (Some(3.0), Some(10.0), Some(2.0)));
}

#[tokio::test]
async fn a_metric_that_fails_says_since_when_and_keeps_its_value() {
    let house = House::build().await;
    house.load("sales", "amount\n1\n2\n").await;
    house.metric("total", json!({"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]})).await;
    house.services.delete_dataset(&house.owner, "sales").await.unwrap();
    let failed = house.services.refresh_metric(&house.owner, "total").await.unwrap().reading;
    assert_eq!((failed.value, failed.failures), (Some(3.0), 1));
    assert!(failed.error.as_deref().unwrap().contains("gone"));
    let since = failed.failing_since.clone().unwrap();
    let again = house.services.refresh_metric(&house.owner, "total").await.unwrap().reading;
    assert_eq!((again.failing_since.as_deref(), again.failures), (Some(since.as_str()), 2), "since the first failure");
    assert_eq!(again.calculated_at, failed.calculated_at, "the value is as old as it is");
    assert_eq!(again.history.len(), 1, "a failure is no value");
    house.load("sales", "amount\n5\n").await;
    let well = house.services.refresh_metric(&house.owner, "total").await.unwrap().reading;
    assert_eq!((well.value, well.error, well.failing_since, well.failures), (Some(5.0), None, None, 0));
}

#[tokio::test]
async fn a_breakdown_has_the_largest_members_with_their_course() {
    let house = House::build().await;
    house.load("sales", "region,amount\nNorth,1\nSouth,10\n,4\n").await;
    let new = json!({"id": "total", "name": "Total", "format": {}, "breakdown": "region",
        "query": {"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]}});
    house.make(new).await.unwrap();
    house.append("sales", json!([{"region": "North", "amount": 20}])).await;
    house.services.refresh_metric(&house.owner, "total").await.unwrap();
    let read = house.services.metric_breakdown(&house.owner, "total", "en-US").await.unwrap();
    let seen: Vec<(Value, Option<f64>)> =
        read.members.iter().map(|m| (serde_json::to_value(&m.member).unwrap(), m.value)).collect();
    assert_eq!(seen, [(json!("North"), Some(21.0)), (json!("South"), Some(10.0)), (json!(null), Some(4.0))]);
    let north = &read.members[0];
    assert_eq!((north.trend.direction, north.trend.change), (Direction::Up, Some(20.0)));
    assert_eq!(north.history.first().map(|(_, v)| *v), Some(Some(1.0)));
    assert!(!read.truncated && read.note.is_none());
    let course = house.past("total", json!({"member": "North"})).await;
    assert_eq!(course.last().unwrap().1, Some(21.0));

    let rows: String = (0..150).map(|n| format!("m{n},{n}\n")).collect();
    house.load("sales", &format!("region,amount\n{rows}")).await;
    house.services.refresh_metric(&house.owner, "total").await.unwrap();
    let read = house.services.metric_breakdown(&house.owner, "total", "en-US").await.unwrap();
    assert_eq!((read.members.len(), read.truncated), (100, true));
    assert!(read.note.unwrap().contains("100"));

    let refused = json!({"id": "p", "name": "P", "format": {}, "breakdown": "region"});
    assert_eq!(house.make(refused).await.unwrap_err().field.as_deref(), Some("breakdown"));
    let unknown = json!({"id": "p", "name": "P", "format": {}, "breakdown": "nowhere",
        "query": {"dataset": "sales", "measures": [{"agg": "count"}]}});
    assert!(house.make(unknown).await.is_err());
}

#[tokio::test]
async fn definitions_that_cannot_be_are_refused() {
    let house = House::build().await;
    let field = async |more: Value| {
        let mut new = json!({"id": "m", "name": "M", "format": {}});
        new.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        house.make(new).await.unwrap_err().field
    };
    assert_eq!(field(json!({"window": 0, "aggregation": "sum"})).await.as_deref(), Some("window"));
    assert_eq!(field(json!({"window": 90_000, "aggregation": "sum"})).await.as_deref(), Some("window"));
    assert_eq!(field(json!({"retention": {"raw_days": 9}})).await.as_deref(), Some("retention"));
    assert_eq!(field(json!({"refresh_interval": 0})).await.as_deref(), Some("refresh_interval"));
    let unknown = json!({"id": "m", "name": "M", "format": {}, "aggregation": "median"});
    assert!(serde_json::from_value::<NewMetric>(unknown).is_err());
}

#[tokio::test]
async fn what_is_added_up_after_appends_is_what_the_whole_would_be() {
    let house = House::build().await;
    let mut rng = StdRng::seed_from_u64(7);
    let row = |rng: &mut StdRng| {
        let amount = match rng.random_range(0..10) {
            0 => Value::Null,
            _ => json!(f64::from(rng.random_range(-1_000..1_000)) / 8.0),
        };
        let region = if rng.random_bool(0.5) { "North" } else { "South" };
        json!({"region": region, "amount": amount})
    };
    house.load("sales", "region,amount\nNorth,1.5\nSouth,2.5\n").await;
    let of = |agg: &str| match agg {
        "count" => json!({"agg": "count"}),
        agg => json!({"agg": agg, "column": "amount"}),
    };
    let north = json!({"column": "region", "op": "eq", "value": "North"});
    // The last two do not add up, and are asked as a whole.
    let questions: Vec<Value> = ["sum", "count", "min", "max", "avg", "count_distinct"]
        .iter()
        .flat_map(|agg| {
            let plain = json!({"dataset": "sales", "measures": [of(agg)]});
            let mut filtered = plain.clone();
            filtered["filter"] = north.clone();
            [plain, filtered]
        })
        .collect();
    for (i, query) in questions.iter().enumerate() {
        house.metric(&format!("m{i}"), query.clone()).await;
    }
    for round in 0..24 {
        match rng.random_range(0..8) {
            0 => {
                let number = rng.random_range(0..9);
                house.load("sales", &format!("region,amount\nNorth,{number}.25\n")).await;
            }
            _ => {
                let rows: Vec<Value> = (0..rng.random_range(1..6)).map(|_| row(&mut rng)).collect();
                house.append("sales", json!(rows)).await;
            }
        }
        for (i, query) in questions.iter().enumerate() {
            let added = house.services.refresh_metric(&house.owner, &format!("m{i}")).await.unwrap().reading.value;
            let whole = house.ask(query.clone()).await;
            let whole = whole[0][0].as_f64();
            let near = match (added, whole) {
                (Some(a), Some(b)) => (a - b).abs() <= 1e-9 * b.abs().max(1.0),
                (a, b) => a == b,
            };
            assert!(near, "round {round}, {query}: {added:?} is not {whole:?}");
        }
    }
}

#[tokio::test]
async fn a_value_is_compared_with_the_one_a_period_before() {
    let house = House::build().await;
    house.make(json!({"id": "beat", "name": "Beat", "format": {}, "period": "hour", "target": 50.0})).await.unwrap();
    house.push("beat", json!([{"value": 10, "at": at(0)}, {"value": 20, "at": at(30)}])).await.unwrap();
    house.push("beat", json!([{"value": 40, "at": at(85)}])).await.unwrap();
    let read = house.read("beat").await.reading;
    let period = read.period_trend.unwrap();
    assert_eq!(
        (period.direction, period.percent_change),
        (Direction::Up, Some(300.0)),
        "the value of an hour before was 10"
    );
    let trends = house.services.metric_trends(&house.owner, "beat").await.unwrap();
    assert_eq!((trends.hour.change, trends.recent.change, trends.target.change), (Some(30.0), Some(20.0), Some(-10.0)));
    assert_eq!(trends.day.direction, Direction::Unknown, "nothing is that old");
}

#[tokio::test]
async fn the_queue_is_for_administrators() {
    let house = House::build().await;
    let admin = house.user("admin", UserRole::Admin).await;
    let all = domain::api::JobsRequest::default();
    assert!(house.services.list_jobs(&house.owner, &all).await.is_err());
    assert!(house.services.metrics_clock(&house.owner).is_err());
    assert!(house.services.list_jobs(&admin, &all).await.unwrap().is_empty());
    let unknown = domain::api::JobsRequest { status: Some("lost".into()) };
    assert_eq!(house.services.list_jobs(&admin, &unknown).await.unwrap_err().field.as_deref(), Some("status"));
    assert_eq!(house.services.retry_job(&admin, "none").await.unwrap_err().code, ErrorCode::NotFound);
    assert!(house.services.queue_topic(&house.owner).is_err() && house.services.queue_topic(&admin).is_ok());
}
