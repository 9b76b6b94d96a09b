//! A place for what must stay on the browser's one thread. On the server it is empty.

use leptos::prelude::*;

/// Holds a value in the browser. Copy it freely.
pub struct Local<T: 'static>(Option<StoredValue<T, LocalStorage>>);

impl<T> Clone for Local<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Local<T> {}

impl<T: Default> Local<T> {
    /// Holds the default.
    pub fn new() -> Self {
        Self::holding(T::default)
    }
}

impl<T: Default> Default for Local<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Local<T> {
    /// Holds what `make` makes; it is not called on the server, where values may be dropped on
    /// another thread than the one that made them.
    pub fn holding(make: impl FnOnce() -> T) -> Self {
        Self((!is_server()).then(|| StoredValue::new_local(make())))
    }

    /// Reads it; nothing on the server, or once the component is gone.
    pub fn with<R>(self, read: impl FnOnce(&T) -> R) -> Option<R> {
        self.0?.try_with_value(read)
    }

    /// Puts another value in and drops the one before, outside of any borrow.
    pub fn set(self, value: T) {
        drop(self.replace(value));
    }

    /// Puts another value in and returns the one before.
    pub fn replace(self, value: T) -> Option<T> {
        self.0?.try_update_value(|held| std::mem::replace(held, value))
    }
}
