//! Rows as they are. The page draws it: a table is text, and text can be read aloud and copied.

use super::{Info, Kind};
use domain::ChartKind;

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Table,
        label: "Table",
        icon: "table",
        about: "Every row and every digit.",
        options: &[],
    },
    suits: |_, _| None,
    draw: None,
};
