//! Files as they should not be: each is refused with a sentence that helps, or read without loss.

#![allow(clippy::unwrap_used)]

mod common;

use common::{bed, fixture, shape, text};
use domain::dataset::{ColumnChoice, LoadOptions};
use domain::{Cell, DataType, ErrorCode};
use engine::Progress;

fn skipping() -> LoadOptions {
    LoadOptions { skip_bad_rows: true, ..Default::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_files_are_refused_with_a_reason() {
    let bed = bed();
    for (name, word) in [
        ("bad/empty.csv", "empty"),
        ("bad/header_only.csv", "no rows"),
        ("bad/binary.csv", "picture"),
        ("bad/truncated.parquet", "not a complete Parquet file"),
    ] {
        let error = bed.load(name).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::UnusableFile, "{name}");
        assert!(error.message.contains(word), "{name}: {error}");
        let preview = bed.engine.preview(&fixture(name), name, &LoadOptions::default()).await.unwrap_err();
        assert_eq!(preview.code, ErrorCode::UnusableFile, "{name}");
    }
    assert!(bed.left_over().is_empty(), "{:?}", bed.left_over());
    assert!(bed.engine.stored().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ragged_rows_are_named_or_left_out() {
    let bed = bed();
    let error = bed.load("bad/ragged.csv").await.unwrap_err();
    assert_eq!(error.code, ErrorCode::UnusableFile);
    assert!(error.message.starts_with("12 rows cannot be read"), "{error}");
    for line in [5, 7, 10, 13, 16, 19, 23, 26, 31, 34] {
        assert!(error.message.contains(&format!("line {line}:")), "{line}: {error}");
    }
    assert!(error.message.contains("line 5: 3 fields instead of 5"), "{error}");
    assert!(error.message.contains("line 13: 7 fields instead of 5"), "{error}");
    assert!(error.hint.is_some());

    let loaded = bed.load_with("bad/ragged.csv", &skipping()).await.unwrap();
    assert_eq!((loaded.segment.rows, loaded.rejected), (28, 12));
    assert_eq!(loaded.rejects.iter().map(|r| r.line).collect::<Vec<_>>(), [5, 7, 10, 13, 16, 19, 23, 26, 31, 34]);
    assert_eq!(
        shape(&loaded.columns),
        [("id", "integer"), ("city", "text"), ("day", "date"), ("amount", "float"), ("ok", "boolean")]
    );
    let preview = bed.engine.preview(&fixture("bad/ragged.csv"), "ragged.csv", &LoadOptions::default()).await.unwrap();
    assert_eq!(preview.bad_row_count, 12);
    assert_eq!(preview.bad_rows[0].line, 5);
    assert_eq!(preview.rows.len(), 28);
}

#[tokio::test(flavor = "multi_thread")]
async fn latin_1_with_semicolons_and_decimal_commas() {
    let bed = bed();
    let loaded = bed.load("bad/latin1.csv").await.unwrap();
    assert_eq!(
        shape(&loaded.columns),
        [("ville", "text"), ("région", "text"), ("température", "float"), ("prix_m²", "float"), ("relevé", "date")]
    );
    assert_eq!(loaded.segment.rows, 20);
    let row = &bed
        .rows(&loaded.segment, "SELECT \"température\", \"prix_m²\", \"relevé\" FROM data WHERE ville = 'Béziers'")
        .await[0];
    assert_eq!(row[..], [Cell::Float(16.9), Cell::Float(1947.16), text("2024-11-25")]);
    let preview = bed.engine.preview(&fixture("bad/latin1.csv"), "latin1.csv", &LoadOptions::default()).await.unwrap();
    assert_eq!(preview.options.encoding.as_deref(), Some("windows-1252"));
    assert_eq!(preview.options.delimiter.as_deref(), Some(";"));
    assert_eq!(preview.options.decimal_comma, Some(true));
    assert_eq!(preview.options.date_format.as_deref(), Some("%d/%m/%Y"));
    // What the preview proposes loads the same.
    let again = bed.load_with("bad/latin1.csv", &preview.options).await.unwrap();
    assert_eq!(again.columns, loaded.columns);
}

#[tokio::test(flavor = "multi_thread")]
async fn column_names_become_unique() {
    let bed = bed();
    let loaded = bed.load("bad/dup_columns.csv").await.unwrap();
    let names: Vec<&str> = loaded.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["id", "name", "name_2", "column_4", "Name_3", "amount", "column_7", "amount_2"]);
    let row = &bed
        .rows(&loaded.segment, "SELECT name, name_2, column_4, \"Name_3\", amount_2 FROM data WHERE id = 3")
        .await[0];
    assert_eq!(row[..], [text("a3"), text("b3"), text("x3"), text("c3"), Cell::Int(35)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn big_numbers_lose_no_digit() {
    let bed = bed();
    let loaded = bed.load("bad/big_numbers.csv").await.unwrap();
    let content = std::fs::read_to_string(fixture("bad/big_numbers.csv")).unwrap();
    let rows = bed.rows(&loaded.segment, "SELECT id64, u64, i128, wide, money FROM data ORDER BY id").await;
    for (line, row) in content.lines().skip(1).zip(rows) {
        let written: Vec<&str> = line.split(',').skip(2).collect();
        let read: Vec<String> = row.iter().map(Cell::to_text).collect();
        assert_eq!(read, written, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_dates_are_dates() {
    let bed = bed();
    let loaded = bed.load("bad/odd_dates.csv").await.unwrap();
    assert_eq!(shape(&loaded.columns)[2..], [("day", "date"), ("at", "timestamp")]);
    let rows = bed.rows(&loaded.segment, "SELECT day, \"at\" FROM data ORDER BY id").await;
    assert_eq!(rows[0], [text("0000-01-01"), text("0000-01-01T23:59:59Z")]);
    assert_eq!(rows[4][0], text("1582-10-10"));
    assert_eq!(rows[13], [text("+010000-12-31"), text("+010000-12-31T23:59:59Z")]);
    let local = bed.rows_in(&loaded.segment, "SELECT \"at\" FROM data ORDER BY id", "America/New_York").await;
    assert_eq!(local.len(), 14);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chosen_type_that_does_not_fit_names_the_values() {
    let bed = bed();
    let choice =
        |source: &str, ty| ColumnChoice { source: source.into(), name: None, ty: Some(ty), role: None, skip: false };
    let content = "a,b\n1,x\n2,7\n\"3\n3\",8\n4,nine\n5,\n";
    let options = LoadOptions { columns: vec![choice("b", DataType::Integer)], ..Default::default() };
    let error = bed.text("t.csv", content, &options).await.unwrap_err();
    assert!(error.message.starts_with("2 rows cannot be read"), "{error}");
    assert!(error.message.contains("line 2: column \"b\": \"x\" is not a whole number"), "{error}");
    assert!(error.message.contains("line 6:"), "lines, not rows: {error}");
    let loaded = bed.text("t.csv", content, &LoadOptions { skip_bad_rows: true, ..options }).await.unwrap();
    assert_eq!((loaded.segment.rows, loaded.rejected), (3, 2));
    assert_eq!(bed.one(&loaded.segment, "SELECT sum(b) FROM data").await, Cell::Int(15));
    for (ty, good) in [
        (DataType::Date, "2024-02-29"),
        (DataType::Timestamp, "2024-02-29T10:00:00+02:00"),
        (DataType::Time, "10:30"),
        (DataType::Boolean, "true"),
        (DataType::Decimal, "12.345"),
        (DataType::Float, "1e3"),
    ] {
        let options = LoadOptions { columns: vec![choice("c", ty)], ..Default::default() };
        let error = bed.text("t.csv", format!("c\n{good}\nbad\n"), &options).await.unwrap_err();
        assert!(error.message.starts_with("1 row cannot be read. line 3"), "{ty:?}: {error}");
        let options = LoadOptions { skip_bad_rows: true, ..options };
        let loaded = bed.text("t.csv", format!("c\n{good}\nbad\n"), &options).await.unwrap();
        assert_eq!((loaded.segment.rows, loaded.columns[0].ty), (1, ty));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_beyond_the_sample_are_not_changed_silently() {
    let bed = bed();
    let many = |last: &str| {
        let mut text = String::from("n,v\n");
        (0..400_000).for_each(|i| text.push_str(&format!("{i},{}\n", i % 1000)));
        // In the part that no sample sees.
        let at = text.match_indices('\n').nth(300_000).unwrap().0 + 1;
        text.insert_str(at, &format!("-1,{last}\n"));
        text
    };
    for (value, ty) in [("1.5", DataType::Float), ("007", DataType::Text), ("92233720368547758070", DataType::Decimal)]
    {
        let loaded = bed.text("long.csv", many(value), &LoadOptions::default()).await.unwrap();
        assert_eq!(loaded.columns[1].ty, ty, "{value}");
        assert_eq!(bed.one(&loaded.segment, "SELECT v FROM data WHERE n = -1").await.to_text(), value);
    }
    let error = bed.text("long.csv", many("abc"), &LoadOptions::default()).await.unwrap_err();
    assert!(error.message.contains("1 row cannot be read. line 300002: column \"v\": \"abc\""), "{error}");
    let loaded = bed.text("long.csv", many("abc"), &skipping()).await.unwrap();
    assert_eq!((loaded.segment.rows, loaded.rejected), (400_000, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_headers_and_odd_texts() {
    let bed = bed();
    let error =
        bed.text("wide.csv", format!("{}\n1\n", "a,".repeat(1_000_000)), &LoadOptions::default()).await.unwrap_err();
    assert!(error.message.contains("2000 columns"), "{error}");
    let odd = "\u{feff}a b;\"x\"\"y\";\"'; DROP TABLE data; --\"\r\n1;2;3\r\n";
    let loaded = bed.text("odd.csv", odd, &LoadOptions::default()).await.unwrap();
    let names: Vec<&str> = loaded.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["a b", "x\"y", "'; DROP TABLE data; --"]);
    let utf16: Vec<u8> =
        [0xFF, 0xFE].into_iter().chain("a,b\n1,ü\n".encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let loaded = bed.text("utf16.csv", utf16, &LoadOptions::default()).await.unwrap();
    assert_eq!(bed.one(&loaded.segment, "SELECT b FROM data").await, text("ü"));
    let error = bed
        .text("x.csv", "a\n1\n", &LoadOptions { encoding: Some("klingon".into()), ..Default::default() })
        .await
        .unwrap_err();
    assert_eq!(error.code, ErrorCode::InvalidRequest);
    for (name, bytes) in [
        ("x.xlsx", &b"PK\x03\x04nonsense"[..]),
        ("y.xlsx", b"nonsense"),
        ("z.arrow", b"ARROW1\0\0nonsense"),
        ("s.arrow", b"nonsense"),
    ] {
        let error = bed.text(name, bytes, &LoadOptions::default()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::UnusableFile, "{name}: {error}");
    }
    assert!(bed.left_over().is_empty(), "{:?}", bed.left_over());
}

/// Waits until a load has read some of its file.
async fn under_way(progress: &Progress) {
    let began = std::time::Instant::now();
    while progress.bytes_done() == 0 {
        assert!(began.elapsed().as_secs() < 30, "the load does not begin");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_load_leaves_nothing() {
    let bed = bed();
    let mut content = String::from("a,b,c\n");
    (0..1_500_000).for_each(|i| content.push_str(&format!("{i},name {i},{}.5\n", i % 777)));
    let path = bed.file("large.csv", &content);
    let progress = Progress::default();
    let engine = bed.engine.clone();
    let (p, file) = (progress.clone(), path.clone());
    let options = LoadOptions::default();
    let load = tokio::spawn(async move { engine.load(&file, "large.csv", &options, None, &p).await });
    under_way(&progress).await;
    progress.cancel();
    let error = load.await.unwrap().unwrap_err();
    assert_eq!(error.code, ErrorCode::Cancelled);
    assert_eq!(progress.bytes_total(), content.len() as u64);
    assert!(bed.left_over().is_empty(), "{:?}", bed.left_over());
    assert!(bed.engine.stored().unwrap().is_empty());

    // Nobody waits any more: the same.
    let future = bed.engine.load(&path, "large.csv", &LoadOptions::default(), None, &Progress::default()).await;
    assert_eq!(future.unwrap().segment.rows, 1_500_000);
    let options = LoadOptions::default();
    let unwatched = Progress::default();
    let dropped = bed.engine.load(&path, "large.csv", &options, None, &unwatched);
    tokio::select! {
        ended = dropped => panic!("it ended first: {:?}", ended.map(|l| l.segment.rows)),
        () = under_way(&unwatched) => {}
    }
    let began = std::time::Instant::now();
    while !bed.left_over().is_empty() {
        assert!(began.elapsed().as_secs() < 10, "{:?}", bed.left_over());
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(bed.engine.stored().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_workbook_that_unpacks_to_too_much_is_refused() {
    let bed = bed();
    let mut bytes = std::fs::read(fixture("inventory.xlsx")).unwrap();
    let entry = bytes.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    bytes[entry + 24..entry + 28].copy_from_slice(&600_000_000_u32.to_le_bytes());
    let error = bed.text("bomb.xlsx", bytes, &LoadOptions::default()).await.unwrap_err();
    assert!(error.message.contains("500 MB"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn odd_json() {
    let bed = bed();
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(1_000_000), "]".repeat(1_000_000));
    for (content, word) in [
        (deep.as_bytes(), "levels deep"),
        (b"{\"a\":\"\xff\"}\n{\"a\":1}", "UTF-8"),
        (b"{\"a\":1,\"a\":2}", "same key twice"),
        (b"{\"a\":1}\n{\"a\":", "not valid JSON"),
        (b"", "empty"),
        (b"[]", "list of objects"),
    ] {
        let error = bed.text("x.json", content, &LoadOptions::default()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::UnusableFile, "{word}: {error}");
        assert!(error.message.contains(word), "{word}: {error}");
    }
    let big = r#"[{"n": 123456789012345678901234567890, "u": 18446744073709551615, "A": 1, "a": 2}, {"n": 1, "u": 2}]"#;
    let loaded = bed.text("big.json", big, &LoadOptions::default()).await.unwrap();
    let rows = bed.rows(&loaded.segment, "SELECT n, u FROM data ORDER BY u DESC").await;
    assert_eq!(rows[0][1], text("18446744073709551615"), "{rows:?}");
    let big = r#"{"n": 123456789012345678901234567890} {"n": 1}"#;
    let loaded = bed.text("big.json", big, &LoadOptions::default()).await.unwrap();
    let rows = bed.rows(&loaded.segment, "SELECT n FROM data ORDER BY n DESC").await;
    assert_eq!(rows, [[text("123456789012345678901234567890")], [Cell::Int(1)]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_cut_off_or_in_another_encoding_is_refused() {
    let bed = bed();
    for cut in ["[{\"a\": 1},", "[{\"a\": 1}", "{\"a\": 1}\n{\"a\": {\"b\": 2}"] {
        let error = bed.text("x.json", cut, &LoadOptions::default()).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::UnusableFile, "{cut}: {error}");
    }
    let path = bed.dir.path().join("latin.csv");
    std::fs::write(&path, b"a,b\n1,\xe9\n").unwrap();
    let said = LoadOptions { encoding: Some("utf-8".into()), ..Default::default() };
    let error = bed.engine.preview(&path, "latin.csv", &said).await.unwrap_err();
    assert_eq!((error.code, error.field.as_deref()), (ErrorCode::UnusableFile, Some("options.encoding")));
    assert!(bed.engine.preview(&path, "latin.csv", &LoadOptions::default()).await.is_ok());
}
