//! Policies of datasets: who sees which rows and columns.

use super::Result;
use domain::policy::{AccessReasons, Policies, PolicyDraft, PolicyTest, PolicyTrial};
use domain::rules::HouseRules;
use leptos::prelude::*;
use leptos::server_fn::codec::Json;
use serde::{Deserialize, Serialize};

/// The rules of a dataset, and whom they can be for.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Ruled {
    pub policies: Policies,
    pub users: Vec<String>,
    pub groups: Vec<String>,
}

/// The rules of a dataset.
#[server]
pub async fn read_policies(name: String) -> Result<Ruled> {
    let (services, caller) = super::caller()?;
    let policies = services.dataset_policies(&caller, &name).await?;
    let (users, groups) = services.policy_names(&caller, &name).await?;
    Ok(Ruled { policies, users, groups })
}

/// Puts rules in the place of those before.
#[server(input = Json)]
pub async fn save_policies(name: String, policies: Policies) -> Result<Policies> {
    let (services, caller) = super::caller()?;
    Ok(services.put_dataset_policies(&caller, &name, policies).await?)
}

/// What a user would see under rules that are not saved.
#[server(input = Json)]
pub async fn try_policies(name: String, trial: PolicyTrial) -> Result<PolicyTest> {
    let (services, caller) = super::caller()?;
    Ok(services.test_policies(&caller, &name, trial).await?)
}

/// Why a user can see a dataset, or cannot.
#[server]
pub async fn why_access(name: String, user: String) -> Result<AccessReasons> {
    let (services, caller) = super::caller()?;
    Ok(services.why_access(&caller, &name, &user).await?)
}

/// Rules as YAML.
#[server(input = Json)]
pub async fn policies_to_yaml(policies: Policies) -> Result<String> {
    let (services, _) = super::caller()?;
    Ok(services.policies_to_yaml(&policies)?)
}

/// Reads rules from YAML, with everything that keeps them from being saved.
#[server(input = Json)]
pub async fn draft_of_policies(name: String, text: String) -> Result<PolicyDraft> {
    let (services, caller) = super::caller()?;
    Ok(services.draft_of_policies(&caller, &name, &text).await?)
}

/// The rules of the installation.
#[server]
pub async fn read_house_rules() -> Result<HouseRules> {
    let (services, caller) = super::caller()?;
    Ok(services.house_rules(&caller).await?)
}

/// Makes other rules of the installation.
#[server(input = Json)]
pub async fn save_house_rules(rules: HouseRules) -> Result<HouseRules> {
    let (services, caller) = super::caller()?;
    Ok(services.set_house_rules(&caller, &rules).await?)
}
