use super::*;

fn simple(text: &str) -> Simple {
    let list = parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
    match list.entries.into_iter().next().unwrap().pipelines.remove(0).1.commands.remove(0).body {
        Body::Simple(simple) => simple,
        other => panic!("{text}: {other:?}"),
    }
}

#[test]
fn a_line_becomes_a_tree() {
    let simple = simple("A=1 psql -c \"drop $x\" 2>&1");
    assert_eq!(simple.assignments[0].name, "A");
    assert_eq!(simple.words.len(), 3);
    assert_eq!(simple.words[2].raw, "\"drop $x\"");
}
