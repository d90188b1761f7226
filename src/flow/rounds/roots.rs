//! Which functions are run as if nobody called them, in which rounds, and which of them answer requests.

use crate::program::{ClassId, ClassKind, FuncId, FunctionKind, ModuleId, name};

use crate::flow::answers::Answer;
use crate::flow::calls::closures::Entry;
use crate::flow::rounds::log::{Log, Registered};
use crate::flow::rounds::past::{Past, Run};
use crate::flow::run::exec::Invocation;
use crate::flow::run::machine::{Effort, FUEL_PER_ROOT, Machine, RESERVE_PER_ROOT, budget};
use crate::flow::values::heap::Kind;
use crate::flow::values::state::{Carry, Exit};
use crate::flow::values::value::Value;

/// Rounds until what functions leave in modules and classes must be stable.
const MAX_ROUNDS: usize = 3;

/// The answers of one handler.
#[derive(Debug, Clone)]
pub(crate) struct Handled {
    pub(crate) function: FuncId,
    pub(crate) answers: Vec<Answer>,
    /// Handed to a framework, or a method of a view.
    pub(crate) registered: bool,
}

impl Machine<'_> {
    /// Runs the whole program; gives the answers of all functions that may be handlers.
    pub(crate) fn run_program(&mut self) -> Vec<Handled> {
        self.last_round = true;
        for at in 0..self.program.modules.len() {
            if self.options.include_tests || !self.program.modules[at].is_test {
                self.ensure_module(ModuleId(at as u32));
            }
        }
        self.fill_statics();
        self.register_attributes();
        self.register_variables();
        let at_import = std::mem::take(&mut self.log);
        self.log.handlers.clone_from(&at_import.handlers);
        self.log.held.clone_from(&at_import.held);
        let mut past = Past::default();
        let mut left = MAX_ROUNDS;
        loop {
            let news = self.run_roots(&mut past);
            left -= 1;
            if news && left > 0 {
                continue;
            }
            if !self.guess_misnamed() {
                break;
            }
            // What counts has changed: nothing that was seen so far stands.
            past = Past::default();
            left = MAX_ROUNDS - 1;
        }
        let (handlers, held) = (std::mem::take(&mut self.log.handlers), std::mem::take(&mut self.log.held));
        self.log = Log { handlers, held, ..at_import };
        let mut handled = past.conclude(&mut self.log);
        (self.total, self.allowance) = (budget(self.program), FUEL_PER_ROOT);
        self.run_dispatchers(&mut handled);
        self.sort_out(&mut handled);
        self.withdraw_guesses(&mut handled);
        handled
    }

    /// Computes all statics and consts of Rust, as if they were read in the order of the text.
    fn fill_statics(&mut self) {
        for at in 0..self.program.modules.len() {
            let module = &self.program.modules[at];
            if module.is_test && !self.options.include_tests {
                continue;
            }
            for &(item, init) in &module.statics {
                let path = name(&format!("{}.{item}", module.path));
                self.run_as(init, |machine| machine.path_value(&mut Carry::default(), path));
            }
        }
    }

    /// Attribute macros (`#[get("/x")]`) register the functions that they stand on.
    fn register_attributes(&mut self) {
        for at in 0..self.program.functions.len() {
            let id = FuncId(at as u32);
            let function = self.program.function(id);
            let tables = self.knowledge.tables(self.program.syntax(id));
            for attribute in &function.attributes {
                let Some(entry) = tables.handler(attribute.path) else { continue };
                let first = attribute.args.iter().find(|arg| arg.key.is_none()).map(|arg| arg.value);
                self.log.handlers.insert(Registered {
                    function: id,
                    bound: None,
                    by: attribute.path,
                    wraps: entry.wraps.clone(),
                    catches: entry.catches.as_ref().and(first),
                    route: first,
                    status: None,
                    covers: crate::flow::answers::scopes::Covers::All,
                });
            }
        }
    }

    /// Runs all roots for which something has changed since they ran: each with few steps, then those with more that these
    /// were too few for, the nearest first, while the budget lasts. Whether that may have changed something for others.
    fn run_roots(&mut self, past: &mut Past) -> bool {
        let known = (self.metrics.iter().count(), self.log.handlers.len());
        if past.known != Some(known) {
            self.relevance = self.relevant();
            past.known = Some(known);
        }
        let closures = self.closures();
        let roots = self.roots();
        let mut news = false;
        for effort in [Effort::First, Effort::Full] {
            self.total = budget(self.program) / 2;
            for &(distance, id) in &roots {
                for (at, entry) in closures.entries(id).into_iter().enumerate() {
                    news |= self.run_once_more(past, (id, at), &entry, (effort, distance));
                }
            }
        }
        news
    }

    /// Runs a root unless it would do again what it did; in the second pass, those that were cut short in the first.
    fn run_once_more(
        &mut self,
        past: &mut Past,
        root: (FuncId, usize),
        entry: &Entry,
        (effort, distance): (Effort, u8),
    ) -> bool {
        let registered = self.registered_as(root.0);
        let before = past.runs.get(&root).map(|run| (run.effort, run.cut));
        let effort = before.map_or(effort, |(known, _)| known.max(effort));
        let deepens = before.is_some_and(|(known, cut)| cut && known < effort && self.total > 0);
        if !deepens && past.stands(root, &registered, self) {
            return false;
        }
        // What is far away only matters by what it calls, and nothing that it calls would be followed.
        if self.total == 0 && distance > 0 {
            return false;
        }
        self.base.begin();
        self.clear_log();
        self.allowance = self.fuel_for(root.0, effort);
        let handled = self.run_root(root.0, entry);
        let cut = self.fuel == 0;
        let log = self.clear_log();
        let (ended, reads) = self.base.end();
        past.runs.insert(root, Run { handled, log, reads, ended, registered, effort, cut });
        true
    }

    /// How a function is registered with frameworks, and how many wrap what others answer.
    fn registered_as(&self, function: FuncId) -> (Vec<Registered>, usize) {
        (self.registrations(function), self.log.handlers.wrapping() + self.log.held.len())
    }

    /// Takes out what was noted, but for registrations.
    fn clear_log(&mut self) -> Log {
        let (handlers, held) = (std::mem::take(&mut self.log.handlers), std::mem::take(&mut self.log.held));
        std::mem::replace(&mut self.log, Log { handlers, held, ..Log::default() })
    }

    /// Keeps the answers of functions that answer requests, and of those that nobody calls.
    fn sort_out(&self, handled: &mut Vec<Handled>) {
        let registered = self.log.handlers.functions();
        for one in handled.iter_mut() {
            one.registered |= registered.contains(&one.function);
        }
        handled.retain(|one| one.registered || !self.called.contains(&one.function));
    }

    /// The functions that are run, those first that are nearest to what matters.
    fn roots(&self) -> Vec<(u8, FuncId)> {
        let near = self.relevance.functions().filter(|id| self.is_root(*id));
        let mut roots: Vec<(u8, FuncId)> = near
            .filter_map(|id| Some((self.relevance.distance(id)?, id)))
            .filter(|(at, _)| *at <= self.max_distance)
            .collect();
        roots.sort_unstable();
        roots
    }

    fn is_root(&self, id: FuncId) -> bool {
        let function = self.program.function(id);
        let tested =
            function.is_test || self.program.modules.get(function.module.index()).is_some_and(|module| module.is_test);
        let runs = matches!(function.kind, FunctionKind::Function | FunctionKind::AsyncBlock)
            || function.kind == FunctionKind::Lambda && self.log.handlers.of(id).next().is_some();
        runs && (self.options.include_tests || !tested)
    }

    fn run_root(&mut self, id: FuncId, entry: &Entry) -> Handled {
        let (exits, registered) = self.root_exits(id, None, entry);
        let answers = self.judge_exits(exits, registered);
        Handled { function: id, answers, registered }
    }

    fn root_exits(&mut self, id: FuncId, receiver: Option<Value>, entry: &Entry) -> (Vec<Exit>, bool) {
        self.frames.clear();
        self.receivers.clear();
        (self.fuel, self.reserve) = (self.allowance, RESERVE_PER_ROOT);
        self.memo.clear();
        self.root_function = id;
        self.root_owner = entry.view;
        let call = Invocation { function: id, outer: entry.outer, receiver, args: entry.args.clone(), site: None };
        self.late.clear();
        let exits = self.run(call, Carry::default());
        // What extends a class from outside may be called from there.
        let framework = self.program.function(id).owner.is_some_and(|owner| !self.outside_bases(owner).is_empty());
        for exit in &exits {
            self.commit(&exit.carry, false);
            self.note_returned(exit, id);
            if framework {
                for metric in exit.value.metrics().collect::<Vec<_>>() {
                    self.metrics.get_mut(metric).escaped = true;
                }
            }
        }
        self.run_late(&exits);
        let view = entry.view.is_some() || self.is_view_method(id);
        (exits, view || self.log.handlers.of(id).any(|known| known.wraps.is_empty()))
    }

    /// Metrics that a function returns, as such or in a `Result`: its caller records them.
    fn note_returned(&mut self, exit: &Exit, id: FuncId) {
        let mut metrics: Vec<_> = exit.value.metrics().collect();
        for object in exit.value.objects().filter_map(|id| self.object(&exit.carry.heap, id)) {
            if let (Kind::Variant(_), Some(inner)) = (&object.kind, object.field(name("0"))) {
                metrics.extend(inner.metrics());
            }
        }
        self.log.returned.extend(metrics.into_iter().map(|metric| (metric, id)));
    }

    fn judge_exits(&mut self, exits: Vec<Exit>, registered: bool) -> Vec<Answer> {
        let mut answers = Vec::new();
        for exit in &exits {
            answers.extend(self.answers(exit, registered));
        }
        let answers_requests = registered || self.answers_by_custom();
        if answers_requests { self.wrapped_answers(answers) } else { answers }
    }

    /// Whether a function is a method by which a class-based view answers.
    pub(crate) fn is_view_method(&self, id: FuncId) -> bool {
        let function = self.program.function(id);
        let Some(owner) = function.owner else { return false };
        let tables = self.knowledge.tables(self.program.syntax(id));
        self.outside_bases(owner).iter().any(|base| {
            tables.ancestors(*base).iter().chain([base]).any(|base| {
                tables
                    .type_entry(*base)
                    .and_then(|entry| entry.view.as_ref())
                    .is_some_and(|view| view.handlers.iter().any(|known| known == function.name.as_str()))
            })
        })
    }

    /// Views whose `dispatch` the project overrides answer through it.
    fn run_dispatchers(&mut self, handled: &mut Vec<Handled>) {
        for at in 0..self.program.classes.len() {
            let class = ClassId(at as u32);
            if self.program.class(class).kind != ClassKind::Python {
                continue;
            }
            let Some((dispatch, handlers)) = self.view_of(class) else { continue };
            let Some(function) = self.program.method(class, name(&dispatch)) else { continue };
            let own: Vec<FuncId> =
                handlers.iter().filter_map(|handler| self.program.method(class, name(handler))).collect();
            if own.is_empty() {
                continue;
            }
            let id = self.summary(class);
            self.dispatching = Some(own.clone());
            let (exits, _) = self.root_exits(function, Some(Value::object(id)), &Entry::default());
            self.dispatching = None;
            let answers = self.judge_exits(exits, true);
            handled.retain(|known| {
                !own.contains(&known.function) && known.function != function
                    || known.registered && known.function == function
            });
            handled.push(Handled { function, answers, registered: true });
        }
    }

    /// The dispatching method and the handlers of a class-based view.
    fn view_of(&self, class: ClassId) -> Option<(String, Vec<String>)> {
        let tables = self.knowledge.tables(crate::program::Syntax::Python);
        for base in self.outside_bases(class) {
            for base in [vec![base], tables.ancestors(base)].concat() {
                if let Some(view) = tables.type_entry(base).and_then(|entry| entry.view.as_ref())
                    && let Some(dispatch) = &view.dispatch
                {
                    return Some((dispatch.clone(), view.handlers.clone()));
                }
            }
        }
        None
    }
}
