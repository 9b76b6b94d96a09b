//! Groups, folders and levels: who may do what, and why; seeing as others do; handing on.
#![allow(clippy::unwrap_used)]

mod house;

use domain::api::{NewMetric, RowsRequest, UserPatch};
use domain::connect::TileAsk;
use domain::document::{Edit, Intent, Operation};
use domain::people::Scope;
use domain::sharing::{FolderPatch, NewFolder, Reason};
use domain::{Access, Caller, Dashboard, ErrorCode, UserRole};
use house::House;
use serde_json::json;

/// Not a test: what this program becomes when the engine starts it as a worker.
#[test]
#[ignore = "the worker that the tests start"]
fn sql_worker() {
    services::sql_worker();
}

struct Shop {
    house: House,
    admin: Caller,
    ben: Caller,
    board: Dashboard,
}

impl Shop {
    /// A private dashboard over private data, of the owner.
    async fn build() -> Self {
        let arguments = ["sql_worker", "--exact", "--ignored", "--nocapture"].map(Into::into).to_vec();
        engine::sandbox::set_worker(std::env::current_exe().unwrap(), arguments);
        let house = House::build().await;
        house.load("orders", "region,amount\nNorth,10\nSouth,20\n").await;
        let admin = house.user("admin", UserRole::Admin).await;
        let ben = house.user("ben", UserRole::Creator).await;
        let board = json!({"name": "Sales", "layout": {"widgets": [{"id": "a", "type": "chart", "chart_type": "bar",
            "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"query": {"dataset": "orders",
                "dimensions": [{"column": "region"}], "measures": [{"column": "amount", "agg": "sum"}]}}}]}});
        let new = serde_json::from_value(board).unwrap();
        let board = house.services.create_dashboard(&house.owner, new).await.unwrap();
        Self { house, admin, ben, board }
    }

    async fn group(&self, name: &str, members: &[&str]) -> String {
        let s = &self.house.services;
        let group = s.create_group(&self.admin, name).await.unwrap();
        for member in members {
            s.set_member(&self.admin, &group.id, member, true).await.unwrap();
        }
        group.id
    }

    async fn folder(&self, name: &str, parent: Option<&str>) -> String {
        let new = NewFolder { name: name.into(), parent_id: parent.map(str::to_owned) };
        self.house.services.create_folder(&self.house.owner, new).await.unwrap().id
    }

    async fn put(&self, folder: Option<&str>) {
        self.house.services.move_thing(&self.house.owner, "dashboard", &self.board.id, folder).await.unwrap();
    }

    /// What somebody may do with the dashboard, as the list and the thing itself say.
    async fn may(&self, who: &Caller) -> Option<Access> {
        let s = &self.house.services;
        let one = s.get_dashboard(who, &self.board.id).await.ok().map(|d| d.access);
        let listed = s.list_dashboards(who, "").await.unwrap().into_iter().find(|d| d.id == self.board.id);
        assert_eq!(one, listed.map(|d| d.access));
        one
    }

    async fn rows(&self, who: &Caller) -> domain::Result<u64> {
        let (ask, request) = (TileAsk::default(), RowsRequest::default());
        self.house.services.tile_rows(who, &self.board.id, "a", &ask, &request).await.map(|rows| rows.total)
    }
}

fn operation() -> Operation {
    Operation { id: "o".into(), update: String::new(), edit: Edit::default(), intent: Intent::Edit, target: None }
}

#[tokio::test]
async fn each_level_of_a_dashboard_allows_what_it_says() {
    let shop = Shop::build().await;
    let s = &shop.house.services;
    let (id, owner) = (&shop.board.id, &shop.house.owner);
    assert_eq!(shop.may(&shop.ben).await, None);
    for access in [Access::View, Access::Explore, Access::Comment, Access::Edit] {
        s.set_grant(owner, "dashboard", id, "ben", Some(access)).await.unwrap();
        assert_eq!(shop.may(&shop.ben).await, Some(access));
        assert!(s.tile_data(&shop.ben, id, "a", &TileAsk::default()).await.is_ok());
        assert_eq!(shop.rows(&shop.ben).await.is_ok(), access >= Access::Explore);
        let patch = || serde_json::from_value(json!({"description": "new"})).unwrap();
        assert_eq!(s.update_dashboard(&shop.ben, id, patch(), None).await.is_ok(), access >= Access::Edit);
        assert_eq!(s.who_sees(&shop.ben, "dashboard", id).await.is_ok(), access >= Access::Edit);
        assert_eq!(s.delete_dashboard(&shop.ben, id).await.unwrap_err().code, ErrorCode::Forbidden);
    }
    // A right on the data shows its rows, whatever the dashboard allows.
    s.set_grant(owner, "dashboard", id, "ben", Some(Access::View)).await.unwrap();
    assert_eq!(shop.rows(&shop.ben).await.unwrap_err().code, ErrorCode::Forbidden);
    s.set_grant(owner, "dataset", "orders", "ben", Some(Access::View)).await.unwrap();
    assert_eq!(shop.rows(&shop.ben).await.unwrap(), 2);
    assert_eq!(s.set_grant(owner, "dashboard", id, "ben", Some(Access::Owner)).await.unwrap_err().code.status(), 400);
}

#[tokio::test]
async fn every_kind_is_shared_with_groups_and_by_folders() {
    let shop = Shop::build().await;
    let (s, owner) = (&shop.house.services, &shop.house.owner);
    let metric: NewMetric = serde_json::from_value(json!({"id": "total", "name": "Total",
        "query": {"dataset": "orders", "measures": [{"column": "amount", "agg": "sum"}]}}))
    .unwrap();
    s.create_metric(owner, metric).await.unwrap();
    let report = json!({"name": "By region", "query": {"dataset": "orders", "measures": [{"agg": "count"}]}});
    let report = s.create_report(owner, serde_json::from_value(report).unwrap()).await.unwrap().id;
    let alert = json!({"name": "High", "subject": {"type": "metric", "id": "total"},
        "condition": {"type": "above", "value": 1.0}});
    let alert = s.create_alert(owner, serde_json::from_value(alert).unwrap()).await.unwrap().id;
    let group = shop.group("Team", &["ben"]).await;
    let folder = shop.folder("Shared", None).await;
    s.set_group_grant(owner, "folder", &folder, "team", Some(Access::Edit)).await.unwrap();
    let dataset = s.get_dataset(owner, "orders").await.unwrap().id;
    let things = [
        ("dashboard", shop.board.id.clone()),
        ("dataset", dataset),
        ("metric", "total".into()),
        ("report", report),
        ("alert", alert),
    ];
    for (kind, id) in &things {
        let sees = async || s.sharing(&shop.ben, kind, id).await.is_ok();
        assert!(!sees().await, "{kind}");
        s.set_group_grant(owner, kind, id, &group, Some(Access::Edit)).await.unwrap();
        assert!(sees().await, "{kind}");
        s.set_group_grant(owner, kind, id, &group, None).await.unwrap();
        assert!(!sees().await, "{kind}");
        s.move_thing(owner, kind, id, Some(&folder)).await.unwrap();
        assert!(sees().await, "{kind} in a folder");
        assert_eq!(s.folder_places(&shop.ben, kind).await.unwrap().get(id), Some(&folder));
        s.move_thing(owner, kind, id, None).await.unwrap();
        assert!(!sees().await, "{kind} out of it");
    }
}

#[tokio::test]
async fn rights_add_up_and_each_has_its_reason() {
    let shop = Shop::build().await;
    let (s, owner) = (&shop.house.services, &shop.house.owner);
    let viewer = shop.house.user("vera", UserRole::Viewer).await;
    let group = shop.group("Team", &["ben", "vera"]).await;
    let top = shop.folder("Top", None).await;
    let inner = shop.folder("Inner", Some(&top)).await;
    s.set_grant(owner, "dashboard", &shop.board.id, "ben", Some(Access::View)).await.unwrap();
    shop.put(Some(&inner)).await;
    assert_eq!(shop.may(&shop.ben).await, Some(Access::View));
    s.set_group_grant(owner, "folder", &top, &group, Some(Access::Edit)).await.unwrap();
    assert_eq!(shop.may(&shop.ben).await, Some(Access::Edit));
    // Whose role does not make things does not edit any.
    assert_eq!(shop.may(&viewer).await, Some(Access::Comment));
    let who = s.who_sees(owner, "dashboard", &shop.board.id).await.unwrap();
    let of = |name: &str| who.iter().find(|v| v.user_name == name).unwrap().clone();
    let reasons: Vec<Reason> = of("ben").reasons.into_iter().map(|by| by.reason).collect();
    assert_eq!(reasons, vec![Reason::Grant, Reason::FolderGroup { folder: "Top".into(), name: "Team".into() }]);
    assert_eq!((of("vera").access, of("owner").access), (Access::Comment, Access::Owner));
    assert_eq!(of("admin").reasons[0].reason, Reason::Administrator);
    let sharing = s.sharing(owner, "dashboard", &shop.board.id).await.unwrap();
    assert_eq!((sharing.inherited.len(), sharing.inherited[0].folder_name.as_str()), (1, "Top"));
    // Who leaves the group loses what came by it, at once.
    s.set_member(&shop.admin, &group, "ben", false).await.unwrap();
    assert_eq!(shop.may(&shop.ben).await, Some(Access::View));
}

#[tokio::test]
async fn a_public_folder_shows_what_lies_in_it() {
    let shop = Shop::build().await;
    let (s, owner) = (&shop.house.services, &shop.house.owner);
    let folder = shop.folder("Open", None).await;
    shop.put(Some(&folder)).await;
    assert_eq!(shop.may(&shop.ben).await, None);
    let open = FolderPatch { is_public: Some(true), ..FolderPatch::default() };
    assert!(s.update_folder(&shop.ben, &folder, open.clone()).await.is_err());
    s.update_folder(owner, &folder, open).await.unwrap();
    assert_eq!(shop.may(&shop.ben).await, Some(Access::View));
    assert_eq!(s.list_folders(&shop.ben).await.unwrap()[0].access, Access::View);
    s.delete_folder(owner, &folder).await.unwrap();
    assert_eq!(shop.may(&shop.ben).await, None);
}

#[tokio::test]
async fn a_move_that_changes_who_sees_a_thing_is_its_owners() {
    let shop = Shop::build().await;
    let (s, owner, id) = (&shop.house.services, &shop.house.owner, &shop.board.id);
    let group = shop.group("Team", &["ben"]).await;
    let folder = shop.folder("Shared", None).await;
    s.set_group_grant(owner, "folder", &folder, &group, Some(Access::View)).await.unwrap();
    let effect = s.move_effect(owner, "dashboard", id, Some(&folder)).await.unwrap();
    assert_eq!((effect.gain, effect.lose.len()), (vec!["ben".to_owned()], 0));
    // An editor cannot make it theirs by putting it into a folder of theirs.
    s.set_grant(owner, "dashboard", id, "ben", Some(Access::Edit)).await.unwrap();
    let carl = shop.house.user("carl", UserRole::Creator).await;
    let own = s.create_folder(&shop.ben, NewFolder { name: "Mine".into(), parent_id: None }).await.unwrap().id;
    s.set_grant(&shop.ben, "folder", &own, "carl", Some(Access::View)).await.unwrap();
    let refused = s.move_thing(&shop.ben, "dashboard", id, Some(&own)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert_eq!(shop.may(&carl).await, None);
    // Nor put it where they may only look.
    assert_eq!(s.move_thing(&shop.ben, "dashboard", id, Some(&folder)).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.move_thing(&carl, "dashboard", id, None).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(s.move_thing(owner, "dashboard", id, Some("gone")).await.unwrap_err().code, ErrorCode::NotFound);
}

#[tokio::test]
async fn groups_are_the_administrators() {
    let shop = Shop::build().await;
    let s = &shop.house.services;
    assert_eq!(s.create_group(&shop.ben, "Mine").await.unwrap_err().code, ErrorCode::Forbidden);
    let id = shop.group("Team", &["ben"]).await;
    assert_eq!(s.set_member(&shop.ben, &id, "ben", false).await.unwrap_err().code, ErrorCode::Forbidden);
    assert!(s.set_member(&shop.admin, &id, "nobody", true).await.is_err());
    assert_eq!(s.rename_group(&shop.admin, &id, "Crew").await.unwrap().members[0].user_name, "ben");
    let viewer = shop.house.user("vera", UserRole::Viewer).await;
    assert_eq!(s.list_groups(&viewer).await.unwrap_err().code, ErrorCode::Forbidden);
    let regions = [("regions".to_owned(), vec!["North".to_owned()])];
    s.set_user_attributes(&shop.admin, &shop.ben.user_id, regions.clone().into_iter().collect()).await.unwrap();
    assert!(s.set_user_attributes(&shop.ben, &shop.ben.user_id, regions.into_iter().collect()).await.is_err());
    // The next question carries them.
    let ben = s.local_caller(Some("ben")).await.unwrap();
    assert_eq!((ben.groups, ben.attributes["regions"].clone()), (vec![id], vec!["North".to_owned()]));
}

#[tokio::test]
async fn who_looks_as_somebody_else_sees_what_they_see_and_changes_nothing() {
    let shop = Shop::build().await;
    let (s, id) = (&shop.house.services, &shop.board.id);
    let who = format!("user:{}", shop.ben.user_id);
    // They cannot see it yet.
    let hidden = s.begin_view_as(&shop.admin, id, "ben", false).await.unwrap_err();
    assert_eq!(hidden.code, ErrorCode::RuleRefused);
    s.set_grant(&shop.house.owner, "dashboard", id, "ben", Some(Access::Edit)).await.unwrap();
    s.begin_view_as(&shop.admin, id, "ben", false).await.unwrap();
    let seen = s.caller_as(&shop.admin, id, &who).await.unwrap();
    assert_eq!((seen.scope, seen.seen_as()), (Scope::Read, Some("ben")));
    assert_eq!(seen.on_behalf.as_deref(), Some(shop.ben.user_id.as_str()));
    assert_eq!(s.get_dashboard(&seen, id).await.unwrap().access, Access::Edit);
    assert!(s.tile_data(&seen, id, "a", &TileAsk::default()).await.is_ok());
    // Nothing is written, and nothing of Ben's is the looker's.
    let patch = serde_json::from_value(json!({"description": "x"})).unwrap();
    assert!(s.update_dashboard(&seen, id, patch, None).await.is_err());
    assert!(s.apply_operation(&seen, id, &operation()).await.is_err());
    assert!(s.set_grant(&seen, "dashboard", id, "ben", None).await.is_err());
    assert!(s.star_dashboard(&seen, id, true).await.is_err());
    assert!(s.create_group(&seen, "x").await.is_err());
    assert!(s.list_tokens(&seen).await.unwrap().is_empty());
    assert!(s.list_sessions(&seen).await.unwrap().is_empty());
    // From there one looks no further.
    assert!(s.caller_as(&seen, id, &who).await.is_err());
    // One dashboard, not the others that Ben has.
    let new = serde_json::from_value(json!({"name": "Private", "layout": {"widgets": []}})).unwrap();
    let private = s.create_dashboard(&shop.ben, new).await.unwrap();
    assert_eq!(s.get_dashboard(&seen, &private.id).await.unwrap_err().code, ErrorCode::NotFound);
    let listed: Vec<String> = s.list_dashboards(&seen, "").await.unwrap().into_iter().map(|d| d.id).collect();
    assert_eq!(listed, vec![id.clone()]);
}

#[tokio::test]
async fn nobody_sees_more_by_looking_as_somebody_else() {
    let shop = Shop::build().await;
    let (s, owner, id) = (&shop.house.services, &shop.house.owner, &shop.board.id);
    s.set_grant(owner, "dashboard", id, "ben", Some(Access::View)).await.unwrap();
    let as_user = |who: &Caller| format!("user:{}", who.user_id);
    // Not the owner.
    assert_eq!(s.caller_as(&shop.ben, id, &as_user(owner)).await.unwrap_err().code, ErrorCode::Forbidden);
    // The owner, but not as an administrator.
    assert_eq!(s.caller_as(owner, id, &as_user(&shop.admin)).await.unwrap_err().code, ErrorCode::Forbidden);
    // What Ben has, and the owner has not, the owner does not see as Ben.
    let path = shop.house.file("secret.csv", "a\n1\n");
    let request = serde_json::from_value(json!({"name": "secret"})).unwrap();
    s.import_file(&shop.ben, &path, request).await.unwrap();
    let seen = s.caller_as(owner, id, &as_user(&shop.ben)).await.unwrap();
    assert!(s.get_dataset(&shop.ben, "secret").await.is_ok());
    assert!(s.get_dataset(&seen, "secret").await.is_err());
    assert!(s.list_datasets(&seen).await.unwrap().is_empty());
    assert!(s.get_dashboard(&seen, id).await.is_ok());
    // An administrator sees it as Ben does.
    let seen = s.caller_as(&shop.admin, id, &as_user(&shop.ben)).await.unwrap();
    assert!(s.get_dataset(&seen, "secret").await.is_ok());
    assert!(s.get_dataset(&seen, "orders").await.is_err());
    // Of data that is not theirs, others may see other rows.
    let path = shop.house.file("foreign.csv", "b\n2\n");
    let request = serde_json::from_value(json!({"name": "foreign"})).unwrap();
    s.import_file(&shop.ben, &path, request).await.unwrap();
    s.set_grant(&shop.ben, "dataset", "foreign", "owner", Some(Access::View)).await.unwrap();
    let foreign = json!({"name": "Foreign", "layout": {"widgets": [{"id": "f", "type": "chart", "chart_type": "table",
        "position": {"x": 0, "y": 0, "w": 6, "h": 4}, "data_source": {"query": {"dataset": "foreign",
            "columns": ["b"]}}}]}});
    let foreign = s.create_dashboard(owner, serde_json::from_value(foreign).unwrap()).await.unwrap();
    let refused = s.caller_as(owner, &foreign.id, &as_user(&shop.ben)).await.unwrap_err();
    assert_eq!(refused.code, ErrorCode::Forbidden);
    assert!(s.caller_as(&shop.admin, &foreign.id, &as_user(owner)).await.is_ok());
}

#[tokio::test]
async fn a_group_looks_with_what_it_was_given() {
    let shop = Shop::build().await;
    let (s, owner, id) = (&shop.house.services, &shop.house.owner, &shop.board.id);
    let group = shop.group("Team", &["ben"]).await;
    assert!(s.begin_view_as(owner, id, "Team", true).await.is_err());
    s.set_group_grant(owner, "dashboard", id, &group, Some(Access::Explore)).await.unwrap();
    s.begin_view_as(owner, id, "Team", true).await.unwrap();
    let seen = s.caller_as(owner, id, &format!("group:{group}")).await.unwrap();
    assert_eq!((seen.groups.clone(), shop.may(&seen).await), (vec![group.clone()], Some(Access::Explore)));
    s.set_group_grant(owner, "dashboard", id, &group, None).await.unwrap();
    assert_eq!(shop.may(&seen).await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_handed_on_is_the_others_and_its_troubles_are_told_before() {
    let shop = Shop::build().await;
    let (s, owner, id) = (&shop.house.services, &shop.house.owner, &shop.board.id);
    let troubles = s.transfer_troubles(owner, "dashboard", id, "ben").await.unwrap();
    assert!(troubles[0].reason.contains("cannot change its charts of"), "{}", troubles[0].reason);
    assert_eq!(s.transfer(&shop.ben, "dashboard", id, "ben").await.unwrap_err().code, ErrorCode::NotFound);
    shop.house.user("vera", UserRole::Viewer).await;
    assert_eq!(s.transfer(owner, "dashboard", id, "vera").await.unwrap_err().code, ErrorCode::RuleRefused);
    s.transfer(owner, "dashboard", id, "ben").await.unwrap();
    assert_eq!((shop.may(&shop.ben).await, shop.may(owner).await), (Some(Access::Owner), Some(Access::Edit)));
    // What reads with the rights of its owner is not lent to whoever it is given to.
    let sql = json!({"name": "north", "sql": "SELECT * FROM orders"});
    s.create_sql_dataset(owner, serde_json::from_value(sql).unwrap()).await.unwrap();
    assert_eq!(s.transfer(owner, "dataset", "north", "admin").await.unwrap_err().code, ErrorCode::Forbidden);
    let troubles = s.transfer_troubles(&shop.admin, "dataset", "north", "ben").await.unwrap();
    assert!(troubles[0].reason.contains("stop working"));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_who_leaves_breaks_silently() {
    let shop = Shop::build().await;
    let (s, owner) = (&shop.house.services, &shop.house.owner);
    let sql = json!({"name": "north", "sql": "SELECT * FROM orders"});
    s.create_sql_dataset(owner, serde_json::from_value(sql).unwrap()).await.unwrap();
    shop.folder("Mine", None).await;
    let owned = s.owned_by(&shop.admin, &owner.user_id).await.unwrap();
    let kinds: Vec<&str> = owned.things.iter().map(|thing| thing.kind.as_str()).collect();
    assert_eq!(kinds, vec!["dashboard", "dataset", "dataset", "folder"]);
    assert_eq!(s.owned_by(owner, &owner.user_id).await.unwrap_err().code, ErrorCode::Forbidden);
    let out = UserPatch { is_active: Some(false), ..UserPatch::default() };
    s.update_user(&shop.admin, &owner.user_id, out).await.unwrap();
    assert!(s.sharing(&shop.admin, "dashboard", &shop.board.id).await.unwrap().owner_left);
    // What is handed on together needs nobody else's rights.
    assert!(s.transfer_all_troubles(&shop.admin, &owner.user_id, "ben").await.unwrap().is_empty());
    s.transfer_all(&shop.admin, &owner.user_id, "ben").await.unwrap();
    assert!(s.owned_by(&shop.admin, &owner.user_id).await.unwrap().things.is_empty());
    assert_eq!(shop.may(&shop.ben).await, Some(Access::Owner));
    let query = serde_json::from_value(json!({"dataset": "north", "measures": [{"agg": "count"}]})).unwrap();
    assert!(s.run_query(&shop.ben, &query, false).await.is_ok());
    assert!(!s.sharing(&shop.admin, "dashboard", &shop.board.id).await.unwrap().owner_left);
}
