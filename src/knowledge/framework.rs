//! The vocabulary for what frameworks do with functions: routes, views, middleware, what they find by name.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::finding::Category;

use super::effect::ArgName;

/// A wrapper around handlers.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Wraps {
    /// `middleware` (sees every response), `error-handler` (sees raised ones of `catches`), `after-request`,
    /// `fallback` (answers what no route takes).
    pub kind: String,
    /// The argument with the function or class.
    pub function: Option<ArgName>,
    /// The argument with the status or exception class that it is for.
    pub catches: Option<ArgName>,
    /// Which handlers it wraps, where the receiver is a router: `before` (those that it holds when this is called),
    /// `holder` (all that it ever holds); empty for all handlers of the application.
    pub covers: String,
    /// What it wraps raises the exceptions of handlers; else they became responses further inside.
    pub sees_exceptions: bool,
    /// It only makes a layer, which wraps nothing until another call installs it.
    pub held: bool,
}

/// A class-based view.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct View {
    /// Methods that answer requests.
    pub handlers: Vec<String>,
    /// The method through which the framework calls them (`dispatch`), if subclasses may override it.
    pub dispatch: Option<String>,
    /// The type of the request parameter.
    pub request: Option<String>,
    /// What other parameters of the handlers are, as in [`HandlerEntry::parameters`].
    pub parameters: String,
    /// The place of the status in a tuple that a handler returns.
    pub tuple_status: Option<u32>,
    /// Its exceptions become responses before the framework's error handlers see them: by those of this name only.
    pub errors: String,
}

/// What a field object of a model, form or serializer says of its values.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Declares {
    /// They are few: choices, flags.
    pub bounded: bool,
    /// They are of this category.
    pub category: Option<Category>,
    /// In the reader's words: `an e-mail address`.
    pub what: String,
}

/// A decorator or attribute macro that makes a function a handler.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct HandlerEntry {
    /// All paths with this meaning (`flask.Flask.route`, `actix_web.get`).
    pub path: Vec<String>,
    /// Positional order of the decorator's own parameters.
    pub params: Vec<ArgName>,
    /// The place of the status in a tuple that the handler returns (Flask: 1, `body, 404`; django-ninja: 0).
    pub tuple_status: Option<u32>,
    /// What the parameters of the function are: `client` (each a value from the client unless its type says
    /// otherwise), `typed` (only what types say), `request` (the first is a request of type `request`).
    pub parameters: String,
    /// The type of the first parameter, for `request`.
    pub request: Option<String>,
    /// `middleware`, `error-handler`, `after-request`, `fallback`; empty for a route.
    pub wraps: String,
    /// The argument with the status or exception class, for error handlers.
    pub catches: Option<ArgName>,
    /// Which handlers it wraps, as in [`Wraps::covers`].
    pub covers: String,
    /// As in [`View::errors`].
    pub errors: String,
    /// Keyword with the status of a normal return (`status_code=201`).
    pub status: Option<ArgName>,
    /// Types that, as a plain parameter of the function, hold the body of the request.
    pub body_types: Vec<String>,
}

/// A module variable that a framework reads by its name.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct VariableEntry {
    /// Names of the variable, or `NAME[KEY]` for an entry of a dict it holds (`REST_FRAMEWORK[EXCEPTION_HANDLER]`).
    pub name: Vec<String>,
    /// `middleware`, `error-handler`, `after-request`, `fallback`, `routes`: what the functions are that it holds.
    pub wraps: String,
    /// The status that an error handler is for; none: all exceptions.
    pub catches: Option<u16>,
    /// It holds dotted paths as text (one, or a list of them), not the functions.
    pub paths: bool,
    /// Methods of a class that it holds, and what they are (`process_response = "after-request"`).
    pub hooks: BTreeMap<String, String>,
    /// An error handler for the views and handlers of this [`View::errors`] only.
    pub errors: String,
    /// The place of the response or exception among the function's parameters; none: the last.
    pub given: Option<u32>,
}

/// A parameter that by its name and the module's imports is an object of a framework.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ParameterEntry {
    /// Names of the parameter (`request`).
    pub name: Vec<String>,
    /// First words of imports one of which the module must have (`django`).
    pub imports: Vec<String>,
    /// The type of the parameter.
    pub r#type: String,
    /// A function whose first parameter it is (after `self`) answers requests.
    pub handler: bool,
    /// In methods of a class with this attribute, it is an instance of the class that the attribute names.
    pub class_attribute: Option<String>,
}
