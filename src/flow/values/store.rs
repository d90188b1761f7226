//! Objects by id: a persistent map, so that states share what they have in common.
//!
//! A trie over the bits of the ids, which are hashes already (Bagwell, "Ideal Hash Trees", 2001, without the compression of
//! sparse nodes). Copying is one step, a change copies one path, and joining two heaps skips what they share.

use std::rc::Rc;

use super::heap::{ObjId, Object};

/// Children of a branch: four bits of the id choose one.
const WIDTH: usize = 16;

#[derive(Debug, Clone)]
enum Node {
    Leaf(ObjId, Rc<Object>),
    Branch(Rc<[Option<Node>; WIDTH]>),
}

/// Objects by id.
#[derive(Debug, Clone, Default)]
pub(crate) struct Heap {
    root: Option<Node>,
}

fn slot(id: ObjId, depth: u32) -> usize {
    (id.0 >> (60 - 4 * depth.min(15)) & 0xf) as usize
}

impl Heap {
    pub(crate) fn get(&self, id: ObjId) -> Option<&Rc<Object>> {
        let mut node = self.root.as_ref()?;
        let mut depth = 0;
        loop {
            match node {
                Node::Leaf(known, object) => return (*known == id).then_some(object),
                Node::Branch(children) => {
                    node = children[slot(id, depth)].as_ref()?;
                    depth += 1;
                }
            }
        }
    }

    pub(crate) fn set(&mut self, id: ObjId, object: Rc<Object>) {
        self.root = Some(insert(self.root.take(), id, object, 0));
    }

    /// All objects, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (ObjId, &Rc<Object>)> {
        let mut found = Vec::new();
        if let Some(root) = &self.root {
            collect(root, &mut found);
        }
        found.into_iter()
    }

    /// Objects that differ from those of an older heap, or are new.
    pub(crate) fn news(&self, older: &Heap) -> Vec<(ObjId, Rc<Object>)> {
        let mut found = Vec::new();
        differences(self.root.as_ref(), older.root.as_ref(), 0, &mut found);
        found
    }

    /// Joins two heaps; an object that only one has stays as it is. Whether anything changed.
    pub(crate) fn join(&mut self, other: &Heap) -> bool {
        let mut changed = false;
        for (id, theirs) in other.news(self) {
            match self.get(id) {
                Some(ours) if Rc::ptr_eq(ours, &theirs) || *ours == theirs => {}
                Some(ours) => {
                    let joined = ours.join(&theirs);
                    if joined != **ours {
                        self.set(id, Rc::new(joined));
                        changed = true;
                    }
                }
                None => {
                    self.set(id, theirs);
                    changed = true;
                }
            }
        }
        changed
    }
}

fn insert(node: Option<Node>, id: ObjId, object: Rc<Object>, depth: u32) -> Node {
    match node {
        None => Node::Leaf(id, object),
        Some(Node::Leaf(known, _)) if known == id => Node::Leaf(id, object),
        Some(Node::Leaf(known, old)) => {
            let mut children: [Option<Node>; WIDTH] = Default::default();
            children[slot(known, depth)] = Some(Node::Leaf(known, old));
            let at = slot(id, depth);
            children[at] = Some(insert(children[at].take(), id, object, depth + 1));
            Node::Branch(Rc::new(children))
        }
        Some(Node::Branch(mut children)) => {
            let inside = Rc::make_mut(&mut children);
            let at = slot(id, depth);
            inside[at] = Some(insert(inside[at].take(), id, object, depth + 1));
            Node::Branch(children)
        }
    }
}

fn collect<'a>(node: &'a Node, found: &mut Vec<(ObjId, &'a Rc<Object>)>) {
    match node {
        Node::Leaf(id, object) => found.push((*id, object)),
        Node::Branch(children) => children.iter().flatten().for_each(|child| collect(child, found)),
    }
}

fn find(node: Option<&Node>, id: ObjId, depth: u32) -> Option<&Rc<Object>> {
    match node? {
        Node::Leaf(known, object) => (*known == id).then_some(object),
        Node::Branch(children) => find(children[slot(id, depth)].as_ref(), id, depth + 1),
    }
}

fn differences(new: Option<&Node>, old: Option<&Node>, depth: u32, found: &mut Vec<(ObjId, Rc<Object>)>) {
    let Some(new) = new else { return };
    match (new, old) {
        (Node::Branch(a), Some(Node::Branch(b))) => {
            if !Rc::ptr_eq(a, b) {
                for (a, b) in a.iter().zip(b.iter()) {
                    differences(a.as_ref(), b.as_ref(), depth + 1, found);
                }
            }
        }
        (Node::Leaf(id, object), old) => {
            if find(old, *id, depth).is_none_or(|known| !Rc::ptr_eq(known, object)) {
                found.push((*id, object.clone()));
            }
        }
        (Node::Branch(children), old) => {
            // The other side has at most one object here.
            for child in children.iter().flatten() {
                let mut inside = Vec::new();
                collect(child, &mut inside);
                for (id, object) in inside {
                    if find(old, id, depth).is_none_or(|known| !Rc::ptr_eq(known, object)) {
                        found.push((id, object.clone()));
                    }
                }
            }
        }
    }
}
