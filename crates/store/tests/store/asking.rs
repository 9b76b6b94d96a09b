//! Words that people taught, and conversations with a language model.

use crate::{dataset, furnished};
use store::{AskPromptRow, AskWordRow};

fn word(id: &str, target: &str, is_accepted: bool) -> AskWordRow {
    AskWordRow {
        id: id.into(),
        word: "revenue".into(),
        dataset_id: "ds1".into(),
        kind: "column".into(),
        target: target.into(),
        value: String::new(),
        is_accepted,
        made_by: "u1".into(),
        made_at: 7,
    }
}

#[tokio::test]
async fn a_word_means_one_thing_and_a_proposal_changes_nothing_that_holds() {
    let (store, _dir) = furnished().await;
    store.insert_dataset(&dataset("ds1", "sales")).await.unwrap();
    assert!(store.put_ask_word(&word("w1", "amount", false)).await.unwrap());
    assert!(store.put_ask_word(&word("w2", "cost", false)).await.unwrap(), "a newer proposal");
    store.accept_ask_word("w2").await.unwrap();
    assert!(!store.put_ask_word(&word("w3", "amount", false)).await.unwrap());
    assert_eq!(store.ask_words().await.unwrap(), [AskWordRow { is_accepted: true, ..word("w2", "cost", false) }]);
    assert!(store.put_ask_word(&word("w4", "amount", true)).await.unwrap());
    assert_eq!(store.ask_word("w4").await.unwrap(), Some(word("w4", "amount", true)));
    assert_eq!((store.ask_word("w2").await.unwrap(), store.count_ask_words("ds1").await.unwrap()), (None, 1));
    assert!(store.put_ask_word(&AskWordRow { dataset_id: "gone".into(), ..word("w5", "a", true) }).await.is_err());
    assert!(store.accept_ask_word("gone").await.is_err() && store.delete_ask_word("gone").await.is_err());
    store.delete_ask_word("w4").await.unwrap();
    store.put_ask_word(&word("w6", "amount", true)).await.unwrap();
    store.delete_dataset("ds1").await.unwrap();
    assert!(store.ask_words().await.unwrap().is_empty(), "they go with their dataset");
}

#[tokio::test]
async fn only_the_newest_conversations_are_kept() {
    let (store, _dir) = furnished().await;
    for n in 0..5_i64 {
        let row = AskPromptRow {
            id: format!("p{n}"),
            at: n,
            user_id: "u1".into(),
            question: "sales".into(),
            model: "m".into(),
            prompt: "{}".into(),
            answer: "{}".into(),
            outcome: "used".into(),
            elapsed_ms: 3,
        };
        store.add_ask_prompt(&row, 3).await.unwrap();
    }
    let kept: Vec<String> = store.ask_prompts(10).await.unwrap().into_iter().map(|p| p.id).collect();
    assert_eq!(kept, ["p4", "p3", "p2"]);
    assert_eq!(store.ask_prompts(1).await.unwrap().len(), 1);
}
