//! From SVG to pixels.

use super::fonts::Fonts;
use super::{PaperError, Size};
use resvg::{tiny_skia, usvg};

/// An SVG and where it goes on the sheet, in CSS pixels.
#[derive(Clone, Debug, PartialEq)]
pub struct Piece {
    pub svg: String,
    pub x: f32,
    pub y: f32,
}

pub(super) fn sheet(pieces: &[Piece], size: Size, scale: f32, fonts: &Fonts) -> Result<Vec<u8>, PaperError> {
    let side = |side: u32| (side as f32 * scale).ceil() as u32;
    let mut pixels =
        tiny_skia::Pixmap::new(side(size.width), side(size.height)).ok_or(PaperError::Size(size.width, size.height))?;
    for piece in pieces {
        let tree = usvg::Tree::from_str(&piece.svg, &fonts.options())
            .map_err(|error| PaperError::Broken(error.to_string()))?;
        let place = tiny_skia::Transform::from_translate(piece.x, piece.y).post_scale(scale, scale);
        resvg::render(&tree, place, &mut pixels.as_mut());
    }
    pixels.encode_png().map_err(|error| PaperError::Broken(error.to_string()))
}
