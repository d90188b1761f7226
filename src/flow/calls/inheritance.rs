//! Which class comes next for `super()`, and which classes of libraries does a class extend?

use crate::program::{ClassId, Name, name};
use crate::source::Span;

use crate::flow::run::machine::Machine;
use crate::flow::values::heap::{ObjId, Object};
use crate::flow::values::state::{Args, Carry, Exit};
use crate::flow::values::value::Value;

impl Machine<'_> {
    pub(crate) fn call_super(
        &mut self,
        carry: Carry,
        object: &Object,
        behind: ClassId,
        method: Name,
        args: &Args,
        span: Span,
    ) -> Vec<Exit> {
        let receiver = object.field(name("self")).cloned().unwrap_or_else(Value::unknown);
        // The order of the receiver's own class decides what comes next (mixins).
        let own = receiver.objects().filter_map(|id| self.object(&carry.heap, id)).find_map(|object| object.class);
        let order = self.resolution_order(own.unwrap_or(behind));
        let next = order.iter().skip_while(|class| **class != behind).skip(1);
        for class in next {
            if let Some(&(_, function)) = self.program.class(*class).methods.iter().find(|(known, _)| *known == method)
            {
                return self.run_method(carry, function, receiver, args.clone(), span);
            }
        }
        if let Some(handlers) = self.dispatching.clone()
            && self.program.function(self.frame().function).name == method
        {
            // The framework's own dispatch calls the method that fits the request.
            let mut exits = Vec::new();
            for handler in handlers {
                let more = Args { more: Some(Value::unknown()), ..args.clone() };
                exits.extend(self.run_method(carry.clone(), handler, receiver.clone(), more, span));
            }
            return exits;
        }
        for base in self.outside_bases(own.unwrap_or(behind)) {
            if let Some(entry) = self.tables().method_of(base, method) {
                let entry = entry.clone();
                return self.apply(carry, &entry, Some(&receiver), args, (span, method));
            }
        }
        vec![Exit::returns(Value::unknown(), carry)]
    }

    /// Left to right, depth first, each class behind its subclasses: close enough to C3 for `super()`.
    fn resolution_order(&self, class: ClassId) -> Vec<ClassId> {
        fn visit(program: &crate::program::Program, class: ClassId, order: &mut Vec<ClassId>, depth: u32) {
            order.retain(|known| *known != class);
            order.push(class);
            if depth < 32 {
                for base in &program.class(class).bases {
                    if let Some(base) = program.class_at(*base) {
                        visit(program, base, order, depth + 1);
                    }
                }
            }
        }
        let mut order = Vec::new();
        visit(self.program, class, &mut order, 0);
        order
    }

    /// Base classes from outside of the project, of the class and of its bases.
    pub(crate) fn outside_bases(&self, class: ClassId) -> Vec<Name> {
        let mut found = Vec::new();
        for class in self.program.ancestors(class) {
            for base in &self.program.class(class).bases {
                if self.program.class_at(*base).is_none() {
                    let base = self.base_of_instance(*base).unwrap_or(*base);
                    if !found.contains(&base) {
                        found.push(base);
                    }
                }
            }
        }
        found
    }

    /// A base class that is an attribute of an object of a library: `db.Model`, where `db = SQLAlchemy(app)`.
    fn base_of_instance(&self, base: Name) -> Option<Name> {
        let (owner, attribute) = base.as_str().rsplit_once('.')?;
        let (module, variable) = owner.rsplit_once('.')?;
        let module = self.program.module_at(name(module))?;
        let names = self.base.get(ObjId::module(module))?;
        let value = names.field(name(variable))?;
        let tables = self.knowledge.tables(crate::program::Syntax::Python);
        let entry = tables.attribute_of(value.ty.as_ref()?.path, name(attribute))?;
        entry.class.as_ref().map(|class| name(class))
    }
}
