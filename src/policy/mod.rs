//! stub
use crate::action::*;
use crate::judgement::Verdict;
use crate::target::*;
use crate::world::World;
pub struct Policy;
pub struct Classified {
    pub class: Class,
    pub reasons: Vec<String>,
    pub conflict: bool,
}
pub struct Decision {
    pub human: Verdict,
    pub other: Verdict,
    pub record: bool,
    pub note: Option<String>,
    pub long_phrase: bool,
    pub decided_by: String,
    pub why: Vec<String>,
}
impl Policy {
    pub fn load(_: &dyn World) -> Policy {
        Policy
    }
    pub fn actors(&self) -> &crate::actor::ActorPolicy {
        unimplemented!()
    }
    pub fn classify(&self, _: &Target) -> Classified {
        unimplemented!()
    }
    pub fn decide(&self, _: &Action, _: &Classified, _: &str) -> Decision {
        unimplemented!()
    }
}
