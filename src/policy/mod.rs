//! Layers, classes and the decision. Pure.
