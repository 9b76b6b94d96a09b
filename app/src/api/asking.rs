//! Questions in words.

use super::Result;
use domain::ask::{AskRequest, Reading, Suggestion};
use domain::asking::{AskAnswer, AskModel, AskModelPatch, AskPrompt, AskWhy, NewWord, TaughtWord};
use domain::connect::Why;
use domain::notify::SendTest;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;

/// What is understood of a question. Its rows are asked for like those of any other question.
#[server(input = Json)]
pub async fn understand_question(request: AskRequest) -> Result<AskAnswer> {
    let (services, caller) = super::caller()?;
    Ok(services.understand(&caller, &request).await?)
}

/// Questions to begin with.
#[server]
pub async fn question_examples() -> Result<Vec<String>> {
    let (services, caller) = super::caller()?;
    Ok(services.ask_examples(&caller).await?)
}

/// What carries the change of a measure in a period.
#[server(input = Json)]
pub async fn explain_measure(request: AskWhy) -> Result<Why> {
    let (services, caller) = super::caller()?;
    Ok(services.ask_why(&caller, &request).await?)
}

/// A reading that the language model proposes.
#[server(input = Json)]
pub async fn propose_reading(request: AskRequest) -> Result<Reading> {
    let (services, caller) = super::caller()?;
    Ok(services.propose_reading(&caller, &request).await?)
}

/// What a word could mean.
#[server]
pub async fn word_meanings(search: String) -> Result<Vec<Suggestion>> {
    let (services, caller) = super::caller()?;
    Ok(services.ask_meanings(&caller, &search).await?)
}

/// The words that were taught.
#[server]
pub async fn taught_words() -> Result<Vec<TaughtWord>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_ask_words(&caller).await?)
}

/// Teaches a word, or proposes it.
#[server(input = Json)]
pub async fn teach_word(word: NewWord) -> Result<TaughtWord> {
    let (services, caller) = super::caller()?;
    Ok(services.teach_word(&caller, word).await?)
}

/// Makes a proposed word hold.
#[server]
pub async fn accept_word(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.accept_ask_word(&caller, &id).await?)
}

/// Forgets a word.
#[server]
pub async fn forget_word(id: String) -> Result<()> {
    let (services, caller) = super::caller()?;
    Ok(services.forget_ask_word(&caller, &id).await?)
}

/// The language model as it is set up.
#[server]
pub async fn language_model() -> Result<AskModel> {
    let (services, caller) = super::caller()?;
    Ok(services.ask_model(&caller).await?)
}

/// Sets it up.
#[server(input = Json)]
pub async fn save_language_model(patch: AskModelPatch) -> Result<AskModel> {
    let (services, caller) = super::caller()?;
    Ok(services.set_ask_model(&caller, patch).await?)
}

/// Asks it something.
#[server]
pub async fn test_language_model() -> Result<SendTest> {
    let (services, caller) = super::caller()?;
    Ok(services.test_ask_model(&caller).await?)
}

/// What was asked of it.
#[server]
pub async fn language_model_log() -> Result<Vec<AskPrompt>> {
    let (services, caller) = super::caller()?;
    Ok(services.list_ask_prompts(&caller).await?)
}
