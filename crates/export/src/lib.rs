//! Files that leave Orrery, and the renderer for paper.
//!
//! [`paper`] draws the same ECharts option as the browser, without a browser: to SVG in a small
//! JavaScript engine, and from there to PNG. What people typed is text in the result, never markup.
//! [`thumbnail`] puts the charts of a dashboard together to one small picture.

pub mod paper;
pub mod thumbnail;
