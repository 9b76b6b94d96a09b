//! The renderer for paper: a chart's option becomes SVG or PNG on the server.
//!
//! The option is the one of `charts`; the script that draws it is the browser's
//! (`frontend/js/paper.js`), run by a JavaScript engine that knows neither files nor network. Each
//! worker is a thread with an engine of its own, which has a limit of memory, of stack and of time;
//! an engine that hit one is thrown away. Texts are measured with the fonts that they are printed
//! with, so labels take the room that the layout gave them.

mod fonts;
mod pool;
mod raster;
mod script;

use charts::Theme;
use domain::ErrorCode;
use fonts::Fonts;
use pool::{Pool, Task};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use raster::Piece;

/// The bundle that draws, among the files of the client.
const SCRIPT: &str = "paper.js";
/// Neither side of a picture is longer than this, in pixels.
const LONGEST_SIDE: u32 = 8192;

/// What drawing may cost.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Workers, each with an engine of its own.
    pub threads: usize,
    /// Pictures that may wait; the next one is refused.
    pub queue: usize,
    /// Time for one picture, once a worker has begun with it.
    pub deadline: Duration,
    /// Bytes of one engine.
    pub memory: usize,
    /// Bytes of one SVG.
    pub svg: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { threads: 2, queue: 256, deadline: Duration::from_secs(10), memory: 256 << 20, svg: 32 << 20 }
    }
}

/// Why there is no picture.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PaperError {
    #[error("drawing took longer than it may")]
    TooSlow,
    #[error("drawing needed more memory than it may have")]
    TooLarge,
    #[error("too many pictures are waiting to be drawn")]
    Busy,
    #[error("a picture of {0} by {1} pixels cannot be drawn")]
    Size(u32, u32),
    /// The files of the renderer are missing or broken.
    #[error("the renderer cannot start: {0}")]
    Start(String),
    /// The option or the SVG is not what it should be.
    #[error("the chart cannot be drawn: {0}")]
    Broken(String),
}

impl From<PaperError> for domain::Error {
    fn from(error: PaperError) -> Self {
        let (code, message, hint) = match &error {
            PaperError::TooSlow | PaperError::TooLarge => (
                ErrorCode::QueryTooLarge,
                "This chart has too much in it to be drawn as a picture.",
                "Group it more coarsely or filter it.",
            ),
            PaperError::Busy => {
                (ErrorCode::Overloaded, "Many pictures are being drawn just now.", "Try again in a moment.")
            }
            PaperError::Size(..) => {
                (ErrorCode::InvalidRequest, "A picture of that size cannot be drawn.", "Choose a smaller one.")
            }
            PaperError::Start(_) | PaperError::Broken(_) => return Self::internal(),
        };
        Self::new(code, message).hint(hint)
    }
}

/// How large a picture is, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}

impl Size {
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    fn check(self, scale: f32) -> Result<(), PaperError> {
        let fits = |side: u32| side > 0 && side as f32 * scale <= LONGEST_SIDE as f32;
        let sound = scale.is_finite() && scale > 0.0;
        if sound && fits(self.width) && fits(self.height) {
            Ok(())
        } else {
            Err(PaperError::Size(self.width, self.height))
        }
    }
}

/// Draws charts. Cheap to clone: the clones share their workers.
#[derive(Clone)]
pub struct Renderer {
    pool: Arc<Pool>,
}

impl Renderer {
    /// A renderer with the script and the fonts of a folder (`paper/` of the client's files). Every
    /// font in it is used, so more can be put there for other scripts. Workers start with the first
    /// picture.
    ///
    /// # Errors
    /// The folder lacks the script or a font.
    pub fn open(folder: &Path, limits: Limits) -> Result<Self, PaperError> {
        let path = folder.join(SCRIPT);
        let source = std::fs::read_to_string(&path)
            .map_err(|error| PaperError::Start(format!("{}: {error}", path.display())))?;
        let fonts = Fonts::read(&font_files(folder)?)?;
        Ok(Self { pool: Arc::new(Pool::new(source, fonts, limits)) })
    }

    /// A chart's option as SVG, on the surface of the theme.
    ///
    /// # Errors
    /// It hits a limit, too many pictures wait, or the option is none.
    pub async fn svg(&self, option: &Value, size: Size, theme: Theme) -> Result<String, PaperError> {
        size.check(1.0)?;
        let mut option = option.clone();
        if option["backgroundColor"].as_str().is_none_or(|color| color == "transparent") {
            option["backgroundColor"] = theme.colors().surface.as_str().into();
        }
        let option = option.to_string();
        self.pool.run(move |answer| Task::Svg { option, size, answer }).await
    }

    /// A chart's option as PNG; `scale` pixels of the file for each of the chart's.
    ///
    /// # Errors
    /// As [`Renderer::svg`].
    pub async fn png(&self, option: &Value, size: Size, scale: f32, theme: Theme) -> Result<Vec<u8>, PaperError> {
        size.check(scale)?;
        let svg = self.svg(option, size, theme).await?;
        self.sheet(vec![Piece { svg, x: 0.0, y: 0.0 }], size, scale).await
    }

    /// Several SVG pictures on one sheet as PNG, the later over the earlier.
    ///
    /// # Errors
    /// One of them is no SVG, or the sheet is too large.
    pub async fn sheet(&self, pieces: Vec<Piece>, size: Size, scale: f32) -> Result<Vec<u8>, PaperError> {
        size.check(scale)?;
        self.pool.run(move |answer| Task::Sheet { pieces, size, scale, answer }).await
    }

    /// The width of a text in pixels, as it is printed.
    pub fn text_width(&self, text: &str, size: f32, weight: u16) -> f32 {
        self.pool.fonts().width(text, size, weight)
    }
}

fn font_files(folder: &Path) -> Result<Vec<PathBuf>, PaperError> {
    let listed = std::fs::read_dir(folder).map_err(|error| PaperError::Start(error.to_string()))?;
    let is_font = |path: &PathBuf| path.extension().is_some_and(|e| e == "ttf" || e == "otf" || e == "ttc");
    let mut files: Vec<PathBuf> = listed.filter_map(Result::ok).map(|entry| entry.path()).filter(is_font).collect();
    files.sort();
    if files.is_empty() { Err(PaperError::Start(format!("{} has no font", folder.display()))) } else { Ok(files) }
}
