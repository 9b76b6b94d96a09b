//! Expressions and models that are not saved yet: what would come of them, and what is wrong.

#![allow(clippy::unwrap_used)]

mod house;

use domain::ErrorCode;
use domain::model::{ExpressionRequest, SemanticModel};
use house::House;
use serde_json::json;

const ORDERS: &str = "order_id,value,cost\n1,100,60\n2,50,20\n3,,5\n";

async fn shop() -> House {
    let house = House::build().await;
    house.load("orders", ORDERS).await;
    house.load("customers", "id,city\n7,Ulm\n").await;
    let model: SemanticModel = serde_json::from_value(json!({
        "calculated": [{"name": "margin", "expression": "value - cost"}],
    }))
    .unwrap();
    house.services.put_dataset_model(&house.owner, "orders", model, None).await.unwrap();
    house
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_rows_of_an_expression_stand_beside_its_columns() {
    let house = shop().await;
    let ask = async |expression: &str, name: Option<&str>| {
        let request = ExpressionRequest { expression: expression.into(), name: name.map(str::to_owned) };
        house.services.try_expression(&house.owner, "orders", &request).await
    };
    let table = ask("margin * 2", None).await.unwrap();
    let names: Vec<&str> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(names, ["margin", "value_2"], "the dataset has a column `value` itself");
    assert_eq!(serde_json::to_value(&table.data[1]).unwrap(), json!([80, 60, null]));
    // A column that is being changed gives way to what it would become.
    let changed = ask("value + cost", Some("margin")).await.unwrap();
    assert_eq!(serde_json::to_value(&changed.data[2]).unwrap(), json!([160, 70, null]));
    assert_eq!(ask("margin + 1", Some("margin")).await.unwrap_err().code, ErrorCode::InvalidQuery);
    assert!(ask("1 + ", None).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_in_yaml_is_read_with_all_its_problems_by_line() {
    let house = shop().await;
    let read = async |text: &str| house.services.draft_of_yaml(&house.owner, "orders", text).await.unwrap();
    let good = read("calculated:\n- name: double\n  expression: cost * 2\nrelationships:\n- dataset: customers\n  on: [[order_id, id]]\n").await;
    assert_eq!(good.problems, []);
    assert_eq!(good.model.unwrap().relationships.len(), 1);
    let bad = read(
        "calculated:\n- name: double\n  expression: cots * 2\nrelationships:\n- dataset: customers\n  on:\n  - [order_id, city]\n- dataset: nowhere\n  on: [[order_id, id]]\nsynonyms:\n  price: [fee]\n",
    )
    .await;
    let lines: Vec<Option<usize>> = bad.problems.iter().map(|p| p.line).collect();
    assert_eq!(lines, [Some(3), Some(7), Some(8), Some(11)], "{:?}", bad.problems);
    assert_eq!(bad.problems[0].hint.as_deref(), Some("Did you mean `cost`?"));
    let broken = read("calculated: [\n").await;
    assert_eq!((broken.model, broken.problems.len()), (None, 1));
    let twice = read(
        "relationships:\n- dataset: customers\n  on: [[order_id, id]]\n- dataset: customers\n  on: [[cost, id]]\n",
    )
    .await;
    assert_eq!(twice.problems.len(), 1, "both are called the same");
    // Nothing of it was saved.
    assert_eq!(house.services.dataset_model(&house.owner, "orders").await.unwrap().version, 1);
}
