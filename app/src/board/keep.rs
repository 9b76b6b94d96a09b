//! Operations that the server has not acknowledged, kept in this browser until it has. Each tab
//! writes under a key of its own; a tab that opens the dashboard takes over what others left.

use domain::document::Operation;
use leptos::prelude::window;
use web_sys::Storage;

/// Where one tab keeps its operations on one dashboard.
#[derive(Clone, Debug, Default)]
pub(super) struct Keep {
    prefix: String,
    tab: String,
}

fn storage() -> Option<Storage> {
    window().local_storage().ok().flatten()
}

impl Keep {
    pub(super) fn new(user: &str, dashboard: &str) -> Self {
        Self { prefix: format!("orrery.ops.{user}.{dashboard}."), tab: super::new_id() }
    }

    fn key(&self) -> String {
        format!("{}{}", self.prefix, self.tab)
    }

    /// Keeps these and no others.
    pub(super) fn write(&self, operations: &[&Operation]) {
        let Some(storage) = storage() else { return };
        // When the storage is full there is nothing better to do than to go on without.
        _ = match (operations.is_empty(), serde_json::to_string(operations)) {
            (false, Ok(text)) => storage.set_item(&self.key(), &text),
            _ => storage.remove_item(&self.key()),
        };
    }

    /// Takes over what other tabs left, or will send as well: the server takes each once.
    pub(super) fn adopt(&self) -> Vec<Operation> {
        let Some(storage) = storage() else { return Vec::new() };
        let keys: Vec<String> = (0..storage.length().unwrap_or(0))
            .filter_map(|i| storage.key(i).ok().flatten())
            .filter(|key| key.starts_with(&self.prefix) && *key != self.key())
            .collect();
        let mut all = Vec::new();
        for key in keys {
            let text = storage.get_item(&key).ok().flatten().unwrap_or_default();
            all.extend(serde_json::from_str::<Vec<Operation>>(&text).unwrap_or_default());
            _ = storage.remove_item(&key);
        }
        all
    }
}
