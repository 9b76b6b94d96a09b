//! The REST API under `/api/v1`. A handler has three lines: read, call the service, answer.

mod account;
mod alerts;
mod ask;
mod audit;
mod chart_plugins;
mod comments;
mod dashboards;
mod datasets;
mod errors;
mod extract;
mod folders;
mod forecasts;
mod grants;
mod groups;
mod history;
mod insights;
mod invitations;
mod jobs;
mod learning;
mod links;
mod me;
mod metrics;
mod models;
mod notifications;
mod openapi;
mod policies;
mod query;
mod reports;
mod sources;
mod sql;
mod thumbnails;
mod uploads;
mod users;
mod walls;

pub(crate) use errors::{Errors, Failure};
pub(crate) use extract::{Body, Params};

use crate::router::App;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::{Error, ErrorCode};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

/// What every handler answers.
pub(crate) type Answer<T> = Result<T, Failure>;

/// A list in an answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct Page<T: ToSchema> {
    pub(crate) items: Vec<T>,
    pub(crate) total: usize,
    /// Give it as `cursor` to get what follows; null at the end.
    pub(crate) next: Option<String>,
}

/// Which part of a list.
#[derive(Debug, Default, serde::Deserialize, utoipa::IntoParams)]
#[serde(default)]
pub(crate) struct PageRequest {
    /// 1 to 1,000; default 100.
    limit: Option<usize>,
    /// `next` of the former page.
    cursor: Option<String>,
}

impl PageRequest {
    /// Cuts a page out of a whole list.
    pub(crate) fn cut<T: ToSchema>(&self, all: Vec<T>) -> Answer<Page<T>> {
        let limit = self.limit.unwrap_or(100);
        if !(1..=1_000).contains(&limit) {
            return Err(Failure(Error::invalid("The limit is 1 to 1,000.").field("limit")));
        }
        let start = match &self.cursor {
            Some(text) => {
                text.parse().map_err(|_| Error::invalid("This cursor is not one of ours.").field("cursor"))?
            }
            None => 0_usize,
        };
        let total = all.len();
        let items: Vec<T> = all.into_iter().skip(start).take(limit).collect();
        let end = start.saturating_add(items.len());
        Ok(Page { items, total, next: (end < total).then(|| end.to_string()) })
    }
}

/// All routes of the API with its description.
pub(crate) fn routes() -> Router<App> {
    let (router, api) = described().split_for_parts();
    router.merge(openapi::routes(api))
}

/// The description of the API, for its tests.
#[cfg(test)]
pub(crate) fn description() -> utoipa::openapi::OpenApi {
    described().split_for_parts().1
}

fn described() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(openapi::document()).nest("/api/v1", resources())
}

fn resources() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(datasets::routes())
        .merge(uploads::routes())
        .merge(query::routes())
        .merge(sql::routes())
        .merge(dashboards::routes())
        .merge(chart_plugins::routes())
        .merge(comments::routes())
        .merge(metrics::routes())
        .merge(alerts::routes())
        .merge(ask::routes())
        .merge(audit::routes())
        .merge(reports::routes())
        .merge(forecasts::routes())
        .merge(models::routes())
        .merge(learning::routes())
        .merge(policies::routes())
        .merge(notifications::routes())
        .merge(sources::routes())
        .merge(thumbnails::routes())
        .merge(folders::routes())
        .merge(grants::routes())
        .merge(groups::routes())
        .merge(history::routes())
        .merge(insights::routes())
        .merge(jobs::routes())
        .merge(links::routes())
        .merge(me::routes())
        .merge(account::routes())
        .merge(invitations::routes())
        .merge(users::routes())
        .merge(walls::routes())
}

/// Whether the process can answer questions.
pub(crate) async fn ready(State(app): State<App>) -> impl IntoResponse {
    match app.services.ready().await {
        Ok(()) => (StatusCode::OK, "ready"),
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
    }
}

pub(crate) async fn not_found() -> Failure {
    Failure(Error::new(ErrorCode::NotFound, "There is nothing at this address."))
}

pub(crate) async fn method_not_allowed() -> impl IntoResponse {
    let error = Error::invalid("This address does not take this method.");
    (StatusCode::METHOD_NOT_ALLOWED, errors::json(&error))
}
