//! Migration files as the tools write them, and what applying each destroys.

use super::*;

fn found(text: &str, language: Language) -> Vec<String> {
    destroys(text, language)
        .into_iter()
        .map(|it| format!("{} {}", it.operation, it.object.unwrap_or_default()).trim().to_owned())
        .collect()
}

#[track_caller]
fn keeps(text: &str, language: Language) {
    assert_eq!(found(text, language), Vec::<String>::new(), "{text}");
}

#[track_caller]
fn loses(text: &str, language: Language, what: &[&str]) {
    assert_eq!(found(text, language), what, "{text}");
}

#[test]
fn sql_counts_where_it_takes_rows_or_values() {
    let sql = Language::Sql;
    loses("CREATE TABLE a (x int); DROP TABLE \"users\";", sql, &["DROP TABLE table users"]);
    loses(
        "ALTER TABLE orders DROP COLUMN note;",
        sql,
        &["ALTER TABLE DROP COLUMN column note of orders"],
    );
    loses("-- DropTable\nDROP TABLE `users`;\n", sql, &["DROP TABLE table users"]);
    loses(
        "ALTER TABLE `orders` DROP COLUMN `note`;",
        sql,
        &["ALTER TABLE DROP COLUMN table orders"],
    );
    loses(
        "truncate orders; delete from lines;",
        sql,
        &["TRUNCATE table orders", "DELETE table lines"],
    );
    loses("update orders set note = null;", sql, &["UPDATE table orders"]);
    loses("drop schema billing cascade;", sql, &["DROP SCHEMA schema billing"]);
    keeps("create table t (id int); create index i on t (id);", sql);
    keeps(
        "drop index i; alter table t add column a int; comment on table t is 'drop table t';",
        sql,
    );
    keeps("drop view v; create view v as select 1; drop function if exists f();", sql);
    keeps("drop policy p on t; create policy p on t; drop trigger g on t;", sql);
    keeps("delete from t where id = 3; update t set a = 1 where b is null;", sql);
    keeps("alter table t alter column a type bigint;", sql);
    // A column that was just added is filled.
    keeps("alter table public.users add column plan text; update users set plan = 'free';", sql);
    // SQLite's way to change a table.
    keeps(
        "CREATE TABLE \"new_User\" (id int); INSERT INTO \"new_User\" SELECT id FROM \"User\"; \
         DROP TABLE \"User\"; ALTER TABLE \"new_User\" RENAME TO \"User\";",
        sql,
    );
    keeps("begin; drop table t; rollback;", sql);
}

#[test]
fn what_takes_a_migration_back_does_not_count() {
    let sql = Language::Sql;
    for text in [
        "-- +goose Up\ncreate table t (id int);\n-- +goose Down\ndrop table t;\n",
        "-- migrate:up\ncreate table t (id int);\n\n-- migrate:down\ndrop table t;\n",
        "-- +migrate Up\ncreate table t (id int);\n-- +migrate Down\ndrop table t;\n",
        "--liquibase formatted sql\n--changeset a:1\ncreate table t (id int);\n--rollback drop table t;\n",
    ] {
        keeps(text, sql);
    }
    let text = "-- +goose Down\ncreate table t (id int);\n-- +goose Up\ndrop table t;\n";
    loses(text, sql, &["DROP TABLE table t"]);
}

#[test]
fn active_record() {
    let ruby = Language::Ruby;
    loses(
        "class DropOld < ActiveRecord::Migration[7.1]\n  def up\n    drop_table :old_orders\n    \
         remove_column :users, :nick, :string\n  end\n\n  def down\n    drop_table :other\n  end\nend\n",
        ruby,
        &["DROP TABLE table old_orders", "DROP COLUMN column nick of users"],
    );
    loses(
        "  def change\n    execute <<~SQL.squish\n      DELETE FROM sessions\n    SQL\n    \
         execute(\"DROP TABLE a\")\n    User.delete_all\n  end\n",
        ruby,
        &["DELETE table sessions", "DROP TABLE table a", "DELETE User"],
    );
    keeps(
        "  def change\n    create_table :users do |t|\n      t.string :name # drop_table :x\n    end\n    \
         reversible do |dir|\n      dir.up { execute 'select 1' }\n      dir.down do\n        \
         drop_table :x\n      end\n    end\n    User.where(a: 1).delete_all\n    puts 'drop_table :a'\n  end\n",
        ruby,
    );
}

#[test]
fn django_and_alembic() {
    let python = Language::Python;
    loses(
        "class Migration(migrations.Migration):\n    operations = [\n        \
         migrations.DeleteModel(name=\"Old\"),\n        migrations.RemoveField(\n            \
         model_name='order',\n            name='note',\n        ),\n        migrations.RunSQL(\n            \
         [\"DROP TABLE a\", 'select 1'], reverse_sql=\"DROP TABLE b\"),\n    ]\n",
        python,
        &["DROP TABLE table Old", "DROP COLUMN column note of order", "DROP TABLE table a"],
    );
    loses(
        "def upgrade() -> None:\n    op.drop_table('old')\n    with op.batch_alter_table('t') as b:\n        \
         b.drop_column('c')\n    op.drop_column('orders', 'note')\n    \
         op.execute(sa.text(\"\"\"\n        truncate lines\n    \"\"\"))\n\n\
         def downgrade() -> None:\n    op.drop_table('new')\n",
        python,
        &[
            "DROP TABLE table old",
            "DROP COLUMN column c",
            "DROP COLUMN column note of orders",
            "TRUNCATE table lines",
        ],
    );
    keeps(
        "def upgrade():\n    op.create_table('new')  # op.drop_table('x')\n    op.drop_index('i')\n    \
         op.drop_constraint('c', 't')\n\n\ndef downgrade():\n    op.drop_table('new')\n",
        python,
    );
    keeps("operations = [migrations.AddField('a', 'b'), migrations.RunPython(f, g)]\n", python);
}

#[test]
fn knex_sequelize_and_typeorm() {
    let script = Language::Script;
    loses(
        "exports.up = async (knex) => {\n  await knex.schema.dropTableIfExists('old');\n  \
         await knex.schema.alterTable('t', (table) => {\n    table.dropColumn('c');\n  });\n  \
         await knex.raw(`DELETE FROM lines`);\n};\n\nexports.down = async (knex) => {\n  \
         await knex.schema.dropTable('x');\n};\n",
        script,
        &["DROP TABLE table old", "DROP COLUMN column c", "DELETE table lines"],
    );
    loses(
        "module.exports = {\n  async up(queryInterface, Sequelize) {\n    \
         await queryInterface.removeColumn('users', 'nick');\n    \
         await queryInterface.sequelize.query(\"truncate a\");\n  },\n\n  \
         async down(queryInterface) {\n    await queryInterface.dropTable('users');\n  }\n};\n",
        script,
        &["DROP COLUMN column nick of users", "TRUNCATE table a"],
    );
    loses(
        "export class A1700000000000 implements MigrationInterface {\n    \
         public async up(queryRunner: QueryRunner): Promise<void> {\n        \
         await queryRunner.query(`ALTER TABLE \"user\" DROP COLUMN \"nick\"`);\n    }\n\n    \
         public async down(queryRunner: QueryRunner): Promise<void> {\n        \
         await queryRunner.query(`DROP TABLE \"user\"`);\n    }\n}\n",
        script,
        &["ALTER TABLE DROP COLUMN column nick of user"],
    );
    keeps(
        "exports.up = (knex) => knex.schema.createTable('t', (t) => { t.string('a'); });\n\
         exports.down = (knex) => knex.schema.dropTable('t');\n",
        script,
    );
    keeps(
        "exports.up = function(knex) {\n  // knex.schema.dropTable('t')\n  /* raw('drop table t') */\n}\n",
        script,
    );
}

#[test]
fn laravel_phinx_and_doctrine() {
    let php = Language::Php;
    loses(
        "<?php\nreturn new class extends Migration {\n    public function up(): void\n    {\n        \
         Schema::dropIfExists('old');\n        Schema::table('users', function (Blueprint $table) {\n            \
         $table->dropColumn('nick');\n        });\n        DB::statement('TRUNCATE a');\n        \
         DB::table('logs')->truncate();\n    }\n\n    public function down(): void\n    {\n        \
         Schema::dropIfExists('new');\n    }\n};\n",
        php,
        &[
            "DROP TABLE table old",
            "DROP COLUMN column nick",
            "TRUNCATE table a",
            "TRUNCATE table logs",
        ],
    );
    loses(
        "<?php\nfinal class Version20261122 extends AbstractMigration {\n    \
         public function up(Schema $schema): void {\n        $this->addSql('DROP TABLE old');\n        \
         $this->addSql(<<<'SQL'\n            ALTER TABLE t DROP COLUMN c\n        SQL);\n    }\n    \
         public function down(Schema $schema): void {\n        $this->addSql('DROP TABLE x');\n    }\n}\n",
        php,
        &["DROP TABLE table old", "ALTER TABLE DROP COLUMN column c of t"],
    );
    loses("<?php\n$this->table('users')->drop()->save();\n", php, &["DROP TABLE table users"]);
    keeps(
        "<?php\npublic function up() {\n    Schema::create('t', function ($table) { $table->id(); });\n}\n",
        php,
    );
}

#[test]
fn languages_go_by_the_name() {
    assert_eq!(Language::of_file("001_a.up.sql"), Some(Language::Sql));
    assert_eq!(Language::of_file("20250101_a.TS"), Some(Language::Script));
    assert_eq!(Language::of_file("README.md"), None);
    assert_eq!(Language::of_file("sql"), None);
}

#[test]
fn a_block_that_runs_with_the_migration_is_opened() {
    let sql = Language::Sql;
    let block =
        "DO $$ BEGIN\n  IF EXISTS (SELECT 1) THEN\n    DROP TABLE users;\n  END IF;\nEND $$;";
    loses(block, sql, &["DROP TABLE table users"]);
    let lines: Vec<usize> = destroys_at(block, sql).iter().map(|(line, _)| *line).collect();
    assert_eq!(lines, [3]);
    loses("do language plpgsql $x$ begin truncate a; end $x$", sql, &["TRUNCATE table a"]);
    loses("DO 'BEGIN DELETE FROM a; END';", sql, &["DELETE table a"]);
    loses(
        "SELECT 1;\nDO $$\nDECLARE é int;\nBEGIN FOR r IN SELECT 1 LOOP\nALTER TABLE a DROP COLUMN b;\nEND LOOP; END $$;\nDROP TABLE c;",
        sql,
        &["ALTER TABLE DROP COLUMN column b of a", "DROP TABLE table c"],
    );
    keeps(
        "DO $$ BEGIN CREATE TYPE a AS ENUM ('b'); EXCEPTION WHEN duplicate_object THEN null; END $$;",
        sql,
    );
    keeps(
        "DO $$ BEGIN\n ALTER TABLE a ADD CONSTRAINT c FOREIGN KEY (x) REFERENCES y(z) ON DELETE cascade;\nEXCEPTION\n WHEN duplicate_object THEN null;\nEND $$;",
        sql,
    );
    keeps(
        "DO $$ BEGIN DELETE FROM a WHERE id = 3; DROP POLICY p ON a; RAISE NOTICE 'DROP TABLE x;'; END $$;",
        sql,
    );
    keeps("CREATE FUNCTION f() RETURNS void AS $$ BEGIN TRUNCATE x; END $$ LANGUAGE plpgsql;", sql);
    for odd in ["DO", "DO $$", "DO $$ $$", "DO '", "DO ''", "DO $$DROP", "DO $é$ TRUNCATE é; $é$"]
    {
        let _ = destroys_at(odd, sql);
    }
}

#[test]
fn what_only_changes_the_model_is_free() {
    let state = "migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel('A')";
    keeps(&format!("operations = [{state}], database_operations=[])]"), Language::Python);
    loses(
        &format!("operations = [{state}], database_operations=[RemoveField('a', 'b')])]"),
        Language::Python,
        &["DROP COLUMN column b of a"],
    );
}

#[test]
fn a_symbol_is_no_call_and_a_chain_names_its_table() {
    let ruby = Language::Ruby;
    keeps(
        "def change\n  add_column :a, :remove, :string\n  t.string :drop_table\n  x :y\nend",
        ruby,
    );
    loses(
        "def change\n  remove_timestamps :a\nend",
        ruby,
        &["DROP COLUMN columns created_at and updated_at of a"],
    );
    let script = Language::Script;
    loses("exports.up = k => k('a').truncate()", script, &["TRUNCATE table a"]);
    loses("exports.up = k => k('a').del()", script, &["DELETE table a"]);
    loses("exports.up = k => k.from('a').delete()", script, &["DELETE table a"]);
    keeps("exports.up = k => k('a').where('id', 1).del()", script);
    keeps(
        "exports.up = k => { seen.get('a').delete(); map.delete('x'); k('a').delete('b') }",
        script,
    );
    loses("function up() { DB::table('a')->delete(); }", Language::Php, &["DELETE table a"]);
    loses("function up() { DB::table('a')->truncate(); }", Language::Php, &["TRUNCATE table a"]);
    keeps(
        "function up() { DB::table('a')->where('b', 1)->delete(); $f->delete(); }",
        Language::Php,
    );
}
