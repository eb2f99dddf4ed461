use std::collections::HashSet;

use uuid::Uuid;

use super::{Object, common, objects};
use crate::export::{Item, Publisher, publisher::own_id};

/// A bundle that is written item by item. An object that several items share is written once; of each, the id is
/// remembered.
pub struct Bundle {
    publisher: Publisher,
    written: HashSet<Uuid>,
}

impl Bundle {
    /// An empty bundle.
    pub fn new(publisher: Publisher) -> Self {
        Self { publisher, written: HashSet::new() }
    }

    /// Appends the head and what all objects share.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        let id = own_id(&["bundle", &self.publisher.url]);
        let head = format!("{{\"type\":\"bundle\",\"id\":\"bundle--{id}\",\"objects\":[");
        out.extend(head.as_bytes());
        self.append(&common(), out);
    }

    /// Appends the objects of an item.
    pub fn item(&mut self, item: &Item, out: &mut Vec<u8>) {
        let objects = objects(&self.publisher, item);
        self.append(&objects, out);
    }

    /// Appends the end.
    pub fn end(&mut self, out: &mut Vec<u8>) {
        out.extend(b"]}\n");
    }

    fn append(&mut self, objects: &[Object], out: &mut Vec<u8>) {
        for object in objects {
            let id = object.id().split_once("--").and_then(|(_, id)| id.parse().ok());
            // `marking-definition` and `identity` never share a UUID: it is made from the kind, too.
            if !self.written.insert(id.unwrap_or_default()) {
                continue;
            }
            if self.written.len() > 1 {
                out.push(b',');
            }
            serde_json::to_writer(&mut *out, object.members())
                .expect("plain data can be written as JSON");
        }
    }
}
