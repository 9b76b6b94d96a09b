//! Which rows of a long table are in sight: plain arithmetic.

/// Height of a row in pixels, as in the style sheet.
pub(super) const ROW: f64 = 32.0;
/// Rows asked for at a time.
pub(super) const BLOCK: u64 = 200;
/// Rows in one scrolled stretch: browsers end an element at some millions of pixels.
pub(super) const STRETCH: u64 = 200_000;
/// Rows drawn beyond the edges of what is seen.
const SPARE: u64 = 10;

/// The rows to draw, from `first` up to but not including `last`, counted within the stretch.
pub(super) fn in_sight(top: f64, height: f64, count: u64) -> (u64, u64) {
    let first = ((top.max(0.0) / ROW) as u64).min(count);
    let seen = (height / ROW).ceil() as u64 + 1;
    // In steps, so that small movements change nothing.
    let from = first.saturating_sub(SPARE) / SPARE * SPARE;
    let to = (first + seen + SPARE).div_ceil(SPARE) * SPARE;
    (from, to.min(count))
}

/// The blocks that hold the rows from `first` up to `last`.
pub(super) fn blocks(first: u64, last: u64) -> std::ops::RangeInclusive<u64> {
    first / BLOCK..=last.saturating_sub(1).max(first) / BLOCK
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_covers_what_is_seen() {
        assert_eq!(in_sight(0.0, 640.0, 1_000), (0, 40));
        assert_eq!(in_sight(0.0, 640.0, 5), (0, 5));
        let (from, to) = in_sight(32.0 * 503.0, 640.0, 1_000);
        assert!(from <= 503 && to >= 524);
        assert_eq!(in_sight(f64::MAX, 640.0, 100).1, 100);
        assert_eq!(in_sight(-5.0, 640.0, 0), (0, 0));
    }

    #[test]
    fn blocks_cover_the_window() {
        assert_eq!(blocks(0, 40), 0..=0);
        assert_eq!(blocks(190, 201), 0..=1);
        assert_eq!(blocks(200, 200), 1..=1);
    }
}
