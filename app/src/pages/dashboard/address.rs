//! Filters and tab in the address: a link shows what its sender sees, and Back goes back.

use crate::board::Board;
use domain::dashboard::FilterControl;
use domain::query::Filter;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_location, use_navigate};

/// Changes that follow each other sooner are one step of Back.
const ONE_STEP_MS: f64 = 1500.0;

/// What the address says of a dashboard.
#[derive(Clone, Copy)]
pub(super) struct Address {
    pub(super) filters: RwSignal<Vec<Filter>>,
    /// The chosen tab; none where there are no tabs.
    pub(super) tab: Memo<Option<String>>,
    pub(super) choose_tab: Callback<String>,
}

/// What the filters are while the address says nothing of them.
fn defaults(controls: &[FilterControl]) -> Vec<Filter> {
    controls.iter().filter_map(|control| control.default.clone()).collect()
}

/// Filters as the value of `f`. The router decodes it twice, so there is no `%` in it.
fn write(filters: &[Filter]) -> String {
    serde_json::to_string(filters).unwrap_or_default().replace('%', "\\u0025")
}

/// Keeps filters and tab the same as the address.
pub(super) fn use_address(board: Board) -> Address {
    let location = use_location();
    let query = location.query;
    let wanted = Memo::new(move |_| {
        let said = query.with(|query| query.get("f")).and_then(|text| serde_json::from_str::<Vec<Filter>>(&text).ok());
        said.unwrap_or_else(|| board.filters().with(|controls| defaults(controls)))
    });
    let tab = Memo::new(move |_| {
        let asked = query.with(|query| query.get("tab"));
        board.tabs().with(|tabs| {
            let found = tabs.iter().find(|tab| Some(&tab.id) == asked.as_ref());
            found.or(tabs.first()).map(|tab| tab.id.clone())
        })
    });
    let filters = RwSignal::new(wanted.get_untracked());
    let navigate = StoredValue::new(use_navigate());
    let last = StoredValue::new(0.0_f64);
    let go = move |key: &'static str, value: Option<String>, replace: bool| {
        let mut pairs: Vec<(String, String)> = query.with_untracked(|query| {
            let all = query.latest_values().map(|(key, value)| (key.to_string(), value.to_owned()));
            all.filter(|(other, _)| other != key).collect()
        });
        pairs.extend(value.map(|value| (key.to_owned(), value)));
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
                go("tab", (!is_first).then_some(id), false);
            }
        })
    };
    Effect::new(move |before: Option<()>| {
        let wanted = wanted.get();
        if before.is_some() && filters.with_untracked(|present| *present != wanted) {
            filters.set(wanted);
        }
    });
    Effect::new(move |before: Option<()>| {
        let chosen = filters.get();
        if before.is_none() || wanted.with_untracked(|wanted| *wanted == chosen) {
            return;
        }
        let plain = board.filters().with_untracked(|controls| defaults(controls)) == chosen;
        let now = js_sys::Date::now();
        let soon = now - last.get_value() < ONE_STEP_MS;
        last.set_value(now);
        go("f", (!plain).then(|| write(&chosen)), soon);
    });
    Address { filters, tab, choose_tab }
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
    }
}
