//! What can a library file say about a type, an attribute or a constant?

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::finding::Category;

use super::effect::{ArgName, Declares, Exposes, Source, View, Wraps};

/// What reading an attribute gives. `path` is `Type.attribute` or a module-level object (`flask.request`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct AttributeEntry {
    /// All paths with this meaning.
    pub path: Vec<String>,
    /// The type of the value.
    pub returns: Option<String>,
    /// It comes from outside.
    pub source: Option<Source>,
    /// It has few values.
    pub bounded: bool,
    /// It carries what the object carries (`exc.args`).
    pub carries: bool,
    /// It is a map of the fields that the object's class declares (`form.cleaned_data`).
    pub fields: bool,
    /// It is the status of a response: may be read, compared and assigned.
    pub status: bool,
    /// It is this class itself, not an instance of it (`Model.DoesNotExist`).
    pub class: Option<String>,
    /// It is the default registry.
    pub default_registry: bool,
    /// It is a view, or a module of routes, that shows a registry: handing it to a framework, also by its name as text
    /// (`include("django_prometheus.urls")`), makes a metrics page.
    pub exposes: Option<Exposes>,
}

/// What a type means.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TypeEntry {
    /// All paths with this meaning.
    pub path: Vec<String>,
    /// Types whose methods and attributes it has as well.
    pub extends: Vec<String>,
    /// Values of this type come from outside: parameters of handlers (`axum.Json`), instances (`HttpRequest`).
    pub source: Option<Source>,
    /// Its first type argument is what it holds (`Json<T>`, `Form<T>`): fields are judged with this source.
    pub holds_argument: bool,
    /// Values are secrets (`SecretStr`).
    pub category: Option<Category>,
    /// Values have few forms (`bool`, `http.Method`, `MatchedPath`).
    pub bounded: bool,
    /// Values are numbers: neutral unless named.
    pub number: bool,
    /// Values say how many there are of something, whatever they are called (`refresh_tokens: usize`).
    pub sizes: bool,
    /// Maps: iterating gives pairs of the two type arguments.
    pub pairs: bool,
    /// Of such numbers: they are never below zero.
    pub unsigned: bool,
    /// Raising or returning an error of this class answers with this status (`Http404`).
    pub status: Option<u16>,
    /// The constructor argument that carries the status (`HTTPException(404)`): a name in `params`.
    pub status_argument: Option<ArgName>,
    /// Positional order of the constructor's parameters.
    pub params: Vec<ArgName>,
    /// The class is an exception that a framework turns into a response.
    pub exception: bool,
    /// Values are metrics of this kind (for annotations, struct fields): `counter`…
    pub metric: Option<String>,
    /// Values are registries.
    pub registry: bool,
    /// Values hold handlers: what wraps one covers the handlers that it holds.
    pub router: bool,
    /// Values are responses; in a result type they make a function a handler.
    pub response: bool,
    /// Subclasses are views: these methods are handlers; `dispatch` is what the framework calls.
    pub view: Option<View>,
    /// Subclasses are models or forms: declared fields are judged by their names and come from storage or clients.
    pub record: Option<Source>,
    /// What code keeps on its objects in one place (`g.user = …`) other code of the same request reads elsewhere.
    pub keeps: bool,
    /// As the value of a class's attribute it declares a field (`forms.ChoiceField()`): what instances have there.
    pub declares: Option<Declares>,
    /// `None` of it as a result answers with this status (`Option` in actix).
    pub none_status: Option<u16>,
    /// A trait: these methods turn a value of a type that has it into a response or a status (`into_response`); they
    /// are how a handler's result, and the error that `?` returns, becomes one.
    pub converts: Vec<String>,
    /// A trait of a framework's errors: other types that have it, with the status that they may answer with.
    pub implied: BTreeMap<String, u16>,
    /// A trait: the attribute, and its keyword, by which deriving types and variants give their status
    /// (`response.status`).
    pub status_attribute: Option<String>,
    /// A trait: structs that derive it are sets of labels: their fields are label names.
    pub label_set: bool,
    /// A trait: types that have it wrap handlers through the method that `function` names; of kind `factory`, through
    /// what that method makes (`tower::Layer`).
    pub wraps: Option<Wraps>,
    /// What a value of it is that comes from a client, whatever its name.
    pub from_client: Option<Source>,
    /// A trait: types that have it are made from requests by its methods.
    pub extracts: bool,
    /// Its text hides what it holds (`{:?}` of a secret).
    pub hides: bool,
    /// A trait: its method `function` writes a value of a type that has it into its first argument, a formatter or an
    /// encoder: as text, as a label's value, or as a set of labels.
    pub writes: Option<Writes>,
    /// The method by which it writes; `fmt` when none is given.
    pub function: Option<String>,
    /// A derive: the attribute with the text that `Display` shows of a type or variant, fields in its holes
    /// (`#[error("no {0}")]`: `error`).
    pub text_attribute: Option<String>,
}

/// What a type's own code writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    /// Its text.
    Display,
    /// Its text for developers.
    Debug,
    /// The value of a label.
    Label,
    /// Labels, name and value.
    Labels,
}

/// A constant.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ConstantEntry {
    /// All paths with this meaning.
    pub path: Vec<String>,
    /// The status it stands for.
    pub status: Option<u16>,
    /// The text it stands for (`http.header.COOKIE` is `cookie`).
    pub text: Option<String>,
    /// The number it stands for.
    pub number: Option<i64>,
    /// The type of the value.
    pub returns: Option<String>,
}
