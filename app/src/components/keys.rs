//! Arrow keys inside menus, lists of tabs and groups of choices.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, KeyboardEvent};

/// Which arrows move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Axis {
    Vertical,
    Horizontal,
    Both,
}

/// Where a key leads in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Next,
    Previous,
    First,
    Last,
}

impl Step {
    /// Reads a key. Right and left change places where text runs from right to left.
    pub fn of(key: &str, axis: Axis, rtl: bool) -> Option<Self> {
        let vertical = axis != Axis::Horizontal;
        let horizontal = axis != Axis::Vertical;
        Some(match key {
            "ArrowDown" if vertical => Self::Next,
            "ArrowUp" if vertical => Self::Previous,
            "ArrowRight" if horizontal => {
                if rtl {
                    Self::Previous
                } else {
                    Self::Next
                }
            }
            "ArrowLeft" if horizontal => {
                if rtl {
                    Self::Next
                } else {
                    Self::Previous
                }
            }
            "Home" => Self::First,
            "End" => Self::Last,
            _ => return None,
        })
    }

    /// The index after the step, going round at the ends; `None` for an empty list.
    pub fn from(self, current: Option<usize>, length: usize) -> Option<usize> {
        let last = length.checked_sub(1)?;
        Some(match (self, current) {
            (Self::First, _) | (Self::Next, None) => 0,
            (Self::Last, _) | (Self::Previous, None) => last,
            (Self::Next, Some(i)) => {
                if i >= last {
                    0
                } else {
                    i + 1
                }
            }
            (Self::Previous, Some(i)) => {
                if i == 0 {
                    last
                } else {
                    i - 1
                }
            }
        })
    }
}

/// Whether the page runs from right to left.
pub fn is_rtl() -> bool {
    document().dir() == "rtl"
}

/// The elements inside `root` that match, in order.
pub fn matching(root: &Element, selector: &str) -> Vec<HtmlElement> {
    let Ok(list) = root.query_selector_all(selector) else { return Vec::new() };
    (0..list.length()).filter_map(|i| list.item(i)?.dyn_into().ok()).collect()
}

/// Moves the focus among the matching elements when the key says so, and returns the new one.
pub fn rove(event: &KeyboardEvent, root: &Element, selector: &str, axis: Axis) -> Option<HtmlElement> {
    let step = Step::of(&event.key(), axis, is_rtl())?;
    let items = matching(root, selector);
    let active = document().active_element();
    let current = items.iter().position(|item| active.as_ref() == Some(item.as_ref()));
    let next = items.get(step.from(current, items.len())?)?.clone();
    event.prevent_default();
    _ = next.focus();
    Some(next)
}

/// Moves the focus to the next matching element whose text starts with the typed letter.
pub fn type_ahead(event: &KeyboardEvent, root: &Element, selector: &str) {
    let key = event.key();
    let mut letters = key.chars();
    let (Some(letter), None) = (letters.next(), letters.next()) else { return };
    if !letter.is_alphanumeric() || event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let items = matching(root, selector);
    let active = document().active_element();
    let current = items.iter().position(|item| active.as_ref() == Some(item.as_ref())).map_or(0, |i| i + 1);
    let starts = |item: &&HtmlElement| {
        let text = item.text_content().unwrap_or_default().trim().to_lowercase();
        text.chars().next() == letter.to_lowercase().next()
    };
    if let Some(item) = items.iter().cycle().skip(current).take(items.len()).find(starts) {
        _ = item.focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_go_round() {
        assert_eq!(Step::Next.from(Some(2), 3), Some(0));
        assert_eq!(Step::Previous.from(Some(0), 3), Some(2));
        assert_eq!(Step::Previous.from(None, 3), Some(2));
        assert_eq!(Step::Last.from(Some(0), 3), Some(2));
        assert_eq!(Step::Next.from(None, 0), None);
    }

    #[test]
    fn arrows_follow_the_direction_of_text() {
        assert_eq!(Step::of("ArrowRight", Axis::Horizontal, false), Some(Step::Next));
        assert_eq!(Step::of("ArrowRight", Axis::Horizontal, true), Some(Step::Previous));
        assert_eq!(Step::of("ArrowRight", Axis::Vertical, false), None);
        assert_eq!(Step::of("a", Axis::Both, false), None);
    }
}
