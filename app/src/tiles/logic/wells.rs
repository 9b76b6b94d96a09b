//! The wells of a chart kind: where fields go, what they take and how many.

use domain::ChartKind;
use domain::plugin::{Encoding, Takes};
use std::borrow::Cow;

/// A place that fields are dropped into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Well {
    /// The first thing grouped by.
    X,
    /// Numbers.
    Values,
    /// Further things grouped by.
    Split,
    /// Everything grouped by, where the kind does not say which part it plays.
    Groups,
    /// What runs across a pivot table; what runs down it is in `Groups`.
    Across,
    /// Columns of raw rows.
    Columns,
    /// An encoding of a plug-in, by its position.
    Part(usize),
    /// What a plug-in has no place for.
    Unused,
}

impl Well {
    /// A stable name for attributes.
    pub fn as_str(self) -> &'static str {
        const PARTS: [&str; 12] = ["p1", "p2", "p3", "p4", "p5", "p6", "p7", "p8", "p9", "p10", "p11", "p12"];
        match self {
            Self::Part(at) => PARTS.get(at).copied().unwrap_or("part"),
            Self::Unused => "unused",
            Self::X => "x",
            Self::Values => "values",
            Self::Split => "split",
            Self::Groups => "groups",
            Self::Across => "across",
            Self::Columns => "columns",
        }
    }
}

/// How a kind calls a well.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WellInfo {
    pub well: Well,
    pub label: Cow<'static, str>,
    /// What stands in it while it is empty.
    pub hint: &'static str,
    /// How many fields it takes.
    pub most: usize,
}

const fn well(well: Well, label: &'static str, hint: &'static str, most: usize) -> WellInfo {
    WellInfo { well, label: Cow::Borrowed(label), hint, most }
}

const GROUP: &str = "Add a date or a category";
const NUMBER: &str = "Add a number or the count of rows";
const MANY: usize = 20;

const LINES: &[WellInfo] = &[
    well(Well::X, "Along the axis", GROUP, 1),
    well(Well::Values, "Values", NUMBER, MANY),
    well(Well::Split, "Split by", "Add a category: one series for each", 1),
];
const ROWS: &[WellInfo] = &[
    well(Well::X, "One bar for each", GROUP, 1),
    well(Well::Values, "Values", NUMBER, MANY),
    well(Well::Split, "Split by", "Add a category: one colour for each", 1),
];
const PIE: &[WellInfo] =
    &[well(Well::X, "One slice for each", "Add a category", 1), well(Well::Values, "Value", NUMBER, 1)];
const SCATTER: &[WellInfo] = &[
    well(Well::Values, "Across, up and size", "Add two numbers, a third for the size", 3),
    well(Well::X, "One point for each", "Add a category", 1),
    well(Well::Split, "Colour by", "Add a category", 1),
];
const HEATMAP: &[WellInfo] =
    &[well(Well::X, "Across", GROUP, 1), well(Well::Split, "Down", GROUP, 1), well(Well::Values, "Colour", NUMBER, 1)];
const SINGLE: &[WellInfo] = &[
    well(Well::Values, "Value", NUMBER, 1),
    well(Well::X, "Over time", "Add a date to compare with the period before", 1),
];
const GROUPED: &[WellInfo] = &[
    well(Well::X, "Group by", GROUP, 1),
    well(Well::Split, "Then by", "Add more to group by", MANY),
    well(Well::Values, "Values", NUMBER, MANY),
];
const PIVOT: &[WellInfo] = &[
    well(Well::Groups, "Rows", "Add what runs down", 4),
    well(Well::Across, "Columns", "Add what runs across", 2),
    well(Well::Values, "Values", NUMBER, MANY),
];
const COURSE: &[WellInfo] = &[well(Well::X, "Over time", "Add a date", 1), well(Well::Values, "Value", NUMBER, 1)];
const DAYS: &[WellInfo] = &[well(Well::X, "Day", "Add a date", 1), well(Well::Values, "Colour", NUMBER, 1)];
const COMBO: &[WellInfo] =
    &[well(Well::X, "Along the axis", GROUP, 1), well(Well::Values, "Bars, then the line", "Add two numbers", MANY)];
const RANGES: &[WellInfo] = &[
    well(Well::X, "Ranges of", "Add a number", 1),
    well(Well::Values, "Height", NUMBER, 1),
    well(Well::Split, "Split by", "Add a category: one colour for each", 1),
];
const BOXES: &[WellInfo] =
    &[well(Well::X, "One box for each", GROUP, 1), well(Well::Values, "Spread of", "Add a number", 5)];
const PARTS: &[WellInfo] = &[
    well(Well::X, "Divide by", "Add a category", 1),
    well(Well::Split, "Then by", "Add a category within it", 3),
    well(Well::Values, "Size", NUMBER, 1),
];
const STAGES: &[WellInfo] =
    &[well(Well::X, "One stage for each", "Add a category", 1), well(Well::Values, "Value", NUMBER, 1)];
const CHANGES: &[WellInfo] = &[well(Well::X, "One step for each", GROUP, 1), well(Well::Values, "Change", NUMBER, 1)];
const DIAL: &[WellInfo] = &[well(Well::Values, "Value", NUMBER, 1)];
const GOALS: &[WellInfo] =
    &[well(Well::Values, "Value, then its target", NUMBER, 2), well(Well::X, "One bar for each", GROUP, 1)];
const FLOW: &[WellInfo] = &[
    well(Well::X, "From", "Add a category", 1),
    well(Well::Split, "To", "Add a category", 1),
    well(Well::Values, "Weight", NUMBER, 1),
];
const ROUND: &[WellInfo] = &[
    well(Well::X, "One shape or direction for each", GROUP, 1),
    well(Well::Split, "Split by", "Add a category: one shape for each", 1),
    well(Well::Values, "Values", NUMBER, MANY),
];
const PLACES: &[WellInfo] = &[
    well(Well::X, "One place for each", "Add a country, or a name of the point", 1),
    well(Well::Values, "Colour, or latitude, longitude and size", NUMBER, 3),
];
const FREE: &[WellInfo] = &[well(Well::Groups, "Group by", GROUP, MANY), well(Well::Values, "Values", NUMBER, MANY)];
const RAW: &[WellInfo] = &[well(Well::Columns, "Columns", "Add the columns to list", 500)];

/// The wells of a kind. A table of raw rows has one for its columns.
pub fn wells(kind: ChartKind, raw: bool) -> &'static [WellInfo] {
    match kind {
        ChartKind::Table if raw => RAW,
        ChartKind::Table => GROUPED,
        ChartKind::Number => SINGLE,
        ChartKind::Row => ROWS,
        ChartKind::Pie => PIE,
        ChartKind::Scatter => SCATTER,
        ChartKind::Heatmap => HEATMAP,
        ChartKind::Pivot => PIVOT,
        ChartKind::Trend | ChartKind::Sparkline => COURSE,
        ChartKind::Calendar => DAYS,
        ChartKind::Combo => COMBO,
        ChartKind::Histogram => RANGES,
        ChartKind::BoxPlot => BOXES,
        ChartKind::Treemap | ChartKind::Sunburst => PARTS,
        ChartKind::Funnel => STAGES,
        ChartKind::Waterfall => CHANGES,
        ChartKind::Gauge => DIAL,
        ChartKind::Progress | ChartKind::Bullet => GOALS,
        ChartKind::Sankey | ChartKind::Network => FLOW,
        ChartKind::Radar => ROUND,
        ChartKind::Map => PLACES,
        ChartKind::Line | ChartKind::Area | ChartKind::Bar => LINES,
        // Its encodings are its wells.
        ChartKind::Plugin(_) => &[],
    }
}

/// The wells of a plug-in: one for each encoding.
pub fn parts(encodings: &[Encoding]) -> Vec<WellInfo> {
    let part = |(at, e): (usize, &Encoding)| {
        let label = if e.required { e.label.clone() } else { format!("{} (optional)", e.label) };
        let hint = match e.takes {
            Takes::Group => GROUP,
            Takes::Time => "Add a date",
            Takes::Measure => NUMBER,
            Takes::Any => "Add a field",
        };
        WellInfo { well: Well::Part(at), label: Cow::Owned(label), hint, most: 1 }
    };
    encodings.iter().enumerate().map(part).collect()
}

/// The wells of a question that no kind narrows.
pub fn free_wells(raw: bool) -> &'static [WellInfo] {
    if raw { RAW } else { FREE }
}

/// How many fields a well takes; none where it is not among these.
pub fn most(wells: &[WellInfo], well: Well) -> usize {
    wells.iter().find(|w| w.well == well).map_or(0, |w| w.most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_well_for_its_numbers() {
        for kind in ChartKind::ALL {
            assert!(most(wells(*kind, false), Well::Values) > 0, "{kind:?}");
        }
        assert_eq!(most(wells(ChartKind::Table, true), Well::Values), 0);
    }
}
