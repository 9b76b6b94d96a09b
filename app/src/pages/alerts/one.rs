//! One alert: how it stands, what was, what can be done.

use super::editor::{AlertForm, editable};
use super::plot::Past;
use super::states::{Rest, StatusBadge, event_tone, moment};
use crate::api::alerts::{
    acknowledge_alert, backtest_alert, check_alert, delete_alert, get_alert, pause_alert, snooze_alert, test_alert,
};
use crate::api::sharing::Thing;
use crate::components::local::Local;
use crate::components::*;
use crate::live::use_topic;
use crate::pages::deeds::{Answer, Deed, in_place};
use crate::pages::sharing::{ShareDialog, Shared};
use domain::Access;
use domain::alert::{Alert, AlertEvent, AlertInstance, AlertTest, Status, Subject};
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{query_signal_with_options, use_navigate, use_params_map};

/// How long one can be left alone, in hours.
const SNOOZES: [(f64, &str); 4] =
    [(1.0, "For an hour"), (8.0, "For 8 hours"), (24.0, "For a day"), (168.0, "For a week")];

/// One alert; with `?edit=1` it can be changed.
#[component]
pub fn AlertPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id").unwrap_or_default()));
    let (edit, _) = query_signal_with_options::<String>("edit", in_place());
    let alert = Resource::new_blocking(move || id.get(), get_alert);
    let reload = Callback::new(move |()| alert.refetch());
    // Here and not in the view, which is made anew with what it shows, and would hear the present state again.
    // Who is changing it is left alone: the form would be made anew, and what was written lost.
    let is_editing = move || edit.try_with_untracked(Option::is_some).unwrap_or_default();
    use_topic(format!("alert:{}", id.get_untracked()), move |_| {
        if !is_editing() {
            _ = reload.try_run(());
        }
    });
    Effect::new(move |before: Option<bool>| {
        let editing = edit.with(Option::is_some);
        if before == Some(true) && !editing {
            reload.run(());
        }
        editing
    });
    let body = move || {
        let editing = edit.with(Option::is_some);
        alert.get().map(|result| match result {
            Ok((alert, _)) if editing && alert.access >= Access::Edit => changing(alert),
            Ok((alert, events)) => view! { <AlertView alert events reload/> }.into_any(),
            Err(error) => view! {
                <PageHeader title="Alert" crumbs=crumbs()/>
                <ErrorState error=error.0 retry=reload/>
            }
            .into_any(),
        })
    };
    view! {
        <Page attr:data-testid="alert">
            <Transition fallback=|| view! { <Skeleton height="16rem"/> }>{body}</Transition>
        </Page>
    }
    .into_any()
}

fn crumbs() -> Vec<Crumb> {
    vec![Crumb::new("Alerts", "/alerts")]
}

fn changing(alert: Alert) -> AnyView {
    let mut crumbs = crumbs();
    crumbs.push(Crumb::new(alert.name.clone(), format!("/alerts/{}", alert.id)));
    let new = editable(&alert);
    view! {
        <PageHeader title="Edit alert" crumbs/>
        <AlertForm new of=(alert.id, alert.access)/>
    }
    .into_any()
}

#[component]
fn AlertView(alert: Alert, events: Vec<AlertEvent>, reload: Callback<()>) -> impl IntoView {
    let lines = alert.def.condition.thresholds();
    let format = alert.def.format.clone();
    let new = editable(&alert);
    let test = Answer::of(move || backtest_alert(new.clone()));
    let about = (!alert.description.is_empty()).then(|| alert.description.clone());
    let heading = alert.clone();
    let (status, watches) = (alert.status, watched(&alert));
    let checked = alert.checked_at.as_deref().map(|at| format!(" Checked {}.", moment(at)));
    let next = alert.next_check_at.as_deref().map(|at| format!(" Next check {}.", moment(at)));
    let times = format!("Since {}.{}{}", moment(&alert.since), checked.unwrap_or_default(), next.unwrap_or_default());
    let of_deeds = alert.clone();
    view! {
        <PageHeader title=alert.name.clone() crumbs=crumbs() subtitle=about>
            <Deeds alert=of_deeds.clone() reload/>
        </PageHeader>
        {alert.error.clone().map(|error| view! { <Notice tone=Tone::Warn>{error}</Notice> })}
        <Card>
            <div class="alert-now" data-testid="alert-now" data-status=status.as_str()>
                <div class="row-wrap"><StatusBadge status/> <Rest alert=heading/></div>
                <p class="alert-value">{alert.formatted_value.clone()}</p>
                <p>{watches}</p>
                <p class="muted small">{times}</p>
            </div>
        </Card>
        {(alert.instances.len() > 1).then(|| instances(alert.instances.clone()))}
        <Section title="What would have happened">
            <Card>
                <Past test=Signal::derive(move || test.get()) format=Signal::stored(format) lines=Signal::stored(lines)/>
            </Card>
        </Section>
        <History events/>
    }
    .into_any()
}

/// What is watched, as a sentence with a way there.
fn watched(alert: &Alert) -> AnyView {
    let sentence = alert.sentence.clone();
    let href = match &alert.def.subject {
        Subject::Metric { id } => Some(format!("/metrics/{id}")),
        Subject::Tile { dashboard, tile, .. } => Some(format!("/dashboards/{dashboard}#{tile}")),
        Subject::Forecast { id } => Some(format!("/forecasts/{id}")),
        Subject::Query { .. } => None,
    };
    match href {
        Some(href) => view! { {sentence} " " <a href=href>"See it"</a> }.into_any(),
        None => sentence.into_any(),
    }
}

fn instances(all: Vec<AlertInstance>) -> AnyView {
    let head = vec![Head::text("Value of the column"), Head::text("State"), Head::number("Value"), Head::text("Since")];
    let row = |i: AlertInstance| {
        view! {
            <tr>
                <td>{i.instance}</td>
                <td><StatusBadge status=i.status/></td>
                <td class="num">{i.formatted_value}</td>
                <td class="small">{moment(&i.since)}</td>
            </tr>
        }
    };
    view! {
        <Section title="Each on its own">
            <Card flush=true><Table caption="States" head>{all.into_iter().map(row).collect_view()}</Table></Card>
        </Section>
    }
    .into_any()
}

#[component]
fn History(events: Vec<AlertEvent>) -> impl IntoView {
    let head = vec![Head::text("When"), Head::text("What"), Head::number("Value"), Head::text("About it")];
    let row = |e: AlertEvent| {
        let told = if e.told { "People were told." } else { "" };
        let detail = [e.instance.as_str(), e.detail.as_deref().unwrap_or_default(), told];
        let detail = detail.into_iter().filter(|d| !d.is_empty()).collect::<Vec<_>>().join(" · ");
        view! {
            <tr data-testid="alert-event" data-kind=e.kind.as_str()>
                <td class="small">{moment(&e.at)}</td>
                <td><Badge tone=event_tone(e.kind)>{e.kind.label()}</Badge></td>
                <td class="num">{e.formatted_value}</td>
                <td class="small muted">{detail}</td>
            </tr>
        }
    };
    let body = if events.is_empty() {
        view! { <EmptyState compact=true icon="history" title="Nothing has happened yet" text="What it sees and whom it tells is listed here."/> }
            .into_any()
    } else {
        view! { <Card flush=true><Table caption="History" head>{events.into_iter().map(row).collect_view()}</Table></Card> }.into_any()
    };
    view! { <Section title="History">{body}</Section> }
}

/// What can be done with it.
#[component]
fn Deeds(alert: Alert, reload: Callback<()>) -> impl IntoView {
    let (deed, toasts) = (Deed::new(), use_toasts());
    let id = StoredValue::new(alert.id.clone());
    let done = move |text: &'static str| {
        move |_: Alert| {
            toasts.good(text);
            _ = reload.try_run(());
        }
    };
    let open =
        |i: &AlertInstance| matches!(i.status, Status::Firing | Status::Recovering | Status::NoData | Status::Error);
    let unknown = alert.instances.iter().any(|i| open(i) && i.acknowledged_by.is_none());
    let acknowledge = move |()| deed.run(acknowledge_alert(id.get_value()), done("Acknowledged"));
    let (is_paused, is_snoozed) = (alert.is_paused, alert.snoozed_until.is_some());
    let pause = move |()| {
        let text = if is_paused { "Checked again" } else { "Paused" };
        deed.run(pause_alert(id.get_value(), !is_paused), done(text));
    };
    let snooze = move |hours: Option<f64>| {
        let until = hours.map(|hours| {
            let then = js_sys::Date::new(&(js_sys::Date::now() + hours * 3_600_000.0).into());
            String::from(then.to_iso_string())
        });
        let text = if until.is_some() { "Snoozed" } else { "Tells people again" };
        deed.run(snooze_alert(id.get_value(), until), done(text));
    };
    let check = move |()| deed.run(check_alert(id.get_value()), done("Checked"));
    let test = move |()| {
        deed.run(test_alert(id.get_value()), move |test: AlertTest| match test.error {
            Some(error) => toasts.info(error),
            None => toasts.good("A trial message is in your inbox"),
        });
    };
    let deleting = RwSignal::new(false);
    let navigate = Local::holding(use_navigate);
    let delete = move |()| {
        deed.run(delete_alert(id.get_value()), move |()| {
            toasts.good("Alert deleted");
            _ = navigate.with(|go| go("/alerts", NavigateOptions { replace: true, ..NavigateOptions::default() }));
        });
    };
    let title = format!("Delete the alert “{}”?", alert.name);
    let may = alert.access >= Access::Edit;
    let owns = alert.access == Access::Owner;
    let shared = Shared {
        thing: Thing::Alert,
        id,
        public: RwSignal::new(alert.is_public),
        is_owner: owns,
        path: Signal::stored(format!("/alerts/{}", alert.id)),
    };
    view! {
        {unknown.then(|| view! { <Button variant=Variant::Primary icon="check" busy=deed.busy on_click=acknowledge>"Acknowledge"</Button> })}
        {may.then(|| view! {
            <Menu label="Snooze" icon="clock" align=Align::End button_class="btn btn-secondary" face=|| "Snooze".into_any() attr:data-testid="snooze">
                {SNOOZES.map(|(hours, label)| view! { <MenuItem on_click=move |()| snooze(Some(hours))>{label}</MenuItem> }).collect_view()}
                {is_snoozed.then(|| view! { <MenuDivider/> <MenuItem on_click=move |()| snooze(None)>"End the snooze"</MenuItem> })}
            </Menu>
            <ShareDialog shared/>
            <LinkButton href=format!("/alerts/{}?edit=1", id.get_value()) icon="pencil">"Edit"</LinkButton>
            <Menu label="More actions" align=Align::End attr:data-testid="alert-menu">
                <MenuItem icon="refresh-cw" on_click=check>"Check now"</MenuItem>
                <MenuItem icon="mail" on_click=test>"Send a trial to me"</MenuItem>
                <MenuItem icon=if is_paused { "play" } else { "pause" } on_click=pause>{if is_paused { "Resume" } else { "Pause" }}</MenuItem>
                {owns.then(|| view! {
                    <MenuDivider/>
                    <MenuItem icon="trash-2" danger=true on_click=move |()| deleting.set(true)>"Delete…"</MenuItem>
                })}
            </Menu>
        })}
        <ConfirmDialog
            open=deleting
            title
            text="Its history goes with it. Messages that were sent stay where they are."
            confirm="Delete alert"
            busy=deed.busy
            on_confirm=delete
        />
    }
    .into_any()
}
