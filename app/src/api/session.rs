//! Who is signed in.

use super::Result;
use domain::Caller;
use leptos::prelude::*;

/// The caller as the server sees them now; null when the session has ended. Pages read
/// [`crate::session::use_session`] instead, which is there at once.
#[server]
pub async fn current_caller() -> Result<Option<Caller>> {
    let caller = use_context::<Option<Caller>>().flatten();
    Ok(caller.map(|caller| Caller { credential_id: String::new(), ..caller }))
}
