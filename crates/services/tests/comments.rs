//! Comments: who reads them, who writes, who is told, and what is left of them.
#![allow(clippy::unwrap_used)]

mod house;

use domain::comment::{CommentText, NewThread, Place, Reaction, Thread, ThreadState, ThreadsRequest};
use domain::people::Scope;
use domain::wall::WallLinkRequest;
use domain::{Access, Caller, Dashboard, ErrorCode, UserRole};
use house::House;
use serde_json::json;
use services::Mailbox;

/// A house with a dashboard that only its owner sees.
async fn furnished() -> (House, Dashboard) {
    let house = House::build().await;
    house.load("orders", "region,amount\nNorth,10\nSouth,20\n").await;
    let tile = json!([{"id": "a", "type": "chart", "chart_type": "bar", "position": {"x": 0, "y": 0, "w": 6, "h": 4},
        "data_source": {"query": {"dataset": "orders", "dimensions": [{"column": "region"}],
            "measures": [{"column": "amount", "agg": "sum"}]}}}]);
    let new = json!({"name": "Orders", "layout": {"widgets": tile}});
    let made = house.services.create_dashboard(&house.owner, serde_json::from_value(new).unwrap()).await.unwrap();
    (house, made)
}

async fn guest(house: &House, board: &Dashboard, name: &str, role: UserRole, access: Access) -> Caller {
    let caller = house.user(name, role).await;
    house.services.set_grant(&house.owner, "dashboard", &board.id, name, Some(access)).await.unwrap();
    caller
}

fn thread(body: &str) -> NewThread {
    NewThread { body: body.into(), ..NewThread::default() }
}

fn text(body: &str) -> CommentText {
    CommentText { body: body.into() }
}

async fn subjects(house: &House, caller: &Caller) -> Vec<(String, String)> {
    let all = house.services.list_notifications(caller).await.unwrap();
    all.into_iter().map(|n| (n.subject, n.link)).collect()
}

#[tokio::test]
async fn who_may_see_reads_and_who_may_comment_writes() {
    let (house, board) = furnished().await;
    let s = &house.services;
    let begun = s.begin_thread(&house.owner, &board.slug, thread("Why so few?")).await.unwrap();
    let first = begun.comments[0].id.clone();
    let at = (begun.id.as_str(), first.as_str());
    let viewer = guest(&house, &board, "viewer", UserRole::Explorer, Access::View).await;
    assert_eq!(s.list_threads(&viewer, &board.id, &ThreadsRequest::default()).await.unwrap().items.len(), 1);
    assert_eq!(s.get_thread(&viewer, &board.id, &begun.id).await.unwrap().comments[0].body, "Why so few?");
    s.read_comments(&viewer, &board.id, Some(&begun.id)).await.unwrap();
    for refused in [
        s.begin_thread(&viewer, &board.id, thread("Me too")).await.unwrap_err(),
        s.reply(&viewer, &board.id, &begun.id, text("Me too")).await.unwrap_err(),
        s.edit_comment(&viewer, &board.id, at, text("Mine")).await.unwrap_err(),
        s.delete_comment(&viewer, &board.id, at).await.unwrap_err(),
        s.resolve_thread(&viewer, &board.id, &begun.id, true).await.unwrap_err(),
        s.react(&viewer, &board.id, at, Reaction::Heart, true).await.unwrap_err(),
        s.people_to_name(&viewer, &board.id, "").await.unwrap_err(),
    ] {
        assert_eq!(refused.code, ErrorCode::Forbidden, "{refused}");
    }
    // Whose role is the least may comment where that was granted.
    let talker = guest(&house, &board, "talker", UserRole::Viewer, Access::Comment).await;
    let answered = s.reply(&talker, &board.id, &begun.id, text("Holidays.")).await.unwrap();
    assert_eq!(answered.comments.len(), 2);
    let reader = Caller { scope: Scope::Read, ..talker };
    assert_eq!(s.reply(&reader, &board.id, &begun.id, text("x")).await.unwrap_err().code, ErrorCode::Forbidden);
    assert!(s.read_comments(&reader, &board.id, None).await.is_err());
}

#[tokio::test]
async fn to_strangers_and_screens_there_are_no_comments() {
    let (house, board) = furnished().await;
    let s = &house.services;
    let begun = s.begin_thread(&house.owner, &board.slug, thread("Between us")).await.unwrap();
    let stranger = house.user("stranger", UserRole::Creator).await;
    let request = WallLinkRequest { label: "Hall".into(), dashboards: vec![board.slug.clone()], ..Default::default() };
    let made = s.create_wall_link(&house.owner, &request).await.unwrap();
    let secret = made.path.strip_prefix("/screen/").unwrap();
    let (screen, _) = s.caller_from_wall_link(secret).await.unwrap();
    assert!(s.get_dashboard(&screen, &board.id).await.is_ok(), "it shows the dashboard");
    let behalf = Caller { on_behalf: Some(house.owner.user_id.clone()), ..house.owner.clone() };
    for caller in [&stranger, &screen, &behalf] {
        for hidden in [
            s.list_threads(caller, &board.id, &ThreadsRequest::default()).await.unwrap_err(),
            s.get_thread(caller, &board.id, &begun.id).await.unwrap_err(),
            s.comments_topic(caller, &board.id).await.unwrap_err(),
            s.begin_thread(caller, &board.id, thread("x")).await.unwrap_err(),
            s.reply(caller, &board.id, &begun.id, text("x")).await.unwrap_err(),
            s.people_to_name(caller, &board.id, "o").await.unwrap_err(),
        ] {
            assert_eq!(hidden.code, ErrorCode::NotFound, "{}: {hidden}", caller.name);
        }
    }
    // A thread is found on its own dashboard only.
    let other = house.dashboard(json!([])).await;
    let lost = s.get_thread(&house.owner, &other.id, &begun.id).await.unwrap_err();
    assert_eq!(lost.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn who_is_named_is_told_once_and_only_who_may_see() {
    let (house, board) = furnished().await;
    let s = &house.services;
    let ben = guest(&house, &board, "ben", UserRole::Explorer, Access::View).await;
    let eve = house.user("eve", UserRole::Creator).await;
    let owner = &house.owner;
    let begun = s.begin_thread(owner, &board.id, thread("@Ben, @eve, @nobody and @owner: look.")).await.unwrap();
    let names = |t: &Thread| t.comments[0].mentions.iter().map(|p| p.name.clone()).collect::<Vec<_>>();
    let mut named = names(&begun);
    named.sort();
    assert_eq!(named, ["ben", "owner"], "who may not see it is a word");
    let link = format!("/dashboards/{}?thread={}", board.slug, begun.id);
    assert_eq!(subjects(&house, &ben).await, [("owner named you on Orders".to_owned(), link)]);
    assert!(subjects(&house, &eve).await.is_empty());
    assert!(subjects(&house, owner).await.is_empty(), "nobody is told of their own words");
    // Again in other words: who was told is not told again; who may see it by now is.
    s.set_grant(owner, "dashboard", &board.id, "eve", Some(Access::View)).await.unwrap();
    let at = (begun.id.as_str(), begun.comments[0].id.as_str());
    let edited = s.edit_comment(owner, &board.id, at, text("@ben and @eve: look again")).await.unwrap();
    assert_eq!(names(&edited).len(), 2);
    assert!(edited.comments[0].edited_at.is_some());
    assert_eq!((subjects(&house, &ben).await.len(), subjects(&house, &eve).await.len()), (1, 1));
    // Those who may see it are offered, those whose name begins so first.
    let offered = s.people_to_name(owner, &board.id, "E").await.unwrap();
    assert_eq!(offered.iter().map(|p| p.name.as_str()).collect::<Vec<_>>(), ["eve", "ben"]);
    s.set_grant(owner, "dashboard", &board.id, "eve", None).await.unwrap();
    assert_eq!(s.people_to_name(owner, &board.id, "e").await.unwrap().len(), 1);
    let filter = ThreadsRequest { mentions: true, ..ThreadsRequest::default() };
    assert_eq!(s.list_threads(&ben, &board.id, &filter).await.unwrap().total, 1);
}

#[tokio::test]
async fn words_belong_to_who_wrote_them() {
    let (house, board) = furnished().await;
    let s = &house.services;
    let ben = guest(&house, &board, "ben", UserRole::Explorer, Access::Comment).await;
    let eve = guest(&house, &board, "eve", UserRole::Creator, Access::Edit).await;
    let begun = s.begin_thread(&ben, &board.id, thread("First")).await.unwrap();
    let first = begun.comments[0].id.clone();
    let at = (begun.id.as_str(), first.as_str());
    s.reply(&eve, &board.id, &begun.id, text("Second")).await.unwrap();
    assert_eq!(s.edit_comment(&eve, &board.id, at, text("Mine")).await.unwrap_err().code, ErrorCode::Forbidden);
    assert_eq!(s.delete_comment(&eve, &board.id, at).await.unwrap_err().code, ErrorCode::Forbidden);
    // Not even the owner changes the words of others, but takes them away.
    assert!(s.edit_comment(&house.owner, &board.id, at, text("Mine")).await.is_err());
    s.delete_comment(&house.owner, &board.id, at).await.unwrap();
    let left = s.get_thread(&ben, &board.id, &begun.id).await.unwrap();
    assert!(left.comments[0].deleted && left.comments[0].body.is_empty());
    assert_eq!(left.comments[1].body, "Second");
    assert_eq!(s.delete_comment(&ben, &board.id, at).await.unwrap_err().code, ErrorCode::NotFound);
    // With the last words the thread goes, and those who follow hear it.
    let mailbox = Mailbox::new();
    s.hub().subscribe(&s.comments_topic(&ben, &board.slug).await.unwrap(), &mailbox);
    s.delete_comment(&eve, &board.id, (&begun.id, &left.comments[1].id)).await.unwrap();
    assert!(mailbox.next().await.as_str().contains("\"gone\""));
    let gone = s.get_thread(&ben, &board.id, &begun.id).await.unwrap_err();
    assert_eq!(gone.code, ErrorCode::NotFound);
}

#[tokio::test]
async fn changes_arrive_with_the_thread_and_without_what_is_anybodys_own() {
    let (house, board) = furnished().await;
    let s = &house.services;
    let ben = guest(&house, &board, "ben", UserRole::Explorer, Access::Comment).await;
    let mailbox = Mailbox::new();
    s.hub().subscribe(&s.comments_topic(&ben, &board.id).await.unwrap(), &mailbox);
    let place = Place::Values { column: "region".into(), values: vec![Some("North".into())] };
    let new = NewThread {
        tile: Some("a".into()),
        place: Some(place.clone()),
        about: "Region is North".into(),
        ..thread("Low here")
    };
    let begun = s.begin_thread(&house.owner, &board.id, new).await.unwrap();
    let heard = mailbox.next().await;
    assert!(heard.as_str().contains("Low here") && !heard.as_str().contains("read_to"), "{}", heard.as_str());
    assert_eq!((begun.place.as_ref(), begun.tile.as_deref()), (Some(&place), Some("a")));
    let seen = s.get_thread(&ben, &board.id, &begun.id).await.unwrap();
    assert_eq!(seen.unread(&ben.user_id), 1);
    s.read_comments(&ben, &board.id, Some(&begun.id)).await.unwrap();
    assert_eq!(s.get_thread(&ben, &board.id, &begun.id).await.unwrap().unread(&ben.user_id), 0);
    let at = (begun.id.as_str(), begun.comments[0].id.as_str());
    s.react(&ben, &board.id, at, Reaction::Eyes, true).await.unwrap();
    let twice = s.react(&ben, &board.id, at, Reaction::Eyes, true).await.unwrap();
    assert_eq!(twice.comments[0].reactions[0].people.len(), 1);
    assert!(s.react(&ben, &board.id, at, Reaction::Eyes, false).await.unwrap().comments[0].reactions.is_empty());
    let done = s.resolve_thread(&ben, &board.id, &begun.id, true).await.unwrap();
    assert_eq!(done.resolved.unwrap().by.name, "ben");
    let state = |state| ThreadsRequest { state, ..ThreadsRequest::default() };
    assert!(s.list_threads(&ben, &board.id, &state(ThreadState::Open)).await.unwrap().items.is_empty());
    let again = s.reply(&house.owner, &board.id, &begun.id, text("Not yet")).await.unwrap();
    assert!(again.resolved.is_none(), "an answer opens it");
}

#[tokio::test]
async fn threads_come_in_pages() {
    let (house, board) = furnished().await;
    let s = &house.services;
    for i in 0..45 {
        s.begin_thread(&house.owner, &board.id, thread(&format!("Thread {i}"))).await.unwrap();
    }
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let request = ThreadsRequest { limit: Some(22), cursor, ..ThreadsRequest::default() };
        let page = s.list_threads(&house.owner, &board.id, &request).await.unwrap();
        assert_eq!(page.total, 45);
        seen.extend(page.items.into_iter().map(|t| t.comments[0].body.clone()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 45);
    for (request, field) in [
        (ThreadsRequest { limit: Some(0), ..Default::default() }, "limit"),
        (ThreadsRequest { limit: Some(201), ..Default::default() }, "limit"),
        (ThreadsRequest { cursor: Some("x".into()), ..Default::default() }, "cursor"),
    ] {
        let refused = s.list_threads(&house.owner, &board.id, &request).await.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some(field));
    }
}

#[tokio::test]
async fn what_is_no_comment_is_refused_and_nobody_floods() {
    let (house, board) = furnished().await;
    let s = &house.services;
    let place = Place::Values { column: "region".into(), values: vec![None] };
    for (new, field) in [
        (thread(" "), "body"),
        (thread(&"x".repeat(10_001)), "body"),
        (NewThread { tile: Some("z".into()), ..thread("x") }, "tile"),
        (NewThread { place: Some(place), ..thread("x") }, "tile"),
    ] {
        let refused = s.begin_thread(&house.owner, &board.id, new).await.unwrap_err();
        assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::InvalidRequest, Some(field)), "{refused}");
    }
    let begun = s.begin_thread(&house.owner, &board.id, thread("One")).await.unwrap();
    let mut refused = None;
    for i in 0..60 {
        refused = s.reply(&house.owner, &board.id, &begun.id, text(&i.to_string())).await.err();
        if refused.is_some() {
            break;
        }
    }
    assert_eq!(refused.unwrap().code, ErrorCode::TooManyRequests);
}
