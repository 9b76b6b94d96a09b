//! One field in a well: how it is grouped or summed up, what it is called, where it stands.

use super::editor::{Dragged, Editor};
use super::measure::{details, with_agg};
use crate::components::{
    Align, Choice, IconButton, Menu, MenuDivider, MenuItem, NumberInput, Select, Size, find, focus,
};
use crate::tiles::logic::draft::{Pick, Slot};
use crate::tiles::logic::shape::{self, aggregates, grain_label, grains};
use crate::tiles::logic::wells::Well;
use domain::query::{Agg, Bin, Dimension, Grain, Measure};
use domain::{ChartKind, Column, Role};
use leptos::{ev, prelude::*};

/// What stands in a well.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Part {
    Column(String),
    Measure(Measure),
    Dimension(Dimension),
}

impl Part {
    pub(super) fn column(&self) -> Option<&str> {
        match self {
            Self::Column(name) => Some(name),
            Self::Measure(measure) => measure.column.as_deref(),
            Self::Dimension(dimension) => Some(&dimension.column),
        }
    }

    /// What it is, whatever its details are.
    pub(super) fn identity(&self) -> String {
        match self {
            Self::Column(name) => format!("column:{name}"),
            Self::Dimension(dimension) => format!("dimension:{}", dimension.column),
            Self::Measure(Measure { column: Some(column), .. }) => format!("measure:{column}"),
            Self::Measure(Measure { metric: Some(metric), .. }) => format!("metric:{metric}"),
            Self::Measure(measure) => format!("measure::{}", measure.agg.map(Agg::name).unwrap_or_default()),
        }
    }

    fn alias(&self) -> Option<String> {
        match self {
            Self::Column(_) => None,
            Self::Measure(measure) => measure.alias.clone(),
            Self::Dimension(dimension) => dimension.alias.clone(),
        }
    }
}

/// One field. It stays in place while its details change, so that the keyboard keeps its focus.
#[component]
pub(super) fn Chip(editor: Editor, well: Well, at: usize, parts: Memo<Vec<Part>>) -> impl IntoView {
    let Some(part) = parts.with_untracked(|all| all.get(at).cloned()) else { return ().into_any() };
    let column = part.column().and_then(|name| untrack(|| editor.column(name)));
    let label = match (&part, &column) {
        (Part::Measure(Measure { metric: Some(id), .. }), _) if untrack(|| editor.metric_name(id)).is_some() => {
            untrack(|| editor.metric_name(id)).unwrap_or_default()
        }
        (Part::Measure(measure), None) => shape::meaning(measure, None),
        (_, Some(column)) => column.label.clone(),
        (part, None) => part.column().map(domain::names::to_label).unwrap_or_default(),
    };
    let own_role = match &part {
        Part::Measure(_) => "measure",
        Part::Column(_) if column.as_ref().is_some_and(|c| c.role == Role::Measure) => "measure",
        _ => "dimension",
    };
    let pick = pick_of(&part);
    let now = Signal::derive(move || parts.with(|all| all.get(at).cloned()));
    let calculates = move || now.with(|part| matches!(part, Some(Part::Measure(m)) if m.calc.is_some()));
    let role = move || if calculates() { "calc" } else { own_role };
    let how = match &part {
        Part::Measure(measure) => aggregate(editor, (well, at), measure, column.as_ref(), &label, now),
        Part::Dimension(_) => grouping(editor, well, at, column.as_ref(), &label, now),
        Part::Column(_) => None,
    };
    let alias = Signal::derive(move || now.with(|part| part.as_ref().and_then(Part::alias)));
    let name = {
        let label = label.clone();
        // The sides of a ratio change while it stays in place.
        let meant = move || match now.get() {
            Some(Part::Measure(measure)) if measure.column.is_none() && measure.metric.is_none() => {
                shape::meaning(&measure, None)
            }
            _ => label.clone(),
        };
        Signal::derive(move || alias.with(|a| a.as_deref().map(domain::names::to_label)).unwrap_or_else(&meant))
    };
    let renames = RwSignal::new(false);
    let can_rename = !matches!(part, Part::Column(_));
    let rename = move || view! { <Rename editor well at alias label=label.clone()/> };
    let last = move || at + 1 >= parts.with(Vec::len);
    // Under another name it still says what it is of.
    let meant = column.as_ref().map(|c| c.label.clone());
    let hint = move || {
        let place = editor.draft.with(|d| position_hint(d.kind, well, at)).map(str::to_owned);
        let renamed = alias.with(Option::is_some);
        place.or_else(|| meant.clone().filter(|_| renamed && can_rename).filter(|m| name.with(|n| n != m)))
    };
    view! {
        <li
            class=move || format!("chip-field role-{}", role())
            draggable="true"
            on:dragstart=move |event: ev::DragEvent| {
                if let Some(data) = event.data_transfer() {
                    _ = data.set_data("text/plain", "field");
                    data.set_effect_allowed("copyMove");
                }
                editor.dragged.set(Some(Dragged { pick: pick.clone(), from: Some((well, at)) }));
            }
            on:dragend=move |_| editor.dragged.set(None)
        >
            <div class="chip-line">
                <span class="role-dot" aria-hidden="true"></span>
                <span class="chip-name truncate">{name}</span>
                {move || hint().map(|hint| view! { <span class="chip-hint">{hint}</span> })}
                <Menu
                    label=Signal::derive(move || format!("More for {}", name.get()))
                    icon="ellipsis"
                    align=Align::End
                    button_class="btn btn-ghost btn-sm"
                >
                    <MenuItem icon="arrow-up" disabled=at == 0 on_click=move |()| editor.edit(|d, _, _| d.shift(well, at, true))>"Move up"</MenuItem>
                    <MenuItem
                        icon="arrow-down"
                        disabled=Signal::derive(last)
                        on_click=move |()| editor.edit(|d, _, _| d.shift(well, at, false))
                    >
                        "Move down"
                    </MenuItem>
                    {can_rename.then(|| view! {
                        <MenuDivider/>
                        <MenuItem icon="pencil" on_click=move |()| renames.update(|r| *r = !*r)>"Rename"</MenuItem>
                    })}
                </Menu>
                <IconButton
                    icon="x"
                    size=Size::Small
                    label=Signal::derive(move || format!("Remove {}", name.get()))
                    on_click=move |()| {
                        editor.edit(|d, _, _| d.remove(well, at));
                        focus_well(well);
                    }
                />
            </div>
            {how}
            <Show when=move || renames.get()>{rename.clone()()}</Show>
        </li>
    }
    .into_any()
}

/// Puts the focus on a well whose field is gone, and with it the button that had the focus.
fn focus_well(well: Well) {
    request_animation_frame(move || {
        let selector = format!(".well[data-well={}]", well.as_str());
        focus(document().document_element().and_then(|page| find(&page, &selector)));
    });
}

/// What is dragged with a field.
fn pick_of(part: &Part) -> Pick {
    match part {
        Part::Measure(Measure { metric: Some(id), .. }) => Pick::Metric(id.clone()),
        Part::Measure(Measure { agg: Some(Agg::CountIf), .. }) => Pick::CountIf,
        Part::Measure(Measure { agg: Some(Agg::Ratio), .. }) => Pick::Ratio,
        part => part.column().map_or(Pick::Count, |name| Pick::Column(name.to_owned())),
    }
}

/// Which part of a scatter a number plays.
fn position_hint(kind: ChartKind, well: Well, at: usize) -> Option<&'static str> {
    let words: &[&str] = match kind {
        ChartKind::Scatter => &["across", "up", "size"],
        ChartKind::Progress | ChartKind::Bullet => &["value", "target"],
        _ => &[],
    };
    words.get(at).copied().filter(|_| well == Well::Values)
}

/// How the values of a group become one.
fn aggregate(
    editor: Editor,
    (well, at): (Well, usize),
    measure: &Measure,
    column: Option<&Column>,
    label: &str,
    now: Signal<Option<Part>>,
) -> Option<AnyView> {
    let agg = measure.agg?;
    let whole = Signal::derive(move || match now.get() {
        Some(Part::Measure(measure)) => measure,
        _ => Measure::default(),
    });
    let put = move |measure: Measure| {
        editor.edit(|draft, _, _| {
            if let Some(own) = draft.measure_mut(well, at) {
                *own = measure;
            }
            draft.tidy();
        });
    };
    let more = details(editor, whole, Callback::new(put));
    if measure.column.is_none() {
        return matches!(agg, Agg::CountIf | Agg::Ratio).then_some(more);
    }
    let mut all = aggregates(column.map(|c| c.ty));
    if !all.contains(&agg) {
        all.push(agg);
    }
    let of = measure.column.clone();
    // The same number twice says nothing new, unless something is calculated of it; two percentiles may.
    let options = Signal::derive(move || {
        let calculates = whole.with(|m| m.calc.is_some());
        editor.draft.with(|draft| {
            let own = draft.slot(well, at);
            let is_other = |(i, m): &(usize, &Measure)| own != Some(Slot::Measure(*i)) && m.column == of;
            let others = draft.query.measures.iter().enumerate().filter(is_other);
            let taken: Vec<Agg> = others.filter(|(_, m)| m.calc.is_none()).filter_map(|(_, m)| m.agg).collect();
            let free = all.iter().filter(|agg| calculates || **agg == Agg::Percentile || !taken.contains(agg));
            free.map(|a| Choice::new(a.name(), a.label())).collect::<Vec<_>>()
        })
    });
    let value = Signal::derive(move || whole.with(|m| m.agg.map(Agg::name).unwrap_or_default()));
    let choose = move |name: String| {
        if let Ok(agg) = Agg::try_from(name) {
            put(editor.columns.with_untracked(|all| with_agg(whole.get_untracked(), agg, all)));
        }
    };
    Some(view! { <Select label=format!("How {label} is summed up") options value on_change=choose/> {more} }.into_any())
}

/// How times are rounded and numbers put into ranges.
fn grouping(
    editor: Editor,
    well: Well,
    at: usize,
    column: Option<&Column>,
    label: &str,
    now: Signal<Option<Part>>,
) -> Option<AnyView> {
    let column = column?;
    let dimension = move || match now.get() {
        Some(Part::Dimension(dimension)) => dimension,
        _ => Dimension::default(),
    };
    let set = move |grain: Option<Grain>, bin: Option<Bin>| {
        editor.edit(|draft, _, _| {
            if let Some(dimension) = draft.dimension_mut(well, at) {
                (dimension.grain, dimension.bin) = (grain, bin);
            }
            draft.tidy();
        });
    };
    if column.ty.is_time() {
        let exact = Choice::new("", "Exact time");
        let grains = grains(column.ty);
        let options: Vec<Choice> =
            std::iter::once(exact).chain(grains.iter().map(|g| Choice::new(g.as_str(), grain_label(*g)))).collect();
        let value = Signal::derive(move || dimension().grain.map_or_else(String::new, |g| g.as_str().to_owned()));
        let choose = move |name: String| set(grains.iter().copied().find(|g| g.as_str() == name), None);
        return Some(
            view! { <Select label=format!("How {label} is rounded") options value on_change=choose/> }.into_any(),
        );
    }
    if !column.ty.is_number() {
        return None;
    }
    let usual = [10, 20, 50];
    let options = Signal::derive(move || {
        let mut options = vec![Choice::new("", "Each value")];
        options.extend(usual.iter().map(|n| Choice::new(n.to_string(), format!("{n} ranges"))));
        if let Some(Bin::Count(n)) = dimension().bin.filter(|b| !usual.iter().any(|n| *b == Bin::Count(*n))) {
            options.push(Choice::new(n.to_string(), format!("{n} ranges")));
        }
        options.push(Choice::new("width", "Ranges of a width"));
        options
    });
    let width = Memo::new(move |_| match dimension().bin {
        Some(Bin::Width(width)) => Some(width),
        _ => None,
    });
    let value = Signal::derive(move || match dimension().bin {
        Some(Bin::Count(n)) => n.to_string(),
        Some(Bin::Width(_)) => "width".to_owned(),
        None => String::new(),
    });
    let choose = move |n: String| match n.as_str() {
        "width" => set(None, Some(Bin::Width(width.get_untracked().unwrap_or(10.0)))),
        n => set(None, n.parse().ok().map(Bin::Count)),
    };
    let set_width = move |n: Option<f64>| {
        if let Some(n) = n.filter(|n| *n > 0.0) {
            set(None, Some(Bin::Width(n)));
        }
    };
    let label = label.to_owned();
    Some(
        view! {
            <Select label=format!("Ranges of {label}") options value on_change=choose/>
            <Show when=move || width.with(Option::is_some)>
                <NumberInput label="Width of a range" value=width on_change=set_width/>
            </Show>
        }
        .into_any(),
    )
}

/// The name a field goes by in the chart. It is taken when the box is left, or with Enter.
#[component]
fn Rename(editor: Editor, well: Well, at: usize, alias: Signal<Option<String>>, label: String) -> impl IntoView {
    let take = move |event: ev::Event| {
        let name = Some(event_target_value(&event).trim().to_owned()).filter(|n| !n.is_empty());
        editor.edit(|draft, _, _| {
            // Two outputs of one name cannot be told apart.
            let taken = name.as_ref().is_some_and(|n| shape::output_names(&draft.query).contains(n));
            let name = name.filter(|_| !taken);
            if let Some(measure) = draft.measure_mut(well, at) {
                measure.alias = name;
            } else if let Some(dimension) = draft.dimension_mut(well, at) {
                dimension.alias = name;
            }
            draft.tidy();
        });
    };
    view! {
        <input
            class="input"
            type="text"
            autofocus=true
            maxlength="100"
            aria-label=format!("Name of {label}")
            placeholder=label
            prop:value=move || alias.get().unwrap_or_default()
            on:change=take
        />
    }
}
