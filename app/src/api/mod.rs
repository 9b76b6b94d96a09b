//! Server functions, one file a resource. Each takes the caller from context, asks `services`
//! and returns; nothing is decided here.

pub mod account;
pub mod alerts;
pub mod asking;
pub mod audit;
pub mod chart_plugins;
pub mod comments;
pub mod connect;
pub mod dashboards;
pub mod datasets;
pub mod document;
pub mod error;
pub mod explore;
pub mod folders;
pub mod forecasts;
pub mod groups;
pub mod history;
pub mod inbox;
pub mod insights;
pub mod jobs;
pub mod learning;
pub mod links;
pub mod metrics;
pub mod models;
pub mod people;
pub mod policies;
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

/// The same for what is asked about a dashboard: a viewer of a link calls it by the link, and is the
/// visitor of that link, whoever else uses the browser.
///
/// # Errors
/// Nobody is signed in, or the visit is over.
#[cfg(feature = "ssr")]
pub(crate) async fn caller_at(dashboard: &str) -> Result<(services::Services, domain::Caller)> {
    use domain::{Error, ErrorCode};
    use leptos::prelude::use_context;
    let Some(link) = domain::link::link_in(dashboard) else { return caller() };
    let services = use_context::<services::Services>().ok_or_else(Error::internal)?;
    let visits = use_context::<crate::VisitKeys>().unwrap_or_default();
    let visitor = match visits.0.get(link) {
        Some(sealed) => services.caller_from_visit(link, sealed).await,
        None => None,
    };
    let over = || Error::new(ErrorCode::Gone, "This link was revoked, or you have to open it again.");
    Ok((services, visitor.ok_or_else(over)?))
}
