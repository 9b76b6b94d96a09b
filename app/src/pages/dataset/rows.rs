//! The rows themselves: only those in sight are drawn, and asked for in blocks.

use super::window::{BLOCK, ROW, STRETCH, blocks, in_sight};
use crate::api::datasets::dataset_rows;
use crate::components::*;
use crate::pages::data::preview::field_of;
use crate::pages::data::{count, plural};
use domain::api::RowsRequest;
use domain::{Cell, DataType, Dataset, Error, Field, Role};
use leptos::task::spawn_local;
use leptos::{html, prelude::*};
use std::collections::{BTreeMap, BTreeSet};

/// Blocks kept on either side of what is seen.
const KEEP: u64 = 20;

type Block = Vec<Vec<Cell>>;

/// The state of the browser of rows. Copy it freely.
#[derive(Clone, Copy)]
struct Rows {
    dataset: RwSignal<Dataset>,
    /// Column, and whether the largest come first.
    sort: RwSignal<Option<(String, bool)>>,
    /// The first row of the stretch that is scrolled.
    base: RwSignal<u64>,
    top: RwSignal<f64>,
    height: RwSignal<f64>,
    held: RwSignal<BTreeMap<u64, Block>>,
    asked: StoredValue<BTreeSet<u64>>,
    /// Answers to questions of an earlier order or version are dropped.
    round: StoredValue<u64>,
    error: RwSignal<Option<Error>>,
    scroller: NodeRef<html::Div>,
}

impl Rows {
    fn total(self) -> u64 {
        self.dataset.with(|d| d.row_count)
    }

    fn stretch(self) -> u64 {
        self.total().saturating_sub(self.base.get()).min(STRETCH)
    }

    /// The rows to draw, counted from the first of all.
    fn window(self) -> (u64, u64) {
        let (first, last) = in_sight(self.top.get(), self.height.get(), self.stretch());
        (self.base.get() + first, self.base.get() + last)
    }

    fn forget(self) {
        self.round.update_value(|round| *round += 1);
        self.asked.update_value(BTreeSet::clear);
        self.held.update(BTreeMap::clear);
        self.error.set(None);
    }

    /// Asks for what is in sight and not there yet.
    fn fetch(self) {
        let (first, last) = untrack(|| self.window());
        let wanted = blocks(first, last);
        let near = wanted.start().saturating_sub(KEEP)..=wanted.end() + KEEP;
        self.asked.update_value(|asked| asked.retain(|b| near.contains(b)));
        if self.held.with_untracked(|held| held.keys().any(|b| !near.contains(b))) {
            self.held.update(|held| held.retain(|b, _| near.contains(b)));
        }
        for block in wanted {
            let new = self.asked.try_update_value(|asked| asked.insert(block)).unwrap_or(false);
            if new && block * BLOCK < self.dataset.with_untracked(|d| d.row_count) {
                self.ask(block);
            }
        }
    }

    fn ask(self, block: u64) {
        let (sort, descending) = self.sort.get_untracked().unzip();
        let request =
            RowsRequest { limit: Some(BLOCK), offset: block * BLOCK, sort, descending: descending.unwrap_or(false) };
        let name = self.dataset.with_untracked(|d| d.name.clone());
        let round = self.round.try_get_value();
        spawn_local(async move {
            let result = dataset_rows(name, request).await;
            if self.round.try_get_value() != round {
                return;
            }
            match result {
                Ok(rows) => {
                    _ = self.error.try_set(None);
                    _ = self.held.try_update(|held| held.insert(block, rows));
                }
                Err(error) => {
                    _ = self.asked.try_update_value(|asked| asked.remove(&block));
                    _ = self.error.try_set(Some(error.0));
                }
            }
        });
    }

    /// Not sorted, smallest first, largest first, and again.
    fn sort_by(self, column: &str) {
        self.sort.update(|sort| {
            *sort = match sort.take() {
                Some((now, false)) if now == column => Some((now, true)),
                Some((now, true)) if now == column => None,
                _ => Some((column.to_owned(), false)),
            };
        });
        self.go(0);
    }

    /// Shows a row, counted from 0, at the top.
    fn go(self, row: u64) {
        let row = row.min(self.dataset.with_untracked(|d| d.row_count).saturating_sub(1));
        self.base.set(row / STRETCH * STRETCH);
        let top = (row % STRETCH) as f64 * ROW;
        // The stretch takes its new height first.
        request_animation_frame(move || {
            if let Some(Some(scroller)) = self.scroller.try_get_untracked() {
                scroller.set_scroll_top(top as i32);
            }
            _ = self.top.try_set(top);
        });
    }
}

#[component]
pub(super) fn RowsTab(dataset: RwSignal<Dataset>) -> impl IntoView {
    let rows = Rows {
        dataset,
        sort: RwSignal::new(None),
        base: RwSignal::new(0),
        top: RwSignal::new(0.0),
        height: RwSignal::new(640.0),
        held: RwSignal::new(BTreeMap::new()),
        asked: StoredValue::new(BTreeSet::new()),
        round: StoredValue::new(0),
        error: RwSignal::new(None),
        scroller: NodeRef::new(),
    };
    let fetch = debounced(50, Callback::new(move |()| rows.fetch()));
    let window = Memo::new(move |_| rows.window());
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
            <Grid rows window/>
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
    let before = move || format!("block-size:{}px", (window.get().0 - rows.base.get().min(window.get().0)) as f64 * ROW);
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
                let line = |at: u64| line(at, held.get(&(at / BLOCK)).and_then(|b| b.get((at % BLOCK) as usize)), fields);
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
        let text = value.map(|v| domain::format::cell(v, field, false, "en-US"));
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
