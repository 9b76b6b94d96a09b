//! Making and changing an alert, with the past under the rule as it is being written.

use super::condition::{ConditionFields, moved};
use super::people::RecipientFields;
use super::plot::Past;
use super::subject::{EachField, SubjectFields, is_whole};
use super::timing::{Change, CheckFields, SpeakFields};
use crate::api::alerts::{alert_people, backtest_alert, create_alert, update_alert};
use crate::components::local::Local;
use crate::components::*;
use crate::pages::deeds::{Deed, FormError};
use domain::Access;
use domain::alert::{Alert, AlertDef, Backtest, Condition, NewAlert, Subject};
use domain::notify::Recipient;
use leptos::task::spawn_local;
use leptos::{ev, prelude::*};
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};

/// How long the writing has to pause before the past is asked for.
const PAUSE_MS: u64 = 250;

/// A new alert; the address may name what it is about.
#[component]
pub fn NewAlertPage() -> impl IntoView {
    let (given, condition) = use_query_map().with_untracked(|query| {
        let get = |name: &str| query.get(name).unwrap_or_default();
        let above = Condition::Above { value: 0.0 };
        match (get("forecast"), get("dashboard")) {
            (id, _) if !id.is_empty() => (Subject::Forecast { id }, Condition::OutsideForecast { level: 95 }),
            (_, board) if board.is_empty() => (Subject::Metric { id: get("metric") }, above),
            (_, dashboard) => (Subject::Tile { dashboard, tile: get("tile"), query: None }, above),
        }
    });
    let new = NewAlert {
        name: String::new(),
        description: String::new(),
        def: AlertDef::new(given, condition),
        is_public: false,
        is_paused: false,
    };
    view! {
        <Page attr:data-testid="new-alert">
            <PageHeader title="New alert" crumbs=vec![Crumb::new("Alerts", "/alerts")]/>
            <AlertForm new/>
        </Page>
    }
    .into_any()
}

/// What an alert is, to be changed.
pub(super) fn editable(alert: &Alert) -> NewAlert {
    NewAlert {
        name: alert.name.clone(),
        description: alert.description.clone(),
        def: alert.def.clone(),
        is_public: alert.is_public,
        is_paused: alert.is_paused,
    }
}

/// The form: for a new alert, or for that of an id.
#[component]
pub(super) fn AlertForm(
    new: NewAlert,
    /// The alert that is changed, and what the caller may do with it.
    #[prop(optional)]
    of: Option<(String, Access)>,
) -> impl IntoView {
    let draft = RwSignal::new(new);
    let deed = Deed::new();
    let toasts = use_toasts();
    let is_new = of.is_none();
    let is_owner = of.as_ref().is_none_or(|(_, access)| *access == Access::Owner);
    let of = StoredValue::new(of.map(|(id, _)| id));
    let navigate = Local::holding(use_navigate);
    if is_new {
        // Who makes an alert wants to hear of it.
        Effect::new(move |_| {
            spawn_local(async move {
                let me = alert_people().await.ok().and_then(|people| Recipient::parse(&people.me));
                _ = draft.try_update(|d| {
                    if let Some(me) = me.filter(|_| d.def.recipients.is_empty()) {
                        d.def.recipients.push(me);
                    }
                });
            });
        });
    }
    let def = Memo::new(move |_| draft.with(|d| d.def.clone()));
    let change = Callback::new(move |change: Change| draft.update(|d| change(&mut d.def)));
    let subject = Signal::derive(move || def.with(|d| d.subject.clone()));
    let condition = Signal::derive(move || def.with(|d| d.condition.clone()));
    let test = past_of(def);
    let begun = RwSignal::new(!is_new);
    begin(draft, test, begun);
    let format = Signal::derive(move || def.with(|d| d.format.clone()));
    let lines = Memo::new(move |_| condition.with(Condition::thresholds));
    let drag = Callback::new(move |(at, to): (usize, f64)| {
        change.run(Box::new(move |d| d.condition = moved(&d.condition, at, to)))
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let mut new = draft.get_untracked();
        new.name = new.name.trim().to_owned();
        let id = of.get_value();
        let work = async move {
            match id {
                Some(id) => {
                    let mut patch = domain::alert::AlertPatch::from(new);
                    patch.is_public = patch.is_public.filter(|_| is_owner);
                    patch.name = patch.name.filter(|name| !name.is_empty());
                    update_alert(id, patch).await
                }
                None => create_alert(new).await,
            }
        };
        deed.submit(work, move |alert: Alert| {
            toasts.good(if is_new { "Alert made" } else { "Alert saved" });
            _ = navigate.with(|go| go(&format!("/alerts/{}", alert.id), NavigateOptions::default()));
        });
    };
    let name = Signal::derive(move || draft.with(|d| d.name.clone()));
    let message = Signal::derive(move || def.with(|d| d.message.clone().unwrap_or_default()));
    let back = move || of.get_value().map_or_else(|| "/alerts".to_owned(), |id| format!("/alerts/{id}"));
    view! {
        <form class="alert-form" data-testid="alert-form" on:submit=submit>
            <div class="form">
                <FormError error=deed.error/>
                <Field label="Name" optional=true hint="Left empty, it says what it waits for.">
                    <TextInput value=name on_input=move |v| draft.update(|d| d.name = v) max_length=100/>
                </Field>
                <Section title="What">
                    <SubjectFields subject on_change=move |s| change.run(Box::new(move |d| {
                        d.subject = s;
                        d.for_each = None;
                    }))/>
                    <ConditionFields condition on_change=move |c| {
                        begun.set(true);
                        change.run(Box::new(move |d| d.condition = c));
                    }/>
                    <EachField
                        subject
                        value=Signal::derive(move || def.with(|d| d.for_each.clone()))
                        on_change=move |v| change.run(Box::new(move |d| d.for_each = v))
                    />
                </Section>
                <Section title="When"><CheckFields def change/></Section>
                <Section title="Whom">
                    <RecipientFields
                        recipients=Signal::derive(move || def.with(|d| d.recipients.clone()))
                        on_change=move |r| change.run(Box::new(move |d| d.recipients = r))
                    />
                    <SpeakFields def change/>
                    <Field label="Message" optional=true hint="With fields such as {alert}, {value}, {threshold}, {time}. Left empty, a sentence of ours.">
                        <TextArea value=message on_input=move |v: String| change.run(Box::new(move |d| d.message = (!v.trim().is_empty()).then_some(v))) rows=3 max_length=2_000/>
                    </Field>
                    {is_owner.then(|| view! {
                        <Switch
                            checked=Signal::derive(move || draft.with(|d| d.is_public))
                            on_change=move |v| draft.update(|d| d.is_public = v)
                            label="Everybody may see it"
                            hint="Everybody who signs in here; otherwise only you and administrators."
                        />
                    })}
                </Section>
                <div class="form-end">
                    <LinkButton href=Signal::derive(back)>"Cancel"</LinkButton>
                    <Button kind="submit" variant=Variant::Primary busy=deed.busy>{if is_new { "Make alert" } else { "Save alert" }}</Button>
                </div>
            </div>
            <aside class="alert-side">
                <Card>
                    <h2>"What would have happened"</h2>
                    <Show
                        when=move || subject.with(is_whole)
                        fallback=|| view! { <p class="muted">"Choose what to watch, and see here when this alert would have fired."</p> }
                    >
                        <Past test format lines on_move=drag/>
                    </Show>
                </Card>
            </aside>
        </form>
    }
    .into_any()
}

/// What the rule would have done, asked anew whenever it has changed and the writing pauses.
fn past_of(def: Memo<AlertDef>) -> Signal<Option<crate::api::Result<Backtest>>> {
    let (test, work) = (RwSignal::new(None), OneAtATime::new());
    let ask = debounced(
        PAUSE_MS,
        Callback::new(move |def: AlertDef| {
            let new =
                NewAlert { name: String::new(), description: String::new(), def, is_public: false, is_paused: false };
            work.start(async move {
                let found = backtest_alert(new).await;
                _ = test.try_set(Some(found));
            });
        }),
    );
    // Whom it tells and what it says changes nothing about when it fires.
    let rule = Memo::new(move |_| {
        def.with(|d| AlertDef { recipients: Vec::new(), message: None, label: String::new(), ..d.clone() })
    });
    Effect::new(move |_| {
        let rule = rule.get();
        if is_whole(&rule.subject) {
            ask.run(rule);
        } else {
            test.set(None);
        }
    });
    test.into()
}

/// A new rule begins at a threshold that its own past suggests, so that there is something to drag.
fn begin(draft: RwSignal<NewAlert>, test: Signal<Option<crate::api::Result<Backtest>>>, begun: RwSignal<bool>) {
    Effect::new(move |_| {
        let Some(Ok(found)) = test.get() else { return };
        if begun.get_untracked() {
            return;
        }
        let values = found.series.iter().flat_map(|s| &s.points).filter_map(|p| p.value).filter(|v| v.is_finite());
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        // Nine tenths of the past lie below.
        if let Some(value) = values.get(values.len() * 9 / 10).or(values.last()) {
            begun.set(true);
            let digits = 10_f64.powf(value.abs().max(1e-9).log10().floor() - 2.0);
            let value = if digits < 1.0 {
                (value / digits).round() / (1.0 / digits).round()
            } else {
                (value / digits).round() * digits
            };
            draft.update(|d| d.def.condition = Condition::Above { value });
        }
    });
}
