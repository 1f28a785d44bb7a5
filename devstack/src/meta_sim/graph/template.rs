//! `template` of a send: its shape, and whether there is such a template. Section 4.3.

use super::error::GraphError;
use super::fields::Fields;
use super::request::Addressee;
use crate::meta_sim::manage::MessageTemplate;
use crate::meta_sim::template::{ButtonFilling, Filling, Parameter};
use crate::meta_sim::world::World;

const NAME_UNIT_COUNT_MAX: usize = 512;
const LANGUAGE_UNIT_COUNT_MAX: usize = 16;
const PARAMETER_UNIT_COUNT_MAX: usize = 32_768;
const PAYLOAD_UNIT_COUNT_MAX: usize = 256;
const COMPONENT_COUNT_MAX: usize = 12;
const PARAMETER_COUNT_MAX: usize = 100;
/// The kinds of parameter that Meta has.
const PARAMETER_KINDS: [&str; 8] = ["text", "payload", "currency", "date_time", "image", "video", "document", "action"];

/// Which template is wanted, and what fills it.
#[derive(Clone, Debug)]
pub(crate) struct TemplateCall {
    name: String,
    language: String,
    filling: Filling,
}

/// A template that may be sent, with what the phone shows of it.
pub(super) struct Ready {
    pub(super) text: String,
    pub(super) quick_replies: Vec<(String, String)>,
    pub(super) category: &'static str,
}

pub(super) fn parse(template: &Fields<'_>) -> Result<TemplateCall, GraphError> {
    template.only(&["name", "language", "components", "namespace"])?;
    let name = template.text("name", NAME_UNIT_COUNT_MAX)?;
    if !name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_') {
        return Err(GraphError::invalid_value(
            "Param template['name'] may hold lower-case letters, digits and underscores.",
        ));
    }
    let language = template.object("language")?;
    language.only(&["code", "policy"])?;
    let code = language.text("code", LANGUAGE_UNIT_COUNT_MAX)?;
    let mut filling = Filling::default();
    if template.has("components") {
        for component in template.objects("components", &(0..=COMPONENT_COUNT_MAX))? {
            parse_component(&component, &mut filling)?;
        }
    }
    Ok(TemplateCall { name: name.to_owned(), language: code.to_owned(), filling })
}

fn parse_component(component: &Fields<'_>, filling: &mut Filling) -> Result<(), GraphError> {
    component.only(&["type", "sub_type", "index", "parameters"])?;
    let kind = component.one_of("type", &["header", "body", "button"])?;
    let parameters = component
        .objects("parameters", &(1..=PARAMETER_COUNT_MAX))?
        .iter()
        .map(parse_parameter)
        .collect::<Result<Vec<_>, _>>()?;
    match kind {
        "header" => filling.header = parameters,
        "body" => filling.body = parameters,
        _ => filling.buttons.push(ButtonFilling {
            sub_type: component.one_of("sub_type", &["quick_reply", "url", "copy_code"])?.to_owned(),
            index: component.small_number("index")?,
            parameter: single(parameters)?,
        }),
    }
    Ok(())
}

fn parse_parameter(parameter: &Fields<'_>) -> Result<Parameter, GraphError> {
    let kind = parameter.one_of("type", &PARAMETER_KINDS)?;
    let name = parameter.optional_text("parameter_name", NAME_UNIT_COUNT_MAX)?.map(str::to_owned);
    let text = match kind {
        "text" => parameter.text("text", PARAMETER_UNIT_COUNT_MAX)?,
        "payload" => parameter.text("payload", PAYLOAD_UNIT_COUNT_MAX)?,
        _ => "",
    };
    if ["text", "payload"].contains(&kind) {
        parameter.only(&["type", "parameter_name", kind])?;
    }
    Ok(Parameter { kind: kind.to_owned(), name, text: text.to_owned() })
}

fn single(mut parameters: Vec<Parameter>) -> Result<Parameter, GraphError> {
    match (parameters.len(), parameters.pop()) {
        (1, Some(parameter)) => Ok(parameter),
        _ => Err(GraphError::of_code(132_000).details("a button takes one parameter")),
    }
}

/// Looks the template up and fills it.
pub(super) fn resolve(world: &World, call: &TemplateCall, addressee: &Addressee) -> Result<Ready, GraphError> {
    let template = world.account.template(&call.name, &call.language).ok_or_else(|| missing(call))?;
    check_status(&template, call)?;
    let category = match template.category.as_str() {
        "AUTHENTICATION" => "authentication",
        "UTILITY" => "utility",
        _ => "marketing",
    };
    if category == "authentication" && matches!(addressee, Addressee::UserId(_)) {
        return Err(GraphError::of_code(131_062));
    }
    let filled = template.form.fill(&call.filling)?;
    Ok(Ready { text: filled.text, quick_replies: filled.quick_replies, category })
}

fn check_status(template: &MessageTemplate, call: &TemplateCall) -> Result<(), GraphError> {
    match template.status.as_str() {
        "APPROVED" => Ok(()),
        "PAUSED" => Err(GraphError::of_code(132_015)),
        "DISABLED" => Err(GraphError::of_code(132_016)),
        _ => Err(missing(call)),
    }
}

fn missing(call: &TemplateCall) -> GraphError {
    let details = format!("template name ({}) does not exist in {}", call.name, call.language);
    GraphError::of_code(132_001).details(details)
}
