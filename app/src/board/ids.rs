//! Random numbers, from the browser's own source.

use leptos::prelude::{is_server, window};

/// Random bytes; zeros on the server, where nothing is edited.
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    if !is_server()
        && let Ok(crypto) = window().crypto()
    {
        _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}

/// The number of this replica of a document.
pub(super) fn client() -> u64 {
    u64::from_le_bytes(random::<8>())
}

/// An id for an operation, a tile, a tab.
pub fn new_id() -> String {
    random::<16>().iter().map(|byte| format!("{byte:02x}")).collect()
}
