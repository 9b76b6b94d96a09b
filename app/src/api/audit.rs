//! The audit log, for administrators.

use super::Result;
use domain::audit::{AuditPage, AuditRequest, AuditWords};
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// A page of what was done, newest first.
#[server(input = Json)]
pub async fn audit_log(request: AuditRequest) -> Result<AuditPage> {
    let (services, caller) = super::caller()?;
    Ok(services.list_audit(&caller, &request).await?)
}

/// What the log can be searched by.
#[server]
pub async fn words_of_audit() -> Result<AuditWords> {
    let (services, caller) = super::caller()?;
    Ok(services.audit_words(&caller).await?)
}
