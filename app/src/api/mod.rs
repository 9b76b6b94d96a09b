//! Server functions, one file a resource. Each takes the caller from context, asks `services`
//! and returns; nothing is decided here.

pub mod alerts;
pub mod chart_plugins;
pub mod connect;
pub mod dashboards;
pub mod datasets;
pub mod document;
pub mod error;
pub mod explore;
pub mod history;
pub mod inbox;
pub mod jobs;
pub mod metrics;
pub mod models;
pub mod people;
pub mod reports;
pub mod session;
pub mod sharing;
pub mod sources;
pub mod sql;
pub mod tiles;
pub mod walls;

pub use error::AppError;

/// What a server function returns.
pub type Result<T> = std::result::Result<T, AppError>;

/// The services, and who asks them.
///
/// # Errors
/// Nobody is signed in.
#[cfg(feature = "ssr")]
pub(crate) fn caller() -> Result<(services::Services, domain::Caller)> {
    use domain::{Error, ErrorCode};
    use leptos::prelude::use_context;
    let caller = use_context::<Option<domain::Caller>>().flatten();
    let caller = caller.ok_or_else(|| Error::new(ErrorCode::SignInRequired, "Sign in to go on."))?;
    let services = use_context::<services::Services>().ok_or_else(Error::internal)?;
    Ok((services, caller))
}
