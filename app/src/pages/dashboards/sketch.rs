//! A small picture of a dashboard's layout: one glyph for each tile.

use domain::dashboard::SketchTile;
use leptos::prelude::*;

/// Size of the picture, and of a cell of the grid in it.
const WIDTH: u32 = 120;
const HEIGHT: u32 = 66;
const CELL_W: u32 = 10;
const CELL_H: u32 = 6;

/// The picture. It says nothing that the words beside it do not say.
#[component]
pub fn Sketch(tiles: Vec<SketchTile>) -> impl IntoView {
    let shown = tiles.into_iter().filter(|t| t.position.y.saturating_mul(CELL_H) < HEIGHT).take(40);
    view! {
        <svg class="sketch" viewBox=format!("0 0 {WIDTH} {HEIGHT}") preserveAspectRatio="xMidYMin slice" aria-hidden="true" focusable="false">
            {shown.map(tile).collect_view()}
        </svg>
    }
    .into_any()
}

fn tile(tile: SketchTile) -> AnyView {
    let p = tile.position;
    let (x, y) = (p.x.min(12) * CELL_W, p.y * CELL_H);
    let (w, h) = ((p.w.clamp(1, 12) * CELL_W).saturating_sub(2), (p.h.clamp(1, 40) * CELL_H).saturating_sub(2));
    let stretch = if tile.kind == "pie" { "xMidYMid meet" } else { "none" };
    view! {
        <rect class="sketch-tile" x=(x + 1).to_string() y=(y + 1).to_string() width=w.to_string() height=h.to_string() rx="1.5"></rect>
        <svg
            x=(x + 4).to_string()
            y=(y + 4).to_string()
            width=w.saturating_sub(6).max(2).to_string()
            height=h.saturating_sub(6).max(2).to_string()
            viewBox="0 0 40 20"
            preserveAspectRatio=stretch
        >
            {glyph(&tile.kind)}
        </svg>
    }
    .into_any()
}

fn glyph(kind: &str) -> AnyView {
    let (fill, line) = match kind {
        "line" => ("", "M0 15 L8 9 L16 12 L26 4 L40 7"),
        "area" => ("M0 20 L0 14 L10 8 L20 11 L30 3 L40 6 L40 20 Z", ""),
        "row" => ("M0 1H38V5H0Z M0 8H26V12H0Z M0 15H14V19H0Z", ""),
        "pie" => ("M20 0A10 10 0 1 1 10 10L20 10Z", ""),
        "scatter" => ("M4 13h3v3h-3z M12 8h3v3h-3z M19 11h3v3h-3z M26 4h3v3h-3z M33 6h3v3h-3z M9 16h3v3h-3z", ""),
        "heatmap" => ("M0 0H9V9H0Z M20 0H29V9H20Z M10 11H19V20H10Z M31 11H40V20H31Z", ""),
        "number" | "kpi" | "metric" => ("M0 6H22V14H0Z", ""),
        "table" | "pivot" => ("", "M0 2H40 M0 7H40 M0 12H40 M0 17H40"),
        "text" | "filter" => ("", "M0 4H36 M0 10H28 M0 16H32"),
        "image" => ("M0 20L12 6L20 14L28 9L40 20Z", ""),
        _ => ("M1 10H8V20H1Z M12 4H19V20H12Z M23 13H30V20H23Z M33 7H40V20H33Z", ""),
    };
    let quiet = matches!(kind, "table" | "pivot" | "text" | "filter" | "image");
    view! {
        <g class=if quiet { "sketch-quiet" } else { "sketch-mark" }>
            <path class="sketch-fill" d=fill></path>
            <path class="sketch-line" d=line vector-effect="non-scaling-stroke"></path>
        </g>
    }
    .into_any()
}
