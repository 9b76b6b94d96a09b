//! Models as YAML: content as code.

use crate::Services;
use domain::model::SemanticModel;
use domain::{Error, Result};

/// The longest YAML that is read, in bytes.
const MAX_YAML: usize = 1 << 20;

impl Services {
    /// A model as YAML.
    ///
    /// # Errors
    /// None that a reader could mend.
    pub fn model_to_yaml(&self, model: &SemanticModel) -> Result<String> {
        yaml_serde::to_string(model).map_err(|cause| {
            tracing::error!(%cause, "writing a model as YAML");
            Error::internal()
        })
    }

    /// Reads a model from YAML.
    ///
    /// # Errors
    /// The text is not YAML, or not that of a model.
    pub fn model_of_yaml(&self, text: &str) -> Result<SemanticModel> {
        if text.len() > MAX_YAML {
            return Err(Error::new(domain::ErrorCode::TooLarge, "A model has at most 1 MB of YAML."));
        }
        // A file that says nothing, or only comments, is an empty model.
        let model: Option<SemanticModel> = yaml_serde::from_str(text).map_err(|cause| {
            let place = cause.location().map(|l| format!("line {}, column {}", l.line(), l.column()));
            let error = Error::invalid(format!("The YAML cannot be read: {cause}."));
            match place {
                Some(place) => error.field(place),
                None => error,
            }
        })?;
        Ok(model.unwrap_or_default())
    }
}
