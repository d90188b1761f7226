//! Fields that objects have without anybody writing them in a class: what is kept on a request on its way, what forms
//! declare, the names of enum members, elements of named tuples.

use std::rc::Rc;

use crate::program::{ClassId, Const, Name, TypeRef, name};
use crate::source::{Location, Span};

use crate::flow::run::displays::stored;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::store::Heap;
use crate::flow::values::value::{Alt, Taint, Value};

/// The type of a map of what the fields of a form (its argument) hold.
const FIELDS: &str = "<fields>";
/// Begins the type of a tuple whose elements have names, which follow.
const NAMED_TUPLE: &str = "<named tuple>";
/// The type of what `namedtuple` makes; its entry `0` is the type of its tuples.
const TUPLE_CLASS: &str = "<named tuple class>";

impl Machine<'_> {
    /// The type, among a type and its ancestors, on whose objects code keeps what other code reads later.
    fn keeper(&self, ty: Option<Name>) -> Option<Name> {
        let ty = ty?;
        let mut all = vec![ty];
        all.extend(self.tables().ancestors(ty));
        all.into_iter().find(|ty| self.tables().type_entry(*ty).is_some_and(|entry| entry.keeps))
    }

    /// Something is kept on a request or the like: code that handles the same request elsewhere can read it.
    pub(crate) fn keep_on(&mut self, heap: &Heap, object: &Value, field: Name, value: &Value) {
        let known = object.ty.as_ref().filter(|_| object.unknown).map(|ty| ty.path);
        let made = || object.objects().find_map(|id| self.object(heap, id)?.ty);
        let Some(ty) = self.keeper(known.or_else(made)) else { return };
        let id = kept(ty);
        let mut all = self.base.peek(id).map_or_else(|| Object::new(Kind::Names), |known| (**known).clone());
        self.outlive(value);
        let next = all.field(field).map_or_else(|| value.clone(), |old| old.join(value));
        if all.field(field) != Some(&next) {
            all.entries.insert(Const::Str(field), next);
            self.base.insert(id, Rc::new(all));
        }
    }

    /// What was kept so.
    pub(crate) fn kept_on(&self, object: &Value, field: Name) -> Option<Value> {
        let ty = self.keeper(object.ty.as_ref().map(|ty| ty.path))?;
        self.base.get(kept(ty))?.field(field).cloned()
    }

    /// Whether an attribute of an enum's member is one of few: its name and its value.
    pub(crate) fn is_member_field(&self, class: Option<ClassId>, field: Name) -> bool {
        matches!(field.as_str(), "name" | "value" | "_name_" | "_value_")
            && class.is_some_and(|class| self.is_enumeration(class))
    }

    /// A map of what the fields that the object's class declares hold.
    pub(crate) fn fields_of(&self, class: ClassId, value: Value) -> Value {
        let held = TypeRef { path: name(FIELDS), args: [TypeRef::plain(self.program.class(class).path)].into() };
        let ty = TypeRef { path: name("builtins.dict"), args: [TypeRef::plain(name("builtins.str")), held].into() };
        value.with(|data| data.ty = Some(ty))
    }

    /// The value under a key of such a map where the declaration of its field says what it can be; and the type of
    /// the elements of other maps.
    pub(crate) fn declared_element(&mut self, map: &Value, key: Option<Name>, at: Location) -> Option<Value> {
        let held = map.ty.as_ref()?.args.last()?.clone();
        if held.path.as_str() != FIELDS {
            return None;
        }
        let class = self.program.class_at(held.args.first()?.path)?;
        self.declared_content(class, key?, at)
    }

    /// What a field holds whose class attribute is a library's field object (`forms.ChoiceField(…)`).
    pub(crate) fn declared_content(&mut self, class: ClassId, field: Name, at: Location) -> Option<Value> {
        let declared = self.class_attribute(&crate::flow::values::store::Heap::default(), class, field)?;
        let ty = declared.ty.as_ref().filter(|_| declared.unknown)?.path;
        let mut all = vec![ty];
        all.extend(self.tables().ancestors(ty));
        let known = all.into_iter().find_map(|ty| self.tables().type_entry(ty)?.declares.clone())?;
        if known.bounded {
            return Some(Value::few());
        }
        let category = known.category?;
        let note = format!("`{field}` is declared to hold {}", known.what);
        Some(Value::unknown().tainted(&[Taint::new(Some(category), &known.what, at, note)]))
    }

    /// `tuple[0]` where the class names its elements.
    pub(crate) fn positional_field(&self, object: &Object, index: &Value) -> Option<Value> {
        let class = object.class.filter(|class| self.program.method(*class, name("__getitem__")).is_none())?;
        let Some(Const::Int(position)) = index.single() else { return None };
        let fields = &self.program.class(class).fields;
        let position = if position < 0 { position + fields.len() as i64 } else { position };
        let field = fields.get(usize::try_from(position).ok()?)?;
        object.field(field.name).cloned()
    }

    /// `namedtuple("Point", "x y")`: something that makes tuples whose elements have names.
    pub(crate) fn tuple_class(&mut self, carry: &mut Carry, fields: Option<&Value>, span: Span) -> Value {
        let Some(fields) = fields else { return Value::unknown() };
        let names = match fields.single_text() {
            Some(text) => Some(text.as_str().replace(',', " ")),
            None => self
                .label_names(carry, fields)
                .map(|names| names.iter().map(|known| known.as_str().to_owned()).collect::<Vec<_>>().join(" ")),
        };
        let Some(names) = names else { return Value::unknown() };
        let mut object = Object::new(Kind::Opaque);
        object.ty = Some(name(TUPLE_CLASS));
        let words: Vec<&str> = names.split_whitespace().collect();
        object.set(Const::Int(0), Value::text(&format!("{NAMED_TUPLE} {}", words.join(" "))));
        let id = self.make(&mut carry.heap, (span, 44), object);
        Value::object(id)
    }

    /// A call of what [`Machine::tuple_class`] made.
    pub(crate) fn make_tuple(&mut self, carry: &mut Carry, class: &Object, args: &Args, span: Span) -> Option<Value> {
        let ty = class.ty.filter(|ty| ty.as_str() == TUPLE_CLASS).and(class.get(Const::Int(0)))?.single_text()?;
        let mut tuple = Object::new(Kind::Tuple);
        tuple.ty = Some(ty);
        for (position, field) in ty.as_str().split(' ').skip(2).enumerate() {
            let keyword = args.keywords.iter().find(|(key, _)| key.as_str() == field).map(|(_, value)| value);
            let value = args.positional.get(position).or(keyword).or(args.more.as_ref());
            tuple.push(value.cloned().unwrap_or_else(Value::few).with(|data| data.via = 0));
        }
        let id = self.make(&mut carry.heap, (span, 45), tuple);
        Some(Value::object(id))
    }

    /// `tuple.x`.
    pub(crate) fn named_element(&self, object: &Object, field: Name) -> Option<Value> {
        let names = object.ty?.as_str().strip_prefix(NAMED_TUPLE)?;
        let position = names.split_whitespace().position(|known| known == field.as_str())?;
        object.get(Const::Int(position as i64))
    }

    /// The first argument of a call by which a class makes the instance's method: `str.lower(text)`.
    pub(crate) fn method_through_type(&self, path: Name, args: &Args) -> Option<(Value, Name, Args)> {
        let (owner, method) = path.as_str().rsplit_once('.')?;
        if self.is_rust() || !owner.starts_with("builtins.") || self.tables().type_entry(name(owner)).is_none() {
            return None;
        }
        let mut rest = args.clone();
        let first = (!rest.positional.is_empty()).then(|| rest.positional.remove(0))?;
        Some((first, name(method), rest))
    }

    /// A map whose missing entries a function makes: one such value stands for all.
    pub(crate) fn default_dict(&mut self, carry: Carry, all: &[Value], span: Span) -> Option<Vec<Exit>> {
        let factory = all.first().cloned().unwrap_or_else(Value::none);
        let made = self.call_value(carry, &factory, Args::default(), span);
        let good = made.into_iter().filter(|exit| !exit.raised);
        let made = good.map(|mut exit| {
            let mut object = Object::new(Kind::Dict);
            object.set_any(&Value::unknown(), &stored(exit.value.clone()));
            let id = self.make(&mut exit.carry.heap, (span, 46), object);
            exit.value = Value::object(id);
            exit
        });
        Some(made.collect())
    }

    /// A method of something outside that is not called yet (`@app.before_request`, `send = client.incr`).
    pub(crate) fn method_as_value(
        &mut self,
        carry: &Carry,
        ty: Name,
        receiver: &Value,
        (method, span): (Name, Span),
    ) -> Option<Value> {
        let tables = self.tables();
        let described = tables.method_of(ty, method).is_some() || tables.handler_of(ty, method).is_some();
        if self.is_rust() || !described || tables.attribute_of(ty, method).is_some() {
            return None;
        }
        Some(self.bound_outside(carry, name(&format!("{ty}.{method}")), receiver.clone(), span))
    }

    /// A method from outside with its receiver.
    pub(crate) fn bound_outside(&mut self, carry: &Carry, path: Name, receiver: Value, span: Span) -> Value {
        let mut object = Object::new(Kind::BoundPath(path));
        self.outlive(&receiver);
        object.set_field(name("self"), receiver);
        let mut heap = carry.heap.clone();
        let id = self.make(&mut heap, (span, 7), object);
        self.base.keep(id, heap.get(id).cloned().unwrap_or_else(|| Rc::new(Object::new(Kind::Opaque))));
        Value::object(id)
    }

    /// What a decorator gives that leaves what it decorates as it is; called without that, it is another decorator.
    pub(crate) fn decorated(&mut self, primitive: &str, value: Value) -> Value {
        if !value.is_callable() && value.metrics().next().is_none() {
            return Value::path(name(if primitive == "cached" {
                REMEMBERS
            } else {
                crate::flow::primitives::python::IDENTITY
            }));
        }
        for alt in &value.alts {
            if let Alt::Function(function, _) = alt
                && primitive == "cached"
            {
                self.cached.insert(*function);
            }
        }
        value
    }
}

/// A decorator that remembers what a function returned, without options.
const REMEMBERS: &str = "functools.cache";

fn kept(ty: Name) -> ObjId {
    ObjId::at(0, ("kept", ty))
}
