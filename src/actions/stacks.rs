//! Reads sam, serverless and cdk: their rule files say what their commands do;
//! this says where, as far as the tool's own settings file does
//! (samconfig.toml, serverless.yml, cdk.json).

use std::borrow::Cow;

use super::{Call, Reading, table};
use crate::parse::argv;
use crate::target::stacks::{self, Said};

/// Reads a call.
pub fn read(call: &Call<'_>) -> Reading {
    let mut reading = table::read(call);
    if reading.actions.is_empty() {
        return reading;
    }
    let parsed = argv::parse(call.tool, call.context.invocation, false);
    let value = |name: &str| {
        let value = parsed.value(name)?;
        (!value.dynamic).then(|| value.text.to_string_lossy().into_owned())
    };
    let contexts = parsed.all("--context").filter_map(|given| given.value);
    let said = Said {
        environment: value("--config-env").or_else(|| value("--stage")),
        file: value("--config-file").or_else(|| value("--config")),
        contexts: contexts.map(|it| it.text.to_string_lossy().into_owned()).collect(),
        computed: ["--config-env", "--stage", "--config-file", "--config"]
            .into_iter()
            .any(|name| parsed.value(name).is_some_and(|value| value.dynamic)),
    };
    for action in &mut reading.actions {
        stacks::extend(&call.context, call.tool.name, &said, &mut action.target);
        if action.rule.is_empty() {
            action.rule = Cow::Owned(format!("{}/{}", call.tool.name, action.operation));
        }
    }
    reading
}

#[cfg(test)]
mod tests {
    use crate::actor::ActorKind;
    use crate::invocation::Invocation;
    use crate::judgement::Verdict;
    use crate::pipeline::{self, Options, Subject};
    use crate::world::fake::FakeWorld;

    #[track_caller]
    fn verdict(line: &str, world: &FakeWorld, expected: Verdict) {
        let options = Options { actor: Some(ActorKind::Agent), full: false };
        let subject = Subject::Line(line, &Invocation::default());
        let judgement = pipeline::judge(subject, world, options).judgement;
        assert_eq!(judgement.verdict, expected, "{line}: {judgement:#?}");
    }

    #[test]
    fn sam_takes_the_stack_that_it_was_deployed_as() {
        use Verdict::{Allow, Refuse};
        let text = "version = 0.1\n[default.deploy.parameters]\nstack_name = \"shop-dev\"\n\
                    [live.deploy.parameters]\nstack_name = \"shop\"\nprofile = \"acme\"\n\
                    [eu.global.parameters]\nprofile = \"acme-prod\"\n\
                    [eu.deploy.parameters]\nstack_name = \"shop-dev\"\n";
        let world = FakeWorld::new().with_file("samconfig.toml", text);
        let yaml = "version: 0.1\ndefault:\n  deploy:\n    parameters: {stack_name: shop-prod}\n";
        for (line, expected) in [
            ("sam delete --no-prompts", Allow),
            ("sam delete --config-env default", Allow),
            ("sam delete --config-env live --no-prompts", Refuse),
            ("sam delete --config-env eu --no-prompts", Refuse),
            ("sam delete --config-env none", Refuse),
            ("sam delete --stack-name shop-prod", Refuse),
            ("sam delete --profile acme-prod", Refuse),
            ("sam delete --config-file other.toml", Refuse),
            ("sam delete --config-env \"$E\"", Refuse),
        ] {
            verdict(line, &world, expected);
        }
        let other = FakeWorld::new().with_file("samconfig.yaml", yaml);
        verdict("sam delete --stack-name shop-dev", &other, Allow);
        verdict("sam delete", &other, Refuse);
        verdict("sam delete", &FakeWorld::new().with_file("samconfig.toml", "[["), Refuse);
    }

    #[test]
    fn serverless_takes_the_stage_of_its_file() {
        use Verdict::{Allow, Refuse};
        let world = |provider: &str| {
            let text = format!("service: shop\nprovider:\n  name: aws\n{provider}");
            FakeWorld::new().with_file("serverless.yml", &text)
        };
        for (provider, line, expected) in [
            ("", "sls remove", Allow),
            ("  stage: dev\n", "sls remove", Allow),
            ("  stage: prod\n", "sls remove", Refuse),
            ("  stage: prod\n", "sls remove --stage dev", Allow),
            ("  stage: ${opt:stage, 'dev'}\n", "sls remove", Allow),
            ("  stage: ${opt:stage, \"prod\"}\n", "sls remove", Refuse),
            ("  stage: ${opt:stage, self:custom.x}\n", "sls remove", Refuse),
            ("  stage: ${file(x.yml):y}\n", "sls remove", Refuse),
            ("  stage: dev\n  profile: acme-prod\n", "sls remove", Refuse),
            ("  stage: dev\n  profile: acme-prod\n", "sls remove --aws-profile dev", Allow),
            ("  stage: dev\n  profile: ${env:P}\n", "sls remove", Allow),
            ("", "sls remove --stage prod", Refuse),
            ("", "sls remove --stage \"$S\"", Refuse),
        ] {
            verdict(line, &world(provider), expected);
        }
        verdict("sls remove", &FakeWorld::new(), Refuse);
        let ts = FakeWorld::new().with_file("serverless.ts", "x");
        verdict("sls remove", &ts, Refuse);
    }

    #[test]
    fn cdk_takes_its_settings_and_contexts() {
        use Verdict::{Allow, Refuse};
        let world = |text: &str| FakeWorld::new().with_file("cdk.json", text);
        let none = r#"{"app": "node x.js"}"#;
        for (text, line, expected) in [
            (none, "cdk destroy ShopDev", Allow),
            (r#"{"profile": "acme-prod"}"#, "cdk destroy ShopDev", Refuse),
            (r#"{"profile": "acme-prod"}"#, "cdk destroy ShopDev --profile dev", Allow),
            (r#"{"profile": "acme-dev"}"#, "cdk destroy --all", Allow),
            (r#"{"context": {"env": "prod"}}"#, "cdk destroy ShopDev", Refuse),
            (r#"{"context": {"env": "prod"}}"#, "cdk destroy ShopDev -c env=dev", Allow),
            (r#"{"context": {"env": "dev"}}"#, "cdk destroy Shop", Refuse),
            (none, "cdk destroy ShopDev -c env=prod", Refuse),
            (none, "cdk destroy ShopDev --context stage=production", Refuse),
            (none, "cdk destroy ShopDev -c color=prod", Allow),
        ] {
            verdict(line, &world(text), expected);
        }
        let policy = "version = 1\n[[environment]]\nclass = \"production\"\nplatform = \"aws\"\n\
                      account = [\"111122223333\"]\n";
        let known = "{\"availability-zones:account=111122223333:region=eu-west-1\": []}";
        let world = world(none)
            .with_file("/home/ana/.config/holdpoint/policy.toml", policy)
            .with_file("cdk.context.json", known);
        verdict("cdk destroy Shop", &world, Refuse);
        verdict("cdk destroy ShopDev", &world, Refuse);
    }
}
