//! A small picture of a dashboard: its layout with the charts drawn in it.

use crate::paper::{PaperError, Piece, Renderer, Size};
use charts::Theme;
use serde_json::Value;
use std::fmt::Write;

/// The page as it would be on a wide screen: twelve columns, and as much of the first screen as fits.
const PAGE: Size = Size { width: 1200, height: 660 };
const COLUMNS: u32 = 12;
const ROW: u32 = 60;
const GAP: u32 = 12;
const HEAD: u32 = 40;
/// Pixels of the picture for one of the page.
const SCALE: f32 = 0.5;
/// No more tiles than this are drawn.
const MOST_TILES: usize = 24;
/// Letters of one cell of a table.
const CELL: usize = 18;

/// A tile, in columns and rows of the grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    pub title: String,
    pub x: u32,
    pub y: u32,
    pub w: u32,
    pub h: u32,
    pub body: Body,
}

/// What a tile shows.
#[derive(Clone, Debug, PartialEq)]
pub enum Body {
    /// An ECharts option.
    Chart(Value),
    /// A number, and the line below it.
    Figure {
        value: String,
        line: String,
    },
    /// Rows of a table, its head first.
    Rows(Vec<Vec<String>>),
    /// Lines of text.
    Text(Vec<String>),
    Blank,
}

/// Draws a dashboard as PNG. A chart that cannot be drawn leaves its tile empty.
///
/// # Errors
/// Too many pictures wait, or the renderer is broken.
pub async fn draw(renderer: &Renderer, parts: &[Part], theme: Theme) -> Result<Vec<u8>, PaperError> {
    let seen: Vec<&Part> = parts.iter().filter(|p| p.y * ROW < PAGE.height && p.x < COLUMNS).take(MOST_TILES).collect();
    let mut pieces = vec![Piece { svg: frame(renderer, &seen, theme), x: 0.0, y: 0.0 }];
    for part in seen {
        let Body::Chart(option) = &part.body else { continue };
        let place = inner(part);
        if place.2 < 40 || place.3 < 30 || option.is_null() {
            continue;
        }
        match renderer.svg(option, Size::new(place.2, place.3), theme).await {
            Ok(svg) => pieces.push(Piece { svg, x: place.0 as f32, y: place.1 as f32 }),
            Err(PaperError::Busy) => return Err(PaperError::Busy),
            Err(_) => {}
        }
    }
    renderer.sheet(pieces, PAGE, SCALE).await
}

/// The box of a tile on the page: left, top, width, height.
fn outer(part: &Part) -> (u32, u32, u32, u32) {
    let column = PAGE.width / COLUMNS;
    let w = part.w.clamp(1, COLUMNS - part.x.min(COLUMNS - 1));
    (
        part.x * column + GAP / 2,
        part.y * ROW + GAP / 2,
        w * column - GAP,
        (part.h.clamp(1, 40) * ROW).saturating_sub(GAP).max(8),
    )
}

/// The room below its title.
fn inner(part: &Part) -> (u32, u32, u32, u32) {
    let (x, y, w, h) = outer(part);
    let head = if part.title.is_empty() { GAP } else { HEAD };
    (x + GAP, y + head, w.saturating_sub(2 * GAP), h.saturating_sub(head + GAP))
}

/// The page, its tiles, and all that is no chart.
fn frame(renderer: &Renderer, parts: &[&Part], theme: Theme) -> String {
    let colors = theme.colors();
    let mut svg = format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{0}" height="{1}" font-family="Inter"><rect width="{0}" height="{1}" fill="{2}"/>"#,
        PAGE.width, PAGE.height, colors.well
    );
    let mut text = |x: u32, y: u32, size: u32, weight: u16, color: &str, width: u32, words: &str| {
        let words = fitted(renderer, words, size as f32, weight, width as f32);
        // Writing to a string cannot fail.
        let _ = write!(
            svg,
            r#"<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}">{}</text>"#,
            escaped(&words)
        );
    };
    let mut boxes = String::new();
    for part in parts {
        let (x, y, w, h) = outer(part);
        let _ = write!(
            boxes,
            r#"<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="8" fill="{}" stroke="{}"/>"#,
            colors.surface, colors.line
        );
    }
    let mut words = Vec::new();
    for part in parts {
        let (x, y, w, h) = inner(part);
        let top = outer(part).1;
        if !part.title.is_empty() {
            words.push((x, top + 26, 16, 600, &colors.text, w, part.title.clone()));
        }
        match &part.body {
            Body::Figure { value, line } => {
                words.push((x, y + 38, 40, 600, &colors.text, w, value.clone()));
                if h > 70 {
                    words.push((x, y + 66, 16, 400, &colors.muted, w, line.clone()));
                }
            }
            Body::Rows(rows) => {
                let many = rows.iter().map(Vec::len).max().unwrap_or(0).min((w / 110).max(1) as usize);
                for (r, row) in rows.iter().take((h / 26) as usize).enumerate() {
                    let color = if r == 0 { &colors.muted } else { &colors.text };
                    for (c, cell) in row.iter().take(many).enumerate() {
                        let step = w / many.max(1) as u32;
                        let cell: String = cell.chars().take(CELL).collect();
                        words.push((x + c as u32 * step, y + 18 + r as u32 * 26, 15, 400, color, step - 8, cell));
                    }
                }
            }
            Body::Text(lines) => {
                for (i, line) in lines.iter().take((h / 24) as usize).enumerate() {
                    words.push((x, y + 18 + i as u32 * 24, 16, 400, &colors.text, w, line.clone()));
                }
            }
            Body::Chart(_) | Body::Blank => {}
        }
    }
    for (x, y, size, weight, color, width, line) in &words {
        text(*x, *y, *size, *weight, color, *width, line);
    }
    let at = svg.find("/>").map_or(svg.len(), |at| at + 2);
    svg.insert_str(at, &boxes);
    svg.push_str("</svg>");
    svg
}

/// As much of a line as fits.
fn fitted(renderer: &Renderer, words: &str, size: f32, weight: u16, width: f32) -> String {
    let line: String = words.chars().filter(|c| !c.is_control()).take(200).collect();
    if renderer.text_width(&line, size, weight) <= width {
        return line;
    }
    let mut kept = line;
    while !kept.is_empty() && renderer.text_width(&kept, size, weight) + size * 0.9 > width {
        kept.pop();
    }
    format!("{}…", kept.trim_end())
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // No XML may hold these.
            '\u{fffe}' | '\u{ffff}' => {}
            c => out.push(c),
        }
    }
    out
}
