use crate::world::{World, in_words};
#[tokio::test]
async fn probe() {
    let world = World::with_grammar().await;
    for line in std::fs::read_to_string("/tmp/probe.txt").unwrap().lines() {
        let a = world.read(line).await;
        let words: Vec<String> = a.actions.iter().map(in_words).collect();
        println!(
            "PROBE {line:?}\n   -> {} | open {:?} | {}",
            words.join(" / "),
            a.uncovered
                .iter()
                .map(|s| line.chars().skip(s.start as usize).take((s.end - s.start) as usize).collect::<String>())
                .collect::<Vec<_>>(),
            a.model_outcome().as_str_name()
        );
    }
}
