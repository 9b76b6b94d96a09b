//! A file on its way to the server, with progress: what `fetch` cannot tell, XMLHttpRequest can.

use domain::api::Staged;
use domain::{Error, ErrorCode};
use gloo::events::EventListener;
use serde::Deserialize;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{EventTarget, File, FormData, ProgressEvent, XmlHttpRequest};

/// An upload under way. Dropping it stops it.
pub(super) struct Transfer {
    request: XmlHttpRequest,
    _events: Vec<EventListener>,
}

impl Drop for Transfer {
    fn drop(&mut self) {
        // Nobody waits for news any more; after the end this does nothing.
        self._events.clear();
        _ = self.request.abort();
    }
}

impl Transfer {
    /// Sends a file. `on_progress` hears the bytes sent and the bytes in all, `on_end` what came of it.
    pub(super) fn start(
        file: &File,
        on_progress: impl Fn(f64, f64) + 'static,
        on_end: impl Fn(Result<Staged, Error>) + 'static,
    ) -> Result<Self, Error> {
        let broken = |_| Error::internal();
        let request = XmlHttpRequest::new().map_err(broken)?;
        let form = FormData::new().map_err(broken)?;
        form.append_with_blob_and_filename("file", file, &file.name()).map_err(broken)?;
        request.open_with_async("POST", "/api/v1/uploads", true).map_err(broken)?;
        let sending = request.upload().map_err(broken)?;
        let on_end = Rc::new(on_end);
        let ended = {
            let (request, on_end) = (request.clone(), on_end.clone());
            EventListener::new(request.clone().unchecked_ref::<EventTarget>(), "load", move |_| on_end(read(&request)))
        };
        let lost = EventListener::new(request.unchecked_ref::<EventTarget>(), "error", move |_| on_end(Err(cut())));
        let told = EventListener::new(sending.unchecked_ref::<EventTarget>(), "progress", move |event| {
            if let Some(event) = event.dyn_ref::<ProgressEvent>() {
                on_progress(event.loaded(), event.total());
            }
        });
        request.send_with_opt_form_data(Some(&form)).map_err(broken)?;
        Ok(Self { request, _events: vec![ended, lost, told] })
    }
}

fn cut() -> Error {
    Error::new(ErrorCode::Overloaded, "The connection was lost while the file was on its way.")
        .hint("Check the connection, then try again. The file on your computer is unchanged.")
}

fn read(request: &XmlHttpRequest) -> Result<Staged, Error> {
    let text = request.response_text().ok().flatten().unwrap_or_default();
    answer(request.status().unwrap_or_default(), &text)
}

/// What the server's answer says.
fn answer(status: u16, text: &str) -> Result<Staged, Error> {
    #[derive(Deserialize)]
    struct Refused {
        error: Error,
    }
    let odd = || Error::new(ErrorCode::Internal, "The server did not take the file.").hint("Try again in a moment.");
    if (200..300).contains(&status) {
        return serde_json::from_str(text).map_err(|_| odd());
    }
    Err(serde_json::from_str::<Refused>(text).map_or_else(|_| odd(), |refused| refused.error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        let staged = answer(201, r#"{"id":"a","file_name":"b.csv","bytes":3}"#).unwrap();
        assert_eq!(staged.bytes, 3);
        let refused = answer(413, r#"{"error":{"code":"too_large","message":"Too large."}}"#).unwrap_err();
        assert_eq!(refused.code, ErrorCode::TooLarge);
        assert_eq!(answer(502, "<html>").unwrap_err().code, ErrorCode::Internal);
    }
}
