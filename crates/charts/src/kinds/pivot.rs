//! Pivot tables: groups down and across, with the subtotals of the engine. The page draws the grid
//! that [`crate::crosstab`] lays out.

use super::{Info, Kind, needs_a_group};
use crate::options::{FORMAT, Input, OptionInfo, RULES, SCALE, on};
use domain::ChartKind;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Pivot,
        label: "Pivot table",
        icon: "table-properties",
        about: "Several groups down and across, with subtotals and totals.",
        needs: "At least one category, and a number to total.",
        options: &[ROWS, COLUMNS, SUBTOTALS, TOTALS, RULES, SCALE, FORMAT],
    },
    suits: needs_a_group,
    draw: None,
};

const ROWS: OptionInfo = OptionInfo { name: "rows", label: "Rows", help: "Outermost first.", input: Input::Columns };
const COLUMNS: OptionInfo =
    OptionInfo { name: "columns", label: "Columns", help: "Outermost first.", input: Input::Columns };
const SUBTOTALS: OptionInfo = on("subtotals", "Subtotals", "");
const TOTALS: OptionInfo = on("totals", "Totals", "");
