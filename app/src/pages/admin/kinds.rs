//! The kinds of chart that were added: listed, changed, removed with a look at who uses them.

mod editor;
mod sample;

pub(crate) use editor::PluginEditor;

use crate::api::chart_plugins::{chart_plugin_text, chart_plugin_uses, delete_chart_plugin, list_chart_plugins};
use crate::components::*;
use crate::lazy;
use crate::pages::deeds::{Deed, day};
use domain::api::PluginUse;
use domain::plugin::{ChartPlugin, Takes};
use leptos::prelude::*;

/// What is being written: a new kind, or another template for one there is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Writing {
    pub(crate) id: Option<String>,
    pub(crate) text: String,
}

/// What somebody is asked about before a kind goes.
#[derive(Clone, Debug, PartialEq)]
struct Leaving {
    plugin: ChartPlugin,
    uses: Vec<PluginUse>,
}

#[component]
pub(super) fn Kinds() -> impl IntoView {
    let list = Resource::new_blocking(|| (), |()| list_chart_plugins());
    let reload = Callback::new(move |()| list.refetch());
    let writing = RwSignal::new(None::<Writing>);
    let open = RwSignal::new(false);
    let (leaving, asking) = (RwSignal::new(None::<Leaving>), RwSignal::new(false));
    let (deed, toasts) = (Deed::new(), use_toasts());
    let write = Callback::new(move |new: Writing| {
        writing.set(Some(new));
        open.set(true);
    });
    let change = Callback::new(move |id: String| {
        deed.run(chart_plugin_text(id.clone()), move |text| _ = write.try_run(Writing { id: Some(id), text }));
    });
    let ask = Callback::new(move |plugin: ChartPlugin| {
        deed.run(chart_plugin_uses(plugin.id.clone()), move |uses| {
            _ = leaving.try_set(Some(Leaving { plugin, uses }));
            _ = asking.try_set(true);
        });
    });
    let remove = move |()| {
        let Some(gone) = leaving.get_untracked() else { return };
        deed.run(delete_chart_plugin(gone.plugin.id), move |()| {
            _ = asking.try_set(false);
            toasts.good("Kind of chart removed");
            _ = reload.try_run(());
        });
    };
    let body = move || {
        list.get().map(|result| match result {
            Ok(items) if items.is_empty() => view! {
                <EmptyState
                    icon="blocks"
                    title="No kinds of chart were added"
                    text="A plug-in is an ECharts option as a template with named parts: data only, no code in it runs. It then stands in every picker."
                >
                    <Button icon="plus" variant=Variant::Primary on_click=move |()| write.run(new())>"Add a kind of chart"</Button>
                </EmptyState>
            }
            .into_any(),
            Ok(items) => view! {
                <Card flush=true>
                    <Table
                        caption="Kinds of chart that were added"
                        head=vec![Head::text("Name"), Head::text("What it takes"), Head::number("Changed"), Head::hidden("Actions")]
                    >
                        {items.into_iter().map(|plugin| row(plugin, change, ask)).collect_view()}
                    </Table>
                </Card>
            }
            .into_any(),
            Err(error) => view! { <ErrorState error=error.0 retry=reload/> }.into_any(),
        })
    };
    let title = Signal::derive(move || {
        let name = leaving.with(|l| l.as_ref().map(|l| l.plugin.template.name.clone())).unwrap_or_default();
        format!("Remove the kind of chart “{name}”?")
    });
    let dialog_title = Signal::derive(move || {
        let is_new = writing.with(|w| w.as_ref().is_none_or(|w| w.id.is_none()));
        if is_new { "Add a kind of chart" } else { "Change a kind of chart" }.to_owned()
    });
    let saved = Callback::new(move |()| {
        _ = open.try_set(false);
        toasts.good("Kind of chart saved");
        _ = reload.try_run(());
    });
    view! {
        <div class="stack" data-testid="chart-plugins">
            <div class="toolbar">
                <p class="muted grow">"Charts from templates, for everybody who makes charts."</p>
                <Button icon="plus" variant=Variant::Primary on_click=move |()| write.run(new()) attr:data-testid="add-plugin">
                    "Add a kind of chart"
                </Button>
            </div>
            <Transition fallback=|| view! { <Skeleton lines=5/> }>{body}</Transition>
            <Dialog open title=dialog_title size=DialogSize::Full light=false>
                {move || writing.get().map(|writing| lazy::plugin_editor(writing, open, saved))}
            </Dialog>
            <ConfirmDialog
                open=asking
                title
                text=Signal::derive(move || leaving.with(|l| l.as_ref().map(|l| warning(&l.uses)).unwrap_or_default()))
                confirm="Remove kind of chart"
                busy=deed.busy
                on_confirm=remove
            />
        </div>
    }
    .into_any()
}

fn new() -> Writing {
    Writing { id: None, text: String::new() }
}

/// What happens to the tiles that use it.
fn warning(uses: &[PluginUse]) -> String {
    const TOLD: usize = 5;
    if uses.is_empty() {
        return "No tile uses it. Questions kept in links of Explore fall back to another chart.".to_owned();
    }
    let name = |u: &PluginUse| {
        let title = if u.title.is_empty() { "a tile without a title" } else { &u.title };
        format!("“{title}” on {}", u.dashboard.name)
    };
    let mut names: Vec<String> = uses.iter().take(TOLD).map(name).collect();
    if uses.len() > TOLD {
        names.push(format!("{} more", uses.len() - TOLD));
    }
    let tiles = if uses.len() == 1 { "One tile uses it".to_owned() } else { format!("{} tiles use it", uses.len()) };
    format!(
        "{tiles}: {}. They stay, and say that their kind of chart was removed; their rows can still be seen as a table.",
        names.join(", ")
    )
}

fn row(plugin: ChartPlugin, change: Callback<String>, ask: Callback<ChartPlugin>) -> AnyView {
    let takes = |takes: Takes| match takes {
        Takes::Group => "category",
        Takes::Time => "date",
        Takes::Measure => "number",
        Takes::Any => "any column",
    };
    let parts: Vec<String> =
        plugin.template.encodings.iter().map(|e| format!("{} ({})", e.label, takes(e.takes))).collect();
    let (id, name, whole) = (plugin.id.clone(), plugin.template.name.clone(), plugin.clone());
    view! {
        <tr data-plugin=plugin.id.clone()>
            <td>
                <strong>{name.clone()}</strong>
                <div class="muted small">{plugin.template.about.clone()}</div>
            </td>
            <td class="small">{parts.join(", ")}</td>
            <td class="num">{day(&plugin.updated_at)}</td>
            <td class="actions">
                <div class="row row-end">
                    <Button size=Size::Small on_click=move |()| change.run(id.clone()) attr:aria-label=format!("Change {name}")>"Change"</Button>
                    <Button size=Size::Small on_click=move |()| ask.run(whole.clone()) attr:aria-label=format!("Remove {name}")>"Remove"</Button>
                </div>
            </td>
        </tr>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::api::DashboardLink;

    #[test]
    fn the_warning_names_the_tiles() {
        let link = DashboardLink { id: "d".into(), slug: "d".into(), name: "Sales".into() };
        let tile = |title: &str| PluginUse { dashboard: link.clone(), tile: "t".into(), title: title.into() };
        assert!(warning(&[]).starts_with("No tile uses it."));
        assert!(warning(&[tile("By region")]).starts_with("One tile uses it: “By region” on Sales. They stay"));
        let many: Vec<PluginUse> = (0..7).map(|i| tile(&format!("T{i}"))).collect();
        assert!(warning(&many).contains("7 tiles use it") && warning(&many).contains("2 more"));
    }
}
