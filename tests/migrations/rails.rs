//! The real Rails (Debian's): which database its tasks drop, by database.yml,
//! DATABASE_URL and RAILS_ENV. As in real.rs, one database's name says
//! production, and the one that is gone must be the one holdpoint named.

use std::os::unix::fs::PermissionsExt;

use crate::real::Case;

const APPLICATION: &str = r#"
require "rails"
require "active_record/railtie"
module Shop
  class Application < Rails::Application
    config.load_defaults 6.1
    config.eager_load = false
    config.logger = Logger.new(nil)
    config.secret_key_base = "x" * 32
  end
end
"#;

const PROGRAM: &str = "#!/usr/bin/ruby
APP_PATH = File.expand_path('../config/application', __dir__)
require 'rails/commands'
";

fn shop(database_yml: &str) -> Case {
    let case = Case::new(&[
        ("config/application.rb", APPLICATION),
        (
            "config/environment.rb",
            "require_relative 'application'\nRails.application.initialize!\n",
        ),
        ("Rakefile", "require_relative 'config/application'\nRails.application.load_tasks\n"),
        ("config/database.yml", database_yml),
        ("bin/rails", PROGRAM),
    ]);
    let program = case.project.sandbox.path("work/bin/rails");
    std::fs::set_permissions(program, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    case
}

fn is_there(case: &Case, database: &str) -> bool {
    let sql = format!("select count(*) from pg_database where datname = '{database}'");
    case.server.sql("postgres", &sql) == "1"
}

#[test]
fn rails_drops_what_its_environment_and_variables_lead_to() {
    let yml = |development: &str, staging: &str| {
        format!("development:\n  url: {development}\nstaging:\n  url: {staging}\n")
    };
    let apart = |database: &str| {
        format!(
            "development:\n  adapter: postgresql\n  host: 127.0.0.1\n  port: PORT_NUMBER\n  \
             username: postgres\n  database: {database}\n"
        )
    };
    for (text, variable, environment, expected) in [
        (yml("DEV_URL", "PRODUCTION_URL"), None, None, "shop_dev"),
        (yml("PRODUCTION_URL", "DEV_URL"), None, None, "shop_production"),
        (yml("DEV_URL", "PRODUCTION_URL"), None, Some("staging"), "shop_production"),
        // A section with a url is not touched by DATABASE_URL.
        (yml("DEV_URL", "DEV_URL"), Some("shop_production"), None, "shop_dev"),
        (apart("shop_dev"), Some("shop_production"), None, "shop_production"),
        (apart("shop_production"), Some("shop_dev"), None, "shop_dev"),
        (
            "test:\n  database: shop_x\n".to_owned(),
            Some("shop_production"),
            None,
            "shop_production",
        ),
    ] {
        let case = shop(&text);
        let url = variable.map(|database| case.url(database));
        let mut env = Vec::new();
        env.extend(url.as_deref().map(|url| ("DATABASE_URL", url)));
        env.extend(environment.map(|name| ("RAILS_ENV", name)));
        case.judged("bin/rails db:drop", &env, expected);
        case.run("bin/rails", &["db:drop"], &env);
        for database in ["shop_dev", "shop_production"] {
            assert_eq!(is_there(&case, database), database != expected, "{text} {env:?}");
        }
    }
}

#[test]
fn rails_settings_apart_are_put_together_as_rails_does() {
    let yml = "default: &default\n  adapter: postgresql\n  host: 127.0.0.1\n  port: PORT_NUMBER\n  \
               username: postgres\n\ndevelopment:\n  <<: *default\n  database: shop_dev\n\n\
               live:\n  <<: *default\n  database: shop_production\n";
    for (environment, expected) in [("development", "shop_dev"), ("live", "shop_production")] {
        let case = shop(yml);
        let env = [("RAILS_ENV", environment)];
        case.judged("bin/rails db:drop", &env, expected);
        case.run("bin/rails", &["db:drop"], &env);
        assert!(!is_there(&case, expected));
    }
}
