//! Tiles on a screen of any size: the dashboard's own grid stretched to fill it, cut into sheets
//! where it would become too small to read, and put anew where the screen is narrow. Pure.

use domain::layout::{COLUMNS, Item, Position};

/// How much room a tile needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Need {
    /// A figure, or words.
    Little,
    Chart,
}

impl Need {
    /// The least height in pixels at which it can be read.
    fn height(self) -> f64 {
        match self {
            Self::Little => 96.0,
            Self::Chart => 190.0,
        }
    }
}

/// What is on the screen at once.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sheet {
    pub(super) columns: u32,
    pub(super) rows: u32,
    pub(super) places: Vec<Item>,
}

/// A narrower screen gets the tiles one below another.
const NARROW: f64 = 640.0;
/// The size at which type has its usual size.
const USUAL: (f64, f64) = (1440.0, 810.0);

/// How much larger than usual everything is on such a screen.
pub(super) fn zoom((width, height): (f64, f64)) -> f64 {
    if width < NARROW {
        return 1.0;
    }
    let zoom = (width / USUAL.0).min(height / USUAL.1).clamp(0.8, 4.0);
    (zoom * 20.0).round() / 20.0
}

/// The sheets that show these tiles, in reading order. `size` is what there is for tiles, in pixels
/// of usual type.
pub(super) fn fit(tiles: &[(Item, Need)], size: (f64, f64)) -> Vec<Sheet> {
    if size.0 < NARROW { narrow(tiles, size.1) } else { wide(tiles, size.1) }
}

/// The grid as it is, cut between tiles.
fn wide(tiles: &[(Item, Need)], height: f64) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    let mut sheet: Vec<(Item, Need)> = Vec::new();
    for band in bands(tiles) {
        let mut longer = sheet.clone();
        longer.extend(band.iter().cloned());
        if sheet.is_empty() || is_legible(&longer, height) {
            sheet = longer;
        } else {
            sheets.push(std::mem::replace(&mut sheet, band));
        }
    }
    if !sheet.is_empty() {
        sheets.push(sheet);
    }
    sheets.into_iter().map(|tiles| on_sheet(&tiles)).collect()
}

/// Tiles between which the page can be cut: groups of rows that no tile crosses.
fn bands(tiles: &[(Item, Need)]) -> Vec<Vec<(Item, Need)>> {
    let mut tiles: Vec<_> = tiles.to_vec();
    tiles.sort_by_key(|(item, _)| (item.position.y, item.position.x));
    let (mut bands, mut bottom) = (Vec::<Vec<_>>::new(), 0);
    for tile in tiles {
        let position = tile.0.position;
        match bands.last_mut().filter(|_| position.y < bottom) {
            Some(band) => band.push(tile),
            None => bands.push(vec![tile]),
        }
        bottom = bottom.max(position.bottom());
    }
    bands
}

fn rows(tiles: &[(Item, Need)]) -> (u32, u32) {
    let top = tiles.iter().map(|(item, _)| item.position.y).min().unwrap_or(0);
    let bottom = tiles.iter().map(|(item, _)| item.position.bottom()).max().unwrap_or(0);
    (top, bottom.saturating_sub(top).max(1))
}

fn is_legible(tiles: &[(Item, Need)], height: f64) -> bool {
    let row = height / f64::from(rows(tiles).1);
    tiles.iter().all(|(item, need)| row * f64::from(item.position.h) >= need.height())
}

fn on_sheet(tiles: &[(Item, Need)]) -> Sheet {
    let (top, rows) = rows(tiles);
    let lift = |(item, _): &(Item, Need)| {
        let Position { x, y, w, h } = item.position;
        Item::new(&item.id, Position { x, y: y - top, w, h })
    };
    Sheet { columns: COLUMNS, rows, places: tiles.iter().map(lift).collect() }
}

/// One below another, small ones in pairs.
fn narrow(tiles: &[(Item, Need)], height: f64) -> Vec<Sheet> {
    let room = ((height / Need::Little.height()).floor() as u32).max(2);
    let mut sorted: Vec<_> = tiles.to_vec();
    sorted.sort_by_key(|(item, _)| (item.position.y, item.position.x));
    let mut sheets: Vec<Sheet> = Vec::new();
    // Where the second half of a pair goes.
    let mut beside = None::<u32>;
    for (item, need) in sorted {
        let h = if need == Need::Chart { 2 } else { 1 };
        if need == Need::Little
            && let (Some(y), Some(sheet)) = (beside.take(), sheets.last_mut())
        {
            if let Some(first) = sheet.places.last_mut() {
                first.position.w = 1;
            }
            sheet.places.push(Item::new(&item.id, Position { x: 1, y, w: 1, h }));
            continue;
        }
        if sheets.last().is_none_or(|sheet| sheet.rows + h > room) {
            sheets.push(Sheet { columns: 2, rows: 0, places: Vec::new() });
        }
        let Some(sheet) = sheets.last_mut() else { continue };
        beside = (need == Need::Little).then_some(sheet.rows);
        sheet.places.push(Item::new(&item.id, Position { x: 0, y: sheet.rows, w: 2, h }));
        sheet.rows += h;
    }
    sheets
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tile(id: &str, (x, y, w, h): (u32, u32, u32, u32), need: Need) -> (Item, Need) {
        (Item::new(id, Position { x, y, w, h }), need)
    }

    fn board() -> Vec<(Item, Need)> {
        let mut tiles: Vec<_> = (0..4).map(|i| tile(&format!("n{i}"), (i * 3, 0, 3, 2), Need::Little)).collect();
        for i in 0..4 {
            tiles.push(tile(&format!("c{i}"), (i % 2 * 6, 2 + i / 2 * 6, 6, 6), Need::Chart));
        }
        tiles
    }

    #[test]
    fn a_board_that_can_be_read_is_one_sheet() {
        let sheets = fit(&board(), (1440.0, 760.0));
        assert_eq!(sheets.len(), 1);
        assert_eq!((sheets[0].columns, sheets[0].rows, sheets[0].places.len()), (12, 14, 8));
    }

    #[test]
    fn one_that_is_too_long_is_cut_between_tiles() {
        let sheets = fit(&board(), (1024.0, 480.0));
        assert_eq!(sheets.len(), 2);
        assert!(sheets.iter().all(|s| s.places.iter().all(|p| p.position.bottom() <= s.rows)));
        assert_eq!(sheets.iter().map(|s| s.places.len()).sum::<usize>(), 8);
    }

    #[test]
    fn a_phone_gets_figures_in_pairs_and_charts_below() {
        let sheets = fit(&board(), (390.0, 780.0));
        let first = &sheets[0];
        assert_eq!(first.places[0].position, Position { x: 0, y: 0, w: 1, h: 1 });
        assert_eq!(first.places[1].position, Position { x: 1, y: 0, w: 1, h: 1 });
        assert_eq!(first.places[4].position, Position { x: 0, y: 2, w: 2, h: 2 });
        assert!(sheets.iter().all(|s| s.rows <= 8));
        let odd = fit(&[tile("n", (0, 0, 3, 2), Need::Little)], (390.0, 780.0));
        assert_eq!(odd[0].places[0].position.w, 2);
    }

    #[test]
    fn nothing_is_lost_whatever_the_screen() {
        for width in [320.0, 639.0, 640.0, 1920.0, 3840.0] {
            for height in [200.0, 480.0, 1080.0, 2160.0] {
                let shown: usize = fit(&board(), (width, height)).iter().map(|s| s.places.len()).sum();
                assert_eq!(shown, 8, "{width} x {height}");
            }
        }
        assert!(fit(&[], (800.0, 600.0)).is_empty());
    }

    #[test]
    fn type_grows_with_the_screen() {
        assert_eq!(zoom((390.0, 844.0)), 1.0);
        assert_eq!(zoom((1440.0, 810.0)), 1.0);
        assert!(zoom((3840.0, 2160.0)) > 2.5);
    }
}
