//! The form of a source: what its kind asks for, a test, and the sentence that says what fails.

use super::field::control;
use crate::api::sources::{create_source, source_kinds, try_source, try_source_change, update_source};
use crate::components::*;
use crate::pages::deeds::{Answer, Deed, FormError};
use domain::Error;
use domain::source::{NewSource, Source, SourceInput, SourceKind, SourcePatch, SourceTest};
use leptos::{ev, prelude::*};
use serde_json::{Map, Value};

/// The dialog: for a new source, or for `source`.
#[component]
pub(crate) fn SourceDialog(
    open: RwSignal<bool>,
    #[prop(optional, into)] source: MaybeProp<Source>,
    /// With the source as it is now.
    on_saved: Callback<Source>,
) -> impl IntoView {
    let title = Signal::derive(move || match source.get() {
        Some(source) => format!("Edit {}", source.name),
        None => "Add source".to_owned(),
    });
    view! {
        <Dialog open title light=false>
            <Kinds source=source.get_untracked() open on_saved/>
        </Dialog>
    }
    .into_any()
}

#[component]
fn Kinds(source: Option<Source>, open: RwSignal<bool>, on_saved: Callback<Source>) -> impl IntoView {
    let kinds = Answer::of(source_kinds);
    move || match kinds.get() {
        None => view! { <Skeleton lines=8/> }.into_any(),
        Some(Ok(kinds)) => view! { <SourceForm source=source.clone() kinds open on_saved/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState error=error.0 retry=move |()| kinds.refetch() compact=true/> }.into_any()
        }
    }
}

/// What is being filled in. Copy it freely.
#[derive(Clone, Copy)]
pub(super) struct Form {
    source: StoredValue<Option<Source>>,
    kind: RwSignal<String>,
    name: RwSignal<String>,
    pub(super) values: RwSignal<Map<String, Value>>,
    /// What came of the last test of what stands here.
    test: RwSignal<Option<SourceTest>>,
    saving: Deed,
    trying: Deed,
}

impl Form {
    /// Sets or empties a field. What was tested before is another source.
    pub(super) fn set(self, name: &str, value: Option<Value>) {
        self.values.update(|values| match value {
            Some(value) => _ = values.insert(name.to_owned(), value),
            None => _ = values.remove(name),
        });
        self.test.set(None);
    }

    /// What the server says of one field.
    pub(super) fn error_of(self, field: &str) -> Option<String> {
        let error = self.saving.error.get().or_else(|| self.trying.error.get())?;
        (error.field.as_deref() == Some(field)).then(|| error.to_string())
    }

    /// The source has a password that stays unless another is given.
    pub(super) fn has_password(self) -> bool {
        self.source.with_value(|source| source.as_ref().is_some_and(|s| s.has_password))
    }

    fn id(self) -> Option<String> {
        self.source.with_value(|source| source.as_ref().map(|s| s.id.clone()))
    }

    fn new_source(self) -> NewSource {
        NewSource {
            name: self.name.get_untracked(),
            kind: self.kind.get_untracked(),
            settings: self.values.get_untracked(),
        }
    }

    fn patch(self) -> SourcePatch {
        SourcePatch { name: Some(self.name.get_untracked()), settings: Some(self.values.get_untracked()) }
    }

    fn try_it(self) {
        self.saving.error.set(None);
        self.test.set(None);
        let (id, new, patch) = (self.id(), self.new_source(), self.patch());
        let work = async move {
            match id {
                Some(id) => try_source_change(id, patch).await,
                None => try_source(new).await,
            }
        };
        self.trying.submit(work, move |test| _ = self.test.try_set(Some(test)));
    }
}

#[component]
fn SourceForm(
    source: Option<Source>,
    kinds: Vec<SourceKind>,
    open: RwSignal<bool>,
    on_saved: Callback<Source>,
) -> impl IntoView {
    let first = kinds.first().map(|k| k.kind.clone()).unwrap_or_default();
    let form = Form {
        kind: RwSignal::new(source.as_ref().map_or(first, |s| s.kind.clone())),
        name: RwSignal::new(source.as_ref().map(|s| s.name.clone()).unwrap_or_default()),
        values: RwSignal::new(source.as_ref().map(|s| s.settings.clone()).unwrap_or_default()),
        source: StoredValue::new(source),
        test: RwSignal::new(None),
        saving: Deed::new(),
        trying: Deed::new(),
    };
    let is_new = form.id().is_none();
    let kinds = StoredValue::new(kinds);
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        form.trying.error.set(None);
        let (id, new, patch) = (form.id(), form.new_source(), form.patch());
        let work = async move {
            match id {
                Some(id) => update_source(id, patch).await,
                None => create_source(new).await,
            }
        };
        form.saving.submit(work, move |source| {
            _ = open.try_set(false);
            _ = on_saved.try_run(source);
        });
    };
    let kind = Memo::new(move |_| {
        let wanted = form.kind.get();
        kinds.with_value(|kinds| kinds.iter().find(|k| k.kind == wanted).cloned())
    });
    let fields = move || {
        let kind = kind.get()?;
        Some(
            view! { <div class="source-fields">{kind.fields.into_iter().map(|field| control(form, field)).collect_view()}</div> },
        )
    };
    // What is not about a field stands at the top.
    let general = Signal::derive(move || {
        let error = form.saving.error.get().or_else(|| form.trying.error.get())?;
        let has_place = |field: &str| field == "name" || kind.with(|k| is_field(k.as_ref(), field));
        Some(error).filter(|e| !e.field.as_deref().is_some_and(has_place))
    });
    view! {
        <form class="form" data-testid="source-form" on:submit=submit>
            <FormError error=general/>
            {is_new.then(|| view! { <KindPicker form kinds/> })}
            <p class="muted">{move || kind.get().map(|kind| kind.about)}</p>
            <Field label="Name" required=true hint="What people call it." error=Signal::derive(move || form.error_of("name"))>
                <TextInput value=form.name on_input=move |v| form.name.set(v) max_length=100/>
            </Field>
            {fields}
            <Tested form/>
            <div class="form-end">
                <Button icon="zap" busy=form.trying.busy on_click=move |()| form.try_it() attr:data-testid="source-test">"Test"</Button>
                <span class="grow"></span>
                <Button on_click=move |()| open.set(false)>"Cancel"</Button>
                <Button kind="submit" variant=Variant::Primary busy=form.saving.busy>
                    {if is_new { "Add source" } else { "Save source" }}
                </Button>
            </div>
        </form>
    }
    .into_any()
}

fn is_field(kind: Option<&SourceKind>, place: &str) -> bool {
    let name = place.strip_prefix("settings.").unwrap_or_default();
    kind.is_some_and(|kind| kind.fields.iter().any(|f| f.name == name && f.input != SourceInput::Flag))
}

/// The kinds, to choose from.
#[component]
fn KindPicker(form: Form, kinds: StoredValue<Vec<SourceKind>>) -> impl IntoView {
    let choose = move |kind: String| {
        form.kind.set(kind);
        form.values.set(Map::new());
        form.test.set(None);
        form.saving.error.set(None::<Error>);
        form.trying.error.set(None);
    };
    let segments = kinds
        .with_value(|kinds| kinds.iter().map(|k| Segment::new(k.kind.clone(), k.label.clone())).collect::<Vec<_>>());
    view! { <div data-testid="source-kinds"><SegmentedControl label="Kind of source" segments value=form.kind on_change=choose/></div> }
        .into_any()
}

/// What came of a test.
#[component]
fn Tested(form: Form) -> impl IntoView {
    let result = move || {
        form.test.get().map(|test| {
            let SourceTest { ok, message, hint, elapsed_ms } = test;
            let tone = if ok { Tone::Good } else { Tone::Bad };
            view! {
                <Notice tone>
                    <p>{message}</p>
                    {hint.map(|hint| view! { <p>{hint}</p> })}
                    {ok.then(|| view! { <p class="small">{format!("Answered in {elapsed_ms:.0} ms.")}</p> })}
                </Notice>
            }
        })
    };
    view! { <div role="status" data-testid="source-tested">{result}</div> }.into_any()
}
