//! When an alert looks, how long it waits, and how often it speaks.

use crate::components::*;
use domain::alert::{AlertDef, Check, OnNoData, Pending, QuietHours, Renotify};
use leptos::prelude::*;

/// What is to change of a rule.
pub(super) type Change = Box<dyn FnOnce(&mut AlertDef) + Send + Sync>;

const CHECKS: &[(&str, &str)] = &[
    ("on_refresh", "At every refresh"),
    ("every_minute", "Every minute"),
    ("hourly", "Every hour"),
    ("daily", "Daily at 08:00 UTC"),
    ("weekly", "Mondays at 08:00 UTC"),
    ("cron", "By a schedule of my own"),
];

const NO_DATA: &[(OnNoData, &str, &str)] = &[
    (OnNoData::Alert, "alert", "Tell me"),
    (OnNoData::Ignore, "ignore", "All is well"),
    (OnNoData::KeepLast, "keep_last", "Nothing has changed"),
];

fn name_of(check: &Check) -> &'static str {
    match check {
        Check::OnRefresh => "on_refresh",
        Check::EveryMinute => "every_minute",
        Check::Hourly => "hourly",
        Check::Daily => "daily",
        Check::Weekly => "weekly",
        Check::Cron { .. } => "cron",
    }
}

fn check_of(name: &str) -> Check {
    match name {
        "every_minute" => Check::EveryMinute,
        "hourly" => Check::Hourly,
        "daily" => Check::Daily,
        "weekly" => Check::Weekly,
        "cron" => Check::Cron { expression: "0 9 * * 1-5".into(), time_zone: own_zone() },
        _ => Check::OnRefresh,
    }
}

/// The time zone of the reader.
fn own_zone() -> String {
    let options = js_sys::Intl::DateTimeFormat::new(&js_sys::Array::new(), &js_sys::Object::new()).resolved_options();
    js_sys::Reflect::get(&options, &"timeZone".into()).ok().and_then(|z| z.as_string()).unwrap_or_default()
}

fn choices(all: &[(&str, &str)]) -> Vec<Choice> {
    all.iter().map(|(value, label)| Choice::new(*value, *label)).collect()
}

/// When it is looked, and for how long it must hold.
#[component]
pub(super) fn CheckFields(#[prop(into)] def: Signal<AlertDef>, change: Callback<Change>) -> impl IntoView {
    let kind = Memo::new(move |_| def.with(|d| name_of(&d.check)));
    let cron = Signal::derive(move || {
        def.with(|d| match &d.check {
            Check::Cron { expression, time_zone } => (expression.clone(), time_zone.clone()),
            _ => Default::default(),
        })
    });
    let set_cron = move |expression: Option<String>, zone: Option<String>| {
        change.run(Box::new(move |d| {
            if let Check::Cron { expression: own, time_zone } = &mut d.check {
                *own = expression.unwrap_or_else(|| own.clone());
                *time_zone = zone.unwrap_or_else(|| time_zone.clone());
            }
        }));
    };
    let checks = Signal::derive(move || {
        def.with(|d| match d.pending {
            Pending::Checks(n) => Some(f64::from(n)),
            Pending::Seconds(_) => None,
        })
    });
    let minutes = Signal::derive(move || {
        def.with(|d| match d.pending {
            Pending::Seconds(s) => Some(f64::from(s) / 60.0),
            Pending::Checks(_) => None,
        })
    });
    let by_time = Memo::new(move |_| def.with(|d| matches!(d.pending, Pending::Seconds(_))));
    let turn = move |how: String| {
        change.run(Box::new(move |d| {
            d.pending = if how == "minutes" { Pending::Seconds(300) } else { Pending::Checks(1) };
        }));
    };
    let hows = || vec![Choice::new("checks", "checks in a row"), Choice::new("minutes", "minutes")];
    let set_keep = move |v: Option<f64>| {
        change.run(Box::new(move |d| d.keep_firing = (v.unwrap_or_default() * 60.0).clamp(0.0, 4e9) as u32));
    };
    let keep = Signal::derive(move || Some(def.with(|d| f64::from(d.keep_firing) / 60.0)));
    view! {
        <Field label="Check">
            <Select
                options=choices(CHECKS)
                value=Signal::derive(move || kind.get().to_owned())
                on_change=move |v: String| change.run(Box::new(move |d| d.check = check_of(&v)))
            />
        </Field>
        <Show when=move || kind.get() == "cron">
            <div class="form-row">
                <Field label="Schedule" hint="Minute, hour, day, month, weekday: 0 9 * * 1-5 is weekdays at 9.">
                    <TextInput value=Signal::derive(move || cron.get().0) on_input=move |v| set_cron(Some(v), None) max_length=100/>
                </Field>
                <Field label="Time zone">
                    <TextInput value=Signal::derive(move || cron.get().1) on_input=move |v| set_cron(None, Some(v)) placeholder="UTC" max_length=60/>
                </Field>
            </div>
        </Show>
        <div class="form-row">
            <Field label="Must hold for">
                {move || if by_time.get() {
                    let set = move |v: Option<f64>| change.run(Box::new(move |d| d.pending = Pending::Seconds((v.unwrap_or(1.0) * 60.0).clamp(1.0, 4e9) as u32)));
                    view! { <NumberInput value=minutes on_change=set min=1.0/> }.into_any()
                } else {
                    let set = move |v: Option<f64>| change.run(Box::new(move |d| d.pending = Pending::Checks(v.unwrap_or(1.0).clamp(1.0, 1_000.0) as u32)));
                    view! { <NumberInput value=checks on_change=set min=1.0 max=1_000.0 step=1.0/> }.into_any()
                }}
            </Field>
            <Field label="Counted in">
                <Select
                    options=hows()
                    value=Signal::derive(move || if by_time.get() { "minutes" } else { "checks" }.to_owned())
                    on_change=turn
                />
            </Field>
            <Field label="Recovered after" hint="Time without the condition.">
                <NumberInput
                    value=keep
                    on_change=set_keep
                    min=0.0
                    unit="minutes"
                />
            </Field>
        </div>
    }
    .into_any()
}

/// How often people are told, and when not.
#[component]
pub(super) fn SpeakFields(#[prop(into)] def: Signal<AlertDef>, change: Callback<Change>) -> impl IntoView {
    let often = Memo::new(move |_| {
        def.with(|d| match d.renotify {
            Renotify::Once => "once",
            Renotify::EachTime => "each_time",
            Renotify::Every { .. } => "every",
        })
    });
    let hours = Signal::derive(move || {
        def.with(|d| match d.renotify {
            Renotify::Every { seconds } => Some(f64::from(seconds) / 3_600.0),
            _ => None,
        })
    });
    let set_hours = move |v: Option<f64>| {
        let seconds = (v.unwrap_or(4.0) * 3_600.0).clamp(60.0, 4e9) as u32;
        change.run(Box::new(move |d| d.renotify = Renotify::Every { seconds }));
    };
    let turn = move |to: String| {
        change.run(Box::new(move |d| {
            d.renotify = match to.as_str() {
                "each_time" => Renotify::EachTime,
                "every" => Renotify::Every { seconds: 4 * 3_600 },
                _ => Renotify::Once,
            };
        }));
    };
    let oftens = [("once", "Once, until it recovers"), ("each_time", "At each check"), ("every", "Every few hours")];
    let quiet = Memo::new(move |_| def.with(|d| d.quiet_hours.clone()));
    let is_quiet = Memo::new(move |_| quiet.with(Option::is_some));
    let hush = move |on: bool| {
        let zone = if on { own_zone() } else { String::new() };
        change.run(Box::new(move |d| {
            d.quiet_hours = on.then(|| QuietHours { from: "22:00".into(), to: "07:00".into(), time_zone: zone });
        }));
    };
    let end = move |first: bool| {
        let value = Signal::derive(move || {
            quiet.with(|q| q.as_ref().map(|q| if first { q.from.clone() } else { q.to.clone() })).unwrap_or_default()
        });
        let set = move |v: String| {
            change.run(Box::new(move |d| {
                if let Some(quiet) = &mut d.quiet_hours {
                    *(if first { &mut quiet.from } else { &mut quiet.to }) = v;
                }
            }));
        };
        view! { <TextInput value on_input=set kind="time" max_length=5/> }
    };
    let no_data = Signal::derive(move || {
        let now = def.with(|d| d.on_no_data);
        NO_DATA.iter().find(|(v, _, _)| *v == now).map_or("alert", |(_, name, _)| *name).to_owned()
    });
    let no_datas: Vec<(&str, &str)> = NO_DATA.iter().map(|(_, name, label)| (*name, *label)).collect();
    let set_no_data = move |to: String| {
        change.run(Box::new(move |d| {
            d.on_no_data = NO_DATA.iter().find(|(_, name, _)| *name == to).map_or(OnNoData::Alert, |(v, _, _)| *v);
        }));
    };
    view! {
        <div class="form-row">
            <Field label="While it goes on">
                <Select options=choices(&oftens) value=Signal::derive(move || often.get().to_owned()) on_change=turn/>
            </Field>
            <Show when=move || often.get() == "every">
                <Field label="Every">
                    <NumberInput
                        value=hours
                        on_change=set_hours
                        min=0.1
                        unit="hours"
                    />
                </Field>
            </Show>
            <Field label="Without data">
                <Select options=choices(&no_datas) value=no_data on_change=set_no_data/>
            </Field>
        </div>
        <Switch
            checked=Signal::derive(move || def.with(|d| d.notify_recovery))
            on_change=move |on| change.run(Box::new(move |d| d.notify_recovery = on))
            label="Tell when it has recovered"
        />
        <Switch checked=is_quiet on_change=hush label="Quiet hours" hint="What still holds when they are over is told then."/>
        <Show when=move || is_quiet.get()>
            <div class="form-row">
                <Field label="From">{end(true)}</Field>
                <Field label="To">{end(false)}</Field>
            </div>
        </Show>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schedule_but_ones_own_is_found_again() {
        for (name, _) in CHECKS.iter().filter(|(name, _)| *name != "cron") {
            assert_eq!(name_of(&check_of(name)), *name);
        }
    }
}
