//! docker, Compose and podman: the same commands here, on a machine called
//! staging, on one that nothing names, and on production, however the engine
//! is chosen; and whose volumes they are.

#![allow(clippy::expect_used, clippy::panic)]

use holdpoint::action::Flag;
use holdpoint::actor::ActorKind;
use holdpoint::invocation::Invocation;
use holdpoint::judgement::{Judgement, Verdict};
use holdpoint::pipeline::{self, Options, Subject};
use holdpoint::target::Class;
use holdpoint::world::fake::FakeWorld;

fn judged(world: &FakeWorld, line: &str, actor: ActorKind) -> Judgement {
    let options = Options { actor: Some(actor), full: true };
    let surroundings = Invocation::default();
    pipeline::judge(Subject::Line(line, &surroundings), world, options).judgement
}

#[track_caller]
fn verdicts(world: &FakeWorld, line: &str, person: Verdict, agent: Verdict) {
    for (actor, wanted) in [(ActorKind::Human, person), (ActorKind::Agent, agent)] {
        let judgement = judged(world, line, actor);
        assert_eq!(judgement.verdict, wanted, "{line}: {judgement:#?}");
    }
}

#[track_caller]
fn free(world: &FakeWorld, line: &str) {
    verdicts(world, line, Verdict::Allow, Verdict::Allow);
}

#[track_caller]
fn stopped(world: &FakeWorld, line: &str) {
    verdicts(world, line, Verdict::Confirm, Verdict::Refuse);
}

/// A project with one volume of its own and one that is shared.
fn project() -> FakeWorld {
    let text = "services: {db: {image: postgres}}\n\
        volumes: {data: {}, cache: {}, shared: {external: true}}\n";
    FakeWorld::new().with_file("/app/compose.yml", text)
}

#[test]
fn what_an_engine_elsewhere_would_lose_is_stopped_by_what_it_is() {
    let world = project();
    let lines = [
        ("docker compose down -v", true),
        ("docker compose down", false),
        ("docker stop web", false),
        ("docker system prune -f", true),
    ];
    for (line, destroys) in lines {
        free(&world, line);
        for choice in ["DOCKER_HOST=ssh://ana@10.0.0.4", "DOCKER_CONTEXT=remote"] {
            let line = format!("{choice} {line}");
            if destroys { stopped(&world, &line) } else { free(&world, &line) }
        }
        for choice in ["DOCKER_HOST=tcp://build.prod.acme.com:2376", "DOCKER_CONTEXT=acme-prod"] {
            stopped(&world, &format!("{choice} {line}"));
        }
        free(&world, &format!("DOCKER_HOST=unix:///run/docker.sock {line}"));
        free(&world, &format!("DOCKER_CONTEXT=dev {line}"));
    }
    for line in
        ["docker -c prod ps", "docker --context prod restart web", "docker -H tcp://prod rm x"]
    {
        free(&world, line);
    }
    for line in ["docker -c prod kill web", "docker --host=tcp://prod:1 rm -f x"] {
        stopped(&world, line);
    }
}

#[test]
fn volumes_of_the_project_in_the_directory_are_its_own_to_lose() {
    let world = project();
    for line in [
        "docker compose down -v",
        "docker compose -p app down -v",
        "docker volume rm app_data app_cache",
        "docker volume prune -af --filter label=com.docker.compose.project=app",
        "podman volume rm app_data",
    ] {
        free(&world, line);
        let judgement = judged(&world, line, ActorKind::Agent);
        let worst = &judgement.actions[0];
        assert!(worst.action.flags.has(Flag::Irreversible), "{line}");
        assert_eq!(worst.class, Class::Local, "{line}");
    }
    for line in [
        "docker compose -p other down -v",
        "COMPOSE_PROJECT_NAME=other docker compose down -v",
        "docker compose -f ../other/compose.yml down -v",
        "docker compose --project-directory /srv/other down -v",
        "docker compose -p $NAME down -v",
        "docker volume rm app_shared",
        "docker volume rm shared",
        "docker volume rm app_data other_data",
        "docker volume rm $(docker volume ls -q)",
        "docker volume ls -q | xargs docker volume rm",
        "docker volume prune -af --filter label=com.docker.compose.project=other",
        "docker volume prune -af",
        "docker volume prune --filter all=true",
        "cd /other && docker volume rm app_data",
    ] {
        stopped(&world, line);
    }
}

#[test]
fn reported_incidents() {
    let world = project();
    for line in [
        "docker system prune -af --volumes",
        "docker volume rm supabase_db_shop supabase_storage_shop",
        "podman volume prune -f",
    ] {
        stopped(&world, line);
    }
    free(&world, "podman image prune -a -f");
}

#[test]
fn a_flag_that_is_switched_off_is_not_given() {
    let world = project();
    free(&world, "docker compose --dry-run -p other down -v");
    stopped(&world, "docker compose --dry-run=false -p other down -v");
    stopped(&world, "docker compose --dry-run=$DRY -p other down -v");
    free(&world, "docker volume prune --all=false");
    stopped(&world, "docker volume prune --all=$ALL");
    free(&world, "docker volume rm --help");
}

#[test]
fn a_file_for_production_may_be_tried_out_here() {
    let world = project();
    for line in ["up -d", "down", "logs"] {
        free(&world, &format!("docker compose -f docker-compose.prod.yml {line}"));
    }
    stopped(&world, "docker compose -f docker-compose.prod.yml down -v");
    stopped(&world, "docker compose -p shop-prod down");
}
