//! A small validator for JSON Schema (draft 7): the keywords that our schemas use. Any other keyword is an error, so that
//! nothing is passed over in silence.

use regex_lite::Regex;
use serde_json::Value;

/// Everything in `value` that the schema does not allow; each with its path.
pub(crate) fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let mut found = Vec::new();
    check(schema, schema, value, "$", &mut found);
    found
}

fn check(root: &Value, schema: &Value, value: &Value, at: &str, found: &mut Vec<String>) {
    let Some(keywords) = schema.as_object() else {
        if schema == &Value::Bool(false) {
            found.push(format!("{at}: nothing is allowed here"));
        }
        return;
    };
    if let Some(reference) = keywords.get("$ref").and_then(Value::as_str) {
        let target = root.pointer(reference.trim_start_matches('#')).unwrap_or_else(|| panic!("no {reference}"));
        return check(root, target, value, at, found);
    }
    for (keyword, wanted) in keywords {
        let fits = |schema: &Value| {
            let mut inner = Vec::new();
            check(root, schema, value, at, &mut inner);
            inner.is_empty()
        };
        let all = |wanted: &Value| wanted.as_array().expect("a list").iter().filter(|one| fits(one)).count();
        let holds = match keyword.as_str() {
            "$schema"
            | "$id"
            | "title"
            | "description"
            | "default"
            | "definitions"
            | "format"
            | "properties"
            | "additionalProperties"
            | "items" => true,
            "type" => has_type(wanted, value),
            "enum" => wanted.as_array().expect("a list").contains(value),
            "anyOf" => all(wanted) > 0,
            "oneOf" => all(wanted) == 1,
            "not" => !fits(wanted),
            "required" => value.as_object().is_none_or(|fields| {
                wanted.as_array().expect("a list").iter().all(|key| fields.contains_key(key.as_str().expect("a key")))
            }),
            "pattern" => value.as_str().is_none_or(|text| {
                Regex::new(wanted.as_str().expect("a pattern")).expect("a pattern that can be read").is_match(text)
            }),
            "minLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 >= wanted.as_u64().expect("a number"))
            }
            "minimum" => value.as_f64().is_none_or(|number| number >= wanted.as_f64().expect("a number")),
            "maximum" => value.as_f64().is_none_or(|number| number <= wanted.as_f64().expect("a number")),
            "minItems" => value.as_array().is_none_or(|list| list.len() as u64 >= wanted.as_u64().expect("a number")),
            "uniqueItems" => value.as_array().is_none_or(|list| {
                wanted != &Value::Bool(true) || list.iter().enumerate().all(|(at, one)| !list[..at].contains(one))
            }),
            other => panic!("the validator does not know the keyword `{other}`"),
        };
        if !holds {
            found
                .push(format!("{at}: {keyword} {wanted}: {}", value.to_string().chars().take(200).collect::<String>()));
        }
    }
    inside(root, keywords, value, at, found);
}

fn inside(root: &Value, keywords: &serde_json::Map<String, Value>, value: &Value, at: &str, found: &mut Vec<String>) {
    if let (Some(items), Some(list)) = (keywords.get("items"), value.as_array()) {
        for (index, one) in list.iter().enumerate() {
            check(root, items, one, &format!("{at}[{index}]"), found);
        }
    }
    let Some(fields) = value.as_object() else { return };
    let known = keywords.get("properties").and_then(Value::as_object);
    for (key, one) in fields {
        let at = format!("{at}.{key}");
        match (known.and_then(|known| known.get(key)), keywords.get("additionalProperties")) {
            (Some(schema), _) => check(root, schema, one, &at, found),
            (None, Some(schema)) => check(root, schema, one, &at, found),
            (None, None) => {}
        }
    }
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &str| match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        other => panic!("no type `{other}`"),
    };
    match wanted {
        Value::Array(names) => names.iter().any(|name| is(name.as_str().expect("a name"))),
        name => is(name.as_str().expect("a name")),
    }
}

#[test]
fn the_validator_refuses_what_it_should() {
    let schema: Value = serde_json::from_str(
        r##"{"type": "object", "required": ["a"], "additionalProperties": false,
            "properties": {"a": {"$ref": "#/definitions/n"}, "b": {"items": {"enum": ["x"]}, "uniqueItems": true}},
            "definitions": {"n": {"type": "integer", "minimum": 1}}}"##,
    )
    .expect("JSON");
    let count = |text: &str| violations(&schema, &serde_json::from_str(text).expect("JSON")).len();
    assert_eq!(count(r#"{"a": 1, "b": ["x"]}"#), 0);
    assert_eq!(count(r#"{"a": 0}"#), 1);
    assert_eq!(count(r#"{"b": ["x", "x", "y"], "c": 1}"#), 4);
}
