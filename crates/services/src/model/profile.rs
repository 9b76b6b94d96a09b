//! What is known about the values of calculated columns: asked as questions, so that it is right
//! wherever the rows lie.

use crate::Services;
use crate::catalog::Loaded;
use domain::api::ValuesRequest;
use domain::dataset::{Bucket, ColumnProfile, Frequency};
use domain::query::{Agg, Bin, Dimension, Measure};
use domain::table::Cell;
use domain::{Column, DataType, Query, Result};
use std::sync::Arc;

/// The most frequent values that are listed.
const TOP: u64 = 20;
/// The bars of a histogram.
const BUCKETS: usize = 20;
const PERCENTILES: [f64; 5] = [5.0, 25.0, 50.0, 75.0, 95.0];

impl Services {
    /// The profile of one calculated column.
    pub(crate) async fn profile_calculated(&self, loaded: &Arc<Loaded>, column: &Column) -> Result<ColumnProfile> {
        let of = |agg| Measure { alias: Some(agg_name(agg)), ..Measure::of(agg, &column.name) };
        let mut measures = vec![Measure::count(), of(Agg::Count), of(Agg::CountDistinct)];
        let has_ends = !matches!(column.ty, DataType::Other | DataType::Boolean);
        if has_ends {
            measures.extend([of(Agg::Min), of(Agg::Max)]);
        }
        if column.ty.is_number() {
            measures.extend([of(Agg::Avg), of(Agg::Stddev)]);
            measures.extend(PERCENTILES.map(|p| Measure {
                p: Some(p),
                alias: Some(format!("p_{p}")),
                ..Measure::of(Agg::Percentile, &column.name)
            }));
        }
        let query = Query { dataset: loaded.row.id.clone(), measures, ..Query::default() };
        let (answer, _) = self.answer(loaded, &query, false).await?;
        let cell = |name: &str| {
            let at = answer.table.columns.iter().position(|c| c.name == name);
            at.and_then(|at| answer.table.data.get(at)?.first().cloned()).unwrap_or_default()
        };
        let count = |name: &str| cell(name).as_f64().map_or(0, |n| n as u64);
        let request = ValuesRequest { limit: Some(TOP), ..ValuesRequest::default() };
        let top = if column.ty == DataType::Other {
            Vec::new()
        } else {
            self.values_of(loaded, &column.name, &request).await?
        };
        let quantiles: Option<Vec<f64>> = PERCENTILES.iter().map(|p| cell(&format!("p_{p}")).as_f64()).collect();
        let known = count("of_count");
        let mut profile = ColumnProfile {
            name: column.name.clone(),
            missing: count("count").saturating_sub(known),
            distinct: count("of_count_distinct"),
            min: cell("of_min"),
            max: cell("of_max"),
            mean: cell("of_avg").as_f64(),
            stddev: cell("of_stddev").as_f64(),
            quantiles: quantiles.unwrap_or_default(),
            histogram: Vec::new(),
            top: top.into_iter().map(|(value, count)| Frequency { value, count }).collect(),
        };
        if let (true, Some(lo), Some(hi)) = (column.ty.is_number(), profile.min.as_f64(), profile.max.as_f64()) {
            profile.histogram = self.histogram(loaded, column, (lo, hi), known).await?;
        }
        Ok(profile)
    }

    async fn histogram(
        &self,
        loaded: &Arc<Loaded>,
        column: &Column,
        (lo, hi): (f64, f64),
        known: u64,
    ) -> Result<Vec<Bucket>> {
        let range = hi - lo;
        if !range.is_finite() || range <= 0.0 {
            let bucket = Bucket { lo: Cell::Float(lo), hi: Cell::Float(hi), count: known };
            return Ok(if known > 0 && lo.is_finite() { vec![bucket] } else { Vec::new() });
        }
        let width = range / (BUCKETS as f64 - 1.0);
        let bin = Dimension { bin: Some(Bin::Width(width)), alias: Some("lo".into()), ..Dimension::default() };
        let query = Query {
            dataset: loaded.row.id.clone(),
            dimensions: vec![Dimension { column: column.name.clone(), ..bin }],
            measures: vec![Measure::count()],
            ..Query::default()
        };
        let (answer, _) = self.answer(loaded, &query, false).await?;
        let [edges, counts] = answer.table.data.as_slice() else { return Ok(Vec::new()) };
        let first = (lo / width).floor();
        let mut buckets: Vec<Bucket> = (0..=BUCKETS)
            .map(|i| {
                let lo = (first + i as f64) * width;
                Bucket { lo: Cell::Float(lo), hi: Cell::Float(lo + width), count: 0 }
            })
            .collect();
        for (edge, count) in edges.iter().zip(counts) {
            let (Some(edge), Some(count)) = (edge.as_f64(), count.as_f64()) else { continue };
            let at = (edge / width - first).round().clamp(0.0, BUCKETS as f64) as usize;
            buckets[at].count += count as u64;
        }
        while buckets.last().is_some_and(|b| b.count == 0) {
            buckets.pop();
        }
        Ok(buckets)
    }
}

/// The name of an output, apart from those of columns.
fn agg_name(agg: Agg) -> String {
    format!("of_{}", agg.name())
}
