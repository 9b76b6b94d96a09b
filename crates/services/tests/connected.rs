//! Tiles that filter each other, steps into their detail, their rows, and why they changed.

#![allow(clippy::unwrap_used)]

mod house;

use domain::api::{RowsRequest, TileData};
use domain::connect::{TileAsk, WhyRequest};
use domain::{Caller, Dashboard, ErrorCode, UserRole};
use house::House;
use serde_json::{Value, json};

const ORDERS: &str = "order_id,day,city_id,product,amount,note\n\
    1,2025-01-05,1,apple,100,a\n2,2025-01-09,2,pear,50,b\n3,2025-02-01,1,apple,30,c\n4,2025-02-03,2,pear,20.5,d\n\
    5,2025-02-20,3,plum,7.25,e\n6,2025-03-01,1,pear,11,f\n";
const CITIES: &str = "id,city,country\n1,Ulm,DE\n2,Bonn,DE\n3,Basel,CH\n";

struct Board {
    house: House,
    board: Dashboard,
}

impl Board {
    async fn build() -> Self {
        let house = House::build().await;
        house.load("orders", ORDERS).await;
        house.load("cities", CITIES).await;
        let join = json!([{"dataset": "cities", "on": [["city_id", "id"]]}]);
        let sum = json!([{"agg": "sum", "column": "amount"}]);
        let tile = |id: &str, kind: &str, query: Value| {
            json!({"id": id, "type": "chart", "chart_type": kind, "title": id,
                "position": {"x": 0, "y": 0, "w": 4, "h": 4}, "data_source": {"query": query}})
        };
        let board = house
            .dashboard(json!([
                tile("months", "bar", json!({"dataset": "orders", "dimensions": [{"column": "day", "grain": "month"}], "measures": sum})),
                tile("products", "bar", json!({"dataset": "orders", "dimensions": [{"column": "product"}],
                    "measures": [{"agg": "sum", "column": "amount"}, {"agg": "avg", "column": "amount"}, {"agg": "count"},
                        {"agg": "min", "column": "day"}, {"agg": "max", "column": "amount"}]})),
                tile("cities", "bar", json!({"dataset": "orders", "joins": join, "dimensions": [{"column": "cities.city"}], "measures": sum})),
                tile("list", "bar", json!({"dataset": "cities", "dimensions": [{"column": "city"}], "measures": [{"agg": "count"}]})),
                tile("median", "bar", json!({"dataset": "orders", "measures": [{"agg": "median", "column": "amount"}]})),
            ]))
            .await;
        Self { house, board }
    }

    async fn tile(&self, caller: &Caller, tile: &str, ask: Value) -> domain::Result<TileData> {
        let ask: TileAsk = serde_json::from_value(ask).unwrap();
        self.house.services.tile_data(caller, &self.board.id, tile, &ask).await
    }

    async fn rows(&self, tile: &str, ask: Value) -> Value {
        let data = self.tile(&self.house.owner, tile, ask).await.unwrap();
        rows_of(&data)
    }
}

fn rows_of(data: &TileData) -> Value {
    let row = |r: usize| data.table.row(r).map(domain::Cell::to_json).collect::<Value>();
    alike((0..data.table.row_count()).map(row).collect())
}

/// Numbers by their value, whether they are written as whole ones or not.
fn alike(value: Value) -> Value {
    match value {
        Value::Array(list) => list.into_iter().map(alike).collect(),
        Value::Number(n) => n.as_f64().map_or(Value::Null, Value::from),
        other => other,
    }
}

fn from(tile: &str, column: &str, op: &str, value: Value) -> Value {
    json!({"f": [{"tile": tile, "column": column, "op": op, "value": value}]})
}

#[tokio::test]
async fn a_choice_means_its_column_wherever_it_is_called_otherwise() {
    let board = Board::build().await;
    // Chosen in a tile of the cities: the same column where they are joined.
    let ask = from("list", "city", "eq", json!("Ulm"));
    assert_eq!(board.rows("cities", ask.clone()).await, alike(json!([["Ulm", 141]])));
    // ... and the other way round.
    let ask_back = from("cities", "cities.city", "in", json!(["Ulm", "Basel"]));
    assert_eq!(board.rows("list", ask_back).await, alike(json!([["Basel", 1], ["Ulm", 1]])));
    // A tile without the joined dataset has no place for it, and says so; the tile itself is not narrowed.
    let data = board.tile(&board.house.owner, "products", ask.clone()).await.unwrap();
    assert_eq!((data.ignored_filters, data.table.row_count()), (vec!["city".to_owned()], 3));
    let own = board.tile(&board.house.owner, "list", ask).await.unwrap();
    assert_eq!((own.ignored_filters.len(), own.table.row_count()), (0, 3));
    // A filter of the bar goes by the name of its column.
    let plain = json!({"f": [{"column": "product", "op": "eq", "value": "pear"}]});
    assert_eq!(board.rows("months", plain).await.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn answers_from_a_cube_are_those_of_the_question() {
    let board = Board::build().await;
    let months = [
        ("2025-01-01", "2025-01-31"),
        ("2025-01-01", "2025-02-28"),
        ("2025-02-01", "2025-03-31"),
        ("2026-01-01", "2026-01-31"),
    ];
    for tile in ["products", "median"] {
        for (first, last) in months {
            let choice = from("months", "day", "between", json!([first, last]));
            let plain = json!({"f": [{"column": "day", "op": "between", "value": [first, last]}]});
            let direct = board.tile(&board.house.owner, tile, plain).await.unwrap();
            for _ in 0..2 {
                let cube = board.tile(&board.house.owner, tile, choice.clone()).await.unwrap();
                assert_eq!(rows_of(&cube), rows_of(&direct), "{tile} {first} {last}");
                assert_eq!(cube.table.columns, direct.table.columns);
            }
        }
    }
    // Half a month cuts through the cube; the answer is right all the same.
    let half = from("months", "day", "between", json!(["2025-01-01", "2025-01-06"]));
    assert_eq!(board.rows("products", half).await[0][1], json!(100.0));
    // A new row is in the next answer.
    board
        .house
        .append(
            "orders",
            json!([{"order_id": 7, "day": "2025-01-07", "city_id": 1, "product": "pear", "amount": 1, "note": "g"}]),
        )
        .await;
    let january = from("months", "day", "between", json!(["2025-01-01", "2025-01-31"]));
    assert_eq!(
        board.rows("products", january).await,
        alike(json!([["apple", 100, 100, 1, "2025-01-05", 100], ["pear", 51, 25.5, 2, "2025-01-07", 50]]))
    );
}

#[tokio::test]
async fn a_reader_drills_along_what_the_dashboard_shows() {
    let board = Board::build().await;
    let viewer = board.house.user("viewer", UserRole::Viewer).await;
    let january = json!({"column": "day", "op": "between", "value": ["2025-01-01", "2025-01-31"]});
    let step = |to: Value| json!({"d": [{"on": [january], "from": "day", "to": to}]});
    let days = board.tile(&viewer, "months", step(json!({"column": "day", "grain": "day"}))).await.unwrap();
    assert_eq!(rows_of(&days), alike(json!([["2025-01-05", 100], ["2025-01-09", 50]])));
    let products = board.tile(&viewer, "months", step(json!({"column": "product"}))).await.unwrap();
    assert_eq!(rows_of(&products), alike(json!([["apple", 100], ["pear", 50]])));
    // The notes are not on the dashboard: its readers do not see them, its owner does.
    let notes = step(json!({"column": "note"}));
    assert_eq!(board.tile(&viewer, "months", notes.clone()).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(board.tile(&board.house.owner, "months", notes).await.unwrap().table.row_count(), 2);
    let other = json!({"d": [{"on": [{"column": "gone", "op": "is_null"}]}]});
    assert_eq!(board.tile(&viewer, "months", other).await.unwrap_err().code, ErrorCode::UnknownColumn);

    let services = &board.house.services;
    let ask: TileAsk = serde_json::from_value(json!({"d": [{"on": [january]}]})).unwrap();
    let request = RowsRequest { limit: Some(1), ..RowsRequest::default() };
    let mine = services.tile_rows(&board.house.owner, &board.board.id, "months", &ask, &request).await.unwrap();
    assert_eq!((mine.total, mine.table.row_count(), mine.table.columns.len()), (2, 1, 6));
    // Looking at a dashboard is not looking at the rows behind it.
    let refused = services.tile_rows(&viewer, &board.board.id, "months", &ask, &request).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    let explore = Some(domain::Access::Explore);
    services.set_grant(&board.house.owner, "dashboard", &board.board.id, "viewer", explore).await.unwrap();
    let theirs = services.tile_rows(&viewer, &board.board.id, "months", &ask, &request).await.unwrap();
    let names: Vec<&str> = theirs.table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!((theirs.total, names), (2, vec!["day", "product"]));
    let choices = services.drill_choices(&viewer, &board.board.id, "months", &TileAsk::default()).await.unwrap();
    let names: Vec<&str> = choices.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!((names, choices.sql), (vec!["day", "product"], false));
}

#[tokio::test]
async fn a_change_is_the_sum_of_its_members() {
    let board = Board::build().await;
    let services = &board.house.services;
    let why = async |request: WhyRequest| {
        services.why(&board.house.owner, &board.board.id, "months", &TileAsk::default(), &request).await
    };
    let request = WhyRequest { period: "2025-02-01".into(), ..WhyRequest::default() };
    let answer = why(request).await.unwrap();
    assert_eq!((answer.value, answer.value_before), (Some(57.75), Some(150.0)));
    let products = answer.dimensions.iter().find(|d| d.column == "product").unwrap();
    let sum: f64 = products.members.iter().map(|m| m.contribution).sum();
    assert!((sum + products.others_contribution - (57.75 - 150.0)).abs() < 1e-9);
    assert_eq!(products.members[0].cell, "apple".into());
    assert!(why(WhyRequest { period: "soon".into(), ..WhyRequest::default() }).await.is_err());
    let about =
        services.tile_provenance(&board.house.owner, &board.board.id, "months", &TileAsk::default()).await.unwrap();
    assert_eq!((about.rows, about.answered, about.sql.is_some()), (6, 3, true));
    assert!(about.question.contains("by month"), "{}", about.question);
}
