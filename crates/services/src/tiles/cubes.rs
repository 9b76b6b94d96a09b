//! Tiles under a choice in another tile: answered from a cube where the question allows it, so that
//! dragging over a chart redraws the others at once.
//!
//! The first question with a choice of these columns makes the cube, in about the time that the
//! question itself would take; every further choice of the same columns adds its rows up.

use super::question::Question;
use crate::Services;
use crate::query::key_of;
use domain::query::{Dimension, Filter, Query};
use domain::{Caller, Result, Table};
use std::time::Instant;

/// The choice that changes most: the last one made in a tile.
pub(crate) struct Choice {
    pub(crate) filter: Filter,
    /// What its columns are grouped by where it was made.
    pub(crate) by: Vec<Dimension>,
    /// The question without it.
    pub(crate) rest: Query,
}

impl Services {
    /// The answer from a cube, and the milliseconds it took; nothing where there can be none.
    pub(crate) async fn answer_by_cube(&self, caller: &Caller, asked: &Question) -> Result<Option<(Table, f64)>> {
        let Some(choice) = &asked.choice else { return Ok(None) };
        let Some(cube) = semantic::cube::cube(&choice.rest, &choice.by) else { return Ok(None) };
        let bound = self.bind(&asked.loaded, &cube.query, None).await?;
        let plan = self.plan_bound(&bound, &cube.query).await?;
        let (segments, key) = (bound.segments(), key_of(&plan));
        let prepared = match self.engine.kept_cube(&segments, &key).await {
            Some(kept) => kept,
            None => {
                let _turn = self.turns.next(&caller.user_id).await?;
                self.engine.cube(&cube, &plan, &segments, &key).await?
            }
        };
        let Some(prepared) = prepared else { return Ok(None) };
        // What the columns are called and formatted, and how many rows are returned.
        let plan = self.plan(&asked.loaded, &asked.query).await?;
        let limit = usize::try_from(plan.limit).unwrap_or(usize::MAX);
        let began = Instant::now();
        let table = prepared.answer(&asked.query, &plan.columns, limit, &choice.filter);
        Ok(table.map(|table| (table, began.elapsed().as_secs_f64() * 1_000.0)))
    }
}
