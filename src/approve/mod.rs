//! stub
pub fn request_id(
    _: crate::pipeline::Subject<'_>,
    _: &crate::judgement::Judgement,
    _: &dyn crate::world::World,
) -> String {
    unimplemented!()
}
