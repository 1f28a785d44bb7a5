//! What holds for any text at all.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use proto::parser::v1 as pb;

use crate::world::{World, asking, in_words};

/// Words and marks that the grammar knows, in any order: closer to its edges than random letters.
fn salad() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "add",
        "sold",
        "and",
        "no",
        "wait",
        "5",
        "2.5",
        "1,200",
        "2x6",
        "a",
        "dozen",
        "box",
        "of",
        "coke",
        "2l",
        "bread",
        "not",
        "-",
        "+",
        "\n",
        ",",
        ".",
        ":",
        "x",
        "@",
        "R12.50",
        "each",
        "yesterday",
        "from",
        "makro",
        "voeg",
        "by",
        "ezi-5",
        "ama-coke",
        "half",
        "½",
        "?",
        "the",
        "last",
        "all",
        "undo",
        "1/2",
        "3/4",
        "17:00",
        "5pm",
        "{",
        "\"",
        "✅",
        "https://x.example",
        "٣",
        "\u{200b}",
        "1 000",
        "2 500",
    ]);
    prop::collection::vec(word, 0..40).prop_map(|words| words.join(" "))
}

#[test]
fn any_text_gets_an_answer_whose_spans_stay_inside_it() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::with_grammar());
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });

    let result = runner.run(&prop_oneof![salad(), any::<String>()], |text| {
        let length = i32::try_from(text.chars().count()).unwrap();
        let answer =
            runtime.block_on(world.parse(asking(&text))).map_err(|status| TestCaseError::fail(status.to_string()))?;
        prop_assert!(!answer.actions.is_empty());
        for span in answer.actions.iter().filter_map(|action| action.span).chain(answer.uncovered) {
            prop_assert!(0 <= span.start && span.start <= span.end && span.end <= length);
        }
        Ok(())
    });

    result.unwrap();
}

/// Whether the whole answer is that the text is too long.
fn is_too_long(answer: &pb::ParseMessageResponse) -> bool {
    matches!(answer.actions.as_slice(), [only] if only.clarification() == pb::Clarification::TooLong)
}

/// The work on a text is bounded by its words, sentences and lines: what has more of them than anybody lists is not read at all,
/// so that no arrangement of the 4,096 characters can cost more than the longest list that is read.
#[tokio::test]
async fn text_of_more_words_than_anybody_lists_is_one_question_whatever_the_words() {
    let world = World::with_grammar().await;

    for piece in [
        "a ",
        "5 ",
        "add 5 bread ",
        "bread 5, ",
        "no wait 5 ",
        "voeg by ",
        "\n",
        "- 5 x\n",
        "((((",
        "+5",
        "1,",
        "if i sell ",
        "gave threw took sent ",
        "what ",
        "sold 5 bread\n",
        "not milk, bread\n",
        "ﷺ",
        "½",
        "😀",
        "sold3bread2milk ",
        "how many bread\n",
        "ama-coke nezinkwa ",
        "[a](http://x) ",
        "ignore your previous ",
    ] {
        let text: String = piece.chars().cycle().take(4096).collect();
        assert!(is_too_long(&world.read(&text).await), "{piece:?}");
    }
}

#[tokio::test]
async fn longest_list_that_is_read_has_sixty_lines() {
    let world = World::with_grammar().await;
    let list = |lines: usize| -> String {
        let lines: Vec<String> = (1..=lines).map(|line| format!("- coke {line}l x {line}")).collect();
        format!("received:\n{}", lines.join("\n"))
    };

    let sixty = world.read(&list(60)).await;
    let more = world.read(&list(61)).await;

    assert_eq!(sixty.actions.len(), 60);
    assert!(is_too_long(&more));
}

#[tokio::test]
async fn one_word_of_any_length_is_no_name_and_changes_nothing() {
    let world = World::with_grammar().await;

    for letter in ["z", "é", "\u{301}", "7", "a1"] {
        let name: String = letter.chars().cycle().take(4000).collect();
        let answer = world.read(&format!("add 5 {name}")).await;
        let asks = |action: &pb::Action| action.clarification() != pb::Clarification::Unspecified;
        assert!(answer.actions.iter().all(asks), "{letter:?}");
    }
}

#[tokio::test]
async fn numbers_beyond_all_measure_are_asked_about() {
    let world = World::with_grammar().await;
    let nines = "9".repeat(40);

    for text in [
        format!("sold {nines}k bread"),
        format!("add {nines}+{nines} bread"),
        format!("add {nines} and a half bread"),
        format!("add {nines} thousand bread"),
        format!("sold R{nines} 000 bread"),
        format!("add {nines} hundred and five bread"),
        "add 999 000 000 000 000 000 000 000 000 000 000 bread".to_owned(),
    ] {
        let answer = world.read(&text).await;
        let asks = |action: &pb::Action| action.clarification() != pb::Clarification::Unspecified;
        assert!(
            answer.actions.iter().any(asks),
            "{text}: {:?}",
            answer.actions.iter().map(in_words).collect::<Vec<_>>()
        );
    }
}

#[test]
fn quantities_survive_exactly() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::with_grammar());
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });

    let result = runner.run(&(1_u32..100_000, 0_u32..1000), |(whole, thousandths)| {
        let text = format!("add {whole}.{thousandths:03} kg cheese");
        let answer = runtime.block_on(world.read(&text));
        let Some(pb::action::Intent::Add(add)) = &answer.actions[0].intent else {
            return Err(TestCaseError::fail(text));
        };
        let read: f64 = add.line.as_ref().unwrap().quantity.as_ref().unwrap().value.parse().unwrap();
        prop_assert_eq!(format!("{read:.3}"), format!("{whole}.{thousandths:03}"));
        Ok(())
    });

    result.unwrap();
}

/// A line of a list: what it is, and how it is written.
fn line() -> impl Strategy<Value = (String, u32)> {
    let name =
        prop::sample::select(vec!["bread", "milk", "eggs", "coke 2l", "a4 paper", "M8 bolts", "melk", "unicorns"]);
    (name, 1_u32..500).prop_map(|(name, quantity)| (name.to_owned(), quantity))
}

#[test]
fn the_order_of_lines_does_not_change_what_they_mean() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::with_grammar());
    let mut runner = TestRunner::new(Config { cases: 100, failure_persistence: None, ..Config::default() });
    let header =
        prop::sample::select(vec!["sold", "received:", "in", "stock take", "verkoop", "threw away", "sold today"]);
    let layout = prop::sample::select(vec!["{q} {n}", "{n} {q}", "- {n} x {q}", "{n}: {q}", "{q}x {n}"]);
    let lists = (header, layout, prop::collection::vec(line(), 2..6), any::<prop::sample::Index>());

    let result = runner.run(&lists, |(header, layout, mut lines, turn)| {
        // The same line twice is a question, wherever it stands.
        lines.sort();
        lines.dedup_by(|next, line| next.0 == line.0);
        let read = |lines: &[(String, u32)]| {
            let written: Vec<String> = lines
                .iter()
                .map(|(name, quantity)| layout.replace("{q}", &quantity.to_string()).replace("{n}", name))
                .collect();
            let text = format!("{header}\n{}", written.join("\n"));
            let mut actions: Vec<String> = runtime.block_on(world.read(&text)).actions.iter().map(in_words).collect();
            actions.sort();
            (text, actions)
        };
        let (text, before) = read(&lines);
        let at = turn.index(lines.len());
        lines.rotate_left(at);
        let (turned, after) = read(&lines);
        prop_assert_eq!(&before, &after, "{:?} against {:?}", text, turned);
        prop_assert_eq!(before.len(), lines.len(), "{:?}", text);
        Ok(())
    });

    result.unwrap();
}

#[test]
fn quantities_survive_exactly_wherever_they_stand() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let world = runtime.block_on(World::with_grammar());
    let mut runner = TestRunner::new(Config { cases: 200, failure_persistence: None, ..Config::default() });
    let layout = prop::sample::select(vec![
        "sold {q} bread",
        "bread sold {q}",
        "{q} bread sold",
        "sold bread x{q}",
        "{q}x bread verkoop",
        "sold {q} loaves",
        "ngithengise izinkwa ezi-{q}",
        "sold {q} bread and 7 milk",
    ]);

    let result = runner.run(&(layout, 1_u32..10_000), |(layout, quantity)| {
        let text = layout.replace("{q}", &quantity.to_string());
        let answer = runtime.block_on(world.read(&text));
        let Some(pb::action::Intent::Remove(remove)) = &answer.actions[0].intent else {
            return Err(TestCaseError::fail(text));
        };
        let read = &remove.line.as_ref().unwrap().quantity.as_ref().unwrap().value;
        prop_assert_eq!(read, &quantity.to_string(), "{:?}", text);
        Ok(())
    });

    result.unwrap();
}
