//! The icons in use, as one file of symbols: `<use href="…#i-NAME">`.

use std::path::Path;

use crate::sh::{self, Result};

/// The symbols of the names in `frontend/icons.txt`; a name lucide lacks is an error.
pub(super) fn sprite(frontend: &Path) -> Result<String> {
    let names = sh::read_text(&frontend.join("icons.txt"))?;
    let icons = frontend.join("node_modules/lucide-static/icons");
    let mut symbols = String::new();
    let mut missing = Vec::new();
    for name in names.lines().map(str::trim).filter(|name| !name.is_empty()) {
        match sh::read_text(&icons.join(format!("{name}.svg"))) {
            Ok(svg) => symbols.push_str(&symbol(name, &svg)?),
            Err(_) => missing.push(name),
        }
    }
    if !missing.is_empty() {
        return Err(format!("frontend/icons.txt: lucide has no {}", missing.join(", ")).into());
    }
    Ok(format!("<svg xmlns=\"http://www.w3.org/2000/svg\">{symbols}</svg>"))
}

/// One icon. The stroke's width is left to the style sheet, to go with the text's weight.
fn symbol(name: &str, svg: &str) -> Result<String> {
    let inner = svg
        .find("<svg")
        .and_then(|start| svg[start..].find('>').map(|end| start + end + 1))
        .and_then(|start| svg.rfind("</svg>").map(|end| &svg[start..end]))
        .ok_or_else(|| format!("{name}.svg is not an icon"))?;
    let shapes: String = inner.lines().map(str::trim).collect();
    Ok(format!(
        "<symbol id=\"i-{name}\" viewBox=\"0 0 24 24\" fill=\"none\" stroke=\"currentColor\" \
         stroke-linecap=\"round\" stroke-linejoin=\"round\">{shapes}</symbol>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_symbol_holds_the_shapes_alone() {
        let svg = "<!-- licence -->\n<svg\n  class=\"x\"\n  width=\"24\"\n>\n  <path d=\"M1 2\" />\n  <path d=\"M3 4\" />\n</svg>\n";
        let made = symbol("table", svg).unwrap();
        assert!(made.starts_with("<symbol id=\"i-table\" viewBox=\"0 0 24 24\""));
        assert!(made.ends_with("><path d=\"M1 2\" /><path d=\"M3 4\" /></symbol>"));
    }

    #[test]
    fn what_is_no_icon_is_refused() {
        assert!(symbol("x", "not a picture").is_err());
    }

    #[test]
    fn every_missing_name_is_told() {
        let frontend = tempfile::tempdir().unwrap();
        std::fs::write(frontend.path().join("icons.txt"), "ghost\n\nphantom\n").unwrap();
        let error = sprite(frontend.path()).unwrap_err().to_string();
        assert!(error.contains("ghost, phantom"), "{error}");
    }
}
