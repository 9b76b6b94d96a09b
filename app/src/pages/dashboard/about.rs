//! Where a tile's data comes from: its age, how it was answered, and the question itself.

use super::connected::{Behind, opened};
use super::stage::use_stage;
use crate::api::connect::tile_provenance;
use crate::components::*;
use crate::pages::deeds::Answer;
use crate::tiles::locale;
use domain::connect::Provenance;
use domain::format::{self, Format};
use leptos::prelude::*;

/// A dialog about the data of one tile.
#[component]
pub(crate) fn AboutDialog() -> impl IntoView {
    let stage = use_stage();
    let Some(Behind::About { tile }) = stage.behind.get_untracked() else { return ().into_any() };
    let open = opened(stage);
    let title = format!("About the data of {}", stage.tile_name(&tile));
    let (dashboard, ask) = (stage.board.id(), stage.ask_now(&tile, &[]));
    let asked = Answer::of(move || tile_provenance(dashboard.clone(), tile.clone(), ask.clone()));
    let body = move || match asked.get() {
        None => view! { <Skeleton lines=6/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| asked.refetch()/> }.into_any(),
        Some(Ok(about)) => facts(about),
    };
    view! { <Dialog open title size=DialogSize::Large><div class="stack" data-testid="provenance">{body}</div></Dialog> }.into_any()
}

fn facts(about: Provenance) -> AnyView {
    let number = |n: f64| format::number(n, &Format::default(), false, &locale());
    let took = if about.elapsed_ms < 1.0 {
        "under 1 ms".to_owned()
    } else {
        format!("{} ms", number(about.elapsed_ms.round()))
    };
    let answer = match (about.answered, about.truncated) {
        (1, false) => "1 row".to_owned(),
        (n, false) => format!("{} rows", number(n as f64)),
        (n, true) => format!("The first {} rows; there are more", number(n as f64)),
    };
    let dataset = match &about.name {
        Some(name) => view! { <a href=format!("/data/{name}")>{about.dataset.clone()}</a> }.into_any(),
        None => about.dataset.clone().into_any(),
    };
    let code = about.query.as_ref().and_then(|q| serde_json::to_string_pretty(q).ok()).unwrap_or_default();
    view! {
        <p class="about-question">{capital(&about.question)}</p>
        <dl class="facts">
            <dt>"Dataset"</dt>
            <dd>{dataset}</dd>
            <dt>"Last changed"</dt>
            <dd><Time iso=about.updated_at/></dd>
            <dt>"Version"</dt>
            <dd class="num">{number(about.version as f64)}</dd>
            <dt>"Rows in the dataset"</dt>
            <dd class="num">{number(about.rows as f64)}</dd>
            <dt>"Answer"</dt>
            <dd class="num">{answer}</dd>
            <dt>"Taken"</dt>
            <dd>{if about.cached { format!("from the cache; the question took {took}") } else { format!("from the data, in {took}") }}</dd>
        </dl>
        <Code label="The question as data" text=code/>
        {about.sql.map(|sql| view! { <Code label="SQL" text=sql/> })}
    }
    .into_any()
}

/// Text of a program, to read or to copy.
#[component]
fn Code(label: &'static str, text: String) -> impl IntoView {
    view! {
        <details class="about-code">
            <summary>{label}</summary>
            <div class="about-code-box">
                <CopyButton text=text.clone()/>
                <pre class="mono" tabindex="0" aria-label=label>{text}</pre>
            </div>
        </details>
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
