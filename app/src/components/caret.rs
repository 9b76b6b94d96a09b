//! The caret of a field whose text others change too.

use leptos::prelude::*;

/// Where the caret belongs after somebody else changed the text: it stays with its letters.
/// Counted in UTF-16 units, as the browser does.
fn caret_after(old: &str, new: &str, caret: u32) -> u32 {
    let (old, new): (Vec<u16>, Vec<u16>) = (old.encode_utf16().collect(), new.encode_utf16().collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let caret = caret as usize;
    if caret <= same {
        return caret as u32;
    }
    // What is behind the caret is behind it still.
    let behind = old.len().saturating_sub(caret);
    (new.len().saturating_sub(behind).max(same)) as u32
}

/// A field of one line or of several.
pub(crate) trait TextField: AsRef<web_sys::Node> {
    fn text(&self) -> String;
    fn caret(&self) -> Option<u32>;
    fn write(&self, text: &str);
    fn set_caret(&self, caret: u32);
}

macro_rules! text_field {
    ($($element:ty),*) => {$(
        impl TextField for $element {
            fn text(&self) -> String {
                self.value()
            }

            fn caret(&self) -> Option<u32> {
                self.selection_start().ok().flatten()
            }

            fn write(&self, text: &str) {
                self.set_value(text);
            }

            fn set_caret(&self, caret: u32) {
                _ = self.set_selection_range(caret, caret);
            }
        }
    )*};
}

text_field!(web_sys::HtmlInputElement, web_sys::HtmlTextAreaElement);

/// Brings a field to a text that others change too.
pub(crate) fn write_shared(field: &impl TextField, new: &str) {
    let old = field.text();
    if old == new {
        return;
    }
    let caret = field.caret();
    field.write(new);
    let focused = document().active_element().is_some_and(|active| active.is_same_node(Some(field.as_ref())));
    if let Some(caret) = caret.filter(|_| focused) {
        field.set_caret(caret_after(&old, new, caret));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_caret_stays_with_its_letters() {
        assert_eq!(caret_after("Sales", "Sales 2026", 3), 3, "changed behind it");
        assert_eq!(caret_after("Sales", "All sales", 5), 9, "changed before it");
        assert_eq!(caret_after("abc", "", 2), 0);
        assert_eq!(caret_after("Sales", "Sales!", 5), 5);
    }
}
