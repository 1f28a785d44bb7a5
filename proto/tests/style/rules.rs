//! The rules. Each complaint names the file, the declaration and the rule.

use std::collections::{BTreeSet, HashMap};

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet, MethodDescriptorProto,
};

use crate::contract::{Declared, Entry, entries};
use crate::names::{holds_preposition, is_lower_snake, is_pascal, same_letters, snake, value_prefix, words};

/// Verbs of calls that change nothing.
const READING_VERBS: [&str; 5] = ["Get", "List", "Parse", "Watch", "Export"];

/// Calls that change something and are safe to repeat without a `request_id`, each with the reason.
const IDEMPOTENT_BY_CONTENT: [(&str, &str); 6] = [
    ("ForgetPerson", "whoever is forgotten stays so"),
    ("ImportStock", "its first message carries the `request_id`"),
    ("IdentifyMember", "the WhatsApp user is the key: the second call finds what the first one made"),
    ("LinkIdentity", "the names themselves are the key: the second call finds them linked"),
    ("MarkRead", "the message is the key: it is shown as read once or again"),
    ("RecordReceipts", "each receipt is named by its message and status"),
];

/// What every package may import besides its own files.
const SHARED: [&str; 2] = ["thebackroom/common/v1/", "google/protobuf/"];

/// Returns what breaks a rule.
pub fn complaints(set: &FileDescriptorSet) -> Vec<String> {
    let ours: Vec<&FileDescriptorProto> =
        set.file.iter().filter(|file| !file.package().starts_with("google.")).collect();
    let messages: HashMap<String, &DescriptorProto> = ours
        .iter()
        .flat_map(|file| file.message_type.iter().map(|message| (full(file, message.name()), message)))
        .collect();
    let reasons: BTreeSet<(&str, &str)> = ours
        .iter()
        .flat_map(|file| file.enum_type.iter().map(|declared| (file.package(), declared)))
        .filter(|(_, declared)| declared.name() == "ErrorReason")
        .flat_map(|(package, declared)| declared.value.iter().map(move |value| (package, value.name())))
        .collect();
    let mut found = Vec::new();
    for file in &ours {
        let mut judge = Judge { file, messages: &messages, reasons: &reasons, found: &mut found };
        judge.file();
        for entry in entries(file) {
            judge.entry(&entry);
        }
    }
    requests_and_responses_serve_one_rpc(&ours, &mut found);
    found
}

struct Judge<'a> {
    file: &'a FileDescriptorProto,
    messages: &'a HashMap<String, &'a DescriptorProto>,
    reasons: &'a BTreeSet<(&'a str, &'a str)>,
    found: &'a mut Vec<String>,
}

impl Judge<'_> {
    fn complain(&mut self, place: &str, complaint: impl std::fmt::Display) {
        let separator = if place.is_empty() { "" } else { ": " };
        self.found.push(format!("{}{separator}{place}: {complaint}", self.file.name()));
    }

    fn file(&mut self) {
        let package = self.file.package().to_owned();
        let parts: Vec<&str> = package.split('.').collect();
        let is_version = |part: &str| {
            part.strip_prefix('v')
                .map(|part| part.replacen("beta", "", 1))
                .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        };
        if !matches!(parts[..], ["thebackroom", noun, version] if is_lower_snake(noun) && is_version(version)) {
            self.complain("", "package is not thebackroom.<noun>.v<number>");
        }
        let (folder, file_name) = self.file.name().rsplit_once('/').unwrap_or_default();
        if folder != package.replace('.', "/") {
            self.complain("", "file lies outside the folder of its package");
        }
        let stem = file_name.trim_end_matches(".proto");
        match &self.file.service[..] {
            [] => {
                let declares = |name: &str| same_letters(name, stem);
                let has_noun = self.file.message_type.iter().any(|message| declares(message.name()))
                    || self.file.enum_type.iter().any(|declared| declares(declared.name()));
                if !has_noun || !is_lower_snake(stem) {
                    self.complain("", "file is not named for a message or enum in it");
                }
            }
            [service] if snake(service.name()) == stem => {}
            [service] => self.complain(service.name(), "file is not named for its service"),
            _ => self.complain("", "file holds more than one service"),
        }
        for import in &self.file.dependency {
            let is_own = import.starts_with(&format!("{folder}/"));
            if !is_own && !SHARED.iter().any(|shared| import.starts_with(shared)) {
                self.complain("", format_args!("imports {import}: packages share thebackroom.common.v1 alone"));
            }
        }
    }

    fn entry(&mut self, entry: &Entry<'_>) {
        if entry.comment.is_empty() {
            self.complain(&entry.path, format_args!("{} has no comment", entry.declared.kind()));
        }
        for reason in named_reasons(&entry.comment) {
            if !self.reasons.contains(&(self.file.package(), reason)) {
                self.complain(&entry.path, format_args!("{reason} is no reason of this package"));
            }
        }
        let kind = entry.declared.kind();
        match &entry.declared {
            Declared::Service => {
                if !is_pascal(entry.name) || !entry.name.ends_with("Service") {
                    self.complain(&entry.path, "service name does not end in Service");
                }
            }
            Declared::Rpc(rpc) => self.rpc(&entry.path, rpc),
            Declared::Message | Declared::Enum(_) if !is_pascal(entry.name) => {
                self.complain(&entry.path, format_args!("{kind} name is not PascalCase"));
            }
            Declared::Message | Declared::Value => {}
            Declared::Field(field) => self.field(entry, field),
            Declared::Oneof => {
                if !is_lower_snake(entry.name) {
                    self.complain(&entry.path, "oneof name is not lower_snake_case");
                }
            }
            Declared::Enum(declared) => {
                let prefix = value_prefix(declared.name());
                for value in &declared.value {
                    let place = format!("{}.{}", entry.path, value.name());
                    if !value.name().starts_with(&prefix) {
                        self.complain(&place, format_args!("value does not begin with {prefix}"));
                    }
                    if (value.number() == 0) != (value.name() == format!("{prefix}UNSPECIFIED")) {
                        self.complain(&place, format_args!("value 0 is not {prefix}UNSPECIFIED"));
                    }
                }
            }
        }
    }

    fn field(&mut self, entry: &Entry<'_>, field: &FieldDescriptorProto) {
        let name = entry.name;
        if !is_lower_snake(name) {
            self.complain(&entry.path, "field name is not lower_snake_case");
        }
        if name.starts_with("is_") {
            self.complain(&entry.path, "field name begins with is_");
        }
        let is_timestamp = field.type_name() == ".google.protobuf.Timestamp";
        if is_timestamp && !name.ends_with("_time") {
            self.complain(&entry.path, "timestamp does not end in _time");
        }
        if !is_timestamp && name.ends_with("_time") {
            self.complain(&entry.path, "ends in _time and is no google.protobuf.Timestamp");
        }
        if matches!(field.r#type(), Type::Double | Type::Float) {
            self.complain(&entry.path, "floats cannot carry amounts");
        }
        if name == "request_id" && entry.path.ends_with("Request.request_id") && !is_alternative(field) {
            let is_required = entry.comment.starts_with("Required.");
            if !is_required {
                self.complain(&entry.path, "comment does not begin with Required.");
            }
        }
    }

    fn rpc(&mut self, place: &str, rpc: &MethodDescriptorProto) {
        let name = rpc.name();
        if !is_pascal(name) || words(name).len() < 2 {
            self.complain(place, "RPC is not named by a verb and a noun");
        }
        if holds_preposition(name) {
            self.complain(place, "RPC name holds a preposition");
        }
        for (role, given) in [("Request", rpc.input_type()), ("Response", rpc.output_type())] {
            let wanted = full(self.file, &format!("{name}{role}"));
            if given != wanted {
                self.complain(place, format_args!("{} is not named {name}{role}", role.to_lowercase()));
            }
        }
        let (Some(request), Some(response)) =
            (self.messages.get(rpc.input_type()), self.messages.get(rpc.output_type()))
        else {
            return self.complain(place, "request and response are not messages of the contract");
        };
        let verb = words(name).first().copied().unwrap_or_default();
        if verb == "List" {
            self.list(place, &snake(&name[verb.len()..]), request, response);
        }
        let is_exempt = IDEMPOTENT_BY_CONTENT.iter().any(|(exempt, _)| *exempt == name);
        if !READING_VERBS.contains(&verb) && !is_exempt && !has(request, "request_id", Type::String) {
            self.complain(place, "mutating request has no `string request_id`");
        }
    }

    fn list(&mut self, place: &str, noun: &str, request: &DescriptorProto, response: &DescriptorProto) {
        if !has(request, "page_size", Type::Int32) {
            self.complain(place, "list request has no `int32 page_size`");
        }
        if !has(request, "page_token", Type::String) {
            self.complain(place, "list request has no `string page_token`");
        }
        match response.field.iter().find(|field| field.number() == 1) {
            Some(first) if first.label() == Label::Repeated => {
                // `ListStock` lists `stock_levels`: the noun may go on, it may not be another one.
                if !first.name().starts_with(noun) {
                    self.complain(place, format_args!("field 1 of a list response is not named {noun}"));
                }
            }
            _ => self.complain(place, "field 1 of a list response is not repeated"),
        }
        if !has(response, "next_page_token", Type::String) {
            self.complain(place, "list response has no `string next_page_token`");
        }
    }
}

/// A request or response that two RPCs or a field share can no longer grow for one of them.
fn requests_and_responses_serve_one_rpc(files: &[&FileDescriptorProto], found: &mut Vec<String>) {
    let mut used_by: HashMap<&str, Vec<&str>> = HashMap::new();
    for rpc in files.iter().flat_map(|file| &file.service).flat_map(|service| &service.method) {
        used_by.entry(rpc.input_type()).or_default().push(rpc.name());
        used_by.entry(rpc.output_type()).or_default().push(rpc.name());
    }
    for (message, rpcs) in &used_by {
        if rpcs.len() > 1 {
            found.push(format!("{message} is used by {}", rpcs.join(" and ")));
        }
    }
    for file in files {
        for entry in entries(file) {
            if let Declared::Field(field) = entry.declared
                && used_by.contains_key(field.type_name())
            {
                found.push(format!("{}: {} is also used by the field {}", file.name(), field.type_name(), entry.path));
            }
        }
    }
}

fn named_reasons(comment: &str) -> impl Iterator<Item = &str> {
    comment
        .split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
        .filter(|word| word.starts_with("ERROR_REASON_"))
}

fn is_alternative(field: &FieldDescriptorProto) -> bool {
    field.oneof_index.is_some()
}

fn has(message: &DescriptorProto, name: &str, kind: Type) -> bool {
    message.field.iter().any(|field| field.name() == name && field.r#type() == kind && field.label() != Label::Repeated)
}

fn full(file: &FileDescriptorProto, name: &str) -> String {
    format!(".{}.{name}", file.package())
}
