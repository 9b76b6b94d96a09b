//! The look at a file before it is loaded: how it is read, what it holds, where it goes.

use super::breaks::Breaks;
use super::plural;
use super::preview::PreviewTable;
use super::progress::Refusal;
use super::target::Target;
use super::upload::Upload;
use crate::components::*;
use domain::dataset::{BadRow, FileFormat, LoadOptions};
use leptos::prelude::*;

const FORMATS: [(FileFormat, &str, &str); 7] = [
    (FileFormat::Csv, "csv", "CSV"),
    (FileFormat::Tsv, "tsv", "TSV"),
    (FileFormat::Json, "json", "JSON"),
    (FileFormat::Ndjson, "ndjson", "JSON lines"),
    (FileFormat::Parquet, "parquet", "Parquet"),
    (FileFormat::Xlsx, "xlsx", "Excel"),
    (FileFormat::Arrow, "arrow", "Arrow"),
];
const DELIMITERS: [(&str, &str); 5] =
    [(",", "Comma ,"), (";", "Semicolon ;"), ("\t", "Tab"), ("|", "Bar |"), (" ", "Space")];
const ENCODINGS: [(&str, &str); 8] = [
    ("utf-8", "UTF-8"),
    ("windows-1252", "Western (Windows-1252)"),
    ("iso-8859-15", "Western (ISO 8859-15)"),
    ("windows-1250", "Central European (Windows-1250)"),
    ("windows-1251", "Cyrillic (Windows-1251)"),
    ("utf-16le", "UTF-16, little endian"),
    ("utf-16be", "UTF-16, big endian"),
    ("shift_jis", "Japanese (Shift JIS)"),
];

/// The second stage of an upload.
#[component]
pub(super) fn Looking(upload: Upload) -> impl IntoView {
    view! {
        <Refusal upload/>
        <Reading upload/>
        <Show
            when=move || upload.preview.with(Option::is_some)
            fallback=move || {
                view! { <Show when=move || upload.busy.get()><Skeleton height="14rem"/></Show> }
            }
        >
            <PreviewTable upload/>
            <BadRows upload/>
            <Target upload/>
            <Breaks upload/>
        </Show>
    }
    .into_any()
}

/// What is chosen, or else detected.
fn read<T>(upload: Upload, get: fn(&LoadOptions) -> Option<T>) -> Option<T> {
    let detected = || upload.preview.with(|p| p.as_ref().and_then(|p| get(&p.options)));
    upload.wanted.with(get).or_else(detected)
}

fn choices(list: &[(&str, &str)], now: Option<String>) -> Vec<Choice> {
    let mut all: Vec<Choice> = list.iter().map(|(value, label)| Choice::new(*value, *label)).collect();
    if let Some(now) = now.filter(|now| !all.iter().any(|c| c.value == *now)) {
        all.push(Choice::new(now.clone(), now));
    }
    all
}

/// How the file is read, as controls.
#[component]
fn Reading(upload: Upload) -> impl IntoView {
    let format = Memo::new(move |_| read(upload, |o| o.format));
    let format_id = Signal::derive(move || {
        FORMATS.iter().find(|f| Some(f.0) == format.get()).map(|f| f.1.to_owned()).unwrap_or_default()
    });
    let formats = choices(&FORMATS.map(|(_, id, label)| (id, label)), None);
    let set_format = move |id: String| {
        let format = FORMATS.iter().find(|f| f.1 == id).map(|f| f.0);
        // Another format has other settings.
        upload.read_as(|o| *o = LoadOptions { format, skip_bad_rows: o.skip_bad_rows, ..LoadOptions::default() });
    };
    let is_text = move || matches!(format.get(), Some(FileFormat::Csv | FileFormat::Tsv));
    let sheets = Memo::new(move |_| upload.preview.with(|p| p.as_ref().map(|p| p.sheets.clone()).unwrap_or_default()));
    view! {
        <div class="upload-reading" data-testid="upload-options">
            <Field label="Format">
                <Select options=formats value=format_id on_change=set_format placeholder="Detected"/>
            </Field>
            <Show when=is_text><TextReading upload/></Show>
            <Show when=move || { sheets.with(|s| !s.is_empty()) }>
                <Field label="Sheet">
                    <Select
                        options=Signal::derive(move || sheets.get().into_iter().map(|s| Choice::new(s.clone(), s)).collect::<Vec<_>>())
                        value=Signal::derive(move || read(upload, |o| o.sheet.clone()).unwrap_or_default())
                        on_change=move |sheet: String| upload.read_as(|o| o.sheet = Some(sheet))
                    />
                </Field>
            </Show>
        </div>
    }
    .into_any()
}

/// The controls of text files.
#[component]
fn TextReading(upload: Upload) -> impl IntoView {
    let delimiter = Memo::new(move |_| read(upload, |o| o.delimiter.clone()));
    let encoding = Memo::new(move |_| read(upload, |o| o.encoding.clone()).map(|e| e.to_lowercase()));
    let header = Signal::derive(move || read(upload, |o| o.header).unwrap_or(true));
    let comma = Signal::derive(move || read(upload, |o| o.decimal_comma).unwrap_or(false));
    view! {
        <Field label="Delimiter">
            <Select
                options=Signal::derive(move || choices(&DELIMITERS, delimiter.get()))
                value=Signal::derive(move || delimiter.get().unwrap_or_default())
                on_change=move |text: String| upload.read_as(|o| o.delimiter = Some(text))
            />
        </Field>
        <Field label="Encoding">
            <Select
                options=Signal::derive(move || choices(&ENCODINGS, encoding.get()))
                value=Signal::derive(move || encoding.get().unwrap_or_default())
                on_change=move |text: String| upload.read_as(|o| o.encoding = Some(text))
            />
        </Field>
        <div class="upload-switches">
            <Switch checked=header on_change=move |on| upload.read_as(|o| o.header = Some(on)) label="First row has the names"/>
            <Switch checked=comma on_change=move |on| upload.read_as(|o| o.decimal_comma = Some(on)) label="Decimal comma (1.234,56)"/>
        </div>
    }
    .into_any()
}

/// Rows that cannot be read, and what to do with them.
#[component]
fn BadRows(upload: Upload) -> impl IntoView {
    let bad = Memo::new(move |_| {
        upload.preview.with(|p| p.as_ref().map(|p| (p.bad_row_count, p.bad_rows.clone())).unwrap_or_default())
    });
    let skips = Signal::derive(move || upload.wanted.with(|w| w.skip_bad_rows));
    let skip = move |on| {
        upload.wanted.update(|w| w.skip_bad_rows = on);
        upload.look();
    };
    view! {
        <Show when=move || { bad.with(|b| b.0 > 0) || skips.get() }>
            <div class="bad-rows" data-testid="bad-rows">
                <Show when=move || bad.with(|b| b.0 > 0)>
                    <Notice tone=Tone::Warn>
                        <p>
                            {move || format!(
                                "{} cannot be read as things stand. Change the type of the column, or skip them.",
                                plural(bad.with(|b| b.0), "row"),
                            )}
                        </p>
                        {move || bad_list(bad.get().1)}
                    </Notice>
                </Show>
                <Checkbox checked=skips on_change=skip label="Skip them" hint="Rows that cannot be read are left out and counted."/>
            </div>
        </Show>
    }
    .into_any()
}

/// Bad rows, a line each.
fn bad_list(rows: Vec<BadRow>) -> AnyView {
    let line =
        |row: BadRow| view! { <li><span class="num">{format!("Line {}", row.line)}</span>": " {row.reason}</li> };
    view! { <ul class="bad-list">{rows.into_iter().map(line).collect_view()}</ul> }.into_any()
}

/// After the load: how many rows it has, and which were left out.
#[component]
pub(super) fn LeftOut(upload: Upload) -> impl IntoView {
    move || {
        upload.loaded.get().map(|loaded| {
            let left = plural(loaded.rejected, "row");
            let was = if loaded.rejected == 1 { "was" } else { "were" };
            let more = loaded.rejected > loaded.rejects.len() as u64;
            let head = if more { "The first of them:" } else { "Where:" };
            view! {
                <div class="bad-rows" data-testid="left-out" role="status">
                    <p>{format!("{} now has {}.", loaded.dataset.label, plural(loaded.dataset.row_count, "row"))}</p>
                    <Notice tone=Tone::Warn>
                        <p>{format!("{left} {was} left out because they cannot be read. {head}")}</p>
                        {bad_list(loaded.rejects)}
                    </Notice>
                </div>
            }
        })
    }
}
