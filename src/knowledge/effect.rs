//! The vocabulary in which a library file says what a call, an attribute or a type means.
//!
//! Arguments are named by the entry's own `params` list (positional order, which are also the keywords), `self` is
//! the receiver, `*` all positional arguments that no name takes, `**` all keyword arguments that no name takes,
//! `=>` all `key => value` pairs of a macro.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::finding::Category;

pub use super::framework::{Declares, HandlerEntry, ParameterEntry, VariableEntry, View, Wraps};
pub use super::things::{AttributeEntry, ConstantEntry, TypeEntry, Writes};

/// Names an argument, see the module's documentation.
pub type ArgName = String;

/// One library file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Library {
    /// The library's name, as shown in documentation.
    pub library: String,
    /// `python`, `rust`, or both.
    pub languages: Vec<String>,
    /// Byte strings one of which a file must hold to be worth parsing because of this library.
    #[serde(default)]
    pub triggers: Vec<String>,
    /// Other paths for the same things: prefix to canonical prefix (`axum.http` to `http`).
    #[serde(default)]
    pub aliases: BTreeMap<String, String>,
    /// Calls of functions, classes, macros and methods.
    #[serde(default)]
    pub call: Vec<CallEntry>,
    /// Reads of attributes: `Type.attribute`.
    #[serde(default)]
    pub attribute: Vec<AttributeEntry>,
    /// Types.
    #[serde(default)]
    pub r#type: Vec<TypeEntry>,
    /// Constants: `http.StatusCode.NOT_FOUND` is the status 404.
    #[serde(default)]
    pub constant: Vec<ConstantEntry>,
    /// Decorators and attribute macros that hand a function to a framework.
    #[serde(default)]
    pub handler: Vec<HandlerEntry>,
    /// Module variables that a framework reads by their names.
    #[serde(default)]
    pub variable: Vec<VariableEntry>,
    /// Names that the language binds in every module, whether or not anything else is said of them.
    #[serde(default)]
    pub binds: Vec<String>,
    /// Names of the last parameter of a middleware by which it receives what it wraps (`call_next`).
    #[serde(default)]
    pub next_names: Vec<String>,
    /// Parameter names by which a framework's users name its objects.
    #[serde(default)]
    pub parameter: Vec<ParameterEntry>,
    /// Calls that change something or wait for somebody, though their entries only say where data goes.
    #[serde(default)]
    pub acts: Vec<String>,
    /// Calls that fail on some inputs, so that what stands behind them does not run.
    #[serde(default)]
    pub fails: Vec<String>,
    /// Calls that only give a result, though their entries can't say so.
    #[serde(default)]
    pub reads: Vec<String>,
    /// Calls and attributes that read back what metrics hold.
    #[serde(default)]
    pub reads_back: Vec<String>,
    /// Functions that end the life of what they are handed, and do nothing else (`drop`).
    #[serde(default)]
    pub ends: Vec<String>,
}

/// What a call does. `path` is a function (`prometheus_client.Counter`), a method (`prometheus_client.Counter.inc`), a
/// method of any type (`*.labels`), or a macro (`metrics.counter!`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CallEntry {
    /// All paths with this meaning.
    pub path: Vec<String>,
    /// Positional order of the parameters, without the receiver; these names are also the keywords.
    pub params: Vec<ArgName>,
    /// Other orders: the one with exactly as many names as there are positional arguments is taken before `params`
    /// (`register_counter!(opts)` and `register_counter!(name, help)`).
    pub forms: Vec<Vec<ArgName>>,
    /// The type of the result, by dotted path, with type arguments in angle brackets (see [`TypeRef::parse`]). `self`:
    /// the receiver's. `arg:NAME`: that argument's.
    ///
    /// [`TypeRef::parse`]: crate::program::TypeRef::parse
    pub returns: Option<String>,
    /// Rust: the result comes wrapped: `option` (`Some` of it, or `None`), `result` (`Ok` of it, or an error).
    pub wrapped: Option<String>,
    /// Rust: the type of the error, where it is wrapped in `result`.
    pub error: Option<String>,
    /// Creates a metric, and the result is that metric.
    pub creates: Option<Creates>,
    /// Records into a metric: the receiver, unless `creates` makes it in the same call (`statsd.incr(name)`).
    pub records: Option<Records>,
    /// The result comes from outside.
    pub source: Option<Source>,
    /// The result carries what these arguments carry.
    pub carries: Vec<ArgName>,
    /// The result has few values whatever went in.
    pub bounded: bool,
    /// The result has few values where one of these arguments is given (a list of what is allowed).
    pub bounded_by: Vec<ArgName>,
    /// Makes an instance of the class in this argument with the keyword arguments that no name takes
    /// (`app.add_middleware(Middleware, option=1)`).
    pub constructs: Option<ArgName>,
    /// The result is a hash, an encryption or an encoding of what it carries: confidence goes down to medium.
    pub hashes: bool,
    /// The result is a response, or a status code.
    pub response: Option<Response>,
    /// Raises, always or when nothing is found.
    pub raises: Option<Raises>,
    /// Shows a registry on a metrics page.
    pub exposes: Option<Exposes>,
    /// Puts a metric into a registry: the argument with the metric; the receiver is the registry, without one it is
    /// the default registry.
    pub registers: Option<ArgName>,
    /// The result is the default registry, or what it gathered.
    pub default_registry: bool,
    /// Takes a metric out of a registry: the argument with the metric; the receiver is the registry.
    pub unregisters: Option<ArgName>,
    /// From now on this registry (an argument) also shows all that the default registry holds (multi-process
    /// collectors).
    pub includes_default: Option<ArgName>,
    /// Where the receiver and all arguments are constant texts, the result is computed: `lower`, `upper`, `strip`,
    /// `strip-left`, `strip-right`, `replace`, `split`, `remove-prefix`, `remove-suffix`, `starts-with`, `ends-with`.
    pub folds: Option<String>,
    /// What happens to containers, closures and wrappers: one of the interpreter's primitives.
    pub does: Option<String>,
    /// Calls these arguments now, with unknown values (`spawn(f)`, `gather(coroutine)`).
    pub runs: Vec<ArgName>,
    /// Hands these arguments to the framework as request handlers.
    pub routes: Vec<ArgName>,
    /// Puts these arguments (handlers, routers) into the router that is the receiver or the result.
    pub holds: Vec<ArgName>,
    /// The parameters of the functions in `routes` are values that clients send.
    pub clients: bool,
    /// The types of the parameters of the functions in `routes` and `wraps`, in order, where they have none.
    pub gives: Vec<String>,
    /// Types that, as a plain parameter of these handlers, hold the body of the request (axum: `String`, `Bytes`).
    pub body_types: Vec<String>,
    /// Wraps the handlers of the application: middleware, error handlers.
    pub wraps: Option<Wraps>,
    /// Inside a middleware: runs what it wraps, and gives its response (`next.run(request)`).
    pub next: bool,
    /// Never raises (calls that are unknown may).
    pub never_raises: bool,
}

/// The creation of a metric.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Creates {
    /// `counter`, `gauge`, `histogram`, `summary`, `info`, `enum`, `untyped`.
    pub kind: String,
    /// The argument with the name, or with an options object that holds all (`Opts`).
    pub name: Option<ArgName>,
    /// The argument with the help text.
    pub help: Option<ArgName>,
    /// The argument with the list of label names.
    pub labels: Option<ArgName>,
    /// The argument with the namespace.
    pub namespace: Option<ArgName>,
    /// The argument with the subsystem.
    pub subsystem: Option<ArgName>,
    /// The argument with the unit.
    pub unit: Option<ArgName>,
    /// The argument with constant labels (a map): names and values.
    pub const_labels: Option<ArgName>,
    /// The argument with the states of an enum.
    pub states: Option<ArgName>,
    /// The argument with the registry; `self` when the receiver is one.
    pub registry: Option<ArgName>,
    /// Goes to the default registry when no registry is given.
    pub registers: bool,
    /// The same name may be created again and gives the same metric (get-or-create libraries).
    pub shared: bool,
    /// Builds or completes options only; a later call makes the metric (`Opts::new`, `Opts::namespace`). With a
    /// receiver that is options, the arguments named here are added to it.
    pub options: bool,
    /// Only describes a metric that other calls make: its name and help are shown all the same.
    pub describes: bool,
    /// The argument that is the metric, made before without a name: this call names and registers it
    /// (`Registry::register(name, help, metric)`). No new metric is made unless that argument is none.
    pub metric: Option<ArgName>,
    /// Two arguments: the name and the value of one constant label (`Opts::const_label`).
    pub const_label: Vec<ArgName>,
    /// Shown by whatever endpoints there are: which ones is settled where we cannot see (an SDK's provider).
    pub anywhere: bool,
}

/// The recording of a value or of label values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Records {
    /// Argument that is a list of label values in the order of their declaration, or a map or struct by name.
    pub labels: Option<ArgName>,
    /// Label values one argument each: `*` by position, `**` by name, `=>` pairs.
    pub label_values: Vec<ArgName>,
    /// The argument with the name of the label whose value the one in `label_values` is (`with_tag(key, value)`).
    pub label_name: Option<ArgName>,
    /// Labels that are not declared apart: maps or lists of pairs whose keys are label names (attributes, tags, info).
    /// Values that are functions are called at each request, and what they return is meant.
    pub attributes: Option<ArgName>,
    /// A list of `key:value` texts (DogStatsD tags).
    pub tags: Option<ArgName>,
    /// The argument with the number; `value` channel.
    pub amount: Option<ArgName>,
    /// By how much it counts when no amount is given; 0 for calls that only bind labels.
    pub default: i64,
    /// `add` counts up; `bind` only chooses labels; `set`, `observe`, `info`, `state`, `push` do not count.
    pub operation: String,
    /// Where the argument in `attributes` is a number, it is the amount, and this the operation: macros that could record
    /// at once in older versions.
    pub number_operation: Option<String>,
    /// The argument with an exemplar (a map).
    pub exemplar: Option<ArgName>,
    /// The argument with the state of an enum.
    pub state: Option<ArgName>,
    /// The argument with a grouping key (a map).
    pub grouping_key: Option<ArgName>,
    /// The argument with a function (or a list of them) that is called at each scrape; what it returns is the number.
    pub callback: Option<ArgName>,
    /// The type of what such a function, or one among the attributes, is called with.
    pub callback_argument: Option<String>,
    /// It records only where the program uses this path (a layer that makes labels of what else is only traced).
    pub requires: Option<String>,
    /// Used as decorator or context manager it keeps the function or block running as it is.
    pub wraps: bool,
}

/// Data from outside.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Source {
    /// The category it has whatever its name; none: neutral text (unbounded), unless a name or key says more.
    pub category: Option<Category>,
    /// `whole` (a body: itself content), `map` (its dump is content, one element is judged by its key), `text` (one
    /// neutral text), `object` (its fields are judged by their names; with a
    /// category it is itself of that, as text), `number` (a neutral number).
    pub shape: String,
    /// What a reader calls it: `request.POST`, `the request body`.
    pub what: String,
    /// The argument with the key: the value is judged by it (`request.form("email")`, `env::var("API_TOKEN")`).
    pub key: Option<ArgName>,
    /// Keys whose values have few forms (`REQUEST_METHOD` of `request.META`).
    pub bounded_keys: Vec<String>,
    /// Not from a client: neutral values are not unbounded (configuration, environment, database).
    pub trusted: bool,
}

/// A response or status code.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Response {
    /// The argument with the status, which may be a number, a text that starts with one, or a status object.
    pub status: Option<ArgName>,
    /// The status when none is given.
    pub default: Option<u16>,
    /// The argument with the body.
    pub body: Option<ArgName>,
    /// It sets the status of the response that the handler gives in the end, whatever it returns
    /// (`self.set_status(404)`).
    pub ambient: bool,
    /// The receiver or argument whose status it takes over (`resp.with_header(…)`: `self`).
    pub from: Option<ArgName>,
    /// The receiver itself becomes this response (`response.set_status(…)`).
    pub changes: bool,
}

/// An exception, or an early way out.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Raises {
    /// The class that is raised.
    pub class: String,
    /// The argument with the status that the exception stands for.
    pub status: Option<ArgName>,
    /// The status it stands for whatever the arguments.
    pub default: Option<u16>,
    /// Also returns (raises only when nothing is found).
    pub maybe: bool,
    /// The argument that turns it off where it is false (`error_out=False`).
    pub unless: Option<ArgName>,
}

/// A metrics page.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Exposes {
    /// The argument with the registry or the metric that is rendered.
    pub registry: Option<ArgName>,
    /// Renders the default registry when no registry is given.
    pub default_registry: bool,
    /// Serves it itself (`start_http_server`); else the view that returns the text is the endpoint.
    pub serves: bool,
    /// Writes it to a file, which nobody can ask this program for.
    pub writes: bool,
    /// The argument with the path of the page.
    pub path: Option<ArgName>,
    /// The path where none is given. A handler that is put below a prefix adds it to that.
    pub default_path: Option<String>,
}
