//! Policies: which rows and columns of a dataset people see, and why somebody sees it.

use super::{Answer, Body, Errors, extract};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, Request, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::Error;
use domain::policy::{AccessReasons, Policies, PolicyTest, PolicyTrial};
use domain::rules::HouseRules;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

const YAML: &str = "application/yaml";

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(read, save))
        .routes(routes!(read_yaml, save_yaml))
        .routes(routes!(test))
        .routes(routes!(why))
        .routes(routes!(read_rules, save_rules))
}

/// The rules on the rows and columns of a dataset; for its owner and administrators.
#[utoipa::path(get, path = "/datasets/{id}/policies", tag = "Policies", params(("id" = String, Path)),
    responses((status = 200, body = Policies), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Policies>> {
    Ok(Json(app.services.dataset_policies(&caller, &id).await?))
}

/// Put rules in the place of those before. They hold for the next question.
#[utoipa::path(put, path = "/datasets/{id}/policies", tag = "Policies", params(("id" = String, Path)),
    request_body = Policies, responses((status = 200, body = Policies), Errors))]
async fn save(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(policies): Body<Policies>,
) -> Answer<Json<Policies>> {
    Ok(Json(app.services.put_dataset_policies(&caller, &id, policies).await?))
}

/// The rules as YAML.
#[utoipa::path(get, path = "/datasets/{id}/policies.yaml", tag = "Policies", params(("id" = String, Path)),
    responses((status = 200, description = "The rules", body = Policies, content_type = "application/yaml"), Errors))]
async fn read_yaml(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Response> {
    let policies = app.services.dataset_policies(&caller, &id).await?;
    Ok(as_yaml(app.services.policies_to_yaml(&policies)?))
}

/// The same as YAML, whatever the request says it is.
#[utoipa::path(put, path = "/datasets/{id}/policies.yaml", tag = "Policies", params(("id" = String, Path)),
    request_body(content = Policies, content_type = "application/yaml"),
    responses((status = 200, description = "The rules", body = Policies, content_type = "application/yaml"), Errors))]
async fn save_yaml(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    request: Request,
) -> Answer<Response> {
    let bytes = extract::body(request, &()).await?;
    let text = std::str::from_utf8(&bytes).map_err(|_| Error::invalid("The YAML is not UTF-8."))?;
    let policies = app.services.policies_of_yaml(text)?;
    let saved = app.services.put_dataset_policies(&caller, &id, policies).await?;
    Ok(as_yaml(app.services.policies_to_yaml(&saved)?))
}

fn as_yaml(text: String) -> Response {
    ([(header::CONTENT_TYPE, YAML)], text).into_response()
}

/// What a user would see of the dataset under rules that are not saved.
#[utoipa::path(post, path = "/datasets/{id}/policies/test", tag = "Policies", params(("id" = String, Path)),
    request_body = PolicyTrial, responses((status = 200, body = PolicyTest), Errors))]
async fn test(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(trial): Body<PolicyTrial>,
) -> Answer<Json<PolicyTest>> {
    Ok(Json(app.services.test_policies(&caller, &id, trial).await?))
}

/// Why a user can see a dataset, or cannot: what is granted, and which rules decide. `me` is the caller.
#[utoipa::path(get, path = "/datasets/{id}/access/{user}", tag = "Policies",
    params(("id" = String, Path), ("user" = String, Path, description = "Name of a user, or `me`")),
    responses((status = 200, body = AccessReasons), Errors))]
async fn why(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, user)): Path<(String, String)>,
) -> Answer<Json<AccessReasons>> {
    Ok(Json(app.services.why_access(&caller, &id, &user).await?))
}

/// The rules of this installation; for administrators.
#[utoipa::path(get, path = "/settings/rules", tag = "Policies", responses((status = 200, body = HouseRules), Errors))]
async fn read_rules(State(app): State<App>, Who(caller): Who) -> Answer<Json<HouseRules>> {
    Ok(Json(app.services.house_rules(&caller).await?))
}

/// Make other rules.
#[utoipa::path(put, path = "/settings/rules", tag = "Policies", request_body = HouseRules,
    responses((status = 200, body = HouseRules), Errors))]
async fn save_rules(
    State(app): State<App>,
    Who(caller): Who,
    Body(rules): Body<HouseRules>,
) -> Answer<Json<HouseRules>> {
    Ok(Json(app.services.set_house_rules(&caller, &rules).await?))
}
