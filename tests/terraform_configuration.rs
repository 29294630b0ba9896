//! The configuration's files as the real Terraform reads them: what variables
//! are worth, which backend counts, and what it does when a state takes the
//! place of another.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

#[path = "support/sandbox.rs"]
mod sandbox;
#[path = "support/terraform.rs"]
mod terraform;

use std::fs;
use std::process::Output;

use holdpoint::parse::hcl;
use sandbox::{Sandbox, err, out, run_with};
use serde_json::Value;

/// Where a variable may be set, in the order in which the later wins.
const SOURCES: &[&str] = &[
    "default",
    "TF_VAR",
    "terraform.tfvars",
    "terraform.tfvars.json",
    ".hidden.auto.tfvars",
    "a.auto.tfvars.json",
    "b.auto.tfvars",
    "x.tfvars",
    "-var",
    "y.tfvars.json",
];

struct Directory {
    sandbox: Sandbox,
}

impl Directory {
    fn new() -> Directory {
        let sandbox = Sandbox::new();
        sandbox.tool("terraform", &format!("exec {} \"$@\"", terraform::terraform()));
        sandbox.shim("terraform");
        Directory { sandbox }
    }

    fn write(&self, name: &str, text: &str) {
        self.sandbox.write(&format!("work/{name}"), text);
    }

    /// Terraform without a guard.
    fn run(&self, args: &[&str]) -> Output {
        let mut command = self.sandbox.command(self.sandbox.path("tools/terraform"));
        command.args(args).output().expect("it starts")
    }

    /// The same, which has to succeed.
    #[track_caller]
    fn real(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}{}", out(&output), err(&output));
        out(&output)
    }

    /// What holdpoint's target says under `source`, with `vars` set.
    fn evidence(&self, source: &str, args: &[&str], vars: &[(String, String)]) -> Option<String> {
        let words = [&["check", "--json", "--", "terraform", "destroy"], args].concat();
        let mut command = self.sandbox.holdpoint(&words);
        command.envs(vars.iter().map(|(name, value)| (name, value)));
        let output = command.output().expect("it starts");
        let json: Value = serde_json::from_str(&out(&output)).expect("JSON");
        let evidence = json["target"]["evidence"].as_array().expect("evidence").clone();
        let found = evidence.iter().find(|it| it["source"] == source)?;
        found["value"].as_str().map(str::to_owned)
    }

    /// The shim's `destroy`, as an agent runs it.
    fn agent(&self) -> Output {
        let args = ["destroy", "-auto-approve", "-no-color"];
        self.sandbox.agent("terraform", &args).output().expect("it starts")
    }
}

#[test]
fn values_are_worth_what_terraform_says() {
    let directory = Directory::new();
    let mut main = String::new();
    let mut texts = vec![(String::new(), String::new()); SOURCES.len()];
    let mut parts = Vec::new();
    for (first, one) in SOURCES.iter().enumerate() {
        for (second, other) in SOURCES.iter().enumerate().skip(first + 1) {
            let name = format!("v{first}_{second}");
            let default = if first == 0 { "  default = \"0\"\n" } else { "" };
            main.push_str(&format!("variable \"{name}\" {{\n{default}}}\n"));
            parts.push(format!("${{var.{name}}}"));
            for (place, source) in [(first, one), (second, other)] {
                let (text, comma) = &mut texts[place];
                if source.ends_with(".json") {
                    text.push_str(&format!("{comma}\"{name}\": \"{place}\""));
                    *comma = ",".to_owned();
                } else {
                    text.push_str(&format!("{name} = \"{place}\"\n"));
                }
            }
        }
    }
    let (mut vars, mut args) = (Vec::new(), vec!["-var-file=x.tfvars".to_owned()]);
    for (source, (text, _)) in SOURCES.iter().zip(&texts) {
        let lines = text.lines().map(|line| line.replace([' ', '"'], ""));
        match *source {
            "default" => {}
            "TF_VAR" => vars.extend(lines.filter_map(|line| {
                let (name, value) = line.split_once('=')?;
                Some((format!("TF_VAR_{name}"), value.to_owned()))
            })),
            "-var" => args.extend(lines.map(|line| format!("-var={line}"))),
            name if name.ends_with(".json") => directory.write(name, &format!("{{{text}}}")),
            name => directory.write(name, text),
        }
    }
    args.push("-var-file=y.tfvars.json".to_owned());
    args.extend(["-var=n=1.50", "-var=o={a=\"in\"}", "-var=q=[1]"].map(str::to_owned));
    main.push_str(
        "variable \"n\" {\n  type = number\n}\nvariable \"o\" {\n  type = map(string)\n}\n\
         variable \"q\" {}\n\
         locals {\n  m = { a = \"x\", \"b\" = { c = var.o.a } }\n  l = [\"y\", \"z\"]\n  \
         k = \"b\"\n  over = \"main\"\n}\n",
    );
    parts.extend(
        [
            "${var.o[\"a\"]}",
            "${var.q}",
            "${local.m[\"a\"]}",
            "${local.m[local.k].c}",
            "${local.l[1]}",
            "${local.json}",
            "${local.over}",
            "${terraform.workspace}",
            "${true}",
            "${1e3}",
            "$${x}",
            "%%{y}",
            "\\u00e9\\\"",
            "${(local.k)}",
        ]
        .map(str::to_owned),
    );
    main.push_str(&format!("locals {{\n  all = \"{}\"\n}}\n", parts.join(",")));
    directory.write("main.tf", &main);
    directory.write("json.tf.json", r#"{"locals": {"json": "j${local.k}"}}"#);
    directory.write("a_override.tf", "locals {\n  over = \"over\"\n}\n");
    directory.write(".ignored.tf", "locals {\n  k = \"hidden\"\n}\n");
    directory.write("main.tofu", "locals {\n  k = \"tofu\"\n}\n");
    directory.real(&["init", "-no-color"]);
    directory.real(&["workspace", "new", "other"]);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let mut console = directory.sandbox.command(directory.sandbox.path("tools/terraform"));
    console.arg("console").args(&args).envs(vars.iter().map(|(name, value)| (name, value)));
    let said = out(&run_with(&mut console, "local.all\n"));
    let said: String = serde_json::from_str(said.trim()).expect("a text");
    assert!(said.starts_with("1,2,3,") && said.contains(",over,other,true,"), "{said}");
    directory.write("p.tf", "provider \"aws\" {\n  profile = local.all\n}\n");
    let own = directory.evidence("p.tf, provider aws, profile", &args, &vars);
    assert_eq!(own, Some(said));
}

#[test]
fn the_backend_is_the_one_that_was_initialised() {
    let directory = Directory::new();
    let backend = |path: &str| {
        format!(
            "terraform {{\n  backend \"local\" {{\n    path = \"{path}\"\n  }}\n}}\n\
             resource \"terraform_data\" \"a\" {{}}\n"
        )
    };
    let fails = |args: &[&str], why: &str| {
        let output = directory.run(args);
        assert!(!output.status.success(), "{args:?}: {}", out(&output));
        assert!(err(&output).contains(why), "{}", err(&output));
    };
    let destroy = ["destroy", "-auto-approve", "-no-color"];
    let noted = || directory.evidence("local backend, path", &[], &[]);
    let written = || directory.evidence("main.tf, local backend, path", &[], &[]);
    directory.write("main.tf", &backend("dev.tfstate"));
    fails(&destroy, "initialization required");
    assert_eq!((noted(), written().as_deref()), (None, Some("dev.tfstate")));
    directory.real(&["init", "-no-color"]);
    assert_eq!((noted().as_deref(), written()), (Some("dev.tfstate"), None));
    directory.write("main.tf", &backend("prod.tfstate"));
    fails(&destroy, "initialization required");
    fails(&["init", "-no-color", "-input=false"], "Backend configuration changed");
    assert_eq!((noted().as_deref(), written()), (Some("dev.tfstate"), None));
    directory.real(&["init", "-no-color", "-reconfigure"]);
    assert_eq!(noted().as_deref(), Some("prod.tfstate"));
    directory.real(&["init", "-no-color", "-reconfigure", "-backend-config=path=x.tfstate"]);
    assert_eq!(noted().as_deref(), Some("x.tfstate"));
    directory.real(&["apply", "-auto-approve", "-no-color"]);
    assert!(directory.sandbox.path("work/x.tfstate").exists());
}

#[test]
fn a_state_from_elsewhere_is_not_destroyed_under_a_development_name() {
    let configuration = "resource \"terraform_data\" \"a\" {\n  input = \"one\"\n}\n";
    let made = |workspace: &str| {
        let directory = Directory::new();
        directory.write("main.tf", configuration);
        directory.real(&["init", "-no-color"]);
        directory.real(&["workspace", "new", workspace]);
        directory.real(&["apply", "-auto-approve", "-no-color"]);
        // A change keeps the copy of what was there before.
        directory.write("main.tf", &configuration.replace("one", "two"));
        directory.real(&["apply", "-auto-approve", "-no-color"]);
        let state = format!("work/terraform.tfstate.d/{workspace}/terraform.tfstate");
        let state = directory.sandbox.path(&state);
        (directory, state)
    };
    let (development, own) = made("dev");
    let (_production, other) = made("prod");
    let before = fs::read(&own).expect("a state");
    fs::copy(&other, &own).expect("it is copied");
    let refused = development.agent();
    assert_eq!(refused.status.code(), Some(77), "{}{}", out(&refused), err(&refused));
    assert!(err(&refused).contains("lineage is not that of its own backup"), "{}", err(&refused));
    assert_eq!(development.real(&["state", "list"]).trim(), "terraform_data.a");
    // Its own is free, whatever Terraform did with it in between.
    fs::write(&own, before).expect("it is put back");
    development.real(&["state", "mv", "terraform_data.a", "terraform_data.b"]);
    development.real(&["state", "mv", "terraform_data.b", "terraform_data.a"]);
    development.real(&["refresh"]);
    let allowed = development.agent();
    assert_eq!(allowed.status.code(), Some(0), "{}{}", out(&allowed), err(&allowed));
    assert_eq!(development.real(&["state", "list"]).trim(), "");
    // An older one that is put back is noticed too.
    development.real(&["apply", "-auto-approve", "-no-color"]);
    let old = fs::read(&own).expect("a state");
    for value in ["three", "four"] {
        development.write("main.tf", &configuration.replace("one", value));
        development.real(&["apply", "-auto-approve", "-no-color"]);
    }
    let allowed = development.agent();
    assert_eq!(allowed.status.code(), Some(0), "{}{}", out(&allowed), err(&allowed));
    fs::write(&own, old).expect("it is put back");
    let refused = development.agent();
    assert_eq!(refused.status.code(), Some(77), "{}{}", out(&refused), err(&refused));
    assert!(err(&refused).contains("older than its own backup"), "{}", err(&refused));
}

/// Pieces of the grammar, well-formed and not.
const PIECES: &[&str] = &[
    "a = 1\n",
    "a=1",
    "a = \"x\" b = 2\n",
    "a {\n}\n",
    "a {}\n",
    "a { b = 1 }\n",
    "a { b = 1\n}\n",
    "a \"x\" y {\n}\n",
    "a \"x${1}\" {\n}\n",
    "a = <<EOT\nhi ${x}\nEOT\n",
    "a = <<-EOT\n  hi\n  EOT\n",
    "a = <<EOT\nhi\nEOT",
    "a = f(<<EOT\nhi\nEOT\n)\n",
    "a = [\n1,\n2,\n]\n",
    "a = {\n b = 1\n c = 2, d : 3\n \"e\" = 4 }\n",
    "a = { b = 1, }\n",
    "a = [for x in y : x if x != \"\"]\n",
    "a = {for k, v in y : k => v...}\n",
    "a = x ? y : z\n",
    "a = x\n? y : z\n",
    "a = (x\n? y : z)\n",
    "a = x[*].b\n",
    "a = x.*.b\n",
    "a = x.0.b\n",
    "a = x[\"k\"].b[0]\n",
    "a = -x + !y\n",
    "a = 1e10\n",
    "a = 0x10\n",
    "a = .5\n",
    "a = \"\\u00e9 \\U0001F600\"\n",
    "a = \"\\x\"\n",
    "a = \"%{ if x }a%{ else }b%{ endif }\"\n",
    "a = \"%{ for x in y ~}\n${x}%{ endfor }\"\n",
    "a = \"x\ny\"\n",
    "# c\n// d\n/* e\n */ a = 1 # f\n",
    "a = 1 /* x */\n",
    "/* a */ b = 1 // c\n",
    "a = null\n",
    "for = 1\n",
    "if = 2\nin = 3\n",
    "\u{e9} = 1\n",
    "a-b = 1\n",
    "_a = 1\n",
    "1a = 1\n",
    "a = f(x...)\n",
    "a = f(x,)\n",
    "a = provider::x::y(1)\n",
    "a = core::f(1)\n",
    "a = \"${\"b\"}\"\n",
    "a = \"$${b} %%{c}\"\n",
    "a = \"$b %c $\"\n",
    "a = \"${b}$\"\n",
    "a\n= 1\n",
    "a = \n1\n",
    "\r\na = 1\r\n",
    "a = 1;b = 2\n",
    "a = [1 2]\n",
    "a = {b = 1 c = 2}\n",
    "a = {\n}\n",
    "a = []\n",
    "a = {(x) = 1}\n",
    "a = {x.y = 1}\n",
    "a = {1 = 2}\n",
    "a = {\"${x}\" = 1}\n",
    "a = {x = 1\n\n# c\n y = 2}\n",
    "a = x == y && z || w\n",
    "a = x >= 1 ? 2 : 3 < 4 ? 5 : 6\n",
    "a = 5 % 3\n",
    "a b c {\n}\n",
    "a \"b\" \"c\" \"d\" {\n}\n",
    "dynamic \"x\" {\n for_each = y\n content {\n }\n}\n",
    "a = 1\na = 2\n",
    "a = f(\"a\", <<-X\n b\n X\n, 2)\n",
    "a = \"${f(\"x\", \"y\")}\"\n",
    "a = \"${x ? \"a\" : \"b\"}\"\n",
    "a = 12345678901234567890123\n",
    "a = \"\t\"\n",
    "a = x . y\n",
    "a = x [0]\n",
    "a = f (1)\n",
    "a {\nb = 1 }\n",
    "a { b {} }\n",
    "a {\n b { c = 1 }\n}\n",
    "a = <<\"EOT\"\nx\nEOT\n",
    "a = <<EOT\n\\n \"q\" $ %\nEOT\n",
    "a = [<<A\nx\nA\n, <<B\ny\nB\n]\n",
    "a = x!=y\n",
    "a = !x!=y\n",
    "a = \"${x}${y}z\"\n",
    "a = 1 == 1 ? \"x\" : null\n",
    "a = {\n  \"a b\" = 1,\n  c = { d = [1,2,{e=3}] }\n}\n",
    "\u{feff}a = 1\n",
    "a = \"\\\"quoted\\\"\"\n",
    "a = \"${~ x ~}\"\n",
    "x \"y\" { # comment\n a = 1\n} # end\n",
    "a = [ # c\n 1, # d\n] # e\n",
    "a = x # c",
    "a = try(x.y, z) // c",
    "# only",
    "",
    "\n\n",
    "a = 1\n\u{c}",
    "a = templatefile(\"${path.module}/x.tpl\", {\n a = 1\n})\n",
    "a = (1)\n",
    "a = ((x))[0]\n",
    "a = f(x)[0].y\n",
    "a = [1][0]\n",
    "a = {b=1}.b\n",
    "a = \"x\"[0]\n",
    "a = \"x\".y\n",
    "a = var.x.*.y[0]\n",
    "a = x[*]\n",
    "a = x[*][0]\n",
];

/// Those that Terraform refuses and hcl-edit takes: a here-document that ends
/// with the file, and a line's end between quotes.
const LENIENT: &[&str] =
    &["a = <<EOT\nhi\nEOT", "a = \"%{ for x in y ~}\n${x}%{ endfor }\"\n", "a = \"x\ny\"\n"];

#[test]
fn the_grammar_is_terraforms() {
    let directory = Directory::new();
    for (number, piece) in PIECES.iter().enumerate() {
        directory.write(&format!("{number:03}.tf"), piece);
    }
    let said = err(&directory.run(&["fmt", "-no-color", "-write=false", "-list=false"]));
    let refused = PIECES.iter().enumerate().filter(|(number, piece)| {
        let is_refused = said.contains(&format!("on {number:03}.tf line"));
        assert!(is_refused || !LENIENT.contains(piece), "{piece:?}");
        let read = hcl::native(piece);
        let expected = !is_refused || LENIENT.contains(piece);
        assert_eq!(read.is_ok(), expected, "{piece:?}: {read:?}");
        is_refused
    });
    assert_eq!(refused.count(), 21, "{said}");
}
