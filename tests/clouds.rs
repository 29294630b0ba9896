//! gcloud, gsutil, bq and az against what surrounds them: the same command on
//! production, on nothing that is known, on staging and on a development
//! place, by each way in which the tools learn where they point.

#![allow(clippy::expect_used, clippy::panic, clippy::indexing_slicing, clippy::string_slice)]

use holdpoint::action::{Effect, Flag};
use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judgement, Verdict};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::target::Class;
use holdpoint::world::fake::FakeWorld;

fn judged(line: &str, world: &FakeWorld) -> Judgement {
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    pipeline::judge(Subject::Line(line, &Invocation::default()), world, options).judgement
}

#[track_caller]
fn is(line: &str, world: &FakeWorld, verdict: Verdict, class: Class) {
    let judgement = judged(line, world);
    assert_eq!(judgement.verdict, verdict, "{line}: {:?}", judgement.actions);
    assert_eq!(judgement.actions[0].class, class, "{line}: {:?}", judgement.actions[0]);
}

const DIR: &str = "/home/ana/.config/gcloud";

/// Four configurations, of which `name` is active.
fn google(name: &str) -> FakeWorld {
    let file = |project: &str| format!("[core]\nproject = {project}\naccount = ana@acme.com\n");
    FakeWorld::new()
        .with_file(&format!("{DIR}/active_config"), name)
        .with_file(&format!("{DIR}/configurations/config_live"), &file("acme-prod"))
        .with_file(&format!("{DIR}/configurations/config_rehearse"), &file("acme-staging"))
        .with_file(&format!("{DIR}/configurations/config_play"), &file("acme-dev"))
        .with_file(&format!("{DIR}/configurations/config_other"), &file("acme-1234"))
}

const DELETES: &str = "gcloud compute instances delete vm-1 --zone europe-west1-b -q";

#[test]
fn the_active_configuration_says_where() {
    is(DELETES, &google("live"), Verdict::Refuse, Class::Production);
    is(DELETES, &google("other"), Verdict::Refuse, Class::Unknown);
    is(DELETES, &google("rehearse"), Verdict::Allow, Class::Staging);
    is(DELETES, &google("play"), Verdict::Allow, Class::Development);
    is(DELETES, &FakeWorld::new(), Verdict::Refuse, Class::Unknown);
    let whole = "gcloud sql instances delete main -q";
    is(whole, &google("rehearse"), Verdict::Refuse, Class::Staging);
    is(whole, &google("play"), Verdict::Allow, Class::Development);
}

#[test]
fn options_and_variables_come_before_the_configuration() {
    let (prod, dev) = (Class::Production, Class::Development);
    let (refuse, allow) = (Verdict::Refuse, Verdict::Allow);
    for (line, active, verdict, class) in [
        (format!("{DELETES} --project acme-prod"), "play", refuse, prod),
        (format!("{DELETES} --project=acme-dev"), "live", allow, dev),
        (format!("{DELETES} --configuration live"), "play", refuse, prod),
        (format!("CLOUDSDK_ACTIVE_CONFIG_NAME=live {DELETES}"), "play", refuse, prod),
        (format!("CLOUDSDK_CORE_PROJECT=acme-prod {DELETES}"), "play", refuse, prod),
        (
            format!("CLOUDSDK_CORE_PROJECT=acme-prod {DELETES} --project acme-dev"),
            "live",
            allow,
            dev,
        ),
        (
            format!("CLOUDSDK_ACTIVE_CONFIG_NAME=live {DELETES} --configuration play"),
            "live",
            allow,
            dev,
        ),
        (format!("CLOUDSDK_CONFIG=/nowhere {DELETES}"), "play", refuse, Class::Unknown),
        (format!("{DELETES} --project $PROJECT"), "play", refuse, Class::Unknown),
    ] {
        is(&line, &google(active), verdict, class);
    }
    // A full name says where it is, whatever is configured.
    let full = "gcloud compute disks delete projects/acme-prod/zones/a/disks/d";
    is(full, &google("play"), Verdict::Refuse, Class::Production);
}

#[test]
fn what_no_project_bounds_is_not_freed_by_one() {
    for line in [
        "gcloud storage rm -r gs://acme-data",
        "gcloud projects delete acme-main",
        "gsutil rm -r gs://acme-data",
    ] {
        is(line, &google("play"), Verdict::Refuse, Class::Unknown);
        is(line, &google("live"), Verdict::Refuse, Class::Production);
    }
    is("gsutil rm -r gs://acme-dev-data", &google("other"), Verdict::Allow, Class::Development);
}

#[test]
fn one_of_several_says_nothing_about_the_next() {
    for line in [
        "gcloud compute instances delete dev-1 main-1",
        "gcloud storage rm -r gs://dev-data gs://data",
        "gsutil rm -r gs://dev-data gs://data",
        "gcloud storage rsync gs://dev-data gs://data --delete-unmatched-destination-objects",
    ] {
        assert_eq!(judged(line, &FakeWorld::new()).verdict, Verdict::Refuse, "{line}");
    }
    let many: Vec<String> = (0..40).map(|number| format!("dev-{number}")).collect();
    let line = format!("gcloud compute instances delete {} main", many.join(" "));
    assert_eq!(judged(&line, &FakeWorld::new()).verdict, Verdict::Refuse);
}

#[test]
fn a_flags_file_is_read_as_words() {
    let world = |yaml: &str| google("play").with_file("/app/flags.yaml", yaml);
    let by = |name: &str| format!("{DELETES} --flags-file={name}");
    let line = by("flags.yaml");
    is(&line, &world("--project: acme-prod\n"), Verdict::Refuse, Class::Production);
    is(&line, &world("- --project: acme-dev\n"), Verdict::Allow, Class::Development);
    is(
        "gcloud --flags-file flags.yaml",
        &world("projects: \ndelete: \nacme: \n"),
        Verdict::Refuse,
        Class::Unknown,
    );
    // It may name another project.
    is(&by("gone.yaml"), &world(""), Verdict::Refuse, Class::Unknown);
    let ring = world("--flags-file: flags.yaml\n");
    is(&line, &ring, Verdict::Refuse, Class::Unknown);
    let listing = "gcloud compute instances list --flags-file=gone.yaml";
    assert_eq!(judged(listing, &google("live")).verdict, Verdict::Allow);
}

#[test]
fn an_emulator_is_this_machine() {
    let world = google("other")
        .with_var("CLOUDSDK_API_ENDPOINT_OVERRIDES_SPANNER", "http://localhost:9020/");
    let drops = "gcloud spanner databases delete shop --instance test";
    assert_eq!(judged(drops, &world).verdict, Verdict::Allow);
    let away = google("other")
        .with_var("CLOUDSDK_API_ENDPOINT_OVERRIDES_SPANNER", "https://spanner.prod.acme.com/");
    is(drops, &away, Verdict::Refuse, Class::Production);
    // Another service's endpoint is none of its business.
    is("gcloud sql instances delete main", &world, Verdict::Refuse, Class::Unknown);
}

#[test]
fn a_new_place_is_named_and_not_stopped() {
    for line in ["gcloud config set project acme-prod", "az account set -s 'Acme Production'"] {
        let judgement = judged(line, &FakeWorld::new());
        assert_eq!(judgement.verdict, Verdict::Allow, "{line}");
        assert!(judgement.actions[0].action.flags.has(Flag::Retarget), "{line}");
        assert_eq!(judgement.actions[0].class, Class::Production, "{line}");
    }
}

#[test]
fn the_verb_decides_what_nothing_lists() {
    let world = google("live");
    for (line, effect) in [
        ("gcloud brandnew widgets delete w", Effect::Destroy),
        ("gcloud brandnew widgets list", Effect::Read),
        // A verb in front of one that deletes is taken for a new group.
        ("gcloud brandnew import delete w", Effect::Destroy),
        ("gcloud compute instances create delete-me", Effect::Write),
        ("gcloud compute instances stop vm-1", Effect::Disrupt),
        ("gcloud compute instances add-labels vm-1 --labels a=b", Effect::Write),
        ("gcloud alpha brandnew widgets purge w", Effect::Destroy),
        ("gcloud sql instances patch main --activation-policy never", Effect::Disrupt),
        ("az brandnew widget delete -n w", Effect::Destroy),
        ("az vm deallocate -g rg -n vm", Effect::Disrupt),
        ("az storage blob delete -c c -n b --account-name a", Effect::Write),
    ] {
        let actions = judged(line, &world).actions;
        assert_eq!(actions[0].action.effect, effect, "{line}");
    }
}

/// A profile as az writes it, byte-order mark and all.
fn azure(default: &str) -> FakeWorld {
    let one = |name: &str| {
        let is = name == default;
        format!(r#"{{"id": "id-of-{}", "name": "{name}", "isDefault": {is}}}"#, name.len())
    };
    let list = ["Acme Production", "Acme Staging", "Acme Dev", "Acme"].map(one).join(", ");
    FakeWorld::new().with_file(
        "/home/ana/.azure/azureProfile.json",
        &format!("\u{feff}{{\"subscriptions\": [{list}]}}"),
    )
}

#[test]
fn the_default_subscription_says_where() {
    let line = "az vm delete -g rg -n vm -y";
    is(line, &azure("Acme Production"), Verdict::Refuse, Class::Production);
    is(line, &azure("Acme"), Verdict::Refuse, Class::Unknown);
    is(line, &azure("Acme Staging"), Verdict::Allow, Class::Staging);
    is(line, &azure("Acme Dev"), Verdict::Allow, Class::Development);
    is("az group delete -n rg -y", &azure("Acme Staging"), Verdict::Refuse, Class::Staging);
    let named = format!("{line} --subscription 'acme production'");
    is(&named, &azure("Acme Dev"), Verdict::Refuse, Class::Production);
    is(&format!("{line} --subs id-of-15"), &azure("Acme Dev"), Verdict::Refuse, Class::Production);
    is(&format!("{line} --subscription $SUB"), &azure("Acme Dev"), Verdict::Refuse, Class::Unknown);
    let broken = FakeWorld::new().with_file("/home/ana/.azure/azureProfile.json", "{");
    is(line, &broken, Verdict::Refuse, Class::Unknown);
    let elsewhere = azure("Acme Dev").with_var("AZURE_CONFIG_DIR", "/other");
    is(line, &elsewhere, Verdict::Refuse, Class::Unknown);
}

#[test]
fn ids_data_and_default_groups_have_their_own_place() {
    let id = "az vm delete --ids /subscriptions/1/resourceGroups/rg-prod/providers/x/vm";
    is(id, &azure("Acme Dev"), Verdict::Refuse, Class::Production);
    let data = "az storage blob delete-batch -s box --account-name data";
    is(data, &azure("Acme Dev"), Verdict::Refuse, Class::Unknown);
    let line = "az vm delete -n vm";
    let group = azure("Acme").with_var("AZURE_DEFAULTS_GROUP", "rg-dev");
    is(line, &group, Verdict::Allow, Class::Development);
    let file = azure("Acme").with_file("/home/ana/.azure/config", "[defaults]\ngroup = rg-prod\n");
    is(line, &file, Verdict::Refuse, Class::Production);
    let near = file.with_file("/app/.azure/config", "[defaults]\ngroup = rg-dev\n");
    is(line, &near, Verdict::Allow, Class::Development);
}

#[test]
fn raw_requests_are_read_as_requests() {
    let delete = "az rest --meth delete --url /subscriptions/1/resourceGroups";
    is(&format!("{delete}/rg"), &azure("Acme Dev"), Verdict::Refuse, Class::Unknown);
    is(&format!("{delete}/rg-dev"), &azure("Acme"), Verdict::Allow, Class::Development);
    let away = "az rest --method delete --url https://api.prod.acme.com/users/1";
    is(away, &azure("Acme Dev"), Verdict::Refuse, Class::Production);
    let get = "az rest --url /subscriptions/1/resourceGroups/prod";
    assert_eq!(judged(get, &azure("Acme Production")).verdict, Verdict::Allow);
}

#[test]
fn bigquery_lands_where_its_names_and_flags_say() {
    let drops = "bq query --nouse_legacy_sql 'DROP TABLE shop.orders'";
    is(drops, &google("live"), Verdict::Refuse, Class::Production);
    is(drops, &google("play"), Verdict::Allow, Class::Development);
    let rc = google("play").with_file("/home/ana/.bigqueryrc", "project_id = acme-prod\n[query]\n");
    is(drops, &rc, Verdict::Refuse, Class::Production);
    is("bq rm -f -t acme-prod:shop.orders", &google("play"), Verdict::Refuse, Class::Production);
    is("bq rm -f -t acme-prod.shop.orders", &google("play"), Verdict::Refuse, Class::Production);
    is("bq rm -f -t acme-dev:shop.orders", &google("live"), Verdict::Allow, Class::Development);
    is("bq --project_id=acme-prod rm -f a.b", &google("play"), Verdict::Refuse, Class::Production);
    let select = "bq query 'SELECT deleted, update_time FROM [acme-prod:shop.orders]'";
    assert_eq!(judged(select, &google("live")).verdict, Verdict::Allow);
}

#[test]
fn doctl_s_context_says_where() {
    let world = |context: &str| {
        let text = format!("access-token: x\ncontext: {context}\n");
        FakeWorld::new().with_file("/home/ana/.config/doctl/config.yaml", &text)
    };
    let line = "doctl compute load-balancer delete 1 -f";
    is(line, &world("prod"), Verdict::Refuse, Class::Production);
    is(line, &world("default"), Verdict::Refuse, Class::Unknown);
    is(line, &world("staging"), Verdict::Allow, Class::Staging);
    is(line, &world("dev"), Verdict::Allow, Class::Development);
    is(&format!("{line} --context prod"), &world("dev"), Verdict::Refuse, Class::Production);
    is(&format!("{line} -c other.yaml"), &world("dev"), Verdict::Refuse, Class::Unknown);
    is("doctl compute droplet delete dev-1 b", &world("x"), Verdict::Refuse, Class::Unknown);
}
