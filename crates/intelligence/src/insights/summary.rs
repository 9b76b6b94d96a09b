//! Columns in figures.

use super::periods::moment;
use crate::stats::{mean, quantile_sorted, skewness, std_dev};
use crate::{Frame, FrameColumn, MISSING_TIME, Values};
use domain::Column;
use domain::insight::{ColumnSummary, Frequent, NumberSummary};

/// The most frequent members that are named.
const MOST_FREQUENT: usize = 5;

/// Every column in figures.
pub(super) fn summaries(frame: &Frame) -> Vec<ColumnSummary> {
    frame.columns.iter().map(summary).collect()
}

fn summary(column: &FrameColumn) -> ColumnSummary {
    let mut out = ColumnSummary {
        column: Column {
            name: column.name.clone(),
            label: column.label.clone(),
            ty: column.ty,
            role: column.role,
            description: String::new(),
            format: column.format.clone(),
            is_calculated: false,
        },
        count: 0,
        missing: 0,
        distinct: 0,
        numbers: None,
        from: None,
        to: None,
        frequent: Vec::new(),
    };
    match &column.values {
        Values::Number(values) => {
            let there: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
            let mut finite: Vec<f64> = there.iter().copied().filter(|v| v.is_finite()).collect();
            finite.sort_unstable_by(f64::total_cmp);
            out.count = there.len() as u64;
            out.distinct = distinct(&finite);
            out.numbers = numbers(&finite, (there.len() - finite.len()) as u64);
        }
        Values::Member { codes, members } => {
            let mut counts = vec![0_u64; members.len()];
            for code in codes {
                if let Some(n) = counts.get_mut(*code as usize) {
                    *n += 1;
                }
            }
            out.count = counts.iter().sum();
            let mut order: Vec<usize> = (0..members.len()).filter(|code| counts[*code] > 0).collect();
            out.distinct = order.len() as u64;
            order.sort_by(|a, b| counts[*b].cmp(&counts[*a]).then(a.cmp(b)));
            let frequent = |code: usize| Frequent { value: members[code].clone(), count: counts[code] };
            out.frequent = order.into_iter().take(MOST_FREQUENT).map(frequent).collect();
        }
        Values::Time(times) => {
            let mut there: Vec<i64> = times.iter().copied().filter(|t| *t != MISSING_TIME).collect();
            there.sort_unstable();
            out.count = there.len() as u64;
            out.from = there.first().map(|t| moment(*t));
            out.to = there.last().map(|t| moment(*t));
            there.dedup();
            out.distinct = there.len() as u64;
        }
    }
    out.missing = column.values.len() as u64 - out.count;
    out
}

fn distinct(sorted: &[f64]) -> u64 {
    sorted.chunk_by(|a, b| a == b).count() as u64
}

fn numbers(sorted: &[f64], infinite: u64) -> Option<NumberSummary> {
    let (min, max) = (*sorted.first()?, *sorted.last()?);
    let finite = |value: f64| if value.is_finite() { value } else { 0.0 };
    Some(NumberSummary {
        mean: finite(mean(sorted)),
        std_dev: finite(std_dev(sorted)),
        min,
        q1: quantile_sorted(sorted, 0.25),
        median: quantile_sorted(sorted, 0.5),
        q3: quantile_sorted(sorted, 0.75),
        max,
        sum: finite(sorted.iter().sum()),
        skewness: finite(skewness(sorted)),
        zeros: sorted.iter().filter(|v| **v == 0.0).count() as u64,
        negative: sorted.iter().filter(|v| **v < 0.0).count() as u64,
        infinite,
    })
}
