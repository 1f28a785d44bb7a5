//! The descriptor set as the rules want to walk it: every declaration with its name, its place and its comment.

use std::collections::HashMap;

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto, MethodDescriptorProto,
};

// Field numbers of descriptor.proto, of which source paths are made.
const FILE_MESSAGE: i32 = 4;
const FILE_ENUM: i32 = 5;
const FILE_SERVICE: i32 = 6;
const MESSAGE_FIELD: i32 = 2;
const MESSAGE_NESTED: i32 = 3;
const MESSAGE_ENUM: i32 = 4;
const MESSAGE_ONEOF: i32 = 8;
const ENUM_VALUE: i32 = 2;
const SERVICE_METHOD: i32 = 2;

/// A declaration.
pub enum Declared<'a> {
    Service,
    Rpc(&'a MethodDescriptorProto),
    Message,
    Field(&'a FieldDescriptorProto),
    Oneof,
    Enum(&'a EnumDescriptorProto),
    Value,
}

impl Declared<'_> {
    /// What people call it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service => "service",
            Self::Rpc(_) => "RPC",
            Self::Message => "message",
            Self::Field(_) => "field",
            Self::Oneof => "oneof",
            Self::Enum(_) => "enum",
            Self::Value => "enum value",
        }
    }
}

/// A declaration with its name and comment.
pub struct Entry<'a> {
    /// Dotted, within the file: `Bell.display_name`.
    pub path: String,
    /// The last part of `path`.
    pub name: &'a str,
    pub comment: String,
    pub declared: Declared<'a>,
}

/// Returns every declaration of a file, in no order that matters.
pub fn entries(file: &FileDescriptorProto) -> Vec<Entry<'_>> {
    let comments: HashMap<&[i32], &str> = file
        .source_code_info
        .iter()
        .flat_map(|info| &info.location)
        .map(|location| (location.path.as_slice(), location.leading_comments()))
        .collect();
    let mut walk = Walk { comments, found: Vec::new() };
    for (index, message) in (0..).zip(&file.message_type) {
        walk.message(message, "", vec![FILE_MESSAGE, index]);
    }
    for (index, declared) in (0..).zip(&file.enum_type) {
        walk.enumeration(declared, "", vec![FILE_ENUM, index]);
    }
    for (index, service) in (0..).zip(&file.service) {
        let path = vec![FILE_SERVICE, index];
        walk.add("", service.name(), &path, Declared::Service);
        for (index, rpc) in (0..).zip(&service.method) {
            walk.add(service.name(), rpc.name(), &below(&path, SERVICE_METHOD, index), Declared::Rpc(rpc));
        }
    }
    walk.found
}

struct Walk<'a> {
    comments: HashMap<&'a [i32], &'a str>,
    found: Vec<Entry<'a>>,
}

impl<'a> Walk<'a> {
    fn add(&mut self, parent: &str, name: &'a str, place: &[i32], declared: Declared<'a>) {
        let comment = self.comments.get(place).map(|comment| comment.trim().to_owned()).unwrap_or_default();
        self.found.push(Entry { path: join(parent, name), name, comment, declared });
    }

    fn message(&mut self, message: &'a DescriptorProto, parent: &str, place: Vec<i32>) {
        self.add(parent, message.name(), &place, Declared::Message);
        let path = join(parent, message.name());
        for (index, field) in (0..).zip(&message.field) {
            self.add(&path, field.name(), &below(&place, MESSAGE_FIELD, index), Declared::Field(field));
        }
        for (index, oneof) in (0..).zip(&message.oneof_decl) {
            // `optional` makes a oneof of its own that nobody wrote.
            let is_written = message
                .field
                .iter()
                .any(|field| field.oneof_index == Some(index) && !field.proto3_optional.unwrap_or_default());
            if is_written {
                self.add(&path, oneof.name(), &below(&place, MESSAGE_ONEOF, index), Declared::Oneof);
            }
        }
        for (index, nested) in (0..).zip(&message.nested_type) {
            self.message(nested, &path, below(&place, MESSAGE_NESTED, index));
        }
        for (index, nested) in (0..).zip(&message.enum_type) {
            self.enumeration(nested, &path, below(&place, MESSAGE_ENUM, index));
        }
    }

    fn enumeration(&mut self, declared: &'a EnumDescriptorProto, parent: &str, place: Vec<i32>) {
        self.add(parent, declared.name(), &place, Declared::Enum(declared));
        let path = join(parent, declared.name());
        for (index, value) in (0..).zip(&declared.value) {
            self.add(&path, value.name(), &below(&place, ENUM_VALUE, index), Declared::Value);
        }
    }
}

fn below(place: &[i32], kind: i32, index: i32) -> Vec<i32> {
    [place, &[kind, index]].concat()
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}
