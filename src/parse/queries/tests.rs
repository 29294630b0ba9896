use super::*;

#[track_caller]
fn all(language: Language, reads: bool, codes: &[&str]) {
    let wrong: Vec<_> = codes.iter().filter(|code| only_reads(code, language) != reads).collect();
    assert!(wrong.is_empty(), "{language:?}, not {reads}: {wrong:#?}");
}

#[test]
fn ruby_that_queries_and_prints() {
    all(
        Language::Ruby,
        true,
        &[
            "puts User.count",
            "User.count",
            "p Order.where(state: :open).limit(5).pluck(:id)",
            "puts Order.where(state: :open).count; puts User.where('created_at > ?', 1.day.ago).count",
            "pp User.find(5).attributes",
            "puts User.find_by(email: 'a@acme.com').inspect",
            "puts User.find_by(email: \"a@acme.com\")&.id",
            "puts User.group(:plan).count.to_json",
            "User.where(plan: %w[free pro]).find_each { |u| puts u.email }",
            "User.order(created_at: :desc).limit(3).each do |u|\n  puts \"#{u.id} #{u.email}\"\nend",
            "puts \"#{User.count} users\"",
            "puts User.select(:email).map(&:email).uniq.sort.join(\"\\n\")",
            "count = User.count\nputs count",
            "total = 0\nOrder.find_each { |o| total += o.amount }\nputs total",
            "puts Admin::User.where.not(role: nil).exists? # any?",
            "puts ::User.count if User.any?",
            "puts ActiveRecord::Base.connection.execute('select count(*) from users').to_a.inspect",
            "puts ActiveRecord::Base.connection.select_value \"select count(*) from users\"",
            "puts Rails.env, Time.now.utc.iso8601",
            "puts User.where(\"lower(email) = 'x'\").to_sql",
            "puts User.where(id: 1..5).pluck(:id, :email).to_h",
            "puts Order.joins(:user).where(users: { plan: 'pro' }).sum(:total)",
            "puts({ users: User.count, orders: Order.count })",
            "if User.exists?(5)\n  puts 'yes'\nelse\n  puts 'no'\nend",
        ],
    );
}

#[test]
fn ruby_that_does_more() {
    all(
        Language::Ruby,
        false,
        &[
            "User.delete_all",
            "User.where(id: 1).delete_all",
            "User.destroy_all",
            "User.find(5).destroy",
            "User.find(5).update(name: 'x')",
            "User.update_all(name: 'x')",
            "User.first.save!",
            "User.create(name: 'x')",
            "User.find_or_create_by(name: 'x')",
            "u = User.first; u.name = 'x'; u.save",
            "User.first.name = 'x'",
            "User.first.tags << Tag.first",
            "puts `rm -rf /`",
            "system 'rm -rf /'",
            "system('x')",
            "exec 'x'",
            "eval 'User.delete_all'",
            "User.send(:delete_all)",
            "User.public_send 'delete_all'",
            "User.first.try(:destroy)",
            "User.all.each(&:destroy)",
            "User.all.each &:destroy",
            "User.all.map(&method(:purge))",
            "'User'.constantize.delete_all",
            "Object.const_get(:User).delete_all",
            "User.method(:delete_all).call",
            "User.method(:delete_all).()",
            "User::delete_all",
            "User&.delete_all",
            "User .delete_all",
            "User.\ndelete_all",
            "User\n  .delete_all",
            "puts \"#{User.delete_all}\"",
            "puts \"a#{\"b#{User.delete_all}\"}\"",
            "puts :\"#{User.delete_all}\"",
            "puts %x(rm -rf /)",
            "puts %Q(#{User.delete_all})",
            "x = 5; x %w[User.delete_all]",
            "puts User.count ? purge : 1",
            "puts({ a: purge })",
            "puts({\"a\":purge})",
            "puts({ purge: })",
            "purge",
            "purge!",
            "purge 1",
            "puts purge",
            "purge = 1; purge 'x'",
            "purge = 1; purge(1)",
            "[1].each { |purge| puts purge }; purge",
            "[1].each do |purge|\nputs purge\nend\npurge",
            "=begin\n'\n=end\nUser.delete_all #'",
            "\n=begin\n'\n=end\nUser.delete_all #'",
            "puts ?'; User.delete_all #'",
            "x = /'/; User.delete_all #'",
            "puts <<E\n'\nE\nUser.delete_all #'",
            "File.delete('x')",
            "require 'x'",
            "load 'x.rb'",
            "def puts(*) = User.delete_all\nputs",
            "Rails.cache.clear",
            "ActiveRecord::Base.connection.execute('delete from users')",
            "ActiveRecord::Base.connection.execute(\"select 1; drop table users\")",
            "ActiveRecord::Base.connection.execute(\"select #{User.first.name}\")",
            "ActiveRecord::Base.connection.execute('select 1' + x)",
            "ActiveRecord::Base.connection.truncate('users')",
            "User.where('1=1; drop table users').to_a",
            "User.where(\"pg_terminate_backend(5)\").to_a",
            "User.where(\"x = #{User.first.name}\").to_a",
            "User.first.increment!(:count)",
            "User.first.touch",
            "ENV['X'] = 'y'",
            "Integer 'x'",
            "Foo('x')",
            "User.first.reset_count",
            "Order.first.send_at",
            "SomeJob.perform_now",
            "User.all.each { |u| u.destroy }",
            "\u{a0}puts 1",
            "puts 'x",
        ],
    );
}

#[test]
fn python_that_queries_and_prints() {
    all(
        Language::Python,
        true,
        &[
            "from shop.models import User; print(User.objects.count())",
            "print(User.objects.filter(is_active=True).count())",
            "from django.contrib.auth import get_user_model\nprint(get_user_model().objects.count())",
            "from shop.models import User, Order\nfor u in User.objects.all()[:5]:\n    print(u.id, u.email)",
            "print(list(User.objects.values_list('email', flat=True)))",
            "print(f\"{User.objects.count():,} users\")",
            "print(f'{User.objects.count()!r} {{}}')",
            "from django.db.models import Count, Q\nprint(Order.objects.filter(Q(state='a') | ~Q(state='b')).values('state').annotate(n=Count('id')))",
            "from django.db import connection\nwith connection.cursor() as c:\n    c.execute('select count(*) from users')\n    print(c.fetchone())",
            "print([u.email for u in User.objects.all()])",
            "import json; print(json.dumps(list(User.objects.values('id'))))",
            "from datetime import timedelta\nfrom django.utils import timezone\nprint(User.objects.filter(created_at__gt=timezone.now() - timedelta(days=1)).count())",
            "print(User.objects.get(pk=1).email)",
            "n = User.objects.count()\nprint('users: %s' % n)",
            "print(User.objects.raw('select * from users')[0].id)",
            "# how many?\nprint(User.objects.count())",
            "from shop.models import *\nprint(User.objects.exists())",
            "print(sorted(User.objects.values_list('id', flat=True), key=str))",
        ],
    );
}

#[test]
fn python_that_does_more() {
    all(
        Language::Python,
        false,
        &[
            "User.objects.all().delete()",
            "from shop.models import User; User.objects.filter(id=1).delete()",
            "User.objects.update(name='x')",
            "User.objects.create(name='x')",
            "u = User.objects.get(pk=1); u.name = 'x'",
            "u = User.objects.get(pk=1); u.save()",
            "User(name='x')",
            "import os; os.system('rm -rf /')",
            "__import__('os').system('x')",
            "eval('User.objects.all().delete()')",
            "exec('x')",
            "getattr(User.objects.all(), 'delete')()",
            "print(User.objects.all().delete)",
            "[User.objects.all][0]().delete()",
            "{'a': purge}['a']()",
            "from shop.models import purge; purge()",
            "from shop.models import purge as print; print()",
            "from shop.tasks import Purge",
            "import shop.tasks",
            "from django.core.management import call_command; call_command('flush')",
            "from django.db import connection; connection.cursor().execute('drop table users')",
            "from django.db import connection; connection.cursor().execute('select 1; drop table users')",
            "from django.db import connection; connection.cursor().execute(f'select {x}')",
            "print(f'{User.objects.all().delete()}')",
            "print(f'{x:{User.objects.all().delete()}}')",
            "open('x', 'w')",
            "lambda: 1",
            "def f(): pass",
            "del User",
            "User.objects.all().query.__class__",
            "@purge\nclass A: pass",
            "print(\"x\\\n\")",
            "User.objects.bulk_create([])",
            "print(User.objects.first().archive())",
            "x = User.objects; x.bulk_update()",
            "with open('x') as f: pass",
        ],
    );
}

#[test]
fn php_that_queries_and_prints() {
    all(
        Language::Php,
        true,
        &[
            "echo User::count();",
            "echo App\\Models\\User::where('state', 'open')->limit(5)->get()->toJson();",
            "\\App\\Models\\User::find(1)",
            "dump(User::pluck('email')->toArray());",
            "$u = User::find(1); echo $u->email . PHP_EOL;",
            "foreach (User::all() as $u) { echo $u->id, \"\\n\"; }",
            "use App\\Models\\User; echo User::count();",
            "echo DB::table('users')->whereNull('deleted_at')->count();",
            "print_r(DB::select('select count(*) as n from users'));",
            "echo User::where('created_at', '>', now()->subDays(7))->count(); # a week",
            "echo \"users: \" . User::count();",
            "echo User::first()?->email ?? 'none';",
            "echo DB::connection()->getDatabaseName();",
        ],
    );
}

#[test]
fn php_that_does_more() {
    all(
        Language::Php,
        false,
        &[
            "User::truncate()",
            "DB::table('users')->truncate()",
            "DB::table('users')->delete()",
            "User::find(1)->delete()",
            "User::where('id', 1)->update(['a' => 1])",
            "User::create([])",
            "$u = User::find(1); $u->name = 'x'; $u->save();",
            "$u = User::find(1); $u->name = 'x';",
            "$f = 'system'; $f('x');",
            "$f = 'system'; $f\n('x');",
            "'system'('x');",
            "[User::class, 'truncate']();",
            "User::$f();",
            "$x->$f();",
            "$x::truncate();",
            "system('x');",
            "exec('x');",
            "echo `ls`;",
            "echo shell_exec('x');",
            "eval('x');",
            "new Foo;",
            "include 'x.php';",
            "Artisan::call('migrate:fresh');",
            "DB::statement('drop table users');",
            "DB::select('select 1; drop table users');",
            "DB::select(\"select $x\");",
            "DB::unprepared('select 1');",
            "echo \"{$x->delete()}\";",
            "echo \"${x}\";",
            "User::with('truncate')->get();",
            "User::has('truncate')->get();",
            "collect(['x'])->map('system');",
            "collect(['x'])->first('system');",
            "User::whereRaw('1=1; drop table users')->get();",
            "echo 1 ?> ' <?php User::truncate(); // '",
            "echo 1; # ?> ' <?php User::truncate(); # '",
            "echo <<<E\n'\nE;\nUser::truncate(); #'",
            "use function Foo\\purge as dump; dump();",
            "fn() => 1;",
            "purge();",
            "echo purge();",
            "// x\nUser::truncate();",
        ],
    );
}

#[test]
fn long_and_deep_code_is_not_read() {
    let long = format!("puts {}", "'x', ".repeat(20_000));
    assert!(!only_reads(&long, Language::Ruby));
    let deep = format!("{}1{}", "puts \"#{".repeat(5_000), "}\"".repeat(5_000));
    assert!(!only_reads(&deep, Language::Ruby));
    let open = "(".repeat(60_000);
    only_reads(&open, Language::Python);
}
