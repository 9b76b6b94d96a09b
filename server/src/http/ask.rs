//! Questions in words, the words they are taught, and the language model that may be asked.

use super::uploads::location;
use super::{Answer, Body, Errors, Page, PageRequest, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::ask::{AskRequest, Reading, Suggestion};
use domain::asking::{AskAnswer, AskModel, AskModelPatch, AskPrompt, AskWhy, NewWord, TaughtWord};
use domain::connect::Why;
use domain::notify::SendTest;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub(super) fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(ask))
        .routes(routes!(examples))
        .routes(routes!(why))
        .routes(routes!(propose))
        .routes(routes!(meanings))
        .routes(routes!(words, teach))
        .routes(routes!(forget))
        .routes(routes!(accept))
        .routes(routes!(model, set_model))
        .routes(routes!(test_model))
        .routes(routes!(prompts))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Search {
    /// Part of a name or of a value.
    search: String,
}

/// Ask in words: readings, and the rows of the first where that is what was meant.
#[utoipa::path(post, path = "/ask", tag = "Asking", request_body = AskRequest,
    responses((status = 200, body = AskAnswer), Errors))]
async fn ask(State(app): State<App>, Who(caller): Who, Body(request): Body<AskRequest>) -> Answer<Json<AskAnswer>> {
    Ok(Json(app.services.ask(&caller, &request).await?))
}

/// Questions to begin with, made of the data that the caller sees.
#[utoipa::path(get, path = "/ask/examples", tag = "Asking", responses((status = 200, body = Vec<String>), Errors))]
async fn examples(State(app): State<App>, Who(caller): Who) -> Answer<Json<Vec<String>>> {
    Ok(Json(app.services.ask_examples(&caller).await?))
}

/// What carries the change of a measure in a period.
#[utoipa::path(post, path = "/ask/why", tag = "Asking", request_body = AskWhy,
    responses((status = 200, body = Why), Errors))]
async fn why(State(app): State<App>, Who(caller): Who, Body(request): Body<AskWhy>) -> Answer<Json<Why>> {
    Ok(Json(app.services.ask_why(&caller, &request).await?))
}

/// A reading that the language model proposes, where one was set up.
#[utoipa::path(post, path = "/ask/proposal", tag = "Asking", request_body = AskRequest,
    responses((status = 200, body = Reading), Errors))]
async fn propose(State(app): State<App>, Who(caller): Who, Body(request): Body<AskRequest>) -> Answer<Json<Reading>> {
    Ok(Json(app.services.propose_reading(&caller, &request).await?))
}

/// What a word could mean: columns, metrics and values.
#[utoipa::path(get, path = "/ask/meanings", tag = "Asking", params(Search),
    responses((status = 200, body = Vec<Suggestion>), Errors))]
async fn meanings(
    State(app): State<App>,
    Who(caller): Who,
    Params(wanted): Params<Search>,
) -> Answer<Json<Vec<Suggestion>>> {
    Ok(Json(app.services.ask_meanings(&caller, &wanted.search).await?))
}

/// The words that were taught.
#[utoipa::path(get, path = "/ask/words", tag = "Asking", params(PageRequest),
    responses((status = 200, body = Page<TaughtWord>), Errors))]
async fn words(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<TaughtWord>>> {
    Ok(Json(page.cut(app.services.list_ask_words(&caller).await?)?))
}

/// Teach what a word means; without the right to edit the dataset it is a proposal.
#[utoipa::path(post, path = "/ask/words", tag = "Asking", request_body = NewWord,
    responses((status = 201, body = TaughtWord), Errors))]
async fn teach(State(app): State<App>, Who(caller): Who, Body(new): Body<NewWord>) -> Answer<Response> {
    let taught = app.services.teach_word(&caller, new).await?;
    Ok((StatusCode::CREATED, location("ask/words", &taught.id), Json(taught)).into_response())
}

/// Forget a word.
#[utoipa::path(delete, path = "/ask/words/{id}", tag = "Asking", params(("id" = String, Path)),
    responses((status = 204, description = "Forgotten"), Errors))]
async fn forget(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.forget_ask_word(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Make a proposed word hold for everybody.
#[utoipa::path(post, path = "/ask/words/{id}/accept", tag = "Asking", params(("id" = String, Path)),
    responses((status = 204, description = "Accepted"), Errors))]
async fn accept(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.accept_ask_word(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The language model, for administrators. Its key is never shown.
#[utoipa::path(get, path = "/ask/model", tag = "Asking", responses((status = 200, body = AskModel), Errors))]
async fn model(State(app): State<App>, Who(caller): Who) -> Answer<Json<AskModel>> {
    Ok(Json(app.services.ask_model(&caller).await?))
}

/// Set the language model up.
#[utoipa::path(patch, path = "/ask/model", tag = "Asking", request_body = AskModelPatch,
    responses((status = 200, body = AskModel), Errors))]
async fn set_model(
    State(app): State<App>,
    Who(caller): Who,
    Body(patch): Body<AskModelPatch>,
) -> Answer<Json<AskModel>> {
    Ok(Json(app.services.set_ask_model(&caller, patch).await?))
}

/// Ask the language model something, to see whether it answers.
#[utoipa::path(post, path = "/ask/model/test", tag = "Asking", responses((status = 200, body = SendTest), Errors))]
async fn test_model(State(app): State<App>, Who(caller): Who) -> Answer<Json<SendTest>> {
    Ok(Json(app.services.test_ask_model(&caller).await?))
}

/// What was asked of the language model and what it answered, for administrators.
#[utoipa::path(get, path = "/ask/prompts", tag = "Asking", params(PageRequest),
    responses((status = 200, body = Page<AskPrompt>), Errors))]
async fn prompts(
    State(app): State<App>,
    Who(caller): Who,
    Params(page): Params<PageRequest>,
) -> Answer<Json<Page<AskPrompt>>> {
    Ok(Json(page.cut(app.services.list_ask_prompts(&caller).await?)?))
}
