//! The rows themselves: only those in sight are drawn, and asked for in blocks.

use super::paging::Rows;
use super::window::{BLOCK, ROW};
use crate::components::*;
use crate::pages::data::preview::field_of;
use crate::pages::data::{count, plural};
use domain::{Cell, DataType, Dataset, Field, Role};
use leptos::prelude::*;

#[component]
pub(super) fn RowsTab(dataset: RwSignal<Dataset>) -> impl IntoView {
    let rows = Rows::new(dataset);
    let fetch = debounced(50, Callback::new(move |()| rows.fetch()));
    let window = Memo::new(move |_| rows.window());
    let columns = Memo::new(move |_| dataset.with(|d| d.columns.clone()));
    Effect::new(move |before: Option<(Option<(String, bool)>, u64)>| {
        let now = (rows.sort.get(), dataset.with(|d| d.version));
        window.track();
        if before.is_some_and(|before| before != now) {
            rows.forget();
        }
        fetch.run(());
        now
    });
    let retry = move |()| {
        rows.error.set(None);
        rows.fetch();
    };
    view! {
        <Position rows window/>
        {move || {
            rows.error
                .get()
                .map(|error| {
                    view! {
                        <Notice tone=Tone::Bad>
                            <p>{error.to_string()}</p>
                            <Button size=Size::Small on_click=retry>"Try again"</Button>
                        </Notice>
                    }
                })
        }}
        <Show
            when=move || { rows.total() > 0 }
            fallback=|| {
                view! { <EmptyState icon="rows-3" title="No rows yet" text="Rows that are appended appear here."/> }
            }
        >
            {move || {
                // New columns make a new table.
                columns.track();
                view! { <Grid rows window/> }
            }}
        </Show>
    }
    .into_any()
}

/// How many rows there are, and the way to one of them.
#[component]
fn Position(rows: Rows, window: Memo<(u64, u64)>) -> impl IntoView {
    let place = move || {
        let first = rows.base.get() + (rows.top.get() / ROW) as u64 + 1;
        let seen = (rows.height.get() / ROW) as u64;
        let last = (first + seen.saturating_sub(2)).min(rows.total()).max(window.get().0);
        format!("Rows {} to {} of {}", count(first.min(rows.total())), count(last), plural(rows.total(), "row"))
    };
    let jump = move |row: Option<f64>| {
        if let Some(row) = row.filter(|row| *row >= 1.0) {
            rows.go(row as u64 - 1);
        }
    };
    let empty = Signal::stored(None::<f64>);
    view! {
        <div class="toolbar rows-bar">
            <p class="num" data-testid="rows-position">{place}</p>
            <div class="toolbar-end rows-jump">
                <NumberInput value=empty on_change=jump min=1.0 step=1.0 label="Go to row" placeholder="Go to row"/>
            </div>
        </div>
    }
    .into_any()
}

/// Width of a column in rem: by its type, so that it stays while rows come and go.
fn width(field: &Field) -> f64 {
    let own: f64 = match field.ty {
        DataType::Boolean => 6.0,
        DataType::Integer | DataType::Float | DataType::Decimal => 8.5,
        DataType::Date | DataType::Time => 8.5,
        DataType::Timestamp => 12.0,
        DataType::Text | DataType::Other => 13.0,
    };
    own.max((field.label.chars().count() as f64 * 0.55 + 3.0).min(18.0))
}

#[component]
fn Grid(rows: Rows, window: Memo<(u64, u64)>) -> impl IntoView {
    let fields: Vec<Field> = rows.dataset.with_untracked(|d| d.columns.iter().map(field_of).collect());
    let wide: f64 = 5.0 + fields.iter().map(width).sum::<f64>();
    let heads = fields.iter().map(|field| view! { <GridHead rows field=field.clone()/> }).collect_view();
    let columns = fields.iter().map(|f| view! { <col style=format!("inline-size:{}rem", width(f))/> }).collect_view();
    let across = (fields.len() + 1).to_string();
    let fields = StoredValue::new(fields);
    let scroller = rows.scroller;
    let measure = move || {
        if let Some(element) = scroller.get_untracked() {
            rows.height.set(f64::from(element.client_height()).max(ROW));
        }
    };
    Effect::new(move |_| {
        scroller.track();
        measure();
    });
    on_window(leptos::ev::resize, move |_| measure());
    let scrolled = move |_| {
        if let Some(element) = scroller.get_untracked() {
            rows.top.set(f64::from(element.scroll_top()));
        }
    };
    let before =
        move || format!("block-size:{}px", (window.get().0 - rows.base.get().min(window.get().0)) as f64 * ROW);
    let after = move || {
        let end = rows.base.get() + rows.stretch();
        format!("block-size:{}px", end.saturating_sub(window.get().1) as f64 * ROW)
    };
    let gap = move |style: Signal<String>| {
        view! { <tr class="rows-gap" aria-hidden="true"><td colspan=across.clone() style=move || style.get()></td></tr> }
    };
    let (before, after) = (gap(Signal::derive(before)), gap(Signal::derive(after)));
    let body = move || {
        let (first, last) = window.get();
        rows.held.with(|held| {
            fields.with_value(|fields| {
                let line =
                    |at: u64| line(at, held.get(&(at / BLOCK)).and_then(|b| b.get((at % BLOCK) as usize)), fields);
                (first..last).map(line).collect::<Vec<_>>()
            })
        })
    };
    view! {
        <div
            node_ref=scroller
            class="rows-scroll"
            data-testid="rows-grid"
            tabindex="0"
            role="region"
            aria-label="Rows"
            on:scroll=scrolled
        >
            <table
                class="rows-table"
                style=format!("inline-size:{wide}rem")
                aria-rowcount=move || (rows.total() + 1).to_string()
            >
                <colgroup><col style="inline-size:5rem"/>{columns}</colgroup>
                <thead><tr aria-rowindex="1"><th scope="col" class="num">"#"</th>{heads}</tr></thead>
                <tbody>{before}{body}{after}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// A row; a placeholder while its values are on the way.
fn line(at: u64, values: Option<&Vec<Cell>>, fields: &[Field]) -> AnyView {
    let cell = |(c, field): (usize, &Field)| {
        let value = values.and_then(|v| v.get(c));
        let text = value.map(|v| domain::format::cell(v, field, false, &crate::session::locale()));
        let number = field.ty.is_number() && field.role != Role::Time;
        let title = (field.ty == DataType::Text).then(|| text.clone()).flatten();
        view! {
            <td class:num=number class:is-null=value.is_some_and(Cell::is_null) class:is-waiting=value.is_none() title=title>
                {text.unwrap_or_default()}
            </td>
        }
    };
    let cells = fields.iter().enumerate().map(cell).collect_view();
    view! {
        <tr aria-rowindex=(at + 2).to_string()>
            <th scope="row" class="num">{count(at + 1)}</th>
            {cells}
        </tr>
    }
    .into_any()
}

/// The head of a column: a click sorts.
#[component]
fn GridHead(rows: Rows, field: Field) -> impl IntoView {
    let name = field.name.clone();
    let dir = Memo::new(move |_| rows.sort.with(|s| s.as_ref().filter(|(by, _)| *by == name).map(|(_, desc)| *desc)));
    let sorted = move || match dir.get() {
        Some(true) => "descending",
        Some(false) => "ascending",
        None => "none",
    };
    let arrow = move || {
        dir.get().map(|desc| match desc {
            true => view! { <Icon name="arrow-down"/> },
            false => view! { <Icon name="arrow-up"/> },
        })
    };
    let (name, label) = (field.name.clone(), field.label.clone());
    view! {
        <th scope="col" class:num=field.ty.is_number() aria-sort=sorted>
            <button type="button" class="sort-button" data-testid=format!("sort-{name}") title=name.clone() on:click=move |_| rows.sort_by(&name)>
                <span>{label}</span>
                {arrow}
            </button>
        </th>
    }
    .into_any()
}
