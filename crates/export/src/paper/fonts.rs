//! The fonts of paper, and how wide text is in them.

use super::PaperError;
use resvg::usvg::{self, fontdb};
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Widths are taken at this size, and are in proportion.
const MEASURED: f32 = 100.0;
/// No more characters are remembered; past that they are measured again.
const MOST_KNOWN: usize = 20_000;

/// The fonts, and the widths of the characters seen so far. Kerning is left out: it changes a label
/// by less than a pixel.
pub(crate) struct Fonts {
    db: Arc<fontdb::Database>,
    family: String,
    /// By character, and whether it is bold.
    known: Mutex<HashMap<(char, bool), f32>>,
}

impl Fonts {
    pub(super) fn read(files: &[PathBuf]) -> Result<Self, PaperError> {
        let mut db = fontdb::Database::new();
        for file in files {
            let data =
                std::fs::read(file).map_err(|error| PaperError::Start(format!("{}: {error}", file.display())))?;
            db.load_font_data(data);
        }
        // The first file is the one that everything is written in; the others stand in for what it lacks.
        let family = db.faces().next().and_then(|face| face.families.first()).map(|(name, _)| name.clone());
        let Some(family) = family else { return Err(PaperError::Start("no font can be read".into())) };
        db.set_sans_serif_family(&family);
        db.set_serif_family(&family);
        db.set_monospace_family(&family);
        let fonts = Self { db: Arc::new(db), family, known: Mutex::default() };
        // The script measures these first, and gives up where it takes long.
        for bold in [400, 600] {
            fonts.width(&(' '..='~').collect::<String>(), 1.0, bold);
        }
        Ok(fonts)
    }

    /// For reading an SVG: these fonts, and nothing from outside it.
    pub(super) fn options(&self) -> usvg::Options<'static> {
        usvg::Options {
            font_family: self.family.clone(),
            fontdb: self.db.clone(),
            image_href_resolver: usvg::ImageHrefResolver {
                resolve_data: Box::new(|_, _, _| None),
                resolve_string: Box::new(|_, _| None),
            },
            ..usvg::Options::default()
        }
    }

    /// The width of a line of text, in pixels.
    pub(super) fn width(&self, text: &str, size: f32, weight: u16) -> f32 {
        let bold = weight > 500;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() > MOST_KNOWN {
            known.clear();
        }
        let measured = |c: char| *known.entry((c, bold)).or_insert_with(|| self.measure(c, bold));
        text.chars().map(measured).sum::<f32>() * size / MEASURED
    }

    /// Measured between two others: a space alone has no box, and a mark stands on what is before it.
    fn measure(&self, c: char, bold: bool) -> f32 {
        if c.is_control() {
            return 0.0;
        }
        if is_wide(c) {
            return MEASURED;
        }
        let between = self.line(&format!("H{}H", escaped(c)), bold);
        (between - self.line("HH", bold)).max(0.0)
    }

    fn line(&self, markup: &str, bold: bool) -> f32 {
        let weight = if bold { 600 } else { 400 };
        let svg = format!(
            r#"<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="200"><text xml:space="preserve" y="100" font-size="{MEASURED}" font-weight="{weight}">{markup}</text></svg>"#
        );
        let tree = usvg::Tree::from_str(&svg, &self.options()).ok();
        let text = tree.as_ref().and_then(|tree| tree.root().children().first());
        text.map_or(0.0, |node| node.bounding_box().width())
    }
}

fn escaped(c: char) -> String {
    match c {
        '<' => "&lt;".into(),
        '&' => "&amp;".into(),
        c => c.into(),
    }
}

/// Characters of East Asia are as wide as they are high in any font.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{ac00}'..='\u{d7a3}' | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}' | '\u{ff00}'..='\u{ff60}' | '\u{1f300}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}
