//! Predictions for the rows of a dataset, as a dataset of their own.

use super::predict::{Said, rounded};
use super::rows::{cell, keys_of};
use super::{read_def, require_use};
use crate::Services;
use crate::access::require_edit;
use domain::api::Job;
use domain::learn::Task;
use domain::names::{is_name, to_label, to_name};
use domain::registry::{BatchRequest, BatchResult, MOST_BATCH};
use domain::{Access, Caller, Cell, Column, DataType, Error, ErrorCode, Result, Role};
use engine::Progress;
use intelligence::Frame;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use store::LearnedRow;

/// What the origin of such a dataset begins with.
const ORIGIN: &str = "predictions:";
/// Columns of the dataset that stand beside the predictions.
const MOST_COLUMNS: usize = 100;

impl Services {
    /// Begins to predict the rows of a dataset, as the caller sees them, into a dataset of theirs.
    ///
    /// # Errors
    /// No right to the model, to the dataset, or to make another; a name that is taken.
    pub async fn predict_dataset(&self, caller: &Caller, id: &str, request: BatchRequest) -> Result<Job> {
        let (row, access) = self.learned_for(caller, id).await?;
        require_use(access)?;
        Self::may_batch(caller)?;
        if row.model_type == Task::Anomaly.as_str() {
            return Err(Error::new(
                ErrorCode::NotSupported,
                "A detector predicts nothing: it says which rows are odd.",
            )
            .hint("Its anomalies are listed on its page."));
        }
        self.answering(&row).await?;
        self.dataset_for(caller, &request.dataset).await?;
        if !is_name(&request.name) {
            return Err(Error::invalid("A dataset name has 1 to 60 small letters, digits or underscores.")
                .hint(format!("How about `{}`?", to_name(&request.name)))
                .field("name"));
        }
        self.check_batch_name(caller, &request.name).await?;
        self.room_for_job(caller).await?;
        self.not_too_often(caller, 10)?;
        let (who, knows) = (caller.clone(), access >= Access::Edit);
        self.start_job(caller, "predict_dataset", move |services, progress| async move {
            let done = services.batch(&who, &row, knows, &request, &progress).await?;
            serde_json::to_value(done).map_err(|_| Error::internal())
        })
        .await
    }

    /// Refuses a name that something else has.
    async fn check_batch_name(&self, caller: &Caller, name: &str) -> Result<()> {
        let taken = || Error::new(ErrorCode::NameTaken, format!("The name `{name}` is taken.")).field("name");
        if self.stored_dataset(name).await?.is_none() {
            return Ok(());
        }
        let (stored, access) = self.stored_for(caller, name).await.map_err(|_| taken())?;
        require_edit(caller, access, "dataset")?;
        if stored.row.origin.starts_with(ORIGIN) { Ok(()) } else { Err(taken()) }
    }

    async fn batch(
        &self,
        caller: &Caller,
        row: &LearnedRow,
        knows: bool,
        request: &BatchRequest,
        progress: &Progress,
    ) -> Result<BatchResult> {
        progress.set_total(100);
        let active = self.answering(row).await?;
        let spec = read_def(&active.def_json)?.spec;
        let (loaded, _) = self.dataset_for(caller, &request.dataset).await?;
        let fits = |ty: DataType| !matches!(ty, DataType::Other | DataType::Time);
        let mut names: Vec<String> = spec.features.clone();
        let more = loaded.shown().filter(|c| fits(c.ty) && !names.contains(&c.name)).map(|c| c.name.clone());
        let more: Vec<String> = more.take(MOST_COLUMNS.saturating_sub(names.len())).collect();
        names.extend(more);
        let shown: Vec<&str> = loaded.shown().map(|c| c.name.as_str()).collect();
        if let Some(lacks) = spec.features.iter().find(|name| !shown.contains(&name.as_str())) {
            let message = format!("This dataset has no column `{lacks}`, which the model needs.");
            return Err(Error::new(ErrorCode::UnknownColumn, message).field("dataset"));
        }
        let frame = self.frame(&loaded, &names, request.filter.as_ref(), MOST_BATCH).await?;
        if frame.rows == 0 {
            return Err(Error::invalid("There are no rows to predict.").hint("Take conditions out of the filter."));
        }
        progress.set_done(20);
        let keys = keys_of(&frame);
        let mut said = self.say(row, &active, frame.clone(), &keys).await?;
        if !knows {
            said.rows = said.rows.into_iter().map(|(version, exact)| (version, rounded(exact))).collect();
        }
        if progress.is_cancelled() {
            return Err(Error::new(ErrorCode::Cancelled, "The predictions were cancelled."));
        }
        progress.set_done(60);
        let (columns, rows) = with_predictions(&frame, &said);
        let segment = self.engine.append_rows(&columns, rows).await?;
        progress.set_done(90);
        let made = engine::Loaded { segment, columns, rejected: 0, rejects: Vec::new() };
        let origin = format!("{ORIGIN}{}", row.id);
        self.check_batch_name(caller, &request.name).await?;
        match self.stored_dataset(&request.name).await? {
            Some(stored) => self.replace_rows(&stored, made, &origin).await?,
            None => {
                let label = to_label(&request.name);
                self.insert_dataset(caller, &request.name, &label, &origin, made, false).await?
            }
        };
        self.count(caller, row, "predict_dataset", &said.counts, said.outside_rows).await?;
        let mut notes = said.notes;
        if frame.is_sample() {
            notes.insert(
                0,
                format!("Of {} rows every so many one was predicted, {} in all.", frame.total_rows, frame.rows),
            );
        }
        let marked = said.outside.len() as u64;
        if said.outside_rows > marked {
            notes.push(format!("Of the rows far outside the training data only {marked} are marked."));
        }
        Ok(BatchResult { dataset: request.name.clone(), rows: frame.rows as u64, outside: said.outside_rows, notes })
    }
}

/// The rows with what was predicted for them.
fn with_predictions(frame: &Frame, said: &Said) -> (Vec<Column>, Vec<Map<String, Value>>) {
    let own: Vec<Column> = frame
        .columns
        .iter()
        .map(|c| Column {
            name: c.name.clone(),
            label: c.label.clone(),
            // Decimals were read as floats.
            ty: if c.ty == DataType::Decimal { DataType::Float } else { c.ty },
            role: c.role,
            description: String::new(),
            format: c.format.clone(),
            is_calculated: false,
        })
        .collect();
    let has = |f: fn(&domain::learn::Prediction) -> bool| said.rows.iter().any(|(_, p)| f(p));
    let ty = said.rows.iter().find_map(|(_, p)| match p.value {
        Cell::Text(_) => Some(DataType::Text),
        Cell::Float(_) => Some(DataType::Float),
        Cell::Int(_) => Some(DataType::Integer),
        Cell::Bool(_) => Some(DataType::Boolean),
        Cell::Null => None,
    });
    let role = if ty == Some(DataType::Float) { Role::Measure } else { Role::Dimension };
    let mut added: Vec<(&str, DataType, Role)> = vec![("prediction", ty.unwrap_or(DataType::Text), role)];
    if has(|p| p.probability.is_some()) {
        added.push(("probability", DataType::Float, Role::Measure));
    }
    if has(|p| p.low.is_some()) {
        added.push(("prediction_low", DataType::Float, Role::Measure));
        added.push(("prediction_high", DataType::Float, Role::Measure));
    }
    if has(|p| p.distance.is_some()) {
        added.push(("distance", DataType::Float, Role::Measure));
    }
    added.push(("is_outside", DataType::Boolean, Role::Dimension));
    added.push(("model_version", DataType::Integer, Role::Dimension));
    let mut columns = own;
    let mut called: BTreeMap<&str, String> = BTreeMap::new();
    for (name, ty, role) in added {
        // A column of the data may have the name.
        let free = (1..).map(|n| if n == 1 { name.to_owned() } else { format!("{name}_{n}") });
        let free = free.take(MOST_COLUMNS + 2).find(|name| !columns.iter().any(|c| c.name == *name));
        let free = free.unwrap_or_else(|| name.to_owned());
        columns.push(Column {
            name: free.clone(),
            label: to_label(&free),
            ty,
            role,
            description: String::new(),
            format: None,
            is_calculated: false,
        });
        called.insert(name, free);
    }
    let outside: std::collections::HashSet<usize> = said.outside.iter().map(|far| far.index).collect();
    let rows = said.rows.iter().enumerate().take(frame.rows).map(|(at, (version, prediction))| {
        let mut row: Map<String, Value> =
            frame.columns.iter().map(|column| (column.name.clone(), cell(column, at).to_json())).collect();
        let number = |n: Option<f64>| n.map_or(Value::Null, Value::from);
        for (name, free) in &called {
            let value = match *name {
                "prediction" => prediction.value.to_json(),
                "probability" => number(prediction.probability),
                "prediction_low" => number(prediction.low),
                "prediction_high" => number(prediction.high),
                "distance" => number(prediction.distance),
                "is_outside" => outside.contains(&at).into(),
                _ => i64::from(*version).into(),
            };
            row.insert(free.clone(), value);
        }
        row
    });
    (columns, rows.collect())
}
