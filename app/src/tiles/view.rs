//! A tile's body: follows its data and shows it, with every state that can come between.

use super::content::TileContent;
use super::feed::Feed;
use super::logic::marks::columns_of;
use super::select::{Connect, Known};
use super::still::Still;
use super::{TileState, glue, is_gone, spec_of};
use crate::components::{Button, EmptyState, ErrorState, Size, Skeleton, Variant};
use crate::live::{Status, use_socket};
use domain::connect::TileAsk;
use domain::dashboard::TileKind;
use domain::query::{AsOf, Op, Relative, RelativeOf};
use domain::{ChartKind, Tile};
use leptos::prelude::*;
use std::time::Duration;

/// A wait longer than this is told in seconds.
const LONG: u32 = 2;

/// What stands in the tile.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// No question yet.
    Blank,
    First,
    Failed,
    NoRows,
    Shown,
}

/// A tile's body. Text and images stand still; everything else follows the tile's topic.
#[component]
pub fn TileView(
    #[prop(into)] dashboard_id: String,
    #[prop(into)] tile: Signal<Tile>,
    /// What the page asks, on top of the tile's own question.
    #[prop(into)]
    ask: Signal<TileAsk>,
    /// Told of every change, `Loading` in the task of what caused it.
    #[prop(into)]
    on_state: Callback<TileState>,
    /// The rows in place of the chart.
    #[prop(optional, into)]
    view_as_table: Signal<bool>,
    /// While false it asks for nothing: a tile out of sight.
    #[prop(default = Signal::stored(true), into)]
    visible: Signal<bool>,
    /// The page around it, where marks can be chosen.
    #[prop(optional)]
    connect: Option<Connect>,
) -> impl IntoView {
    let still =
        Memo::new(move |_| tile.with(|t| matches!(t.kind, TileKind::Text | TileKind::Image | TileKind::Filter)));
    view! {
        {move || {
            let dashboard_id = dashboard_id.clone();
            if still.get() {
                view! { <Still tile on_state/> }.into_any()
            } else {
                view! { <Live dashboard_id tile ask on_state view_as_table visible connect/> }.into_any()
            }
        }}
    }
    .into_any()
}

#[component]
fn Live(
    dashboard_id: String,
    tile: Signal<Tile>,
    ask: Signal<TileAsk>,
    on_state: Callback<TileState>,
    view_as_table: Signal<bool>,
    visible: Signal<bool>,
    connect: Option<Connect>,
) -> impl IntoView {
    let told = StoredValue::new(None::<TileState>);
    let tell = move |state: TileState| {
        if told.try_get_value().is_some_and(|before| before != Some(state)) {
            told.set_value(Some(state));
            on_state.run(state);
        }
    };
    let feed = Feed::new(&dashboard_id, tile, ask, visible, Callback::new(move |()| tell(TileState::Loading)));
    // After a step into the detail the server says what can show it; back at the top that holds until
    // the tile's own rows are here again.
    let drilled = Memo::new(move |was: Option<&bool>| {
        let is = ask.with(|ask| !ask.drill.is_empty());
        is || (was == Some(&true) && feed.loading.get())
    });
    let spec = Memo::new(move |_| match drilled.get() && feed.has.get() {
        true => feed.data.with(|d| d.spec.clone()),
        false => tile.with(spec_of),
    });
    let gone = Memo::new(move |_| feed.has.get() && feed.data.with(|d| spec.with(|s| is_gone(s, d))));
    if let Some(connect) = connect {
        Effect::new(move |_| {
            let known = feed.data.with(|d| {
                let query = d.query.clone()?;
                Some(Known { columns: columns_of(&query, &d.table), query })
            });
            if let Some(known) = known {
                connect.on_known.run(known);
            }
        });
    }
    let is_drawn = Memo::new(move |_| {
        !view_as_table.get()
            && !gone.get()
            && spec.with(|s| !matches!(s.kind, ChartKind::Table | ChartKind::Pivot | ChartKind::Number))
    });
    Effect::new(move |_| {
        if is_drawn.get() {
            glue::warm();
        }
    });
    let phase = Memo::new(move |_| {
        if !feed.asks() {
            Phase::Blank
        } else if feed.error.with(Option::is_some) {
            Phase::Failed
        } else if !feed.has.get() {
            Phase::First
        } else if feed.data.with(|d| d.reading.is_none() && d.table.row_count() == 0) {
            Phase::NoRows
        } else {
            Phase::Shown
        }
    });
    // Charts say themselves when they are drawn; the rest is in the page once this task is over.
    let settled = move || {
        if feed.loading.try_get_untracked() == Some(false) && phase.try_get_untracked() == Some(Phase::Shown) {
            tell(TileState::Ready);
        }
    };
    Effect::new(move |_| {
        let (phase, loading) = (phase.get(), feed.loading.get());
        feed.data.track();
        if loading {
            return;
        }
        match phase {
            Phase::Blank | Phase::NoRows => tell(TileState::Empty),
            Phase::Failed => tell(TileState::Error),
            Phase::Shown if !is_drawn.get() => set_timeout(settled, Duration::ZERO),
            Phase::First | Phase::Shown => {}
        }
    });
    let body = move || {
        match phase.get() {
        Phase::Blank => view! {
            <EmptyState compact=true icon="chart-column" title="Nothing chosen yet" text="Edit the chart and pick its data."/>
        }
        .into_any(),
        Phase::First => view! { <div class="tile-first"><Skeleton height="100%"/></div> }.into_any(),
        Phase::Failed => match feed.error.get() {
            Some(error) => view! { <ErrorState compact=true error retry=move |()| feed.ask()/> }.into_any(),
            None => ().into_any(),
        },
        Phase::NoRows => view! {
            <EmptyState compact=true icon="filter" title="No rows match" text=Signal::derive(move || ask.with(|ask| no_rows(ask, &tile.read())))/>
        }
        .into_any(),
        Phase::Shown => {
            let title = Signal::derive(move || tile.with(|t| t.title.clone()));
            let (on_ready, on_error) = (move |()| settled(), move |_| tell(TileState::Error));
            match connect {
                Some(connect) => view! {
                    <TileContent data=feed.data spec title as_table=view_as_table moves=feed.moves on_ready on_error connect/>
                }
                .into_any(),
                None => view! { <TileContent data=feed.data spec title as_table=view_as_table moves=feed.moves on_ready on_error/> }.into_any(),
            }
        }
    }
    };
    view! {
        <div
            class="tile-view"
            class:is-stale=move || feed.loading.get() && feed.has.get()
            aria-busy=move || feed.loading.get().then_some("true")
        >
            {body}
            <Wait feed/>
        </div>
    }
    .into_any()
}

/// How long it takes already, and a way out.
#[component]
fn Wait(feed: Feed) -> impl IntoView {
    let status = use_socket().status();
    let long = Memo::new(move |_| feed.loading.get() && feed.seconds.get() >= LONG);
    let words = move || match status.get() {
        Status::Offline => "No connection; it goes on when there is one".to_owned(),
        _ => format!("{} s", feed.seconds.get()),
    };
    view! {
        <Show when=move || long.get()>
            <div class="tile-wait" role="status">
                <span class="num">{words}</span>
                <Button size=Size::Small variant=Variant::Secondary on_click=move |()| feed.cancel()>"Cancel"</Button>
            </div>
        </Show>
    }
}

/// What to do about no rows.
fn no_rows(ask: &TileAsk, tile: &Tile) -> String {
    let own = tile.data_source.as_ref().and_then(|s| s.query.as_ref()).and_then(|q| q.filter.as_ref());
    let mut by_clock = false;
    let steps = ask.drill.iter().flat_map(|step| &step.on);
    for filter in ask.filters.iter().map(|f| &f.filter).chain(steps).chain(own) {
        filter.each(&mut |c| {
            let relative = (c.op == Op::Relative).then(|| serde_json::from_value::<Relative>(c.value.clone()).ok());
            by_clock |= relative.flatten().is_some_and(|r| r.as_of == AsOf::Now && r.of != RelativeOf::Next);
        });
    }
    if by_clock {
        "The data may end before these dates. Switch on “Count from the latest data” in the date filter, or choose other dates.".into()
    } else if ask.filters.iter().any(|f| f.tile.is_some()) {
        "Nothing here belongs to what was chosen in the other tiles. Take that back to see all.".into()
    } else if !ask.filters.is_empty() {
        "Change or clear the filters of the page.".into()
    } else if own.is_some() {
        "Change the filters of this tile.".into()
    } else {
        "The dataset has no rows yet.".into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Filter;
    use serde_json::json;

    #[test]
    fn no_rows_says_what_to_do() {
        let tile = Tile::default();
        let last = Filter::is("day", Op::Relative, json!({"unit": "day", "n": 7}));
        assert!(no_rows(&vec![last].into(), &tile).contains("latest data"));
        let latest = Filter::is("day", Op::Relative, json!({"unit": "day", "n": 7, "as_of": "latest"}));
        assert!(no_rows(&vec![latest].into(), &tile).contains("filters of the page"));
        assert!(no_rows(&TileAsk::default(), &tile).contains("no rows yet"));
    }
}
