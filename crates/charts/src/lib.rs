//! x
mod color;
mod theme;
pub use theme::Theme;
