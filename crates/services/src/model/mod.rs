//! The semantic model of a dataset: read, saved, checked. Every version is kept. Who may edit the
//! dataset may change its model; who may not see another dataset does not learn of relationships
//! to it.

mod draft;
mod likeness;
mod profile;
mod relationships;
mod resolve;
mod suggest;
mod yaml;

pub(crate) use resolve::resolve;
pub(crate) use yaml::line_of;

use crate::access::require_edit;
use crate::catalog::Loaded;
use crate::{Services, clock, from_json, to_json};
use domain::model::{
    DatasetModel, ExpressionCheck, ExpressionFunction, ExpressionRequest, ModelMisfit, ModelVersion, SemanticModel,
};
use domain::names::to_name;
use domain::{Access, Caller, Column, Dataset, Error, ErrorCode, Result};
use semantic::expression;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;
use store::ModelRow;

/// How many versions a page of the history has.
const VERSIONS: i64 = 100;

/// A model as it was saved.
#[derive(Clone, Debug, Default)]
pub(crate) struct Saved {
    pub(crate) model: SemanticModel,
    /// 0 before anybody saved one.
    pub(crate) version: i64,
    saved_by: String,
    saved_at: i64,
}

impl Saved {
    pub(crate) fn read(row: ModelRow) -> Self {
        let model = from_json(&row.model_json);
        Self { model, version: row.version, saved_by: row.saved_by, saved_at: row.saved_at }
    }
}

impl Services {
    /// The model of a dataset, with what of it no longer fits.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn dataset_model(&self, caller: &Caller, name_or_id: &str) -> Result<DatasetModel> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        let saved = &loaded.model;
        let is_saved = saved.version > 0;
        let model = loaded.without_hidden(self.model_for(caller, &saved.model).await?);
        Ok(DatasetModel {
            dataset: loaded.row.name.clone(),
            misfits: self.model_misfits(&loaded, &model).await?,
            model,
            version: u64::try_from(saved.version).unwrap_or_default(),
            saved_at: is_saved.then(|| clock::rfc3339(saved.saved_at)),
            saved_by: if is_saved { Some(self.user_name(&saved.saved_by).await?) } else { None },
            can_edit: access >= Access::Edit,
        })
    }

    /// The versions of a model, newest first; those before `before`, if given.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn model_versions(
        &self,
        caller: &Caller,
        name_or_id: &str,
        before: Option<u64>,
    ) -> Result<Vec<ModelVersion>> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        let before = before.map_or(i64::MAX, crate::datasets::int);
        let names = self.user_names().await?;
        let mut versions = Vec::new();
        for row in self.store.model_versions(&loaded.row.id, before, VERSIONS).await? {
            versions.push(ModelVersion {
                version: u64::try_from(row.version).unwrap_or_default(),
                saved_at: clock::rfc3339(row.saved_at),
                saved_by: names.get(&row.saved_by).cloned().unwrap_or_default(),
                model: loaded.without_hidden(self.model_for(caller, &from_json(&row.model_json)).await?),
            });
        }
        Ok(versions)
    }

    /// Saves a model as the next version. With `if_version` only if that is the present one.
    ///
    /// # Errors
    /// No right, a newer version, or a part that does not fit: the error names it.
    pub async fn put_dataset_model(
        &self,
        caller: &Caller,
        name_or_id: &str,
        model: SemanticModel,
        if_version: Option<u64>,
    ) -> Result<DatasetModel> {
        let (loaded, access) = self.dataset_for(caller, name_or_id).await?;
        require_edit(caller, access, "dataset")?;
        let present = u64::try_from(loaded.model.version).unwrap_or_default();
        if if_version.is_some_and(|wanted| wanted != present) {
            return Err(Error::new(ErrorCode::PreconditionFailed, "Somebody else changed this model meanwhile.")
                .hint("Load it again, and make your changes to what is there now."));
        }
        if !loaded.policy.hidden.is_empty() {
            return Err(Error::forbidden(
                "Rules hide columns of this dataset from you, and with them a part of its model.",
            )
            .hint("Its owner can change the model."));
        }
        let mut model = tidy(model);
        if let Some(problem) = resolve(&loaded.columns, &model).1.into_iter().next() {
            return Err(refuse(problem));
        }
        self.check_relationships(caller, &loaded, &mut model).await?;
        self.keep_hidden_relationships(caller, &loaded.model.model, &mut model).await?;
        self.save_model(caller, &loaded, &model).await?;
        self.dataset_model(caller, &loaded.row.id).await
    }

    /// Stores the next version, and tells everyone who watches: answers may change with it.
    async fn save_model(&self, caller: &Caller, loaded: &Arc<Loaded>, model: &SemanticModel) -> Result<()> {
        if *model == loaded.model.model && loaded.model.version > 0 {
            return Ok(());
        }
        let row = ModelRow {
            dataset_id: loaded.row.id.clone(),
            version: loaded.model.version + 1,
            model_json: to_json(model),
            saved_by: caller.user_id.clone(),
            saved_at: clock::now_ms(),
        };
        self.store.add_model(&row).await?;
        self.forget_calculated_profiles(loaded).await?;
        self.announce(loaded, loaded.row.version);
        self.record(caller, "update_model", "dataset", &loaded.row.id).await;
        Ok(())
    }

    /// Changes what is said about calculated columns: how they are labelled, described and shown.
    pub(crate) async fn describe_calculated(
        &self,
        caller: &Caller,
        loaded: &Arc<Loaded>,
        columns: Vec<Column>,
    ) -> Result<()> {
        let mut model = loaded.model.model.clone();
        for column in columns {
            if let Some(found) = model.calculated.iter_mut().find(|c| c.name == column.name) {
                found.label = column.label;
                found.description = column.description;
                found.format = column.format;
                found.role = Some(column.role);
            }
        }
        self.save_model(caller, loaded, &model).await
    }

    /// Whether an expression works with the columns of a dataset, and what comes of it.
    ///
    /// # Errors
    /// The dataset is not visible.
    pub async fn check_expression(
        &self,
        caller: &Caller,
        name_or_id: &str,
        request: &ExpressionRequest,
    ) -> Result<ExpressionCheck> {
        let (loaded, _) = self.dataset_for(caller, name_or_id).await?;
        // A column may not use itself, nor one that uses it.
        let barred = request.name.as_deref().map(|name| dependants(&loaded, name)).unwrap_or_default();
        let columns: Vec<Column> = loaded.shown().filter(|c| !barred.contains(c.name.as_str())).cloned().collect();
        let text = &request.expression;
        Ok(match expression::check(text, &columns) {
            Ok(ty) => {
                ExpressionCheck { ty: Some(ty), columns: expression::columns(text).unwrap_or_default(), fault: None }
            }
            Err(fault) => ExpressionCheck { ty: None, columns: Vec::new(), fault: Some(resolve::fault(text, fault)) },
        })
    }

    /// Other words for the columns of datasets that the caller was shown, by dataset and column.
    ///
    /// # Errors
    /// The store cannot be read.
    pub async fn synonyms_of(&self, datasets: &[Dataset]) -> Result<BTreeMap<String, BTreeMap<String, Vec<String>>>> {
        let mut found = BTreeMap::new();
        for dataset in datasets {
            let Some(loaded) = self.stored_dataset(&dataset.id).await? else { continue };
            let mut words = loaded.model.model.synonyms.clone();
            words.retain(|column, _| dataset.column(column).is_some());
            if !words.is_empty() {
                found.insert(dataset.name.clone(), words);
            }
        }
        Ok(found)
    }

    /// Every function that expressions may call, for autocomplete.
    pub fn expression_functions(&self) -> Vec<ExpressionFunction> {
        let show = |f: &expression::Function| ExpressionFunction {
            name: f.name.to_owned(),
            signature: f.signature.to_owned(),
            doc: f.doc.to_owned(),
            example: f.example.to_owned(),
        };
        expression::FUNCTIONS.iter().map(show).collect()
    }

    /// What of a model does not fit its dataset, as it is now.
    pub(crate) async fn model_misfits(&self, loaded: &Loaded, model: &SemanticModel) -> Result<Vec<ModelMisfit>> {
        let mut misfits = resolve(&loaded.columns, model).1;
        for (i, relationship) in model.relationships.iter().enumerate() {
            let there = self.load_dataset(&relationship.dataset, &loaded.reader).await?;
            misfits.extend(relationships::misfit_of(loaded, i, relationship, there.as_deref()));
        }
        Ok(misfits)
    }
}

/// The column and all that are made of it.
fn dependants<'a>(loaded: &'a Loaded, name: &'a str) -> HashSet<&'a str> {
    let uses: HashMap<&str, Vec<String>> = loaded
        .calculated
        .iter()
        .map(|c| (c.column.name.as_str(), expression::columns(&c.expression).unwrap_or_default()))
        .collect();
    let mut found = HashSet::from([name]);
    // Each stands after those it uses, so one pass finds them all.
    for calculated in &loaded.calculated {
        let own = calculated.column.name.as_str();
        if uses.get(own).is_some_and(|used| used.iter().any(|u| found.contains(u.as_str()))) {
            found.insert(own);
        }
    }
    found
}

/// The model with spaces trimmed and ids made.
fn tidy(mut model: SemanticModel) -> SemanticModel {
    let trim = |text: &mut String| *text = text.trim().to_owned();
    for column in &mut model.calculated {
        trim(&mut column.name);
        trim(&mut column.label);
        trim(&mut column.description);
        trim(&mut column.expression);
    }
    let mut taken: HashSet<String> = model.hierarchies.iter().map(|h| h.id.clone()).collect();
    for hierarchy in &mut model.hierarchies {
        trim(&mut hierarchy.name);
        if hierarchy.id.is_empty() {
            let base = to_name(&hierarchy.name);
            let numbered = (2..).map(|n| format!("{}_{n}", base.chars().take(54).collect::<String>()));
            let id = std::iter::once(base.clone()).chain(numbered).find(|id| !taken.contains(id));
            hierarchy.id = id.unwrap_or(base);
            taken.insert(hierarchy.id.clone());
        }
    }
    for words in model.synonyms.values_mut() {
        words.iter_mut().for_each(trim);
    }
    model.synonyms.retain(|_, words| !words.is_empty());
    for relationship in &mut model.relationships {
        trim(&mut relationship.description);
        relationship.alias = relationship.alias.take().map(|a| a.trim().to_owned()).filter(|a| !a.is_empty());
    }
    model
}

/// A misfit as the error that refuses a model.
fn refuse(problem: ModelMisfit) -> Error {
    let error = Error::new(ErrorCode::InvalidRequest, problem.message).field(problem.field);
    match problem.hint {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
