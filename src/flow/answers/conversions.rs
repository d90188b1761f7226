//! How values of the project's own types become responses, and which arm of it gave a response its status.

use crate::program::{ClassId, Const, FuncId, Name, Reg, Syntax, name};
use crate::source::{Location, Span};

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{Kind, ObjId};
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, Value};

impl Machine<'_> {
    /// The methods by which a class becomes a response, in the order in which the libraries ask for them.
    pub(crate) fn converting_methods(&self, class: ClassId) -> Vec<FuncId> {
        let tables = self.knowledge.tables(Syntax::Rust);
        let of = self.outside_bases(class).into_iter().filter_map(|of| tables.type_entry(of));
        let methods: Vec<Name> = of.flat_map(|entry| entry.converts.iter().map(|method| name(method))).collect();
        methods.into_iter().filter_map(|method| self.program.method(class, method)).collect()
    }

    /// The method by which values behind a trait of the project become responses, for a class that has the trait
    /// (`impl IntoResponse for Box<dyn AppError>`).
    pub(crate) fn conversion_of_trait(&self, class: ClassId) -> Option<FuncId> {
        let tables = self.knowledge.tables(Syntax::Rust);
        let traits: Vec<Name> = self.program.class(class).bases.clone();
        self.program.impls.iter().find_map(|block| {
            let converts = &tables.type_entry(block.of.as_ref()?.path)?.converts;
            let named = std::iter::once(&block.ty).chain(block.ty.args.iter()).any(|ty| traits.contains(&ty.path));
            let method = |wanted: &String| {
                block.methods.iter().find(|(known, _)| known.as_str() == wanted).map(|(_, method)| *method)
            };
            named.then(|| converts.iter().find_map(method)).flatten()
        })
    }

    /// The status that an attribute gives a variant or a type which derives its conversion.
    pub(crate) fn derived_status(
        &self,
        heap: &crate::flow::values::store::Heap,
        class: ClassId,
        value: &Value,
    ) -> Option<u16> {
        let tables = self.knowledge.tables(Syntax::Rust);
        let info = self.program.class(class);
        let path = value.alts.iter().find_map(|alt| match alt {
            Alt::Path(path) => Some(*path),
            Alt::Object(id) => match self.object(heap, *id).map(|object| object.kind.clone()) {
                Some(Kind::Variant(path)) => Some(path),
                _ => None,
            },
            _ => None,
        });
        let last = path.and_then(|path| path.as_str().rsplit('.').next().map(name));
        let variant = info.variants.iter().find(|known| Some(known.name) == last);
        let own = variant.into_iter().flat_map(|variant| &variant.attributes).chain(&info.attributes);
        own.flat_map(|attribute| attribute.args.iter().map(move |arg| (attribute.path, arg))).find_map(|(path, arg)| {
            let key = format!("{path}.{}", arg.key?);
            tables.marks().gives_status(&key).then(|| arg.value.as_str().parse().ok()).flatten()
        })
    }

    /// The status that a class of exceptions gives itself by an attribute (`status_code = 404`).
    pub(crate) fn status_of_class(&self, heap: &crate::flow::values::store::Heap, class: ClassId) -> Option<Value> {
        let tables = self.knowledge.tables(Syntax::Python);
        let bases = self.outside_bases(class);
        let names =
            self.program.ancestors(class).into_iter().filter_map(|class| self.object(heap, ObjId::class(class)));
        names.into_iter().find_map(|names| {
            names.entries.iter().find_map(|(key, value)| {
                let Const::Str(key) = key else { return None };
                let of = |base: &Name| tables.attribute_of(*base, *key).is_some_and(|entry| entry.status);
                bases.iter().any(of).then(|| self.as_status(value)).filter(|status| !status.alts.is_empty())
            })
        })
    }

    /// The status that an error from outside may have in the framework which calls the handler.
    pub(crate) fn implied_status(&self, ty: Name) -> Option<u16> {
        let tables = self.knowledge.tables(Syntax::Rust);
        let handler = self.root_function;
        let decorators = self.log.handlers.of(handler).map(|known| known.by);
        let attributes = self.program.function(handler).attributes.iter().map(|attribute| attribute.path);
        let head = |path: Name| path.as_str().split('.').next().map(str::to_owned);
        let frameworks: Vec<String> = decorators.chain(attributes).filter_map(head).collect();
        let given = tables.implied_status(ty).iter();
        given
            .filter(|(of, _)| frameworks.iter().any(|framework| head(*of).as_ref() == Some(framework)))
            .map(|(_, status)| *status)
            .next()
    }

    /// Whether a function turns a value of the project into a response.
    pub(crate) fn is_conversion(&self, id: FuncId) -> bool {
        let owner = self.program.function(id).owner.filter(|_| self.program.syntax(id) == Syntax::Rust);
        owner.is_some_and(|owner| self.converting_methods(owner).contains(&id))
    }

    /// Where a response left, once for each arm that gave it its status: the arm stands for the way out behind it.
    pub(crate) fn places(&self, value: &Value, alt: &Alt, left: &[Location]) -> Vec<Vec<Location>> {
        let key = alt.told();
        let arms: Vec<Location> = value.born.iter().filter(|(known, _)| *known == key).map(|(_, at)| *at).collect();
        if arms.is_empty() {
            return vec![left.to_vec()];
        }
        let behind = |arm: Location| {
            let around = self.enclosing(arm);
            let others = left.iter().filter(move |at| self.enclosing(**at) != around);
            std::iter::once(arm).chain(others.copied()).collect()
        };
        arms.into_iter().map(behind).collect()
    }

    /// A value that an arm of a conversion chose: its statuses are given here.
    pub(crate) fn chosen(&mut self, carry: &mut Carry, value: Value, dst: Reg, span: Span) -> Value {
        let told = |value: &Value| value.alts.iter().any(is_status);
        let inside = |machine: &Self, carry: &Carry, value: &Value| {
            let known = value.objects().filter_map(|id| machine.object(&carry.heap, id));
            known.into_iter().any(|object| object.kind == Kind::Tuple && object.entries.values().any(told))
        };
        if !self.is_rust() || !(told(&value) || inside(self, carry, &value)) {
            return value;
        }
        let id = self.frame().function;
        if !self.graph(id).is_chosen(dst) || !self.is_conversion(id) {
            return value;
        }
        let at = self.at(span);
        for tuple in value.objects().collect::<Vec<_>>() {
            if self.object(&carry.heap, tuple).is_some_and(|object| object.kind == Kind::Tuple) {
                self.change(&mut carry.heap, tuple, |object| {
                    object.entries.values_mut().for_each(|element| *element = given_at(element, at, is_status));
                });
            }
        }
        given_at(&value, at, is_status)
    }
}

/// The value with the place where those of its alternatives were given of which that is not known yet.
pub(crate) fn given_at(value: &Value, at: Location, which: impl Fn(&Alt) -> bool) -> Value {
    let keys = value.alts.iter().filter(|alt| which(alt)).map(Alt::told);
    let missing: Vec<u32> = keys.filter(|key| value.born.iter().all(|(known, _)| known != key)).collect();
    if missing.is_empty() {
        return value.clone();
    }
    value.with(|data| missing.into_iter().for_each(|key| data.bear((key, at))))
}

/// Whether an alternative is a status.
pub(crate) fn is_status(alt: &Alt) -> bool {
    matches!(alt, Alt::Status(_))
}
