//! What tools' own commands choose, and what destroys there.

/// A way of choosing a place, and a command that goes there.
pub struct Pair {
    /// The file in which the tool keeps it, and what is there: `{}` is the
    /// place.
    pub file: &'static str,
    pub text: &'static str,
    /// Other files that the tool reads.
    pub others: &'static [(&'static str, &'static str)],
    /// The command that chooses, with `{}`.
    pub choose: &'static str,
    /// The command that destroys there.
    pub act: &'static str,
    /// A place that is development, and one that is production.
    pub places: (&'static str, &'static str),
}

/// A kubeconfig in which `{}` is the current context.
pub const KUBE: &str = "current-context: {}\ncontexts:\n\
    - {name: kind-dev, context: {cluster: kind-dev, user: u}}\n\
    - {name: prod, context: {cluster: prod, user: u}}\n\
    clusters:\n\
    - {name: kind-dev, cluster: {server: 'https://127.0.0.1:6443'}}\n\
    - {name: prod, cluster: {server: 'https://k8s.prod.acme.com'}}\n";

const SPACES: &str = "current-context: main\n\
    contexts: [{name: main, context: {cluster: main, namespace: shop-{}}}]\n\
    clusters: [{name: main, cluster: {server: 'https://10.0.0.1'}}]\n";

const KIND: (&str, &str) = ("kind-dev", "prod");

const PLAIN: (&str, &str) = ("dev", "prod");

const ACME: (&str, &str) = ("acme-dev", "acme-prod");

const fn pair(
    file: &'static str,
    text: &'static str,
    choose: &'static str,
    act: &'static str,
    places: (&'static str, &'static str),
) -> Pair {
    Pair { file, text, others: &[], choose, act, places }
}

/// Every way of choosing that is tried.
pub const PAIRS: &[Pair] = &[
    pair(
        "/home/ana/.kube/config",
        KUBE,
        "kubectl config use-context {}",
        "kubectl delete ns x",
        KIND,
    ),
    pair("/home/ana/.kube/config", KUBE, "kubectl config use {}", "helm uninstall shop", KIND),
    pair("/home/ana/.kube/config", KUBE, "kubectx {}", "kubectl delete ns x", KIND),
    pair(
        "/home/ana/.kube/config",
        KUBE,
        "kubectl config set current-context {}",
        "flux delete kustomization shop -s",
        KIND,
    ),
    pair(
        "/home/ana/.kube/config",
        SPACES,
        "kubectl config set-context --current --namespace=shop-{}",
        "kubectl delete pvc --all",
        PLAIN,
    ),
    pair("/home/ana/.kube/config", SPACES, "kubens shop-{}", "kubectl delete pvc --all", PLAIN),
    pair("/home/ana/.kube/config", SPACES, "oc project shop-{}", "oc delete pvc --all", PLAIN),
    pair(
        "/home/ana/.kube/config",
        "current-context: {}\n",
        "aws eks update-kubeconfig --region eu-west-1 --name {}",
        "kubectl delete ns x",
        ACME,
    ),
    pair(
        "/home/ana/.kube/config",
        "current-context: gke_{}_z_c\n",
        "gcloud container clusters get-credentials c --zone z --project {}",
        "kubectl delete ns x",
        ACME,
    ),
    pair(
        "/home/ana/.kube/config",
        "current-context: {}\n",
        "az aks get-credentials -g shop -n {}",
        "kubectl delete ns x",
        ACME,
    ),
    pair(
        "/home/ana/.kube/config",
        "current-context: {}\n",
        "doctl kubernetes cluster kubeconfig save {}",
        "kubectl delete ns x",
        ACME,
    ),
    pair(
        "/home/ana/.kube/config",
        "current-context: {}\n",
        "eksctl utils write-kubeconfig --cluster {}",
        "kubectl delete ns x",
        ACME,
    ),
    pair(
        "/home/ana/.config/gcloud/configurations/config_default",
        "[core]\nproject = {}\n",
        "gcloud config set project {}",
        "gcloud sql instances delete main",
        ACME,
    ),
    Pair {
        others: &[
            (
                "/home/ana/.config/gcloud/configurations/config_prod",
                "[core]\nproject = acme-prod\n",
            ),
            ("/home/ana/.config/gcloud/configurations/config_dev", "[core]\nproject = acme-dev\n"),
        ],
        ..pair(
            "/home/ana/.config/gcloud/active_config",
            "{}",
            "gcloud config configurations activate {}",
            "gcloud sql instances delete main",
            PLAIN,
        )
    },
    Pair {
        others: &[],
        ..pair(
            "/home/ana/.azure/azureProfile.json",
            "{\"subscriptions\":[{\"id\":\"1\",\"name\":\"{}\",\"isDefault\":true},\
             {\"id\":\"2\",\"name\":\"acme-dev\",\"isDefault\":false},\
             {\"id\":\"3\",\"name\":\"acme-prod\",\"isDefault\":false}]}",
            "az account set -s {}",
            "az group delete -n shop -y",
            ACME,
        )
    },
    pair(
        "/home/ana/.aws/config",
        "[profile shop]\nendpoint_url = {}\n",
        "aws configure set endpoint_url {} --profile shop",
        "aws --profile shop dynamodb delete-table --table-name orders",
        ("http://localhost:4566", "https://dynamodb.prod.acme.com"),
    ),
    pair(
        "/app/.terraform/environment",
        "{}",
        "terraform workspace select {}",
        "terraform destroy -auto-approve",
        PLAIN,
    ),
    pair(
        "/app/infra/.terraform/environment",
        "{}",
        "terraform -chdir=infra workspace new {}",
        "terraform -chdir=infra destroy -auto-approve",
        PLAIN,
    ),
    Pair {
        others: &[("/app/Pulumi.yaml", "name: shop\n")],
        ..pair(
            "/home/ana/.pulumi/workspaces/shop-1bcb49549269c9e09d297cfb89b37dc0b2ea4dbf-workspace.json",
            "{\"stack\":\"{}\"}",
            "pulumi stack select {}",
            "pulumi destroy --yes",
            PLAIN,
        )
    },
    pair(
        "/home/ana/.railway/config.json",
        "{\"projects\":{\"/app\":{\"project\":\"p1\",\"name\":\"shop\",\
         \"environment\":\"{}\",\"environmentName\":\"{}\"}}}",
        "railway environment {}",
        "railway down -y",
        ("development", "production"),
    ),
    pair(
        "/home/ana/.railway/config.json",
        "{\"projects\":{\"/app\":{\"project\":\"p1\",\"name\":\"shop\",\
         \"environment\":\"{}\",\"environmentName\":\"{}\"}}}",
        "railway link -p shop -e {}",
        "railway down -y",
        ("development", "production"),
    ),
    Pair {
        others: &[("/app/.git/HEAD", "ref: refs/heads/fix\n")],
        ..pair(
            "/app/.git/config",
            "[remote \"heroku\"]\n\turl = https://git.heroku.com/{}.git\n",
            "heroku git:remote -a {}",
            "heroku pg:reset --confirm x",
            ACME,
        )
    },
    pair(
        "/home/ana/.config/doctl/config.yaml",
        "context: {}\n",
        "doctl auth switch --context {}",
        "doctl databases delete 9cc10173 --force",
        PLAIN,
    ),
    pair(
        "/home/ana/.config/hcloud/cli.toml",
        "active_context = \"{}\"\n",
        "hcloud context use {}",
        "hcloud server delete 42",
        PLAIN,
    ),
    pair(
        "/home/ana/.config/scw/config.yaml",
        "active_profile: {}\n",
        "scw config profile activate {}",
        "scw rdb instance delete 11111111-1111-1111-1111-111111111111",
        PLAIN,
    ),
    pair(
        "/home/ana/.config/argocd/config",
        "current-context: {}\n",
        "argocd context argocd.{}.acme.com",
        "argocd app delete shop -y",
        PLAIN,
    ),
    pair(
        "/app/.vercel/project.json",
        "{\"projectName\":\"{}\"}",
        "vercel link --yes --project {}",
        "vercel remove --yes",
        ACME,
    ),
    pair(
        "/app/.netlify/state.json",
        "{\"siteId\":\"{}\"}",
        "netlify link --name {}",
        "netlify sites:delete",
        ACME,
    ),
    pair(
        "/app/.neon",
        "{\"projectId\":\"{}\"}",
        "neonctl set-context --project-id {}",
        "neonctl databases delete shop",
        ACME,
    ),
    Pair {
        others: &[("/app/firebase.json", "{}")],
        ..pair(
            "/home/ana/.config/configstore/firebase-tools.json",
            "{\"activeProjects\":{\"/app\":\"{}\"}}",
            "firebase use {}",
            "firebase firestore:delete --all-collections --force",
            ACME,
        )
    },
    pair(
        "/app/supabase/.temp/project-ref",
        "{}",
        "supabase link --project-ref {}",
        "supabase db reset --linked",
        ACME,
    ),
    pair(
        "/home/ana/.docker/config.json",
        "{\"currentContext\":\"{}\"}",
        "docker context use {}",
        "docker service rm shop",
        PLAIN,
    ),
    pair(
        "/home/ana/.config/linode-cli",
        "[DEFAULT]\ndefault-user = {}\n",
        "linode-cli set-user {}",
        "linode-cli linodes delete 42",
        ACME,
    ),
    pair(
        "/app/amplify/.config/local-env-info.json",
        "{\"envName\":\"{}\"}",
        "amplify env checkout {}",
        "amplify delete --force",
        PLAIN,
    ),
];
