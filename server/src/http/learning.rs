//! Models and detectors: trained, compared, taken back to, asked.

use super::uploads::location;
use super::{Answer, Body, Errors, Failure, Page, PageRequest, Params, extract};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::api::Job;
use domain::learn::{Anomaly, DriftReport, KindInfo, ModelKind, Task};
use domain::registry::{
    AnomalyItem, BatchRequest, Comparison, Flagged, Judgement, Model, ModelPatch, ModelVersion, NewModel,
    PredictionAnswer, RowsToPredict, Threshold, Trial,
};
use domain::{Error, ErrorCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The largest file of a model that is taken.
const FILE_LIMIT: usize = 66 * 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(FILE_LIMIT));
    OpenApiRouter::new()
        .merge(files)
        .routes(routes!(kinds))
        .routes(routes!(list, create))
        .routes(routes!(read, change, delete))
        .routes(routes!(train))
        .routes(routes!(versions))
        .routes(routes!(activate))
        .routes(routes!(threshold))
        .routes(routes!(file))
        .routes(routes!(trial))
        .routes(routes!(compare))
        .routes(routes!(drift))
        .routes(routes!(predict))
        .routes(routes!(batch))
        .routes(routes!(list_detectors, create_detector))
        .routes(routes!(read_detector))
        .routes(routes!(detect))
        .routes(routes!(run))
        .routes(routes!(flagged))
        .routes(routes!(anomalies))
        .routes(routes!(judge))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Search {
    /// Part of the name or the description.
    search: String,
    /// 1 to 1,000; default 100.
    limit: Option<usize>,
    /// `next` of the former page.
    cursor: Option<String>,
}

/// The methods there are, with their hyper-parameters.
#[utoipa::path(get, path = "/model-kinds", tag = "Models", responses((status = 200, body = Vec<KindInfo>), Errors))]
async fn kinds(Who(_): Who) -> Json<Vec<KindInfo>> {
    Json(ModelKind::ALL.to_vec())
}

/// The models the caller may see, detectors too, latest change first.
#[utoipa::path(get, path = "/models", tag = "Models", params(Search),
    responses((status = 200, body = Page<Model>), Errors))]
async fn list(
    State(app): State<App>,
    Who(caller): Who,
    Params(Search { search, limit, cursor }): Params<Search>,
) -> Answer<Json<Page<Model>>> {
    let models = app.services.list_learned(&caller, &search).await?;
    Ok(Json(PageRequest { limit, cursor }.cut(models)?))
}

/// Make a model and train it; `job` names the job that does.
#[utoipa::path(post, path = "/models", tag = "Models", request_body = NewModel,
    responses((status = 201, body = Model), Errors))]
async fn create(State(app): State<App>, Who(caller): Who, Body(new): Body<NewModel>) -> Answer<Response> {
    let made = app.services.create_learned(&caller, new).await?;
    Ok((StatusCode::CREATED, location("models", &made.id), Json(made)).into_response())
}

/// Add a model that was downloaded from another installation. It is checked, and learns nothing more.
#[utoipa::path(post, path = "/models/import", tag = "Models",
    request_body(content = String, content_type = "application/json"),
    responses((status = 201, body = Model), Errors))]
async fn import(State(app): State<App>, Who(caller): Who, request: Request) -> Answer<Response> {
    let bytes = extract::body(request, &app).await?;
    let made = app.services.import_model(&caller, bytes.to_vec()).await?;
    Ok((StatusCode::CREATED, location("models", &made.id), Json(made)).into_response())
}

/// A model.
#[utoipa::path(get, path = "/models/{id}", tag = "Models", params(("id" = String, Path)),
    responses((status = 200, body = Model), Errors))]
async fn read(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Model>> {
    Ok(Json(app.services.get_learned(&caller, &id).await?))
}

/// Change what is said of a model, and when it learns again.
#[utoipa::path(patch, path = "/models/{id}", tag = "Models", params(("id" = String, Path)), request_body = ModelPatch,
    responses((status = 200, body = Model), Errors))]
async fn change(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(patch): Body<ModelPatch>,
) -> Answer<Json<Model>> {
    Ok(Json(app.services.update_learned(&caller, &id, patch).await?))
}

/// Delete a model with all its versions.
#[utoipa::path(delete, path = "/models/{id}", tag = "Models", params(("id" = String, Path)),
    responses((status = 204, description = "Deleted"), Errors))]
async fn delete(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.delete_learned(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Train a model again on the data of now, as a job. The new version answers when it is done.
#[utoipa::path(post, path = "/models/{id}/train", tag = "Models", params(("id" = String, Path)),
    responses((status = 202, body = Job), Errors))]
async fn train(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Response> {
    let job = app.services.train_learned(&caller, &id).await?;
    Ok((StatusCode::ACCEPTED, location("jobs", &job.id), Json(job)).into_response())
}

/// The versions of a model, newest first.
#[utoipa::path(get, path = "/models/{id}/versions", tag = "Models", params(("id" = String, Path)),
    responses((status = 200, body = Vec<ModelVersion>), Errors))]
async fn versions(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Vec<ModelVersion>>> {
    Ok(Json(app.services.learned_versions(&caller, &id).await?))
}

/// Let another version answer: the way back. Its file is checked before.
#[utoipa::path(post, path = "/models/{id}/versions/{version}/activate", tag = "Models",
    params(("id" = String, Path), ("version" = u32, Path)), responses((status = 200, body = Model), Errors))]
async fn activate(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, version)): Path<(String, String)>,
) -> Answer<Json<Model>> {
    app.services.activate_version(&caller, &id, number(&version)?).await?;
    Ok(Json(app.services.get_learned(&caller, &id).await?))
}

/// Move the threshold of a version of a detector.
#[utoipa::path(put, path = "/models/{id}/versions/{version}/threshold", tag = "Models",
    params(("id" = String, Path), ("version" = u32, Path)), request_body = Threshold,
    responses((status = 204, description = "Moved"), Errors))]
async fn threshold(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, version)): Path<(String, String)>,
    Body(to): Body<Threshold>,
) -> Answer<StatusCode> {
    app.services.move_threshold(&caller, &id, number(&version)?, to.threshold).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Download a version, to be added to another installation.
#[utoipa::path(get, path = "/models/{id}/versions/{version}/file", tag = "Models",
    params(("id" = String, Path), ("version" = u32, Path)),
    responses((status = 200, description = "The model as plain data", body = String, content_type = "application/json"),
        Errors))]
async fn file(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, version)): Path<(String, String)>,
) -> Answer<Response> {
    let bytes = app.services.export_model(&caller, &id, number(&version)?).await?;
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"model.json\"")),
    ];
    Ok((headers, bytes).into_response())
}

/// Let a version answer a share of what is asked, beside the active one; a share of 0 ends that.
#[utoipa::path(put, path = "/models/{id}/trial", tag = "Models", params(("id" = String, Path)), request_body = Trial,
    responses((status = 200, body = Model), Errors))]
async fn trial(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(trial): Body<Trial>,
) -> Answer<Json<Model>> {
    app.services.try_version(&caller, &id, trial).await?;
    Ok(Json(app.services.get_learned(&caller, &id).await?))
}

/// Which versions are compared.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TwoVersions {
    /// Two of them.
    versions: Vec<u32>,
}

/// Compare two versions on the rows that the caller sees now.
#[utoipa::path(post, path = "/models/{id}/compare", tag = "Models", params(("id" = String, Path)),
    request_body = TwoVersions, responses((status = 200, body = Comparison), Errors))]
async fn compare(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(compared): Body<TwoVersions>,
) -> Answer<Json<Comparison>> {
    Ok(Json(app.services.compare_versions(&caller, &id, &compared.versions).await?))
}

/// How far the rows that the caller sees now are from those of the training.
#[utoipa::path(get, path = "/models/{id}/drift", tag = "Models", params(("id" = String, Path)),
    responses((status = 200, body = DriftReport), Errors))]
async fn drift(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<DriftReport>> {
    Ok(Json(app.services.learned_drift(&caller, &id).await?))
}

/// Predict rows. The same row always gets the same version while two are tried.
#[utoipa::path(post, path = "/models/{id}/predict", tag = "Models", params(("id" = String, Path)),
    request_body = RowsToPredict, responses((status = 200, body = PredictionAnswer), Errors))]
async fn predict(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(rows): Body<RowsToPredict>,
) -> Answer<Json<PredictionAnswer>> {
    Ok(Json(app.services.predict(&caller, &id, &rows).await?))
}

/// Predict the rows of a dataset into a dataset of their own, as a job.
#[utoipa::path(post, path = "/models/{id}/predictions", tag = "Models", params(("id" = String, Path)),
    request_body = BatchRequest, responses((status = 202, body = Job), Errors))]
async fn batch(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(request): Body<BatchRequest>,
) -> Answer<Response> {
    let job = app.services.predict_dataset(&caller, &id, request).await?;
    Ok((StatusCode::ACCEPTED, location("jobs", &job.id), Json(job)).into_response())
}

/// The detectors the caller may see, latest change first.
#[utoipa::path(get, path = "/detectors", tag = "Detectors", params(Search),
    responses((status = 200, body = Page<Model>), Errors))]
async fn list_detectors(
    State(app): State<App>,
    Who(caller): Who,
    Params(Search { search, limit, cursor }): Params<Search>,
) -> Answer<Json<Page<Model>>> {
    let mut models = app.services.list_learned(&caller, &search).await?;
    models.retain(|model| model.model_type == Task::Anomaly);
    Ok(Json(PageRequest { limit, cursor }.cut(models)?))
}

/// Make a detector and train it; `job` names the job that does.
#[utoipa::path(post, path = "/detectors", tag = "Detectors", request_body = NewModel,
    responses((status = 201, body = Model), Errors))]
async fn create_detector(State(app): State<App>, Who(caller): Who, Body(new): Body<NewModel>) -> Answer<Response> {
    if new.def.task() != Task::Anomaly {
        let error = Error::invalid("This is no kind of detector.").hint("POST it to /api/v1/models.");
        return Err(Failure(error.field("def.spec.kind")));
    }
    let made = app.services.create_learned(&caller, new).await?;
    Ok((StatusCode::CREATED, location("detectors", &made.id), Json(made)).into_response())
}

/// A detector. It is changed, trained and deleted as a model.
#[utoipa::path(get, path = "/detectors/{id}", tag = "Detectors", params(("id" = String, Path)),
    responses((status = 200, body = Model), Errors))]
async fn read_detector(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Model>> {
    Ok(Json(app.services.get_detector(&caller, &id).await?))
}

/// Which of these rows are unusual.
#[utoipa::path(post, path = "/detectors/{id}/detect", tag = "Detectors", params(("id" = String, Path)),
    request_body = RowsToPredict, responses((status = 200, body = Vec<Anomaly>), Errors))]
async fn detect(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(rows): Body<RowsToPredict>,
) -> Answer<Json<Vec<Anomaly>>> {
    Ok(Json(app.services.detect_rows(&caller, &id, &rows).await?))
}

/// How many unusual rows are new.
#[derive(serde::Serialize, ToSchema)]
#[schema(as = DetectorLook)]
struct Looked {
    found: u64,
}

/// Let a detector look at the rows that came since, now.
#[utoipa::path(post, path = "/detectors/{id}/run", tag = "Detectors", params(("id" = String, Path)),
    responses((status = 200, body = Looked), Errors))]
async fn run(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<Json<Looked>> {
    Ok(Json(Looked { found: app.services.run_detector(&caller, &id).await? }))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct At {
    /// From 0 to 1; default that of the detector.
    threshold: Option<f64>,
}

/// What a threshold would flag among the rows that the caller sees now.
#[utoipa::path(get, path = "/detectors/{id}/flagged", tag = "Detectors", params(("id" = String, Path), At),
    responses((status = 200, body = Flagged), Errors))]
async fn flagged(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(at): Params<At>,
) -> Answer<Json<Flagged>> {
    Ok(Json(app.services.flagged(&caller, &id, at.threshold).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Listed {
    /// `new`, `acknowledged` or `dismissed`.
    status: Option<String>,
    /// 1 to 1,000; default 100.
    limit: Option<usize>,
    /// `next` of the former page.
    cursor: Option<String>,
}

/// What a detector found among the rows that the caller sees, newest first.
#[utoipa::path(get, path = "/detectors/{id}/anomalies", tag = "Detectors", params(("id" = String, Path), Listed),
    responses((status = 200, body = Page<AnomalyItem>), Errors))]
async fn anomalies(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Params(Listed { status, limit, cursor }): Params<Listed>,
) -> Answer<Json<Page<AnomalyItem>>> {
    let found = app.services.list_anomalies(&caller, &id, status.as_deref()).await?;
    Ok(Json(PageRequest { limit, cursor }.cut(found)?))
}

/// Say what you think of an anomaly: one that is none is not found again.
#[utoipa::path(patch, path = "/detectors/{id}/anomalies/{anomaly}", tag = "Detectors",
    params(("id" = String, Path), ("anomaly" = String, Path)), request_body = Judgement,
    responses((status = 200, body = AnomalyItem), Errors))]
async fn judge(
    State(app): State<App>,
    Who(caller): Who,
    Path((id, anomaly)): Path<(String, String)>,
    Body(judgement): Body<Judgement>,
) -> Answer<Json<AnomalyItem>> {
    Ok(Json(app.services.judge_anomaly(&caller, &id, &anomaly, judgement).await?))
}

/// The number of a version in an address.
fn number(text: &str) -> Answer<u32> {
    text.parse().map_err(|_| Failure(Error::new(ErrorCode::NotFound, "There is no such version.")))
}
