//! Rows as they are. The page draws it: a table is text, and text can be read aloud and copied.

use super::{Info, Kind};
use crate::options::{RULES, SCALE};
use domain::ChartKind;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Table,
        label: "Table",
        icon: "table",
        about: "Every row and every digit.",
        needs: "Any columns, grouped or as they are.",
        options: &[RULES, SCALE],
    },
    suits: |_, _| None,
    draw: None,
};
