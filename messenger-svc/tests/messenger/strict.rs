//! What Meta takes: a body that breaks its reference is refused with Meta's code, as Meta would.

use serde_json::Value;

/// Checks the body of a send. `Err` is Meta's code.
pub fn check(body: &Value, uploads: &[String]) -> Result<(), i32> {
    if body["messaging_product"] != "whatsapp" || body["recipient_type"] != "individual" {
        return Err(131_008);
    }
    let (to, recipient) = (body["to"].as_str(), body["recipient"].as_str());
    match (to, recipient) {
        (Some(to), None) if to.starts_with('+') && to[1..].bytes().all(|byte| byte.is_ascii_digit()) => {}
        (None, Some(recipient)) if recipient.contains('.') => {}
        _ => return Err(100),
    }
    if body["biz_opaque_callback_data"].as_str().is_none_or(|data| data.is_empty() || data.len() > 512) {
        return Err(131_009);
    }
    let kind = body["type"].as_str().ok_or(131_008)?;
    if body.get(kind).is_none() || (kind == "reaction" && body.get("context").is_some()) {
        return Err(131_009);
    }
    let is_good = match kind {
        "text" => has(&body["text"]["body"], 1, 4096),
        "interactive" => interactive(&body["interactive"]),
        "reaction" => has(&body["reaction"]["message_id"], 1, 512) && body["reaction"]["emoji"].is_string(),
        "template" => template(&body["template"]),
        "document" => {
            let document = &body["document"];
            let is_known = document["id"].as_str().is_some_and(|id| uploads.iter().any(|upload| upload == id));
            is_known && has(&document["filename"], 1, 240) && optional(document.get("caption"), 1024)
        }
        _ => return Err(131_051),
    };
    if is_good { Ok(()) } else { Err(131_009) }
}

fn interactive(interactive: &Value) -> bool {
    let action = &interactive["action"];
    let is_good = match interactive["type"].as_str() {
        Some("button") => {
            let buttons = list(&action["buttons"]);
            let title = |button: &Value| button["reply"]["title"].clone();
            (1..=3).contains(&buttons.len())
                && buttons.iter().enumerate().all(|(i, button)| {
                    button["type"] == "reply"
                        && has(&button["reply"]["id"], 1, 256)
                        && has(&button["reply"]["title"], 1, 20)
                        && !buttons[..i].iter().any(|other| title(other) == title(button))
                })
        }
        Some("list") => {
            let sections = list(&action["sections"]);
            let rows: Vec<&Value> = sections.iter().flat_map(|section| list(&section["rows"])).collect();
            has(&action["button"], 1, 20)
                && (1..=10).contains(&rows.len())
                && sections.iter().all(|section| optional(section.get("title"), 24))
                && (sections.len() == 1 || sections.iter().all(|section| section.get("title").is_some()))
                && rows.iter().all(|row| {
                    has(&row["id"], 1, 200) && has(&row["title"], 1, 24) && optional(row.get("description"), 72)
                })
        }
        _ => false,
    };
    is_good && has(&interactive["body"]["text"], 1, 1024)
}

fn template(template: &Value) -> bool {
    let parameter = |parameter: &Value| match parameter["type"].as_str() {
        Some("text") => has(&parameter["text"], 1, 2000),
        Some("payload") => has(&parameter["payload"], 1, 256),
        _ => false,
    };
    has(&template["name"], 1, 512)
        && has(&template["language"]["code"], 2, 16)
        && template.get("components").is_none_or(|components| {
            list(components).iter().all(|component| {
                let is_button = component["type"] == "button";
                ["header", "body", "button"].iter().any(|kind| component["type"] == **kind)
                    && is_button == component["index"].is_string()
                    && is_button == component["sub_type"].is_string()
                    && list(&component["parameters"]).iter().all(parameter)
                    && !list(&component["parameters"]).is_empty()
            })
        })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn has(value: &Value, units_min: usize, units_max: usize) -> bool {
    value.as_str().is_some_and(|text| (units_min..=units_max).contains(&text.encode_utf16().count()))
}

fn optional(value: Option<&Value>, units_max: usize) -> bool {
    value.is_none_or(|value| has(value, 1, units_max))
}
