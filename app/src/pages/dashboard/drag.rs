//! Moving and resizing with mouse, pen or finger.
//!
//! A press becomes a drag after a few pixels; until then it is a click. While it lasts, one frame of
//! the screen computes one layout from the one at the start. The document hears of it at the end.

use super::stage::{How, Lift, Stage};
use crate::components::hooks::on_window;
use crate::components::keys::is_rtl;
use domain::layout::{self, Item, Position};
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::{Element, PointerEvent};

/// The height of a row and its gap, as in the style sheet.
pub(super) const ROW: f64 = 60.0;
/// The gap between tiles.
pub(super) const GAP: f64 = 12.0;
/// So far a press may wander and is still a click.
const SLACK: f64 = 4.0;
/// So near to the edge of the window the page begins to scroll.
const EDGE: f64 = 64.0;

/// A press on a tile, and what came of it.
#[derive(Clone, Debug)]
struct Press {
    pointer: i32,
    how: How,
    ids: Vec<String>,
    before: Vec<Item>,
    start: (f64, f64),
    at: (f64, f64),
    /// Where in the tile it was taken hold of: from its corner at the start, or the opposite one.
    grab: (f64, f64),
    /// Shift or Ctrl: a click adds to what is chosen.
    more: bool,
    is_drag: bool,
}

/// The pointer over the grid. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Hand {
    stage: Stage,
    press: StoredValue<Option<Press>>,
    framed: StoredValue<bool>,
    /// A drag ended in this very task: the click that follows it means nothing.
    ended: StoredValue<bool>,
}

/// The grid on the screen: where it begins, how wide a column with its gap is.
pub(super) struct Frame {
    start: f64,
    end: f64,
    pub(super) top: f64,
    pub(super) column: f64,
    rtl: bool,
}

impl Frame {
    pub(super) fn of(stage: Stage) -> Option<Self> {
        let rect = stage.grid.get_untracked()?.get_bounding_client_rect();
        let column = (rect.width() + GAP) / f64::from(layout::COLUMNS);
        Some(Self { start: rect.left(), end: rect.right(), top: rect.top(), column, rtl: is_rtl() })
    }

    /// A point of the window within the grid, along the text and down.
    pub(super) fn point(&self, (x, y): (f64, f64)) -> (f64, f64) {
        (if self.rtl { self.end - x } else { x - self.start }, y - self.top)
    }

    fn corner(&self, position: Position) -> (f64, f64) {
        (f64::from(position.x) * self.column, f64::from(position.y) * ROW)
    }

    fn far_corner(&self, position: Position) -> (f64, f64) {
        (f64::from(position.right()) * self.column - GAP, f64::from(position.bottom()) * ROW - GAP)
    }
}

impl Hand {
    /// Listens to the pointer for as long as the calling component lives.
    pub(super) fn new(stage: Stage) -> Self {
        let hand = Self {
            stage,
            press: StoredValue::new(None),
            framed: StoredValue::new(false),
            ended: StoredValue::new(false),
        };
        on_window(ev::pointermove, move |event| hand.moved(&event));
        on_window(ev::pointerup, move |event| hand.released(&event));
        on_window(ev::pointercancel, move |event| hand.lost(&event));
        hand
    }

    /// Whether a click is but the end of a drag.
    pub(super) fn just_dragged(self) -> bool {
        self.ended.get_value()
    }

    /// A press on a tile.
    pub(super) fn pressed(self, event: &PointerEvent, id: &str, how: How) {
        if event.button() != 0 || !event.is_primary() || !self.stage.editing.get_untracked() {
            return;
        }
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        let place = self.stage.position(id);
        let (Some(frame), Some(place)) = (Frame::of(self.stage), place) else { return };
        let point = frame.point(at);
        let corner = if how == How::Resize { frame.far_corner(place) } else { frame.corner(place) };
        self.press.set_value(Some(Press {
            pointer: event.pointer_id(),
            how,
            ids: if how == How::Resize { vec![id.to_owned()] } else { self.stage.group(id) },
            before: self.stage.items.get_untracked(),
            start: at,
            at,
            grab: (point.0 - corner.0, point.1 - corner.1),
            more: event.shift_key() || event.ctrl_key() || event.meta_key(),
            is_drag: false,
        }));
    }

    fn moved(self, event: &PointerEvent) {
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        let begins = self.press.try_update_value(|press| {
            let press = press.as_mut().filter(|press| press.pointer == event.pointer_id())?;
            press.at = at;
            let far = (at.0 - press.start.0).hypot(at.1 - press.start.1) > SLACK;
            let begins = far && !press.is_drag && may_drag(self.stage, event, press.how);
            press.is_drag |= begins;
            press.is_drag.then_some(begins)
        });
        let Some(begins) = begins.flatten() else { return };
        if begins {
            if let Some(grid) = self.stage.grid.get_untracked() {
                _ = grid.set_pointer_capture(event.pointer_id());
            }
            self.press.with_value(|press| {
                if let Some(Press { how, ids, before, .. }) = press {
                    let lift = Lift { how: *how, ids: ids.clone(), before: before.clone(), now: before.clone() };
                    self.stage.lift.set(Some(lift));
                }
            });
        }
        self.next_frame();
    }

    fn next_frame(self) {
        if self.framed.get_value() {
            return;
        }
        self.framed.set_value(true);
        request_animation_frame(move || {
            _ = self.framed.try_set_value(false);
            self.draw();
        });
    }

    /// Computes the layout for where the pointer is now.
    fn draw(self) {
        let Some(press) = self.press.try_get_value().flatten().filter(|press| press.is_drag) else { return };
        // Escape, or somebody removed the tile.
        if self.stage.lift.with_untracked(Option::is_none) {
            return;
        }
        let Some(frame) = Frame::of(self.stage) else { return };
        let Some(from) = press.before.iter().find(|item| item.id == press.ids[0]).map(|item| item.position) else {
            return;
        };
        let point = frame.point(press.at);
        let to = (point.0 - press.grab.0, point.1 - press.grab.1);
        let now = match press.how {
            How::Resize => {
                let corner = frame.corner(from);
                let w = ((to.0 - corner.0 + GAP) / frame.column).round().max(1.0);
                let h = ((to.1 - corner.1 + GAP) / ROW).round().max(1.0);
                layout::resize(&press.before, &press.ids[0], w as u32, h as u32)
            }
            How::Drag | How::Keys => {
                let corner = frame.corner(from);
                self.stage.offset.set((to.0 - corner.0, to.1 - corner.1));
                let ids: Vec<&str> = press.ids.iter().map(String::as_str).collect();
                layout::move_to(&press.before, &ids, (to.0 / frame.column).round() as i32, (to.1 / ROW).round() as i32)
            }
        };
        if self.stage.lift.with_untracked(|lift| lift.as_ref().is_some_and(|lift| lift.now != now)) {
            self.stage.lift.update(|lift| {
                if let Some(lift) = lift {
                    lift.now = now;
                }
            });
        }
        self.scroll(press.at.1);
    }

    /// Scrolls the page while the pointer is near its edge.
    fn scroll(self, y: f64) {
        let height = window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(0.0);
        let past = if y < EDGE { y - EDGE } else { (y - (height - EDGE)).max(0.0) };
        if past != 0.0 {
            window().scroll_by_with_x_and_y(0.0, past.clamp(-EDGE, EDGE) / 4.0);
            self.next_frame();
        }
    }

    fn released(self, event: &PointerEvent) {
        let Some(press) = self.take(event) else { return };
        if press.is_drag {
            self.stage.drop_lift();
            self.ended.set_value(true);
            set_timeout(move || _ = self.ended.try_set_value(false), std::time::Duration::ZERO);
        } else if let Some(id) = press.ids.first() {
            self.stage.select(id, press.more);
        }
    }

    fn lost(self, event: &PointerEvent) {
        if self.take(event).is_some_and(|press| press.is_drag) {
            self.stage.cancel_lift();
        }
    }

    fn take(self, event: &PointerEvent) -> Option<Press> {
        let own = self.press.with_value(|press| press.as_ref().is_some_and(|p| p.pointer == event.pointer_id()));
        own.then(|| self.press.try_update_value(Option::take).flatten()).flatten()
    }
}

/// A finger moves tiles by their handles alone, so that the page can still be scrolled; and nobody
/// drags a tile by what stands in it.
fn may_drag(stage: Stage, event: &PointerEvent, how: How) -> bool {
    if !stage.can_move() {
        return false;
    }
    if how == How::Resize || event.pointer_type() != "touch" {
        return true;
    }
    let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
    target.is_some_and(|element| element.closest("[data-handle]").is_ok_and(|found| found.is_some()))
}
