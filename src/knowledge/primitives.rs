//! The primitives that an entry's `does` may name. The interpreter implements each; the list is the contract.

/// One primitive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Primitive {
    /// Its name in `does`.
    pub name: &'static str,
    /// What it does, in one sentence.
    pub about: &'static str,
}

macro_rules! primitives {
    ($($name:literal $about:literal)*) => {
        /// All primitives by group: values, containers, functional, options, lazy values, text, Python.
        pub const PRIMITIVES: &[Primitive] = &[$(Primitive { name: $name, about: $about }),*];
    };
}

primitives! {
    "identity" "The result is the receiver, or the first argument where there is none."
    "text" "The receiver or first argument as text (`str(x)`, `x.to_string()`)."
    "number" "The receiver or first argument as a number (`int(x)`, `round(x)`)."
    "sum" "An aggregate of the elements: what they carried is dropped."
    "min" "The least of the arguments or elements; with a constant it is an upper bound."
    "max" "The greatest of the arguments or elements; with a constant it is a lower bound."
    "range" "Numbers up to the arguments: few where those are constant."
    "clamp" "The receiver kept between two arguments."

    "get" "The entry under a key, or the default (Rust: wrapped in `Some`)."
    "get-item" "The entry under a key or index; raises when there is none."
    "insert" "Puts a value (second argument) under a key (first) of the receiver."
    "append" "Puts an element into the receiver."
    "extend" "Puts all elements of an iterable into the receiver."
    "pop" "Takes an element or entry out and gives it, or the default."
    "remove" "Takes an element or entry out."
    "clear" "Empties the receiver."
    "set-default" "The entry under a key; puts the default there when there is none."
    "update" "Puts all entries of a map and of the keyword arguments into the receiver."
    "keys" "The keys of a map."
    "values" "The values of a map."
    "items" "The pairs of key and value of a map."
    "iter" "An iterator over the elements."
    "enumerate" "An iterator over pairs of number and element."
    "zip" "An iterator over tuples of the elements of several iterables."
    "copy" "A container of the same kind with the same entries; the same one where it is shared."
    "share" "The argument behind a counted reference: what copies that gets the same object."
    "to-list" "A list of the elements."
    "to-tuple" "A tuple of the elements."
    "to-set" "A set of the elements."
    "to-dict" "A map from pairs, a map, or keyword arguments."
    "default-dict" "A map whose missing entries are what the first argument makes."
    "pair" "A pair of the two arguments: a label's name and its value."
    "entry" "An entry of a map under a key: `set-default` and `for-each` on it work on the map."
    "sorted" "A list of the elements in another order."
    "first" "Some element, wrapped in `Some` for Rust."
    "element" "Some element, as it is."
    "contains" "Whether an element or key is there: a truth value."
    "length" "How many: a neutral number."

    "map" "Calls a function on each element, or on the payload of an option; collects the results."
    "filter" "The elements for which a function holds."
    "filter-map" "The payloads that a function gives for the elements."
    "flat-map" "The elements of what a function gives for each element."
    "fold" "Starts with the first argument and calls the second with it and each element."
    "reduce" "Calls a function with the result so far and each element."
    "for-each" "Calls a function on each element; no result."
    "any" "Calls a function on each element; the result is a truth value."
    "find" "The first element for which a function holds, wrapped in `Some` for Rust."
    "inspect" "Calls a function on the payload or each element; the result is the receiver."
    "partial" "A function with some arguments bound."
    "attribute-getter" "A function that gives the attributes of its argument under these dotted names."
    "item-getter" "A function that gives the entries of its argument under these keys."
    "call" "Calls the first argument with the rest; the result is what it returns."
    "inject" "Calls the first argument as a framework does that injects its result: awaits it, takes what it yields."
    "with" "Calls the first argument with the receiver: the result is what it returns."
    "apply" "Calls the first argument with the second spread as positional and the third as keyword arguments."

    "some" "`Some(x)`."
    "ok" "`Ok(x)`."
    "err" "`Err(x)`."
    "unwrap" "The payload; panics when there is none."
    "unwrap-err" "The error; panics when there is none."
    "unwrap-or" "The payload, or the argument."
    "unwrap-or-default" "The payload, or a neutral default."
    "unwrap-or-else" "The payload, or what the function returns."
    "map-or" "What the second argument (a function) makes of the payload, or the first argument."
    "map-or-else" "What the second function makes of the payload, or what the first returns."
    "map-err" "The same result with the error passed through a function."
    "and-then" "What the function makes of the payload, not wrapped again."
    "ok-or" "`Ok` of the payload, or `Err` of the argument."
    "ok-or-else" "`Ok` of the payload, or `Err` of what the function returns."
    "to-ok" "`Some` of the payload of `Ok`, else `None`."
    "to-err" "`Some` of the payload of `Err`, else `None`."
    "or" "The receiver where it holds something, else the argument."
    "or-else" "The receiver where it holds something, else what the function returns."
    "is-some" "Whether it is `Some`: narrows the receiver."
    "is-none" "Whether it is `None`: narrows the receiver."
    "is-ok" "Whether it is `Ok`: narrows the receiver."
    "is-err" "Whether it is `Err`: narrows the receiver."
    "then" "`Some` of what the function returns where the receiver is true, else `None`."
    "then-some" "`Some` of the argument where the receiver is true, else `None`."
    "take" "The receiver's option, leaving `None`."
    "replace" "The receiver's value, leaving the argument."
    "transpose" "An option of a result as a result of an option, and back."
    "flatten" "An option of an option as an option; an iterable of iterables as an iterable."

    "lazy" "The value that calling the argument gives, once."
    "get-or-init" "The cell's value, or what the function returns, which stays."
    "once-set" "Puts a value into a cell."
    "once-get" "`Some` of the cell's value."
    "lock" "The inner value, in `Ok`."

    "format" "`str.format`: the receiver's text with the arguments in its holes."
    "format-map" "`str.format_map`: the same with a map."
    "join" "The elements of the first argument with the receiver between them, as text."
    "concat" "All arguments (and the receiver) one after the other, as text."
    "push-text" "Appends the argument to the receiver's text."
    "write" "Appends the rest to the first argument's text."
    "print" "Puts the text of the last argument into the receiver, a formatter or encoder; the result is `Ok(())`."
    "print-on" "Puts the text of the last argument into the receiver, which is the result (`f.debug_struct(…).field(…)`)."
    "print-into" "Puts the text of the receiver, or first argument, into the last one; the result is `Ok(())`."
    "encode" "Another form of the same text, which carries it."
    "absorb" "The receiver stays what it is, and carries what the arguments carry from now on (`hasher.update(x)`)."
    "feed" "The first argument carries what the receiver carries from now on (`x.hash(&mut hasher)`)."

    "getattr" "`getattr(object, name[, default])`."
    "setattr" "`setattr(object, name, value)`."
    "hasattr" "`hasattr(object, name)`: a truth value."
    "isinstance" "Whether a value is of a class: a truth value that narrows."
    "issubclass" "Whether a class is another's subclass: a truth value."
    "super" "The receiver seen as its base class."
    "type-of" "The class of a value; its name has few values."
    "property" "Makes a method an attribute."
    "staticmethod" "Makes a method a plain function of the class."
    "classmethod" "Makes a method receive the class."
    "dataclass" "Gives a class a constructor from its annotated fields."
    "named-tuple" "A class made from a list of field names."
    "wraps" "The decorated function as it is (`functools.update_wrapper(f, g)`)."
    "decorator" "A decorator that gives back what it decorates (`functools.wraps(f)`)."
    "cached" "The decorated function as it is, remembered results aside."
    "suppress" "A context manager that swallows the exceptions named by the arguments."
    "context-manager" "Makes a generator function a context manager."
    "gather" "Awaits all arguments; the result is the list of their results."
    "spawn" "Runs the first argument later, with the rest as its arguments."
}

/// The names of all primitives.
#[must_use]
pub fn names() -> Vec<&'static str> {
    PRIMITIVES.iter().map(|primitive| primitive.name).collect()
}
