//! Reading a file of a conversation. What cannot be read is an error with file and line.

use std::ops::Range;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::script::{Act, Doing, Manner, Script, Shop, Turn};
use super::words;

/// How the first line begins in a file of a conversation that the product cannot hold yet.
const NOT_YET: &str = "# Not yet: ";
/// How the files end.
const ENDING: &str = "chat";

/// Reads every conversation of a folder, in the order of their names.
pub fn read_folder(folder: &Path) -> Result<Vec<Script>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("read the folder {}", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.with_context(|| format!("read the folder {}", folder.display()))?.path();
        if path.extension().is_some_and(|ending| ending == ENDING) {
            paths.push(path);
        }
    }
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).with_context(|| format!("read {}", path.display()))?;
            let shown = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path);
            read(&format!("tests/{}", shown.display()), &text)
        })
        .collect()
}

/// Reads one conversation.
pub fn read(path: &str, text: &str) -> Result<Script> {
    let lines: Vec<String> = text.lines().map(|line| line.trim_end().to_owned()).collect();
    let mut heading = lines.iter().take_while(|line| line.starts_with('#'));
    let first = heading.next().with_context(|| format!("{path}:1: the first line is \"# what it proves\""))?;
    let missing = first.strip_prefix(NOT_YET).map(str::to_owned);
    let title = if missing.is_some() { heading.next() } else { Some(first) };
    let title = title.with_context(|| format!("{path}:2: the line after \"# Not yet\" is \"# what it proves\""))?;
    let title = title.trim_start_matches('#').trim().to_owned();
    let script = Script {
        path: path.to_owned(),
        title,
        missing,
        shops: Vec::new(),
        guests: Vec::new(),
        turns: Vec::new(),
        lines,
    };
    let mut reader = Reader { script, speaker: None };
    for block in blocks(&reader.script.lines) {
        let at = block.start + 1;
        reader.take(block).map_err(|error| anyhow!("{path}:{at}: {error:#}"))?;
    }
    reader.done().map_err(|error| anyhow!("{path}:{}: {error:#}", text.lines().count()))
}

/// Returns the lines that belong together: one, and those below it that are indented.
fn blocks(lines: &[String]) -> Vec<Range<usize>> {
    let mut blocks: Vec<Range<usize>> = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        match blocks.last_mut() {
            Some(block) if line.starts_with(char::is_whitespace) && block.end == index => block.end = index + 1,
            _ => blocks.push(index..index + 1),
        }
    }
    blocks
}

struct Reader {
    script: Script,
    /// Who did something last: whom `bot:` answers.
    speaker: Option<String>,
}

impl Reader {
    fn take(&mut self, block: Range<usize>) -> Result<()> {
        let lines: Vec<String> = self.script.lines[block.clone()].iter().map(|line| line.trim().to_owned()).collect();
        ensure!(!self.script.lines[block.start].starts_with(char::is_whitespace), "an indented line continues nothing");
        let first = lines[0].as_str();
        let whole = lines.join(" ");
        if let Some(items) = whole.strip_prefix("shop:") {
            let items = words::stocked(items)?;
            self.shop(None)?.items = items;
            return Ok(());
        }
        if let Some(rest) = whole.strip_prefix("shop of ") {
            let (owner, items) = rest.split_once(':').context("a colon is missing")?;
            let items = words::stocked(items)?;
            self.shop(Some(owner.trim()))?.items = items;
            return Ok(());
        }
        if let Some(people) = whole.strip_prefix("with:") {
            let people: Result<Vec<_>> = people.split(',').map(member).collect();
            self.shop(None)?.staff = people?;
            return Ok(());
        }
        if let Some(people) = whole.strip_prefix("guests:") {
            self.ensure_nothing_happened()?;
            self.script.guests = people.split(',').map(|name| name.trim().to_owned()).collect();
            return Ok(());
        }
        let doing = if let Some(time) = first.strip_prefix("-- ") {
            let time = time.strip_suffix(" later --").context("time passes like this: -- 13 hours later --")?;
            Doing::Later(words::duration(time)?)
        } else if let Some(levels) = whole.strip_prefix("stock:") {
            Doing::Stock { owner: String::new(), levels: words::levels(levels)? }
        } else if let Some(rest) = whole.strip_prefix("stock of ") {
            let (owner, levels) = rest.split_once(':').context("a colon is missing")?;
            Doing::Stock { owner: owner.trim().to_owned(), levels: words::levels(levels)? }
        } else if first.starts_with("bot:") || first.starts_with("bot to ") {
            self.answer(lines)?
        } else {
            self.act(&lines)?
        };
        self.script.turns.push(Turn { lines: block, doing });
        Ok(())
    }

    /// Reads `bot: …`.
    fn answer(&self, mut lines: Vec<String>) -> Result<Doing> {
        let (who, text) = lines[0].split_once(':').context("a colon is missing")?;
        let person = match who.strip_prefix("bot to ") {
            Some(name) => name.trim().to_owned(),
            None => self.speaker.clone().context("nobody said anything yet that could be answered")?,
        };
        lines[0] = text.trim().into();
        if lines == ["(nothing)"] {
            return Ok(Doing::Silence { person });
        }
        ensure!(lines.iter().any(|line| !line.is_empty()), "an answer without words: (nothing) stands for none");
        Ok(Doing::Answer { person, lines: words::with_buttons_apart(lines) })
    }

    /// Reads `Thandi: …` and what else people do.
    fn act(&mut self, lines: &[String]) -> Result<Doing> {
        let first = lines[0].as_str();
        let end = first.find(|sign: char| !sign.is_alphanumeric()).unwrap_or(first.len());
        let (person, rest) = first.split_at(end);
        ensure!(
            person.starts_with(char::is_uppercase),
            "neither a person with a capital letter, nor bot, stock, shop, shop of, with, guests, or time"
        );
        let says = |manner: Manner, text: &str| {
            let text = std::iter::once(text.trim()).chain(lines[1..].iter().map(String::as_str)).collect::<Vec<_>>();
            let text = text.join("\n").trim().to_owned();
            if text.is_empty() { Err(anyhow!("nothing is said")) } else { Ok(Act::Say { text, manner }) }
        };
        let act = if let Some(text) = rest.strip_prefix(':') {
            says(Manner::default(), text)?
        } else if let Some(rest) = rest.strip_prefix(" (") {
            let (manner, text) = rest.split_once("):").context("after how it is said comes \"):\"")?;
            says(words::manner(manner)?, text)?
        } else {
            ensure!(lines.len() == 1, "only what is said goes on in a second line");
            deed(rest.trim())?
        };
        let person = person.to_owned();
        if self.script.shops.is_empty() {
            self.script.shops.push(Shop { owner: String::new(), items: Vec::new(), staff: Vec::new() });
        }
        if self.script.shops[0].owner.is_empty() {
            self.script.shops[0].owner.clone_from(&person);
        }
        self.speaker = Some(person.clone());
        Ok(Doing::Act { person, act })
    }

    /// Returns the shop of this person, or the one that is played in.
    fn shop(&mut self, owner: Option<&str>) -> Result<&mut Shop> {
        self.ensure_nothing_happened()?;
        let shops = &mut self.script.shops;
        if shops.is_empty() {
            // Whoever speaks first owns it.
            shops.push(Shop { owner: String::new(), items: Vec::new(), staff: Vec::new() });
        }
        if let Some(owner) = owner {
            shops.push(Shop { owner: owner.to_owned(), items: Vec::new(), staff: Vec::new() });
        }
        Ok(if owner.is_some() { shops.last_mut() } else { shops.first_mut() }.expect("one was put in"))
    }

    fn ensure_nothing_happened(&self) -> Result<()> {
        ensure!(self.script.turns.is_empty(), "this comes before the first thing that is said");
        Ok(())
    }

    fn done(mut self) -> Result<Script> {
        let main = self.script.shops.first().map(|shop| shop.owner.clone()).unwrap_or_default();
        ensure!(!main.is_empty(), "nobody says anything");
        for turn in &mut self.script.turns {
            if let Doing::Stock { owner, .. } = &mut turn.doing
                && owner.is_empty()
            {
                owner.clone_from(&main);
            }
        }
        let has = |wanted: fn(&Doing) -> bool| self.script.turns.iter().any(|turn| wanted(&turn.doing));
        ensure!(has(|doing| matches!(doing, Doing::Answer { .. })), "nothing is answered: this proves nothing");
        ensure!(has(|doing| matches!(doing, Doing::Stock { .. })), "no line says what is in stock: \"stock: bread 3\"");
        for turn in &self.script.turns {
            let name = match &turn.doing {
                Doing::Act { person, .. } | Doing::Answer { person, .. } | Doing::Silence { person } => person,
                Doing::Stock { owner, .. } => owner,
                Doing::Later(_) => continue,
            };
            let is_known = self.script.guests.contains(name)
                || self.script.shops.iter().any(|shop| shop.owner == *name)
                || self.script.shops.iter().any(|shop| shop.staff.iter().any(|(member, _)| member == name));
            if !is_known {
                bail!(
                    "line {}: nobody is called {name}: with: {name} (clerk), guests: or shop of {name}:",
                    turn.lines.start + 1
                );
            }
        }
        Ok(self.script)
    }
}

/// Reads `Thabo (clerk)`.
fn member(text: &str) -> Result<(String, proto::inventory::v1::Role)> {
    let (name, role) = text.trim().split_once(" (").context("people of a shop are written like Thabo (clerk)")?;
    Ok((name.to_owned(), words::role(role.trim_end_matches(')'))?))
}

/// Reads what somebody does without saying anything.
fn deed(text: &str) -> Result<Act> {
    let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
    Ok(match verb {
        "taps" | "picks" => {
            let (title, rest) = words::button(rest)?;
            let (rest, times) = match rest.trim().strip_suffix("twice") {
                Some(rest) => (rest.trim(), 2),
                None => (rest.trim(), 1),
            };
            let on = match rest.strip_prefix("on ") {
                Some(rest) => Some(only(words::quoted(rest)?)?),
                None if rest.is_empty() => None,
                None => bail!("\"{rest}\" is not expected here"),
            };
            Act::Tap { title, on, times }
        }
        "deletes" => Act::Delete { what: only(words::quoted(rest)?)? },
        "changes" => {
            let (what, rest) = words::quoted(rest)?;
            let rest = rest.trim().strip_prefix("to ").context("changes \"..\" to \"..\"")?;
            Act::Change { what, to: only(words::quoted(rest)?)? }
        }
        "reacts" => {
            let (emoji, rest) = rest.split_once(" to ").context("reacts 👎 to \"..\"")?;
            Act::React { emoji: emoji.trim().to_owned(), to: only(words::quoted(rest)?)? }
        }
        "sends" => {
            let of = rest.strip_prefix("the card of ").context("sends the card of Thabo")?;
            Act::SendCard { of: of.trim().to_owned() }
        }
        _ => bail!("\"{verb}\" is nothing that people do: says (:), taps, deletes, changes, reacts, sends the card of"),
    })
}

/// Returns a quote behind which nothing stands.
fn only((quote, rest): (String, &str)) -> Result<String> {
    ensure!(rest.trim().is_empty(), "\"{}\" is not expected here", rest.trim());
    Ok(quote)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# It works\nshop: bread 5\nwith: Thabo (clerk)\nThandi: sold 3\n  bread\nbot: ✅ Sold 3 bread\n     2 left\n     [Undo]\nstock: bread 2\n";

    fn fault(text: &str) -> String {
        read("a.chat", text).map(|script| script.title).unwrap_err().to_string()
    }

    #[test]
    fn a_chat_is_read_as_it_reads() {
        let script = read("a.chat", GOOD).unwrap();

        assert_eq!((script.title.as_str(), script.missing), ("It works", None));
        let [said, answer, stock] = script.turns.as_slice() else { panic!("three turns") };
        assert!(
            matches!(&said.doing, Doing::Act { person, act: Act::Say { text, .. } } if person == "Thandi" && text == "sold 3\nbread")
        );
        assert!(
            matches!(&answer.doing, Doing::Answer { lines, .. } if lines == &["✅ Sold 3 bread", "2 left", "[Undo]"])
        );
        assert!(matches!(&stock.doing, Doing::Stock { owner, .. } if owner == "Thandi"));
    }

    #[test]
    fn what_is_missing_is_told_before_the_title() {
        let script = read("a.chat", &format!("# Not yet: bread\n{GOOD}")).unwrap();

        assert_eq!((script.missing.as_deref(), script.title.as_str()), (Some("bread"), "It works"));
    }

    #[test]
    fn what_cannot_be_read_is_an_error_with_file_and_line() {
        let with = |line: &str| fault(&GOOD.replace("stock: bread 2\n", &format!("{line}\nstock: bread 2\n")));

        assert!(fault("Thandi: hi\n").starts_with("a.chat:1: the first line"));
        assert!(with("thandi: hi").starts_with("a.chat:9: neither a person"));
        assert!(with("Thandi dances").starts_with("a.chat:9: \"dances\""));
        assert!(with("Thandi taps Undo").starts_with("a.chat:9: a button"));
        assert!(with("Thandi (loudly): hi").starts_with("a.chat:9: \"loudly\""));
        assert!(with("Thandi:").starts_with("a.chat:9: nothing is said"));
        assert!(with("bot:").starts_with("a.chat:9: an answer without words"));
        assert!(with("-- soon --").starts_with("a.chat:9: time passes"));
        assert!(with("stock: bread").starts_with("a.chat:9: \"bread\""));
        assert!(with("shop: bread 5").starts_with("a.chat:9: this comes before"));
        assert!(with("Thabi: hi").contains("nobody is called Thabi"));
        assert!(fault(&GOOD.replace("stock: bread 2\n", "")).contains("no line says what is in stock"));
        assert!(fault(&GOOD.replace("(clerk)", "(king)")).starts_with("a.chat:3: \"king\""));
    }
}
