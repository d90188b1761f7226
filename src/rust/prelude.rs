//! Names that the language itself brings into scope.

/// What the prelude and the language itself call so.
pub(super) fn prelude(item: &str) -> Option<&'static str> {
    Some(match item {
        "Some" => "Some",
        "None" => "None",
        "Ok" => "Ok",
        "Err" => "Err",
        "String" => "std.string.String",
        "ToString" => "std.string.ToString",
        "Vec" => "std.vec.Vec",
        "Option" => "std.option.Option",
        "Result" => "std.result.Result",
        "Box" => "std.boxed.Box",
        "ToOwned" => "std.borrow.ToOwned",
        "Clone" => "std.clone.Clone",
        "Copy" => "std.marker.Copy",
        "Send" => "std.marker.Send",
        "Sync" => "std.marker.Sync",
        "Sized" => "std.marker.Sized",
        "Unpin" => "std.marker.Unpin",
        "Default" => "std.default.Default",
        "Iterator" => "std.iter.Iterator",
        "IntoIterator" => "std.iter.IntoIterator",
        "FromIterator" => "std.iter.FromIterator",
        "Extend" => "std.iter.Extend",
        "From" => "std.convert.From",
        "Into" => "std.convert.Into",
        "TryFrom" => "std.convert.TryFrom",
        "TryInto" => "std.convert.TryInto",
        "AsRef" => "std.convert.AsRef",
        "AsMut" => "std.convert.AsMut",
        "Fn" => "std.ops.Fn",
        "FnMut" => "std.ops.FnMut",
        "FnOnce" => "std.ops.FnOnce",
        "Drop" => "std.ops.Drop",
        "Future" => "std.future.Future",
        "IntoFuture" => "std.future.IntoFuture",
        "PartialEq" => "std.cmp.PartialEq",
        "Eq" => "std.cmp.Eq",
        "PartialOrd" => "std.cmp.PartialOrd",
        "Ord" => "std.cmp.Ord",
        "drop" => "std.mem.drop",
        _ => return primitive(item),
    })
}

/// A primitive type.
fn primitive(item: &str) -> Option<&'static str> {
    const ALL: [&str; 17] = [
        "bool", "char", "str", "u8", "u16", "u32", "u64", "u128", "usize", "i8", "i16", "i32", "i64", "i128", "isize",
        "f32", "f64",
    ];
    ALL.into_iter().find(|known| *known == item)
}

/// Macros of the standard library.
pub(super) const STD_MACROS: [&str; 38] = [
    "format", "format_args", "print", "println", "eprint", "eprintln", "write", "writeln", "vec", "matches", "panic",
    "unreachable", "todo", "unimplemented", "assert", "assert_eq", "assert_ne", "debug_assert", "debug_assert_eq",
    "debug_assert_ne", "dbg", "include_str", "include_bytes", "include", "env", "option_env", "concat", "stringify",
    "line", "file", "column", "module_path", "cfg", "compile_error", "thread_local", "try", "global_asm", "asm",
];
