//! Calculated columns: their list, and the form in which one is written.

use super::super::columns::RoleDot;
use super::super::formats;
use super::expression::ExpressionField;
use super::state::{Modelling, changed_meanwhile};
use super::uses::DeleteColumn;
use crate::api::models::{check_expression, expression_functions, try_expression};
use crate::components::*;
use crate::pages::deeds::FormError;
use domain::model::{CalculatedColumn, ExpressionCheck, ExpressionFunction, ExpressionRequest};
use domain::names::{to_label, to_name};
use domain::{Column, DataType, Error, Role, Table};
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// A pause of this long, in milliseconds, and what was written is checked.
const PAUSE: u64 = 250;

/// The form of one column. It keeps what was written while other tabs are looked at.
#[derive(Clone, Copy)]
pub(crate) struct ColumnForm {
    pub(super) open: RwSignal<bool>,
    /// The column that is changed; none is there yet where it is new.
    of: RwSignal<Option<String>>,
    /// What it was when the form began, to notice what others make of it meanwhile.
    was: RwSignal<Option<CalculatedColumn>>,
    column: RwSignal<CalculatedColumn>,
    /// Somebody chose the name; otherwise it follows the label.
    named: RwSignal<bool>,
    error: RwSignal<Option<Error>>,
}

impl ColumnForm {
    pub(super) fn new() -> Self {
        Self {
            open: RwSignal::new(false),
            of: RwSignal::new(None),
            was: RwSignal::new(None),
            column: RwSignal::new(CalculatedColumn::default()),
            named: RwSignal::new(false),
            error: RwSignal::new(None),
        }
    }

    fn begin(self, column: Option<CalculatedColumn>) {
        self.of.set(column.as_ref().map(|c| c.name.clone()));
        self.was.set(column.clone());
        self.named.set(column.is_some());
        let mut column = column.unwrap_or_default();
        // As it is shown: the form asks for one.
        if column.label.is_empty() && !column.name.is_empty() {
            column.label = to_label(&column.name);
        }
        self.column.set(column);
        self.error.set(None);
        self.open.set(true);
    }
}

#[component]
pub(super) fn Calculated(modelling: Modelling) -> impl IntoView {
    let form = modelling.column;
    let columns = Memo::new(move |_| modelling.part(|m| m.model.calculated.clone()));
    let deleted = RwSignal::new(None::<String>);
    let none = move || columns.with(Vec::is_empty);
    let table = move || {
        let head = vec![Head::text("Column"), Head::text("Expression"), Head::text("Type"), Head::hidden("Actions")];
        let rows = columns.get().into_iter().map(|column| row(modelling, column, deleted)).collect_view();
        view! { <Card flush=true><Table caption="Calculated columns" head>{rows}</Table></Card> }
    };
    view! {
        <div class="model-head">
            <p class="muted">
                "A calculated column is worked out from others of its row. It can be used wherever a column can."
            </p>
            <Button
                icon="plus"
                disabled=form.open
                on_click=move |()| form.begin(None)
                attr:data-testid="add-calculated"
            >
                "Add a calculated column"
            </Button>
        </div>
        <Show when=move || form.open.get()><ColumnEditor modelling/></Show>
        {move || if !none() {
            table().into_any()
        } else if form.open.get() {
            ().into_any()
        } else {
            view! {
                <EmptyState
                    icon="sigma"
                    title="No calculated columns yet"
                    text="Write one the way you would in a spreadsheet: distance / air_time * 60."
                />
            }
            .into_any()
        }}
        <DeleteColumn modelling column=deleted/>
    }
    .into_any()
}

/// One column of the list. One that does not work says why.
fn row(modelling: Modelling, column: CalculatedColumn, deleted: RwSignal<Option<String>>) -> AnyView {
    let shown: Option<Column> = modelling.dataset.with_untracked(|d| d.column(&column.name).cloned());
    let at = modelling.part(|m| m.model.calculated.iter().position(|c| c.name == column.name));
    let trouble = at.and_then(|at| {
        let place = format!("calculated[{at}].");
        modelling.part(|m| m.misfits.iter().find(|misfit| misfit.field.starts_with(&place)).cloned())
    });
    let label = if column.label.is_empty() { to_label(&column.name) } else { column.label.clone() };
    let role = shown.as_ref().map_or(Role::Dimension, |c| c.role);
    let ty = shown.map_or("—", |c| c.ty.as_str());
    let (name, named) = (column.name.clone(), label.clone());
    let (edited, deleting, id) = (column.clone(), column.name.clone(), column.name.clone());
    view! {
        <tr data-testid="calculated-row" data-name=id>
            <td>
                <div class="model-name"><RoleDot role/><span>{label}</span></div>
                <code class="dataset-name">{name}</code>
            </td>
            <td>
                <code class="model-expression">{column.expression}</code>
                {trouble
                    .map(|t| {
                        let hint = t.hint.map(|hint| format!(" {hint}"));
                        view! { <p class="field-error"><Icon name="circle-alert"/><span>{t.message}{hint}</span></p> }
                    })}
            </td>
            <td>{ty}</td>
            <td class="actions">
                <IconButton icon="pencil" label=format!("Edit {named}") on_click=move |()| modelling.column.begin(Some(edited.clone()))/>
                <IconButton icon="trash-2" label=format!("Delete {named}") on_click=move |()| deleted.set(Some(deleting.clone()))/>
            </td>
        </tr>
    }
    .into_any()
}

/// What is known about what was written.
#[derive(Clone, Copy)]
struct Checked {
    check: RwSignal<Option<Result<ExpressionCheck, Error>>>,
    rows: RwSignal<Option<Result<Table, Error>>>,
    waits: RwSignal<bool>,
}

impl Checked {
    /// Follows what is written, with a pause; only the latest counts.
    fn follow(modelling: Modelling) -> Self {
        let form = modelling.column;
        let checked = Self { check: RwSignal::new(None), rows: RwSignal::new(None), waits: RwSignal::new(false) };
        let written = Memo::new(move |_| form.column.with(|c| c.expression.clone()));
        let round = StoredValue::new(0u32);
        let ask = debounced(
            PAUSE,
            Callback::new(move |expression: String| {
                let own = round.get_value();
                let is_latest = move || round.try_get_value() == Some(own);
                let request = ExpressionRequest { expression, name: form.of.get_untracked() };
                let dataset = modelling.name();
                spawn_local(async move {
                    let check = check_expression(dataset.clone(), request.clone()).await.map_err(Error::from);
                    if !is_latest() {
                        return;
                    }
                    let works = check.as_ref().is_ok_and(|c| c.ty.is_some());
                    _ = checked.check.try_set(Some(check));
                    _ = checked.waits.try_set(false);
                    if !works {
                        _ = checked.rows.try_set(None);
                        return;
                    }
                    let rows = try_expression(dataset, request).await.map_err(Error::from);
                    if is_latest() {
                        _ = checked.rows.try_set(Some(rows));
                    }
                });
            }),
        );
        Effect::new(move |_| {
            let text = written.get();
            round.update_value(|r| *r += 1);
            if text.trim().is_empty() {
                checked.check.set(None);
                checked.rows.set(None);
                checked.waits.set(false);
            } else {
                // A mark at the old place would be wrong by now.
                checked.waits.set(true);
                ask.run(text);
            }
        });
        checked
    }

    fn ty(self) -> Option<DataType> {
        self.check.with(|c| c.as_ref().and_then(|c| c.as_ref().ok()?.ty))
    }
}

#[component]
fn ColumnEditor(modelling: Modelling) -> impl IntoView {
    let form = modelling.column;
    let checked = Checked::follow(modelling);
    let functions = RwSignal::new(Vec::<ExpressionFunction>::new());
    spawn_local(async move {
        // Without them one writes by heart; the check does not need them.
        if let Ok(found) = expression_functions().await {
            _ = functions.try_set(found);
        }
    });
    let columns = Signal::derive(move || {
        let own = form.of.get();
        let mut all = modelling.columns();
        all.retain(|c| Some(&c.name) != own.as_ref());
        all
    });
    let is_new = move || form.of.with(Option::is_none);
    let fault = Signal::derive(move || {
        let fault = checked.check.with(|c| c.as_ref().and_then(|c| c.as_ref().ok()?.fault.clone()));
        fault.filter(|_| !checked.waits.get())
    });
    let wrong = move || {
        let said = fault.get().map(|f| match f.hint {
            Some(hint) => format!("{} {hint}", f.message),
            None => f.message,
        });
        said.or_else(|| checked.check.with(|c| c.as_ref().and_then(|c| c.as_ref().err().map(ToString::to_string))))
    };
    let text =
        move |read: fn(&CalculatedColumn) -> &String| Signal::derive(move || form.column.with(|c| read(c).clone()));
    let set_label = move |label: String| {
        let follows = !form.named.get_untracked();
        form.column.update(|c| {
            if follows {
                c.name = if label.trim().is_empty() { String::new() } else { to_name(label.trim()) };
            }
            c.label = label;
        });
    };
    let set_name = move |name: String| {
        form.named.set(!name.is_empty());
        form.column.update(|c| c.name = name);
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let column = form.column.get_untracked();
        if column.name.is_empty() {
            form.error.set(Some(Error::invalid("A calculated column needs a label.").hint("Give it one.")));
            return;
        }
        if column.expression.trim().is_empty() {
            form.error.set(Some(Error::invalid("A calculated column needs an expression.").hint("Write one.")));
            return;
        }
        let of = form.of.get_untracked();
        let now = move || {
            untrack(|| {
                modelling.model().calculated.into_iter().find(|c| form.of.with(|of| Some(&c.name) == of.as_ref()))
            })
        };
        if of.is_some() && now() != form.was.get_untracked() {
            form.was.set(now());
            form.error.set(Some(changed_meanwhile("column")));
            return;
        }
        form.error.set(None);
        let put = move |model: &mut domain::model::SemanticModel| {
            let own = of.and_then(|of| model.calculated.iter().position(|c| c.name == of));
            match own {
                Some(at) => model.calculated[at] = column,
                None => model.calculated.push(column),
            }
        };
        modelling.change(put, move |result| match result {
            Ok(()) => _ = form.open.try_set(false),
            Err(error) => {
                _ = form.was.try_set(now());
                _ = form.error.try_set(Some(error));
            }
        });
    };
    let heading = move || match form.of.get() {
        Some(name) => format!("Edit {}", modelling.label_of(&name)),
        None => "New calculated column".to_owned(),
    };
    view! {
        <Card attr:data-testid="calculated-form">
            <form class="form" on:submit=submit>
                <h2 class="model-form-head">{heading}</h2>
                <FormError error=form.error/>
                <div class="form-row">
                    <Field label="Label" required=true>
                        <TextInput value=text(|c| &c.label) on_input=set_label max_length=200 autofocus=true/>
                    </Field>
                    <Field
                        label="Name"
                        hint=MaybeProp::derive(move || Some(if is_new() {
                            "What questions and expressions call it."
                        } else {
                            "Questions use it, so it stays."
                        }.to_owned()))
                    >
                        <TextInput value=text(|c| &c.name) on_input=set_name max_length=60 disabled=Signal::derive(move || !is_new())/>
                    </Field>
                </div>
                <Field label="Expression" required=true error=MaybeProp::derive(wrong)>
                    <ExpressionField
                        value=text(|c| &c.expression)
                        on_input=move |text| form.column.update(|c| c.expression = text)
                        columns
                        functions
                        fault
                    />
                </Field>
                <Outcome checked/>
                <Looks form checked/>
                <Field label="Description" optional=true>
                    <TextInput value=text(|c| &c.description) on_input=move |text| form.column.update(|c| c.description = text) max_length=2_000/>
                </Field>
                <div class="form-end">
                    <Button on_click=move |()| form.open.set(false)>"Cancel"</Button>
                    <Button
                        kind="submit"
                        variant=Variant::Primary
                        busy=modelling.busy
                        disabled=Signal::derive(move || fault.with(Option::is_some))
                    >
                        "Save column"
                    </Button>
                </div>
            </form>
        </Card>
    }
    .into_any()
}

/// The type that comes of it, and the first rows.
#[component]
fn Outcome(checked: Checked) -> impl IntoView {
    let ty = move || {
        match (checked.waits.get(), checked.ty()) {
        (true, _) => view! { <Spinner label="Checking"/> }.into_any(),
        (false, Some(ty)) => {
            view! { <Badge tone=Tone::Good icon="check"><span data-testid="expression-type">{ty.as_str()}</span></Badge> }.into_any()
        }
        (false, None) => ().into_any(),
    }
    };
    let rows = move || {
        checked.rows.get().map(|rows| match rows {
            Ok(table) if table.row_count() == 0 => {
                view! { <p class="muted small">"The dataset has no rows."</p> }.into_any()
            }
            Ok(table) => view! { <PlainTable table label="First rows"/> }.into_any(),
            Err(error) => {
                view! { <p class="field-error"><Icon name="circle-alert"/><span>{error.to_string()}</span></p> }
                    .into_any()
            }
        })
    };
    view! {
        <div class="model-outcome" class:is-stale=move || checked.waits.get() data-testid="expression-preview">
            <p class="row" role="status">{ty}</p>
            {rows}
        </div>
    }
    .into_any()
}

/// What it is for and how it is shown.
#[component]
fn Looks(form: ColumnForm, checked: Checked) -> impl IntoView {
    const ROLES: [Role; 3] = [Role::Time, Role::Dimension, Role::Measure];
    let guess = move || match checked.ty() {
        Some(ty) if ty.is_time() => "Automatic (time)",
        Some(ty) if ty.is_number() => "Automatic (measure)",
        Some(_) => "Automatic (dimension)",
        None => "Automatic",
    };
    let roles = Signal::derive(move || {
        let mut all = vec![Choice::new("", guess())];
        all.extend(ROLES.iter().map(|r| Choice::new(r.as_str(), to_label(r.as_str()))));
        all
    });
    let role = Signal::derive(move || form.column.with(|c| c.role.map(|r| r.as_str().to_owned()).unwrap_or_default()));
    let set_role = move |id: String| form.column.update(|c| c.role = ROLES.iter().copied().find(|r| r.as_str() == id));
    let format = Memo::new(move |_| form.column.with(|c| formats::word(c.format.as_ref())));
    let set_format = move |word: String| {
        if word != "own" {
            form.column.update(|c| c.format = formats::format(&word));
        }
    };
    let is_number = Memo::new(move |_| checked.ty().is_some_and(DataType::is_number));
    view! {
        <div class="form-row">
            <Field label="Role" hint="What it is for: measures are added up, dimensions and times group.">
                <Select options=roles value=role on_change=set_role/>
            </Field>
            <Show when=move || is_number.get()>
                <Field label="Format">
                    <Select
                        options=Signal::derive(move || format.with(|f| formats::choices(f)))
                        value=format
                        on_change=set_format
                    />
                </Field>
            </Show>
        </div>
    }
    .into_any()
}
