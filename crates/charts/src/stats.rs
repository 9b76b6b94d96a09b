//! A little arithmetic over lists of numbers.

/// The value below which a part of the numbers lies, between two of them by proportion (as DuckDB's
/// `quantile_cont` does). Sorts the list.
pub(crate) fn quantile(values: &mut [f64], part: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let at = part * values.len().checked_sub(1)? as f64;
    let (low, high) = (values[at.floor() as usize], values[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

/// The next round number beyond a positive one: the end of an axis.
pub(crate) fn nice_beyond(value: f64) -> f64 {
    let power = 10_f64.powf(value.abs().max(f64::MIN_POSITIVE).log10().floor());
    let steps = [1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.iter().map(|s| s * power).find(|end| *end >= value).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_ends_at_a_round_number() {
        assert_eq!(nice_beyond(87.0), 100.0);
        assert_eq!(nice_beyond(100.0), 100.0);
        assert_eq!(nice_beyond(101.0), 120.0);
        assert_eq!(nice_beyond(0.31), 0.4);
    }

    #[test]
    fn quantiles_lie_between_two_values() {
        assert_eq!(quantile(&mut [4.0, 1.0, 2.0, 3.0], 0.5), Some(2.5));
        assert_eq!(quantile(&mut [7.0], 0.25), Some(7.0));
        assert_eq!(quantile(&mut [], 0.5), None);
    }
}
