//! How alerts stand, in colour and words.

use crate::components::*;
use domain::alert::{Alert, EventKind, Status};
use leptos::prelude::*;

pub(super) fn tone(status: Status) -> Tone {
    match status {
        Status::Normal => Tone::Good,
        Status::Firing => Tone::Bad,
        Status::Error | Status::NoData => Tone::Warn,
        Status::Pending | Status::Recovering => Tone::Accent,
    }
}

pub(super) fn icon(status: Status) -> &'static str {
    match status {
        Status::Normal => "check",
        Status::Firing => "bell",
        Status::Error => "triangle-alert",
        Status::NoData => "circle-help",
        Status::Pending => "clock",
        Status::Recovering => "history",
    }
}

/// Where it stands.
#[component]
pub(super) fn StatusBadge(status: Status) -> impl IntoView {
    view! { <Badge tone=tone(status) icon=icon(status)>{status.label()}</Badge> }
}

/// Whether it is checked, and whether it speaks.
#[component]
pub(super) fn Rest(alert: Alert) -> impl IntoView {
    let known = alert.instances.iter().find_map(|i| i.acknowledged_by.clone());
    view! {
        {alert.is_paused.then(|| view! { <Badge icon="pause">"Paused"</Badge> })}
        {alert.snoozed_until.map(|until| view! { <Badge icon="clock">"Snoozed until " {moment(&until)}</Badge> })}
        {known.map(|name| view! { <Badge icon="check">{format!("Acknowledged by {name}")}</Badge> })}
    }
    .into_any()
}

/// A time in words that server and browser write alike.
pub(super) fn moment(iso: &str) -> String {
    iso.get(..16).unwrap_or(iso).replace('T', " ") + " UTC"
}

pub(super) fn event_tone(kind: EventKind) -> Tone {
    match kind {
        EventKind::Fired | EventKind::Reminded | EventKind::Resumed => Tone::Bad,
        EventKind::Recovered | EventKind::RecoveryTold | EventKind::Mended | EventKind::DataBack => Tone::Good,
        EventKind::Broken | EventKind::NoData => Tone::Warn,
        EventKind::Pending | EventKind::Recovering => Tone::Accent,
        _ => Tone::Neutral,
    }
}
