//! All that is known of one deed.

use super::{tone, what, who};
use crate::components::*;
use domain::audit::AuditRecord;
use domain::names::to_label;
use leptos::prelude::*;

/// The surface of a deed in words.
fn surface(word: &str) -> &'static str {
    match word {
        "page" => "A browser",
        "token" => "An API token",
        "socket" => "The socket of a page",
        "link" => "A link without a sign-in",
        "cli" => "The command line",
        _ => "The server itself",
    }
}

/// All that is known of one deed.
#[component]
pub(super) fn Detail(record: AuditRecord) -> impl IntoView {
    let (who, what) = (who(&record), what(&record));
    let when = record.at.get(..23).unwrap_or(&record.at).replace('T', " ") + " UTC";
    let fact = |label: &'static str, value: String| {
        (!value.is_empty()).then(|| view! { <dt>{label}</dt><dd class="mono small">{value}</dd> })
    };
    let outcome = record.outcome.clone();
    let sql = record.detail.get("sql").and_then(|sql| sql.as_str()).map(str::to_owned);
    let others = record.detail.iter().filter(|(key, _)| *key != "sql");
    let others: Vec<(String, String)> = others
        .map(|(key, value)| (to_label(key), value.as_str().map_or_else(|| value.to_string(), str::to_owned)))
        .collect();
    view! {
        <div class="stack" data-testid="audit-detail">
            <dl class="facts">
                <dt>"What"</dt>
                <dd>{what}</dd>
                <dt>"Who"</dt>
                <dd>{who}</dd>
                <dt>"When"</dt>
                <dd class="num">{when}</dd>
                <dt>"Outcome"</dt>
                <dd><Badge tone=tone(&outcome)>{to_label(&outcome)}</Badge></dd>
                {fact("Code", record.code)}
                {fact("Thing", record.thing_id)}
                <dt>"Through"</dt>
                <dd>{surface(&record.surface)}</dd>
                {fact("Session or token", record.credential_id)}
                {fact("Address", record.address)}
                {fact("Program", record.agent)}
                {others.into_iter().map(|(key, value)| view! { <dt>{key}</dt><dd class="mono small">{value}</dd> }).collect_view()}
            </dl>
            {sql.map(|sql| view! { <pre class="mono small" tabindex="0" role="region" aria-label="SQL">{sql}</pre> })}
        </div>
    }
    .into_any()
}
