//! Questions in words: our own parser over the semantic layer. Pure and deterministic; today is given.

mod catalog;

pub use catalog::{AskChart, AskColumn, AskDataset, AskMetric, Catalog};

use domain::ask::{AskContext, Chip, Meaning, Synonym, Understanding};

/// What surrounds a question.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The answer that it follows up.
    pub previous: Option<&'a AskContext>,
    /// Only this dataset, by name.
    pub dataset: Option<&'a str>,
    /// The day of the asker.
    pub today: jiff::civil::Date,
}

/// Understands a question. It never fails: what is not understood is refused with a reason.
pub fn understand(question: &str, catalog: &Catalog, around: &Surroundings<'_>) -> Understanding {
    let _ = (question, catalog, around);
    Understanding::default()
}

/// What a correction teaches: the asker said that this chip, or an unknown word (a chip with only
/// `words`), means something else. `None` where the words are too common to have a meaning of their own.
pub fn learned(chip: &Chip, meaning: &Meaning) -> Option<Synonym> {
    let _ = (chip, meaning);
    None
}
