//! Dashboards: made, listed, changed, thrown away and brought back.

use crate::access::{may_see_sql, require_edit, require_owner, require_role, require_scope, visible};
use crate::history::{as_listed, published_at};
use crate::{Services, clock, from_json, new_id, to_json};
use domain::api::{DashboardPatch, NewDashboard};
use domain::dashboard::{DashboardSummary, Layout, Tile, TileKind};
use domain::document::{Document, Edit, tile_value};
use domain::layout::{self, Item, Position};
use domain::names::{is_slug, to_slug};
use domain::people::Scope;
use domain::{Access, Caller, ChartKind, Dashboard, Error, ErrorCode, Result, UserRole};
use store::{DashboardMeta, DashboardRow, ThingKind};

/// The size of a chart that comes from elsewhere.
const TILE: Position = Position { x: 0, y: 0, w: 6, h: 5 };

impl Services {
    /// A dashboard the caller may see, with what they may do with it.
    pub(crate) async fn dashboard_for(&self, caller: &Caller, slug_or_id: &str) -> Result<(DashboardRow, Access)> {
        self.dashboard_or_trash(caller, slug_or_id, false).await
    }

    async fn dashboard_or_trash(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        trash: bool,
    ) -> Result<(DashboardRow, Access)> {
        let addressed = self.addressed(caller, slug_or_id).await?;
        let name = addressed.as_deref().unwrap_or(slug_or_id);
        let row = self.store.dashboard(name, trash).await?.ok_or_else(|| Error::not_found("dashboard"))?;
        if caller.scope == Scope::Screen {
            let access = visible(self.on_screen(caller, &row).await?, "dashboard")?;
            return Ok((row, access));
        }
        let may = self.access_of(caller, ThingKind::Dashboard, &row.id, &row.owner_id, row.is_public).await?;
        let access = visible(may, "dashboard")?;
        Ok((row, access))
    }

    /// The dashboards the caller may see, latest change first; those whose name, description or
    /// owner has all words of `search`.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_dashboards(&self, caller: &Caller, search: &str) -> Result<Vec<DashboardSummary>> {
        let rows = self.store.dashboards().await?;
        self.summaries(caller, rows, search).await
    }

    /// The caller's dashboards in the trash.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn list_trash(&self, caller: &Caller) -> Result<Vec<DashboardSummary>> {
        let rows = self.store.trash().await?;
        let own = self.summaries(caller, rows, "").await?;
        Ok(own.into_iter().filter(|d| d.access == Access::Owner).collect())
    }

    async fn summaries(&self, caller: &Caller, rows: Vec<DashboardRow>, search: &str) -> Result<Vec<DashboardSummary>> {
        let rights = self.rights(caller, ThingKind::Dashboard).await?;
        let starred = self.store.starred(&caller.user_id).await?;
        let home = self.store.user(&caller.user_id).await?.and_then(|u| u.default_dashboard_id);
        let names = self.user_names().await?;
        let words: Vec<String> = search.split_whitespace().map(str::to_lowercase).collect();
        let published = self.published_among(&rows).await?;
        let show = |row: DashboardRow| {
            let access = rights.of(&row.id, &row.owner_id, row.is_public)?;
            let row = as_listed(row, access, &published)?;
            let owner_name = names.get(&row.owner_id).cloned().unwrap_or_default();
            let text = format!("{} {} {}", row.name, row.description, owner_name).to_lowercase();
            words.iter().all(|w| text.contains(w)).then(|| DashboardSummary {
                is_default: home.as_deref() == Some(&row.id),
                is_starred: starred.contains(&row.id),
                sketch: from_json(&row.sketch_json),
                updated_at: clock::rfc3339(row.updated_at),
                id: row.id,
                slug: row.slug,
                name: row.name,
                description: row.description,
                owner_name,
                access,
                is_public: row.is_public,
            })
        };
        let mut shown: Vec<_> = rows.into_iter().filter_map(show).collect();
        shown.sort_by(|a, b| b.updated_at.cmp(&a.updated_at));
        Ok(shown)
    }

    /// Makes a dashboard.
    ///
    /// # Errors
    /// No right, a name that is empty or too long, a slug that is taken, a tile that is not valid.
    pub async fn create_dashboard(&self, caller: &Caller, mut new: NewDashboard) -> Result<Dashboard> {
        require_scope(caller, Scope::Write)?;
        require_role(caller, UserRole::Creator, "make a dashboard")?;
        check_name(&new.name)?;
        prepare(&mut new.layout)?;
        if new.slug.as_deref().is_some_and(|slug| !is_slug(slug)) {
            return Err(Error::invalid("A slug has 1 to 60 small letters, digits, hyphens or underscores.")
                .hint(format!("How about `{}`?", to_slug(&new.name)))
                .field("slug"));
        }
        let (id, now) = (new_id(), clock::now_ms());
        let mut row = DashboardRow {
            id: id.clone(),
            slug: new.slug.clone().unwrap_or_else(|| to_slug(&new.name)),
            name: new.name.trim().to_owned(),
            description: new.description.clone(),
            theme: new.theme.clone().unwrap_or_else(|| "default".into()),
            owner_id: caller.user_id.clone(),
            is_public: new.is_public,
            cache_duration: i64::from(new.cache_duration.unwrap_or(300)),
            settings_json: to_json(&new.settings),
            sketch_json: "[]".into(),
            created_at: now,
            updated_at: now,
            deleted_at: None,
            last_generated: None,
            version: 0,
            publication: None,
        };
        let stem = row.slug.clone();
        let mut tries = 1;
        loop {
            match self.store.insert_dashboard(&row).await {
                // A slug that was made from the name is made unique; a chosen one is refused.
                Err(error) if error.code == ErrorCode::NameTaken && new.slug.is_none() && tries < 1_000 => {
                    tries += 1;
                    row.slug = format!("{}-{tries}", stem.chars().take(55).collect::<String>());
                }
                other => break other?,
            }
        }
        let birth = Document::birth(&row.name, &row.description, &row.theme, &new.layout);
        if let Err(error) = self.edit_document(caller, &id, |_| birth).await {
            // Only what lies in the trash can be purged.
            self.store.set_deleted(&id, Some(now)).await?;
            self.store.purge(&id).await?;
            self.forget_document(&id);
            return Err(error);
        }
        if new.is_default {
            self.store.update_user_default_dashboard(&caller.user_id, Some(&id)).await?;
        }
        self.record(caller, "create", "dashboard", &id).await;
        self.get_dashboard(caller, &id).await
    }

    /// One dashboard, by slug or id.
    ///
    /// # Errors
    /// It is not there or not visible.
    pub async fn get_dashboard(&self, caller: &Caller, slug_or_id: &str) -> Result<Dashboard> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        let published = self.published_for(&row, access).await?;
        let (mut layout, version) = self.layout_for(&row, access).await?;
        if !may_see_sql(caller) {
            layout.clear_sql();
        }
        let shown = published.as_ref().map(|p| &p.snapshot);
        let home = self.store.user(&caller.user_id).await?.and_then(|u| u.default_dashboard_id);
        let starred = self.store.starred(&caller.user_id).await?;
        let public_links = if access >= Access::Edit { self.public_links_of(&row.id).await? } else { 0 };
        Ok(Dashboard {
            public_links,
            is_default: home.as_deref() == Some(&row.id),
            is_starred: starred.contains(&row.id),
            owner_name: self.user_name(&row.owner_id).await?,
            publication: row.publication.and_then(|number| u64::try_from(number).ok()),
            id: row.id,
            slug: row.slug,
            name: shown.map_or(row.name, |s| s.name.clone()),
            description: shown.map_or(row.description, |s| s.description.clone()),
            theme: shown.map_or(row.theme, |s| s.theme.clone()),
            cache_duration: u32::try_from(row.cache_duration).unwrap_or_default(),
            layout,
            settings: from_json(&row.settings_json),
            owner_id: row.owner_id,
            access,
            is_public: row.is_public,
            created_at: clock::rfc3339(row.created_at),
            updated_at: published.as_ref().map_or_else(|| clock::rfc3339(row.updated_at), |p| published_at(p)),
            last_generated: row.last_generated.map(clock::rfc3339),
            version: u64::try_from(version).unwrap_or_default(),
        })
    }

    /// Changes a dashboard. With `if_version`, only when nobody changed it since.
    ///
    /// # Errors
    /// No right, a stale version (412), a slug that is taken, a tile that is not valid.
    pub async fn update_dashboard(
        &self,
        caller: &Caller,
        slug_or_id: &str,
        patch: DashboardPatch,
        if_version: Option<u64>,
    ) -> Result<Dashboard> {
        let present = self.get_dashboard(caller, slug_or_id).await?;
        require_edit(caller, present.access, "dashboard")?;
        if if_version.is_some_and(|v| v != present.version) {
            return Err(Error::new(ErrorCode::PreconditionFailed, "Somebody changed this dashboard meanwhile.")
                .hint("Get it again and repeat your change."));
        }
        let name = patch.name.unwrap_or_else(|| present.name.clone());
        check_name(&name)?;
        let mut layout = patch.layout.unwrap_or_else(|| present.layout.clone());
        prepare(&mut layout)?;
        let description = patch.description.unwrap_or_else(|| present.description.clone());
        let theme = patch.theme.unwrap_or_else(|| present.theme.clone());
        let slug = patch.slug.unwrap_or_else(|| present.slug.clone());
        if !is_slug(&slug) {
            return Err(
                Error::invalid("A slug has 1 to 60 small letters, digits, hyphens or underscores.").field("slug")
            );
        }
        let is_public = patch.is_public.unwrap_or(present.is_public);
        if is_public != present.is_public || slug != present.slug {
            require_owner(caller, present.access, "dashboard")?;
        }
        let meta = DashboardMeta {
            slug,
            is_public,
            cache_duration: i64::from(patch.cache_duration.unwrap_or(present.cache_duration)),
            settings_json: to_json(&patch.settings.unwrap_or_else(|| present.settings.clone())),
            updated_at: clock::now_ms(),
        };
        self.store.update_dashboard_meta(&present.id, &meta).await?;
        self.edit_document(caller, &present.id, |d| {
            d.edit_towards("Change dashboard", name.trim(), &description, &theme, &layout)
        })
        .await?;
        match patch.is_default {
            Some(true) => self.store.update_user_default_dashboard(&caller.user_id, Some(&present.id)).await?,
            Some(false) if present.is_default => {
                self.store.update_user_default_dashboard(&caller.user_id, None).await?
            }
            _ => {}
        }
        self.record(caller, "update", "dashboard", &present.id).await;
        self.get_dashboard(caller, &present.id).await
    }

    /// Puts a tile on a dashboard, at the first free place of its first tab.
    ///
    /// # Errors
    /// No right to edit, or a tile that is not valid.
    pub async fn add_tile(&self, caller: &Caller, slug_or_id: &str, tile: Tile) -> Result<Dashboard> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        require_edit(caller, access, "dashboard")?;
        let mut alone = Layout { widgets: vec![Tile { id: new_id(), position: TILE, ..tile }], ..Layout::default() };
        prepare(&mut alone)?;
        self.edit_document(caller, &row.id, |document| {
            let layout = document.layout();
            let tab = layout.tabs.first().map(|tab| tab.id.clone());
            let beside = layout.widgets.iter().filter(|t| tab.is_none() || t.tab == tab);
            let items: Vec<Item> = beside.map(|t| Item::new(&t.id, t.position)).collect();
            let position = layout::place(&items, TILE.w, TILE.h);
            let added = alone.widgets.iter().map(|tile| {
                let new = tile_value(&Tile { position, tab: tab.clone(), ..tile.clone() });
                document.change(format!("tiles/{}", tile.id), Some(new))
            });
            Edit { label: "Add chart".into(), changes: added.collect() }
        })
        .await?;
        self.record(caller, "update", "dashboard", &row.id).await;
        self.get_dashboard(caller, &row.id).await
    }

    /// Makes a dashboard of one tile.
    ///
    /// # Errors
    /// As [`Services::create_dashboard`].
    pub async fn create_dashboard_of(&self, caller: &Caller, name: &str, tile: Tile) -> Result<Dashboard> {
        let layout = Layout { widgets: vec![Tile { id: new_id(), position: TILE, ..tile }], ..Layout::default() };
        let new = NewDashboard {
            name: name.to_owned(),
            description: String::new(),
            slug: None,
            theme: None,
            cache_duration: None,
            layout,
            settings: serde_json::Map::new(),
            is_public: false,
            is_default: false,
        };
        self.create_dashboard(caller, new).await
    }

    /// Moves a dashboard to the trash.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn delete_dashboard(&self, caller: &Caller, slug_or_id: &str) -> Result<()> {
        let (row, access) = self.dashboard_for(caller, slug_or_id).await?;
        require_owner(caller, access, "dashboard")?;
        self.store.set_deleted(&row.id, Some(clock::now_ms())).await?;
        self.record(caller, "trash", "dashboard", &row.id).await;
        Ok(())
    }

    /// Takes a dashboard out of the trash.
    ///
    /// # Errors
    /// The caller does not own it.
    pub async fn restore_dashboard(&self, caller: &Caller, id: &str) -> Result<Dashboard> {
        let (row, access) = self.dashboard_or_trash(caller, id, true).await?;
        require_owner(caller, access, "dashboard")?;
        self.store.set_deleted(&row.id, None).await?;
        self.record(caller, "restore", "dashboard", &row.id).await;
        self.get_dashboard(caller, &row.id).await
    }

    /// Deletes a dashboard in the trash for good, with its log.
    ///
    /// # Errors
    /// The caller does not own it, or it is not in the trash.
    pub async fn purge_dashboard(&self, caller: &Caller, id: &str) -> Result<()> {
        let (row, access) = self.dashboard_or_trash(caller, id, true).await?;
        require_owner(caller, access, "dashboard")?;
        if row.deleted_at.is_none() {
            return Err(Error::new(ErrorCode::RuleRefused, "Move the dashboard to the trash first."));
        }
        self.store.purge(&row.id).await?;
        self.forget_document(&row.id);
        self.forget_pictures(&row.id).await;
        self.record(caller, "purge", "dashboard", &row.id).await;
        Ok(())
    }

    /// Makes a copy that belongs to the caller.
    ///
    /// # Errors
    /// The dashboard is not visible, or the caller may not make one.
    pub async fn duplicate_dashboard(&self, caller: &Caller, slug_or_id: &str) -> Result<Dashboard> {
        let source = self.get_dashboard(caller, slug_or_id).await?;
        let mut layout = source.layout;
        for tile in &mut layout.widgets {
            tile.id = String::new();
        }
        let new = NewDashboard {
            name: format!("{} (copy)", source.name.chars().take(92).collect::<String>()),
            description: source.description,
            slug: None,
            theme: Some(source.theme),
            cache_duration: Some(source.cache_duration),
            layout,
            settings: source.settings,
            is_public: false,
            is_default: false,
        };
        self.create_dashboard(caller, new).await
    }

    /// Sets or takes away the caller's star.
    ///
    /// # Errors
    /// The dashboard is not visible.
    pub async fn star_dashboard(&self, caller: &Caller, slug_or_id: &str, star: bool) -> Result<()> {
        let (row, _) = self.dashboard_for(caller, slug_or_id).await?;
        if star {
            self.store.star(&caller.user_id, &row.id, clock::now_ms()).await
        } else {
            self.store.unstar(&caller.user_id, &row.id).await
        }
    }

    /// Sets the dashboard that opens as the caller's home; `None` for the gallery.
    ///
    /// # Errors
    /// The dashboard is not visible.
    pub async fn set_home(&self, caller: &Caller, slug_or_id: Option<&str>) -> Result<()> {
        let id = match slug_or_id {
            Some(dashboard) => Some(self.dashboard_for(caller, dashboard).await?.0.id),
            None => None,
        };
        self.store.update_user_default_dashboard(&caller.user_id, id.as_deref()).await
    }

    /// The slug of the caller's home dashboard, if they chose one that is still there.
    ///
    /// # Errors
    /// The store does not answer.
    pub async fn home(&self, caller: &Caller) -> Result<Option<String>> {
        let Some(id) = self.store.user(&caller.user_id).await?.and_then(|u| u.default_dashboard_id) else {
            return Ok(None);
        };
        Ok(self.dashboard_for(caller, &id).await.ok().map(|(row, _)| row.slug))
    }
}

fn check_name(name: &str) -> Result<()> {
    let length = name.trim().chars().count();
    if (1..=100).contains(&length) {
        return Ok(());
    }
    Err(Error::invalid("A dashboard needs a name of 1 to 100 characters.").field("name"))
}

/// Gives ids to what has none, and checks each tile.
fn prepare(layout: &mut Layout) -> Result<()> {
    let known: Vec<&str> = ChartKind::ALL.iter().map(|k| k.as_str()).collect();
    let mut seen = std::collections::HashSet::new();
    for (i, tile) in layout.widgets.iter_mut().enumerate() {
        let field = |name: &str| format!("layout.widgets[{i}].{name}");
        if tile.id.is_empty() {
            tile.id = new_id();
        }
        if tile.id.contains('/') || tile.id.len() > 80 || !seen.insert(tile.id.clone()) {
            return Err(Error::invalid("A widget id is unique, without slashes, at most 80 bytes.").field(field("id")));
        }
        if !tile.position.is_on_grid() {
            return Err(Error::invalid("A widget must lie within 12 columns and have a size.").field(field("position")));
        }
        check_kind(tile, &known).map_err(|e| e.field(field("chart_type")))?;
    }
    for tab in layout.tabs.iter_mut().filter(|t| t.id.is_empty()) {
        tab.id = new_id();
    }
    for control in layout.filters.iter_mut().filter(|c| c.id.is_empty()) {
        control.id = new_id();
    }
    Ok(())
}

fn check_kind(tile: &Tile, known: &[&str]) -> Result<()> {
    let drawn = matches!(tile.kind, TileKind::Chart | TileKind::Metric | TileKind::Table);
    match tile.chart_type.as_deref() {
        Some(kind) if drawn && ChartKind::parse(kind).is_none() => {
            let near = domain::names::nearest(kind, known.iter().copied());
            let error = Error::invalid(format!("There is no chart type `{kind}`. There are {}.", known.join(", ")));
            Err(match near {
                Some(near) => error.hint(format!("Did you mean `{near}`?")),
                None => error,
            })
        }
        _ => Ok(()),
    }
}
