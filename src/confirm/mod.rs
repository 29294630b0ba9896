pub mod phrase {
    pub fn for_judgement(_: &crate::judgement::Judgement, _: &dyn crate::world::World) -> String {
        unimplemented!()
    }
}
