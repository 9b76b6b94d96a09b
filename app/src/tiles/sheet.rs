//! Rows as a grid: only what is in sight is drawn, the keyboard moves a cell, headers sort.

use super::local::Local;
use super::locale;
use super::logic::sheet::{self, Sort};
use super::select::{Connect, members_of_row};
use super::size::{Watch, root_font_size};
use crate::components::{Icon, use_toasts};
use crate::theme::use_theme;
use charts::marks::Members;
use charts::{Painter, Theme};
use domain::api::TileData;
use domain::{ChartSpec, Error};
use leptos::{ev, html, prelude::*};
use std::sync::Arc;

/// Height of a row in rem; the style sheet says the same.
const ROW: f64 = 2.0;

/// A cell by its place on the screen; row 0 is the header.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    row: usize,
    column: usize,
}

impl Place {
    /// Where a key leads; `None` for keys that do not move.
    fn after(self, key: &str, rows: usize, columns: usize, page: usize, whole: bool) -> Option<Self> {
        let Self { row, column } = self;
        let last = columns.saturating_sub(1);
        Some(match key {
            "ArrowDown" => Self { row: (row + 1).min(rows), column },
            "ArrowUp" => Self { row: row.saturating_sub(1), column },
            "ArrowRight" => Self { row, column: (column + 1).min(last) },
            "ArrowLeft" => Self { row, column: column.saturating_sub(1) },
            "PageDown" => Self { row: (row + page).min(rows), column },
            "PageUp" => Self { row: row.saturating_sub(page), column },
            "Home" => Self { row: if whole { 0 } else { row }, column: 0 },
            "End" => Self { row: if whole { rows } else { row }, column: last },
            _ => return None,
        })
    }
}

/// What colours the cells; a new one is never the same as the last.
#[derive(Clone)]
struct Brush(Arc<Painter>);

impl PartialEq for Brush {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// Rows of an answer.
#[component]
pub fn SheetView(
    #[prop(into)] data: Signal<TileData>,
    /// Names the grid.
    #[prop(into)]
    label: Signal<String>,
    /// The chart, whose rules colour cells.
    #[prop(optional, into)]
    spec: Option<Signal<ChartSpec>>,
    /// The page around it, where rows can be chosen.
    #[prop(optional)]
    connect: Option<Connect>,
) -> impl IntoView {
    let id = crate::components::unique_id();
    let grid = NodeRef::<html::Div>::new();
    let sort = RwSignal::new(None::<Sort>);
    let order = Memo::new(move |_| data.with(|d| sheet::order(&d.table, sort.get())));
    // Rows are drawn anew when the data is.
    let theme = use_theme();
    let brush = Memo::new(move |_| {
        let colours = if theme.dark() { Theme::Dark } else { Theme::Light };
        let spec = spec?;
        Some(Brush(Arc::new(spec.with(|spec| data.with(|d| Painter::new(spec, &d.table, colours))))))
    });
    let generation = Memo::new(move |old: Option<&u32>| {
        data.track();
        brush.track();
        sort.track();
        old.map_or(0, |old| old.wrapping_add(1))
    });
    let (scroll, height, row_height) = (RwSignal::new(0.0), RwSignal::new(320.0), RwSignal::new(ROW * 16.0));
    let shown = Memo::new(move |_| sheet::window(scroll.get(), height.get(), row_height.get(), order.with(Vec::len)));
    let active = RwSignal::new(Place::default());
    let watch = Local::<Option<Watch>>::new();
    let measure = move || {
        let Some(element) = grid.try_get_untracked().flatten() else { return };
        let size = root_font_size() * ROW;
        _ = row_height.try_set(size);
        _ = height.try_set(f64::from(element.client_height()) - size);
    };
    Effect::new(move |_| {
        let Some(element) = grid.get() else { return };
        measure();
        watch.set(Watch::new(&element, measure));
    });
    on_cleanup(move || watch.set(None));

    let columns = move || data.with(|d| d.table.columns.len());
    let click_header = move |column: usize| {
        let number = data.with_untracked(|d| d.table.columns.get(column).is_some_and(sheet::is_number));
        sort.update(|sort| *sort = Sort::after_click(*sort, column, number));
        active.set(Place { row: 0, column });
    };
    let toasts = use_toasts();
    let copy = move || {
        let Place { row, column } = active.get_untracked();
        let text = data.with_untracked(|d| {
            if row == 0 {
                return d.table.columns.get(column).map(|f| f.label.clone());
            }
            let source = order.with_untracked(|o| o.get(row - 1).copied())?;
            d.table.data.get(column)?.get(source).map(sheet::copied)
        });
        let Some(text) = text else { return };
        let promise = window().navigator().clipboard().write_text(&text);
        leptos::task::spawn_local(async move {
            match wasm_bindgen_futures::JsFuture::from(promise).await {
                Ok(_) => toasts.good("Cell copied"),
                Err(_) => toasts.error(&Error::invalid("The browser did not allow copying.")),
            }
        });
    };
    let bring_into_sight = move |row: usize| {
        let Some(element) = grid.get_untracked() else { return };
        let (step, seen) = (row_height.get_untracked(), height.get_untracked());
        let top = row.saturating_sub(1) as f64 * step;
        let now = f64::from(element.scroll_top());
        let wanted = if top < now { top } else { (top + step - seen).max(now) };
        if (wanted - now).abs() > 0.5 {
            element.set_scroll_top(wanted as i32);
            scroll.set(wanted);
        }
    };
    // A row by its place on the screen; the active cell says which column.
    let at_row = move |row: usize, work: &dyn Fn(Connect, &domain::Query, &domain::Table, &Members)| {
        let Some(connect) = connect.filter(|c| c.active.get_untracked()) else { return };
        let Some(source) = row.checked_sub(1).and_then(|at| order.with_untracked(|o| o.get(at).copied())) else {
            return;
        };
        data.with_untracked(|d| {
            if let Some(query) = &d.query {
                let members = members_of_row(query, &d.table, source, active.get_untracked().column);
                work(connect, query, &d.table, &members);
            }
        });
    };
    let choose = move |row: usize, additive: bool| {
        at_row(row, &|connect, query, table, members| connect.choose(query, table, members, additive));
    };
    let menu = move |row: usize, at: (f64, f64)| {
        at_row(row, &|connect, query, table, members| connect.ask(query, table, members, None, at));
    };
    let has_menu = move || connect.is_some_and(|c| c.active.get_untracked()) && active.get_untracked().row > 0;
    let on_menu = move |event: ev::MouseEvent| {
        if has_menu() {
            event.prevent_default();
            menu(active.get_untracked().row, (f64::from(event.client_x()), f64::from(event.client_y())));
        }
    };
    let menu_by_key = move || {
        let cell = grid.get_untracked().and_then(|grid| crate::components::hooks::find(&grid, "td.is-active"));
        if let Some(place) = cell.map(|cell| cell.get_bounding_client_rect()) {
            menu(active.get_untracked().row, (place.left(), place.bottom()));
        }
    };
    let keys = move |event: ev::KeyboardEvent| {
        let whole = event.ctrl_key() || event.meta_key();
        let key = event.key();
        if whole && key.eq_ignore_ascii_case("c") {
            let selected = window().get_selection().ok().flatten().is_some_and(|s| !s.is_collapsed());
            if !selected {
                event.prevent_default();
                event.stop_propagation();
                copy();
            }
            return;
        }
        let place = active.get_untracked();
        if (key == "ContextMenu" || key == "F10" && event.shift_key()) && has_menu() {
            event.prevent_default();
            event.stop_propagation();
            return menu_by_key();
        }
        if matches!(key.as_str(), "Enter" | " ") && place.row == 0 {
            event.prevent_default();
            event.stop_propagation();
            return click_header(place.column);
        }
        if matches!(key.as_str(), "Enter" | " ") && connect.is_some_and(|c| c.active.get_untracked()) {
            event.prevent_default();
            event.stop_propagation();
            return choose(place.row, whole || event.shift_key());
        }
        let page = ((height.get_untracked() / row_height.get_untracked()) as usize).max(1);
        let rows = order.with_untracked(Vec::len);
        if let Some(next) = place.after(&key, rows, data.with_untracked(|d| d.table.columns.len()), page, whole) {
            // The arrows are the grid's here, not those that move a tile.
            event.prevent_default();
            event.stop_propagation();
            active.set(next);
            bring_into_sight(next.row);
        }
    };
    let cell_id = {
        let id = id.clone();
        move |place: Place| format!("{id}-{}-{}", place.row, place.column)
    };
    let described = {
        let cell_id = cell_id.clone();
        move || {
            let place = active.get();
            let (from, to) = shown.get();
            (place.row == 0 || (from < place.row && place.row <= to)).then(|| cell_id(place))
        }
    };
    let widths = move || {
        let widths = data.with(|d| sheet::widths(&d.table, &locale()));
        widths.into_iter().map(|w| view! { <col style=format!("inline-size:calc({w}ch + 1.5rem)")/> }).collect_view()
    };
    let full_width = move || {
        let all: usize = data.with(|d| sheet::widths(&d.table, &locale())).iter().sum();
        format!("inline-size:max(100%, calc({all}ch + {}rem))", columns() as f64 * 1.5)
    };
    let header = {
        let cell_id = cell_id.clone();
        move || {
            let fields = data.with(|d| d.table.columns.clone());
            let head = fields.into_iter().enumerate().map(|(column, field)| {
                let number = sheet::is_number(&field);
                let sorted = move || sort.get().filter(|s| s.column == column).map(|s| s.descending);
                let aria = move || match sorted() {
                    Some(true) => "descending",
                    Some(false) => "ascending",
                    None => "none",
                };
                let arrow = move || sorted().map(|down| if down { view! { <Icon name="arrow-down"/> } } else { view! { <Icon name="arrow-up"/> } });
                view! {
                    <th
                        role="columnheader"
                        id=cell_id(Place { row: 0, column })
                        class:num=number
                        class:is-active=move || active.get() == Place { row: 0, column }
                        aria-colindex=(column + 1).to_string()
                        aria-sort=aria
                    >
                        <button type="button" tabindex="-1" title=format!("Sort by {}", field.label) on:click=move |_| click_header(column)>
                            <span class="truncate">{field.label.clone()}</span>
                            {arrow}
                        </button>
                    </th>
                }
            });
            head.collect_view()
        }
    };
    let row = move |position: usize| {
        let locale = locale();
        let source = order.with_untracked(|o| o.get(position).copied()).unwrap_or_default();
        let cells = data.with_untracked(|d| {
            let cell = |(column, (field, cells)): (usize, (&domain::Field, &Vec<domain::Cell>))| {
                let place = Place { row: position + 1, column };
                let value = cells.get(source).cloned().unwrap_or_default();
                let text = sheet::text(&value, field, &locale);
                let is_active = Memo::new(move |_| active.get() == place);
                let whole = (text.chars().count() > 30).then(|| text.clone());
                let paint = brush.with_untracked(|b| b.as_ref().and_then(|b| b.0.paint(column, &value)));
                let word = paint.as_ref().and_then(|p| p.label.clone());
                view! {
                    <td
                        role="gridcell"
                        id=cell_id(place)
                        class:num=sheet::is_number(field)
                        class:faint=value.is_null()
                        class:is-active=move || is_active.get()
                        aria-colindex=(column + 1).to_string()
                        title=whole
                        style=paint.map(|p| p.style())
                        on:pointerdown=move |_| active.set(place)
                    >
                        <span class="truncate">{text}{word.map(|word| view! { <span class="cell-word">{word}</span> })}</span>
                        <Show when=move || is_active.get()>
                            <button type="button" class="sheet-copy" tabindex="-1" aria-label="Copy cell" title="Copy cell" on:click=move |_| copy()>
                                <Icon name="copy"/>
                            </button>
                        </Show>
                    </td>
                }
                .into_any()
            };
            d.table.columns.iter().zip(&d.table.data).enumerate().map(cell).collect_view()
        });
        let is_chosen = Memo::new(move |_| {
            let connect = connect.filter(|c| c.has_marks())?;
            data.with(|d| {
                let query = d.query.as_ref()?;
                let is = |column| connect.chooses(d, &members_of_row(query, &d.table, source, column));
                let columns = if query.dimensions.is_empty() { d.table.columns.len() } else { 1 };
                Some((0..columns).any(is))
            })
        });
        let click = move |event: ev::MouseEvent| {
            let target = event.target().and_then(|t| wasm_bindgen::JsCast::dyn_into::<web_sys::Element>(t).ok());
            if target.is_none_or(|t| t.closest("button").is_ok_and(|b| b.is_none())) {
                choose(position + 1, event.ctrl_key() || event.meta_key() || event.shift_key());
            }
        };
        view! {
            <tr
                role="row"
                class="sheet-row"
                class:is-chosen=move || is_chosen.get() == Some(true)
                class:is-faint=move || is_chosen.get() == Some(false)
                aria-rowindex=(position + 2).to_string()
                aria-selected=move || is_chosen.get().map(|c| if c { "true" } else { "false" })
                on:click=click
            >
                {cells}
            </tr>
        }
        .into_any()
    };
    let space = move |rows: usize| format!("block-size:{}px", rows as f64 * row_height.get());
    view! {
        <div
            node_ref=grid
            class="sheet"
            class:can-choose=move || connect.is_some_and(|c| c.active.get())
            role="grid"
            tabindex="0"
            aria-label=move || label.get()
            aria-readonly="true"
            aria-rowcount=move || (order.with(Vec::len) + 1).to_string()
            aria-colcount=move || columns().to_string()
            aria-activedescendant=described
            on:keydown=keys
            on:contextmenu=on_menu
            on:scroll=move |event| scroll.set(f64::from(event_target::<web_sys::HtmlElement>(&event).scroll_top()))
        >
            <table role="presentation" style=full_width>
                <colgroup>{widths}</colgroup>
                <thead role="rowgroup"><tr role="row" aria-rowindex="1">{header}</tr></thead>
                <tbody role="rowgroup">
                    <tr aria-hidden="true" style=move || space(shown.get().0)></tr>
                    <For
                        each=move || {
                            let generation = generation.get();
                            let (from, to) = shown.get();
                            (from..to).map(move |position| (generation, position))
                        }
                        key=|at| *at
                        children=move |(_, position)| row(position)
                    />
                    <tr aria-hidden="true" style=move || space(order.with(Vec::len) - shown.get().1.min(order.with(Vec::len)))></tr>
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_stay_inside_the_grid() {
        let at = |row, column| Place { row, column };
        let go = |place: Place, key, whole| place.after(key, 10, 3, 4, whole);
        assert_eq!(go(at(0, 0), "ArrowUp", false), Some(at(0, 0)));
        assert_eq!(go(at(10, 2), "ArrowDown", false), Some(at(10, 2)));
        assert_eq!(go(at(9, 1), "PageDown", false), Some(at(10, 1)));
        assert_eq!(go(at(5, 1), "End", false), Some(at(5, 2)));
        assert_eq!(go(at(5, 1), "End", true), Some(at(10, 2)));
        assert_eq!(go(at(5, 1), "Home", true), Some(at(0, 0)));
        assert_eq!(go(at(5, 1), "a", false), None);
    }
}
