//! Plug-in charts: who may change them, what tiles make of them, and what is left when they go.

#![allow(clippy::unwrap_used)]

mod house;

use domain::connect::TileAsk;
use domain::people::Scope;
use domain::{Caller, ChartKind, ErrorCode, UserRole};
use house::House;
use serde_json::json;

const LOLLIPOP: &str = include_str!("../../../docs/plugin-charts/lollipop.json");
const ROSE: &str = include_str!("../../../docs/plugin-charts/rose.json");

async fn with_sales() -> (House, Caller) {
    let house = House::build().await;
    house.load("sales", "region,amount\nNorth,5\nSouth,7\n").await;
    let admin = house.user("admin", UserRole::Admin).await;
    (house, admin)
}

#[tokio::test]
async fn administrators_change_them_and_everybody_draws_by_them() {
    let (house, admin) = with_sales().await;
    let services = &house.services;
    let refused = services.create_chart_plugin(&house.owner, LOLLIPOP).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    let writer = Caller { scope: Scope::Write, ..admin.clone() };
    assert_eq!(services.create_chart_plugin(&writer, LOLLIPOP).await.unwrap_err().code, ErrorCode::Forbidden);
    let made = services.create_chart_plugin(&admin, LOLLIPOP).await.unwrap();
    assert_eq!((made.id.as_str(), made.kind()), ("lollipop", ChartKind::parse("plugin:lollipop")));
    let again = services.create_chart_plugin(&admin, LOLLIPOP).await.unwrap_err();
    assert_eq!((again.code, again.field.as_deref()), (ErrorCode::NameTaken, Some("name")));
    let bad = LOLLIPOP.replace("\"grid\"", "\"graphic\"");
    let bad = services.update_chart_plugin(&admin, "lollipop", &bad).await.unwrap_err();
    assert_eq!(bad.field.as_deref(), Some("option.graphic"));
    let viewer = house.user("viewer", UserRole::Viewer).await;
    assert_eq!(services.list_chart_plugins(&viewer).await.unwrap(), std::slice::from_ref(&made));
    assert_eq!(services.chart_plugin_text(&viewer, "lollipop").await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(services.chart_plugin_text(&admin, "lollipop").await.unwrap(), LOLLIPOP);
    let missing = services.get_chart_plugin(&admin, "nothing").await.unwrap_err();
    assert_eq!(missing.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn a_tile_comes_with_its_template_and_outlives_it() {
    let (house, admin) = with_sales().await;
    let services = &house.services;
    services.create_chart_plugin(&admin, ROSE).await.unwrap();
    let board = house
        .dashboard(json!([{"id": "t", "type": "chart", "chart_type": "plugin:rose", "title": "Petals",
            "data_source": {"query": {"dataset": "sales", "dimensions": [{"column": "region"}],
                "measures": [{"agg": "sum", "column": "amount"}]}, "options": {"value": "sum_amount"}}}]))
        .await;
    let viewer = house.user("viewer", UserRole::Viewer).await;
    let ask = TileAsk::default();
    let data = services.tile_data(&viewer, &board.id, "t", &ask).await.unwrap();
    let template = data.spec.plugin.clone().unwrap();
    assert_eq!((data.spec.kind.as_str(), template.name.as_str()), ("plugin:rose", "Rose"));
    let option = charts_option(&data);
    assert_eq!(option["series"][0]["data"][0], json!({"name": "South", "value": 7}));
    // Another template in its place is what tiles are drawn by from then on.
    services.update_chart_plugin(&admin, "rose", &ROSE.replace("\"area\"", "\"radius\"")).await.unwrap();
    let data = services.tile_data(&viewer, &board.id, "t", &ask).await.unwrap();
    assert_eq!(data.spec.plugin.as_ref().unwrap().option["series"][0]["roseType"], "radius");
    let uses = services.chart_plugin_uses(&admin, "rose").await.unwrap();
    let named: Vec<_> = uses.iter().map(|u| (u.dashboard.name.as_str(), u.tile.as_str(), u.title.as_str())).collect();
    assert_eq!(named, [("Board", "t", "Petals")]);
    assert_eq!(services.chart_plugin_uses(&viewer, "rose").await.unwrap_err().code, ErrorCode::Forbidden);
    services.delete_chart_plugin(&admin, "rose").await.unwrap();
    let data = services.tile_data(&viewer, &board.id, "t", &ask).await.unwrap();
    assert_eq!((data.spec.plugin, data.table.row_count()), (None, 2));
    // The dashboard can still be changed, and its tile with it.
    let name = domain::api::DashboardPatch { name: Some("Later".into()), ..Default::default() };
    assert_eq!(services.update_dashboard(&house.owner, &board.id, name, None).await.unwrap().name, "Later");
}

fn charts_option(data: &domain::api::TileData) -> serde_json::Value {
    charts::option(&data.spec, &data.table, charts::Theme::Light)
}
