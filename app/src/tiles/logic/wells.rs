//! The wells of a chart kind: where fields go, what they take and how many.

use domain::ChartKind;

/// A place that fields are dropped into.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Well {
    /// The first thing grouped by.
    X,
    /// Numbers.
    Values,
    /// Further things grouped by.
    Split,
    /// Columns of raw rows.
    Columns,
}

impl Well {
    /// A stable name for attributes.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::X => "x",
            Self::Values => "values",
            Self::Split => "split",
            Self::Columns => "columns",
        }
    }
}

/// How a kind calls a well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WellInfo {
    pub well: Well,
    pub label: &'static str,
    /// What stands in it while it is empty.
    pub hint: &'static str,
    /// How many fields it takes.
    pub most: usize,
}

const fn well(well: Well, label: &'static str, hint: &'static str, most: usize) -> WellInfo {
    WellInfo { well, label, hint, most }
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
        _ => LINES,
    }
}

/// How many fields a well of a kind takes; none where the kind has no such well.
pub fn most(kind: ChartKind, raw: bool, well: Well) -> usize {
    wells(kind, raw).iter().find(|w| w.well == well).map_or(0, |w| w.most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_a_well_for_its_numbers() {
        for kind in ChartKind::ALL {
            assert!(most(*kind, false, Well::Values) > 0, "{kind:?}");
        }
        assert_eq!(most(ChartKind::Table, true, Well::Values), 0);
    }
}
