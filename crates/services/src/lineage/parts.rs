//! The parts of semantic models that use columns of a dataset: those of its own model, and
//! relationships that lead to it.

use super::columns::expanded;
use super::usage;
use crate::Services;
use crate::catalog::Loaded;
use domain::api::{Misfit, Usage, UsageKind};
use domain::model::SemanticModel;
use domain::names::to_label;
use domain::{Caller, Result};
use semantic::expression;
use std::collections::BTreeSet;

impl Services {
    /// What the caller may see of the parts of models that use the dataset.
    pub(super) async fn parts_of(&self, caller: &Caller, loaded: &Loaded) -> Result<Vec<Usage>> {
        let own = self.model_for(caller, &loaded.model.model).await?;
        let mut usages: Vec<Usage> = parts(loaded, &own).into_iter().map(|(_, usage)| usage).collect();
        for dataset in self.list_datasets(caller).await? {
            if dataset.id == loaded.row.id {
                continue;
            }
            let Some(other) = self.load_dataset(&dataset.id, &loaded.reader).await? else { continue };
            for relationship in other.model.model.relationships.iter().filter(|r| r.dataset == loaded.row.name) {
                let columns: BTreeSet<String> = relationship.on.iter().map(|(_, there)| there.clone()).collect();
                let title = format!("{} to {}", dataset.label, loaded.row.label);
                usages.push(Usage {
                    dataset: Some(dataset.name.clone()),
                    columns: columns.into_iter().collect(),
                    ..usage(UsageKind::Relationship, &loaded.row.name, &title, None)
                });
            }
        }
        Ok(usages)
    }

    /// The parts of the dataset's own model that do not fit it.
    pub(super) async fn misfit_parts(&self, caller: &Caller, loaded: &Loaded) -> Result<Vec<Misfit>> {
        let own = self.model_for(caller, &loaded.model.model).await?;
        let parts = parts(loaded, &own);
        let mut misfits: Vec<Misfit> = Vec::new();
        for misfit in self.model_misfits(loaded, &own).await? {
            let Some((_, usage)) = parts.iter().find(|(field, _)| misfit.field.starts_with(field)) else { continue };
            if misfits.iter().any(|m| m.usage == *usage) {
                continue; // one reason is enough
            }
            let missing = usage.columns.iter().filter(|c| loaded.column(c).is_none()).cloned().collect();
            misfits.push(Misfit { usage: usage.clone(), missing, message: misfit.message, hint: misfit.hint });
        }
        Ok(misfits)
    }
}

/// The parts of a model with the columns they use, each with its place, such as `hierarchies[0].`.
fn parts(loaded: &Loaded, model: &SemanticModel) -> Vec<(String, Usage)> {
    let mut found = Vec::new();
    let part = |kind, id: &str, title: &str, columns: Vec<String>| Usage {
        dataset: Some(loaded.row.name.clone()),
        columns,
        ..usage(kind, id, title, None)
    };
    for (i, column) in model.calculated.iter().enumerate() {
        let label = if column.label.is_empty() { to_label(&column.name) } else { column.label.clone() };
        let used = expression::columns(&column.expression).unwrap_or_default().into_iter().collect();
        let usage = part(UsageKind::Calculated, &column.name, &label, expanded(loaded, used));
        found.push((format!("calculated[{i}]."), usage));
    }
    for (i, hierarchy) in model.hierarchies.iter().enumerate() {
        let used = hierarchy.columns.iter().cloned().collect();
        let usage = part(UsageKind::Hierarchy, &hierarchy.id, &hierarchy.name, expanded(loaded, used));
        found.push((format!("hierarchies[{i}]."), usage));
    }
    for (i, relationship) in model.relationships.iter().enumerate() {
        let used: BTreeSet<String> = relationship.on.iter().map(|(here, _)| here.clone()).collect();
        let title = format!("{} to {}", loaded.row.label, to_label(&relationship.dataset));
        let usage = part(UsageKind::Relationship, &relationship.dataset, &title, used.into_iter().collect());
        found.push((format!("relationships[{i}]."), usage));
    }
    found
}
