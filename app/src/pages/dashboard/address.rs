//! What a page shows beside its document is in its address: filters, what is chosen in the tiles,
//! the steps into their detail, the tab. A link shows what its sender sees, and Back goes back.

use crate::board::Board;
use crate::tiles::logic::marks::Pick;
use domain::connect::DrillStep;
use domain::dashboard::FilterControl;
use domain::query::Filter;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};
use serde::Serialize;
use std::collections::BTreeMap;

/// Changes of the filters that follow each other sooner are one step of Back.
const ONE_STEP_MS: f64 = 1500.0;

/// The steps into the detail of tiles, by tile.
pub(super) type Drills = BTreeMap<String, Vec<DrillStep>>;

/// What the address says of a dashboard.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub(super) filters: RwSignal<Vec<Filter>>,
    pub(super) picks: RwSignal<Vec<Pick>>,
    pub(super) drills: RwSignal<Drills>,
    /// A stretch is being dragged: the address waits for its end.
    pub(super) dragging: RwSignal<bool>,
    /// The chosen tab; none where there are no tabs.
    pub(super) tab: Memo<Option<String>>,
    pub(super) choose_tab: Callback<String>,
}

/// What of it is written together.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    filters: Vec<Filter>,
    picks: Vec<Pick>,
    drills: Drills,
}

/// What the filters are while the address says nothing of them.
fn defaults(controls: &[FilterControl]) -> Vec<Filter> {
    controls.iter().filter_map(|control| control.default.clone()).collect()
}

/// A part of the state as the value of a key. The router decodes it twice, so there is no `%` in it.
fn write(part: &impl Serialize) -> String {
    serde_json::to_string(part).unwrap_or_default().replace('%', "\\u0025")
}

/// Keeps what the page shows the same as the address.
pub(super) fn use_address(board: Board) -> Address {
    let location = use_location();
    let query = location.query;
    let said = move |key: &str| query.with(|query| query.get(key));
    let wanted = Memo::new(move |_| {
        let filters = said("f").and_then(|text| serde_json::from_str(&text).ok());
        State {
            filters: filters.unwrap_or_else(|| board.filters().with(|controls| defaults(controls))),
            picks: said("x").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            drills: said("d").and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
        }
    });
    let tab = Memo::new(move |_| {
        let asked = said("tab");
        board.tabs().with(|tabs| {
            let found = tabs.iter().find(|tab| Some(&tab.id) == asked.as_ref());
            found.or(tabs.first()).map(|tab| tab.id.clone())
        })
    });
    let now = wanted.get_untracked();
    let (filters, picks, drills) = (RwSignal::new(now.filters), RwSignal::new(now.picks), RwSignal::new(now.drills));
    let dragging = RwSignal::new(false);
    let navigate = StoredValue::new(use_navigate());
    let last = StoredValue::new(0.0_f64);
    let go = move |changes: &[(&'static str, Option<String>)], replace: bool| {
        let mut pairs: Vec<(String, String)> = query.with_untracked(|query| {
            let all = query.latest_values().map(|(key, value)| (key.to_string(), value.to_owned()));
            all.filter(|(other, _)| changes.iter().all(|(key, _)| other != key)).collect()
        });
        let said = changes.iter().filter_map(|(key, value)| Some(((*key).to_owned(), value.clone()?)));
        pairs.extend(said);
        let encode = |text: &str| String::from(js_sys::encode_uri_component(text));
        let query: Vec<String> = pairs.iter().map(|(k, v)| format!("{}={}", encode(k), encode(v))).collect();
        let mark = if query.is_empty() { "" } else { "?" };
        let address = format!("{}{mark}{}", location.pathname.get_untracked(), query.join("&"));
        let options = NavigateOptions { replace, scroll: false, ..NavigateOptions::default() };
        navigate.with_value(|go| go(&address, options));
    };
    let choose_tab = {
        Callback::new(move |id: String| {
            let is_first = board.tabs().with_untracked(|tabs| tabs.first().is_some_and(|first| first.id == id));
            if tab.get_untracked().as_ref() != Some(&id) {
                go(&[("tab", (!is_first).then_some(id))], false);
            }
        })
    };
    Effect::new(move |before: Option<()>| {
        let wanted = wanted.get();
        if before.is_none() {
            return;
        }
        if filters.with_untracked(|present| *present != wanted.filters) {
            filters.set(wanted.filters);
        }
        if picks.with_untracked(|present| *present != wanted.picks) {
            picks.set(wanted.picks);
        }
        if drills.with_untracked(|present| *present != wanted.drills) {
            drills.set(wanted.drills);
        }
    });
    Effect::new(move |before: Option<()>| {
        let chosen = State { filters: filters.get(), picks: picks.get(), drills: drills.get() };
        let was = wanted.get_untracked();
        if dragging.get() || before.is_none() || was == chosen {
            return;
        }
        let plain = board.filters().with_untracked(|controls| defaults(controls)) == chosen.filters;
        let now = js_sys::Date::now();
        let only_filters = was.picks == chosen.picks && was.drills == chosen.drills;
        let soon = only_filters && now - last.get_value() < ONE_STEP_MS;
        last.set_value(if only_filters { now } else { 0.0 });
        let changes = [
            ("f", (!plain).then(|| write(&chosen.filters))),
            ("x", (!chosen.picks.is_empty()).then(|| write(&chosen.picks))),
            ("d", (!chosen.drills.is_empty()).then(|| write(&chosen.drills))),
        ];
        go(&changes, soon);
    });
    Address { filters, picks, drills, dragging, tab, choose_tab }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::query::Op;

    #[test]
    fn filters_survive_the_address() {
        let filters = vec![Filter::is("region", Op::Eq, "100 % + “ü”")];
        let text = write(&filters);
        assert!(!text.contains('%'));
        assert_eq!(serde_json::from_str::<Vec<Filter>>(&text).unwrap(), filters);
        let picks = vec![Pick { tile: "t".into(), marks: vec![filters] }];
        assert_eq!(serde_json::from_str::<Vec<Pick>>(&write(&picks)).unwrap(), picks);
    }
}
