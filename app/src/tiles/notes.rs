//! The small print of a tile: what was cut or left out, and, on demand, where the rows come from.

use super::locale;
use crate::components::{Align, Popover, Time};
use domain::api::TileData;
use domain::format::{self, Format};
use leptos::prelude::*;

/// The notes that every answer has, whatever draws it.
fn common(data: &TileData, is_sheet: bool, locale: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if is_sheet && data.table.truncated {
        let rows = format::number(data.table.row_count() as f64, &Format::default(), false, locale);
        notes.push(format!("The first {rows} rows; there are more. Sorting looks at these."));
    }
    let ignored: Vec<String> = data.ignored_filters.iter().map(|name| domain::names::to_label(name)).collect();
    match ignored.as_slice() {
        [] => {}
        many if data.reading.is_some() => {
            notes.push(format!("Not filtered by {}: a metric is always the whole.", many.join(", ")));
        }
        [one] => notes.push(format!("Not filtered by {one}: its dataset has no such column.")),
        many => notes.push(format!("Not filtered by {}: its dataset has no such columns.", many.join(", "))),
    }
    notes
}

/// "336,776 rows", "12 ms", "from the cache".
fn origin(data: &TileData, locale: &str) -> Vec<(&'static str, String)> {
    let number = |v: f64| format::number(v, &Format::default(), false, locale);
    let rows = data.table.row_count();
    let answer = if rows == 1 { "1 row".to_owned() } else { format!("{} rows", number(rows as f64)) };
    let took =
        if data.elapsed_ms < 1.0 { "under 1 ms".to_owned() } else { format!("{} ms", number(data.elapsed_ms.round())) };
    let mut all = vec![
        ("Answer", answer),
        ("Taken", if data.cached { "from the cache".to_owned() } else { format!("from the data, in {took}") }),
    ];
    if let Some(query) = &data.query {
        all.insert(0, ("Dataset", query.dataset.clone()));
    }
    if data.version > 0 {
        all.insert(1, ("Version", number(data.version as f64)));
    }
    all
}

/// The footer of a tile.
#[component]
pub(super) fn Notes(
    data: Signal<TileData>,
    /// Notes of the chart itself.
    notes: RwSignal<Vec<String>>,
    is_sheet: Signal<bool>,
) -> impl IntoView {
    let lines = Memo::new(move |_| {
        let mut all = notes.get();
        all.extend(data.with(|d| common(d, is_sheet.get(), &locale())));
        all
    });
    let details = move || {
        let reading = data.with(|d| d.reading.as_ref().map(|r| (r.name.clone(), r.reading.clone())));
        match reading {
            Some((name, reading)) => view! {
                <dt>"Metric"</dt>
                <dd>{name}</dd>
                {reading.calculated_at.map(|at| view! { <dt>"Read"</dt><dd><Time iso=at/></dd> })}
                {reading.error.map(|why| view! { <dt>"Last attempt"</dt><dd>{why}</dd> })}
                {reading.failing_since.map(|at| view! { <dt>"Failing since"</dt><dd><Time iso=at/></dd> })}
            }
            .into_any(),
            None => data
                .with(|d| origin(d, &locale()))
                .into_iter()
                .map(|(name, value)| view! { <dt>{name}</dt><dd class="num">{value}</dd> })
                .collect_view()
                .into_any(),
        }
    };
    view! {
        <div class="tile-notes" class:is-quiet=move || lines.with(Vec::is_empty)>
            <ul class="tile-notes-list">
                {move || lines.get().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
            </ul>
            <div class="tile-origin">
                <Popover label="Where this comes from" icon="info" align=Align::End button_class="btn btn-ghost btn-sm" panel_class="tile-origin-panel">
                    <dl class="tile-origin-list">{details}</dl>
                </Popover>
            </div>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tiles::nothing;

    #[test]
    fn what_is_cut_or_ignored_is_said() {
        let mut data = nothing();
        assert!(common(&data, true, "en-US").is_empty());
        data.table.truncated = true;
        data.ignored_filters = vec!["region".into()];
        let notes = common(&data, true, "en-US");
        assert_eq!(notes.len(), 2);
        assert!(notes[1].contains("Region"));
        assert_eq!(common(&data, false, "en-US").len(), 1);
    }

    #[test]
    fn the_origin_is_told_in_words() {
        let data = TileData { cached: true, version: 3, ..nothing() };
        assert_eq!(
            origin(&data, "en-US"),
            [("Answer", "0 rows".to_owned()), ("Version", "3".into()), ("Taken", "from the cache".into())]
        );
    }
}
