//! Every kind of chart drawn from a realistic answer, in both themes. A change of a picture shows
//! here as a change of a file; accept it with `INSTA_UPDATE=always` once you have looked at it.

use crate::common::*;
use charts::Theme;
use domain::{ChartKind, Table};
use serde_json::{Value, json};

fn check(name: &str, kind: ChartKind, options: Value, table: &Table) {
    let spec = spec(kind, options);
    let mut settings = insta::Settings::clone_current();
    // Another crate may ask serde_json to keep the order of keys.
    settings.set_sort_maps(true);
    settings.set_snapshot_path("../snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.bind(|| {
        for (theme, suffix) in [(Theme::Light, "light"), (Theme::Dark, "dark")] {
            let picture = charts::picture(&spec, table, theme);
            let whole = json!({"notes": picture.notes, "option": picture.option});
            insta::assert_json_snapshot!(format!("{name}_{suffix}"), whole);
        }
    });
}

#[test]
fn line() {
    check("line", ChartKind::Line, json!({}), &sales_by_month_and_region());
}

#[test]
fn line_two_units() {
    check("line_two_units", ChartKind::Line, json!({"smooth": true}), &visits_by_day());
}

#[test]
fn area() {
    check("area", ChartKind::Area, json!({}), &sales_by_month_and_region());
}

#[test]
fn area_percent() {
    check("area_percent", ChartKind::Area, json!({"stack": "percent"}), &sales_by_month_and_region());
}

#[test]
fn bar() {
    let options = json!({"reference": 60_000, "reference_label": "Goal"});
    check("bar", ChartKind::Bar, options, &flights_by_carrier());
}

#[test]
fn bar_stacked() {
    check("bar_stacked", ChartKind::Bar, json!({"stack": "stacked"}), &sales_by_month_and_region());
}

#[test]
fn row() {
    check("row", ChartKind::Row, json!({"sort": "value"}), &flights_by_carrier());
}

#[test]
fn pie() {
    check("pie", ChartKind::Pie, json!({"donut": true}), &flights_by_carrier());
}

#[test]
fn scatter() {
    check("scatter", ChartKind::Scatter, json!({}), &delays());
}

#[test]
fn heatmap() {
    check("heatmap", ChartKind::Heatmap, json!({"labels": "always"}), &delay_by_weekday_and_hour());
}

#[test]
fn every_other_kind() {
    for (name, kind, options, table) in gallery() {
        check(name, kind, options, &table);
    }
}

#[test]
fn every_kind_has_a_picture() {
    let drawn: Vec<ChartKind> = gallery().into_iter().map(|(_, kind, ..)| kind).collect();
    use ChartKind::{Area, Bar, Heatmap, Line, Number, Pie, Pivot, Row, Scatter, Table};
    let above = [Area, Bar, Heatmap, Line, Number, Pie, Pivot, Row, Scatter, Table];
    for kind in ChartKind::ALL {
        assert!(drawn.contains(kind) || above.contains(kind), "{kind:?} has no snapshot");
    }
}

#[test]
fn the_page_draws_tables_and_numbers() {
    for kind in [ChartKind::Table, ChartKind::Number, ChartKind::Pivot] {
        assert_eq!(charts::option(&spec(kind, json!({})), &flights_by_carrier(), Theme::Light), Value::Null);
    }
}
