//! What would come of an expression or a model that is not saved yet.

use super::{dependants, relationships, resolve, tidy, yaml};
use crate::Services;
use crate::catalog::Loaded;
use domain::model::{ExpressionRequest, ModelDraft, ModelMisfit, ModelProblem, SemanticModel};
use domain::{Caller, Column, Error, Query, Result, Role, Table};
use semantic::{Calculated, expression};
use std::sync::Arc;

/// Rows of a preview.
const ROWS: u64 = 6;
/// Columns that stand beside what an expression gives.
const BESIDE: usize = 4;

impl Services {
    /// The first rows of an expression, beside the columns that it is made of. Its own column is the
    /// last.
    ///
    /// # Errors
    /// The dataset is not visible, or the expression does not work.
    pub async fn try_expression(
        &self,
        caller: &Caller,
        name_or_id: &str,
        request: &ExpressionRequest,
    ) -> Result<Table> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        let text = &request.expression;
        let mut trial = Loaded::clone(&loaded);
        if let Some(name) = &request.name {
            let barred = dependants(&loaded, name);
            trial.calculated.retain(|c| !barred.contains(c.column.name.as_str()));
        }
        let known: Vec<Column> = trial.shown().cloned().collect();
        let ty = expression::check(text, &known).map_err(Error::from)?;
        let mut beside = expression::columns(text).map_err(Error::from)?;
        beside.truncate(BESIDE);
        let is_free = |name: &String| known.iter().all(|c| !c.name.eq_ignore_ascii_case(name));
        let names = std::iter::once("value".to_owned()).chain((2..).map(|n| format!("value_{n}")));
        let name = names.into_iter().find(is_free).unwrap_or_default();
        let column = Column {
            name: name.clone(),
            label: "Result".to_owned(),
            ty,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: true,
        };
        trial.calculated.push(Calculated { column, expression: text.clone() });
        beside.push(name);
        let query = Query { dataset: loaded.row.id.clone(), columns: beside, limit: Some(ROWS), ..Query::default() };
        let (answer, _) = self.answer(&Arc::new(trial), &query, false).await?;
        Ok(answer.table.clone())
    }

    /// Reads a model from YAML and says everything that keeps it from being saved, without saving it.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn draft_of_yaml(&self, caller: &Caller, name_or_id: &str, text: &str) -> Result<ModelDraft> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        let model = match yaml::read(text) {
            Ok(model) => tidy(model),
            Err(problem) => return Ok(ModelDraft { model: None, problems: vec![problem] }),
        };
        let mut misfits = resolve(&loaded.columns, &model).1;
        misfits.extend(self.relationship_misfits(caller, &loaded, &model).await?);
        let problem = |misfit: ModelMisfit| ModelProblem {
            line: yaml::line_of(text, &misfit.field),
            message: misfit.message,
            hint: misfit.hint,
        };
        let mut problems: Vec<ModelProblem> = misfits.into_iter().map(problem).collect();
        problems.sort_by_key(|p| p.line);
        Ok(ModelDraft { model: Some(model), problems })
    }

    /// What keeps the relationships of a model from being saved: of each what comes first, then
    /// what only all of them together have.
    async fn relationship_misfits(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        model: &SemanticModel,
    ) -> Result<Vec<ModelMisfit>> {
        let mut misfits = Vec::new();
        for (i, relationship) in model.relationships.iter().enumerate() {
            match self.dataset_for(caller, &relationship.dataset).await {
                Ok((there, _)) => misfits.extend(relationships::misfit_of(loaded, i, relationship, Some(&there))),
                Err(error) => misfits.push(misfit_of(error, &format!("relationships[{i}].dataset"))),
            }
        }
        if misfits.is_empty()
            && let Err(error) = self.check_relationships(caller, loaded, &mut model.clone()).await
        {
            misfits.push(misfit_of(error, "relationships"));
        }
        Ok(misfits)
    }
}

fn misfit_of(error: Error, field: &str) -> ModelMisfit {
    let own = error.field.filter(|own| own.starts_with("relationships"));
    ModelMisfit { field: own.unwrap_or_else(|| field.to_owned()), message: error.message, hint: error.hint }
}
