//! Files on their way in: at once with `POST /datasets`, or staged, previewed and then loaded.

use super::{Answer, Body, Errors, Params};
use crate::auth::Who;
use crate::router::App;
use axum::Json;
use axum::extract::multipart::{Field, Multipart};
use axum::extract::{DefaultBodyLimit, FromRequest, Path, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::api::{Job, LoadMode, LoadRequest, LoadResult, Staged};
use domain::dataset::{LoadOptions, Preview};
use domain::{Caller, Error, ErrorCode};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Larger files are loaded as a job.
const AT_ONCE_BYTES: u64 = 16 * 1024 * 1024;
/// Name and options come before or after the file; they are small.
const FIELD_LIMIT: usize = 1024 * 1024;

pub(super) fn routes() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new().routes(routes!(create)).routes(routes!(stage)).layer(DefaultBodyLimit::disable());
    OpenApiRouter::new().merge(files).routes(routes!(preview)).routes(routes!(load)).routes(routes!(discard))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(default)]
struct Mode {
    /// What to do when the name is taken.
    mode: LoadMode,
}

/// The parts of an upload.
#[derive(ToSchema)]
#[allow(dead_code, reason = "describes the form")]
struct UploadForm {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    name: Option<String>,
    /// `LoadOptions` as JSON.
    options: Option<String>,
}

#[derive(Default)]
struct Upload {
    staged: Option<Staged>,
    name: String,
    options: LoadOptions,
}

/// Load a file: CSV, TSV, JSON, NDJSON, Parquet, XLSX or Arrow. Large ones answer 202 with a job.
#[utoipa::path(post, path = "/datasets", tag = "Datasets", params(Mode),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = LoadResult), (status = 202, body = Job), Errors))]
async fn create(
    State(app): State<App>,
    Who(caller): Who,
    Params(mode): Params<Mode>,
    request: Request,
) -> Answer<Response> {
    let upload = receive(&app, &caller, request).await?;
    let staged = upload.staged.ok_or_else(|| Error::invalid("The form has no part `file`.").field("file"))?;
    let request = LoadRequest { name: upload.name, label: None, mode: mode.mode, options: upload.options };
    if staged.bytes > AT_ONCE_BYTES {
        let job = app.services.load_upload(&caller, &staged, request, false).await?;
        return Ok((StatusCode::ACCEPTED, location("jobs", &job.id), Json(job)).into_response());
    }
    let loaded = app.services.load_upload_now(&caller, &staged, request).await?;
    Ok((StatusCode::CREATED, location("datasets", &loaded.dataset.id), Json(loaded)).into_response())
}

/// Stage a file without loading it, to preview it first.
#[utoipa::path(post, path = "/uploads", tag = "Datasets",
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 201, body = Staged), Errors))]
async fn stage(State(app): State<App>, Who(caller): Who, request: Request) -> Answer<(StatusCode, Json<Staged>)> {
    let upload = receive(&app, &caller, request).await?;
    let staged = upload.staged.ok_or_else(|| Error::invalid("The form has no part `file`.").field("file"))?;
    Ok((StatusCode::CREATED, Json(staged)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewRequest {
    file_name: String,
    #[serde(default)]
    options: LoadOptions,
}

/// What would be loaded from a staged file.
#[utoipa::path(post, path = "/uploads/{id}/preview", tag = "Datasets", params(("id" = String, Path)),
    request_body = PreviewRequest, responses((status = 200, body = Preview), Errors))]
async fn preview(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(request): Body<PreviewRequest>,
) -> Answer<Json<Preview>> {
    let staged = Staged { id, file_name: request.file_name, bytes: 0 };
    Ok(Json(app.services.preview_upload(&caller, &staged, &request.options).await?))
}

#[derive(Deserialize, ToSchema)]
struct LoadStaged {
    file_name: String,
    #[serde(flatten)]
    request: LoadRequest,
}

/// Load a staged file as a job; its result is the dataset, with what no longer fits it.
#[utoipa::path(post, path = "/uploads/{id}/load", tag = "Datasets", params(("id" = String, Path)),
    request_body = LoadStaged, responses((status = 202, body = Job), Errors))]
async fn load(
    State(app): State<App>,
    Who(caller): Who,
    Path(id): Path<String>,
    Body(body): Body<LoadStaged>,
) -> Answer<Response> {
    let staged = Staged { id, file_name: body.file_name, bytes: 0 };
    let job = app.services.load_upload(&caller, &staged, body.request, true).await?;
    Ok((StatusCode::ACCEPTED, location("jobs", &job.id), Json(job)).into_response())
}

/// Forget a staged file.
#[utoipa::path(delete, path = "/uploads/{id}", tag = "Datasets", params(("id" = String, Path)),
    responses((status = 204, description = "Forgotten"), Errors))]
async fn discard(State(app): State<App>, Who(caller): Who, Path(id): Path<String>) -> Answer<StatusCode> {
    app.services.discard_upload(&caller, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub(super) fn location(kind: &str, id: &str) -> [(header::HeaderName, HeaderValue); 1] {
    let value = HeaderValue::from_str(&format!("/api/v1/{kind}/{id}"));
    [(header::LOCATION, value.unwrap_or(HeaderValue::from_static("/api/v1")))]
}

/// Reads the parts of the form in whatever order they come; the file goes straight to disk.
async fn receive(app: &App, caller: &Caller, request: Request) -> Answer<Upload> {
    app.services.check_may_load(caller)?;
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| {
        Error::new(ErrorCode::UnsupportedMediaType, "An upload is a multipart form with a part `file`.")
    })?;
    let mut upload = Upload::default();
    let read = read_parts(app, caller, &mut form, &mut upload).await;
    if let (Err(_), Some(staged)) = (&read, &upload.staged) {
        app.services.discard_upload(caller, &staged.id).await?;
    }
    read.map(|()| upload)
}

async fn read_parts(app: &App, caller: &Caller, form: &mut Multipart, upload: &mut Upload) -> Answer<()> {
    let cut = |_| Error::invalid("The upload was cut before its end. Nothing was loaded; try again.");
    while let Some(field) = form.next_field().await.map_err(cut)? {
        match field.name().unwrap_or_default() {
            "file" if upload.staged.is_none() => {
                let name = field.file_name().unwrap_or("file").to_owned();
                upload.staged = Some(app.services.stage_upload(caller, &name, field).await?);
            }
            "file" => return Err(Error::invalid("An upload has one part `file`.").field("file").into()),
            "name" => upload.name = text(field).await?,
            "options" => upload.options = super::extract::from_json(text(field).await?.as_bytes())?,
            other => return Err(Error::invalid(format!("An upload has no part `{other}`.")).into()),
        }
    }
    Ok(())
}

async fn text(mut field: Field<'_>) -> Answer<String> {
    let mut bytes = Vec::new();
    let cut = |_| Error::invalid("The upload was cut before its end. Nothing was loaded; try again.");
    while let Some(chunk) = field.chunk().await.map_err(cut)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > FIELD_LIMIT {
            return Err(Error::new(ErrorCode::TooLarge, "A part of the form is too large.").into());
        }
    }
    String::from_utf8(bytes).map_err(|_| Error::invalid("A part of the form is not UTF-8.").into())
}
