//! Configurations before and after, and what is found between them.

use super::*;

const DB: &str = r#"resource "aws_db_instance" "main" {
  engine                    = "postgres"
  deletion_protection       = true
  backup_retention_period   = 30
  final_snapshot_identifier = "last"
  lifecycle {
    prevent_destroy = true
  }
}
"#;

/// The rules of the findings of a change to one file, with their lines.
fn found(before: &str, after: &str) -> Vec<(&'static str, usize, bool)> {
    let found = terraform("infra/db.tf", Some(before), Some(after));
    found.iter().map(|it| (it.rule, it.line, it.removed)).collect()
}

#[track_caller]
fn finds(before: &str, after: &str, rule: &str) -> Finding {
    let found = terraform("infra/main.tf", Some(before), Some(after));
    let [one] = found.as_slice() else { panic!("{after}: {found:#?}") };
    assert_eq!(one.rule, format!("terraform/{rule}"), "{one:?}");
    one.clone()
}

#[test]
fn each_brake_that_goes_is_told_with_its_line() {
    let but = |from: &str, to: &str| DB.replace(from, to);
    assert_eq!(found(DB, DB), []);
    for (after, expected) in [
        (
            but("prevent_destroy = true", "prevent_destroy = false"),
            ("terraform/prevent-destroy", 7, false),
        ),
        (but("    prevent_destroy = true\n", ""), ("terraform/prevent-destroy", 7, true)),
        (
            but("deletion_protection       = true", "deletion_protection = false"),
            ("terraform/deletion-protection", 3, false),
        ),
        (
            but("  deletion_protection       = true\n", ""),
            ("terraform/deletion-protection", 3, true),
        ),
        (but("= 30", "= 7"), ("terraform/backup-retention", 4, false)),
        (but("= 30", "= 0"), ("terraform/backup-retention", 4, false)),
        (but("  backup_retention_period   = 30\n", ""), ("terraform/backup-retention", 4, true)),
        (
            but("  final_snapshot_identifier = \"last\"\n", ""),
            ("terraform/final-snapshot", 5, true),
        ),
        (
            but("final_snapshot_identifier = \"last\"", "skip_final_snapshot = true"),
            ("terraform/final-snapshot", 5, false),
        ),
        (but("engine ", "count = 0\n  engine "), ("terraform/resource-removed", 2, false)),
        (String::new(), ("terraform/resource-removed", 1, true)),
    ] {
        assert_eq!(found(DB, &after), [expected], "{after}");
    }
    let gone = terraform("db.tf", Some(DB), None);
    assert_eq!(gone.len(), 1);
    assert_eq!(
        gone[0].says,
        "aws_db_instance.main is removed: the next apply destroys it and its data."
    );
    assert_eq!(terraform("db.tf", None, Some(DB)), []);
}

#[test]
fn other_platforms_have_their_own_words() {
    for (before, after, rule) in [
        (
            "resource \"google_sql_database_instance\" \"a\" {\n  name = \"a\"\n}",
            "resource \"google_sql_database_instance\" \"a\" {\n  name = \"a\"\n  \
             deletion_protection = false\n}",
            "deletion-protection",
        ),
        (
            "resource \"google_sql_database_instance\" \"a\" {\n  settings {\n    \
             backup_configuration {\n      enabled = true\n    }\n  }\n}",
            "resource \"google_sql_database_instance\" \"a\" {\n  settings {\n    \
             backup_configuration {\n      enabled = false\n    }\n  }\n}",
            "recovery",
        ),
        (
            "resource \"aws_dynamodb_table\" \"a\" {\n  point_in_time_recovery {\n    \
             enabled = true\n  }\n}",
            "resource \"aws_dynamodb_table\" \"a\" {\n}",
            "recovery",
        ),
        (
            "resource \"aws_s3_bucket_versioning\" \"a\" {\n  versioning_configuration {\n    \
             status = \"Enabled\"\n  }\n}",
            "resource \"aws_s3_bucket_versioning\" \"a\" {\n  versioning_configuration {\n    \
             status = \"Suspended\"\n  }\n}",
            "recovery",
        ),
        ("resource \"aws_s3_bucket_versioning\" \"a\" {\n}", "", "resource-removed"),
        (
            "resource \"aws_s3_bucket\" \"a\" {\n}",
            "resource \"aws_s3_bucket\" \"a\" {\n  force_destroy = true\n}",
            "force-destroy",
        ),
        (
            "resource \"aws_secretsmanager_secret\" \"a\" {\n}",
            "resource \"aws_secretsmanager_secret\" \"a\" {\n  recovery_window_in_days = 0\n}",
            "backup-retention",
        ),
        (
            "resource \"aws_cloudwatch_log_group\" \"a\" {\n}",
            "resource \"aws_cloudwatch_log_group\" \"a\" {\n  retention_in_days = 30\n}",
            "backup-retention",
        ),
        (
            "resource \"azurerm_key_vault\" \"a\" {\n  purge_protection_enabled = true\n}",
            "resource \"azurerm_key_vault\" \"a\" {\n  purge_protection_enabled = false\n}",
            "deletion-protection",
        ),
        ("resource \"azurerm_storage_account\" \"a\" {\n}", "", "resource-removed"),
        ("resource \"kubernetes_persistent_volume_claim_v1\" \"a\" {\n}", "", "resource-removed"),
        (
            "module \"db\" {\n  source = \"terraform-aws-modules/rds/aws\"\n  \
             deletion_protection = true\n}",
            "module \"db\" {\n  source = \"terraform-aws-modules/rds/aws\"\n  \
             deletion_protection = false\n}",
            "deletion-protection",
        ),
        (
            "module \"main\" {\n  source = \"terraform-aws-modules/rds/aws\"\n}",
            "",
            "resource-removed",
        ),
        (
            "resource \"aws_instance\" \"a\" {\n  disable_api_termination = var.p\n}",
            "resource \"aws_instance\" \"a\" {\n  disable_api_termination = false\n}",
            "deletion-protection",
        ),
        (
            "resource \"aws_lb\" \"a\" {\n  enable_deletion_protection = true\n}",
            "resource \"aws_lb\" \"a\" {\n  enable_deletion_protection = null\n}",
            "deletion-protection",
        ),
        (DB, "removed {\n  from = aws_db_instance.main\n}\n", "removed-block"),
        (DB, "resource \"aws_db_instance\" {{\n", "unread"),
    ] {
        finds(before, after, rule);
    }
}

#[test]
fn the_json_syntax_is_read_too() {
    let json = |protected: bool| {
        format!(
            "{{\"resource\": {{\"aws_rds_cluster\": {{\"a\": {{\"deletion_protection\": \
             {protected}}}}}}}}}"
        )
    };
    let (on, off) = (json(true), json(false));
    let found = terraform("a.tf.json", Some(&on), Some(&off));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(terraform("a.tf.json", Some(&on), Some("{}")).len(), 1);
    assert_eq!(terraform("package.json", Some(&on), Some("{}")), []);
}

#[test]
fn ordinary_work_has_no_findings() {
    let renamed = DB.replace("\"main\"", "\"primary\"")
        + "moved {\n  from = aws_db_instance.main\n  to   = aws_db_instance.primary\n}\n";
    let into_module = "module \"db\" {\n  source = \"./db\"\n}\nmoved {\n  \
        from = aws_db_instance.main\n  to = module.db.aws_db_instance.main\n}\n";
    let kept = "removed {\n  from = aws_db_instance.main\n  lifecycle {\n    destroy = false\n  \
        }\n}\n";
    let more = DB.replace("= 30", "= 35").replace("\"postgres\"", "var.engine");
    let by_variable = DB.replace("deletion_protection       = true", "deletion_protection = var.p");
    let commented = format!("# deletion_protection = false\n{DB}/* force_destroy = true */\n");
    for after in [renamed.as_str(), into_module, kept, &more, &by_variable, &commented] {
        assert_eq!(found(DB, after), [], "{after}");
    }
    for (before, after) in [
        // New resources have nothing to lose.
        (
            "",
            "resource \"aws_db_instance\" \"t\" {\n  skip_final_snapshot = true\n  \
             deletion_protection = false\n  backup_retention_period = 0\n}",
        ),
        // What holds no data comes and goes.
        ("resource \"aws_instance\" \"a\" {\n}\nresource \"aws_lb\" \"b\" {\n}", ""),
        ("resource \"aws_db_parameter_group\" \"a\" {\n}", ""),
        ("resource \"google_storage_bucket_iam_member\" \"a\" {\n}", ""),
        ("data \"aws_s3_bucket\" \"a\" {\n}", ""),
        ("module \"vpc\" {\n  source = \"terraform-aws-modules/vpc/aws\"\n}", ""),
        (
            "resource \"aws_s3_bucket\" \"a\" {\n  force_destroy = true\n}",
            "resource \"aws_s3_bucket\" \"a\" {\n}",
        ),
        (
            "resource \"aws_lb\" \"a\" {\n}",
            "resource \"aws_lb\" \"a\" {\n  enable_deletion_protection = false\n}",
        ),
        (
            "resource \"aws_db_instance\" \"a\" {\n  backup_retention_period = var.days\n}",
            "resource \"aws_db_instance\" \"a\" {\n  backup_retention_period = local.days\n}",
        ),
        // From provider 3 to 4.
        (
            "resource \"aws_s3_bucket\" \"a\" {\n  versioning {\n    enabled = true\n  }\n}",
            "resource \"aws_s3_bucket\" \"a\" {\n}\nresource \"aws_s3_bucket_versioning\" \"a\" \
             {\n  bucket = aws_s3_bucket.a.id\n  versioning_configuration {\n    status = \
             \"Enabled\"\n  }\n}",
        ),
        // A file that was broken before, and one that never held anything.
        ("resource {{", ""),
        ("variable \"a\" {\n}", "variable \"a\" {{\n"),
    ] {
        assert_eq!(found(before, after), [], "{before} → {after}");
    }
    for path in ["examples/a/main.tf", "modules/db/tests/main.tf", "db.tfvars", "a.txt"] {
        assert_eq!(terraform(path, Some(DB), None), [], "{path}");
    }
}

fn change(old_path: &str, path: &str, before: &str, after: &str) -> Change {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Change {
        old_path: old_path.to_owned(),
        path: path.to_owned(),
        before: text(before),
        after: text(after),
        unread: false,
    }
}

#[test]
fn what_moves_between_files_is_not_gone() {
    let other = "resource \"aws_lb\" \"a\" {\n}\n";
    let both = format!("{other}{DB}");
    let moved = [change("i/a.tf", "i/a.tf", DB, other), change("i/b.tf", "i/b.tf", "", DB)];
    assert_eq!(of_changes(&moved), []);
    assert_eq!(of_changes(&[change("i/a.tf", "i/b.tf", DB, &both)]), []);
    assert_eq!(of_changes(&[change("old/a.tf", "new/a.tf", DB, DB)]), []);
    // Another configuration's state does not have it.
    let copied = [change("i/a.tf", "i/a.tf", DB, ""), change("j/a.tf", "j/a.tf", "", DB)];
    assert_eq!(of_changes(&copied).len(), 1);
    // Nor has a module's, unless a `moved` block says so.
    assert_eq!(of_changes(&[change("i/a.tf", "i/db/a.tf", DB, DB)]).len(), 1);
    // And a file that lands elsewhere loses its protection all the same.
    let weaker = DB.replace("prevent_destroy = true", "prevent_destroy = false");
    let found = of_changes(&[change("i/a.tf", "i/b.tf", DB, &weaker)]);
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].path.as_str(), found[0].rule), ("i/b.tf", "terraform/prevent-destroy"));
}
