//! What a dataset comes from and what uses it: as a picture, and as a list that says all of it.

use crate::components::*;
use crate::pages::data::plural;
use crate::pages::deeds::{Answer, in_place};
use crate::pages::impact::{Place, grouped, through, title_of};
use domain::Dataset;
use domain::api::Usage;
use domain::lineage::{Lineage, Origin, OriginKind};
use leptos::prelude::*;
use leptos_router::hooks::query_signal_with_options;

/// Boxes of the picture on either side; more are counted in the last.
const MOST: usize = 8;
/// The height of a box and the room below it, in pixels; also in style/pages/data/lineage.css.
const BOX: usize = 40;
const GAP: usize = 8;

#[component]
pub(super) fn LineageTab(dataset: RwSignal<Dataset>, known: Answer<Lineage>) -> impl IntoView {
    let body = move || match known.get() {
        None => view! { <Skeleton height="16rem"/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error=error.0 retry=move |()| known.refetch()/> }.into_any(),
        Some(Ok(lineage)) => view! { <Shown dataset lineage/> }.into_any(),
    };
    view! { <div class="stack" data-testid="lineage">{body}</div> }.into_any()
}

#[component]
fn Shown(dataset: RwSignal<Dataset>, lineage: Lineage) -> impl IntoView {
    let Lineage { origin, usages } = lineage;
    // Which column: in the address, so that a link to one column can be sent.
    let (asked, ask) = query_signal_with_options::<String>("column", in_place());
    let columns = dataset.with_untracked(|d| {
        let uses = |name: &str| usages.iter().filter(|u| u.columns.iter().any(|c| c == name)).count() as u64;
        d.columns.iter().map(|c| (c.name.clone(), c.label.clone(), uses(&c.name))).collect::<Vec<_>>()
    });
    let known: Vec<String> = columns.iter().map(|(name, ..)| name.clone()).collect();
    let column = Memo::new(move |_| asked.get().filter(|c| known.contains(c)).unwrap_or_default());
    let mut choices = vec![Choice::new("", format!("All columns ({})", plural(usages.len() as u64, "use")))];
    choices.extend(
        columns.iter().map(|(name, label, n)| Choice::new(name.clone(), format!("{label} ({})", plural(*n, "use")))),
    );
    let usages = StoredValue::new(usages);
    let shown = Memo::new(move |_| {
        let wanted = column.get();
        usages.with_value(|all| {
            all.iter().filter(|u| wanted.is_empty() || u.columns.contains(&wanted)).cloned().collect::<Vec<_>>()
        })
    });
    let label = dataset.with_untracked(|d| d.label.clone());
    let (from, picture) = (sources_of(&origin), StoredValue::new(origin));
    view! {
        <div class="toolbar">
            <div class="lineage-column">
                <Select options=choices value=column on_change=move |c: String| ask.set((!c.is_empty()).then_some(c)) label="Column"/>
            </div>
        </div>
        {move || drawing(&picture.get_value(), &label, &shown.get())}
        <Section title="Comes from"><ul class="usage-list">{from}</ul></Section>
        <Section title="Used by">{move || list(shown.get(), column.get())}</Section>
    }
    .into_any()
}

/// A box of the picture.
struct Node {
    icon: &'static str,
    label: String,
    note: String,
    href: Option<String>,
}

fn origins(origin: &Origin) -> Vec<Node> {
    match origin.kind {
        OriginKind::Upload => {
            let label = if origin.name == "generated" { "Sample data" } else { &origin.name };
            vec![Node { icon: "file-text", label: label.to_owned(), note: "Loaded rows".into(), href: None }]
        }
        OriginKind::Source => {
            let note = match &origin.source {
                Some(source) => source.name.clone(),
                None => origin.source_kind.clone().unwrap_or_default(),
            };
            let href = origin.source.as_ref().map(|source| format!("/sources/{}", source.id));
            vec![Node { icon: "table", label: origin.name.clone(), note, href }]
        }
        OriginKind::Sql => {
            let node = |each: &domain::lineage::DatasetLink| Node {
                icon: "database",
                label: each.label.clone(),
                note: "Dataset".into(),
                href: Some(format!("/data/{}", each.name)),
            };
            origin.reads.iter().map(node).collect()
        }
    }
}

/// Whatever uses the dataset, a dashboard as one box.
fn users(usages: &[Usage]) -> Vec<Node> {
    let mut nodes = Vec::new();
    for (place, usages) in grouped(usages.to_vec()) {
        let icon = place.icon();
        match place {
            Place::Dashboard { slug, name } => nodes.push(Node {
                icon,
                label: name,
                note: plural(usages.len() as u64, "use"),
                href: Some(format!("/dashboards/{slug}")),
            }),
            Place::Kind(kind) => nodes.extend(usages.iter().map(|usage| Node {
                icon,
                label: title_of(usage),
                note: kind.label().to_owned(),
                href: Some(usage.href()),
            })),
        }
    }
    nodes
}

/// The picture. The list below says the same to those who do not see it.
fn drawing(origin: &Origin, label: &str, usages: &[Usage]) -> AnyView {
    let cut = |mut nodes: Vec<Node>| {
        let left = nodes.len().saturating_sub(MOST);
        if left > 0 {
            nodes.truncate(MOST - 1);
            nodes.push(Node {
                icon: "ellipsis",
                label: format!("{} more", left + 1),
                note: "in the list".into(),
                href: None,
            });
        }
        nodes
    };
    let (left, right) = (cut(origins(origin)), cut(users(usages)));
    let rows = left.len().max(right.len()).max(1);
    let height = rows * (BOX + GAP) - GAP;
    let itself = Node { icon: "database", label: label.to_owned(), note: "This dataset".into(), href: None };
    let (l, r) = (left.len(), right.len());
    view! {
        <div class="lineage-picture card" aria-hidden="true">
            <div class="lineage-nodes">{left.into_iter().map(node).collect_view()}</div>
            {edges(l, height, true)}
            <div class="lineage-nodes lineage-itself">{node(itself)}</div>
            {edges(r, height, false)}
            <div class="lineage-nodes">
                {if r == 0 { view! { <p class="muted lineage-none">"Nothing yet"</p> }.into_any() } else { right.into_iter().map(node).collect_view().into_any() }}
            </div>
        </div>
    }
    .into_any()
}

fn node(node: Node) -> AnyView {
    let inner = view! {
        <Icon name=node.icon/>
        <span class="lineage-words">
            <span class="lineage-label">{node.label}</span>
            <span class="lineage-note">{node.note}</span>
        </span>
    };
    match node.href {
        // Not with the keyboard: the list has the same links.
        Some(href) => view! { <a class="lineage-node" tabindex="-1" href=href>{inner}</a> }.into_any(),
        None => view! { <div class="lineage-node">{inner}</div> }.into_any(),
    }
}

/// The lines between `n` boxes and the one in the middle.
fn edges(n: usize, height: usize, into: bool) -> AnyView {
    let column = (n * (BOX + GAP)).saturating_sub(GAP);
    let top = (height - column.min(height)) as f64 / 2.0;
    let middle = height as f64 / 2.0;
    let line = |i: usize| {
        let y = top + (i * (BOX + GAP)) as f64 + BOX as f64 / 2.0;
        let (from, to) = if into { (y, middle) } else { (middle, y) };
        view! { <path d=format!("M0 {from}C50 {from} 50 {to} 100 {to}")></path> }
    };
    view! {
        <svg class="lineage-edges" viewBox=format!("0 0 100 {height}") preserveAspectRatio="none" style=format!("block-size:{height}px")>
            {(0..n).map(line).collect_view()}
        </svg>
    }
    .into_any()
}

fn sources_of(origin: &Origin) -> AnyView {
    let nodes = origins(origin);
    if nodes.is_empty() {
        return view! { <li class="muted">"Datasets that are not shared with you."</li> }.into_any();
    }
    let item = |node: Node| {
        let words = format!(", {}", node.note);
        let name = match node.href {
            Some(href) => view! { <a href=href>{node.label}</a> }.into_any(),
            None => node.label.into_any(),
        };
        view! { <li><Icon name=node.icon/><span>{name}{words}</span></li> }
    };
    nodes.into_iter().map(item).collect_view().into_any()
}

fn list(usages: Vec<Usage>, column: String) -> AnyView {
    if usages.is_empty() {
        let (title, text) = if column.is_empty() {
            (
                "Nothing uses it yet",
                "Charts, filters, metrics, joins and SQL that use this dataset appear here, as far as you may see them.",
            )
        } else {
            ("Nothing uses this column", "It can be changed or left out without breaking anything that you may see.")
        };
        return view! { <EmptyState compact=true icon="waypoints" title text/> }.into_any();
    }
    let head = vec![Head::text("What"), Head::text("Kind"), Head::text("Where"), Head::text("Columns")];
    let row = |usage: Usage| {
        let place = match &usage.dashboard {
            Some(link) => view! { <a href=format!("/dashboards/{}", link.slug)>{link.name.clone()}</a> }.into_any(),
            None => view! { <span class="nothing" aria-label="Nowhere">"—"</span> }.into_any(),
        };
        let columns = usage.columns.join(", ");
        view! {
            <tr data-testid="usage-row" data-kind=usage.kind.label()>
                <td><a href=usage.href()>{title_of(&usage)}</a><span class="muted">{through(&usage)}</span></td>
                <td>{usage.kind.label()}</td>
                <td>{place}</td>
                <td class="lineage-columns">{columns}</td>
            </tr>
        }
    };
    view! {
        <Card flush=true><Table caption="What uses this dataset" head>{usages.into_iter().map(row).collect_view()}</Table></Card>
        <p class="muted small">"What others made of it and did not share with you is not listed."</p>
    }
    .into_any()
}
