//! The dashboard as it was, to look at, with what differs marked.

use super::differences::{DifferenceList, counted, tone};
use super::state::{History, use_history};
use super::time_words;
use crate::api::history::read_moment_tile;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::tiles::{TileContent, TileState, TileView, spec_of};
use domain::Tile;
use domain::connect::TileAsk;
use domain::dashboard::{Layout, TileKind};
use domain::document::{Difference, TileDifference, TileFate};
use domain::history::Moment;
use domain::layout::{self, Item, Position};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// The moment that is chosen.
#[component]
pub(super) fn MomentView() -> impl IntoView {
    let history = use_history();
    // A moment stays on the screen until the next is here.
    let shown = Memo::new(move |before: Option<&Option<Moment>>| match history.moment.get() {
        Some(Ok(moment)) => Some(moment),
        _ => before.cloned().flatten(),
    });
    let difference = Memo::new(move |_| history.difference());
    let failed = move || match history.moment.get() {
        Some(Err(error)) => Some(view! { <ErrorState error=error.0 retry=move |()| history.moment.refetch()/> }),
        _ => None,
    };
    let is_there = Memo::new(move |_| shown.with(Option::is_some));
    let busy = move || shown.with(|m| m.as_ref().is_none_or(|m| m.seq != history.at.get()));
    view! {
        {failed}
        <Show when=move || is_there.get() fallback=|| view! { <Skeleton height="24rem"/> }>
            <About shown/>
            {move || difference.get().map(|difference| {
                let count = difference.count();
                view! {
                    <section class="history-compared" aria-label="What differs" data-testid="compared">
                        <h2>{move || history.base().map(|base| format!("{} compared with {}", counted(count), time_words(&base.at)))}</h2>
                        <DifferenceList difference none="Both moments show the same."/>
                    </section>
                }
            })}
            <div class="history-moment" aria-busy=move || busy().then_some("true")>
                <MomentGrid history shown difference/>
            </div>
        </Show>
    }
    .into_any()
}

/// What is looked at: when it was, and whose data it shows.
#[component]
fn About(shown: Memo<Option<Moment>>) -> impl IntoView {
    let when = move || shown.with(|m| m.as_ref().map(|m| time_words(&m.at)).unwrap_or_default());
    let filters = move || {
        let names: Vec<String> = shown.with(|m| {
            let controls = m.iter().flat_map(|m| &m.dashboard.layout.filters);
            let name = |c: &domain::dashboard::FilterControl| match c.label.is_empty() {
                true => domain::names::to_label(&c.column),
                false => c.label.clone(),
            };
            controls.map(name).collect()
        });
        (!names.is_empty()).then(|| format!(" Its filters were {}; they are not set here.", names.join(", ")))
    };
    view! {
        <Notice>
            <p>
                "The dashboard as it was on "{when}
                ", with the data of today, as far as your own rights and policies let you see it."{filters}
            </p>
        </Notice>
        <div class="history-name">
            <h2 data-testid="moment-name">{move || shown.with(|m| m.as_ref().map(|m| m.dashboard.name.clone()))}</h2>
            {move || {
                let text = shown.with(|m| m.as_ref().map(|m| m.dashboard.description.clone()).unwrap_or_default());
                (!text.is_empty()).then(|| view! { <p class="muted">{text}</p> })
            }}
        </div>
    }
}

/// The tiles of a tab; a tile of no tab, or of one that is gone, lies on the first.
fn on_tab<'a>(layout: &'a Layout, tab: Option<&'a str>) -> impl Iterator<Item = &'a Tile> {
    let first = layout.tabs.first().map(|tab| tab.id.as_str());
    layout.widgets.iter().filter(move |tile| {
        let own = tile.tab.as_deref().filter(|own| layout.tabs.iter().any(|t| t.id == *own));
        own.or(first) == tab
    })
}

/// Where the tiles of a tab lie.
fn places(layout: &Layout, tab: Option<&str>) -> BTreeMap<String, Position> {
    let items: Vec<Item> = on_tab(layout, tab).map(|tile| Item::new(&tile.id, tile.position)).collect();
    layout::view(&items).into_iter().map(|item| (item.id, item.position)).collect()
}

#[component]
fn MomentGrid(history: History, shown: Memo<Option<Moment>>, difference: Memo<Option<Difference>>) -> impl IntoView {
    let wanted = RwSignal::new(None::<String>);
    let layout = Memo::new(move |_| shown.with(|m| m.as_ref().map(|m| m.dashboard.layout.clone()).unwrap_or_default()));
    let tab = Memo::new(move |_| {
        layout.with(|layout| {
            let asked = wanted.with(|wanted| layout.tabs.iter().find(|t| Some(&t.id) == wanted.as_ref()).cloned());
            asked.or_else(|| layout.tabs.first().cloned()).map(|tab| tab.id)
        })
    });
    let place_of = Memo::new(move |_| layout.with(|layout| tab.with(|tab| places(layout, tab.as_deref()))));
    let tiles = Memo::new(move |_| {
        layout.with(|layout| tab.with(|tab| on_tab(layout, tab.as_deref()).cloned().collect::<Vec<Tile>>()))
    });
    // Tiles that were there before and are gone, where they were.
    let ghosts = Memo::new(move |_| {
        let gone = difference.with(|d| d.as_ref().map(gone).unwrap_or_default());
        let base = if gone.is_empty() { None } else { history.base() };
        let Some(base) = base else { return Vec::new() };
        let here: Vec<String> = tab.with(|tab| {
            // A tab that is not there then had none of them.
            let tab = tab.as_deref().filter(|tab| base.dashboard.layout.tabs.iter().any(|t| t.id == *tab));
            let tab = tab.or(base.dashboard.layout.tabs.first().map(|t| t.id.as_str()));
            on_tab(&base.dashboard.layout, tab).map(|tile| tile.id.clone()).collect()
        });
        gone.into_iter().filter(|tile| here.contains(&tile.id)).collect::<Vec<_>>()
    });
    let rows = Memo::new(move |_| {
        let lowest = ghosts.with(|all| all.iter().filter_map(|g| g.from).map(Position::bottom).max().unwrap_or(0));
        place_of.with(|all| all.values().map(|p| p.bottom()).max().unwrap_or(0)).max(lowest)
    });
    let tabs = Signal::derive(move || {
        layout
            .with(|layout| layout.tabs.iter().map(|t| TabItem::new(t.id.clone(), t.title.clone())).collect::<Vec<_>>())
    });
    let has_tabs = Memo::new(move |_| layout.with(|layout| !layout.tabs.is_empty()));
    let is_empty = Memo::new(move |_| tiles.with(Vec::is_empty) && ghosts.with(Vec::is_empty));
    // A tile is made anew when anything of it but its place is another.
    let key = |tile: &Tile| {
        serde_json::to_string(&Tile { position: Position::default(), ..tile.clone() }).unwrap_or_default()
    };
    view! {
        <Show when=move || has_tabs.get()>
            <Tabs
                label="Tabs of the dashboard then"
                tabs
                value=Signal::derive(move || tab.get().unwrap_or_default())
                on_change=move |id: String| wanted.set(Some(id))
            />
        </Show>
        <div
            class="board-grid history-board"
            data-testid="moment-grid"
            data-seq=move || shown.with(|m| m.as_ref().map(|m| m.seq.to_string()))
            style=("--rows", move || rows.get().to_string())
        >
            <For each=move || tiles.get() key=key let:tile>
                <MomentTile history seq=shown.with_untracked(|m| m.as_ref().map(|m| m.seq).unwrap_or_default()) tile place_of difference/>
            </For>
            {move || ghosts.get().into_iter().map(ghost).collect_view()}
        </div>
        <Show when=move || is_empty.get()>
            <EmptyState icon="layout-dashboard" title="No tiles then" text="The dashboard was empty at this moment."/>
        </Show>
    }
    .into_any()
}

fn gone(difference: &Difference) -> Vec<TileDifference> {
    difference.tiles.iter().filter(|tile| tile.fate == TileFate::Removed).cloned().collect()
}

/// A tile that is gone, where it was.
fn ghost(tile: TileDifference) -> AnyView {
    let Position { x, y, w, h } = tile.from.unwrap_or_default();
    let title = if tile.title.trim().is_empty() { "Untitled tile".to_owned() } else { tile.title };
    view! {
        <div
            class="board-tile history-ghost"
            data-testid="moment-ghost"
            data-tile-id=tile.id
            style=format!("--x:{x};--y:{y};--w:{w};--h:{h};--i:999")
        >
            <p><Badge tone=Tone::Bad>"Removed"</Badge>" "<span>{title}</span></p>
        </div>
    }
    .into_any()
}

#[component]
fn MomentTile(
    history: History,
    seq: u64,
    tile: Tile,
    place_of: Memo<BTreeMap<String, Position>>,
    difference: Memo<Option<Difference>>,
) -> impl IntoView {
    let id = StoredValue::new(tile.id.clone());
    let place = Memo::new(move |_| place_of.with(|all| id.with_value(|id| all.get(id).copied())).unwrap_or_default());
    let rank = Memo::new(move |_| {
        place_of.with(|all| {
            let own = place.get();
            all.values().filter(|p| (p.y, p.x) < (own.y, own.x)).count()
        })
    });
    let news =
        Memo::new(move |_| difference.with(|d| id.with_value(|id| d.as_ref().and_then(|d| d.tile(id).cloned()))));
    let is = move |fate: TileFate| news.with(|news| news.as_ref().is_some_and(|news| news.fate == fate));
    let state = RwSignal::new(TileState::Loading);
    let title = tile.title.clone();
    let untitled = title.is_empty();
    let name = if title.trim().is_empty() { "Untitled tile".to_owned() } else { title.clone() };
    let badge = move || {
        news.get().map(|news| {
            view! { <span title=news.words.join("; ")><Badge tone=tone(news.fate)>{news.fate.word()}</Badge></span> }
        })
    };
    view! {
        <section
            class="board-tile"
            class:is-added=move || is(TileFate::Added)
            class:is-changed=move || is(TileFate::Changed)
            class:is-moved=move || is(TileFate::Moved)
            class:is-untitled=untitled
            data-testid="moment-tile"
            data-tile-id=id.get_value()
            data-state=move || state.get().as_str()
            role="group"
            aria-label=name
            style=("--x", move || place.get().x.to_string())
            style=("--y", move || place.get().y.to_string())
            style=("--w", move || place.get().w.to_string())
            style=("--h", move || place.get().h.to_string())
            style=("--i", move || rank.get().to_string())
        >
            <header class="board-tile-head">
                <h3 class="board-tile-title">{title}</h3>
                {badge}
            </header>
            <div class="board-tile-body"><Body history seq tile state/></div>
        </section>
    }
    .into_any()
}

/// What a tile shows. It is asked once: nothing of the past moves by itself.
#[component]
fn Body(history: History, seq: u64, tile: Tile, state: RwSignal<TileState>) -> impl IntoView {
    let set = move |next: TileState| _ = state.try_set(next);
    if matches!(tile.kind, TileKind::Text | TileKind::Image | TileKind::Filter) {
        let (tile, ask) = (Signal::stored(tile), Signal::stored(TileAsk::default()));
        return view! { <TileView dashboard_id=history.id.get_value() tile ask on_state=set/> }.into_any();
    }
    if tile.data_source.is_none() {
        state.set(TileState::Empty);
        return view! { <EmptyState compact=true icon="chart-column" title="Nothing chosen yet" text="This tile asked for nothing then."/> }
            .into_any();
    }
    let (dashboard, id) = (history.id.get_value(), tile.id.clone());
    let asked = Answer::of(move || read_moment_tile(dashboard.clone(), seq, id.clone()));
    let tile = StoredValue::new(tile);
    Effect::new(move |_| match asked.get() {
        None => set(TileState::Loading),
        Some(Err(_)) => set(TileState::Error),
        Some(Ok(data)) if data.reading.is_none() && data.table.row_count() == 0 => set(TileState::Empty),
        Some(Ok(_)) => set(TileState::Ready),
    });
    let body = move || {
        match asked.get() {
        None => view! { <Skeleton height="100%"/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState compact=true error=error.0 retry=move |()| asked.refetch()/> }.into_any(),
        Some(Ok(data)) if data.reading.is_none() && data.table.row_count() == 0 => view! {
            <EmptyState compact=true icon="filter" title="No rows match" text="Its question finds nothing in the data of today."/>
        }
        .into_any(),
        Some(Ok(data)) => {
            let spec = tile.with_value(spec_of);
            let title = tile.with_value(|tile| tile.title.clone());
            view! {
                <TileContent
                    data=Signal::stored(data)
                    spec=Signal::stored(spec)
                    title
                    on_ready=|()| ()
                    on_error=move |_| set(TileState::Error)
                />
            }
            .into_any()
        }
    }
    };
    view! { <div class="tile-view">{body}</div> }.into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dashboard::Tab;

    #[test]
    fn a_tile_without_its_tab_lies_on_the_first() {
        let tile = |id: &str, tab: Option<&str>| Tile { id: id.into(), tab: tab.map(str::to_owned), ..Tile::default() };
        let tab = |id: &str| Tab { id: id.into(), title: id.into() };
        let layout = Layout {
            tabs: vec![tab("a"), tab("b")],
            widgets: vec![tile("1", None), tile("2", Some("b")), tile("3", Some("gone"))],
            ..Layout::default()
        };
        let ids = |tab| on_tab(&layout, tab).map(|t| t.id.as_str()).collect::<Vec<_>>();
        assert_eq!(ids(Some("a")), ["1", "3"]);
        assert_eq!(ids(Some("b")), ["2"]);
        let plain = Layout { tabs: Vec::new(), ..layout.clone() };
        assert_eq!(places(&plain, None).len(), 3);
    }
}
