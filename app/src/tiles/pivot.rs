//! A pivot table: groups down and across, folded and sorted by the reader.

use super::local::Local;
use super::locale;
use super::logic::sheet::{text, window};
use super::size::{Watch, root_font_size};
use crate::components::Icon;
use crate::theme::use_theme;
use charts::{Grid, Head, Level, Line, Painter, PivotView, Theme};
use domain::api::TileData;
use domain::format::Format;
use domain::{Cell, ChartSpec, Field};
use leptos::{html, prelude::*};
use std::collections::{BTreeSet, HashSet};

/// Height of a row in rem; the style sheet says the same.
const ROW: f64 = 2.0;

/// Members side by side under the same outer ones: their name, and how many columns they span.
fn spans(heads: &[Head], level: usize) -> Vec<(String, usize)> {
    let mut spans: Vec<(&[String], String, usize)> = Vec::new();
    for head in heads {
        let outer = &head.path[..head.path.len().min(level + 1)];
        let name = match head.path.get(level) {
            Some(name) => name.clone(),
            // A sum is named once, where its members would stand.
            None if head.path.len() == level => if level == 0 { "Total" } else { "Subtotal" }.to_owned(),
            None => String::new(),
        };
        match spans.last_mut() {
            Some((before, _, many)) if *before == outer && head.path.len() > level => *many += 1,
            Some((before, last, many)) if *before == outer && *last == name => *many += 1,
            _ => spans.push((outer, name, 1)),
        }
    }
    spans.into_iter().map(|(_, name, many)| (name, many)).collect()
}

/// The name of a row.
fn named(line: &Line) -> String {
    line.path.last().cloned().unwrap_or_else(|| "Total".to_owned())
}

/// The columns of the answer as their cells are written: with the format of the chart, if it has one.
fn fields(spec: &ChartSpec, data: &TileData) -> Vec<Field> {
    let own: Option<Format> = spec.options.get("format").and_then(|f| serde_json::from_value(f.clone()).ok());
    let written = |field: &Field| match &own {
        Some(format) if field.role == domain::Role::Measure => Field { format: Some(format.clone()), ..field.clone() },
        _ => field.clone(),
    };
    data.table.columns.iter().map(written).collect()
}

/// The rows of an answer as groups down and across.
#[component]
pub fn PivotTable(
    #[prop(into)] data: Signal<TileData>,
    #[prop(into)] spec: Signal<ChartSpec>,
    /// Names the table.
    #[prop(into)]
    label: Signal<String>,
) -> impl IntoView {
    let theme = use_theme();
    let view = RwSignal::new(PivotView::default());
    let grid = Memo::new(move |_| {
        spec.with(|spec| data.with(|data| view.with(|view| charts::crosstab(spec, &data.table, view))))
    });
    let place = NodeRef::<html::Div>::new();
    let (scroll, height, row_height) = (RwSignal::new(0.0), RwSignal::new(320.0), RwSignal::new(ROW * 16.0));
    // The total stands below the rows that are scrolled.
    let many = Memo::new(move |_| grid.with(|g| g.lines.iter().filter(|line| line.level != Level::Total).count()));
    let shown = Memo::new(move |_| window(scroll.get(), height.get(), row_height.get(), many.get()));
    let watch = Local::<Option<Watch>>::new();
    let measure = move || {
        let Some(element) = place.try_get_untracked().flatten() else { return };
        _ = row_height.try_set(root_font_size() * ROW);
        _ = height.try_set(f64::from(element.client_height()));
    };
    Effect::new(move |_| {
        let Some(element) = place.get() else { return };
        measure();
        watch.set(Watch::new(&element, measure));
    });
    on_cleanup(move || watch.set(None));
    let drawn = move |is_drawn: &dyn Fn(usize, &Line) -> bool| {
        let colours = if theme.dark() { Theme::Dark } else { Theme::Light };
        spec.with(|spec| {
            data.with(|data| {
                let (painter, fields) = (Painter::new(spec, &data.table, colours), fields(spec, data));
                grid.with(|grid| {
                    let lines = grid.lines.iter().enumerate().filter(|(at, line)| is_drawn(*at, line));
                    lines.map(|(at, line)| row(grid, line, at, &fields, &painter, view)).collect_view()
                })
            })
        })
    };
    let body = move || {
        let (from, to) = shown.get();
        drawn(&|at, line| (from..to).contains(&at) && line.level != Level::Total)
    };
    let foot = move || drawn(&|_, line| line.level == Level::Total);
    let space = move |rows: usize| format!("block-size:{}px", rows as f64 * row_height.get());
    view! {
        <div
            node_ref=place
            class="pivot"
            role="region"
            tabindex="0"
            aria-label=move || label.get()
            data-testid="pivot"
            on:scroll=move |event| scroll.set(f64::from(event_target::<web_sys::HtmlElement>(&event).scroll_top()))
        >
            <table aria-rowcount=move || grid.with(|g| g.lines.len()).to_string()>
                <caption class="visually-hidden">{move || label.get()}</caption>
                <thead>{move || grid.with(|grid| head(grid, data, spec, view))}</thead>
                <tbody>
                    <tr aria-hidden="true" style=move || space(shown.get().0)></tr>
                    {body}
                    <tr aria-hidden="true" style=move || space(many.get().saturating_sub(shown.get().1))></tr>
                </tbody>
                <tfoot>{foot}</tfoot>
            </table>
            {move || {
                let notes = grid.with(|g| g.notes.clone());
                notes.into_iter().map(|note| view! { <p class="pivot-note">{note}</p> }).collect_view()
            }}
        </div>
    }
    .into_any()
}

/// The rows of heads: one for each group that runs across, and one for the values where it says more.
fn head(grid: &Grid, data: Signal<TileData>, spec: Signal<ChartSpec>, view: RwSignal<PivotView>) -> AnyView {
    let labels: Vec<String> = data.with(|d| d.table.columns.iter().map(|f| f.label.clone()).collect());
    let levels = grid.columns.len();
    let values = grid.heads.iter().map(|h| h.value).collect::<BTreeSet<_>>().len();
    // With one value, the last groups themselves are what one sorts by.
    let own_row = levels == 0 || values > 1;
    let depth = levels + usize::from(own_row);
    let foldable = grid.lines.iter().any(|line| line.parent);
    let fold = move |folds: bool| {
        let all = if folds { parents(data, spec) } else { HashSet::new() };
        view.update(|v| v.collapsed = all);
    };
    let corner = view! {
        <th scope="col" class="pivot-corner" rowspan=depth.to_string()>
            <span class="truncate">{grid.rows.join(" / ")}</span>
            {foldable.then(|| view! {
                <span class="pivot-folds">
                    <button type="button" class="pivot-fold" title="Fold all" aria-label="Fold all rows" on:click=move |_| fold(true)>
                        <Icon name="chevrons-down-up"/>
                    </button>
                    <button type="button" class="pivot-fold" title="Unfold all" aria-label="Unfold all rows" on:click=move |_| fold(false)>
                        <Icon name="chevrons-up-down"/>
                    </button>
                </span>
            })}
        </th>
    };
    let mut corner = Some(corner);
    let mut rows = Vec::new();
    for level in 0..depth {
        let sorts = level + 1 == depth;
        let cells = if sorts {
            let name = |head: &Head| match (own_row, head.level) {
                (true, _) => labels.get(head.value).cloned().unwrap_or_default(),
                (false, Level::Leaf) => head.path.last().cloned().unwrap_or_default(),
                (false, Level::Total) => "Total".to_owned(),
                (false, Level::Subtotal) if head.path.len() + 1 == levels => "Subtotal".to_owned(),
                (false, Level::Subtotal) => String::new(),
            };
            let heads = grid.heads.iter().enumerate();
            heads.map(|(at, head)| sorter(at, name(head), head.level, view)).collect_view().into_any()
        } else {
            let spans = spans(&grid.heads, level).into_iter();
            spans
                .map(|(name, many)| view! { <th scope="colgroup" class="pivot-group" colspan=many.to_string()>{name}</th> })
                .collect_view()
                .into_any()
        };
        rows.push(view! { <tr>{corner.take()}{cells}</tr> });
    }
    rows.into_iter().collect_view().into_any()
}

/// The paths of all rows that have others below them.
fn parents(data: Signal<TileData>, spec: Signal<ChartSpec>) -> HashSet<Vec<String>> {
    let open = |d: &TileData| spec.with_untracked(|spec| charts::crosstab(spec, &d.table, &PivotView::default()));
    let grid = data.with_untracked(open);
    grid.lines.into_iter().filter(|line| line.parent).map(|line| line.path).collect()
}

/// The head of one column, which sorts by it.
fn sorter(at: usize, name: String, level: Level, view: RwSignal<PivotView>) -> AnyView {
    let now = view.with_untracked(|v| v.sort.filter(|(head, _)| *head == at).map(|(_, falling)| falling));
    let next = match now {
        None => Some((at, true)),
        Some(true) => Some((at, false)),
        Some(false) => None,
    };
    let (aria, icon) = match now {
        None => ("none", None),
        Some(true) => ("descending", Some("arrow-down")),
        Some(false) => ("ascending", Some("arrow-up")),
    };
    view! {
        <th scope="col" class="num" class:is-sum=level != Level::Leaf aria-sort=aria>
            <button type="button" title=format!("Sort by {name}") on:click=move |_| view.update(|v| v.sort = next)>
                <span class="truncate">{name.clone()}</span>
                {icon.map(|name| view! { <Icon name/> })}
            </button>
        </th>
    }
    .into_any()
}

fn row(grid: &Grid, line: &Line, at: usize, fields: &[Field], painter: &Painter, view: RwSignal<PivotView>) -> AnyView {
    let locale = locale();
    let name = named(line);
    let depth = line.path.len().saturating_sub(1);
    let fold = line.parent.then(|| {
        let (path, collapsed) = (line.path.clone(), line.collapsed);
        let toggle = move |_| {
            view.update(|v| {
                if !v.collapsed.remove(&path) {
                    v.collapsed.insert(path.clone());
                }
            });
        };
        let icon = if collapsed { "chevron-right" } else { "chevron-down" };
        view! {
            <button
                type="button"
                class="pivot-fold"
                aria-expanded=if collapsed { "false" } else { "true" }
                aria-label=format!("Rows of {name}")
                on:click=toggle
            >
                <Icon name=icon/>
            </button>
        }
    });
    let cell = |(head, cell): (&Head, &Cell)| {
        let is_leaf = line.level == Level::Leaf && head.level == Level::Leaf;
        let paint = if is_leaf { painter.paint(head.value, cell) } else { painter.ruled(head.value, cell) };
        let written = fields.get(head.value).map(|field| text(cell, field, &locale)).unwrap_or_default();
        let word = paint.as_ref().and_then(|p| p.label.clone());
        view! {
            <td class="num" class:is-sum=head.level != Level::Leaf class:faint=cell.is_null() style=paint.map(|p| p.style())>
                {written}
                {word.map(|word| view! { <span class="cell-word">{word}</span> })}
            </td>
        }
        .into_any()
    };
    let cells: Vec<AnyView> = grid.heads.iter().zip(&line.cells).map(cell).collect();
    view! {
        <tr class:is-sum=line.level != Level::Leaf class:is-total=line.level == Level::Total aria-rowindex=(at + 1).to_string()>
            <th scope="row" style=format!("--depth:{depth}")>{fold}<span class="truncate" title=name.clone()>{name.clone()}</span></th>
            {cells}
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(path: &[&str], level: Level, value: usize) -> Head {
        Head { path: path.iter().map(|p| (*p).to_owned()).collect(), level, value }
    }

    #[test]
    fn members_stand_over_what_is_theirs() {
        let heads = [
            head(&["2023", "Q1"], Level::Leaf, 1),
            head(&["2023", "Q1"], Level::Leaf, 2),
            head(&["2023", "Q2"], Level::Leaf, 1),
            head(&["2023"], Level::Subtotal, 1),
            head(&["2024", "Q1"], Level::Leaf, 1),
            head(&[], Level::Total, 1),
            head(&[], Level::Total, 2),
        ];
        let of = |level| spans(&heads, level).into_iter().map(|(n, m)| format!("{n}:{m}")).collect::<Vec<_>>();
        assert_eq!(of(0), ["2023:4", "2024:1", "Total:2"]);
        assert_eq!(of(1), ["Q1:2", "Q2:1", "Subtotal:1", "Q1:1", ":2"]);
    }
}
