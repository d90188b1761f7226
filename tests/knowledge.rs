//! The files under `rules/`: readable, free of contradictions, in the vocabulary.

use overexposed::knowledge::Knowledge;

#[test]
fn the_embedded_files_are_readable_and_contradict_neither_each_other_nor_the_vocabulary() {
    let problems = Knowledge::embedded_problems();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn a_misspelt_key_is_an_error_with_file_line_and_nearest_key() {
    let text = "library = \"x\"\nlanguages = [\"python\"]\n\n[[call]]\npath = [\"x.f\"]\nretuns = \"x.T\"\n";
    let error = Knowledge::default().with_extra(vec![("x.toml".into(), text.into())]).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("x.toml", 6));
    assert_eq!(error.help, "did you mean `returns`?");
}

#[test]
fn an_unknown_primitive_is_an_error_with_its_neighbour() {
    let text = "library = \"x\"\nlanguages = [\"python\"]\n[[call]]\npath = [\"x.f\"]\ndoes = \"identty\"\n";
    let error = Knowledge::default().with_extra(vec![("x.toml".into(), text.into())]).unwrap_err();
    assert_eq!(error.to_string(), "x.toml:5: unknown does `identty`");
    assert_eq!(error.help, "did you mean `identity`?");
}

#[test]
fn an_argument_that_is_not_declared_is_an_error() {
    let text = "library = \"x\"\nlanguages = [\"rust\"]\n[[call]]\npath = [\"x.f\"]\nparams = [\"text\"]\ncarries = [\"txt\"]\n";
    let error = Knowledge::default().with_extra(vec![("x.toml".into(), text.into())]).unwrap_err();
    assert_eq!((error.line, error.help.as_str()), (6, "did you mean `text`?"));
}
