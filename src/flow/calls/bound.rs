//! Which argument does an entry of knowledge mean by a name?

use crate::program::Name;

use crate::flow::values::state::Args;
use crate::flow::values::value::Value;

/// Arguments by the names that an entry gives them.
pub(crate) struct Bound<'a> {
    receiver: Option<&'a Value>,
    args: &'a Args,
    named: Vec<(&'a str, Value)>,
    pub(crate) rest: Vec<Value>,
    pub(crate) rest_keywords: Vec<(Name, Value)>,
}

impl<'a> Bound<'a> {
    pub(crate) fn new(params: &'a [String], receiver: Option<&'a Value>, args: &'a Args) -> Self {
        let mut named: Vec<(&'a str, Value)> = Vec::new();
        for (param, value) in params.iter().zip(&args.positional) {
            named.push((param, value.clone()));
        }
        let mut rest_keywords = Vec::new();
        for (key, value) in &args.keywords {
            match params.iter().find(|param| param.as_str() == key.as_str()) {
                Some(param) => named.push((param, value.clone())),
                None => rest_keywords.push((*key, value.clone())),
            }
        }
        let rest = args.positional.iter().skip(params.len()).cloned().collect();
        Bound { receiver, args, named, rest, rest_keywords }
    }

    /// The argument of this name; unknown spreads may hold it too.
    pub(crate) fn get(&self, param: &str) -> Option<Value> {
        if param == "self" {
            return self.receiver.cloned();
        }
        if param == "*" {
            let all = self.rest.iter().chain(self.args.more.iter());
            return all.cloned().reduce(|all, value| all.join(&value));
        }
        if param == "**" {
            let all = self.rest_keywords.iter().map(|(_, value)| value).chain(self.args.more_keywords.iter());
            return all.cloned().reduce(|all, value| all.join(&value));
        }
        if param == "=>" {
            return self.args.pairs.iter().map(|(_, value)| value.clone()).reduce(|all, value| all.join(&value));
        }
        let found = self.named.iter().find(|(known, _)| *known == param).map(|(_, value)| value.clone());
        found
            .or_else(|| self.args.more_keywords.clone().filter(|value| value.unknown))
            .or_else(|| self.args.more.clone())
    }

    pub(crate) fn of(&self, param: Option<&String>) -> Option<Value> {
        param.and_then(|param| self.get(param))
    }

    pub(crate) fn args(&self) -> &'a Args {
        self.args
    }

    pub(crate) fn receiver(&self) -> Option<&'a Value> {
        self.receiver
    }
}
