//! What must stay on the browser's one thread.

pub(super) use crate::components::local::Local;
