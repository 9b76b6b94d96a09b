//! A look into a table: its columns and its first rows.

use crate::api::sources::look_into_table;
use crate::components::*;
use crate::pages::data::plural;
use crate::pages::data::preview::field_of;
use crate::pages::deeds::Answer;
use domain::source::TableLook;
use domain::{Cell, Field, Role};
use leptos::prelude::*;

#[component]
pub(super) fn Look(id: String, table: String) -> impl IntoView {
    let title = table.clone();
    let look = Answer::of(move || look_into_table(id.clone(), table.clone()));
    let body = move || match look.get() {
        None => view! { <Skeleton height="14rem"/> }.into_any(),
        Some(Err(error)) => {
            view! { <ErrorState error=error.0 retry=move |()| look.refetch() compact=true/> }.into_any()
        }
        Some(Ok(look)) => shown(look),
    };
    view! {
        <div class="stack" data-testid="table-look">
            <h3 class="source-table-name">{title}</h3>
            {body}
        </div>
    }
    .into_any()
}

fn shown(look: TableLook) -> AnyView {
    let fields: Vec<Field> = look.columns.iter().map(field_of).collect();
    let head = look.columns.iter().map(|column| {
        let number = column.ty.is_number();
        view! {
            <th scope="col" class:num=number>
                <span>{column.name.clone()}</span>
                <span class="source-type">{column.ty.as_str()}</span>
            </th>
        }
    });
    let locale = crate::session::locale();
    let line = |row: &Vec<Cell>| {
        let cells = row.iter().zip(&fields).map(|(cell, field)| {
            let number = field.ty.is_number() && field.role == Role::Measure;
            view! { <td class:num=number class:is-null=cell.is_null()>{domain::format::cell(cell, field, false, &locale)}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    };
    let n = look.rows.len() as u64;
    let words = match n {
        0 => format!("{}, no rows", plural(look.columns.len() as u64, "column")),
        n => format!("{}, the first {}", plural(look.columns.len() as u64, "column"), plural(n, "row")),
    };
    view! {
        <p class="muted num">{words}</p>
        <div class="preview-scroll" tabindex="0" role="region" aria-label="First rows of the table">
            <table class="preview-table">
                <thead><tr>{head.collect_view()}</tr></thead>
                <tbody>{look.rows.iter().map(line).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
