//! What data says by itself: insights, forecasts, detectors, models, and questions in words.
//! Pure: no files, no database, no clock; the same input gives the same output.

pub mod ask;
pub mod detect;
pub mod files;
pub mod forecast;
pub mod insights;
pub mod learn;
pub mod stats;

pub use domain::frame::{Frame, FrameColumn, MISSING_MEMBER, MISSING_TIME, Values};
