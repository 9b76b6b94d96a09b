//! A tile's rows as a file, for a spreadsheet.

use domain::api::TileData;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Spreadsheets guess the encoding without it.
const MARK: &str = "\u{feff}";

/// A cell as CSV writes it. Text that a spreadsheet would take for a formula is defused.
fn cell(text: &str, is_text: bool) -> String {
    let is_formula = is_text && text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if is_formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r']) || is_formula {
        return format!("\"{}\"", text.replace('"', "\"\""));
    }
    text
}

/// The answer of a tile as a file.
pub(crate) fn of(data: &TileData) -> String {
    format!("{MARK}{}", text(data))
}

/// The answer of a tile: a line of labels, then the rows.
pub(crate) fn text(data: &TileData) -> String {
    let mut lines = Vec::new();
    if let Some(metric) = &data.reading {
        lines.push(format!("Time,{}", cell(&metric.name, true)));
        let line = |(time, value): &(String, Option<f64>)| {
            format!("{},{}", cell(time, true), value.map(|v| v.to_string()).unwrap_or_default())
        };
        lines.extend(metric.reading.history.iter().map(line));
    } else {
        let table = &data.table;
        let heads: Vec<String> = table.columns.iter().map(|field| cell(&field.label, true)).collect();
        lines.push(heads.join(","));
        for row in 0..table.row_count() {
            let cells = table.columns.iter().zip(&table.data).map(|(field, column)| {
                let value = column.get(row).map(domain::Cell::to_text).unwrap_or_default();
                cell(&value, !field.ty.is_number())
            });
            lines.push(cells.collect::<Vec<_>>().join(","));
        }
    }
    lines.join("\r\n") + "\r\n"
}

/// A name that every system takes.
pub(crate) fn file_name(name: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_alphanumeric() || " -_.".contains(c) { c } else { '-' }).collect();
    let clean: String = clean.trim_matches(['.', ' ', '-']).chars().take(80).collect();
    if clean.is_empty() { "data".to_owned() } else { clean }
}

/// Gives the person a file.
pub(crate) fn save(name: &str, kind: &str, text: &str) {
    let options = web_sys::BlobPropertyBag::new();
    options.set_type(kind);
    let parts = js_sys::Array::of1(&text.into());
    let Ok(blob) = web_sys::Blob::new_with_str_sequence_and_options(&parts, &options) else { return };
    let Ok(address) = web_sys::Url::create_object_url_with_blob(&blob) else { return };
    let link = document().create_element("a").ok().and_then(|a| a.dyn_into::<web_sys::HtmlAnchorElement>().ok());
    if let Some(link) = link {
        link.set_href(&address);
        link.set_download(name);
        link.click();
    }
    // The download has begun by then; until it has, the address must work.
    set_timeout(move || _ = web_sys::Url::revoke_object_url(&address), std::time::Duration::from_secs(10));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_defused_and_numbers_stay_numbers() {
        assert_eq!(cell("=1+1", true), "\"'=1+1\"");
        assert_eq!(cell("-5", false), "-5");
        assert_eq!(cell("a \"b\", c", true), "\"a \"\"b\"\", c\"");
        assert_eq!(cell("plain", true), "plain");
    }

    #[test]
    fn names_of_files_are_plain() {
        assert_eq!(file_name("Sales / region: 2026?"), "Sales - region- 2026");
        assert_eq!(file_name("../.."), "data");
        assert_eq!(file_name("Umsätze"), "Umsätze");
    }
}
