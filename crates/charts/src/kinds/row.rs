//! Rows: bars that lie, with room for long names.

use super::bar::{OPTIONS, bars};
use super::{Info, Kind, needs_a_group};
use domain::ChartKind;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Row,
        label: "Row",
        icon: "chart-bar",
        about: "Numbers of many categories, or of ones with long names.",
        needs: "A category and numbers.",
        options: OPTIONS,
    },
    suits: needs_a_group,
    draw: Some(|drawing| bars(drawing, true)),
};
