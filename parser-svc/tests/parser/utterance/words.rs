//! An action of the contract in the words of the utterance files.

use std::collections::BTreeMap;

use proto::parser::v1 as pb;
use proto::parser::v1::action::Intent;

/// The fields of one action, as the files call them.
pub type Fields = BTreeMap<&'static str, String>;

/// Returns what was read in the words of the files. A transfer becomes a removal and an addition, as it stands there.
pub fn fields(action: &pb::Action) -> Vec<Fields> {
    let mut fields = Fields::new();
    let mut second = None;
    if let Some(intent) = &action.intent {
        second = describe(intent, &mut fields);
    }
    if action.clarification() != pb::Clarification::Unspecified {
        put(&mut fields, "clarify", enum_word(action.clarification().as_str_name(), "CLARIFICATION_"));
    }
    if action.confirm {
        put(&mut fields, "confirm", "true".to_owned());
    }
    for flag in action.flags() {
        put(&mut fields, "flag", enum_word(flag.as_str_name(), "FLAG_"));
    }
    let numbers: Vec<String> = action.numbers.iter().map(|number| plain(&number.value)).collect();
    put(&mut fields, "numbers", numbers.join(" "));
    put(&mut fields, "options", action.options.join(", "));
    let second = second.map(|mut second| {
        let shared = ["clarify", "confirm", "flag"];
        second.extend(fields.iter().filter(|(key, _)| shared.contains(key)).map(|(key, value)| (*key, value.clone())));
        second
    });
    std::iter::once(fields).chain(second).collect()
}

fn describe(intent: &Intent, fields: &mut Fields) -> Option<Fields> {
    let mut is = |intent: &str| put(fields, "intent", intent.to_owned());
    match intent {
        Intent::Add(add) => {
            is("add");
            line(add.line.as_ref(), fields);
            let reason = if add.reason() == pb::AddReason::Return { "return_in" } else { "receipt" };
            put(fields, "reason", reason.to_owned());
        }
        Intent::Remove(remove) => {
            is("remove");
            line(remove.line.as_ref(), fields);
            let reason = match remove.reason() {
                pb::RemoveReason::Unspecified => String::new(),
                pb::RemoveReason::Return => "return_out".to_owned(),
                reason => enum_word(reason.as_str_name(), "REMOVE_REASON_"),
            };
            put(fields, "reason", reason);
            put(fields, "all", if remove.all { "true".to_owned() } else { String::new() });
        }
        Intent::SetStock(set) => {
            is("set");
            line(set.line.as_ref(), fields);
            put(fields, "reason", enum_word(set.reason().as_str_name(), "SET_REASON_"));
        }
        Intent::Transfer(transfer) => {
            is("remove");
            line(transfer.line.as_ref(), fields);
            put(fields, "reason", "transfer".to_owned());
            let mut second = fields.clone();
            put(&mut second, "intent", "add".to_owned());
            put(&mut second, "location", transfer.to_location.clone());
            return Some(second);
        }
        Intent::Correct(correct) => {
            is("correct");
            line(correct.line.as_ref(), fields);
            put(fields, "target", enum_word(correct.target().as_str_name(), "CORRECT_TARGET_"));
            put(fields, "line", count(correct.line_number));
        }
        Intent::Undo(undo) => {
            is("undo");
            item(undo.item.as_ref(), fields);
            put(fields, "target", enum_word(undo.target().as_str_name(), "UNDO_TARGET_"));
            put(fields, "n", count(undo.count));
            put(fields, "line", count(undo.line_number));
        }
        Intent::Query(query) => {
            is("query");
            item(query.item.as_ref(), fields);
            put(fields, "field", if query.field() == pb::QueryField::Price { "price" } else { "" }.to_owned());
            put(fields, "when", query.when.as_ref().map(|when| when.phrase.clone()).unwrap_or_default());
            put(fields, "minus", decimal(query.minus.as_ref()));
            put(fields, "check", decimal(query.check.as_ref()));
        }
        other => describe_turn(other, fields),
    }
    None
}

fn describe_turn(intent: &Intent, fields: &mut Fields) {
    let mut is = |intent: &str| put(fields, "intent", intent.to_owned());
    match intent {
        Intent::List(_) => is("list"),
        Intent::Help(help) => {
            is("help");
            put(fields, "topic", help.topic.clone());
        }
        Intent::Greeting(greeting) => {
            is("greeting");
            put(fields, "kind", enum_word(greeting.kind().as_str_name(), "GREETING_KIND_"));
        }
        Intent::LowStock(low) => {
            is("low_stock");
            put(fields, "level", if low.out_only { "out" } else { "" }.to_owned());
        }
        Intent::Report(report) => {
            is("report");
            put(fields, "what", enum_word(report.kind().as_str_name(), "REPORT_KIND_"));
            put(fields, "period", report.period.clone());
            put(fields, "format", report.format.clone());
            item(report.item.as_ref(), fields);
        }
        Intent::Threshold(threshold) => {
            is("threshold");
            line(threshold.line.as_ref(), fields);
            put(fields, "action", if threshold.off { "off" } else { "" }.to_owned());
        }
        Intent::Rename(rename) => {
            is("rename");
            item(rename.item.as_ref(), fields);
            put(fields, "to", rename.new_name.clone());
            let mode = enum_word(rename.mode().as_str_name(), "RENAME_MODE_");
            if rename.mode() == pb::RenameMode::Alias {
                // The files name the alias first: "when i say cold drink i mean coke".
                put(fields, "item", rename.new_name.to_lowercase());
                put(fields, "to", rename.item.as_ref().map(|item| item.said.clone()).unwrap_or_default());
            }
            put(fields, "mode", if mode == "rename" { String::new() } else { mode });
        }
        Intent::CountSession(session) => {
            is("set");
            put(fields, "mode", "count_session".to_owned());
            put(fields, "action", enum_word(session.step().as_str_name(), "COUNT_SESSION_STEP_"));
            item(session.item.as_ref(), fields);
        }
        Intent::SetPrice(set) => {
            is("set");
            put(fields, "field", "price".to_owned());
            item(set.item.as_ref(), fields);
            price(set.price.as_ref(), fields);
            fields.remove("price_basis");
        }
        Intent::ChangeMember(change) => {
            is("unknown");
            put(fields, "act", format!("member_{}", enum_word(change.change().as_str_name(), "MEMBER_CHANGE_")));
            put(fields, "party", change.name.clone());
            put(fields, "phone", change.phone_number.clone());
        }
        Intent::Unknown(unknown) => {
            is("unknown");
            let act = match unknown.act() {
                pb::Act::Unspecified => String::new(),
                pb::Act::SwitchShop => "shop_switch".to_owned(),
                // The files tell what was picked by what comes of it; a choice by itself is its number.
                pb::Act::Select => format!("select {}", unknown.choice),
                act => enum_word(act.as_str_name(), "ACT_"),
            };
            put(fields, "act", act);
            line(unknown.line.as_ref(), fields);
            put(fields, "ref", unknown.document_number.clone());
            put(fields, "topic", unknown.topic.clone());
            put(fields, "shop", unknown.shop.clone());
        }
        _ => {}
    }
}

fn line(line: Option<&pb::StockLine>, fields: &mut Fields) {
    let Some(line) = line else { return };
    item(line.item.as_ref(), fields);
    put(fields, "quantity", decimal(line.quantity.as_ref()));
    put(fields, "unit", line.unit.clone());
    put(fields, "pack_size", decimal(line.pack_size.as_ref()));
    price(line.price.as_ref(), fields);
    put(fields, "party", line.party.clone());
    put(fields, "when", line.when.as_ref().map(|when| when.phrase.clone()).unwrap_or_default());
    put(fields, "location", line.location.clone());
    put(fields, "credit", if line.credit { "true" } else { "" }.to_owned());
    put(fields, "approx", if line.approximate { "true" } else { "" }.to_owned());
    put(fields, "assert_after", decimal(line.quantity_after.as_ref()));
    put(fields, "ref", line.document_number.clone());
    put(fields, "pay", line.payment.clone());
}

fn item(item: Option<&pb::ItemMention>, fields: &mut Fields) {
    let Some(item) = item else { return };
    put(fields, "item", if item.everything { "*".to_owned() } else { item.name.clone() });
    put(fields, "item_en", item.english_name.clone());
    put(fields, "code", item.barcode.clone());
}

fn price(price: Option<&pb::Price>, fields: &mut Fields) {
    let Some(price) = price else { return };
    put(fields, "price", decimal(price.money.as_ref().and_then(|money| money.amount.as_ref())));
    let basis = match price.basis() {
        pb::PriceBasis::Unspecified => "",
        pb::PriceBasis::Each => "each",
        pb::PriceBasis::Total => "total",
        pb::PriceBasis::Unit => "per_unit",
    };
    put(fields, "price_basis", basis.to_owned());
}

fn decimal(value: Option<&proto::common::v1::Decimal>) -> String {
    value.map(|value| plain(&value.value)).unwrap_or_default()
}

/// The number without zeros that say nothing.
pub fn plain(number: &str) -> String {
    if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.').to_owned() } else { number.to_owned() }
}

fn count(number: i32) -> String {
    if number == 0 { String::new() } else { number.to_string() }
}

fn enum_word(name: &str, prefix: &str) -> String {
    name.trim_start_matches(prefix).to_lowercase()
}

/// Keeps what was said; what was not is absent.
fn put(fields: &mut Fields, key: &'static str, value: String) {
    if value.is_empty() {
        fields.remove(key);
    } else {
        fields.insert(key, value);
    }
}
