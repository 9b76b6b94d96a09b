//! What uses a thing, listed; and the question before it is changed or deleted.

use crate::api;
use crate::components::*;
use crate::pages::data::plural;
use crate::pages::deeds::Answer;
use domain::api::{Usage, UsageKind};
use leptos::prelude::*;
use std::future::Future;
use std::pin::Pin;

/// Things that are listed in a dialog; more are counted.
const MOST: usize = 50;

/// Usages by where they are: each dashboard with what of it, then the rest by kind.
pub(crate) fn grouped(usages: Vec<Usage>) -> Vec<(Place, Vec<Usage>)> {
    let mut groups: Vec<(Place, Vec<Usage>)> = Vec::new();
    for usage in usages {
        let place = match &usage.dashboard {
            Some(link) => Place::Dashboard { slug: link.slug.clone(), name: link.name.clone() },
            None => Place::Kind(usage.kind),
        };
        match groups.iter_mut().find(|(known, _)| *known == place) {
            Some((_, group)) => group.push(usage),
            None => groups.push((place, vec![usage])),
        }
    }
    groups
}

/// Where usages are.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Place {
    Dashboard { slug: String, name: String },
    Kind(UsageKind),
}

impl Place {
    pub(crate) fn icon(&self) -> &'static str {
        match self {
            Self::Dashboard { .. } => "layout-dashboard",
            Self::Kind(UsageKind::Metric) => "gauge",
            Self::Kind(UsageKind::Dataset) => "database",
            Self::Kind(UsageKind::Relationship) => "waypoints",
            Self::Kind(UsageKind::Report) => "file-text",
            Self::Kind(UsageKind::Forecast) => "trending-up",
            Self::Kind(_) => "table-properties",
        }
    }
}

/// What people call a usage.
pub(crate) fn title_of(usage: &Usage) -> String {
    if usage.title.is_empty() { "Untitled".to_owned() } else { usage.title.clone() }
}

/// A list of what uses something.
#[component]
pub(crate) fn UsageList(usages: Vec<Usage>) -> impl IntoView {
    let left = usages.len().saturating_sub(MOST);
    let shown: Vec<Usage> = usages.into_iter().take(MOST).collect();
    let groups = grouped(shown).into_iter().map(|(place, usages)| {
        let icon = place.icon();
        match place {
            Place::Dashboard { slug, name } => {
                let what: Vec<String> = usages.iter().map(in_dashboard).collect();
                view! {
                    <li>
                        <Icon name=icon/>
                        <span><a href=format!("/dashboards/{slug}")>{name}</a>": " {what.join(", ")}</span>
                    </li>
                }
                .into_any()
            }
            Place::Kind(_) => usages.into_iter().map(|usage| single(icon, &usage)).collect_view().into_any(),
        }
    });
    view! {
        <ul class="usage-list">
            {groups.collect_view()}
            {(left > 0).then(|| view! { <li class="muted">{format!("and {left} more")}</li> })}
        </ul>
    }
    .into_any()
}

fn in_dashboard(usage: &Usage) -> String {
    let title = title_of(usage);
    let kind = if usage.kind == UsageKind::Filter { " (filter)" } else { "" };
    format!("{title}{kind}{}", through(usage))
}

fn single(icon: &'static str, usage: &Usage) -> AnyView {
    view! {
        <li>
            <Icon name=icon/>
            <span><a href=usage.href()>{title_of(usage)}</a>{format!(", {}{}", usage.kind.label().to_lowercase(), through(usage))}</span>
        </li>
    }
    .into_any()
}

/// The SELECT between a dataset and what uses it.
pub(crate) fn through(usage: &Usage) -> String {
    usage.through.as_ref().map(|select| format!(" through {}", select.label)).unwrap_or_default()
}

/// Asks what uses a thing.
pub(crate) type Asking = Callback<(), Pin<Box<dyn Future<Output = api::Result<Vec<Usage>>>>>>;

/// The way to ask what uses a thing.
pub(crate) fn asking<F>(ask: impl Fn() -> F + Send + Sync + 'static) -> Asking
where
    F: Future<Output = api::Result<Vec<Usage>>> + 'static,
{
    Callback::new(move |()| Box::pin(ask()) as Pin<Box<dyn Future<Output = api::Result<Vec<Usage>>>>>)
}

/// Asks before something in use is changed: what uses it, and what will happen to that.
#[component]
pub(crate) fn ImpactDialog(
    open: RwSignal<bool>,
    /// A question: "Delete the dataset “Orders”?"
    #[prop(into)]
    title: Signal<String>,
    /// What happens in any case.
    #[prop(into)]
    text: Signal<String>,
    /// What happens to what uses it: "They show an error until …"
    #[prop(into)]
    effect: Signal<String>,
    /// What the button does.
    #[prop(into)]
    confirm: Signal<String>,
    #[prop(default = Variant::Danger)] variant: Variant,
    #[prop(optional, into)] busy: Signal<bool>,
    /// Asks what uses it.
    ask: Asking,
    #[prop(into)] on_confirm: Callback<()>,
) -> impl IntoView {
    let footer = move || {
        view! {
            <Button on_click=move |()| open.set(false)>"Cancel"</Button>
            <Button variant busy on_click=on_confirm attr:data-testid="impact-confirm">{move || confirm.get()}</Button>
        }
    };
    view! {
        <Dialog open title footer>
            <div class="stack impact" data-testid="impact">
                <p>{move || text.get()}</p>
                <Found ask effect/>
            </div>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Found(ask: Asking, effect: Signal<String>) -> impl IntoView {
    let found = Answer::of(move || ask.run(()));
    move || match found.get() {
        None => view! { <Skeleton lines=3/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState error=error.0 retry=move |()| found.refetch() compact=true/> }.into_any()
        }
        Some(Ok(usages)) => impact(usages, effect),
    }
}

/// What uses it, and what will happen.
pub(crate) fn impact(usages: Vec<Usage>, effect: Signal<String>) -> AnyView {
    let unseen = "What others made of it and did not share with you is not listed.";
    if usages.is_empty() {
        return view! { <p class="muted">{format!("Nothing that you may see uses it. {unseen}")}</p> }.into_any();
    }
    let n = usages.len() as u64;
    let head = format!("{} {} it", plural(n, "thing"), if n == 1 { "uses" } else { "use" });
    view! {
        <Notice tone=Tone::Warn>
            <p class="misfits-head">{head}</p>
            <UsageList usages/>
            <p>{move || effect.get()}</p>
        </Notice>
        <p class="muted small">{unseen}</p>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::DashboardLink;

    fn usage(kind: UsageKind, title: &str, dashboard: Option<&str>) -> Usage {
        let link = |slug: &str| DashboardLink { id: slug.into(), slug: slug.into(), name: slug.into() };
        Usage {
            kind,
            id: title.into(),
            title: title.into(),
            dashboard: dashboard.map(link),
            dataset: None,
            columns: Vec::new(),
            through: None,
        }
    }

    #[test]
    fn tiles_stand_with_their_dashboard() {
        let groups = grouped(vec![
            usage(UsageKind::Tile, "a", Some("one")),
            usage(UsageKind::Metric, "m", None),
            usage(UsageKind::Filter, "f", Some("one")),
            usage(UsageKind::Tile, "b", Some("two")),
        ]);
        let seen: Vec<usize> = groups.iter().map(|(_, usages)| usages.len()).collect();
        assert_eq!(seen, [2, 1, 1]);
        assert_eq!(groups[1].0, Place::Kind(UsageKind::Metric));
    }
}
