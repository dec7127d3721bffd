//! The same request and seed give the same answer, whatever else is going on.

use centime_testkit::{Config, Pace, Share};
use serde_json::json;

use crate::client::{post, start};

#[tokio::test]
async fn concurrency_changes_no_answer() {
    let config = || Config {
        cache_share: Share::per_mille(500),
        faults: vec![(Share::per_mille(300), "status=503".parse().unwrap())],
        ..Config::default()
    };
    let body = |at: usize| {
        json!({"model": "gpt-5", "messages": [{"role": "user", "content": format!("Number {at}?")}],
               "stream": at.is_multiple_of(2), "stream_options": {"include_usage": true}})
    };
    let provider = start(config());
    let mut alone = Vec::new();
    for at in 0..40 {
        alone.push(post(&provider, "/v1/chat/completions", &[], body(at)).await);
    }
    let failed = alone.iter().filter(|answer| answer.status == 503).count();
    assert!((4..=20).contains(&failed), "{failed} of 40 failed");
    let another = start(config());
    let together = (0..40).map(|at| post(&another, "/v1/chat/completions", &[], body(at)));
    let mut tasks = Vec::new();
    for ask in together {
        tasks.push(ask);
    }
    let together = join_all(tasks).await;
    for (alone, together) in alone.iter().zip(&together) {
        assert_eq!((alone.status, alone.text()), (together.status, together.text()));
    }
    assert_eq!(provider.counts(), another.counts());
    // What failed may fare better when it comes again.
    let mut again = 0;
    for (at, before) in alone.iter().enumerate().filter(|(_, answer)| answer.status == 503) {
        assert_eq!(before.status, 503);
        again +=
            u32::from(post(&provider, "/v1/chat/completions", &[], body(at)).await.status == 200);
    }
    assert!(again > 0);
}

async fn join_all<F: Future>(tasks: Vec<F>) -> Vec<F::Output> {
    let mut tasks: Vec<_> = tasks.into_iter().map(Box::pin).collect();
    let mut done: Vec<Option<F::Output>> = tasks.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (task, done) in tasks.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = task.as_mut().poll(context)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) {
            std::task::Poll::Ready(())
        } else {
            std::task::Poll::Pending
        }
    })
    .await;
    done.into_iter().flatten().collect()
}

#[tokio::test]
async fn the_answer_follows_from_the_request_and_the_seed() {
    let ask = async |seed, body: &str| {
        let provider = start(Config { seed, ..Config::default() });
        post(&provider, "/v1/chat/completions", &[], body).await.json()
    };
    let body = r#"{"model":"gpt-4o","messages":[{"role":"user","content":"Why?"}]}"#;
    let first = ask(1, body).await;
    assert_eq!(first, ask(1, body).await);
    let reordered = r#"{"messages": [{"content": "Why?", "role": "user"}], "model": "gpt-4o"}"#;
    assert_eq!(first, ask(1, reordered).await);
    assert_ne!(first["choices"], ask(2, body).await["choices"]);
    assert_ne!(first["choices"], ask(1, &body.replace("Why", "How")).await["choices"]);
    assert_ne!(first["id"], ask(1, &body.replace("Why", "How")).await["id"]);
}

#[tokio::test]
async fn the_chunks_of_a_stream_carry_as_many_tokens_as_is_set() {
    let body = json!({"model": "gpt-4o", "stream": true, "max_tokens": 12,
                      "messages": [{"role": "user", "content": "Why?"}]});
    let mut texts = Vec::new();
    for (tokens_per_chunk, chunks) in [(0, 12), (1, 12), (5, 3), (100, 1)] {
        let pace = Pace { tokens_per_chunk, ..Pace::default() };
        let provider = start(Config { pace, ..Config::default() });
        let answer = post(&provider, "/v1/chat/completions", &[], &body).await;
        let deltas: Vec<String> = answer
            .events()
            .iter()
            .filter_map(|event| serde_json::from_str::<serde_json::Value>(event).ok())
            .filter_map(|event| Some(event["choices"][0]["delta"]["content"].as_str()?.to_owned()))
            .filter(|delta| !delta.is_empty())
            .collect();
        assert_eq!(deltas.len(), chunks, "{tokens_per_chunk}");
        texts.push(deltas.concat());
    }
    assert!(texts.iter().all(|text| *text == texts[0]));
}
