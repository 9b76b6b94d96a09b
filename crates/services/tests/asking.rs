//! Questions in words through the door: what one may not see is unknown, words are taught, and a
//! language model proposes and nothing else.

#![allow(clippy::unwrap_used)]

mod house;

use domain::ask::{AskContext, AskRequest, Meaning, Outcome};
use domain::asking::{AskAnswer, AskModelPatch, AskWhy, ModelSends, NewWord};
use domain::policy::Policies;
use domain::{Access, Caller, ChartKind, ErrorCode, Query, UserRole};
use house::House;
use serde_json::{Value, json};
use services::{Hosts, NotifySettings};
use std::sync::{Arc, Mutex};
use store::{Store, UserRow};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SALES: &str = "date,region,rep,amount,salary\n2024-01-05,North,Ada Lovelace,10,111111\n\
    2024-01-09,South,Bob Marley,20,222222\n2024-02-03,North,Ada Lovelace,40,333333\n2024-02-08,West,Cat Stevens,80,444444\n\
    2024-02-29,West,Cat Stevens,0,444444\n";

async fn person(house: &House, name: &str, role: UserRole, attributes: Value) -> Caller {
    let store = Store::open(&house.data_dir().join("orrery.sqlite")).await.unwrap();
    let row = UserRow {
        id: format!("user-{name}"),
        name: name.into(),
        role,
        password_hash: None,
        is_active: true,
        created_at: 1,
        last_seen_at: None,
        default_dashboard_id: None,
        email: None,
        attributes_json: attributes.to_string(),
    };
    store.insert_user(&row).await.unwrap();
    house.services.local_caller(Some(name)).await.unwrap()
}

/// Sales, and Kim, who sees the north and no pay.
async fn house() -> (House, Caller) {
    let house = House::with(|settings| {
        settings.notify = NotifySettings { hosts: Hosts::parse("127.0.0.1").unwrap(), ..NotifySettings::default() };
    })
    .await;
    house.load("sales", SALES).await;
    let rules: Policies = serde_json::from_value(json!({
        "rows": [{"name": "Own regions", "audience": {"everyone": true, "except_users": ["eve"]},
            "filter": {"column": "region", "op": "in", "value": {"user": "regions"}}}],
        "columns": [{"name": "Pay", "audience": {"everyone": true, "except_users": ["eve"]}, "columns": ["salary"], "rule": "hide"},
            {"name": "People", "audience": {"everyone": true, "except_users": ["eve"]}, "columns": ["rep"], "rule": "hash"}]
    }))
    .unwrap();
    let kim = person(&house, "kim", UserRole::Explorer, json!({"regions": ["North"]})).await;
    person(&house, "eve", UserRole::Explorer, json!({})).await;
    for name in ["kim", "eve"] {
        house.services.set_grant(&house.owner, "dataset", "sales", name, Some(Access::View)).await.unwrap();
    }
    house.services.put_dataset_policies(&house.owner, "sales", rules).await.unwrap();
    (house, kim)
}

async fn ask(house: &House, caller: &Caller, question: &str) -> AskAnswer {
    house.services.ask(caller, &AskRequest::of(question)).await.unwrap()
}

fn is_unknown(answer: &AskAnswer, word: &str) -> bool {
    answer.understanding.unknown.iter().any(|u| u.word.to_lowercase().contains(word))
}

/// What a person is told, their own words left out.
fn told(answer: &AskAnswer) -> String {
    let mut answer = answer.clone();
    let read = &mut answer.understanding;
    read.reason.clear();
    read.unknown.iter_mut().for_each(|unknown| unknown.word.clear());
    read.readings.iter_mut().flat_map(|r| &mut r.chips).for_each(|chip| chip.words.clear());
    serde_json::to_string(&answer).unwrap().to_lowercase()
}

fn column(column: &str) -> Meaning {
    Meaning::Column { dataset: "sales".into(), column: column.into() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_and_followed_up() {
    let (house, _) = house().await;
    let answer = ask(&house, &house.owner, "total amount by region").await;
    assert_eq!(answer.understanding.outcome, Outcome::Answer, "{:?}", answer.understanding);
    let reading = &answer.understanding.readings[0];
    assert_eq!(reading.query.dataset, "sales");
    let data = answer.data.clone().unwrap();
    assert_eq!(data.table.row_count(), 3);
    assert!(answer.says.contains("80"), "{}", answer.says);
    let context = AskContext { query: reading.query.clone(), kind: reading.kind };
    let next = AskRequest { context: Some(context), ..AskRequest::of("as a pie") };
    let next = house.services.ask(&house.owner, &next).await.unwrap();
    assert_eq!(next.understanding.readings[0].kind, ChartKind::Pie, "{:?}", next.understanding);
    assert_eq!(next.data.unwrap().table.row_count(), 3);
    let examples = house.services.ask_examples(&house.owner).await.unwrap();
    assert!(examples.iter().any(|e| e == "amount by region"), "{examples:?}");
    for example in examples {
        let answer = house.services.understand(&house.owner, &AskRequest::of(example.clone())).await.unwrap();
        assert_ne!(answer.understanding.outcome, Outcome::Refused, "{example}: {:?}", answer.understanding);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_question_is_refused() {
    let (house, kim) = house().await;
    for (question, zone, dataset) in
        [("  ", None, None), (&*"x ".repeat(2_000), None, None), ("a", Some("Mars"), None), ("a", None, Some("gone"))]
    {
        let request = AskRequest {
            question: question.into(),
            timezone: zone.map(str::to_owned),
            dataset: dataset.map(str::to_owned),
            context: None,
        };
        let error = house.services.ask(&kim, &request).await.unwrap_err();
        assert!(error.code.status() < 500 && error.field.is_some(), "{error:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_may_not_see_is_an_unknown_word() {
    let (house, kim) = house().await;
    let services = &house.services;
    let whole = ask(&house, &house.owner, "total salary by region").await;
    assert_eq!(whole.understanding.outcome, Outcome::Answer, "{:?}", whole.understanding);
    let question = "total salary by region";
    let narrowed = ask(&house, &kim, question).await;
    assert!(is_unknown(&narrowed, "salary"), "{:?}", narrowed.understanding);
    assert_ne!(narrowed.understanding.outcome, Outcome::Answer);
    assert!(!told(&narrowed).contains("salary"), "{}", told(&narrowed));
    // Values of rows and masked columns.
    let question = "total amount in south";
    assert_eq!(ask(&house, &house.owner, question).await.understanding.outcome, Outcome::Answer);
    let narrowed = ask(&house, &kim, question).await;
    assert!(is_unknown(&narrowed, "south"), "{:?}", narrowed.understanding);
    assert!(
        narrowed.understanding.readings.iter().all(|r| !serde_json::to_string(&r.query).unwrap().contains("South"))
    );
    for question in ["total amount for ada", "total amount for lovelase", "compare ada and bob"] {
        let narrowed = told(&ask(&house, &kim, question).await);
        for hidden in ["lovelace", "marley", "stevens"] {
            assert!(!narrowed.contains(hidden), "{narrowed}");
        }
    }
    // Her own rows, summed up.
    let own = ask(&house, &kim, "total amount by region").await;
    assert_eq!(own.data.unwrap().table.row_count(), 1);
    assert!(own.says.contains("50") && !own.says.contains("80"), "{}", own.says);
    // Whatever proposes something.
    let meanings = serde_json::to_string(&services.ask_meanings(&kim, "").await.unwrap()).unwrap();
    assert!(meanings.contains("amount") && !meanings.contains("salary"), "{meanings}");
    for search in ["south", "lovelace", "salary", "west"] {
        assert!(services.ask_meanings(&kim, search).await.unwrap().is_empty(), "{search}");
    }
    assert!(!services.ask_meanings(&house.owner, "south").await.unwrap().is_empty());
    let examples = services.ask_examples(&kim).await.unwrap().join(" ").to_lowercase();
    assert!(!examples.contains("salary") && !examples.contains("south"), "{examples}");
    // A context is not a way around it.
    let query: Query = serde_json::from_value(json!({"dataset": "sales", "dimensions": [{"column": "region"}],
        "measures": [{"agg": "sum", "column": "salary"}]}))
    .unwrap();
    let context = AskContext { query: query.clone(), kind: ChartKind::Bar };
    let request = AskRequest { context: Some(context), ..AskRequest::of("as a pie") };
    let around = services.ask(&kim, &request).await.unwrap();
    assert!(around.data.is_none() && around.understanding.outcome != Outcome::Answer, "{:?}", around.understanding);
    let why = AskWhy { query, time: "date".into(), from: "2024-02-01".into(), until: "2024-03-01".into() };
    assert_eq!(services.ask_why(&kim, &why).await.unwrap_err().code, ErrorCode::UnknownColumn);
    // Who has no right at all knows of nothing.
    let lee = house.user("lee", UserRole::Explorer).await;
    let nothing = told(&ask(&house, &lee, "total amount by region").await);
    assert!(!nothing.contains("sales") && nothing.contains("refused"), "{nothing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn viewers_find_charts_and_ask_nothing() {
    let (house, _) = house().await;
    let board = house
        .dashboard(json!([{"type": "chart", "chart_type": "bar", "title": "Amount by region",
            "data_source": {"query": {"dataset": "sales", "dimensions": [{"column": "region"}],
                "measures": [{"agg": "sum", "column": "amount"}]}}}]))
        .await;
    let own = ask(&house, &house.owner, "amount by region").await;
    assert_eq!(own.found.first().map(|f| f.slug.as_str()), Some(board.slug.as_str()), "{own:?}");
    let vic = house.user("vic", UserRole::Viewer).await;
    let seen = ask(&house, &vic, "amount by region").await;
    assert!(
        seen.understanding.reason.contains("explorer") && seen.understanding.readings.is_empty() && seen.data.is_none()
    );
    assert_eq!(seen.found.first().map(|f| f.title.as_str()), Some("Amount by region"));
    for refused in [
        house.services.ask_meanings(&vic, "").await.map(|_| ()),
        house
            .services
            .teach_word(&vic, NewWord { word: "turnover".into(), meaning: column("amount") })
            .await
            .map(|_| ()),
        house.services.propose_reading(&vic, &AskRequest::of("a")).await.map(|_| ()),
        house.services.list_ask_words(&vic).await.map(|_| ()),
    ] {
        assert_eq!(refused.unwrap_err().code, ErrorCode::Forbidden);
    }
    // A dashboard that is not theirs is not found.
    let patch = serde_json::from_value(json!({"is_public": false})).unwrap();
    house.services.update_dashboard(&house.owner, &board.slug, patch, None).await.unwrap();
    assert!(ask(&house, &vic, "amount by region").await.found.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn words_are_taught_proposed_accepted_and_forgotten() {
    let (house, kim) = house().await;
    let services = &house.services;
    let eve = services.local_caller(Some("eve")).await.unwrap();
    let word = |word: &str, meaning: Meaning| NewWord { word: word.into(), meaning };
    let knows = async |who: &Caller, question: &str| {
        let answer = services.understand(who, &AskRequest::of(question)).await.unwrap();
        answer.understanding.outcome == Outcome::Answer
    };
    assert!(!knows(&eve, "zorblat by region").await);
    // Who may not edit proposes, and is understood at once.
    let proposed = services.teach_word(&eve, word(" Zorblat ", column("amount"))).await.unwrap();
    assert_eq!((proposed.is_accepted, proposed.word.as_str()), (false, "zorblat"));
    assert!(knows(&eve, "zorblat by region").await);
    assert!(!knows(&kim, "zorblat by region").await && !knows(&house.owner, "zorblat by region").await);
    assert!(services.list_ask_words(&kim).await.unwrap().is_empty(), "proposals are for who may accept them");
    assert_eq!(services.accept_ask_word(&kim, &proposed.id).await.unwrap_err().code, ErrorCode::NotFound);
    assert_eq!(services.accept_ask_word(&eve, &proposed.id).await.unwrap_err().code, ErrorCode::Forbidden);
    assert!(services.list_ask_words(&house.owner).await.unwrap()[0].can_edit);
    services.accept_ask_word(&house.owner, &proposed.id).await.unwrap();
    assert!(knows(&kim, "zorblat by region").await && knows(&house.owner, "zorblat by region").await);
    // What holds is not overwritten by a proposal, nor forgotten by who made it.
    let other = services.teach_word(&eve, word("zorblat", column("salary"))).await.unwrap_err();
    assert_eq!(other.code, ErrorCode::Conflict);
    assert_eq!(services.forget_ask_word(&eve, &proposed.id).await.unwrap_err().code, ErrorCode::Forbidden);
    services.forget_ask_word(&house.owner, &proposed.id).await.unwrap();
    assert!(!knows(&kim, "zorblat by region").await);
    // A word whose meaning somebody may not see is unknown to them.
    let south = Meaning::Value { dataset: "sales".into(), column: "region".into(), value: "South".into() };
    assert!(services.teach_word(&house.owner, word("quuxland", south.clone())).await.unwrap().is_accepted);
    services.teach_word(&house.owner, word("paycheck", column("salary"))).await.unwrap();
    assert!(knows(&house.owner, "total amount in quuxland").await);
    let hers = ask(&house, &kim, "total amount in quuxland").await;
    assert!(is_unknown(&hers, "quuxland") && !told(&hers).contains("south"), "{hers:?}");
    assert!(services.list_ask_words(&kim).await.unwrap().is_empty());
    // Nor can they be taught by somebody who does not see them.
    for hidden in [south, column("salary"), Meaning::Metric { metric: "gone".into() }] {
        let refused = services.teach_word(&kim, word("frobnicate", hidden)).await.unwrap_err();
        assert!(refused.code.status() < 500 && refused.field.is_some(), "{refused:?}");
    }
    let gone = Meaning::Dataset { dataset: "gone".into() };
    assert!(services.teach_word(&house.owner, word("frobnicate", gone)).await.is_err());
    for bad in ["", "??", &"x".repeat(100)] {
        let refused = services.teach_word(&house.owner, word(bad, column("amount"))).await.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("word"), "{bad}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_carried_by_members_that_add_up() {
    let (house, _) = house().await;
    let query: Query =
        serde_json::from_value(json!({"dataset": "sales", "measures": [{"agg": "sum", "column": "amount"}]})).unwrap();
    let request = AskWhy { query, time: "date".into(), from: "2024-02-01".into(), until: "2024-03-01".into() };
    let why = house.services.ask_why(&house.owner, &request).await.unwrap();
    assert_eq!((why.value, why.value_before), (Some(120.0), Some(30.0)));
    let region = why.dimensions.iter().find(|d| d.column == "region").unwrap();
    let sum: f64 = region.members.iter().map(|m| m.contribution).sum();
    assert!((sum - 90.0).abs() < 1e-9);
    for bad in [
        AskWhy { from: "soon".into(), ..request.clone() },
        AskWhy { until: "2024-01-01".into(), ..request.clone() },
        AskWhy { time: "region".into(), ..request.clone() },
        AskWhy { query: Query { dataset: "gone".into(), ..request.query.clone() }, ..request.clone() },
    ] {
        assert!(house.services.ask_why(&house.owner, &bad).await.unwrap_err().code.status() < 500);
    }
}

/// A language model on the loopback that answers what it was told to, and remembers what it was asked.
struct Stub {
    port: u16,
    says: Arc<Mutex<String>>,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stub {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (says, heard) = (Arc::new(Mutex::new(String::new())), Arc::new(Mutex::new(Vec::new())));
        let (answer, log) = (says.clone(), heard.clone());
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = listener.accept().await {
                let mut read = Vec::new();
                let mut chunk = [0_u8; 4_096];
                loop {
                    let n = socket.read(&mut chunk).await.unwrap_or_default();
                    read.extend_from_slice(&chunk[..n]);
                    let text = String::from_utf8_lossy(&read).into_owned();
                    let length = text
                        .to_lowercase()
                        .split("content-length: ")
                        .nth(1)
                        .and_then(|t| t.split("\r\n").next()?.parse::<usize>().ok());
                    let body = text.find("\r\n\r\n").map(|at| read.len() - at - 4);
                    if n == 0 || matches!((length, body), (Some(length), Some(body)) if body >= length) {
                        break;
                    }
                }
                log.lock().unwrap().push(String::from_utf8_lossy(&read).into_owned());
                let content = answer.lock().unwrap().clone();
                let body = match content.strip_prefix("raw:") {
                    Some(raw) => raw.to_owned(),
                    None => json!({"choices": [{"message": {"role": "assistant", "content": content}}]}).to_string(),
                };
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                    body.len()
                );
                _ = socket.write_all(format!("{head}{body}").as_bytes()).await;
            }
        });
        Self { port, says, heard }
    }

    fn will_say(&self, text: impl Into<String>) {
        *self.says.lock().unwrap() = text.into();
    }

    fn last(&self) -> String {
        self.heard.lock().unwrap().last().cloned().unwrap_or_default()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_model_is_set_up_by_administrators_alone() {
    let (house, kim) = house().await;
    let services = &house.services;
    let root = house.user("root", UserRole::Admin).await;
    let stub = Stub::start().await;
    assert_eq!(services.propose_reading(&kim, &AskRequest::of("a")).await.unwrap_err().code, ErrorCode::NotSupported);
    for who in [&kim, &house.owner] {
        assert_eq!(services.ask_model(who).await.unwrap_err().code, ErrorCode::Forbidden);
        assert!(services.set_ask_model(who, AskModelPatch::default()).await.is_err());
        assert!(services.list_ask_prompts(who).await.is_err() && services.test_ask_model(who).await.is_err());
    }
    assert!(!services.ask_model(&root).await.unwrap().is_on);
    let patch = |url: &str| AskModelPatch { url: Some(url.into()), ..AskModelPatch::default() };
    // The network that the server stands in is closed; so is what is no address.
    for bad in
        ["http://10.1.2.3/v1", "http://169.254.169.254/latest", "file:///etc/passwd", "http://user:pw@127.0.0.1/", "x"]
    {
        let refused = services.set_ask_model(&root, patch(bad)).await.unwrap_err();
        assert_eq!(refused.field.as_deref(), Some("url"), "{bad}");
    }
    let on = AskModelPatch { is_on: Some(true), ..AskModelPatch::default() };
    assert_eq!(services.set_ask_model(&root, on.clone()).await.unwrap_err().field.as_deref(), Some("url"));
    let url = format!("http://127.0.0.1:{}/v1/", stub.port);
    let whole = AskModelPatch {
        url: Some(url),
        model: Some("tiny".into()),
        key: Some("sk-very-secret".into()),
        is_on: Some(true),
        sends: Some(ModelSends::Schema),
    };
    let saved = services.set_ask_model(&root, whole).await.unwrap();
    assert!(saved.is_on && saved.has_key && saved.url.ends_with("/v1"));
    assert!(!format!("{:?}", services.ask_model(&root).await.unwrap()).contains("secret"));
    let store = Store::open(&house.data_dir().join("orrery.sqlite")).await.unwrap();
    assert!(store.settings().await.unwrap().values().all(|v| !v.contains("sk-very-secret")), "kept encrypted");
    // The key stays with its address.
    let moved = services.set_ask_model(&root, patch("http://127.0.0.1:9/v1")).await.unwrap_err();
    assert_eq!(moved.field.as_deref(), Some("key"));
    stub.will_say("{\"ok\": true}");
    assert!(services.test_ask_model(&root).await.unwrap().ok);
    assert!(stub.last().contains("Bearer sk-very-secret") && stub.last().contains("POST /v1/chat/completions"));
    stub.will_say("raw:<html>");
    assert!(!services.test_ask_model(&root).await.unwrap().ok);
    let gone = AskModelPatch {
        url: Some("http://127.0.0.1:9/v1".into()),
        key: Some(String::new()),
        ..AskModelPatch::default()
    };
    assert!(!services.set_ask_model(&root, gone).await.unwrap().has_key);
    let silent = services.test_ask_model(&root).await.unwrap();
    assert!(!silent.ok && silent.message.contains("cannot be reached"), "{}", silent.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_language_model_proposes_and_is_told_no_more_than_the_asker_sees() {
    let (house, kim) = house().await;
    let services = &house.services;
    let root = house.user("root", UserRole::Admin).await;
    let stub = Stub::start().await;
    let set = AskModelPatch {
        url: Some(format!("http://127.0.0.1:{}/v1", stub.port)),
        model: Some("tiny".into()),
        is_on: Some(true),
        ..AskModelPatch::default()
    };
    services.set_ask_model(&root, set).await.unwrap();
    let asked = AskRequest::of("how is the snorkle doing");
    let understood = services.understand(&kim, &asked).await.unwrap();
    assert!(understood.can_propose && understood.understanding.outcome != Outcome::Answer);
    stub.will_say(r#"{"dataset": "sales", "dimensions": [{"column": "region"}], "measures": [{"agg": "sum", "column": "amount"}]}"#);
    let reading = services.propose_reading(&kim, &asked).await.unwrap();
    assert_eq!((reading.query.dataset.as_str(), reading.kind == ChartKind::Table), ("sales", false));
    assert!(reading.confidence < 0.5 && reading.sentence.contains("region"));
    let sent = stub.last();
    assert!(sent.contains("amount") && sent.contains("snorkle"));
    for hidden in ["salary", "South", "Lovelace", "111111", "North"] {
        assert!(!sent.contains(hidden), "{hidden} was sent");
    }
    // With samples, those of her rows.
    let samples = AskModelPatch { sends: Some(ModelSends::Samples), ..AskModelPatch::default() };
    services.set_ask_model(&root, samples).await.unwrap();
    services.propose_reading(&kim, &asked).await.unwrap();
    let sent = stub.last();
    assert!(sent.contains("North"));
    for hidden in ["salary", "South", "Lovelace", "111111"] {
        assert!(!sent.contains(hidden), "{hidden} was sent");
    }
    // Whatever else it says is not used.
    let hostile = [
        "DROP TABLE users",
        "{}",
        r#"{"sql": "SELECT * FROM sales"}"#,
        r#"{"dataset": "sales", "columns": ["salary"]}"#,
        r#"{"dataset": "sales", "measures": [{"agg": "sum", "column": "salary"}]}"#,
        r#"{"dataset": "users", "columns": ["password_hash"]}"#,
        r#"{"dataset": "sql:SELECT 1", "columns": ["a"]}"#,
        r#"{"dataset": "sales", "joins": [{"dataset": "secrets", "on": [["region", "region"]]}], "measures": [{"agg": "count"}]}"#,
        r#"{"dataset": "sales", "measures": [{"agg": "count", "as": "<script>alert(1)</script>"}]}"#,
        "raw:{\"choices\": []}",
        "raw:not json",
    ];
    for text in hostile {
        stub.will_say(text);
        let refused = services.propose_reading(&kim, &asked).await;
        // As many as one may ask in a short time; the rest is refused before anything is sent.
        let error = refused.unwrap_err();
        assert!(error.code.status() < 500 || error.code == ErrorCode::SourceUnavailable, "{text}: {error:?}");
        assert!(!error.to_string().contains("script") && !error.to_string().contains("salary"), "{error}");
    }
    stub.will_say(format!("raw:{}", "x".repeat(400_000)));
    assert!(services.propose_reading(&house.owner, &asked).await.unwrap_err().message.contains("too long"));
    // All of it stands in the log.
    let log = services.list_ask_prompts(&root).await.unwrap();
    assert!(log.len() >= 8, "{}", log.len());
    assert_eq!(
        (log[0].user.as_str(), log[0].model.as_str(), log[0].question.as_str()),
        ("owner", "tiny", "how is the snorkle doing")
    );
    assert!(
        log.iter().filter(|p| p.outcome == "used").count() == 2 && log.iter().any(|p| p.answer.contains("DROP TABLE"))
    );
    assert!(log.iter().all(|p| !p.prompt.contains("Lovelace") || p.user == "owner"));
}
