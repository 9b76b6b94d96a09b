//! What a scenario lays over a dataset: columns that are multiplied where they are scanned, so that all
//! that is worked out from them follows.

use crate::catalog::Loaded;
use crate::model;
use domain::forecast::Overlay;
use domain::{DataType, Error, ErrorCode, Result};
use std::sync::Arc;

/// A dataset as its reader sees it in a scenario.
pub(super) fn overlaid(loaded: &Arc<Loaded>, overlay: &Overlay) -> Result<Arc<Loaded>> {
    let is_here = |name: &str| name == loaded.row.id || name == loaded.row.name;
    let scales: Vec<_> = overlay.scales.iter().filter(|s| is_here(&s.dataset)).collect();
    if scales.is_empty() {
        return Ok(loaded.clone());
    }
    let mut other = Loaded::clone(loaded);
    for scale in scales {
        let found = loaded.stored().find(|c| c.name == scale.column);
        let unknown = || {
            Error::new(ErrorCode::UnknownColumn, format!("There is no stored column `{}` to change.", scale.column))
                .hint("A scenario changes columns that are stored; what is calculated from them follows.")
        };
        let column = found.ok_or_else(unknown)?;
        if !column.ty.is_number() {
            return Err(Error::invalid(format!(
                "`{}` is {}: only numbers change by a percentage.",
                column.name,
                column.ty.as_str()
            )));
        }
        if loaded.policy.masked.contains_key(&column.name) {
            let message =
                format!("Rules hide the values of `{}` from you: this scenario has nothing for you.", column.name);
            return Err(Error::forbidden(message));
        }
        let factor = other.scaled.entry(column.name.clone()).or_insert(1.0);
        *factor *= 1.0 + scale.percent / 100.0;
    }
    let names: Vec<String> = other.scaled.keys().cloned().collect();
    // Whole numbers that are multiplied are none any more, and neither is what is made of them.
    for column in other.columns.iter_mut().filter(|c| names.contains(&c.name)) {
        column.ty = DataType::Float;
    }
    let calculated = model::resolve(&other.columns, &other.model.model).0;
    other.calculated = calculated;
    Ok(Arc::new(other))
}
