//! URLs → parts, as the tools split them.
