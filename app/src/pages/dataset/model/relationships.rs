//! Relationships: how rows of other datasets belong to those of this one. Suggested with reasons,
//! accepted, or made by hand.

use super::state::{Modelling, changed_meanwhile};
use crate::api::datasets::list_datasets;
use crate::api::explore::join_suggestions;
use crate::components::*;
use crate::pages::deeds::FormError;
use domain::model::{JoinSuggestion, Relationship};
use domain::query::JoinKind;
use domain::{Column, Dataset, Error};
use leptos::task::spawn_local;
use leptos::{ev, prelude::*};

const KINDS: [(JoinKind, &str, &str); 2] =
    [(JoinKind::Left, "left", "Keep all rows"), (JoinKind::Inner, "inner", "Only rows that match")];

/// The form of one relationship. It keeps what was chosen while other tabs are looked at.
#[derive(Clone, Copy)]
pub(crate) struct JoinForm {
    open: RwSignal<bool>,
    /// The name of the one that is changed; none is there yet where it is new.
    of: RwSignal<Option<String>>,
    /// What it was when the form began, to notice what others make of it meanwhile.
    was: RwSignal<Option<Relationship>>,
    value: RwSignal<Relationship>,
    error: RwSignal<Option<Error>>,
}

fn blank() -> Relationship {
    Relationship {
        dataset: String::new(),
        on: vec![(String::new(), String::new())],
        kind: JoinKind::Left,
        alias: None,
        description: String::new(),
    }
}

impl JoinForm {
    pub(super) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            of: RwSignal::new(None),
            was: RwSignal::new(None),
            value: RwSignal::new(blank()),
            error: RwSignal::new(None),
        }
    }

    fn begin(self, relationship: Option<Relationship>) {
        self.of.set(relationship.as_ref().map(|r| r.qualifier().to_owned()));
        self.was.set(relationship.clone());
        self.value.set(relationship.unwrap_or_else(blank));
        self.error.set(None);
        self.open.set(true);
    }
}

#[component]
pub(super) fn Relationships(modelling: Modelling) -> impl IntoView {
    let form = modelling.join;
    let toasts = use_toasts();
    let datasets = RwSignal::new(Vec::<Dataset>::new());
    spawn_local(async move {
        // Without them there are names instead of labels, and nothing to choose by hand.
        if let Ok(found) = list_datasets().await {
            _ = datasets.try_set(found);
        }
    });
    let stored = Memo::new(move |_| modelling.part(|m| m.model.relationships.clone()));
    let remove = Callback::new(move |name: String| {
        modelling.change(
            move |model| model.relationships.retain(|r| r.qualifier() != name),
            move |result| match result {
                Ok(()) => toasts.good("Relationship removed"),
                Err(error) => toasts.error(&error),
            },
        );
    });
    let card = move |relationship: Relationship| {
        let at = stored.with_untracked(|all| all.iter().position(|r| *r == relationship));
        let trouble = at.and_then(|at| {
            let place = format!("relationships[{at}].");
            modelling.part(|m| m.misfits.iter().find(|m| m.field.starts_with(&place)).map(|m| m.message.clone()))
        });
        let name = relationship.qualifier().to_owned();
        let (edited, removed) = (relationship.clone(), name.clone());
        let dataset = relationship.dataset.clone();
        let label = move || label_of(&datasets.get(), &dataset);
        let alias =
            relationship.alias.clone().map(|alias| view! { <span class="muted">{format!("as {alias}")}</span> });
        let fate = KINDS.iter().find(|(kind, ..)| *kind == relationship.kind).map(|(.., words)| *words);
        let description = (!relationship.description.is_empty()).then(|| relationship.description.clone());
        let pairs = pairs(modelling, &relationship.on, &[]);
        view! {
            <li class="relationship" data-testid="relationship" data-name=name.clone()>
                <div class="relationship-text">
                    <p class="row-wrap"><Icon name="waypoints"/><strong>{label}</strong>{alias}</p>
                    {pairs}
                    <p class="small muted">{fate}{description.map(|d| format!(". {d}"))}</p>
                    {trouble.map(|text| view! { <p class="field-error"><Icon name="circle-alert"/><span>{text}</span></p> })}
                </div>
                <IconButton icon="pencil" label=format!("Edit the relationship with {name}") on_click=move |()| form.begin(Some(edited.clone()))/>
                <IconButton icon="trash-2" label=format!("Remove the relationship with {name}") on_click=move |()| remove.run(removed.clone())/>
            </li>
        }
        .into_any()
    };
    view! {
        <div class="model-head">
            <p class="muted">
                "A relationship says which rows of another dataset belong to a row of this one. Questions can then use its columns without anybody matching them again."
            </p>
            <Button icon="plus" disabled=form.open on_click=move |()| form.begin(None) attr:data-testid="add-relationship">
                "Add a relationship"
            </Button>
        </div>
        <Show when=move || form.open.get()><Editor modelling datasets/></Show>
        {move || {
            let all = stored.get();
            (!all.is_empty()).then(|| view! { <ul class="relationships">{all.into_iter().map(card).collect_view()}</ul> })
        }}
        <Suggestions modelling datasets stored/>
    }
    .into_any()
}

fn label_of(datasets: &[Dataset], name: &str) -> String {
    let found = datasets.iter().find(|d| d.name == name).map(|d| d.label.clone());
    found.unwrap_or_else(|| domain::names::to_label(name))
}

/// The columns that must be equal, with their types where those there are known.
fn pairs(modelling: Modelling, on: &[(String, String)], there: &[Column]) -> AnyView {
    let ty = |columns: &[Column], name: &str| columns.iter().find(|c| c.name == name).map(|c| c.ty.as_str());
    let own = modelling.dataset.with_untracked(|d| d.columns.clone());
    let pair = |(left, right): &(String, String)| {
        let types = match (ty(&own, left), ty(there, right)) {
            (Some(a), Some(b)) if a == b => Some(format!(" ({a})")),
            (Some(a), Some(b)) => Some(format!(" ({a} and {b})")),
            _ => None,
        };
        let (left, right) = (left.clone(), right.clone());
        view! { <li><code>{left}</code>" = "<code>{right}</code><span class="muted">{types}</span></li> }
    };
    view! { <ul class="relationship-pairs small">{on.iter().map(pair).collect_view()}</ul> }.into_any()
}

/// What could be related, and why.
#[component]
fn Suggestions(
    modelling: Modelling,
    datasets: RwSignal<Vec<Dataset>>,
    stored: Memo<Vec<Relationship>>,
) -> impl IntoView {
    let toasts = use_toasts();
    let found = RwSignal::new(None::<Result<Vec<JoinSuggestion>, Error>>);
    let load = move || {
        found.set(None);
        let name = modelling.name();
        spawn_local(async move {
            let suggestions = join_suggestions(name).await.map_err(Error::from);
            _ = found.try_set(Some(suggestions));
        });
    };
    load();
    let accept = Callback::new(move |suggestion: JoinSuggestion| {
        let JoinSuggestion { dataset, label, on, kind, alias, .. } = suggestion;
        let new = Relationship { dataset, on, kind, alias, description: String::new() };
        modelling.change(
            move |model| {
                let mut new = new;
                let taken = |name: &str| model.relationships.iter().any(|r| r.qualifier() == name);
                if taken(new.qualifier()) {
                    let base = new.qualifier().to_owned();
                    new.alias = (2..100).map(|n| format!("{base}_{n}")).find(|name| !taken(name));
                }
                model.relationships.push(new);
            },
            move |result| match result {
                Ok(()) => toasts.good(format!("{label} is related now")),
                Err(error) => toasts.error(&error),
            },
        );
    });
    let free = move |all: Vec<JoinSuggestion>| {
        let is_there = |s: &JoinSuggestion| stored.with(|r| r.iter().any(|r| r.dataset == s.dataset && r.on == s.on));
        all.into_iter().filter(|s| !is_there(s)).collect::<Vec<_>>()
    };
    let card = move |s: JoinSuggestion| {
        let there = datasets.with(|all| all.iter().find(|d| d.name == s.dataset).map(|d| d.columns.clone()));
        let pairs = pairs(modelling, &s.on, &there.unwrap_or_default());
        let (label, reason, is_unique) = (s.label.clone(), s.reason.clone(), s.is_unique);
        let dataset = s.dataset.clone();
        let overlap = s.overlap.map(|share| format!("{} % of the values found", (share * 100.0).floor()));
        view! {
            <li class="relationship" data-testid="suggestion" data-name=dataset>
                <div class="relationship-text">
                    <p class="row-wrap">
                        <strong>{label.clone()}</strong>
                        {overlap.map(|text| view! { <Badge>{text}</Badge> })}
                        {if is_unique {
                            view! { <Badge tone=Tone::Good>"One row there for each here"</Badge> }.into_any()
                        } else {
                            view! { <Badge tone=Tone::Warn>"Several rows may match"</Badge> }.into_any()
                        }}
                    </p>
                    {pairs}
                    <p class="small muted">
                        {reason}
                        {(!is_unique).then_some(" Numbers of this dataset are still counted once.")}
                    </p>
                </div>
                <Button icon="check" title=format!("Accept the relationship with {label}") on_click=move |()| accept.run(s.clone())>
                    "Accept"
                </Button>
            </li>
        }
        .into_any()
    };
    let body = move || match found.get() {
        None => view! { <Skeleton lines=4/> }.into_any(),
        Some(Err(error)) => view! { <ErrorState error compact=true retry=move |()| load()/> }.into_any(),
        Some(Ok(all)) => {
            let all = free(all);
            if all.is_empty() {
                view! { <p class="muted">"No other dataset you can see seems to fit. You can relate one by hand."</p> }
                    .into_any()
            } else {
                view! { <ul class="relationships">{all.into_iter().map(card).collect_view()}</ul> }.into_any()
            }
        }
    };
    view! { <Section title="Suggested">{body}</Section> }.into_any()
}

#[component]
fn Editor(modelling: Modelling, datasets: RwSignal<Vec<Dataset>>) -> impl IntoView {
    let form = modelling.join;
    let value = form.value;
    let own_name = modelling.name();
    let choices = Signal::derive(move || {
        datasets.with(|all| {
            let others = all.iter().filter(|d| d.name != own_name);
            others.map(|d| Choice::new(d.name.clone(), d.label.clone()).hint(d.name.clone())).collect::<Vec<_>>()
        })
    });
    let as_choices = |columns: &[Column]| {
        let stored = columns.iter().filter(|c| !c.is_calculated);
        stored.map(|c| Choice::new(c.name.clone(), c.label.clone())).collect::<Vec<_>>()
    };
    let here = Signal::derive(move || as_choices(&modelling.columns()));
    let there = Signal::derive(move || {
        let name = value.with(|v| v.dataset.clone());
        datasets.with(|all| all.iter().find(|d| d.name == name).map(|d| as_choices(&d.columns))).unwrap_or_default()
    });
    let choose = move |name: String| {
        // Columns of the same name are meant most likely.
        let same = datasets.with_untracked(|all| {
            let other = all.iter().find(|d| d.name == name)?;
            let own = modelling.dataset.get_untracked();
            own.columns
                .iter()
                .find(|c| !c.is_calculated && other.columns.iter().any(|o| o.name == c.name && o.ty == c.ty))
                .map(|c| (c.name.clone(), c.name.clone()))
        });
        value.update(|v| {
            v.dataset = name;
            v.on = vec![same.unwrap_or_default()];
        });
    };
    let kind = Signal::derive(move || {
        let now = value.with(|v| v.kind);
        KINDS.iter().find(|(kind, ..)| *kind == now).map(|(_, wire, _)| (*wire).to_owned()).unwrap_or_default()
    });
    let set_kind = move |wire: String| {
        if let Some((kind, ..)) = KINDS.iter().find(|(_, w, _)| *w == wire) {
            value.update(|v| v.kind = *kind);
        }
    };
    let count = Memo::new(move |_| value.with(|v| v.on.len()));
    let pair = move |i: usize| {
        let side = move |left: bool| {
            Signal::derive(move || {
                let (a, b) = value.with(|v| v.on.get(i).cloned()).unwrap_or_default();
                if left { a } else { b }
            })
        };
        let set = move |left: bool| {
            move |name: String| {
                value.update(|v| {
                    if let Some(pair) = v.on.get_mut(i) {
                        *(if left { &mut pair.0 } else { &mut pair.1 }) = name;
                    }
                });
            }
        };
        view! {
            <li class="join-pair">
                <Select label="Column here" placeholder="Column here" options=here value=side(true) on_change=set(true)/>
                <span aria-hidden="true">"="</span>
                <Select label="Column there" placeholder="Column there" options=there value=side(false) on_change=set(false)/>
                {(i > 0).then(|| view! {
                    <IconButton icon="x" size=Size::Small label="Remove this pair" on_click=move |()| value.update(|v| {
                        if i < v.on.len() {
                            v.on.remove(i);
                        }
                    })/>
                })}
            </li>
        }
        .into_any()
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let new = value.get_untracked();
        let is_whole = !new.dataset.is_empty() && new.on.iter().all(|(a, b)| !a.is_empty() && !b.is_empty());
        if !is_whole {
            let error = Error::invalid("A relationship needs a dataset, and columns on both sides.");
            form.error.set(Some(error.hint("Choose what is missing.")));
            return;
        }
        let of = form.of.get_untracked();
        let now = move || {
            untrack(|| {
                modelling
                    .model()
                    .relationships
                    .into_iter()
                    .find(|r| form.of.with(|of| Some(r.qualifier()) == of.as_deref()))
            })
        };
        if of.is_some() && now() != form.was.get_untracked() {
            form.was.set(now());
            form.error.set(Some(changed_meanwhile("relationship")));
            return;
        }
        form.error.set(None);
        modelling.change(
            move |model| {
                let at = of.and_then(|of| model.relationships.iter().position(|r| r.qualifier() == of));
                match at {
                    Some(at) => model.relationships[at] = new,
                    None => model.relationships.push(new),
                }
            },
            move |result| match result {
                Ok(()) => _ = form.open.try_set(false),
                Err(error) => {
                    _ = form.was.try_set(now());
                    _ = form.error.try_set(Some(error));
                }
            },
        );
    };
    let kinds: Vec<Choice> = KINDS.iter().map(|(_, wire, label)| Choice::new(*wire, *label)).collect();
    let set_alias = move |text: String| value.update(|v| v.alias = Some(text).filter(|t| !t.trim().is_empty()));
    view! {
        <Card attr:data-testid="relationship-form">
            <form class="form" on:submit=submit>
                <h2 class="model-form-head">
                    {move || if form.of.with(Option::is_some) { "Edit the relationship" } else { "New relationship" }}
                </h2>
                <FormError error=form.error/>
                <div class="form-row">
                    <Field label="Dataset" required=true>
                        <Combobox options=choices value=Signal::derive(move || value.with(|v| v.dataset.clone())) on_change=choose placeholder="Search datasets"/>
                    </Field>
                    <Field label="Rows without a match">
                        <Select options=kinds value=kind on_change=set_kind/>
                    </Field>
                    <Field label="Name" optional=true hint="What its columns are called by, where it is not the dataset's.">
                        <TextInput
                            value=Signal::derive(move || value.with(|v| v.alias.clone().unwrap_or_default()))
                            on_input=set_alias
                            max_length=60
                        />
                    </Field>
                </div>
                <div class="field">
                    <p class="field-label">"Columns that must be equal"</p>
                    <ul class="join-pairs"><For each=move || 0..count.get() key=|i| *i children=pair/></ul>
                    <div>
                        <Button
                            size=Size::Small
                            variant=Variant::Ghost
                            icon="plus"
                            on_click=move |()| value.update(|v| v.on.push(Default::default()))
                        >
                            "Another pair"
                        </Button>
                    </div>
                </div>
                <Field label="Description" optional=true>
                    <TextInput
                        value=Signal::derive(move || value.with(|v| v.description.clone()))
                        on_input=move |text| value.update(|v| v.description = text)
                        max_length=2_000
                    />
                </Field>
                <div class="form-end">
                    <Button on_click=move |()| form.open.set(false)>"Cancel"</Button>
                    <Button kind="submit" variant=Variant::Primary busy=modelling.busy>"Save relationship"</Button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}
