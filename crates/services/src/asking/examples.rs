//! Questions to begin with, made of the datasets that somebody sees.

use crate::Services;
use crate::access::require_scope;
use domain::people::Scope;
use domain::{Caller, DataType, Result, Role};
use intelligence::ask::{AskColumn, AskDataset};

/// Questions that are shown.
const MOST: usize = 6;
/// Datasets that they are about.
const MOST_DATASETS: usize = 3;
/// A column with more values is no good example of groups.
const FEW: u64 = 40;

impl Services {
    /// Questions that the caller could ask.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn ask_examples(&self, caller: &Caller) -> Result<Vec<String>> {
        require_scope(caller, Scope::Read)?;
        let known = self.what_may_be_asked(caller).await?;
        let per_dataset: Vec<Vec<String>> =
            known.catalog.datasets.iter().map(examples).filter(|e| !e.is_empty()).take(MOST_DATASETS).collect();
        // One of each in turn, so that every dataset has its say.
        let longest = per_dataset.iter().map(Vec::len).max().unwrap_or_default();
        let in_turn = (0..longest).flat_map(|at| per_dataset.iter().filter_map(move |all| all.get(at)));
        Ok(in_turn.take(MOST).cloned().collect())
    }
}

fn examples(dataset: &AskDataset) -> Vec<String> {
    let is_key = |c: &&AskColumn| {
        c.column.name == "id" || c.column.name.ends_with("_id") || (c.is_unique && c.column.role != Role::Measure)
    };
    let columns = || dataset.columns.iter().filter(move |c| !is_key(c));
    let measure = columns().find(|c| c.column.role == Role::Measure && c.column.ty.is_number());
    let group = columns().find(|c| {
        c.column.role == Role::Dimension
            && c.column.ty == DataType::Text
            && c.distinct.is_some_and(|n| (2..=FEW).contains(&n))
    });
    let time = columns().find(|c| c.column.ty.is_time());
    let name = |c: &AskColumn| in_sentence(&c.column.label);
    let mut all = Vec::new();
    if let (Some(measure), Some(group)) = (measure, group) {
        all.push(format!("{} by {}", name(measure), name(group)));
    }
    if let (Some(measure), Some(_)) = (measure, time) {
        all.push(format!("{} by month", name(measure)));
    }
    if let (Some(measure), Some(group)) = (measure, group) {
        all.push(format!("top 5 {} by {}", name(group), name(measure)));
        let two: Vec<String> = group.values.iter().take(2).map(domain::Cell::to_text).collect();
        if let [one, other] = two.as_slice() {
            all.push(format!("compare {one} and {other} by {}", name(measure)));
        }
    }
    all
}

/// A label inside a sentence; what is written in capitals stays so.
fn in_sentence(label: &str) -> String {
    label
        .split(' ')
        .map(|word| {
            let is_short = word.chars().skip(1).any(char::is_uppercase);
            if is_short { word.to_owned() } else { word.to_lowercase() }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Cell, Column};

    fn column(name: &str, label: &str, ty: DataType, role: Role, values: &[&str]) -> AskColumn {
        let column = Column {
            name: name.into(),
            label: label.into(),
            ty,
            role,
            description: String::new(),
            format: None,
            is_calculated: false,
        };
        AskColumn {
            values: values.iter().map(|v| Cell::from(*v)).collect(),
            distinct: Some(values.len() as u64),
            ..AskColumn::of(column)
        }
    }

    #[test]
    fn examples_are_made_of_the_columns_there_are() {
        let dataset = AskDataset {
            name: "sales".into(),
            label: "Sales".into(),
            columns: vec![
                column("customer_id", "Customer ID", DataType::Integer, Role::Measure, &[]),
                column("date", "Date", DataType::Date, Role::Time, &[]),
                column("region", "Region", DataType::Text, Role::Dimension, &["North", "South"]),
                column("amount", "Net Amount EUR", DataType::Float, Role::Measure, &[]),
            ],
            ..AskDataset::default()
        };
        assert_eq!(
            examples(&dataset),
            [
                "net amount EUR by region",
                "net amount EUR by month",
                "top 5 region by net amount EUR",
                "compare North and South by net amount EUR"
            ]
        );
        assert!(examples(&AskDataset::default()).is_empty());
    }
}
