//! What the asker may name: the datasets, metrics and charts they see, and the words taught so far.
//! Who makes it has looked at rights and policies: nothing in it may be hidden from the asker.

use domain::ask::Synonym;
use domain::model::Relationship;
use domain::{Cell, ChartKind, Column, DataType, Query};

/// What may be asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Catalog {
    pub datasets: Vec<AskDataset>,
    pub metrics: Vec<AskMetric>,
    pub charts: Vec<AskChart>,
    /// Learned by the organisation.
    pub synonyms: Vec<Synonym>,
}

/// A dataset as the asker sees it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AskDataset {
    pub name: String,
    pub label: String,
    pub columns: Vec<AskColumn>,
    /// How many rows the asker sees, as far as it is known.
    pub rows: Option<u64>,
    /// Those of its model; where there are none, equal names of keys are followed.
    pub relationships: Vec<Relationship>,
}

/// A column of it.
#[derive(Clone, Debug, PartialEq)]
pub struct AskColumn {
    pub column: Column,
    /// Those of the model.
    pub synonyms: Vec<String>,
    /// All values of a column with few, or the most frequent ones.
    pub values: Vec<Cell>,
    /// How many different values there are, as far as it is known.
    pub distinct: Option<u64>,
    /// No two rows share a value.
    pub is_unique: bool,
    /// The first and the last value of a time, ISO text: what "last month" and "in June" are meant of.
    pub extent: Option<(String, String)>,
}

impl AskColumn {
    /// A column of which nothing but its description is known.
    pub fn of(column: Column) -> Self {
        Self { column, synonyms: Vec::new(), values: Vec::new(), distinct: None, is_unique: false, extent: None }
    }

    pub(crate) fn name(&self) -> &str {
        &self.column.name
    }

    pub(crate) fn ty(&self) -> DataType {
        self.column.ty
    }
}

/// A metric that can be part of questions about its dataset.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AskMetric {
    pub id: String,
    pub name: String,
    /// Name of the dataset that it is of.
    pub dataset: String,
}

/// A chart that exists.
#[derive(Clone, Debug, PartialEq)]
pub struct AskChart {
    /// Whatever leads to it; given back in the match.
    pub id: String,
    pub title: String,
    pub query: Query,
    pub kind: ChartKind,
}
