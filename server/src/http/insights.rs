//! Insights: what data says by itself.

use super::dashboards::TileParams;
use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Query;
use domain::api::Job;
use domain::discovery::{
    DashboardChanges, DatasetInsights, GivenThumb, InsightNews, InsightSubscription, InsightsRequest,
    NewInsightSubscription, Since,
};
use domain::insight::Explanation;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(find, look))
        .routes(routes!(news))
        .routes(routes!(explain))
        .routes(routes!(thumb))
        .routes(routes!(subscriptions, subscribe))
        .routes(routes!(unsubscribe))
        .routes(routes!(changes))
        .routes(routes!(explain_tile))
}

/// What a dataset says by itself, over the rows and columns that the caller sees.
#[utoipa::path(get, path = "/insights", tag = "Insights", params(InsightsRequest),
    responses((status = 200, body = DatasetInsights), Errors))]
async fn find(
    State(app): State<App>,
    Who(caller): Who,
    Params(request): Params<InsightsRequest>,
) -> Answer<Json<DatasetInsights>> {
    Ok(Json(app.services.insights(&caller, &request).await?))
}

/// What is to be looked at.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Look {
    /// Name or id of a dataset.
    dataset: String,
    /// Those too that were given a thumb down.
    #[serde(default)]
    hidden: bool,
    /// As a job, whose end need not be waited for.
    #[serde(default)]
    background: bool,
}

/// The same; with `background` as a job, which can be cancelled.
#[utoipa::path(post, path = "/insights", tag = "Insights", request_body = Look,
    responses((status = 200, body = DatasetInsights), (status = 202, body = Job), Errors))]
async fn look(State(app): State<App>, Who(caller): Who, Body(look): Body<Look>) -> Answer<Response> {
    if look.background {
        let job = app.services.start_insights(&caller, &look.dataset).await?;
        return Ok((StatusCode::ACCEPTED, location("jobs", &job.id), Json(job)).into_response());
    }
    let request = InsightsRequest { dataset: look.dataset, hidden: look.hidden };
    Ok(Json(app.services.insights(&caller, &request).await?).into_response())
}

/// What is new in all datasets that the caller may see, the latest first.
#[utoipa::path(get, path = "/insights/news", tag = "Insights", responses((status = 200, body = InsightNews), Errors))]
async fn news(State(app): State<App>, Who(caller): Who) -> Answer<Json<InsightNews>> {
    Ok(Json(app.services.insight_news(&caller).await?))
}

/// A question whose answer is to be explained.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ToExplain {
    query: Query,
}

/// What the answer to a question says, in sentences.
#[utoipa::path(post, path = "/insights/explain", tag = "Insights", request_body = ToExplain,
    responses((status = 200, body = Explanation), Errors))]
async fn explain(State(app): State<App>, Who(caller): Who, Body(asked): Body<ToExplain>) -> Answer<Json<Explanation>> {
    Ok(Json(app.services.explain_question(&caller, &asked.query).await?))
}

/// Say what you think of a finding: others of its kind move up or down, and a thumb down hides it.
#[utoipa::path(put, path = "/insights/thumbs", tag = "Insights", request_body = GivenThumb,
    responses((status = 204, description = "Remembered"), Errors))]
async fn thumb(State(app): State<App>, Who(caller): Who, Body(given): Body<GivenThumb>) -> Answer<StatusCode> {
    app.services.give_thumb(&caller, &given).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The datasets of whose news you are told.
#[utoipa::path(get, path = "/insights/subscriptions", tag = "Insights", params(PageRequest),
    responses((status = 200, body = Page<InsightSubscription>), Errors))]
async fn subscriptions(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<InsightSubscription>>> {
    Ok(Json(page.cut(app.services.insight_subscriptions(&caller).await?)?))
}

/// Be told what is new in a dataset, in the inbox and by mail. What is there already is not told.
#[utoipa::path(post, path = "/insights/subscriptions", tag = "Insights", request_body = NewInsightSubscription,
    responses((status = 201, body = InsightSubscription), Errors))]
async fn subscribe(
    State(app): State<App>,
    Who(caller): Who,
    Body(new): Body<NewInsightSubscription>,
) -> Answer<Response> {
    let made = app.services.subscribe_insights(&caller, &new).await?;
    Ok((StatusCode::CREATED, location("insights/subscriptions", &made.dataset), Json(made)).into_response())
}

/// Be told no more.
#[utoipa::path(delete, path = "/insights/subscriptions/{dataset}", tag = "Insights", params(("dataset" = String, Path)),
    responses((status = 204, description = "Ended"), Errors))]
async fn unsubscribe(State(app): State<App>, Who(caller): Who, Path(dataset): Path<String>) -> Answer<StatusCode> {
    app.services.unsubscribe_insights(&caller, &dataset).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Which stretches are compared.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Stretch {
    /// The last day, seven days (default), 28, 91 or 364 days with as many before, or the period of each chart.
    #[param(inline)]
    since: Since,
}

/// What changed on a dashboard since a week ago, or another time; under filters of the page.
#[utoipa::path(get, path = "/insights/dashboards/{id}", tag = "Insights",
    params(("id" = String, Path), Stretch, TileParams), responses((status = 200, body = DashboardChanges), Errors))]
async fn changes(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(stretch): Params<Stretch>,
    Params(ask): Params<TileParams>,
) -> Answer<Json<DashboardChanges>> {
    Ok(Json(app.services.dashboard_changes(&caller, &id, stretch.since, &ask.read()?).await?))
}

/// What a tile's chart says, in sentences.
#[utoipa::path(get, path = "/insights/dashboards/{id}/tiles/{tile}", tag = "Insights",
    params(("id" = String, Path), ("tile" = String, Path), TileParams),
    responses((status = 200, body = Explanation), Errors))]
async fn explain_tile(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, tile)): Path<(String, String)>,
    Params(ask): Params<TileParams>,
) -> Answer<Json<Explanation>> {
    Ok(Json(app.services.explain_tile(&caller, &id, &tile, &ask.read()?).await?))
}
