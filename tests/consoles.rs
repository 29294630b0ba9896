//! Code for consoles against the languages' own parsers: programs put together
//! from pieces that end quotes, comments and lines in unlikely places. Of those
//! that are read as only querying and printing, Ruby's and Python's own trees
//! must show no call of what does more. (What the frameworks' methods do is
//! their documentation's; see src/parse/queries/words.rs.)

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use std::io::Write;
use std::process::{Command, Stdio};

use holdpoint::parse::queries::{Language, only_reads};

/// Programs that are put together for each language.
const PROGRAMS: usize = 60_000;

/// What does more, wherever it is called; the pieces use no other such name.
const RUBY_ORACLE: &str = r#"
DANGER = %i[purge delete_all destroy system send ` []= name= << eval define_method]
def walk(node, found)
  return unless node.is_a?(RubyVM::AbstractSyntaxTree::Node)
  case node.type
  when :VCALL, :FCALL then found << node.children[0]
  when :CALL, :QCALL, :OPCALL, :ATTRASGN then found << node.children[1]
  when :XSTR, :DXSTR then found << :`
  when :DEFN, :DEFS, :CLASS, :MODULE, :ALIAS, :UNDEF then found << :eval
  when :BLOCK_PASS
    block = node.children[1]
    found << block.children[0] if block.is_a?(RubyVM::AbstractSyntaxTree::Node) && block.type == :LIT
  end
  node.children.each { |child| child.is_a?(Array) ? child.each { |c| walk(c, found) } : walk(child, found) }
end
$stderr.reopen(File::NULL)
parsed = 0
STDIN.read.force_encoding("UTF-8").split("\0").each do |code|
  begin
    tree = RubyVM::AbstractSyntaxTree.parse(code)
  rescue SyntaxError
    next
  end
  parsed += 1
  found = []
  walk(tree, found)
  bad = found & DANGER
  puts [bad, code].inspect unless bad.empty?
end
puts "parsed %d" % parsed
"#;

const PYTHON_ORACLE: &str = r#"
import ast, sys, warnings
warnings.simplefilter("ignore")
DANGER = {"purge", "delete", "system", "eval", "exec", "getattr"}
parsed = 0
for code in sys.stdin.read().split("\0"):
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError):
        continue
    parsed += 1
    bad = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", "computed"))
            if name in DANGER or name == "computed":
                bad.add(name)
        if isinstance(node, (ast.Lambda, ast.FunctionDef, ast.ClassDef, ast.Delete)):
            bad.add(type(node).__name__)
        if isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
            bad.add("assignment")
    if bad:
        print(sorted(bad), repr(code))
print("parsed", parsed)
"#;

const RUBY: &[&str] = &[
    "puts ",
    "p ",
    "User",
    ".count",
    ".where(",
    "a: ",
    "a:",
    "purge",
    "purge ",
    ".delete_all",
    "::delete_all",
    "&.destroy",
    "(:destroy)",
    "'",
    "\"",
    "#{",
    "}",
    ")",
    "(",
    "\n",
    ";",
    "#",
    " ",
    "?",
    " ? ",
    ":",
    " : ",
    "::",
    "&:",
    "&",
    "|u| ",
    "|purge|",
    "{ ",
    " }",
    " do ",
    " end",
    "%w[",
    "%q(",
    "%x(",
    "]",
    "[",
    ", ",
    "=",
    " = ",
    "==",
    "\n=begin\n",
    "\n=end\n",
    "<<E\n",
    "\nE\n",
    "/",
    "`",
    "\\",
    " if ",
    "x",
    "x = 1\n",
    "x ",
    "!",
    ".",
    "->",
    "..",
    "1",
    "1.day",
    "%",
    "$",
    "@x",
    "'a'",
    "\"a\"",
    "u.email",
    ".each",
    ".map",
    ".find_each",
    "purge = 1\n",
    "for purge in [1] do ",
    ".name",
    "name: ",
    "system 'x'",
    ".send(:x)",
    "{a: ",
    "\"a\":",
    "\t",
    "\r\n",
    "__END__",
    "and ",
    "not ",
    "begin ",
    "while ",
    "case ",
    "when ",
    "then ",
    "x.",
    "**",
    "*",
    "-",
    " -",
    "+= 1",
    "<< ",
    "| ",
];

const PYTHON: &[&str] = &[
    "print(",
    "User",
    ".objects",
    ".all()",
    ".filter(",
    "a=",
    "purge()",
    "purge",
    ".delete()",
    ".delete",
    "(",
    ")",
    "'",
    "\"",
    "'''",
    "\"\"\"",
    "f'",
    "f\"",
    "rf'",
    "b'",
    "r\"",
    "{",
    "}",
    "{{",
    "}}",
    ":",
    "!r",
    "\n",
    "\n    ",
    ";",
    "#",
    " ",
    "\\",
    "[",
    "]",
    ", ",
    "=",
    " = ",
    "==",
    "x",
    "x = 1\n",
    "for x in ",
    "for purge in ",
    " in ",
    " if ",
    " else ",
    "lambda: ",
    "import json\n",
    "from shop.models import User\n",
    "from shop.models import purge\n",
    " as ",
    "with ",
    "1",
    "%",
    "'a'",
    "\"a\"",
    ".email",
    "len(",
    "eval(",
    "getattr(",
    "system",
    "str",
    "_",
    ".format(",
    "*",
    "**",
    "@",
    "->",
    ":=",
    "~",
    "|",
    "-",
    "\t",
    "\r\n",
    "del ",
    "def f(): ",
    "not ",
    "and ",
    "is ",
    "x.",
    "None",
    "Q(",
    ".raw('select 1')",
    "print",
];

/// A small generator: the same programs every time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % end
    }
}

fn programs(language: Language, pieces: &[&str], seeds: &[&str]) -> Vec<String> {
    let mut random = Random(20_261_122);
    let mut accepted = Vec::new();
    for _ in 0..PROGRAMS {
        // A seed in which some places give way to pieces, or pieces alone.
        let mut code = match random.below(4) {
            0 => String::new(),
            _ => seeds[random.below(seeds.len())].to_owned(),
        };
        for _ in 0..=random.below(if code.is_empty() { 9 } else { 4 }) {
            let places: Vec<usize> =
                code.char_indices().map(|(at, _)| at).chain([code.len()]).collect();
            let at = places[random.below(places.len())];
            code.insert_str(at, pieces[random.below(pieces.len())]);
        }
        if only_reads(&code, language) {
            accepted.push(code);
        }
    }
    accepted
}

fn judged_by(program: &str, arguments: &[&str], codes: &[String]) -> String {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let text = codes.join("\0");
    let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()).unwrap());
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert!(output.status.success(), "{program}: {}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// That the oracle says so of each of these.
#[track_caller]
fn reports(program: &str, arguments: &[&str], bad: &[&str]) {
    let codes: Vec<String> = bad.iter().map(|code| (*code).to_owned()).collect();
    let said = judged_by(program, arguments, &codes);
    assert_eq!(said.lines().count(), bad.len() + 1, "{said}");
}

#[track_caller]
fn holds(said: &str) {
    let (bad, last): (Vec<&str>, Vec<&str>) =
        said.lines().partition(|line| !line.starts_with("parsed "));
    assert!(bad.is_empty(), "{} read wrongly:\n{}", bad.len(), bad[..bad.len().min(20)].join("\n"));
    let parsed: usize = last[0]["parsed ".len()..].parse().unwrap();
    assert!(parsed > 1_000, "only {parsed} programs");
}

#[test]
fn rubys_own_tree_shows_no_call_that_does_more() {
    let seeds = [
        "puts User.count",
        "User.where(a: 1).find_each { |u| puts u.email }",
        "puts \"#{User.count} purge\"\nputs 'purge'",
        "x = User.count\nputs x # purge",
        "p User.where('a = ?', 1).pluck(:purge)",
        "User.order(:purge).each do |u|\n  puts u.email\nend",
        // These do more, but for one letter or another.
        "x = 5; x %w[User.delete_all]",
        "puts 1\n=begin\n'\n=end\nUser.delete_all #'",
        "puts <<E\n'\nE\nUser.delete_all #'",
        "[1].each { |purge| puts purge }; puts purge",
        "purge = 1; puts purge 'x'",
        "puts({\"a\":purge})",
        "puts({ a: purge })",
        "puts ?'; purge #'",
    ];
    let bad = ["purge", "User&.delete_all", "a.each(&:purge)", "`ls`", "u.name = 1", "def x; end"];
    reports("ruby", &["-W0", "-e", RUBY_ORACLE], &bad);
    let codes = programs(Language::Ruby, RUBY, &seeds);
    holds(&judged_by("ruby", &["-W0", "-e", RUBY_ORACLE], &codes));
}

#[test]
fn pythons_own_tree_shows_no_call_that_does_more() {
    let seeds = [
        "print(User.objects.count())",
        "print(f'{User.objects.count()} purge()')",
        "for u in User.objects.all():\n    print(u.email)",
        "x = 'purge()'\nprint(x) # purge()",
        "from shop.models import User; print(User.objects.filter(a='purge()').exists())",
        "print('''purge()''', [u.email for u in User.objects.all()])",
    ];
    let codes = programs(Language::Python, PYTHON, &seeds);
    holds(&judged_by("python3", &["-c", PYTHON_ORACLE], &codes));
}
