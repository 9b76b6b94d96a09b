//! Frames for tests.

use crate::{Frame, FrameColumn, MISSING_MEMBER, Values};
use domain::{DataType, Role};

pub(crate) fn frame(columns: Vec<FrameColumn>) -> Frame {
    let rows = columns.first().map_or(0, |column| column.values.len());
    Frame { columns, rows, total_rows: rows as u64 }
}

fn column(name: &str, ty: DataType, role: Role, values: Values) -> FrameColumn {
    FrameColumn { name: name.into(), label: name.into(), ty, role, format: None, values }
}

pub(crate) fn numbers(name: &str, values: Vec<f64>) -> FrameColumn {
    column(name, DataType::Float, Role::Measure, Values::Number(values))
}

/// An empty name is a missing member.
pub(crate) fn members(name: &str, values: &[&str]) -> FrameColumn {
    let mut members: Vec<String> = Vec::new();
    let codes = values.iter().map(|value| {
        if value.is_empty() {
            return MISSING_MEMBER;
        }
        let place = members.iter().position(|m| m == value).unwrap_or_else(|| {
            members.push((*value).to_owned());
            members.len() - 1
        });
        place as u32
    });
    let codes = codes.collect();
    column(name, DataType::Text, Role::Dimension, Values::Member { codes, members })
}

pub(crate) fn times(name: &str, step_us: i64, rows: usize) -> FrameColumn {
    let values = (0..rows as i64).map(|i| 1_700_000_000_000_000 + i * step_us).collect();
    column(name, DataType::Timestamp, Role::Time, Values::Time(values))
}

/// Numbers that look like chance and are the same every time.
pub(crate) fn noise(seed: u64, rows: usize) -> Vec<f64> {
    use rand::rngs::StdRng;
    use rand::{Rng, SeedableRng};
    let mut random = StdRng::seed_from_u64(seed);
    (0..rows).map(|_| (0..12).map(|_| random.random::<f64>()).sum::<f64>() - 6.0).collect()
}
