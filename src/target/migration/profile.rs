//! Which files and names each tool reads to find its database: data alone,
//! by the tools' documentation.

/// Where a tool looks.
pub(super) struct Profile {
    /// The rule file's name.
    tool: &'static str,
    /// Its `.env` files, the first winning; `{}` stands for the environment.
    pub dotenv: &'static [&'static str],
    /// Whether the `.env` is looked for in the folders above too.
    pub upward: bool,
    /// Options that name `.env` files.
    pub env_files: &'static [&'static str],
    /// Its configuration files, in the order in which it tries them.
    pub configs: &'static [&'static str],
    /// Whether it reads all of those that are there.
    pub merges: bool,
    /// Options that name the configuration instead.
    pub config_options: &'static [&'static str],
    /// Options and (with a dollar sign) variables that choose an environment.
    pub environment: &'static [&'static str],
    /// The environment that it takes if nothing chooses one.
    pub default: Option<&'static str>,
}

const NONE: Profile = Profile {
    tool: "",
    dotenv: &[],
    upward: false,
    env_files: &[],
    configs: &[],
    merges: false,
    config_options: &[],
    environment: &[],
    default: None,
};

const PROFILES: &[Profile] = &[
    Profile {
        tool: "drizzle-kit",
        dotenv: &[".env"],
        configs: &[
            "drizzle.config.ts",
            "drizzle.config.js",
            "drizzle.config.json",
            "drizzle.config.mjs",
            "drizzle.config.cjs",
            "drizzle.config.mts",
        ],
        config_options: &["--config"],
        ..NONE
    },
    Profile {
        tool: "flyway",
        configs: &[
            "flyway.toml",
            "flyway.user.toml",
            "flyway.conf",
            "conf/flyway.conf",
            "conf/flyway.toml",
        ],
        merges: true,
        config_options: &["-configFiles"],
        environment: &["-environment", "$FLYWAY_ENVIRONMENT"],
        ..NONE
    },
    Profile {
        tool: "liquibase",
        configs: &["liquibase.properties"],
        config_options: &["--defaults-file"],
        ..NONE
    },
    Profile {
        tool: "sequelize-cli",
        dotenv: &[".env"],
        configs: &[
            "config/config.json",
            "config/config.js",
            "config/config.cjs",
            "config/database.js",
        ],
        config_options: &["--config"],
        environment: &["--env", "$NODE_ENV"],
        default: Some("development"),
        ..NONE
    },
    Profile {
        tool: "knex",
        dotenv: &[".env"],
        configs: &["knexfile.ts", "knexfile.js", "knexfile.mjs", "knexfile.cjs"],
        config_options: &["--knexfile"],
        environment: &["--env", "$NODE_ENV"],
        default: Some("development"),
        ..NONE
    },
    Profile {
        tool: "typeorm",
        dotenv: &[".env"],
        configs: &[
            "ormconfig.env",
            "ormconfig.ts",
            "ormconfig.js",
            "ormconfig.json",
            "ormconfig.yml",
        ],
        config_options: &["--dataSource", "--config"],
        ..NONE
    },
    Profile {
        tool: "mikro-orm",
        dotenv: &[".env"],
        configs: &[
            "mikro-orm.config.ts",
            "src/mikro-orm.config.ts",
            "mikro-orm.config.js",
            "dist/mikro-orm.config.js",
        ],
        config_options: &["--config"],
        ..NONE
    },
    Profile { tool: "goose", dotenv: &[".env"], env_files: &["-env"], ..NONE },
    Profile { tool: "dbmate", dotenv: &[".env"], env_files: &["--env-file"], ..NONE },
    Profile { tool: "sqlx", dotenv: &[".env"], upward: true, ..NONE },
    Profile { tool: "diesel", dotenv: &[".env"], upward: true, ..NONE },
    Profile {
        tool: "atlas",
        configs: &["atlas.hcl"],
        config_options: &["--config"],
        environment: &["--env"],
        ..NONE
    },
    Profile {
        tool: "hasura",
        dotenv: &[".env"],
        env_files: &["--envfile"],
        configs: &["config.yaml"],
        ..NONE
    },
    Profile {
        tool: "phinx",
        configs: &["phinx.php", "phinx.yml", "phinx.yaml", "phinx.json"],
        config_options: &["--configuration"],
        environment: &["--environment", "$PHINX_ENVIRONMENT"],
        ..NONE
    },
    Profile {
        tool: "doctrine",
        dotenv: &[".env.{}.local", ".env.local", ".env.{}", ".env"],
        environment: &["--env", "$APP_ENV"],
        default: Some("dev"),
        ..NONE
    },
    Profile {
        tool: "mix",
        configs: &["config/runtime.exs", "config/{}.exs", "config/config.exs"],
        merges: true,
        environment: &["$MIX_ENV"],
        default: Some("dev"),
        ..NONE
    },
];

/// The profile of a tool.
pub(super) fn find(tool: &str) -> Option<&'static Profile> {
    PROFILES.iter().find(|profile| profile.tool == tool)
}
