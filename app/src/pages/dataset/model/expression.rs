//! The field that expressions are written in: it offers what can stand at the caret, and marks what is
//! wrong where it is wrong. What is written stays a plain text; what is marked lies behind it.

use super::completion::{
    Kind, Offer, Wanted, byte_of, byte_of_utf16, call_at, complete, offers, pieces, utf16_of_byte, wanted,
};
use crate::components::field::wiring;
use crate::components::keys::{Axis, Step, matching};
use crate::components::{Button, Size, Variant, unique_id};
use domain::Column;
use domain::model::{ExpressionFault, ExpressionFunction};
use leptos::{ev, html, prelude::*};

/// What can be chosen at the caret.
#[derive(Clone, Debug, PartialEq)]
struct List {
    wanted: Wanted,
    offers: Vec<Offer>,
}

#[component]
pub(super) fn ExpressionField(
    #[prop(into)] value: Signal<String>,
    #[prop(into)] on_input: Callback<String>,
    #[prop(into)] columns: Signal<Vec<Column>>,
    #[prop(into)] functions: Signal<Vec<ExpressionFunction>>,
    /// What is wrong with the text as it is now.
    #[prop(into)]
    fault: Signal<Option<ExpressionFault>>,
) -> impl IntoView {
    let field = wiring();
    let (area, panel) = (NodeRef::<html::Textarea>::new(), NodeRef::<html::Div>::new());
    let list = RwSignal::new(None::<List>);
    let active = RwSignal::new(0usize);
    let caret = RwSignal::new(0usize);
    let open = Memo::new(move |_| list.with(Option::is_some));
    let list_id = unique_id();
    let where_is = move || {
        let area = area.get_untracked();
        let units = area.and_then(|a| a.selection_end().ok().flatten()).unwrap_or_default();
        value.with_untracked(|text| byte_of_utf16(text, units as usize))
    };
    // With nothing typed, only who asks gets the whole list.
    let look = move |text: &str, at: usize, asked: bool| {
        caret.set(at);
        let found = wanted(text, at).filter(|w| asked || !w.typed.is_empty()).map(|wanted| {
            let offers =
                columns.with_untracked(|columns| functions.with_untracked(|f| offers(&wanted.typed, columns, f)));
            List { wanted, offers }
        });
        active.set(0);
        list.set(found.filter(|list| !list.offers.is_empty()));
    };
    let write = move |text: String, at: usize| {
        on_input.run(text.clone());
        caret.set(at);
        if let Some(area) = area.get_untracked() {
            area.set_value(&text);
            let units = u32::try_from(utf16_of_byte(&text, at)).unwrap_or_default();
            _ = area.focus();
            _ = area.set_selection_range(units, units);
        }
    };
    let take = move |index: usize| {
        let Some(List { wanted, offers }) = list.get_untracked() else { return };
        list.set(None);
        if let Some(offer) = offers.get(index) {
            let (text, at) = value.with_untracked(|text| complete(text, &wanted, offer));
            write(text, at);
        }
    };
    let input = move |event: ev::Event| {
        let text = event_target_value(&event);
        on_input.run(text.clone());
        let units = area.get_untracked().and_then(|a| a.selection_end().ok().flatten()).unwrap_or_default();
        look(&text, byte_of_utf16(&text, units as usize), false);
    };
    let keys = move |event: ev::KeyboardEvent| {
        let count = list.with_untracked(|l| l.as_ref().map_or(0, |l| l.offers.len()));
        match event.key().as_str() {
            " " if event.ctrl_key() => value.with_untracked(|text| look(text, where_is(), true)),
            "ArrowDown" if count == 0 && event.alt_key() => value.with_untracked(|text| look(text, where_is(), true)),
            "Enter" if count > 0 => take(active.get_untracked()),
            "Escape" if count > 0 => list.set(None),
            key @ ("ArrowDown" | "ArrowUp") if count > 0 => {
                let step = Step::of(key, Axis::Vertical, false);
                if let Some(next) = step.and_then(|s| s.from(Some(active.get_untracked()), count)) {
                    active.set(next);
                    show_option(panel, next);
                }
            }
            _ => return,
        }
        event.prevent_default();
        event.stop_propagation();
    };
    // The caret moved without a change.
    let moved = move || {
        let at = where_is();
        if at != caret.get_untracked() {
            caret.set(at);
            list.set(None);
        }
    };
    Effect::new(move |_| {
        let wanted = open.get();
        if let Some(panel) = panel.get() {
            _ = if wanted { panel.show_popover() } else { panel.hide_popover() };
        }
    });
    let behind = move || {
        value.with(|text| {
            let wrong = fault.with(|f| f.as_ref().map(|f| (byte_of(text, f.start), byte_of(text, f.end))));
            columns.with(|columns| mirror(text, columns, wrong))
        })
    };
    let help = move || {
        let call = value.with(|text| call_at(text, caret.get()));
        call.and_then(|(name, at)| functions.with(|all| all.iter().find(|f| f.name == name).map(|f| signature(f, at))))
    };
    let id = list_id.clone();
    let option = move |at: usize, offer: Offer| {
        let (role, hint, about) = (offer.role(), offer.hint(), offer.about());
        view! {
            <div
                role="option"
                class=format!("option offer role-{role}")
                id=format!("{id}-{at}")
                class:is-active=move || active.get() == at
                aria-selected=move || if active.get() == at { "true" } else { "false" }
                on:pointermove=move |_| active.set(at)
                on:mousedown=move |event| {
                    event.prevent_default();
                    take(at);
                }
            >
                <span class="role-dot" aria-hidden="true"></span>
                <span class="offer-name">{offer.name().to_owned()}<span class="offer-hint">{hint}</span></span>
                <span class="offer-about">{about}</span>
                <span class="visually-hidden">{format!(", {}", offer.kind())}</span>
            </div>
        }
        .into_any()
    };
    let shown = move || {
        let Some(List { offers, .. }) = list.get() else { return ().into_any() };
        let option = option.clone();
        offers.into_iter().enumerate().map(|(at, offer)| option(at, offer)).collect_view().into_any()
    };
    let example = move || {
        let active = active.get();
        list.with(|l| l.as_ref()?.offers.get(active)?.example().map(str::to_owned))
    };
    let count = move || {
        list.with(|l| l.as_ref().map(|l| l.offers.len())).map(|n| match n {
            1 => "1 suggestion".to_owned(),
            n => format!("{n} suggestions"),
        })
    };
    let active_id = list_id.clone();
    view! {
        <div class="expression pop">
            <div class="expression-box pop-button">
                <pre class="expression-mirror" aria-hidden="true">{behind}</pre>
                <textarea
                    node_ref=area
                    class="input expression-input"
                    id=field.id
                    rows="2"
                    maxlength="4000"
                    spellcheck="false"
                    autocomplete="off"
                    autocapitalize="off"
                    placeholder="Such as distance / air_time * 60"
                    data-testid="expression"
                    prop:value=move || value.get()
                    required=field.required
                    aria-describedby=field.describedby
                    aria-invalid=move || fault.with(Option::is_some).then_some("true")
                    aria-autocomplete="list"
                    aria-haspopup="listbox"
                    aria-controls=list_id.clone()
                    aria-activedescendant=move || open.get().then(|| format!("{active_id}-{}", active.get()))
                    on:input=input
                    on:keydown=keys
                    on:keyup=move |_| moved()
                    on:click=move |_| moved()
                    on:blur=move |_| list.set(None)
                ></textarea>
            </div>
            <div node_ref=panel class="pop-panel offers" popover="manual" data-testid="offers">
                <div class="option-list" id=list_id role="listbox" aria-label="Suggestions">{shown}</div>
                {move || example().map(|text| view! { <p class="offer-example">"Example: "<code>{text}</code></p> })}
            </div>
            <div class="expression-foot">
                <p class="expression-help" aria-live="polite">{help}</p>
                <span class="visually-hidden" role="status">{count}</span>
                <Button
                    size=Size::Small
                    variant=Variant::Ghost
                    icon="list"
                    title="Everything that can be written here (Ctrl+Space)"
                    on_click=move |()| {
                        // The field has the caret again, then shows what fits there.
                        let at = where_is();
                        let text = value.get_untracked();
                        write(text.clone(), at);
                        look(&text, at, true);
                    }
                >
                    "Columns and functions"
                </Button>
            </div>
        </div>
    }
    .into_any()
}

/// The text in pieces, each with what it is; `wrong` are the bytes that are marked.
fn mirror(text: &str, columns: &[Column], wrong: Option<(usize, usize)>) -> AnyView {
    let class = |kind: Kind, own: &str| match kind {
        Kind::Word | Kind::Name => {
            let name = own.trim_matches(['"', '[', ']']);
            match columns.iter().find(|c| c.name == name) {
                Some(column) if column.is_calculated => "piece role-calc",
                Some(column) if column.role == domain::Role::Measure => "piece role-measure",
                Some(_) => "piece role-dimension",
                None => "",
            }
        }
        _ => "",
    };
    let mut parts = Vec::new();
    for piece in pieces(text) {
        // A fault may begin or end within a piece.
        let (from, to) = wrong.map_or((piece.end, piece.end), |(from, to)| {
            (from.clamp(piece.start, piece.end), to.max(from).clamp(piece.start, piece.end))
        });
        let class = class(piece.kind, &text[piece.start..piece.end]);
        let cuts = [(piece.start, from, false), (from, to, true), (to, piece.end, false)];
        for (start, end, is_wrong) in cuts.into_iter().filter(|(start, end, _)| start < end) {
            let own = text[start..end].to_owned();
            parts.push(if is_wrong {
                view! { <mark class="wrong">{own}</mark> }.into_any()
            } else {
                view! { <span class=class>{own}</span> }.into_any()
            });
        }
    }
    // What is missing at the end has no characters to mark.
    let at_end = wrong.is_some_and(|(from, _)| from >= text.len());
    let rest = at_end.then(|| view! { <mark class="wrong">" "</mark> });
    // A line that ends the text has a height only with something in it.
    view! { {parts} {rest} "\u{200b}" }.into_any()
}

/// How a function is called, the argument being written set off.
fn signature(function: &ExpressionFunction, at: usize) -> AnyView {
    let inner = function.signature.split_once('(').map_or("", |(_, rest)| rest.trim_end_matches(')'));
    let arguments: Vec<&str> = inner.split(", ").filter(|a| !a.is_empty()).collect();
    let last = arguments.len().saturating_sub(1);
    let repeats = arguments.last().is_some_and(|a| *a == "...");
    let now = if repeats { at.min(last) } else { at };
    let shown = arguments.iter().enumerate().map(|(i, argument)| {
        let comma = (i > 0).then_some(", ");
        let argument = (*argument).to_owned();
        if i == now {
            view! { {comma}<strong>{argument}</strong> }.into_any()
        } else {
            view! { {comma}{argument} }.into_any()
        }
    });
    let (name, doc) = (function.name.clone(), function.doc.clone());
    view! { <code>{name}"("{shown.collect_view()}")"</code>" "{doc} }.into_any()
}

/// Brings an option into sight.
fn show_option(panel: NodeRef<html::Div>, at: usize) {
    let option = panel.get_untracked().and_then(|panel| matching(&panel, "[role=option]").into_iter().nth(at));
    if let Some(option) = option {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        option.scroll_into_view_with_scroll_into_view_options(&options);
    }
}
