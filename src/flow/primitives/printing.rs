//! Text that a project's own code writes: what `Display`, `Debug` and hand-written label encodings put out.
//!
//! Such code is run with a collector in the place of the formatter: a list of the pieces that are written to it.

use std::collections::HashMap;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit, State};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Data, Value};
use crate::knowledge::effect::Writes;
use crate::program::{ClassId, Const, FuncId, Name, name};
use crate::source::{Location, Span};

/// The functions by which classes write themselves, by what they are asked for.
pub(crate) type Writers = HashMap<(ClassId, Writes), FuncId>;

/// Below so many texts inside of texts nothing is told apart.
const MAX_NESTED: usize = 4;
/// Texts given by attributes are looked into so deep.
const MAX_INSIDE: usize = 3;

impl Machine<'_> {
    /// A value as text.
    pub(crate) fn printed(&mut self, state: &State, value: &Value, debug: bool, at: Location) -> Value {
        if value.ty.as_ref().is_some_and(|ty| self.tables().type_entry(ty.path).is_some_and(|entry| entry.hides)) {
            return Value::few();
        }
        let writes = if debug { Writes::Debug } else { Writes::Display };
        if let Some(text) = self.printed_by_project(state, value, writes, at) {
            return text;
        }
        if self.is_bounded(value) {
            return Value::few();
        }
        let taints = self.shown(&state.carry.heap, value, at);
        if value.is_constant() {
            return value.clone();
        }
        let few = value.few || !value.unknown && value.alts.iter().all(|alt| self.prints_few(&state.carry.heap, alt));
        let alts: Vec<Alt> =
            value.alts.iter().filter(|alt| matches!(alt, Alt::Const(_) | Alt::Template(_))).cloned().collect();
        let unknown = value.unknown || alts.len() < value.alts.len();
        Data { alts, unknown, few: few && taints.is_empty(), taints, via: value.via, ..Data::default() }.into()
    }

    fn prints_few(&self, heap: &crate::flow::values::store::Heap, alt: &Alt) -> bool {
        match alt {
            Alt::Const(_) | Alt::Path(_) | Alt::Status(_) | Alt::Metric(_) | Alt::Class(_) | Alt::Module(_) => true,
            Alt::Object(id) => self.object(heap, *id).is_some_and(|object| match object.kind {
                Kind::Variant(_) => object.entries.values().all(|value| !value.is_open()),
                Kind::Instance => object.class.is_some_and(|class| self.is_enumeration(class)),
                _ => false,
            }),
            _ => false,
        }
    }

    /// The text of a value whose class says itself how it is written; `None` for all others.
    pub(crate) fn printed_by_project(
        &mut self,
        state: &State,
        value: &Value,
        writes: Writes,
        at: Location,
    ) -> Option<Value> {
        if !self.is_rust() {
            return None;
        }
        let class = self.written_class(&state.carry, value)?;
        let text = match self.writer(class, writes) {
            Some(writer) => self.written_by(&state.carry, writer, value, at),
            None if writes == Writes::Display => {
                // Errors hold errors, which hold errors: each level has as many texts as it has variants.
                if self.printing.contains(&class) || self.printing.len() >= MAX_INSIDE || self.fuel == 0 {
                    return None;
                }
                self.printing.push(class);
                let text = self.written_by_attribute(state, class, value, at);
                self.printing.pop();
                text?
            }
            None => return None,
        };
        let others = value.with(|data| {
            data.unknown = false;
            data.alts.retain(|alt| matches!(alt, Alt::Const(_) | Alt::Template(_)));
        });
        Some(if others.alts.is_empty() { text } else { text.join(&others) })
    }

    /// What the project's own code writes of a value, piece by piece.
    pub(crate) fn pieces(&mut self, carry: &Carry, value: &Value, writes: Writes, at: Location) -> Option<Vec<Value>> {
        let class = self.written_class(carry, value)?;
        let writer = self.writer(class, writes)?;
        Some(self.run_writer(carry, writer, value, at).unwrap_or_default())
    }

    fn written_class(&self, carry: &Carry, value: &Value) -> Option<ClassId> {
        let by_object = value.objects().find_map(|id| {
            let object = self.object(&carry.heap, id)?;
            object.class.or_else(|| match object.kind {
                Kind::Variant(path) => self.enum_of(path),
                _ => None,
            })
        });
        let by_path =
            || value.alts.iter().find_map(|alt| if let Alt::Path(path) = alt { self.enum_of(*path) } else { None });
        by_object.or_else(by_path).or_else(|| value.ty.as_ref().and_then(|ty| self.program.class_at(ty.path)))
    }

    /// The enum that has the variant of this path.
    fn enum_of(&self, variant: Name) -> Option<ClassId> {
        variant.as_str().rsplit_once('.').and_then(|(owner, _)| self.program.class_at(name(owner)))
    }

    fn writer(&mut self, class: ClassId, writes: Writes) -> Option<FuncId> {
        if self.writers.is_none() {
            self.writers = Some(self.all_writers());
        }
        self.writers.as_ref()?.get(&(class, writes)).copied()
    }

    fn all_writers(&self) -> Writers {
        let mut found = Writers::new();
        for block in &self.program.impls {
            let Some(of) = &block.of else { continue };
            let Some(entry) = self.tables().type_entry(self.program.canonical(of.path)) else { continue };
            let Some(writes) = entry.writes else { continue };
            let Some(class) = self.program.class_at(block.ty.path) else { continue };
            let method = entry.function.as_deref().unwrap_or("fmt");
            if let Some((_, function)) = block.methods.iter().find(|(known, _)| known.as_str() == method) {
                found.entry((class, writes)).or_insert(*function);
            }
        }
        found
    }

    fn written_by(&mut self, carry: &Carry, writer: FuncId, value: &Value, at: Location) -> Value {
        match self.run_writer(carry, writer, value, at) {
            Some(pieces) => {
                let parts: Vec<(Value, String)> = pieces.into_iter().map(|piece| (piece, "…".to_owned())).collect();
                if parts.is_empty() { Value::text("") } else { self.concatenate(&parts, at) }
            }
            // Too deep, or it could not be followed: all that it may show.
            None => {
                let taints = self.shown(&carry.heap, value, at);
                Value::unknown().tainted(&taints)
            }
        }
    }

    /// Runs the function that writes a value; the pieces that it wrote, where it could be followed.
    fn run_writer(&mut self, carry: &Carry, writer: FuncId, value: &Value, at: Location) -> Option<Vec<Value>> {
        let nested = self.frames.iter().filter(|frame| self.program.function(frame.function).name.as_str() == "fmt");
        if nested.count() >= MAX_NESTED || self.frames.iter().filter(|frame| frame.function == writer).count() > 1 {
            return None;
        }
        let mut carry = carry.clone();
        let mut collector = Object::new(Kind::List);
        let params = &self.program.function(writer).params;
        let ty = params.get(1).and_then(|param| param.ty.as_ref()).map(|ty| self.tables().canonical(ty.path));
        collector.ty = ty.filter(|ty| self.tables().type_entry(*ty).is_some()).or(Some(name(FORMATTER)));
        let id = self.make(&mut carry.heap, (at.span, 60), collector);
        let receiver = value.with(|data| data.taints.retain(|taint| !taint.guessed));
        let args = Args::of(vec![Value::object(id)]);
        let exits = self.run_method(carry, writer, receiver, args, at.span);
        let mut all: Option<Object> = None;
        for exit in exits.iter().filter(|exit| !exit.raised) {
            let Some(written) = self.object(&exit.carry.heap, id) else { continue };
            all = Some(all.map_or_else(|| (*written).clone(), |all| all.join(&written)));
        }
        let all = all?;
        let mut pieces: Vec<Value> = all.entries.into_values().collect();
        // Several pieces in no known order are one.
        pieces.extend(all.rest.map(|rest| rest.carried().with(|data| data.few = rest.few && rest.taints.is_empty())));
        Some(pieces)
    }

    /// Puts a piece of text into a collector; nothing happens where the target is none.
    pub(crate) fn write_into(&mut self, carry: &mut Carry, target: &Value, piece: Value) -> bool {
        let collectors: Vec<ObjId> = target
            .objects()
            .filter(|id| self.object(&carry.heap, *id).is_some_and(|object| object.kind == Kind::List))
            .collect();
        let piece = crate::flow::run::displays::stored(piece);
        for id in &collectors {
            let piece = piece.clone();
            self.change(&mut carry.heap, *id, |object| object.push(piece));
        }
        !collectors.is_empty()
    }

    /// Whether a value is the formatter or encoder with which the project's own code is run.
    pub(crate) fn is_collector(&self, heap: &Heap, value: &Value) -> bool {
        value.objects().any(|id| {
            let object = self.object(heap, id);
            object.is_some_and(|object| object.kind == Kind::List && object.ty.is_some())
        })
    }

    /// `write!(formatter, …)`.
    pub(crate) fn print_all(&mut self, carry: &Carry, all: &[Value], span: Span) -> Exit {
        let at = self.at(span);
        let state = State { carry: carry.clone(), ..State::default() };
        let mut parts: Vec<(Value, String)> = Vec::new();
        for value in all.iter().skip(1) {
            parts.push((self.printed(&state, value, false, at), "…".to_owned()));
        }
        let (text, mut carry) = (self.concatenate(&parts, at), carry.clone());
        if let Some(target) = all.first() {
            self.write_into(&mut carry, target, text);
        }
        let value = self.wrap(&mut carry, "Ok", Value::constant(Const::Unit), span);
        Exit::returns(value, carry)
    }

    /// `formatter.write_str(x)`, `formatter.field("x", &x)`, `x.fmt(formatter)`.
    pub(crate) fn print(&mut self, carry: &Carry, primitive: &str, all: &[Value], span: Span) -> Exit {
        let mut carry = carry.clone();
        let at = self.at(span);
        let (what, target) = match (primitive, all) {
            ("print-into", [what, .., target]) => (what, target),
            (_, [target, .., what]) => (what, target),
            _ => return Exit::returns(Value::unknown(), carry),
        };
        let (what, target) = (what.clone(), target.clone());
        // A pair of a label's name and its value.
        let pair = what.objects().find_map(|id| {
            let object = self.object(&carry.heap, id).filter(|object| object.kind == Kind::Tuple)?;
            Some((object.get(Const::Int(0))?, object.get(Const::Int(1))?)).filter(|_| object.entries.len() == 2)
        });
        let (label, what) = match pair {
            Some((label, value)) => (label.single_text(), value),
            None => (None, what),
        };
        let state = State { carry: carry.clone(), ..State::default() };
        let piece = match self.printed_by_project(&state, &what, Writes::Label, at) {
            Some(text) => text,
            None => self.printed(&state, &what, false, at),
        };
        let piece = label.map_or_else(|| piece.clone(), |label| self.named(piece.clone(), label, at));
        self.write_into(&mut carry, &target, piece);
        let value = if primitive == "print-on" {
            target
        } else {
            self.wrap(&mut carry, "Ok", Value::constant(Const::Unit), span)
        };
        Exit::returns(value, carry)
    }

    /// The label value that an object stands for.
    pub(crate) fn label_text(&mut self, carry: &Carry, value: &Value, span: Span) -> Option<Value> {
        let state = State { carry: carry.clone(), ..State::default() };
        let at = self.at(span);
        self.printed_by_project(&state, value, Writes::Label, at)
    }
}

/// The type of a formatter.
const FORMATTER: &str = "std.fmt.Formatter";
