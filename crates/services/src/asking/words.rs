//! Words that people taught: what an organisation means by them. Whoever may edit a dataset teaches at
//! once; from others it is a proposal, which holds for themselves until somebody accepts it. A word
//! whose meaning somebody may not see is unknown to them.

use super::catalog::Askable;
use super::not_too_often;
use crate::access::{require_edit, require_role, require_scope};
use crate::{Services, clock, new_id};
use domain::ask::{Chip, ChipPart, Meaning, Suggestion, Synonym};
use domain::asking::{NewWord, TaughtWord};
use domain::people::Scope;
use domain::{Access, Caller, Error, ErrorCode, Result, UserRole};
use intelligence::ask::{AskColumn, learned};
use store::AskWordRow;

/// Words of one dataset.
const MOST_WORDS: i64 = 2_000;
/// Meanings that a search answers.
const MOST_MEANINGS: usize = 60;
/// Characters of a value that a word stands for.
const LONGEST_VALUE: usize = 300;
/// Characters of a search.
const LONGEST_SEARCH: usize = 200;

const DATASET: &str = "dataset";
const COLUMN: &str = "column";
const VALUE: &str = "value";
const METRIC: &str = "metric";

impl Services {
    /// The words that were taught about what the caller sees: those that hold, their own proposals,
    /// and of datasets that they may edit all proposals.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_ask_words(&self, caller: &Caller) -> Result<Vec<TaughtWord>> {
        require_scope(caller, Scope::Read)?;
        require_role(caller, UserRole::Explorer, "ask questions of your own")?;
        let known = self.what_may_be_asked(caller).await?;
        let names = self.user_names().await?;
        let mut all = Vec::new();
        for row in self.store.ask_words().await? {
            let Some(meaning) = meaning_of(&row, &known) else { continue };
            let Some((seen, _)) = known.dataset(&row.dataset_id) else { continue };
            let can_edit = may_edit(caller, seen.access);
            if !row.is_accepted && !can_edit && row.made_by != caller.user_id {
                continue;
            }
            all.push(TaughtWord {
                label: label_of(&meaning, &known),
                dataset_label: seen.label.clone(),
                id: row.id,
                word: row.word,
                meaning,
                is_accepted: row.is_accepted,
                made_by: names.get(&row.made_by).cloned().unwrap_or_default(),
                made_at: clock::rfc3339(row.made_at),
                can_edit,
            });
        }
        Ok(all)
    }

    /// Teaches what a word means, or proposes it.
    ///
    /// # Errors
    /// The word is none, or too common; what it is to mean is not there.
    pub async fn teach_word(&self, caller: &Caller, new: NewWord) -> Result<TaughtWord> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Explorer, "ask questions of your own")?;
        not_too_often(&self.asking.teaching, caller)?;
        let known = self.what_may_be_asked(caller).await?;
        let synonym = check(&new)?;
        let dataset = match &synonym.meaning {
            Meaning::Dataset { dataset } | Meaning::Column { dataset, .. } | Meaning::Value { dataset, .. } => dataset,
            Meaning::Metric { metric } => {
                let found = known.catalog.metrics.iter().find(|m| m.id == *metric);
                &found.ok_or_else(|| Error::not_found("metric").field("meaning.metric"))?.dataset
            }
        };
        let (loaded, access) = self.dataset_for(caller, dataset).await.map_err(|e| e.field("meaning.dataset"))?;
        let (kind, target, value) = match &synonym.meaning {
            Meaning::Dataset { .. } => (DATASET, String::new(), String::new()),
            Meaning::Metric { metric } => (METRIC, metric.clone(), String::new()),
            Meaning::Column { column, .. } => (COLUMN, column.clone(), String::new()),
            Meaning::Value { column, value, .. } => (VALUE, column.clone(), value.clone()),
        };
        if matches!(kind, COLUMN | VALUE) && loaded.column(&target).is_none() {
            let sentence = format!("This dataset has no column `{target}`.");
            return Err(Error::new(ErrorCode::UnknownColumn, sentence).field("meaning.column"));
        }
        if value.chars().count() > LONGEST_VALUE || value.chars().any(char::is_control) {
            return Err(Error::invalid(format!("A value is one line of at most {LONGEST_VALUE} characters."))
                .field("meaning.value"));
        }
        let row = AskWordRow {
            id: new_id(),
            word: synonym.word,
            dataset_id: loaded.row.id.clone(),
            kind: kind.to_owned(),
            target,
            value,
            is_accepted: may_edit(caller, access),
            made_by: caller.user_id.clone(),
            made_at: clock::now_ms(),
        };
        // The same rule as when it is used: what one does not see cannot be taught either.
        let Some(meaning) = meaning_of(&row, &known) else {
            return Err(Error::invalid("There is no such value in this column.")
                .hint("Give it as it stands in the data.")
                .field("meaning.value"));
        };
        if self.store.count_ask_words(&row.dataset_id).await? >= MOST_WORDS {
            return Err(Error::new(
                ErrorCode::Conflict,
                format!("This dataset has {MOST_WORDS} taught words already."),
            )
            .hint("Forget some that nobody uses."));
        }
        if !self.store.put_ask_word(&row).await? {
            return Err(Error::new(ErrorCode::Conflict, format!("“{}” has a meaning here already.", row.word))
                .hint("Whoever may edit the dataset can change it."));
        }
        let action = if row.is_accepted { "teach_word" } else { "propose_word" };
        self.record(caller, action, "dataset", &row.dataset_id).await;
        Ok(TaughtWord {
            label: label_of(&meaning, &known),
            dataset_label: loaded.row.label.clone(),
            id: row.id,
            word: row.word,
            meaning,
            is_accepted: row.is_accepted,
            made_by: caller.name.clone(),
            made_at: clock::rfc3339(row.made_at),
            can_edit: may_edit(caller, access),
        })
    }

    /// Makes a proposal hold for everybody.
    ///
    /// # Errors
    /// There is none that the caller may see, or they may not edit its dataset.
    pub async fn accept_ask_word(&self, caller: &Caller, id: &str) -> Result<()> {
        let (row, access) = self.word_for(caller, id).await?;
        require_edit(caller, access, "dataset")?;
        self.store.accept_ask_word(id).await?;
        self.record(caller, "accept_word", "dataset", &row.dataset_id).await;
        Ok(())
    }

    /// Forgets a word; a proposal also by who made it.
    ///
    /// # Errors
    /// There is none that the caller may see, or they may not edit its dataset.
    pub async fn forget_ask_word(&self, caller: &Caller, id: &str) -> Result<()> {
        let (row, access) = self.word_for(caller, id).await?;
        if row.is_accepted || row.made_by != caller.user_id {
            require_edit(caller, access, "dataset")?;
        }
        require_scope(caller, Scope::Write)?;
        self.store.delete_ask_word(id).await?;
        self.record(caller, "forget_word", "dataset", &row.dataset_id).await;
        Ok(())
    }

    async fn word_for(&self, caller: &Caller, id: &str) -> Result<(AskWordRow, Access)> {
        let gone = || Error::not_found("word");
        let row = self.store.ask_word(id).await?.ok_or_else(gone)?;
        let known = self.what_may_be_asked(caller).await?;
        let (seen, _) = known.dataset(&row.dataset_id).ok_or_else(gone)?;
        meaning_of(&row, &known).ok_or_else(gone)?;
        if !row.is_accepted && row.made_by != caller.user_id && !may_edit(caller, seen.access) {
            return Err(gone());
        }
        let access = seen.access;
        Ok((row, access))
    }

    /// What a word could mean: columns, metrics and values of what the caller sees.
    ///
    /// # Errors
    /// The search is too long.
    pub async fn ask_meanings(&self, caller: &Caller, search: &str) -> Result<Vec<Suggestion>> {
        require_scope(caller, Scope::Read)?;
        require_role(caller, UserRole::Explorer, "ask questions of your own")?;
        if search.chars().count() > LONGEST_SEARCH {
            return Err(Error::invalid(format!("A search has at most {LONGEST_SEARCH} characters.")).field("search"));
        }
        let known = self.what_may_be_asked(caller).await?;
        let wanted = search.trim().to_lowercase();
        let fits = |text: &str| text.to_lowercase().contains(&wanted);
        let (mut named, mut values) = (Vec::new(), Vec::new());
        let suggest = |meaning: Meaning| Suggestion { label: label_of(&meaning, &known), meaning };
        for metric in known.catalog.metrics.iter().filter(|m| fits(&m.name)) {
            named.push(suggest(Meaning::Metric { metric: metric.id.clone() }));
        }
        for dataset in &known.catalog.datasets {
            for column in &dataset.columns {
                let (of, name) = (&dataset.name, &column.column.name);
                if fits(&column.column.label) || fits(name) {
                    named.push(suggest(Meaning::Column { dataset: of.clone(), column: name.clone() }));
                }
                if wanted.is_empty() || values.len() >= MOST_MEANINGS {
                    continue;
                }
                for value in column.values.iter().map(domain::Cell::to_text).filter(|v| fits(v)).take(MOST_MEANINGS) {
                    values.push(suggest(Meaning::Value { dataset: of.clone(), column: name.clone(), value }));
                }
            }
        }
        // Values after names, but not crowded out by them.
        values.truncate(MOST_MEANINGS / 2);
        named.truncate(MOST_MEANINGS - values.len());
        named.extend(values);
        Ok(named)
    }
}

/// Whether what somebody teaches about a dataset holds for everybody.
fn may_edit(caller: &Caller, access: Access) -> bool {
    access >= Access::Edit && caller.role >= UserRole::Creator && caller.scope >= Scope::Write
}

/// The word as questions are compared, if it can have a meaning of its own.
fn check(new: &NewWord) -> Result<Synonym> {
    let refuse = |why: &str| Error::invalid(why).field("word");
    let words: Vec<&str> = new.word.split_whitespace().collect();
    let word = words.join(" ").to_lowercase();
    if word.chars().count() > 60 || words.len() > 6 || word.chars().any(char::is_control) {
        return Err(refuse("A word has at most 60 characters, and no more than six parts."));
    }
    if !word.chars().any(char::is_alphanumeric) {
        return Err(refuse("A word has a letter or a digit."));
    }
    let chip = Chip { part: ChipPart::Filter, text: String::new(), words: word.clone(), column: None, value: None };
    learned(&chip, &new.meaning).ok_or_else(|| {
        refuse(&format!("“{word}” is too common to have a meaning of its own."))
            .hint("Teach a word that stands for one thing only.")
    })
}

/// What a stored word means, if all of that is there for who asks.
fn meaning_of(row: &AskWordRow, known: &Askable) -> Option<Meaning> {
    let (seen, dataset) = known.dataset(&row.dataset_id)?;
    let column = |name: &str| dataset.columns.iter().find(|c| c.column.name == name);
    Some(match row.kind.as_str() {
        DATASET => Meaning::Dataset { dataset: dataset.name.clone() },
        METRIC => {
            let metric = known.catalog.metrics.iter().find(|m| m.id == row.target)?;
            Meaning::Metric { metric: metric.id.clone() }
        }
        COLUMN => {
            column(&row.target)?;
            Meaning::Column { dataset: dataset.name.clone(), column: row.target.clone() }
        }
        VALUE => {
            let column = column(&row.target).filter(|c| has_value(c, &row.value, seen.is_narrowed))?;
            let (dataset, column) = (dataset.name.clone(), column.column.name.clone());
            Meaning::Value { dataset, column, value: row.value.clone() }
        }
        _ => return None,
    })
}

/// Whether a value is in a column. Where rules hide rows, only what is known by name counts; elsewhere
/// a column may have more values than are known.
fn has_value(column: &AskColumn, value: &str, is_narrowed: bool) -> bool {
    let is_known = column.values.iter().any(|v| v.to_text() == value);
    let is_all = column.distinct.is_some_and(|n| n <= column.values.len() as u64);
    is_known || (!is_narrowed && !is_all && !value.is_empty())
}

/// The words that hold for somebody, and those that they proposed themselves.
pub(super) fn known_to(caller: &Caller, rows: &[AskWordRow], known: &Askable) -> Vec<Synonym> {
    let holds = rows.iter().filter(|row| row.is_accepted || row.made_by == caller.user_id);
    holds.filter_map(|row| Some(Synonym { word: row.word.clone(), meaning: meaning_of(row, known)? })).collect()
}

/// What people call a meaning.
fn label_of(meaning: &Meaning, known: &Askable) -> String {
    let column_label = |dataset: &str, column: &str| {
        let found = known.dataset(dataset).and_then(|(_, d)| d.columns.iter().find(|c| c.column.name == column));
        found.map_or_else(|| domain::names::to_label(column), |c| c.column.label.clone())
    };
    let dataset_label = |name: &str| known.dataset(name).map_or_else(|| name.to_owned(), |(s, _)| s.label.clone());
    match meaning {
        Meaning::Dataset { dataset } => dataset_label(dataset),
        Meaning::Column { dataset, column } => {
            format!("{} ({})", column_label(dataset, column), dataset_label(dataset))
        }
        Meaning::Value { dataset, column, value } => {
            format!("{value}: {} ({})", column_label(dataset, column), dataset_label(dataset))
        }
        Meaning::Metric { metric } => {
            let found = known.catalog.metrics.iter().find(|m| m.id == *metric);
            found.map_or_else(|| metric.clone(), |m| format!("{} (metric)", m.name))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Cell, Column, DataType, Role};

    #[test]
    fn a_value_that_rules_hide_is_no_value() {
        let column = Column {
            name: "region".into(),
            label: "Region".into(),
            ty: DataType::Text,
            role: Role::Dimension,
            description: String::new(),
            format: None,
            is_calculated: false,
        };
        let few = AskColumn { values: vec![Cell::from("North")], distinct: Some(1), ..AskColumn::of(column.clone()) };
        assert!(has_value(&few, "North", true) && !has_value(&few, "South", true) && !has_value(&few, "South", false));
        let many = AskColumn { values: vec![Cell::from("North")], distinct: Some(9_000), ..AskColumn::of(column) };
        assert!(has_value(&many, "Far away", false) && !has_value(&many, "Far away", true));
    }

    #[test]
    fn a_word_has_a_letter_and_an_end() {
        let new = |word: &str| NewWord { word: word.into(), meaning: Meaning::Metric { metric: "m".into() } };
        for bad in ["", "  ", "?!", &"x".repeat(61), "a b c d e f g"] {
            assert_eq!(check(&new(bad)).unwrap_err().field.as_deref(), Some("word"), "{bad}");
        }
    }
}
