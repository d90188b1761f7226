//! Which registry holds a metric, and which page shows it?

use std::collections::BTreeSet;

use crate::knowledge::effect::{Creates, Exposes};
use crate::program::{Const, Name, TypeRef, name};
use crate::source::{Location, Span};

use super::table::RegistryOf;
use crate::flow::calls::bind::ROOT;
use crate::flow::calls::bound::Bound;
use crate::flow::rounds::log::Page;
use crate::flow::run::machine::Machine;
use crate::flow::values::heap::Kind;
use crate::flow::values::state::Carry;
use crate::flow::values::value::{Alt, Value};

/// Marks a registry that shows what the default registry holds as well.
pub(crate) const ALSO_DEFAULT: &str = "<default>";

impl Machine<'_> {
    pub(crate) fn registries(&mut self, carry: &Carry, creates: &Creates, bound: &Bound<'_>) -> BTreeSet<RegistryOf> {
        let mut found = BTreeSet::new();
        match bound.of(creates.registry.as_ref()) {
            Some(registry) if registry.single() != Some(Const::None) => {
                found.extend(self.registry_of(carry, &registry));
            }
            _ if creates.registers => {
                found.insert(RegistryOf::Default);
            }
            _ => {}
        }
        if creates.anywhere {
            found.insert(RegistryOf::Unknown);
        }
        found
    }

    /// Which registries a value may be.
    pub(crate) fn registry_of(&self, carry: &Carry, registry: &Value) -> Vec<RegistryOf> {
        let mut found: Vec<RegistryOf> = registry
            .alts
            .iter()
            .map(|alt| match alt {
                Alt::Object(id) => match self.object(&carry.heap, *id).map(|object| object.ty) {
                    Some(Some(ty)) if ty.as_str() == DEFAULT_REGISTRY => RegistryOf::Default,
                    _ => RegistryOf::Own(*id),
                },
                _ => RegistryOf::Unknown,
            })
            .collect();
        if registry.unknown {
            found.push(match &registry.ty {
                Some(ty) if ty.path.as_str() == DEFAULT_REGISTRY => RegistryOf::Default,
                _ if self.is_only_argument(registry) => RegistryOf::Handed(self.root_function),
                _ => RegistryOf::Unknown,
            });
        }
        found
    }

    /// Whether a value came in through the only parameter of its type that the root has: it is the same each time.
    fn is_only_argument(&self, value: &Value) -> bool {
        let (true, Some(ty)) = (value.via & ROOT != 0, &value.ty) else { return false };
        let params = &self.program.function(self.root_function).params;
        params.iter().filter(|param| param.ty.as_ref().is_some_and(|known| known.path == ty.path)).count() == 1
    }

    /// `registry.register(metric)`.
    pub(crate) fn register_metric(&mut self, carry: &mut Carry, metric: &Value, registry: Option<&Value>) {
        let registries = match registry {
            Some(registry) => self.registry_of(carry, registry),
            None => vec![RegistryOf::Default],
        };
        for id in metric.metrics().collect::<Vec<_>>() {
            self.metrics.get_mut(id).registries.extend(registries.iter().copied());
            self.note_duplicate(carry, id);
        }
    }

    /// A page that shows metrics.
    pub(crate) fn expose_page(&mut self, carry: &Carry, exposes: &Exposes, bound: &Bound<'_>, span: Span) {
        let at = self.at(span);
        let function = self.frame().function;
        let mut page = Page {
            function: Some(function),
            serves: exposes.serves,
            writes: exposes.writes,
            path: self.path_of_page(exposes, bound),
            ..Page::default()
        };
        let shown = bound
            .of(exposes.registry.as_ref())
            .filter(|value| !value.is_nothing() && value.single() != Some(Const::None));
        match shown {
            None => page.default_registry |= exposes.default_registry,
            Some(shown) => self.shows(carry, &shown, &mut page),
        }
        if exposes.serves {
            page.route = bound.args().positional.first().and_then(Value::single).and_then(|value| match value {
                Const::Int(port) => Some(port.to_string()),
                Const::Str(text) => Some(text.to_string()),
                _ => None,
            });
        }
        self.log.page(at, page);
    }

    /// The path that the call itself gives the page.
    fn path_of_page(&self, exposes: &Exposes, bound: &Bound<'_>) -> Option<Name> {
        let default = || exposes.default_path.as_deref().map(name);
        match bound.of(exposes.path.as_ref()) {
            None => default(),
            // One that is not known may be anywhere.
            Some(given) => given.single_text(),
        }
    }

    /// What a router is handed and the library knows to show metrics: a handler of its own, a list of routes by the
    /// name of its module, or the application that a call inside of this one made.
    pub(crate) fn show_routed(&mut self, handler: &Value, route: Option<Name>, span: Span) {
        let at = self.at(span);
        for alt in &handler.alts {
            let path = match alt {
                Alt::Path(path) => *path,
                Alt::Const(Const::Str(text)) => name(text),
                _ => continue,
            };
            let tables = self.tables();
            let known = tables.attribute(path).and_then(|entry| entry.exposes.clone());
            let Some(exposes) = known.or_else(|| tables.call(path).and_then(|entry| entry.exposes.clone())) else {
                continue;
            };
            let path = match (route, exposes.default_path) {
                (Some(prefix), Some(rest)) => Some(name(&format!("{prefix}{rest}"))),
                (Some(route), None) => Some(route),
                (None, rest) => rest.as_deref().map(name),
            };
            let page = Page {
                function: Some(self.frame().function),
                serves: true,
                default_registry: exposes.default_registry,
                path,
                routed: Some(at),
                ..Page::default()
            };
            self.log.page(at, page);
        }
        let inside = |other: &Location| {
            other.file == at.file && at.span.start <= other.span.start && other.span.end <= at.span.end
        };
        for (_, page) in self.log.pages.iter_mut().filter(|(other, page)| inside(other) && page.serves) {
            page.path = page.path.or(route);
            page.routed = page.routed.or(Some(at));
        }
    }

    fn shows(&self, carry: &Carry, shown: &Value, page: &mut Page) {
        for alt in &shown.alts {
            match alt {
                Alt::Metric(metric) => {
                    page.metrics.insert(*metric);
                }
                Alt::Object(id) => {
                    let object = self.object(&carry.heap, *id);
                    page.default_registry |=
                        object.as_ref().is_some_and(|object| object.field(name(ALSO_DEFAULT)).is_some());
                    match object {
                        Some(object) if matches!(object.kind, Kind::List | Kind::Tuple) => {
                            let element = object.element();
                            if element.unknown {
                                page.default_registry = true;
                            }
                            self.shows(carry, &element.with(|data| data.unknown = false), page);
                        }
                        Some(object) if object.ty.is_some_and(|ty| ty.as_str() == DEFAULT_REGISTRY) => {
                            page.default_registry = true;
                        }
                        _ => {
                            page.registries.insert(*id);
                        }
                    }
                }
                _ => page.open = true,
            }
        }
        if shown.unknown {
            match &shown.ty {
                Some(ty) if ty.path.as_str() == DEFAULT_REGISTRY => page.default_registry = true,
                _ => page.open = true,
            }
        }
    }

    pub(crate) fn default_registry(&self) -> Value {
        Value::typed(TypeRef::plain(name(DEFAULT_REGISTRY)))
    }
}

/// The type that stands for the default registry of a library.
const DEFAULT_REGISTRY: &str = "<default registry>";
