//! The first rows of a file, under heads in which columns are renamed, typed or left out.

use super::upload::Upload;
use crate::components::Spinner;
use domain::dataset::Preview;
use domain::{Cell, Column, DataType, Field, Role};
use leptos::prelude::*;

/// Rows shown.
const ROWS: usize = 30;

/// What a column can be for. An identifier is a dimension: one groups by it and never sums it up.
const ROLES: [(Role, &str); 3] =
    [(Role::Measure, "Measure"), (Role::Dimension, "Dimension or id"), (Role::Time, "Time")];

/// Whether values of a type can play a role.
fn suits(role: Role, ty: Option<DataType>) -> bool {
    match role {
        Role::Measure => ty.is_none_or(DataType::is_number),
        Role::Time => ty.is_none_or(DataType::is_time),
        Role::Dimension => true,
    }
}

/// The answer's column that shows a column of the file; none while it is left out.
fn shown(preview: &Preview, column: usize) -> Option<usize> {
    let choices = &preview.options.columns;
    let skipped = choices.get(column).is_none_or(|c| c.skip);
    (!skipped).then(|| choices[..column].iter().filter(|c| !c.skip).count())
}

/// An output field like the column.
pub(crate) fn field_of(column: &Column) -> Field {
    Field {
        name: column.name.clone(),
        label: column.label.clone(),
        ty: column.ty,
        role: column.role,
        format: column.format.clone(),
        grain: None,
    }
}

#[component]
pub(super) fn PreviewTable(upload: Upload) -> impl IntoView {
    let width = Memo::new(move |_| {
        // While the file is read in another way, the earlier columns stay in sight.
        let wanted = upload.wanted.with(|w| w.columns.len());
        if wanted > 0 { wanted } else { upload.preview.with(|p| p.as_ref().map_or(0, |p| p.options.columns.len())) }
    });
    let body = move || {
        upload.preview.with(|preview| {
            let Some(preview) = preview else { return Vec::new() };
            let width = preview.options.columns.len();
            let at: Vec<Option<usize>> = (0..width).map(|c| shown(preview, c)).collect();
            let fields: Vec<Field> = preview.columns.iter().map(field_of).collect();
            preview.rows.iter().take(ROWS).map(|row| line(row, &at, &fields)).collect()
        })
    };
    view! {
        <div class="preview" aria-busy=move || if upload.busy.get() { "true" } else { "false" }>
            <div class="preview-head">
                <h3>"First rows"</h3>
                <Show when=move || upload.busy.get()><Spinner label="Reading the file again"/></Show>
            </div>
            <div class="preview-scroll" tabindex="0" role="region" aria-label="First rows of the file">
                <table class="preview-table" data-testid="preview-table">
                    <thead>
                        <tr>{move || (0..width.get()).map(|i| view! { <ColumnHead upload i/> }).collect_view()}</tr>
                    </thead>
                    <tbody>{body}</tbody>
                </table>
            </div>
        </div>
    }
    .into_any()
}

fn line(row: &[Cell], at: &[Option<usize>], fields: &[Field]) -> AnyView {
    let cell = |position: &Option<usize>| {
        let Some((cell, field)) = position.and_then(|p| row.get(p).zip(fields.get(p))) else {
            return view! { <td class="is-skipped"></td> }.into_any();
        };
        let number = field.ty.is_number() && field.role == Role::Measure;
        view! { <td class:num=number class:is-null=cell.is_null()>{domain::format::cell(cell, field, false, &crate::session::locale())}</td> }
            .into_any()
    };
    view! { <tr>{at.iter().map(cell).collect_view()}</tr> }.into_any()
}

/// Name, type and whether it is loaded.
#[component]
fn ColumnHead(upload: Upload, i: usize) -> impl IntoView {
    let source = Memo::new(move |_| {
        let wanted = upload.wanted.with(|w| w.columns.get(i).map(|c| c.source.clone()));
        let before = || upload.preview.with(|p| Some(p.as_ref()?.options.columns.get(i)?.source.clone()));
        wanted.or_else(before).unwrap_or_default()
    });
    let name = Memo::new(move |_| {
        let chosen = upload.wanted.with(|w| w.columns.get(i).and_then(|c| c.name.clone()));
        chosen.unwrap_or_else(|| source.get())
    });
    let skip = Memo::new(move |_| upload.wanted.with(|w| w.columns.get(i).is_some_and(|c| c.skip)));
    let ty = Memo::new(move |_| {
        let chosen = upload.wanted.with(|w| w.columns.get(i).and_then(|c| c.ty));
        chosen.or_else(|| upload.preview.with(|p| p.as_ref().and_then(|p| p.columns.get(shown(p, i)?).map(|c| c.ty))))
    });
    let rename = move |event| {
        let text = event_target_value(&event).trim().to_owned();
        upload.decide(i, |c| c.name = (!text.is_empty() && text != c.source).then_some(text));
    };
    let retype = move |event| {
        let id = event_target_value(&event);
        let ty = DataType::CHOICES.iter().copied().find(|t| t.as_str() == id);
        // A role that the new type cannot play is guessed again.
        upload.decide(i, |c| (c.ty, c.role) = (ty, c.role.filter(|role| suits(*role, ty))));
    };
    let role = Memo::new(move |_| {
        let chosen = upload.wanted.with(|w| w.columns.get(i).and_then(|c| c.role));
        let fits = |role: &Role| ROLES.iter().any(|(r, _)| r == role) && suits(*role, ty.get());
        let guessed = || upload.preview.with(|p| p.as_ref().and_then(|p| p.columns.get(shown(p, i)?).map(|c| c.role)));
        chosen.filter(fits).or_else(guessed)
    });
    let assign = move |event| {
        let id = event_target_value(&event);
        let role = ROLES.iter().map(|(role, _)| *role).find(|role| role.as_str() == id);
        upload.decide(i, |c| c.role = role);
    };
    let roles = move || {
        let fitting = ROLES.iter().filter(|(role, _)| suits(*role, ty.get()));
        let option = |(own, label): &(Role, &'static str)| {
            let own = *own;
            let chosen = move || role.get() == Some(own);
            view! { <option value=own.as_str() selected=untrack(chosen) prop:selected=chosen>{*label}</option> }
        };
        fitting.map(option).collect_view()
    };
    let other = move || ty.get().is_none_or(|t| !DataType::CHOICES.contains(&t));
    let option = move |choice: &DataType| {
        let choice = *choice;
        let chosen = move || ty.get() == Some(choice);
        view! { <option value=choice.as_str() selected=untrack(chosen) prop:selected=chosen>{choice.as_str()}</option> }
    };
    view! {
        <th scope="col" class:is-skipped=move || skip.get()>
            <div class="preview-column">
                <input
                    class="input"
                    type="text"
                    maxlength="200"
                    data-testid=format!("column-name-{i}")
                    aria-label=move || format!("Name of column {}", source.get())
                    prop:value=move || name.get()
                    disabled=move || skip.get()
                    on:change=rename
                />
                <select
                    class="input select"
                    data-testid=format!("column-type-{i}")
                    aria-label=move || format!("Type of column {}", source.get())
                    disabled=move || skip.get()
                    on:change=retype
                >
                    {move || other().then(|| view! { <option value="" selected=true>{ty.get().map_or("type", DataType::as_str)}</option> })}
                    {DataType::CHOICES.iter().map(option).collect_view()}
                </select>
                <select
                    class="input select"
                    data-testid=format!("column-role-{i}")
                    aria-label=move || format!("Role of column {}", source.get())
                    title="What the column is for: numbers to sum up, or values to group and filter by"
                    disabled=move || skip.get()
                    on:change=assign
                >
                    {roles}
                </select>
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid=format!("column-skip-{i}")
                        aria-label=move || format!("Load column {}", source.get())
                        prop:checked=move || !skip.get()
                        on:change=move |event| {
                            let load = event_target_checked(&event);
                            upload.decide(i, |c| c.skip = !load);
                        }
                    />
                    <span>"Load"</span>
                </label>
            </div>
        </th>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::dataset::{ColumnChoice, LoadOptions};

    #[test]
    fn roles_suit_types() {
        let fitting = |ty| ROLES.map(|(role, _)| suits(role, Some(ty)));
        assert_eq!(fitting(DataType::Integer), [true, true, false]);
        assert_eq!(fitting(DataType::Date), [false, true, true]);
        assert_eq!(fitting(DataType::Text), [false, true, false]);
    }

    #[test]
    fn columns_that_are_left_out_move_the_others() {
        let choice = |skip| ColumnChoice { source: "a".into(), name: None, ty: None, role: None, skip };
        let preview = Preview {
            options: LoadOptions {
                columns: vec![choice(false), choice(true), choice(false)],
                ..LoadOptions::default()
            },
            columns: vec![],
            rows: vec![],
            sheets: vec![],
            bad_rows: vec![],
            bad_row_count: 0,
        };
        assert_eq!([0, 1, 2, 3].map(|c| shown(&preview, c)), [Some(0), None, Some(1), None]);
    }
}
