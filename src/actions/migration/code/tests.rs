//! Console commands on production: which pass, and what is said of those that
//! do not.

use super::*;
use crate::actor::ActorKind;
use crate::invocation::Invocation;
use crate::judgement::{Judgement, Verdict};
use crate::pipeline::{self, Options, Subject};
use crate::world::fake::FakeWorld;

fn judge(line: &str) -> Judgement {
    let world = FakeWorld::new()
        .with_var("DATABASE_URL", "postgres://app@db.prod.acme.com/shop")
        .with_var("RAILS_ENV", "production")
        .with_file(
            "script/report.rb",
            "# Who is new.\nUser.where(plan: %w[pro]).each do |u|\n  puts u.email\nend\n",
        )
        .with_file("script/purge.rb", "User.where(plan: 'free').each(&:destroy)\n")
        .with_file("script/empty.rb", "User.delete_all\n")
        .with_file("app/jobs/report.rb", "puts User.count\n")
        .with_file("bin/rails", "#!/usr/bin/env ruby\n")
        .with_file("x.py", "print(User.objects.count())\n");
    let options = Options { actor: Some(ActorKind::Agent), full: true };
    let surroundings = Invocation::default();
    pipeline::judge(Subject::Line(line, &surroundings), &world, options).judgement
}

#[test]
fn code_that_queries_passes() {
    for line in [
        "bundle exec rails runner script/report.rb",
        "bin/rails runner 'puts User.count' --skip-executor",
        "cat script/report.rb | rails runner -",
        "rails console < script/report.rb",
        "python manage.py shell < x.py",
        "python manage.py shell --command 'print(User.objects.count())'",
        "php artisan tinker --execute='echo User::count();'",
    ] {
        let judgement = judge(line);
        assert_eq!(judgement.verdict, Verdict::Allow, "{line}: {judgement:?}");
        assert_eq!(judgement.worst().map(|it| it.action.effect), Some(Effect::Read), "{line}");
    }
}

#[test]
fn code_that_plainly_destroys_says_so() {
    for (line, said) in [
        ("rails runner 'User.delete_all'", "`User.delete_all`, which takes all"),
        ("rails runner script/empty.rb", "`User.delete_all`, which takes all"),
        ("rails runner 'puts 1; Admin::User.destroy_all'", "`Admin.User.destroy_all`"),
        (
            "rails runner \"ActiveRecord::Base.connection.execute('drop table users')\"",
            "table users",
        ),
        ("python manage.py shell -c 'User.objects.all().delete()'", "User.objects.all.delete`"),
        ("python manage.py shell -c 'call_command(\"flush\")'", "`call_command`"),
        ("php artisan tinker --execute \"DB::table('users')->truncate();\"", "truncate`"),
        ("php artisan tinker --execute 'DB::statement(\"drop table users\");'", "table users"),
    ] {
        let judgement = judge(line);
        assert_eq!(judgement.verdict, Verdict::Refuse, "{line}: {judgement:?}");
        let worst = judgement.worst().expect("an action");
        assert_eq!(worst.action.effect, Effect::Destroy, "{line}");
        assert!(!worst.action.flags.has(Flag::Opaque), "{line}");
        assert!(worst.action.summary.contains(said), "{line}: {}", worst.action.summary);
        assert!(worst.action.instead.is_some(), "{line}");
    }
}

#[test]
fn everything_else_is_code_that_was_not_read() {
    for line in [
        "rails runner script/purge.rb",
        "rails runner script/none.rb",
        "cd app/jobs; rails runner report.rb",
        "rails runner \"$CODE\"",
        "rails runner 'User.where(plan: 1).delete_all'",
        "rails runner",
        "python manage.py shell -c \"$CODE\"",
        "python manage.py shell -c 'import shop.jobs'",
        "php artisan tinker x.php",
        "php artisan tinker --execute 'purge();'",
    ] {
        let judgement = judge(line);
        assert_eq!(judgement.verdict, Verdict::Refuse, "{line}: {judgement:?}");
        assert!(judgement.worst().expect("an action").action.flags.has(Flag::Opaque), "{line}");
    }
}
