//! What a finding stands on: its question, its test, how many were tried, the threshold.

use crate::components::local::Local;
use crate::components::*;
use crate::pages::explore::question::Question;
use crate::session::use_session;
use crate::tiles::locale;
use crate::tiles::logic::sentence::capital;
use domain::chart::{ChartSpec, Encodings};
use domain::format::{self, Format};
use domain::insight::{Effect, EffectUnit, Finding, InsightView, Looked, TestResult};
use domain::{UserRole, query};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;

/// A number as it is read in a list of facts.
pub(super) fn plain(value: f64) -> String {
    let decimals = if value.abs() >= 100.0 || value.fract() == 0.0 { 0 } else { 3 };
    format::number(value, &Format { decimals: Some(decimals), ..Format::default() }, false, &locale())
}

/// A probability: what is smaller than anybody reads is said to be so.
pub(super) fn probability(p: f64) -> String {
    if p < 0.0001 {
        return "below 0.0001".to_owned();
    }
    format::number(p, &Format { decimals: Some(4), ..Format::default() }, false, &locale())
}

fn effect(effect: &Effect) -> String {
    let value = plain(effect.value);
    match effect.unit {
        EffectUnit::Percent => format!("{value} %"),
        EffectUnit::Absolute => value,
        EffectUnit::Coefficient => format!("a coefficient of {value}"),
        EffectUnit::Share => format!("{} % of the whole", plain(effect.value * 100.0)),
        EffectUnit::Rows => format!("{value} rows"),
        EffectUnit::Deviations => format!("{value} robust standard deviations"),
    }
}

/// A question in words.
fn in_words(view: &InsightView) -> String {
    capital(&query::sentence(&view.query, &|name| Some(domain::names::to_label(name))))
}

fn tested(test: &TestResult) -> AnyView {
    let n = plain(test.n as f64);
    view! {
        <dt>"Test"</dt>
        <dd>{test.name.clone()}</dd>
        <dt class="num">{test.statistic_name.clone()}</dt>
        <dd class="num">{plain(test.statistic)}</dd>
        <dt>"p-value"</dt>
        <dd class="num">{probability(test.p)}</dd>
        <dt>"p-value, corrected"</dt>
        <dd class="num" data-testid="p-corrected">{format!("{} for {} that were tried", probability(test.p_corrected), plain(test.tried as f64))}</dd>
        <dt>"Threshold"</dt>
        <dd class="num">{format!("{}: told only below it", test.threshold)}</dd>
        <dt>"Values used"</dt>
        <dd class="num">{n}</dd>
    }
    .into_any()
}

/// What was looked at, in words.
pub(super) fn looked_words(looked: &Looked) -> String {
    let rows = plain(looked.rows as f64);
    let rows = match looked.total_rows > looked.rows {
        true => format!("A sample of {rows} of {} rows was looked at", plain(looked.total_rows as f64)),
        false if looked.rows == 1 => "One row was looked at".to_owned(),
        false => format!("All {rows} rows were looked at"),
    };
    match looked.tests {
        0 => format!("{rows}."),
        1 => format!("{rows}; one thing was tried."),
        n => format!("{rows}; {} things were tried, and p-values are corrected for that.", plain(n as f64)),
    }
}

/// Opens questions in Explore. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct ToExplore(Callback<String>);

impl ToExplore {
    /// For a component that shows questions; nothing for those who do not ask their own.
    pub(super) fn new() -> Option<Self> {
        use_session().has_role(UserRole::Explorer).then(|| {
            let navigate = Local::holding(use_navigate);
            let go = move |address: String| {
                _ = navigate.with(|go| go(&address, NavigateOptions::default()));
            };
            Self(Callback::new(go))
        })
    }

    pub(super) fn open(self, view: &InsightView) {
        let spec = ChartSpec::new(view.chart, Encodings::default(), serde_json::Map::new());
        self.0.run(Question::of(view.query.clone(), spec).address());
    }
}

/// The arithmetic of a finding.
pub(super) fn arithmetic(finding: &Finding, id: String, explore: Option<ToExplore>) -> AnyView {
    let view = finding.view.clone();
    let needs = view.needs.clone().map(|needs| {
        view! {
            <dt>"Needs the column"</dt>
            <dd><code class="mono">{format!("{} = {}", needs.name, needs.expression)}</code></dd>
        }
    });
    let can_open = view.needs.is_none();
    let open = explore.filter(|_| can_open).map(|explore| {
        let view = view.clone();
        view! {
            <Button size=Size::Small icon="compass" on_click=move |()| explore.open(&view)>"Open in Explore"</Button>
        }
    });
    let caveats = finding.caveats.iter().map(|c| view! { <li>{c.sentence()}</li> }).collect_view();
    view! {
        <div class="insight-arithmetic" id=id data-testid="arithmetic">
            <dl class="facts">
                <dt>"Question"</dt>
                <dd>{in_words(&view)}</dd>
                {needs}
                <dt>"Size"</dt>
                <dd class="num">{effect(&finding.effect)}</dd>
                {finding.test.as_ref().map(tested)}
            </dl>
            <ul class="insight-caveats small">{caveats}</ul>
            {open}
        </div>
    }
    .into_any()
}
