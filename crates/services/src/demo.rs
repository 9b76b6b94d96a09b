//! The demo: a signed-in user, real data, and dashboards made of it.

use crate::{NewSession, Services, SignInFrom, clock};
use domain::api::{LoadMode, LoadRequest, NewDashboard, NewMetric};
use domain::people::Scope;
use domain::{Caller, Error, Result, UserRole};

const USER: &str = "demo";
/// The dashboards of the demo, as anybody could import them.
const DASHBOARDS: [&str; 3] =
    [include_str!("demo/sales.json"), include_str!("demo/flights.json"), include_str!("demo/weather.json")];
/// The tables of nycflights13 that come with Orrery: file, name, label.
const TABLES: [(&str, &str); 5] = [
    ("flights", "NYC flights 2013"),
    ("airlines", "Airlines"),
    ("airports", "Airports"),
    ("planes", "Planes"),
    ("weather", "NYC weather 2013"),
];
/// The semantic models of the demo: dataset and YAML.
const MODELS: [(&str, &str); 2] =
    [("sales", include_str!("demo/models/sales.yaml")), ("flights", include_str!("demo/models/flights.yaml"))];

/// How large the demo is.
#[derive(Clone, Copy, Debug)]
pub struct DemoOptions {
    /// Rows of the generated `sales` dataset.
    pub sales_rows: u64,
    /// What the rows are derived from: the same seed, the same rows.
    pub seed: u64,
}

impl Services {
    /// Makes what of the demo is not there yet.
    ///
    /// # Errors
    /// The sample data cannot be read.
    pub async fn prepare_demo(&self, options: DemoOptions) -> Result<()> {
        if self.store.user_by_name(USER).await?.is_none() {
            self.add_user(USER, UserRole::Admin, None).await?;
        }
        let caller = self.demo_caller().await?;
        if self.stored_dataset("sales").await?.is_none() {
            let made = self.engine.generate_sales(options.sales_rows, options.seed, &clock::today()).await?;
            self.insert_dataset(&caller, "sales", "Sales Data", "generated", made, true).await?;
        }
        if let Some(fixtures) = self.settings.fixtures_dir.clone() {
            for (name, label) in TABLES {
                let path = fixtures.join(format!("{name}.parquet"));
                if self.stored_dataset(name).await?.is_none() && path.is_file() {
                    let request = LoadRequest {
                        name: name.into(),
                        label: Some(label.into()),
                        mode: LoadMode::Create,
                        ..LoadRequest::default()
                    };
                    self.import_file(&caller, &path, request).await?;
                }
            }
        }
        self.prepare_models(&caller).await?;
        if self.store.metric("revenue").await?.is_none() {
            let metric: NewMetric = read(include_str!("demo/metric.json"))?;
            self.create_metric(&caller, metric).await?;
        }
        for json in DASHBOARDS {
            let new: NewDashboard = read(json)?;
            let slug = new.slug.clone().unwrap_or_default();
            let needs = new.layout.widgets.iter().filter_map(|t| t.data_source.as_ref()?.query.as_ref()).next();
            let has_data = match needs {
                Some(query) => self.stored_dataset(&query.dataset).await?.is_some(),
                None => true,
            };
            if has_data && self.store.dashboard(&slug, true).await?.is_none() {
                self.create_dashboard(&caller, new).await?;
            }
        }
        Ok(())
    }

    /// Gives the datasets their models, where nobody has made one and all that they name is there.
    async fn prepare_models(&self, caller: &Caller) -> Result<()> {
        for (name, yaml) in MODELS {
            let Some(loaded) = self.stored_dataset(name).await? else { continue };
            let model = self.model_of_yaml(yaml)?;
            let mut is_whole = loaded.model.version == 0;
            for relationship in &model.relationships {
                is_whole &= self.stored_dataset(&relationship.dataset).await?.is_some();
            }
            if is_whole {
                self.put_dataset_model(caller, name, model, Some(0)).await?;
            }
        }
        Ok(())
    }

    /// A session of the demo user. The server calls it only for the loopback.
    ///
    /// # Errors
    /// The demo was not prepared.
    pub async fn demo_session(&self, from: &SignInFrom) -> Result<NewSession> {
        let row = self.store.user_by_name(USER).await?.ok_or_else(|| Error::not_found("demo user"))?;
        self.open_session(&row, from).await
    }

    async fn demo_caller(&self) -> Result<Caller> {
        self.local_caller(Some(USER)).await
    }

    /// Somebody who works at the command line of the server: the named user, or any administrator.
    ///
    /// # Errors
    /// There is no such user.
    pub async fn local_caller(&self, name: Option<&str>) -> Result<Caller> {
        let row = match name {
            Some(name) => self.store.user_by_name(name).await?,
            None => self.store.users().await?.into_iter().find(|u| u.role == UserRole::Admin && u.is_active),
        };
        let row = row.ok_or_else(|| Error::not_found("user").hint("Make one with `orrery user add`."))?;
        self.caller_of(&row, Scope::Admin, "command-line").await
    }
}

fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T> {
    serde_json::from_str(json).map_err(|cause| {
        tracing::error!(%cause, "reading a dashboard of the demo");
        Error::internal()
    })
}
