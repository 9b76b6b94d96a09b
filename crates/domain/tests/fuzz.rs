//! The fuzz target `document` in short.

#[path = "../../../fuzz/shared/document.rs"]
mod document;
#[path = "../../../fuzz/shared/replay.rs"]
mod replay;

#[test]
fn no_update_breaks_a_document() {
    replay::replay("document", 7, 1_500, document::one);
}
