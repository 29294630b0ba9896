//! What requests do, said of the requests themselves: which program sends them
//! does not matter here.

use super::*;
use crate::action::{Flag, Flags};
use crate::invocation::Invocation;
use crate::parse::http::Body;
use crate::target::Class;
use crate::world::fake::FakeWorld;

fn request(method: &str, url: &str) -> Request {
    Request { method: method.to_owned(), url: url.to_owned(), ..Request::default() }
}

fn with_body(request: Request, body: &str) -> Request {
    Request { body: Body::Known(body.as_bytes().into()), ..request }
}

fn actions(request: &Request) -> Vec<Action> {
    let world = FakeWorld::new();
    let invocation = Invocation::new(["wget"]);
    read(request, Context { invocation: &invocation, world: &world }).actions
}

fn only(request: &Request) -> Action {
    let mut actions = actions(request);
    assert_eq!(actions.len(), 1, "{actions:?}");
    actions.remove(0)
}

#[test]
fn a_delete_to_a_control_plane_needs_no_credentials_to_be_one() {
    let action = only(&request("DELETE", "https://api.github.com/repos/acme/shop/releases/7"));
    assert_eq!(action.effect, Effect::Destroy);
    assert!(action.flags.is_empty());
    assert_eq!(action.target.platform, "github");
    assert_eq!(action.object.as_deref(), Some("api.github.com/repos/acme/shop/releases/7"));
    let said = "Deletes api.github.com/repos/acme/shop/releases/7 (api.github.com, GitHub's API).";
    assert_eq!(action.summary, said);
    assert_eq!(action.rule, "http/github");
}

#[test]
fn whole_containers_are_irreversible() {
    let flags = |url: &str| only(&request("DELETE", url)).flags;
    let both = Flags::of(&[Flag::Irreversible, Flag::Backups]);
    assert_eq!(flags("https://api.github.com/repos/a/b"), Flags::of(&[Flag::Irreversible]));
    assert_eq!(flags("https://api.supabase.com/v1/projects/ref"), both);
    assert_eq!(flags("https://api.machines.dev/v1/apps/shop/volumes/vol_1"), both);
    assert_eq!(flags("https://api.machines.dev/v1/apps/shop/machines/1"), Flags::NONE);
    assert_eq!(flags("https://api.digitalocean.com/v2/snapshots/1"), Flags::of(&[Flag::Backups]));
    let kube = "https://10.0.0.1:6443/api/v1/namespaces/shop";
    assert_eq!(flags(kube), Flags::of(&[Flag::Irreversible]));
    let group = "https://management.azure.com/subscriptions/1/resourceGroups/shop?api-version=1";
    assert_eq!(flags(group), Flags::of(&[Flag::Irreversible]));
}

#[test]
fn some_requests_are_less_than_their_method() {
    let pod = request("DELETE", "https://10.0.0.1:6443/api/v1/namespaces/shop/pods/web-1");
    assert_eq!(only(&pod).effect, Effect::Write);
    let purge = request("POST", "https://api.cloudflare.com/client/v4/zones/z/purge_cache");
    assert_eq!(only(&purge).effect, Effect::Disrupt);
    assert_eq!(only(&request("PURGE", "https://www.acme.com/")).effect, Effect::Disrupt);
}

#[test]
fn and_some_are_more() {
    let post = |url: &str| only(&request("POST", url)).effect;
    assert_eq!(
        post("https://pubsub.googleapis.com/v1/projects/p/topics/t:delete"),
        Effect::Destroy
    );
    assert_eq!(post("https://management.azure.com/subscriptions/1/x/delete"), Effect::Destroy);
    assert_eq!(post("https://compute.googleapis.com/v1/projects/p/x:undelete"), Effect::Write);
}

#[test]
fn credentials_make_the_difference_elsewhere() {
    let mut delete = request("DELETE", "https://api.acme.com/orders/1");
    assert_eq!(only(&delete).effect, Effect::Write);
    assert_eq!(only(&delete).summary, "Sends DELETE /orders/1 to api.acme.com.");
    delete.authenticated = true;
    assert_eq!(only(&delete).effect, Effect::Destroy);
    let mutation = r#"{"query":"mutation { a: deleteOrders, b: createOrder, c: purgeCarts }"}"#;
    let graphql = with_body(request("POST", "https://api.acme.com/graphql"), mutation);
    assert!(actions(&graphql).iter().all(|action| action.effect == Effect::Write));
    let graphql = Request { authenticated: true, ..graphql };
    let names: Vec<_> = actions(&graphql).into_iter().map(|action| action.operation).collect();
    assert_eq!(names, ["deleteOrders", "purgeCarts"]);
    assert!(actions(&graphql).iter().all(|action| action.effect == Effect::Destroy));
}

#[test]
fn queries_do_nothing_and_unreadable_graphql_is_opaque() {
    let post = request("POST", "https://api.acme.com/graphql");
    let query = with_body(post.clone(), r#"{"query":"{ deleteOrders }"}"#);
    assert_eq!(only(&query).effect, Effect::Write);
    let hidden = Request { body: Body::Opaque("the output of ./q".to_owned()), ..post };
    assert!(only(&hidden).flags.has(Flag::Opaque));
    let elsewhere = Request { url: "https://hooks.acme.com/x".to_owned(), ..hidden };
    assert!(!only(&elsewhere).flags.has(Flag::Opaque));
    for method in ["GET", "HEAD", "OPTIONS", "PROPFIND"] {
        assert_eq!(actions(&request(method, "https://api.acme.com/delete?x=1")), []);
    }
}

#[test]
fn whose_api_it_is_does_not_depend_on_the_road() {
    let body = r#"{"query":"mutation { volumeDelete(volumeId: \"v\") }"}"#;
    let mut post = with_body(request("POST", "https://104.18.0.1/graphql/v2"), body);
    post.headers.push(("host".to_owned(), "backboard.railway.app:443".to_owned()));
    assert_eq!(only(&post).target.platform, "railway");
    post.headers.clear();
    let place = "backboard.railway.com".to_owned();
    post.detours.push(Detour { source: "--connect-to", place, local: false });
    assert_eq!(only(&post).target.platform, "railway");
}

#[test]
fn this_machine_is_told_apart() {
    let delete = Request { authenticated: true, ..request("DELETE", "http://localhost:3000/x") };
    let action = only(&delete);
    assert_eq!(action.effect, Effect::Destroy);
    assert!(action.target.evidence.iter().any(|found| found.asserts == Some(Class::Local)));
}

#[test]
fn a_request_without_a_host_is_none() {
    assert_eq!(actions(&request("DELETE", "")), []);
    let gap = Request { gap: Some("it is computed".to_owned()), ..request("DELETE", "") };
    assert!(only(&gap).flags.has(Flag::Opaque));
}

fn with_header(request: Request, name: &str, value: &str) -> Request {
    let headers = vec![(name.to_owned(), value.to_owned())];
    Request { headers, ..request }
}

#[test]
fn what_the_table_knows_needs_no_credentials() {
    let index = only(&request("DELETE", "http://es.acme.com:9200/orders"));
    assert_eq!((index.effect, index.rule.as_ref()), (Effect::Destroy, "http/elasticsearch"));
    assert_eq!(index.object.as_deref(), Some("index orders"));
    assert!(index.summary.contains("every document"), "{}", index.summary);
    // What it does not know at a port that anybody may use is like any other.
    let other = only(&request("DELETE", "http://es.acme.com:9200/a/b/c/d"));
    assert_eq!(other.effect, Effect::Write);
}

#[test]
fn a_body_says_how_much_goes() {
    let url = "http://es.acme.com:9200/orders/_delete_by_query";
    let effect = |body: &str| only(&with_body(request("POST", url), body)).effect;
    assert_eq!(effect(r#"{"query":{"match_all":{}}}"#), Effect::Destroy);
    assert_eq!(effect(r#"{"query":{"term":{"id":7}}}"#), Effect::Write);
    let hidden = Request { body: Body::Opaque("a file".to_owned()), ..request("POST", url) };
    assert!(only(&hidden).flags.has(Flag::Opaque));
}

#[test]
fn sql_in_a_request_is_read() {
    let url = "https://api.supabase.com/v1/projects/ref/database/query";
    let sql = |text: &str| {
        let body = serde_json::json!({ "query": text }).to_string();
        actions(&with_body(request("POST", url), &body))
    };
    assert_eq!(sql("select 1"), []);
    let found = sql("drop table users; drop table orders");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(found[0].operation, "DROP TABLE");
    assert_eq!(found[0].target.platform, "supabase");
    let values: Vec<_> = found[0].target.evidence.iter().map(|one| one.value.as_str()).collect();
    assert!(values.contains(&"ref"), "{values:?}");
    assert_eq!(only(&with_body(request("POST", url), "nonsense")).effect, Effect::Write);
    let hidden = Request { body: Body::Opaque("a file".to_owned()), ..request("POST", url) };
    assert!(only(&hidden).flags.has(Flag::Opaque));
}

#[test]
fn a_key_says_whether_it_is_live() {
    let delete = request("DELETE", "https://api.stripe.com/v1/customers/cus_1");
    let class = |request: &Request| {
        let found = only(request).target.evidence;
        assert!(!format!("{found:?}").contains("sk_"), "{found:?}");
        found.into_iter().find_map(|one| one.asserts)
    };
    let bearer = |key: &str| with_header(delete.clone(), "authorization", &format!("bearer {key}"));
    assert_eq!(class(&bearer("sk_live_x")), Some(Class::Production));
    assert_eq!(class(&bearer("sk_test_x")), Some(Class::Development));
    assert_eq!(class(&bearer("xsk_test_x")), None);
    let login = Request { login: Some("sk_test_x".to_owned()), ..delete.clone() };
    assert_eq!(class(&login), Some(Class::Development));
}

#[test]
fn operations_of_aws_are_judged_by_its_own_tables() {
    let post = request("POST", "https://dynamodb.eu-west-1.amazonaws.com/");
    let target = |name: &str| {
        actions(&with_header(post.clone(), "X-Amz-Target", &format!("DynamoDB_20120810.{name}")))
    };
    assert_eq!(target("DescribeTable"), []);
    assert_eq!(target("PutItem")[0].effect, Effect::Write);
    assert_eq!(target("DeleteItem")[0].effect, Effect::Write);
    let table = target("DeleteTable").remove(0);
    assert_eq!(table.effect, Effect::Destroy);
    assert!(table.flags.has(Flag::Irreversible), "{table:?}");
    let url = "https://rds.eu-west-1.amazonaws.com/?Action=StopDBInstance&X-Amz-Credential=\
               AKIAQAAAAAAAAAAAAAAA%2F20260101%2Feu-west-1%2Frds%2Faws4_request";
    let stop = only(&request("GET", url));
    assert_eq!(stop.effect, Effect::Disrupt);
    assert!(stop.target.evidence.iter().any(|one| one.source == "access key"), "{stop:?}");
}
