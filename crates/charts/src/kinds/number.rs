//! One number, large. The page draws it (see [`crate::number`]): it changes in place.

use super::{Info, Kind, groups, is_moment, needs_a_number};
use crate::options::{COMPARE, FAVOURABLE, FORMAT, RULES, TARGET};
use crate::text::count;
use domain::{ChartKind, Field};

pub(super) const KIND: Kind = Kind {
    info: Info {
        kind: ChartKind::Number,
        label: "Number",
        icon: "hash",
        about: "One value, its trend against the period before, and a target.",
        needs: "One number; with a date, it is compared with the period before.",
        options: &[FORMAT, TARGET, FAVOURABLE, COMPARE, RULES],
    },
    suits: one_number,
    draw: None,
};

pub(super) fn one_number(shape: &[Field], rows: usize) -> Option<String> {
    needs_a_number(shape).or_else(|| {
        let over_time = groups(shape) == 1 && shape.iter().any(is_moment);
        let several = rows > 1 && !over_time;
        several.then(|| format!("Shows one number; this answer has {} rows.", count(rows)))
    })
}
