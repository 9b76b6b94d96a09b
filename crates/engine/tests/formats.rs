//! Every format is loaded as people have it, with the types and roles they expect.

#![allow(clippy::unwrap_used)]

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

#[tokio::test(flavor = "multi_thread")]
async fn arrow_file_and_stream_with_every_kind_of_column() {
    use arrow::array::*;
    use arrow::datatypes::{DataType, Field, Int32Type, Schema, TimeUnit};
    use arrow::record_batch::RecordBatch;
    use std::sync::Arc;
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("id", Arc::new(Int64Array::from(vec![Some(1), None, Some(9_007_199_254_740_993)]))),
        ("name", Arc::new(StringArray::from(vec![Some("é"), Some(""), None]))),
        ("kind", Arc::new(vec![Some("a"), None, Some("b")].into_iter().collect::<DictionaryArray<Int32Type>>())),
        ("price", Arc::new(Decimal128Array::from(vec![1250, -5, 0]).with_precision_and_scale(10, 2).unwrap())),
        ("day", Arc::new(Date32Array::from(vec![Some(19_782), None, Some(0)]))),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![1_719_828_000_000, 0, 1]).with_timezone("Europe/Berlin"))),
        (
            "list",
            Arc::new(ListArray::from_iter_primitive::<Int32Type, _, _>(vec![Some(vec![Some(1), None]), None, None])),
        ),
        ("blob", Arc::new(BinaryArray::from(vec![Some(&b"\x01\xff"[..]), None, None]))),
        ("nothing", Arc::new(NullArray::new(3))),
        ("small", Arc::new(Float32Array::from(vec![0.1, 2.0, f32::NAN]))),
        ("clock", Arc::new(Time32SecondArray::from(vec![30_600, 0, 1]))),
        ("big", Arc::new(UInt64Array::from(vec![u64::MAX, 0, 1]))),
        ("name", Arc::new(LargeStringArray::from(vec!["x", "y", "z"]))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false)]))),
    ];
    let fields: Vec<Field> = columns.iter().map(|(n, a)| Field::new(*n, a.data_type().clone(), true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let arrays = columns.into_iter().map(|(_, a)| a).collect();
    let batch = RecordBatch::try_new(schema.clone(), arrays).unwrap();
    assert_eq!(
        batch.schema().field(5).data_type(),
        &DataType::Timestamp(TimeUnit::Millisecond, Some("Europe/Berlin".into()))
    );
    let mut stream = arrow::ipc::writer::StreamWriter::try_new(Vec::new(), &schema).unwrap();
    stream.write(&batch).unwrap();
    let compressed = arrow::ipc::writer::IpcWriteOptions::default()
        .try_with_compression(Some(arrow::ipc::CompressionType::LZ4_FRAME))
        .unwrap();
    let mut file = arrow::ipc::writer::FileWriter::try_new_with_options(Vec::new(), &schema, compressed).unwrap();
    file.write(&batch).unwrap();
    let bed = bed();
    for bytes in [stream.into_inner().unwrap(), file.into_inner().unwrap()] {
        let loaded = bed.text("data.arrow", &bytes, &Default::default()).await.unwrap();
        let types: Vec<&str> = loaded.columns.iter().map(|c| c.ty.as_str()).collect();
        let expected = [
            "integer",
            "text",
            "text",
            "decimal",
            "date",
            "timestamp",
            "text",
            "text",
            "text",
            "float",
            "time",
            "integer",
            "text",
            "boolean",
        ];
        assert_eq!(types, expected);
        assert_eq!(loaded.columns[12].name, "name_2");
        let rows = bed.rows(&loaded.segment, "SELECT * FROM data").await;
        let expected = [
            Cell::Int(1),
            text("é"),
            text("a"),
            Cell::Float(12.5),
            text("2024-02-29"),
            text("2024-07-01T10:00:00Z"),
            text("[1,null]"),
            text("01FF"),
            Cell::Null,
            Cell::Float(0.1),
            text("08:30:00"),
            text("18446744073709551615"),
            text("x"),
            Cell::Bool(true),
        ];
        assert_eq!(rows[0], expected);
        assert_eq!(rows[2][0], text("9007199254740993"));
        let half = &bytes[..bytes.len() / 2];
        let error = bed.text("half.arrow", half, &Default::default()).await.unwrap_err();
        assert_eq!(error.code, domain::ErrorCode::UnusableFile, "{error}");
        let preview = bed.engine.preview(&bed.file("p.arrow", &bytes), "p.arrow", &Default::default()).await.unwrap();
        assert_eq!(preview.rows.len(), 3);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn parquet_with_nested_and_wide_values() {
    let bed = bed();
    let path = bed.dir.path().join("wide.parquet");
    let db = duckdb::Connection::open_in_memory().unwrap();
    db.execute_batch(&format!(
        "COPY (SELECT 1::TINYINT AS tiny, 18446744073709551615::UBIGINT AS big, [1, 2] AS list, {{'a': 1}} AS struct,
               MAP {{'k': 1}} AS map, '\\x01'::BLOB AS blob, TIMESTAMPTZ '2024-07-01 12:00:00+02' AS zoned,
               TIMESTAMP_NS '2024-07-01 12:00:00.123456789' AS nanos, uuid '00000000-0000-0000-0000-000000000001' AS uid,
               'x'::ENUM('x', 'y') AS choice, INTERVAL 1 DAY AS span, 1.5::DECIMAL(5,2) AS price, TIME '08:30' AS clock)
         TO '{}' (FORMAT parquet)",
        path.display()
    ))
    .unwrap();
    let loaded = bed.engine.load(&path, "wide.parquet", &Default::default(), None, &Default::default()).await.unwrap();
    let types: Vec<(&str, &str)> = shape(&loaded.columns);
    assert_eq!(
        types,
        [
            ("tiny", "integer"),
            ("big", "integer"),
            ("list", "text"),
            ("struct", "text"),
            ("map", "text"),
            ("blob", "text"),
            ("zoned", "timestamp"),
            ("nanos", "timestamp"),
            ("uid", "text"),
            ("choice", "text"),
            ("span", "text"),
            ("price", "decimal"),
            ("clock", "time")
        ]
    );
    let row = &bed.rows(&loaded.segment, "SELECT list, struct, zoned, nanos, big FROM data").await[0];
    let expected = [
        text("[1,2]"),
        text("{\"a\":1}"),
        text("2024-07-01T10:00:00Z"),
        text("2024-07-01T12:00:00.123456Z"),
        text("18446744073709551615"),
    ];
    assert_eq!(row[..], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_renames_retypes_and_leaves_out_columns() {
    use domain::dataset::{ColumnChoice, LoadOptions};
    let bed = bed();
    let path = bed.file("t.csv", "id,zip,price,secret\n1,1234,5,x\n2,99999,6.5,y\n");
    let preview = bed.engine.preview(&path, "t.csv", &LoadOptions::default()).await.unwrap();
    assert_eq!(preview.options.columns.len(), 4);
    assert_eq!(preview.rows[1], [Cell::Int(2), Cell::Int(99_999), Cell::Float(6.5), text("y")]);
    let mut options = preview.options.clone();
    options.columns[1] = ColumnChoice {
        source: "zip".into(),
        name: Some("  postcode ".into()),
        ty: Some(domain::DataType::Text),
        role: None,
        skip: false,
    };
    assert_eq!(preview.columns[0].role, domain::Role::Dimension);
    options.columns[0].role = Some(domain::Role::Measure);
    // No date: the wish is not heard.
    options.columns[1].role = Some(domain::Role::Time);
    options.columns[2].ty = Some(domain::DataType::Decimal);
    options.columns[3].skip = true;
    let loaded = bed.engine.load(&path, "t.csv", &options, None, &Default::default()).await.unwrap();
    assert_eq!(shape(&loaded.columns), [("id", "integer"), ("postcode", "text"), ("price", "decimal")]);
    assert_eq!(loaded.columns[1].label, "Postcode");
    assert_eq!(loaded.columns[0].role, domain::Role::Measure);
    assert_eq!(loaded.columns[1].role, domain::Role::Dimension);
    assert_eq!(bed.one(&loaded.segment, "SELECT sum(price) FROM data").await, Cell::Float(11.5));
    options.columns[0].name = Some("POSTCODE".into());
    let error = bed.engine.load(&path, "t.csv", &options, None, &Default::default()).await.unwrap_err();
    assert_eq!(error.code, domain::ErrorCode::InvalidRequest);
    options.columns[0] = ColumnChoice { source: "nope".into(), name: None, ty: None, role: None, skip: false };
    assert!(bed.engine.load(&path, "t.csv", &options, None, &Default::default()).await.is_err());
    let sheets = bed
        .engine
        .preview(&common::fixture("inventory.xlsx"), "inventory.xlsx", &LoadOptions::default())
        .await
        .unwrap();
    assert_eq!(sheets.sheets, ["Stock", "Warehouses"]);
    assert_eq!(sheets.options.sheet.as_deref(), Some("Stock"));
}

/// What is written, how it is read, what comes of it.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

#[tokio::test(flavor = "multi_thread")]
async fn csv_as_people_write_it() {
    let bed = bed();
    let default = Default::default();
    let cases: [Case; 9] = [
        ("a,b\n1, 2\n 3 ,4\n", &[("a", "integer"), ("b", "integer")], &["1", "2"]),
        ("amount\n\"$1,234.50\"\n$2.00\n", &[("amount", "float")], &["1234.5"]),
        ("n,f\n1,NA\n,2.5\n", &[("n", "integer"), ("f", "float")], &["1", ""]),
        ("at\n2024-07-01T12:00:00+02:00\n2024-07-01T12:00:00Z\n", &[("at", "timestamp")], &["2024-07-01T10:00:00Z"]),
        ("at\n12/31/2024 11:59 PM\n", &[("at", "timestamp")], &["2024-12-31T23:59:00Z"]),
        ("ok,t\ntrue,08:30\nfalse,17:00:15\n", &[("ok", "boolean"), ("t", "time")], &["true", "08:30:00"]),
        ("a;b\r\n1.234,5;01.02.2024\r\n", &[("a", "float"), ("b", "date")], &["1234.5", "2024-02-01"]),
        ("a\tb\n\"x\ny\"\t1\n", &[("a", "text"), ("b", "integer")], &["x\ny", "1"]),
        ("1,x\n2,y\n", &[("column_1", "integer"), ("column_2", "text")], &["1", "x"]),
    ];
    for (content, columns, first) in cases {
        let loaded = bed.text("t.csv", content, &default).await.unwrap_or_else(|e| panic!("{content:?}: {e}"));
        assert_eq!(shape(&loaded.columns), columns, "{content:?}");
        let rows = bed.rows(&loaded.segment, "SELECT * FROM data").await;
        assert_eq!(rows[0].iter().map(Cell::to_text).collect::<Vec<_>>(), first, "{content:?}");
    }
}
