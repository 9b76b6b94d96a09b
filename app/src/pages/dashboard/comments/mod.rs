//! What people say about the dashboard: threads beside the page, on tiles and at places of charts.

mod composer;
mod entry;
mod one;
mod panel;
mod place;
mod talk;
mod thread;

pub(super) use entry::{CommentsButton, HereItems, TileBadge, TileItems};
pub(crate) use panel::CommentsPanel;
pub(super) use talk::{Talk, provide_talk};
