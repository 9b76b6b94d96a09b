//! The rows of a small answer, all of them. `SheetView` is for many.

use crate::session::locale;
use domain::Table;
use domain::format::cell;
use leptos::prelude::*;

/// A plain table of an answer.
#[component]
pub fn PlainTable(
    table: Table,
    /// Names the part of the page that scrolls.
    label: &'static str,
    /// Beside `table`.
    #[prop(default = "small")]
    class: &'static str,
    #[prop(optional)] id: Option<&'static str>,
) -> impl IntoView {
    let locale = locale();
    let heads = table.columns.iter().map(|field| {
        view! { <th scope="col" class:num=field.ty.is_number()>{field.label.clone()}</th> }
    });
    let row = |at: usize| {
        let cells = table.columns.iter().zip(table.row(at)).map(|(field, value)| {
            view! { <td class:num=field.ty.is_number()>{cell(value, field, false, &locale)}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    };
    view! {
        <div class="table-wrap" tabindex="0" role="region" aria-label=label>
            <table class=format!("table {class}") id=id data-testid=id>
                <thead><tr>{heads.collect_view()}</tr></thead>
                <tbody>{(0..table.row_count()).map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
