//! Every format is loaded as people have it, with the types and roles they expect.

mod common;

use common::{bed, roles, shape, text};
use domain::Cell;

#[tokio::test(flavor = "multi_thread")]
async fn orders_csv_with_decimal_comma_and_german_dates() {
    let bed = bed();
    let loaded = bed.load("orders.csv").await.unwrap();
    assert_eq!(
        shape(&loaded.columns),
        [
            ("order_id", "integer"),
            ("ordered_at", "date"),
            ("region", "text"),
            ("product", "text"),
            ("quantity", "integer"),
            ("unit_price", "float"),
            ("note", "text")
        ]
    );
    assert_eq!(
        roles(&loaded.columns),
        [
            ("order_id", "dimension"),
            ("ordered_at", "time"),
            ("region", "dimension"),
            ("product", "dimension"),
            ("quantity", "measure"),
            ("unit_price", "measure"),
            ("note", "dimension")
        ]
    );
    assert_eq!((loaded.segment.rows, loaded.rejected), (300, 0));
    let sums = "SELECT sum(quantity), round(sum(quantity * unit_price), 2), min(ordered_at), count(note) FROM data";
    let row = &bed.rows(&loaded.segment, sums).await[0];
    assert_eq!(row[0], Cell::Int(2033));
    assert_eq!(row[1], Cell::Float(204_668.97));
    assert_eq!(row[2], text("2024-01-01"));
    let note = bed.one(&loaded.segment, "SELECT count(*) FROM data WHERE note = '\"quoted\"' OR note LIKE '%🎉'").await;
    assert!(note.as_f64().unwrap() > 0.0);
    assert!(bed.left_over().is_empty(), "{:?}", bed.left_over());
}

#[tokio::test(flavor = "multi_thread")]
async fn prices_tsv() {
    let bed = bed();
    let loaded = bed.load("prices.tsv").await.unwrap();
    assert_eq!(loaded.segment.rows, 60);
    assert_eq!(loaded.columns[0].ty, domain::DataType::Date);
    assert_eq!(loaded.columns[2].ty, domain::DataType::Float);
    assert_eq!(loaded.columns[6].ty, domain::DataType::Integer);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_ndjson() {
    let bed = bed();
    let loaded = bed.load("events.ndjson").await.unwrap();
    assert_eq!(loaded.segment.rows, 100);
    assert_eq!(
        shape(&loaded.columns),
        [
            ("event_id", "integer"),
            ("at", "timestamp"),
            ("kind", "text"),
            ("user", "text"),
            ("country", "text"),
            ("page", "text"),
            ("duration_ms", "integer"),
            ("amount", "float"),
            ("ok", "boolean")
        ]
    );
    let first = bed.rows(&loaded.segment, "SELECT \"at\", page FROM data ORDER BY event_id LIMIT 1").await;
    assert_eq!(first[0], [text("2024-03-04T08:14:21.947Z"), text("/café")]);
    let local = bed.rows_in(&loaded.segment, "SELECT \"at\" FROM data ORDER BY event_id LIMIT 1", "Asia/Tokyo").await;
    assert_eq!(local[0][0], text("2024-03-04T17:14:21.947+09:00"));
    let namibia = bed.one(&loaded.segment, "SELECT count(*) FROM data WHERE country = 'NA'").await;
    assert!(namibia.as_f64().unwrap() > 0.0, "NA is a country");
}

#[tokio::test(flavor = "multi_thread")]
async fn json_array_with_nested_values() {
    let bed = bed();
    let content = r#"[{"a": 1, "b": {"x": [1, 2]}, "c": "t"}, {"a": 2.5, "b": null, "d": true}]"#;
    let loaded = bed.text("rows.json", content, &Default::default()).await.unwrap();
    assert_eq!(shape(&loaded.columns), [("a", "float"), ("b", "text"), ("c", "text"), ("d", "boolean")]);
    assert_eq!(bed.one(&loaded.segment, "SELECT b FROM data WHERE a = 1").await, text(r#"{"x":[1,2]}"#));
    for bad in ["[1, 2, 3]", "[{\"a\": 1}, {\"a\":", "nonsense", "5"] {
        let error = bed.text("bad.json", bad, &Default::default()).await.unwrap_err();
        assert_eq!(error.code, domain::ErrorCode::UnusableFile, "{bad}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet() {
    let bed = bed();
    let flights = bed.load("flights.parquet").await.unwrap();
    assert_eq!(flights.segment.rows, 336_776);
    let role = |name: &str| flights.columns.iter().find(|c| c.name == name).unwrap().role.as_str();
    assert_eq!(role("time_hour"), "time");
    assert_eq!(role("dep_delay"), "measure");
    assert_eq!(role("distance"), "measure");
    for name in ["carrier", "origin", "year", "month", "day", "hour"] {
        assert_eq!(role(name), "dimension", "{name}");
    }
    assert_eq!(bed.one(&flights.segment, "SELECT count(*) FROM data WHERE dep_time IS NULL").await, Cell::Int(8255));
    for name in ["airlines", "airports", "planes", "weather"] {
        bed.load(&format!("{name}.parquet")).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn inventory_xlsx() {
    let bed = bed();
    let stock = bed.load("inventory.xlsx").await.unwrap();
    assert_eq!(stock.segment.rows, 40);
    assert_eq!(
        shape(&stock.columns),
        [
            ("sku", "text"),
            ("product", "text"),
            ("warehouse", "text"),
            ("on_hand", "integer"),
            ("reorder_level", "integer"),
            ("unit_cost", "float"),
            ("last_counted", "date"),
            ("discontinued", "boolean"),
            ("comment", "text")
        ]
    );
    assert_eq!(bed.one(&stock.segment, "SELECT min(sku) FROM data").await, text("00001"));
    assert_eq!(
        bed.one(&stock.segment, "SELECT count(*) FROM data WHERE comment = 'shelf \"B\", row 4'")
            .await
            .as_f64()
            .map(|n| n > 0.0),
        Some(true)
    );
    let options = domain::dataset::LoadOptions { sheet: Some("Warehouses".into()), ..Default::default() };
    let sites = bed.load_with("inventory.xlsx", &options).await.unwrap();
    assert_eq!(sites.segment.rows, 4);
    assert_eq!(bed.one(&sites.segment, "SELECT city FROM data WHERE code = 'GDN'").await, text("Gdańsk"));
    assert_eq!(bed.one(&sites.segment, "SELECT opened FROM data WHERE code = 'HAM'").await, text("2009-04-01"));
    let options = domain::dataset::LoadOptions { sheet: Some("Nope".into()), ..Default::default() };
    assert!(bed.load_with("inventory.xlsx", &options).await.is_err());
}
