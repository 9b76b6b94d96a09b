//! What every page starts with.

use super::icon::Icon;
use leptos::prelude::*;
use leptos_meta::Title;

/// The body of a page: its width, its margins.
#[component]
pub fn Page(
    /// For forms and text: a column that is easy to read.
    #[prop(optional)]
    narrow: bool,
    children: Children,
) -> impl IntoView {
    view! { <div class="page" class:page-narrow=narrow>{children()}</div> }.into_any()
}

/// A step of the way to a page.
#[derive(Clone, Debug, PartialEq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    /// A step.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// The way to the page, its title and its actions. Sets the title of the window too.
#[component]
pub fn PageHeader(
    #[prop(into)] title: Signal<String>,
    /// The pages above this one.
    #[prop(optional)]
    crumbs: Vec<Crumb>,
    /// A sentence under the title.
    #[prop(optional, into)]
    subtitle: MaybeProp<String>,
    /// Takes the place of the title's words, such as a title that can be edited. Keep an `h1` in it.
    #[prop(optional, into)]
    heading: Option<ViewFn>,
    /// No line below.
    #[prop(optional)]
    plain: bool,
    /// The actions at the end.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let crumb = |crumb: Crumb| {
        view! {
            <li>
                <a href=crumb.href>{crumb.label}</a>
                <Icon name="chevron-right"/>
            </li>
        }
    };
    let trail = (!crumbs.is_empty()).then(|| {
        view! {
            <nav class="crumbs" aria-label="Breadcrumb">
                <ol>{crumbs.into_iter().map(crumb).collect_view()}</ol>
            </nav>
        }
    });
    let heading = match heading {
        Some(heading) => heading.run(),
        None => view! { <h1>{move || title.get()}</h1> }.into_any(),
    };
    // The title of the document is written last, when the page may be gone on the server.
    let first = title.get_untracked();
    view! {
        <Title text=move || title.try_get().unwrap_or_else(|| first.clone())/>
        <header class="page-header" class:page-header-plain=plain>
            <div class="page-heading">
                {trail}
                {heading}
                {move || subtitle.get().map(|text| view! { <p class="page-subtitle">{text}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-actions">{children()}</div> })}
        </header>
    }
    .into_any()
}

/// A part of a page with a heading.
#[component]
pub fn Section(
    #[prop(into)] title: String,
    #[prop(optional, into)] text: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <section class="section">
            <div class="section-head">
                <h2>{title}</h2>
                {text.map(|text| view! { <p>{text}</p> })}
            </div>
            {children()}
        </section>
    }
    .into_any()
}

/// A surface with a hairline around it.
#[component]
pub fn Card(
    /// No space inside, for a table that reaches the edge.
    #[prop(optional)]
    flush: bool,
    children: Children,
) -> impl IntoView {
    view! { <div class="card" class:card-flush=flush>{children()}</div> }
}
