//! Shell text → simple commands, by brush-parser.
