//! What differs, as a list in words.

use crate::components::*;
use domain::document::{Difference, TileDifference, TileFate};
use leptos::prelude::*;

/// How news of a tile looks. The word stands beside the colour.
pub(super) fn tone(fate: TileFate) -> Tone {
    match fate {
        TileFate::Added => Tone::Good,
        TileFate::Removed => Tone::Bad,
        TileFate::Changed => Tone::Accent,
        TileFate::Moved => Tone::Neutral,
    }
}

/// "4 changes".
pub(super) fn counted(count: usize) -> String {
    match count {
        0 => "No changes".to_owned(),
        1 => "1 change".to_owned(),
        n => format!("{n} changes"),
    }
}

/// Everything that differs.
#[component]
pub(super) fn DifferenceList(
    difference: Difference,
    /// What is said when nothing differs.
    none: &'static str,
) -> impl IntoView {
    if difference.is_empty() {
        return view! { <p class="muted" data-testid="differences">{none}</p> }.into_any();
    }
    let other = |words: String| view! { <li class="history-difference"><span>{words}</span></li> };
    view! {
        <ul class="history-differences" data-testid="differences">
            {difference.others.into_iter().map(other).collect_view()}
            {difference.tiles.into_iter().map(line).collect_view()}
        </ul>
    }
    .into_any()
}

fn line(tile: TileDifference) -> AnyView {
    let title = if tile.title.trim().is_empty() { "Untitled tile".to_owned() } else { tile.title };
    view! {
        <li class="history-difference">
            <Badge tone=tone(tile.fate)>{tile.fate.word()}</Badge>
            <span>
                <strong>{title}</strong>
                {(!tile.words.is_empty()).then(|| view! { <span class="muted">{format!(": {}", tile.words.join("; "))}</span> })}
            </span>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::counted;

    #[test]
    fn changes_are_counted_in_words() {
        assert_eq!((counted(0), counted(1), counted(4)), ("No changes".into(), "1 change".into(), "4 changes".into()));
    }
}
