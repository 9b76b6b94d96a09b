//! Where the others are: on which tiles, at which field of the panel, with which pointer.

use super::roster::Person;
use super::{Company, use_company};
use crate::components::Icon;
use domain::presence::Point;
use leptos::prelude::*;
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};

/// What of the panel can have a marker, and where its name stands.
const PARTS: [(&str, &str); 2] = [(".field", ".field-label"), (".section", ".section-head h2")];
/// How often and after which pause the panel is looked for.
const TRIES: u32 = 50;
const SOON: Duration = Duration::from_millis(100);
/// The longest name of a field.
const LONGEST: usize = 80;

/// Somebody who is at a tile.
#[derive(Clone, Debug, PartialEq)]
struct Guest {
    name: String,
    colour: usize,
    edits: bool,
}

fn on_tile(people: &[Person], id: &str) -> Vec<Guest> {
    let guest = |person: &Person| {
        let at = &person.page.at;
        let edits = at.edits.as_deref() == Some(id);
        let is_there = edits || at.tiles.iter().any(|tile| tile == id);
        is_there.then(|| Guest { name: person.name.clone(), colour: person.colour(), edits })
    };
    people.iter().filter(|person| !person.is_self).filter_map(guest).collect()
}

/// The outline of a tile that others have chosen, with their names.
#[component]
pub(in crate::pages::dashboard) fn Guests(tile: StoredValue<String>) -> impl IntoView {
    let company = use_company();
    let guests = Memo::new(move |_| company.people.with(|people| tile.with_value(|id| on_tile(people, id))));
    move || {
        let guests = guests.get();
        let outline = guests.first().map(|first| format!("board-guests cat-{}", first.colour))?;
        let name = |guest: Guest| {
            let words = if guest.edits { format!("{} is editing", guest.name) } else { guest.name };
            view! { <span class=format!("board-guest cat-{}", guest.colour)>{words}</span> }
        };
        Some(view! {
            <div class=outline data-testid="guests">
                <div class="board-guest-names">{guests.into_iter().map(name).collect_view()}</div>
            </div>
        })
    }
}

/// The pointers of the others on this tab.
#[component]
pub(in crate::pages::dashboard) fn Pointers() -> impl IntoView {
    let company = use_company();
    let stage = company.stage;
    let here = Memo::new(move |_| {
        let tab = stage.tab.get();
        let mut others = if stage.phone.get() { Vec::new() } else { company.others() };
        others.retain(|person| person.page.at.pointer.is_some() && person.page.at.tab == tab);
        others
            .into_iter()
            .map(|person| (person.user_id.clone(), person.name.clone(), person.colour()))
            .collect::<Vec<_>>()
    });
    let pointer = move |(user, name, colour): (String, String, usize)| {
        let at = Memo::new(move |before: Option<&Point>| {
            let now = company.people.with(|people| {
                people.iter().find(|person| person.user_id == user).and_then(|person| person.page.at.pointer)
            });
            now.or(before.copied()).unwrap_or_default()
        });
        view! {
            <div
                class=format!("board-pointer cat-{colour}")
                data-testid="pointer"
                aria-hidden="true"
                style=("--px", move || at.get().x.to_string())
                style=("--py", move || at.get().y.to_string())
            >
                <Icon name="mouse-pointer-2"/>
                <span class="board-guest">{name}</span>
            </div>
        }
    };
    view! { <For each=move || here.get() key=|who| who.clone() children=pointer/> }
}

/// The field of the panel that an element is in, by its label.
pub(super) fn field_of(element: &Element) -> Option<String> {
    element.closest(".chart-panel").ok().flatten()?;
    PARTS.iter().find_map(|(part, name)| name_in(&element.closest(part).ok().flatten()?, name))
}

fn name_in(part: &Element, name: &str) -> Option<String> {
    let text = part.query_selector(name).ok().flatten()?.text_content()?;
    let text = text.trim();
    let end = (0..=LONGEST.min(text.len())).rev().find(|end| text.is_char_boundary(*end))?;
    Some(text[..end].to_owned()).filter(|text| !text.is_empty())
}

/// Marks the fields of the panel at which others are.
pub(super) fn mark_fields(company: Company) {
    let at_panel = Memo::new(move |_| {
        let panel = company.stage.panel.get()?;
        let there = |person: Person| {
            let field = person.page.at.field.clone().filter(|_| person.page.at.edits.as_ref() == Some(&panel))?;
            Some((field, person.colour(), person.name))
        };
        Some(company.others().into_iter().filter_map(there).collect::<Vec<_>>())
    });
    Effect::new(move |_| {
        let Some(marks) = at_panel.get() else { return };
        put_when_there(marks, TRIES);
    });
}

/// The panel may only now be on its way.
fn put_when_there(marks: Vec<(String, usize, String)>, tries: u32) {
    request_animation_frame(move || {
        if tries == 0 || document().query_selector(".chart-panel .field").is_ok_and(|found| found.is_some()) {
            put_marks(&marks);
        } else {
            set_timeout(move || put_when_there(marks, tries - 1), SOON);
        }
    });
}

fn put_marks(marks: &[(String, usize, String)]) {
    let all = |selector: &str| {
        let found = document().query_selector_all(selector).ok();
        let count = found.as_ref().map_or(0, web_sys::NodeList::length);
        let element = move |i: u32| found.as_ref()?.item(i)?.dyn_into::<HtmlElement>().ok();
        (0..count).filter_map(element).collect::<Vec<_>>()
    };
    for old in all(".chart-panel [data-guest]") {
        _ = old.remove_attribute("data-guest");
    }
    for (part, name) in PARTS {
        for element in all(&format!(".chart-panel {part}")) {
            let own = name_in(&element, name);
            if let Some((_, colour, guest)) = marks.iter().find(|(field, ..)| Some(field) == own.as_ref()) {
                _ = element.set_attribute("data-guest", guest);
                _ = element.style().set_property("--cat", &format!("var(--cat-{colour})"));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::presence::{Page, Whereabouts};

    #[test]
    fn others_are_at_the_tiles_they_chose_or_edit() {
        let person = |name: &str, is_self: bool, at: Whereabouts| Person {
            user_id: name.into(),
            name: name.into(),
            is_self,
            page: Page { id: name.into(), user_id: name.into(), user_name: name.into(), at },
        };
        let chosen = Whereabouts { tiles: vec!["a".into(), "b".into()], ..Whereabouts::default() };
        let edits = Whereabouts { edits: Some("a".into()), ..Whereabouts::default() };
        let people = [person("Ana", false, chosen.clone()), person("Bo", false, edits), person("Me", true, chosen)];
        let names = |id: &str| on_tile(&people, id).into_iter().map(|g| (g.name, g.edits)).collect::<Vec<_>>();
        assert_eq!(names("a"), [("Ana".to_owned(), false), ("Bo".to_owned(), true)]);
        assert_eq!(names("b"), [("Ana".to_owned(), false)]);
        assert_eq!(names("c"), []);
    }
}
