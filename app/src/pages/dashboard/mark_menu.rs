//! What can be done with a mark of a chart: at the pointer, or under the row of a table.

use super::comments::HereItems;
use super::connected::Behind;
use super::stage::{Stage, use_stage};
use crate::api::connect::read_drill_choices;
use crate::components::keys::{Axis, rove, type_ahead};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::tiles::logic::marks::{finer, grain_label, picked};
use crate::tiles::{Asked, Known};
use domain::connect::DrillChoices;
use domain::query::Dimension;
use domain::{Column, DataType, Role};
use leptos::{ev, html, prelude::*};

const ITEMS: &str = "[role^=menuitem]:not(:disabled)";
/// A list of columns longer than this is cut; the panel has the rest.
const MOST_COLUMNS: usize = 40;

/// The menu; nothing while no mark was asked about.
#[component]
pub(super) fn MarkMenu() -> impl IntoView {
    let stage = use_stage();
    let panel = NodeRef::<html::Div>::new();
    Effect::new(move |_| {
        let asked = stage.mark_menu.with(|menu| menu.as_ref().map(|(_, asked)| asked.at));
        let Some(element) = panel.get() else { return };
        let open = element.matches(":popover-open").unwrap_or(false);
        match asked {
            Some(at) => {
                if !open {
                    _ = element.show_popover();
                }
                // Its size is known once it stands.
                request_animation_frame(move || put(panel, at));
            }
            None if open => _ = element.hide_popover(),
            None => {}
        }
    });
    // Where the pointer's menu comes with the press of a button, its release would close a popover
    // that closes by itself.
    let is_open = move || stage.mark_menu.with_untracked(Option::is_some);
    on_window(ev::pointerdown, move |event: ev::PointerEvent| {
        let target = event.target().and_then(|t| wasm_bindgen::JsCast::dyn_into::<web_sys::Node>(t).ok());
        let inside = panel.get_untracked().is_some_and(|p| p.contains(target.as_ref()));
        if is_open() && !inside {
            close(stage);
        }
    });
    on_window(ev::scroll, move |_: ev::Event| {
        if is_open() {
            close(stage)
        }
    });
    let back = Local::<Option<web_sys::HtmlElement>>::new();
    Effect::new(move |was: Option<bool>| {
        let now = stage.mark_menu.with(Option::is_some);
        if now && was != Some(true) {
            back.set(document().active_element().and_then(|e| wasm_bindgen::JsCast::dyn_into(e).ok()));
        }
        now
    });
    let keys = move |event: ev::KeyboardEvent| {
        let Some(panel) = panel.get_untracked() else { return };
        if matches!(event.key().as_str(), "Tab" | "Escape") {
            event.prevent_default();
            event.stop_propagation();
            close(stage);
            hooks::focus(back.replace(None).flatten());
        } else if rove(&event, &panel, ITEMS, Axis::Vertical).is_none() {
            type_ahead(&event, &panel, ITEMS);
        }
    };
    let body = move || stage.mark_menu.get().map(|(tile, asked)| view! { <Body tile asked/> });
    view! {
        <div
            node_ref=panel
            class="pop-panel menu-panel mark-menu"
            popover="manual"
            role="menu"
            aria-label="What to do with this mark"
            data-testid="mark-menu"
            on:keydown=keys
        >
            <div class="menu" role="none">{body}</div>
        </div>
    }
    .into_any()
}

/// Puts the menu where it was asked for, inside the window, and gives it the focus.
fn put(panel: NodeRef<html::Div>, (left, top): (f64, f64)) {
    let Some(element) = panel.try_get_untracked().flatten() else { return };
    let size = |value: Result<wasm_bindgen::JsValue, _>| value.ok().and_then(|v| v.as_f64()).unwrap_or(0.0);
    let (width, height) = (size(window().inner_width()), size(window().inner_height()));
    let own = element.get_bounding_client_rect();
    let style = web_sys::HtmlElement::style(&element);
    _ = style.set_property("left", &format!("{}px", left.min(width - own.width() - 8.0).max(8.0)));
    // It grows when the ways into the detail are known: towards the larger part of the window.
    let (side, other, place) =
        if top > height / 2.0 { ("bottom", "top", height - top) } else { ("top", "bottom", top) };
    _ = style.set_property(side, &format!("{}px", place.max(8.0)));
    _ = style.set_property(other, "auto");
    _ = style.set_property("max-block-size", &format!("{}px", height - place - 16.0));
    let inside = document().active_element().is_some_and(|active| element.contains(Some(&active)));
    if !inside {
        hooks::focus(hooks::find(&element, ITEMS));
    }
}

/// A way into the detail.
#[derive(Clone, Debug, PartialEq)]
struct Way {
    label: String,
    from: Option<String>,
    to: Dimension,
}

/// The next level down of what a mark is made of: finer times, and the next of a hierarchy.
fn ways_down(known: &Known, asked: &Asked, choices: &DrillChoices) -> Vec<Way> {
    let mut ways = Vec::new();
    for dimension in known.query.dimensions.iter().filter(|d| asked.columns.contains(&d.column)) {
        let from = Some(dimension.column.clone());
        let ty = choices.columns.iter().find(|c| c.name == dimension.column).map(|c| c.ty);
        if let Some(grain) = dimension.grain.filter(|g| !g.is_folded()) {
            ways.extend(finer(grain, ty == Some(DataType::Date)).into_iter().map(|grain| Way {
                label: grain_label(grain),
                from: from.clone(),
                to: Dimension { grain: Some(grain), alias: None, ..dimension.clone() },
            }));
        }
        for hierarchy in &choices.hierarchies {
            let at = hierarchy.columns.iter().position(|c| *c == dimension.column);
            if let Some(next) = at.and_then(|at| hierarchy.columns.get(at + 1)) {
                let label = choices.columns.iter().find(|c| c.name == *next).map_or(next.clone(), |c| c.label.clone());
                let to = Dimension { column: next.clone(), ..Dimension::default() };
                ways.push(Way { label, from: from.clone(), to });
            }
        }
    }
    ways
}

/// Every other column to group by.
fn ways_across(known: &Known, asked: &Asked, choices: &DrillChoices) -> Vec<Way> {
    let from = asked.columns.first().cloned().or_else(|| known.query.dimensions.first().map(|d| d.column.clone()));
    let is_used = |column: &Column| known.query.dimensions.iter().any(|d| d.column == column.name);
    let groups = |c: &&Column| {
        !is_used(c)
            && (c.role != Role::Measure || c.ty == DataType::Boolean)
            && !matches!(c.ty, DataType::Other | DataType::Time)
    };
    let way = |column: &Column| Way {
        label: column.label.clone(),
        from: from.clone(),
        to: Dimension {
            column: column.name.clone(),
            grain: column.ty.is_time().then_some(domain::query::Grain::Month),
            ..Dimension::default()
        },
    };
    choices.columns.iter().filter(groups).take(MOST_COLUMNS).map(way).collect()
}

#[component]
fn Body(tile: String, asked: Asked) -> impl IntoView {
    let stage = use_stage();
    let known = stage.known.with_untracked(|all| all.get(&tile).cloned()).unwrap_or_default();
    let words = if asked.mark.is_empty() {
        stage.tile_name(&tile)
    } else {
        stage.words_of(&tile, std::slice::from_ref(&asked.mark))
    };
    let choices = {
        let (dashboard, ask, tile) = (stage.board.id(), stage.ask_now(&tile, &[]), tile.clone());
        Answer::of(move || read_drill_choices(dashboard.clone(), tile.clone(), ask.clone()))
    };
    let across = RwSignal::new(false);
    let place = StoredValue::new((tile, asked, known));
    let ways =
        move |down: bool| {
            choices.get().and_then(Result::ok).map(|choices| {
                place.with_value(|(_, asked, known)| {
                    if down { ways_down(known, asked, &choices) } else { ways_across(known, asked, &choices) }
                })
            })
        };
    let go = move |way: Way| {
        place.with_value(|(tile, asked, _)| {
            stage.drill(tile, &asked.mark, way.from.clone(), way.to.clone(), &way.label)
        });
        stage.mark_menu.set(None);
    };
    let item = move |way: Way| {
        let label = way.label.clone();
        let go = {
            let way = StoredValue::new(way);
            move |()| go(way.get_value())
        };
        view! { <MenuItem icon="arrow-down-right" on_click=go>{label}</MenuItem> }
    };
    let down = move || {
        ways(true).filter(|ways| !ways.is_empty()).map(|ways| {
            view! {
                <MenuHeading text="Drill down to"/>
                {ways.into_iter().map(item).collect_view()}
            }
        })
    };
    let list = move || match ways(false) {
        None => view! { <p class="menu-note"><Spinner/>" Loading the columns"</p> }.into_any(),
        Some(ways) if ways.is_empty() => {
            view! { <p class="menu-note">"There is no other column to drill by."</p> }.into_any()
        }
        Some(ways) => ways.into_iter().map(item).collect_view().into_any(),
    };
    let first = move || {
        view! {
            <Filter place/>
            <Deeds place/>
            {place.with_value(|(tile, asked, _)| view! { <HereItems tile=tile.clone() mark=asked.mark.clone()/> })}
            <MenuItem icon="waypoints" on_click=move |()| across.set(true) stay=true>"Drill by…"</MenuItem>
            {down}
        }
    };
    view! {
        <MenuHeading text=words/>
        <Show when=move || across.get() fallback=first>
            <MenuItem icon="chevron-left" stay=true on_click=move |()| across.set(false)>"Back"</MenuItem>
            <div class="mark-menu-list">{list}</div>
        </Show>
    }
    .into_any()
}

type Place = StoredValue<(String, Asked, Known)>;

fn close(stage: Stage) {
    stage.mark_menu.set(None);
}

/// Filters the other tiles by the mark, or no longer.
#[component]
fn Filter(place: Place) -> impl IntoView {
    let stage = use_stage();
    let (has_mark, is_chosen) = place.with_value(|(tile, asked, _)| {
        let is = |picks: &Vec<crate::tiles::logic::marks::Pick>| {
            picks.iter().any(|p| p.tile == *tile && p.marks.contains(&asked.mark))
        };
        (!asked.mark.is_empty(), stage.picks.with_untracked(is))
    });
    let filter = move |()| {
        place.with_value(|(tile, asked, _)| {
            let next = stage.picks.with_untracked(|picks| picked(picks, tile, std::slice::from_ref(&asked.mark), true));
            stage.picks.set(next);
        });
        close(stage);
    };
    has_mark.then(|| {
        view! {
            <MenuItem icon="filter" on_click=filter>
                {if is_chosen { "No longer filter by this" } else { "Filter the other tiles by this" }}
            </MenuItem>
        }
    })
}

/// What lies behind the mark.
#[component]
fn Deeds(place: Place) -> impl IntoView {
    let stage = use_stage();
    let rows = move |()| {
        place.with_value(|(tile, asked, _)| {
            stage.behind.set(Some(Behind::Rows { tile: tile.clone(), on: asked.mark.clone() }));
        });
        close(stage);
    };
    let why = move |()| {
        place.with_value(|(tile, asked, _)| {
            stage.behind.set(Some(Behind::Why { tile: tile.clone(), asked: asked.clone() }))
        });
        close(stage);
    };
    let has_time = place.with_value(|(_, asked, known)| asked.period.is_some() && !known.query.measures.is_empty());
    view! {
        {stage.may_explore().then(|| view! { <MenuItem icon="rows-3" on_click=rows>"See these rows"</MenuItem> })}
        {has_time.then(|| view! { <MenuItem icon="circle-help" on_click=why>"Why did this change?"</MenuItem> })}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::model::Hierarchy;
    use serde_json::json;

    fn known() -> Known {
        let query = json!({"dataset": "s", "dimensions": [{"column": "date", "grain": "year"}, {"column": "country"}]});
        Known { query: serde_json::from_value(query).unwrap(), columns: Vec::new() }
    }

    fn choices() -> DrillChoices {
        let column = |name: &str, ty| Column {
            name: name.into(),
            label: domain::names::to_label(name),
            ty,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: false,
        };
        let columns =
            vec![column("date", DataType::Date), column("country", DataType::Text), column("city", DataType::Text)];
        let hierarchy =
            Hierarchy { id: "h".into(), name: "Where".into(), columns: vec!["country".into(), "city".into()] };
        DrillChoices { columns, hierarchies: vec![hierarchy], sql: false }
    }

    #[test]
    fn down_leads_along_time_and_hierarchies() {
        let asked = Asked { columns: vec!["date".into(), "country".into()], ..Asked::default() };
        let labels: Vec<String> = ways_down(&known(), &asked, &choices()).into_iter().map(|w| w.label).collect();
        assert_eq!(labels, ["Quarter", "Month", "Week", "Day", "City"]);
        let asked = Asked { columns: vec!["country".into()], ..asked };
        assert_eq!(ways_down(&known(), &asked, &choices()).len(), 1);
    }

    #[test]
    fn across_leads_to_what_is_not_shown() {
        let asked = Asked { columns: vec!["country".into()], ..Asked::default() };
        let ways = ways_across(&known(), &asked, &choices());
        assert_eq!(ways.len(), 1);
        assert_eq!((ways[0].to.column.as_str(), ways[0].from.as_deref()), ("city", Some("country")));
    }
}
