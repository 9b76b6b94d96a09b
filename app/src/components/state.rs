//! What a place shows when it has nothing to show: empty, loading, failed.

use super::button::{Button, LinkButton, Size};
use super::icon::Icon;
use domain::{Error, ErrorCode};
use leptos::prelude::*;

/// What a colour says; a word or an icon always says it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    Good,
    Warn,
    Bad,
}

impl Tone {
    /// The CSS class.
    pub fn class(self) -> &'static str {
        match self {
            Self::Neutral => "tone-neutral",
            Self::Accent => "tone-accent",
            Self::Good => "tone-good",
            Self::Warn => "tone-warn",
            Self::Bad => "tone-bad",
        }
    }
}

/// Nothing here, why, and what to do next. The child is the action.
#[component]
pub fn EmptyState(
    icon: &'static str,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] text: Signal<String>,
    /// Inside a tile or a panel.
    #[prop(optional)]
    compact: bool,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="state" class:state-compact=compact>
            <div class="state-icon"><Icon name=icon/></div>
            <p class="state-title">{move || title.get()}</p>
            <p class="state-text">{move || text.get()}</p>
            {children.map(|children| view! { <div class="state-action">{children()}</div> })}
        </div>
    }
    .into_any()
}

/// What failed, what to do, and a button to try again.
#[component]
pub fn ErrorState(
    #[prop(into)] error: Error,
    #[prop(optional, into)] retry: Option<Callback<()>>,
    #[prop(optional)] compact: bool,
) -> impl IntoView {
    let signed_out = error.code == ErrorCode::SignInRequired;
    let again = retry.filter(|_| !signed_out).map(|retry| {
        view! { <Button size=Size::Small icon="refresh-cw" on_click=retry>"Try again"</Button> }
    });
    let sign_in = signed_out.then(|| {
        view! { <LinkButton href="/login" external=true>"Sign in"</LinkButton> }
    });
    view! {
        <div class="state state-error" class:state-compact=compact role="alert">
            <div class="state-icon"><Icon name="circle-alert"/></div>
            <p class="state-title">{error.message}</p>
            {error.hint.map(|hint| view! { <p class="state-text">{hint}</p> })}
            <div class="state-action">{again}{sign_in}</div>
        </div>
    }
    .into_any()
}

/// A quiet placeholder in the size of what will come: lines of text, or a block of a height.
#[component]
pub fn Skeleton(
    /// Lines of text.
    #[prop(default = 1)]
    lines: usize,
    /// A block of this height instead, such as `12rem`.
    #[prop(optional)]
    height: Option<&'static str>,
) -> impl IntoView {
    match height {
        Some(height) => {
            view! { <div class="skeleton" aria-hidden="true" style=format!("height:{height}")></div> }.into_any()
        }
        None => {
            let line = |_| view! { <div class="skeleton skeleton-line"></div> };
            view! { <div class="skeleton-lines" aria-hidden="true">{(0..lines).map(line).collect_view()}</div> }
                .into_any()
        }
    }
}

/// How far a task is: from 0 to 1, or just that it runs.
#[component]
pub fn ProgressBar(
    /// `None`: not known.
    #[prop(into)]
    value: Signal<Option<f64>>,
    #[prop(into)] label: Signal<String>,
) -> impl IntoView {
    view! {
        <progress
            class="progress"
            max="1"
            value=move || value.get().map(|v| v.clamp(0.0, 1.0).to_string())
            aria-label=move || label.get()
        ></progress>
    }
}

/// A turning ring, for a wait inside a line.
#[component]
pub fn Spinner(#[prop(default = "Loading")] label: &'static str) -> impl IntoView {
    view! { <span class="spinner" role="img" aria-label=label></span> }
}

/// A message in the page: a warning before a form, a note over a table.
#[component]
pub fn Notice(#[prop(optional)] tone: Tone, children: Children) -> impl IntoView {
    let icon = match tone {
        Tone::Good => "check",
        Tone::Warn => "triangle-alert",
        Tone::Bad => "circle-alert",
        Tone::Neutral | Tone::Accent => "info",
    };
    view! {
        <div class=format!("notice {}", tone.class()) role=(tone == Tone::Bad).then_some("alert")>
            <Icon name=icon/>
            <div class="notice-text">{children()}</div>
        </div>
    }
    .into_any()
}
