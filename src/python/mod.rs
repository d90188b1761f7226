//! Python: syntax tree to program.
//!
//! One pass over the tree finds out which names are whose (`scan`, `scope`), a second one builds the graphs. The parser
//! recovers from errors, so that a file with a mistake is still lowered as far as it goes.

mod assign;
mod body;
mod calls;
mod classes;
mod expressions;
mod functions;
mod guard;
mod heads;
mod imports;
mod names;
mod paths;
mod patterns;
mod scan;
mod scope;
mod statements;
mod strings;
mod tries;
mod truth;
mod types;
mod unit;

#[cfg(test)]
mod tests;

use ruff_python_ast::{ModModule, PythonVersion, token::Token};
use ruff_python_parser::{Mode, ParseError, ParseOptions, Parsed, parse_unchecked};

pub use paths::{ModulePaths, module_paths};

use crate::program::{Function, FunctionKind, Module, ModuleId, Name, Syntax, SyntaxProblem, Unit, name};
use crate::source::{FileId, Span};
use body::Body;
use guard::Depth;
use scope::ScopeId;
use unit::UnitBuilder;

/// A Python file.
#[derive(Debug, Clone)]
pub struct PythonInput<'a> {
    /// The file.
    pub file: FileId,
    /// Its path relative to the analysed root, with `/`.
    pub path: &'a str,
    /// What it contains.
    pub text: &'a str,
    /// Its dotted paths, see [`module_paths`].
    pub module_paths: ModulePaths,
}

/// Lowers a file. Never fails: what cannot be parsed is left out, and the first error is in `problems`.
#[must_use]
pub fn lower(input: &PythonInput<'_>) -> Unit {
    if !guard::looks_deep(input.text) {
        let parsed = parse(input.text);
        if guard::measure(parsed.tokens().iter().map(Token::kind)) == Depth::Shallow {
            return lower_tree(input, &parsed);
        }
        // Dropping a deep tree overflows a small stack. Few files come here, hostile ones mostly: leaking the tree is
        // the one way out that costs no stack.
        std::mem::forget(parsed);
    }
    let large = std::thread::Builder::new().stack_size(guard::STACK);
    std::thread::scope(|scope| {
        let work = large.spawn_scoped(scope, || match guard::measure_text(input.text) {
            Depth::TooDeep => problem_unit(input, "nested too deeply"),
            Depth::Shallow | Depth::Deep => lower_tree(input, &parse(input.text)),
        });
        work.ok().and_then(|thread| thread.join().ok())
    })
    .unwrap_or_else(|| problem_unit(input, "nested too deeply for the memory at hand"))
}

fn parse(text: &str) -> Parsed<ruff_python_ast::Mod> {
    parse_unchecked(text, ParseOptions::from(Mode::Module).with_target_version(PythonVersion::latest()))
}

fn lower_tree(input: &PythonInput<'_>, parsed: &Parsed<ruff_python_ast::Mod>) -> Unit {
    let mut unit = match parsed.syntax() {
        ruff_python_ast::Mod::Module(module) => lower_module(input, module),
        ruff_python_ast::Mod::Expression(_) => empty_unit(input),
    };
    unit.problems.extend(first_problem(parsed.errors()));
    unit
}

fn first_problem(errors: &[ParseError]) -> Option<SyntaxProblem> {
    let first = errors.iter().min_by_key(|error| (error.location.start(), error.location.end()))?;
    let message = first.error.to_string();
    Some(SyntaxProblem { span: heads::span(first), message: message.lines().next().unwrap_or_default().to_owned() })
}

fn lower_module(input: &PythonInput<'_>, module: &ModModule) -> Unit {
    let paths = &input.module_paths;
    let (mut builder, statements) = UnitBuilder::new(input, paths, &module.body);
    let id = builder.reserve_function();
    let start = heads::span(module).start;
    let begin = Span::new(start, start);
    let (blocks, regs) = {
        let mut body = Body::new(&mut builder, id, ScopeId::MODULE, paths.path);
        body.stmts(&module.body);
        body.return_none(begin);
        body.finish()
    };
    builder.fill_function(
        id,
        Function {
            name: name("<module>"),
            path: names::join(paths.path, "<module>"),
            kind: FunctionKind::Module,
            file: input.file,
            module: ModuleId(0),
            owner: None,
            parent: None,
            params: Vec::new(),
            regs,
            cells: Vec::new(),
            blocks,
            is_async: false,
            is_generator: false,
            attributes: Vec::new(),
            returns: None,
            span: heads::span(module),
            name_span: begin,
            is_public: true,
            is_test: false,
        },
    );
    let uses = builder.names.uses();
    let (functions, classes) = builder.finish();
    let mut unit = empty_unit(input);
    unit.modules = vec![file_module(paths, Some(id), uses)];
    unit.functions = functions;
    unit.classes = classes;
    unit.statements = statements;
    unit
}

fn file_module(paths: &ModulePaths, body: Option<crate::program::FuncId>, uses: Vec<(Name, Name)>) -> Module {
    Module { path: paths.path, aliases: paths.aliases.clone(), body, uses, statics: Vec::new(), is_test: false }
}

fn empty_unit(input: &PythonInput<'_>) -> Unit {
    Unit {
        file: input.file,
        syntax: Syntax::Python,
        modules: vec![file_module(&input.module_paths, None, Vec::new())],
        functions: Vec::new(),
        classes: Vec::new(),
        impls: Vec::new(),
        statements: Vec::new(),
        problems: Vec::new(),
    }
}

fn problem_unit(input: &PythonInput<'_>, message: &str) -> Unit {
    let mut unit = empty_unit(input);
    let first_line = input.text.find('\n').unwrap_or(input.text.len());
    unit.problems.push(SyntaxProblem { span: Span::new(0, first_line as u32), message: message.to_owned() });
    unit
}
