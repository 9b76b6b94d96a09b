//! Policies as YAML: content as code.

use super::check;
use crate::Services;
use crate::model::line_of;
use domain::model::ModelProblem;
use domain::people::Scope;
use domain::policy::{Policies, PolicyDraft};
use domain::{Caller, Error, ErrorCode, Result};

/// The longest YAML that is read, in bytes.
const MAX_YAML: usize = 1 << 20;

impl Services {
    /// Policies as YAML.
    ///
    /// # Errors
    /// None that a reader could mend.
    pub fn policies_to_yaml(&self, policies: &Policies) -> Result<String> {
        // By way of JSON, so that both are written alike.
        let value = serde_json::to_value(policies).map_err(|_| Error::internal())?;
        yaml_serde::to_string(&value).map_err(|cause| {
            tracing::error!(%cause, "writing policies as YAML");
            Error::internal()
        })
    }

    /// Reads policies from YAML.
    ///
    /// # Errors
    /// The text is not YAML, or not that of policies.
    pub fn policies_of_yaml(&self, text: &str) -> Result<Policies> {
        read(text).map_err(|problem| {
            let code = if text.len() > MAX_YAML { ErrorCode::TooLarge } else { ErrorCode::InvalidRequest };
            let error = Error::new(code, problem.message);
            match problem.line {
                Some(line) => error.field(format!("line {line}")),
                None => error,
            }
        })
    }

    /// Reads policies from YAML and says what keeps them from being saved, without saving them.
    ///
    /// # Errors
    /// The dataset is not the caller's.
    pub async fn draft_of_policies(&self, caller: &Caller, name_or_id: &str, text: &str) -> Result<PolicyDraft> {
        let stored = self.ruled(caller, name_or_id, Scope::Read).await?;
        let policies = match read(text) {
            Ok(policies) => policies,
            Err(problem) => return Ok(PolicyDraft { policies: None, problems: vec![problem] }),
        };
        let problem = |error: Error| {
            let line = error.field.as_deref().and_then(|field| line_of(text, field));
            ModelProblem { line, message: error.message, hint: error.hint }
        };
        let mut problems: Vec<ModelProblem> = check::check(&stored, &policies).err().map(problem).into_iter().collect();
        problems.extend(self.with_ids(policies.clone()).await.err().map(problem));
        Ok(PolicyDraft { policies: Some(policies), problems })
    }
}

fn read(text: &str) -> Result<Policies, ModelProblem> {
    if text.len() > MAX_YAML {
        return Err(ModelProblem { line: None, message: "Rules have at most 1 MB of YAML.".into(), hint: None });
    }
    let value: Option<serde_json::Value> = yaml_serde::from_str(text).map_err(|cause| {
        let said = cause.to_string();
        let reason = said.split(" at line ").next().unwrap_or_default();
        let line = cause.location().map(|at| at.line());
        ModelProblem { line, message: format!("The YAML cannot be read: {reason}."), hint: None }
    })?;
    // A file that says nothing, or only comments, is no rule.
    let Some(value) = value.filter(|value| !value.is_null()) else { return Ok(Policies::default()) };
    serde_json::from_value(value).map_err(|cause| ModelProblem {
        line: None,
        message: format!("These are no rules: {cause}."),
        hint: Some("There are `rows` and `columns`, each a list.".into()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_written_as_people_think_of_them() {
        let text = "rows:\n- name: Own region\n  audience: {everyone: true}\n  filter:\n    column: region\n    op: in\n    \
            value: {user: regions}\ncolumns:\n- name: Pay\n  audience: {groups: [Sales]}\n  columns: [salary]\n  \
            rule: {bucket: 1000}\n";
        let read = read(text).unwrap();
        assert_eq!((read.rows.len(), read.columns.len()), (1, 1));
        assert_eq!(read.columns[0].rule, domain::policy::ColumnRule::Bucket(1_000.0));
        assert_eq!(super::read("# nothing\n"), Ok(Policies::default()));
        assert!(super::read("rows: [\n").unwrap_err().line.is_some());
        assert!(super::read("row: []\n").unwrap_err().message.contains("row"));
    }
}
