//! Items that are taken from one list to another, or to another place of their own: by mouse, finger
//! or key. Pointer events and not the browser's own dragging, which fingers do not know and scripts
//! that move a real mouse cannot rely on.
//!
//! A page marks its lists with `data-list` (an id) and `data-list-label` (what is read out), inside one
//! element with `data-lists`, and fills them with [`ListItem`]s. Where an item has a handle
//! (`data-grip`), fingers drag by that alone, so that the page can still be scrolled.

use super::hooks::{find, focus};
use super::keys::matching;
use leptos::{ev, prelude::*};
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Pixels that a pointer moves before it drags and does not click.
const SLOP: f64 = 4.0;
/// So near to the edge of the window the page scrolls.
const EDGE: f64 = 48.0;

/// A place in a list: before another item, or at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Spot {
    pub list: String,
    pub before: Option<String>,
}

/// An item that was taken somewhere.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    pub item: String,
    pub from: String,
    pub to: Spot,
}

/// An item under way.
#[derive(Clone, Debug, PartialEq)]
struct Carried {
    item: String,
    from: String,
    /// Where the pointer took hold of it, and how far it has been taken; nothing before it has left
    /// its place, and nothing where keys carry it.
    start: (f64, f64),
    by: Option<(f64, f64)>,
    keys: bool,
    over: Option<Spot>,
}

/// Lists and what is carried among them. Copy it freely.
#[derive(Clone, Copy)]
pub struct Lists {
    carried: RwSignal<Option<Carried>>,
    on_move: Callback<Moved>,
    /// What Enter does where it does not pick up: item and list.
    quick: Option<Callback<(String, String)>>,
    /// What was read out last.
    pub spoken: RwSignal<String>,
}

impl Lists {
    /// Lists whose items Enter picks up, arrows carry, and Enter puts down.
    pub fn new(on_move: Callback<Moved>) -> Self {
        Self { carried: RwSignal::new(None), on_move, quick: None, spoken: RwSignal::new(String::new()) }
    }

    /// Lists where Enter, or a double click, does one thing at once.
    pub fn with_quick(on_move: Callback<Moved>, quick: Callback<(String, String)>) -> Self {
        Self { quick: Some(quick), ..Self::new(on_move) }
    }

    /// Whether something is being carried.
    pub fn is_carrying(self) -> bool {
        self.carried.with(|c| c.as_ref().is_some_and(Carried::has_left))
    }

    /// Whether something is held over a list.
    pub fn is_over(self, list: &str) -> bool {
        self.carried.with(|c| c.as_ref().and_then(|c| c.over.as_ref()).is_some_and(|spot| spot.list == list))
    }

    /// Whether it would go to the end of the list.
    pub fn is_at_end(self, list: &str) -> bool {
        self.carried.with(|c| {
            let over = c.as_ref().and_then(|c| c.over.as_ref());
            over.is_some_and(|spot| spot.list == list && spot.before.is_none())
        })
    }

    fn holds(self, list: &str, item: &str) -> Option<Carried> {
        self.carried.with_untracked(|c| c.as_ref().filter(|c| c.item == item && c.from == list).cloned())
    }

    fn put(self, carried: &Carried, root: &Element) {
        let Some(to) = carried.over.clone() else { return };
        if to.before.as_ref() == Some(&carried.item) && to.list == carried.from {
            return;
        }
        self.on_move.run(Moved { item: carried.item.clone(), from: carried.from.clone(), to: to.clone() });
        focus_later(root.clone(), to.list, carried.item.clone());
    }

    fn say(self, words: String) {
        self.spoken.set(words);
    }
}

impl Carried {
    fn has_left(&self) -> bool {
        self.keys || self.by.is_some()
    }
}

/// The list drew itself anew: the item has the focus again where it is now.
fn focus_later(root: Element, list: String, item: String) {
    request_animation_frame(move || {
        let own = list_in(&root, &list).and_then(|list| item_in(&list, &item));
        focus(own);
    });
}

fn list_in(root: &Element, id: &str) -> Option<web_sys::HtmlElement> {
    matching(root, "[data-list]").into_iter().find(|list| list.get_attribute("data-list").as_deref() == Some(id))
}

fn item_in(list: &Element, id: &str) -> Option<web_sys::HtmlElement> {
    matching(list, "[data-column]").into_iter().find(|item| item.get_attribute("data-column").as_deref() == Some(id))
}

/// The items of a list besides one.
fn others(list: &Element, own: &str) -> Vec<(web_sys::HtmlElement, String)> {
    let with_id = |item: web_sys::HtmlElement| item.get_attribute("data-column").map(|id| (item, id));
    matching(list, "[data-column]").into_iter().filter_map(with_id).filter(|(_, id)| id != own).collect()
}

/// The place under the pointer.
fn under(root: &Element, (x, y): (f64, f64), own: &str) -> Option<Spot> {
    let hit = matching(root, "[data-list]").into_iter().find(|list| {
        let at = list.get_bounding_client_rect();
        (at.left()..=at.right()).contains(&x) && (at.top()..=at.bottom()).contains(&y)
    })?;
    let before = others(&hit, own).into_iter().find(|(item, _)| {
        let at = item.get_bounding_client_rect();
        y < at.top() + at.height() / 2.0
    });
    Some(Spot { list: hit.get_attribute("data-list")?, before: before.map(|(_, id)| id) })
}

/// The place that an arrow leads to, and what is read out there.
fn beyond(root: &Element, carried: &Carried, key: &str) -> Option<(Spot, String)> {
    let now = carried.over.clone()?;
    let lists = matching(root, "[data-list]");
    let at = lists.iter().position(|list| list.get_attribute("data-list").as_ref() == Some(&now.list))?;
    let place = |list: &Element, index: usize| {
        let ids: Vec<String> = others(list, &carried.item).into_iter().map(|(_, id)| id).collect();
        let index = index.min(ids.len());
        let label = list.get_attribute("data-list-label").unwrap_or_default();
        let spot = Spot { list: list.get_attribute("data-list").unwrap_or_default(), before: ids.get(index).cloned() };
        (spot, format!("{label}, place {} of {}.", index + 1, ids.len() + 1))
    };
    let ids: Vec<String> = others(&lists[at], &carried.item).into_iter().map(|(_, id)| id).collect();
    let index = now.before.and_then(|before| ids.iter().position(|id| *id == before)).unwrap_or(ids.len());
    let forward = if super::keys::is_rtl() { "ArrowLeft" } else { "ArrowRight" };
    match key {
        "ArrowUp" => Some(place(&lists[at], index.saturating_sub(1))),
        "ArrowDown" => Some(place(&lists[at], index + 1)),
        _ if key == forward => Some(place(lists.get(at + 1)?, usize::MAX)),
        _ => Some(place(lists.get(at.checked_sub(1)?)?, usize::MAX)),
    }
}

fn root_of(target: Option<web_sys::EventTarget>) -> Option<Element> {
    target?.dyn_into::<Element>().ok()?.closest("[data-lists]").ok().flatten()
}

/// Scrolls the page while the pointer is near its edge.
fn scroll(y: f64) {
    let height = window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(0.0);
    let past = if y < EDGE { y - EDGE } else { (y - (height - EDGE)).max(0.0) };
    if past != 0.0 {
        window().scroll_by_with_x_and_y(0.0, past.clamp(-EDGE, EDGE) / 3.0);
    }
}

/// An item of a list.
#[component]
pub fn ListItem(
    lists: Lists,
    /// The id of its list.
    #[prop(into)]
    list: String,
    /// Its own id in the list.
    #[prop(into)]
    item: String,
    /// What it is called, and what keys do with it.
    #[prop(into)]
    label: String,
    #[prop(into)] about: String,
    #[prop(into)] class: String,
    children: Children,
) -> impl IntoView {
    let own = StoredValue::new((list, item.clone()));
    let label = StoredValue::new(label);
    let held = move || own.with_value(|(list, item)| lists.holds(list, item));
    let press = move |event: ev::PointerEvent| {
        let Some(element) = event.current_target().and_then(|t| t.dyn_into::<Element>().ok()) else { return };
        if event.button() != 0 || !event.is_primary() {
            return;
        }
        let has_grip = find(&element, "[data-grip]").is_some();
        let on_grip = event
            .target()
            .and_then(|t| t.dyn_into::<Element>().ok())
            .is_some_and(|t| t.closest("[data-grip]").is_ok_and(|found| found.is_some()));
        if has_grip && event.pointer_type() == "touch" && !on_grip {
            return;
        }
        // Moves are heard until the button is up, wherever the pointer is.
        _ = element.set_pointer_capture(event.pointer_id());
        let start = (f64::from(event.client_x()), f64::from(event.client_y()));
        let (from, item) = own.get_value();
        lists.carried.set(Some(Carried { item, from, start, by: None, keys: false, over: None }));
    };
    let travel = move |event: ev::PointerEvent| {
        let (Some(now), Some(root)) = (held().filter(|c| !c.keys), root_of(event.current_target())) else { return };
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        let by = (at.0 - now.start.0, at.1 - now.start.1);
        if now.by.is_some() || by.0.hypot(by.1) > SLOP {
            scroll(at.1);
            let over = under(&root, at, &now.item);
            lists.carried.set(Some(Carried { by: Some(by), over, ..now }));
        }
    };
    let release = move |event: ev::PointerEvent| {
        let Some(now) = held().filter(|c| !c.keys) else { return };
        lists.carried.set(None);
        if now.by.is_some()
            && let Some(root) = root_of(event.current_target())
        {
            let at = (f64::from(event.client_x()), f64::from(event.client_y()));
            lists.put(&Carried { over: under(&root, at, &now.item), ..now }, &root);
        }
    };
    let lift = move |root: &Element| {
        let (from, item) = own.get_value();
        let next = list_in(root, &from).map(|list| {
            let ids: Vec<String> = matching(&list, "[data-column]")
                .into_iter()
                .filter_map(|item| item.get_attribute("data-column"))
                .collect();
            let at = ids.iter().position(|id| *id == item);
            at.and_then(|at| ids.get(at + 1).cloned())
        });
        let over = Some(Spot { list: from.clone(), before: next.flatten() });
        lists.carried.set(Some(Carried { item, from, start: (0.0, 0.0), by: None, keys: true, over }));
        let label = label.get_value();
        lists.say(format!("{label} picked up. Arrows carry it, Enter puts it down, Escape leaves it where it was."));
    };
    // Alt and an arrow: one place on, in the same list.
    let step = move |root: &Element, up: bool| {
        let (from, item) = own.get_value();
        let Some(list) = list_in(root, &from) else { return };
        let ids: Vec<String> =
            matching(&list, "[data-column]").iter().filter_map(|item| item.get_attribute("data-column")).collect();
        let Some(at) = ids.iter().position(|id| *id == item) else { return };
        let before = if up {
            at.checked_sub(1).map(|to| ids.get(to).cloned())
        } else {
            (at + 1 < ids.len()).then(|| ids.get(at + 2).cloned())
        };
        if let Some(before) = before {
            let place = if up { at } else { at + 2 };
            lists.say(format!("{}, place {place} of {}.", label.get_value(), ids.len()));
            let carried = Carried {
                over: Some(Spot { list: from.clone(), before }),
                item,
                from,
                start: (0.0, 0.0),
                by: None,
                keys: true,
            };
            lists.put(&carried, root);
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let Some(root) = root_of(event.current_target()) else { return };
        let now = held();
        match (event.key().as_str(), now) {
            ("ArrowUp", None) if event.alt_key() => step(&root, true),
            ("ArrowDown", None) if event.alt_key() => step(&root, false),
            ("Enter" | " ", None) => match lists.quick {
                Some(quick) => {
                    let (list, item) = own.get_value();
                    quick.run((item, list));
                }
                None => lift(&root),
            },
            ("Enter" | " ", Some(now)) => {
                lists.carried.set(None);
                lists.say(format!("{} put down.", label.get_value()));
                lists.put(&now, &root);
            }
            ("Escape", Some(now)) => {
                lists.carried.set(None);
                if now.has_left() {
                    lists.say(format!("{} stays where it was.", label.get_value()));
                }
            }
            (key @ ("ArrowUp" | "ArrowDown" | "ArrowLeft" | "ArrowRight"), Some(now)) if now.keys => {
                if let Some((spot, words)) = beyond(&root, &now, key) {
                    lists.carried.set(Some(Carried { over: Some(spot), ..now }));
                    lists.say(words);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    let left = move |_| {
        // Who goes elsewhere with the keyboard carries nothing.
        if held().is_some_and(|c| c.keys) {
            lists.carried.set(None);
        }
    };
    let twice = move |_| {
        if let Some(quick) = lists.quick {
            let (list, item) = own.get_value();
            quick.run((item, list));
        }
    };
    let is_own = move |c: &Carried| own.with_value(|(list, item)| c.item == *item && c.from == *list);
    let shift = move || {
        lists.carried.with(|c| {
            let (x, y) = c.as_ref().filter(|c| is_own(c))?.by?;
            Some(format!("transform:translate({x}px,{y}px)"))
        })
    };
    let is_lifted = move || lists.carried.with(|c| c.as_ref().is_some_and(|c| is_own(c) && c.has_left()));
    let is_marked = move || {
        lists.carried.with(|c| {
            let spot = c.as_ref().and_then(|c| c.over.as_ref());
            spot.is_some_and(|spot| {
                own.with_value(|(list, item)| spot.list == *list && spot.before.as_ref() == Some(item))
            })
        })
    };
    view! {
        <div
            class=format!("list-item {class}")
            class:is-lifted=is_lifted
            class:is-marked=is_marked
            role="button"
            tabindex="0"
            aria-label=about
            data-column=item
            style=shift
            on:pointerdown=press
            on:pointermove=travel
            on:pointerup=release
            on:pointercancel=move |_| lists.carried.set(None)
            on:lostpointercapture=move |_| if held().is_some_and(|c| !c.keys) { lists.carried.set(None) }
            on:keydown=keys
            on:blur=left
            on:dblclick=twice
        >
            {children()}
        </div>
    }
    .into_any()
}
