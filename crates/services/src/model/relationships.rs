//! Relationships: the part of a model that names other datasets.

use super::refuse;
use super::resolve::{MAX_RELATIONSHIPS, misfit, unknown};
use crate::Services;
use crate::catalog::Loaded;
use domain::model::{ModelMisfit, Relationship, SemanticModel};
use domain::{Caller, DataType, Error, ErrorCode, Result};
use std::collections::HashSet;

/// The most pairs of columns.
const MAX_PAIRS: usize = 20;

impl Services {
    /// The model without what the caller may not know of.
    pub(crate) async fn model_for(&self, caller: &Caller, model: &SemanticModel) -> Result<SemanticModel> {
        let mut model = model.clone();
        let mut seen = Vec::with_capacity(model.relationships.len());
        for relationship in model.relationships {
            if self.may_know(caller, &relationship.dataset).await? {
                seen.push(relationship);
            }
        }
        model.relationships = seen;
        Ok(model)
    }

    /// Whether a dataset is visible to the caller, or gone for everybody.
    async fn may_know(&self, caller: &Caller, name: &str) -> Result<bool> {
        if self.stored_dataset(name).await?.is_none() {
            return Ok(true);
        }
        match self.stored_for(caller, name).await {
            Ok(_) => Ok(true),
            Err(error) if error.code == ErrorCode::UnknownDataset => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Checks the relationships of a model that is to be saved, and calls each dataset by its name.
    pub(super) async fn check_relationships(
        &self,
        caller: &Caller,
        loaded: &Loaded,
        model: &mut SemanticModel,
    ) -> Result<()> {
        if model.relationships.len() > MAX_RELATIONSHIPS {
            let error = Error::invalid(format!("A dataset has at most {MAX_RELATIONSHIPS} relationships."));
            return Err(error.field("relationships"));
        }
        let mut taken = HashSet::new();
        for (i, relationship) in model.relationships.iter_mut().enumerate() {
            let found = self.dataset_for(caller, &relationship.dataset).await;
            let (there, _) = found.map_err(|e| e.field(format!("relationships[{i}].dataset")))?;
            relationship.dataset.clone_from(&there.row.name);
            if let Some(problem) = misfit_of(loaded, i, relationship, Some(&there)) {
                return Err(refuse(problem));
            }
            let qualifier = relationship.qualifier();
            if !taken.insert(qualifier.to_owned()) {
                let error = Error::invalid(format!("Two relationships are called `{qualifier}`."));
                let error = error.hint("Give one of them another name with `as`.");
                return Err(error.field(format!("relationships[{i}].as")));
            }
        }
        Ok(())
    }

    /// Relationships that the caller cannot see are not theirs to remove.
    pub(super) async fn keep_hidden_relationships(
        &self,
        caller: &Caller,
        old: &SemanticModel,
        new: &mut SemanticModel,
    ) -> Result<()> {
        for relationship in &old.relationships {
            if !self.may_know(caller, &relationship.dataset).await? {
                new.relationships.push(relationship.clone());
            }
        }
        Ok(())
    }
}

/// What is wrong with a relationship, if anything.
pub(super) fn misfit_of(
    here: &Loaded,
    i: usize,
    relationship: &Relationship,
    there: Option<&Loaded>,
) -> Option<ModelMisfit> {
    let at = |key: &str| format!("relationships[{i}].{key}");
    let Some(there) = there else {
        let message = format!("There is no dataset `{}` any more.", relationship.dataset);
        return Some(misfit(at("dataset"), message, "Remove the relationship, or choose another dataset."));
    };
    if relationship.alias.as_ref().is_some_and(|a| a.chars().count() > 60 || a.contains('.')) {
        return Some(misfit(at("as"), "The name of a relationship has 1 to 60 characters and no point.", ""));
    }
    if relationship.description.chars().count() > 2_000 {
        return Some(misfit(at("description"), "A description has at most 2,000 characters.", ""));
    }
    if !(1..=MAX_PAIRS).contains(&relationship.on.len()) {
        let message = format!("A relationship has 1 to {MAX_PAIRS} pairs of columns that must be equal.");
        return Some(misfit(at("on"), message, "Name them such as [[\"carrier\", \"carrier\"]]."));
    }
    for (j, (left, right)) in relationship.on.iter().enumerate() {
        let mut types = Vec::with_capacity(2);
        for (side, (dataset, name)) in [(here, left), (there, right)].into_iter().enumerate() {
            let field = format!("relationships[{i}].on[{j}][{side}]");
            if let Some(column) = dataset.columns.iter().find(|c| c.name == *name) {
                types.push(column.ty);
            } else if dataset.column(name).is_some() {
                let message = format!("`{name}` is calculated, so datasets cannot be joined by it.");
                return Some(misfit(field, message, "Choose a column that is stored."));
            } else {
                let names: Vec<&str> = dataset.columns.iter().map(|c| c.name.as_str()).collect();
                return Some(unknown(field, name, &names));
            }
        }
        if !joinable(types[0], types[1]) {
            let (a, b) = (types[0].as_str(), types[1].as_str());
            let message = format!("`{left}` ({a}) cannot equal `{right}` ({b}).");
            return Some(misfit(format!("relationships[{i}].on[{j}]"), message, "Choose columns of the same type."));
        }
    }
    None
}

/// Whether values of these types can be equal.
pub(super) fn joinable(a: DataType, b: DataType) -> bool {
    a != DataType::Other && (a == b || (a.is_number() && b.is_number()))
}
